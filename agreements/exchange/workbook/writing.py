"""Writes a framework as a workbook that office staff can edit."""

import io
from collections.abc import Mapping
from math import ceil
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from agreements.exchange.shape import canonical
from agreements.exchange.workbook.cells import Written
from agreements.exchange.workbook.columns import Column, Sheet
from agreements.exchange.workbook.layout import FAULT_HEADING, HEAD, HEAD_NAME, INDICATORS, INSTRUCTIONS, SHEETS
from agreements.exchange.workbook.spreading import Page, head_of, pages_of

# Empty rows below the last that have drop-down lists and may be filled.
ROOM = 300
# Excel's own limits on a list written into the cell's rule, and on the hint beside a cell.
LONGEST_LIST, LONGEST_TITLE, LONGEST_HINT = 255, 32, 255

# Paper: A4 by its number in the format, and how many characters a page is wide and still read.
A4, PRINTED_WIDTH = 9, 170

FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
# What people may do on a protected sheet: all but changing headings and the keys that other sheets refer to.
ALLOWED = dict.fromkeys(
    [
        *("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter"),
        *("select_locked_cells", "select_unlocked_cells"),
    ],
    True,
)

GUIDE = (
    ("สมุดงานนี้คือกรอบการประเมินหนึ่งกรอบ แก้ไขแล้วนำกลับเข้าระบบได้ทั้งฉบับ", True),
    ("วิธีใช้", True),
    ("1. แก้ไขในแผ่นงานที่ต้องการ แถวแรกของแต่ละแผ่นงานคือหัวตาราง ไม่ต้องแก้ไข", False),
    ("2. เพิ่มตัวชี้วัดโดยพิมพ์ต่อท้ายแผ่นงาน “ตัวชี้วัด” เลือกชนิดของเกณฑ์ แล้วกรอกเกณฑ์ในแผ่นงานของชนิดนั้น", False),
    ("3. บันทึกเป็น .xlsx แล้วนำเข้าที่หน้า “กรอบการประเมิน” ระบบแสดงสิ่งที่เปลี่ยนก่อนบันทึกจริง", False),
    ("4. ถ้ามีข้อผิดพลาด ดาวน์โหลดสมุดงานเดิมที่มีคอลัมน์ “" + FAULT_HEADING + "” มาแก้ แล้วนำเข้าใหม่", False),
    ("ข้อควรรู้", True),
    ("ช่องพื้นเทาคือรหัสที่แผ่นงานอื่นอ้างถึง จึงล็อกไว้ รหัสที่เปลี่ยนถือเป็นตัวชี้วัดใหม่", False),
    ("ถ้าต้องการลบแถวที่มีรหัสล็อก เลือก “ตรวจทาน > ยกเลิกการป้องกันแผ่นงาน” ก่อน ไม่มีรหัสผ่าน", False),
    ("วันที่เป็นปี พ.ศ. เช่น 20 มี.ค. 2556 หรือ 20/3/2556 ตัวเลขใช้เลขไทยหรืออารบิกก็ได้ ร้อยละพิมพ์เฉพาะตัวเลข", False),
    ("พิมพ์ค่าลงในช่อง ไม่ใช้สูตรของ Excel ถ้ามีสูตร ให้คัดลอกแล้ววางเฉพาะค่า", False),
    ("แถวที่ซ่อนหรือถูกกรองไว้ก็นำเข้าด้วย แผ่นงานที่ลบออกหมายถึงไม่มีข้อมูลส่วนนั้น", False),
    ("แผ่นงาน", True),
)


def write_workbook(document: Mapping[str, Any]) -> bytes:
    """Return the framework `document` as a workbook.

    :raises NotWritable: if a text is longer, or there are more levels, than a sheet holds.
    """
    document = canonical(document)
    pages = list(pages_of(document))
    stream = io.BytesIO()
    # Rows are written once and in order, so none is kept; no text of ours is ever read as a formula, link or number.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        _Writer(book).write(document, pages)
    return stream.getvalue()


