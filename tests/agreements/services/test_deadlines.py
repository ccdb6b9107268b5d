import datetime
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import actions, clock
from agreements.models import Agreement, Event, Extension, Holiday, LateMark, Round, State
from agreements.services import deadlines, extensions, notices, results, signing
from agreements.thai import THAI_TIME
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, choose_all, colleague, contents, enter_all, office

pytestmark = pytest.mark.django_db

# A Friday; the next working day is a Monday.
FRIDAY = date(2013, 3, 22)
MONDAY = date(2013, 3, 25)
TUESDAY = date(2013, 3, 26)


def moment(day, hour=12, minute=0, second=0, microsecond=0):
    return datetime.datetime(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=THAI_TIME)


def last_moment(day):
    return moment(day, 23, 59, 59, 999999)


def refusing(**fields):
    """Return an office whose round refuses what comes late."""
    return office(late_submissions="refuse", **fields)


def report(place, at):
    results.report(place.version, by=place.assessee, at=at)


def agreed(**fields):
    place = bring_to(refusing(report_by=FRIDAY, **fields), State.AGREED)
    enter_all(place)
    return place


def give_unit(place, until, unit=None, phase="report"):
    return extensions.extend_unit(
        place.round, unit or place.unit, phase, until=until, reason="น้ำท่วม", by=place.hr, at=moment(FRIDAY)
    )


def give_one(place, until, phase="report"):
    return extensions.extend_agreements(
        place.round, [place.agreement], phase, until=until, reason="ลาป่วย", by=place.hr, at=moment(FRIDAY)
    )


# --- The last moment -------------------------------------------------------------------------------------------------
def test_the_last_moment_of_the_last_day_is_in_time():
    place = agreed()

    report(place, last_moment(FRIDAY))

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.REPORTED
    assert not LateMark.objects.exists()


def test_midnight_is_too_late_and_the_refusal_says_the_day_and_whom_to_ask():
    place = agreed()

    with pytest.raises(deadlines.DeadlinePassed) as refusal:
        report(place, moment(date(2013, 3, 23), 0))

    assert str(refusal.value) == (
        f"ครบกำหนดไปแล้วเมื่อวันที่ 22 มีนาคม 2556 หากต้องการขยายเวลาโปรดติดต่อการเจ้าหน้าที่ของ{place.province.name}"
        " ข้อมูลที่กรอกไว้ยังอยู่ครบ"
    )
    place.agreement.refresh_from_db()
    assert place.agreement.state == State.AGREED


def test_control_without_the_demand_the_late_report_goes_through(monkeypatch):
    monkeypatch.setattr(deadlines, "refusals", lambda version, action, *, at: [])
    place = agreed()

    report(place, moment(date(2013, 3, 23), 0))

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.REPORTED


def test_the_day_ends_in_thailand_not_in_greenwich():
    place = agreed()

    with pytest.raises(deadlines.DeadlinePassed):
        # Still Friday in Greenwich.
        report(place, datetime.datetime(2013, 3, 22, 17, 0, tzinfo=datetime.UTC))


@pytest.mark.parametrize("day", [date(2013, 3, 23), date(2013, 3, 24)])
def test_a_deadline_on_a_weekend_runs_to_monday(day):
    place = agreed()
    Round.objects.filter(pk=place.round.pk).update(report_by=day)

    report(place, last_moment(MONDAY))

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.REPORTED


def test_a_deadline_on_a_holiday_of_the_office_runs_to_the_next_working_day():
    place = agreed()
    Holiday.objects.create(organisation=place.province, day=FRIDAY, name="หยุด")
    Holiday.objects.create(organisation=place.province, day=MONDAY, name="หยุด")

    with pytest.raises(deadlines.DeadlinePassed):
        report(place, moment(date(2013, 3, 27), 0))
    report(place, last_moment(TUESDAY))

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.REPORTED


