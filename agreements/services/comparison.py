"""What a draft says otherwise than the version before, and what still keeps it from publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements import thai
from agreements.exchange.documents import DocumentFault
from agreements.exchange.shape import canonical
from agreements.explain import explain_fault
from agreements.models import Framework, Indicator
from agreements.services.frameworks import ImportRefused, check_document, framework_document, unfinished
from scoring.faults import Fault

Document: TypeAlias = Mapping[str, Any]

LABELS: dict[str, str | Promise] = {
    "code": gettext_lazy("No."),
    "dimension": gettext_lazy("Dimension"),
    "title": gettext_lazy("Title"),
    "goal": gettext_lazy("Goal or expected achievement"),
    "work": gettext_lazy("Work"),
    "unit": gettext_lazy("Unit of measure"),
    "weight": gettext_lazy("Weight"),
    "target": gettext_lazy("Target"),
    "targets": gettext_lazy("Targets"),
    "scored": gettext_lazy("Counts"),
    "positions": gettext_lazy("Suits the positions"),
    "rounds": gettext_lazy("Suits the rounds"),
    "description": gettext_lazy("Description"),
    "formula_text": gettext_lazy("How it is calculated"),
    "conditions": gettext_lazy("Conditions"),
    "reason": gettext_lazy("Why it matters"),
    "note": gettext_lazy("Note"),
    "owner": gettext_lazy("Owner"),
    "collector": gettext_lazy("Collector of the data"),
    "contact": gettext_lazy("Contact"),
    "evidence": gettext_lazy("Evidence"),
    "supports": gettext_lazy("What it serves"),
    "judged_by": gettext_lazy("Judged by"),
    "judged_until": gettext_lazy("Judged until"),
    "from_below": gettext_lazy("Gathered from those below"),
    "how": gettext_lazy("How"),
    # Of what was gathered below or judged above.
    "name": gettext_lazy("Name"),
    "left_out": gettext_lazy("Left out"),
    "by": gettext_lazy("Judged by"),
    "on": gettext_lazy("Date"),
    "done": gettext_lazy("Steps and parts that are complete"),
    "score": gettext_lazy("Score"),
    "baseline": gettext_lazy("Baseline data"),
    "assigned_units": gettext_lazy("Given to"),
    "report": gettext_lazy("How often it is reported"),
    "measure": gettext_lazy("How it is measured"),
    "criteria": gettext_lazy("Criteria"),
    "lateness": gettext_lazy("Lateness"),
    "parent": gettext_lazy("Part of indicator"),
    "children_at_least": gettext_lazy("Least number of sub-indicators"),
    # Of the framework itself.
    "level": gettext_lazy("Level"),
    "fiscal_year": gettext_lazy("Fiscal year"),
    "round": gettext_lazy("Round"),
    "source": gettext_lazy("Source"),
    "total_weight": gettext_lazy("Total weight"),
    "scale": gettext_lazy("Levels of the scale"),
    "below_level_1": gettext_lazy("Worse than level 1"),
    "grades": gettext_lazy("Grades"),
    "dimensions": gettext_lazy("Dimensions"),
    "units": gettext_lazy("Units"),
    # Within them.
    "kind": gettext_lazy("Kind"),
    "levels": gettext_lazy("Levels"),
    "labels": gettext_lazy("Labels"),
    "between": gettext_lazy("Between two levels"),
    "steps": gettext_lazy("Steps"),
    "parts": gettext_lazy("Parts"),
    "faults": gettext_lazy("Faults"),
    "deduction": gettext_lazy("Points off"),
    "points": gettext_lazy("Points"),
    "base": gettext_lazy("Base number"),
    "classes": gettext_lazy("Classes"),
    "up_to": gettext_lazy("Up to"),
    "expression": gettext_lazy("Formula"),
    "variables": gettext_lazy("Variables"),
    "label": gettext_lazy("Name"),
    "items": gettext_lazy("Items"),
    "due": gettext_lazy("Due"),
    "cutoff": gettext_lazy("Not counted after"),
    "per_working_day": gettext_lazy("Points off a working day late"),
    "years": gettext_lazy("Years"),
    "year": gettext_lazy("Year"),
    "value": gettext_lazy("Value"),
    "frequency": gettext_lazy("How often"),
    "due_day": gettext_lazy("Day of the month"),
    "from": gettext_lazy("From"),
    "colour": gettext_lazy("Colour"),
    "at_step": gettext_lazy("At step"),
    "most": gettext_lazy("At most"),
}
WORDS: dict[str, str | Promise] = {
    "thresholds": gettext_lazy("Five numbers"),
    "bands": gettext_lazy("Bands"),
    "rubric": gettext_lazy("Described levels"),
    "milestones": gettext_lazy("Steps, one after the other"),
    "classed": gettext_lazy("By class of a base number"),
    "open": gettext_lazy("Not given yet"),
    "formula": gettext_lazy("Formula"),
    "mean": gettext_lazy("Mean of several values"),
    "checklist": gettext_lazy("Checklist"),
    "direct": gettext_lazy("Entered directly"),
    "ratio": gettext_lazy("Sum of numerators over sum of denominators"),
    "sum": gettext_lazy("Sum"),
    "weighted_mean": gettext_lazy("Weighted mean"),
    "worst": gettext_lazy("The worst value"),
    "not_reported": gettext_lazy("Not reported"),
    "cancelled": gettext_lazy("Cancelled"),
    "no_figures": gettext_lazy("No figures"),
    "step": gettext_lazy("The lower level counts"),
    "interpolate": gettext_lazy("In proportion"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is said otherwise than before."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedIndicator:
    """An indicator that both know, with what is said otherwise."""

    code: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed from one framework to another."""

    header: tuple[Entry, ...]
    added: tuple[Document, ...]
    removed: tuple[Document, ...]
    changed: tuple[ChangedIndicator, ...]
    unchanged: int

    @property
    def says_the_same(self) -> bool:
        """Whether nothing changed at all."""
        return not (self.header or self.added or self.removed or self.changed)


