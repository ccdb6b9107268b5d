"""The list of people and positions of an office: what an uploaded one would change, and changing it, all or nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.people import SEPARATOR, PeopleFile
from agreements.models import Organisation, Posting, Role, User
from agreements.services import log
from agreements.services.staff_rows import GROUPS, Fault, Known, ReadRow, read_row

OF_PERSON = ("prefix", "first_name", "last_name", "email")
Kind = Literal["new", "changed", "unchanged", "faulty"]


class ListRefused(Exception):
    """The list cannot be taken as it is; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A column with what stands there before and after."""

    key: str
    before: str
    after: str


@dataclass(slots=True, kw_only=True)
class Entry:
    """What becomes of one row of the list."""

    read: ReadRow
    person: User | None = None
    posting: Posting | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def faults(self) -> list[Fault]:
        """What is wrong in the row."""
        return self.read.faults

    @property
    def kind(self) -> Kind:
        """What becomes of the row."""
        if self.faults:
            return "faulty"
        if self.posting is None:
            return "new"
        return "changed" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the list would change, and the hash of exactly that."""

    entries: list[Entry]
    digest: str

    def of(self, kind: Kind) -> list[Entry]:
        """Return the entries of one kind."""
        return [entry for entry in self.entries if entry.kind == kind]

    @property
    def counts(self) -> Counter[str]:
        """How many rows there are of each kind."""
        return Counter(entry.kind for entry in self.entries)


# --- The present list ------------------------------------------------------------------------------------------------
def present_rows(hr: User, *, day: date) -> list[dict[str, str]]:
    """Return the positions where `hr` looks after people, held on `day` or later, as rows of the list."""
    held = Posting.objects.visible_to(hr).not_over_on(day).select_related("user", "organisation", "assessor__user")
    return [row_of(posting.user, posting) for posting in held.order_by("organisation__path", "user__sort_key", "pk")]


def row_of(person: User, posting: Posting) -> dict[str, str]:
    """Return a position as it stands in the list."""
    return {
        "username": person.username,
        "prefix": person.prefix,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "unit": unit_label(posting.organisation),
        "title": posting.title,
        "position_type": posting.position_type,
        "level": posting.level,
        "number": posting.number,
        "personnel_group": GROUPS.get(posting.personnel_group, ""),
        "is_acting": "ใช่" if posting.is_acting else "",
        "starts_on": thai.format_date(posting.starts_on),
        "ends_on": thai.format_date(posting.ends_on) if posting.ends_on else "",
        "assessor": person_label(posting.assessor.user) if posting.assessor else "",
    }


def unit_label(unit: Organisation) -> str:
    """Return how a unit is chosen in the list: by its code, with its name to read."""
    return f"{unit.code}{SEPARATOR}{unit.name}"


def person_label(person: User) -> str:
    """Return how an assessor is chosen in the list: by user name, with the name to read."""
    return f"{person.username}{SEPARATOR}{person.full_name}"


# --- What it would change --------------------------------------------------------------------------------------------
def plan(file: PeopleFile, *, by: User, day: date) -> Plan:
    """Return what the list would change where `by` looks after people."""
    known = _known(file, by=by, day=day)
    entries = [_entry(read_row(row, known), known) for row in file.rows]
    _refuse_contradictions(entries)
    _refuse_overlaps(entries, known)
    _refuse_absent_assessors(entries, known)
    _refuse_circles(entries, known)
    told = [
        [
            entry.read.row.number,
            entry.kind,
            dict(entry.read.row.texts),
            [[one.key, one.before, one.after] for one in entry.changes],
            [[one.key, one.message] for one in entry.faults],
        ]
        for entry in entries
    ]
    return Plan(entries=entries, digest=log.digest(log.canonical(told)))


def _known(file: PeopleFile, *, by: User, day: date) -> Known:
    """Return what the office is like at present, asked once for all rows."""
    units = list(Organisation.objects.managed_by(by).order_by("path"))
    seen = User.objects.visible_to(by)
    people = {person.username.casefold(): person for person in seen}
    named = {thai.to_arabic_digits(row.texts.get("username", "")).casefold() for row in file.rows}
    others = (name.casefold() for name in User.objects.values_list("username", flat=True))
    held = Posting.objects.filter(user__in=seen).select_related("user", "organisation", "assessor__user")
    postings = defaultdict(list)
    for posting in held.order_by("is_acting", "starts_on", "pk"):
        postings[posting.user_id].append(posting)
    return Known(
        units=units,
        people=people,
        strangers={name for name in others if name in named and name not in people},
        postings=postings,
        unmanaged=_unmanaged(by, postings, day=day),
        day=day,
    )


