"""What was reported and what came of it, in the words of the forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.rows.words import STATUS_WORDS, Content, day, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One indicator's figures as displayed; all empty until it is scored."""

    status: str = ""
    result: str = ""
    score: str = ""
    weighted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The displayed figures of an agreement, or none of them yet."""

    document: Content
    by_code: Mapping[str, Content]

    @classmethod
    def of(cls, content: Content) -> "Scores":
        """Return the scores that `content` holds."""
        document = content.get("scores") or {}
        return cls(document=document, by_code={one["code"]: one for one in document.get("indicators", ())})

    def figure(self, name: str) -> str:
        """Return the displayed figure `name`; empty where there is none."""
        return text(self.document.get(name))

    def outcome(self, code: str, result: Content | None) -> Outcome:
        """Return the figures of the indicator `code`, whose result is `result`."""
        scored = self.by_code.get(code)
        if scored is None:
            return Outcome()
        status = scored["status"]
        return Outcome(
            status=status,
            result=_measured(scored, result or {}),
            score=text(scored.get("score")) or "–",
            weighted=text(scored.get("weighted")) or "–",
        )

    def trace(self, code: str) -> Sequence[Mapping[str, Any]]:
        """Return the steps of the calculation of `code`."""
        return self.by_code.get(code, {}).get("trace") or ()


def _measured(scored: Content, result: Content) -> str:
    """Return what stands under ผลการดำเนินงาน: the measured value, the step or level reached, or why there is none."""
    status = STATUS_WORDS.get(scored["status"], "")
    if scored["status"] == "cancelled":
        reason = (result.get("inputs") or {}).get("cancelled")
        return f"{status}: {reason}" if isinstance(reason, str) and reason else status
    if scored["status"] == "not_reported":
        return status
    value = text(scored.get("value"))
    found = " ".join(filter(None, [value, *map(_reached, scored.get("trace") or ())]))
    return f"{found} ({status})" if found and status else found or status


def _reached(step: Mapping[str, Any]) -> str:
    """Return the step, level or class that a step of the trace names."""
    values = step.get("values") or {}
    match step.get("rule"):
        case "milestones_all":
            return "ครบทุกขั้นตอน"
        case "milestones_reached":
            return f"ถึงขั้นตอนที่ {values['level']}"
        case "milestones_none" | "rubric_nothing":
            return "ยังไม่ถึงระดับใด"
        case "class_chosen":
            return f"(กลุ่ม {values['class']})"
        case "rubric_level":
            return f"ระดับ {values['level']}"
    return ""


# --- The inputs as reported ------------------------------------------------------------------------------------------
def reported_facts(inputs: Content, definition: Content) -> tuple[tuple[str, str], ...]:
    """Return what was reported as pairs of a label and an answer, in the order of the form."""
    if inputs.get("not_reported"):
        return (("ผลการดำเนินงาน", STATUS_WORDS["not_reported"]),)
    if inputs.get("cancelled"):
        return (("ยกเลิกตัวชี้วัด", text(inputs["cancelled"])),)
    unit = definition.get("unit") or ""
    facts = [
        *_measures(inputs, definition, unit),
        *_milestones(inputs, definition),
        *(("ผู้ตัดสิน", f"{one['by']} {day(one['on'], 'long')}") for one in inputs.get("judged") or ()),
        ("วันที่ส่งข้อมูล", day(inputs.get("submitted_on"), "long")),
        ("จำนวนรายการที่ส่งล่าช้า", text(inputs.get("late_items"))),
    ]
    return tuple((label, answer) for label, answer in facts if answer)


def _measures(inputs: Content, definition: Content, unit: str) -> list[tuple[str, str]]:
    base = (definition.get("criteria") or {}).get("base") or {}
    variables = (definition.get("measure") or {}).get("variables") or {}
    facts = [(base.get("label") or "จำนวนฐาน", _with_unit(inputs.get("base"), base.get("unit")))]
    for name, value in (inputs.get("variables") or {}).items():
        one = variables.get(name) or {}
        facts.append((one.get("label") or name, _with_unit(value, one.get("unit"))))
    facts.append(("ผลการดำเนินงาน", _with_unit(inputs.get("value"), unit)))
    gathered = [one["name"] for one in inputs.get("from_below") or () if "left_out" not in one]
    facts.append(("รวมผลจากระดับล่าง", ", ".join(map(text, gathered))))
    facts.append(("ผลแต่ละครั้ง", ", ".join(map(text, inputs.get("values") or ()))))
    if inputs.get("level") is not None:
        facts.append(("ระดับที่ทำได้", text(inputs["level"])))
    if inputs.get("occurrences"):
        facts.append(("จำนวนครั้งที่ตรวจ", f"{len(inputs['occurrences'])} ครั้ง"))
    return facts


def _milestones(inputs: Content, definition: Content) -> list[tuple[str, str]]:
    done = inputs.get("done")
    titles = {
        one["code"]: one.get("title") or one["code"] for one in (definition.get("criteria") or {}).get("faults", ())
    }
    faults = (f"{titles.get(code, code)} {count} ครั้ง" for code, count in (inputs.get("faults") or {}).items())
    shown = "" if done is None else ", ".join(map(text, done)) or "ยังไม่มี"
    return [("ขั้นตอนและข้อย่อยที่ดำเนินการแล้ว", shown), ("ข้อบกพร่อง", ", ".join(faults))]


def _with_unit(value: object, unit: object) -> str:
    shown = text(value)
    if not shown or not unit:
        return shown
    return f"ร้อยละ {shown}" if unit == "ร้อยละ" else f"{shown} {unit}"
