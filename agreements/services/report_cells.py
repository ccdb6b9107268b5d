"""The cells of a report form: what was typed read into what is kept, and what sums and checks come of them.

Pure functions over the document of a form: no questions to the database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.report_forms import FIGURES
from scoring.numbers import display

Cell = tuple[str, str, str]
# The longest text of a cell.
LONGEST_TEXT = 2000
YES = "yes"
_TICKED = {"yes", "x", "✓", "✔", "/", "1", "ใช่", "true", "มี"}
_UNTICKED = {"no", "0", "-", "ไม่ใช่", "false", "ไม่มี"}
# Sums of many long figures stay exact.
_DIGITS = 120


class CellRefused(ValueError):
    """What was typed does not fit its column; the message is fit to show."""


# --- One cell --------------------------------------------------------------------------------------------------------
def read_cell(column: Mapping[str, Any], typed: str) -> str:
    """Return what was typed into a cell of `column` as it is kept; "" where the cell is empty, which is not 0.

    :raises CellRefused: if it does not fit the column.
    """
    text = thai.normalise(typed) if column["type"] != "text" else typed.strip()
    if not text:
        return ""
    if len(text) > LONGEST_TEXT:
        raise CellRefused(_("This is longer than %(most)s characters.") % {"most": LONGEST_TEXT})
    return _READERS[column["type"]](column, text)


def complaint(column: Mapping[str, Any], typed: str) -> str:
    """Return why what was typed does not fit `column`, in words; "" where it does."""
    try:
        read_cell(column, typed)
    except CellRefused as refusal:
        return str(refusal)
    return ""


def _figure(_column: Mapping[str, Any], text: str) -> str:
    try:
        return thai.canonical_decimal(thai.parse_number(text))
    except thai.NotANumber as refusal:
        raise CellRefused(str(refusal)) from refusal


def _count(column: Mapping[str, Any], text: str) -> str:
    # As papers have it: "-" stands for none.
    value = "0" if text in {"-", "–"} else _figure(column, text)
    number = Decimal(value)
    if number != number.to_integral_value():
        raise CellRefused(_("Write a whole number."))
    if number < 0:
        raise CellRefused(_("A count is not below 0."))
    return value


def _date(_column: Mapping[str, Any], text: str) -> str:
    try:
        return thai.parse_date(text).isoformat()
    except thai.NotADate as refusal:
        raise CellRefused(str(refusal)) from refusal


def _tick(_column: Mapping[str, Any], text: str) -> str:
    if text.lower() in _TICKED:
        return YES
    if text.lower() in _UNTICKED:
        return ""
    raise CellRefused(_("Tick it, or leave it empty."))


def _choice(column: Mapping[str, Any], text: str) -> str:
    choices = [str(one) for one in column["choices"]]
    if text not in choices:
        raise CellRefused(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
    return text


def _text(_column: Mapping[str, Any], text: str) -> str:
    return text


def _file(_column: Mapping[str, Any], _text: str) -> str:
    raise CellRefused(_("A file is uploaded, not typed."))


_READERS = {
    "number": _figure,
    "money": _figure,
    "count": _count,
    "date": _date,
    "tick": _tick,
    "choice": _choice,
    "text": _text,
    "file": _file,
}


def shown(column: Mapping[str, Any], value: str) -> str:
    """Return the value of a cell as people read it: figures with commas, dates in the Buddhist Era."""
    if not value:
        return ""
    if column["type"] in FIGURES:
        return thai.format_number(value, 2 if column["type"] == "money" else None)
    if column["type"] == "date":
        return thai.format_date(date.fromisoformat(value))
    return "✓" if column["type"] == "tick" else value


# --- Sums ------------------------------------------------------------------------------------------------------------
def add(values: Iterable[str]) -> str:
    """Return the exact sum of canonical decimals."""
    with localcontext(prec=_DIGITS):
        return thai.canonical_decimal(sum(map(Decimal, values), Decimal()))


def merged(sums: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the sums by table.column of several totals; what none of them has is not there."""
    gathered: dict[str, list[str]] = {}
    for one in sums:
        for key, value in one.items():
            gathered.setdefault(key, []).append(value)
    return {key: add(values) for key, values in sorted(gathered.items())}


