from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import actions
from agreements.models import Agreement, Item, Signature, State
from agreements.services import agreements as services, signing, sub_indicators
from tests.factories import NOON, THRESHOLDS, IndicatorFactory
from tests.walks import bring_to, choose_all, office, sign

pytestmark = pytest.mark.django_db

ENGLISH = {"accept-language": "en"}
OWN = {
    "title": "ร้อยละของเรื่องที่เสร็จ", "goal": "ให้เสร็จ", "unit": "ร้อยละ", "weight": "๓๐", "kind": "thresholds",
    "level_1": "60", "level_2": "70", "level_3": "80", "level_4": "90", "level_5": "100",
}  # fmt: skip


def address(name, place, *more):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *more])


def drafted(**fields):
    place = office(**fields)
    choose_all(place)
    return place


def terms(place, **changed):
    """Return what the page of goals and weights posts, item for item in their order."""
    data = {}
    for number, item in enumerate(place.version.items.order_by("order"), start=1):
        data |= {f"goal_{item.pk}": f"เป้าหมาย {number}", f"weight_{item.pk}": changed.get(f"weight_{number}", "50")}
    return data


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


# --- Goals and weights -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("button", "onward"), [({}, "items"), ({"next": "1"}, "competencies")])
def test_goals_and_weights_are_saved(client, button, onward):
    place = drafted(indicators=2)
    client.force_login(place.assessee)

    response = client.post(address("items", place), terms(place, weight_1="๖๐", weight_2="40.5 %") | button)

    assert response["Location"] == address(onward, place)
    assert list(Item.objects.order_by("order").values_list("goal", "weight")) == [
        ("เป้าหมาย 1", Decimal(60)), ("เป้าหมาย 2", Decimal("40.5")),
    ]  # fmt: skip


def test_a_weight_that_is_none_saves_nothing_and_keeps_all_that_was_typed(client):
    place = drafted(indicators=2)
    before = list(Item.objects.order_by("pk").values())
    client.force_login(place.assessee)

    response = client.post(address("items", place), terms(place, weight_1="มาก"), headers=ENGLISH)

    first, second = response.context["rows"]
    assert first["weight"].errors == ["This is not a number. Use digits only, for example 1,234.50."]
    assert [first["weight"].value(), first["goal"].value(), second["goal"].value()] == ["มาก", "เป้าหมาย 1", "เป้าหมาย 2"]
    assert list(Item.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("fields", "weight", "said"),
    [
        ({}, "100", []),
        ({"least_indicators": 2}, "100", ["The round wants at least 2 indicators; 1 are chosen."]),
        ({}, "99.5", ["The weights must sum to 100; they sum to 99.5."]),
        ({}, "0", ["No weight is given to: {code}.", "The weights must sum to 100; they sum to 0."]),
        ({"least_indicators": 4}, "120",
         ["The round wants at least 4 indicators; 1 are chosen.", "The weights must sum to 100; they sum to 120."]),
    ],
)  # fmt: skip
def test_what_keeps_it_from_being_proposed_is_said_and_it_cannot_be_signed(client, fields, weight, said):
    place = drafted(**fields)
    place.version.items.update(weight=weight)
    client.force_login(place.assessee)
    reasons = [reason.format(code=place.indicators[0].code) for reason in said]

    page = client.get(address("items", place), headers=ENGLISH)
    check = client.get(address("check", place, "propose"), headers=ENGLISH)
    answer = client.post(address("check", place, "propose"), {"shown": check.context["shown"]}, headers=ENGLISH)

    assert (page.context["obstacles"], check.context["obstacles"]) == (reasons, reasons)
    assert Signature.objects.exists() is (not said)
    assert Agreement.objects.get().state == (State.DRAFT if said else State.PROPOSED)
    if said:
        assert messages_of(answer) == reasons


def test_the_running_sum_is_that_of_the_items_on_top(client):
    place = office(indicators=0)
    top = IndicatorFactory(framework=place.framework, weight="30", definition={"assigned_units": ["general"]})
    for weight in ("20", "10"):
        IndicatorFactory(framework=place.framework, parent=top, weight=weight)
    place.indicators.append(top)
    choose_all(place)
    client.force_login(place.assessee)

    response = client.get(address("items", place))

    assert response.context["weight_sum"] == Decimal(30)
    assert [row["weight"] is not None for row in response.context["rows"]] == [False, True, True]


