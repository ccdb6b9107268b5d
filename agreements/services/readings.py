"""Noting who opened what was handed on: until somebody has, whoever handed it on may withdraw it."""

from __future__ import annotations

from datetime import datetime

from agreements import actions
from agreements.models import Reading, State, User, Version
from agreements.predicates import is_hr
from agreements.services.states import WITHDRAWALS

WITHDRAWABLE: frozenset[State] = frozenset(state for action in WITHDRAWALS for state in action.sources)


def note(version: Version, *, by: User, at: datetime) -> None:
    """Keep that `by` opened `version`, where that ends somebody's right to withdraw it.

    Only a party or HR is waited for; whoever may withdraw it reads their own.
    """
    state = version.part.standing
    if state not in WITHDRAWABLE or _handed_on(version, by):
        return
    if any(party.user_id == by.pk for party in version.parties.all()) or is_hr(by, version):
        Reading.objects.get_or_create(version=version, reader=by, state=state, defaults={"opened_at": at})


def _handed_on(version: Version, user: User) -> bool:
    state = version.part.standing
    return any(action.who(user, version) for action in WITHDRAWALS if state in action.sources)


def is_withdrawable(version: Version, user: User) -> actions.Action | None:
    """Return the act by which `user` may take back `version` now, if there is one."""
    return next(iter(actions.allowed(version, user, WITHDRAWALS)), None)
