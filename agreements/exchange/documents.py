"""Documents as offices keep them: YAML or JSON text in, plain values out, and back."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal, TypeAlias

from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.events import LONGEST_SHOWN, Event, Kind, NotReadable, Scalar, json_events, yaml_events
from agreements.exchange.shape import canonical
from agreements.exchange.writing import to_json, to_yaml
from scoring.faults import join

Document: TypeAlias = dict[str, Any]
Format: TypeAlias = Literal["yaml", "json"]

MAX_BYTES = 5 * 1024 * 1024
# The shipped framework of Chonburi is 9 levels deep and has 1,500 values.
MAX_DEPTH = 32
MAX_VALUES = 200_000
MAX_FAULTS = 100

FORMATS = {".yaml": yaml_events, ".yml": yaml_events, ".json": json_events}


@dataclass(frozen=True, slots=True)
class DocumentFault:
    """What keeps a file from being read: a sentence fit to show, and where it stands."""

    code: str
    message: str
    place: str = ""
    line: int | None = None

    def __str__(self) -> str:
        values = {"line": self.line, "place": self.place, "message": self.message}
        if self.line is None:
            return f"{self.place}: {self.message}" if self.place else self.message
        if not self.place:
            return _("Line %(line)s: %(message)s") % values
        return _("Line %(line)s, %(place)s: %(message)s") % values


class DocumentRefused(Exception):
    """The file cannot be read; `faults` holds everything found before reading stopped."""

    def __init__(self, faults: tuple[DocumentFault, ...], *, name: str) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults
        self.name = name


def read_document(text: str | bytes, *, name: str) -> Document:
    """Return the one document that the file called `name` holds.

    Numbers are int or Decimal, days are dates, text is spelled one way. What the keys mean is for `scoring` to judge.

    :raises DocumentRefused: if it cannot be read, or holds none or several.
    """
    documents = read_documents(text, name=name)
    if len(documents) > 1:
        message = _("The file holds %(count)s documents; one is expected.") % {"count": len(documents)}
        raise DocumentRefused((DocumentFault("several_documents", message),), name=name)
    return documents[0]


def read_documents(text: str | bytes, *, name: str) -> list[Document]:
    """Return the documents that the file called `name` holds: in YAML there may be several, separated by ---.

    :raises DocumentRefused: if one of them cannot be read, or there is none.
    """
    try:
        read_events = _reader_for(name)
        return _Builder(name).build(read_events(_decoded(text)))
    except NotReadable as refusal:
        raise DocumentRefused((DocumentFault(refusal.code, str(refusal), line=refusal.line),), name=name) from refusal


def _reader_for(name: str) -> Callable[[str], Iterator[Event]]:
    suffix = PurePath(name).suffix.lower()
    if suffix not in FORMATS:
        message = _("The name of the file ends in “%(suffix)s”; allowed: %(allowed)s.")
        raise NotReadable(message % {"suffix": suffix, "allowed": ", ".join(FORMATS)}, code="format")
    return FORMATS[suffix]


# --- Bytes to text ---------------------------------------------------------------------------------------------------
_BYTE_ORDER_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")
_THAI_BYTES = re.compile(rb"[\xa1-\xda\xdf-\xfb]{3}")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _decoded(text: str | bytes) -> str:
    if len(text) > MAX_BYTES:
        message = _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2}
        raise NotReadable(message, code="too_large")
    decoded = _from_utf8(text) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    if found := UNPRINTABLE.search(decoded):
        raise _unprintable(found.group(), line=decoded.count("\n", 0, found.start()) + 1)
    return decoded


def _from_utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        if raw.startswith(_BYTE_ORDER_MARKS_16):
            message = _("The file is in UTF-16 (“Unicode”). Save it as UTF-8.")
        elif _THAI_BYTES.search(raw):
            message = _("The file is not in UTF-8; it looks like TIS-620 (Windows-874). Save it as UTF-8.")
        else:
            message = _("The file is not in UTF-8. Save it as UTF-8.")
        raise NotReadable(message, code="encoding", line=line) from error


def _unprintable(char: str, *, line: int) -> NotReadable:
    message = _("The character %(code)s cannot be printed; take it out.") % {"code": f"U+{ord(char):04X}"}
    return NotReadable(message, code="unprintable", line=line)


def _spelled(text: str) -> str:
    return thai.normalise(text.replace("\r\n", "\n").replace("\r", "\n"))


# --- Events to values ------------------------------------------------------------------------------------------------
_NO_KEY = object()


@dataclass(slots=True)
class _Frame:
    """A list or a mapping that is being filled."""

    value: list[Any] | dict[Any, Any]
    place: str
    key: Any = _NO_KEY
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is _NO_KEY

    @property
    def next_place(self) -> str:
        return join(self.place, len(self.value) if isinstance(self.value, list) else str(self.key))

    def put(self, value: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        else:
            self.value[self.key] = value
            self.key = _NO_KEY


class _Builder:
    """Builds values without recursion, within limits, and collects what is wrong with the keys."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._faults: list[DocumentFault] = []
        self._open: list[_Frame] = []
        self._documents: list[Document] = []

    def build(self, events: Iterator[Event]) -> list[Document]:
        try:
            self._take_all(events)
        except NotReadable as refusal:
            self._note(refusal.code, str(refusal), line=refusal.line)
        self._refuse_if_any()
        return self._documents

    def _take_all(self, events: Iterator[Event]) -> None:
        for number, event in enumerate(events):
            if number > MAX_VALUES:
                message = _("The file holds more than %(limit)s values.") % {"limit": f"{MAX_VALUES:,}"}
                raise NotReadable(message, code="too_many", line=event.line)
            self._take(event)
        if not self._documents:
            raise NotReadable(_("The file is empty."), code="empty")

    def _take(self, event: Event) -> None:
        if event.kind is Kind.DOCUMENT:
            return
        if event.kind is Kind.END:
            self._open.pop()
        elif self._open and self._open[-1].awaits_key:
            self._take_key(event)
        elif event.kind is Kind.SCALAR:
            self._put(self._value(event.value, event.line), event)
        else:
            self._descend(event)

    def _descend(self, event: Event) -> None:
        if len(self._open) >= MAX_DEPTH:
            message = _("Lists and mappings are nested too deep; %(limit)s levels are allowed.")
            raise NotReadable(message % {"limit": MAX_DEPTH}, code="too_deep", line=event.line)
        place = self._open[-1].next_place if self._open else ""
        value: list[Any] | dict[Any, Any] = {} if event.kind is Kind.MAPPING else []
        self._put(value, event)
        self._open.append(_Frame(value, place))

    def _put(self, value: Any, event: Event) -> None:
        if self._open:
            self._open[-1].put(value)
        elif isinstance(value, dict):
            self._documents.append(value)
        else:
            message = _("A document is a mapping of keys and values, such as “format: 1”.")
            raise NotReadable(message, code="not_a_mapping", line=event.line)

    def _value(self, value: Scalar, line: int) -> Scalar:
        if not isinstance(value, str):
            return value
        if found := UNPRINTABLE.search(value):
            refusal = _unprintable(found.group(), line=line)
            place = self._open[-1].next_place if self._open else ""
            self._note(refusal.code, str(refusal), place=place, line=line)
        return _spelled(value)

    def _take_key(self, event: Event) -> None:
        if event.kind is not Kind.SCALAR:
            raise NotReadable(_("A key is text or a whole number."), code="key", line=event.line)
        frame = self._open[-1]
        is_whole = isinstance(event.value, int) and not isinstance(event.value, bool)
        frame.key = event.value if is_whole else _spelled(event.written)
        name = str(frame.key)
        if found := UNPRINTABLE.search(name):
            raise _unprintable(found.group(), line=event.line)
        shown, place = name[:LONGEST_SHOWN], join(frame.place, name)
        if not is_whole and not isinstance(event.value, str):
            message = _("The key %(key)s is not text: put it in quotes.") % {"key": shown or "null"}
            self._note("key", message, place=place, line=event.line)
        elif first := frame.lines.get(name):
            message = _("The key “%(key)s” stands here twice, first in line %(line)s.") % {"key": shown, "line": first}
            self._note("duplicate_key", message, place=place, line=event.line)
        frame.lines.setdefault(name, event.line)

    def _note(self, code: str, message: str, *, place: str = "", line: int | None) -> None:
        self._faults.append(DocumentFault(code, message, place[: 3 * LONGEST_SHOWN], line))
        if len(self._faults) >= MAX_FAULTS:
            self._refuse_if_any()

    def _refuse_if_any(self) -> None:
        if self._faults:
            raise DocumentRefused(tuple(self._faults), name=self._name)


# --- Values to text --------------------------------------------------------------------------------------------------
WRITERS: dict[Format, Callable[[Mapping[str, Any]], str]] = {"yaml": to_yaml, "json": to_json}


def write_document(document: Mapping[str, Any], format: Format = "yaml") -> str:  # noqa: A002 -- the option's name
    """Return the framework `document` in its canonical form as text: keys in order, amounts as strings."""
    return WRITERS[format](canonical(document))
