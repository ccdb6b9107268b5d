"""What a dashboard shows, to print and as a workbook: the same address, the same figures."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from agreements import clock, thai
from agreements.views.dashboards import choice_or_404, dashboard_of
from agreements.views.requests import UserRequest
from reports import dashboard_paper, dashboard_workbook
from reports.rows.dashboard import DashboardPaper
from reports.views import chosen_digits

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def dashboard_as_pdf(request: UserRequest) -> HttpResponse:
    """Send what the dashboard shows as a PDF."""
    paper = _paper(request, clock.now())
    body = dashboard_paper.dashboard_pdf(paper, digits=chosen_digits(request))
    return _sent(body, "application/pdf", paper, "pdf", as_attachment=False)


@require_safe
def dashboard_as_workbook(request: UserRequest) -> HttpResponse:
    """Send what the dashboard shows as a workbook."""
    paper = _paper(request, clock.now())
    return _sent(dashboard_workbook.write(paper), XLSX, paper, "xlsx", as_attachment=True)


def _paper(request: UserRequest, at: datetime) -> DashboardPaper:
    choice = choice_or_404(request)
    if choice.asked is None:
        # Nothing was released: the page says so, and leads to no paper.
        raise Http404
    return DashboardPaper(board=dashboard_of(request, choice), at=at)


def _sent(body: bytes, kind: str, paper: DashboardPaper, ending: str, *, as_attachment: bool) -> HttpResponse:
    asked = paper.board.asked
    name = f"{asked.framework.code} {asked.round} {thai.format_date(paper.at.date())}.{ending}".replace("/", "-")
    held = content_disposition_header(as_attachment=as_attachment, filename=name)
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": held or "inline"})
