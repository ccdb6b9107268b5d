"""Locks after failed attempts: a person from one address, as django-axes counts them."""

from __future__ import annotations

from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from agreements.models import User
from agreements.services import accounts


def counted_name(username: str) -> str:
    """Return the user name as attempts are counted: capitals and spaces around it make no other person."""
    return username.strip().casefold()[:150]


def ends_at(username: str, address: str | None) -> datetime | None:
    """Return when the lock on this person from this address ends, if there is one."""
    counted = AccessAttempt.objects.filter(username=counted_name(username), ip_address=address)
    found = counted.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    if (found["failures"] or 0) < settings.AXES_FAILURE_LIMIT:
        return None
    return found["last"] + settings.AXES_COOLOFF_TIME


def latest_end(person: User, *, now: datetime) -> datetime | None:
    """Return when the last of the locks on a person ends, from whatever address."""
    counted = AccessAttempt.objects.filter(username=counted_name(person.username)).order_by()
    by_address = counted.values("ip_address").annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    ends = [
        row["last"] + settings.AXES_COOLOFF_TIME for row in by_address if row["failures"] >= settings.AXES_FAILURE_LIMIT
    ]
    return max((end for end in ends if end > now), default=None)


@transaction.atomic
def lift(person: User, *, by: User, at: datetime) -> None:
    """Let somebody try again at once, from everywhere.

    :raises NotYours: if it is `by`, or somebody whose account `by` may not act on.
    """
    accounts.demand_other(by, person, at=at)
    AccessAttempt.objects.filter(username=counted_name(person.username)).delete()
    accounts.record("lock.lifted", person, by=by, at=at)
