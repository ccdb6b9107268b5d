import datetime
import json

import pytest

from agreements import actions
from agreements.models import Agreement, Event, Part, Result, Role, Snapshot, State
from agreements.services import agreements as services, content as contents, log, results, splits, wholes
from agreements.services.agreements import AgreementRefused
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory
from tests.guards import lifted
from tests.splits import DAY, WHY, assessor_of, at, bring_part, bring_whole, moved, sign, split, was_split
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


def state(place):
    place.agreement.refresh_from_db()
    return place.agreement.state


# --- Splitting -------------------------------------------------------------------------------------------------------
def test_one_part_ends_the_day_before_and_the_next_begins_under_the_new_position_and_assessor():
    place = bring_to(office(), State.AGREED)
    posting = moved(place)

    version = split(place, posting=posting)

    first, second = Part.objects.filter(agreement=place.agreement).order_by("number")
    assert (first.starts_on, first.ends_on, first.days) == (datetime.date(2012, 10, 1), datetime.date(2012, 12, 29), 90)
    assert (second.starts_on, second.ends_on, second.days) == (DAY, datetime.date(2013, 3, 31), 92)
    assert (first.posting, first.assessor) == (place.posting, place.posting.assessor)
    assert (second.posting, second.assessor, second.reason) == (posting, posting.assessor, WHY)
    assert (first.is_last, second.is_last, first.state, second.state) == (False, True, "agreed", "draft")
    assert {one.capacity: one.user for one in version.parties.all()} == {
        "assessee": place.assessee,
        "assessor": posting.assessor.user,
        "reviewer": place.reviewer,
    }
    # The whole stands where the slower part does, and lies where its person works now.
    place.agreement.refresh_from_db()
    assert (place.agreement.state, place.agreement.organisation) == (State.DRAFT, posting.organisation)
    event = Event.objects.get(verb="split")
    assert (event.actor, event.text.details["reason"], event.text.details["on"]) == (place.hr, WHY, "2012-12-30")


def test_the_new_part_begins_with_a_copy_or_empty():
    copied = was_split(indicators=2)
    empty = bring_to(office(indicators=2), State.AGREED)
    split(empty, start=splits.Start.EMPTY)

    assert list(at(copied, 2).items.values_list("code", "weight", "lineage").order_by("order")) == list(
        at(copied, 1).items.values_list("code", "weight", "lineage").order_by("order")
    )
    assert at(empty, 2).items.count() == 0
    assert at(empty, 2).competencies.count() == 2


def test_what_was_entered_stays_with_its_part():
    place = bring_to(office(), State.AGREED)
    (item,) = results.open_book(place.version).leaves
    results.enter(place.version, item, {"value": "90"}, note="", by=place.assessee, at=NOON)
    split(place)

    assert results.open_book(at(place, 1)).results[item.code].inputs == {"value": "90"}
    assert results.open_book(at(place, 2)).results == {}


def test_another_level_of_position_brings_its_expected_levels():
    place = bring_to(office(), State.AGREED)
    posting = moved(place)
    type(posting).objects.filter(pk=posting.pk).update(level="ชำนาญการพิเศษ")
    posting.refresh_from_db()

    split(place, posting=posting)

    assert set(at(place, 1).competencies.values_list("expected", flat=True)) == {2}
    assert set(at(place, 2).competencies.values_list("expected", flat=True)) == {3}


@pytest.mark.parametrize("day", [datetime.date(2012, 10, 1), datetime.date(2013, 4, 1)])
def test_both_parts_have_a_day(day):
    place = bring_to(office(), State.AGREED)

    with pytest.raises(AgreementRefused):
        split(place, on=day)
    assert Part.objects.count() == 1


def test_a_split_that_cannot_be_is_refused():
    place = bring_to(office(), State.AGREED)
    posting = moved(place)
    place.posting.refresh_from_db()
    own = PostingFactory(user=place.assessee, organisation=place.unit, is_acting=True)
    for wrong in (
        {"reason": "  "},
        {"posting": PostingFactory(organisation=place.unit, assessor=posting.assessor)},
        # Held until the day before.
        {"posting": place.posting, "assessor": posting.assessor},
        {"assessor": own},
        {"assessor": PostingFactory(organisation=place.unit, starts_on=datetime.date(2013, 1, 1))},
    ):
        with pytest.raises(AgreementRefused):
            split(place, **({"posting": posting} | wrong))
    with pytest.raises(actions.NotAllowed):
        split(place, posting=posting, assessor=PostingFactory())
    assert Part.objects.count() == 1
    # The control: as it is, it is taken.
    split(place, posting=posting)


