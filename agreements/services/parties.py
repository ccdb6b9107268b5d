"""Naming and replacing the parties of an agreement in the middle of it: by HR, with a reason, without a split."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Capacity, Organisation, Party, Posting, State, User, Version
from agreements.models.states import WITNESSES_OF_AGREEMENT, awaits_signature, has_signed
from agreements.services import log, notices
from agreements.services.agreements import party
from agreements.services.states import AgreementRefused, demand_reason, locked, of_part, record, shift
from agreements.services.versions import keep_agreed, renew

# Who signs for an organisation, and its witnesses, only where an organisation agreed it: `replaceable_in`.
OF_ORGANISATIONS = (Capacity.ASSESSEE, *WITNESSES_OF_AGREEMENT)
OF_ALL = (Capacity.COMMENTATOR, Capacity.ASSESSOR, Capacity.REVIEWER, Capacity.REVIEWER_2)
REPLACEABLE = (*OF_ALL, *OF_ORGANISATIONS)
# Their names are part of what the others sign; a reviewer's own signature says who it was.
WITHIN_CONTENT = (Capacity.COMMENTATOR, Capacity.ASSESSOR, *OF_ORGANISATIONS)
# They are always there.
NEVER_NOBODY = (Capacity.ASSESSEE, Capacity.ASSESSOR)
REVIEWERS = (Capacity.REVIEWER, Capacity.REVIEWER_2)
UNDER_WAY = (State.AGREED, State.REPORTED)


def as_party(version: Version, capacity: Capacity, posting: Posting) -> Party:
    """Return the holder of `posting` as a party in `capacity`, as of now; unsaved."""
    return party(version, capacity, posting)


def colleagues_of(version: Version, *, on: date) -> QuerySet[Posting]:
    """Return the positions held on a day by people of the office of `version` who may sign in."""
    office = log.office_of(version.part.agreement.organisation)
    within = Organisation.objects.within(office).order_by().values("pk")
    held = Posting.objects.held_on(on).filter(organisation__in=within, user__is_active=True)
    return held.select_related("user", "organisation").order_by("user__sort_key", "user", "is_acting", "pk")


def candidates_for(version: Version, capacity: Capacity, *, on: date) -> QuerySet[Posting]:
    """Return the positions whose holders may take part in `capacity`: nobody who takes part in another."""
    agreement = version.part.agreement
    others = _others_in(version, capacity).values("user")
    around = Organisation.objects.within(agreement.round.organisation).order_by().values("pk")
    held = Posting.objects.held_on(on).filter(organisation__in=around, user__is_active=True)
    return (
        held.exclude(user__in=others)
        .exclude(user=agreement.person)
        .select_related("user", "organisation")
        .order_by("user__sort_key", "user", "is_acting", "pk")
    )


def _others_in(version: Version, capacity: Capacity) -> QuerySet[Party]:
    """Return the parties in other capacities; of other parts those beside whom `capacity` does not go."""
    beside = models.Q(version=version)
    if capacity == Capacity.ASSESSEE:
        # Nobody assesses a part, or reviews the whole, of what they sign for.
        beside |= models.Q(capacity__in=(Capacity.ASSESSOR, *REVIEWERS))
    if capacity in REVIEWERS:
        # Who assessed a part does not review the whole.
        beside |= models.Q(capacity=Capacity.ASSESSOR)
    if capacity == Capacity.ASSESSOR:
        beside |= models.Q(capacity__in=REVIEWERS, version__part__is_last=True)
    around = Party.objects.filter(version__is_current=True, version__part__agreement=version.part.agreement_id)
    return around.filter(beside).exclude(capacity=capacity)


@transaction.atomic
def replace_party(
    version: Version, capacity: Capacity, posting: Posting | None, *, by: User, reason: str, at: datetime
) -> Version:
    """Let the holder of `posting` take part in `capacity` from now on; none takes the party out.

    Where the parties signed already for the old one, it is a new version: a proposal is to be proposed anew, and under
    way what was signed at the start still holds.

    :raises NotAllowed: if it is not for `by` to decide.
    :raises NotNow: if the agreement is too far for it.
    :raises AgreementRefused: without a reason, or if nobody, the same person or another party would be named.
    """
    version = locked(version)
    actions.demand(actions.REPLACE, version, by)
    said = demand_reason(reason)
    old = version.parties.filter(capacity=capacity).first()
    _demand_open(version, capacity)
    _demand_somebody_else(version, capacity, old, posting, on=timezone.localdate(at))
    changed = _version_to_change(version, capacity, by=by, reason=said, at=at)
    Party.objects.filter(version=changed, capacity=capacity).delete()
    if posting is not None:
        as_party(changed, capacity, posting).save()
        if capacity in NEVER_NOBODY:
            field = "assessor" if capacity == Capacity.ASSESSOR else "posting"
            setattr(changed.part, field, posting)
            changed.part.save(update_fields=[field])
    before = version.part.agreement.state
    if before == State.ACKNOWLEDGED and not any(awaits_signature(changed, one, "result") for one in REVIEWERS):
        # Nobody is left whose opinion is awaited.
        shift(changed, State.REVIEWED, at=at)
    details = {
        "from": before,
        "to": changed.part.agreement.state,
        "capacity": str(capacity),
        "before": old.name if old else None,
        "after": posting.user.full_name if posting else None,
        "reason": said,
        "version": changed.number,
        **of_part(version),
    }
    record(actions.REPLACE.code, version.part.agreement, by=by, at=at, details=details)
    notices.tell_of(changed, actions.REPLACE, by=by, at=at)
    return changed


def replaceable_in(version: Version) -> tuple[Capacity, ...]:
    """Return the capacities in which HR may name people in `version`."""
    return REPLACEABLE if version.part.agreement.is_of_organisation else OF_ALL


def is_open(version: Version, capacity: Capacity) -> bool:
    """Return whether the party in `capacity` still has something to sign, and so may be replaced."""
    if capacity in WITNESSES_OF_AGREEMENT:
        return version.part.standing in (State.DRAFT, State.PROPOSED)
    if capacity in WITHIN_CONTENT:
        return version.part.standing in (State.DRAFT, State.PROPOSED, *UNDER_WAY)
    # The whole is reviewed by the parties of its last part.
    return version.part.is_last and not has_signed(version, capacity, "result")


def _demand_open(version: Version, capacity: Capacity) -> None:
    if capacity not in replaceable_in(version):
        raise AgreementRefused(_("This party cannot be replaced."))
    if capacity in REVIEWERS and not version.part.is_last:
        raise AgreementRefused(_("The whole is reviewed once: its reviewers are named at the last part."))
    if not is_open(version, capacity):
        raise AgreementRefused(
            _("This party has signed all there is to sign. HR can reopen the agreement first, with a reason.")
        )


def _demand_somebody_else(
    version: Version, capacity: Capacity, old: Party | None, posting: Posting | None, *, on: date
) -> None:
    if posting is None:
        if capacity in NEVER_NOBODY or old is None:
            raise AgreementRefused(_("Name somebody."))
        return
    if old is not None and old.user_id == posting.user_id and old.title == posting.printed_title:
        raise AgreementRefused(_("This is the same person in the same position."))
    if not candidates_for(version, capacity, on=on).filter(pk=posting.pk).exists():
        raise AgreementRefused(_("This person takes part in the agreement already, or holds no position now."))


def _version_to_change(version: Version, capacity: Capacity, *, by: User, reason: str, at: datetime) -> Version:
    """Return the version in which the party is changed: this one, or the next where others signed for the old one."""
    state = version.part.standing
    if capacity not in WITHIN_CONTENT or state == State.DRAFT:
        return version
    if state == State.PROPOSED:
        renewed = renew(version, by=by, reason=reason, at=at)
        shift(renewed, State.DRAFT, at=at)
        return renewed
    # What is to be mended stays to be mended.
    remarks = dict(version.items.exclude(returned_because="").values_list("lineage", "returned_because"))
    return keep_agreed(renew(version, by=by, reason=version.reason, at=at, remarks=remarks), version)