class _Writer:
    """Writes sheets in one style."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._heading = book.add_format({**FONT, "bold": True, "text_wrap": True, "bg_color": "#ECEDF8", "bottom": 1})
        self._bold = book.add_format({**FONT, "bold": True})
        self._plain = book.add_format({**FONT, "text_wrap": True})
        self._line = book.add_format(FONT)
        self._muted = book.add_format({**FONT, "text_wrap": True, "font_color": "#5D574E"})
        self._key = book.add_format({**FONT, "num_format": "@", "bg_color": "#EEECE8"})
        self._text = book.add_format({**FONT, "num_format": "@", "text_wrap": True, "locked": False})
        self._number = book.add_format({**FONT, "align": "right", "locked": False})

    def write(self, document: Mapping[str, Any], pages: list[Page]) -> None:
        self._write_guide(pages)
        self._write_head(document)
        for page in pages:
            self._write_page(page)
        self._book.worksheets()[2].activate()
        self._book.worksheets()[2].set_first_sheet()

    def _write_guide(self, pages: list[Page]) -> None:
        sheet = self._book.add_worksheet(INSTRUCTIONS)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 90)
        for row, (line, is_title) in enumerate(GUIDE):
            sheet.write_string(row, 0, line, self._bold if is_title else self._line)
        for row, page in enumerate(pages, start=len(GUIDE)):
            sheet.write_url(row, 0, f"internal:'{page.sheet.name}'!A1", string=page.sheet.name)
            sheet.write_string(row, 1, page.sheet.says, self._muted)
        _lay_out(sheet, width=118)
        sheet.protect("", ALLOWED)

    def _write_head(self, document: Mapping[str, Any]) -> None:
        sheet = self._book.add_worksheet(HEAD_NAME)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 70, self._text)
        sheet.set_column(2, 2, 50)
        for place, heading in enumerate(("รายการ", "ค่า", "คำอธิบาย")):
            sheet.write_string(0, place, heading, self._heading)
        for row, (column, value) in enumerate(zip(HEAD, head_of(document), strict=True), start=1):
            sheet.write_string(row, 0, column.title, self._bold)
            _write(sheet, row, 1, value, self._format(column))
            sheet.write_string(row, 2, column.help, self._muted)
            _restrict(sheet, row, row, 1, column, {})
        sheet.freeze_panes(1, 0)
        _lay_out(sheet, width=146)
        sheet.protect("", ALLOWED)

    def _write_page(self, page: Page) -> None:
        sheet = self._book.add_worksheet(page.sheet.name)
        columns = page.sheet.columns
        formats = [self._format(column) for column in columns]
        for place, column in enumerate(columns):
            # Where keys are locked, the rows to come are not.
            sheet.set_column(place, place, column.width, self._number if column.form.is_number else self._text)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.title, self._heading)
        for number, row in enumerate(page.rows, start=1):
            for place, value in enumerate(row):
                if value is not None:
                    _write(sheet, number, place, value, formats[place])
        last = len(page.rows) + ROOM
        for place, column in enumerate(columns):
            _restrict(sheet, 1, last, place, column, _LISTED)
        still = 1 if page.sheet is not INDICATORS else 4
        sheet.freeze_panes(1, still)
        _lay_out(sheet, width=sum(column.width for column in columns))
        sheet.repeat_columns(0, still - 1)
        sheet.autofilter(0, 0, max(len(page.rows), 1), len(columns) - 1)
        sheet.protect("", ALLOWED)

    def _format(self, column: Column) -> Format:
        if column.is_key:
            return self._key
        return self._number if column.form.is_number else self._text


def _lay_out(sheet: Worksheet, *, width: float) -> None:
    """Let a sheet of `width` characters print across as few pages as can still be read, headings on each."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(ceil(width / PRINTED_WIDTH), 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _write(sheet: Worksheet, row: int, place: int, value: Written | None, style: Format) -> None:
    if isinstance(value, str):
        sheet.write_string(row, place, value, style)
    elif value is None:
        sheet.write_blank(row, place, None, style)
    else:
        sheet.write_number(row, place, value, style)


_LISTED: Mapping[str, Sheet] = {sheet.key: sheet for sheet in SHEETS}


def _restrict(sheet: Worksheet, first: int, last: int, place: int, column: Column, listed: Mapping[str, Sheet]) -> None:
    """Give the cells of `column` their drop-down list and the hint that is shown beside them."""
    rule: dict[str, Any] = {"validate": "any"}
    if column.form.choices and len(",".join(column.form.choices)) <= LONGEST_LIST:
        rule = {"validate": "list", "source": list(column.form.choices)}
    elif column.listed in listed:
        source = f"='{listed[column.listed].name}'!$A$2:$A${last + ROOM}"
        # What is typed may stand on the other sheet in a moment, so only a warning.
        rule = {"validate": "list", "source": source, "error_type": "warning"}
    if rule["validate"] == "any" and not column.help:
        return
    if column.help:
        rule |= {"input_title": column.title[:LONGEST_TITLE], "input_message": column.help[:LONGEST_HINT]}
    if rule["validate"] == "list":
        rule |= {"error_title": column.title[:LONGEST_TITLE], "error_message": "เลือกจากรายการในช่องนี้"}
    sheet.data_validation(first, place, last, place, rule)
