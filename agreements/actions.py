"""The table of acts: which is allowed from which state, to whom, and what state it leads to.

Pages, services and tests read this table; nothing else decides it (design.md, "The states of an agreement").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rules.predicates import Predicate

from agreements.models import MAIN_LINE, Capacity, Stage, State, User, Version
from agreements.models.states import PART_STATES, SCREENING, takes_part, turn_of
from agreements.predicates import (
    Hindrance,
    first_reviewer,
    is_assessee,
    is_assessor,
    is_collector,
    is_commentator,
    is_hr,
    is_in_last_part,
    is_of_organisation,
    is_open_amendment,
    is_owner,
    is_reviewer,
    is_reviewer_2,
    is_screener,
    is_witness,
    is_witness_1,
    is_witness_2,
    is_witness_3,
    is_witness_4,
    nothing,
    own_signature,
    screened,
    unopened,
    wanted_check,
    wanted_screening,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that may be done with an agreement."""

    code: str
    label: str | Promise
    # What the step is called in the stepper; only on the acts that lead onward.
    short_label: str | Promise = ""
    source: State
    who: Predicate
    # The state it leads to; the same as `source` where the work goes on.
    target: State
    # Where it is a signature: at which stage, and in what capacity.
    stage: Stage | None = None
    capacity: Capacity | None = None
    # Further states from which it may be taken.
    also: tuple[State, ...] = ()
    # What else it waits for, in words.
    hindrance: Hindrance = nothing

    @property
    def sources(self) -> tuple[State, ...]:
        """All states from which it may be taken."""
        return (self.source, *self.also)

    @property
    def is_signature(self) -> bool:
        """Whether it is done by signing on the check page."""
        return self.stage is not None

    @property
    def is_of_the_whole(self) -> bool:
        """Whether it concerns all parts of an agreement together, not one of them."""
        return self.target not in PART_STATES


EDIT = Action(
    code="edit",
    label=_("Choose indicators"),
    source=State.DRAFT,
    target=State.DRAFT,
    who=is_assessee | is_assessor,
)
PROPOSE = Action(
    code="propose",
    short_label=_("Propose"),
    label=_("Sign and propose the agreement"),
    source=State.DRAFT,
    target=State.PROPOSED,
    who=is_assessee,
    stage=Stage.AGREE,
    capacity=Capacity.ASSESSEE,
)
DISAGREE = Action(
    code="disagree",
    label=_("Say why you do not agree"),
    source=State.DRAFT,
    target=State.DRAFT,
    who=is_assessee | is_assessor,
)
WITHDRAW_PROPOSAL = Action(
    code="withdraw-proposal",
    label=_("Withdraw the proposal"),
    source=State.PROPOSED,
    target=State.DRAFT,
    who=is_assessee,
    hindrance=unopened,
)
CHECK = Action(
    code="pass",
    label=_("Pass as complete"),
    source=State.PROPOSED,
    target=State.PROPOSED,
    who=is_hr,
    hindrance=wanted_check,
)
RETURN_INCOMPLETE = Action(
    code="return-incomplete",
    label=_("Send back as incomplete"),
    source=State.PROPOSED,
    target=State.DRAFT,
    who=is_hr,
    hindrance=wanted_check,
)
COMMENT_START = Action(
    code="comment-agreement",
    label=_("Sign with a comment on the agreement"),
    source=State.PROPOSED,
    target=State.PROPOSED,
    who=is_commentator,
    stage=Stage.AGREE,
    capacity=Capacity.COMMENTATOR,
    hindrance=own_signature(Capacity.COMMENTATOR, Stage.AGREE),
)


def _witness_start(number: int, capacity: Capacity, who: Predicate) -> Action:
    return Action(
        code=f"witness-agreement-{number}",
        label=_("Sign as witness of the agreement"),
        source=State.PROPOSED,
        target=State.PROPOSED,
        who=who,
        stage=Stage.AGREE,
        capacity=capacity,
        hindrance=own_signature(capacity, Stage.AGREE),
    )