def test_a_draft_whose_sub_indicator_has_no_weight_can_still_be_opened(client):
    place = office(indicators=0)
    top = IndicatorFactory(framework=place.framework, weight="30", definition={"assigned_units": ["general"]})
    for weight in ("20", "10"):
        IndicatorFactory(framework=place.framework, parent=top, weight=weight)
    place.indicators.append(top)
    choose_all(place)
    client.force_login(place.assessee)

    client.post(address("items", place), terms(place, weight_2="", weight_3="5"))

    for page in ("items", "agreement"):
        assert client.get(address(page, place)).status_code == 200
    assert list(Item.objects.order_by("order").values_list("weight", flat=True)) == [Decimal(5), Decimal(0), Decimal(5)]


def test_what_is_no_longer_a_draft_is_shown_on_its_own_page(client):
    place = bring_to(office(), State.PROPOSED)
    client.force_login(place.assessee)

    responses = [client.get(address("items", place)), client.post(address("items", place), terms(place))]

    assert [response["Location"] for response in responses] == [address("agreement", place)] * 2
    assert Item.objects.get().goal == ""


# --- Choosing --------------------------------------------------------------------------------------------------------
def test_the_indicators_given_to_the_unit_are_offered_and_copied(client):
    place = office(indicators=2)
    IndicatorFactory(framework=place.framework, definition={"criteria": THRESHOLDS, "assigned_units": ["legal"]})
    client.force_login(place.assessee)
    groups = client.get(address("choose", place)).context["offered"]

    response = client.post(address("choose", place), {"indicator": [place.indicators[1].pk]})

    assert [row["indicator"] for group in groups for row in group["rows"]] == place.indicators
    assert response["Location"] == address("items", place)
    assert [item.indicator for item in Item.objects.all()] == [place.indicators[1]]


def test_indicators_of_other_units_are_not_copied_when_they_are_asked_for(client):
    place = office()
    hidden = IndicatorFactory(
        framework=place.framework, definition={"criteria": THRESHOLDS, "assigned_units": ["legal"]}
    )
    client.force_login(place.assessee)

    client.post(address("choose", place), {"indicator": [hidden.pk]})

    assert Item.objects.count() == 0


@pytest.mark.parametrize("ticked", [[], ["0"], ["ก"]])
def test_without_a_tick_it_is_asked_for(client, ticked):
    place = office()
    client.force_login(place.assessee)

    response = client.post(address("choose", place), {"indicator": ticked}, headers=ENGLISH)

    assert messages_of(response) == ["Tick at least one indicator."]
    assert Item.objects.count() == 0


# --- Indicators of one's own -----------------------------------------------------------------------------------------
def test_an_indicator_of_ones_own_is_written_and_changed(client):
    place = office()
    client.force_login(place.assessee)

    first = client.post(address("own-indicator", place), OWN)
    item = Item.objects.get()
    second = client.post(address("rewrite-indicator", place, item.lineage), OWN | {"title": "ใหม่", "weight": "45"})

    kept = Item.objects.get()
    assert (first["Location"], second["Location"]) == (address("items", place), address("items", place))
    assert (kept.code, kept.lineage, kept.title, kept.weight, kept.goal) == (
        "P1", item.lineage, "ใหม่", Decimal(45), "ให้เสร็จ",
    )  # fmt: skip
    assert kept.definition == {"unit": "ร้อยละ", "criteria": THRESHOLDS}


def test_a_kept_indicator_of_ones_own_is_shown_as_it_was_typed(client):
    place = office()
    client.force_login(place.assessee)
    client.post(address("own-indicator", place), OWN)

    form = client.get(address("rewrite-indicator", place, Item.objects.get().lineage)).context["form"]

    assert {name: form[name].value() for name in OWN} == OWN | {"weight": "30"}