def test_another_offices_holiday_moves_nothing():
    place = agreed()
    Holiday.objects.create(organisation=OrganisationFactory(), day=FRIDAY, name="หยุด")

    with pytest.raises(deadlines.DeadlinePassed):
        report(place, last_moment(MONDAY))


def test_without_a_day_nothing_is_late():
    place = agreed()
    Round.objects.filter(pk=place.round.pk).update(report_by=None)

    report(place, moment(date(2014, 1, 1)))

    assert not LateMark.objects.exists()


# --- Signatures ------------------------------------------------------------------------------------------------------
def sign_at(place, action, by, at):
    shown = contents.hash_of(signing.content_to_sign(place.version, action))
    return signing.sign_off(place.version, action, by=by, shown=shown, at=at)


def test_proposing_and_assessing_late_are_refused_with_the_reason():
    place = refusing(propose_by=FRIDAY, assess_by=FRIDAY)
    choose_all(place)

    with pytest.raises(signing.SignOffRefused) as refusal:
        sign_at(place, actions.PROPOSE, place.assessee, moment(MONDAY))
    assert "22 มีนาคม 2556" in refusal.value.reasons[0]

    bring_to(place, State.REPORTED)
    with pytest.raises(signing.SignOffRefused) as refusal:
        sign_at(place, actions.ASSESS, place.assessor, moment(MONDAY))
    assert "22 มีนาคม 2556" in refusal.value.reasons[0]


def test_agreeing_and_acknowledging_have_no_day_of_their_own_and_are_never_refused():
    place = bring_to(refusing(propose_by=FRIDAY, assess_by=FRIDAY), State.PROPOSED)
    sign_at(place, actions.AGREE, place.assessor, moment(date(2013, 5, 2)))

    bring_to(place, State.RELEASED)
    sign_at(place, actions.ACKNOWLEDGE, place.assessee, moment(date(2013, 5, 2)))

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.ACKNOWLEDGED


def test_entering_stays_possible_after_the_deadline():
    place = agreed()
    item = place.version.items.get()

    results.enter(place.version, item, {"value": "80"}, note="", by=place.assessee, at=moment(date(2013, 4, 30)))

    assert results.open_book(place.version).result(item).inputs == {"value": "80"}


# --- Marked late -----------------------------------------------------------------------------------------------------
def marked_late():
    place = bring_to(office(report_by=FRIDAY), State.AGREED)
    enter_all(place)
    report(place, moment(MONDAY))
    return place


def test_a_round_takes_what_is_late_unless_hr_says_otherwise_and_marks_it():
    place = marked_late()

    mark = LateMark.objects.get()
    assert (mark.agreement, mark.phase, mark.due, mark.at) == (place.agreement, "report", FRIDAY, moment(MONDAY))
    assert Event.objects.get(verb="report").text.details["late"] == {"due": "2013-03-22"}


def test_an_extension_given_afterwards_makes_it_good_and_taking_it_back_does_not():
    place = marked_late()
    give_one(place, TUESDAY)

    calendar = deadlines.read([place.round])
    assert calendar.still_late(LateMark.objects.all(), place.agreement) == []

    extensions.withdraw(Extension.objects.get(), by=place.hr, at=moment(TUESDAY))
    calendar = deadlines.read([place.round])
    assert calendar.still_late(LateMark.objects.all(), place.agreement) == [LateMark.objects.get()]


# --- Extensions ------------------------------------------------------------------------------------------------------
def test_an_extension_of_a_unit_holds_below_it_and_not_beside_it():
    place = agreed()
    beside = colleague(place)
    elsewhere = OrganisationFactory(parent=place.province, kind="group")
    with lifted():
        Agreement.objects.filter(pk=beside.agreement.pk).update(organisation=elsewhere)
    give_unit(place, TUESDAY)
    place.unit.refresh_from_db()
    below = OrganisationFactory(parent=place.unit, kind="group")
    with lifted():
        Agreement.objects.filter(pk=place.agreement.pk).update(organisation=below)

    calendar = deadlines.read([place.round])
    due = [
        calendar.due(one, "report").day
        for one in Agreement.objects.select_related("organisation", "round").order_by("pk")
    ]

    assert due == [TUESDAY, FRIDAY]
    report(place, last_moment(TUESDAY))


