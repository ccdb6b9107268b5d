import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agreements import actions
from agreements.models import Agreement, Capacity, Event, Reading, Role, Round, Signature, State, Version
from agreements.services import content as contents, readings, results, rounds, signing, states
from tests.factories import NOON, RoleFactory
from tests.walks import bring_to, comment, enter_all, full_office, judge_all, office, release, sign

pytestmark = pytest.mark.django_db

LATER = NOON + datetime.timedelta(days=3)


def last_event():
    return Event.objects.order_by("number").last()


def state_of(place):
    place.agreement.refresh_from_db()
    return place.agreement.state, place.version.part.state, place.version.number


# --- Returning at the indicators -------------------------------------------------------------------------------------
def test_a_return_says_at_several_indicators_what_is_to_be_mended():
    place = bring_to(office(indicators=2), State.REPORTED)
    first, second = place.version.items.order_by("order")

    states.return_with_reason(
        place.version,
        actions.RETURN_REPORT,
        by=place.assessor,
        reason="",
        remarks={first.lineage: " นับใหม่ ", second.lineage: "ขาดหลักฐาน"},
        at=NOON,
    )

    version = place.version
    assert dict(version.items.values_list("code", "returned_because")) == {
        first.code: "นับใหม่", second.code: "ขาดหลักฐาน",
    }  # fmt: skip
    assert version.is_being_mended is True
    assert last_event().text.details["indicators"] == {first.code: "นับใหม่", second.code: "ขาดหลักฐาน"}
    assert last_event().text.details["reason"] == version.returned_because
    assert first.code in version.returned_because
    # Reported again, the assessor still reads what was asked for; the next version begins without.
    results.report(version, by=place.assessee, at=NOON)
    assert place.version.is_being_mended is True
    states.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="อีกครั้ง", at=NOON)
    assert set(place.version.items.values_list("returned_because", flat=True)) == {""}
    results.report(place.version, by=place.assessee, at=NOON)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)
    assert place.version.is_being_mended is False


def test_a_return_without_any_reason_or_at_a_strange_indicator_is_refused():
    place = bring_to(office(), State.PROPOSED)
    other = bring_to(office(), State.PROPOSED).version.items.get()
    told = {"by": place.assessor, "at": NOON}

    for said in ({"reason": " "}, {"reason": "", "remarks": {other.lineage: "แก้"}}, {"reason": "", "remarks": {}}):
        with pytest.raises(states.AgreementRefused):
            states.return_with_reason(place.version, actions.RETURN_PROPOSAL, **said, **told)
    assert state_of(place) == (State.PROPOSED, State.PROPOSED, 1)


# --- Withdrawal ------------------------------------------------------------------------------------------------------
WITHDRAWN = [
    (actions.WITHDRAW_PROPOSAL, "assessee", State.DRAFT, 2),
    (actions.WITHDRAW_REPORT, "assessee", State.AGREED, 1),
    (actions.WITHDRAW_ASSESSMENT, "assessor", State.REPORTED, 2),
]


@pytest.mark.parametrize(("action", "who", "target", "number"), WITHDRAWN, ids=lambda value: getattr(value, "code", ""))
def test_whoever_acted_last_withdraws_what_nobody_opened(action, who, target, number):
    place = bring_to(office(releases_on_assessment=False), action.source)
    signed = Signature.objects.count()

    states.withdraw(place.version, action, by=getattr(place, who), at=LATER)

    assert state_of(place) == (target, target, number)
    assert Signature.objects.count() == signed
    assert (last_event().verb, last_event().actor) == (action.code, getattr(place, who))


@pytest.mark.parametrize(("action", "who", "target", "number"), WITHDRAWN, ids=lambda value: getattr(value, "code", ""))
@pytest.mark.parametrize("reader", ["assessor", "assessee", "reviewer", "hr"])
def test_once_it_was_opened_it_is_not_withdrawn(action, who, target, number, reader, monkeypatch):
    place = bring_to(office(releases_on_assessment=False), action.source)
    readings.note(place.version, by=getattr(place, reader), at=NOON)
    before = state_of(place)

    if reader == who:
        # The control: reading one's own takes nothing away.
        states.withdraw(place.version, action, by=getattr(place, who), at=LATER)
        assert state_of(place) == (target, target, number)
        return
    with pytest.raises(actions.NotNow):
        states.withdraw(place.version, action, by=getattr(place, who), at=LATER)
    assert state_of(place) == before


def test_an_assessment_that_released_itself_is_withdrawn_until_the_assessee_opened_it():
    place = bring_to(office(releases_on_assessment=True), State.RELEASED)
    states.withdraw(place.version, actions.WITHDRAW_ASSESSMENT, by=place.assessor, at=NOON)
    assert state_of(place) == (State.REPORTED, State.REPORTED, 2)

    sign(place, actions.ASSESS, place.assessor)
    readings.note(place.version, by=place.assessee, at=NOON)
    with pytest.raises(actions.NotNow):
        states.withdraw(place.version, actions.WITHDRAW_ASSESSMENT, by=place.assessor, at=NOON)


