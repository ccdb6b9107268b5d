"""Lists as workbooks to go on reckoning with: text stays text, numbers keep their digits, dates are dates.

Rows are written once and in their order, and none is kept: a list of a whole department takes no more memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import ceil
from typing import IO, Any, Literal, Self

import xlsxwriter
from django.utils.functional import Promise

from agreements.exchange.workbook.cells import EXACT_DIGITS
from agreements.exchange.workbook.writing import A4, PRINTED_WIDTH
from reports.board_workbook import BUDDHIST_DAY, FONT
from scoring.numbers import NotExact, exact

#: No text of ours is ever read as a formula, link or number.
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a cell of the format holds at most, with room for the sign that something was cut.
LONGEST_TEXT = 32_000
# The row of the headings, below the title and what was asked for.
HEAD = 3

LINE_HEIGHT, MOST_LINES = 21.0, 12
_MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")

Kind = Literal["text", "whole", "figure", "points", "score", "per_cent", "day"]
Value = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list: its heading, what its cells are, and how wide it is in characters."""

    heading: str | Promise
    kind: Kind = "text"
    width: float = 12


def decimal_of(text: object) -> Decimal | None:
    """Return a displayed figure as a number, unless a spreadsheet would not keep all of its digits."""
    try:
        exact(text)
    except NotExact:
        return None
    number = Decimal(str(text))
    return number if len(str(text).replace(".", "").lstrip("-+0")) <= EXACT_DIGITS else None


def plain_text(text: str) -> str:
    """Return `text` as a cell holds it; the writer takes what stands between <r> and </r> for its own markup."""
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}…"
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def height_of(cells: Iterable[tuple[str, float]], *, most: int = MOST_LINES) -> float:
    """Return how high a line has to be for texts in columns of such widths; not every program finds that by itself."""
    return LINE_HEIGHT * max(1, min(most, max((_lines_of(text, width) for text, width in cells if text), default=1)))


def _lines_of(text: str, width: float) -> int:
    # Vowels and tone marks above and below take no room, and words do not fill a line to its end.
    room = max(width * 0.95, 1)
    shown = (sum(not _MARKS.match(one) for one in line) for line in text.split("\n"))
    return sum(max(1, ceil(length / room)) for length in shown)


class ListBook:
    """A workbook of lists in one style, written into `file`."""

    def __init__(self, file: IO[bytes], *, title: str, made_at: datetime) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True, **AS_TEXT})
        self._book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
        self.bold = self._book.add_format({**FONT, "bold": True})
        self.line = self._book.add_format(FONT)
        self.head = self._book.add_format({**FONT, "bold": True, "text_wrap": True, "bg_color": "#ECEDF8", "bottom": 1})
        self.kinds = {kind: self._book.add_format({**FONT, **shape}) for kind, shape in SHAPES.items()}
        self.sums = {kind: self._book.add_format({**FONT, **shape, **SUM}) for kind, shape in SHAPES.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._book.close()

    def sheet(self, name: str, columns: Sequence[Column], *, title: str, told: str) -> ListSheet:
        """Begin a sheet; whatever was begun before is finished."""
        return ListSheet(self, self._book.add_worksheet(name), columns, title=title, told=told)


SHAPES: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True},
    "whole": {"num_format": "0"},
    "figure": {"num_format": "General", "align": "right"},
    "points": {"num_format": "0.00"},
    "score": {"num_format": "0.0000"},
    "per_cent": {"num_format": "0%"},
    "per_cent_exact": {"num_format": "0.00%"},
    "day": {"num_format": BUDDHIST_DAY, "align": "left"},
}
SUM = {"bold": True, "top": 1}


class ListSheet:
    """A sheet with a title, what was asked for, headings, and rows below them."""

    def __init__(self, book: ListBook, sheet: Any, columns: Sequence[Column], *, title: str, told: str) -> None:
        self._book, self._sheet, self._columns = book, sheet, columns
        self._next = HEAD + 1
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.set_default_row(LINE_HEIGHT)
        sheet.set_row(HEAD, height_of((str(column.heading), column.width) for column in columns))
        sheet.freeze_panes(HEAD + 1, 2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        # Across as few pages as can still be read, with the names on each.
        sheet.fit_to_pages(ceil(sum(column.width for column in columns) / PRINTED_WIDTH), 0)
        sheet.repeat_rows(HEAD)
        sheet.repeat_columns(0, 1)
        sheet.set_footer("&L&A&R&P / &N")
        sheet.write_string(0, 0, plain_text(title), book.bold)
        sheet.write_string(1, 0, plain_text(told), book.line)
        for place, column in enumerate(columns):
            sheet.write_string(HEAD, place, plain_text(str(column.heading)), book.head)

    @property
    def count(self) -> int:
        """How many rows stand below the headings."""
        return self._next - HEAD - 1

    def add(self, values: Sequence[Value]) -> None:
        """Write the next row."""
        self._write(values, self._book.kinds)

    def add_sum(self, values: Sequence[Value]) -> None:
        """Write the last row, which stands apart and is not sorted or filtered with the others."""
        self.finish()
        self._write(values, self._book.sums)

    def finish(self) -> None:
        """Let the rows be sorted and filtered."""
        self._sheet.autofilter(HEAD, 0, max(self._next - 1, HEAD + 1), len(self._columns) - 1)

    def _write(self, values: Sequence[Value], formats: dict[str, Any]) -> None:
        texts = ((value, column.width) for column, value in zip(self._columns, values, strict=True))
        height = height_of((text, width) for text, width in texts if isinstance(text, str))
        if height > LINE_HEIGHT:
            self._sheet.set_row(self._next, height)
        for place, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            self._write_cell(place, column.kind, value, formats)
        self._next += 1

    def _write_cell(self, place: int, kind: str, value: Value, formats: dict[str, Any]) -> None:
        if value is None or value == "":
            self._sheet.write_blank(self._next, place, None, formats[kind])
        elif isinstance(value, date):
            self._sheet.write_datetime(self._next, place, datetime.combine(value, time()), formats["day"])
        elif isinstance(value, str):
            self._sheet.write_string(self._next, place, plain_text(value), formats["text"])
        else:
            if kind == "per_cent" and value * 100 % 1:
                kind = "per_cent_exact"
            # Of a Decimal the very digits are written, of a float the nearest that a computer holds.
            self._sheet.write_number(self._next, place, value, formats[kind])
