"""Attaching, showing and downloading evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import actions, clock
from agreements.forms.evidence import EvidenceForm
from agreements.models import Evidence, Item, Result, User, Version
from agreements.services import evidence as services, evidence_lists, previews
from agreements.services.provenance import warnings_of
from agreements.views.requests import (
    REFUSALS,
    UserRequest,
    demand_entry,
    demand_who,
    is_key,
    log_reading,
    measured_item_or_404,
    version_or_404,
)


def files_of(result: Result | None, reader: User) -> list[Evidence]:
    """Return the evidence of a result in the order it came, each with what `reader` should know of it."""
    if result is None:
        return []
    files = list(
        result.evidence.select_related("stored", "added_by", "result__part__agreement__round").order_by(
            "added_at", "pk"
        )
    )
    known = warnings_of(files, reader=reader)
    for file in files:
        file.warnings = known[file.pk]  # type: ignore[attr-defined]  # for the template
    return files


# --- Attaching and taking away ---------------------------------------------------------------------------------------
@require_POST
def attach(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Attach files to the result of an item; the script sends them one by one and gets the new list back."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    demand_entry(version, item, request.user)
    form = EvidenceForm(request.POST, request.FILES, listed=evidence_lists.list_of(item))
    answers: list[Answer] = []
    if form.is_valid():
        note = form.cleaned_data["evidence_note"]
        attach_one = partial(_attach, request, version, item, note=note, listed_as=form.chosen())
        answers = [_attempt(partial(attach_one, upload)) for upload in form.cleaned_data["file"]]
    else:
        answers.append((messages.ERROR, _("Choose a file to attach.")))
    return _answer(request, version, item, answers)


Answer = tuple[int, str]


def _attach(
    request: UserRequest, version: Version, item: Item, upload: UploadedFile[Any], *, note: str, listed_as: str
) -> str:
    kept = services.attach(version, item, upload, note=note, listed_as=listed_as, by=request.user, at=clock.now())
    return _("“%(name)s” is attached.") % {"name": kept.name}


def _attempt(act: Callable[[], str]) -> Answer:
    try:
        return messages.SUCCESS, act()
    except REFUSALS as refusal:
        return messages.ERROR, str(refusal)


@require_POST
def detach(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Take a file off the result of an item."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    demand_entry(version, item, request.user)
    chosen = request.POST.get("remove", "")
    evidence = get_object_or_404(
        Evidence.objects.visible_to(request.user),
        pk=int(chosen) if is_key(chosen) else 0,
        result__lineage=item.lineage,
        result__part=version.part,
    )
    return _answer(request, version, item, [_attempt(lambda: _detach(request, version, evidence))])


def _detach(request: UserRequest, version: Version, evidence: Evidence) -> str:
    services.detach(evidence, version, by=request.user, at=clock.now())
    return _("“%(name)s” is taken away.") % {"name": evidence.name}


def _answer(request: UserRequest, version: Version, item: Item, answers: list[Answer]) -> HttpResponse:
    """Answer a page with a page, and the script with the list alone, so that nothing typed beside it is lost."""
    if not request.htmx:
        for level, words in answers:
            messages.add_message(request, level, words)
        return redirect("agreements:result", pk=version.part.agreement_id, lineage=item.lineage)
    refused = [words for level, words in answers if level == messages.ERROR]
    result = Result.objects.filter(part=version.part, lineage=item.lineage, checkpoint=Result.Checkpoint.FINAL).first()
    context = {
        "agreement": version.part.agreement,
        "item": item,
        "files": files_of(result, request.user),
        # Whoever attaches or takes off may enter results of this very item.
        "can_enter": actions.ENTER in actions.allowed(version, request.user),
        "refused": refused,
        "said": [words for level, words in answers if level == messages.SUCCESS],
    }
    return render(request, "agreements/_evidence_files.html", context, status=422 if refused else 200)


# --- Showing ---------------------------------------------------------------------------------------------------------
@require_GET
def view(request: UserRequest, pk: int) -> HttpResponse:
    """Show a page of a file, drawn by the portal, with the way to the other pages and files of its result."""
    evidence = _evidence_or_404(request, pk)
    typed = request.GET.get("page", "1")
    count = previews.page_count(evidence.stored)
    page = min(max(int(typed), 1), max(count, 1)) if is_key(typed) else 1
    try:
        previews.picture_of(evidence.stored, page)
        failed = ""
    except previews.NoPreview as reason:
        failed = str(reason)
    files = files_of(evidence.result, request.user)
    at = files.index(evidence)
    version = Version.objects.current().get(part=evidence.result.part_id)
    context = {
        "evidence": files[at],
        "agreement": evidence.result.part.agreement,
        "item": version.items.filter(lineage=evidence.result.lineage).first(),
        "page": page,
        "pages": count,
        "hidden_pages": max((evidence.stored.pages or 0) - count, 0) if count else 0,
        "page_before": page - 1,
        "page_after": page + 1 if page < count else 0,
        "failed": failed,
        "file_before": files[at - 1] if at else None,
        "file_after": files[at + 1] if at + 1 < len(files) else None,
        "file_number": at + 1,
        "file_count": len(files),
    }
    template = "agreements/_evidence_viewer.html" if request.htmx else "agreements/evidence.html"
    return render(request, template, context)


@require_GET
def picture(request: UserRequest, pk: int, page: int) -> HttpResponseBase:
    """Send the picture of a page."""
    evidence = _evidence_or_404(request, pk)
    try:
        content = previews.picture_of(evidence.stored, page)
    except previews.NoPreview as reason:
        raise Http404(str(reason)) from reason
    _log_reading(request, evidence)
    return _guarded(HttpResponse(content, content_type="image/webp"))


# --- Downloading -----------------------------------------------------------------------------------------------------
@require_GET
def download(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send a file as an attachment; no browser may run it under our address."""
    return sent(request, _evidence_or_404(request, pk), back=reverse("agreements:view-evidence", args=[pk]))


def sent(request: UserRequest, evidence: Evidence, *, back: str) -> HttpResponseBase:
    """Return the file of `evidence` as an attachment, and log that it was read; whoever calls it looked who may."""
    try:
        content = evidence.stored.file.open("rb")
    except FileNotFoundError:
        messages.error(request, _("The file is missing on the server. Tell the people who look after the portal."))
        return redirect(back)
    _log_reading(request, evidence)
    response = FileResponse(
        content, as_attachment=True, filename=evidence.name, content_type=evidence.stored.content_type
    )
    return _guarded(response)


def _evidence_or_404(request: UserRequest, pk: int) -> Evidence:
    related = ("stored", "result__part__agreement__round")
    return get_object_or_404(Evidence.objects.visible_to(request.user).select_related(*related), pk=pk)


def _log_reading(request: UserRequest, evidence: Evidence) -> None:
    current = Version.objects.current().filter(part=evidence.result.part_id)
    log_reading(request, list(current.select_related("part__agreement__organisation")))


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
