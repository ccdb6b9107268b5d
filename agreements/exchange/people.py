"""The list of people and their positions as a workbook or CSV: written for office staff, and read back row by row.

Here a row is text under headings; what it means in an office is for services/staff_list.py to say.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.workbook.cells import DAY, CellRefused, typed_text
from agreements.exchange.workbook.guard import MAX_BYTES, NotOpened
from agreements.exchange.workbook.opening import RawSheet, cell_name, open_workbook

# More people than any office has; a larger list is another kind of file.
MAX_ROWS = 5000
LONGEST_CELL = 1000
# Kept in TIS-620 as well, unlike a middle dot.
SEPARATOR = " : "
FAULT_HEADING = "ข้อผิดพลาด"
SHEET = "บุคลากร"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: its key, its heading and the hint beside its cells."""

    key: str
    heading: str
    width: int
    help: str
    is_needed: bool = False
    is_day: bool = False


COLUMNS = (
    Column("username", "ชื่อผู้ใช้", 16, "ใช้ลงชื่อเข้าใช้ระบบ ตัวอักษรอังกฤษและตัวเลข ไม่ซ้ำกัน", is_needed=True),
    Column("prefix", "คำนำหน้าชื่อ", 12, "นาย นาง นางสาว"),
    Column("first_name", "ชื่อตัว", 18, "", is_needed=True),
    Column("last_name", "นามสกุล", 18, ""),
    Column("email", "อีเมล", 22, "เว้นว่างได้"),
    Column("unit", "หน่วยงาน", 40, "เลือกจากรายการ หรือพิมพ์รหัสหน่วยงาน", is_needed=True),
    Column("title", "ตำแหน่ง", 30, "ไม่ต้องใส่ระดับ เช่น นักทรัพยากรบุคคล", is_needed=True),
    Column("position_type", "ประเภทตำแหน่ง", 14, "เลือกจากรายการ หรือเว้นว่าง"),
    Column("level", "ระดับ", 16, "เลือกจากรายการ หรือพิมพ์ตามคำสั่งแต่งตั้ง"),
    Column("number", "เลขที่ตำแหน่ง", 14, "พิมพ์ตามจริง รวมเลขศูนย์นำหน้า เช่น 001"),
    Column("is_acting", "รักษาราชการแทน", 14, "ใช่ หรือเว้นว่าง"),
    Column("starts_on", "ตั้งแต่วันที่", 16, "ปี พ.ศ. เช่น 1 ต.ค. 2555", is_needed=True, is_day=True),
    Column("ends_on", "ถึงวันที่", 16, "เว้นว่างหากยังดำรงตำแหน่งอยู่", is_day=True),
    Column("assessor", "ผู้ประเมิน", 30, "เลือกจากรายการ หรือพิมพ์ชื่อผู้ใช้ของผู้ประเมิน"),
    Column("personnel_group", "กลุ่มบุคลากร", 20, "เลือกจากรายการ เว้นว่างหมายถึงข้าราชการ"),
)
BY_KEY = {column.key: column for column in COLUMNS}
_BY_NAME = {thai.search_key(name): column for column in COLUMNS for name in (column.heading, column.key)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the list as text; `refused` says of columns why their cells cannot be read."""

    number: int
    texts: Mapping[str, str]
    refused: Mapping[str, str] = field(default_factory=dict)
    # Columns whose cells hold numbers: a spreadsheet has dropped leading zeros there.
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFile:
    """What a file holds: its rows, which column stands where, and remarks about what was passed over."""

    rows: tuple[Row, ...]
    places: Mapping[str, int]
    remarks: tuple[str, ...] = ()

    def cell(self, row: Row, key: str) -> str:
        """Return the address of a cell as the spreadsheet shows it."""
        return cell_name(row.number - 1, self.places.get(key, 0))

    def as_data(self) -> dict[str, Any]:
        """Return this in plain values, to be kept until it is confirmed."""
        rows = [[row.number, dict(row.texts), dict(row.refused), list(row.numbers)] for row in self.rows]
        return {"rows": rows, "places": dict(self.places), "remarks": list(self.remarks)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> PeopleFile:
        """Return what `as_data` made plain."""
        rows = (
            Row(number=number, texts=texts, refused=refused, numbers=tuple(numbers))
            for number, texts, refused, numbers in data["rows"]
        )
        return cls(rows=tuple(rows), places=data["places"], remarks=tuple(data["remarks"]))


# --- Reading ---------------------------------------------------------------------------------------------------------
def read_people(content: bytes) -> PeopleFile:
    """Return the rows of a workbook or of CSV in UTF-8, UTF-16 or TIS-620.

    :raises NotOpened: if it is neither, lies beyond the limits, or has no list of people.
    """
    if len(content) > MAX_BYTES:
        message = _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2}
        raise NotOpened(message, code="too_large")
    if not content.strip():
        raise NotOpened(_("The file is empty."), code="empty")
    is_workbook = content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    sheets = open_workbook(content) if is_workbook else [RawSheet(name="CSV", rows=_csv_rows(content))]
    for sheet in sheets:
        if found := _heading_row(sheet):
            return _people_of(sheet, *found)
    needed = ", ".join(column.heading for column in COLUMNS if column.is_needed)
    raise NotOpened(
        _("No list of people was found: a row with these headings is needed: %(headings)s.") % {"headings": needed},
        code="no_list",
    )


def _csv_rows(content: bytes) -> list[list[Any]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows: list[list[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([_unquoted(cell) for cell in row])
            if len(rows) > MAX_ROWS + 20:
                raise _too_many()
    except csv.Error as error:
        raise NotOpened(_("This is neither an Excel workbook (.xlsx) nor a CSV file."), code="not_a_list") from error
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        # Windows writes Thai CSV in its own superset of TIS-620.
        encodings = ("utf-8-sig", "cp874")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotOpened(_("This is neither an Excel workbook (.xlsx) nor a CSV file."), code="not_a_list")


def _heading_row(sheet: RawSheet) -> tuple[int, dict[str, int]] | None:
    """Return the row of the headings, within the first ones, and where each column stands."""
    for number, cells in enumerate(sheet.rows[:20]):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells[:100]):
            column = _BY_NAME.get(thai.search_key(cell[:100])) if isinstance(cell, str) else None
            if column and column.key not in places:
                places[column.key] = place
        if all(column.key in places for column in COLUMNS if column.is_needed):
            return number, places
    return None


def _people_of(sheet: RawSheet, heading: int, places: dict[str, int]) -> PeopleFile:
    rows = []
    for number, cells in enumerate(sheet.rows[heading + 1 :], start=heading + 1):
        row = _row(sheet, number, cells, places)
        if any(row.texts.values()) or row.refused:
            rows.append(row)
        if len(rows) > MAX_ROWS:
            raise _too_many()
    if not rows:
        raise NotOpened(_("Below the headings there is nobody yet."), code="nobody")
    remarks = []
    if hidden := [number for number in sheet.hidden if number > heading + 1]:
        remarks.append(_("Hidden rows are read too: %(rows)s.") % {"rows": ", ".join(map(str, hidden[:20]))})
    missing = [column.heading for column in COLUMNS if column.key not in places]
    if missing:
        remarks.append(_("Columns that are missing stay as they are: %(headings)s.") % {"headings": ", ".join(missing)})
    return PeopleFile(rows=tuple(rows), places=places, remarks=tuple(remarks))


def _row(sheet: RawSheet, number: int, cells: Sequence[Any], places: Mapping[str, int]) -> Row:
    texts: dict[str, str] = {}
    refused: dict[str, str] = {}
    numbers = []
    for key, place in places.items():
        cell = cells[place] if place < len(cells) else ""
        try:
            texts[key] = _text(cell, BY_KEY[key])
        except CellRefused as refusal:
            texts[key] = str(cell)[:LONGEST_CELL]
            refused[key] = str(refusal)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            numbers.append(key)
        if (number, place) in sheet.refused:
            refused[key] = sheet.refused[number, place]
    return Row(number=number + 1, texts=texts, refused=refused, numbers=tuple(numbers))


def _text(cell: Any, column: Column) -> str:
    if cell is None or cell == "":
        return ""
    if column.is_day and not isinstance(cell, str | bool | int | float):
        # A day that the spreadsheet understood as one.
        return thai.format_date(_iso_day(DAY.read(cell)))
    text = typed_text(cell)
    if len(text) > LONGEST_CELL:
        raise CellRefused(_("The text is longer than %(limit)s characters.") % {"limit": LONGEST_CELL})
    if any(not char.isprintable() and char != "\n" for char in text):
        raise CellRefused(_("A character here cannot be printed. Type the text again."))
    return " ".join(text.split())


def _iso_day(text: str) -> Any:
    return thai.parse_date(f"{text[8:10]}/{text[5:7]}/{int(text[:4]) + thai.BUDDHIST_ERA}")


def _too_many() -> NotOpened:
    message = _("The list has more than %(limit)s rows. Split it.") % {"limit": f"{MAX_ROWS:,}"}
    return NotOpened(message, code="too_many_rows")


# --- CSV that no spreadsheet takes for formulas ----------------------------------------------------------------------
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return `rows` as CSV in UTF-8 with the mark by which Excel knows it; no text is a formula there."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([column.heading for column in COLUMNS])
    for row in rows:
        writer.writerow([_quoted(row.get(column.key, "")) for column in COLUMNS])
    return codecs.BOM_UTF8 + stream.getvalue().encode()


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _unquoted(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text
