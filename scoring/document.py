"""A mapping of a document while it is read: values checked for type, every fault noted with its place."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from scoring.faults import Faults, join
from scoring.numbers import LONGEST, NotExact, canonical, exact

#: Files carry the Christian Era; a Buddhist year typed there would be 543 years off.
FIRST_YEAR, LAST_YEAR = 1900, 2300

_WHOLE = re.compile(r"[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Choice = TypeVar("Choice", bound=str)


def given(value: object) -> str:
    """Return `value` as a fault shows it, shortened."""
    return str(value)[:60]


def read_number(value: object, place: str, faults: Faults) -> Fraction | None:
    """Return `value` as an exact number, or None after noting why not."""
    try:
        return exact(value)
    except NotExact as refusal:
        shown = {"limit": str(LONGEST)} if refusal.code == "number_too_long" else {"given": given(value)}
        faults.add(refusal.code, place, **shown)
        return None


def read_amount(value: object, place: str, faults: Faults, *, zero: bool = True) -> Fraction | None:
    """Return `value` as an exact number of at least 0 (above 0 unless `zero`), or None after noting why not."""
    number = read_number(value, place, faults)
    if number is None or number > 0 or (zero and number == 0):
        return number
    faults.add("negative" if zero else "not_above_zero", place, given=canonical(number))
    return None


def read_whole(value: object, place: str, faults: Faults) -> int | None:
    """Return `value` as a whole number of at least 0, or None after noting why not."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    faults.add("not_whole", place, given=given(value))
    return None


def read_text(value: object, place: str, faults: Faults) -> str | None:
    """Return `value` as text that is not blank, or None after noting why not."""
    if not isinstance(value, str):
        faults.add("not_text", place)
        return None
    if not value.strip():
        faults.add("empty", place)
        return None
    return value


def read_code(value: object, place: str, faults: Faults) -> str | None:
    """Return `value` as a code: text without spaces (`2.3(8)`), or None after noting why not."""
    if not isinstance(value, str):
        faults.add("code_not_text", place, given=given(value))
        return None
    if not value:
        faults.add("empty", place)
        return None
    if any(char.isspace() for char in value):
        faults.add("code_with_spaces", place, given=given(value))
        return None
    return value


def read_date(value: object, place: str, faults: Faults) -> date | None:
    """Return `value`, a date or ISO text of the Christian Era, as a date, or None after noting why not."""
    day = value if isinstance(value, date) and not isinstance(value, datetime) else _iso(value)
    if day is None:
        faults.add("not_a_date", place, given=given(value))
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        faults.add("year_out_of_range", place, given=day.isoformat(), first=FIRST_YEAR, last=LAST_YEAR)
        return None
    return day


