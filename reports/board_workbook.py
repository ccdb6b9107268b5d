"""The list of a round's board as a workbook: what the page shows, with its filters, on one sheet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import Agreement, Round, State
from agreements.services import board, deadlines

# Excel shows these days in the Buddhist Era; they are dates all the same.
BUDDHIST_DAY = "[$-107041E]d mmm yyyy"
FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
WIDTHS = (6, 30, 30, 40, 16, 34, 14, 10, 14, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the board."""

    name: str
    position: str
    unit: str
    state: str
    waits_for: str
    since: date
    days: int
    overdue: date | None
    is_returned: bool


def lines(found: Iterable[Agreement], round_: Round, *, at: datetime) -> Iterator[Line]:
    """Yield the rows for agreements fetched for lists."""
    calendar, today = deadlines.read([round_]), deadlines.local_day(at)
    for one in found:
        overdue = board.overdue_since(one, calendar, at=at)
        assessee = one.parties.get("assessee")
        since = timezone.localdate(one.state_since, thai.THAI_TIME)
        yield Line(
            name=one.person.full_name if one.person else one.organisation.name,
            position=assessee.title if assessee else "",
            unit=one.organisation.name,
            state=str(one.get_state_display()),
            waits_for=_waits_for(one),
            since=since,
            days=(today - since).days,
            overdue=overdue,
            is_returned=any(version.is_being_mended for version in one.current_versions),
        )


def _waits_for(one: Agreement) -> str:
    if one.state in {"closed", "ended"}:
        return ""
    return ", ".join(party.name for party in one.all_waited_for) or _("HR office")


def write(rows: Iterable[Line], *, title: str, told: str) -> bytes:
    """Return `rows` as a workbook under `title` and what was asked for; no text is ever read as a formula or link."""
    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _write_sheet(book, rows, title, told)
    return stream.getvalue()


def _write_sheet(book: Any, rows: Iterable[Line], title: str, told: str) -> None:
    bold = book.add_format({**FONT, "bold": True})
    head = book.add_format({**FONT, "bold": True, "text_wrap": True, "bg_color": "#ECEDF8", "bottom": 1})
    text = book.add_format({**FONT, "text_wrap": True, "num_format": "@"})
    number = book.add_format({**FONT, "num_format": "0"})
    day = book.add_format({**FONT, "num_format": BUDDHIST_DAY})
    sheet = book.add_worksheet(_("Round"))
    sheet.write_string(0, 0, title, bold)
    sheet.write_string(1, 0, told, book.add_format(FONT))
    headings = [
        _("No."), _("Agreement of"), _("Position"), _("Unit"), _("State"), _("Whose turn it is"), _("Waiting since"),
        _("Days"), _("Was due"), _("Returned"),
    ]  # fmt: skip
    for place, (heading, width) in enumerate(zip(headings, WIDTHS, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(HEAD, place, heading, head)
    last = HEAD
    for last, line in enumerate(rows, start=HEAD + 1):
        sheet.write_number(last, 0, last - HEAD, number)
        for place, value in enumerate((line.name, line.position, line.unit, line.state, line.waits_for), start=1):
            sheet.write_string(last, place, value, text)
        sheet.write_datetime(last, 6, datetime.combine(line.since, datetime.min.time()), day)
        sheet.write_number(last, 7, line.days, number)
        if line.overdue:
            sheet.write_datetime(last, 8, datetime.combine(line.overdue, datetime.min.time()), day)
        sheet.write_string(last, 9, _("Yes") if line.is_returned else "", text)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.autofilter(HEAD, 0, max(last, HEAD + 1), len(WIDTHS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)


# The row of the headings.
HEAD = 3


def told_of(asked: board.Asked, *, unit: str, at: datetime) -> str:
    """Return in words what was asked for, and when."""
    said = [unit or _("All units")]
    if unit and asked.below:
        said.append(_("With the units below"))
    if asked.state:
        said.append(_("State: %(state)s") % {"state": dict(State.choices)[asked.state]})
    if asked.only:
        said.append(str(board.ONLY[asked.only]))
    if asked.q:
        said.append(_("Searched: %(words)s") % {"words": asked.q})
    said.append(_("As of %(at)s") % {"at": thai.format_datetime(at)})
    return " · ".join(said)
