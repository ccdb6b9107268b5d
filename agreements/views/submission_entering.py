"""Entering a report: a sheet that saves by itself, and a plain form where there is no script."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import clock
from agreements.actions import NotAllowed
from agreements.models import CellComment, Observation, Submission
from agreements.services import (
    report_cells,
    reporting_rights,
    reporting_units,
    submission_judging,
    submission_rows,
    submission_sheets as sheets,
    submissions as services,
)
from agreements.services.evidence import EvidenceRefused
from agreements.services.report_cells import Cell, Finding
from agreements.services.submissions import CellWrite, Incomplete, SubmissionRefused, Written
from agreements.views.requests import UserRequest, is_key
from agreements.views.submissions import period_words, submission_or_404

CELL, FILE, DROP, SEEN = "cell:", "file:", "drop:", "seen"
# Of one request of the script; it sends the rest after it.
MOST_WRITES = 500


# --- What every answer needs -----------------------------------------------------------------------------------------
def entered_or_404(request: UserRequest, pk: int) -> Submission:
    """Return the report `pk` that the reader may enter figures in, as far as the unit goes.

    :raises NotAllowed: if the reader may only read it.
    """
    found = submission_or_404(request, pk)
    reporting_rights.ask_to_enter(request.user, found.organisation, day=clock.today())
    if not reporting_units.reports_itself(found.form, found.organisation):
        raise Http404
    return found


def why_locked(submission: Submission) -> str:
    """Return why `submission` takes no figures now, in words; "" where it does."""
    try:
        services.ask_for_open(submission, at=clock.now())
    except SubmissionRefused as refusal:
        return str(refusal)
    return ""


# --- The page --------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@never_cache
def enter(request: UserRequest, pk: int) -> HttpResponse:
    """Show a report as sheets to be filled in; a POST saves what was typed, and does what its button says."""
    submission = entered_or_404(request, pk)
    return _save(request, submission) if request.method == "POST" else _page(request, submission)


def _page(request: UserRequest, submission: Submission, *, status: int = 200, **more: Any) -> HttpResponse:
    before = sheets.before_of(submission, reader=request.user)
    tables = sheets.sheets_of(submission, before=before)
    context = {
        "submission": submission,
        "period": period_words(submission.form, submission.period),
        "tables": tables,
        "seen": json.dumps(_values_of(tables), ensure_ascii=False),
        "locked": why_locked(submission),
        "is_too_large": _fields_of(tables) > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        "before": before,
        "before_period": period_words(before.form, before.period) if before else "",
        "commented": [(row, cell) for table in tables for row in table.rows for cell in row.cells if cell.comments],
        "may_certify": reporting_rights.may_certify(request.user, submission, day=clock.today()),
        "states": Submission.State,
        "state": "entering" if submission.state == Submission.State.DRAFT else submission.state,
    }
    return render(request, "agreements/submission_enter.html", context | more, status=status)


def _fields_of(tables: Sequence[sheets.Sheet]) -> int:
    """Return how many fields a browser sends of the page: of a tick two, and a few of the form itself."""
    cells = (cell for table in tables for row in table.rows for cell in row.cells)
    return sum(2 if cell.kind == "tick" else 1 for cell in cells) + 5


def _values_of(tables: Sequence[sheets.Sheet]) -> dict[str, str]:
    """Return what the page shows, by the addresses of the cells: it is sent back as what was seen."""
    return {cell.address: cell.value for table in tables for row in table.rows for cell in row.cells if cell.value}


# --- Without a script ------------------------------------------------------------------------------------------------
def _save(request: UserRequest, submission: Submission) -> HttpResponse:
    writes = _typed(request, submission)
    try:
        told = services.write_cells(submission, writes, by=request.user, at=clock.now())
    except SubmissionRefused as refusal:
        return _refused(request, submission, str(refusal), writes)
    if theirs := [(write, one) for write, one in zip(writes, told, strict=True) if one.changed_meanwhile]:
        return _conflict(request, submission, theirs)
    refused = _keep_files(request, submission)
    _say_what_became(request, told)
    for words in refused:
        messages.error(request, words)
    return redirect("agreements:enter-submission", pk=submission.pk) if refused else _act(request, submission)


def _typed(request: UserRequest, submission: Submission) -> list[CellWrite]:
    """Return what was typed into the fields, but for those that say what they said when the page was shown."""
    seen = _read_seen(request.POST.get(SEEN, "{}"))
    columns = _columns(submission)
    writes = []
    for name in request.POST:
        if not name.startswith((CELL, DROP)):
            continue
        table, row, column = cell = sheets.cell_of(name.partition(":")[2])
        kind = columns.get((table, column), {"type": "text"})
        text = "" if name.startswith(DROP) else request.POST[name].replace("\r\n", "\n")
        was = seen.get(sheets.address_of(cell), "")
        if text in {was, _as_shown(kind, was)} and not name.startswith(DROP):
            continue
        if kind["type"] == "file" and text:
            raise BadRequest
        writes.append(CellWrite(table, row, column, text, was))
    return writes


def _columns(submission: Submission) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(table["code"], column["code"]): column for table in submission.form.tables for column in table["columns"]}


def _as_shown(column: Mapping[str, Any], value: str) -> str:
    return sheets.editable(column, value, is_valid=not report_cells.complaint(column, value))


def _read_seen(typed: str) -> dict[str, str]:
    try:
        seen = json.loads(typed)
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(seen, dict) or not all(isinstance(value, str) for value in seen.values()):
        raise BadRequest
    return seen


def _keep_files(request: UserRequest, submission: Submission) -> list[str]:
    """Keep the files that were sent with the form; return in words which were not taken."""
    refused = []
    for cell, upload in _files(request):
        try:
            submission_rows.attach(submission, cell, upload, by=request.user, at=clock.now())
        except (SubmissionRefused, EvidenceRefused) as refusal:
            refused.append(str(refusal))
    return refused


def _files(request: UserRequest) -> list[tuple[Cell, UploadedFile[Any]]]:
    """Return the files that were sent, each with the cell that it is for."""
    sent = ((name, request.FILES.getlist(name)) for name in request.FILES if name.startswith(FILE))
    return [(sheets.cell_of(name.removeprefix(FILE)), upload) for name, uploads in sent for upload in uploads[-1:]]


def _say_what_became(request: UserRequest, told: Sequence[Written]) -> None:
    wrong = sum(1 for one in told if one.complaint)
    if wrong:
        said = ngettext(
            "Saved. %(number)s cell does not fit its column; it is kept as you typed it.",
            "Saved. %(number)s cells do not fit their columns; they are kept as you typed them.",
            wrong,
        )
        messages.warning(request, said % {"number": wrong})
    else:
        messages.success(request, _("Saved."))


def _act(request: UserRequest, submission: Submission) -> HttpResponse:
    """Do what the button of the form says, once all is saved."""
    submission.refresh_from_db()
    try:
        if "complete" in request.POST:
            services.complete(submission, by=request.user, at=clock.now())
            messages.success(
                request,
                _("It is complete. The head of %(unit)s may certify it now.") % {"unit": submission.organisation.name},
            )
        elif "remove" in request.POST and (asked := _row_with_figures(submission, request.POST["remove"])):
            return _page(request, submission, taking_out=asked)
        elif "remove" in request.POST or "take-out" in request.POST:
            typed = request.POST.get("take-out") or request.POST["remove"]
            table, _stroke, row = typed.partition("/")
            submission_rows.remove_row(submission, table, row, by=request.user, at=clock.now())
            messages.success(request, _("The row is taken out."))
        elif "resolve" in request.POST:
            _resolve(request, submission, request.POST["resolve"])
    except Incomplete as refusal:
        return _page(request, submission, status=422, findings=_placed(submission, refusal.findings))
    except SubmissionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("agreements:enter-submission", pk=submission.pk)


def _row_with_figures(submission: Submission, typed: str) -> dict[str, Any] | None:
    """Return the row that is to be taken out, to be asked about first; None where nothing is lost with it."""
    code, _stroke, key = typed.partition("/")
    sheet = next((one for one in sheets.sheets_of(submission) if one.code == code and one.is_free), None)
    row = next((one for one in sheet.rows if one.row.key == key), None) if sheet else None
    filled = [(cell.column["title"], cell.shown or cell.text) for cell in row.cells if cell.value] if row else []
    return {"address": typed, "table": sheet.title, "row": key, "cells": filled} if sheet and filled else None


def _resolve(request: UserRequest, submission: Submission, typed: str) -> None:
    comment = get_object_or_404(CellComment, submission=submission, pk=int(typed) if is_key(typed) else 0)
    submission_judging.resolve(comment, by=request.user, at=clock.now())
    messages.success(request, _("The comment is marked as seen to."))


def _placed(submission: Submission, findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return each finding with the id of the field that it is about."""
    places = {
        cell.cell: cell.place for table in sheets.sheets_of(submission) for row in table.rows for cell in row.cells
    }
    return [(places.get((one.table, one.row, one.column), ""), one.words) for one in findings]


