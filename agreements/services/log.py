"""The log: one record an act, chained by hash, a chain an office."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from agreements.models import Agreement, Event, EventText, Organisation, User

# The hash before the first record of a chain.
GENESIS = "0" * 64


def canonical(value: object) -> str:
    """Return `value` as canonical JSON: sorted keys, NFC, decimals as strings, UTC."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return unicodedata.normalize("NFC", text)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, (Decimal, Promise)) or hasattr(value, "isoformat"):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def digest(text: str) -> str:
    """Return the SHA-256 of `text` as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def office_of(organisation: Organisation) -> Organisation:
    """Return the nearest office at or above `organisation`: the one whose log it belongs to."""
    line = list(Organisation.objects.line_of(organisation))
    return next((place for place in reversed(line) if place.is_office), line[0])


def record(
    verb: str,
    *,
    office: Organisation,
    by: User | None,
    at: datetime,
    agreement: Agreement | None = None,
    details: dict[str, Any] | None = None,
    batch: Iterable[Agreement] = (),
) -> Event:
    """Append an act to the log of `office`; call it in the transaction of the act.

    Of an act on many agreements at once, `batch` are those that `details` lists.
    """
    # The office's row is the lock of its chain: two acts at once take their numbers one after the other.
    Organisation.objects.select_for_update().filter(pk=office.pk).order_by().first()
    last = Event.objects.filter(office=office).order_by("-number").first()
    number = last.number + 1 if last else 1
    previous = last.own_hash if last else GENESIS
    text = canonical(details or {})
    details_hash = digest(text)
    head = {
        "office": office.code,
        "number": number,
        "at": at,
        "actor": by.username if by else None,
        "verb": verb,
        "agreement": agreement.pk if agreement else None,
        "details": details_hash,
        "previous": previous,
    }
    event = Event.objects.create(
        office=office,
        number=number,
        at=at,
        actor=by,
        verb=verb,
        agreement=agreement,
        details_hash=details_hash,
        previous_hash=previous,
        own_hash=digest(canonical(head)),
    )
    EventText.objects.create(event=event, details=json.loads(text))
    event.batch.add(*batch)
    return event
