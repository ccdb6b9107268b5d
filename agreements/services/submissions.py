"""What a unit does with its report: opening, entering, completing, certifying, taking back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import Observation, Organisation, ReportForm, Revision, Submission, User
from agreements.services import (
    log,
    report_cells,
    reporting_days,
    reporting_notices,
    reporting_rights,
    reporting_units,
)
from agreements.services.report_cells import Cell, CellRefused, Finding

# What is kept as it was typed is at most so long.
LONGEST_KEPT = 10_000


class SubmissionRefused(Exception):
    """This cannot be done with the report now; the message is fit to show."""


class Incomplete(SubmissionRefused):
    """The report cannot be completed as it stands; `findings` say where and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(one.words for one in findings))
        self.findings = tuple(findings)


# --- Reading ---------------------------------------------------------------------------------------------------------
def revision_of(submission: Submission) -> Revision:
    """Return the revision of `submission` that counts."""
    return submission.revisions.get(number=submission.number)


def observed(revision: Revision) -> dict[Cell, Observation]:
    """Return the cells of `revision` that hold something."""
    return {one.cell: one for one in revision.observations.select_related("organisation", "stored").order_by("pk")}


def values_of(cells: Mapping[Cell, Observation]) -> dict[Cell, str]:
    """Return the values of those `cells` that fit their columns."""
    return {cell: one.value for cell, one in cells.items() if one.is_valid}


def findings(submission: Submission) -> list[Finding]:
    """Return what keeps `submission` from being complete, in the order of its tables and rows."""
    if not reporting_units.reports_itself(submission.form, submission.organisation):
        return []
    cells = observed(revision_of(submission))
    values, invalid = values_of(cells), [cell for cell, one in cells.items() if not one.is_valid]
    found: list[Finding] = []
    for table in submission.form.tables:
        filled = {row for code, row, _column in cells if code == table["code"]}
        rows = reporting_units.rows_of(table, submission.organisation, filled=filled)
        found += report_cells.findings(table, [(row.key, row.title) for row in rows], values, invalid)
    return found


# --- Opening ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def open_submission(
    form: ReportForm, *, organisation: Organisation, period: date, by: User, at: datetime
) -> Submission:
    """Return the report of `organisation` by `form` for the period that `period` lies in, begun if there is none.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises SubmissionRefused: if this unit does not report by the form, or not for this period.
    """
    reporting_rights.ask_to_enter(by, organisation, day=_day(at))
    period = reporting_days.period_of(form, period)
    found = Submission.objects.of_period(form, period).filter(organisation=organisation).first()
    if found is not None:
        return found
    if not reporting_units.takes_part(form, organisation):
        raise SubmissionRefused(_("%(unit)s does not report by this form.") % {"unit": organisation.name})
    if not reporting_days.is_reported(form, period):
        raise SubmissionRefused(_("This form does not ask for this period."))
    if period > _day(at):
        raise SubmissionRefused(_("This period has not begun yet."))
    return begin(form, [organisation], period, by=by, at=at)[0]


def begin(
    form: ReportForm, places: Sequence[Organisation], period: date, *, by: User | None, at: datetime
) -> list[Submission]:
    """Make the reports of `places` for `period`, with their first revisions; where one is there, take that."""
    holidays, lines = reporting_days.read_holidays(places), reporting_units.lines_of(places)
    above = reporting_units.above_of_all(form, places)
    made = []
    for place in places:
        more = reporting_units.days_more(form, place)
        days = reporting_days.days_of(form, period, holidays.of(place), more=more)
        made.append(
            Submission(
                form=form,
                form_code=form.code,
                organisation=place,
                period=period,
                above_id=above.get(place.pk),
                line=lines[place.pk],
                due_on=days.due,
                closes_on=days.closes,
                opened_at=at,
            )
        )
    # Two who open it at once: one makes it, both get the same.
    Submission.objects.bulk_create(made, ignore_conflicts=True)
    there = list(
        Submission.objects.of_period(form, period).filter(organisation__in=[one.pk for one in places]).order_by("pk")
    )
    Revision.objects.bulk_create(
        [Revision(submission=one, number=1, begun_by=by, begun_at=at) for one in there], ignore_conflicts=True
    )
    by_place = {one.organisation_id: one for one in there}
    return [by_place[place.pk] for place in places]


