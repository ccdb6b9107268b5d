import pytest
from django.utils import translation

from agreements import actions
from agreements.models import Capacity, Party, Role, Stage, State
from agreements.models.states import MAIN_LINE, TURNS
from agreements.services import agreements as services
from tests.factories import NOON, OrganisationFactory, RoleFactory, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, choose_all, office

WHO = ("assessee", "assessor", "reviewer", "hr")


# --- The table -------------------------------------------------------------------------------------------------------
def test_every_state_of_the_main_line_but_the_last_has_one_act_that_leads_onward():
    assert [action.source for action in actions.MAIN] == [state for state in MAIN_LINE if state != State.CLOSED]


def test_each_act_that_leads_onward_leads_to_the_next_state():
    assert [action.target for action in actions.MAIN] == list(MAIN_LINE[1:])
    assert all(action.short_label for action in actions.MAIN)


def test_other_acts_stay_or_go_one_step_back_or_do_the_work_of_a_step():
    others = [action for action in actions.ACTIONS if action not in actions.MAIN and not action.also]
    on_the_line = [action for action in others if State.ENDED not in (action.source, action.target)]

    steps = {action.code: MAIN_LINE.index(action.target) - MAIN_LINE.index(action.source) for action in on_the_line}

    assert steps == {
        "edit": 0, "enter": 0, "evaluate": 0, "disagree": 0, "pass": 0, "screen": 0, "refuse": 0,
        "comment-agreement": 0, "comment-result": 0, "confirm": 0, "keep-state": 0,
        "witness-agreement-1": 0, "witness-agreement-2": 0, "witness-agreement-3": 0, "witness-agreement-4": 0,
        "return-proposal": -1, "return-incomplete": -1, "return-report": -1, "return-assessment": -1,
        "withdraw-proposal": -1, "withdraw-report": -1,
        # An amendment goes the whole way back and is signed again.
        "amend": -2,
        "witness": 1, "review-2": 1,
    }  # fmt: skip


def test_every_state_can_be_reached_from_the_draft():
    reached = {State.DRAFT}
    for _step in State:
        reached |= {action.target for action in actions.ACTIONS if reached & set(action.sources)}

    assert reached == set(State)


def test_hr_alone_opens_what_is_closed_and_takes_up_what_was_ended():
    out = {
        state: [(action.code, action.who) for action in actions.ACTIONS if state in action.sources]
        for state in (State.CLOSED, State.ENDED)
    }

    assert out == {
        State.CLOSED: [("reopen-assessment", actions.is_hr), ("reopen-report", actions.is_hr)],
        State.ENDED: [("resume", actions.is_hr)],
    }


def test_codes_are_unique_and_all_acts_are_listed():
    defined = {value for value in vars(actions).values() if isinstance(value, actions.Action)}

    assert len(actions.BY_CODE) == len(actions.ACTIONS)
    assert set(actions.ACTIONS) == defined


def test_signatures_are_given_once_a_stage_in_each_capacity():
    assert [(action.code, action.stage, action.capacity) for action in actions.SIGNATURES] == [
        ("propose", Stage.AGREE, Capacity.ASSESSEE),
        ("comment-agreement", Stage.AGREE, Capacity.COMMENTATOR),
        ("witness-agreement-1", Stage.AGREE, Capacity.WITNESS_1),
        ("witness-agreement-2", Stage.AGREE, Capacity.WITNESS_2),
        ("witness-agreement-3", Stage.AGREE, Capacity.WITNESS_3),
        ("witness-agreement-4", Stage.AGREE, Capacity.WITNESS_4),
        ("agree", Stage.AGREE, Capacity.ASSESSOR),
        ("comment-result", Stage.RESULT, Capacity.COMMENTATOR),
        ("assess", Stage.RESULT, Capacity.ASSESSOR),
        ("acknowledge", Stage.RESULT, Capacity.ASSESSEE),
        ("witness", Stage.RESULT, Capacity.WITNESS),
        ("review", Stage.RESULT, Capacity.REVIEWER),
        ("review-2", Stage.RESULT, Capacity.REVIEWER_2),
    ]


def test_whom_a_state_waits_for_agrees_with_the_acts():
    waits = [(turn.state, turn.capacity) for turn in TURNS]
    # Reporting is an act of the assessee without a signature; the others without one are HR's, who is no party.
    taken = [(one.source, Capacity.ASSESSEE if one == actions.REPORT else one.capacity) for one in actions.TURNS]

    assert waits == taken


# --- Who may ---------------------------------------------------------------------------------------------------------
ALLOWED = {
    State.DRAFT: {
        "assessee": ["edit", "propose", "disagree"],
        "assessor": ["edit", "disagree", "note"],
        "hr": ["replace", "end", "split"],
    },
    State.PROPOSED: {
        "assessee": ["withdraw-proposal"],
        "assessor": ["return-proposal", "agree", "note"],
        "hr": ["replace", "end", "split"],
    },
    State.AGREED: {
        "assessee": ["enter", "report", "amend"],
        "assessor": ["amend", "note"],
        "hr": ["replace", "end", "split"],
    },
    State.REPORTED: {
        "assessee": ["withdraw-report"],
        "assessor": ["return-report", "evaluate", "assess", "note"],
        "hr": ["replace", "end", "split"],
    },
    State.ASSESSED: {
        "assessor": ["withdraw-assessment"],
        "hr": ["release", "return-assessment", "reopen-report", "replace", "end"],
    },
    State.RELEASED: {
        "assessee": ["acknowledge"],
        "assessor": ["refuse"],
        "hr": ["refuse", "reopen-assessment", "reopen-report", "replace", "end"],
    },
    State.ACKNOWLEDGED: {
        "reviewer": ["review"],
        "hr": ["reopen-assessment", "reopen-report", "replace", "end"],
    },
    State.REVIEWED: {"hr": ["close", "reopen-assessment", "reopen-report", "end"]},
    State.CLOSED: {"hr": ["reopen-assessment", "reopen-report"]},
    State.ENDED: {"hr": ["resume"]},
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
    assert [one.code for one in actions.allowed(place.version, place.assessee)] == ["edit", "propose", "disagree"]


CLOSES = ALLOWED[State.REVIEWED]["hr"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "kind", "codes"),
    [
        ("province", Role.Kind.HR, CLOSES),
        ("unit", Role.Kind.HR, CLOSES),
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
    with lifted():
        Party.objects.filter(version=place.version, capacity=Capacity.ASSESSEE).update(user=place.hr)

    with pytest.raises(actions.NotAllowed):
        actions.demand(action, place.version, place.hr)
    # The control: as another person's it is theirs to take.
    with lifted():
        Party.objects.filter(version=place.version, capacity=Capacity.ASSESSEE).update(user=place.assessee)
    actions.demand(action, place.version, place.hr)


@pytest.mark.django_db
def test_whoever_reviews_may_do_nothing_with_a_draft():
    place = office()
    choose_all(place)

    assert actions.allowed(place.version, place.reviewer) == []
    assert actions.allowed(place.version, place.hr) == [actions.REPLACE, actions.END, actions.SPLIT]
