"""Blanks of an indicator: what its source leaves to the parties, asked for by name and filled in.

A blank is "…" in a text, or criteria that are `open`. The source keeps its blanks, so what was filled in can be
read back and changed for as long as the agreement is a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from agreements import thai

Definition = Mapping[str, Any]

MARK = "…"
# In X1 + X2 + … + Xn and X1, X2, … Xn it means "and so on".
_BLANK = re.compile(r"(?<!\+ )(?:…[.…]*|\.{3,}|_{3,})(?! \+|[ ,]*[Xx]n\b)")
# Not shown as part of what is agreed, or not text.
_NO_TEXT = frozenset({"code", "kind", "expression", "note", "work", "positions", "rounds", "assigned_units", "between"})
# In these a word left out is often left out again: asked once, filled in everywhere.
_WORDING = re.compile(r"title|description|formula_text|baseline/label|measure/variables/[^/]+/label")
_SAME_BEFORE = 12
_SHOWN, _FEW = 50, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One thing to fill in: in which text it stands, between which words, and what was filled in."""

    name: str
    label: str
    before: str
    after: str
    value: str = ""

    @property
    def excerpt(self) -> str:
        """The words around it."""
        return f"{_tail(self.before, _SHOWN)}____{_head(self.after, _SHOWN)}"

    @property
    def in_short(self) -> str:
        """What it is called and a few of the words around it."""
        return f"{self.label} “{_tail(self.before, _FEW)}____{_head(self.after, _FEW // 2)}”"


@dataclass(frozen=True, slots=True)
class _Spot:
    path: str
    name: str
    start: int
    end: int


# --- Texts -----------------------------------------------------------------------------------------------------------
def has_blank(text: str) -> bool:
    """Return whether something is left out of `text`."""
    return _BLANK.search(text) is not None


def is_open(definition: Definition) -> bool:
    """Return whether the criteria are left to the parties."""
    return bool((definition.get("criteria") or {}).get("kind") == "open")


def leaves_blanks(definition: Definition) -> bool:
    """Return whether anything is to be filled in."""
    return is_open(definition) or any(has_blank(text) for _path, text in _texts(definition))


def blanks_of(source: Definition, filled: Definition | None = None) -> list[Blank]:
    """Return the blanks in the texts of `source`, each once, with what `filled` has in their places."""
    texts = dict(_texts(source))
    values = _read_back(source, filled) if filled else {}
    found: dict[str, Blank] = {}
    for spot in _spots(source):
        text = texts[spot.path]
        if spot.name not in found:
            found[spot.name] = Blank(
                name=spot.name,
                label=_label(source, spot.path),
                before=text[: spot.start].rpartition("\n")[2],
                after=text[spot.end :].partition("\n")[0],
                value=values.get(spot.name, ""),
            )
    return list(found.values())


def filled_in(source: Definition, values: Mapping[str, str]) -> dict[str, Any]:
    """Return `source` with `values` in its blanks, keyed by their names; one without a value stays a blank."""
    spots: dict[str, list[_Spot]] = {}
    for spot in _spots(source):
        spots.setdefault(spot.path, []).append(spot)

    def fill(path: str, text: str) -> str:
        for spot in reversed(spots.get(path, [])):
            text = text[: spot.start] + (values.get(spot.name) or MARK) + text[spot.end :]
        return text

    return dict(_mapped(source, "", fill))


