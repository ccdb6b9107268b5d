"""The states of an agreement, the capacities in which people take part in it, and whose turn each state is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import models
from django.utils.translation import gettext_lazy as _

# A version with its agreement, parties and signatures; the module of versions stands on this one.
Version: TypeAlias = Any


class State(models.TextChoices):
    """The states of an agreement: the main line in its order, and ended, which lies beside it."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    REPORTED = "reported", _("Reported")
    ASSESSED = "assessed", _("Assessed")
    RELEASED = "released", _("Released")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    REVIEWED = "reviewed", _("Reviewed")
    CLOSED = "closed", _("Closed")
    ENDED = "ended", _("Ended")


MAIN_LINE: tuple[State, ...] = tuple(state for state in State if state != State.ENDED)
# The states that each part of an agreement goes through by itself.
PART_STATES = (State.DRAFT, State.PROPOSED, State.AGREED, State.REPORTED, State.ASSESSED)


class Capacity(models.TextChoices):
    """As what a person takes part in an agreement."""

    ASSESSEE = "assessee", _("Assessee")
    COMMENTATOR = "commentator", _("Commentator")
    ASSESSOR = "assessor", _("Assessor")
    REVIEWER = "reviewer", _("Reviewer")
    REVIEWER_2 = "reviewer_2", _("Second reviewer")
    WITNESS = "witness", _("Witness")
    # Those who bear witness to an office's agreement at the start; the one above, that a result was told.
    WITNESS_1 = "witness_1", _("First witness of the agreement")
    WITNESS_2 = "witness_2", _("Second witness of the agreement")
    WITNESS_3 = "witness_3", _("Third witness of the agreement")
    WITNESS_4 = "witness_4", _("Fourth witness of the agreement")


# They sign in any order, each with their own date, before the agreement is agreed.
WITNESSES_OF_AGREEMENT = (Capacity.WITNESS_1, Capacity.WITNESS_2, Capacity.WITNESS_3, Capacity.WITNESS_4)


class Stage(models.TextChoices):
    """When a signature is given."""

    AGREE = "agree", _("At the start of the round")
    RESULT = "result", _("At the end of the round")


# --- Whose turn it is ------------------------------------------------------------------------------------------------
def takes_part(version: Version, capacity: str) -> bool:
    """Return whether `version` has a party in `capacity`."""
    return any(party.capacity == capacity for party in version.parties.all())


def has_signed(version: Version, capacity: str, stage: str) -> bool:
    """Return whether the party in `capacity` signed this very version at `stage`."""
    return any(one.capacity == capacity and one.stage == stage for one in version.signatures.all())


def awaits_signature(version: Version, capacity: str, stage: str) -> bool:
    """Return whether `version` has a party in `capacity` that has not signed at `stage`."""
    return takes_part(version, capacity) and not has_signed(version, capacity, stage)


def awaits_check(version: Version) -> bool:
    """Return whether HR still is to check the proposal for completeness, where the round wants it."""
    return version.part.agreement.round.checks_completeness and version.checked_at is None


def awaits_screening(version: Version) -> bool:
    """Return whether the committee still is to look at the assessment, where the round has one."""
    return version.part.agreement.round.has_screening and version.screened_at is None


def _is_open(_version: Version) -> bool:
    return True


def _waits_on(capacity: str, stage: str) -> Callable[[Version], bool]:
    def waits(version: Version) -> bool:
        return awaits_signature(version, capacity, stage)

    return waits


@dataclass(frozen=True, slots=True)
class Turn:
    """That an agreement in `state` waits for the party in `capacity`, or for HR where there is none."""

    state: State
    capacity: Capacity | None
    is_open: Callable[[Version], bool] = _is_open


# The committee's turn: it is no party, either.
SCREENING = Turn(State.ASSESSED, None, awaits_screening)

# In the order of the work: where several are open, the first is named.
TURNS: tuple[Turn, ...] = (
    Turn(State.DRAFT, Capacity.ASSESSEE),
    Turn(State.PROPOSED, None, awaits_check),
    Turn(State.PROPOSED, Capacity.COMMENTATOR, _waits_on(Capacity.COMMENTATOR, Stage.AGREE)),
    *(Turn(State.PROPOSED, one, _waits_on(one, Stage.AGREE)) for one in WITNESSES_OF_AGREEMENT),
    Turn(State.PROPOSED, Capacity.ASSESSOR),
    Turn(State.AGREED, Capacity.ASSESSEE),
    Turn(State.REPORTED, Capacity.COMMENTATOR, _waits_on(Capacity.COMMENTATOR, Stage.RESULT)),
    Turn(State.REPORTED, Capacity.ASSESSOR),
    SCREENING,
    Turn(State.ASSESSED, None),
    Turn(State.RELEASED, Capacity.WITNESS, _waits_on(Capacity.WITNESS, Stage.RESULT)),
    Turn(State.RELEASED, Capacity.ASSESSEE),
    Turn(State.ACKNOWLEDGED, Capacity.REVIEWER, _waits_on(Capacity.REVIEWER, Stage.RESULT)),
    Turn(State.ACKNOWLEDGED, Capacity.REVIEWER_2, _waits_on(Capacity.REVIEWER_2, Stage.RESULT)),
    Turn(State.REVIEWED, None),
)


def turn_of(version: Version) -> Turn | None:
    """Return whose turn it is at its part; none where the agreement is closed or ended."""
    state = version.part.standing
    return next((turn for turn in TURNS if turn.state == state and turn.is_open(version)), None)


def awaited(version: Version) -> list[Any]:
    """Return the parties whose turn it is at the part of `version`: one, or all witnesses who have not signed yet."""
    turn = turn_of(version)
    if turn is None or turn.capacity is None:
        return []
    together = WITNESSES_OF_AGREEMENT if turn.capacity in WITNESSES_OF_AGREEMENT else (turn.capacity,)
    stage = Stage.AGREE if turn.state == State.PROPOSED else Stage.RESULT
    waiting = [one for one in together if len(together) == 1 or not has_signed(version, one, stage)]
    return [party for party in version.parties.all() if party.capacity in waiting]
