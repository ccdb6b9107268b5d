"""The papers of a framework on screen and as PDF."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from agreements import clock
from agreements.models import Framework, Indicator
from agreements.services.frameworks import framework_document
from agreements.thai import fiscal_year_of
from agreements.views.requests import UserRequest
from reports import framework_documents as documents, pdf
from reports.documents import Digits
from reports.framework_documents import Paper
from reports.rows.followed import followed_paper
from reports.rows.framework import framework_paper, heading, indicator_sheets
from reports.views import chosen_digits

NAMES: dict[Paper, str] = {
    "framework": "กรอบการประเมิน",
    "responsibilities": "บัญชีสรุปตัวชี้วัดที่หน่วยงานรับผิดชอบ",
    "followed": "สรุปตัวชี้วัดที่ใช้ติดตาม",
    "indicator": "แบบฟอร์มรายละเอียดตัวชี้วัด (KPI Template)",
}


# What goes with a memo is written as memos are.
USUAL_DIGITS: dict[Paper, Digits] = {"followed": "thai"}


@require_safe
def preview(request: UserRequest, pk: int, paper: Paper, code: str = "") -> HttpResponse:
    """Show a paper of a framework as sheets."""
    framework = _framework_or_404(request, pk)
    digits = chosen_digits(request, usual=USUAL_DIGITS.get(paper, "arabic"))
    context = {
        "framework": framework,
        "paper": paper,
        "code": code,
        "title": _title(framework, paper, code),
        "sheets": documents.sheets(paper, _content(framework, paper, code), digits=digits),
        "digits": digits,
    }
    return render(request, "reports/framework_preview.html", context)


@require_safe
def paper_pdf(request: UserRequest, pk: int, paper: Paper, code: str = "") -> HttpResponse:
    """Send a paper of a framework as a PDF."""
    framework = _framework_or_404(request, pk)
    digits: Digits = chosen_digits(request, usual=USUAL_DIGITS.get(paper, "arabic"))
    title = _title(framework, paper, code)
    body = pdf.render(documents.document(paper, _content(framework, paper, code), title=title, digits=digits))
    name = content_disposition_header(as_attachment=False, filename=f"{title}.pdf".replace("/", "-"))
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": name or "inline"})


@require_safe
@cache_control(private=True, no_store=True)
def sheet_beside(request: UserRequest, pk: int) -> HttpResponse:
    """Send the sheet of an indicator alone, for the page of its template; whoever asks without htmx sees it whole."""
    visible = Indicator.objects.visible_to(request.user).select_related("framework__organisation")
    indicator = get_object_or_404(visible, pk=pk)
    if not request.htmx:
        return redirect("reports:indicator-sheet", pk=indicator.framework_id, code=indicator.code)
    content = _content(indicator.framework, "indicator", indicator.code)
    return HttpResponse(documents.sheets("indicator", content, digits="arabic"))


def _framework_or_404(request: UserRequest, pk: int) -> Framework:
    return get_object_or_404(Framework.objects.visible_to(request.user).select_related("organisation"), pk=pk)


def _title(framework: Framework, paper: Paper, code: str) -> str:
    return " ".join(filter(None, [NAMES[paper], code, framework.reference]))


def _content(framework: Framework, paper: Paper, code: str) -> dict[str, Any]:
    document = framework_document(framework)
    office = framework.organisation.name if framework.organisation else ""
    if paper == "followed":
        return {"paper": followed_paper(document, office=office)}
    if paper != "indicator":
        return {"paper": framework_paper(document, office=office)}
    get_object_or_404(framework.indicators.all(), code=code)
    year = fiscal_year_of(clock.today())
    head = heading(document, office=office)
    return {"framework": head, "sheets": indicator_sheets(document, code, fiscal_year=year)}