WITNESS_START_1 = _witness_start(1, Capacity.WITNESS_1, is_witness_1)
WITNESS_START_2 = _witness_start(2, Capacity.WITNESS_2, is_witness_2)
WITNESS_START_3 = _witness_start(3, Capacity.WITNESS_3, is_witness_3)
WITNESS_START_4 = _witness_start(4, Capacity.WITNESS_4, is_witness_4)
WITNESSES_START = (WITNESS_START_1, WITNESS_START_2, WITNESS_START_3, WITNESS_START_4)
RETURN_PROPOSAL = Action(
    code="return-proposal",
    label=_("Return with a reason"),
    source=State.PROPOSED,
    target=State.DRAFT,
    who=is_assessor,
)
AGREE = Action(
    code="agree",
    short_label=_("Agree"),
    label=_("Sign and agree"),
    source=State.PROPOSED,
    target=State.AGREED,
    who=is_assessor,
    stage=Stage.AGREE,
    capacity=Capacity.ASSESSOR,
)
ENTER = Action(
    code="enter",
    label=_("Enter results"),
    source=State.AGREED,
    target=State.AGREED,
    # A collector only of the indicators they look after: predicates.may_enter.
    who=is_assessee | is_collector,
)
CONFIRM = Action(
    code="confirm",
    label=_("Confirm what was entered"),
    source=State.AGREED,
    target=State.AGREED,
    who=is_owner,
)
KEEP_STATE = Action(
    code="keep-state",
    label=_("Keep the state of a checkpoint"),
    source=State.AGREED,
    target=State.AGREED,
    who=is_of_organisation & is_assessee,
)
REPORT = Action(
    code="report",
    short_label=_("Report"),
    label=_("Report the results"),
    source=State.AGREED,
    target=State.REPORTED,
    who=is_assessee,
)
WITHDRAW_REPORT = Action(
    code="withdraw-report",
    label=_("Withdraw the report"),
    source=State.REPORTED,
    target=State.AGREED,
    who=is_assessee,
    hindrance=unopened,
)
COMMENT_RESULT = Action(
    code="comment-result",
    label=_("Sign with a comment on the reported results"),
    source=State.REPORTED,
    target=State.REPORTED,
    who=is_commentator,
    stage=Stage.RESULT,
    capacity=Capacity.COMMENTATOR,
    hindrance=own_signature(Capacity.COMMENTATOR, Stage.RESULT),
)
RETURN_REPORT = Action(
    code="return-report",
    label=_("Return with a reason"),
    source=State.REPORTED,
    target=State.AGREED,
    who=is_assessor,
)
EVALUATE = Action(
    code="evaluate",
    label=_("Check and score"),
    source=State.REPORTED,
    target=State.REPORTED,
    who=is_assessor,
)
ASSESS = Action(
    code="assess",
    short_label=_("Assess"),
    label=_("Sign the assessment"),
    source=State.REPORTED,
    target=State.ASSESSED,
    who=is_assessor,
    stage=Stage.RESULT,
    capacity=Capacity.ASSESSOR,
)
WITHDRAW_ASSESSMENT = Action(
    code="withdraw-assessment",
    label=_("Withdraw the assessment"),
    source=State.ASSESSED,
    # Where the round releases on assessment, it stands released at once.
    also=(State.RELEASED,),
    target=State.REPORTED,
    who=is_assessor,
    hindrance=unopened,
)
SCREEN = Action(
    code="screen",
    label=_("Record that the committee has screened the results"),
    source=State.ASSESSED,
    target=State.ASSESSED,
    who=is_screener,
    hindrance=wanted_screening,
)
RELEASE = Action(
    code="release",
    short_label=_("Release"),
    label=_("Release the result"),
    source=State.ASSESSED,
    target=State.RELEASED,
    who=is_hr,
    hindrance=screened,
)
RETURN_ASSESSMENT = Action(
    code="return-assessment",
    label=_("Return with a reason"),
    source=State.ASSESSED,
    target=State.REPORTED,
    # The committee's adjustment: the assessor scores and signs anew, as the next version.
    who=is_hr | is_screener,
)
ACKNOWLEDGE = Action(
    code="acknowledge",
    short_label=_("Acknowledge"),
    label=_("Sign to acknowledge the result"),
    source=State.RELEASED,
    target=State.ACKNOWLEDGED,
    who=is_assessee,
    stage=Stage.RESULT,
    capacity=Capacity.ASSESSEE,
)
REFUSE = Action(
    code="refuse",
    label=_("Record that the assessee does not sign"),
    source=State.RELEASED,
    target=State.RELEASED,
    who=is_assessor | is_hr,
)
WITNESS = Action(
    code="witness",
    label=_("Sign as witness"),
    source=State.RELEASED,
    target=State.ACKNOWLEDGED,
    who=is_witness,
    stage=Stage.RESULT,
    capacity=Capacity.WITNESS,
)
REVIEW = Action(
    code="review",
    short_label=_("Review"),
    label=_("Sign the review"),
    source=State.ACKNOWLEDGED,
    target=State.REVIEWED,
    who=is_reviewer,
    stage=Stage.RESULT,
    capacity=Capacity.REVIEWER,
    hindrance=own_signature(Capacity.REVIEWER, Stage.RESULT),
)
REVIEW_2 = Action(
    code="review-2",
    label=_("Sign the second review"),
    source=State.ACKNOWLEDGED,
    target=State.REVIEWED,
    who=is_reviewer_2,
    stage=Stage.RESULT,
    capacity=Capacity.REVIEWER_2,
    hindrance=first_reviewer,
)
CLOSE = Action(
    code="close",
    short_label=_("Close"),
    label=_("Close the agreement"),
    source=State.REVIEWED,
    target=State.CLOSED,
    who=is_hr,
)

