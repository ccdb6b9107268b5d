"""Who has sent, who was late, who has not yet: of the units below one, and of the units somebody reports for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from agreements import thai
from agreements.models import Organisation, ReportForm, Role, Submission, User
from agreements.models.submissions import READERS
from agreements.services import reporting_days, reporting_units
from agreements.services.reporting_days import Days

# So many periods of a form are listed for a unit: the present one, and those before it that may still be late.
PERIODS_LISTED = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a unit is with its report of a period."""

    organisation: Organisation
    form: ReportForm
    period: date
    submission: Submission | None
    due: date | None
    closes: date | None
    # Working days: of what arrived, how late it did; of what has not, how late it is by now.
    days_late: int

    @property
    def is_sent(self) -> bool:
        """Whether it was certified, and so has come to the unit above."""
        return self.submission is not None and not self.submission.is_open

    @property
    def is_approved(self) -> bool:
        """Whether the unit above has approved it."""
        return self.submission is not None and self.submission.state == Submission.State.APPROVED

    @property
    def is_returned(self) -> bool:
        """Whether it had come and is with the unit again."""
        return self.submission is not None and self.submission.is_open and self.submission.arrived_at is not None


def _standing(
    form: ReportForm, place: Organisation, period: date, found: Submission | None, days: Days, late: int
) -> Standing:
    due = found.due_on if found is not None and found.arrived_at else days.due
    return Standing(place, form, period, found, due, days.closes, late)


def _days_late(found: Submission | None, days: Days, holidays: frozenset[date], at: datetime) -> int:
    if found is not None and found.arrived_at is not None:
        return found.days_late or 0
    return reporting_days.working_days_late(days.due, at, holidays) or 0


# --- A level ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Level:
    """What a unit sees of a form and period: its own report with the sums, and every unit that reports to it."""

    form: ReportForm
    organisation: Organisation
    period: date
    own: Submission | None
    rows: tuple[Standing, ...]

    @property
    def sent(self) -> list[Standing]:
        """Those that have come."""
        return [one for one in self.rows if one.is_sent]

    @property
    def waiting(self) -> list[Standing]:
        """Those that have come and are not approved yet."""
        return [one for one in self.sent if not one.is_approved]

    @property
    def late(self) -> list[Standing]:
        """Those that came late."""
        return [one for one in self.sent if one.days_late]

    @property
    def missing(self) -> list[Standing]:
        """Those that have not come."""
        return [one for one in self.rows if not one.is_sent]

    @property
    def overdue(self) -> list[Standing]:
        """Those that have not come although their day is over."""
        return [one for one in self.missing if one.days_late]


def level_of(form: ReportForm, place: Organisation, period: date, *, at: datetime) -> Level:
    """Return how the units below `place` stand with `form` for `period`: as many questions for one as for a hundred."""
    units = reporting_units.expected_below(form, place, period)
    keys = [one.pk for one in units]
    filed = Submission.objects.of_period(form, period).filter(organisation__in=[*keys, place.pk])
    found = {one.organisation_id: one for one in filed.select_related("organisation", "form")}
    holidays = reporting_days.read_holidays([place, *units])
    rows = []
    for unit in units:
        free = holidays.of(unit)
        days = reporting_days.days_of(form, period, free, more=reporting_units.days_more(form, unit))
        one = found.get(unit.pk)
        rows.append(_standing(form, unit, period, one, days, _days_late(one, days, free, at)))
    return Level(form, place, period, found.get(place.pk), tuple(rows))


# --- What somebody reports for ---------------------------------------------------------------------------------------
def units_of(user: User) -> list[Organisation]:
    """Return the units whose reports are `user`'s to see to: those they head, and where they are a data reporter."""
    given = Role.objects.filter(user=user, kind=Role.Kind.DATA_REPORTER).values_list("organisation", flat=True)
    return list(Organisation.objects.filter(pk__in={*given, *user.heads}).in_thai_order())


def units_read_by(user: User) -> list[Organisation]:
    """Return the units whose reports `user` reads, and below which they read on."""
    given = Role.objects.filter(user=user, kind__in=READERS).values_list("organisation", flat=True)
    return list(Organisation.objects.filter(pk__in={*given, *user.heads}).in_thai_order())


def forms_for(places: Sequence[Organisation]) -> list[tuple[ReportForm, Organisation, bool]]:
    """Return the forms by which `places` report or sum up, each with the unit and whether it enters figures itself."""
    paths = [one.path for one in places]
    above = Organisation.objects.around(paths).order_by().values("pk") if paths else []
    forms = list(ReportForm.objects.current().filter(organisation__in=above).select_related("organisation"))
    named = {code for form in forms for code in (form.definition.get("reported_by") or {}).get("units", [])}
    listed = []
    for place in places:
        below = _kinds_and_codes(place, named)
        for form in forms:
            asked = form.definition.get("reported_by") or {}
            if not place.path.startswith(form.organisation.path):
                continue
            if {*asked.get("kinds", []), *asked.get("units", [])} & below:
                listed.append((form, place, reporting_units.reports_itself(form, place)))
    return sorted(listed, key=lambda entry: (entry[1].sort_key, entry[0].title, entry[0].pk))


def _kinds_and_codes(place: Organisation, named: Iterable[str]) -> set[str]:
    within = Organisation.objects.within(place).order_by()
    codes = within.filter(code__in=list(named)).values_list("code", flat=True) if named else []
    return {*within.values_list("kind", flat=True).distinct(), *codes}


def standings_of(places: Sequence[Organisation], *, at: datetime) -> list[tuple[Standing, bool]]:
    """Return how `places` stand with their own reports of the last periods, each with whether it enters figures.

    The present period and those before it, as long as they are due or were not approved.
    """
    day = at.astimezone(thai.THAI_TIME).date()
    listed = [
        (form, place, enters, period)
        for form, place, enters in forms_for(places)
        for period in reporting_days.periods_until(form, day, count=PERIODS_LISTED)
    ]
    if not listed:
        return []
    filed = Submission.objects.filter(
        form_code__in={form.code for form, *_rest in listed}, organisation__in=[one.pk for one in places]
    )
    found = {(one.form_code, one.organisation_id, one.period): one for one in filed}
    holidays = reporting_days.read_holidays(places)
    standings = []
    for form, place, enters, period in listed:
        free = holidays.of(place)
        days = reporting_days.days_of(form, period, free, more=reporting_units.days_more(form, place))
        one = found.get((form.code, place.pk, period))
        standings.append((_standing(form, place, period, one, days, _days_late(one, days, free, at)), enters))
    return standings
