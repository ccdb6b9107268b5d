import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agreement, Event, Job, Round
from tests.factories import (
    NOON,
    CompetencySetFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
    UserFactory,
)
from tests.walks import office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    for module in ("opening", "round_rules", "jobs"):
        monkeypatch.setattr(f"agreements.views.{module}.clock.now", lambda: NOON)
        monkeypatch.setattr(f"agreements.views.{module}.clock.today", NOON.date)


@pytest.fixture
def place():
    return office()


def address(place):
    return reverse("agreements:opening", args=[place.round.pk])


# --- Who gets one ----------------------------------------------------------------------------------------------------
def test_the_page_says_who_gets_one_from_which_framework_and_who_is_left_out(client, place):
    new = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    client.force_login(place.hr)

    response = client.get(address(place))

    # The assessor is assessed by the head, whom nobody assesses; the assessee has one; HR holds no position.
    above = place.posting.assessor
    assert [(posting, codes) for posting, codes in response.context["rows"]] == [
        (above, [place.framework.code]), (new, [place.framework.code]),
    ]  # fmt: skip
    assert response.context["count"] == 2
    left_out = {row["code"]: row["count"] for row in response.context["left_out"]}
    assert left_out == {"no_assessor": 1, "has_one": 1, "no_posting": 1}


def test_those_left_out_are_listed_by_reason(client, place):
    client.force_login(place.hr)

    def listed(reason):
        context = client.get(address(place), {"reason": reason}).context
        return [posting.user for posting, _codes in context["rows"]] or context["people"]

    assert listed("has_one") == [place.assessee]
    assert listed("no_assessor") == [place.reviewer]
    assert listed("no_posting") == [place.hr]
    # What is no reason lists who gets one.
    assert listed("odd") == [place.assessor]


def test_people_are_found_by_words(client, place):
    found = PostingFactory(
        organisation=place.unit, assessor=place.posting.assessor, user=UserFactory(first_name="อำไพ")
    )
    client.force_login(place.hr)

    rows = client.get(address(place), {"q": "อํา"}).context["rows"]

    assert [posting for posting, _codes in rows] == [found]


# --- Opening ---------------------------------------------------------------------------------------------------------
def test_a_planned_round_is_begun_and_opened_with_one_button(client, place, django_capture_on_commit_callbacks):
    Round.objects.update(status="planned")
    client.force_login(place.hr)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address(place), {"who": "all"})

    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, job.get_absolute_url())
    assert (job.state, job.outcome["opened"], job.asked_by) == ("done", 1, place.hr)
    assert Round.objects.get().status == "open"
    shown = client.get(job.get_absolute_url()).content.decode()
    assert f'href="{place.round.get_absolute_url()}"' in shown
    assert "every 2s" not in shown


def test_late_joiners_are_ticked_one_by_one(client, place, django_capture_on_commit_callbacks):
    wanted, _other = (PostingFactory(organisation=place.unit, assessor=place.posting.assessor) for _ in range(2))
    client.force_login(place.hr)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(place), {"who": "ticked", "person": [wanted.user_id]})

    assert set(Agreement.objects.values_list("person", flat=True)) == {place.assessee.pk, wanted.user_id}


def test_people_of_another_office_cannot_be_ticked_in(client, place, django_capture_on_commit_callbacks):
    other = office()
    stranger = PostingFactory(organisation=other.unit, assessor=other.posting.assessor)
    client.force_login(place.hr)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(place), {"who": "ticked", "person": [stranger.user_id]})

    assert not Agreement.objects.filter(person=stranger.user).exists()
    assert Job.objects.count() == 0


def test_nobody_ticked_is_said_and_nothing_is_asked_for(client, place):
    client.force_login(place.hr)

    answer = client.post(address(place), {"who": "ticked"}, follow=True)

    assert [message.level_tag for message in answer.context["messages"]] == ["danger"]
    assert Job.objects.count() == 0


def test_asked_for_twice_it_is_said_that_it_is_being_done(client, place):
    client.force_login(place.hr)
    client.post(address(place), {"who": "all"})

    answer = client.post(address(place), {"who": "all"}, follow=True)

    assert [message.level_tag for message in answer.context["messages"]] == ["danger"]
    assert Job.objects.count() == 1
    assert answer.context["job"] == Job.objects.get()


def questions(client, place, **asked):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address(place), asked)
    return len(captured), len(response.context["rows"])


@pytest.mark.parametrize("asked", [{}, {"reason": "no_assessor"}])
def test_the_page_asks_as_often_for_many_as_for_one(client, place, asked):
    assessor = None if asked else place.posting.assessor
    client.force_login(place.hr)
    questions(client, place)
    one = questions(client, place, **asked)
    for _ in range(3):
        unit = OrganisationFactory(parent=place.province, kind="group", unit_code="general")
        PostingFactory(organisation=unit, assessor=assessor)

    many = questions(client, place, **asked)

    assert (many[0], many[1]) == (one[0], one[1] + 3)