def _unmanaged(by: User, postings: Mapping[int, list[Posting]], *, day: date) -> set[int]:
    """Return those whose roles or present positions reach further than the subtree, as services.organisations does."""
    paths = tuple(Role.objects.paths(by, Role.Kind.HR))
    roles = Role.objects.filter(user__in=User.objects.visible_to(by)).values_list("user", "organisation__path")
    reach = [(user, path) for user, path in roles] + [
        (user, one.organisation.path)
        for user, held in postings.items()
        for one in held
        if one.ends_on is None or one.ends_on >= day
    ]
    return {user for user, path in reach if not path.startswith(paths)}


def _entry(read: ReadRow, known: Known) -> Entry:
    person = known.people.get(read.username.casefold())
    entry = Entry(read=read, person=person)
    if person is None or read.starts_on is None:
        return entry
    for posting in known.postings.get(person.pk, []):
        if (posting.starts_on, posting.is_acting) == (read.starts_on, read.is_acting):
            entry.posting = posting
    _note_changes(entry, known)
    return entry


def _note_changes(entry: Entry, known: Known) -> None:
    read, person, posting = entry.read, entry.person, entry.posting
    if person is None:
        return
    if posting and posting.organisation not in known.units:
        read.fault("starts_on", _("This position lies in an office that you do not look after."))
        return
    present = row_of(person, posting or Posting(organisation=known.units[0], starts_on=known.day))
    _keep_lost_zeros(read, posting)
    after = read.as_row()
    for key in read.given:
        before = present[key] if posting or key in OF_PERSON else ""
        if key != "username" and after[key] != before and (posting or key in OF_PERSON):
            entry.changes.append(Change(key=key, before=before, after=after[key]))
    touches = posting is None or any(change.key in OF_PERSON for change in entry.changes)
    if person.pk in known.unmanaged and touches:
        read.fault("username", _("This person also works or has a role outside your office. HR above both changes it."))


def _keep_lost_zeros(read: ReadRow, posting: Posting | None) -> None:
    # A spreadsheet made 1 of 001; the office's own number is the better one.
    if posting and "number" in read.row.numbers and posting.number.lstrip("0") == read.values.get("number"):
        read.values["number"] = posting.number


def _refuse_contradictions(entries: Iterable[Entry]) -> None:
    """Refuse rows that say different things of one person, or one thing twice."""
    rows: dict[tuple[str, date | None, bool], int] = {}
    people: dict[str, ReadRow] = {}
    for entry in entries:
        read = entry.read
        if not read.username or read.starts_on is None:
            continue
        key = (read.username.casefold(), read.starts_on, read.is_acting)
        if key in rows:
            message = _("Row %(row)s is about the same position. Delete one of the two.")
            read.fault("username", message % {"row": rows[key]})
        rows.setdefault(key, read.row.number)
        first = people.setdefault(read.username.casefold(), read)
        for name in OF_PERSON:
            if read.values.get(name, "") != first.values.get(name, ""):
                message = _("Row %(row)s says something else of the same user name.")
                read.fault(name, message % {"row": first.row.number})


@dataclass(frozen=True, slots=True)
class _Span:
    """The days of a main position, of a row or, where there is none, of what the office has beside the list."""

    starts: date
    ends: date
    title: str
    entry: Entry | None


def _refuse_overlaps(entries: Iterable[Entry], known: Known) -> None:
    """Refuse two positions at once, unless one of them is acting."""
    spans: dict[str, list[_Span]] = defaultdict(list)
    listed = set()
    for entry in entries:
        read = entry.read
        listed.add(entry.posting.pk if entry.posting else None)
        if read.starts_on and not read.is_acting and not entry.faults:
            span = _Span(read.starts_on, read.ends_on or date.max, read.values["title"], entry)
            spans[read.username.casefold()].append(span)
    for name, found in spans.items():
        person = known.people.get(name)
        for posting in known.postings.get(person.pk, []) if person else []:
            if not posting.is_acting and posting.pk not in listed:
                found.append(_Span(posting.starts_on, posting.ends_on or date.max, posting.title, None))
        found.sort(key=lambda span: (span.starts, span.entry is not None))
        longest = found[0]
        for span in found[1:]:
            if span.starts <= longest.ends:
                _refuse_span(span, longest)
            longest = max(longest, span, key=lambda one: one.ends)


def _refuse_span(later: _Span, earlier: _Span) -> None:
    entry, other = (later.entry, earlier) if later.entry else (earlier.entry, later)
    if entry is not None:
        message = _("This person is %(position)s from %(day)s on. Write the last day of one, or mark one as acting.")
        entry.read.fault("starts_on", message % {"position": other.title, "day": thai.format_date(other.starts)})


