"""One row of the list of people: what its cells mean in this office, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.people import BY_KEY, SEPARATOR, Row
from agreements.models import Organisation, PersonnelGroup, Posting, User
from agreements.services.organisations import USERNAME

LENGTHS = {"username": 150, "prefix": 40, "first_name": 120, "last_name": 120, "email": 254}
LENGTHS |= {"title": 200, "level": 40, "number": 40}
#: How the groups of personnel are called in the list, whatever language it is read in; the first is meant by nothing.
GROUPS: Mapping[str, str] = {
    PersonnelGroup.CIVIL_SERVANT: "ข้าราชการ",
    PersonnelGroup.PROBATION: "ทดลองปฏิบัติหน้าที่ราชการ",
    PersonnelGroup.LOCAL_OFFICER: "พนักงานส่วนท้องถิ่น",
    PersonnelGroup.GOVERNMENT_EMPLOYEE: "พนักงานราชการ",
    PersonnelGroup.PERMANENT_EMPLOYEE: "ลูกจ้างประจำ",
    PersonnelGroup.CONTRACT_EMPLOYEE: "พนักงานจ้าง",
}
YES = {thai.search_key(word) for word in ("ใช่", "จริง", "yes", "true", "x", "1", "รักษาราชการแทน")}
NO = {thai.search_key(word) for word in ("ไม่ใช่", "ไม่", "no", "false", "0", "-")}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a cell, and how to mend it."""

    key: str
    message: str


@dataclass(slots=True, kw_only=True)
class Known:
    """An office as it is at present."""

    units: list[Organisation]
    people: dict[str, User]
    # User names of the list that belong to people of other offices.
    strangers: set[str]
    postings: Mapping[int, list[Posting]]
    unmanaged: set[int]
    day: date

    def position_of(self, username: str) -> Posting | None:
        """Return the position in which a person assesses: the main one held now, else the next, else an acting one."""
        person = self.people.get(username.casefold())
        held = self.postings.get(person.pk, []) if person else []
        not_over = [one for one in held if one.ends_on is None or one.ends_on >= self.day]
        visible = [one for one in not_over if one.organisation in self.units]
        return next((one for one in visible if one.starts_on <= self.day), visible[0] if visible else None)

    def present_assessor(self, username: str, assessor: str) -> Posting | None:
        """Return the position in which `assessor` assesses this person already; it may lie above the subtree."""
        person = self.people.get(username.casefold())
        for posting in self.postings.get(person.pk, []) if person else []:
            if posting.assessor and posting.assessor.user.username.casefold() == assessor.casefold():
                return posting.assessor
        return None

    def assessing_position(self, username: str, assessor: str) -> Posting | None:
        """Return the position in which `assessor` is to assess the person called `username`."""
        return self.position_of(assessor) or self.present_assessor(username, assessor)


@dataclass(slots=True, kw_only=True)
class ReadRow:
    """A row as it was understood; `values` are texts, spelled as the list itself spells them."""

    row: Row
    values: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unit: Organisation | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    is_acting: bool = False
    assessor: str = ""

    def fault(self, key: str, message: str) -> None:
        """Note what is wrong in a cell."""
        self.faults.append(Fault(key, message))

    @property
    def username(self) -> str:
        """The user name of the row."""
        return self.values.get("username", "")

    @property
    def full_name(self) -> str:
        """The name of the row, to be read."""
        prefix, first, last = (self.values.get(key, "") for key in ("prefix", "first_name", "last_name"))
        return f"{prefix}{first} {last}".strip()

    @property
    def given(self) -> list[str]:
        """The columns that the list has."""
        return list(self.row.texts)

    def as_row(self) -> dict[str, str]:
        """Return the row as the list spells it."""
        return {key: self.values.get(key, "") for key in self.row.texts}

    def posting_values(self) -> dict[str, Any]:
        """Return what is stored of the position, its assessor apart."""
        found: dict[str, Any] = {
            key: self.values[key] for key in ("title", "position_type", "level", "number") if key in self.row.texts
        }
        if "personnel_group" in self.row.texts:
            codes = {word: group for group, word in GROUPS.items()}
            found["personnel_group"] = codes.get(self.values["personnel_group"], PersonnelGroup.CIVIL_SERVANT)
        found |= {"organisation": self.unit, "starts_on": self.starts_on, "is_acting": self.is_acting}
        return found | ({"ends_on": self.ends_on} if "ends_on" in self.row.texts else {})


def read_row(row: Row, known: Known) -> ReadRow:
    """Return what `row` means, with all that is wrong in it."""
    read = ReadRow(row=row)
    for key, message in row.refused.items():
        read.fault(key, message)
    for key, text in row.texts.items():
        if key in row.refused:
            read.values[key] = ""
        else:
            _READERS.get(key, _read_text)(read, key, text, known)
    for column in BY_KEY.values():
        if column.is_needed and column.key not in row.refused and not row.texts.get(column.key):
            read.fault(column.key, _("This cell must not be empty."))
    if read.starts_on and read.ends_on and read.ends_on < read.starts_on:
        read.fault("ends_on", _("A position cannot end before it starts."))
    return read


