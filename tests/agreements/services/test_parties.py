import datetime

import pytest
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.models import Agreement, Capacity, Event, Part, Party, Refusal, Signature, State
from agreements.services import batches, content as contents, parties, refusals, results, signing, states
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory
from tests.walks import (
    bring_to,
    colleague,
    enter_all,
    full_office,
    judge_all,
    name_witness,
    office,
    release,
    review,
    sign,
)

pytestmark = pytest.mark.django_db

LATER = NOON + datetime.timedelta(days=30)


def replace(place, capacity, posting, *, by=None, reason="เกษียณอายุราชการ", at=LATER):
    return parties.replace_party(place.version, capacity, posting, by=by or place.hr, reason=reason, at=at)


def held(place):
    return dict(place.version.parties.values_list("capacity", "user"))


def state_of(place):
    place.agreement.refresh_from_db()
    return place.agreement.state, place.version.part.state, place.version.number


# --- Replacing -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, (State.DRAFT, State.DRAFT, 1)),
        (State.PROPOSED, (State.DRAFT, State.DRAFT, 2)),
        (State.AGREED, (State.AGREED, State.AGREED, 2)),
        (State.REPORTED, (State.REPORTED, State.REPORTED, 2)),
    ],
)
def test_a_retired_assessor_is_replaced_without_a_split(state, expected):
    place = bring_to(office(), state)
    successor = PostingFactory(organisation=place.unit, title="นักส่งเสริมฯ คนใหม่")
    signed = list(Signature.objects.order_by("pk").values())
    old = place.version

    replace(place, Capacity.ASSESSOR, successor)

    assert state_of(place) == expected
    assert held(place) == {
        "assessee": place.assessee.pk, "assessor": successor.user.pk, "reviewer": place.reviewer.pk,
    }  # fmt: skip
    assert Part.objects.get().assessor == successor
    assert place.version.parties.get(capacity="assessor").title == successor.printed_title
    assert list(Signature.objects.order_by("pk").values()) == signed
    event = Event.objects.order_by("number").last()
    assert (event.verb, event.text.details["before"], event.text.details["after"], event.text.details["reason"]) == (
        "replace", place.assessor.full_name, successor.user.full_name, "เกษียณอายุราชการ",
    )  # fmt: skip
    if expected[2] == 2:
        assert old.parties.get(capacity="assessor").user == place.assessor


def test_a_successor_takes_the_agreement_to_its_end():
    place = bring_to(office(releases_on_assessment=False), State.AGREED)
    successor = PostingFactory(organisation=place.unit)
    replace(place, Capacity.ASSESSOR, successor)
    old, place.assessor = place.assessor, successor.user

    enter_all(place)
    results.report(place.version, by=place.assessee, at=NOON)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)

    # The start was signed by the one, the result by the other.
    lines = contents.signature_lines(place.version, ["agree", "result"])
    assert [(line.capacity, line.name) for line in lines] == [
        ("assessee", place.assessee.full_name), ("assessor", old.full_name), ("assessor", successor.user.full_name),
    ]  # fmt: skip
    assert Agreement.objects.visible_to(old).exists() is False


def test_what_is_to_be_mended_stays_so_when_the_assessor_changes():
    place = bring_to(office(), State.REPORTED)
    item = place.version.items.get()
    told = {"by": place.assessor, "reason": "ดูที่ตัวชี้วัด", "remarks": {item.lineage: "นับใหม่"}, "at": NOON}
    states.return_with_reason(place.version, actions.RETURN_REPORT, **told)

    replace(place, Capacity.ASSESSOR, PostingFactory(organisation=place.unit))

    assert place.version.returned_because == "ดูที่ตัวชี้วัด"
    assert place.version.items.get().returned_because == "นับใหม่"


@pytest.mark.parametrize("state", [State.ASSESSED, State.RELEASED, State.ACKNOWLEDGED])
def test_an_assessor_who_has_signed_everything_is_not_replaced(state):
    place = bring_to(office(releases_on_assessment=False), state)

    with pytest.raises(states.AgreementRefused):
        replace(place, Capacity.ASSESSOR, PostingFactory(organisation=place.unit))
    # The control: reopened, the successor assesses.
    states.reopen(place.version, actions.REOPEN_REPORT, by=place.hr, reason="เปลี่ยนผู้ประเมิน", at=NOON)
    replace(place, Capacity.ASSESSOR, PostingFactory(organisation=place.unit))


