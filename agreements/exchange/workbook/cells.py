"""How each kind of value stands in a cell, and how what people typed there is understood."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.documents import UNPRINTABLE

#: What a cell holds when it is read.
Cell: TypeAlias = Any
#: What is written into one.
Written: TypeAlias = str | float | int

# Excel shows and keeps 15 digits; longer figures are written as text.
EXACT_DIGITS = 15
SHORT = 100
LONGEST_TEXT = 32_767

YES, NO = "ใช่", "ไม่ใช่"

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_LISTED = re.compile(r'"[^"]*"|[^\s,;"]+')
_FIRST_BUDDHIST_YEAR = 2400


class CellRefused(ValueError):
    """What stands in the cell cannot be read; the message says how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a value is written into a cell and read back; `choices` are offered as a drop-down list."""

    write: Callable[[Any], Written]
    read: Callable[[Cell], Any]
    choices: tuple[str, ...] = ()
    is_number: bool = False


# --- Text ------------------------------------------------------------------------------------------------------------
def typed_text(cell: Cell) -> str:
    """Return what stands in `cell` as text, spelled one way.

    :raises CellRefused: if the spreadsheet made a date or a time of it.
    """
    if isinstance(cell, str):
        return _spelled(cell) if len(cell) <= SHORT else _spelled.__wrapped__(cell)
    if isinstance(cell, bool):
        return YES if cell else NO
    if isinstance(cell, int | float):
        return number_text(cell)
    message = _("The spreadsheet made a date or a time of this. Format the cell as text and type it again.")
    raise CellRefused(message)


# Codes, units and choices stand in thousands of cells, so what is short is spelled once.
@lru_cache(maxsize=20_000)
def _spelled(cell: str) -> str:
    text = thai.normalise(cell.replace("\r\n", "\n").replace("\r", "\n"))
    if found := UNPRINTABLE.search(text):
        message = _("The character %(code)s cannot be printed; take it out.")
        raise CellRefused(message % {"code": f"U+{ord(found.group()):04X}"})
    return text


def number_text(number: float) -> str:
    """Return a number of a cell as it was typed: the shortest decimal that it stands for."""
    if not math.isfinite(number):
        return str(number)
    if abs(number) < 10**EXACT_DIGITS and number == int(number):
        return str(int(number))
    text = repr(number)
    return thai.canonical_decimal(Decimal(text)) if "e" in text else text


def _read_code(cell: Cell) -> str:
    if isinstance(cell, float) and not cell.is_integer():
        message = _(
            "The code was typed as the number %(given)s, so that 1.1 and 1.10 cannot be told apart. "
            "Format the cell as text and type the code again."
        )
        raise CellRefused(message % {"given": number_text(cell)})
    return thai.to_arabic_digits(typed_text(cell))


def _write_codes(codes: list[str]) -> str:
    return ", ".join(f'"{code}"' if re.search("[,;]", code) else code for code in codes)


def _read_codes(cell: Cell) -> list[str]:
    return [found.strip('"') for found in _LISTED.findall(_read_code(cell))]


# --- Numbers ---------------------------------------------------------------------------------------------------------
def write_amount(value: Any) -> Written:
    """Return a canonical amount as a number, unless a spreadsheet would not keep its digits."""
    return _amount(str(value))


@lru_cache(maxsize=20_000)
def _amount(text: str) -> Written:
    if not _PLAIN.fullmatch(text) or len(text.replace(".", "").strip("-+0")) > EXACT_DIGITS:
        return text
    number = float(text)
    return number if number_text(number) == text else text


def _read_amount(cell: Cell) -> str:
    text = typed_text(cell)
    if not isinstance(cell, str):
        return text
    try:
        return thai.canonical_decimal(thai.parse_number(text))
    except thai.NotANumber:
        # "-" and "…" mean something to the rules, which also say what is wrong with the rest.
        return text


def _read_whole(cell: Cell) -> Any:
    text = _read_amount(cell)
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else text


def _read_wholes(cell: Cell) -> list[Any]:
    found = _LISTED.findall(thai.to_arabic_digits(typed_text(cell)))
    return [int(one) if re.fullmatch("[0-9]{1,9}", one) else one for one in found]


# --- Days and months -------------------------------------------------------------------------------------------------
def write_day(value: Any) -> str:
    """Return an ISO day, or month, in the Buddhist Era; other text as it is."""
    text = str(value)
    try:
        if _MONTH.fullmatch(text):
            return thai.format_month(date.fromisoformat(f"{text}-01"))
        return thai.format_date(date.fromisoformat(text))
    except ValueError:
        return text


def _read_day(cell: Cell) -> str:
    if isinstance(cell, date):
        return _calendar_day(cell)
    try:
        return thai.parse_date(typed_text(cell)).isoformat()
    except thai.NotADate as refusal:
        raise CellRefused(str(refusal)) from refusal


def _calendar_day(cell: date) -> str:
    day = cell.date() if isinstance(cell, datetime) else cell
    try:
        # 2556 typed into a spreadsheet that counts in the Christian Era.
        buddhist = day.year >= _FIRST_BUDDHIST_YEAR
        return day.replace(year=day.year - thai.BUDDHIST_ERA if buddhist else day.year).isoformat()
    except ValueError as error:
        raise CellRefused(_("This is not a date. Write it like 23 ก.ย. 2563 or 23/9/2563.")) from error


def _read_month_or_day(cell: Cell) -> str:
    if isinstance(cell, date):
        return _calendar_day(cell)
    text = typed_text(cell)
    try:
        return thai.parse_month(text).isoformat()[:7]
    except thai.ChristianEraYear as refusal:
        raise CellRefused(str(refusal)) from refusal
    except thai.NotADate:
        return _read_day(text)


# --- Choices ---------------------------------------------------------------------------------------------------------
def _named(labels: Mapping[Any, str]) -> dict[str, Any]:
    """Return the values by their labels and by themselves, as they are looked for."""
    return {_key(name): value for value, label in labels.items() for name in (label, str(value))}


@lru_cache(maxsize=2_000)
def _key(text: str) -> str:
    return thai.search_key(text)


def _read_choice(cell: Cell, *, labels: Mapping[Any, str], named: Mapping[str, Any]) -> Any:
    if isinstance(cell, bool) and True in labels:
        return cell
    chosen = named.get(_key(typed_text(cell)))
    if chosen is None:
        message = _("“%(given)s” is not one of the choices. Allowed: %(allowed)s.")
        raise CellRefused(message % {"given": typed_text(cell)[:60], "allowed": ", ".join(labels.values())})
    return chosen


def choice(labels: Mapping[Any, str]) -> Form:
    """Return the form of a value that is chosen by its label."""
    return Form(
        write=lambda value: labels.get(value, str(value)),
        read=partial(_read_choice, labels=labels, named=_named(labels)),
        choices=tuple(labels.values()),
    )


PERIODS = {"monthly": "รายเดือน", "6-month": "รอบ 6 เดือน", "12-month": "รอบ 12 เดือน"}
_NAMED_PERIODS = _named(PERIODS)


def _read_period(cell: Cell) -> str:
    named = _NAMED_PERIODS.get(_key(typed_text(cell))) if isinstance(cell, str) else None
    return named or _read_month_or_day(cell)


TEXT = Form(write=str, read=typed_text)
CODE = Form(write=str, read=_read_code)
CODES = Form(write=_write_codes, read=_read_codes)
AMOUNT = Form(write=write_amount, read=_read_amount, is_number=True)
# A target of the source may be a figure or words, which stay as they are.
FIGURE_OR_WORDS = Form(write=write_amount, read=typed_text, is_number=True)
WHOLE = Form(write=write_amount, read=_read_whole, is_number=True)
WHOLES = Form(write=lambda value: ", ".join(map(str, value)), read=_read_wholes)
DAY = Form(write=write_day, read=_read_day)
MONTH_OR_DAY = Form(write=write_day, read=_read_month_or_day)
PERIOD = Form(
    write=lambda value: PERIODS.get(value) or write_day(value),
    read=_read_period,
)
FLAG = choice({True: YES, False: NO})
