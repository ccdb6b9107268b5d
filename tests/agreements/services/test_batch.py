"""Signing much in one sitting: exceptions first, a signature each, one refusal stops no other."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from agreements import actions, thai
from agreements.models import Agreement, Event, Holiday, Signature, State
from agreements.services import agreements as services, batch, content as contents, extensions, results, signing
from tests.factories import NOON
from tests.walks import bring_to, colleague, enter_all, judge_all, office, sign

pytestmark = pytest.mark.django_db

TODAY = date(2013, 2, 18)


def several(state, count=3, **fields):
    """Return an office and its colleagues, all in `state`, under the same assessor."""
    places = [office(**fields)]
    places += [colleague(places[0]) for _number in range(count - 1)]
    return [bring_to(place, state) for place in places]


def rows(place, action, by):
    versions = batch.waiting_versions(place.round, action, by=by)
    return batch.rows_of(versions, action, today=TODAY)


def chosen(found):
    return [batch.Chosen(version=row.version, shown=row.sha256) for row in found]


def test_what_waits_for_me_and_nothing_else_is_listed():
    places = several(State.PROPOSED)
    bring_to(places[0], State.AGREED)
    other = bring_to(office(), State.PROPOSED)

    found = rows(places[1], actions.AGREE, places[1].assessor)

    assert {row.version.part.agreement for row in found} == {places[1].agreement, places[2].agreement}
    assert rows(places[1], actions.AGREE, other.assessor) == []
    assert rows(places[1], actions.AGREE, places[1].hr) == []
    assert rows(places[1], actions.ASSESS, places[1].assessor) == []


def test_a_round_that_is_not_open_waits_for_nobody():
    place = bring_to(office(), State.PROPOSED)
    place.round.status = "closed"
    place.round.save()

    assert batch.waiting_versions(place.round, actions.AGREE, by=place.assessor) == []


@pytest.mark.parametrize("action", [actions.AGREE, actions.ASSESS, actions.REVIEW], ids=lambda one: one.code)
def test_a_row_shows_the_very_content_that_would_be_signed(action):
    place = bring_to(office(indicators=2), action.source)
    if action == actions.ASSESS:
        judge_all(place)
    by = place.reviewer if action == actions.REVIEW else place.assessor

    [row] = rows(place, action, by)

    content = signing.content_to_sign(place.version, action)
    assert (row.content, row.sha256) == (content, contents.hash_of(content))
    assert row.obstacles == signing.obstacles(place.version, action)


def test_each_gets_a_signature_and_an_event_of_its_own():
    places = several(State.PROPOSED)
    found = rows(places[0], actions.AGREE, places[0].assessor)

    outcomes = batch.sign_each(chosen(found), actions.AGREE, by=places[0].assessor, at=NOON)

    assert [bool(one.signature) for one in outcomes] == [True] * 3
    assert Signature.objects.filter(capacity="assessor").values("version").distinct().count() == 3
    assert Event.objects.filter(verb="agree").count() == 3


def test_one_that_changed_is_refused_and_stops_no_other():
    places = several(State.REPORTED)
    for place in places:
        judge_all(place)
    found = chosen(rows(places[0], actions.ASSESS, places[0].assessor))
    services.return_with_reason(places[1].version, actions.RETURN_REPORT, by=places[1].assessor, reason="ป", at=NOON)
    results.set_score(places[2].version, places[2].version.items.get(), 4, reason="ก", by=places[2].assessor, at=NOON)

    outcomes = batch.sign_each(found, actions.ASSESS, by=places[0].assessor, at=NOON)

    refused = {one.version.part.agreement: one.refused for one in outcomes if one.refused}
    assert set(refused) == {places[1].agreement, places[2].agreement}
    assert [one.version.part.agreement for one in Signature.objects.filter(stage="result")] == [places[0].agreement]


def test_a_fault_in_one_is_told_and_stops_no_other(monkeypatch):
    places = several(State.PROPOSED)
    found = chosen(rows(places[0], actions.AGREE, places[0].assessor))
    real = signing.sign_off

    def falling(version, *args, **kwargs):
        if version.part.agreement == places[1].agreement:
            real(version, *args, **kwargs)
            raise RuntimeError
        return real(version, *args, **kwargs)

    monkeypatch.setattr(signing, "sign_off", transaction.atomic(falling))
    outcomes = batch.sign_each(found, actions.AGREE, by=places[0].assessor, at=NOON)

    assert [one.version.part.agreement for one in outcomes if one.refused] == [places[1].agreement]
    assert Signature.objects.filter(capacity="assessor").count() == 2


def test_control_in_one_transaction_a_fault_would_take_all():
    places = several(State.PROPOSED)
    found = chosen(rows(places[0], actions.AGREE, places[0].assessor))

    @transaction.atomic
    def together():
        batch.sign_each(found[:2], actions.AGREE, by=places[0].assessor, at=NOON)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        together()

    assert Signature.objects.filter(capacity="assessor").count() == 0


# --- What is out of the ordinary --------------------------------------------------------------------------------------
def assessed(place, *, value="100"):
    bring_to(place, State.REPORTED, value=value)
    judge_all(place)
    return place


def test_obstacles_come_first_then_exceptions_then_the_rest():
    plain = bring_to(office(indicators=2), State.AGREED)
    differing, unready = colleague(plain), colleague(plain)
    enter_all(plain)
    results.report(plain.version, by=plain.assessee, at=NOON)
    judge_all(plain)
    assessed(differing)
    results.set_score(differing.version, differing.version.items.first(), 4, reason="ไม่ครบ", by=plain.assessor, at=NOON)
    bring_to(unready, State.REPORTED)

    found = rows(plain, actions.ASSESS, plain.assessor)

    assert [row.version.part.agreement for row in found] == [
        unready.agreement, differing.agreement, plain.agreement,
    ]  # fmt: skip
    assert [row.is_ready for row in found] == [False, True, True]


def said(place, action=actions.ASSESS):
    [row] = rows(place, action, place.assessor)
    return "\n".join(row.exceptions)


def test_a_difference_is_told_with_both_scores_and_the_reason():
    place = assessed(office())
    results.set_score(place.version, place.version.items.get(), 2, reason="หลักฐานไม่ครบ", by=place.assessor, at=NOON)

    assert "5.0000" in said(place)
    assert "2.0000" in said(place)
    assert "หลักฐานไม่ครบ" in said(place)


def test_a_full_score_missing_evidence_and_a_competency_gap_are_told():
    place = assessed(office())
    results.explain_full_score(place.version, "ดีเด่นจริง", by=place.assessor)
    full = said(place)
    results.observe(place.version, {1: 1}, by=place.assessor)

    assert "ดีเด่นจริง" in full
    assert place.indicators[0].code in full
    assert "บริการที่ดี" in said(place)


def test_what_was_returned_says_why_and_what_changed_since():
    place = bring_to(office(), State.PROPOSED)
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับเป้า", at=NOON)
    place.version.items.update(goal="เป้าใหม่")
    sign(place, actions.PROPOSE, place.assessee)

    [row] = rows(place, actions.AGREE, place.assessor)

    assert "ปรับเป้า" in row.exceptions[0]
    assert [entry.after for change in row.changes for entry in change.entries] == ["เป้าใหม่"]


def test_what_came_late_and_what_is_overdue_are_told():
    place = bring_to(office(propose_by=date(2013, 1, 31)), State.PROPOSED)

    [row] = rows(place, actions.AGREE, place.assessor)

    # NOON lies after the day by which it was to be proposed, TODAY too.
    assert len(row.exceptions) == 2
    assert all("31" in one for one in row.exceptions)


def test_why_the_proposal_was_returned_is_not_told_to_who_signs_the_result():
    place = bring_to(office(), State.PROPOSED)
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับเป้า", at=NOON)
    sign(place, actions.PROPOSE, place.assessee)
    bring_to(place, State.ACKNOWLEDGED)

    [row] = rows(place, actions.REVIEW, place.reviewer)

    assert "ปรับเป้า" not in "\n".join(row.exceptions)


def test_what_came_within_the_time_that_was_given_is_not_told_as_late():
    place = bring_to(office(propose_by=date(2013, 1, 31)), State.PROPOSED)
    given = {"until": TODAY, "reason": "ไปราชการ", "by": place.hr, "at": NOON}
    extensions.extend_agreements(place.round, [place.agreement], "propose", **given)

    [row] = rows(place, actions.AGREE, place.assessor)

    assert row.exceptions == []


def test_a_last_day_on_a_holiday_runs_to_the_next_working_day():
    place = bring_to(office(propose_by=date(2013, 1, 31)), State.PROPOSED)
    Holiday.objects.create(organisation=place.province, day=date(2013, 1, 31), name="วันหยุด")
    Agreement.objects.update(state_since=datetime(2013, 2, 1, 9, tzinfo=UTC))

    [row] = rows(place, actions.AGREE, place.assessor)

    # Proposed in time on the day after; only the assessor's own signature is overdue by today.
    assert [thai.format_date(date(2013, 2, 1)) in one for one in row.exceptions] == [True]


def test_what_somebody_wrote_beside_a_signature_is_told_to_the_next():
    place = bring_to(office(), State.RELEASED)
    sign(place, actions.ACKNOWLEDGE, place.assessee, comment="ขอให้ทบทวน")

    [row] = rows(place, actions.REVIEW, place.reviewer)

    assert "ขอให้ทบทวน" in "\n".join(row.exceptions)


def test_nothing_out_of_the_ordinary_says_nothing():
    place = bring_to(office(), State.PROPOSED)

    assert said(place, actions.AGREE) == ""