def test_only_hr_splits_and_never_their_own():
    place = bring_to(office(), State.AGREED)
    RoleFactory(user=place.assessee, organisation=place.province, kind=Role.Kind.HR)

    for by in (place.assessee, place.assessor, place.reviewer):
        with pytest.raises(actions.NotAllowed):
            split(place, by=by)


def test_what_is_assessed_is_not_split():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    with pytest.raises(actions.NotNow):
        split(place)


def test_the_last_part_can_be_split_again():
    place = was_split()
    third = split(
        place, posting=at(place, 2).part.posting, on=datetime.date(2013, 2, 1), assessor=at(place, 1).part.assessor
    )

    assert [one.part.days for one in wholes.versions_of(place.agreement)] == [90, 33, 59]
    assert third.part.number == 3
    with pytest.raises(actions.NotAllowed):
        actions.demand(actions.SPLIT, at(place, 2), place.hr)


def test_who_assesses_a_part_does_not_review_the_whole():
    place = bring_to(office(), State.AGREED)
    head = place.posting.assessor.assessor
    top = PostingFactory(organisation=place.province, title="ผู้ว่าราชการจังหวัด", position_type="บริหาร")
    type(head).objects.filter(pk=head.pk).update(assessor=top)
    # The new assessor is assessed by the one who assesses the first part.
    posting = moved(place)
    type(posting).objects.filter(pk=posting.assessor_id).update(assessor=place.posting.assessor)
    posting = type(posting).objects.get(pk=posting.pk)

    version = split(place, posting=posting)

    assert version.parties.get(capacity="reviewer").user == place.reviewer


# --- Each part by itself ---------------------------------------------------------------------------------------------
def test_each_part_runs_by_itself_and_the_whole_follows_the_slower():
    place = was_split(releases_on_assessment=False)

    bring_part(place, 1, State.ASSESSED)
    assert (at(place, 1).part.state, at(place, 2).part.state, state(place)) == ("assessed", "draft", "draft")
    bring_part(place, 2, State.REPORTED)
    assert (at(place, 2).part.state, state(place)) == ("reported", "reported")
    bring_part(place, 2, State.ASSESSED)
    assert state(place) == State.ASSESSED


def test_each_assessor_scores_their_own_part_only():
    place = was_split()
    bring_part(place, 1, State.REPORTED)
    bring_part(place, 2, State.REPORTED)
    first, second = (assessor_of(at(place, number)) for number in (1, 2))

    assert actions.EVALUATE in actions.allowed(at(place, 1), first)
    assert actions.EVALUATE not in actions.allowed(at(place, 2), first)
    assert actions.EVALUATE in actions.allowed(at(place, 2), second)
    with pytest.raises(actions.NotAllowed):
        actions.demand(actions.ASSESS, at(place, 1), second)


def test_lists_name_all_who_are_waited_for_and_each_finds_it():
    place = was_split()
    bring_part(place, 2, State.PROPOSED)
    first, second = (assessor_of(at(place, number)) for number in (1, 2))

    def waiting(user):
        return list(Agreement.objects.waiting_for(user))

    # Part 1 waits for its report, part 2 for its assessor.
    (listed,) = Agreement.objects.filter(pk=place.agreement.pk).for_list()
    assert [party.user for party in listed.all_waited_for] == [place.assessee, second]
    assert (waiting(place.assessee), waiting(first), waiting(second)) == ([place.agreement], [], [place.agreement])
    bring_part(place, 1, State.REPORTED)
    bring_part(place, 2, State.REPORTED)
    assert (waiting(place.assessee), waiting(first), waiting(second)) == ([], [place.agreement], [place.agreement])
    assert [list(Agreement.objects.visible_to(one)) for one in (first, second)] == [[place.agreement]] * 2


def test_a_part_is_returned_without_the_other():
    place = was_split(releases_on_assessment=False)
    bring_part(place, 1, State.ASSESSED)
    bring_part(place, 2, State.ASSESSED)

    services.return_with_reason(at(place, 1), actions.RETURN_ASSESSMENT, by=place.hr, reason="ตรวจอีกครั้ง", at=NOON)

    assert (at(place, 1).part.state, at(place, 2).part.state, state(place)) == ("reported", "assessed", "reported")


# --- The whole -------------------------------------------------------------------------------------------------------
def assessed(**fields):
    """Return an office whose parts are assessed: 90 days with 4 of 5, 92 days with 2.5 of 5 and a level short."""
    place = was_split(releases_on_assessment=False, **fields)
    bring_part(place, 1, State.ASSESSED, value="90")
    bring_part(place, 2, State.ASSESSED, value="75", short=1)
    return place


