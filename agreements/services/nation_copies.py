"""Copies of a finished agreement for many other people: every row of it, its content, its signatures and its records.

The mould was walked through the round by the services. A copy says the same of somebody else, under other superiors, in
another office and at other hours; what is hashed is hashed anew, so that the log and every signature hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model

from agreements.models import (
    AgreedCompetency,
    Agreement,
    Event,
    EventText,
    Item,
    Organisation,
    Part,
    Party,
    PlanRow,
    Posting,
    Result,
    Signature,
    Snapshot,
    User,
    Version,
)
from agreements.services import content as contents, log
from agreements.services.agreements import line_of, party

#: So many agreements are written together: what lies in memory does not grow with the nation.
CHUNK = 250
#: Rows of a statement.
ROWS = 500
_HASHED_ROWS = (AgreedCompetency, PlanRow)


class NotAMould(Exception):
    """The agreement has rows that are not copied: a part, a composite, evidence."""


class Record(NamedTuple):
    """A record to be: what the chain needs of it once all of an office's acts stand in the order of their time."""

    at: datetime
    agreement: int
    place: int
    verb: str
    actor: int | None
    actor_name: str
    acting_as: str
    details: str
    before: str
    after: str
    signature: int | None
    signature_hash: str


@dataclass(slots=True, kw_only=True)
class Mould:
    """An agreement with everything that hangs on it, read once."""

    share: int
    agreement: Agreement
    part: Part
    hr: int
    versions: list[Version]
    rows: dict[type[Model], list[Any]]
    results: list[Result]
    snapshots: list[Snapshot]
    signatures: list[Signature]
    events: list[Event]
    parties: dict[int, dict[str, Party]]
    lineages: list[UUID]
    # The exact text of its parties within each content that was signed.
    told: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, agreement: Agreement, *, share: int, hr: User) -> Mould:
        """Return `agreement` as a mould.

        :raises NotAMould: if something hangs on it that would not be copied.
        """
        part = agreement.parts.get()
        versions = list(part.versions.order_by("number"))
        rows: dict[type[Model], list[Any]] = {
            model: list(model.objects.filter(version__part=part).order_by("pk")) for model in (Item, *_HASHED_ROWS)
        }
        results = list(part.results.order_by("pk"))
        if any(item.parent_id for item in rows[Item]) or part.results.filter(evidence__isnull=False).exists():
            raise NotAMould(str(agreement))
        signatures = list(Signature.objects.filter(version__part=part).select_related("snapshot").order_by("pk"))
        parties: dict[int, dict[str, Party]] = {}
        for one in Party.objects.filter(version__part=part):
            parties.setdefault(one.version_id, {})[one.capacity] = one
        mould = cls(
            share=share,
            agreement=agreement,
            part=part,
            hr=hr.pk,
            versions=versions,
            rows=rows,
            results=results,
            snapshots=list(Snapshot.objects.filter(version__part=part).order_by("pk")),
            signatures=signatures,
            events=list(agreement.events.select_related("text").order_by("number")),
            parties=parties,
            lineages=sorted({item.lineage for item in rows[Item]}),
        )
        for kept in mould.snapshots:
            mould.told[kept.pk] = '"parties":' + log.canonical(json.loads(kept.content)["parties"])
        return mould


@dataclass(slots=True, kw_only=True)
class Copier:
    """Writes copies for the people of one office, and then the office's log."""

    office: Organisation
    hr: User
    # Who releases and closes the HR officer's own agreement.
    hr_above: User
    rng: Random
    records: list[Record] = field(default_factory=list)
    offices: dict[int, Organisation] = field(default_factory=dict)

    def copy(self, pairs: Sequence[tuple[Mould, Posting]]) -> int:
        """Write an agreement like the mould's for each position, and return how many."""
        for first in range(0, len(pairs), CHUNK):
            _Chunk(self, pairs[first : first + CHUNK]).write()
        return len(pairs)

    def chain(self) -> None:
        """Append what was copied since to the office's log, in the order of its time."""
        last = Event.objects.filter(office=self.office).order_by("-number").first()
        number, previous = (last.number, last.own_hash) if last else (0, log.GENESIS)
        self.records.sort()
        for first in range(0, len(self.records), ROWS):
            chunk = self.records[first : first + ROWS]
            events = []
            for one in chunk:
                number += 1
                event = self._event(one, number, previous)
                previous = event.own_hash
                events.append(event)
            Event.objects.bulk_create(events, batch_size=ROWS)
            EventText.objects.bulk_create(
                [_text(event, one) for event, one in zip(events, chunk, strict=True)], batch_size=ROWS
            )
        self.records.clear()

    def _event(self, one: Record, number: int, previous: str) -> Event:
        event = Event(
            office=self.office,
            number=number,
            at=one.at,
            actor_id=one.actor,
            actor_name=one.actor_name,
            acting_as=one.acting_as,
            verb=one.verb,
            agreement_id=one.agreement,
            signature_id=one.signature,
            signature_hash=one.signature_hash,
            details_hash=log.digest(one.details),
            before_hash=log.digest(one.before) if one.before else "",
            after_hash=log.digest(one.after) if one.after else "",
            format=log.FORMAT,
            previous_hash=previous,
        )
        event.own_hash = log.digest(log.canonical(log.head_of(event)))
        return event

    def office_of(self, unit: Organisation) -> Organisation:
        """Return the office of `unit`, asked for once."""
        if unit.pk not in self.offices:
            self.offices[unit.pk] = log.office_of(unit)
        return self.offices[unit.pk]