# --- Background work -------------------------------------------------------------------------------------------------
def running(place, **fields):
    told = {"state": "running", "done": 3, "total": 10, "attempts": 1, "alive_at": timezone.now()} | fields
    return Job.objects.create(
        kind="open_round", organisation=place.province, round=place.round, asked_by=place.hr, asked_at=NOON, **told
    )


def test_a_running_job_shows_how_far_it_is_and_asks_for_itself_anew(client, place):
    job = running(place)
    client.force_login(place.hr)

    page = client.get(job.get_absolute_url()).content.decode()
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()

    for shown in (page, part):
        assert 'max="10" value="3"' in shown
        assert 'hx-trigger="every 2s"' in shown
        # Without script the same address shows it, too.
        assert f'href="{job.get_absolute_url()}"' in shown
    assert ("<html" in page, "<html" in part) == (True, False)


def test_my_work_shows_the_job_until_a_week_after_it_was_done(client, place):
    under_way = running(place)
    done = running(place, state="done", finished_at=NOON)
    running(place, state="done", finished_at=NOON - datetime.timedelta(days=8))
    client.force_login(place.hr)

    response = client.get(reverse("agreements:work"))

    assert [row["job"] for row in response.context["jobs"]] == [done, under_way]
    assert 'max="10" value="3"' in response.content.decode()


def test_whoever_looks_has_the_job_of_a_killed_worker_begun_anew(client, place):
    job = running(place, alive_at=timezone.now() - datetime.timedelta(hours=1))
    client.force_login(place.hr)

    client.get(job.get_absolute_url())

    job.refresh_from_db()
    assert (job.state, job.attempts, job.outcome["opened"]) == ("done", 2, 1)


def test_a_failed_job_says_why(client, place):
    job = running(place, state="failed", fault="รอบการประเมินปิดแล้ว", finished_at=NOON)
    client.force_login(place.hr)

    assert "รอบการประเมินปิดแล้ว" in client.get(job.get_absolute_url()).content.decode()


def test_nobody_else_sees_the_job(client, place):
    job = running(place)
    for user in (place.assessee, place.assessor, RoleFactory(organisation=OrganisationFactory()).user):
        client.force_login(user)
        assert client.get(job.get_absolute_url()).status_code == 404
    client.force_login(RoleFactory(organisation=place.province).user)
    assert client.get(job.get_absolute_url()).status_code == 200


# --- Making a round --------------------------------------------------------------------------------------------------
def filled(client, **asked):
    """Return what the form would send as it is first shown."""
    response = client.get(reverse("agreements:add-round"), asked)
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: getattr(value, "pk", value) for name, value in data.items() if value not in (None, False, "")}
    return {name: form.fields[name].prepare_value(value) for name, value in data.items()}


def test_a_round_is_made_as_it_is_proposed(client):
    place = OrganisationFactory()
    client.force_login(RoleFactory(organisation=place).user)

    answer = client.post(reverse("agreements:add-round"), filled(client, fiscal_year="2557", number="1"))

    made = Round.objects.get()
    assert answer["Location"] == reverse("agreements:opening", args=[made.pk])
    assert (made.fiscal_year, made.number, made.starts_on, made.ends_on, made.status) == (
        2557, 1, datetime.date(2013, 10, 1), datetime.date(2014, 3, 31), "planned",
    )  # fmt: skip
    assert (made.group_weights, made.achievement_weight, made.competency_weight) == (
        {"probation": ["50", "50"]},
        70,
        30,
    )
    assert [grade["from"] for grade in made.grades] == ["90", "80", "70", "60", "0"]


