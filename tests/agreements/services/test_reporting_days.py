from datetime import UTC, date, datetime

import pytest

from agreements.models import ReportForm
from agreements.services import reporting_days as days

NO_HOLIDAYS = frozenset()


def form(period="month", due=None, **asked):
    definition = {"period": period, "due": due, "reported_by": {"kinds": ["district"], "from": "2012-10-01"} | asked}
    return ReportForm(code="f", version=1, title="f", definition=definition)


@pytest.mark.parametrize(
    ("due", "period", "day"),
    [
        # Of 002: January's on 15 February.
        ({"day": 15, "months_after": 1}, date(2013, 1, 1), date(2013, 2, 15)),
        # Of 000: the 30th, the last day in February.
        ({"day": 30, "months_after": 0}, date(2013, 4, 1), date(2013, 4, 30)),
        ({"day": 30, "months_after": 0}, date(2013, 2, 1), date(2013, 2, 28)),
        ({"day": 30, "months_after": 0}, date(2012, 2, 1), date(2012, 2, 29)),
        # A Sunday runs to Monday, which is a holiday, and so to Tuesday.
        ({"day": 10, "months_after": 1}, date(2013, 1, 1), date(2013, 2, 12)),
        ({"day": 31, "months_after": 1}, date(2012, 12, 1), date(2013, 1, 31)),
    ],
)
def test_due_days(due, period, day):
    assert days.days_of(form(due=due), period, frozenset({date(2013, 2, 11)})).due == day


def test_a_date_is_due_on_that_day_and_closes_on_another():
    due = {"date": "2013-03-20", "closes": "2013-03-26"}

    assert days.days_of(form("round", due), date(2012, 10, 1), NO_HOLIDAYS) == days.Days(
        date(2013, 3, 20), date(2013, 3, 26)
    )


def test_closing_is_counted_in_working_days():
    due = {"day": 15, "months_after": 1, "closes_after": 3}

    assert days.days_of(form(due=due), date(2013, 1, 1), frozenset({date(2013, 2, 19)})).closes == date(2013, 2, 21)


def test_whoever_sums_up_has_some_working_days_more():
    due = {"day": 8, "months_after": 1, "closes_after": 1, "sums_after": 2}

    found = days.days_of(form(due=due), date(2013, 1, 1), NO_HOLIDAYS, more=2)

    # Friday the 8th, and two working days.
    assert found == days.Days(date(2013, 2, 12), date(2013, 2, 13))


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("month", date(2013, 2, 18), date(2013, 2, 1), date(2013, 2, 28)),
        ("quarter", date(2013, 2, 18), date(2013, 1, 1), date(2013, 3, 31)),
        ("quarter", date(2012, 12, 31), date(2012, 10, 1), date(2012, 12, 31)),
        ("round", date(2013, 2, 18), date(2012, 10, 1), date(2013, 3, 31)),
        ("round", date(2013, 4, 1), date(2013, 4, 1), date(2013, 9, 30)),
        ("round", date(2012, 10, 1), date(2012, 10, 1), date(2013, 3, 31)),
        ("event", date(2013, 2, 18), date(2013, 2, 18), date(2013, 2, 18)),
    ],
)
def test_periods_begin_and_end(period, day, first, last):
    asked = form(period)

    assert (days.period_of(asked, day), days.last_day(asked, first)) == (first, last)


def test_periods_run_back_to_the_first_one_that_is_asked_for():
    asked = form(due={"day": 15, "months_after": 1})

    assert days.periods_until(asked, date(2012, 12, 3), count=5) == [
        date(2012, 12, 1), date(2012, 11, 1), date(2012, 10, 1),
    ]  # fmt: skip
    assert not days.is_reported(form(until="2012-12-31"), date(2013, 1, 1))
    only = form("round", {"date": "2013-03-20"})
    assert days.periods_until(only, date(2013, 2, 18), count=5) == [date(2012, 10, 1)]


@pytest.mark.parametrize(
    ("arrived", "late"),
    [
        # The day in Thailand counts: 16.59 UTC on the 15th is still the 15th there.
        (datetime(2013, 2, 15, 16, 59, tzinfo=UTC), 0),
        (datetime(2013, 2, 15, 17, 0, tzinfo=UTC), 0),
        (datetime(2013, 2, 18, 1, 0, tzinfo=UTC), 1),
        (datetime(2013, 2, 20, 1, 0, tzinfo=UTC), 2),
    ],
)
def test_lateness_in_working_days(arrived, late):
    holidays = frozenset({date(2013, 2, 19)})

    assert days.working_days_late(date(2013, 2, 15), arrived, holidays) == late
    assert days.working_days_late(None, arrived, holidays) is None
