"""Frameworks as files: downloaded as a workbook, uploaded, looked at, and imported when confirmed."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import clock, thai
from agreements.exchange.files import write_framework_file
from agreements.exchange.workbook.marking import NotMarked, mark_faults
from agreements.exchange.workbook.places import CellFault
from agreements.exchange.workbook.spreading import NotWritable
from agreements.forms.framework_files import FrameworkFileForm
from agreements.models import Framework, Organisation
from agreements.services import framework_files as services, uploads
from agreements.services.frameworks import CodeTaken, ImportOutcome, framework_document
from agreements.views.requests import UserRequest, posted

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Rows of one kind that a page shows; the rest are counted.
MOST_SHOWN = 200
# What is known of an upload besides its content, by its hash: the name it came with and whose it becomes.
SESSION_KEY = "framework_uploads"


@require_GET
def workbook(request: UserRequest, pk: int) -> HttpResponse:
    """Send a framework as an Excel workbook."""
    found = get_object_or_404(Framework.objects.visible_to(request.user), pk=pk)
    try:
        content = write_framework_file(framework_document(found), "xlsx")
    except NotWritable as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    return _attachment(content, f"{found.reference}.xlsx")


@require_http_methods(["GET", "POST"])
def upload(request: UserRequest) -> HttpResponse:
    """Take a file, keep it, and show what it would change; one that cannot be opened is refused here."""
    organisations = _edited(request)
    form = FrameworkFileForm(posted(request), request.FILES or None, organisations=organisations)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        name = thai.normalise(form.cleaned_data["file"].name or "")[-200:]
        content = form.content()
        checked = services.check_file(content, name=name)
        # A file with faults in its cells is kept as well: it goes back with the faults marked.
        if checked.document:
            digest = uploads.keep(content, name=name, by=request.user)
            chosen = form.cleaned_data["organisation"]
            known = request.session.get(SESSION_KEY, {})
            request.session[SESSION_KEY] = {**known, digest: {"name": name, "organisation": chosen.pk}}
            return redirect("agreements:framework-preview", digest=digest)
        faults = checked.fault_lines
    return render(request, "agreements/framework_upload.html", {"form": form, "faults": faults})


@require_http_methods(["GET", "POST"])
def preview(request: UserRequest, digest: str) -> HttpResponse:
    """Show what an uploaded file would change, or what is wrong with it; import it when it is confirmed."""
    organisations = _edited(request)
    content, name, chosen = _uploaded(request, digest, organisations)
    checked = services.check_file(content, name=name)
    page: dict[str, Any] = {"checked": checked, "digest": digest, "name": name, "most": MOST_SHOWN}
    if checked.accepted is None:
        return render(request, "agreements/framework_preview.html", page | _faults(checked))
    found = services.preview(checked.accepted)
    try:
        page["owner"] = services.owner_of(found, chosen=chosen, by=request.user)
        page["may_import"] = True
        if request.method == "POST":
            outcome = services.take_in(
                checked.accepted, chosen=chosen, seen=request.POST.get("seen", ""), by=request.user, at=clock.now()
            )
            uploads.discard(digest, by=request.user)
            messages.success(request, _said(outcome))
            return redirect(outcome.framework)
    except (CodeTaken, services.ChangedMeanwhile) as refusal:
        page["refusal"] = str(refusal)
    page |= {"preview": found, "differences": found.differences, "document": checked.accepted.document}
    return render(request, "agreements/framework_preview.html", page)


@require_GET
def marked(request: UserRequest, digest: str) -> HttpResponse:
    """Send an uploaded workbook back with its faults marked."""
    content, name, _chosen = _uploaded(request, digest, _edited(request))
    checked = services.check_file(content, name=name)
    if not checked.file.is_workbook:
        raise Http404
    try:
        content = mark_faults(content, [fault for fault in checked.faults if isinstance(fault, CellFault)])
    except NotMarked:
        messages.error(request, _("This workbook cannot be written again; the faults are listed on this page."))
        return redirect("agreements:framework-preview", digest=digest)
    return _attachment(content, name)


def _said(outcome: ImportOutcome) -> str:
    values = {"framework": outcome.framework, "count": outcome.framework.indicators.count()}
    if outcome.change == "unchanged":
        return _("%(framework)s is unchanged.") % values
    return _("%(framework)s was imported as a draft (indicators: %(count)s).") % values


def _edited(request: UserRequest) -> list[Organisation]:
    """Return the organisations that the reader edits frameworks for.

    :raises PermissionDenied: if there is none.
    """
    organisations = services.edited_organisations(request.user)
    if not organisations:
        raise PermissionDenied
    return organisations


def _uploaded(request: UserRequest, digest: str, organisations: list[Organisation]) -> tuple[bytes, str, Organisation]:
    """Return the content of an upload of the reader, its name, and whose framework a new code becomes."""
    try:
        content, suffix = uploads.find(digest, by=request.user)
    except uploads.NoSuchUpload as error:
        raise Http404 from error
    known = request.session.get(SESSION_KEY, {}).get(digest, {})
    chosen = next((one for one in organisations if one.pk == known.get("organisation")), organisations[0])
    name = known.get("name", "")
    return content, name if PurePath(name).suffix.lower() == suffix else f"{digest[:8]}{suffix}", chosen


def _faults(checked: services.CheckedFile) -> dict[str, Any]:
    return {
        "faults": [
            {
                "place": fault.place,
                "says": fault.message if isinstance(fault, CellFault) else line,
                "is_cell": isinstance(fault, CellFault),
            }
            for fault, line in zip(checked.faults, checked.fault_lines, strict=True)
        ]
    }


def _attachment(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
