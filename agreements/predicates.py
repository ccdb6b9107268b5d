"""Who stands how to an agreement, as predicates that combine; and what an act waits for besides its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rules.predicates import Predicate, predicate

from agreements.models import Agreement, Capacity, Duty, Party, Reading, Role, Stage, State, User, Version
from agreements.models.agreements import STOOD_IN
from agreements.models.states import PART_STATES, awaits_check, awaits_screening, awaits_signature, has_signed


def place_of(user: User, version: Version, capacity: str) -> Party | None:
    """Return the place in `version` whose acts `user` may take in `capacity`: their own, or one they are acting for.

    Nobody acts for another on an agreement of their own, nor beside a place, or a signature, they have in it already.
    """
    parties = list(version.parties.all())
    own = next((party for party in parties if party.user_id == user.pk and party.capacity == capacity), None)
    takes_part = any(party.user_id == user.pk for party in parties) or version.part.agreement.person_id == user.pk
    if own or takes_part or not user.stands_in or capacity not in STOOD_IN:
        return own
    place = next((party for party in parties if party.capacity == capacity and party.is_stood_in_by(user)), None)
    if place and version.signatures.filter(signatory=user).exclude(capacity=capacity).exists():
        return None
    return place


def _in_capacity(capacity: str) -> Predicate:
    @predicate(name=f"is_{capacity}")  # type: ignore[no-untyped-call]  # rules has no types
    def stands(user: User, version: Version) -> bool:
        return place_of(user, version, capacity) is not None

    return stands


def _with_role(kind: str) -> Predicate:
    @predicate(name=f"has_role_{kind}")  # type: ignore[no-untyped-call]  # rules has no types
    def holds(user: User, version: Version) -> bool:
        path = version.part.agreement.organisation.path
        return any(path.startswith(held) for held in Role.objects.paths(user, kind))

    return holds


@predicate(name="has_committee")  # type: ignore[no-untyped-call]  # rules has no types
def has_committee(user: User, version: Version) -> bool:
    """Whether a screening committee looks at the results of its round."""
    return version.part.agreement.round.has_screening


is_assessee = _in_capacity(Capacity.ASSESSEE)
is_assessor = _in_capacity(Capacity.ASSESSOR)
is_commentator = _in_capacity(Capacity.COMMENTATOR)
is_reviewer = _in_capacity(Capacity.REVIEWER)
is_reviewer_2 = _in_capacity(Capacity.REVIEWER_2)
is_witness = _in_capacity(Capacity.WITNESS)
is_witness_1 = _in_capacity(Capacity.WITNESS_1)
is_witness_2 = _in_capacity(Capacity.WITNESS_2)
is_witness_3 = _in_capacity(Capacity.WITNESS_3)
is_witness_4 = _in_capacity(Capacity.WITNESS_4)
# HR cannot act on an agreement of its own: whoever is assessed does not decide about it.
is_hr = _with_role(Role.Kind.HR) & ~is_assessee
# A member of the screening committee looks at others' results, never at their own.
is_screener = _with_role(Role.Kind.SCREENING) & has_committee & ~is_assessee


def oversees(user: User, version: Version, *, paths: Sequence[str] | None = None) -> bool:
    """Return whether `user` oversees the office of `version` as HR or auditor; `paths` are theirs, if read before."""
    path = version.part.agreement.organisation.path
    held = Role.objects.paths(user, Role.Kind.HR, Role.Kind.AUDITOR) if paths is None else paths
    return any(path.startswith(one) for one in held)


def is_own(agreement: Agreement, user: User) -> bool:
    """Return whether `user` is the one assessed: the person, or whoever signs for the organisation."""
    if not agreement.is_of_organisation:
        return agreement.person_id == user.pk
    return agreement.parts.filter(posting__user=user).exists()


# --- Who looks after indicators of an organisation's agreement -------------------------------------------------------
@predicate(name="is_of_organisation")  # type: ignore[no-untyped-call]  # rules has no types
def is_of_organisation(user: User, version: Version) -> bool:
    """Whether an organisation agreed it."""
    return version.part.agreement.is_of_organisation


def duties_in(user: User, version: Version, kind: str) -> set[UUID]:
    """Return the lineages of `version` that `user` looks after; whoever judges them looks after none."""
    if not version.part.agreement.is_of_organisation or any(place_of(user, version, one) for one in JUDGING):
        return set()
    held = Duty.objects.of(user).filter(part=version.part_id, kind=kind)
    return set(held.values_list("lineage", flat=True))


def _with_duty(kind: str) -> Predicate:
    @predicate(name=f"is_{kind}")  # type: ignore[no-untyped-call]  # rules has no types
    def looks_after(user: User, version: Version) -> bool:
        return bool(duties_in(user, version, kind))

    return looks_after


JUDGING = (Capacity.COMMENTATOR, Capacity.ASSESSOR, Capacity.REVIEWER, Capacity.REVIEWER_2)
is_owner = _with_duty(Duty.Kind.OWNER)
is_collector = _with_duty(Duty.Kind.COLLECTOR)


def may_enter(user: User, version: Version, lineage: UUID) -> bool:
    """Return whether `user` enters results of this indicator: the assessee all of them, a collector their own."""
    return is_assessee(user, version) or lineage in duties_in(user, version, Duty.Kind.COLLECTOR)


@predicate(name="is_open_amendment")  # type: ignore[no-untyped-call]  # rules has no types
def is_open_amendment(user: User, version: Version) -> bool:
    """Whether the version is to replace a signed one that still holds."""
    return version.amends_id is not None


@predicate(name="is_in_last_part")  # type: ignore[no-untyped-call]  # rules has no types
def is_in_last_part(user: User, version: Version) -> bool:
    """Whether the version is of the part that runs to the end of the round."""
    return version.part.is_last


# --- What else an act waits for: each answers with the sentence that says why not yet, or with nothing ---------------
Hindrance = Callable[[Version], str | Promise]


def nothing(_version: Version) -> str:
    """Wait for nothing."""
    return ""


def own_signature(capacity: Capacity, stage: Stage) -> Hindrance:
    """Wait for whoever takes part in `capacity` to sign, once."""

    def signed_already(version: Version) -> str | Promise:
        return _("It is signed already in this capacity.") if has_signed(version, capacity, stage) else ""

    return signed_already


def first_reviewer(version: Version) -> str | Promise:
    """Wait for the opinion of the reviewer, then for the second one, once."""
    if awaits_signature(version, Capacity.REVIEWER, Stage.RESULT):
        return _("First the reviewer gives an opinion.")
    return own_signature(Capacity.REVIEWER_2, Stage.RESULT)(version)


def wanted_check(version: Version) -> str | Promise:
    """Wait for a proposal that the round wants checked."""
    return "" if awaits_check(version) else _("There is nothing left to check for completeness.")


def wanted_screening(version: Version) -> str | Promise:
    """Wait for an assessment that the committee has not looked at yet."""
    return "" if awaits_screening(version) else _("There is nothing left to screen here.")


def screened(version: Version) -> str | Promise:
    """Wait for the screening committee, where the round has one."""
    return _("First the screening committee looks at it.") if awaits_screening(version) else ""


def unopened(version: Version) -> str | Promise:
    """Wait for nothing, as long as nobody has opened what was handed on."""
    agreement = version.part.agreement
    if agreement.state == State.RELEASED and not agreement.round.releases_on_assessment:
        return _("HR has released it; HR alone can reopen it now.")
    if version.screened_at is not None:
        return _("The screening committee has looked at it. It can be returned to you with a reason.")
    opened = version.readings.all()
    if version.part.standing not in PART_STATES:
        # The result is of the whole: whoever opened one part of it has opened it.
        opened = Reading.objects.filter(version__is_current=True, version__part__agreement=agreement.pk)
    if opened.filter(state=version.part.standing).exists():
        return _(
            "It has been opened meanwhile and can no longer be withdrawn. It can be returned to you with a reason."
        )
    return ""
