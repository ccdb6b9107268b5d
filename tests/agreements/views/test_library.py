from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Item, State
from agreements.services import library
from tests.factories import OrganisationFactory
from tests.library import TEMPLATES, publish_library, template
from tests.walks import bring_to, choose_all, office

pytestmark = pytest.mark.django_db


def address(name, place, *more):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *more])


@pytest.fixture
def place(client):
    """An office with a library, whose assessee is signed in."""
    found = office()
    found.library = publish_library()
    client.force_login(found.assessee)
    return found


def copied(place, code):
    return library.copy_from_library(place.version, template(place.library, code), by=place.assessee)


def codes(response):
    return [row["template"].code for row in response.context["rows"]]


# --- Looking ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["1", "3", "4"]),
        ({"rounds": "all"}, ["1", "2", "3", "4"]),
        ({"rounds": "all", "q": "หมูบาน ต้น แบบ"}, ["2"]),
        ({"kind": "milestones"}, ["3"]),
        ({"position": "ปลัดจังหวัด"}, ["1", "3"]),
        ({"kind": "anything", "position": "nobody", "page": "x"}, ["1", "3", "4"]),
        ({"q": "ไม่มี"}, []),
    ],
)
def test_templates_that_suit_the_round_are_listed_as_looked_for(client, place, asked, expected):
    assert codes(client.get(address("library", place), asked)) == expected


def test_a_row_says_what_is_left_open_and_what_is_in_the_agreement(client, place):
    copied(place, "1")

    rows = client.get(address("library", place), {"rounds": "all"}).context["rows"]

    assert [(row["blanks"], row["copied_as"]) for row in rows] == [(2, "1"), (1, None), (1, None), (0, None)]


def test_an_office_without_a_library_is_told_what_to_do(client):
    place = office()
    publish_library(organisation=OrganisationFactory())
    client.force_login(place.assessee)

    response = client.get(address("library", place))

    assert (response.context["is_empty"], response.context["rows"]) == (True, [])
    assert address("own-indicator", place) in response.text


def test_once_proposed_nothing_is_looked_for(client, place):
    bring_to(place, State.PROPOSED)

    assert client.get(address("library", place))["Location"] == place.agreement.get_absolute_url()


def more_templates(count):
    return [{**TEMPLATES[0], "code": f"9.{number}"} for number in range(count)]


def test_the_list_comes_in_pages_and_its_queries_are_flat(client):
    place = office()
    client.force_login(place.assessee)
    counted = []
    for code, more in (("few", 1), ("many", 60)):
        publish_library(code=code, more=more_templates(more))
        client.get(address("library", place))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(address("library", place), {"page": 2} if more > 20 else {})
        counted.append(len(queries))

    assert len(response.context["rows"]) == 20
    assert response.context["page"].paginator.count == 4 + 63
    assert counted[0] == counted[1]


# --- Reading and copying ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("code", "onward"), [("1", "fill"), ("2", "fill"), ("4", "items")])
def test_a_copy_leads_on_to_what_is_to_be_filled_in(client, place, code, onward):
    response = client.post(address("library-template", place, template(place.library, code).pk))

    item = place.version.items.get(parent=None)
    expected = address("fill", place, item.lineage) if onward == "fill" else address("items", place)
    assert response["Location"] == expected


def test_a_template_is_shown_with_what_will_be_asked_for(client, place):
    response = client.get(address("library-template", place, template(place.library, "1").pk))

    assert [one.label for one in response.context["blanks"]] == ["ตัวชี้วัด", "คำอธิบาย"]
    assert (response.context["is_open"], response.context["can_copy"]) == (False, True)


def test_a_template_of_elsewhere_or_of_no_library_is_not_there(client, place):
    elsewhere = template(publish_library(organisation=OrganisationFactory(), code="elsewhere"), "1")
    below = template(place.library, "4.1")

    for hidden in (elsewhere, below, place.indicators[0]):
        for ask in (client.get, client.post):
            assert ask(address("library-template", place, hidden.pk)).status_code == 404
    # The control: a template that serves all is there.
    assert client.get(address("library-template", place, template(place.library, "1").pk)).status_code == 200


