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

from agreements.models import Capacity, Stage, State, User, Version
from agreements.models.agreements import PART_STATES
from agreements.predicates import (
    is_assessee,
    is_assessor,
    is_hr,
    is_in_last_part,
    is_open_amendment,
    is_reviewer,
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
    # Further states in which it may be taken, where it is not bound to one.
    also_from: tuple[State, ...] = ()
    # Where it is a signature: at which stage, and in what capacity.
    stage: Stage | None = None
    capacity: Capacity | None = None

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
ENTER = Action(code="enter", label=_("Enter results"), source=State.AGREED, target=State.AGREED, who=is_assessee)
REPORT = Action(
    code="report",
    short_label=_("Report"),
    label=_("Report the results"),
    source=State.AGREED,
    target=State.REPORTED,
    who=is_assessee,
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
RELEASE = Action(
    code="release",
    short_label=_("Release"),
    label=_("Release the result"),
    source=State.ASSESSED,
    target=State.RELEASED,
    who=is_hr,
)
RETURN_ASSESSMENT = Action(
    code="return-assessment",
    label=_("Return with a reason"),
    source=State.ASSESSED,
    target=State.REPORTED,
    who=is_hr,
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
REVIEW = Action(
    code="review",
    short_label=_("Review"),
    label=_("Sign the review"),
    source=State.ACKNOWLEDGED,
    target=State.REVIEWED,
    who=is_reviewer,
    stage=Stage.RESULT,
    capacity=Capacity.REVIEWER,
)
CLOSE = Action(
    code="close",
    short_label=_("Close"),
    label=_("Close the agreement"),
    source=State.REVIEWED,
    target=State.CLOSED,
    who=is_hr,
)

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
    also_from=(State.PROPOSED,),
    target=State.AGREED,
    who=is_open_amendment & (is_assessee | is_assessor),
)
SPLIT = Action(
    code="split",
    label=_("Split at a day"),
    source=State.AGREED,
    also_from=(State.DRAFT, State.PROPOSED, State.REPORTED),
    target=State.AGREED,
    who=is_hr & is_in_last_part,
)
NOTE = Action(
    code="note",
    label=_("Notes on work and behaviour"),
    source=State.AGREED,
    also_from=(State.DRAFT, State.PROPOSED, State.REPORTED),
    target=State.AGREED,
    who=is_assessor,
)

ACTIONS: tuple[Action, ...] = (
    EDIT,
    PROPOSE,
    RETURN_PROPOSAL,
    AGREE,
    ENTER,
    REPORT,
    RETURN_REPORT,
    EVALUATE,
    ASSESS,
    RELEASE,
    RETURN_ASSESSMENT,
    ACKNOWLEDGE,
    REVIEW,
    CLOSE,
    AMEND,
    ABANDON_AMENDMENT,
    SPLIT,
    NOTE,
)
# The acts that lead onward, one for each state but the last.
MAIN = (PROPOSE, AGREE, REPORT, ASSESS, RELEASE, ACKNOWLEDGE, REVIEW, CLOSE)
MAIN_BY_SOURCE = {action.source: action for action in MAIN}
BY_CODE = {action.code: action for action in ACTIONS}
SIGNATURES = tuple(action for action in ACTIONS if action.is_signature)


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
    return version.is_current and state_of(version, action) in (action.source, *action.also_from)


def allowed(version: Version, user: User, among: Iterable[Action] = ACTIONS) -> list[Action]:
    """Return the acts that `user` may take on `version` now, in the order of the table."""
    return [action for action in among if is_due(action, version) and action.who(user, version)]


def demand(action: Action, version: Version, user: User) -> None:
    """Refuse unless `user` may take `action` on `version` now.

    :raises NotAllowed: if `user` may never take it.
    :raises NotNow: if the agreement is in another state, or the version was replaced.
    """
    if not action.who(user, version):
        raise NotAllowed(_("This is not yours to do."))
    if not is_due(action, version):
        raise NotNow(
            _("The agreement has moved on: it is now “%(state)s”. Nothing was changed.")
            % {"state": State(version.part.standing).label}
        )
