"""The ways through the states where an agreement was split, or is being amended."""

import pytest

from agreements import actions
from agreements.models import Agreement, Capacity, Party, State
from agreements.models.states import turn_of
from agreements.services import amendments, batches, content as contents, parties, states, wholes
from agreements.services.agreements import AgreementRefused
from tests.factories import NOON, PostingFactory
from tests.splits import assessor_of, at, bring_part, bring_whole, sign, was_split
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db
WHY = "ผลสำรวจฉบับแก้ไข"


def acknowledged():
    place = was_split(State.AGREED, releases_on_assessment=False)
    bring_part(place, 1, State.ASSESSED)
    bring_part(place, 2, State.ASSESSED)
    return bring_whole(place, State.ACKNOWLEDGED)


def colleague(place):
    return PostingFactory(organisation=place.posting.organisation, level="ชำนาญการพิเศษ")


# --- Parts -----------------------------------------------------------------------------------------------------------
def test_a_first_part_is_reopened_with_the_last_one_under_which_the_whole_was_signed():
    place = acknowledged()

    states.reopen(at(place, 1), actions.REOPEN_REPORT, by=place.hr, reason=WHY, at=NOON)

    place.agreement.refresh_from_db()
    assert (at(place, 1).part.state, at(place, 2).part.state) == (State.AGREED, State.REPORTED)
    assert place.agreement.state == State.AGREED
    assert wholes.signed_whole(at(place, 2)) is None
    bring_part(place, 1, State.ASSESSED, value="70")
    sign(at(place, 2), actions.ASSESS, assessor_of(at(place, 2)))
    bring_whole(place, State.REVIEWED)
    assert place.agreement.state == State.REVIEWED
    assert wholes.signed_whole(at(place, 2)) == wholes.content_of_whole(at(place, 2))


def test_without_opening_the_last_part_the_old_figures_would_be_signed_again(monkeypatch):
    monkeypatch.setattr(states, "_open_the_whole", lambda *_args, **_named: None)
    place = acknowledged()

    states.reopen(at(place, 1), actions.REOPEN_REPORT, by=place.hr, reason=WHY, at=NOON)

    assert wholes.signed_whole(at(place, 2)) is not None


def test_a_last_part_is_reopened_by_itself():
    place = acknowledged()

    states.reopen(at(place, 2), actions.REOPEN_ASSESSMENT, by=place.hr, reason=WHY, at=NOON)

    assert (at(place, 1).part.state, at(place, 2).part.state) == (State.ASSESSED, State.REPORTED)
    assert contents.signed_content(at(place, 1), "result") is not None


def test_the_whole_is_ended_and_taken_up_again_at_its_last_part_and_the_parts_stay_where_they_were():
    place = was_split(State.AGREED)
    bring_part(place, 2, State.PROPOSED)

    with pytest.raises(actions.NotNow):
        states.end(at(place, 1), by=place.hr, because="resigned", reason="", at=NOON)
    states.end(at(place, 2), by=place.hr, because="resigned", reason="", at=NOON)
    assert at(place, 1).part.standing == at(place, 2).part.standing == State.ENDED
    assert (at(place, 1).part.reached, at(place, 2).part.reached) == (State.AGREED, State.PROPOSED)
    assert turn_of(at(place, 1)) is None

    states.resume(at(place, 2), by=place.hr, reason=WHY, at=NOON)
    assert (at(place, 1).part.standing, at(place, 2).part.standing) == (State.AGREED, State.PROPOSED)


def test_a_part_is_withdrawn_while_the_whole_stands_elsewhere():
    place = was_split(State.AGREED)
    bring_part(place, 1, State.REPORTED)

    states.withdraw(at(place, 1), actions.WITHDRAW_REPORT, by=place.assessee, at=NOON)

    assert (at(place, 1).part.state, at(place, 2).part.state) == (State.AGREED, State.DRAFT)


def test_each_proposal_of_a_part_waits_for_the_check_of_hr_by_itself():
    place = was_split(State.AGREED)
    type(place.round).objects.filter(pk=place.round.pk).update(checks_completeness=True)
    bring_part(place, 2, State.PROPOSED)

    assert list(Agreement.objects.awaiting_hr(place.hr)) == [place.agreement]
    assert not Agreement.objects.waiting_for(assessor_of(at(place, 2))).exists()
    batches.pass_proposals([at(place, 2)], by=place.hr, at=NOON)
    assert not Agreement.objects.awaiting_hr(place.hr).exists()
    assert list(Agreement.objects.waiting_for(assessor_of(at(place, 2)))) == [place.agreement]


def test_an_assessor_is_replaced_in_one_part_and_reviewers_at_the_last():
    place = was_split(State.AGREED)
    other, reviewer = colleague(place), colleague(place)
    second = assessor_of(at(place, 2))

    parties.replace_party(at(place, 1), Capacity.ASSESSOR, other, by=place.hr, reason=WHY, at=NOON)
    assert (assessor_of(at(place, 1)), assessor_of(at(place, 2))) == (other.user, second)
    with pytest.raises(AgreementRefused, match=r"ช่วง|last part"):
        parties.replace_party(at(place, 1), Capacity.REVIEWER, reviewer, by=place.hr, reason=WHY, at=NOON)
    with pytest.raises(AgreementRefused):
        # Who assesses a part does not review the whole.
        parties.replace_party(at(place, 2), Capacity.REVIEWER, other, by=place.hr, reason=WHY, at=NOON)
    parties.replace_party(at(place, 2), Capacity.REVIEWER, reviewer, by=place.hr, reason=WHY, at=NOON)
    assert at(place, 2).parties.get(capacity=Capacity.REVIEWER).user == reviewer.user


# --- Amendments ------------------------------------------------------------------------------------------------------
def amended():
    place = bring_to(office(), State.AGREED)
    version = amendments.amend(place.version, by=place.assessee, reason=WHY, at=NOON)
    version.items.update(goal="เป้าหมายใหม่")
    sign(version, actions.PROPOSE, place.assessee)
    return place, at(place, 1)


@pytest.mark.parametrize("way", ["withdraw", "replace", "return"])
def test_an_amendment_that_goes_back_still_amends_the_same_version_and_can_be_given_up(way):
    place, version = amended()
    signed = version.amends
    {
        "withdraw": lambda: states.withdraw(version, actions.WITHDRAW_PROPOSAL, by=place.assessee, at=NOON),
        "replace": lambda: parties.replace_party(
            version, Capacity.COMMENTATOR, colleague(place), by=place.hr, reason=WHY, at=NOON
        ),
        "return": lambda: states.return_with_reason(
            version, actions.RETURN_PROPOSAL, by=assessor_of(version), reason=WHY, at=NOON
        ),
    }[way]()

    back = at(place, 1)
    assert (back.number, back.amends, back.amends_because, back.part.state) == (3, signed, WHY, State.DRAFT)
    amendments.abandon(back, by=place.assessee, at=NOON)
    assert at(place, 1).part.state == State.AGREED


def test_a_party_replaced_during_an_amendment_stays_when_it_is_given_up_and_the_signatures_hold():
    place, version = amended()
    other = colleague(place)
    back = parties.replace_party(version, Capacity.ASSESSOR, other, by=place.hr, reason=WHY, at=NOON)

    held = amendments.abandon(back, by=place.assessee, at=NOON)

    assert (held.is_current, held.agreed_in, held.amends) == (True, version.amends, None)
    assert assessor_of(held) == held.part.assessor.user == other.user
    assert contents.signed_content(held, "agree") == contents.signed_content(version.amends, "agree")
    assert Party.objects.filter(version=held).count() == Party.objects.filter(version=back).count()
