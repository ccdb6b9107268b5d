from decimal import Decimal

import pytest
from django.utils import translation

from agreements import actions
from agreements.models import Item, State
from agreements.services import agreements as services, library, signing
from tests.factories import NOON, IndicatorFactory, OrganisationFactory
from tests.library import publish_library, template
from tests.walks import bring_to, choose_all, office, sign

pytestmark = pytest.mark.django_db


def codes(found):
    return [one.code for one in found]


def copied(code, place=None):
    """Return an office with this template of the library copied into its draft, and the item."""
    place = place or office()
    source = template(publish_library(), code)
    return place, library.copy_from_library(place.version, source, by=place.assessee)


def names(item):
    """Return what the blanks of `item` are called."""
    return [one.name for one in library.blanks.blanks_of(library.sources_of([item])[item.pk])]


# --- Finding ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["1", "2", "3", "4"]),
        ({"words": "หมู่บ้าน"}, ["2"]),
        ({"words": "หมูบาน"}, ["2"]),
        ({"words": "หมู่ บ้าน ต้นแบบ"}, ["2"]),
        ({"words": "จำนวน"}, ["2"]),  # sara am as two characters
        ({"words": "ใบอนุญาต หมู่บ้าน"}, []),
        ({"words": "ทั้งหมด"}, ["1"]),  # in the description
        ({"words": "ด้านเจ้าหน้าที่"}, ["4"]),  # in a sub-indicator
        ({"words": "๔.๑"}, ["4"]),
        ({"words": "?!"}, ["1", "2", "3", "4"]),
        ({"kind": "open"}, ["2"]),
        ({"kind": "composite"}, ["4"]),
        ({"position": "เจ้าพนักงานปกครอง"}, ["2", "3"]),
        ({"round_number": 1}, ["1", "3", "4"]),
        ({"round_number": 2}, ["1", "2", "3", "4"]),
        ({"position": "เจ้าพนักงานปกครอง", "round_number": 1, "words": "ตรวจ"}, ["3"]),
    ],
)
def test_templates_are_found_by_words_kind_position_and_round(wanted, expected):
    place = office()
    publish_library()

    assert codes(library.search(library.shelf_for(place.assessee), **wanted)) == expected


def test_hits_in_the_title_come_first():
    place = office()
    publish_library(more=[{"code": "5", "title": "การออกใบอนุญาตทั้งหมด", "criteria": {"kind": "open"}}])

    assert codes(library.search(library.shelf_for(place.assessee), words="ทั้งหมด")) == ["5", "1"]


def test_the_shelf_holds_what_is_published_for_the_reader_and_says_what_to_filter_by(django_assert_num_queries):
    place = office()
    publish_library()
    publish_library(organisation=OrganisationFactory(), code="elsewhere")
    publish_library(organisation=place.province, code="ours")

    shelf = library.shelf_for(place.assessee)

    assert codes(shelf.templates) == ["1", "2", "3", "4"] * 2
    assert shelf.kinds == ("thresholds", "open", "milestones", "composite")
    assert shelf.positions == ("เจ้าพนักงานปกครอง", "ปลัดจังหวัด")
    # Asked again, only what may be seen is asked; the templates are known.
    with django_assert_num_queries(4):
        library.shelf_for(place.assessee)


def test_a_new_version_takes_the_place_of_the_last():
    place = office()
    publish_library()
    publish_library(more=[{"code": "5", "title": "ใหม่", "criteria": {"kind": "open"}}])

    assert codes(library.shelf_for(place.assessee).templates) == ["1", "2", "3", "4", "5"]


# --- Copying ---------------------------------------------------------------------------------------------------------
def test_a_copy_keeps_where_it_comes_from_and_brings_its_sub_indicators():
    _place, item = copied("4")

    rows = Item.objects.order_by("order").values_list("code", "indicator__code", "parent__code", "weight")
    assert list(rows) == [("4", "4", None, None), ("4.1", "4.1", "4", Decimal(0)), ("4.2", "4.2", "4", Decimal(0))]
    assert item.indicator.framework.code == "library"


def test_a_copy_that_is_as_in_the_library_is_not_made_twice_but_one_that_was_filled_in_is():
    place, item = copied("1")
    again = library.copy_from_library(place.version, item.indicator, by=place.assessee)
    filling = library.Filling(texts=dict.fromkeys(names(item), "สถานบริการ"), levels={})
    library.fill_in(item, filling, by=place.assessee)

    another = library.copy_from_library(place.version, item.indicator, by=place.assessee)

    assert again == item
    assert (another.code, place.version.items.count()) == ("1-2", 2)


def test_only_published_templates_of_libraries_that_one_sees_are_copied():
    place = office()
    hidden = template(publish_library(organisation=OrganisationFactory(), code="elsewhere"), "1")
    inside = template(publish_library(), "4.1")

    for refused in (hidden, inside, place.indicators[0]):
        with pytest.raises(services.AgreementRefused):
            library.copy_from_library(place.version, refused, by=place.assessee)

    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("state", "who", "refusal"),
    [
        (State.DRAFT, "reviewer", actions.NotAllowed),
        (State.PROPOSED, "assessee", actions.NotNow),
    ],
)
def test_only_a_draft_is_copied_into_by_its_assessee_or_assessor(state, who, refusal):
    place = bring_to(office(), state)
    source = template(publish_library(), "1")

    with pytest.raises(refusal):
        library.copy_from_library(place.version, source, by=getattr(place, who))


