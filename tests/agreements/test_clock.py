import datetime
from datetime import UTC, date

import pytest
from django.utils import timezone

from agreements import clock
from agreements.models import DemoDay, Event
from agreements.services import log
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db

START = date(2013, 2, 18)
# Half past one at night in Thailand, still the evening before in Greenwich.
NIGHT = datetime.datetime(2026, 7, 31, 18, 30, tzinfo=UTC)


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.DEMO_TODAY = START


@pytest.fixture
def night(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)


def log_on(day, hour=5):
    office = OrganisationFactory()
    log.record("open", office=office, by=None, at=datetime.datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


# --- Outside the demo ------------------------------------------------------------------------------------------------
def test_outside_the_demo_it_is_the_real_time(settings, night):
    settings.DEMO = False
    DemoDay.objects.create(pk=DemoDay.SINGLE, day=START)

    assert clock.now() == NIGHT
    assert clock.today() == date(2026, 8, 1)


def test_outside_the_demo_nobody_moves_the_clock(settings):
    settings.DEMO = False

    with pytest.raises(clock.ClockRefused):
        clock.move_demo_to(date(2099, 1, 1))

    assert not DemoDay.objects.exists()


# --- Where the demo begins -------------------------------------------------------------------------------------------
def test_the_demo_begins_on_its_first_day_at_this_time_of_day(demo, night):
    assert clock.now() == datetime.datetime(2013, 2, 18, 1, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=7)))
    assert clock.today() == START


def test_where_data_is_kept_the_demo_begins_at_its_latest_event(demo):
    log_on(date(2013, 3, 20))
    log_on(date(2013, 3, 1))

    assert clock.today() == date(2013, 3, 20)


def test_an_event_late_in_the_evening_of_greenwich_is_of_the_next_day(demo):
    log_on(date(2013, 3, 20), hour=18)

    assert clock.today() == date(2013, 3, 21)


def test_an_event_before_the_first_day_does_not_turn_the_demo_back(demo):
    log_on(date(2012, 12, 1))

    assert clock.today() == START


def test_the_day_that_was_set_counts_before_the_latest_event(demo):
    log_on(date(2013, 3, 20))
    clock.move_demo_to(date(2013, 4, 1))

    assert Event.objects.count() == 1
    assert clock.today() == date(2013, 4, 1)


def test_a_leap_day_is_a_day_of_the_demo(demo, night):
    clock.move_demo_to(date(2013, 6, 1))
    clock.move_demo_to(date(2014, 6, 1))
    clock.move_demo_to(date(2015, 6, 1))

    clock.move_demo_to(date(2016, 2, 29))

    assert clock.now().date() == date(2016, 2, 29)


# --- Moving ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (START, True),
        (date(2013, 2, 19), True),
        (date(2014, 2, 19), True),
        (date(2013, 2, 17), False),
        (date(2014, 2, 20), False),
    ],
)
def test_the_clock_moves_forward_only_and_by_a_year_at_most(demo, day, moved):
    if moved:
        clock.move_demo_to(day)
    else:
        with pytest.raises(clock.ClockRefused):
            clock.move_demo_to(day)

    assert clock.today() == (day if moved else START)


def test_the_clock_does_not_go_back_behind_what_was_done(demo):
    log_on(date(2013, 3, 20))

    with pytest.raises(clock.ClockRefused):
        clock.move_demo_to(date(2013, 3, 19))

    assert clock.today() == date(2013, 3, 20)


def test_moving_twice_keeps_one_day(demo):
    clock.move_demo_to(date(2013, 2, 20))
    clock.move_demo_to(date(2013, 2, 25))

    assert list(DemoDay.objects.values_list("pk", "day")) == [(DemoDay.SINGLE, date(2013, 2, 25))]
