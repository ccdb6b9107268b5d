"""Whether the log still says what it said: the chain, the signatures and what they stand under, the states.

Nothing here believes a column that can be computed anew from the rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from agreements import guards, thai
from agreements.models import Agreement, Event, EventText, Organisation, Signature, Snapshot, State
from agreements.services import log

# The verb of the records that say which texts retention erased.
ERASED = "log.erased"
#: From the hash of what a record says an agreement came to, to that state: it holds when the text is erased.
STATES: Mapping[str, str] = {log.digest(log.canonical({"state": state})): state for state in State.values}
_HEAD = re.compile(r"(\d+)\s*[-–]\s*([0-9a-fA-F]{12,64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, at which record of which office's log where it is about one."""

    sentence: str
    office: str = ""
    number: int | None = None


@dataclass(slots=True, kw_only=True)
class Told:
    """What the log of one office tells, as far as its chain holds."""

    office: Organisation
    records: int = 0
    head: str = ""
    is_whole: bool = True
    states: dict[int, str] = field(default_factory=dict)
    without_text: list[int] = field(default_factory=list)
    erased: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was read and what is wrong; the first bad record of each log, and every other fault."""

    told: tuple[Told, ...]
    findings: tuple[Finding, ...]


def check(offices: Iterable[Organisation]) -> Checked:
    """Compute the logs of `offices` anew and compare everything that they vouch for."""
    findings = [_guard_missing(name) for name in guards.missing(connection)]
    told, homes = [], _homes()
    for office in offices:
        read = Told(office=office)
        told.append(read)
        findings += _chain(read)
        places = [place for place, home in homes.items() if home == office.pk]
        findings += _signatures(read, places)
        findings += _snapshots(read, places)
        if read.is_whole:
            # A chain that breaks off says nothing about what came after.
            findings += _texts(read)
            findings += _states(read, places)
    return Checked(told=tuple(told), findings=tuple(findings))


def offices_with_a_log() -> list[Organisation]:
    """Return the offices that something is logged, or agreed, for."""
    agreed = Agreement.objects.order_by().values_list("organisation", flat=True).distinct()
    logged = Event.objects.order_by().values_list("office", flat=True).distinct()
    homes = _homes()
    return list(Organisation.objects.filter(pk__in={homes[place] for place in agreed} | set(logged)).order_by("path"))


def _homes() -> dict[int, int]:
    """Return of every organisation the office whose log it belongs to, as `log.office_of` does of one."""
    homes: dict[str, int] = {}
    found = {}
    for place in Organisation.objects.order_by("path").only("path", "kind"):
        above = homes.get(place.path[: -Organisation.steplen])
        found[place.pk] = homes[place.path] = place.pk if place.is_office or above is None else above
    return found


def _guard_missing(name: str) -> Finding:
    return Finding(sentence=_("The database no longer guards: %(name)s. Run migrate to put it back.") % {"name": name})


# --- The chain -------------------------------------------------------------------------------------------------------
def _chain(read: Told) -> Iterator[Finding]:
    """Walk the records in order, and yield the first that is not what it was."""
    previous, made = log.GENESIS, dict(Snapshot.objects.values_list("pk", "created_at"))
    events = Event.objects.filter(office=read.office).select_related("office", "text", "signature").order_by("number")
    for event in events.iterator(chunk_size=1000):
        wrong = _wrong_with(event, expected=read.records + 1, previous=previous) or _signature_wrong(event, made)
        if wrong:
            read.is_whole = False
            yield Finding(office=read.office.code, number=event.number, sentence=wrong)
            return
        previous, read.records, read.head = event.own_hash, event.number, event.head
        _take_in(read, event)


def _wrong_with(event: Event, *, expected: int, previous: str) -> str:
    if event.number != expected:
        return _("The record before it, number %(number)s, is missing.") % {"number": expected}
    if event.previous_hash != previous:
        return _("It does not follow from the record before it.")
    if log.digest(log.canonical(log.head_of(event))) != event.own_hash:
        return _("The record was changed: it does not have the hash it was written with.")
    return "" if _text_holds(event) else _("What it says was changed.")


def _signature_wrong(event: Event, made: Mapping[int, datetime]) -> str:
    signature = event.signature
    if (signature is not None) != bool(event.signature_hash):
        return _("The signature that was given by it is missing.")
    if signature and log.hash_of_signature(signature, made.get(signature.snapshot_id)) != event.signature_hash:
        return _("The signature that was given by it was changed.")
    return ""


def _text_holds(event: Event) -> bool:
    text = _text_of(event)
    if text is None:
        return True
    for said, kept in (
        (text.details, event.details_hash),
        (text.before, event.before_hash),
        (text.after, event.after_hash),
    ):
        if (log.digest(log.canonical(said)) if said is not None else "") != kept:
            return False
    return True


def _text_of(event: Event) -> EventText | None:
    return getattr(event, "text", None)


def _take_in(read: Told, event: Event) -> None:
    text = _text_of(event)
    if text is None:
        read.without_text.append(event.number)
    elif event.verb == ERASED:
        read.erased += [(first, last) for first, last in text.details.get("numbers", [])]
    if event.after_hash in STATES:
        # Of an act on many at once, it is what each of them came to.
        about = event.batch.values_list("pk", flat=True) if event.agreement_id is None else [event.agreement_id]
        read.states.update(dict.fromkeys(about, STATES[event.after_hash]))


def _texts(read: Told) -> Iterator[Finding]:
    """Yield the first record whose text is gone although no record says that retention erased it."""
    for number in read.without_text:
        if not any(first <= number <= last for first, last in read.erased):
            sentence = _("What it says was erased, and no record says so.")
            yield Finding(office=read.office.code, number=number, sentence=sentence)
            return


# --- What the chain vouches for --------------------------------------------------------------------------------------
def _signatures(read: Told, places: list[int]) -> Iterator[Finding]:
    given = Signature.objects.filter(version__part__agreement__organisation__in=places)
    # Looked up, not joined: a signature whose content is gone would not be in a join.
    kept = {row[0]: row[1:] for row in Snapshot.objects.values_list("pk", "sha256", "version", "stage")}
    for one in given.select_related("event", "version__part").order_by("pk").iterator(chunk_size=1000):
        named = {"key": one.pk, "agreement": one.version.part.agreement_id}
        sha256, version, stage = kept.get(one.snapshot_id, ("", None, ""))
        if getattr(one, "event", None) is None:
            said = _("No record tells of signature %(key)s of agreement %(agreement)s.")
        elif one.content_hash != sha256:
            said = _("Signature %(key)s of agreement %(agreement)s does not stand under the content it was given for.")
        elif (one.version_id, one.stage) != (version, stage):
            said = _("Signature %(key)s of agreement %(agreement)s stands under the content of another version.")
        else:
            continue
        yield Finding(office=read.office.code, sentence=said % named)


def _snapshots(read: Told, places: list[int]) -> Iterator[Finding]:
    kept = Snapshot.objects.filter(version__part__agreement__organisation__in=places)
    signed = set(Signature.objects.order_by().values_list("snapshot", flat=True))
    for one in kept.select_related("version__part").order_by("pk").iterator(chunk_size=200):
        named = {"key": one.pk, "agreement": one.version.part.agreement_id}
        if log.digest(one.content) != one.sha256 or _whole_as_told(one.content) != one.is_whole:
            said = _("The content that was signed was changed: snapshot %(key)s of agreement %(agreement)s.")
        elif not _is_canonical(one.content):
            said = _("Snapshot %(key)s of agreement %(agreement)s is not in the canonical form.")
        elif one.pk not in signed:
            said = _("Nobody signed snapshot %(key)s of agreement %(agreement)s.")
        else:
            continue
        yield Finding(office=read.office.code, sentence=said % named)


def _whole_as_told(content: str) -> bool:
    """Return whether a content says that it is that of all parts of an agreement."""
    try:
        return bool(json.loads(content).get("is_whole", False))
    except (ValueError, AttributeError):
        return False


def _is_canonical(content: str) -> bool:
    try:
        return log.canonical(json.loads(content)) == content
    except ValueError:
        return False


def _states(read: Told, places: list[int]) -> Iterator[Finding]:
    agreements = Agreement.objects.filter(organisation__in=places).prefetch_related("parts").order_by("pk")
    gone = set(read.states)
    for one in agreements:
        gone.discard(one.pk)
        told = read.states.get(one.pk)
        if told != one.state:
            said = _("Agreement %(agreement)s stands at “%(state)s”; the log says “%(told)s”.")
        elif not _parts_fit(one):
            said = _("The parts of agreement %(agreement)s do not fit its state, “%(state)s”.")
        else:
            continue
        named = {"agreement": one.pk, "state": _word(one.state), "told": _word(told)}
        yield Finding(office=read.office.code, sentence=said % named)
    for key in sorted(gone):
        said = _("Agreement %(agreement)s, of which the log tells, is not there.")
        yield Finding(office=read.office.code, sentence=said % {"agreement": key})


# Up to here the agreement follows its slowest part; from release on it has a state of its own.
_OF_PARTS = [State.DRAFT, State.PROPOSED, State.AGREED, State.REPORTED, State.ASSESSED]


def _parts_fit(agreement: Agreement) -> bool:
    states = [State(part.state) for part in agreement.parts.all()]
    slowest = min(states, key=_OF_PARTS.index)
    # Where it was ended, the parts stand where it was.
    return slowest == (agreement.reached if agreement.reached in _OF_PARTS else State.ASSESSED)


def _word(state: str | None) -> str:
    return str(State(state).label) if state in State.values else _("nothing")


# --- Against paper ---------------------------------------------------------------------------------------------------
def head_findings(typed: str, offices: Iterable[Organisation]) -> list[Finding]:
    """Return what is wrong with a head as printed on a form: nothing where one of the logs still holds it."""
    match = _HEAD.fullmatch(thai.to_arabic_digits(typed.strip()))
    if match is None:
        return [
            Finding(sentence=_("“%(typed)s” is not a head as printed on a form: 17-3F9A2B4C1D0E.") % {"typed": typed})
        ]
    number, code = int(match[1]), match[2].lower()
    among = Event.objects.filter(office__in=[office.pk for office in offices], number=number)
    if any(hash_.startswith(code) for hash_ in among.values_list("own_hash", flat=True)):
        return []
    sentence = _("No log holds record %(head)s any more: it was cut short or written anew since the form was printed.")
    return [Finding(number=number, sentence=sentence % {"head": typed.strip()})]