def test_nobody_takes_part_twice_or_assesses_themselves():
    place = bring_to(office(), State.AGREED)
    elsewhere = PostingFactory(organisation=OrganisationFactory())
    gone = PostingFactory(organisation=place.unit, ends_on=NOON.date())
    idle = PostingFactory(organisation=place.unit, user__is_active=False)
    head = place.posting.assessor.assessor

    for wrong in (place.posting, head, place.posting.assessor, elsewhere, gone, idle, None):
        with pytest.raises(states.AgreementRefused):
            replace(place, Capacity.ASSESSOR, wrong)
    for wrong in (Capacity.ASSESSEE, Capacity.WITNESS):
        with pytest.raises(states.AgreementRefused):
            replace(place, wrong, PostingFactory(organisation=place.unit))
    with pytest.raises(states.AgreementRefused):
        replace(place, Capacity.ASSESSOR, PostingFactory(organisation=place.unit), reason=" ")
    assert state_of(place) == (State.AGREED, State.AGREED, 1)


def test_control_without_the_check_the_database_still_refuses_a_second_capacity(monkeypatch):
    place = bring_to(office(), State.AGREED)
    monkeypatch.setattr(parties, "_demand_somebody_else", lambda *_args, **_told: None)

    for wrong in (place.posting.assessor.assessor, place.posting):
        with pytest.raises(IntegrityError), transaction.atomic():
            replace(place, Capacity.ASSESSOR, wrong)


def test_only_hr_names_parties_and_not_on_their_own_agreement():
    place = office()
    RoleFactory(user=place.assessee, organisation=place.province)

    for other in (place.assessee, place.assessor, place.reviewer):
        with pytest.raises(actions.NotAllowed):
            replace(place, Capacity.COMMENTATOR, PostingFactory(organisation=place.unit), by=other)


@pytest.mark.parametrize("state", [State.DRAFT, State.AGREED, State.RELEASED, State.ACKNOWLEDGED])
def test_a_reviewer_is_replaced_in_place_until_the_opinion_is_given(state):
    place = bring_to(office(releases_on_assessment=False), state)
    successor = PostingFactory(organisation=place.province, title="ท้องถิ่นจังหวัดคนใหม่", position_type="อำนวยการ")

    replace(place, Capacity.REVIEWER, successor)

    assert state_of(place)[::2] == (state, 1)
    assert held(place)["reviewer"] == successor.user.pk
    # Who gives an opinion now is printed, also where the content was signed before.
    assert contents.form_source(place.version, viewer=place.hr).content["parties"]["reviewer"]["name"] == (
        successor.user.full_name
    )
    place.reviewer = successor.user
    bring_to(place, State.REVIEWED)
    with pytest.raises(actions.NotNow):
        replace(place, Capacity.REVIEWER, PostingFactory(organisation=place.province))


def test_where_no_opinion_is_left_to_wait_for_it_is_reviewed():
    place = bring_to(office(), State.ACKNOWLEDGED)

    replace(place, Capacity.REVIEWER, None, reason="ไม่มีผู้บังคับบัญชาเหนือขึ้นไป")

    assert state_of(place)[0] == State.REVIEWED
    assert Agreement.objects.awaiting_hr(place.hr).get() == place.agreement


# --- Refusal ---------------------------------------------------------------------------------------------------------
def test_a_refusal_to_sign_goes_on_as_acknowledged_once_the_witness_has_signed():
    place = bring_to(full_office(releases_on_assessment=False), State.RELEASED)

    name_witness(place)
    assert (Refusal.objects.get().told_on, Refusal.objects.get().recorded_by) == (NOON.date(), place.assessor)
    assert Agreement.objects.waiting_for(place.witness).exists() is True
    assert state_of(place)[0] == State.RELEASED
    sign(place, actions.WITNESS, place.witness)

    assert state_of(place)[0] == State.ACKNOWLEDGED
    signature = Signature.objects.get(capacity="witness")
    assert (signature.signatory, signature.decision) == (place.witness, "witnessed")
    with pytest.raises(actions.NotNow):
        sign(place, actions.ACKNOWLEDGE, place.assessee)
    review(place)
    assert state_of(place)[0] == State.REVIEWED


def test_until_the_witness_has_signed_the_assessee_may_and_the_witness_then_may_not():
    place = bring_to(full_office(), State.RELEASED)
    name_witness(place)

    sign(place, actions.ACKNOWLEDGE, place.assessee)

    assert state_of(place)[0] == State.ACKNOWLEDGED
    assert Refusal.objects.exists() is False
    assert Party.objects.filter(capacity="witness").exists() is False
    with pytest.raises(actions.NotAllowed):
        sign(place, actions.WITNESS, place.witness)
    assert [event.verb for event in Event.objects.order_by("number")][-2:] == ["refuse", "acknowledge"]