def _iso(value: object) -> date | None:
    # fromisoformat alone would take weeks too: 2013-W12-3.
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def listed(values: Collection[object]) -> str:
    """Return `values` as the list of what is allowed."""
    return ", ".join(map(str, values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One mapping of a document, its place and where its faults go. A null counts as absent."""

    content: Mapping[str, object]
    place: str
    faults: Faults

    def at(self, key: str) -> str:
        """Return the place of `key`."""
        return join(self.place, key)

    def has(self, key: str) -> bool:
        """Return whether `key` is given and not null."""
        return self.content.get(key) is not None

    def miss(self, key: str) -> None:
        """Note that `key` is missing."""
        self.faults.add("missing", self.at(key))

    def require(self, *keys: str) -> None:
        """Note each of `keys` that is absent or null."""
        for key in keys:
            if not self.has(key):
                self.miss(key)

    def text(self, key: str) -> str:
        """Return the text of `key`, empty if absent or refused."""
        return (read_text(self.content[key], self.at(key), self.faults) or "") if self.has(key) else ""

    def code(self, key: str) -> str:
        """Return the code of `key`, empty if absent or refused."""
        return (read_code(self.content[key], self.at(key), self.faults) or "") if self.has(key) else ""

    def number(self, key: str) -> Fraction | None:
        """Return the number of `key`."""
        return read_number(self.content[key], self.at(key), self.faults) if self.has(key) else None

    def amount(self, key: str) -> Fraction | None:
        """Return the number of `key`, at least 0."""
        return read_amount(self.content[key], self.at(key), self.faults) if self.has(key) else None

    def points(self, key: str) -> Fraction | None:
        """Return the number of `key`, above 0."""
        return read_amount(self.content[key], self.at(key), self.faults, zero=False) if self.has(key) else None

    def whole(self, key: str) -> int | None:
        """Return the whole number of `key`, at least 0."""
        return read_whole(self.content[key], self.at(key), self.faults) if self.has(key) else None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return the true or false of `key`."""
        value = self.content.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.faults.add("not_a_flag", self.at(key))
            return default
        return value

    def day(self, key: str) -> date | None:
        """Return the date of `key`."""
        return read_date(self.content[key], self.at(key), self.faults) if self.has(key) else None

    def choice(self, key: str, allowed: Sequence[Choice], default: Choice) -> Choice:
        """Return which of `allowed` stands at `key`, or `default` if it is absent or refused."""
        value = self.content.get(key)
        if value is None:
            return default
        for option in allowed:
            if isinstance(value, str) and option == value:
                return option
        self.faults.add("not_allowed", self.at(key), given=given(value), allowed=listed(allowed))
        return default

    def node(self, key: str, known: Collection[str] | None = None) -> "Node | None":
        """Return the mapping of `key`; without `known`, its keys are not checked."""
        return open_node(self.content[key], self.at(key), self.faults, known) if self.has(key) else None

    def items(self, key: str) -> list[tuple[str, object]]:
        """Return the entries of the list of `key`, each with its place."""
        value = self.content.get(key)
        if value is None:
            return []
        return open_list(value, self.at(key), self.faults)

    def nodes(self, key: str, known: Collection[str]) -> list["Node"]:
        """Return the mappings of the list of `key`."""
        opened = (open_node(value, place, self.faults, known) for place, value in self.items(key))
        return [node for node in opened if node is not None]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list of `key`."""
        read = (read_text(value, place, self.faults) for place, value in self.items(key))
        return tuple(text for text in read if text is not None)

    def codes(self, key: str) -> tuple[str, ...]:
        """Return the codes of the list of `key`."""
        read = (read_code(value, place, self.faults) for place, value in self.items(key))
        return tuple(code for code in read if code is not None)

    def levels(self, key: str) -> list[tuple[int, str, object]]:
        """Return (level, place, value) of the mapping of `key`, rising; levels are whole numbers."""
        node = self.node(key)
        found: dict[int, tuple[int, str, object]] = {}
        for name, value in node.content.items() if node is not None else ():
            place = join(self.at(key), str(name))
            level = read_whole(name, place, self.faults)
            if level in found:
                self.faults.add("duplicate", place, given=level)
            elif level is not None:
                found[level] = (level, place, value)
        return [found[level] for level in sorted(found)]


def open_list(value: object, place: str, faults: Faults) -> list[tuple[str, object]]:
    """Return the entries of `value`, each with its place, or nothing after noting that it is no list."""
    if not isinstance(value, list | tuple):
        faults.add("not_a_list", place)
        return []
    return [(join(place, number), entry) for number, entry in enumerate(value)]


def open_node(value: object, place: str, faults: Faults, known: Collection[str] | None = None) -> Node | None:
    """Return `value` as a mapping with only `known` keys, or None after noting that it is none."""
    if not isinstance(value, Mapping):
        faults.add("not_a_mapping", place)
        return None
    for key in value if known is not None else ():
        if key not in (known or ()):
            faults.add("unknown_key", join(place, str(key)), allowed=listed(known or ()))
    return Node(content=value, place=place, faults=faults)