def test_the_parts_are_merged_by_their_days():
    place = assessed()

    whole = wholes.whole_of(place.agreement)

    # Worked out by hand: achievement (90 × 80 + 92 × 50) ÷ 182 = 11800 ÷ 182 = 64.835164…,
    # competency (90 × 100 + 92 × 66.666…) ÷ 182 = 15133.333… ÷ 182 = 83.150183…,
    # final 64.835164… × 0.7 + 83.150183… × 0.3 = 70.329670…
    assert [(one.part.days, one.figures["total"], one.figures["competency"]) for one in whole.parts] == [
        (90, "4.0000", "100.00"),
        (92, "2.5000", "66.67"),
    ]
    names = ("total", "achievement", "competency", "final", "grade")
    assert tuple(whole.scores[name] for name in names) == ("3.2418", "64.84", "83.15", "70.33", "ดี")


def test_until_all_parts_are_assessed_nothing_is_merged():
    place = was_split(releases_on_assessment=False)
    bring_part(place, 1, State.ASSESSED)

    whole = wholes.whole_of(place.agreement)

    assert ([one.figures is None for one in whole.parts], whole.scores) == ([False, True], None)


def test_the_last_part_that_is_assessed_releases_where_the_round_does():
    place = was_split(releases_on_assessment=True)
    bring_part(place, 2, State.ASSESSED)
    assert state(place) == State.AGREED
    bring_part(place, 1, State.ASSESSED)

    assert state(place) == State.RELEASED


def test_the_whole_is_signed_once_over_all_parts():
    place = bring_whole(assessed(), State.CLOSED)

    last = at(place, 2)
    lines = contents.signature_lines(last, ["result"])
    assert [one.capacity for one in lines] == ["assessor", "assessee", "reviewer"]
    # The assessee and the reviewer signed the same content: both parts by their hashes, and the merged figures.
    assert len({one.content_hash for one in lines}) == 2
    whole = wholes.signed_whole(last)
    signed = [contents.signed_content(at(place, number), "result") for number in (1, 2)]
    assert [one["sha256"] for one in whole["parts"]] == [log.digest(log.canonical(one)) for one in signed]
    assert [one["days"] for one in whole["parts"]] == [90, 92]
    assert whole["scores"]["final"] == "70.33"
    # On the first part's forms the same signatures stand at the end of the round.
    first = contents.signature_lines(at(place, 1), ["result"])
    assert [one.capacity for one in first] == ["assessor", "assessee", "reviewer"]
    assert first[1].content_hash == lines[1].content_hash
    assert Snapshot.objects.filter(is_whole=True).count() == 1


def test_the_acts_of_the_whole_are_taken_on_its_last_part_only():
    place = bring_whole(assessed(), State.RELEASED)

    assert actions.allowed(at(place, 1), place.assessee) == []
    assert actions.allowed(at(place, 2), place.assessee) == [actions.ACKNOWLEDGE]
    with pytest.raises(actions.NotNow):
        sign(at(place, 1), actions.ACKNOWLEDGE, place.assessee)


def test_what_was_signed_of_a_part_is_not_what_was_signed_of_the_whole():
    place = bring_whole(assessed(), State.ACKNOWLEDGED)

    content = contents.signed_content(at(place, 2), "result")

    assert "is_whole" not in content
    assert content["period"] == {"starts_on": "2012-12-30", "ends_on": "2013-03-31"}
    assert content["exact"] == {"total": "5/2", "achievement": "50", "competency": "200/3"}


def test_merged_is_what_was_signed_whatever_is_kept_now():
    place = assessed()
    before = wholes.whole_of(place.agreement).scores
    with lifted():
        Result.objects.update(inputs={"value": "60"}, assessor_inputs=None)

    assert wholes.whole_of(place.agreement).scores == before


def test_an_agreement_that_was_never_split_is_signed_as_before():
    place = bring_to(office(), State.ACKNOWLEDGED)

    content = json.loads(place.version.signatures.filter(stage="result").first().snapshot.content)

    assert {"is_whole", "period", "exact"} & content.keys() == set()


def test_the_indicators_of_a_part_are_those_of_its_unit():
    place = was_split()
    other = OrganisationFactory(parent=place.province, kind="group", unit_code="nothing")
    Part.objects.filter(agreement=place.agreement, number=2).update(
        posting=PostingFactory(user=place.assessee, organisation=other, is_acting=True)
    )

    assert services.unit_of(at(place, 1).part) == place.unit
    assert services.unit_of(at(place, 2).part) == other
