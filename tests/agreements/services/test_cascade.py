from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from agreements import actions
from agreements.models import Agreement, Item, Part, Party, State, Version
from agreements.services import (
    agreements as services,
    amendments,
    cascade,
    cascade_overview,
    from_below,
    results,
    signing,
    states,
    sub_indicators,
)
from agreements.services.agreements import AgreementRefused
from agreements.services.results import ResultRefused
from tests.factories import NOON, IndicatorFactory, OrganisationFactory, PostingFactory, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, choose_all, colleague, judge_all, office, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


RATIO = {
    "kind": "formula",
    "expression": "part / whole * 100",
    "variables": {"part": {"label": "สำเร็จ"}, "whole": {"label": "ทั้งหมด"}},
}


def superior(place):
    """Return the assessor's own agreement in the same round, with the office's indicators chosen."""
    posting = place.posting.assessor
    agreement = services.open_agreement(place.round, posting, by=posting.user, at=NOON)
    above = replace(place, posting=posting, assessee=posting.user, assessor=place.reviewer, agreement=agreement)
    choose_all(above)
    return above


def organisations(place, unit):
    """Return an agreement whose subject is `unit`, for which its head signs, with the office's indicators."""
    head = place.posting.assessor.assessor
    agreement = Agreement.objects.create(round=place.round, organisation=unit, state_since=NOON)
    signer = PostingFactory(organisation=unit, assessor=head)
    part = Part.objects.create(
        agreement=agreement, posting=signer, assessor=head, starts_on=place.round.starts_on, ends_on=place.round.ends_on
    )
    version = Version.objects.create(part=part, number=1, created_by=head.user, created_at=NOON)
    Party.objects.create(version=version, capacity="assessee", user=signer.user, name="ผู้ลงนาม", title="หัวหน้า")
    Party.objects.create(version=version, capacity="assessor", user=head.user, name="ผู้ประเมิน", title="ท้องถิ่นจังหวัด")
    for indicator in place.indicators:
        services.copy_indicator(version, indicator)
    return replace(place, agreement=agreement, posting=signer, assessee=signer.user, assessor=head.user)


def link(place, above):
    [item] = place.version.items.all()
    [target] = above.version.items.all()
    cascade.choose_above(item, target, by=place.assessee)


def lines(place, reader=None):
    items = list(cascade.rows_of(place.version))
    found, _forest = cascade.lines_of(items, reader or place.assessee)
    return found


# --- Choosing --------------------------------------------------------------------------------------------------------
def test_offered_is_what_superiors_and_the_organisations_above_agreed():
    place = office()
    choose_all(place)
    above, unit, province = superior(place), organisations(place, place.unit), organisations(place, place.province)
    # Somebody else's agreement, and another office's.
    choose_all(colleague(place))
    organisations(place, OrganisationFactory(parent=place.province))
    superior(office())

    offered = cascade.offered_to(place.version)

    assert {one.version.part.agreement for one in offered} == {above.agreement, unit.agreement, province.agreement}


def test_offered_are_those_of_the_same_indicator_first_and_what_the_words_find():
    place = office(indicators=2)
    choose_all(place)
    superior(place)
    item = place.version.items.get(indicator=place.indicators[1])

    assert cascade.offered_to(place.version, item)[0].indicator == place.indicators[1]
    assert [one.indicator for one in cascade.offered_to(place.version, words=place.indicators[0].title)] == [
        place.indicators[0]
    ]
    assert cascade.offered_to(place.version, words="ไม่มีคำนี้") == []


def test_an_organisation_is_offered_those_above_it_and_not_its_own():
    place = office()
    unit, province = organisations(place, place.unit), organisations(place, place.province)

    offered = cascade.offered_to(unit.version)

    assert {one.version.part.agreement for one in offered} == {province.agreement}


def test_only_what_is_offered_can_be_chosen():
    place = office()
    choose_all(place)
    other = colleague(place)
    choose_all(other)

    with pytest.raises(AgreementRefused):
        link(place, other)

    assert place.version.items.get().cascades_from is None


def test_nobody_else_chooses_and_only_in_a_draft():
    place = office()
    choose_all(place)
    above = superior(place)
    [item], [target] = place.version.items.all(), above.version.items.all()

    with pytest.raises(actions.NotAllowed):
        cascade.choose_above(item, target, by=UserFactory())
    bring_to(place, State.PROPOSED)
    with pytest.raises(actions.NotNow):
        cascade.choose_above(item, target, by=place.assessee)


def test_a_ring_is_refused():
    place = office()
    choose_all(place)
    above = superior(place)
    link(place, above)
    # The superior is, in another office's word, assessed by this one.
    Party.objects.filter(version=above.version, capacity="assessor").update(user=place.assessee)

    with pytest.raises(AgreementRefused):
        link(above, place)