def _read_text(read: ReadRow, key: str, text: str, _known: Known) -> None:
    read.values[key] = text
    if len(text) > LENGTHS.get(key, len(text)):
        read.fault(key, _("The text is longer than %(limit)s characters.") % {"limit": LENGTHS[key]})


def _read_username(read: ReadRow, key: str, text: str, known: Known) -> None:
    _read_text(read, key, thai.to_arabic_digits(text), known)
    name = read.values[key]
    if name and not USERNAME.fullmatch(name):
        read.fault(key, _("Use Latin letters, digits and . _ - @ + only, for example somchai.b."))
    elif name.casefold() in known.strangers:
        read.fault(key, _("This user name belongs to somebody of another office. Choose another one."))
    elif person := known.people.get(name.casefold()):
        read.values[key] = person.username


def _read_email(read: ReadRow, key: str, text: str, known: Known) -> None:
    _read_text(read, key, text, known)
    try:
        if text:
            validate_email(text)
    except ValidationError:
        read.fault(key, _("This is no e-mail address. Leave the cell empty if there is none."))


def _read_number(read: ReadRow, key: str, text: str, known: Known) -> None:
    _read_text(read, key, thai.to_arabic_digits(text), known)


def _read_unit(read: ReadRow, key: str, text: str, known: Known) -> None:
    read.values[key] = text
    if not text:
        return
    code, found = text.partition(SEPARATOR)[0].strip(), thai.search_key(text)
    by_code = [unit for unit in known.units if unit.code.casefold() == code.casefold()]
    units = by_code or [
        unit for unit in known.units if found in {thai.search_key(unit.name), thai.search_key(unit.short_name)}
    ]
    if len(units) == 1:
        read.unit = units[0]
        read.values[key] = f"{units[0].code}{SEPARATOR}{units[0].name}"
    elif len(units) > 1:
        read.fault(key, _("Several units are called so. Write the unit's code."))
    else:
        read.fault(key, _("This is none of the units that you look after. Choose one from the list."))


def _read_type(read: ReadRow, key: str, text: str, _known: Known) -> None:
    found = [
        value
        for value, label in Posting.PositionType.choices
        if thai.search_key(text) in {thai.search_key(value), thai.search_key(str(label))}
    ]
    read.values[key] = found[0] if found else ""
    if text and not found:
        allowed = ", ".join(Posting.PositionType.values)
        read.fault(key, _("Choose one of: %(allowed)s.") % {"allowed": allowed})


def _read_group(read: ReadRow, key: str, text: str, _known: Known) -> None:
    usual, *_others = GROUPS.values()
    labels = {group.value: str(group.label) for group in PersonnelGroup}
    wanted = thai.search_key(text)
    found = [
        word for group, word in GROUPS.items() if wanted in {thai.search_key(word), thai.search_key(labels[group])}
    ]
    read.values[key] = found[0] if found else usual
    if text and not found:
        read.fault(key, _("Choose one of: %(allowed)s.") % {"allowed": ", ".join(GROUPS.values())})


def _read_acting(read: ReadRow, key: str, text: str, _known: Known) -> None:
    word = thai.search_key(text)
    read.is_acting = word in YES
    read.values[key] = "ใช่" if read.is_acting else ""
    if word and word not in YES | NO:
        read.fault(key, _("Write ใช่, or leave the cell empty."))


def _read_day(read: ReadRow, key: str, text: str, _known: Known) -> None:
    read.values[key] = ""
    if not text:
        return
    try:
        day = thai.parse_date(text)
    except thai.NotADate as error:
        read.fault(key, str(error))
        return
    read.values[key] = thai.format_date(day)
    if key == "starts_on":
        read.starts_on = day
    else:
        read.ends_on = day


def _read_assessor(read: ReadRow, key: str, text: str, known: Known) -> None:
    name = thai.to_arabic_digits(text.partition(SEPARATOR)[0].strip())
    read.values[key], read.assessor = text, name
    if not name:
        return
    own = thai.to_arabic_digits(read.row.texts.get("username", ""))
    position = known.assessing_position(own, name)
    if name.casefold() == own.casefold():
        read.fault(key, _("Nobody assesses themselves."))
    elif position:
        read.assessor = position.user.username
        read.values[key] = f"{position.user.username}{SEPARATOR}{position.user.full_name}"


_READERS = {
    "username": _read_username,
    "email": _read_email,
    "number": _read_number,
    "unit": _read_unit,
    "personnel_group": _read_group,
    "position_type": _read_type,
    "is_acting": _read_acting,
    "starts_on": _read_day,
    "ends_on": _read_day,
    "assessor": _read_assessor,
}
