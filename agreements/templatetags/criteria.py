"""What templates need to show an indicator's criteria, and what was reported for it, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.translation import gettext as _, ngettext

from agreements import thai
from agreements.explain import explain_trace
from agreements.templatetags.portal import be_date, decimal

register = template.Library()

# The levels of the usual scale; between two that are given, the others show as "–".
USUAL_LEVELS = range(1, 6)
# Labels up to this length fit side by side.
SHORT = 40


@dataclass(frozen=True, slots=True)
class Level:
    """A level and what reaches it."""

    level: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A step or part of milestones, with the box that ticks it; a heading has none."""

    code: str
    title: str
    is_part: bool
    deduction: str
    is_heading: bool = False
    is_done: bool = False
    id: str = ""
    judged_by: str = ""


@register.filter
def iso_date(value: Any) -> str:
    """Write an ISO date of a definition in the Buddhist Era."""
    if not value:
        return ""
    return be_date(value if isinstance(value, date) else date.fromisoformat(str(value)))


@register.filter
def levels_of(criteria: Mapping[str, Any]) -> list[Level]:
    """Return the levels of thresholds, bands, a rubric or open criteria, in their order."""
    is_banded = criteria.get("kind") == "bands"
    levels = criteria.get("levels") or {}
    given = _bands(levels) if is_banded else {int(level): _figure(value) for level, value in levels.items()}
    given |= {int(level): str(label) for level, label in (criteria.get("labels") or {}).items()}
    wanted = set(given)
    if criteria.get("kind") != "rubric" and wanted <= set(USUAL_LEVELS):
        wanted |= set(USUAL_LEVELS)
    return [Level(level, given.get(level, "")) for level in sorted(wanted)]


def _bands(levels: Mapping[str, Any]) -> dict[int, str]:
    """Return what each band is called and from where to where it goes: a printed 61–70 says nothing of 60.5."""
    found, below = {}, ""
    for level, band in sorted(levels.items(), key=lambda entry: int(entry[0])):
        up_to = _figure(band["up_to"]) if band.get("up_to") is not None else ""
        is_last = int(level) == max(map(int, levels))
        if not below:
            span = _("up to %(bound)s") % {"bound": up_to}
        elif is_last or not up_to:
            span = _("above %(bound)s") % {"bound": below}
        else:
            span = _("above %(lower)s up to %(upper)s") % {"lower": below, "upper": up_to}
        found[int(level)] = f"{band['label']} ({span})" if band.get("label") else span
        below = up_to
    return found


def _figure(value: Any) -> str:
    try:
        return decimal(str(value))
    except thai.NotANumber:
        return str(value)


@register.filter
def are_long(levels: Sequence[Level]) -> bool:
    """Return whether the labels of `levels` are sentences."""
    return any(len(one.label) > SHORT for one in levels)


