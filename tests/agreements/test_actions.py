import pytest
from django.utils import translation

from agreements import actions
from agreements.models import Capacity, Party, Role, Stage, State
from agreements.models.agreements import WAITING
from agreements.services import agreements as services
from tests.factories import NOON, OrganisationFactory, RoleFactory, UserFactory
from tests.walks import bring_to, choose_all, office

WHO = ("assessee", "assessor", "reviewer", "hr")


# --- The table -------------------------------------------------------------------------------------------------------
def test_every_state_but_the_last_has_one_act_that_leads_onward():
    assert [action.source for action in actions.MAIN] == [state for state in State if state != State.CLOSED]


def test_each_act_that_leads_onward_leads_to_the_next_state():
    order = list(State)

    assert [action.target for action in actions.MAIN] == order[1:]
    assert all(action.short_label for action in actions.MAIN)


def test_other_acts_stay_or_go_one_step_back():
    order = list(State)
    others = [action for action in actions.ACTIONS if action not in actions.MAIN]

    steps = {action.code: order.index(action.target) - order.index(action.source) for action in others}

    assert steps == {
        "edit": 0, "enter": 0, "evaluate": 0,
        "return-proposal": -1, "return-report": -1, "return-assessment": -1,
        # An amendment goes the whole way back and is signed again, or ends where it began.
        "amend": -2, "abandon-amendment": 2, "split": 0, "note": 0,
    }  # fmt: skip


def test_every_state_can_be_reached_from_the_draft():
    reached = {State.DRAFT}
    for _step in State:
        reached |= {action.target for action in actions.ACTIONS if action.source in reached}

    assert reached == set(State)


def test_nothing_leads_out_of_closed():
    assert [action for action in actions.ACTIONS if action.source == State.CLOSED] == []


def test_codes_are_unique_and_all_acts_are_listed():
    defined = {value for value in vars(actions).values() if isinstance(value, actions.Action)}

    assert len(actions.BY_CODE) == len(actions.ACTIONS)
    assert set(actions.ACTIONS) == defined


def test_signatures_are_given_once_a_stage_in_each_capacity():
    assert [(action.code, action.stage, action.capacity) for action in actions.SIGNATURES] == [
        ("propose", Stage.AGREE, Capacity.ASSESSEE),
        ("agree", Stage.AGREE, Capacity.ASSESSOR),
        ("assess", Stage.RESULT, Capacity.ASSESSOR),
        ("acknowledge", Stage.RESULT, Capacity.ASSESSEE),
        ("review", Stage.RESULT, Capacity.REVIEWER),
    ]


def test_whom_a_state_waits_for_agrees_with_the_act_that_leads_onward():
    waits = {state: capacity for capacity, states in WAITING.items() for state in states}
    # Releasing and closing are HR's, who is no party.
    signs = {action.source: action.capacity for action in actions.MAIN if action.capacity}

    assert waits == signs | {State.AGREED: Capacity.ASSESSEE}


# --- Who may ---------------------------------------------------------------------------------------------------------
ALLOWED = {
    State.DRAFT: {"assessee": ["edit", "propose"], "assessor": ["edit", "note"], "hr": ["split"]},
    State.PROPOSED: {"assessor": ["return-proposal", "agree", "note"], "hr": ["split"]},
    State.AGREED: {"assessee": ["enter", "report", "amend"], "assessor": ["amend", "note"], "hr": ["split"]},
    State.REPORTED: {"assessor": ["return-report", "evaluate", "assess", "note"], "hr": ["split"]},
    State.ASSESSED: {"hr": ["release", "return-assessment"]},
    State.RELEASED: {"assessee": ["acknowledge"]},
    State.ACKNOWLEDGED: {"reviewer": ["review"]},
    State.REVIEWED: {"hr": ["close"]},
    State.CLOSED: {},
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_each_state_allows_each_person_what_the_table_says(state):
    place = bring_to(office(releases_on_assessment=False), state)
    people = {who: getattr(place, who) for who in WHO} | {"stranger": UserFactory()}

    allowed = {who: [one.code for one in actions.allowed(place.version, user)] for who, user in people.items()}

    assert {who: codes for who, codes in allowed.items() if codes} == ALLOWED[state]


@pytest.mark.django_db
def test_who_may_never_is_told_from_who_may_not_now():
    place = bring_to(office(), State.PROPOSED)

    with pytest.raises(actions.NotAllowed):
        actions.demand(actions.AGREE, place.version, place.assessee)
    with pytest.raises(actions.NotAllowed):
        actions.demand(actions.ASSESS, place.version, place.assessee)
    with pytest.raises(actions.NotNow) as refusal, translation.override("en"):
        actions.demand(actions.ASSESS, place.version, place.assessor)
    # The control: now and by the assessor it is allowed.
    actions.demand(actions.AGREE, place.version, place.assessor)

    assert str(refusal.value) == "The agreement has moved on: it is now “Proposed”. Nothing was changed."


@pytest.mark.django_db
def test_on_a_version_that_was_replaced_nothing_is_allowed():
    place = bring_to(office(), State.PROPOSED)
    old = place.version
    services.return_with_reason(old, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)
    old.refresh_from_db()

    assert actions.allowed(old, place.assessee) == []
    with pytest.raises(actions.NotNow):
        actions.demand(actions.PROPOSE, old, place.assessee)
    assert [one.code for one in actions.allowed(place.version, place.assessee)] == ["edit", "propose"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "kind", "codes"),
    [
        ("province", Role.Kind.HR, ["close"]),
        ("unit", Role.Kind.HR, ["close"]),
        ("beside", Role.Kind.HR, []),
        ("below", Role.Kind.HR, []),
        ("province", Role.Kind.EXECUTIVE, []),
        ("province", Role.Kind.AUDITOR, []),
        ("province", Role.Kind.FRAMEWORK_EDITOR, []),
    ],
)
def test_hr_acts_within_the_subtree_of_the_role(where, kind, codes):
    place = bring_to(office(), State.REVIEWED)
    organisation = {
        "province": place.province,
        "unit": place.unit,
        "beside": OrganisationFactory(parent=place.province),
        "below": OrganisationFactory(parent=place.unit),
    }[where]

    user = RoleFactory(organisation=organisation, kind=kind).user

    assert [one.code for one in actions.allowed(place.version, user)] == codes


@pytest.mark.django_db
@pytest.mark.parametrize(("action", "state"), [(actions.RELEASE, State.ASSESSED), (actions.CLOSE, State.REVIEWED)])
def test_hr_decides_nothing_about_an_agreement_of_their_own(action, state):
    place = bring_to(office(releases_on_assessment=False), state)
    Party.objects.filter(version=place.version, capacity=Capacity.ASSESSEE).update(user=place.hr)

    with pytest.raises(actions.NotAllowed):
        actions.demand(action, place.version, place.hr)
    # The control: as another person's it is theirs to take.
    Party.objects.filter(version=place.version, capacity=Capacity.ASSESSEE).update(user=place.assessee)
    actions.demand(action, place.version, place.hr)


@pytest.mark.django_db
def test_a_reader_who_only_sees_a_draft_may_do_nothing():
    place = office()
    choose_all(place)

    assert actions.allowed(place.version, place.reviewer) == []
    assert [one.code for one in actions.allowed(place.version, place.hr)] == ["split"]