def test_levels_that_go_up_and_down_are_refused_and_nothing_typed_is_lost(client):
    place = office()
    client.force_login(place.assessee)
    typed = OWN | {"level_3": "95", "description": "นับเรื่อง"}

    response = client.post(address("own-indicator", place), typed, headers=ENGLISH)

    form = response.context["form"]
    assert form.errors == {
        "kind": ["The figures 60, 70, 95, 90, 100 go up and down; they have to rise or fall throughout."]
    }
    assert {name: form[name].value() for name in typed} == typed
    assert Item.objects.count() == 0


def test_an_indicator_of_the_framework_cannot_be_rewritten_by_hand(client):
    place = drafted()
    client.force_login(place.assessee)
    item = Item.objects.get()

    response = client.post(address("rewrite-indicator", place, item.lineage), OWN, headers=ENGLISH)

    assert messages_of(response) == ["This indicator belongs to the framework; its criteria cannot be changed here."]
    assert Item.objects.get().title == item.title


def test_an_item_is_removed(client):
    place = drafted(indicators=2)
    client.force_login(place.assessee)
    gone, left = Item.objects.order_by("order")

    response = client.post(address("remove-item", place, gone.lineage))

    assert response["Location"] == address("items", place)
    assert list(Item.objects.all()) == [left]


# --- Competencies ----------------------------------------------------------------------------------------------------
def test_competencies_are_named_and_their_levels_expected(client):
    place = office()
    client.force_login(place.assessee)

    response = client.post(address("competencies", place), {"expected_1": "4", "name_2": "ใหม่", "expected_2": "1"})

    assert response["Location"] == address("agreement", place)
    assert list(place.version.competencies.order_by("order").values_list("name", "expected")) == [
        ("บริการที่ดี", 4), ("ใหม่", 1),
    ]  # fmt: skip


def test_a_level_that_is_none_keeps_what_was_typed(client):
    place = office()
    client.force_login(place.assessee)

    response = client.post(address("competencies", place), {"expected_1": "9", "name_2": "ใหม่", "expected_2": "1"})

    assert list(response.context["form"].errors) == ["expected_1"]
    assert response.context["form"]["name_2"].value() == "ใหม่"
    assert place.version.competencies.get(order=2).name == "การคิดวิเคราะห์"


# --- Signing what was chosen -----------------------------------------------------------------------------------------
def test_what_was_changed_in_another_window_is_not_signed(client):
    place = drafted()
    client.force_login(place.assessee)
    shown = client.get(address("check", place, "propose")).context["shown"]
    item = place.version.items.get()
    services.set_terms(place.version, {item.pk: services.Terms(goal="ใหม่", weight=Decimal(100))}, by=place.assessor)

    response = client.post(address("check", place, "propose"), {"shown": shown}, headers=ENGLISH)

    assert messages_of(response) == ["It has changed since you opened it. Look at it again, then sign."]
    assert Signature.objects.count() == 0
    # The control: what the answer shows now can be signed.
    client.post(address("check", place, "propose"), {"shown": response.context["shown"]})
    assert Signature.objects.get().signatory == place.assessee


def test_a_returned_draft_is_open_again_for_the_assessee(client):
    place = drafted()
    sign(place, actions.PROPOSE, place.assessee)
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)
    client.force_login(place.assessee)

    client.post(address("items", place), terms(place, weight_1="100"))

    assert place.version.items.get().goal == "เป้าหมาย 1"
    assert Item.objects.get(version__number=1).goal == ""


# --- Questions asked of the database ---------------------------------------------------------------------------------
PAGES = [
    (State.DRAFT, "items", "assessee"),
    (State.DRAFT, "choose", "assessee"),
    (State.DRAFT, "agreement", "assessee"),
    (State.AGREED, "agreement", "assessee"),
    (State.AGREED, "results", "assessee"),
    (State.REPORTED, "assessment", "assessor"),
    (State.REPORTED, "agreement", "assessor"),
    (State.REPORTED, "plan", "assessor"),
    (State.CLOSED, "agreement", "assessee"),
]


