"""Who stands how to an agreement, as predicates that combine."""

from __future__ import annotations

from rules.predicates import Predicate, predicate

from agreements.models import Capacity, Role, User, Version


def _in_capacity(capacity: str) -> Predicate:
    @predicate(name=f"is_{capacity}")  # type: ignore[no-untyped-call]  # rules has no types
    def stands(user: User, version: Version) -> bool:
        return any(party.user_id == user.pk and party.capacity == capacity for party in version.parties.all())

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
