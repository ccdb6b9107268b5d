"""What the unit above does with the reports that come to it: returning at a cell, approving, unlocking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import CellComment, Organisation, Revision, Submission, User
from agreements.services import log, reporting_notices, reporting_rights, reporting_units, submission_sums
from agreements.services.report_cells import Cell
from agreements.services.submissions import (
    SubmissionRefused,
    begin_revision,
    held,
    named,
    record,
    revision_of,
)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of one cell."""

    cell: Cell
    text: str


# --- Approving -------------------------------------------------------------------------------------------------------
def approve(submissions: Iterable[Submission], *, by: User, at: datetime) -> list[Submission]:
    """Approve certified reports, one or many of a form and period, all or none; their totals flow to the unit above.

    As many statements for a thousand as for one.

    :raises NotAllowed: if `by` does not decide for the unit to which one of them goes, or certified it.
    :raises SubmissionRefused: if one of them is not certified, or the report that they flow into is.
    """
    asked = list(submissions)
    if not asked:
        raise SubmissionRefused(_("Choose at least one report."))
    try:
        return _approve(asked, by=by, at=at)
    except IntegrityError as error:
        # Both began the report of the unit above.
        raise SubmissionRefused(_("Somebody else was approving at the same time. Try again.")) from error


@transaction.atomic
def _approve(asked: Sequence[Submission], *, by: User, at: datetime) -> list[Submission]:
    if len({(one.form_code, one.period) for one in asked}) > 1:
        raise SubmissionRefused(_("Reports are approved together for one form and one period."))
    above = {_key_above(one) for one in asked}
    level = submission_sums.hold(asked[0].form_code, asked[0].period, above)
    several = level.chosen(one.pk for one in asked)
    if len(several) != len({one.pk for one in asked}):
        raise SubmissionRefused(_("One of these reports has gone to another unit meanwhile. Open the page again."))
    positions = reporting_rights.ask_to_judge(by, list(level.places.values()), day=_day(at))
    for one in several:
        if one.state != Submission.State.CERTIFIED:
            raise SubmissionRefused(_("The report of %(unit)s is not certified.") % {"unit": one.organisation.name})
    submission_sums.ask_not_own(several, by=by)
    submission_sums.ask_for_open(level)
    submission_sums.approve_rows(several, positions, by=by, at=at)
    submission_sums.sum_up(level, at=at)
    _record_approval(several, level, by=by, at=at)
    return several


def _key_above(submission: Submission) -> int:
    if submission.above_id is None:
        raise SubmissionRefused(
            _("The report of %(unit)s goes to nobody above; its certification is the last word.")
            % {"unit": submission.organisation.name}
        )
    return submission.above_id


def _record_approval(several: Sequence[Submission], level: submission_sums.Level, *, by: User, at: datetime) -> None:
    """Append one entry that lists them to the log of the office of the unit above; of many units, of the form's."""
    form, places = level.form_of(several[0]), list(level.places.values())
    place = places[0] if len(places) == 1 else form.organisation
    log.record(
        "submission.approved",
        office=place if place.is_office else log.office_of(place),
        by=by,
        at=at,
        details={
            "report_form": str(form),
            "period": several[0].period,
            "organisations": [one.organisation.code for one in several],
        },
        after={"totals": {one.organisation.code: one.totals for one in several}},
    )


# --- Returning and unlocking -----------------------------------------------------------------------------------------
@transaction.atomic
def return_for_changes(
    submission: Submission, *, remarks: Sequence[Remark], reason: str, by: User, at: datetime
) -> Revision:
    """Return a certified report with what is said of its cells, or with a reason for the whole.

    The unit mends it in a new revision; that it had arrived stays as it was.

    :raises NotAllowed: if `by` does not decide for the unit above.
    :raises SubmissionRefused: if nothing is said, a cell is not there, or it is not certified.
    """
    submission = held(submission)
    _ask_to_judge(submission, by=by, at=at)
    if submission.state != Submission.State.CERTIFIED:
        raise SubmissionRefused(_("Only a certified report that is not approved yet can be returned."))
    if not reason.strip() and not remarks:
        raise SubmissionRefused(_("Say what is to be changed: at a cell, or of the whole report."))
    before = revision_of(submission)
    CellComment.objects.bulk_create(_comments(submission, before, remarks, by=by, at=at))
    revision = begin_revision(submission, Revision.Cause.RETURNED, reason=reason, by=by, at=at)
    told = [{"cell": list(one.cell), "comment": one.text.strip()} for one in remarks]
    record("submission.returned", submission, by=by, at=at, reason=reason, more={"comments": told})
    reporting_notices.tell_returned(submission, by=by, at=at)
    return revision


def _comments(
    submission: Submission, revision: Revision, remarks: Sequence[Remark], *, by: User, at: datetime
) -> list[CellComment]:
    made = []
    tables = {table["code"]: table for table in submission.form.tables}
    for remark in remarks:
        table, row, column = remark.cell
        there = table in tables and column in {one["code"] for one in tables[table]["columns"]}
        if not there or row not in reporting_units.keys_of(tables[table], submission.organisation):
            raise SubmissionRefused(_("There is no such cell in this report."))
        if not remark.text.strip():
            raise SubmissionRefused(_("Say what is to be changed in this cell."))
        made.append(
            CellComment(
                submission=submission,
                revision=revision,
                table=table,
                row=row,
                column=column,
                text=remark.text.strip(),
                made_by=by,
                made_at=at,
            )
        )
    return made


@transaction.atomic
def unlock(submission: Submission, *, reason: str, by: User, at: datetime) -> Revision:
    """Unlock an approved report with a reason: a new revision begins, and its figures leave the sums above.

    :raises NotAllowed: if `by` does not decide for the unit above.
    :raises SubmissionRefused: if there is no reason, it is not approved, or what it flowed into is certified.
    """
    if not reason.strip():
        raise SubmissionRefused(_("Give the reason for unlocking it."))
    submission = held(submission)
    above = _ask_to_judge(submission, by=by, at=at)
    if submission.state != Submission.State.APPROVED:
        raise SubmissionRefused(_("Only an approved report can be unlocked."))
    submission_sums.ask_for_open(submission_sums.hold(submission.form_code, submission.period, [above.pk]))
    revision = begin_revision(submission, Revision.Cause.UNLOCKED, reason=reason, by=by, at=at)
    submission_sums.sum_up(submission_sums.hold(submission.form_code, submission.period, [above.pk]), at=at)
    record("submission.unlocked", submission, by=by, at=at, reason=reason)
    reporting_notices.tell_unlocked(submission, by=by, at=at)
    return revision


@transaction.atomic
def resolve(comment: CellComment, *, by: User, at: datetime) -> None:
    """Say that what a comment asked for is done, or no longer wanted.

    :raises NotAllowed: if `by` neither enters the figures nor decides for the unit above.
    """
    submission = comment.submission
    if not reporting_rights.may_enter(by, submission, day=_day(at)):
        _ask_to_judge(submission, by=by, at=at)
    if comment.resolved_at is not None:
        return
    comment.resolved_by, comment.resolved_at = by, at
    comment.save(update_fields=["resolved_by", "resolved_at"])
    record("submission.comment_resolved", submission, by=by, at=at, more=named(submission) | {"cell": comment.cell})


def _ask_to_judge(submission: Submission, *, by: User, at: datetime) -> Organisation:
    _key_above(submission)
    above: Organisation = submission.above  # type: ignore[assignment]  # as was asked just now
    reporting_rights.ask_to_judge(by, [above], day=_day(at))
    return above


def _day(at: datetime) -> date:
    return at.astimezone(thai.THAI_TIME).date()
