import datetime
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Agreement, Event, Extension, LateMark, Notice, Role, Round, State
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

FRIDAY = date(2013, 3, 22)


@pytest.fixture(autouse=True)
def monday_after(settings):
    settings.DEMO, settings.DEMO_TODAY = True, date(2013, 3, 25)


def late_office(**fields):
    return bring_to(office(report_by=FRIDAY, **fields), State.AGREED)


def go(name, place, **query):
    return reverse(f"agreements:{name}", args=[place.round.pk], query=query or None)


# --- Of the round ----------------------------------------------------------------------------------------------------
def test_hr_chooses_whether_proposals_are_checked_and_a_second_superior_asked(client):
    place = office()
    client.force_login(place.hr)

    chosen = {"late_submissions": "mark", "checks_completeness": "on", "second_review": "on"}
    client.post(go("deadlines", place), chosen)

    place.round.refresh_from_db()
    assert (place.round.checks_completeness, place.round.second_review) == (True, True)
    details = Event.objects.get(verb="round.deadlines").text.details
    assert [details[when]["checks_completeness"] for when in ("before", "after")] == [False, True]


def test_hr_changes_the_deadlines_as_they_are_written_in_an_office(client):
    place = office(report_by=FRIDAY)
    client.force_login(place.hr)

    response = client.post(
        go("deadlines", place),
        {"propose_by": "๒๐ ก.พ. ๒๕๕๖", "report_by": "25/03/2556", "assess_by": "", "late_submissions": "refuse"},
    )

    assert response["Location"] == place.round.get_absolute_url()
    place.round.refresh_from_db()
    found = (place.round.propose_by, place.round.report_by, place.round.assess_by, place.round.late_submissions)
    assert found == (date(2013, 2, 20), date(2013, 3, 25), None, "refuse")


@pytest.mark.parametrize(
    ("report_by", "said"),
    [
        ("25/03/2013", "2556"),
        ("1 ก.พ. 2556", "กำหนดวันต้องเรียงตามลำดับ คือ เสนอข้อตกลง รายงานผล แล้วจึงประเมินผล"),
    ],
)
def test_a_wrong_day_is_said_on_the_page_and_nothing_is_kept(client, report_by, said):
    place = office(report_by=FRIDAY)
    client.force_login(place.hr)

    response = client.post(
        go("deadlines", place), {"propose_by": "20 ก.พ. 2556", "report_by": report_by, "late_submissions": "mark"}
    )

    assert response.status_code == 200
    assert said in str(response.context["form"].errors)
    assert not Event.objects.filter(verb="round.deadlines").exists()


def test_hr_of_a_unit_gives_its_people_time_and_does_not_set_the_rounds_days(client):
    place = late_office()
    below = RoleFactory(organisation=place.unit).user
    client.force_login(below)

    assert client.get(go("deadlines", place)).status_code == 403
    offered = client.get(go("extend", place)).context["form"].fields["unit"].queryset
    assert list(offered) == [place.unit]
    answer = client.post(
        go("extend", place),
        {"phase": "report", "unit": place.province.pk, "until": "29 มี.ค. 2556", "reason": "น้ำท่วม"},
    )
    assert answer.status_code == 200
    assert not Extension.objects.exists()


# --- Who did not -----------------------------------------------------------------------------------------------------
def test_who_did_not_report_is_listed_with_counts_and_a_filter(client):
    place = late_office()
    other = colleague(place)
    group = OrganisationFactory(parent=place.province, kind="group")
    Agreement.objects.filter(pk=other.agreement.pk).update(organisation=group)
    client.force_login(place.hr)

    page = client.get(go("overdue", place)).context
    assert page["phase"] == "report"
    assert [one for one, _due in page["rows"]] == [place.agreement, other.agreement]
    assert page["unit_counts"] == [(place.unit, 1), (group, 1)]

    filtered = client.get(go("overdue", place, phase="report", unit=group.pk)).context
    assert [one for one, _due in filtered["rows"]] == [other.agreement]


def test_whoever_started_nothing_is_listed_with_proposing(client):
    place = office(propose_by=FRIDAY)
    waiting = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    client.force_login(place.hr)

    page = client.get(go("overdue", place, phase="propose")).context

    assert [posting.user for posting in page["not_started"]] == [place.assessor, waiting.user]