def test_nothing_is_copied_once_it_is_proposed(client, place):
    bring_to(place, State.PROPOSED)

    client.post(address("library-template", place, template(place.library, "1").pk))

    assert not Item.objects.filter(indicator__framework=place.library).exists()


# --- Filling in ------------------------------------------------------------------------------------------------------
def test_blanks_are_filled_in_with_thai_digits_and_may_be_left(client, place):
    item = copied(place, "1")

    response = client.post(address("fill", place, item.lineage), {"blank_0": "บ่อดิน", "blank_1": "", "weight": "๔๐"})

    item.refresh_from_db()
    assert response["Location"] == address("items", place)
    assert (item.title, item.weight) == ("ร้อยละของการออกใบอนุญาต (งานบ่อดิน) ที่เสร็จทันเวลา", Decimal(40))
    assert item.definition["description"] == "เทียบการออกใบอนุญาต (งานบ่อดิน) ที่เสร็จภายใน … วัน กับทั้งหมด"
    again = client.get(address("fill", place, item.lineage)).context["form"]
    assert [field.value() for field in again.blank_rows] == ["บ่อดิน", ""]


@pytest.mark.parametrize(
    ("posted", "levels"),
    [
        ({"way": "numbers", "level_1": "1", "level_5": "๕"}, {"1": "1", "5": "5"}),
        ({"way": "even", "first": "10", "step": "-2.5"}, {"1": "10", "2": "7.5", "3": "5", "4": "2.5", "5": "0"}),
        ({"way": "even", "first": "", "step": ""}, None),
        ({"way": "numbers"}, None),
    ],
)
def test_levels_are_given_one_by_one_or_from_a_start_with_a_step_or_left_open(client, place, posted, levels):
    item = copied(place, "2")

    response = client.post(address("fill", place, item.lineage), posted | {"between": "interpolate"})

    item.refresh_from_db()
    assert response["Location"] == address("items", place)
    assert item.criteria.get("levels") == levels


@pytest.mark.parametrize(
    ("posted", "fields"),
    [
        ({"way": "even", "first": "10"}, {"step"}),
        ({"way": "even", "step": "10"}, {"first"}),
        ({"way": "even", "first": "1", "step": "0"}, {"step"}),
        ({"way": "even", "first": "x", "step": "1"}, {"first"}),
        ({"way": "numbers", "level_1": "3", "level_2": "5", "level_3": "4"}, {"way"}),
        ({"way": "numbers", "level_1": "3", "weight": "101"}, {"weight"}),
    ],
)
def test_levels_that_are_none_are_told_at_the_field_and_change_nothing(client, place, posted, fields):
    item = copied(place, "2")

    response = client.post(address("fill", place, item.lineage), posted | {"between": "interpolate"})

    item.refresh_from_db()
    assert set(response.context["form"].errors) == fields
    assert (item.kind, item.weight) == ("open", None)


def test_a_sub_indicator_is_filled_in_without_a_weight_of_its_own(client, place):
    copied(place, "4")
    item = place.version.items.get(code="4.1")

    client.post(
        address("fill", place, item.lineage),
        {"way": "even", "first": "1", "step": "1", "between": "step", "weight": "50"},
    )

    item.refresh_from_db()
    assert (item.criteria["between"], item.weight) == ("step", Decimal(0))


def test_what_leaves_nothing_open_is_not_asked_about(client, place):
    choose_all(place)
    item = place.version.items.get()

    page = client.get(address("items", place))
    response = client.get(address("fill", place, item.lineage))

    assert [row["can_fill"] for row in page.context["rows"]] == [False]
    assert response["Location"] == place.agreement.get_absolute_url()


def test_items_lead_to_the_blanks_of_each(client, place):
    copied(place, "1")
    copied(place, "4")

    rows = client.get(address("items", place)).context["rows"]

    assert [(row["item"].code, row["can_fill"]) for row in rows] == [
        ("1", True), ("4", False), ("4.1", True), ("4.2", False),
    ]  # fmt: skip
