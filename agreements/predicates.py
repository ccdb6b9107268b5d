"""Who stands how to an agreement, as predicates that combine."""

from __future__ import annotations

from rules.predicates import Predicate, predicate

from agreements.models import Capacity, Party, Role, User, Version
from agreements.models.agreements import STOOD_IN


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


is_assessee = _in_capacity(Capacity.ASSESSEE)
is_assessor = _in_capacity(Capacity.ASSESSOR)
is_reviewer = _in_capacity(Capacity.REVIEWER)
# HR cannot act on an agreement of its own: whoever is assessed does not decide about it.
is_hr = _with_role(Role.Kind.HR) & ~is_assessee


@predicate(name="is_open_amendment")  # type: ignore[no-untyped-call]  # rules has no types
def is_open_amendment(user: User, version: Version) -> bool:
    """Whether the version is to replace a signed one that still holds."""
    return version.amends_id is not None


@predicate(name="is_in_last_part")  # type: ignore[no-untyped-call]  # rules has no types
def is_in_last_part(user: User, version: Version) -> bool:
    """Whether the version is of the part that runs to the end of the round."""
    return version.part.is_last
