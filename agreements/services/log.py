"""The log: one record an act, chained by hash, a chain an office."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from agreements import request_ids
from agreements.models import Agreement, Event, EventText, Organisation, Signature, User

# The hash before the first record of a chain.
GENESIS = "0" * 64
# Raised whenever `head_of` covers more; older records keep theirs.
FORMAT = 2


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


def record(  # noqa: PLR0913  each says one thing of the act
    verb: str,
    *,
    office: Organisation,
    by: User | None,
    at: datetime,
    agreement: Agreement | None = None,
    details: dict[str, Any] | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    acting_as: str = "",
    signature: Signature | None = None,
) -> Event:
    """Append an act to the log of `office`; call it in the transaction of the act.

    `before` and `after` say what the act changed; of an agreement that moves, its state. A batch is one record whose
    details list its objects. `acting_as` is the position in which `by` acted.
    """
    # The office's row is the lock of its chain: two acts at once take their numbers one after the other.
    Organisation.objects.select_for_update().filter(pk=office.pk).order_by().first()
    last = Event.objects.filter(office=office).order_by("-number").first()
    told = (details or {}) | ({"reason": reason} if reason else {})
    texts = {name: canonical(value) for name, value in _said(told, before, after).items()}
    event = Event(
        office=office,
        number=last.number + 1 if last else 1,
        at=at,
        actor=by,
        actor_name=by.username if by else "",
        acting_as=acting_as,
        verb=verb,
        agreement=agreement,
        signature=signature,
        signature_hash=digest(canonical(facts_of(signature))) if signature else "",
        previous_hash=last.own_hash if last else GENESIS,
        request_id=request_ids.current(),
        format=FORMAT,
        **{f"{name}_hash": digest(text) for name, text in texts.items()},
    )
    event.own_hash = digest(canonical(head_of(event)))
    event.save(force_insert=True)
    EventText.objects.create(event=event, **{name: json.loads(text) for name, text in texts.items()})
    return event


def _said(
    details: dict[str, Any], before: dict[str, Any] | None, after: dict[str, Any] | None
) -> dict[str, dict[str, Any]]:
    said = {"details": details, "before": before, "after": after}
    return {name: value for name, value in said.items() if value is not None}


def head_of(event: Event) -> dict[str, Any]:
    """Return what the hash of `event` covers: every column of its row but the hash itself."""
    actor = event.actor
    head = {
        "office": event.office.code,
        "number": event.number,
        "at": event.at,
        "actor": event.actor_name or (actor.username if actor else None),
        "verb": event.verb,
        "agreement": event.agreement_id,
        "details": event.details_hash,
        "previous": event.previous_hash,
    }
    if event.format == 1:
        return head
    return head | {
        "format": event.format,
        "actor_key": event.actor_id,
        "acting_as": event.acting_as,
        "before": event.before_hash,
        "after": event.after_hash,
        "signature": event.signature_hash,
        "request": event.request_id,
    }


def facts_of(row: Model) -> dict[str, Any]:
    """Return every column of `row` that says something, so that a column added later changes no older hash."""
    fields = row._meta.concrete_fields  # noqa: SLF001  documented, for all its underscore
    facts = {field.attname: getattr(row, field.attname) for field in fields}
    return {name: value for name, value in facts.items() if value not in (None, "", False)}
