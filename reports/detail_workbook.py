"""The detail of a round as a workbook: one row an indicator with weight, value, scores and how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from agreements.explain import explain_trace
from agreements.models import Capacity
from agreements.services.round_figures import Figures, Line, PartFigures, agreed_lines
from reports.rows.parts import part_line
from reports.sheets import Column, ListBook, Value, decimal_of

Content = Mapping[str, Any]

COLUMNS = (
    Column(heading=gettext_lazy("No."), kind="whole", width=6),
    Column(heading=gettext_lazy("Agreement of"), width=28),
    Column(heading=gettext_lazy("Position"), width=26),
    Column(heading=gettext_lazy("Office"), width=30),
    Column(heading=gettext_lazy("Unit"), width=30),
    Column(heading=gettext_lazy("State"), width=16),
    Column(heading=gettext_lazy("Part"), width=14),
    Column(heading=gettext_lazy("Code"), width=8),
    Column(heading=gettext_lazy("Indicator"), width=46),
    Column(heading=gettext_lazy("Unit of measure"), width=12),
    Column(heading=gettext_lazy("Weight"), kind="figure", width=10),
    Column(heading=gettext_lazy("Measured value"), kind="score", width=14),
    Column(heading=gettext_lazy("Self score"), kind="score", width=10),
    Column(heading=gettext_lazy("Score"), kind="score", width=10),
    Column(heading=gettext_lazy("Weighted score"), kind="score", width=12),
    Column(heading=gettext_lazy("How it counts"), width=16),
    Column(heading=gettext_lazy("Assessor's reason"), width=30),
    Column(heading=gettext_lazy("How the score came about"), width=70),
)
STATUSES = {
    "scored": gettext_lazy("Scored"),
    "not_reported": gettext_lazy("Not reported"),
    "cancelled": gettext_lazy("Cancelled"),
    "unscored": gettext_lazy("Not scored"),
}


def write(file: IO[bytes], chunks: Iterable[Sequence[Figures]], *, title: str, told: str, at: datetime) -> int:
    """Write the indicators of the agreements in `chunks` into `file`; return how many rows it has."""
    with ListBook(file, title=title, made_at=timezone.localtime(at)) as book:
        sheet = book.sheet(_("Indicators"), COLUMNS, title=title, told=told)
        for chunk in chunks:
            agreed = agreed_lines(chunk)
            for one in chunk:
                for row in _rows(one, agreed):
                    sheet.add([sheet.count + 1, *row])
        sheet.finish()
    return sheet.count


def _rows(one: Figures, agreed: Mapping[int, Sequence[Line]]) -> Iterator[list[Value]]:
    for part in one.parts:
        whose = _whose(one, part)
        own, scores = _by_code(part.own), _by_code(part.scores)
        for line in part.lines or agreed.get(part.version.pk, ()):
            yield [*whose, *_figures(line, own.get(line.code, {}), scores.get(line.code), part)]


def _whose(one: Figures, part: PartFigures) -> list[Value]:
    parties = {party.capacity: party for party in part.version.parties.all()}
    assessee, place = parties.get(Capacity.ASSESSEE), one.agreement.organisation
    return [
        one.agreement.subject,
        assessee.title if assessee else "",
        (assessee.office if assessee else "") or place.name,
        place.name,
        str(one.agreement.get_state_display()),
        part_line(part.version.part),
    ]


def _by_code(document: Content | None) -> dict[str, Content]:
    return {row["code"]: row for row in (document or {}).get("indicators", ())}


def _figures(line: Line, own: Content, score: Content | None, part: PartFigures) -> list[Value]:
    # Before the assessment the steps are those of the self score; the score itself stays empty.
    told = own if score is None else score
    found = score or {}
    return [
        line.code,
        f"{'   ' * line.depth}{line.title}",
        line.unit,
        _figure(line.weight or None),
        _figure(told.get("value")),
        decimal_of(own.get("score")),
        decimal_of(found.get("score")),
        decimal_of(found.get("weighted")),
        _status(told, is_assessed=score is not None),
        part.reasons.get(line.code, ""),
        "\n".join(explain_trace(told.get("trace") or ())),
    ]


def _figure(value: object) -> Value:
    """Return a figure as a number, or as text where a workbook would cut its digits."""
    number = None if value is None else decimal_of(value)
    return str(value) if number is None and value is not None else number


def _status(told: Content, *, is_assessed: bool) -> str:
    if not told:
        return ""
    status = str(STATUSES[told["status"]])
    return status if is_assessed else _("%(status)s (self-assessment)") % {"status": status}
