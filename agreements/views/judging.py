"""The page on which a unit judges one indicator for everyone who agreed it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from agreements import clock
from agreements.forms.judging import JudgingForm
from agreements.models import Evidence, Indicator, Judgement, Organisation, Round
from agreements.services import judges, judging as services
from agreements.services.judged_results import JudgedResult, judged_results, tasks_for
from agreements.views.evidence import sent
from agreements.views.requests import UserRequest, log_reading
from agreements.views.typing import Typing, answered_in_a_line

ROWS_A_PAGE = 100


@require_GET
def judging_list(request: UserRequest) -> HttpResponse:
    """List what the reader's units judge for others in open rounds."""
    tasks = tasks_for(request.user)
    return render(request, "agreements/judging_list.html", {"tasks": tasks, "today": clock.today()})


def _place_or_404(request: UserRequest, pk: int, indicator: int, unit: int) -> tuple[Round, Indicator, Organisation]:
    """Return what is judged, for those who act for the unit; for everybody else it is not there."""
    found = get_object_or_404(Organisation, pk=unit)
    if not judges.acts_for(request.user, found):
        raise Http404
    return get_object_or_404(Round, pk=pk), get_object_or_404(Indicator, pk=indicator), found


@require_http_methods(["GET", "POST"])
@answered_in_a_line
def judge(request: UserRequest, pk: int, indicator: int, unit: int) -> HttpResponse:
    """Show all submissions of an indicator with their evidence; keep what is made of them, and hand it in."""
    round_, about, place = _place_or_404(request, pk, indicator, unit)
    with transaction.atomic():
        if request.method == "POST":
            # Of two people of the unit who save at once, one sees what the other wrote.
            Round.objects.select_for_update(of=("self",)).get(pk=pk)
        return _judge(request, round_, about, place)


def _judge(request: UserRequest, round_: Round, about: Indicator, unit: Organisation) -> HttpResponse:
    asked = (round_, about, unit)
    rows = judged_results(*asked, reader=request.user)
    if not rows:
        raise Http404
    # What can be judged now stands first, each group in the order of the tree.
    rows.sort(key=lambda row: not row.is_open)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    typing = Typing(
        request,
        lambda data: [JudgingForm(data, rows=shown)],
        lambda: [
            (one.pk, one.steps, one.score, one.remark)
            for one in Judgement.objects.filter(
                organisation=unit, part__in={row.item.version.part_id for row in shown}
            ).order_by("pk")
        ],
    )
    form: Any = typing.forms[0]
    typing.beside = lambda: render_to_string(
        "agreements/_judged_ready.html", {"ready": _ready(judged_results(*asked, reader=request.user)), "swapped": True}
    )
    if typing.goes_over_unseen:
        return typing.conflict()
    if request.method == "POST" and form.is_valid() and _keep(request, round_, about, unit, form):
        return redirect(request.get_full_path())
    if request.method == "GET":
        read = {row.item.version.pk: row.item.version for row in shown if row.result}
        log_reading(request, list(read.values()), as_list=True)
    until = judges.until(rows[0].item.definition, round_, judges.holidays_by_round([round_])[round_.pk])
    return render(
        request,
        "agreements/judging.html",
        {
            "round": round_,
            "indicator": about,
            "unit": unit,
            "decision": rows[0].decision,
            "definition": rows[0].item.definition,
            "form": form,
            "page": page,
            "rows": [{"row": row, "cells": form.cells(row)} for row in shown],
            "until": until,
            "is_late": clock.today() > until,
            "seen": typing.seen,
            "counts": _counts(rows),
            "ready": _ready(rows),
            "can_judge": any(row.is_open for row in shown),
        },
    )


def _ready(rows: list[JudgedResult]) -> int:
    return sum(row.is_open and row.is_decided and not row.is_handed_in for row in rows)


def _counts(rows: list[JudgedResult]) -> dict[str, int]:
    return {
        "all": len(rows),
        "reported": sum(row.is_reported for row in rows),
        "waiting": sum(row.is_open and row.entry is None for row in rows),
        "handed_in": sum(row.entry is not None for row in rows),
    }


def _keep(request: UserRequest, round_: Round, about: Indicator, unit: Organisation, form: JudgingForm) -> bool:
    by, at = request.user, clock.now()
    try:
        services.keep_drafts(round_, about, unit, form.verdicts(), by=by, at=at)
        if "hand_in" in request.POST:
            count = services.hand_in(round_, about, unit, by=by, at=at)
            said = ngettext("%(count)s judgement is handed in.", "%(count)s judgements are handed in.", count)
            messages.success(request, said % {"count": count})
        elif not request.htmx:
            messages.success(request, _("What you judged is kept. It counts once it is handed in."))
    except services.JudgingRefused as refusal:
        messages.error(request, str(refusal))
        return "hand_in" in request.POST
    return True


@require_GET
def judged_evidence(request: UserRequest, pk: int, indicator: int, unit: int, evidence: int) -> HttpResponseBase:
    """Send a file of a submission to those who judge it."""
    round_, about, place = _place_or_404(request, pk, indicator, unit)
    rows = judged_results(round_, about, place, reader=request.user)
    files = {file.pk for row in rows for file in row.files}
    kept = get_object_or_404(
        Evidence.objects.select_related("stored", "result__part__agreement__round"),
        pk=evidence if evidence in files else 0,
    )
    return sent(request, kept, back=reverse("agreements:judge", args=[pk, indicator, unit]))
