"""A dashboard as a PDF: the same view on paper, its filters named at the head."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from agreements.services.dashboards import Cell
from agreements.templatetags.portal import state_look
from agreements.views.dashboard_charts import legend_of, spread_chart
from reports import pdf
from reports.documents import Digits
from reports.rows.dashboard import DashboardPaper, figure, light, name_of
from reports.rows.words import with_thai_digits

#: So many indicators stand beside one another in the table of units.
COLUMNS = 8


def dashboard_pdf(paper: DashboardPaper, *, digits: Digits = "arabic") -> bytes:
    """Return the dashboard as a PDF."""
    whole = {"title": paper.subject, "sheets": sheets(paper, digits=digits), "digits": digits}
    return pdf.render(render_to_string("reports/forms_paper.html", whole))


def sheets(paper: DashboardPaper, *, digits: Digits = "arabic") -> SafeString:
    """Return the dashboard as sheets of paper."""
    html = render_to_string("reports/_dashboard.html", _context(paper))
    # Every figure on a finished sheet is text by now.
    return mark_safe(with_thai_digits(html)) if digits == "thai" else html  # noqa: S308 -- escaped when rendered


def _context(paper: DashboardPaper) -> dict[str, Any]:
    board = paper.board
    rows = []
    above: str | None = None
    for heading, row in paper.rows():
        best, worst = (name_of(one) if one else "" for one in (row.best, row.worst))
        rows.append(
            {
                "heading": heading if heading != above else "",
                "row": row,
                **_told(row.cell),
                "spread": spread_chart(row.cell),
                "counts": " · ".join(f"{count:,}" for count in row.cell.sum.bands),
                "best": best,
                "worst": worst,
                "trend": [(str(round_), figure(cell)) for round_, cell in row.trend],
            }
        )
        above = heading
    return {
        "paper": paper,
        "rows": rows,
        "legend": legend_of(board.measure),
        "tables": [_unit_table(paper, start) for start in range(0, len(board.rows), COLUMNS)] if board.units else [],
    }


def _told(cell: Cell) -> dict[str, Any]:
    results = "–" if cell.is_withheld else f"{cell.sum.results:,}"
    return {"mean": figure(cell), "light": light(cell), "results": results}


def _short(cell: Cell) -> tuple[str, str]:
    """Return an average and its light in a word, for narrow columns; what is kept back as a dash, told below."""
    if cell.is_withheld:
        return "—", ""
    return figure(cell), "" if cell.mean is None else str(state_look(cell.light).word)


def _unit_table(paper: DashboardPaper, start: int) -> dict[str, Any]:
    rows = paper.board.rows[start : start + COLUMNS]
    return {
        "codes": [row.indicator.code for row in rows],
        "units": [
            (name_of(unit), _short(unit.cell), [_short(row.by_unit[unit.key]) for row in rows])
            for unit in paper.board.units
        ],
    }
