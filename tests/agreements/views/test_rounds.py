import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import clock
from agreements.models import Role, State
from tests.factories import OrganisationFactory, RoleFactory, RoundFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


def board(client, user, round_, **asked):
    client.force_login(user)
    return client.get(reverse("agreements:round", args=[round_.pk]), asked)


def matrix(response):
    """Return the figures of a board as {unit: {state: count}}, without zeros, and the sums below."""
    rows = {
        row["unit"]: {cell["state"]: cell["count"] for cell in row["cells"] if cell["count"]}
        for row in response.context["matrix"]
    }
    return rows, {cell["state"]: cell["count"] for cell in response.context["totals"] if cell["count"]}


# --- The board -------------------------------------------------------------------------------------------------------
def test_a_board_counts_the_agreements_of_each_unit_by_state(client):
    place = bring_to(office(), State.PROPOSED)
    colleague(place)
    bring_to(colleague(place), State.PROPOSED)

    response = board(client, place.hr, place.round)

    # Every unit that the round serves has its row, also those where nobody has begun.
    assert matrix(response) == (
        {place.province: {}, place.unit: {"draft": 1, "proposed": 2}},
        {"draft": 1, "proposed": 2},
    )
    assert response.context["count"] == 3


def test_a_board_counts_what_lies_within_the_readers_role(client):
    place = office()
    beside = OrganisationFactory(parent=place.province, kind="group")
    inside = RoleFactory(organisation=place.unit).user
    outside = RoleFactory(organisation=beside).user

    assert matrix(board(client, inside, place.round)) == ({place.unit: {"draft": 1}}, {"draft": 1})
    assert matrix(board(client, outside, place.round)) == ({beside: {}}, {})


def test_an_executive_sees_how_many_and_never_who(client):
    place = office()
    place.assessee.last_name = "ไม่ซ้ำ"
    place.assessee.save()
    executive = RoleFactory(organisation=place.province, kind=Role.Kind.EXECUTIVE).user

    response = board(client, executive, place.round)

    assert matrix(response)[1] == {"draft": 1}
    assert list(response.context["agreement_list"]) == []
    assert "ไม่ซ้ำ" not in response.content.decode()
    # The control: HR's board of the same round names them.
    assert "ไม่ซ้ำ" in board(client, place.hr, place.round).content.decode()


@pytest.mark.parametrize("who", ["assessee", "assessor", "reviewer"])
def test_who_follows_nothing_finds_no_board(client, who):
    place = office()

    assert board(client, getattr(place, who), place.round).status_code == 404
    assert board(client, place.hr, place.round).status_code == 200


def test_the_list_of_a_board_is_narrowed_by_state_and_unit(client):
    place = bring_to(office(), State.PROPOSED)
    other = colleague(place)

    def listed(**asked):
        return set(board(client, place.hr, place.round, **asked).context["agreement_list"])

    assert listed(state="proposed") == {place.agreement}
    assert listed(unit=str(place.unit.pk)) == {place.agreement, other.agreement}
    assert listed(unit=str(place.province.pk)) == set()
    assert listed(state="proposed", unit=str(place.unit.pk)) == {place.agreement}


@pytest.mark.parametrize("unit", ["", "สอง", "-1", "1.5", "9" * 30, "²"])
def test_a_unit_that_is_none_breaks_nothing(client, unit):
    place = office()

    assert board(client, place.hr, place.round, unit=unit).status_code == 200


def test_rounds_are_listed_for_whom_they_serve(client):
    place = office()
    elsewhere = RoundFactory()
    client.force_login(place.assessee)

    response = client.get(reverse("agreements:rounds"))

    assert list(response.context["round_list"]) == [place.round]
    assert elsewhere not in response.context["round_list"]


# --- Questions asked of the database ---------------------------------------------------------------------------------
def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    return len(captured), response


@pytest.mark.parametrize("kind", [Role.Kind.HR, Role.Kind.EXECUTIVE])
def test_a_board_asks_the_database_as_often_for_three_agreements_as_for_one(client, kind):
    place = bring_to(office(indicators=2), State.PROPOSED)
    client.force_login(RoleFactory(organisation=place.province, kind=kind).user)
    address = reverse("agreements:round", args=[place.round.pk])
    one, first = queries(client, address)

    for number in range(2):
        unit = OrganisationFactory(parent=place.province, kind="group", unit_code="general", name=f"กลุ่มที่ {number}")
        other = colleague(place)
        other.agreement.organisation = unit
        other.agreement.save()
        bring_to(other, State.PROPOSED)

    three, second = queries(client, address)
    assert (len(first.context["matrix"]), len(second.context["matrix"])) == (2, 4)
    assert three == one


def test_the_list_of_rounds_asks_as_often_for_three_as_for_one(client):
    place = office()
    client.force_login(place.hr)
    one, first = queries(client, reverse("agreements:rounds"))

    for year in (2557, 2558):
        RoundFactory(organisation=OrganisationFactory(parent=place.province), fiscal_year=year)
        RoundFactory(organisation=place.province, fiscal_year=year)

    three, second = queries(client, reverse("agreements:rounds"))
    assert (len(first.context["round_list"]), len(second.context["round_list"])) == (1, 3)
    assert three == one


# --- The demo's clock ------------------------------------------------------------------------------------------------
@pytest.fixture
def demo(settings):
    settings.DEMO, settings.DEMO_TODAY = True, datetime.date(2013, 2, 18)


def move(client, **data):
    client.force_login(office().assessee)
    return client.post(reverse("agreements:demo-move-clock"), data)


@pytest.mark.parametrize(
    ("data", "day"),
    [
        ({"date": "20 มี.ค. 2556"}, datetime.date(2013, 3, 20)),
        ({"date": "๒๐/๓/๒๕๕๖"}, datetime.date(2013, 3, 20)),
        ({"days": "7"}, datetime.date(2013, 2, 25)),
        ({}, datetime.date(2013, 2, 19)),
        ({"date": "20 มี.ค. 2013"}, datetime.date(2013, 2, 18)),
        ({"date": "17 ก.พ. 2556"}, datetime.date(2013, 2, 18)),
        ({"date": "พรุ่งนี้"}, datetime.date(2013, 2, 18)),
        ({"days": "-1"}, datetime.date(2013, 2, 18)),
        ({"days": "สอง"}, datetime.date(2013, 2, 18)),
        ({"days": "9" * 12}, datetime.date(2013, 2, 18)),
    ],
)
def test_the_clock_is_moved_by_a_date_or_by_days_and_never_back(client, demo, data, day):
    response = move(client, **data)

    assert (response.status_code, clock.today()) == (302, day)


def test_outside_the_demo_the_clock_is_not_moved(client):
    move(client, date="20 มี.ค. 2556")

    messages = client.get(reverse("agreements:work")).context["messages"]
    assert [str(message) for message in messages] == [_("Only the demo's clock can be moved.")]


@pytest.mark.parametrize(
    ("onward", "goes_to"),
    [("/agreements/", "/agreements/"), ("https://example.com/", "/"), ("//example.com/", "/"), ("javascript:x", "/")],
)
def test_after_moving_the_clock_the_reader_stays_on_this_site(client, demo, onward, goes_to):
    assert move(client, next=onward)["Location"] == goes_to
