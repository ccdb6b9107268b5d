"""The holiday tables of offices: what stands in them, what is above holds below, and every change in the log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Agreement, Holiday, Item, Organisation, Role, User
from agreements.models.organisations import OrganisationQuerySet, below_any, subtree
from agreements.models.states import State
from agreements.services import deadlines, holiday_drafts, log
from agreements.services.holiday_drafts import Suggestion

MONTHS_BEFORE_JANUARY = 10
# While an agreement is on its way to the assessor's signature, lateness is counted anew whenever it is shown.
COUNTED = [State.DRAFT, State.PROPOSED, State.AGREED, State.REPORTED]


class HolidayRefused(Exception):
    """A holiday cannot be written down so."""


# --- What stands in a table ------------------------------------------------------------------------------------------
def tables_for(user: User) -> OrganisationQuerySet:
    """Return the organisations whose tables `user` may see, from the top down: those of HR and auditors."""
    paths = Role.objects.paths(user, Role.Kind.HR, Role.Kind.AUDITOR)
    found: OrganisationQuerySet = Organisation.objects.filter(below_any(paths, field="path")).order_by("path")
    return found


def tables_beside(place: Organisation, user: User) -> list[Organisation]:
    """Return the tables that `user` may turn to from that of `place`: above it, just below, and those with own days."""
    line = Organisation.objects.line_of(place).order_by().values("pk")
    below = subtree(place.path) & Q(depth=place.depth + 1)
    own = Q(pk__in=Holiday.objects.order_by().values("organisation"))
    return list(tables_for(user).filter(Q(pk__in=line) | below | own))


def year_of(fiscal_year: int) -> tuple[date, date]:
    """Return the first and the last day of a fiscal year of the Buddhist Era."""
    christian = fiscal_year - thai.BUDDHIST_ERA
    return date(christian - 1, MONTHS_BEFORE_JANUARY, 1), date(christian, MONTHS_BEFORE_JANUARY - 1, 30)


def holding_for(place: Organisation, fiscal_year: int) -> list[Holiday]:
    """Return the holidays of `place` and of all above it in a fiscal year, day by day."""
    above = Organisation.objects.line_of(place).order_by().values("pk")
    found = Holiday.objects.filter(organisation__in=above, day__range=year_of(fiscal_year))
    return list(found.select_related("organisation").order_by("day", "organisation__path", "pk"))


def counted_by(place: Organisation) -> tuple[int, int]:
    """Return how many agreements at and below `place` are still on their way, and how many of them are timed."""
    own = Agreement.objects.filter(subtree(place.path, field="organisation__path"), state__in=COUNTED)
    timed = Item.objects.filter(
        version__part__agreement=OuterRef("pk"), version__is_current=True, definition__has_key="lateness"
    )
    return own.count(), own.filter(Exists(timed)).count()


# --- Writing ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def add(place: Organisation, day: date, name: str, *, by: User, at: datetime) -> Holiday:
    """Write a holiday of `place` and all below it down.

    :raises NotAllowed: if `by` is not HR for `place`.
    :raises HolidayRefused: without a name, or where the day is a holiday there already.
    """
    _demand_hr(place, by)
    name = _named(name)
    _demand_free(place, day)
    made = Holiday.objects.create(organisation=place, day=day, name=name)
    _record("holiday.added", place, by=by, at=at, details=_told(made))
    return made


@transaction.atomic
def mend(holiday: Holiday, *, day: date, name: str, by: User, at: datetime) -> None:
    """Change the day or the name of a holiday.

    :raises NotAllowed: if `by` is not HR for the office whose it is.
    :raises HolidayRefused: without a name, or where the new day is a holiday there already.
    """
    holiday = _held(holiday, by)
    name = _named(name)
    before = _told(holiday)
    if before == {"day": day, "name": name}:
        return
    if day != holiday.day:
        _demand_free(holiday.organisation, day)
    holiday.day, holiday.name = day, name
    holiday.save(update_fields=["day", "name"])
    _record("holiday.changed", holiday.organisation, by=by, at=at, details={"before": before, "after": _told(holiday)})


@transaction.atomic
def remove(holiday: Holiday, *, by: User, at: datetime) -> None:
    """Take a holiday out of its table.

    :raises NotAllowed: if `by` is not HR for the office whose it is.
    """
    holiday = _held(holiday, by)
    told = _told(holiday)
    holiday.delete()
    _record("holiday.removed", holiday.organisation, by=by, at=at, details=told)


# --- The draft of a year ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Proposed:
    """A day of the draft, and the holiday that stands there already, if one does."""

    suggestion: Suggestion
    standing: Holiday | None


def draft(place: Organisation, fiscal_year: int) -> list[Proposed]:
    """Return what is suggested for a year of `place`, beside what stands in its table and above."""
    standing: dict[date, Holiday] = {}
    for holiday in holding_for(place, fiscal_year):
        standing.setdefault(holiday.day, holiday)
    first, last = year_of(fiscal_year)
    return [Proposed(one, standing.get(one.day)) for one in holiday_drafts.suggested(first, last)]


@transaction.atomic
def take_draft(
    place: Organisation,
    fiscal_year: int,
    chosen: Collection[date],
    *,
    ploughing: date | None,
    by: User,
    at: datetime,
) -> list[Holiday]:
    """Add the chosen days of the draft to the table of `place`; what stands there or above stays as it is.

    :raises NotAllowed: if `by` is not HR for `place`.
    :raises HolidayRefused: if nothing is left to add, or the day of the ceremony lies outside the year.
    """
    _demand_hr(place, by)
    wanted = {one.suggestion.day: one.suggestion.name for one in draft(place, fiscal_year) if one.standing is None}
    wanted = {day: name for day, name in wanted.items() if day in chosen}
    if ploughing is not None:
        first, last = year_of(fiscal_year)
        if not first <= ploughing <= last:
            raise HolidayRefused(_("The day of the ploughing ceremony lies outside the fiscal year."))
        _demand_free(place, ploughing)
        wanted.setdefault(ploughing, holiday_drafts.PLOUGHING)
    if not wanted:
        raise HolidayRefused(_("Tick at least one day that is not in the table yet."))
    made = Holiday.objects.bulk_create(
        Holiday(organisation=place, day=day, name=name) for day, name in sorted(wanted.items())
    )
    told = {"fiscal_year": fiscal_year, "days": [_told(one) for one in made]}
    _record("holiday.drafted", place, by=by, at=at, details=told)
    return made


# --- What all of them ask --------------------------------------------------------------------------------------------
def _demand_hr(place: Organisation, by: User) -> None:
    if not deadlines.is_hr_over(by, place):
        raise actions.NotAllowed(_("This is not yours to do."))
    # Two who write down the same day take turns.
    Organisation.objects.select_for_update().filter(pk=place.pk).order_by().first()


def _held(holiday: Holiday, by: User) -> Holiday:
    _demand_hr(holiday.organisation, by)
    return Holiday.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=holiday.pk)


def _named(name: str) -> str:
    name = thai.normalise(name).strip()
    if not name:
        raise HolidayRefused(_("Give the holiday a name."))
    return name


def _demand_free(place: Organisation, day: date) -> None:
    """Refuse `day` where it is a holiday of `place` already.

    :raises HolidayRefused: if it is.
    """
    above = Organisation.objects.line_of(place).order_by().values("pk")
    found = Holiday.objects.filter(organisation__in=above, day=day).select_related("organisation").first()
    if found is not None:
        raise HolidayRefused(
            _("%(day)s is a holiday already: %(name)s, in the table of %(office)s.")
            % {"day": thai.format_date(day), "name": found.name, "office": found.organisation.name}
        )


def _told(holiday: Holiday) -> dict[str, object]:
    return {"day": holiday.day, "name": holiday.name}


def _record(verb: str, place: Organisation, *, by: User, at: datetime, details: dict[str, object]) -> None:
    log.record(verb, office=log.office_of(place), by=by, at=at, details={"place": place.code} | details)