# --- Following the lineage -------------------------------------------------------------------------------------------
def test_a_link_follows_the_item_above_and_its_own_through_new_versions():
    place = office()
    choose_all(place)
    above = superior(place)
    link(place, above)
    bring_to(above, State.AGREED)
    amendments.amend(above.version, by=above.assessee, reason="ปรับ", at=NOON)
    bring_to(place, State.PROPOSED)
    states.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้", at=NOON)

    [line] = lines(place)

    assert place.version.number == 2
    assert [node.item for node in line.above] == [above.version.items.get()]
    assert above.version.number == 2
    amendments.abandon(above.version, by=above.assessee, at=NOON)
    [line] = lines(place)
    assert [node.item.version.number for node in line.above] == [1]


def test_an_item_above_that_is_gone_is_warned_of():
    place = office(indicators=2)
    choose_all(place)
    above = superior(place)
    item = place.version.items.order_by("order").first()
    target = above.version.items.order_by("order").first()
    cascade.choose_above(item, target, by=place.assessee)
    bring_to(above, State.PROPOSED)
    renewed = states.return_with_reason(above.version, actions.RETURN_PROPOSAL, by=above.assessor, reason="แก้", at=NOON)
    services.remove_item(renewed.items.get(lineage=target.lineage), by=above.assessee)

    [line, _other] = lines(place)

    assert (line.above, len(line.node.warnings)) == ((), 1)


# --- The tree --------------------------------------------------------------------------------------------------------
def test_the_tree_is_seen_from_both_ends_with_shares():
    place = office()
    choose_all(place)
    other = colleague(place)
    choose_all(other)
    above, top = superior(place), organisations(place, place.province)
    link(place, above), link(other, above), link(above, top)
    Item.objects.filter(version=other.version).update(weight="50")

    [from_top] = lines(top)
    [from_bottom] = lines(place)

    [middle] = from_top.node.below
    assert [(one.agreement, one.share) for one in middle.below] == [
        (place.agreement, "66.67"),
        (other.agreement, "33.33"),
    ]
    assert [one.agreement for one in from_bottom.above] == [top.agreement, above.agreement]
    # From below nobody sees who stands beside.
    assert from_bottom.node.below == ()


def test_scores_are_shown_only_to_those_who_may_see_them():
    place = office(releases_on_assessment=False)
    choose_all(place)
    above = superior(place)
    link(place, above)
    bring_to(place, State.REPORTED)
    judge_all(place)
    item = place.version.items.get()
    results.correct(place.version, item, {"value": "85"}, reason="ตรวจแล้ว", by=place.assessor, at=NOON)
    sign(place, actions.ASSESS, place.assessor)

    def score_for(reader):
        [line] = lines(above, reader)
        return line.node.below[0].score

    # The assessor sees the assessed score, the assessee until the release the self score, strangers none.
    assert (score_for(place.assessor), score_for(place.assessee), score_for(UserFactory())) == ("3.5000", "4.0000", "")


def test_weights_that_differ_and_items_nobody_carries_are_warned_of():
    place = office()
    choose_all(place)
    above = superior(place)
    top = organisations(place, place.province)
    link(place, above)
    Item.objects.filter(version=place.version).update(weight="60")

    [line] = lines(above)
    assert line.node.below[0].warnings == ("It weighs 60 here and 100 above.",)
    assert lines(place)[0].node.warnings == ("It weighs 60 here and 100 above.",)
    assert lines(top)[0].node.warnings == ("Nobody below carries it.",)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tree_takes_as_many_questions_however_many_carry(rows, django_assert_num_queries):
    place = office()
    choose_all(place)
    above = superior(place)
    for one in (place, *(colleague(place) for _ in range(rows - 1))):
        if not one.version.items.exists():
            choose_all(one)
        link(one, above)
    items = list(cascade.rows_of(above.version))

    with django_assert_num_queries(5):
        [line], _forest = cascade.lines_of(items, above.assessee)

    assert len(line.node.below) == rows


# --- The overview ----------------------------------------------------------------------------------------------------
def test_the_overview_names_units_where_nobody_carries_what_they_are_given():
    place = office()
    choose_all(place)
    lacking = OrganisationFactory(parent=place.province, unit_code="general", kind="group")

    found = cascade_overview.overview(place.round, reader=place.hr)

    [given] = found.given
    assert (given.units, given.carried, given.lacking, found.lacking) == (2, 1, (lacking,), 1)


def test_the_overview_shows_no_unit_outside_the_readers_reach():
    place = office()
    stranger = office()

    assert cascade_overview.overview(place.round, reader=stranger.hr).given == ()


def test_the_overview_lists_weights_that_differ():
    place = office()
    choose_all(place)
    above = superior(place)
    link(place, above)
    assert cascade_overview.overview(place.round, reader=place.hr).drifts == ()
    Item.objects.filter(version=place.version).update(weight="60")

    [drift] = cascade_overview.overview(place.round, reader=place.hr).drifts

    assert (drift.item.weight, drift.above.weight) == (Decimal(60), Decimal(100))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_overview_takes_as_many_questions_however_many_agree(rows, django_assert_num_queries):
    place = office()
    choose_all(place)
    above = superior(place)
    link(place, above)
    for _number in range(rows - 1):
        other = colleague(place)
        choose_all(other)
        link(other, above)

    with django_assert_num_queries(6):
        found = cascade_overview.overview(place.round, reader=place.hr)

    assert found.given[0].carried == rows + 1


