"""Opens a workbook that passed the guard: its sheets as rows of cells, and which cells cannot be taken as they are."""

import io
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from python_calamine import CalamineSheet, CalamineWorkbook

from agreements.exchange.workbook.cells import Cell
from agreements.exchange.workbook.guard import NotOpened, repacked, unpack

MAX_SHEETS = 60
# Filled cells of all merged ranges of a sheet.
MAX_MERGED = 100_000
# Cells, empty ones too, of the rectangles that the sheets fill.
MAX_AREA = 4_000_000

_FORMULA = re.compile(rb"<(?:\w+:)?f(?=[\s/>])")
_ERROR = re.compile(rb"<(?:\w+:)?c\s[^<>]*\bt=\"e\"")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\s[^<>]*\bhidden=\"(?:1|true)\"[^<>]*>")
_ROW_NUMBER = re.compile(rb"\br=\"([0-9]{1,5})\"")
_ADDRESS = re.compile(r"([A-Z]{1,2})([0-9]{1,5})")
_PERCENT_FORMATS = {"9", "10"}

Place = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class RawSheet:
    """A sheet from cell A1 on; `refused` says of single cells (row and column from 0) why they cannot be taken."""

    name: str
    rows: list[list[Cell]]
    refused: dict[Place, str] = field(default_factory=dict)
    hidden: tuple[int, ...] = ()


def open_workbook(content: bytes) -> list[RawSheet]:
    """Return the sheets of the workbook `content`, in its order.

    :raises NotOpened: if the guard refuses it, or it cannot be read after all.
    """
    parts = unpack(content)
    try:
        return list(_sheets(parts))
    except (KeyboardInterrupt, SystemExit, NotOpened):
        raise
    except BaseException as error:
        # The reader's own faults of a damaged file come in every shape, a panic of its Rust code among them.
        message = _("The file is damaged. Open it in Excel, save it again and upload that one.")
        raise NotOpened(message, code="damaged") from error


def _sheets(parts: dict[str, bytes]) -> Iterator[RawSheet]:
    paths = _paths(parts)
    percent = _percent_styles(parts.get("xl/styles.xml", b""))
    with CalamineWorkbook.from_filelike(io.BytesIO(repacked(parts))) as book:
        if len(book.sheet_names) > MAX_SHEETS:
            message = _("The workbook has %(count)s sheets; %(limit)s are allowed.")
            raise NotOpened(message % {"count": len(book.sheet_names), "limit": MAX_SHEETS}, code="too_many_sheets")
        area = 0
        for name in book.sheet_names:
            xml = parts.get(paths.get(name, ""), b"")
            if not xml:
                continue
            sheet = book.get_sheet_by_name(name)
            bottom, right = sheet.end or (0, 0)
            area += (bottom + 1) * (right + 1)
            if area > MAX_AREA:
                message = _(
                    "Something stands far outside the table (%(address)s). Delete the rows and columns beyond it."
                )
                address = f"{name}!{cell_name(bottom, right)}"
                raise NotOpened(message % {"address": address}, code="too_far")
            yield _sheet(name, xml, sheet, percent)


def _sheet(name: str, xml: bytes, sheet: CalamineSheet, percent: frozenset[str]) -> RawSheet:
    raw = RawSheet(name=name, rows=sheet.to_python(skip_empty_area=False))
    if _FORMULA.search(xml) or _ERROR.search(xml) or _has_percents(xml, percent):
        raw.refused = _refused_cells(xml, percent)
    raw.hidden = tuple(
        int(found.group(1))
        for row in _HIDDEN.finditer(xml)
        if (found := _ROW_NUMBER.search(row.group())) and _has_content(raw.rows, int(found.group(1)))
    )
    _fill_merged(raw, sheet)
    return raw


def _has_content(rows: list[list[Cell]], number: int) -> bool:
    return number <= len(rows) and any(cell not in ("", None) for cell in rows[number - 1])


# --- Which part is which sheet ---------------------------------------------------------------------------------------
def _elements(xml: bytes, *wanted: str) -> list[tuple[str, Mapping[str, str]]]:
    """Return the elements of `xml` that are called one of `wanted`, with their attributes."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if plain in wanted:
            found.append((plain, attributes))

    parser = expat.ParserCreate()
    parser.StartElementHandler = note
    parser.Parse(xml, True)
    return found


def _paths(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    relations = {
        attributes.get("Id", ""): posixpath.normpath(
            posixpath.join("/xl", attributes.get("Target", "")),
        ).lstrip("/")
        for _name, attributes in _elements(parts.get("xl/_rels/workbook.xml.rels", b"<a/>"), "Relationship")
    }
    found = {}
    for _name, attributes in _elements(parts["xl/workbook.xml"], "sheet"):
        reference = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        found[attributes.get("name", "")] = relations.get(reference, "")
    return found


def _percent_styles(xml: bytes) -> frozenset[str]:
    """Return the styles that show 0.45 as 45 %."""
    if not xml:
        return frozenset()
    formats, styles, in_cells = set(_PERCENT_FORMATS), [], False
    for name, attributes in _elements(xml, "numFmt", "cellXfs", "xf", "cellStyles"):
        if name == "numFmt" and "%" in attributes.get("formatCode", ""):
            formats.add(attributes.get("numFmtId", ""))
        elif name == "xf" and in_cells:
            styles.append(attributes.get("numFmtId", ""))
        else:
            in_cells = name == "cellXfs"
    return frozenset(str(number) for number, used in enumerate(styles) if used in formats)


def _has_percents(xml: bytes, percent: frozenset[str]) -> bool:
    return any(f' s="{style}"'.encode() in xml for style in percent)


# --- Cells that cannot be taken as they are --------------------------------------------------------------------------
def _refused_cells(xml: bytes, percent: frozenset[str]) -> dict[Place, str]:
    formula = _("A formula stands here. Copy the cell and paste it as a value (Paste Special > Values).")
    error = _("The spreadsheet shows an error here. Type the value.")
    share = _("The cell is formatted as a percentage. Format it as a number and type 45 for 45 %.")
    found: dict[Place, str] = {}
    here: list[Any] = [None, False, ""]

    def begin(name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if plain == "c":
            here[:] = [_place(attributes.get("r", "")), attributes.get("s", "") in percent, attributes.get("t", "n")]
            if here[2] == "e" and here[0]:
                found[here[0]] = error
        elif plain == "f" and here[0]:
            found[here[0]] = formula
        elif plain == "v" and here[0] and here[1] and here[2] == "n":
            found.setdefault(here[0], share)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.Parse(xml, True)
    return found


def _place(address: str) -> Place | None:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - 64
    return int(found.group(2)) - 1, column - 1


def cell_name(row: int, column: int) -> str:
    """Return the address of a cell, counted from 0, as the spreadsheet shows it."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


# --- Merged cells ----------------------------------------------------------------------------------------------------
def _fill_merged(raw: RawSheet, sheet: CalamineSheet) -> None:
    """Give each cell of a range merged downwards its value; refuse those merged across."""
    filled = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top >= len(raw.rows) or left >= len(raw.rows[top]):
            continue
        if right > left:
            raw.refused[top, left] = _("Cells are merged across columns here. Unmerge them and fill in each.")
            continue
        last = min(bottom, len(raw.rows) - 1)
        filled += last - top
        if filled > MAX_MERGED:
            raise NotOpened(_("Too many cells are merged. Unmerge them and fill in each."), code="too_many_merged")
        for row in range(top + 1, last + 1):
            raw.rows[row][left] = raw.rows[top][left]
            if refusal := raw.refused.get((top, left)):
                raw.refused[row, left] = refusal
