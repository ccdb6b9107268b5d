"""Gives an uploaded workbook back with its faults marked: the cells coloured, and what to do at the end of each row."""

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font, PatternFill

from agreements.exchange.workbook.columns import heading_key
from agreements.exchange.workbook.layout import FAULT_HEADING
from agreements.exchange.workbook.opening import cell_name
from agreements.exchange.workbook.places import CellFault

WIDTH = 60
_RED = "FBE3E1"


class NotMarked(Exception):
    """This workbook can be read but not written again."""


def mark_faults(content: bytes, faults: Iterable[CellFault]) -> bytes:
    """Return the workbook `content`, which the guard let through, with `faults` in a column of its own on each sheet.

    :raises NotMarked: if it holds something that cannot be written back.
    """
    try:
        book = load_workbook(io.BytesIO(content), keep_links=False)
        for sheet in book.worksheets:
            _unmark(sheet)
        for fault in faults:
            _mark(book, fault)
        stream = io.BytesIO()
        book.save(stream)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # whatever openpyxl stumbles over in a file that is not its own
        raise NotMarked from error
    return stream.getvalue()


def _unmark(sheet: Any) -> None:
    """Empty the column of faults that an earlier round left."""
    column = _fault_column(sheet)
    if column is None:
        return
    for row in range(2, sheet.max_row + 1):
        cell = sheet.cell(row, column)
        if cell.value is not None:
            cell.value = None
            for other in sheet[row]:
                if other.fill.fgColor.rgb == f"00{_RED}":
                    other.fill = PatternFill()


def _fault_column(sheet: Any) -> int | None:
    for cell in sheet[1]:
        if cell.value is not None and heading_key(str(cell.value)) == heading_key(FAULT_HEADING):
            return int(cell.column)
    return None


def _mark(book: Any, fault: CellFault) -> None:
    spot = fault.spot
    name = spot.sheet if spot is not None and spot.sheet in book.sheetnames else book.sheetnames[0]
    sheet = book[name]
    column = _fault_column(sheet) or _headed(sheet)
    row = spot.row + 1 if spot is not None and name == spot.sheet else 1
    if spot is not None and name == spot.sheet:
        sheet.cell(row, spot.column + 1).fill = PatternFill("solid", fgColor=_RED)
        line = f"{cell_name(spot.row, spot.column)}: {fault.message}"
    else:
        line = str(fault)
    # What is wrong with a heading, or with a sheet as a whole, stands below the headings.
    cell = sheet.cell(max(row, 2), column)
    cell.value = line if cell.value is None else f"{cell.value}\n{line}"
    # Never a formula, whatever it quotes.
    cell.data_type = "s"
    cell.font = Font(color="9B241D")
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _headed(sheet: Any) -> int:
    """Return a new column behind the last, under its heading."""
    column = int(sheet.max_column) + 1
    heading = sheet.cell(1, column)
    heading.value = FAULT_HEADING
    heading.font = Font(bold=True, color="9B241D")
    sheet.column_dimensions[heading.column_letter].width = WIDTH
    return column