# --- Scored from those below -----------------------------------------------------------------------------------------
def gathering(how="ratio", **more):
    """Return two agreements that carry an item of a superior whose value is gathered from them."""
    place = office()
    [indicator] = place.indicators
    indicator.definition = indicator.definition | {"measure": RATIO, "from_below": {"how": how}} | more
    with lifted():
        indicator.save()
    choose_all(place)
    other = colleague(place)
    choose_all(other)
    above = superior(place)
    link(place, above), link(other, above)
    for one in (place, other, above):
        bring_to(one, State.AGREED)
    return place, other, above


def report(place, part, whole, **more):
    [item] = results.open_book(place.version).leaves
    inputs = {"variables": {"part": part, "whole": whole}} | more
    results.enter(place.version, item, inputs, note="", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)


def offered(above):
    book = results.open_book(above.version)
    return from_below.offer(book, book.leaves[0])


def test_what_those_below_reported_is_offered_and_taken_with_its_sources():
    place, other, above = gathering()
    report(place, "80", "100")
    report(other, "9", "10")

    found = offered(above)
    kept = from_below.take(above.version, above.version.items.get(), by=above.assessee, at=NOON)

    # 89 of 110, not the mean of 80 and 90.
    assert (found.value, found.counted, found.is_taken) == ("80.9091", 2, False)
    assert [one["name"] for one in kept.inputs["from_below"]] == [str(place.assessee), str(other.assessee)]
    [score] = results.scores_of(results.open_book(above.version), "self").indicators
    assert score.as_document()["trace"][0]["values"]["sources"] == f"{place.assessee}, {other.assessee}"
    again = offered(above)
    assert (again.is_taken, again.is_changed) == (True, False)


def test_who_has_not_reported_is_named_and_left_out_and_what_came_later_is_told():
    place, other, above = gathering()
    report(place, "80", "100")

    kept = from_below.take(above.version, above.version.items.get(), by=above.assessee, at=NOON)
    report(other, "9", "10")

    assert kept.inputs["from_below"][1] == {"name": str(other.assessee), "left_out": "not_reported"}
    assert offered(above).is_changed


def test_nothing_reported_below_is_refused_in_words():
    _place, _other, above = gathering()

    with pytest.raises(ResultRefused):
        from_below.take(above.version, above.version.items.get(), by=above.assessee, at=NOON)
    assert offered(above).refused != ()


@pytest.mark.parametrize(
    ("how", "value"), [("sum", "170.0000"), ("worst", "80.0000"), ("mean", "85.0000"), ("weighted_mean", "85.0000")]
)
def test_the_other_ways(how, value):
    place, other, above = gathering(how)
    report(place, "80", "100")
    report(other, "9", "10")

    assert offered(above).value == value


def test_only_the_assessee_takes_it_over():
    place, _other, above = gathering()
    report(place, "80", "100")

    with pytest.raises(actions.NotAllowed):
        from_below.take(above.version, above.version.items.get(), by=place.assessee, at=NOON)


def test_an_exact_value_stays_exact():
    assert from_below.plain_text(results.scoring.exact("89.5")) == "89.5"
    assert from_below.plain_text(results.scoring.exact("8800") / 98) == "4400/49"


# --- At least so many sub-indicators ---------------------------------------------------------------------------------
def test_proposing_waits_for_as_many_sub_indicators_as_the_indicator_wants():
    place = office()
    [indicator] = place.indicators
    indicator.definition = {
        "children_at_least": 2,
        "assigned_units": ["general"],
        "criteria": {"kind": "open"},
    }
    with lifted():
        indicator.save()
    choose_all(place)
    own = {"title": "ตัวชี้วัดย่อย", "weight": Decimal(50), "criteria": IndicatorFactory.definition.function()["criteria"]}

    def missing():
        said = signing.obstacles(place.version, actions.PROPOSE)
        return [one for one in said if "at least 2" in one]

    assert len(missing()) == 1
    parent = place.version.items.get()
    sub_indicators.write_own_sub_indicator(parent, own, goal="", by=place.assessee)
    assert len(missing()) == 1
    parent.refresh_from_db()
    sub_indicators.write_own_sub_indicator(parent, own, goal="", by=place.assessee)
    assert missing() == []


def test_taken_over_where_lateness_counts_it_is_sent_that_day():
    place, _other, above = gathering(lateness={"due": "2013-03-20", "per_working_day": "0.25"})
    report(place, "80", "100", submitted_on="2013-02-10")

    kept = from_below.take(above.version, above.version.items.get(), by=above.assessee, at=NOON)

    assert kept.inputs["submitted_on"] == "2013-02-18"
