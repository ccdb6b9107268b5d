"""A report as a workbook: a sheet for each table, with locked keys, drop-down lists and instructions; and read back.

Here a cell is text under a code; what it means for the report is for services/submission_workbooks.py to say.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.report_forms import FIGURES
from agreements.exchange.workbook.cells import CellRefused, typed_text, write_amount
from agreements.exchange.workbook.guard import NotOpened
from agreements.exchange.workbook.opening import RawSheet, cell_name, open_workbook

INSTRUCTIONS = "คำแนะนำ"
IDENTITY = "kpi-report"
TABLE = "table:"
# The first line of a sheet holds codes, and is hidden; the second the headings; the rows follow.
CODES, HEADINGS, FIRST_ROW = 0, 1, 2
KEY, TITLE, FIRST_COLUMN = 0, 1, 2
# More cells than any form has; a larger workbook is another kind of file.
MAX_CELLS = 50_000
# Empty rows of a free table to be filled in.
ROOM = 100
LONGEST_SHEET_NAME, LONGEST_TITLE, LONGEST_HINT, LONGEST_LIST = 31, 32, 255, 255
TICK = "ใช่"
_BUDDHIST_FROM = 2400
FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
FORMATS = {"count": "#,##0", "money": "#,##0.00", "number": "General"}
HINTS = {
    "number": "ตัวเลข ใช้เลขไทยหรืออารบิกก็ได้ ไม่ใช้สูตร",
    "money": "จำนวนเงินเป็นบาท ใช้เลขไทยหรืออารบิกก็ได้ ไม่ใช้สูตร",
    "count": "จำนวนเต็ม ถ้าไม่มีให้พิมพ์ 0",
    "date": "วันที่เป็นปี พ.ศ. เช่น 20 มี.ค. 2556",
    "tick": "เลือก “ใช่” หรือเว้นว่าง",
    "choice": "เลือกจากรายการ",
    "text": "ข้อความ",
    "file": "แนบไฟล์ในระบบ ไม่ใช่ในสมุดงานนี้",
}
GUIDE = (
    "1. กรอกข้อมูลในแผ่นงานของแต่ละตาราง ช่องพื้นเทาเป็นหัวแถวและหัวคอลัมน์ ล็อกไว้",
    "2. ช่องที่เว้นว่างคือไม่มีข้อมูล ถ้ามีค่าเป็นศูนย์ให้พิมพ์ 0 คอลัมน์ที่มี * ต้องกรอก",
    "3. ตัวเลขใช้เลขไทยหรืออารบิกก็ได้ วันที่เป็นปี พ.ศ. เช่น 20 มี.ค. 2556 พิมพ์ค่าลงในช่อง ไม่ใช้สูตร",
    "4. บันทึกเป็น .xlsx แล้วนำเข้าที่หน้ากรอกข้อมูลของรายงานนี้ ระบบแสดงสิ่งที่เปลี่ยนก่อนบันทึกจริง",
    "5. ถ้ามีช่องใดผิด ระบบจะไม่บันทึกช่องใดเลย แก้ในสมุดงานแล้วนำเข้าใหม่",
    "แถวที่ลบออกจากสมุดงานไม่เปลี่ยนแปลงในระบบ ช่องที่ลบข้อมูลออกจะว่างในระบบด้วย",
)

Cell = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A table to be written: its rows as pairs of key and title, its values as they are kept, by row and column."""

    table: Mapping[str, Any]
    heading: str
    rows: Sequence[tuple[str, str]]
    values: Mapping[tuple[str, str], str]
    # Where one is not valid, it stands as it was typed.
    invalid: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_free(self) -> bool:
        """Whether rows may be added."""
        return bool(self.table["rows"]["kind"] == "free")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCell:
    """A cell as it stands in a workbook: where, what it says, and why it cannot be taken."""

    cell: Cell
    sheet: str
    address: str
    text: str
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """What a workbook holds of a report: of which one, and its cells; remarks about what was passed over."""

    identity: str
    cells: tuple[ReadCell, ...] = ()
    remarks: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return this in plain values, to be kept until it is confirmed."""
        cells = [[list(one.cell), one.sheet, one.address, one.text, one.refused] for one in self.cells]
        return {"identity": self.identity, "cells": cells, "remarks": list(self.remarks)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ReadReport:
        """Return what `as_data` made plain."""
        cells = (
            ReadCell(cell=(cell[0], cell[1], cell[2]), sheet=sheet, address=address, text=text, refused=refused)
            for cell, sheet, address, text, refused in data["cells"]
        )
        return cls(identity=data["identity"], cells=tuple(cells), remarks=tuple(data["remarks"]))


# --- Writing ---------------------------------------------------------------------------------------------------------
def write_report(pages: Sequence[Page], *, identity: str, facts: Sequence[tuple[str, str]]) -> bytes:
    """Return a report as a workbook; `identity` says on reading which report it is, `facts` say it to people."""
    stream = io.BytesIO()
    # No text is ever read as a formula, link or number.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        writer = _Writer(book)
        for number, page in enumerate(pages, start=1):
            writer.write_page(page, number)
        writer.write_guide(identity, facts)
    return stream.getvalue()


class _Writer:
    """Writes the sheets of a report in one style."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        grey = {**FONT, "bg_color": "#EEECE8", "text_wrap": True, "border": 1, "border_color": "#CBC4B7"}
        self._heading = book.add_format({**grey, "bold": True, "bg_color": "#ECEDF8"})
        self._key = book.add_format({**grey, "num_format": "@"})
        self._plain = book.add_format({**FONT, "text_wrap": True})
        self._bold = book.add_format({**FONT, "bold": True, "text_wrap": True})
        open_ = {**FONT, "locked": False, "border": 1, "border_color": "#E0DBD2"}
        self._text = book.add_format({**open_, "num_format": "@", "text_wrap": True})
        self._wrong = book.add_format({**open_, "num_format": "@", "bg_color": "#F8E0DD"})
        self._figures = {
            kind: book.add_format({**open_, "num_format": shape, "align": "right"}) for kind, shape in FORMATS.items()
        }

    def write_page(self, page: Page, number: int) -> None:
        sheet = self._book.add_worksheet(f"ตาราง {number}"[:LONGEST_SHEET_NAME])
        columns = page.table["columns"]
        sheet.write_string(CODES, KEY, TABLE + page.table["code"])
        sheet.write_string(HEADINGS, KEY, "รหัส", self._heading)
        sheet.write_string(HEADINGS, TITLE, page.heading, self._heading)
        for across, column in enumerate(columns, start=FIRST_COLUMN):
            sheet.write_string(CODES, across, column["code"])
            sheet.write_string(HEADINGS, across, _heading(column), self._heading)
            sheet.set_column(across, across, 34 if column["type"] == "text" else 18)
        rows = [*page.rows]
        if page.is_free:
            last = len(rows)
            rows += [(str(key), str(key)) for key in range(last + 1, last + ROOM + 1)]
        for down, (key, title) in enumerate(rows, start=FIRST_ROW):
            sheet.write_string(down, KEY, key, self._key)
            sheet.write_string(down, TITLE, title, self._key)
            for across, column in enumerate(columns, start=FIRST_COLUMN):
                place = key, column["code"]
                self._write(sheet, down, across, column, page.values.get(place, ""), place in page.invalid)
        for across, column in enumerate(columns, start=FIRST_COLUMN):
            sheet.data_validation(FIRST_ROW, across, FIRST_ROW + len(rows), across, _rule(column))
        sheet.set_column(KEY, KEY, 8)
        sheet.set_column(TITLE, TITLE, 40)
        sheet.set_row(CODES, None, None, {"hidden": True})
        sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADINGS)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _write(
        self,
        sheet: Any,
        down: int,
        across: int,
        column: Mapping[str, Any],
        value: str,
        is_wrong: bool,  # noqa: FBT001  a fact of the cell, no switch
    ) -> None:
        kind = column["type"]
        if kind == "file":
            sheet.write_string(down, across, value, self._key)
        elif is_wrong:
            sheet.write_string(down, across, value, self._wrong)
        elif kind in FIGURES:
            written = write_amount(value) if value else ""
            if isinstance(written, str):
                sheet.write_string(down, across, written, self._figures[kind])
            else:
                sheet.write_number(down, across, written, self._figures[kind])
        elif kind == "date" and value:
            sheet.write_string(down, across, thai.format_date(date.fromisoformat(value)), self._text)
        else:
            sheet.write_string(down, across, TICK if kind == "tick" and value else value, self._text)

    def write_guide(self, identity: str, facts: Sequence[tuple[str, str]]) -> None:
        sheet = self._book.add_worksheet(INSTRUCTIONS)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 100)
        sheet.write_string(0, 0, IDENTITY)
        sheet.write_string(0, 1, identity)
        sheet.set_row(0, None, None, {"hidden": True})
        down = 1
        for name, text in facts:
            sheet.write_string(down, 0, name, self._bold)
            sheet.write_string(down, 1, text, self._plain)
            down += 1
        for line in GUIDE:
            down += 1
            sheet.write_string(down, 1, line, self._plain)
        sheet.protect("")


