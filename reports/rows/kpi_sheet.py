"""The KPI Template: everything about one indicator on a sheet, with its result and how it was reckoned."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation

from agreements.explain import explain_trace
from reports.rows.criteria import CriteriaTable, criteria_table, levels_of
from reports.rows.form_2 import walk
from reports.rows.formula import Fraction, formula_of
from reports.rows.results import Outcome, Scores, reported_facts
from reports.rows.words import Content, day, text

VERDICTS = {
    "accepted": "เห็นชอบตามที่รายงาน",
    "corrected": "แก้ไขข้อมูลที่ใช้คำนวณ",
    "set": "กำหนดคะแนน",
}
PAST_YEARS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was achieved in the three years before, to compare with."""

    label: str
    unit: str
    years: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def is_given(self) -> bool:
        """Whether anything is known of the years before."""
        return any(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRow:
    """A sub-indicator in the table of its parent."""

    code: str
    title: str
    weight: str
    score: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """The result of an indicator: what was reported, the score, and each step of the calculation in words."""

    outcome: Outcome
    self_score: str
    facts: tuple[tuple[str, str], ...]
    note: str
    evidence: tuple[str, ...]
    verdict: str
    reason: str
    steps: tuple[str, ...]

    @property
    def has_facts(self) -> bool:
        """Whether there is anything to tell besides the score."""
        return bool(self.facts or self.note or self.evidence or self.verdict or self.self_score)


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiSheet:
    """One indicator's sheet."""

    code: str
    title: str
    unit: str
    weight: str
    target: str
    description: str
    formula: Fraction | None
    criteria: CriteriaTable
    children: tuple[ChildRow, ...]
    conditions: str
    lateness: str
    reason: str
    baseline: Baseline
    evidence: tuple[str, ...]
    owner: str
    collector: str
    contact: str
    note: str
    reckoning: Reckoning | None


def kpi_sheets(content: Content) -> tuple[KpiSheet, ...]:
    """Return a sheet for each indicator and sub-indicator, in the order of ปผ.2."""
    scores, own_scores = Scores.of(content), Scores.of({"scores": content.get("self_scores")})
    return tuple(_sheet(item, content, scores, own_scores) for item in walk(content["items"]))


def _sheet(item: Content, content: Content, scores: Scores, own_scores: Scores) -> KpiSheet:
    definition, children = item["definition"], item.get("children") or []
    return KpiSheet(
        code=item["code"],
        title=item["title"],
        unit=text(definition.get("unit")),
        weight=text(item.get("weight")),
        target=text(definition.get("target")),
        description=text(definition.get("description")),
        formula=formula_of(definition),
        criteria=criteria_table({} if children else definition, levels_of(content)),
        children=tuple(_child(child, scores) for child in children),
        conditions=text(definition.get("conditions")),
        lateness=lateness_rule(definition.get("lateness") or {}),
        reason=text(definition.get("reason")),
        baseline=_baseline(item, int(content["round"]["fiscal_year"])),
        evidence=tuple(definition.get("evidence") or ()),
        owner=text(definition.get("owner")),
        collector=text(definition.get("collector")),
        contact=text(definition.get("contact")),
        note=text(definition.get("note")),
        reckoning=_reckoning(item, content, scores, own_scores),
    )


def _child(child: Content, scores: Scores) -> ChildRow:
    outcome = scores.outcome(child["code"], None)
    return ChildRow(code=child["code"], title=child["title"], weight=text(child.get("weight")), score=outcome.score)


def lateness_rule(lateness: Content) -> str:
    """Return what sending the data late costs, as a sentence."""
    clauses = []
    if lateness.get("due"):
        clauses.append(f"กำหนดส่งภายในวันที่ {day(lateness['due'], 'long')}")
    if lateness.get("per_working_day"):
        each = f"ข้อมูลที่ล่าช้าประเภทละ (จาก {lateness['items']} ประเภท) " if lateness.get("items") else ""
        clauses.append(f"ส่งล่าช้าหัก{each}วันทำการละ {lateness['per_working_day']} คะแนน")
    if lateness.get("cutoff"):
        clauses.append(f"ส่งหลังวันที่ {day(lateness['cutoff'], 'long')} ไม่นำมาคิดคะแนน")
    return " ".join(clauses)


def _baseline(item: Content, fiscal_year: int) -> Baseline:
    given = item["definition"].get("baseline") or {}
    by_year = {int(one["year"]): text(one.get("value")) for one in given.get("years", ())}
    years = sorted(by_year)[-PAST_YEARS:]
    # Years that nobody filled in are printed to be filled in by hand.
    earliest = (years[0] if years else fiscal_year) - 1
    years = [*range(earliest - (PAST_YEARS - len(years)) + 1, earliest + 1), *years]
    return Baseline(
        label=text(given.get("label")) or item["title"],
        unit=text(given.get("unit")) or text(item["definition"].get("unit")),
        years=tuple(map(str, years)),
        values=tuple(by_year.get(year, "") for year in years),
    )


def _reckoning(item: Content, content: Content, scores: Scores, own_scores: Scores) -> Reckoning | None:
    result = (content.get("results") or {}).get(item["code"]) or {}
    outcome = scores.outcome(item["code"], result)
    if not outcome.status:
        return None
    own = own_scores.outcome(item["code"], result).score
    return Reckoning(
        outcome=outcome,
        self_score=own if own != outcome.score else "",
        facts=reported_facts(result.get("inputs") or {}, item["definition"]),
        note=text(result.get("note")),
        evidence=tuple(one["name"] for one in result.get("evidence") or ()),
        verdict=VERDICTS.get(result.get("verdict") or "", ""),
        reason=text(result.get("reason")),
        steps=_in_thai(scores.trace(item["code"])),
    )


def _in_thai(trace: Sequence[Content]) -> tuple[str, ...]:
    """Return the sentences of `trace` in the language of the forms, whatever the reader's is."""
    with translation.override("th"):
        return tuple(explain_trace(trace))
