"""One sheet as a table: its headings recognised, its cells read, what is wrong in them noted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.events import LONGEST_SHOWN
from agreements.exchange.workbook.cells import Cell, CellRefused
from agreements.exchange.workbook.columns import Column, Sheet, heading_key
from agreements.exchange.workbook.layout import FAULT_HEADING
from agreements.exchange.workbook.opening import RawSheet
from agreements.exchange.workbook.places import CellFault, Spot, cell_fault

MAX_FAULTS = 300


class TooManyFaults(Exception):
    """As many faults were found as are told; nothing more is read."""


@dataclass(slots=True)
class Notes:
    """What is wrong in the cells of the workbook, and what people should know about how it was read."""

    faults: list[CellFault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def fault(self, code: str, message: str, sheet: str, row: int, column: int) -> None:
        """Note that `message` is true of a cell.

        :raises TooManyFaults: if that is enough.
        """
        self.faults.append(cell_fault(code, message, Spot(sheet, row, column)))
        if len(self.faults) >= MAX_FAULTS:
            raise TooManyFaults


@dataclass(slots=True, kw_only=True)
class Row:
    """A row that holds something: its number from 0 and the values of its columns by their place."""

    number: int
    values: dict[int, Any]


def is_blank(cell: Cell) -> bool:
    """Return whether a cell counts as empty: nothing, spaces, or what cannot be seen."""
    return cell is None or (isinstance(cell, str) and not cell.strip(_UNSEEN))


_UNSEEN = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"


class Table:
    """The rows of one sheet, read by its columns."""

    def __init__(self, raw: RawSheet, sheet: Sheet, notes: Notes) -> None:
        self.raw = raw
        self.sheet = sheet
        self._notes = notes
        self.columns = self._recognised()
        self.places = {column.path: place for place, column in self.columns.items() if place != self.owner_place}
        if raw.hidden:
            values = {"sheet": raw.name, "rows": ", ".join(map(str, raw.hidden[:20]))}
            notes.remarks.append(_("Hidden rows are read, too: sheet “%(sheet)s”, rows %(rows)s.") % values)

    @property
    def owner_place(self) -> int | None:
        """The place of the column that names the indicator."""
        if not self.sheet.of_indicator:
            return None
        return next((place for place, column in self.columns.items() if column is self.sheet.columns[0]), None)

    def fault(self, code: str, message: str, row: int, column: int) -> None:
        """Note that `message` is true of a cell of this sheet."""
        self._notes.fault(code, message, self.raw.name, row, column)

    def _recognised(self) -> dict[int, Column]:
        """Return the columns by their place, after noting headings that are unknown, missing or there twice."""
        found: dict[int, Column] = {}
        for place, cell in enumerate(self.raw.rows[0] if self.raw.rows else []):
            if is_blank(cell) or heading_key(str(cell)) == heading_key(FAULT_HEADING):
                continue
            column = self.sheet.column_called(str(cell))
            values = {"heading": str(cell)[:LONGEST_SHOWN]}
            if column is None:
                allowed = ", ".join(known.title for known in self.sheet.columns)
                message = _("There is no column “%(heading)s”. Delete it or correct its heading. Allowed: %(allowed)s.")
                self.fault("unknown_column", message % {**values, "allowed": allowed}, 0, place)
            elif column in found.values():
                message = _("The column “%(heading)s” stands here twice. Delete one.")
                self.fault("duplicate_column", message % values, 0, place)
            else:
                found[place] = column
        self._require_keys(found)
        return found

    def _require_keys(self, found: dict[int, Column]) -> None:
        needed = self.sheet.columns[:1]
        for column in needed:
            if column not in found.values():
                message = _("The column “%(heading)s” is missing. Put its heading into the first row.")
                self.fault("missing_column", message % {"heading": column.title}, 0, 0)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that hold something, their cells read; what cannot be read is noted and left out."""
        columns = self.columns
        ignored = {
            place
            for place, cell in enumerate(self.raw.rows[0] if self.raw.rows else [])
            if not is_blank(cell) and place not in columns
        }
        for number, cells in enumerate(self.raw.rows[1:], start=1):
            if any(cell != "" and cell is not None for cell in cells):
                values = self._values(number, cells, ignored)
                if values:
                    yield Row(number=number, values=values)

    def _values(self, number: int, cells: list[Cell], ignored: set[int]) -> dict[int, Any]:
        values: dict[int, Any] = {}
        for place, cell in enumerate(cells):
            if place in ignored:
                continue
            refusal = self.raw.refused.get((number, place)) if self.raw.refused else None
            if refusal:
                self.fault("refused", refusal, number, place)
            elif cell == "" or is_blank(cell):
                continue
            elif place not in self.columns:
                message = _("This column has no heading, so what stands here is not read. Delete it.")
                self.fault("no_heading", message, number, place)
            else:
                self._take(number, place, cell, values)
        return values

    def _take(self, number: int, place: int, cell: Cell, values: dict[int, Any]) -> None:
        try:
            value = read_cell(cell, self.columns[place])
        except CellRefused as refusal:
            self.fault("not_understood", str(refusal), number, place)
        else:
            if value not in ("", []):
                values[place] = value


def read_cell(cell: Cell, column: Column) -> Any:
    """Return what stands in a cell of `column`.

    :raises CellRefused: if it cannot be read.
    """
    return column.form.read(cell)
