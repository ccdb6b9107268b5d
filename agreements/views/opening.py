"""Who gets an agreement in a round and who does not, and opening them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import actions, clock, tasks, thai
from agreements.models import Job, Organisation, Posting, Role, Round, User
from agreements.services import deadlines, jobs, opening
from agreements.services.opening import NO_POSTING, REASONS, Scope
from agreements.views.requests import UserRequest, is_key

ROWS_A_PAGE = 50


@require_http_methods(["GET", "POST"])
def open_round(request: UserRequest, pk: int) -> HttpResponse:
    """Show who gets an agreement, from which framework, under whom, and who does not; POST opens them."""
    round_ = _round_or_404(request, pk)
    if request.method == "POST":
        return _begin(request, round_)
    scope = opening.scope_for(round_, request.user, today=clock.today())
    counts = opening.counts(scope)
    reason = request.GET.get("reason", "")
    reason = reason if reason in REASONS else ""
    words = thai.normalise(request.GET.get("q", "")).strip()
    context = {
        "round": round_,
        "day": scope.day,
        "count": counts.get("", 0),
        "left_out": [
            {"code": code, "label": label, "help": help_, "count": counts[code]}
            for code, (label, help_) in REASONS.items()
            if counts.get(code)
        ],
        "reason": reason,
        "reason_label": REASONS[reason][0] if reason else "",
        "reason_help": REASONS[reason][1] if reason else "",
        "q": words,
        "begins": deadlines.is_hr_over(request.user, round_.organisation),
        "job": Job.objects.visible_to(request.user).unfinished().filter(round=round_).order_by("-pk").first(),
    }
    rows = _without_position(scope, words) if reason == NO_POSTING else _positions(scope, reason, words)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "agreements/opening.html", context | {"page": page} | _shown(round_, page.object_list, reason)
    )


def _positions(scope: Scope, reason: str, words: str) -> Any:
    found = opening.candidates(scope).filter(reason=reason).select_related("organisation", "user", "assessor__user")
    if words:
        found = found.filter(user__in=User.objects.matching(words))
    return found.order_by("organisation__path", "user__sort_key", "pk")


def _without_position(scope: Scope, words: str) -> Any:
    found = opening.without_position(scope)
    return (found.matching(words) if words else found).order_by("sort_key", "pk")


def _shown(round_: Round, rows: Any, reason: str) -> dict[str, Any]:
    if reason == NO_POSTING:
        return {"people": list(rows), "rows": []}
    postings: list[Posting] = list(rows)
    units: dict[int, Organisation] = {one.organisation_id: one.organisation for one in postings}
    codes = opening.frameworks_by_unit(round_, units.values()) if not reason else {}
    return {"people": [], "rows": [(one, codes.get(one.organisation_id, [])) for one in postings]}


def _round_or_404(request: UserRequest, pk: int) -> Round:
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR, Role.Kind.EXECUTIVE):
        raise Http404
    if not Role.objects.paths(request.user, Role.Kind.HR):
        raise actions.NotAllowed
    return round_


def _begin(request: UserRequest, round_: Round) -> HttpResponse:
    ticked = [int(key) for key in request.POST.getlist("person") if is_key(key)]
    if not ticked and request.POST.get("who") != "all":
        messages.error(request, _("Tick at least one person."))
        return redirect("agreements:opening", pk=round_.pk)
    people = ticked if request.POST.get("who") != "all" else []
    try:
        job = opening.begin(round_, by=request.user, at=clock.now(), now=timezone.now(), people=people)
    except jobs.JobRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:opening", pk=round_.pk)
    tasks.hand_over(job)
    return redirect(job)
