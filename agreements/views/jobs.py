"""How far background work is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agreements import clock, tasks
from agreements.models import Job
from agreements.services import jobs
from agreements.services.opening import REASONS
from agreements.views.requests import UserRequest

# So many of the reader's latest jobs stand in "My work", and those that are finished so long.
SHOWN = 5
KEPT = timedelta(days=7)


@require_GET
def job(request: UserRequest, pk: int) -> HttpResponse:
    """Show how far a job is and what came of it; asked by htmx, the part that changes."""
    seen = Job.objects.visible_to(request.user).select_related("round", "organisation", "asked_by")
    found = get_object_or_404(seen, pk=pk)
    if not found.is_finished and found.alive_at < jobs.silent_since(timezone.now()):
        # Whoever looks finds out first that its worker was killed.
        tasks.take_up_lost()
        found.refresh_from_db()
    template = "agreements/_job.html" if request.htmx else "agreements/job.html"
    return render(request, template, {"job": found, "label": jobs.label_of(found), "left_out": _left_out(found)})


def _left_out(found: Job) -> list[dict[str, Any]]:
    """Return who was left out, by reason, in words."""
    counts = found.outcome.get("left_out", {})
    return [
        {"code": code, "label": label, "count": counts[code]}
        for code, (label, _help) in REASONS.items()
        if counts.get(code)
    ]


def recent(request: UserRequest) -> list[dict[str, Any]]:
    """Return what the reader asked for: what is under way, and what was finished in the last days."""
    since = clock.now() - KEPT
    rows = Job.objects.filter(asked_by=request.user).filter(Q(finished_at=None) | Q(finished_at__gte=since))
    return [{"job": one, "label": jobs.label_of(one)} for one in rows.select_related("round").order_by("-pk")[:SHOWN]]
