import json

import pytest

from agreements import actions
from agreements.models import Agreement, Capacity, Event, Signature, State
from agreements.services import agreements as services, content as contents, log, results, signing
from tests.factories import NOON
from tests.walks import (
    bring_to,
    choose_all,
    comment,
    enter_all,
    full_office,
    judge_all,
    municipality,
    name_witness,
    office,
    sign,
)

pytestmark = pytest.mark.django_db


def shown(place, action):
    return contents.hash_of(signing.content_to_sign(place.version, action))


def test_a_round_ends_closed_with_four_signatures_and_a_log_of_each_act():
    place = bring_to(office(), State.CLOSED)

    given = Signature.objects.order_by("pk").values_list("capacity", "stage", "decision")
    assert list(given) == [
        ("assessee", "agree", "signed"),
        ("assessor", "agree", "signed"),
        ("assessor", "result", "signed"),
        ("assessee", "result", "signed"),
        ("reviewer", "result", "agrees"),
    ]
    assert list(Event.objects.order_by("number").values_list("verb", flat=True)) == [
        "open", "propose", "agree", "report", "assess", "release", "acknowledge", "review", "close",
    ]  # fmt: skip
    assert place.agreement.state == State.CLOSED


# What must have happened, besides coming to the state, before an act can be signed.
BEFORE = {
    actions.PROPOSE: choose_all,
    actions.AGREE: lambda place: comment(place, actions.COMMENT_START),
    actions.ASSESS: lambda place: (comment(place, actions.COMMENT_RESULT), judge_all(place)),
    actions.WITNESS: name_witness,
    actions.REVIEW_2: lambda place: sign(place, actions.REVIEW, place.reviewer, decision="agrees"),
}


@pytest.mark.parametrize("action", actions.SIGNATURES, ids=lambda action: action.code)
def test_only_the_capacity_of_the_table_may_sign(action):
    is_witness = action in actions.WITNESSES_START
    place = bring_to(municipality(witnesses=4) if is_witness else full_office(), action.source)
    BEFORE.get(action, lambda place: None)(place)
    people = {party.capacity: party.user for party in place.version.parties.select_related("user")}
    people |= {who: user for who in Capacity if (user := getattr(place, who, None)) and who not in people}
    right = people[action.capacity]
    answer = {"decision": "agrees"} if action in (actions.REVIEW, actions.REVIEW_2) else {"comment": "เห็นด้วย"}

    for stranger in ({*people.values(), place.hr}) - {right}:
        with pytest.raises(actions.NotAllowed):
            signing.sign_off(place.version, action, by=stranger, shown=shown(place, action), at=NOON, **answer)
    # The control: the same call by the right person is accepted.
    signing.sign_off(place.version, action, by=right, shown=shown(place, action), at=NOON, **answer)

    assert Signature.objects.filter(capacity=action.capacity, stage=action.stage).count() == 1


def test_what_changed_since_it_was_shown_is_not_signed():
    place = office()
    choose_all(place)
    before = shown(place, actions.PROPOSE)
    item = place.version.items.get()
    services.set_terms(place.version, {item.pk: services.Terms(goal="ใหม่", weight=100)}, by=place.assessee)

    with pytest.raises(signing.SignOffRefused):
        signing.sign_off(place.version, actions.PROPOSE, by=place.assessee, shown=before, at=NOON)
    # The control: what is shown now can be signed.
    signing.sign_off(place.version, actions.PROPOSE, by=place.assessee, shown=shown(place, actions.PROPOSE), at=NOON)

    assert Signature.objects.count() == 1


def test_nobody_signs_twice():
    place = office()
    choose_all(place)
    first = shown(place, actions.PROPOSE)
    signing.sign_off(place.version, actions.PROPOSE, by=place.assessee, shown=first, at=NOON)

    with pytest.raises(actions.NotNow):
        signing.sign_off(place.version, actions.PROPOSE, by=place.assessee, shown=first, at=NOON)

    assert Signature.objects.count() == 1


def test_everyone_signs_the_same_result():
    bring_to(office(), State.REVIEWED)

    hashes = set(Signature.objects.filter(stage="result").values_list("content_hash", flat=True))

    assert len(hashes) == 1


def test_snapshot_is_canonical_and_its_hash_can_be_redone():
    place = bring_to(office(), State.ASSESSED)

    snapshot = Signature.objects.get(stage="result").snapshot

    assert log.digest(snapshot.content) == snapshot.sha256
    assert log.canonical(json.loads(snapshot.content)) == snapshot.content
    assert json.loads(snapshot.content)["scores"]["total"] == "4.0000"
    assert list(place.version.snapshots.order_by("pk").values_list("stage", flat=True)) == ["agree", "result"]


@pytest.mark.parametrize(
    ("fields", "weight", "said"),
    [
        ({"least_indicators": 2}, "100", "รอบนี้ต้องมีตัวชี้วัดอย่างน้อย 2 ตัว เลือกไว้ 1 ตัว"),
        ({}, "99", "น้ำหนักต้องรวมได้ 100 ขณะนี้รวมได้ 99"),
        ({}, "100.5", "น้ำหนักต้องรวมได้ 100 ขณะนี้รวมได้ 100.5"),
    ],
)
def test_what_is_incomplete_cannot_be_proposed_and_says_why(fields, weight, said):
    place = office(**fields)
    choose_all(place)
    place.version.items.update(weight=weight)

    with pytest.raises(signing.SignOffRefused) as refusal:
        sign(place, actions.PROPOSE, place.assessee)

    assert refusal.value.reasons == [said]


