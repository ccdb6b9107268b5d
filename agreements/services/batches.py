"""Acts of HR on many agreements at once: all of them or none, and one entry in the log that lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, State, User, Version
from agreements.services import log, notices
from agreements.services.states import AgreementRefused, demand_reason, locked, shift
from agreements.services.versions import renew


@transaction.atomic
def pass_proposals(versions: Iterable[Version], *, by: User, at: datetime) -> int:
    """Pass proposals as complete, so that their assessors can sign; return how many.

    :raises NotAllowed: if one is not for `by` to check.
    :raises AgreementRefused: if none is chosen, or one has moved on meanwhile.
    """

    def passes(version: Version) -> Version:
        version.checked_by, version.checked_at = by, at
        version.save(update_fields=["checked_by", "checked_at"])
        return version

    return _take(actions.CHECK, versions, passes, by=by, at=at, details={})


@transaction.atomic
def send_back_incomplete(versions: Iterable[Version], *, by: User, reason: str, at: datetime) -> int:
    """Send incomplete proposals back with one reason, each as a new version; return how many.

    :raises NotAllowed: if one is not for `by` to check.
    :raises AgreementRefused: without a reason, if none is chosen, or one has moved on meanwhile.
    """
    said = demand_reason(reason)

    def goes_back(version: Version) -> Version:
        renewed = renew(version, by=by, reason=said, at=at)
        shift(renewed, State.DRAFT, at=at)
        return renewed

    return _take(actions.RETURN_INCOMPLETE, versions, goes_back, by=by, at=at, details={"reason": said})


@transaction.atomic
def release(versions: Iterable[Version], *, by: User, at: datetime) -> int:
    """Release assessed results to their assessees; return how many.

    :raises NotAllowed: if one is not for `by` to release.
    :raises AgreementRefused: if none is chosen, or one has moved on meanwhile.
    """

    def goes_out(version: Version) -> Version:
        shift(version, State.RELEASED, at=at)
        return version

    return _take(actions.RELEASE, versions, goes_out, by=by, at=at, details={})


@transaction.atomic
def screen(versions: Iterable[Version], *, by: User, resolution: str, at: datetime) -> int:
    """Record that the screening committee has looked at assessed results, so that HR can release them; return how many.

    :raises NotAllowed: if one is not for `by` to screen.
    :raises AgreementRefused: if none is chosen, or one has moved on meanwhile.
    """

    def is_seen(version: Version) -> Version:
        version.screened_by, version.screened_at = by, at
        version.save(update_fields=["screened_by", "screened_at"])
        return version

    return _take(actions.SCREEN, versions, is_seen, by=by, at=at, details={"resolution": resolution.strip()})


def _take(
    action: actions.Action,
    versions: Iterable[Version],
    change: Callable[[Version], Version],
    *,
    by: User,
    at: datetime,
    details: Mapping[str, Any],
) -> int:
    # In one order everywhere: two batches at once wait for each other instead of locking each other out.
    chosen = sorted(versions, key=lambda version: version.part.agreement_id)
    if not chosen:
        raise AgreementRefused(_("Tick at least one agreement."))
    by_office: dict[int, list[Agreement]] = {}
    offices = {}
    for one in chosen:
        version = locked(one)
        agreement = version.part.agreement
        try:
            actions.demand(action, version, by)
        except actions.NotNow as moved:
            raise AgreementRefused(
                _("%(name)s: %(why)s Nothing was done with the others either.")
                % {"name": agreement.subject, "why": moved}
            ) from moved
        changed = change(version)
        if action != actions.SCREEN:
            # What the committee has looked at is no news to the parties before its release.
            notices.tell_of(changed, action, by=by, at=at)
        office = log.office_of(agreement.organisation)
        offices[office.pk] = office
        by_office.setdefault(office.pk, []).append(agreement)
    for key, listed in by_office.items():
        told = {"from": action.source, "to": action.target, **details, "agreements": [one.pk for one in listed]}
        alone = listed[0] if len(listed) == 1 else None
        batch = [] if alone else listed
        log.record(action.code, office=offices[key], by=by, at=at, agreement=alone, batch=batch, details=told)
    return len(chosen)
