"""Where the assessee does not sign for the result: that it was told is put on record, and a witness signs."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Capacity, Party, Posting, Refusal, User, Version
from agreements.services import notices
from agreements.services.parties import as_party, colleagues_of
from agreements.services.states import AgreementRefused, locked, record


def witnesses_for(version: Version, *, by: User, on: date) -> QuerySet[Posting]:
    """Return the positions whose holders may bear witness: of the same office, no party, and not `by`."""
    around = Party.objects.filter(version__is_current=True, version__part__agreement=version.part.agreement_id)
    parties = around.exclude(capacity=Capacity.WITNESS).values("user")
    return colleagues_of(version, on=on).exclude(user__in=parties).exclude(user=by)


@transaction.atomic
def record_refusal(version: Version, *, witness: Posting, told_on: date, by: User, at: datetime) -> Refusal:
    """Put on record that the result was told on `told_on` and is not signed for; `witness` is to sign.

    Recorded again before the witness signed, it replaces what was recorded. The assessee may still sign until then.

    :raises NotAllowed: if `by` is neither the assessor nor HR.
    :raises NotNow: if the agreement is in another state.
    :raises AgreementRefused: if the day cannot be, or the witness takes part in the agreement.
    """
    version = locked(version)
    actions.demand(actions.REFUSE, version, by)
    today = timezone.localdate(at)
    if not witnesses_for(version, by=by, on=today).filter(pk=witness.pk).exists():
        raise AgreementRefused(_("The witness is somebody of the office who takes no part in the agreement."))
    released = timezone.localdate(version.part.agreement.state_since)
    if not released <= told_on <= today:
        raise AgreementRefused(
            _("The result was released on %(from)s; it was told on a day from then until today.")
            % {"from": thai.format_date(released)}
        )
    void(version)
    as_party(version, Capacity.WITNESS, witness).save()
    refusal = Refusal.objects.create(version=version, told_on=told_on, recorded_by=by, recorded_at=at)
    details = {"told_on": told_on, "witness": witness.user.full_name, "version": version.number}
    record(actions.REFUSE.code, version.part.agreement, by=by, at=at, details=details)
    notices.tell_of(version, actions.REFUSE, by=by, at=at)
    return refusal


def void(version: Version) -> None:
    """Forget a refusal that no witness has signed: the assessee signed after all, or it is recorded anew."""
    Refusal.objects.filter(version=version).delete()
    Party.objects.filter(version=version, capacity=Capacity.WITNESS).delete()
