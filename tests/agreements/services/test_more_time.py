"""More time that is given is told to whom it was given, and what was said of the old day is put aside."""

from datetime import date, datetime, timedelta

import pytest

from agreements.models import Notice, State
from agreements.services import extensions, more_time, notice_words, notices
from agreements.thai import THAI_TIME
from tests.factories import OrganisationFactory, PostingFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

# A Thursday.
DUE = date(2013, 3, 28)
UNTIL = date(2013, 4, 11)
NOW = datetime(2013, 3, 27, 9, tzinfo=THAI_TIME)


def given(place, chosen, phase, until=UNTIL):
    return extensions.extend_agreements(place.round, chosen, phase, until=until, reason="ไปราชการ", by=place.hr, at=NOW)


def given_to_unit(place, unit, phase, until=UNTIL):
    return extensions.extend_unit(place.round, unit, phase, until=until, reason="น้ำท่วม", by=place.hr, at=NOW)


def told():
    rows = Notice.objects.filter(act__startswith="time-").select_related("user").order_by("pk")
    return [(one.user, one.act, one.due) for one in rows]


@pytest.mark.parametrize(
    ("phase", "state", "who"),
    [
        ("propose", State.DRAFT, "assessee"),
        ("report", State.AGREED, "assessee"),
        ("report", State.PROPOSED, "assessee"),
        ("assess", State.REPORTED, "assessor"),
    ],
)
def test_whose_day_moved_is_told(phase, state, who):
    place = bring_to(office(propose_by=DUE, report_by=DUE, assess_by=DUE), state)

    given(place, [place.agreement], phase)

    assert told() == [(getattr(place, who), f"time-{phase}", UNTIL)]


def test_who_is_done_with_the_phase_is_told_nothing():
    place = bring_to(office(report_by=DUE), State.REPORTED)

    given(place, [place.agreement], "report")

    assert told() == []


def test_a_unit_is_told_with_those_below_it_who_have_not_started_and_nobody_else():
    place = office(propose_by=DUE)
    new = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    elsewhere = OrganisationFactory(parent=place.province, kind="group")
    PostingFactory(organisation=elsewhere, assessor=place.posting.assessor)

    given_to_unit(place, place.unit, "propose")

    # The assessor stands in the unit too, and has no agreement either.
    assert {user for user, _act, _due in told()} == {place.assessee, new.user, place.assessor}


def test_for_whom_a_later_day_holds_already_is_told_nothing():
    place = bring_to(office(report_by=DUE), State.AGREED)
    other = bring_to(colleague(place), State.AGREED)
    given(place, [place.agreement], "report", until=UNTIL + timedelta(days=7))
    Notice.objects.all().delete()

    given_to_unit(place, place.unit, "report")

    assert told() == [(other.assessee, "time-report", UNTIL)]


def test_a_day_made_later_is_told_anew_and_one_made_earlier_is_not():
    place = bring_to(office(report_by=DUE), State.AGREED)
    [made] = given(place, [place.agreement], "report")

    for until in (UNTIL + timedelta(days=7), UNTIL):
        extensions.change(made, until=until, reason="ไปราชการ", by=place.hr, at=NOW)

    assert [due for _user, _act, due in told()] == [UNTIL, UNTIL + timedelta(days=7)]


def test_what_was_said_of_the_old_day_counts_as_read_to_those_above_too():
    place = bring_to(office(report_by=DUE), State.AGREED)
    late = datetime(2013, 3, 29, 8, tzinfo=THAI_TIME)
    notices.write_due(at=late)
    about_days = Notice.objects.unread().filter(act="report", kind__in=("late", "escalation"))
    assert about_days.count() == 2

    given(place, [place.agreement], "report")

    assert about_days.count() == 0


def test_control_without_putting_aside_the_old_day_would_still_be_told(monkeypatch):
    place = bring_to(office(report_by=DUE), State.AGREED)
    notices.write_due(at=datetime(2013, 3, 29, 8, tzinfo=THAI_TIME))
    monkeypatch.setattr(more_time, "_put_aside", lambda *_given, **_more: None)

    given(place, [place.agreement], "report")

    assert Notice.objects.unread().filter(act="report", kind__in=("late", "escalation")).count() == 2


def test_it_says_until_when():
    place = bring_to(office(report_by=DUE), State.AGREED)
    given(place, [place.agreement], "report")

    [notice] = Notice.objects.filter(act="time-report")

    assert notice_words.sentence(notice, UNTIL) == notice_words.SENTENCES["news", "time-report"] % {
        "day": notice_words.day_in_words(UNTIL)
    }
    assert notice.get_kind_display() == Notice.Kind.NEWS.label
