"""Moving an agreement from state to state: onward, back with a reason, and beside the road."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, Capacity, EndedBecause, Signature, State, User, Version
from agreements.models.states import PART_STATES, takes_part
from agreements.services import acting, deadlines, log, notices
from agreements.services.versions import keep_agreed, renew


class AgreementRefused(Exception):
    """The agreement cannot be changed so."""


@transaction.atomic
def return_with_reason(
    version: Version,
    action: actions.Action,
    *,
    by: User,
    reason: str,
    at: datetime,
    remarks: Mapping[UUID, str] | None = None,
) -> Version:
    """Send `version` one step back as a new version; the old one and its signatures stay readable.

    `remarks` says by lineage what is to be mended at which indicator.

    :raises NotAllowed: if it is not for `by` to return it.
    :raises NotNow: if the agreement is in another state.
    :raises AgreementRefused: without a reason.
    """
    version = locked(version)
    actions.demand(action, version, by)
    told, said = _told(version, reason, remarks or {})
    renewed = renew(version, by=by, reason=told, at=at, remarks=said)
    if action.target != State.DRAFT:
        # Only the result goes back: what was signed at the start still holds.
        keep_agreed(renewed, version)
    move(version, action, by=by, at=at, details={"reason": told, "version": renewed.number, **_by_code(renewed, said)})
    return renewed


def _told(version: Version, reason: str, remarks: Mapping[UUID, str]) -> tuple[str, dict[UUID, str]]:
    """Return the reason in general, and the remarks that say something."""
    codes = dict(version.items.values_list("lineage", "code"))
    said = {lineage: remark.strip() for lineage, remark in remarks.items() if remark.strip()}
    if not said.keys() <= codes.keys():
        raise AgreementRefused(_("One of the indicators is not in this agreement."))
    if reason.strip() or not said:
        return demand_reason(reason), said
    named = ", ".join(code for lineage, code in codes.items() if lineage in said)
    return _("See what stands at the indicators: %(codes)s.") % {"codes": named}, said


def _by_code(renewed: Version, said: Mapping[UUID, str]) -> dict[str, Any]:
    items = renewed.items.filter(lineage__in=said).order_by("order", "pk")
    return {"indicators": {item.code: item.returned_because for item in items}} if said else {}


def demand_reason(reason: str) -> str:
    """Return `reason` without space around it.

    :raises AgreementRefused: if nothing is left.
    """
    if not reason.strip():
        raise AgreementRefused(_("Give the reason in words."))
    return reason.strip()


def move(
    version: Version,
    action: actions.Action,
    *,
    by: User,
    at: datetime,
    details: dict[str, Any] | None = None,
    signature: Signature | None = None,
) -> None:
    """Carry out `action`'s change of state and log it; whoever calls it has demanded the action."""
    agreement = version.part.agreement
    before = agreement.state
    shift(version, actions.leads_to(action, version), at=at)
    told = {"from": before, "to": agreement.state} | of_part(version) | deadlines.mark(version, action, at=at)
    told |= (details or {}) | acting.told(by, version)
    record(action.code, agreement, by=by, at=at, details=told, signature=signature)
    notices.tell_of(version, action, by=by, at=at)


def of_part(version: Version) -> dict[str, Any]:
    """Return which part an act was taken on, as the log says it; nothing where the agreement was never split."""
    return {} if version.part.is_only else {"part": version.part.number}


def shift(version: Version, target: str, *, at: datetime) -> None:
    """Bring `version`'s part and agreement to `target`; whoever calls it has demanded the act and logs it."""
    part, agreement = version.part, version.part.agreement
    if target in PART_STATES:
        part.state = target
        part.save(update_fields=["state"])
        agreement.state = slowest(agreement)
    else:
        agreement.state = target
    agreement.state_since = at
    agreement.save(update_fields=["state", "state_since"])


def slowest(agreement: Agreement) -> str:
    """Return the state of the part of `agreement` that is least far."""
    states = agreement.parts.values_list("state", flat=True)
    return min(states, key=[str(state) for state in PART_STATES].index)


@transaction.atomic
def act(version: Version, action: actions.Action, *, by: User, at: datetime) -> None:
    """Take an `action` that is neither a signature nor a return, such as closing.

    :raises NotAllowed: if it is not for `by` to do.
    :raises NotNow: if the agreement is in another state.
    """
    version = locked(version)
    actions.demand(action, version, by)
    move(version, action, by=by, at=at)


def locked(version: Version) -> Version:
    """Return `version` as it is now, its agreement's row locked: two acts at once wait for each other."""
    Agreement.objects.select_for_update().get(pk=version.part.agreement_id)
    return Version.objects.select_related(
        "part__agreement__round", "part__agreement__organisation", "part__posting__organisation"
    ).get(pk=version.pk)


def record(verb: str, agreement: Agreement, *, by: User, at: datetime, **said: Any) -> None:
    """Log an act with `agreement` in the log of its office; `said` is what `log.record` takes besides."""
    log.record(verb, office=log.office_of(agreement.organisation), by=by, at=at, agreement=agreement, **said)


