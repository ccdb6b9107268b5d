import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agreements import actions
from agreements.models import Event, Outcome, Role, State
from agreements.models.outcomes import OutcomeQuerySet
from agreements.services import batches, content as contents, states
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.screening import assess_anew, member_of, screen, screened_office
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def page(name, place, **query):
    return reverse(f"agreements:{name}", args=[place.round.pk], query=query)


def ask(user, address):
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client.get(address)


# --- What the page shows ---------------------------------------------------------------------------------------------
def test_the_page_counts_by_grade_and_unit_and_beside_the_self_score():
    place = screened_office()
    low = bring_to(colleague(place), State.ASSESSED, value="50")
    member = member_of(place)
    assess_anew(place, member)
    bring_to(colleague(place), State.REPORTED)

    context = ask(member, page("screening", place)).context

    # 72 after the adjustment, and 44.
    assert dict(zip(context["grades"], context["totals"], strict=True)) == {
        "ดีเด่น": 0, "ดีมาก": 0, "ดี": 1, "พอใช้": 0, "ต้องปรับปรุง": 1,
    }  # fmt: skip
    assert [(row["unit"], row["count"]) for row in context["unit_rows"]] == [(place.unit, 2)]
    assert {name: count for name, _label, count, _share in context["apart"] if count} == {"far-below": 1, "same": 1}
    assert {name: count for name, _label, count in context["looks"]} == {
        "near": 0, "reasons": 0, "plans": 0, "changed": 1, "unscreened": 2, "unreleased": 2,
    }  # fmt: skip
    assert context["not_assessed"] == 1
    assert {row.agreement for row in context["rows"]} == {place.agreement, low.agreement}


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({"only": "changed"}, ["adjusted"]),
        ({"grade": "ต้องปรับปรุง"}, ["low"]),
        ({"apart": "far-below"}, ["adjusted"]),
        ({"only": "near"}, []),
        ({"only": "nonsense"}, ["adjusted", "low"]),
    ],
)
def test_each_figure_opens_its_list(query, who):
    place = screened_office()
    low = bring_to(colleague(place), State.ASSESSED, value="50")
    assess_anew(place, place.hr)
    named = {place.agreement: "adjusted", low.agreement: "low"}

    rows = ask(place.hr, page("screening", place, **query)).context["rows"]

    assert sorted(named[row.agreement] for row in rows) == who


def test_the_old_score_and_the_reason_stand_beside_the_new_one():
    place = screened_office()
    assess_anew(place, place.hr)

    html = ask(place.hr, page("screening", place)).content.decode()

    assert "86.00 → 72.00" in html
    assert "ขอให้ทบทวนข้อ 1" in html


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_much_for_three_as_for_one(rows, django_assert_num_queries):
    place = screened_office()
    for _more in range(rows - 1):
        assess_anew(bring_to(colleague(place), State.ASSESSED), place.hr)
    client = Client()
    client.force_login(member_of(place))

    with django_assert_num_queries(QUERIES):
        response = client.get(page("screening", place))

    assert len(response.context["rows"]) == rows


QUERIES = 30


def test_reading_the_list_is_logged_as_one_entry_that_names_all():
    place = screened_office()
    other = bring_to(colleague(place), State.ASSESSED)
    member = member_of(place)

    ask(member, page("screening", place))

    event = Event.objects.get(verb="read", actor=member)
    assert set(event.text.details["agreements"]) == {place.agreement.pk, other.agreement.pk}


# --- Who may ---------------------------------------------------------------------------------------------------------
def test_hr_and_members_see_it_and_nobody_else():
    place = screened_office()
    kinds = [kind for kind in Role.Kind if kind not in (Role.Kind.HR, Role.Kind.SCREENING)]
    others = [RoleFactory(organisation=place.province, kind=kind).user for kind in kinds]
    beside = member_of(place, organisation=OrganisationFactory())
    names = ("screening", "announcement")

    for user in (place.assessee, place.assessor, place.reviewer, beside, *others):
        assert {ask(user, page(name, place)).status_code for name in names} == {404}
    for user in (place.hr, member_of(place)):
        assert {ask(user, page(name, place)).status_code for name in names} == {200}


def test_where_the_round_has_no_committee_a_member_gets_nothing():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    assert ask(member_of(place), page("screening", place)).status_code == 404
    assert ask(place.hr, page("screening", place)).status_code == 200


def test_hr_looks_but_only_a_member_records():
    place = screened_office()
    last = Outcome.objects.get().pk
    told = {"last": last, "resolution": "ครั้งที่ 1/2556"}
    answers = {}
    for name, user in (("hr", place.hr), ("member", member_of(place))):
        client = Client()
        client.force_login(user)
        answers[name] = client.post(page("screening", place), told).status_code

    assert answers == {"hr": 403, "member": 302}
    assert place.version.screened_at is not None
    assert Event.objects.get(verb="screen").text.details["resolution"] == "ครั้งที่ 1/2556"


def test_a_member_does_nothing_that_is_hrs_or_a_partys():
    place = screened_office()
    member = member_of(place)
    client = Client()
    client.force_login(member)

    allowed = [one.code for one in actions.allowed(place.version, member)]
    client.post(reverse("agreements:act", args=[place.agreement.pk, "release"]))
    refused = client.get(reverse("agreements:return", args=[place.agreement.pk, "return-report"])).status_code
    place.agreement.refresh_from_db()

    assert allowed == ["screen", "return-assessment"]
    assert (place.agreement.state, refused) == (State.ASSESSED, 403)
    assert client.get(page("release-round", place)).status_code == 404
    assert client.get(reverse("agreements:people")).status_code == 404