@pytest.mark.parametrize(("state", "page", "who"), PAGES, ids=[f"{page}-{state}" for state, page, _who in PAGES])
def test_a_page_asks_the_database_as_often_for_three_items_as_for_one(client, state, page, who):
    counts = []
    for indicators in (1, 3):
        place = office(indicators=0)
        for number in range(indicators):
            top = IndicatorFactory(
                framework=place.framework, weight=str(100 // indicators), definition={"assigned_units": ["general"]}
            )
            IndicatorFactory(framework=place.framework, parent=top, code=f"c{number}", weight=str(100 // indicators))
            place.indicators.append(top)
        if state == State.DRAFT:
            choose_all(place)
        else:
            walk_with_children(place, state)
        client.force_login(getattr(place, who))
        client.get(address(page, place))
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address(page, place))
        assert response.status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


def walk_with_children(place, state):
    """Walk to `state`, the weights made whole and results entered for sub-indicators alone."""
    choose_all(place)
    leaves = list(place.version.items.exclude(parent=None).order_by("order"))
    shares = [100 - 33 * (len(leaves) - 1), *[33] * (len(leaves) - 1)]
    weights = {
        leaf.pk: services.Terms(goal="", weight=Decimal(share)) for leaf, share in zip(leaves, shares, strict=True)
    }
    services.set_terms(place.version, weights, by=place.assessee)
    bring_to(place, state)


# --- Sub-indicators of one's own -------------------------------------------------------------------------------------
def wanting(least, *given):
    """Return an office with an item that wants so many sub-indicators in its draft, and that item."""
    place = office(indicators=0)
    definition = {"children_at_least": least, "assigned_units": ["general"], "criteria": {"kind": "open"}}
    if given:
        del definition["criteria"]
    parent = IndicatorFactory(framework=place.framework, definition=definition, code="1", weight="20")
    for code in given:
        IndicatorFactory(framework=place.framework, parent=parent, code=code, weight="20")
    services.choose_indicators(place.version, [parent], by=place.assessee, at=NOON)
    return place, place.version.items.get(code="1")


def test_a_sub_indicator_of_ones_own_stands_below_its_indicator_and_adds_its_weight(client):
    place, parent = wanting(2, "1.1")
    client.force_login(place.assessee)

    response = client.post(address("own-sub-indicator", place, parent.lineage), OWN)

    assert response["Location"] == address("items", place)
    assert list(Item.objects.order_by("order").values_list("code", "parent__code", "weight")) == [
        ("1", None, Decimal(50)), ("1.1", "1", Decimal(20)), ("1.2", "1", Decimal(30)),
    ]  # fmt: skip
    rows = client.get(address("items", place)).context["rows"]
    assert [(row["takes_more"], row["is_own"], row["is_removable"]) for row in rows] == [
        (True, False, True), (False, False, False), (False, True, True),
    ]  # fmt: skip


def test_the_first_sub_indicator_takes_the_place_of_open_criteria_and_the_last_gives_it_back(client):
    place, parent = wanting(1)
    client.force_login(place.assessee)

    client.post(address("own-sub-indicator", place, parent.lineage), OWN)
    parent.refresh_from_db()
    with_it = (parent.kind, parent.weight, signing.obstacles(place.version, actions.PROPOSE))
    client.post(address("remove-item", place, place.version.items.get(code="1.1").lineage))

    parent.refresh_from_db()
    assert with_it == ("composite", Decimal(30), ["น้ำหนักต้องรวมได้ 100 ขณะนี้รวมได้ 30"])
    assert (parent.kind, parent.weight, place.version.items.count()) == ("open", Decimal(20), 1)


def test_a_sub_indicator_of_ones_own_is_changed_and_its_indicator_weighs_it_anew(client):
    place, parent = wanting(2, "1.1")
    client.force_login(place.assessee)
    client.post(address("own-sub-indicator", place, parent.lineage), OWN)
    item = place.version.items.get(code="1.2")

    client.post(address("rewrite-indicator", place, item.lineage), OWN | {"weight": "40"})

    parent.refresh_from_db()
    assert parent.weight == Decimal(60)


def test_what_has_its_sub_indicators_given_takes_none_of_ones_own(client):
    place = drafted()
    item = place.version.items.get()
    client.force_login(place.assessee)

    for ask in (client.get, client.post):
        assert ask(address("own-sub-indicator", place, item.lineage), OWN).status_code == 404
    with pytest.raises(services.AgreementRefused):
        sub_indicators.write_own_sub_indicator(item, {"title": "ก"}, goal="", by=place.assessee)
    assert place.version.items.count() == 1