# --- Entering --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CellWrite:
    """What was typed into a cell; `seen` is the value that the writer had before them, where they say it."""

    table: str
    row: str
    column: str
    text: str
    seen: str | None = None

    @property
    def cell(self) -> Cell:
        """Where it goes."""
        return self.table, self.row, self.column


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a cell: its value as kept, what is wrong with it in words, and whether it was left alone.

    Where somebody else wrote something else meanwhile, it is left alone: `value` is theirs then.
    """

    cell: Cell
    value: str
    shown: str
    complaint: str = ""
    changed_meanwhile: bool = False


@transaction.atomic
def write_cells(submission: Submission, writes: Sequence[CellWrite], *, by: User, at: datetime) -> list[Written]:
    """Write many cells of `submission` in one go, and tell of each what became of it, in the order of `writes`.

    What does not fit its column is kept as it was typed and told with its complaint; an empty text empties the cell.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises SubmissionRefused: if it takes no figures now, or one of the cells is not there: then nothing is written.
    """
    submission = held(submission)
    reporting_rights.ask_to_enter(by, submission.organisation, day=_day(at))
    ask_for_open(submission, at=at)
    columns = _columns_of(submission, writes)
    revision = revision_of(submission)
    kept = observed(revision)
    units = units_named(submission, [write.cell for write in writes])
    told: list[Written] = []
    changed: dict[Cell, Observation | None] = {}
    for write in writes:
        column = columns[write.cell]
        now = changed[write.cell] if write.cell in changed else kept.get(write.cell)
        value, complaint = _read(column, write.text)
        was = now.value if now else ""
        if write.seen is not None and was not in {write.seen, value}:
            told.append(_left_alone(write.cell, column, now))
            continue
        told.append(Written(write.cell, value, value if complaint else report_cells.shown(column, value), complaint))
        if value != was:
            changed[write.cell] = _observation(write, value, not complaint, revision, units, by, at) if value else None
    _store(revision, changed)
    if changed:
        reopen(submission)
    return told


def reopen(submission: Submission) -> None:
    """Say that `submission`, if it was complete, is being entered again: it has other figures now."""
    if submission.state == Submission.State.COMPLETE:
        Submission.objects.filter(pk=submission.pk).update(state=Submission.State.DRAFT)


def _read(column: Mapping[str, Any], typed: str) -> tuple[str, str]:
    try:
        return report_cells.read_cell(column, typed), ""
    except CellRefused as refusal:
        return typed.strip()[:LONGEST_KEPT], str(refusal)


def _left_alone(cell: Cell, column: Mapping[str, Any], theirs: Observation | None) -> Written:
    if theirs is None:
        return Written(cell, "", "", changed_meanwhile=True)
    said = "" if theirs.is_valid else report_cells.complaint(column, theirs.value)
    return Written(cell, theirs.value, shown_of(column, theirs), said, changed_meanwhile=True)


def shown_of(column: Mapping[str, Any], kept: Observation) -> str:
    """Return what a cell of `column` holds as people read it; what does not fit, as it was typed."""
    return report_cells.shown(column, kept.value) if kept.is_valid else kept.value


def _observation(
    write: CellWrite,
    value: str,
    is_valid: bool,  # noqa: FBT001  a fact of the cell, no switch
    revision: Revision,
    units: Mapping[str, Organisation],
    by: User,
    at: datetime,
) -> Observation:
    return Observation(
        revision=revision,
        table=write.table,
        row=write.row,
        organisation=units.get(write.row),
        column=write.column,
        value=value,
        is_valid=is_valid,
        written_by=by,
        written_at=at,
    )


def units_named(submission: Submission, cells: Iterable[Cell]) -> dict[str, Organisation]:
    """Return by its code the unit of each of `cells` that stands in a row of units."""
    kinds = {table["code"]: table["rows"]["kind"] for table in submission.form.tables}
    codes = {row for table, row, _column in cells if kinds.get(table) in reporting_units.UNIT_ROWS}
    return {one.code: one for one in Organisation.objects.filter(code__in=codes)} if codes else {}


def _store(revision: Revision, changed: Mapping[Cell, Observation | None]) -> None:
    emptied = [cell for cell, one in changed.items() if one is None]
    if emptied:
        gone = [one.pk for one in revision.observations.all() if one.cell in set(emptied)]
        Observation.objects.filter(pk__in=gone).delete()
    Observation.objects.bulk_create(
        [one for one in changed.values() if one is not None],
        update_conflicts=True,
        unique_fields=["revision", "table", "row", "column"],
        update_fields=["value", "is_valid", "organisation", "stored", "written_by", "written_at"],
    )


def column_of(submission: Submission, cell: Cell) -> Mapping[str, Any]:
    """Return the column of a cell that is there.

    :raises SubmissionRefused: if there is no such cell.
    """
    return _columns_of(submission, [CellWrite(*cell, text="")])[cell]


def _columns_of(submission: Submission, writes: Sequence[CellWrite]) -> dict[Cell, Mapping[str, Any]]:
    tables = {table["code"]: table for table in submission.form.tables}
    keys: dict[str, set[str]] = {}
    found: dict[Cell, Mapping[str, Any]] = {}
    for write in writes:
        table = tables.get(write.table)
        if table is None:
            raise SubmissionRefused(_("There is no such table in this form."))
        column = next((one for one in table["columns"] if one["code"] == write.column), None)
        if column is None:
            raise SubmissionRefused(_("There is no such column in “%(table)s”.") % {"table": table["title"]})
        if write.table not in keys:
            keys[write.table] = reporting_units.keys_of(table, submission.organisation)
        if write.row not in keys[write.table]:
            raise SubmissionRefused(_("There is no such row in “%(table)s”.") % {"table": table["title"]})
        found[write.cell] = column
    return found


# --- Completing and certifying ---------------------------------------------------------------------------------------
@transaction.atomic
def complete(submission: Submission, *, by: User, at: datetime) -> None:
    """Say that `submission` is complete: its checks hold, and its head may certify it.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises Incomplete: with what is missing or does not add up.
    :raises SubmissionRefused: if it takes no figures now.
    """
    submission = held(submission)
    reporting_rights.ask_to_enter(by, submission.organisation, day=_day(at))
    ask_for_open(submission, at=at)
    if found := findings(submission):
        raise Incomplete(found)
    submission.state = Submission.State.COMPLETE
    submission.save(update_fields=["state"])
    record("submission.completed", submission, by=by, at=at)
    reporting_notices.tell_complete(submission, by=by, at=at)


@transaction.atomic
def certify(submission: Submission, *, by: User, at: datetime) -> None:
    """Certify `submission` as the head of its unit: it is locked, has arrived, and goes to the unit above.

    :raises NotAllowed: if `by` does not head the unit.
    :raises Incomplete: with what is missing or does not add up.
    :raises SubmissionRefused: if it is not complete, or takes nothing any more.
    """
    submission = held(submission)
    place, form = submission.organisation, submission.form
    position = reporting_rights.ask_to_certify(by, place, day=_day(at))
    ask_for_open(submission, at=at)
    if submission.state != Submission.State.COMPLETE:
        raise SubmissionRefused(_("It has to be completed before it is certified."))
    if found := findings(submission):
        raise Incomplete(found)
    revision = revision_of(submission)
    above = reporting_units.above_of(form, place)
    holidays = reporting_days.read_holidays([place]).of(place)
    submission.above, submission.line = above, reporting_units.line_of(place)
    more = reporting_units.days_more(form, place)
    submission.due_on = reporting_days.days_of(form, submission.period, holidays, more=more).due
    # What the unit above returned had arrived; what was taken back had not.
    submission.arrived_at = submission.arrived_at or at
    submission.days_late = reporting_days.working_days_late(submission.due_on, submission.arrived_at, holidays)
    submission.totals, submission.reports = sums_of(submission, revision)
    submission.state = Submission.State.CERTIFIED
    submission.save()
    revision.certified_by, revision.certified_as, revision.certified_at = by, position.printed_title, at
    revision.totals = submission.totals
    revision.save(update_fields=["certified_by", "certified_as", "certified_at", "totals"])
    record("submission.certified", submission, by=by, at=at, after={"totals": submission.totals})
    reporting_notices.put_aside(submission, at=at)


@transaction.atomic
def take_back(submission: Submission, *, reason: str, by: User, at: datetime) -> Revision:
    """Take back what was certified, as long as the unit above has not approved it: a new revision begins.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises SubmissionRefused: if it is not certified, or was approved.
    """
    submission = held(submission)
    reporting_rights.ask_to_enter(by, submission.organisation, day=_day(at))
    if submission.state == Submission.State.APPROVED:
        raise SubmissionRefused(_("It has been approved; only the unit above can unlock it, with a reason."))
    if submission.state != Submission.State.CERTIFIED:
        raise SubmissionRefused(_("It has not been certified."))
    submission.arrived_at = submission.days_late = None
    revision = begin_revision(submission, Revision.Cause.TAKEN_BACK, reason=reason, by=by, at=at)
    record("submission.taken_back", submission, by=by, at=at, reason=reason)
    return revision


# --- Parts -----------------------------------------------------------------------------------------------------------
def held(submission: Submission) -> Submission:
    """Return `submission` as it is now, and let nobody else change it until the end of this."""
    return Submission.objects.select_for_update().filter(pk=submission.pk).order_by().get()


def ask_for_open(submission: Submission, *, at: datetime) -> None:
    """Refuse figures for what is certified or closed.

    :raises SubmissionRefused: if so.
    """
    if submission.state == Submission.State.APPROVED:
        raise SubmissionRefused(_("It has been approved; only the unit above can unlock it, with a reason."))
    if not submission.is_open:
        raise SubmissionRefused(
            _("It has been certified and is locked. Take it back first, or ask the unit above to return it.")
        )
    closed = reporting_days.is_past(submission.closes_on, at)
    # What the unit above gave back after that day is to be mended all the same.
    if closed and not reporting_days.is_past(submission.closes_on, revision_of(submission).begun_at):
        raise SubmissionRefused(
            _("It closed on %(day)s and takes nothing any more.")
            % {"day": thai.format_date(submission.closes_on or submission.period)}
        )


def begin_revision(submission: Submission, cause: Revision.Cause, *, reason: str, by: User, at: datetime) -> Revision:
    """Begin the next revision of `submission` with the cells of the last one, open to be entered."""
    last = revision_of(submission)
    revision = Revision.objects.create(
        submission=submission, number=last.number + 1, cause=cause, reason=reason.strip(), begun_by=by, begun_at=at
    )
    copies = list(last.observations.order_by("pk"))
    for one in copies:
        one.pk, one.revision = None, revision
    Observation.objects.bulk_create(copies)
    submission.number, submission.state = revision.number, Submission.State.DRAFT
    submission.save()
    return revision


def sums_of(submission: Submission, revision: Revision) -> tuple[dict[str, str], int]:
    """Return the totals of `submission` with all approved below it, and from how many units they come."""
    own = report_cells.totals_of(submission.form.tables, values_of(observed(revision)))
    approved = list(
        Submission.objects.filter(
            form_code=submission.form_code,
            period=submission.period,
            above=submission.organisation,
            state=Submission.State.APPROVED,
        ).values_list("totals", "reports")
    )
    itself = reporting_units.reports_itself(submission.form, submission.organisation)
    return report_cells.merged([own, *(totals for totals, _count in approved)]), int(itself) + sum(
        count for _totals, count in approved
    )


def record(
    verb: str,
    submission: Submission,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    after: dict[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Append an act on `submission` to the log of its unit's office."""
    log.record(
        verb,
        office=log.office_of(submission.organisation),
        by=by,
        at=at,
        details=named(submission) | dict(more or {}),
        reason=reason.strip(),
        after=after,
    )


def named(submission: Submission) -> dict[str, Any]:
    """Return what the log says of which report it is."""
    return {
        "report_form": str(submission.form),
        "organisation": submission.organisation.code,
        "period": submission.period,
        "revision": submission.number,
    }


def _day(at: datetime) -> date:
    return at.astimezone(thai.THAI_TIME).date()
