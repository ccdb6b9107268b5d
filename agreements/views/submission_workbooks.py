"""A report by Excel: the form downloaded, uploaded, looked at, taken."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agreements import clock, thai
from agreements.exchange.report_workbook import ReadReport, read_report
from agreements.exchange.workbook.guard import MAX_BYTES, NotOpened
from agreements.forms.submission_workbooks import ReportFileForm
from agreements.models import Submission
from agreements.services import submission_workbooks as workbooks
from agreements.services.submission_workbooks import WorkbookRefused
from agreements.services.submissions import SubmissionRefused
from agreements.views.people_list import XLSX
from agreements.views.requests import UserRequest, posted
from agreements.views.submission_entering import entered_or_404, why_locked
from agreements.views.submissions import period_words

# Kept in the reader's session between looking and taking, for one report at a time.
KEPT = "report_workbook"
# Of each kind, on the page; all are counted, and all are taken.
MOST_SHOWN = 200


@require_safe
@never_cache
def download(request: UserRequest, pk: int) -> HttpResponse:
    """Send the report as a workbook, with what it holds already."""
    submission = entered_or_404(request, pk)
    period = period_words(submission.form, submission.period)
    content = workbooks.form_of(submission, period=period)
    name = f"{submission.form.code} {submission.organisation.short_name or submission.organisation.name} {period}.xlsx"
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})


@require_http_methods(["GET", "POST"])
@never_cache
def upload(request: UserRequest, pk: int) -> HttpResponse:
    """Read an uploaded workbook and go on to what it would change."""
    submission = entered_or_404(request, pk)
    form = ReportFileForm(posted(request), request.FILES if request.method == "POST" else None)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            # One byte more than is allowed is enough to know.
            read = read_report(sent.read(MAX_BYTES + 1))
            workbooks.plan(submission, read)
        except (NotOpened, WorkbookRefused) as refusal:
            form.add_error("file", str(refusal))
        else:
            name = thai.normalise(sent.name or "")[-200:]
            request.session[KEPT] = {"submission": submission.pk, "name": name, "read": read.as_data()}
            return redirect("agreements:submission-check", pk=pk)
    context = _context(submission) | {"form": form, "locked": why_locked(submission)}
    return render(request, "agreements/submission_upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def check(request: UserRequest, pk: int) -> HttpResponse:
    """Show what the uploaded workbook would change; a POST takes it, all or nothing."""
    submission = entered_or_404(request, pk)
    kept = request.session.get(KEPT)
    if kept is None or kept["submission"] != submission.pk:
        return redirect("agreements:submission-upload", pk=pk)
    read = ReadReport.from_data(kept["read"])
    if request.method == "POST":
        return _take(request, submission, read)
    planned = workbooks.plan(submission, read)
    context = _context(submission) | {
        "plan": planned,
        "counts": planned.counts,
        "name": kept["name"],
        "remarks": read.remarks,
        "most": MOST_SHOWN,
        "faulty": planned.of("faulty")[:MOST_SHOWN],
        "others": [*planned.of("changed"), *planned.of("new")][:MOST_SHOWN],
        "wanted": planned.counts["changed"] + planned.counts["new"],
        "locked": why_locked(submission),
    }
    return render(request, "agreements/submission_check.html", context)


def _take(request: UserRequest, submission: Submission, read: ReadReport) -> HttpResponse:
    try:
        counts = workbooks.take(submission, read, by=request.user, shown=request.POST.get("shown", ""), at=clock.now())
    except (WorkbookRefused, SubmissionRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:submission-check", pk=submission.pk)
    del request.session[KEPT]
    said = _("The workbook was taken: %(new)s new cells, %(changed)s changed, %(unchanged)s as they were.")
    messages.success(request, said % {kind: counts[kind] for kind in ("new", "changed", "unchanged")})
    return redirect("agreements:enter-submission", pk=submission.pk)


def _context(submission: Submission) -> dict[str, object]:
    return {"submission": submission, "period": period_words(submission.form, submission.period)}
