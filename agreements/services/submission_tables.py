"""A report as it is read: its tables with rows, cells, sums, percentages and what was said of the cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from agreements.exchange.report_forms import FIGURES
from agreements.models import CellComment, Observation, ReportForm, Revision, Submission
from agreements.services import report_cells, reporting_units, submissions
from agreements.services.report_cells import Cell, Ratio
from agreements.services.reporting_units import Row


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell: what it holds as people read it, what is wrong with it, what was said of it."""

    cell: Cell
    column: Mapping[str, Any]
    value: str
    shown: str
    complaint: str
    comments: tuple[CellComment, ...]

    @property
    def is_figure(self) -> bool:
        """Whether it stands right-aligned."""
        return self.column["type"] in FIGURES

    @property
    def address(self) -> str:
        """Its place in one word, for forms and links."""
        return "/".join(self.cell)

    @property
    def open_comments(self) -> list[CellComment]:
        """Those that nobody has seen to."""
        return [one for one in self.comments if one.resolved_at is None]


@dataclass(frozen=True, slots=True)
class RowView:
    """One row with its cells."""

    row: Row
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """One table of a report."""

    code: str
    title: str
    heading: str
    columns: tuple[Mapping[str, Any], ...]
    rows: tuple[RowView, ...]
    sums: tuple[str, ...]
    ratios: tuple[Ratio, ...]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The headings over several columns, each with how many; "" over those without."""
        found: list[tuple[str, int]] = []
        for column in self.columns:
            title = str(column.get("group") or "")
            if found and found[-1][0] == title:
                found[-1] = (title, found[-1][1] + 1)
            else:
                found.append((title, 1))
        return found if any(title for title, _span in found) else []

    @property
    def named_sums(self) -> list[tuple[Mapping[str, Any], str]]:
        """Each column with its sum; "" where it is not added up."""
        return list(zip(self.columns, self.sums, strict=True))

    @property
    def has_sums(self) -> bool:
        """Whether any column is added up."""
        return any(self.sums)


def tables_of(submission: Submission, revision: Revision) -> list[TableView]:
    """Return the tables of `submission` as they stand in `revision`: three questions, and one a table of units."""
    cells = submissions.observed(revision)
    comments = list(submission.comments.select_related("made_by", "resolved_by").order_by("pk"))
    return [_table(submission, table, cells, comments) for table in submission.form.tables]


def _table(
    submission: Submission,
    table: Mapping[str, Any],
    cells: Mapping[Cell, Observation],
    comments: Iterable[CellComment],
) -> TableView:
    code = table["code"]
    filled = {row for at, row, _column in cells if at == code}
    said: dict[Cell, list[CellComment]] = {}
    for one in comments:
        said.setdefault(one.cell, []).append(one)
    rows = [
        RowView(row, tuple(_cell((code, row.key, column["code"]), column, cells, said) for column in table["columns"]))
        for row in reporting_units.rows_of(table, submission.organisation, filled=filled)
    ]
    if table["rows"]["kind"] == reporting_units.FREE_ROWS:
        # The empty row at the end is for entering.
        rows = [row for row in rows if row.row.key in filled]
    totals = report_cells.totals_of([table], submissions.values_of(cells))
    return TableView(
        code,
        str(table["title"]),
        reporting_units.row_heading(table),
        tuple(table["columns"]),
        tuple(rows),
        tuple(_sum(table, column, totals) for column in table["columns"]),
        tuple(report_cells.ratios_of(table, totals)),
    )


def _cell(
    cell: Cell, column: Mapping[str, Any], cells: Mapping[Cell, Observation], said: Mapping[Cell, list[CellComment]]
) -> CellView:
    kept = cells.get(cell)
    value = kept.value if kept else ""
    shown = submissions.shown_of(column, kept) if kept else ""
    complaint = report_cells.complaint(column, value) if kept and not kept.is_valid else ""
    return CellView(cell, column, value, shown, complaint, tuple(said.get(cell, ())))


def _sum(table: Mapping[str, Any], column: Mapping[str, Any], totals: Mapping[str, str]) -> str:
    if column["code"] not in (table.get("totals") or []):
        return ""
    return report_cells.shown(column, totals.get(f"{table['code']}.{column['code']}", ""))


# --- What flows up ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Figure:
    """A column that is added up over units, or a percentage of two such sums."""

    key: str
    title: str
    column: Mapping[str, Any] | None = None
    of: str = ""
    to: str = ""

    def shown(self, totals: Mapping[str, str]) -> str:
        """Return what it says of `totals`, as people read it; "" where nothing is there."""
        if self.column is not None:
            return report_cells.shown(self.column, totals.get(self.key, ""))
        share = self.share(totals)
        return "" if share is None else report_cells.shown_share(share)

    def share(self, totals: Mapping[str, str]) -> Fraction | None:
        """Return the percentage."""
        return report_cells.percentage(totals, self.key, self.of, self.to)


def figures_of(form: ReportForm) -> list[Figure]:
    """Return what is shown of each unit where many are listed: the columns with a total, and the percentages."""
    found: list[Figure] = []
    for table in form.tables:
        titles = {column["code"]: column for column in table["columns"]}
        for code in table.get("totals") or []:
            found.append(Figure(f"{table['code']}.{code}", str(titles[code]["title"]), titles[code]))
        for ratio in table.get("ratios") or []:
            found.append(Figure(table["code"], str(ratio["title"]), None, ratio["of"], ratio["to"]))
    return found