def test_a_witness_is_somebody_of_the_office_who_takes_no_part_and_did_not_record_it():
    place = bring_to(full_office(), State.RELEASED)
    hr_posting = PostingFactory(user=place.hr, organisation=place.province)
    elsewhere = PostingFactory(organisation=OrganisationFactory())
    told = {"told_on": NOON.date(), "at": NOON}

    for wrong in (place.posting, place.posting.assessor, place.posting.assessor.assessor, elsewhere):
        with pytest.raises(states.AgreementRefused):
            refusals.record_refusal(place.version, witness=wrong, by=place.assessor, **told)
    with pytest.raises(states.AgreementRefused):
        refusals.record_refusal(place.version, witness=hr_posting, by=place.hr, **told)
    for other in (place.assessee, place.reviewer, place.witness):
        with pytest.raises(actions.NotAllowed):
            refusals.record_refusal(place.version, witness=place.witness.postings.get(), by=other, **told)
    # The control: the assessor may name the HR officer.
    refusals.record_refusal(place.version, witness=hr_posting, by=place.assessor, **told)
    assert held(place)["witness"] == place.hr.pk


@pytest.mark.parametrize("days", [-1, 1])
def test_the_result_was_told_between_the_release_and_today(days):
    place = bring_to(full_office(), State.RELEASED)
    told_on = NOON.date() + datetime.timedelta(days=days)

    with pytest.raises(states.AgreementRefused):
        refusals.record_refusal(
            place.version, witness=place.witness.postings.get(), told_on=told_on, by=place.hr, at=NOON
        )
    assert Refusal.objects.exists() is False


# --- Many at once ----------------------------------------------------------------------------------------------------
def three(state, **fields):
    place = bring_to(office(releases_on_assessment=False, **fields), state)
    return [place, bring_to(colleague(place), state), bring_to(colleague(place), state)]


def test_many_are_released_in_one_act_that_lists_them():
    places = three(State.ASSESSED)
    before = Event.objects.count()

    count = batches.release([one.version for one in places], by=places[0].hr, at=LATER)

    assert count == 3
    assert [state_of(one)[0] for one in places] == [State.RELEASED] * 3
    event = Event.objects.order_by("number").last()
    assert (Event.objects.count() - before, event.verb, event.agreement) == (1, "release", None)
    assert event.text.details["agreements"] == [one.agreement.pk for one in places]
    assert [Event.objects.about(one.agreement).last() for one in places] == [event] * 3


def test_a_batch_is_done_whole_or_not_at_all():
    places = three(State.ASSESSED)
    release(places[1])
    before = Event.objects.count()

    with pytest.raises(states.AgreementRefused):
        batches.release([one.version for one in places], by=places[0].hr, at=LATER)

    assert [state_of(one)[0] for one in places] == [State.ASSESSED, State.RELEASED, State.ASSESSED]
    assert Event.objects.count() == before
    with pytest.raises(states.AgreementRefused):
        batches.release([], by=places[0].hr, at=LATER)


def test_a_proposal_is_checked_before_the_assessor_signs_where_the_round_wants_it():
    places = three(State.PROPOSED, checks_completeness=True)
    hr = places[0].hr
    assert Agreement.objects.awaiting_hr(hr).count() == 3
    assert Agreement.objects.waiting_for(places[0].assessor).count() == 0
    with pytest.raises(signing.SignOffRefused):
        sign(places[0], actions.AGREE, places[0].assessor)

    batches.pass_proposals([one.version for one in places[:2]], by=hr, at=NOON)
    batches.send_back_incomplete([places[2].version], by=hr, reason="ไม่มีเกณฑ์", at=NOON)

    assert Agreement.objects.awaiting_hr(hr).count() == 0
    assert Agreement.objects.waiting_for(places[0].assessor).count() == 2
    assert [state_of(one) for one in places] == [
        (State.PROPOSED, State.PROPOSED, 1), (State.PROPOSED, State.PROPOSED, 1), (State.DRAFT, State.DRAFT, 2),
    ]  # fmt: skip
    assert places[2].version.returned_because == "ไม่มีเกณฑ์"
    sign(places[0], actions.AGREE, places[0].assessor)
    with pytest.raises(states.AgreementRefused):
        batches.pass_proposals([places[1].version], by=hr, at=NOON)
    # Proposed anew, it is checked anew.
    sign(places[2], actions.PROPOSE, places[2].assessee)
    assert Agreement.objects.awaiting_hr(hr).get() == places[2].agreement


def test_hr_neither_checks_nor_releases_their_own():
    own = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    hr = RoleFactory(user=own.assessee, organisation=own.province).user

    with pytest.raises(actions.NotAllowed):
        batches.release([own.version], by=hr, at=NOON)
    batches.release([own.version], by=own.hr, at=NOON)
