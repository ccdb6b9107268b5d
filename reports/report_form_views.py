"""Blank report forms on screen and as PDF, for those who hand them out: framework editors and HR."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from agreements.models import Organisation, ReportForm, Role, User
from agreements.models.rounds import serving
from agreements.views.requests import UserRequest, is_key
from reports import pdf, report_documents as documents
from reports.rows.report_paper import ReportPaper, ReportSource, RowHead, report_paper
from reports.views import chosen_digits

# Whose task it is to hand forms out.
KINDS = (Role.Kind.FRAMEWORK_EDITOR, Role.Kind.HR)
# Units that are named in the rows of a blank form; with more of them its rows stay empty.
MOST_NAMED = 300
UNIT_ROWS: Mapping[str, Sequence[str]] = {
    "districts": (Organisation.Kind.DISTRICT,),
    "local_governments": (Organisation.Kind.LOCAL_GOVERNMENT, Organisation.Kind.MUNICIPALITY),
}


@require_safe
def form_list(request: UserRequest) -> HttpResponse:
    """List the report forms that serve the reader's offices, each in its newest version."""
    newest: dict[str, ReportForm] = {}
    for form in _visible_to(request.user).order_by("code", "-version"):
        newest.setdefault(form.code, form)
    rows = [{"form": form, "paper": report_paper(ReportSource(definition=form.definition))} for form in newest.values()]
    return render(request, "reports/report_form_list.html", {"rows": rows})


@require_safe
def preview(request: UserRequest, pk: int) -> HttpResponse:
    """Show a blank report form as sheets."""
    form = get_object_or_404(_visible_to(request.user), pk=pk)
    digits = chosen_digits(request)
    offices = _offices_of(request.user)
    office = _chosen_office(request, offices)
    paper = _blank(form, office)
    context = {
        "form": form,
        "title": documents.title(paper),
        "sheets": documents.sheets(paper, digits=digits),
        "offices": offices,
        "office": office,
        "digits": digits,
        "query": request.GET.urlencode(),
    }
    return render(request, "reports/report_form_preview.html", context)


@require_safe
def form_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send a blank report form as a PDF."""
    form = get_object_or_404(_visible_to(request.user), pk=pk)
    digits = chosen_digits(request)
    paper = _blank(form, _chosen_office(request, _offices_of(request.user)))
    body = pdf.render(documents.document(paper, digits=digits))
    # A form may be named by a whole sentence; file systems take some 80 letters of Thai.
    name = f"{documents.title(paper)[:80].strip()}.pdf".replace("/", "-")
    header = content_disposition_header(as_attachment=False, filename=name)
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": header or "inline"})


def _visible_to(user: User) -> QuerySet[ReportForm]:
    """Return the report forms that serve the places of `user`.

    :raises Http404: if handing forms out is no task of theirs.
    """
    if not Role.objects.filter(user=user, kind__in=KINDS).exists():
        raise Http404
    return ReportForm.objects.filter(serving(user)).select_related("organisation")


def _offices_of(user: User) -> list[Organisation]:
    """Return the organisations in which `user` hands forms out, and whose names may stand on them."""
    held = Role.objects.filter(user=user, kind__in=KINDS)
    return list(Organisation.objects.filter(pk__in=held.values("organisation")).order_by("path"))


def _chosen_office(request: UserRequest, offices: Sequence[Organisation]) -> Organisation | None:
    """Return the office asked for as ?office=KEY; none where its line stays empty.

    :raises BadRequest: if it is none of `offices`.
    """
    asked = request.GET.get("office", "")
    if not asked:
        return None
    found = next((one for one in offices if is_key(asked) and one.pk == int(asked)), None)
    if found is None:
        raise BadRequest("office")
    return found


def _blank(form: ReportForm, office: Organisation | None) -> ReportPaper:
    if office is None:
        return report_paper(ReportSource(definition=form.definition))
    rows = {table["code"]: _unit_rows(table, office) for table in form.definition["tables"]}
    return report_paper(ReportSource(definition=form.definition, office=office.name, rows=rows))


def _unit_rows(table: Mapping[str, Any], office: Organisation) -> list[RowHead]:
    """Return a row for each unit below `office` that `table` has rows for."""
    kinds = UNIT_ROWS.get(table["rows"]["kind"])
    if kinds is None:
        return []
    units = Organisation.objects.within(office).filter(kind__in=kinds).exclude(pk=office.pk).in_thai_order()
    found = list(units[: MOST_NAMED + 1])
    return [RowHead(key=unit.code, title=unit.name) for unit in found] if len(found) <= MOST_NAMED else []
