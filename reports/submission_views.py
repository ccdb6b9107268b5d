"""What a unit reported, on the paper of its form: filled as it stands, certified or not yet."""

from collections.abc import Mapping
from datetime import date

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from agreements.models import ReportForm, Revision, Submission
from agreements.services import reporting_days, reporting_units, submissions
from agreements.services.report_cells import Cell
from agreements.thai import fiscal_year_of, format_date, format_month
from agreements.views.requests import UserRequest
from agreements.views.submissions import submission_or_404
from reports import pdf, report_documents as documents
from reports.rows.report_paper import Certificate, ReportSource, RowHead, report_paper
from reports.views import chosen_digits


@require_safe
def report_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send a report as a PDF, as the revision that counts stands."""
    found = submission_or_404(request, pk)
    paper = report_paper(source_of(found))
    body = pdf.render(documents.document(paper, digits=chosen_digits(request)))
    # A form may be named by a whole sentence; file systems take some 80 letters of Thai.
    name = f"{paper.period} {paper.office} {paper.title}"[:80].strip().replace("/", "-")
    header = content_disposition_header(as_attachment=False, filename=f"{name}.pdf")
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": header or "inline"})


def source_of(submission: Submission) -> ReportSource:
    """Return what `submission` says: its own cells, or, where it only sums up, a row for each unit below it."""
    revision = submissions.revision_of(submission)
    if reporting_units.reports_itself(submission.form, submission.organisation):
        values = submissions.values_of(submissions.observed(revision))
        rows = {table["code"]: _rows(table, submission, values) for table in submission.form.tables}
    else:
        rows, values = _below(submission)
    return ReportSource(
        definition=submission.form.definition,
        office=submission.organisation.name,
        period=period_said(submission.form, submission.period),
        rows=rows,
        values=values,
        totals=submission.totals,
        certificate=_certificate(revision),
    )


def period_said(form: ReportForm, period: date) -> str:
    """Return a period as the heading of a form says it."""
    if form.period == "month":
        return f"ประจำเดือน {format_month(period, 'long').replace(' ', ' พ.ศ. ')}"
    if form.period == "event":
        return f"วันที่ {format_date(period, 'long')}"
    last = reporting_days.last_day(form, period)
    months = f"({format_month(period)} – {format_month(last)})"
    if form.period == "quarter":
        # The fiscal year begins in October.
        return f"ประจำไตรมาสที่ {(period.month - 10) % 12 // 3 + 1} ปีงบประมาณ พ.ศ. {fiscal_year_of(period)} {months}"
    return f"รอบการประเมินที่ {1 if period.month == 10 else 2} ปีงบประมาณ พ.ศ. {fiscal_year_of(period)} {months}"


def _rows(table: Mapping[str, object], submission: Submission, values: Mapping[Cell, str]) -> list[RowHead]:
    filled = {row for code, row, _column in values if code == table["code"]}
    found = reporting_units.rows_of(table, submission.organisation, filled=filled)
    return [RowHead(key=row.key, title=row.title) for row in found]


def _below(submission: Submission) -> tuple[dict[str, list[RowHead]], dict[Cell, str]]:
    """Return a row for each unit whose report was approved into `submission`, and its totals as the cells."""
    of_period = Submission.objects.of_period(submission.form, submission.period)
    approved = of_period.filter(above=submission.organisation_id, state=Submission.State.APPROVED)
    found = list(approved.select_related("organisation").order_by("organisation__sort_key", "pk"))
    heads = [RowHead(key=str(one.organisation_id), title=one.organisation.name) for one in found]
    values = {
        (key.partition(".")[0], str(one.organisation_id), key.partition(".")[2]): value
        for one in found
        for key, value in one.totals.items()
    }
    return {table["code"]: heads for table in submission.form.tables if heads}, values


def _certificate(revision: Revision) -> Certificate | None:
    if revision.certified_by is None or revision.certified_at is None:
        return None
    on = timezone.localdate(revision.certified_at)
    return Certificate(name=revision.certified_by.full_name, title=revision.certified_as, on=on)
