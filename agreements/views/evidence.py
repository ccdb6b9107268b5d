"""Attaching and downloading evidence."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import actions, clock
from agreements.forms.evidence import EvidenceForm
from agreements.models import Evidence
from agreements.services import evidence as services
from agreements.views.requests import UserRequest, attempt, demand_who, measured_item_or_404, version_or_404


@require_POST
def attach(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Attach a file to the result of an item."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        upload, note = form.cleaned_data["file"], form.cleaned_data["evidence_note"]
        attempt(
            request,
            lambda: services.attach(version, item, upload, note=note, by=request.user, at=clock.now()),
            said=_("“%(name)s” is attached.") % {"name": upload.name},
        )
    else:
        messages.error(request, _("Choose a file to attach."))
    return redirect("agreements:result", pk=pk, lineage=lineage)


@require_POST
def detach(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Take a file off the result of an item."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    chosen = request.POST.get("remove", "")
    evidence = get_object_or_404(
        Evidence.objects.visible_to(request.user),
        pk=int(chosen) if chosen.isdecimal() else 0,
        result__lineage=item.lineage,
        result__part=version.part,
    )
    attempt(
        request,
        lambda: services.detach(evidence, version, by=request.user),
        said=_("“%(name)s” is taken away.") % {"name": evidence.name},
    )
    return redirect("agreements:result", pk=pk, lineage=lineage)


@require_GET
def download(request: UserRequest, pk: int) -> FileResponse:
    """Send a file as an attachment; no browser may run it under our address."""
    evidence = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("stored"), pk=pk)
    response = FileResponse(
        evidence.stored.file.open("rb"),
        as_attachment=True,
        filename=evidence.name,
        content_type=evidence.stored.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