def _heading(column: Mapping[str, Any]) -> str:
    title = f"{column['group']}\n{column['title']}" if column.get("group") else str(column["title"])
    unit = f" ({column['unit']})" if column.get("unit") else ""
    return f"{title}{unit}{' *' if column.get('required') else ''}"


def _rule(column: Mapping[str, Any]) -> dict[str, Any]:
    """Return the drop-down list of a column, and the hint beside its cells."""
    rule: dict[str, Any] = {"validate": "any"}
    choices = {"choice": [str(one) for one in column.get("choices") or []], "tick": [TICK]}.get(column["type"], [])
    if choices and len(",".join(choices)) <= LONGEST_LIST and not any("," in one for one in choices):
        rule = {"validate": "list", "source": choices, "error_message": "เลือกจากรายการในช่องนี้"}
    title = str(column["title"])[:LONGEST_TITLE]
    return rule | {"input_title": title, "input_message": HINTS[column["type"]][:LONGEST_HINT]}


# --- Reading ---------------------------------------------------------------------------------------------------------
def read_report(content: bytes) -> ReadReport:
    """Return what the workbook `content` holds of a report.

    :raises NotOpened: if it is no workbook, lies beyond the limits, or is no form of a report.
    """
    sheets = open_workbook(content)
    identity = next((str(sheet.rows[0][1]) for sheet in sheets if _head(sheet, 0) == IDENTITY), "")
    tables = [sheet for sheet in sheets if _head(sheet, 0).startswith(TABLE)]
    if not identity or not tables:
        message = _("This is not the form of a report. Download the form from the page of the report and fill it in.")
        raise NotOpened(message, code="no_report")
    cells: list[ReadCell] = []
    remarks: list[str] = []
    for sheet in tables:
        right = len(sheet.rows[CODES])
        if len(cells) + len(sheet.rows) * right > MAX_CELLS:
            message = _("Something stands far outside the table (%(address)s). Delete the rows and columns beyond it.")
            address = f"{sheet.name}!{cell_name(len(sheet.rows) - 1, right - 1)}"
            raise NotOpened(message % {"address": address}, code="too_far")
        cells += _read_sheet(sheet)
        if hidden := [number for number in sheet.hidden if number > FIRST_ROW]:
            shown = ", ".join(map(str, hidden[:20]))
            remarks.append(_("Hidden rows are read too: %(rows)s.") % {"rows": f"{sheet.name} {shown}"})
    return ReadReport(identity=identity, cells=tuple(cells), remarks=tuple(remarks))