def test_what_hr_released_the_assessor_does_not_withdraw():
    place = bring_to(office(releases_on_assessment=False), State.RELEASED)

    with pytest.raises(actions.NotNow):
        states.withdraw(place.version, actions.WITHDRAW_ASSESSMENT, by=place.assessor, at=NOON)


def test_a_reading_is_kept_once_and_only_of_parties_and_hr():
    place = bring_to(office(), State.PROPOSED)
    auditor = RoleFactory(organisation=place.province, kind=Role.Kind.AUDITOR).user

    for reader in (place.assessor, place.assessor, place.hr, auditor, place.assessee):
        readings.note(place.version, by=reader, at=NOON)

    assert set(Reading.objects.values_list("reader", "state")) == {
        (place.assessor.pk, "proposed"), (place.hr.pk, "proposed"),
    }  # fmt: skip
    # In a state that nobody could withdraw from, nothing is kept.
    bring_to(place, State.AGREED)
    readings.note(place.version, by=place.assessor, at=NOON)
    assert Reading.objects.count() == 2


# --- Disagreeing -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["assessee", "assessor"])
def test_why_there_is_no_agreement_is_put_on_record(who):
    place = office()

    states.disagree(place.version, by=getattr(place, who), reason="น้ำหนักไม่ตรงกับงาน", at=NOON)

    assert state_of(place) == (State.DRAFT, State.DRAFT, 1)
    assert (last_event().verb, last_event().text.details) == ("disagree", {"reason": "น้ำหนักไม่ตรงกับงาน"})
    with pytest.raises(actions.NotAllowed):
        states.disagree(place.version, by=place.hr, reason="x", at=NOON)
    with pytest.raises(states.AgreementRefused):
        states.disagree(place.version, by=getattr(place, who), reason=" ", at=NOON)


# --- Reopening -------------------------------------------------------------------------------------------------------
REOPENED = [(action, state) for action in states.REOPENINGS for state in action.sources]


@pytest.mark.parametrize(("action", "state"), REOPENED, ids=lambda value: getattr(value, "code", value))
def test_hr_reopens_with_a_reason_as_a_new_version(action, state):
    place = bring_to(office(releases_on_assessment=False), state)
    signed = list(Signature.objects.order_by("pk").values())

    for other in (place.assessee, place.assessor, place.reviewer):
        with pytest.raises(actions.NotAllowed):
            states.reopen(place.version, action, by=other, reason="คะแนนผิด", at=LATER)
    with pytest.raises(states.AgreementRefused):
        states.reopen(place.version, action, by=place.hr, reason="", at=LATER)
    states.reopen(place.version, action, by=place.hr, reason="คะแนนผิด", at=LATER)

    assert state_of(place) == (action.target, action.target, 2)
    assert place.version.returned_because == "คะแนนผิด"
    assert list(Signature.objects.order_by("pk").values()) == signed
    # What was signed at the start still holds; the result is signed anew, by all.
    assert [line.capacity for line in contents.signature_lines(place.version, ["agree"])] == ["assessee", "assessor"]
    assert contents.signature_lines(place.version, ["result"]) == []
    assert contents.sees_assessment(place.version, place.assessee) is False


def test_a_reopened_agreement_comes_to_its_close_again():
    place = bring_to(office(releases_on_assessment=False), State.CLOSED)
    states.reopen(place.version, actions.REOPEN_REPORT, by=place.hr, reason="แก้ผลงาน", at=NOON)

    enter_all(place, "95")
    results.report(place.version, by=place.assessee, at=NOON)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)
    release(place)
    bring_to(place, State.CLOSED)

    assert contents.signed_content(place.version, "result")["scores"]["total"] == "4.5000"
    assert Version.objects.count() == 2


# --- Ending ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", list(actions.END.sources))
def test_an_ended_agreement_waits_for_nobody_and_goes_on_where_it_was(state):
    place = bring_to(office(releases_on_assessment=False), state)
    before = state_of(place)

    states.end(place.version, by=place.hr, because="transferred", reason="คำสั่งที่ 12/2556", at=LATER)

    place.agreement.refresh_from_db()
    assert (place.agreement.state, place.agreement.reached) == (State.ENDED, state)
    assert (place.agreement.ended_because, place.agreement.ended_reason) == ("transferred", "คำสั่งที่ 12/2556")
    people = (place.assessee, place.assessor, place.reviewer, place.hr)
    assert [Agreement.objects.waiting_for(one).exists() for one in people] == [False] * 4
    assert Agreement.objects.awaiting_hr(place.hr).exists() is False
    assert [actions.allowed(place.version, one) for one in people] == [[], [], [], [actions.RESUME]]
    states.resume(place.version, by=place.hr, reason="กลับเข้ารับราชการ", at=LATER)
    assert state_of(place) == before
    assert (place.agreement.ended_because, place.agreement.ended_reason) == ("", "")