def _texts(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts at and below `path` in which a blank may stand."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            # The labels of open criteria are filled in by the numbers that are agreed.
            if key not in _NO_TEXT and not (key == "labels" and node.get("kind") == "open"):
                yield from _texts(value, _join(path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _texts(value, _join(path, number))


def _mapped(node: Any, path: str, change: Any) -> Any:
    if isinstance(node, str):
        return change(path, node)
    if isinstance(node, Mapping):
        return {key: _mapped(value, _join(path, key), change) for key, value in node.items()}
    if isinstance(node, list):
        return [_mapped(value, _join(path, number), change) for number, value in enumerate(node)]
    return node


def _join(path: str, key: Any) -> str:
    return f"{path}/{key}" if path else str(key)


def _spots(source: Definition) -> Iterator[_Spot]:
    seen: dict[str, str] = {}
    for path, text in _texts(source):
        for number, match in enumerate(_BLANK.finditer(text)):
            name = f"{path}/{number}"
            if _WORDING.fullmatch(path):
                before = "".join(text[: match.start()].split())[-_SAME_BEFORE:]
                name = seen.setdefault(before, name)
            yield _Spot(path, name, match.start(), match.end())


def _read_back(source: Definition, filled: Definition) -> dict[str, str]:
    """Return what stands in `filled` where `source` has its blanks."""
    now = dict(_texts(filled))
    texts = dict(_texts(source))
    spots: dict[str, list[_Spot]] = {}
    for spot in _spots(source):
        spots.setdefault(spot.path, []).append(spot)
    found: dict[str, str] = {}
    for path, here in spots.items():
        pieces = [re.escape(piece) for piece in _BLANK.split(texts[path])]
        match = re.fullmatch("(.*?)".join(pieces), now.get(path, ""), re.DOTALL)
        for spot, value in zip(here, match.groups() if match else (), strict=False):
            if not _BLANK.fullmatch(value):
                found.setdefault(spot.name, value)
    return found


def _tail(text: str, most: int) -> str:
    """Return the last words of `text`, some `most` characters or more: Thai shows the ends of words by no sign."""
    space = text.rfind(" ", 0, max(len(text) - most, 0) + 1)
    return text[space + 1 :] if len(text) > most else text


def _head(text: str, most: int) -> str:
    """Return the first words of `text`, some `most` characters or more, up to where a space ends one."""
    space = text.find(" ", most)
    return text[:space] if space >= 0 else text


# --- What a text is called -------------------------------------------------------------------------------------------
def _label(source: Definition, path: str) -> str:
    """Return what the text at `path` is called on the page."""
    keys = path.split("/")
    match keys:
        case ["criteria", "steps", number, "title"]:
            return _("Step %(code)s") % {"code": _at(source, keys[:3])["level"]}
        case ["criteria", "steps", _number, "parts", _part, "title"]:
            return _("Step %(code)s") % {"code": _at(source, keys[:5])["code"]}
        case ["measure", "items", number, "title"]:
            return _("Item %(code)s") % {"code": _at(source, keys[:3]).get("code", number)}
        case ["criteria", "levels" | "labels", level, *_rest]:
            return _("Level %(level)s") % {"level": level}
        case _:
            return _plain_label(keys[0])


def _plain_label(key: str) -> str:
    labels = {
        "title": _("Indicator"),
        "unit": _("Unit of measure"),
        "description": _("Description"),
        "formula_text": _("How it is calculated"),
        "measure": _("How it is measured"),
        "conditions": _("Conditions"),
        "reason": _("Why it matters"),
        "evidence": _("Evidence"),
        "baseline": _("Baseline data"),
        "targets": _("Targets"),
        "owner": _("Owner"),
        "collector": _("Collector of the data"),
        "criteria": _("Criteria"),
    }
    return labels.get(key, _("Text"))


def _at(source: Definition, keys: Sequence[str]) -> Any:
    node: Any = source
    for key in keys:
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


# --- Open criteria ---------------------------------------------------------------------------------------------------
def agreed_criteria(source: Definition, levels: Mapping[int, Decimal], *, between: str) -> dict[str, Any]:
    """Return the criteria that the parties give where `source` leaves them open; open still without levels."""
    criteria = dict(source["criteria"])
    if not levels:
        return criteria
    figures = {str(level): thai.canonical_decimal(value) for level, value in sorted(levels.items())}
    agreed: dict[str, Any] = {"kind": "thresholds", "levels": figures}
    if between == "step":
        agreed["between"] = between
    labels = {
        level: _BLANK.sub(figures[level], text)
        for level, text in level_labels(source).items()
        if level in figures and has_blank(text)
    }
    return agreed | ({"labels": labels} if labels else {})


def level_labels(source: Definition) -> dict[str, str]:
    """Return the words that open criteria print beside their levels."""
    return {str(level): str(text) for level, text in (source["criteria"].get("labels") or {}).items()}


def even_levels(
    first: Decimal, step: Decimal, *, at: int = 1, levels: Sequence[int] = range(1, 6)
) -> dict[int, Decimal]:
    """Return levels that are `step` apart, `first` being that of level `at`."""
    return {level: first + step * (level - at) for level in levels}
