"""Where in the workbook an entry of the document stands: from `indicators[3].weight` to a sheet and a cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from agreements.exchange.documents import DocumentFault
from agreements.exchange.workbook.opening import cell_name


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell, counted from 0."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return _("sheet “%(sheet)s”, cell %(cell)s") % {"sheet": self.sheet, "cell": cell_name(self.row, self.column)}


@dataclass(frozen=True, slots=True)
class CellFault(DocumentFault):
    """What is wrong in one cell of a workbook, and how to mend it."""

    spot: Spot | None = None


def cell_fault(code: str, message: str, spot: Spot) -> CellFault:
    """Return the fault `message` at `spot`."""
    return CellFault(code, message, str(spot), None, spot)


@dataclass(slots=True)
class Places:
    """The rows that entries of the document were read from, each with the column of every key path in it."""

    rows: dict[str, tuple[str, int, Mapping[str, int]]] = field(default_factory=dict)

    def put(self, place: str, sheet: str, row: int, columns: Mapping[str, int]) -> None:
        """Note that the entry at `place` stands in `row` of `sheet`; the first one counts."""
        self.rows.setdefault(place, (sheet, row, columns))

    def find(self, place: str) -> Spot:
        """Return the cell of `place`, or of what is nearest around it."""
        nearest = place
        while nearest not in self.rows:
            nearest = nearest[: max(nearest.rfind("."), nearest.rfind("["), 0)]
        sheet, row, columns = self.rows[nearest]
        return Spot(sheet, row, _column(columns, place[len(nearest) :].lstrip(".")))


def _column(columns: Mapping[str, int], rest: str) -> int:
    """Return the column of the key path `rest`: that one, one around or within it, or one beside it."""
    if rest in columns:
        return columns[rest]
    near = (at for path, at in columns.items() if path and (rest.startswith(path) or path.startswith(f"{rest}.")))
    beside = (
        at for path, at in columns.items() if path and rest and path.split(".")[0] == rest.split(".", maxsplit=1)[0]
    )
    return next(near, next(beside, min(columns.values(), default=0)))