def _refused(request: UserRequest, submission: Submission, why: str, writes: Sequence[CellWrite]) -> HttpResponse:
    """Show the page with why nothing was saved, and all that was typed, so that it is not lost."""
    messages.error(request, why)
    submission.refresh_from_db()
    unsaved = [(_named(submission, write.cell), write.text) for write in writes]
    return _page(request, submission, status=409, unsaved=unsaved)


def _conflict(request: UserRequest, submission: Submission, found: Sequence[tuple[CellWrite, Written]]) -> HttpResponse:
    """Show mine and theirs for each cell that somebody else wrote meanwhile; all others are saved."""
    columns = _columns(submission)
    differences = []
    for write, theirs in found:
        column = columns[write.table, write.column]
        shown = sheets.editable(column, theirs.value, is_valid=not theirs.complaint)
        address = sheets.address_of(write.cell)
        differences.append(
            {"name": CELL + address, "label": _named(submission, write.cell), "mine": write.text, "theirs": shown}
        )
    seen = {sheets.address_of(one.cell): one.value for _write, one in found}
    context = {
        "submission": submission,
        "period": period_words(submission.form, submission.period),
        "differences": differences,
        "seen": json.dumps(seen, ensure_ascii=False),
    }
    return render(request, "agreements/submission_conflict.html", context, status=409)