def compare(before: Document, after: Document) -> Comparison:
    """Return what the framework document `after` says otherwise than `before`."""
    old, new = _flat(before["indicators"]), _flat(after["indicators"])
    pairs = _pairs(old, new)
    changed = []
    for at, other in sorted(pairs.items(), key=lambda pair: pair[1]):
        if entries := differences(old[at], new[other]):
            changed.append(ChangedIndicator(new[other]["code"], new[other]["title"], entries))
    return Comparison(
        header=differences(_head(before), _head(after)),
        added=tuple(one for at, one in enumerate(new) if at not in pairs.values()),
        removed=tuple(one for at, one in enumerate(old) if at not in pairs),
        changed=tuple(changed),
        unchanged=len(pairs) - len(changed),
    )


def _head(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in {"indicators", "format", "code"}}


def header_differences(before: Document, after: Document) -> tuple[Entry, ...]:
    """Return what the header `after` says otherwise than `before`, in words."""
    old, new = (canonical({**header, "indicators": []}) for header in (before, after))
    return differences(_head(old), _head(new))


def _flat(entries: list[Document], parent: str = "") -> list[Document]:
    found: list[Document] = []
    for entry in entries:
        own = {key: value for key, value in entry.items() if key != "children"}
        found += [own | ({"parent": parent} if parent else {}), *_flat(entry.get("children", []), entry["code"])]
    return found


def _pairs(old: list[Document], new: list[Document]) -> dict[int, int]:
    """Return which of `new` each of `old` became: the same title, so that a new number is no new indicator, or code."""
    pairs: dict[int, int] = {}
    for same in (
        lambda a, b: (a["code"], a["title"]) == (b["code"], b["title"]),
        lambda a, b: a["title"] == b["title"],
        lambda a, b: a["code"] == b["code"],
    ):
        for at, one in enumerate(old):
            if at in pairs:
                continue
            taken = set(pairs.values())
            found = next((n for n, other in enumerate(new) if n not in taken and same(one, other)), None)
            if found is not None:
                pairs[at] = found
    return pairs