def test_an_extension_of_one_agreement_is_its_own_alone():
    place = agreed()
    other = colleague(place)
    bring_to(other, State.AGREED)
    enter_all(other)
    give_one(place, TUESDAY)

    report(place, last_moment(TUESDAY))
    with pytest.raises(deadlines.DeadlinePassed):
        report(other, last_moment(TUESDAY))


def test_an_extension_is_for_its_phase_alone_and_runs_over_holidays():
    place = agreed()
    give_one(place, date(2013, 3, 30))

    calendar = deadlines.read([place.round])

    assert calendar.due(place.agreement, "report").day == date(2013, 4, 1)
    assert calendar.due(place.agreement, "propose") is None


def test_the_latest_of_several_days_holds():
    place = agreed()
    give_unit(place, date(2013, 3, 29))
    give_one(place, TUESDAY)

    assert deadlines.read([place.round]).due(place.agreement, "report").day == date(2013, 3, 29)


def test_an_extension_is_logged_with_its_reason_and_its_changes():
    place = agreed()
    (made,) = give_one(place, TUESDAY)
    extensions.change(made, until=date(2013, 3, 28), reason="ลาป่วยต่อ", by=place.hr, at=moment(MONDAY))
    extensions.withdraw(made, by=place.hr, at=moment(MONDAY))

    said = {event.verb: event.text.details for event in Event.objects.filter(verb__startswith="deadline")}
    told = {"round": "1/2556", "phase": "report"}
    assert said == {
        "deadline.extended": told | {"agreements": [place.agreement.pk], "until": "2013-03-26", "reason": "ลาป่วย"},
        "deadline.changed": told
        | {"before": {"until": "2013-03-26", "reason": "ลาป่วย"}, "until": "2013-03-28", "reason": "ลาป่วยต่อ"},
        "deadline.withdrawn": told | {"until": "2013-03-28", "reason": "ลาป่วยต่อ"},
    }
    with pytest.raises(deadlines.DeadlinePassed):
        report(place, moment(TUESDAY))


def test_several_agreements_are_one_entry_of_the_log():
    place = agreed()
    other = colleague(place)

    extensions.extend_agreements(
        place.round,
        [place.agreement, other.agreement],
        "report",
        until=TUESDAY,
        reason="น้ำท่วม",
        by=place.hr,
        at=moment(FRIDAY),
    )

    event = Event.objects.get(verb="deadline.extended")
    assert event.text.details["agreements"] == [place.agreement.pk, other.agreement.pk]
    assert event.agreement is None


@pytest.mark.parametrize(
    ("until", "reason", "said"),
    [
        (FRIDAY, "น้ำท่วม", "โปรดเลือกวันหลังวันที่ 22 มีนาคม 2556 ซึ่งเป็นกำหนดของทุกคน"),
        (TUESDAY, "  ", "โปรดระบุเหตุผลที่ขยายเวลา"),
        (date(2015, 1, 1), "น้ำท่วม", "กำหนดวันต้องอยู่ระหว่างวันแรกของรอบการประเมินถึงหนึ่งปีหลังวันสุดท้ายของรอบ"),
    ],
)
def test_an_extension_without_sense_is_refused(until, reason, said):
    place = agreed()

    with pytest.raises(extensions.DeadlineRefused) as refusal:
        extensions.extend_unit(
            place.round, place.unit, "report", until=until, reason=reason, by=place.hr, at=moment(FRIDAY)
        )

    assert str(refusal.value) == said
    assert not Extension.objects.exists()


