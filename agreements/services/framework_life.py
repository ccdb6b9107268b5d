"""The life of a framework from year to year: the next one from this one, a draft given up, the units it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import Framework, Indicator, Organisation, User
from agreements.services.draft_rows import copy_rows, touch, write_row
from agreements.services.drafts import DraftRefused, demand_seen, fill, locked, record, start_framework

Document: TypeAlias = dict[str, Any]

_COUNTED = re.compile(r"[0-9]+")
_MONTH = re.compile(r"(\d{4})(-\d{2})")


# --- Next year from this one -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the framework of the next year may be called."""

    code: str
    title: str
    fiscal_year: int


def propose_next(framework: Framework) -> Proposal:
    """Return code, title and fiscal year of the framework that follows `framework`, which is of a year.

    :raises DraftRefused: if it is of no year.
    """
    year = framework.fiscal_year
    if year is None:
        raise DraftRefused(_("This framework is of no fiscal year, so none follows it. Make a new version instead."))
    code = _with_year(framework.code, year, year + 1)
    if code == framework.code:
        code = f"{code}-{year + 1}"
    return Proposal(code=_free(code), title=_with_year(framework.title, year, year + 1), fiscal_year=year + 1)


def _with_year(text: str, year: int, other: int) -> str:
    """Return `text` with `other` wherever it says `year`, in the digits that stand there."""
    thai_year, thai_other = thai.to_thai_digits(str(year)), thai.to_thai_digits(str(other))
    return text.replace(str(year), str(other)).replace(thai_year, thai_other)


def _free(code: str) -> str:
    number, free = 2, code
    while Framework.objects.filter(code=free).exists():
        free, number = f"{code}-{number}", number + 1
    return free


@transaction.atomic
def begin_next(
    framework: Framework,
    *,
    organisation: Organisation | None,
    code: str,
    title: str,
    fiscal_year: int,
    round_number: int | None,
    by: User,
    at: datetime,
) -> Framework:
    """Return a draft that says what `framework` says, for another fiscal year; its dates move by as many years.

    The paper that `framework` stands on is not that of the new one, so the source is left to be written.

    :raises NotTheEditor: if `by` does not edit the frameworks of `organisation`.
    :raises DraftRefused: if there is a framework with this code.
    """
    header = {key: value for key, value in framework.header.items() if key not in {"source", "round"}}
    header |= {"code": code, "title": title, "fiscal_year": fiscal_year}
    header |= {"round": round_number} if round_number else {}
    draft = start_framework(header, organisation=organisation, by=by, at=at)
    draft.begun_from = framework
    draft.save(update_fields=["begun_from"])
    copy_rows(draft, framework.indicators.in_order())
    if years := fiscal_year - (framework.fiscal_year or fiscal_year):
        for row in draft.indicators.in_order():
            _move(row, years, by=by, at=at)
    touch(draft)
    record("framework.copied_for_another_year", draft, by=by, at=at, details={"from": framework.reference})
    return draft


def _move(row: Indicator, years: int, *, by: User, at: datetime) -> None:
    definition = dict(row.definition)
    if "lateness" in definition:
        days = {key: later(value, years) for key, value in definition["lateness"].items() if key in {"due", "cutoff"}}
        definition["lateness"] = definition["lateness"] | days
    if "targets" in definition:
        definition["targets"] = [_moved_target(target, years) for target in definition["targets"]]
    if definition != row.definition:
        write_row(row, definition, by=by, at=at)


def _moved_target(target: Mapping[str, Any], years: int) -> Document:
    period = target["period"]
    if isinstance(period, Mapping):
        return {**target, "period": {key: later(value, years) for key, value in period.items()}}
    return {**target, "period": later(period, years)}


def later(text: str, years: int) -> str:
    """Return a day or month of the format `years` later; other text as it is. 29 February becomes the 28th."""
    if found := _MONTH.fullmatch(text):
        return f"{int(found[1]) + years:04}{found[2]}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    try:
        return day.replace(year=day.year + years).isoformat()
    except ValueError:
        return day.replace(year=day.year + years, day=28).isoformat()