# --- Acts of HR beside the road ---------------------------------------------------------------------------------------
AFTER_ASSESSMENT = (State.RELEASED, State.ACKNOWLEDGED, State.REVIEWED, State.CLOSED)
REOPEN_ASSESSMENT = Action(
    code="reopen-assessment",
    label=_("Reopen for assessing"),
    source=State.RELEASED,
    also=AFTER_ASSESSMENT[1:],
    target=State.REPORTED,
    who=is_hr,
)
REOPEN_REPORT = Action(
    code="reopen-report",
    label=_("Reopen for reporting"),
    source=State.ASSESSED,
    also=AFTER_ASSESSMENT,
    target=State.AGREED,
    who=is_hr,
)
REPLACE = Action(
    code="replace",
    label=_("Name or replace a party"),
    source=State.DRAFT,
    also=tuple(state for state in MAIN_LINE if state not in (State.DRAFT, State.REVIEWED, State.CLOSED)),
    # What was signed for the old parties is proposed anew; see services/parties.py.
    target=State.DRAFT,
    who=is_hr,
)
END = Action(
    code="end",
    label=_("End the agreement early"),
    source=State.DRAFT,
    also=tuple(state for state in MAIN_LINE if state not in (State.DRAFT, State.CLOSED)),
    target=State.ENDED,
    who=is_hr,
)
RESUME = Action(
    code="resume",
    label=_("Take the agreement up again"),
    source=State.ENDED,
    # Back to where it was.
    target=State.ENDED,
    who=is_hr,
)

# --- Changing what is agreed in mid-round, and noting on the way ------------------------------------------------------
AMEND = Action(
    code="amend",
    label=_("Amend the agreement"),
    source=State.AGREED,
    target=State.DRAFT,
    who=is_assessee | is_assessor,
)
ABANDON_AMENDMENT = Action(
    code="abandon-amendment",
    label=_("Give the amendment up"),
    source=State.DRAFT,
    also=(State.PROPOSED,),
    target=State.AGREED,
    who=is_open_amendment & (is_assessee | is_assessor),
)
SPLIT = Action(
    code="split",
    label=_("Split at a day"),
    source=State.AGREED,
    also=(State.DRAFT, State.PROPOSED, State.REPORTED),
    target=State.AGREED,
    who=is_hr & is_in_last_part,
)
NOTE = Action(
    code="note",
    label=_("Notes on work and behaviour"),
    source=State.AGREED,
    also=(State.DRAFT, State.PROPOSED, State.REPORTED),
    target=State.AGREED,
    who=is_assessor,
)
GIVE_DUTIES = Action(
    code="give-duties",
    label=_("Owners and collectors"),
    source=State.AGREED,
    also=(State.DRAFT, State.PROPOSED, State.REPORTED),
    target=State.AGREED,
    who=is_of_organisation & (is_assessee | is_hr),
)