def _text(event: Event, one: Record) -> EventText:
    said = {"before": one.before, "after": one.after}
    return EventText(
        event=event,
        details=json.loads(one.details),
        **{name: json.loads(text) if text else None for name, text in said.items()},
    )


class _Copy:
    """One agreement in the making: what of the mould's stands for what of its own."""

    def __init__(self, mould: Mould, posting: Posting, rng: Random) -> None:
        self.mould, self.posting = mould, posting
        # Another hour of the same days.
        self.shift = timedelta(minutes=rng.randrange(90))
        self.lineages = {old: UUID(int=rng.getrandbits(128), version=4) for old in mould.lineages}
        self.agreement = Agreement()
        self.part = Part()
        self.users: dict[int, User] = {}
        self.versions: dict[int, Version] = {}
        self.parties: dict[str, Party] = {}
        self.snapshots: dict[int, Snapshot] = {}
        self.signed: dict[int, Signature] = {}
        # What stands in texts for what: lineages and hashes, which nothing else looks like.
        self.replaced = {str(old): str(new) for old, new in self.lineages.items()}

    def say(self, text: str) -> str:
        """Return a canonical text of the mould as it is said of this agreement."""
        for old, new in self.replaced.items():
            text = text.replace(old, new)
        return text


@dataclass(slots=True)
class _Chunk:
    """Some agreements that are written together."""

    copier: Copier
    pairs: Sequence[tuple[Mould, Posting]]
    copies: list[_Copy] = field(default_factory=list)

    def write(self) -> None:
        """Write every row but the log's, in an order that the guards allow: what is signed before its signatures."""
        self.copies = [_Copy(mould, posting, self.copier.rng) for mould, posting in self.pairs]
        self._agreements()
        for at in range(max(len(one.mould.versions) for one in self.copies)):
            self._versions(at)
        self._content()
        self._snapshots()
        self._signatures()
        for one in self.copies:
            self.copier.records.extend(self._records(one))

    def _agreements(self) -> None:
        for one in self.copies:
            one.agreement = _like(
                one.mould.agreement,
                person=one.posting.user,
                organisation=one.posting.organisation,
                state_since=one.mould.agreement.state_since + one.shift,
            )
        _insert([one.agreement for one in self.copies])
        for one in self.copies:
            assert one.posting.assessor is not None  # noqa: S101  the department is above everybody
            one.part = _like(
                one.mould.part, agreement=one.agreement, posting=one.posting, assessor=one.posting.assessor
            )
            line = line_of(one.posting, one.mould.agreement.round)
            one.parties = {
                capacity: party(Version(), capacity, held, office=self.copier.office_of(held.organisation))
                for capacity, held in line
            }
            first = one.mould.parties[one.mould.versions[0].pk]
            if first.keys() != one.parties.keys():
                raise NotAMould(str(one.posting))
            one.users = {first[name].user_id: one.parties[name].user for name in first}
            own = one.posting.user_id == self.copier.hr.pk
            one.users[one.mould.hr] = self.copier.hr_above if own else self.copier.hr
        _insert([one.part for one in self.copies])

    def _versions(self, at: int) -> None:
        """Write the versions number `at` of those that have so many; a later one may hold what an earlier agreed."""
        made = []
        for one in self.copies:
            for old in one.mould.versions[at : at + 1]:
                one.versions[old.pk] = _like(
                    old,
                    part=one.part,
                    created_by=one.users[old.created_by_id],
                    created_at=old.created_at + one.shift,
                    agreed_in=one.versions[old.agreed_in_id] if old.agreed_in_id else None,
                )
                made.append(one.versions[old.pk])
        _insert(made)

    def _content(self) -> None:
        _insert(
            [
                _like(one.parties[name], version=one.versions[old])
                for one in self.copies
                for old, named in one.mould.parties.items()
                for name in named
            ]
        )
        items = (
            _like(item, version=one.versions[item.version_id], lineage=one.lineages[item.lineage])
            for one in self.copies
            for item in one.mould.rows[Item]
        )
        _insert(list(items))
        for model in _HASHED_ROWS:
            _insert([row for one in self.copies for row in _rows_of(model, one)])
        results = (
            _like(
                row,
                part=one.part,
                lineage=one.lineages[row.lineage],
                updated_at=row.updated_at + one.shift,
            )
            for one in self.copies
            for row in one.mould.results
        )
        _insert(list(results))

    def _snapshots(self) -> None:
        made = []
        for one in self.copies:
            told = log.canonical({name: contents.party_told(named) for name, named in one.parties.items()})
            for old in one.mould.snapshots:
                text = one.say(old.content).replace(one.mould.told[old.pk], f'"parties":{told}')
                text = text.replace(f'"agreement":{one.mould.agreement.pk},', f'"agreement":{one.agreement.pk},')
                one.snapshots[old.pk] = _like(
                    old,
                    version=one.versions[old.version_id],
                    content=text,
                    sha256=log.digest(text),
                    created_at=old.created_at + one.shift,
                )
                made.append(one.snapshots[old.pk])
        _insert(made)
        for one in self.copies:
            one.replaced |= {old.sha256: one.snapshots[old.pk].sha256 for old in one.mould.snapshots}

    def _signatures(self) -> None:
        made = []
        for one in self.copies:
            for old in one.mould.signatures:
                by = one.parties[old.capacity]
                one.signed[old.pk] = _like(
                    old,
                    version=one.versions[old.version_id],
                    snapshot=one.snapshots[old.snapshot_id],
                    signatory=by.user,
                    name=by.name,
                    title=by.title,
                    content_hash=one.snapshots[old.snapshot_id].sha256,
                    signed_at=old.signed_at + one.shift,
                )
                made.append(one.signed[old.pk])
        _insert(made)

    def _records(self, one: _Copy) -> Iterator[Record]:
        titles = {named.user_id: named.title for named in one.parties.values()}
        for place, event in enumerate(one.mould.events):
            actor = one.users.get(event.actor_id) if event.actor_id else None
            signature = one.signed.get(event.signature_id) if event.signature_id else None
            yield Record(
                at=event.at + one.shift,
                agreement=one.agreement.pk,
                place=place,
                verb=event.verb,
                actor=actor.pk if actor else None,
                actor_name=actor.username if actor else "",
                acting_as=titles.get(actor.pk, "") if actor else "",
                details=one.say(log.canonical(event.text.details)),
                before=log.canonical(event.text.before) if event.text.before is not None else "",
                after=log.canonical(event.text.after) if event.text.after is not None else "",
                signature=signature.pk if signature else None,
                signature_hash=(log.hash_of_signature(signature, signature.snapshot.created_at) if signature else ""),
            )


def _rows_of(model: type[Model], one: _Copy) -> Iterable[Model]:
    return (_like(row, version=one.versions[row.version_id]) for row in one.mould.rows[model])


def _like(row: Any, **changed: Any) -> Any:
    """Return an unsaved copy of `row` in which `changed` is otherwise."""
    made = copy(row)
    # A shallow copy shares the original's state, of which this one is still to be saved.
    made._state = copy(row._state)  # noqa: SLF001  how Django's documentation copies a row
    made._state.fields_cache = dict(row._state.fields_cache)  # noqa: SLF001  likewise
    made._state.adding, made.pk = True, None  # noqa: SLF001  likewise
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def _insert(rows: Sequence[Any]) -> None:
    if rows:
        type(rows[0]).objects.bulk_create(rows, batch_size=ROWS)


def drawn(moulds: Sequence[Mould], rng: Random) -> Mould:
    """Return one of `moulds`, by their shares."""
    return rng.choices(moulds, weights=[one.share for one in moulds])[0]