def test_assessment_wants_every_item_level_and_plan_row():
    place = bring_to(office(), State.REPORTED, value="65")

    assert signing.obstacles(place.version, actions.ASSESS) == [
        f"ยังไม่ได้ประเมิน: {place.indicators[0].code}",
        "ยังไม่ได้ให้ระดับ: บริการที่ดี, การคิดวิเคราะห์",
    ]
    results.accept(place.version, place.version.items.get(), by=place.assessor, at=NOON)
    results.observe(place.version, {1: 2, 2: 1}, by=place.assessor)
    title = place.version.items.get().title
    assert signing.obstacles(place.version, actions.ASSESS) == [
        f"ต้องมีแผนพัฒนาสำหรับ: {place.indicators[0].code} {title}; การคิดวิเคราะห์"
    ]
    judge_all(place)
    assert signing.obstacles(place.version, actions.ASSESS) == []


def test_reviewer_who_differs_says_so_in_words():
    place = bring_to(office(), State.ACKNOWLEDGED)

    with pytest.raises(signing.SignOffRefused):
        sign(place, actions.REVIEW, place.reviewer, decision="differs", comment=" ")
    sign(place, actions.REVIEW, place.reviewer, decision="differs", comment="เห็นว่าต่ำไป")

    assert Signature.objects.get(capacity="reviewer").comment == "เห็นว่าต่ำไป"


def test_returned_proposal_is_a_new_version_and_the_old_signature_stays():
    place = bring_to(office(), State.PROPOSED)

    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับน้ำหนัก", at=NOON)

    assert (place.version.number, place.version.reason) == (2, "ปรับน้ำหนัก")
    assert place.version.returned_because == "ปรับน้ำหนัก"
    assert Agreement.objects.get().state == State.DRAFT
    assert Signature.objects.get().version.number == 1
    assert contents.signature_lines(place.version, ["agree", "result"]) == []


def test_the_reason_of_a_return_goes_once_it_is_mended():
    place = bring_to(office(), State.PROPOSED)
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)

    bring_to(place, State.AGREED)

    assert (place.version.reason, place.version.returned_because) == ("ปรับ", "")


def test_returned_report_keeps_the_signatures_of_the_start_over_the_same_content():
    place = bring_to(office(), State.REPORTED)
    agreed = Signature.objects.filter(stage="agree").values_list("content_hash", flat=True)

    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="ขาดหลักฐาน", at=NOON)

    assert Agreement.objects.get().state == State.AGREED
    assert [line.capacity for line in contents.signature_lines(place.version, ["agree"])] == ["assessee", "assessor"]
    # The new version says the very same as the one that was signed.
    assert {contents.hash_of(contents.content_of(place.version, "agree"))} == set(agreed)
    assert results.open_book(place.version).results[place.indicators[0].code].inputs == {"value": "90"}


def test_without_a_reason_nothing_is_returned():
    place = bring_to(office(), State.PROPOSED)

    with pytest.raises(services.AgreementRefused):
        services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="  ", at=NOON)

    assert place.version.number == 1


def test_signed_results_no_longer_change():
    place = bring_to(office(), State.RELEASED)
    item = place.version.items.get()

    with pytest.raises(actions.NotNow):
        results.enter(place.version, item, {"value": "100"}, note="", by=place.assessee, at=NOON)
    with pytest.raises(actions.NotNow):
        results.accept(place.version, item, by=place.assessor, at=NOON)
    with pytest.raises(actions.NotNow):
        services.set_terms(place.version, {}, by=place.assessee)
    # The control: while the results were open, the very same call was taken.
    earlier = bring_to(office(), State.AGREED)
    enter_all(earlier, "100")

    assert results.open_book(place.version).results[item.code].inputs == {"value": "90"}


def test_a_round_that_waits_for_hr_is_released_by_hr_alone():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    assert place.agreement.state == State.ASSESSED
    assert not contents.sees_assessment(place.version, place.assessee)
    with pytest.raises(actions.NotAllowed):
        services.act(place.version, actions.RELEASE, by=place.assessor, at=NOON)
    services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)

    assert contents.sees_assessment(place.version, place.assessee)


def test_before_release_the_assessees_form_holds_no_score_of_the_assessor():
    place = bring_to(office(releases_on_assessment=False), State.REPORTED)
    item = place.version.items.get()
    results.set_score(place.version, item, 2, reason="หลักฐานไม่ครบ", by=place.assessor, at=NOON)

    hidden = contents.form_source(place.version, viewer=place.assessee)
    item_scores = hidden.content["scores"]["indicators"]

    assert [row["score"] for row in item_scores] == ["4.0000"]
    assert hidden.content["results"][item.code]["reason"] == ""


def test_log_is_one_chain():
    bring_to(office(), State.CLOSED)

    previous = log.GENESIS
    for event in Event.objects.order_by("number"):
        assert event.previous_hash == previous
        assert event.details_hash == log.digest(log.canonical(event.text.details))
        previous = event.own_hash