# --- Taking back, reopening, ending ----------------------------------------------------------------------------------
WITHDRAWALS = (actions.WITHDRAW_PROPOSAL, actions.WITHDRAW_REPORT, actions.WITHDRAW_ASSESSMENT)
REOPENINGS = (actions.REOPEN_ASSESSMENT, actions.REOPEN_REPORT)


@transaction.atomic
def withdraw(version: Version, action: actions.Action, *, by: User, at: datetime) -> Version:
    """Take back what `by` handed on and nobody has opened yet; where it was signed, as a new version.

    :raises NotAllowed: if it is not `by`'s to take back.
    :raises NotNow: if it was opened, or the agreement is in another state.
    """
    version = locked(version)
    actions.demand(action, version, by)
    renewed = version
    if Signature.objects.filter(version=version, stage=_stage_left(action)).exists():
        renewed = renew(version, by=by, reason="", at=at)
        if action.target != State.DRAFT:
            keep_agreed(renewed, version)
    move(renewed, action, by=by, at=at, details={"version": renewed.number})
    return renewed


def _stage_left(action: actions.Action) -> str:
    return "agree" if action.target == State.DRAFT else "result"


@transaction.atomic
def disagree(version: Version, *, by: User, reason: str, at: datetime) -> None:
    """Put on record why `by` does not agree to a draft; the other party and HR read it, nothing else changes.

    :raises NotAllowed: if `by` is neither assessee nor assessor.
    :raises NotNow: if it is no draft.
    :raises AgreementRefused: without a reason.
    """
    version = locked(version)
    actions.demand(actions.DISAGREE, version, by)
    agreement = version.part.agreement
    record(actions.DISAGREE.code, agreement, by=by, at=at, details={"reason": demand_reason(reason)} | of_part(version))


@transaction.atomic
def reopen(version: Version, action: actions.Action, *, by: User, reason: str, at: datetime) -> Version:
    """Open an assessed agreement, or one part of it, again as a new version; what was signed at the start still holds.

    :raises NotAllowed: if it is not for `by` to reopen it.
    :raises NotNow: if the agreement is in another state.
    :raises AgreementRefused: without a reason.
    """
    version = locked(version)
    actions.demand(action, version, by)
    said = demand_reason(reason)
    _open_the_whole(version, by=by, reason=said, at=at)
    renewed = keep_agreed(renew(version, by=by, reason=said, at=at), version)
    move(renewed, action, by=by, at=at, details={"reason": said, "version": renewed.number})
    return renewed


def _open_the_whole(version: Version, *, by: User, reason: str, at: datetime) -> None:
    """Let the last part be assessed anew, too, where the whole was signed under it: those signatures hold no more."""
    if version.part.is_last:
        return
    last = (
        Version.objects.current().select_related("part").get(part__agreement=version.part.agreement, part__is_last=True)
    )
    last.part.agreement = version.part.agreement
    if last.signatures.filter(snapshot__is_whole=True).exists() or takes_part(last, Capacity.WITNESS):
        keep_agreed(renew(last, by=by, reason=reason, at=at), last)
        last.part.state = State.REPORTED
        last.part.save(update_fields=["state"])


@transaction.atomic
def end(version: Version, *, by: User, because: str, reason: str, at: datetime) -> None:
    """End an agreement before its round is over; it is late no more, and counted nowhere.

    :raises NotAllowed: if it is not for `by` to end it.
    :raises NotNow: if it is closed or ended.
    :raises AgreementRefused: if the reason is none of those that there are, or another one is not said in words.
    """
    version = locked(version)
    actions.demand(actions.END, version, by)
    if because not in EndedBecause.values:
        raise AgreementRefused(_("Choose why the agreement ends."))
    if because == EndedBecause.OTHER:
        demand_reason(reason)
    agreement = version.part.agreement
    agreement.ended_from, agreement.state = agreement.state, State.ENDED
    agreement.ended_because, agreement.ended_reason = because, reason.strip()
    _stand(agreement, at=at)
    details = {"from": agreement.ended_from, "to": agreement.state, "because": because, "reason": reason.strip()}
    record(actions.END.code, agreement, by=by, at=at, details=details)
    notices.tell_of(version, actions.END, by=by, at=at)


@transaction.atomic
def resume(version: Version, *, by: User, reason: str, at: datetime) -> None:
    """Take an ended agreement up again where it was.

    :raises NotAllowed: if it is not for `by` to decide.
    :raises NotNow: if it was not ended.
    :raises AgreementRefused: without a reason.
    """
    version = locked(version)
    actions.demand(actions.RESUME, version, by)
    said = demand_reason(reason)
    agreement = version.part.agreement
    agreement.state, agreement.ended_from = agreement.ended_from, ""
    agreement.ended_because = agreement.ended_reason = ""
    _stand(agreement, at=at)
    details = {"from": State.ENDED, "to": agreement.state, "reason": said}
    record(actions.RESUME.code, agreement, by=by, at=at, details=details)
    notices.tell_of(version, actions.RESUME, by=by, at=at)


def _stand(agreement: Agreement, *, at: datetime) -> None:
    agreement.state_since = at
    agreement.save(update_fields=["state", "state_since", "ended_from", "ended_because", "ended_reason"])
