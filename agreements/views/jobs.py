"""How far background work is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agreements import clock, tasks
from agreements.models import Job, JobFile
from agreements.services import job_files, jobs
from agreements.services.opening import OPEN_ROUND, REASONS
from agreements.views.requests import UserRequest

# So many of the reader's latest jobs stand in "My work", and those that are finished so long.
SHOWN = 5
KEPT = timedelta(days=7)


@require_GET
def job(request: UserRequest, pk: int) -> HttpResponse:
    """Show how far a job is and what came of it; asked by htmx, the part that changes."""
    seen = Job.objects.visible_to(request.user).select_related("round", "organisation", "asked_by", "file")
    found = get_object_or_404(seen, pk=pk)
    if not found.is_finished and found.alive_at < jobs.silent_since(timezone.now()):
        # Whoever looks finds out first that its worker was killed.
        tasks.take_up_lost()
        found.refresh_from_db()
    template = "agreements/_job.html" if request.htmx else "agreements/job.html"
    return render(request, template, _page(request, found))


def _page(request: UserRequest, found: Job) -> dict[str, Any]:
    return {
        "job": found,
        "label": jobs.label_of(found),
        "left_out": _left_out(found),
        # The file is for who asked alone; HR of the place sees that there is one.
        "is_own": found.asked_by_id == request.user.pk,
        "now": clock.now(),
    }


@require_GET
def job_file(request: UserRequest, pk: int) -> HttpResponseBase:
    """Send the file that came of a job, to who asked for it and nobody else."""
    found = get_object_or_404(Job.objects.filter(asked_by=request.user).select_related("file"), pk=pk)
    kept = JobFile.objects.filter(job=found).first()
    if kept is None:
        raise Http404
    now = clock.now()
    try:
        job_files.demand(kept, at=now)
    except job_files.FileGone as gone:
        messages.error(request, str(gone))
        return redirect(found)
    fetch = jobs.kind_of(found).fetch
    if fetch is not None:
        fetch(found, now)
    content = default_storage.open(kept.path)
    response = FileResponse(content, as_attachment=True, filename=kept.name, content_type=kept.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _left_out(found: Job) -> list[dict[str, Any]]:
    """Return who was left out, by reason, in words."""
    counts = found.outcome.get("left_out", {}) if found.kind == OPEN_ROUND.code else {}
    return [
        {"code": code, "label": label, "count": counts[code]}
        for code, (label, _help) in REASONS.items()
        if counts.get(code)
    ]


def recent(request: UserRequest) -> list[dict[str, Any]]:
    """Return what the reader asked for: what is under way, and what was finished in the last days."""
    since = clock.now() - KEPT
    rows = Job.objects.filter(asked_by=request.user).filter(Q(finished_at=None) | Q(finished_at__gte=since))
    shown = rows.select_related("round", "file").order_by("-pk")[:SHOWN]
    return [{"job": one, "label": jobs.label_of(one)} for one in shown]