def totals_of(tables: Sequence[Mapping[str, Any]], values: Mapping[Cell, str]) -> dict[str, str]:
    """Return the sum of each column of figures that holds any, by table.column: what flows up the tree.

    Columns without a total are added up too, so that percentages and formulas find them.
    """
    figures = {(table["code"], column["code"]) for table in tables for column in _figures(table)}
    gathered: dict[str, list[str]] = {}
    for (table, _row, column), value in values.items():
        if (table, column) in figures and value:
            gathered.setdefault(f"{table}.{column}", []).append(value)
    return {key: add(found) for key, found in sorted(gathered.items())}


def _figures(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [column for column in table["columns"] if column["type"] in FIGURES]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A percentage of two sums; without a value where there is nothing to divide by."""

    title: str
    of: str
    to: str
    value: Fraction | None


def ratios_of(table: Mapping[str, Any], totals: Mapping[str, str]) -> list[Ratio]:
    """Return the percentages of `table`: the sum of one column over the sum of another, never a mean of percentages."""
    return [
        Ratio(str(one["title"]), one["of"], one["to"], percentage(totals, table["code"], one["of"], one["to"]))
        for one in table.get("ratios") or []
    ]


def percentage(totals: Mapping[str, str], table: str, of: str, to: str) -> Fraction | None:
    """Return the sum of the column `of` as a percentage of that of `to`; None where it cannot be said."""
    part, whole = totals.get(f"{table}.{of}"), totals.get(f"{table}.{to}")
    if part is None or whole is None or Fraction(whole) == 0:
        return None
    return Fraction(part) / Fraction(whole) * 100


def shown_share(share: Fraction) -> str:
    """Return a percentage as people read it: two decimals, rounded half up once."""
    return thai.format_number(display(share, 2), 2)


# --- Checks ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Finding:
    """What keeps a report from being complete: where, and why in words. Without a row it concerns the whole table."""

    table: str
    row: str
    column: str
    words: str


def findings(
    table: Mapping[str, Any], rows: Sequence[tuple[str, str]], values: Mapping[Cell, str], invalid: Iterable[Cell]
) -> list[Finding]:
    """Return what is missing, does not fit or does not add up in `table`; `rows` are pairs of key and title."""
    code, found, wrong = table["code"], [], set(invalid)
    free = table["rows"]["kind"] == "free"
    for key, title in rows:
        filled = any(values.get((code, key, column["code"])) for column in table["columns"])
        for column in table["columns"]:
            cell = (code, key, column["code"])
            named = {"row": title, "column": column["title"]}
            if cell in wrong:
                found.append(Finding(*cell, _("%(row)s, %(column)s: what stands there does not fit.") % named))
            elif column.get("required") and not values.get(cell) and (filled or not free):
                found.append(Finding(*cell, _("%(row)s, %(column)s is empty. Type 0 if there is none.") % named))
        for check in table.get("checks") or []:
            found += _unbalanced(table, check, key, title, values)
    return found


def _unbalanced(
    table: Mapping[str, Any], check: Mapping[str, Any], key: str, title: str, values: Mapping[Cell, str]
) -> list[Finding]:
    code = table["code"]
    names = {column["code"]: column["title"] for column in table["columns"]}
    gives = values.get((code, key, check["gives"]))
    parts = [values.get((code, key, one)) for one in check["add"]]
    # Where one of them is empty, that is what is said of it, if it has to be filled in.
    if not gives or not all(parts):
        return []
    added = add([one for one in parts if one])
    if Decimal(added) == Decimal(gives):
        return []
    words = _("%(row)s: %(parts)s make %(sum)s together, but %(whole)s says %(value)s.") % {
        "row": title,
        "parts": " + ".join(names[one] for one in check["add"]),
        "sum": thai.format_number(added),
        "whole": names[check["gives"]],
        "value": thai.format_number(gives),
    }
    return [Finding(code, key, check["gives"], words)]
