import pytest
from django.utils import translation

from agreements import actions, predicates
from agreements.models import Event, Outcome, State, Version
from agreements.services import agreements as services, batches, log_check, screening, states
from agreements.services.screening import Asked
from agreements.services.states import AgreementRefused
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.screening import assess_anew, member_of, screen, screened_office
from tests.splits import assessor_of, at, bring_part, sign as sign_part, was_split
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


# --- Release waits for the committee ---------------------------------------------------------------------------------
def test_before_the_committee_has_looked_the_release_is_refused_in_words():
    place = screened_office()

    with pytest.raises(actions.NotNow, match="First the screening committee looks at it"):
        services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)
    with pytest.raises(AgreementRefused, match="First the screening committee looks at it"):
        batches.release([place.version], by=place.hr, at=NOON)

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.ASSESSED


def test_control_without_the_hindrance_it_would_go_out(monkeypatch):
    place = screened_office()
    monkeypatch.setattr(predicates, "awaits_screening", lambda version: False)

    batches.release([place.version], by=place.hr, at=NOON)

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.RELEASED


def test_a_round_without_a_committee_waits_for_none():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    assert batches.release([place.version], by=place.hr, at=NOON) == 1


def test_that_the_committee_has_looked_stands_in_the_log_with_who_when_and_what_it_resolved():
    place = screened_office()
    other = bring_to(colleague(place), State.ASSESSED)
    member = member_of(place)

    assert screen(place, member) == 2

    event = Event.objects.get(verb="screen")
    assert (event.actor, event.at) == (member, NOON)
    assert event.text.details["resolution"] == "ครั้งที่ 1/2556"
    assert set(event.text.details["agreements"]) == {place.agreement.pk, other.agreement.pk}
    assert (place.version.screened_by, place.version.screened_at) == (member, NOON)
    assert batches.release([place.version, other.version], by=place.hr, at=NOON) == 2
    assert log_check.check([place.province]).findings == ()


def test_what_was_signed_after_the_page_was_shown_nobody_has_looked_at():
    place = screened_office()
    shown = Outcome.objects.get().pk
    late = bring_to(colleague(place), State.ASSESSED)

    told = {"last": shown, "resolution": "", "by": member_of(place), "at": NOON}
    assert screening.record_screening(place.round, Asked(), **told) == 1

    assert (place.version.screened_at, late.version.screened_at) == (NOON, None)


def test_one_unit_may_be_screened_and_released_before_another():
    place = screened_office()
    member = member_of(place)
    beside = OrganisationFactory(parent=place.province, kind="group")

    with pytest.raises(AgreementRefused):
        screen(place, member, unit=str(beside.pk))
    assert screen(place, member, unit=str(place.unit.pk)) == 1


# --- Who sits on the committee ---------------------------------------------------------------------------------------
def test_only_members_of_the_subtree_record_it_and_never_on_their_own():
    place = screened_office()
    beside = OrganisationFactory(parent=place.province)
    own = RoleFactory(user=place.assessee, organisation=place.province, kind="screening").user

    for user in (place.hr, place.assessor, member_of(place, organisation=beside), own):
        with pytest.raises(actions.NotAllowed):
            batches.screen([place.version], by=user, resolution="", at=NOON)
    # The control: a member over the unit may.
    assert batches.screen([place.version], by=member_of(place), resolution="", at=NOON) == 1


def test_without_a_committee_a_member_sees_and_does_nothing():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    member = member_of(place)

    assert actions.allowed(place.version, member) == []
    assert list(Outcome.objects.screened_by(member)) == []
    assert list(place.agreement.__class__.objects.visible_to(member)) == []


def test_a_member_sees_agreements_from_their_assessment_on_and_not_before():
    place = screened_office(State.REPORTED)
    member = member_of(place)
    seen = place.agreement.__class__.objects.visible_to(member)
    assert list(seen) == []

    bring_to(place, State.ASSESSED)

    assert list(seen.all()) == [place.agreement]


def test_nobody_sees_their_own_outcome_before_its_release():
    place = screened_office()
    RoleFactory(user=place.assessee, organisation=place.province, kind="screening")
    mine = Outcome.objects.screened_by(place.assessee)
    assert list(mine) == []

    screen(place, member_of(place))
    batches.release([place.version], by=place.hr, at=NOON)

    assert [one.agreement for one in mine.all()] == [place.agreement]


# --- Adjusting -------------------------------------------------------------------------------------------------------
def test_an_adjustment_is_a_new_version_that_the_assessor_signs_and_that_is_screened_anew():
    place = screened_office()
    member, old = member_of(place), place.version
    screen(place, member)

    assess_anew(place, member)

    new = place.version
    assert (new.number, new.reason, new.screened_at) == (2, "ขอให้ทบทวนข้อ 1", None)
    assert [(one.version_id, one.signatory) for one in old.signatures.filter(stage="result")] == [
        (old.pk, place.assessor)
    ]
    assert [one.signatory for one in new.signatures.filter(stage="result")] == [place.assessor]
    event = Event.objects.get(verb="return-assessment")
    assert (event.actor, event.text.details["reason"]) == (member, "ขอให้ทบทวนข้อ 1")
    with pytest.raises(AgreementRefused, match="First the screening committee"):
        batches.release([new], by=place.hr, at=NOON)


def test_the_committee_gives_its_reason_and_only_for_what_is_assessed():
    place = screened_office()
    member = member_of(place)

    with pytest.raises(AgreementRefused):
        states.return_with_reason(place.version, actions.RETURN_ASSESSMENT, by=member, reason=" ", at=NOON)
    screen(place, member)
    batches.release([place.version], by=place.hr, at=NOON)
    with pytest.raises(actions.NotNow):
        states.return_with_reason(place.version, actions.RETURN_ASSESSMENT, by=member, reason="ปรับ", at=NOON)


def test_what_was_screened_is_withdrawn_no_more():
    place = screened_office()
    screen(place, member_of(place))

    with pytest.raises(actions.NotNow, match="The screening committee has looked at it"):
        states.withdraw(place.version, actions.WITHDRAW_ASSESSMENT, by=place.assessor, at=NOON)


def test_an_earlier_part_that_is_assessed_anew_is_screened_anew():
    place = was_split(releases_on_assessment=False, has_screening=True)
    for number in (1, 2):
        bring_part(place, number, State.ASSESSED)
    member = member_of(place)
    assert screen(place, member) == 1
    first = at(place, 1)
    states.return_with_reason(first, actions.RETURN_ASSESSMENT, by=member, reason="ทบทวน", at=NOON)

    sign_part(at(place, 1), actions.ASSESS, assessor_of(first))

    # The last part was not signed anew, yet what is released is another result.
    assert at(place, 2).screened_at is None
    assert Outcome.objects.get(is_current=True).before is not None
    with pytest.raises(AgreementRefused, match="First the screening committee"):
        batches.release([at(place, 2)], by=place.hr, at=NOON)


def test_control_a_screening_that_stayed_would_let_it_out():
    place = was_split(releases_on_assessment=False, has_screening=True)
    for number in (1, 2):
        bring_part(place, number, State.ASSESSED)
    member = member_of(place)
    first = at(place, 1)
    states.return_with_reason(first, actions.RETURN_ASSESSMENT, by=member, reason="ทบทวน", at=NOON)
    sign_part(at(place, 1), actions.ASSESS, assessor_of(first))
    Version.objects.filter(pk=at(place, 2).pk).update(screened_by=member, screened_at=NOON)

    assert batches.release([at(place, 2)], by=place.hr, at=NOON) == 1