def differences(before: Document, after: Document) -> tuple[Entry, ...]:
    """Return each key of two definitions that is said otherwise, in words."""
    keys = [key for key in LABELS if key in before or key in after]
    keys += sorted((before.keys() | after.keys()) - LABELS.keys())
    return tuple(
        Entry(label_of(key), written(before.get(key)), written(after.get(key)))
        for key in keys
        if before.get(key) != after.get(key)
    )


def label_of(key: str) -> str:
    return str(LABELS.get(key, key))


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def written(value: Any, depth: int = 0) -> str:
    """Return a value of a definition in lines of words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        lines = [f"{label_of(str(key))}: {written(entry, depth + 1)}" for key, entry in value.items()]
        return ("; " if depth else "\n").join(lines)
    if isinstance(value, list):
        return ("; " if depth else "\n").join(written(entry, depth + 1) for entry in value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return thai.format_date(date.fromisoformat(value))
    return str(WORDS.get(value, value)) if isinstance(value, str) else str(value)


# --- What keeps a draft from publication ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about a draft, and the indicator that it is about, if it is about one."""

    says: str
    indicator: Indicator | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What was found: what has to be mended before publication, and what only looks like a slip."""

    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def check_draft(draft: Framework) -> Check:
    """Return everything that keeps `draft` from publication, and what in it looks like a slip."""
    rows = {row.code: row for row in draft.indicators.in_order()}
    document = framework_document(draft)
    faults = [Finding(str(found), rows.get(code)) for found, code in _unfinished(draft)]
    warnings: tuple[Fault, ...] = ()
    try:
        warnings = check_document(document).warnings
    except ImportRefused as refused:
        faults += [_finding(fault, document, rows) for fault in refused.faults]
    if not rows:
        faults.insert(0, Finding(_("There are no indicators yet.")))
    slips = [_finding(fault, document, rows) for fault in warnings]
    return Check(tuple(faults), (*slips, *_other_years(draft, rows.values())))


def _other_years(draft: Framework, rows: Iterable[Indicator]) -> Iterator[Finding]:
    """Yield the dates and titles that are of another fiscal year than the framework: they came along with a copy."""
    if draft.fiscal_year is None:
        return
    last = str(draft.fiscal_year - 1)
    for row in rows:
        if re.search(rf"(?<![\d-]){last}(?!\d)", thai.to_arabic_digits(row.title)):
            said = _("The title names the year %(last)s, but the framework is of %(year)s.")
            yield Finding(said % {"last": last, "year": draft.fiscal_year}, row)
        lateness = row.definition.get("lateness", {})
        for day in sorted({str(lateness[key]) for key in ("due", "cutoff") if key in lateness}):
            if thai.fiscal_year_of(date.fromisoformat(day)) != draft.fiscal_year:
                said = _("The date %(day)s does not lie in fiscal year %(year)s.")
                shown = thai.format_date(date.fromisoformat(day))
                yield Finding(said % {"day": shown, "year": draft.fiscal_year}, row)


def _unfinished(draft: Framework) -> Iterator[tuple[DocumentFault, str]]:
    codes = draft.indicators.in_order().exclude(typed=None).values_list("code", flat=True)
    yield from zip(unfinished(draft), codes, strict=True)


_DIMENSION = re.compile(r"dimensions\[(\d+)\]")
_STEP = re.compile(r"(?:indicators|children)\[(\d+)\]\.?")


def _finding(fault: Fault | DocumentFault, document: Document, rows: Mapping[str, Indicator]) -> Finding:
    """Return a fault as a sentence about the indicator that its place leads to."""
    place, entry = fault.place, None
    below = document.get("indicators", [])
    while found := _STEP.match(place):
        number = int(found[1])
        if number >= len(below):
            break
        entry, place = below[number], place[found.end() :]
        below = entry.get("children", [])
    says = fault.message if isinstance(fault, DocumentFault) else explain_fault(replace(fault, place=""))
    if entry is not None:
        # What the fault is about, where the sentence does not say it: "Criteria: …".
        label = LABELS.get(re.split(r"[.\[]", place)[0])
        return Finding(f"{label}: {says}" if label else says, rows.get(entry["code"]))
    if of_dimension := _DIMENSION.match(fault.place):
        title = document["dimensions"][int(of_dimension[1])]["title"]
        return Finding(f"{title}: {says}")
    return Finding(says)
