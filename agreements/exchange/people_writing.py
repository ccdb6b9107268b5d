"""Writes the list of people as a workbook with drop-down lists, and gives an uploaded one back with its faults."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from agreements.exchange.people import COLUMNS, FAULT_HEADING, SHEET

# Empty rows below the last that have drop-down lists.
ROOM = 200
INSTRUCTIONS = "คำแนะนำ"
LISTS = "รายการให้เลือก"
FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
GUIDE = (
    "รายชื่อบุคลากรและตำแหน่งของหน่วยงาน แก้ไขแล้วนำกลับเข้าระบบได้ทั้งฉบับ",
    "1. หนึ่งแถวคือหนึ่งตำแหน่งของหนึ่งคน แถวแรกคือหัวตาราง ไม่ต้องแก้ไข",
    "2. เพิ่มบุคลากรโดยพิมพ์ต่อท้าย ผู้ที่มีหลายตำแหน่ง (เช่น รักษาราชการแทน) มีหลายแถวโดยใช้ชื่อผู้ใช้เดียวกัน",
    "3. ระบบรู้จักแถวเดิมจากชื่อผู้ใช้ วันที่เริ่มดำรงตำแหน่ง และการรักษาราชการแทน นอกนั้นแก้ไขได้",
    "4. ผู้ที่ย้ายตำแหน่ง ให้ใส่วันสุดท้ายในแถวเดิม แล้วเพิ่มแถวใหม่",
    "5. ผู้ที่ไม่มีในไฟล์จะไม่ถูกเปลี่ยนแปลงหรือลบ",
    "6. บันทึกเป็น .xlsx หรือ .csv แล้วนำเข้าที่หน้า “บุคลากร” ระบบแสดงสิ่งที่เปลี่ยนก่อนบันทึกจริง",
    "7. ถ้ามีข้อผิดพลาด ระบบจะไม่บันทึกแถวใดเลย ดาวน์โหลดไฟล์ที่มีคอลัมน์ “" + FAULT_HEADING + "” มาแก้ แล้วนำเข้าใหม่",
    "วันที่เป็นปี พ.ศ. ตัวเลขใช้เลขไทยหรืออารบิกก็ได้ พิมพ์ค่าลงในช่อง ไม่ใช้สูตร แถวที่ซ่อนไว้ก็นำเข้าด้วย",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row to be written, with the faults of its columns where it is given back."""

    texts: Mapping[str, str]
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)


def write_workbook(lines: Sequence[Line], *, choices: Mapping[str, Sequence[str]]) -> bytes:
    """Return `lines` as a workbook; the cells of a column in `choices` offer those as a list."""
    stream = io.BytesIO()
    # No text of ours is ever read as a formula, link or number.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _write_people(book, lines, choices)
        _write_lists(book, choices)
        _write_guide(book)
    return stream.getvalue()


def _write_people(book: Any, lines: Sequence[Line], choices: Mapping[str, Sequence[str]]) -> None:
    heading = book.add_format({**FONT, "bold": True, "text_wrap": True, "bg_color": "#ECEDF8", "bottom": 1})
    text = book.add_format({**FONT, "num_format": "@"})
    wrong = book.add_format({**FONT, "num_format": "@", "bg_color": "#F8E0DD"})
    told = book.add_format({**FONT, "text_wrap": True, "font_color": "#9B241D"})
    sheet = book.add_worksheet(SHEET)
    for place, column in enumerate(COLUMNS):
        # As text: 001 stays 001, and a date in the Buddhist Era stays as it was typed.
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.heading, heading)
    for number, line in enumerate(lines, start=1):
        for place, column in enumerate(COLUMNS):
            style = wrong if column.key in line.faults else text
            sheet.write_string(number, place, line.texts.get(column.key, ""), style)
        if line.faults:
            sheet.write_string(number, len(COLUMNS), "\n".join(_told(line)), told)
    if any(line.faults for line in lines):
        sheet.set_column(len(COLUMNS), len(COLUMNS), 60)
        sheet.write_string(0, len(COLUMNS), FAULT_HEADING, heading)
    for place, column in enumerate(COLUMNS):
        sheet.data_validation(1, place, len(lines) + ROOM, place, _rule(column, choices))
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(len(lines), 1), len(COLUMNS) - 1)


def _told(line: Line) -> list[str]:
    headings = {column.key: column.heading for column in COLUMNS}
    return [f"{headings.get(key, key)}: {fault}" for key, faults in line.faults.items() for fault in faults]


def _rule(column: Any, choices: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    rule: dict[str, Any] = {"validate": "any"}
    if found := choices.get(column.key):
        letter = chr(ord("A") + list(choices).index(column.key))
        # A warning only: people of the same list assess, and levels have other names elsewhere.
        rule = {"validate": "list", "source": f"='{LISTS}'!${letter}$2:${letter}${len(found) + 1}"}
        rule |= {"error_type": "warning", "error_title": column.heading, "error_message": "ค่านี้ไม่อยู่ในรายการ"}
    if column.help:
        rule |= {"input_title": column.heading, "input_message": column.help}
    return rule


def _write_lists(book: Any, choices: Mapping[str, Sequence[str]]) -> None:
    sheet = book.add_worksheet(LISTS)
    bold, plain = book.add_format({**FONT, "bold": True}), book.add_format({**FONT, "num_format": "@"})
    headings = {column.key: column.heading for column in COLUMNS}
    for place, (key, values) in enumerate(choices.items()):
        sheet.set_column(place, place, 40)
        # Not the plain heading: this sheet is not to be taken for the list of people.
        sheet.write_string(0, place, f"รายการ: {headings[key]}", bold)
        for number, value in enumerate(values, start=1):
            sheet.write_string(number, place, value, plain)


def _write_guide(book: Any) -> None:
    sheet = book.add_worksheet(INSTRUCTIONS)
    bold, plain = book.add_format({**FONT, "bold": True}), book.add_format({**FONT, "text_wrap": True})
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for number, line in enumerate(GUIDE):
        sheet.write_string(number, 1, line, bold if number == 0 else plain)
    for number, column in enumerate(COLUMNS, start=len(GUIDE) + 1):
        sheet.write_string(number, 0, column.heading + (" *" if column.is_needed else ""), bold)
        sheet.write_string(number, 1, column.help, plain)
