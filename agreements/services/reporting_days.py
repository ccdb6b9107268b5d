"""The periods of a report form, until when each is due, when it closes, and how late something arrived."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agreements import thai
from agreements.models import Holiday, Organisation, ReportForm
from scoring.lateness import next_working_day, working_days_after

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "round": 6}
# The first month of a fiscal year: quarters and rounds are counted from it.
FISCAL_YEAR_BEGINS = 10


# --- Periods ---------------------------------------------------------------------------------------------------------
def period_of(form: ReportForm, day: date) -> date:
    """Return the first day of the period of `form` that `day` lies in; of what is reported on an event, the day."""
    length = MONTHS.get(form.period)
    if length is None:
        return day
    month = day.month - (day.month - FISCAL_YEAR_BEGINS) % 12 % length
    return date(day.year, month, 1) if month > 0 else date(day.year - 1, month + 12, 1)


def next_period(form: ReportForm, period: date) -> date:
    """Return the first day of the period after `period`; of an event, the next day."""
    length = MONTHS.get(form.period)
    return _months_later(period, length) if length else period + DAY


def previous_period(form: ReportForm, period: date) -> date:
    """Return the first day of the period before `period`; of an event, the day before."""
    length = MONTHS.get(form.period)
    return _months_later(period, -length) if length else period - DAY


def last_day(form: ReportForm, period: date) -> date:
    """Return the last day of the period that begins on `period`."""
    return next_period(form, period) - DAY


def periods_until(form: ReportForm, day: date, *, count: int) -> list[date]:
    """Return the last `count` periods that have begun on `day`, the latest first, none before the form's first."""
    periods: list[date] = []
    period = period_of(form, day)
    while len(periods) < count and is_reported(form, period):
        periods.append(period)
        if form.period not in MONTHS or _only_date(form):
            break
        period = previous_period(form, period)
    return periods


def is_reported(form: ReportForm, period: date) -> bool:
    """Return whether `form` asks for the period that begins on `period`: not before its first, nor after its last."""
    only = _only_date(form)
    if only is not None and form.period in MONTHS:
        return period == period_of(form, only)
    asked = form.definition.get("reported_by") or {}
    begins, ends = asked.get("from"), asked.get("until")
    return not (begins and last_day(form, period) < date.fromisoformat(begins)) and not (
        ends and period > date.fromisoformat(ends)
    )


def _only_date(form: ReportForm) -> date | None:
    typed = (form.definition.get("due") or {}).get("date")
    return date.fromisoformat(typed) if typed else None


def months_before(day: date, months: int) -> date:
    """Return the last day that lies so many months before the end of the month of `day`."""
    return _months_later(day, 1 - months) - DAY


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def period_asked_for(form: ReportForm, day: date) -> date:
    """Return the period that is reported on `day`: the present one, or the last one where it is due after its end."""
    period = period_of(form, day)
    only = _only_date(form)
    if only is not None and form.period in MONTHS:
        return period_of(form, only)
    due = form.definition.get("due") or {}
    if due.get("months_after") and is_reported(form, previous_period(form, period)):
        return previous_period(form, period)
    return period


# --- Due days --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Days:
    """The last day on which a report is in time, and the last one on which it is taken at all."""

    due: date | None
    closes: date | None = None


def days_of(form: ReportForm, period: date, holidays: frozenset[date], *, more: int = 0) -> Days:
    """Return by when the report of `period` is due, on a working day, and when it closes.

    Whoever sums up what others report has `more` working days after these.
    """
    due = form.definition.get("due")
    if not due:
        return Days(None)
    asked = date.fromisoformat(due["date"]) if "date" in due else _day_of_month(form, period, due)
    rolled = _working_days_later(next_working_day(asked, holidays), more, holidays)
    closes = date.fromisoformat(due["closes"]) if "closes" in due else None
    if "closes_after" in due:
        closes = _working_days_later(rolled, int(due["closes_after"]), holidays)
    return Days(rolled, closes)


def _working_days_later(day: date, count: int, holidays: frozenset[date]) -> date:
    for _number in range(count):
        day = next_working_day(day + DAY, holidays)
    return day


def _day_of_month(form: ReportForm, period: date, due: dict[str, int]) -> date:
    month = _months_later(last_day(form, period), int(due.get("months_after", 0)))
    # "The 30th" is the last day of February.
    return month.replace(day=min(int(due["day"]), calendar.monthrange(month.year, month.month)[1]))


def working_days_late(due: date | None, arrived: datetime, holidays: frozenset[date]) -> int | None:
    """Return how many working days after `due` it arrived, by the day in Thailand; None where nothing is due."""
    if due is None:
        return None
    return working_days_after(due, arrived.astimezone(thai.THAI_TIME).date(), holidays)


def is_past(day: date | None, at: datetime) -> bool:
    """Return whether `day` is over at the moment `at`, in Thailand."""
    return day is not None and at.astimezone(thai.THAI_TIME).date() > day


# --- Holidays --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of some units: their own and those of all above them, read once."""

    told: tuple[tuple[str, date], ...]

    def of(self, place: Organisation) -> frozenset[date]:
        """Return the days on which `place` does not work."""
        return frozenset(day for path, day in self.told if place.path.startswith(path))


def read_holidays(places: Iterable[Organisation]) -> Holidays:
    """Read the holidays of `places` in one question."""
    paths = {place.path for place in places}
    above = Organisation.objects.around(sorted(paths)).order_by().values("pk")
    return Holidays(tuple(Holiday.objects.filter(organisation__in=above).values_list("organisation__path", "day")))


def holidays_in(top: Organisation) -> Holidays:
    """Read the holidays of `top`, of all above and all below it in one question, however many they are."""
    line = Organisation.objects.around([top.path]).order_by().values("pk")
    below = Organisation.objects.within(top).order_by().values("pk")
    told = Holiday.objects.filter(organisation__in=line) | Holiday.objects.filter(organisation__in=below)
    return Holidays(tuple(told.distinct().values_list("organisation__path", "day")))