def test_hr_of_a_unit_sees_no_other_units_people(client):
    place = office(propose_by=FRIDAY)
    group = OrganisationFactory(parent=place.province, kind="group")
    hidden = PostingFactory(organisation=group, assessor=place.posting.assessor, user__first_name="คนหน่วยอื่น")
    client.force_login(RoleFactory(organisation=place.unit).user)

    response = client.get(go("overdue", place, phase="propose"))

    assert hidden.user.first_name not in response.content.decode()


def test_an_auditor_sees_the_list_without_its_buttons(client):
    place = late_office()
    client.force_login(RoleFactory(organisation=place.province, kind=Role.Kind.AUDITOR).user)

    page = client.get(go("overdue", place))

    assert [one for one, _due in page.context["rows"]] == [place.agreement]
    assert go("remind", place) in page.content.decode()
    assert 'type="checkbox"' not in page.content.decode()
    assert client.post(go("remind", place), {"agreement": place.agreement.pk}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(client, rows):
    place = late_office()
    for _ in range(rows - 1):
        bring_to(colleague(place), State.AGREED)
    client.force_login(place.hr)

    with CaptureQueriesContext(connection) as captured:
        page = client.get(go("overdue", place))

    assert len(page.context["rows"]) == rows
    assert len(captured) == 35


def test_the_selected_are_reminded_in_hrs_words(client):
    place = late_office()
    other = colleague(place)
    client.force_login(place.hr)

    answer = client.post(
        go("remind", place), {"agreement": [place.agreement.pk], "words": "ขอให้เร่งรายงาน", "phase": "report"}
    )

    assert answer["Location"] == go("overdue", place, phase="report")
    told = Notice.objects.filter(kind="reminder")
    assert [(one.user, one.words) for one in told] == [(place.assessee, "ขอให้เร่งรายงาน")]
    assert not Notice.objects.filter(agreement=other.agreement, kind="reminder").exists()


def test_all_that_are_listed_are_chosen_with_one_tick(client):
    place = late_office()
    other, elsewhere = colleague(place), colleague(place)
    group = OrganisationFactory(parent=place.province, kind="group")
    Agreement.objects.filter(pk=elsewhere.agreement.pk).update(organisation=group)
    client.force_login(place.hr)
    ticked = {"all": "1", "phase": "report", "unit": place.unit.pk}

    form = client.post(go("extend", place), ticked | {"choose": "1"})
    client.post(go("remind", place), ticked)

    assert [one.pk for one in form.context["chosen"]] == [place.agreement.pk, other.agreement.pk]
    reminded = Notice.objects.filter(kind="reminder").order_by("pk").values_list("agreement", flat=True)
    assert list(reminded) == [place.agreement.pk, other.agreement.pk]


def test_nothing_ticked_is_said(client):
    place = late_office()
    client.force_login(place.hr)

    answer = client.post(go("extend", place), {"phase": "report", "choose": "1"}, follow=True)

    assert answer.redirect_chain == [(go("overdue", place, phase="report"), 302)]
    assert [str(message) for message in answer.context["messages"]] == ["กรุณาเลือกข้อตกลงอย่างน้อยหนึ่งฉบับ"]


def test_agreements_of_another_office_are_neither_reminded_of_nor_given_time(client):
    place, elsewhere = late_office(), late_office()
    client.force_login(place.hr)

    client.post(go("remind", place), {"agreement": [elsewhere.agreement.pk]})
    client.post(
        go("extend", place),
        {"agreement": [elsewhere.agreement.pk], "phase": "report", "until": "29 มี.ค. 2556", "reason": "ก"},
    )

    assert not Notice.objects.filter(kind="reminder").exists()
    assert not Extension.objects.exists()


# --- More time -------------------------------------------------------------------------------------------------------
def test_the_selected_are_given_time_and_it_stands_on_the_rounds_page(client):
    place = late_office()
    client.force_login(place.hr)
    form = client.post(go("extend", place), {"agreement": place.agreement.pk, "phase": "report", "choose": "1"})
    assert form.context["form"].errors == {}
    assert [one.pk for one in form.context["chosen"]] == [place.agreement.pk]

    client.post(
        go("extend", place),
        {"agreement": place.agreement.pk, "phase": "report", "until": "29 มี.ค. 2556", "reason": "น้ำท่วม"},
    )

    made = Extension.objects.get()
    assert (made.agreement, made.organisation, made.until) == (place.agreement, None, date(2013, 3, 29))
    assert list(client.get(place.round.get_absolute_url()).context["extensions"]) == [made]
    assert list(client.get(go("overdue", place)).context["rows"]) == []


def test_time_given_is_changed_and_taken_back_on_its_page(client):
    place = late_office()
    client.force_login(place.hr)
    client.post(
        go("extend", place), {"phase": "report", "unit": place.unit.pk, "until": "5 เม.ย. 2556", "reason": "น้ำท่วม"}
    )
    made = Extension.objects.get()
    address = reverse("agreements:extension", args=[made.pk])

    client.post(address, {"until": "29 มี.ค. 2556", "reason": "น้ำลดแล้ว"})
    made.refresh_from_db()
    assert (made.until, made.reason) == (date(2013, 3, 29), "น้ำลดแล้ว")

    client.post(reverse("agreements:withdraw-extension", args=[made.pk]))
    made.refresh_from_db()
    assert made.withdrawn_at is not None
    assert list(client.get(place.round.get_absolute_url()).context["extensions"]) == []
    assert client.post(address, {"until": "30 มี.ค. 2556", "reason": "ก"}).status_code == 200


# --- What people see of it -------------------------------------------------------------------------------------------
def test_a_late_report_is_refused_in_words_and_what_was_entered_stays(client):
    place = late_office(late_submissions="refuse")
    client.force_login(place.assessee)

    answer = client.post(reverse("agreements:report", args=[place.agreement.pk]), follow=True)

    assert "ครบกำหนดไปแล้วเมื่อวันที่ 22 มีนาคม 2556" in answer.content.decode()
    place.agreement.refresh_from_db()
    assert place.agreement.state == State.AGREED
    assert client.get(reverse("agreements:results", args=[place.agreement.pk])).status_code == 200


def test_the_check_page_says_before_signing_that_it_is_too_late(client):
    place = bring_to(office(assess_by=FRIDAY, late_submissions="refuse"), State.REPORTED)
    client.force_login(place.assessor)

    page = client.get(reverse("agreements:check", args=[place.agreement.pk, "assess"]))

    assert "22 มีนาคม 2556" in page.context["obstacles"][0]


def test_the_late_mark_stands_on_the_agreement_and_in_the_lists(client):
    place = late_office()
    LateMark.objects.create(
        agreement=place.agreement, phase="report", due=FRIDAY, at=NOON + datetime.timedelta(days=40)
    )
    client.force_login(place.hr)
    said = "รายงานหลังกำหนด: 30 มี.ค. 2556 (กำหนด 22 มี.ค. 2556)"

    for address in (
        place.agreement.get_absolute_url(),
        reverse("agreements:agreements"),
        place.round.get_absolute_url(),
    ):
        assert said in client.get(address).content.decode()

    Round.objects.filter(pk=place.round.pk).update(report_by=date(2013, 4, 2))
    assert said not in client.get(place.agreement.get_absolute_url()).content.decode()


def test_the_day_for_mending_is_proposed_three_working_days_on_where_the_deadline_is_near(client):
    place = bring_to(office(report_by=FRIDAY), State.REPORTED)
    client.force_login(place.assessor)
    address = reverse("agreements:return", args=[place.agreement.pk, "return-report"])

    assert client.get(address).context["form"].fields["mend_by"].initial == date(2013, 3, 28)
    client.post(address, {"reason": "ขาดหลักฐาน", "mend_by": "29 มี.ค. 2556"})
    assert Extension.objects.get().until == date(2013, 3, 29)


def test_where_there_is_time_enough_no_day_for_mending_is_asked(client):
    place = bring_to(office(report_by=date(2013, 3, 29)), State.REPORTED)
    client.force_login(place.assessor)

    form = client.get(reverse("agreements:return", args=[place.agreement.pk, "return-report"])).context["form"]

    assert "mend_by" not in form.fields


def test_hrs_work_shows_who_missed_a_deadline(client):
    place = late_office()
    client.force_login(place.hr)

    work = client.get(reverse("agreements:work")).context["office_tasks"]

    assert [(task.round, task.action, task.count) for task in work] == [(place.round, None, 1)]


def test_moving_the_demos_clock_writes_the_notices_of_that_day(client):
    place = bring_to(office(report_by=date(2013, 4, 4)), State.AGREED)
    client.force_login(place.assessee)

    client.post(reverse("agreements:demo-move-clock"), {"date": "3 เม.ย. 2556"})

    assert Notice.objects.filter(kind="due", user=place.assessee).count() == 1
