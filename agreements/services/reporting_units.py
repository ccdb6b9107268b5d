"""Which units report by a form, to whom each of them does, and which rows their tables have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from agreements.models import Organisation, ReportForm, Submission

# Rows that are units, by the kind of the rows.
UNIT_ROWS: Mapping[str, tuple[str, ...]] = {
    "districts": (Organisation.Kind.DISTRICT,),
    "local_governments": (Organisation.Kind.LOCAL_GOVERNMENT, Organisation.Kind.MUNICIPALITY),
}
FREE_ROWS = "free"
# A free table has as many rows as were filled in, and no more than these.
MOST_FREE_ROWS = 500


# --- Who reports -----------------------------------------------------------------------------------------------------
def reporters(form: ReportForm) -> Any:
    """Return the units that enter figures by `form`: of the kinds or codes it names, at or below the office that asks.

    As the tree is today; what was reported keeps where its unit stood then.
    """
    asked = form.definition.get("reported_by") or {}
    named = Q(kind__in=asked.get("kinds", [])) | Q(code__in=asked.get("units", []))
    return Organisation.objects.within(form.organisation).filter(named)


def reports_itself(form: ReportForm, place: Organisation) -> bool:
    """Return whether `place` enters figures of its own by `form`, and does not only sum up those below it."""
    asked = form.definition.get("reported_by") or {}
    return _is_below(form, place) and (place.kind in asked.get("kinds", []) or place.code in asked.get("units", []))


def days_more(form: ReportForm, place: Organisation) -> int:
    """Return how many working days `place` has after those who report to it: none where it enters figures itself."""
    return 0 if reports_itself(form, place) else int((form.definition.get("due") or {}).get("sums_after", 0))


def takes_part(form: ReportForm, place: Organisation) -> bool:
    """Return whether `place` reports by `form`, or sums up units below it that do."""
    return reports_itself(form, place) or reporters(form).within(place).exists()


def above_of(form: ReportForm, place: Organisation) -> Organisation | None:
    """Return the unit to which `place` reports: the next one up the tree, none for the office that asks."""
    if place.pk == form.organisation_id or not _is_below(form, place):
        return None
    return Organisation.objects.filter(path=place.path[: -Organisation.steplen]).first()


def above_of_all(form: ReportForm, places: Sequence[Organisation]) -> dict[int, int]:
    """Return by key of each of `places` the key of the unit to which it reports, where there is one: one question."""
    reporting = [one for one in places if one.pk != form.organisation_id and _is_below(form, one)]
    paths = {one.path[: -Organisation.steplen] for one in reporting}
    keys = dict(Organisation.objects.filter(path__in=paths).values_list("path", "pk"))
    return {one.pk: keys[one.path[: -Organisation.steplen]] for one in reporting}


def _is_below(form: ReportForm, place: Organisation) -> bool:
    return place.path.startswith(form.organisation.path)


def line_of(place: Organisation) -> str:
    """Return the keys of all units from the top down to `place`, as a submission keeps them."""
    return lines_of([place])[place.pk]


def lines_of(places: Sequence[Organisation]) -> dict[int, str]:
    """Return for each of `places` the keys of all units from the top down to it: one question."""
    steps = Organisation.steplen
    keys = dict(Organisation.objects.around([one.path for one in places]).values_list("path", "pk"))
    return {
        one.pk: "/" + "".join(f"{keys[one.path[:end]]}/" for end in range(steps, len(one.path) + 1, steps))
        for one in places
    }


def below(form: ReportForm, place: Organisation) -> list[Organisation]:
    """Return the units directly below `place` that report to it by `form`, in Thai order: two questions."""
    length = len(place.path) + Organisation.steplen
    # The database says which branches have reporters: a country has thousands of these.
    branches = reporters(form).within(place).filter(path__gt=place.path).order_by()
    paths = set(branches.values_list(Substr("path", 1, length), flat=True).distinct())
    return list(Organisation.objects.filter(path__in=paths).in_thai_order())


def expected_below(form: ReportForm, place: Organisation, period: date) -> list[Organisation]:
    """Return the units that report to `place` for `period`: those that did, and those below it that did nowhere else.

    A unit that has gone elsewhere since stays where it reported.
    """
    here = below(form, place)
    keys = {one.pk for one in here}
    filed = Submission.objects.of_period(form, period)
    # Two questions, each by its own index: with "or" the database would read the whole country's month.
    gone = set(filed.filter(organisation__in=keys).exclude(above=place).values_list("organisation", flat=True))
    stayed = set(filed.filter(above=place).values_list("organisation", flat=True))
    further = Organisation.objects.filter(pk__in=stayed - keys) if stayed - keys else []
    found = [one for one in here if one.pk not in gone] + list(further)
    return sorted(found, key=lambda one: (one.sort_key, one.pk))


# --- The rows of a table ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its key, what stands at its head, and its unit where it has one."""

    key: str
    title: str
    organisation: Organisation | None = None


def rows_of(table: Mapping[str, Any], place: Organisation, *, filled: Iterable[str] = ()) -> list[Row]:
    """Return the rows that `place` fills in: of a free table those of the keys `filled`, and an empty one.

    A row of a unit that is filled in stays, also when the unit has gone elsewhere.
    """
    rows = table["rows"]
    if rows["kind"] == "fixed":
        return [Row(str(number), str(title)) for number, title in enumerate(rows["titles"], 1)]
    if rows["kind"] == FREE_ROWS:
        last = max((int(key) for key in filled if key.isdecimal()), default=0)
        return [Row(str(number), str(number)) for number in range(1, min(last + 1, MOST_FREE_ROWS) + 1)]
    named = Q(kind__in=UNIT_ROWS[rows["kind"]]) & Q(path__gt=place.path)
    there = Organisation.objects.within(place).filter(named) | Organisation.objects.filter(code__in=list(filled))
    return [Row(one.code, one.name, one) for one in there.in_thai_order()]


def keys_of(table: Mapping[str, Any], place: Organisation) -> set[str]:
    """Return the keys of all rows that `place` may fill in."""
    if table["rows"]["kind"] == FREE_ROWS:
        return {str(number) for number in range(1, MOST_FREE_ROWS + 1)}
    return {row.key for row in rows_of(table, place)}


def row_heading(table: Mapping[str, Any]) -> str:
    """Return what stands above the heads of the rows."""
    return str(table["rows"].get("heading") or _("Row"))