def test_the_next_round_begins_from_the_last(client):
    place = OrganisationFactory()
    last = RoundFactory(organisation=place, least_indicators=7, group_weights={"contract_employee": ["80", "20"]})
    client.force_login(RoleFactory(organisation=place).user)

    client.post(reverse("agreements:add-round"), filled(client) | {"own_grades": ""})

    made = Round.objects.exclude(pk=last.pk).get()
    assert (made.fiscal_year, made.number, made.least_indicators) == (2556, 2, 7)
    assert made.group_weights == {"contract_employee": ["80", "20"]}
    assert made.competency_set == last.competency_set


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("achievement_weight", "80"),
        ("achievement_probation", ""),
        ("report_by", "1 ต.ค. 2556"),
        ("ends_on", "1 ก.ย. 2556"),
        ("starts_on", "1/10/2013"),
        ("own_grades", "ดีเด่น"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_nothing_is_made(client, field, value):
    client.force_login(RoleFactory(organisation=OrganisationFactory()).user)
    data = filled(client, fiscal_year="2557", number="1") | {field: value}
    if field == "own_grades":
        data["grade_set"] = "own"

    response = client.post(reverse("agreements:add-round"), data)

    assert (response.status_code, Round.objects.count()) == (200, 0)
    assert set(response.context["form"].errors) & {field, "achievement_probation", "ends_on"}


def test_a_round_for_an_office_of_others_is_refused(client):
    elsewhere = OrganisationFactory()
    client.force_login(RoleFactory(organisation=OrganisationFactory()).user)

    response = client.post(reverse("agreements:add-round"), filled(client) | {"organisation": elsewhere.pk})

    assert set(response.context["form"].errors) == {"organisation"}
    assert Round.objects.count() == 0


def test_the_competencies_of_another_office_are_neither_offered_nor_taken(client):
    place = OrganisationFactory()
    own, above = CompetencySetFactory(organisation=place), CompetencySetFactory()
    foreign = CompetencySetFactory(organisation=OrganisationFactory(), title="ของสำนักงานอื่น")
    client.force_login(RoleFactory(organisation=place).user)

    shown = client.get(reverse("agreements:add-round"))
    refused = client.post(reverse("agreements:add-round"), filled(client) | {"competency_set": foreign.pk})

    assert set(shown.context["form"].fields["competency_set"].queryset) == {own, above}
    assert "ของสำนักงานอื่น" not in shown.content.decode()
    assert (set(refused.context["form"].errors), Round.objects.count()) == ({"competency_set"}, 0)


def test_the_rules_of_a_planned_round_are_changed_and_those_of_an_open_one_are_not(client):
    place = OrganisationFactory()
    client.force_login(RoleFactory(organisation=place).user)
    client.post(reverse("agreements:add-round"), filled(client))
    made = Round.objects.get()
    where = reverse("agreements:edit-round", args=[made.pk])
    data = {name: value for name, value in filled(client).items() if name != "organisation"}
    data |= {"fiscal_year": made.fiscal_year, "number": made.number, "least_indicators": "9"}

    client.post(where, data)
    Round.objects.update(status="open")
    client.post(where, data | {"least_indicators": "3"})

    assert Round.objects.get().least_indicators == 9


# --- A round of offices ----------------------------------------------------------------------------------------------
def test_a_round_of_offices_is_made_begun_and_leads_to_their_agreements(client):
    place = OrganisationFactory()
    client.force_login(RoleFactory(organisation=place).user)
    data = filled(client, fiscal_year="2557", number="0")
    data |= {"number": "0", "subject": "organisations", "grade_set": "offices"}

    answer = client.post(reverse("agreements:add-round"), data)

    made = Round.objects.get()
    assert (answer["Location"], made.subject, made.grades_on) == (made.get_absolute_url(), "organisations", 5)
    assert [(grade["from"], grade["colour"]) for grade in made.grades] == [
        ("4.50", "เขียวแก่"), ("3.50", "เขียวอ่อน"), ("2.50", "เหลือง"), ("1.50", "ส้ม"), ("0", "แดง"),
    ]  # fmt: skip
    assert reverse("agreements:begin-round", args=[made.pk]) in client.get(made.get_absolute_url()).content.decode()
    assert (
        client.get(reverse("agreements:edit-round", args=[made.pk])).context["form"]["grade_set"].value() == "offices"
    )

    client.post(reverse("agreements:begin-round", args=[made.pk]))

    made.refresh_from_db()
    shown = client.get(made.get_absolute_url()).content.decode()
    assert made.status == "open"
    assert Event.objects.filter(verb="round.begun").count() == 1
    assert reverse("agreements:open-organisation", args=[made.pk]) in shown
    assert reverse("agreements:begin-round", args=[made.pk]) not in shown


def test_only_the_hr_office_of_all_that_a_round_serves_begins_it(client):
    place = OrganisationFactory()
    unit = OrganisationFactory(parent=place)
    planned = RoundFactory(organisation=place, status="planned", subject="organisations")
    client.force_login(RoleFactory(organisation=unit).user)

    assert client.post(reverse("agreements:begin-round", args=[planned.pk])).status_code == 403
    assert Round.objects.get().status == "planned"


def test_control_without_the_demand_it_begins(client, monkeypatch):
    place = OrganisationFactory()
    unit = OrganisationFactory(parent=place)
    planned = RoundFactory(organisation=place, status="planned", subject="organisations")
    client.force_login(RoleFactory(organisation=unit).user)
    monkeypatch.setattr("agreements.services.deadlines.is_hr_over", lambda user, organisation: True)

    client.post(reverse("agreements:begin-round", args=[planned.pk]))

    assert Round.objects.get().status == "open"


def test_the_agreements_of_people_are_not_opened_in_a_round_of_offices(client, place):
    Round.objects.filter(pk=place.round.pk).update(subject="organisations")
    client.force_login(place.hr)

    client.post(reverse("agreements:opening", args=[place.round.pk]))

    assert Job.objects.count() == 0