def test_ending_wants_hr_and_a_reason_and_no_agreement_of_ones_own():
    place = office()
    own = RoleFactory(user=place.assessee, organisation=place.province).user
    told = {"because": "resigned", "reason": "", "at": NOON}

    for other in (own, place.assessor, place.reviewer):
        with pytest.raises(actions.NotAllowed):
            states.end(place.version, by=other, **told)
    for wrong in ({"because": "bored"}, {"because": "other"}, {"because": ""}):
        with pytest.raises(states.AgreementRefused):
            states.end(place.version, by=place.hr, **(told | wrong))
    states.end(place.version, by=place.hr, **told)
    with pytest.raises(states.AgreementRefused):
        states.resume(place.version, by=place.hr, reason="", at=NOON)
    assert state_of(place)[0] == State.ENDED


def test_the_database_refuses_an_end_without_a_reason_and_a_reason_without_an_end():
    place = office()

    for wrong in ({"state": "ended"}, {"ended_because": "died"}, {"state": "ended", "ended_from": "closed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Agreement.objects.filter(pk=place.agreement.pk).update(**wrong)
    # The control: with both it is accepted.
    Agreement.objects.update(state="ended", ended_because="died", ended_from="draft")


@pytest.mark.parametrize("state", [State.REPORTED, State.ASSESSED])
def test_an_ended_agreement_is_not_scored_with_its_round(state):
    place = bring_to(office(releases_on_assessment=False), state)
    other = bring_to(office(releases_on_assessment=False), state)
    Round.objects.filter(pk=other.round.pk).update(fiscal_year=2557)
    states.end(place.version, by=place.hr, because="died", reason="", at=NOON)

    ended = rounds.score_round(place.round, at=NOON).outcomes
    states.resume(place.version, by=place.hr, reason="บันทึกผิดคน", at=NOON)

    assert ended == 0
    assert rounds.score_round(place.round, at=NOON).outcomes == (1 if state == State.REPORTED else 0)


def test_the_assessee_of_an_agreement_ended_before_release_sees_no_assessment():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    states.end(place.version, by=place.hr, because="transferred", reason="", at=NOON)

    assert contents.sees_assessment(place.version, place.assessee) is False
    source = contents.form_source(place.version, viewer=place.assessee)
    assert source.content["results"]
    assert {one["verdict"] for one in source.content["results"].values()} == {""}
    # The control: the assessor's own form of the same agreement carries the verdicts.
    source = contents.form_source(place.version, viewer=place.assessor)
    assert {one["verdict"] for one in source.content["results"].values()} == {"accepted"}


# --- Commentator and reviewers ---------------------------------------------------------------------------------------
def test_the_assessor_signs_only_after_the_commentator():
    place = bring_to(full_office(), State.PROPOSED)

    with pytest.raises(signing.SignOffRefused) as refusal, translation.override("en"):
        sign(place, actions.AGREE, place.assessor)
    comment(place, actions.COMMENT_START)
    sign(place, actions.AGREE, place.assessor)

    assert [str(refusal.value)] == [f"First the commentator {place.commentator.full_name} signs with a comment."]


def test_a_commentator_signs_the_results_as_reported_and_the_assessor_what_came_of_them():
    place = bring_to(full_office(releases_on_assessment=False), State.REPORTED)

    with pytest.raises(signing.SignOffRefused):
        sign(place, actions.COMMENT_RESULT, place.commentator, comment=" ")
    comment(place, actions.COMMENT_RESULT)
    with pytest.raises(actions.NotNow):
        sign(place, actions.COMMENT_RESULT, place.commentator, comment="อีกครั้ง")
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)

    first, second = Signature.objects.filter(stage="result").order_by("pk")
    assert [first.capacity, second.capacity] == ["commentator", "assessor"]
    assert first.content_hash != second.content_hash
    assert contents.signed_content(place.version, "result")["scores"]["final"] is not None


def test_two_reviewers_sign_one_after_the_other_and_only_then_it_is_reviewed():
    place = bring_to(full_office(), State.ACKNOWLEDGED)

    with pytest.raises(actions.NotNow):
        sign(place, actions.REVIEW_2, place.reviewer_2, decision="agrees")
    sign(place, actions.REVIEW, place.reviewer, decision="agrees")
    assert state_of(place)[0] == State.ACKNOWLEDGED
    with pytest.raises(actions.NotNow):
        sign(place, actions.REVIEW, place.reviewer, decision="agrees")
    with pytest.raises(signing.SignOffRefused):
        sign(place, actions.REVIEW_2, place.reviewer_2, decision="differs", comment=" ")
    with pytest.raises(signing.SignOffRefused):
        sign(place, actions.REVIEW_2, place.reviewer_2)
    sign(place, actions.REVIEW_2, place.reviewer_2, decision="differs", comment="ควรได้สูงกว่านี้")
    assert state_of(place)[0] == State.REVIEWED


def test_without_anybody_above_it_is_reviewed_once_it_is_acknowledged():
    place = bring_to(office(), State.RELEASED)
    place.version.parties.filter(capacity=Capacity.REVIEWER).delete()

    sign(place, actions.ACKNOWLEDGE, place.assessee)

    assert state_of(place)[0] == State.REVIEWED
