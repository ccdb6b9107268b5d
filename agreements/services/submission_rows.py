"""What is done to a report beside typing: files in its cells, and rows taken out of a free table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import Observation, StoredFile, Submission, User
from agreements.services import evidence, reporting_rights, reporting_units, submission_sheets, submissions
from agreements.services.report_cells import Cell
from agreements.services.submissions import SubmissionRefused


# --- Files -----------------------------------------------------------------------------------------------------------
def attach(submission: Submission, cell: Cell, upload: UploadedFile[Any], *, by: User, at: datetime) -> Observation:
    """Keep `upload` in a cell for files, in place of what was there; the same content is stored once.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises SubmissionRefused: if it takes nothing now, or the cell takes no file.
    :raises EvidenceRefused: if the file is not one that is taken.
    """
    # A stranger's file is not even looked at; the look itself must not hold the database's lock.
    _ask(submission, cell, by=by, at=at)
    name = evidence.clean_name(upload.name or "")
    seen = evidence.look_at(upload, name)
    return _attach(submission, cell, seen, name=name, by=by, at=at)


@transaction.atomic
def _attach(submission: Submission, cell: Cell, seen: StoredFile, *, name: str, by: User, at: datetime) -> Observation:
    submission = submissions.held(submission)
    _ask(submission, cell, by=by, at=at)
    stored = evidence.kept(seen, name)
    unit = submissions.units_named(submission, [cell]).get(cell[1])
    given = {"organisation": unit, "value": name, "is_valid": True, "stored": stored, "written_by": by}
    revision = submissions.revision_of(submission)
    kept, _created = Observation.objects.update_or_create(
        revision=revision, table=cell[0], row=cell[1], column=cell[2], defaults=given | {"written_at": at}
    )
    submissions.reopen(submission)
    return kept


def _ask(submission: Submission, cell: Cell, *, by: User, at: datetime) -> None:
    """Refuse a file for a cell that takes none now, or from somebody who enters nothing here."""
    reporting_rights.ask_to_enter(by, submission.organisation, day=_day(at))
    submissions.ask_for_open(submission, at=at)
    if submissions.column_of(submission, cell)["type"] != "file":
        raise SubmissionRefused(_("This cell takes no file."))


# --- Rows ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def remove_row(submission: Submission, table: str, row: str, *, by: User, at: datetime) -> None:
    """Take a row out of a free table, and let those below it move up.

    Where the unit above said something of this row or one below, the row is emptied and stays: what was said would
    else stand beside other figures.

    :raises NotAllowed: if `by` may not enter its figures.
    :raises SubmissionRefused: if it takes no figures now, or there is no such row to take out.
    """
    submission = submissions.held(submission)
    reporting_rights.ask_to_enter(by, submission.organisation, day=_day(at))
    submissions.ask_for_open(submission, at=at)
    found = next((one for one in submission.form.tables if one["code"] == table), None)
    if found is None or found["rows"]["kind"] != reporting_units.FREE_ROWS:
        raise SubmissionRefused(_("Rows are taken out only where they are added."))
    if row not in reporting_units.keys_of(found, submission.organisation):
        raise SubmissionRefused(_("There is no such row in “%(table)s”.") % {"table": found["title"]})
    number = int(row)
    said = [one for one in submission_sheets.open_comments(submission) if one.table == table]
    here = submissions.revision_of(submission).observations.filter(table=table)
    if any(int(one.row) >= number for one in said):
        here.filter(row=row).delete()
    else:
        below = [one for one in here.order_by("pk") if int(one.row) >= number]
        Observation.objects.filter(pk__in=[one.pk for one in below]).delete()
        Observation.objects.bulk_create([_moved_up(one) for one in below if int(one.row) > number])
    submissions.reopen(submission)


def _moved_up(one: Observation) -> Observation:
    one.pk, one.row = None, str(int(one.row) - 1)
    return one


def _day(at: datetime) -> date:
    return at.astimezone(thai.THAI_TIME).date()
