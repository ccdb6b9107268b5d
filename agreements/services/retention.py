"""Erasing what the log says in words when an office's time for keeping it is over; the chain stays whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Event, EventText, Organisation, User
from agreements.services import log
from agreements.services.log_check import ERASED


class NothingToErase(Exception):
    """No text is as old as that."""


@transaction.atomic
def erase_texts(office: Organisation, *, before: datetime, by: User | None, at: datetime) -> int:
    """Erase what the records of `office` older than `before` say; the records themselves stay. Return how many.

    :raises NothingToErase: if there are none.
    """
    # The office's row is the lock of its chain, here as in log.record.
    Organisation.objects.select_for_update().filter(pk=office.pk).order_by().first()
    old = EventText.objects.filter(event__office=office, event__at__lt=before)
    count, _by_model = EventText.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    if not count:
        raise NothingToErase(_("No text of this log is as old as that; nothing was changed."))
    # All that are gone by now: this record answers also for earlier ones, whose own text it may have erased.
    gone = Event.objects.filter(office=office, text=None).order_by("number").values_list("number", flat=True)
    details = {"numbers": ranges(gone), "before": before, "count": count}
    log.record(ERASED, office=office, by=by, at=at, details=details)
    return count


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Return ascending `numbers` as ranges, first and last."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