def test_only_hr_of_the_place_gives_time_and_nobody_to_themselves():
    place = agreed()
    stranger = RoleFactory().user
    below = RoleFactory(organisation=place.unit).user
    RoleFactory(user=place.assessee, organisation=place.province)

    with pytest.raises(actions.NotAllowed):
        extensions.extend_unit(
            place.round, place.unit, "report", until=TUESDAY, reason="ก", by=stranger, at=moment(FRIDAY)
        )
    with pytest.raises(actions.NotAllowed):
        extensions.extend_unit(
            place.round, place.province, "report", until=TUESDAY, reason="ก", by=below, at=moment(FRIDAY)
        )
    with pytest.raises(actions.NotAllowed):
        extensions.extend_agreements(
            place.round, [place.agreement], "report", until=TUESDAY, reason="ก", by=place.assessee, at=moment(FRIDAY)
        )
    assert not Extension.objects.exists()


# --- Of the round ----------------------------------------------------------------------------------------------------
def days(propose_by=None, report_by=None, assess_by=None, late="mark"):
    return extensions.Deadlines(propose_by=propose_by, report_by=report_by, assess_by=assess_by, late_submissions=late)


NO_CHECKS = {"checks_completeness": False, "second_review": False}


def test_hr_sets_the_deadlines_and_the_log_has_before_and_after():
    place = office(report_by=FRIDAY)

    extensions.set_deadlines(place.round, days(FRIDAY, TUESDAY, None, "refuse"), by=place.hr, at=moment(FRIDAY))

    place.round.refresh_from_db()
    assert extensions.deadlines_of(place.round) == days(FRIDAY, TUESDAY, None, "refuse")
    assert Event.objects.get(verb="round.deadlines").text.details == {
        "round": "1/2556",
        "before": {"propose_by": None, "report_by": "2013-03-22", "assess_by": None, "late_submissions": "mark"}
        | NO_CHECKS,
        "after": {
            "propose_by": "2013-03-22",
            "report_by": "2013-03-26",
            "assess_by": None,
            "late_submissions": "refuse",
        }
        | NO_CHECKS,
    }


def test_the_same_deadlines_again_are_no_event():
    place = office(report_by=FRIDAY)

    extensions.set_deadlines(place.round, days(report_by=FRIDAY), by=place.hr, at=moment(FRIDAY))

    assert not Event.objects.filter(verb="round.deadlines").exists()


@pytest.mark.parametrize("wanted", [days(TUESDAY, FRIDAY), days(date(2012, 9, 30)), days(assess_by=date(2014, 4, 2))])
def test_deadlines_out_of_order_or_far_from_the_round_are_refused(wanted):
    place = office()

    with pytest.raises(extensions.DeadlineRefused):
        extensions.set_deadlines(place.round, wanted, by=place.hr, at=moment(FRIDAY))


def test_hr_of_a_unit_does_not_set_the_rounds_deadlines():
    place = office()

    with pytest.raises(actions.NotAllowed):
        extensions.set_deadlines(
            place.round, days(FRIDAY), by=RoleFactory(organisation=place.unit).user, at=moment(FRIDAY)
        )


# --- Returned after the deadline -------------------------------------------------------------------------------------
def returned(mend_by):
    place = bring_to(refusing(report_by=FRIDAY), State.REPORTED)
    extensions.return_to_mend(
        place.version,
        actions.RETURN_REPORT,
        by=place.assessor,
        reason="ขาดหลักฐาน",
        mend_by=mend_by,
        at=moment(MONDAY),
    )
    enter_all(place)
    return place


def test_who_returns_after_the_deadline_gives_time_to_mend():
    place = returned(date(2013, 3, 28))

    report(place, last_moment(date(2013, 3, 28)))

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.REPORTED


def test_control_without_time_to_mend_nobody_could_report_again():
    place = returned(None)

    with pytest.raises(deadlines.DeadlinePassed):
        report(place, moment(TUESDAY))