def _refuse_absent_assessors(entries: Iterable[Entry], known: Known) -> None:
    """Refuse assessors who, once the list is taken, hold no position where HR looks after people."""
    staying = set()
    listed = set()
    for entry in entries:
        listed.add(entry.posting.pk if entry.posting else None)
        is_over = entry.read.ends_on is not None and entry.read.ends_on < known.day
        if not is_over and all(fault.key != "username" for fault in entry.faults):
            staying.add(entry.read.username.casefold())
    for name, person in known.people.items():
        held = (one for one in known.postings.get(person.pk, []) if one.organisation in known.units)
        left = [one for one in held if one.pk not in listed]
        if any(one.ends_on is None or one.ends_on >= known.day for one in left):
            staying.add(name)
    for entry in entries:
        read, name = entry.read, entry.read.assessor
        is_known = name.casefold() in staying or known.present_assessor(read.username, name)
        if name and not is_known and all(fault.key != "assessor" for fault in read.faults):
            read.fault(
                "assessor", _("Nobody with a position in your office has this user name. Choose one from the list.")
            )


def _refuse_circles(entries: Iterable[Entry], known: Known) -> None:
    """Refuse assessors whom the person assesses, directly or further up."""
    above: dict[str, str] = {}
    for name, person in known.people.items():
        for posting in known.postings.get(person.pk, []):
            if posting.assessor and not posting.is_acting and (posting.ends_on is None or posting.ends_on >= known.day):
                above[name] = posting.assessor.user.username.casefold()
    changed = []
    for entry in entries:
        if entry.read.is_acting or entry.faults or (entry.read.ends_on and entry.read.ends_on < known.day):
            continue
        name, assessor = entry.read.username.casefold(), entry.read.assessor.casefold()
        if "assessor" in entry.read.given and above.get(name, "") != assessor:
            changed.append(entry)
            above.pop(name, None)
            if assessor:
                above[name] = assessor
    leads_up: set[str] = set()
    for entry in changed:
        name = entry.read.username.casefold()
        seen = {name}
        step = above.get(name)
        while step and step not in seen and step not in leads_up:
            seen.add(step)
            step = above.get(step)
        if step == name:
            entry.read.fault("assessor", _("This assessor is assessed by this person, directly or further up."))
        elif step is None or step in leads_up:
            # Nobody below has to be followed up this way again.
            leads_up |= seen


# --- Changing it -----------------------------------------------------------------------------------------------------
@transaction.atomic
def take(file: PeopleFile, *, by: User, shown: str, at: datetime, day: date) -> Counter[str]:
    """Change people and positions as the list says; return how many rows were new, changed and unchanged.

    `shown` is the hash of the plan that was looked at.

    :raises ListRefused: if a row is faulty, or the office changed since the list was looked at.
    """
    planned = plan(file, by=by, day=day)
    if planned.of("faulty"):
        raise ListRefused(_("Some rows are faulty. Nothing was changed."))
    if planned.digest != shown:
        raise ListRefused(
            _("The office has changed since this list was checked. Look at it again; nothing was changed.")
        )
    # Counted before they are stored: afterwards nothing is new any more.
    counts = planned.counts
    changing = [entry for entry in planned.entries if entry.kind in ("new", "changed")]
    made: dict[str, User] = {}
    for entry in changing:
        _store(entry, made)
    known = _known(file, by=by, day=day)
    for entry in changing:
        _name_assessor(entry, known)
    _record(changing, by=by, at=at)
    return counts


def _store(entry: Entry, made: dict[str, User]) -> None:
    read, name = entry.read, entry.read.username.casefold()
    person = entry.person or made.get(name)
    facts: dict[str, Any] = {key: read.values.get(key, "") for key in OF_PERSON if key in read.given}
    if person is None:
        person = made[name] = User.objects.create_user(username=read.username, **facts)
    elif any(getattr(person, key) != value for key, value in facts.items()):
        for key, value in facts.items():
            setattr(person, key, value)
        person.save(update_fields=[*facts, "sort_key", "search_key"])
    posting = entry.posting or Posting(user=person)
    for key, value in read.posting_values().items():
        setattr(posting, key, value)
    posting.save()
    entry.person, entry.posting = person, posting


def _name_assessor(entry: Entry, known: Known) -> None:
    read, posting = entry.read, entry.posting
    if posting is None or "assessor" not in read.given:
        return
    present = posting.assessor.user.username if posting.assessor else ""
    if present.casefold() == read.assessor.casefold():
        return
    posting.assessor = known.assessing_position(read.username, read.assessor) if read.assessor else None
    posting.save(update_fields=["assessor"])


def _record(changed: list[Entry], *, by: User, at: datetime) -> None:
    """Log the list once in each office that it changed."""
    offices: dict[Organisation, list[dict[str, Any]]] = {}
    homes: dict[int, Organisation] = {}
    for entry in changed:
        if entry.posting is None:
            continue
        place = entry.posting.organisation
        office = homes.setdefault(place.pk, log.office_of(place)) if place.pk not in homes else homes[place.pk]
        told = {change.key: [change.before, change.after] for change in entry.changes}
        line = {"person": entry.posting.user_id, "posting": entry.posting.pk}
        offices.setdefault(office, []).append(
            line | ({"changed": told} if told else {"new": dict(entry.read.as_row())})
        )
    for office, lines in offices.items():
        log.record("people.imported", office=office, by=by, at=at, details={"rows": lines})
