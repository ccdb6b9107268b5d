"""The log: one record an act, chained by hash, a chain an office."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from agreements import request_ids, thai
from agreements.models import Agreement, Event, EventText, Organisation, Party, Signature, User

# The hash before the first record of a chain.
GENESIS = "0" * 64
# Raised whenever `head_of` covers more; older records keep theirs.
FORMAT = 1


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


def offices_of(organisations: Iterable[Organisation]) -> dict[int, Organisation]:
    """Return the office of each of `organisations` by its key, as `office_of` finds it: one question for all."""
    wanted = {place.pk: place.path for place in organisations}
    steps = Organisation.steplen
    lines = {pk: [path[:length] for length in range(steps, len(path) + 1, steps)] for pk, path in wanted.items()}
    found = Organisation.objects.filter(path__in={path for line in lines.values() for path in line}).order_by("path")
    known = {place.path: place for place in found}
    return {
        pk: next((known[path] for path in reversed(line) if known[path].is_office), known[line[0]])
        for pk, line in lines.items()
    }


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
    acting_as: str | None = None,
    signature: Signature | None = None,
    batch: Iterable[Agreement | int] = (),
) -> Event:
    """Append an act to the log of `office`; call it in the transaction of the act.

    `before` and `after` say what the act changed; of an agreement that moves, its state, which the details tell as
    `from` and `to`. An act on many at once is one record whose details list them; `batch` are the agreements among
    them. `acting_as` is the position in which `by` acted: the one as a party of the agreement, where nothing else is
    said.
    """
    # The office's row is the lock of its chain: two acts at once take their numbers one after the other.
    Organisation.objects.select_for_update().filter(pk=office.pk).order_by().first()
    last = Event.objects.filter(office=office).order_by("-number").first()
    told = (details or {}) | ({"reason": reason} if reason else {})
    batch = list(batch)
    if agreement is not None or batch:
        before, after = before or state_told(told, "from"), after or state_told(told, "to")
    said = {"details": told, "before": before, "after": after}
    texts = {name: canonical(value) for name, value in said.items() if value is not None}
    event = Event(
        office=office,
        number=last.number + 1 if last else 1,
        at=at,
        actor=by,
        actor_name=by.username if by else "",
        acting_as=_position(agreement, by) if acting_as is None else acting_as,
        verb=verb,
        agreement=agreement,
        signature=signature,
        signature_hash=hash_of_signature(signature, signature.snapshot.created_at) if signature else "",
        previous_hash=last.own_hash if last else GENESIS,
        request_id=request_ids.current(),
        format=FORMAT,
        **{f"{name}_hash": digest(text) for name, text in texts.items()},
    )
    event.own_hash = digest(canonical(head_of(event)))
    event.save(force_insert=True)
    EventText.objects.create(event=event, **{name: json.loads(text) for name, text in texts.items()})
    event.batch.add(*batch)
    return event


def state_told(details: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return the state of an agreement that `details` name as `from` or `to`, in the form that is hashed."""
    return {"state": str(details[key])} if details.get(key) else None


def _position(agreement: Agreement | None, by: User | None) -> str:
    if agreement is None or by is None:
        return ""
    current = Party.objects.filter(version__part__agreement=agreement, version__is_current=True, user=by)
    return current.order_by("pk").values_list("title", flat=True).first() or ""


def head_of(event: Event) -> dict[str, Any]:
    """Return what the hash of `event` covers: every column of its row but the hash itself."""
    return {
        "format": event.format,
        "office": event.office.code,
        "number": event.number,
        "at": event.at,
        "actor": event.actor_id,
        "actor_name": event.actor_name,
        "acting_as": event.acting_as,
        "verb": event.verb,
        "agreement": event.agreement_id,
        "signature": event.signature_hash,
        "details": event.details_hash,
        "before": event.before_hash,
        "after": event.after_hash,
        "request": event.request_id,
        "previous": event.previous_hash,
    }


def hash_of_signature(signature: Signature, made_at: datetime | None) -> str:
    """Return the hash of everything in a signature's row, with the moment at which its content was kept."""
    return digest(canonical(facts_of(signature) | {"content_made_at": made_at}))


def facts_of(row: Model) -> dict[str, Any]:
    """Return every column of `row` that says something, so that a column added later changes no older hash."""
    fields = row._meta.concrete_fields  # noqa: SLF001  documented, for all its underscore
    facts = {field.attname: getattr(row, field.attname) for field in fields}
    return {name: value for name, value in facts.items() if value not in (None, "", False)}