def test_hr_who_is_assessed_does_not_see_their_own_result():
    place = screened_office()
    other = bring_to(colleague(place), State.ASSESSED)
    hr = RoleFactory(user=place.assessee, organisation=place.province).user

    context = ask(hr, page("screening", place)).context

    assert [row.agreement for row in context["rows"]] == [other.agreement]
    assert (context["counts"]["all"], sum(context["totals"])) == (1, 1)


def test_control_without_the_exclusion_they_would(monkeypatch):
    place = screened_office()
    hr = RoleFactory(user=place.assessee, organisation=place.province).user
    monkeypatch.setattr(OutcomeQuerySet, "screened_by", lambda self, user: self)

    assert [row.agreement for row in ask(hr, page("screening", place)).context["rows"]] == [place.agreement]


@pytest.mark.parametrize("anew", [False, True], ids=["returned", "assessed anew"])
def test_the_assessee_reads_of_an_adjustment_only_once_it_is_released(anew):
    place = screened_office()
    member = member_of(place)
    told = {"by": member, "reason": "ปรับจาก 86 เป็น 72", "at": NOON}
    if anew:
        assess_anew(place, member)
    else:
        states.return_with_reason(place.version, actions.RETURN_ASSESSMENT, **told)
    why = "ขอให้ทบทวนข้อ 1" if anew else "ปรับจาก 86 เป็น 72"
    pages = [
        place.agreement.get_absolute_url(),
        reverse("agreements:earlier-version", args=[place.agreement.pk, 1]),
        reverse("agreements:items", args=[place.agreement.pk]),
        reverse("agreements:results", args=[place.agreement.pk]),
        reverse("reports:preview", args=[place.agreement.pk]),
        reverse("agreements:agreements"),
        reverse("agreements:work"),
        reverse("agreements:notices"),
    ]
    before = [address for address in pages if why in ask(place.assessee, address).content.decode()]
    if anew:
        screen(place, member)
        batches.release([place.version], by=place.hr, at=NOON)
    after = [address for address in pages if why in ask(place.assessee, address).content.decode()]

    assert before == []
    # The control: the assessor reads it, and so does the assessee once the result is released.
    assert why in ask(place.assessor, pages[0]).content.decode()
    assert after == (pages[:2] if anew else [])


def test_the_assessee_reads_the_old_version_once_it_is_released():
    place = screened_office()
    old = place.version
    assess_anew(place, member := member_of(place))
    screen(place, member)
    batches.release([place.version], by=place.hr, at=NOON)

    html = ask(place.assessee, reverse("agreements:earlier-version", args=[place.agreement.pk, 1])).content.decode()

    assert contents.signed_content(old, "result")["scores"]["final"] == "86.00"
    assert "86.00" in html


# --- Releasing -------------------------------------------------------------------------------------------------------
def test_hr_releases_all_that_the_committee_has_looked_at_in_one_step():
    place = screened_office()
    screen(place, member_of(place))
    late = bring_to(colleague(place), State.ASSESSED)
    client = Client()
    client.force_login(place.hr)
    listed = client.get(page("release-round", place)).context

    client.post(page("release-round", place), {"all": "1"})

    place.agreement.refresh_from_db()
    late.agreement.refresh_from_db()
    assert ([row["agreement"] for row in listed["rows"]], listed["unscreened"]) == ([place.agreement], 1)
    assert (place.agreement.state, late.agreement.state) == (State.RELEASED, State.ASSESSED)


def test_all_of_one_unit_are_released_and_no_others():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    beside = OrganisationFactory(parent=place.province, kind="group")
    client = Client()
    client.force_login(place.hr)

    client.post(page("release-round", place, unit=beside.pk), {"all": "1"})
    place.agreement.refresh_from_db()
    assert place.agreement.state == State.ASSESSED

    client.post(page("release-round", place, unit=place.unit.pk), {"all": "1"})
    place.agreement.refresh_from_db()
    assert place.agreement.state == State.RELEASED


POSTS = 8


@pytest.mark.django_db(transaction=True)
def test_of_many_releases_at_once_one_releases_and_the_others_are_told_so():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    bring_to(colleague(place), State.ASSESSED)
    signed_in = Client()
    signed_in.force_login(place.hr)
    ready, answers = threading.Barrier(POSTS), []

    def post():
        client = Client(raise_request_exception=False)
        client.cookies["sessionid"] = signed_in.cookies["sessionid"].value
        try:
            connection.ensure_connection()
            ready.wait()
            answers.append(client.post(page("release-round", place), {"all": "1"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(POSTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Those that came too late find nothing left, or what they had found has moved on: both show the page again.
    assert sorted(answers) == [200] * (POSTS - 1) + [302]
    assert Event.objects.filter(verb="release").count() == 1


# --- In the day's work -----------------------------------------------------------------------------------------------
def test_what_waits_for_the_committee_stands_in_its_members_work_and_not_yet_in_hrs():
    place = screened_office()
    member = member_of(place)

    def tasks(user):
        return [(one.action.code, one.count) for one in ask(user, reverse("agreements:work")).context["office_tasks"]]

    assert (tasks(member), tasks(place.hr)) == ([("screen", 1)], [])
    screen(place, member)
    assert (tasks(member), tasks(place.hr)) == ([], [("release", 1)])


def test_a_member_finds_the_page_from_the_list_of_rounds():
    place = screened_office()

    html = ask(member_of(place), reverse("agreements:rounds")).content.decode()

    assert page("screening", place) in html
    # The page of the round itself is not for members: no link leads there.
    assert f'"{reverse("agreements:round", args=[place.round.pk])}"' not in html
