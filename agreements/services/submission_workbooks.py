"""A report by Excel: the form as a workbook, what an uploaded one would change, and taking it, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.report_workbook import Page, ReadCell, ReadReport, write_report
from agreements.models import Observation, Submission, User
from agreements.services import log, report_cells, reporting_units, submissions
from agreements.services.report_cells import Cell
from agreements.services.submissions import CellWrite

Kind = Literal["new", "changed", "faulty", "unchanged"]


class WorkbookRefused(Exception):
    """The workbook is not taken; the message is fit to show."""


# --- Out -------------------------------------------------------------------------------------------------------------
def form_of(submission: Submission, *, period: str) -> bytes:
    """Return `submission` as a workbook to be filled in, with what it holds already."""
    cells = submissions.observed(submissions.revision_of(submission))
    pages = [_page(submission, table, cells) for table in submission.form.tables]
    facts = [
        ("แบบรายงาน", submission.form.title),
        ("หน่วยงาน", submission.organisation.name),
        ("งวด", period),
    ]
    return write_report(pages, identity=identity_of(submission), facts=facts)


def identity_of(submission: Submission) -> str:
    """Return which report a workbook is of: its form with the version, its unit and its period."""
    return f"{submission.form}|{submission.organisation.code}|{submission.period}"


def _page(submission: Submission, table: Mapping[str, Any], cells: Mapping[Cell, Observation]) -> Page:
    here = {(row, column): one for (code, row, column), one in cells.items() if code == table["code"]}
    rows = reporting_units.rows_of(table, submission.organisation, filled={row for row, _column in here})
    if table["rows"]["kind"] == reporting_units.FREE_ROWS:
        # The empty row at the end is among the further ones that the workbook has.
        rows = rows[:-1]
    return Page(
        table=table,
        heading=reporting_units.row_heading(table),
        rows=[(row.key, row.title) for row in rows],
        values={place: one.value for place, one in here.items()},
        invalid=frozenset(place for place, one in here.items() if not one.is_valid),
    )


# --- What it would change --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What becomes of one cell: what was there, what would be, and what is wrong with it."""

    read: ReadCell
    kind: Kind
    row: str
    column: str
    before: str = ""
    after: str = ""
    fault: str = ""
    # What stands in the report now, as it is kept: what the writer has seen.
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the workbook would change, and the hash of exactly that."""

    entries: tuple[Entry, ...]
    digest: str

    def of(self, kind: Kind) -> list[Entry]:
        """Return the entries of one kind."""
        return [entry for entry in self.entries if entry.kind == kind]

    @property
    def counts(self) -> Counter[str]:
        """How many cells there are of each kind."""
        return Counter(entry.kind for entry in self.entries)


def _day_in_words(typed: str) -> str:
    try:
        return thai.format_date(date.fromisoformat(typed))
    except ValueError:
        return typed


def plan(submission: Submission, read: ReadReport) -> Plan:
    """Return what the workbook would change in `submission`.

    :raises WorkbookRefused: if it is the form of another report.
    """
    if read.identity != identity_of(submission):
        code, _bar, rest = read.identity.partition("|")
        unit, _bar, period = rest.partition("|")
        raise WorkbookRefused(
            _("This workbook is the form of another report (%(form)s, %(unit)s, %(period)s). Upload it there.")
            % {"form": code, "unit": unit, "period": _day_in_words(period)}
        )
    kept = submissions.observed(submissions.revision_of(submission))
    known = _Known.of(submission, kept)
    entries: list[Entry] = []
    met: set[Cell] = set()
    for one in read.cells:
        entry = known.entry(one, is_again=one.cell in met)
        met.add(one.cell)
        if entry is not None:
            entries.append(entry)
    told = [[list(one.read.cell), one.kind, one.seen, one.after, one.fault] for one in entries]
    return Plan(entries=tuple(entries), digest=log.digest(log.canonical(told)))


@dataclass(frozen=True, slots=True)
class _Known:
    """The report that the workbook is compared with."""

    kept: Mapping[Cell, Observation]
    columns: Mapping[tuple[str, str], Mapping[str, Any]]
    rows: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, submission: Submission, kept: Mapping[Cell, Observation]) -> _Known:
        tables = submission.form.tables
        columns = {(table["code"], column["code"]): column for table in tables for column in table["columns"]}
        rows: dict[tuple[str, str], str] = {}
        for table in tables:
            if table["rows"]["kind"] == reporting_units.FREE_ROWS:
                keys = range(1, reporting_units.MOST_FREE_ROWS + 1)
                rows |= {(table["code"], str(key)): str(key) for key in keys}
            else:
                found = reporting_units.rows_of(table, submission.organisation)
                rows |= {(table["code"], row.key): row.title for row in found}
        return cls(kept, columns, rows)

    def entry(self, one: ReadCell, *, is_again: bool) -> Entry | None:
        """Return what becomes of a cell; None of what cannot hold anything by Excel."""
        table, row, code = one.cell
        column = self.columns.get((table, code), {})
        named = {"row": self.rows.get((table, row), row), "column": str(column.get("title", code))}
        if one.cell != (table, "", "") and column.get("type") == "file":
            return None
        now = self.kept.get(one.cell)
        was = now.value if now else ""
        shown = submissions.shown_of(column, now) if now and column else was
        fault = one.refused or self._misplaced(one, column, is_again=is_again)
        value = ""
        if not fault:
            try:
                value = report_cells.read_cell(column, one.text)
            except report_cells.CellRefused as refusal:
                fault = str(refusal)
        if fault:
            return Entry(read=one, kind="faulty", **named, before=shown, after=one.text, fault=fault, seen=was)
        after = report_cells.shown(column, value)
        kind: Kind = "unchanged" if value == was else ("changed" if was else "new")
        return Entry(read=one, kind=kind, **named, before=shown, after=after, seen=was)

    def _misplaced(self, one: ReadCell, column: Mapping[str, Any], *, is_again: bool) -> str:
        table, row, code = one.cell
        if not column:
            return _("The form has no such column (%(code)s). Download it anew.") % {"code": code}
        if (table, row) not in self.rows:
            return _("The form has no row “%(row)s” for this unit. Take it out of the workbook.") % {"row": row}
        if is_again:
            return _("The row “%(row)s” stands in the workbook twice. Take one of them out.") % {"row": row}
        return ""


# --- Taking it -------------------------------------------------------------------------------------------------------
@transaction.atomic
def take(submission: Submission, read: ReadReport, *, by: User, shown: str, at: datetime) -> Counter[str]:
    """Write what the workbook says, all or nothing; return how many cells there were of each kind.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises SubmissionRefused: if it takes no figures now.
    :raises WorkbookRefused: if a cell is faulty, or it would do something else than what was shown.
    """
    # Held first: nobody writes between what is compared here and what is written.
    submission = submissions.held(submission)
    planned = plan(submission, read)
    if planned.digest != shown:
        raise WorkbookRefused(_("The report was changed after you looked. Look at what would change once more."))
    if planned.of("faulty"):
        raise WorkbookRefused(_("Cells are faulty, so nothing was taken."))
    wanted = [*planned.of("new"), *planned.of("changed")]
    submissions.write_cells(submission, [CellWrite(*one.read.cell, text=one.read.text) for one in wanted], by=by, at=at)
    return planned.counts
