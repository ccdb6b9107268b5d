"""A dashboard as a workbook: its filters at the head of each sheet, then indicators, units, spread and trend."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from agreements.services.dashboards import Cell
from reports.rows.dashboard import PLACES, DashboardPaper, figure, light, name_of
from scoring import display

FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
# What comes to a cell: words, a count, or an average that may be kept back.
Value = str | int | Cell


class _Sheets:
    """The workbook while it is written: its formats, and how each kind of value goes into a cell."""

    def __init__(self, book: Any, paper: DashboardPaper) -> None:
        self.book, self.paper = book, paper
        self.bold = book.add_format({**FONT, "bold": True})
        self.plain = book.add_format(FONT)
        self.head = book.add_format({**FONT, "bold": True, "text_wrap": True, "bg_color": "#ECEDF8", "border": 1})
        self.text = book.add_format({**FONT, "text_wrap": True, "border": 1, "num_format": "@"})
        self.count = book.add_format({**FONT, "border": 1, "num_format": "#,##0"})
        self.mean = book.add_format({**FONT, "border": 1, "num_format": "0.0000"})

    def write(self, name: str, headings: Sequence[tuple[str, int]], rows: Iterable[Sequence[Value]]) -> None:
        """Write one sheet: title, filters, headings and rows."""
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, self.paper.subject, self.bold)
        for at, (label, told) in enumerate(self.paper.filters, start=1):
            sheet.write_string(at, 0, label, self.bold)
            sheet.write_string(at, 1, told, self.plain)
        first = len(self.paper.filters) + 2
        for column, (words, width) in enumerate(headings):
            sheet.set_column(column, column, width)
            sheet.write_string(first, column, words, self.head)
        last = first
        for last, row in enumerate(rows, start=first + 1):
            for column, value in enumerate(row):
                self._cell(sheet, last, column, value)
        sheet.write_string(last + 2, 0, _kept_back(), self.plain)
        sheet.freeze_panes(first + 1, 2)
        sheet.repeat_rows(first)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)

    def _cell(self, sheet: Any, row: int, column: int, value: Value) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value, self.text)
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self.count)
        elif value.mean is None:
            sheet.write_string(row, column, figure(value), self.text)
        else:
            # The digits that the page displays, so that nobody finds another one here.
            sheet.write_number(row, column, float(display(value.mean, PLACES)), self.mean)


def write(paper: DashboardPaper) -> bytes:
    """Return the workbook of a dashboard; no text in it is ever read as a formula or link."""
    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": paper.subject, "created": paper.at.replace(tzinfo=None)})
        sheets = _Sheets(book, paper)
        sheets.write(_("Indicators"), _indicator_heads(), _indicators(paper))
        sheets.write(_("Unit by unit"), _unit_heads(paper), _units(paper))
        sheets.write(_("Indicators by unit"), _each_heads(paper), _each(paper))
        sheets.write(_("Spread"), _spread_heads(paper), _spread(paper))
        sheets.write(_("Trend"), _trend_heads(paper), _trend(paper))
    return stream.getvalue()


def _kept_back() -> str:
    return _(
        "Some averages are kept back (—): fewer than three people stand behind them, or what is left of the sum above "
        "would tell as much. Nobody's single result can be reckoned from what is shown."
    )


NO, TITLE = 14, 60


def _indicator_heads() -> list[tuple[str, int]]:
    return [
        (_("No."), NO),
        (_("Indicator"), TITLE),
        (_("Dimension"), 36),
        (_("Results counted"), 10),
        (_("Average"), 12),
        (_("State"), 26),
        (_("Best"), 36),
        (_("Worst"), 36),
    ]


def _indicators(paper: DashboardPaper) -> Iterable[Sequence[Value]]:
    for heading, row in paper.rows():
        results: Value = "–" if row.cell.is_withheld else row.cell.sum.results
        best = name_of(row.best) if row.best else "–"
        worst = name_of(row.worst) if row.worst else "–"
        yield row.indicator.code, row.indicator.title, heading, results, row.cell, light(row.cell), best, worst


def _unit_heads(paper: DashboardPaper) -> list[tuple[str, int]]:
    codes = [(row.indicator.code, 12) for _heading, row in paper.rows()]
    return [(_("Unit"), 40), (_("All"), 12), (_("State"), 26), *codes]


def _units(paper: DashboardPaper) -> Iterable[Sequence[Value]]:
    for unit in paper.board.units:
        yield name_of(unit), unit.cell, light(unit.cell), *(row.by_unit[unit.key] for row in paper.board.rows)


def _each_heads(paper: DashboardPaper) -> list[tuple[str, int]]:
    told = [(_("Unit"), 40), (_("Results counted"), 10), (_("Average"), 12), (_("State"), 26)]
    return [(_("No."), NO), (_("Indicator"), TITLE), *told, *((band, 14) for band in paper.bands)]


def _each(paper: DashboardPaper) -> Iterable[Sequence[Value]]:
    for _heading, row in paper.rows():
        for unit in paper.board.units:
            cell = row.by_unit[unit.key]
            if cell.sum.results:
                named = (row.indicator.code, row.indicator.title, name_of(unit))
                counts: Sequence[Value] = ["–"] * (len(paper.bands) + 1)
                if not cell.is_withheld:
                    counts = [cell.sum.results, *cell.sum.bands]
                yield *named, counts[0], cell, light(cell), *counts[1:]


def _spread_heads(paper: DashboardPaper) -> list[tuple[str, int]]:
    return [(_("No."), NO), (_("Indicator"), TITLE), *((band, 14) for band in paper.bands), (_("Not reported"), 14)]


def _spread(paper: DashboardPaper) -> Iterable[Sequence[Value]]:
    for _heading, row in paper.rows():
        named = (row.indicator.code, row.indicator.title)
        if row.cell.is_withheld:
            yield *named, *(figure(row.cell) for _band in paper.bands), "–"
        else:
            counts = row.cell.sum.bands or (0,) * len(paper.bands)
            yield *named, *counts, row.cell.sum.not_reported


def _trend_heads(paper: DashboardPaper) -> list[tuple[str, int]]:
    return [(_("No."), NO), (_("Indicator"), TITLE), *((one, 14) for one in paper.rounds)]


def _trend(paper: DashboardPaper) -> Iterable[Sequence[Value]]:
    for _heading, row in paper.rows():
        yield row.indicator.code, row.indicator.title, *(cell for _round, cell in row.trend)
