"""What the document of a report form must hold (docs/report-forms.md): every fault in words, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

COLUMN_TYPES = ("number", "money", "count", "date", "tick", "choice", "text", "file")
# What can be added up.
FIGURES = ("number", "money", "count")
ROW_KINDS = ("districts", "local_governments", "free", "fixed")
PERIODS = ("month", "quarter", "round", "event")
CERTIFIERS = ("head",)
# The kinds of units, as the tree of organisations has them.
UNIT_KINDS = ("department", "bureau", "province", "group", "district", "municipality", "local_government")

_FORM = {"code", "title", "source", "indicator", "period", "due", "reported_by", "certified_by", "tables"}
_TABLE = {"code", "title", "rows", "columns", "totals", "checks", "ratios"}
_COLUMN = {"code", "title", "group", "type", "unit", "choices", "required"}
_ROWS = {"kind", "titles", "heading"}
_DUE = {"day", "months_after", "date", "closes", "closes_after", "sums_after"}
_REPORTED_BY = {"kinds", "units", "from", "until"}
_CHECK = {"add", "gives"}
_RATIO = {"title", "of", "to"}
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,59}")


def faults(document: Any) -> list[str]:
    """Return what is wrong with the document of a report form, a sentence each."""
    if not isinstance(document, dict):
        return [_("The file does not hold a report form.")]
    return [f"{place}: {said}" if place else said for place, said in _form(document)]


def _form(form: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _keys(form, _FORM, "")
    yield from _named(form, "")
    yield from _one_of(form.get("period"), PERIODS, "period")
    yield from _one_of(form.get("certified_by"), CERTIFIERS, "certified_by")
    yield from _due(form.get("due"), form.get("period"))
    yield from _reported_by(form.get("reported_by"), form.get("due"))
    tables = form.get("tables")
    if not isinstance(tables, list) or not tables:
        yield "tables", _("Give at least one.")
        return
    yield from _codes(tables, "tables")
    for number, table in enumerate(tables, 1):
        yield from _table(table, f"tables[{number}]")


def _due(due: Any, period: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(due, dict):
        if period != "event" or due is not None:
            yield "due", _("Say by which day it is due.")
        return
    yield from _keys(due, _DUE, "due")
    if ("day" in due) == ("date" in due):
        yield "due", _("Give either the day of the month or a date.")
    if "day" in due and not _whole(due["day"], 1, 31):
        yield "due.day", _("This is no day of a month.")
    if "months_after" in due and not _whole(due["months_after"], 0, 12):
        yield "due.months_after", _("Give a whole number from 0 to 12.")
    for key in ("closes_after", "sums_after"):
        if key in due and not _whole(due[key], 0, 250):
            yield f"due.{key}", _("Give a whole number of working days, up to 250.")
    if "closes" in due and "closes_after" in due:
        yield "due.closes", _("Give either the day on which it closes or the working days until then.")
    days = [due[key] for key in ("date", "closes") if key in due]
    if not all(map(_is_day, days)):
        yield "due", _("This is no date.")
    elif days != sorted(days, key=str):
        yield "due.closes", _("It cannot close before it is due.")


def _reported_by(asked: Any, due: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(asked, dict):
        yield "reported_by", _("Say which units report: their kinds or their codes.")
        return
    yield from _keys(asked, _REPORTED_BY, "reported_by")
    kinds, units = asked.get("kinds"), asked.get("units")
    if not kinds and not units:
        yield "reported_by", _("Say which units report: their kinds or their codes.")
    for key, given in (("kinds", kinds), ("units", units)):
        if given is not None and not (isinstance(given, list) and all(isinstance(one, str) for one in given)):
            yield f"reported_by.{key}", _("Give a list of codes.")
    for kind in kinds if isinstance(kinds, list) else []:
        if kind not in UNIT_KINDS:
            yield "reported_by.kinds", _("Give one of: %(known)s.") % {"known": ", ".join(UNIT_KINDS)}
    days = [asked[key] for key in ("from", "until") if key in asked]
    once = isinstance(due, dict) and "date" in due
    if "from" not in asked and not once:
        yield "reported_by.from", _("Say from which day on it is reported.")
    if not all(map(_is_day, days)):
        yield "reported_by", _("This is no date.")
    elif days != sorted(days, key=str):
        yield "reported_by.until", _("It cannot end before it begins.")


def _table(table: Any, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(table, dict):
        yield place, _("A table needs a code, a name, rows and columns.")
        return
    yield from _keys(table, _TABLE, place)
    yield from _named(table, place)
    yield from _rows(table.get("rows"), f"{place}.rows")
    columns = table.get("columns")
    if not isinstance(columns, list) or not columns:
        yield f"{place}.columns", _("Give at least one.")
        return
    yield from _codes(columns, f"{place}.columns")
    for number, column in enumerate(columns, 1):
        yield from _column(column, f"{place}.columns[{number}]")
    figures = {str(one.get("code")) for one in columns if isinstance(one, dict) and one.get("type") in FIGURES}
    yield from _figures_of(table, figures, place)


def _rows(rows: Any, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(rows, dict):
        yield place, _("Say which rows there are.")
        return
    yield from _keys(rows, _ROWS, place)
    yield from _one_of(rows.get("kind"), ROW_KINDS, f"{place}.kind")
    titles = rows.get("titles")
    if (rows.get("kind") == "fixed") != bool(titles):
        yield f"{place}.titles", _("Fixed rows have names, other rows have none.")
    elif titles and not (isinstance(titles, list) and all(isinstance(one, str) and one.strip() for one in titles)):
        yield f"{place}.titles", _("Every row needs a name.")
    elif titles and len(set(titles)) < len(titles):
        yield f"{place}.titles", _("Two rows have the same name.")


def _column(column: Any, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(column, dict):
        yield place, _("A column needs a code, a name and a type.")
        return
    yield from _keys(column, _COLUMN, place)
    yield from _named(column, place)
    yield from _one_of(column.get("type"), COLUMN_TYPES, f"{place}.type")
    if (column.get("type") == "choice") != bool(column.get("choices")):
        yield f"{place}.choices", _("A choice has choices, other columns have none.")
    if not isinstance(column.get("required", False), bool):
        yield f"{place}.required", _("Say true or false.")


def _figures_of(table: dict[str, Any], figures: set[str], place: str) -> Iterator[tuple[str, str]]:
    """Yield where totals, checks and ratios name anything but a column of figures."""
    named: list[tuple[str, Any]] = [(f"{place}.totals", one) for one in _list(table.get("totals"))]
    for number, check in enumerate(_list(table.get("checks")), 1):
        at = f"{place}.checks[{number}]"
        if not isinstance(check, dict) or set(check) != _CHECK or not isinstance(check["add"], list):
            yield at, _("A check says which columns are added and which one they give.")
            continue
        named += [*((f"{at}.add", one) for one in check["add"]), (f"{at}.gives", check["gives"])]
    for number, ratio in enumerate(_list(table.get("ratios")), 1):
        at = f"{place}.ratios[{number}]"
        if not isinstance(ratio, dict) or set(ratio) != _RATIO:
            yield at, _("A percentage says its name, which column it is of, and to which.")
            continue
        named += [(f"{at}.of", ratio["of"]), (f"{at}.to", ratio["to"])]
    for at, one in named:
        if not isinstance(one, str) or one not in figures:
            yield at, _("“%(code)s” is no column of figures in this table.") % {"code": one}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _keys(given: dict[str, Any], known: set[str], place: str) -> Iterator[tuple[str, str]]:
    for key in given:
        if key not in known:
            yield place, _("“%(key)s” is not known here.") % {"key": key}


def _named(given: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    dot = f"{place}." if place else ""
    if not isinstance(given.get("code"), str) or not _CODE.fullmatch(given["code"]):
        yield f"{dot}code", _("A code is of small letters, digits, - and _, and begins with a letter.")
    title = given.get("title")
    if not isinstance(title, str) or not title.strip():
        yield f"{dot}title", _("The name is missing.")
    elif len(title) > 500:
        yield f"{dot}title", _("The name is longer than 500 characters.")


def _codes(entries: list[Any], place: str) -> Iterator[tuple[str, str]]:
    codes = [str(one.get("code")) for one in entries if isinstance(one, dict)]
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        yield place, _("The code “%(code)s” is there twice.") % {"code": code}


def _one_of(value: Any, known: tuple[str, ...], place: str) -> Iterator[tuple[str, str]]:
    if value not in known:
        yield place, _("Give one of: %(known)s.") % {"known": ", ".join(known)}


def _whole(value: Any, least: int, most: int) -> bool:
    try:
        return not isinstance(value, bool) and int(value) == value and least <= value <= most
    except (TypeError, ValueError):
        return False


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, date) or bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False