def _head(sheet: RawSheet, across: int) -> str:
    row = sheet.rows[CODES] if sheet.rows else []
    return str(row[across]).strip() if across < len(row) and len(row) > 1 else ""


def _read_sheet(sheet: RawSheet) -> list[ReadCell]:
    code = _head(sheet, KEY).removeprefix(TABLE)
    columns = {
        across: str(name).strip()
        for across, name in enumerate(sheet.rows[CODES])
        if across >= FIRST_COLUMN and str(name).strip()
    }
    found = []
    for down, row in enumerate(sheet.rows[FIRST_ROW:], start=FIRST_ROW):
        key, refused = _text(row[KEY] if row else "")
        said = [one for one in row[FIRST_COLUMN:] if one not in ("", None)]
        if not key:
            if said:
                address = cell_name(down, FIRST_COLUMN)
                words = _("Something stands here beside the rows of the form. Write it into one of them.")
                text = _text(said[0])[0]
                found.append(ReadCell(cell=(code, "", ""), sheet=sheet.name, address=address, text=text, refused=words))
            continue
        for across, column in columns.items():
            text, refused = _text(row[across] if across < len(row) else "")
            refused = sheet.refused.get((down, across), refused)
            place = cell_name(down, across)
            cell = (code, key, column)
            found.append(ReadCell(cell=cell, sheet=sheet.name, address=place, text=text, refused=refused))
    return found


def _text(cell: Any) -> tuple[str, str]:
    """Return what a cell says as people would type it, and why it cannot be taken."""
    if cell in ("", None):
        return "", ""
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        # 2556 typed into a spreadsheet that counts in the Christian Era.
        year = day.year if day.year >= _BUDDHIST_FROM else day.year + thai.BUDDHIST_ERA
        return f"{day.day}/{day.month}/{year}", ""
    try:
        return typed_text(cell), ""
    except CellRefused as refusal:
        return str(cell), str(refusal)
