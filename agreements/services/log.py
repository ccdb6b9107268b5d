"""The log: one record an act, chained by hash, a chain an office."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from agreements import thai
from agreements.models import Agreement, Event, EventText, Organisation, User

# The hash before the first record of a chain.
GENESIS = "0" * 64


def canonical(value: object) -> str:
    """Return `value` as canonical JSON: sorted keys, one spelling of Thai (NFC), decimals as strings, UTC.

    :raises TypeError: if something in it has no canonical form.
    :raises ValueError: if a moment has no time zone, or a number is none.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> Any:
    # Spelled before the keys are sorted: a key typed decomposed would else stand in another place.
    if isinstance(value, (str, Promise)):
        return thai.one_spelling(str(value))
    if isinstance(value, Mapping):
        return {thai.one_spelling(str(key)): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, Decimal):
        return thai.canonical_decimal(value)
    if isinstance(value, (date, time)):
        return _moment(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _moment(value: date | time) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValueError("A moment without a time zone has no canonical form.")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


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
) -> Event:
    """Append an act to the log of `office`; call it in the transaction of the act."""
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
    return event