@register.filter
def class_rows(criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the classes of classed criteria, each with its bound and levels."""
    rows = []
    for one in criteria.get("classes", []):
        bound = _("up to %(bound)s") % {"bound": one["up_to"]} if one.get("up_to") else _("above that")
        label = one.get("label") or bound
        rows.append({"code": one["code"], "label": label, "levels": levels_of(one)})
    return rows


@register.filter
def lateness_words(definition: Mapping[str, Any]) -> list[str]:
    """Return when the result of an indicator is due, and what being late costs."""
    late = definition.get("lateness") or {}
    said = []
    if late.get("due"):
        said.append(_("Due %(date)s.") % {"date": iso_date(late["due"])})
    if late.get("per_working_day") and late.get("items"):
        said.append(
            _("%(points)s points off for each working day late and each data type.")
            % {"points": late["per_working_day"]}
        )
    elif late.get("per_working_day"):
        said.append(_("%(points)s points off for each working day late.") % {"points": late["per_working_day"]})
    if late.get("cutoff"):
        said.append(_("Not counted after %(date)s.") % {"date": iso_date(late["cutoff"])})
    return said


@register.filter
def ticks(field: BoundField, criteria: Mapping[str, Any]) -> list[Tick]:
    """Return the steps and parts of milestones with the boxes of `field`, in order."""
    done = {str(code) for code in field.value() or []}
    boxes = {str(box.data["value"]): box.data["attrs"].get("id", "") for box in field}
    return list(_ticks(criteria, done, boxes))


@register.filter
def steps_of(criteria: Mapping[str, Any], inputs: Mapping[str, Any] | None = None) -> list[Tick]:
    """Return the steps and parts of milestones without boxes; a step is done where it or a part of it was ticked."""
    done = {str(code) for code in (inputs or {}).get("done", [])}
    reached = {
        str(step["level"])
        for step in criteria.get("steps", [])
        if any(str(part["code"]) in done for part in step.get("parts") or [])
    }
    return list(_ticks(criteria, done | reached, {}))


def _ticks(criteria: Mapping[str, Any], done: set[str], boxes: Mapping[str, str]) -> Iterator[Tick]:
    for step in criteria.get("steps", []):
        code = str(step["level"])
        yield Tick(
            code=code,
            title=step.get("title", ""),
            is_part=False,
            deduction="",
            # A step with a part that must be done is reached through its parts.
            is_heading=bool(boxes) and code not in boxes,
            is_done=code in done,
            id=boxes.get(code, ""),
            judged_by=step.get("judged_by", ""),
        )
        for part in step.get("parts") or []:
            yield Tick(
                code=str(part["code"]),
                title=part.get("title", ""),
                is_part=True,
                deduction=_figure(part["deduction"]) if part.get("deduction") else "",
                is_done=str(part["code"]) in done,
                id=boxes.get(str(part["code"]), ""),
            )


# --- What was reported -----------------------------------------------------------------------------------------------
@register.filter
def facts_of(inputs: Mapping[str, Any], definition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what was entered for an indicator as pairs of term and value, in the order of the form."""
    return list(_facts(inputs or {}, definition))


def _facts(inputs: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    criteria, unit = definition.get("criteria") or {}, definition.get("unit", "")
    if "cancelled" in inputs:
        yield _("Cancelled, because"), str(inputs["cancelled"])
    if "base" in inputs:
        base = criteria.get("base") or {}
        yield base.get("label") or _("Base number"), _with_unit(inputs["base"], base.get("unit", ""))
    variables = (definition.get("measure") or {}).get("variables") or {}
    for name, value in (inputs.get("variables") or {}).items():
        variable = variables.get(name) or {}
        yield variable.get("label") or name, _with_unit(value, variable.get("unit", ""))
    if "value" in inputs:
        yield _("Measured value"), _with_unit(inputs["value"], unit)
    if "from_below" in inputs:
        names = [str(one["name"]) for one in inputs["from_below"] if "left_out" not in one]
        yield _("Gathered from those below"), ", ".join(names)
    if "values" in inputs:
        yield _("Measured values"), "  ".join(_figure(value) for value in inputs["values"])
    if "level" in inputs:
        described = (criteria.get("levels") or {}).get(str(inputs["level"]), "")
        yield _("Level reached"), f"{inputs['level']} · {described}" if described else str(inputs["level"])
    yield from _milestone_facts(inputs, criteria)
    if "submitted_on" in inputs:
        yield _("Date sent"), iso_date(inputs["submitted_on"])
    if "late_items" in inputs:
        yield _("Number of data types sent late"), str(inputs["late_items"])


@register.filter
def sentences_of(trace: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """Return a trace in sentences."""
    return explain_trace(trace or [])


@register.filter
def short_result(inputs: Mapping[str, Any] | None) -> str:
    """Return in a word what was reached where no value is measured: a level, a number of steps."""
    if inputs and inputs.get("level") is not None:
        return _("Level %(level)s") % {"level": inputs["level"]}
    if inputs and inputs.get("done"):
        return ngettext("%(number)s part done", "%(number)s parts done", len(inputs["done"])) % {
            "number": len(inputs["done"])
        }
    return "–"


def _milestone_facts(inputs: Mapping[str, Any], criteria: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "done" in inputs:
        codes = ", ".join(str(code) for code in inputs["done"])
        yield _("Steps and parts that are complete"), codes or _("None")
    titles = {str(fault["code"]): fault.get("title", "") for fault in criteria.get("faults", [])}
    for code, count in (inputs.get("faults") or {}).items():
        yield titles.get(code) or code, str(count)


def _with_unit(value: Any, unit: str) -> str:
    return f"{_figure(value)} {unit}".strip()
