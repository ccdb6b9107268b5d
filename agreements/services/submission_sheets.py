"""A report as it is entered: sheets of cells, each with what it holds, what is wrong, and the last period's value.

What is shown to be typed over is exact: sent back untouched, it reads as the very value that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.report_forms import FIGURES
from agreements.models import CellComment, Observation, Submission, User
from agreements.services import report_cells, reporting_units, submissions
from agreements.services.report_cells import Cell
from agreements.services.reporting_units import Row

# So many empty rows stand below the last of a free table.
EMPTY_ROWS = 3


# --- One cell --------------------------------------------------------------------------------------------------------
def address_of(cell: Cell) -> str:
    """Return the place of a cell in one word."""
    return "/".join(cell)


def cell_of(address: str) -> Cell:
    """Return the place that an address names; the code of a unit may hold strokes itself."""
    table, _stroke, rest = address.partition("/")
    row, _stroke, column = rest.rpartition("/")
    return table, row, column


def editable(column: Mapping[str, Any], value: str, *, is_valid: bool = True) -> str:
    """Return a value as it stands in its field: no digit left out, so that sent back it says the same."""
    if not value or not is_valid:
        return value
    if column["type"] in FIGURES:
        return thai.format_number(value)
    return thai.format_date(date.fromisoformat(value)) if column["type"] == "date" else value


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCell:
    """One cell: `value` as it is kept, `text` as it stands in the field, `shown` as it is read."""

    cell: Cell
    column: Mapping[str, Any]
    # Its place on the page, for the names of elements: table, row and column by number.
    place: str
    value: str = ""
    text: str = ""
    shown: str = ""
    complaint: str = ""
    imbalance: str = ""
    before: str = ""
    comments: tuple[CellComment, ...] = ()
    file: Observation | None = None

    @property
    def address(self) -> str:
        """Its place in one word."""
        return address_of(self.cell)

    @property
    def kind(self) -> str:
        """The type of its column."""
        return str(self.column["type"])

    @property
    def is_figure(self) -> bool:
        """Whether it stands right-aligned."""
        return self.kind in FIGURES

    @property
    def is_typed_tick(self) -> bool:
        """Whether words stand where there should be a tick; they are kept as they were typed."""
        return self.kind == "tick" and bool(self.complaint)

    @property
    def is_strange_choice(self) -> bool:
        """Whether something else than one of the choices stands there."""
        return self.kind == "choice" and bool(self.complaint)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with its cells; `place` is its number on the page."""

    row: Row
    place: str
    cells: tuple[SheetCell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a report, to be filled in."""

    table: Mapping[str, Any]
    place: str
    heading: str
    rows: tuple[SheetRow, ...]
    sums: tuple[tuple[Mapping[str, Any], str], ...]
    ratios: tuple[tuple[str, str], ...]

    @property
    def code(self) -> str:
        """The code of the table."""
        return str(self.table["code"])

    @property
    def title(self) -> str:
        """Its name."""
        return str(self.table["title"])

    @property
    def columns(self) -> list[Mapping[str, Any]]:
        """Its columns."""
        return list(self.table["columns"])

    @property
    def is_free(self) -> bool:
        """Whether rows are added and taken away."""
        return bool(self.table["rows"]["kind"] == reporting_units.FREE_ROWS)

    @property
    def filled_rows(self) -> list[SheetRow]:
        """The rows to be read: of a free table those that hold something."""
        return [row for row in self.rows if not self.is_free or any(cell.value for cell in row.cells)]

    @property
    def most_rows(self) -> int:
        """How many rows it takes at the most."""
        return reporting_units.MOST_FREE_ROWS if self.is_free else len(self.rows)

    @property
    def has_sums(self) -> bool:
        """Whether any column is added up."""
        return bool(self.table.get("totals"))

    @property
    def has_required(self) -> bool:
        """Whether any column has to be filled in."""
        return any(column.get("required") for column in self.columns)

    @property
    def numbered(self) -> list[tuple[int, Mapping[str, Any]]]:
        """Its columns with their numbers, as fields name them."""
        return list(enumerate(self.columns, start=1))

    @property
    def grouped(self) -> list[tuple[int, Mapping[str, Any]]]:
        """The columns that stand below a common heading."""
        return [(number, column) for number, column in self.numbered if column.get("group")]

    @property
    def heads(self) -> list[tuple[str, list[tuple[int, Mapping[str, Any]]]]]:
        """The upper line of the head: common headings, "" over a column that stands by itself."""
        found: list[tuple[str, list[tuple[int, Mapping[str, Any]]]]] = []
        for number, column in self.numbered:
            title = str(column.get("group") or "")
            if title and found and found[-1][0] == title:
                found[-1][1].append((number, column))
            else:
                found.append((title, [(number, column)]))
        return found

    @property
    def blank(self) -> SheetRow:
        """A row to be added: its number, and so its names, are filled in by the page."""
        key = "__row__"
        return _row(self.table, Row(key, key), self.place, key, _Known())


# --- The sheets of a report ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the cells of a report."""

    cells: Mapping[Cell, Observation] = field(default_factory=dict)
    comments: Mapping[Cell, Sequence[CellComment]] = field(default_factory=dict)
    imbalances: Mapping[Cell, str] = field(default_factory=dict)
    before: Mapping[Cell, str] = field(default_factory=dict)


def sheets_of(submission: Submission, *, before: Submission | None = None) -> list[Sheet]:
    """Return the tables of `submission` as they stand, beside each cell what `before` held there.

    As many questions for one row as for a thousand.
    """
    cells = submissions.observed(submissions.revision_of(submission))
    said: dict[Cell, list[CellComment]] = {}
    for comment in open_comments(submission):
        said.setdefault(comment.cell, []).append(comment)
    known = _Known(cells, said, imbalances_of(submission, cells), _before(submission, before))
    totals = report_cells.totals_of(submission.form.tables, submissions.values_of(cells))
    return [
        _sheet(submission, table, str(number), known, totals)
        for number, table in enumerate(submission.form.tables, start=1)
    ]


def open_comments(submission: Submission) -> list[CellComment]:
    """Return what the unit above said and nobody has seen to, in the order it was said."""
    return list(submission.comments.filter(resolved_at=None).select_related("made_by").order_by("pk"))


def _sheet(
    submission: Submission, table: Mapping[str, Any], place: str, known: _Known, totals: Mapping[str, str]
) -> Sheet:
    rows = tuple(
        _row(table, row, place, str(number), known)
        for number, row in enumerate(_rows(submission, table, known.cells), start=1)
    )
    return Sheet(
        table,
        place,
        reporting_units.row_heading(table),
        rows,
        tuple(sums_of(table, totals)),
        tuple(ratios_of(table, totals)),
    )


def _rows(submission: Submission, table: Mapping[str, Any], cells: Mapping[Cell, Observation]) -> list[Row]:
    filled = {row for code, row, _column in cells if code == table["code"]}
    rows = reporting_units.rows_of(table, submission.organisation, filled=filled)
    if table["rows"]["kind"] == reporting_units.FREE_ROWS:
        last = min(len(rows) - 1 + EMPTY_ROWS, reporting_units.MOST_FREE_ROWS)
        rows = [Row(str(number), str(number)) for number in range(1, last + 1)]
    return rows


def _row(table: Mapping[str, Any], row: Row, place: str, number: str, known: _Known) -> SheetRow:
    cells = tuple(
        _cell((table["code"], row.key, column["code"]), column, f"{place}-{number}-{across}", known)
        for across, column in enumerate(table["columns"], start=1)
    )
    return SheetRow(row, f"{place}-{number}", cells)


def _cell(cell: Cell, column: Mapping[str, Any], place: str, known: _Known) -> SheetCell:
    kept = known.cells.get(cell)
    comments, before = tuple(known.comments.get(cell, ())), known.before.get(cell, "")
    if kept is None:
        return SheetCell(cell=cell, column=column, place=place, comments=comments, before=before)
    return SheetCell(
        cell=cell,
        column=column,
        place=place,
        value=kept.value,
        text=editable(column, kept.value, is_valid=kept.is_valid),
        shown=submissions.shown_of(column, kept),
        complaint="" if kept.is_valid else report_cells.complaint(column, kept.value),
        imbalance=known.imbalances.get(cell, ""),
        file=kept if kept.stored_id else None,
        comments=comments,
        before=before,
    )


# --- What follows from the cells -------------------------------------------------------------------------------------
def sums_of(table: Mapping[str, Any], totals: Mapping[str, str]) -> list[tuple[Mapping[str, Any], str]]:
    """Return each column of `table` with its sum where it is added up."""
    return [
        (
            column,
            report_cells.shown(column, totals.get(f"{table['code']}.{column['code']}", ""))
            if column["code"] in (table.get("totals") or [])
            else "",
        )
        for column in table["columns"]
    ]


def ratios_of(table: Mapping[str, Any], totals: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the percentages of `table` with their names, as people read them."""
    return [
        (one.title, "" if one.value is None else f"{report_cells.shown_share(one.value)} %")
        for one in report_cells.ratios_of(table, totals)
    ]


def imbalances_of(submission: Submission, cells: Mapping[Cell, Observation]) -> dict[Cell, str]:
    """Return what does not add up, at the cell that says how much it should be.

    What is missing is said when the report is completed, and not while it is entered.
    """
    values, found = submissions.values_of(cells), {}
    for table in submission.form.tables:
        keys = sorted({row for code, row, _column in values if code == table["code"]})
        rows = [(key, _title(table, key)) for key in keys]
        for one in report_cells.findings(table, rows, values, []):
            cell = one.table, one.row, one.column
            if values.get(cell):
                found[cell] = one.words
    return found


def _title(table: Mapping[str, Any], key: str) -> str:
    titles = table["rows"].get("titles") or []
    return str(titles[int(key) - 1]) if key.isdecimal() and 0 < int(key) <= len(titles) else _("This row")


# --- The period before -----------------------------------------------------------------------------------------------
def before_of(submission: Submission, *, reader: User) -> Submission | None:
    """Return what the unit reported for the last period before, if `reader` may read it."""
    earlier = Submission.objects.visible_to(reader).filter(
        form_code=submission.form_code, organisation=submission.organisation, period__lt=submission.period
    )
    return earlier.select_related("form").order_by("-period").first()


def _before(submission: Submission, before: Submission | None) -> dict[Cell, str]:
    """Return what `before` held at the cells of `submission`; the rows of a free table are others each time."""
    if before is None:
        return {}
    kept = submissions.observed(submissions.revision_of(before))
    found = {}
    for table in submission.form.tables:
        key_now = _key_now(table, before.form.tables)
        columns = {column["code"]: column for column in table["columns"] if column["type"] != "file"}
        for (code, row, column), one in kept.items():
            key = key_now(row) if code == table["code"] and column in columns and one.is_valid else None
            if key is not None:
                found[code, key, column] = report_cells.shown(columns[column], one.value)
    return found


def _key_now(table: Mapping[str, Any], tables_before: Iterable[Mapping[str, Any]]) -> Callable[[str], str | None]:
    """Return what tells the key of a row by the one that it had in the form of the period before."""
    kind = table["rows"]["kind"]
    then = next((one for one in tables_before if one["code"] == table["code"]), None)
    if then is None or kind == reporting_units.FREE_ROWS or then["rows"]["kind"] != kind:
        return lambda _key: None
    if kind != "fixed":
        # The codes of units.
        return lambda key: key
    now = {title: str(number) for number, title in enumerate(table["rows"]["titles"], start=1)}
    return {str(n): now[title] for n, title in enumerate(then["rows"]["titles"], start=1) if title in now}.get