# --- Filling in ------------------------------------------------------------------------------------------------------
def test_open_criteria_and_the_weight_of_a_copy_are_the_agreements_and_may_change_again():
    place, item = copied("2")
    for levels in ({1: Decimal(3), 5: Decimal(7)}, {1: Decimal(10), 5: Decimal(2)}):
        library.fill_in(item, library.Filling(texts={}, levels=levels, weight=Decimal(30)), by=place.assessee)

    item.refresh_from_db()
    assert item.criteria == {
        "kind": "thresholds",
        "levels": {"1": "10", "5": "2"},
        "labels": {"1": "จัดตั้งได้ 10 หมู่บ้าน", "5": "จัดตั้งได้ 2 หมู่บ้าน"},
    }
    assert (item.weight, item.indicator.definition["criteria"]["kind"]) == (Decimal(30), "open")


def test_fixed_criteria_of_a_copy_stay_as_they_are():
    place, item = copied("1")
    before = item.criteria
    texts = dict.fromkeys(names(item), "สถานบริการ")

    library.fill_in(item, library.Filling(texts=texts, levels={1: Decimal(1)}), by=place.assessee)

    item.refresh_from_db()
    assert item.criteria == before
    assert item.title == "ร้อยละของการออกใบอนุญาต (งานสถานบริการ) ที่เสร็จทันเวลา"


def test_a_framework_indicator_that_leaves_nothing_open_has_nothing_to_fill_in():
    place = office()
    choose_all(place)

    with pytest.raises(services.AgreementRefused):
        library.fill_in(place.version.items.get(), library.Filling(texts={}, levels={1: Decimal(1)}), by=place.assessee)


def test_levels_that_the_rules_refuse_change_nothing():
    place, item = copied("2")

    with pytest.raises(services.AgreementRefused):
        library.fill_in(item, library.Filling(texts={}, levels={1: Decimal(3), 2: Decimal(3)}), by=place.assessee)

    item.refresh_from_db()
    assert item.kind == "open"


# --- What stands in the way of signing -------------------------------------------------------------------------------
def in_the_way(place):
    with translation.override("en"):
        return signing.obstacles(place.version, actions.PROPOSE)


def test_each_blank_and_open_criteria_stand_in_the_way_until_they_are_filled_in():
    place, steps = copied("3")
    permit, villages = (
        library.copy_from_library(place.version, template(steps.indicator.framework, code), by=place.assessee)
        for code in ("1", "2")
    )
    always = ["No weight is given to: 3, 1, 2.", "The weights must sum to 100; they sum to 0."]
    open_ones = "The criteria are still open for: 2."
    empty = in_the_way(place)
    library.fill_in(steps, library.Filling(texts={names(steps)[0]: "5 วัน"}, levels={}), by=place.assessee)
    library.fill_in(permit, library.Filling(texts={names(permit)[0]: "บ่อดิน"}, levels={}), by=place.assessee)
    halfway = in_the_way(place)
    library.fill_in(permit, library.Filling(texts=dict.fromkeys(names(permit), "7"), levels={}), by=place.assessee)
    library.fill_in(villages, library.Filling(texts={}, levels={1: Decimal(1), 5: Decimal(5)}), by=place.assessee)

    title = "Indicator “ร้อยละของการออกใบอนุญาต (งาน____) ที่เสร็จทันเวลา”"
    assert empty == [
        *always,
        open_ones,
        "Indicator 3 has blanks left to fill in: Step 1.1 “เสนอแผนภายใน ____”.",
        f"Indicator 1 has blanks left to fill in: {title}; Description “(งาน…) ที่เสร็จภายใน ____ วัน กับทั้งหมด”.",
    ]
    assert halfway == [
        *always,
        open_ones,
        "Indicator 1 has blanks left to fill in: Description “(งานบ่อดิน) ที่เสร็จภายใน ____ วัน กับทั้งหมด”.",
    ]
    assert in_the_way(place) == always


def test_a_blank_blocks_the_signature_itself():
    place, item = copied("3")
    services.set_terms(place.version, {item.pk: services.Terms(goal="", weight=Decimal(100))}, by=place.assessee)

    with pytest.raises(signing.SignOffRefused, match="เสนอแผนภายใน ____"):
        sign(place, actions.PROPOSE, place.assessee)
    # The control: filled in, it is signed.
    filling = library.Filling(texts={names(item)[0]: "5 วัน"}, levels={}, weight=Decimal(100))
    library.fill_in(item, filling, by=place.assessee)
    sign(place, actions.PROPOSE, place.assessee)

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.PROPOSED


def test_a_blank_in_the_goal_stands_in_the_way():
    place = office()
    choose_all(place)
    item = place.version.items.get()
    services.set_terms(place.version, {item.pk: services.Terms(goal="ภายใน …", weight=Decimal(100))}, by=place.assessee)

    expected = f"Indicator {item.code} has blanks left to fill in: Goal or expected achievement."
    assert in_the_way(place) == [expected]


@pytest.mark.parametrize(
    ("least", "expected"),
    [(3, ["Indicator 1 wants at least 3 sub-indicators; 2 are agreed."]), (2, [])],
)
def test_too_few_sub_indicators_stand_in_the_way(least, expected):
    place = office(indicators=0)
    definition = {"children_at_least": least, "assigned_units": ["general"]}
    parent = IndicatorFactory(framework=place.framework, definition=definition, code="1")
    for code in ("1.1", "1.2"):
        IndicatorFactory(framework=place.framework, parent=parent, code=code, weight="50")
    services.choose_indicators(place.version, [parent], by=place.assessee, at=NOON)

    assert in_the_way(place) == expected