def test_a_day_for_mending_in_the_past_returns_nothing():
    place = bring_to(refusing(report_by=FRIDAY), State.REPORTED)

    with pytest.raises(extensions.DeadlineRefused):
        extensions.return_to_mend(
            place.version, actions.RETURN_REPORT, by=place.assessor, reason="ก", mend_by=FRIDAY, at=moment(MONDAY)
        )

    place.agreement.refresh_from_db()
    assert (place.agreement.state, place.version.number) == (State.REPORTED, 1)


# --- Who did not -----------------------------------------------------------------------------------------------------
def test_who_did_not_is_listed_from_midnight_on_and_whoever_was_given_time_is_not():
    place = bring_to(office(report_by=FRIDAY), State.AGREED)
    draft, given, done = colleague(place), colleague(place), colleague(place)
    bring_to(done, State.REPORTED)
    give_one(given, TUESDAY)

    def listed(at):
        found = deadlines.overdue(Agreement.objects.for_list(), at=at)
        return [(row.agreement, row.due.day) for row in found["report"]]

    assert listed(last_moment(FRIDAY)) == []
    assert listed(moment(date(2013, 3, 23), 0)) == [(place.agreement, FRIDAY), (draft.agreement, FRIDAY)]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_calendar_asks_as_often_for_three_rounds_as_for_one(rows):
    places = [office(report_by=FRIDAY) for _ in range(rows)]
    for place in places:
        give_unit(place, TUESDAY)

    with CaptureQueriesContext(connection) as captured:
        calendar = deadlines.read([place.round for place in places])
        due = [calendar.due(place.agreement, "report").day for place in places]

    assert due == [TUESDAY] * rows
    assert len(captured) == 3


# --- The clock -------------------------------------------------------------------------------------------------------
def test_what_counts_is_when_the_request_arrived(client, monkeypatch, settings):
    settings.DEMO = False
    place = agreed()
    client.force_login(place.assessee)
    times = iter([last_moment(FRIDAY)])
    # The clock on the wall has gone past midnight when anything but the arrival asks for it.
    monkeypatch.setattr("django.utils.timezone.now", lambda: next(times, moment(date(2013, 3, 23), 0)))

    client.post(reverse("agreements:report", args=[place.agreement.pk]))

    assert Event.objects.get(verb="report").at == last_moment(FRIDAY)
    assert clock.now() == moment(date(2013, 3, 23), 0)


def test_control_without_the_arrival_the_request_is_late(client, monkeypatch, settings):
    settings.DEMO = False
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "agreements.clock.arrival"]
    place = agreed()
    client.force_login(place.assessee)
    times = iter([last_moment(FRIDAY)])
    monkeypatch.setattr("django.utils.timezone.now", lambda: next(times, moment(date(2013, 3, 23), 0)))

    client.post(reverse("agreements:report", args=[place.agreement.pk]))

    assert not Event.objects.filter(verb="report").exists()


def test_the_demos_day_decides_in_the_demo(settings):
    settings.DEMO, settings.DEMO_TODAY = True, FRIDAY
    place = agreed()
    assert deadlines.refusals(place.version, actions.REPORT, at=clock.now()) == []

    clock.move_demo_to(MONDAY)

    assert len(deadlines.refusals(place.version, actions.REPORT, at=clock.now())) == 1


def test_people_without_an_agreement_are_found_once_and_only_with_an_assessor():
    place = office(propose_by=FRIDAY)
    waiting = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    PostingFactory(user=waiting.user, organisation=place.unit, assessor=place.posting.assessor, is_acting=True)
    gone = UserFactory(is_active=False)
    PostingFactory(user=gone, organisation=place.unit, assessor=place.posting.assessor)
    PostingFactory(assessor=place.posting.assessor)

    # The assessor is assessed as well; the head, whom nobody assesses, is not.
    found = notices.not_started(place.round, FRIDAY)
    assert [posting.user for posting in found] == [place.assessor, waiting.user]