def _named(submission: Submission, cell: Cell) -> str:
    """Return where a cell stands, as the page heads it."""
    table = next((one for one in submission.form.tables if one["code"] == cell[0]), None)
    if table is None:
        return sheets.address_of(cell)
    column = next((one["title"] for one in table["columns"] if one["code"] == cell[2]), cell[2])
    rows = reporting_units.rows_of(table, submission.organisation, filled=[cell[1]])
    row = next((one.title for one in rows if one.key == cell[1]), cell[1])
    return f"{row} · {column}"


# --- The script ------------------------------------------------------------------------------------------------------
@require_POST
def write_cells(request: UserRequest, pk: int) -> HttpResponse:
    """Write the cells that the script sends, and tell of each what became of it."""
    return _told(lambda: _write(request, entered_or_404(request, pk)))


def _told(write: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        return JsonResponse(write())
    except NotAllowed as refusal:
        return JsonResponse({"refused": str(refusal)}, status=403)
    except SubmissionRefused as refusal:
        return JsonResponse({"refused": str(refusal)}, status=409)


def _write(request: UserRequest, submission: Submission) -> dict[str, Any]:
    columns = _columns(submission)
    writes = _sent(request.POST.get("writes", "[]"))
    for write in writes:
        if write.text and columns.get((write.table, write.column), {}).get("type") == "file":
            raise BadRequest
    told = services.write_cells(submission, writes, by=request.user, at=clock.now())
    cells = [_answer(columns[one.cell[0], one.cell[2]], one) for one in told]
    return {"cells": cells, **_follows(submission)}


def _sent(typed: str) -> list[CellWrite]:
    try:
        sent = json.loads(typed)
        writes = [CellWrite(*sheets.cell_of(one["cell"]), text=one["text"], seen=one["seen"]) for one in sent]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest from error
    if len(writes) > MOST_WRITES or not all(isinstance(text, str) for one in writes for text in (one.text, one.seen)):
        raise BadRequest
    return writes


def _answer(column: Mapping[str, Any], one: Written) -> dict[str, Any]:
    """Return what became of a cell as the script reads it."""
    return {
        "cell": sheets.address_of(one.cell),
        "value": one.value,
        "text": sheets.editable(column, one.value, is_valid=not one.complaint),
        "complaint": one.complaint,
        "theirs": one.changed_meanwhile,
    }


def _follows(submission: Submission) -> dict[str, Any]:
    """Return what follows from the cells as they are now: sums, percentages, and what does not add up."""
    cells = services.observed(services.revision_of(submission))
    tables = submission.form.tables
    totals = report_cells.totals_of(tables, services.values_of(cells))
    return {
        "sums": {
            f"{table['code']}/{column['code']}": added
            for table in tables
            for column, added in sheets.sums_of(table, totals)
        },
        "ratios": {
            f"{table['code']}/{number}": share
            for table in tables
            for number, (_title, share) in enumerate(sheets.ratios_of(table, totals), start=1)
        },
        "imbalances": {
            sheets.address_of(cell): words for cell, words in sheets.imbalances_of(submission, cells).items()
        },
    }


# --- Files -----------------------------------------------------------------------------------------------------------
@require_GET
def cell_file(request: UserRequest, pk: int, observation: int) -> HttpResponseBase:
    """Send the file of a cell as an attachment; no browser may run it under our address."""
    submission = submission_or_404(request, pk)
    kept = get_object_or_404(
        Observation.objects.select_related("stored"), pk=observation, revision__submission=submission
    )
    if kept.stored is None:
        raise Http404
    try:
        content = kept.stored.file.open("rb")
    except FileNotFoundError:
        messages.error(request, _("The file is missing on the server. Tell the people who look after the portal."))
        return redirect(submission)
    response = FileResponse(content, as_attachment=True, filename=kept.value, content_type=kept.stored.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