# --- Numbers in the order of the indicators --------------------------------------------------------------------------
def new_numbers(rows: Iterable[Indicator]) -> dict[int, str]:
    """Return the number that each of a framework's `rows` would get in their order: 1, 1.1, 1.2, 2.

    Nothing where the numbers are in order already, or where they are not simply counted: a source that numbers
    otherwise means something by it.
    """
    rows = list(rows)
    codes = {row.pk: row.code for row in rows}
    if not all(_COUNTED.fullmatch(row.code.removeprefix(f"{codes.get(row.parent_id or 0, '')}.")) for row in rows):
        return {}
    counted: dict[int | None, int] = {}
    numbers: dict[int, str] = {}
    for row in rows:
        counted[row.parent_id] = at = counted.get(row.parent_id, 0) + 1
        numbers[row.pk] = f"{numbers[row.parent_id]}.{at}" if row.parent_id else str(at)
    return {} if all(numbers[row.pk] == row.code for row in rows) else numbers


@transaction.atomic
def number_anew(draft: Framework, *, shown: int, by: User, at: datetime) -> None:
    """Number the indicators of `draft` in their order.

    :raises NotTheEditor: if `by` does not edit it.
    :raises ChangedMeanwhile: if it was written since it was shown at revision `shown`.
    """
    draft = locked(draft, by=by)
    demand_seen(draft.revision, shown)
    rows = list(draft.indicators.in_order())
    numbers = new_numbers(rows)
    changed = [row for row in rows if numbers.get(row.pk, row.code) != row.code]
    for row in changed:
        # Out of the way of the others first: a number stands once in a framework.
        Indicator.objects.filter(pk=row.pk).update(code=f"@{row.pk}")
    for row in changed:
        if row.typed is not None and row.typed.get("code") == [row.code]:
            row.typed = {**row.typed, "code": [numbers[row.pk]]}
        write_row(row, {**row.definition, "code": numbers[row.pk]}, by=by, at=at)
    touch(draft)


# --- A draft is given up ---------------------------------------------------------------------------------------------
@transaction.atomic
def discard(draft: Framework, *, shown: int, by: User, at: datetime) -> None:
    """Delete a draft with its indicators; versions of its code stay as they are.

    :raises NotTheEditor: if `by` does not edit it.
    :raises NotADraft: if it is published.
    :raises ChangedMeanwhile: if it was written since it was shown at revision `shown`.
    """
    draft = locked(draft, by=by)
    demand_seen(draft.revision, shown)
    details = {"title": draft.title, "content": draft.content_hash, "indicators": draft.indicators.count()}
    record("framework.discarded", draft, by=by, at=at, details=details)
    draft.delete()


# --- The units it is for ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of a framework, with the names of the offices that have its code: none where it reaches nobody."""

    code: str
    title: str
    offices: tuple[str, ...]


def units_of(draft: Framework) -> list[UnitRow]:
    """Return the units that `draft` names, each with the offices it reaches."""
    names = offices_by_code(draft)
    return [UnitRow(one["code"], one["title"], names.get(one["code"], ())) for one in draft.header.get("units", [])]


def units_to_offer(draft: Framework) -> list[UnitRow]:
    """Return the unit codes of the offices that `draft` serves and does not name yet."""
    known = {unit["code"] for unit in draft.header.get("units", [])}
    return [UnitRow(code, names[0], names) for code, names in offices_by_code(draft).items() if code not in known]


def offices_by_code(framework: Framework) -> dict[str, tuple[str, ...]]:
    """Return the names of the offices below the framework's own, by their unit code; what serves all has none."""
    if framework.organisation is None:
        return {}
    within = Organisation.objects.within(framework.organisation).exclude(unit_code="")
    found: dict[str, tuple[str, ...]] = {}
    for code, name in within.order_by("path").values_list("unit_code", "name"):
        found[code] = (*found.get(code, ()), name)
    return found


@transaction.atomic
def add_units(draft: Framework, units: Iterable[Mapping[str, str]], *, shown: int, by: User) -> None:
    """Name further units in `draft`, behind those that it names.

    :raises NotTheEditor: if `by` does not edit it.
    :raises ChangedMeanwhile: if it was written since it was shown at revision `shown`.
    :raises DraftRefused: if a code is taken.
    """
    draft = locked(draft, by=by)
    demand_seen(draft.revision, shown)
    now: Sequence[Mapping[str, str]] = draft.header.get("units", [])
    added = [{"code": unit["code"], "title": unit["title"]} for unit in units]
    codes = [unit["code"] for unit in (*now, *added)]
    for code in codes:
        if codes.count(code) > 1:
            raise DraftRefused(_("There is a unit with the code “%(code)s” already.") % {"code": code})
    fill(draft, {**draft.header, "units": [*now, *added]})
    touch(draft)
