"""YAML and JSON as one stream of events: exact numbers, the line of everything, nothing built and nothing resolved.

The libraries' own loaders resolve anchors, build objects by tag, turn 0.1 into a float and forget the lines.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Any, TypeAlias

import yaml
from django.utils.translation import gettext as _, gettext_lazy

Scalar: TypeAlias = str | int | Decimal | date | bool | None

# Twice what the rules take before and after the point: longer ones are no figures, and costly to read.
LONGEST_NUMBER = 80
# Messages quote what is wrong, however long it is.
LONGEST_SHOWN = 80

_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}


class NotReadable(ValueError):
    """The text is not in the format that it should be in; nothing after `line` was read."""

    def __init__(self, message: str, *, code: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.line = line


class Kind(Enum):
    """What an event says."""

    DOCUMENT = auto()
    MAPPING = auto()
    LIST = auto()
    END = auto()
    SCALAR = auto()


@dataclass(frozen=True, slots=True)
class Event:
    """One step through a document; `written` is a scalar as it stands in the file."""

    kind: Kind
    line: int
    value: Scalar = None
    written: str = ""


# --- Unquoted scalars ------------------------------------------------------------------------------------------------
def plain_value(written: str, *, line: int | None = None) -> Scalar:
    """Return what an unquoted YAML scalar means: null, true, false, an exact number, a day, and otherwise text.

    Less than YAML 1.1 sees, so that nothing is lost: no, 0777, 1_000, 12:30 and 1e3 stay text.

    :raises NotReadable: for a number too long to be one.
    """
    if written in _WORDS:
        return _WORDS[written]
    if found := _NUMBER.fullmatch(written):
        return _number(written, is_whole=found["fraction"] is None, line=line)
    if _DAY.fullmatch(written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            return written
    return written


def _number(written: str, *, is_whole: bool, line: int | None) -> int | Decimal:
    if len(written) > LONGEST_NUMBER:
        message = _("This number is too long; %(limit)s digits are allowed.") % {"limit": LONGEST_NUMBER}
        raise NotReadable(message, code="number_too_long", line=line)
    return int(written) if is_whole else Decimal(written)


# --- YAML ------------------------------------------------------------------------------------------------------------
_OPENING = {
    yaml.DocumentStartEvent: Kind.DOCUMENT,
    yaml.MappingStartEvent: Kind.MAPPING,
    yaml.SequenceStartEvent: Kind.LIST,
    yaml.MappingEndEvent: Kind.END,
    yaml.SequenceEndEvent: Kind.END,
}

# What libyaml says, and what people can do about it.
_PROBLEMS = {
    "mapping values are not allowed": gettext_lazy(
        "Text that holds a colon and a space needs quotes; else check the indentation."
    ),
    "cannot start any token": gettext_lazy(
        "Text that begins with @, ` or a percent sign needs quotes. Indent with spaces, not with tabs."
    ),
    "found a tab character": gettext_lazy("Indent with spaces, not with tabs."),
    "did not find expected": gettext_lazy(
        "A line is indented unlike its neighbours, or a bracket or a quotation mark is not closed."
    ),
    "unexpected end of stream": gettext_lazy("A quotation mark or a bracket is not closed."),
}


def yaml_events(text: str) -> Iterator[Event]:
    """Yield what `text` says, document by document.

    :raises NotReadable: at what is not YAML, and at anchors, aliases and tags, which no file here needs.
    """
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            _refuse_references(event, line)
            if isinstance(event, yaml.ScalarEvent):
                value = plain_value(event.value, line=line) if event.implicit[0] else event.value
                yield Event(Kind.SCALAR, line, value, event.value)
            elif kind := _OPENING.get(type(event)):
                yield Event(kind, line)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error) from error
    except yaml.YAMLError as error:
        raise NotReadable(_("This is not YAML: %(problem)s.") % {"problem": error}, code="not_yaml") from error


def _refuse_references(event: Any, line: int) -> None:
    if getattr(event, "anchor", None) is not None:
        message = _("Anchors and aliases (& and *) are not read. Write the value out, or put the text in quotes.")
        raise NotReadable(message, code="anchor", line=line)
    if getattr(event, "tag", None) is not None:
        message = _("Tags (%(tag)s) are not read. Leave it out, or put the text in quotes.")
        raise NotReadable(message % {"tag": event.tag[:LONGEST_SHOWN]}, code="tag", line=line)


def _not_yaml(error: yaml.MarkedYAMLError) -> NotReadable:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    problem = str(error.problem or error.context)
    known = next((sentence for said, sentence in _PROBLEMS.items() if said in problem), None)
    message = str(known) if known else _("This is not YAML: %(problem)s.") % {"problem": problem}
    return NotReadable(message, code="not_yaml", line=line)


# --- JSON ------------------------------------------------------------------------------------------------------------
_TOKEN = re.compile(
    r'(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<number>-?[0-9]+(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?)'
    r"|(?P<word>true|false|null)|(?P<mark>[\[\]{}])"
)
_MARKS = {"{": Kind.MAPPING, "[": Kind.LIST, "}": Kind.END, "]": Kind.END}


def json_events(text: str) -> Iterator[Event]:
    """Yield what `text` says.

    :raises NotReadable: at what is not JSON, and at numbers with an exponent.
    """
    _check_json(text)
    yield Event(Kind.DOCUMENT, 1)
    line, counted = 1, 0
    for token in _TOKEN.finditer(text):
        line, counted = line + text.count("\n", counted, token.start()), token.start()
        written = token.group()
        if token["mark"]:
            yield Event(_MARKS[written], line)
        elif token["text"]:
            value = json.loads(written)
            yield Event(Kind.SCALAR, line, value, value)
        elif token["word"]:
            yield Event(Kind.SCALAR, line, _WORDS[written], written)
        else:
            yield Event(Kind.SCALAR, line, _json_number(token, line), written)


def _json_number(token: re.Match[str], line: int) -> int | Decimal:
    if token["exponent"]:
        message = _("Write the number out in full, without an exponent such as 1e3.")
        raise NotReadable(message, code="exponent", line=line)
    return _number(token.group(), is_whole=token["fraction"] is None, line=line)


def _check_json(text: str) -> None:
    """Refuse what is not JSON; the numbers are left alone."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        message = _("This is not JSON: %(problem)s in column %(column)s.")
        params = {"problem": error.msg, "column": error.colno}
        raise NotReadable(message % params, code="not_json", line=error.lineno) from error
    except RecursionError as error:
        raise NotReadable(_("Lists and mappings are nested too deep."), code="too_deep") from error


def _refuse_constant(name: str) -> None:
    message = _("%(number)s is not a number that can be scored.")
    raise NotReadable(message % {"number": name}, code="not_finite")