ACTIONS: tuple[Action, ...] = (
    EDIT,
    PROPOSE,
    DISAGREE,
    WITHDRAW_PROPOSAL,
    CHECK,
    RETURN_INCOMPLETE,
    COMMENT_START,
    *WITNESSES_START,
    RETURN_PROPOSAL,
    AGREE,
    ENTER,
    CONFIRM,
    KEEP_STATE,
    REPORT,
    WITHDRAW_REPORT,
    COMMENT_RESULT,
    RETURN_REPORT,
    EVALUATE,
    ASSESS,
    WITHDRAW_ASSESSMENT,
    SCREEN,
    RELEASE,
    RETURN_ASSESSMENT,
    ACKNOWLEDGE,
    REFUSE,
    WITNESS,
    REVIEW,
    REVIEW_2,
    CLOSE,
    REOPEN_ASSESSMENT,
    REOPEN_REPORT,
    REPLACE,
    END,
    RESUME,
    AMEND,
    ABANDON_AMENDMENT,
    SPLIT,
    NOTE,
    GIVE_DUTIES,
)
# The acts that lead onward, one for each state of the main line but the last.
MAIN = (PROPOSE, AGREE, REPORT, ASSESS, RELEASE, ACKNOWLEDGE, REVIEW, CLOSE)
MAIN_BY_SOURCE = {action.source: action for action in MAIN}
# What somebody's turn consists of: the acts that lead onward, and those that they wait for.
TURNS = (
    PROPOSE,
    CHECK,
    COMMENT_START,
    *WITNESSES_START,
    AGREE,
    REPORT,
    COMMENT_RESULT,
    ASSESS,
    SCREEN,
    RELEASE,
    WITNESS,
    ACKNOWLEDGE,
    REVIEW,
    REVIEW_2,
    CLOSE,
)
# Of those, what is a party's to take, not HR's nor the committee's.
TURNS_OF_PARTIES = tuple(action for action in TURNS if action.who not in (is_hr, is_screener))
BY_CODE = {action.code: action for action in ACTIONS}
SIGNATURES = tuple(action for action in ACTIONS if action.is_signature)
# Acts that lead onward in the place of another one: the step is done by either.
IN_PLACE_OF = {WITNESS.code: ACKNOWLEDGE.code, REVIEW_2.code: REVIEW.code}


def leads_to(action: Action, version: Version) -> State:
    """Return the state that `action` leads `version` to: all opinions that are wanted are given before “reviewed”."""
    if action == REVIEW and takes_part(version, Capacity.REVIEWER_2):
        return State.ACKNOWLEDGED
    reviewers = (Capacity.REVIEWER, Capacity.REVIEWER_2)
    if action.target == State.ACKNOWLEDGED and not any(takes_part(version, one) for one in reviewers):
        return State.REVIEWED
    return action.target


def next_act(version: Version) -> Action | None:
    """Return the act that `version` waits for; none where it is closed or ended."""
    turn = turn_of(version)
    if turn is None:
        return None
    if turn == SCREENING:
        return SCREEN
    if turn.capacity is None:
        return CHECK if turn.state == State.PROPOSED else MAIN_BY_SOURCE[turn.state]
    by_capacity = {one.capacity: one for one in TURNS if one.source == turn.state and one.capacity}
    return by_capacity.get(turn.capacity, MAIN_BY_SOURCE[turn.state])


class NotAllowed(PermissionDenied):
    """This person may not do this."""


class NotNow(Exception):
    """The agreement is in another state than the act needs."""


def state_of(version: Version, action: Action) -> str | None:
    """Return the state that `action` asks about: the part's own up to assessed, then that of the whole.

    The acts of the whole are taken on its last part; on another one they have no state.
    """
    if not action.is_of_the_whole:
        return version.part.standing
    return version.part.agreement.state if version.part.is_last else None


def is_due(action: Action, version: Version) -> bool:
    """Return whether `version` counts and stands where `action` may be taken."""
    return version.is_current and state_of(version, action) in action.sources


def allowed(version: Version, user: User, among: Iterable[Action] = ACTIONS) -> list[Action]:
    """Return the acts that `user` may take on `version` now, in the order of the table."""
    return [
        action
        for action in among
        if is_due(action, version) and action.who(user, version) and not action.hindrance(version)
    ]


def demand(action: Action, version: Version, user: User) -> None:
    """Refuse unless `user` may take `action` on `version` now.

    :raises NotAllowed: if `user` may never take it.
    :raises NotNow: if the agreement is in another state, the version was replaced, or something else comes first.
    """
    if not action.who(user, version):
        raise NotAllowed(_("This is not yours to do."))
    if not is_due(action, version):
        raise NotNow(
            _("The agreement has moved on: it is now “%(state)s”. Nothing was changed.")
            % {"state": State(version.part.standing).label}
        )
    if hindrance := action.hindrance(version):
        raise NotNow(str(hindrance))
