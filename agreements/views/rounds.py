"""Where a round stands, and the demo's clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import clock, thai
from agreements.models import Agreement, Extension, Organisation, Role, Round, State
from agreements.services import deadlines, notices
from agreements.views.requests import UserRequest
from agreements.views.work import with_late_marks

ROWS_A_PAGE = 50
FOLLOWERS = (Role.Kind.HR, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR)


@require_GET
def round_list(request: UserRequest) -> HttpResponse:
    """List the rounds that serve the reader."""
    rounds = Round.objects.visible_to(request.user).select_related("organisation").order_by("-starts_on", "pk")
    kinds = set(Role.objects.filter(user=request.user).values_list("kind", flat=True))
    follows, sees_holidays = bool(kinds & {*FOLLOWERS}), bool(kinds & {Role.Kind.HR, Role.Kind.AUDITOR})
    return render(
        request,
        "agreements/round_list.html",
        {"round_list": rounds, "follows": follows, "sees_holidays": sees_holidays},
    )


@require_GET
def round_board(request: UserRequest, pk: int) -> HttpResponse:
    """Show where a round stands, unit by unit; those who may open the agreements also get their list."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, *FOLLOWERS):
        raise Http404
    followed = Agreement.objects.filter(round=round_).in_offices_led_by(request.user)
    return render(
        request,
        "agreements/round.html",
        {"round": round_, "states": State.choices, "today": clock.today(), "waiting": _waiting(request, round_)}
        | _matrix(followed)
        | _list_of(request, round_)
        | {
            "sets_deadlines": deadlines.is_hr_over(request.user, round_.organisation),
            "is_hr": bool(Role.objects.paths(request.user, Role.Kind.HR)),
            "extensions": Extension.objects.visible_to(request.user)
            .filter(round=round_)
            .granted()
            .select_related("organisation", "agreement__person", "agreement__organisation", "granted_by")
            .order_by("phase", "until", "pk"),
        },
    )


def _waiting(request: UserRequest, round_: Round) -> Counter[str]:
    """Return how many agreements of the round wait for the reader as HR, by state."""
    return Counter(Agreement.objects.awaiting_hr(request.user).filter(round=round_).values_list("state", flat=True))


def _matrix(followed: Any) -> dict[str, Any]:
    counts = Counter(followed.values_list("organisation_id", "state"))
    totals = Counter(followed.values_list("state", flat=True))
    units = Organisation.objects.filter(pk__in={unit for unit, _state in counts}).order_by("path")
    rows = [(unit, {state: counts[unit.pk, state] for state in State.values}) for unit in units]
    return {
        "matrix": [{"unit": unit, "cells": _cells(own), "count": sum(own.values())} for unit, own in rows],
        "totals": _cells(totals),
        "count": totals.total(),
    }


def _cells(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"state": state, "label": label, "count": counts[state]} for state, label in State.choices]


def _list_of(request: UserRequest, round_: Round) -> dict[str, Any]:
    state, unit = request.GET.get("state", ""), request.GET.get("unit", "")
    shown = Agreement.objects.filter(round=round_).visible_to(request.user).for_list().prefetch_related("late_marks")
    # Executives follow how many, never who.
    lists = bool(Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR))
    if not lists:
        shown = shown.none()
    if state in State.values:
        shown = shown.filter(state=state)
    if unit.isdecimal():
        # A number beyond all keys finds nothing this way; compared as a foreign key it would be an error.
        shown = shown.filter(organisation__in=Organisation.objects.filter(pk=int(unit)).order_by())
    page = Paginator(shown.order_by("organisation__path", "pk"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "agreement_list": with_late_marks(page.object_list),
        "state": state,
        "unit": unit,
        "lists": lists,
    }


@require_POST
def move_demo_clock(request: UserRequest) -> HttpResponse:
    """Move the demo's clock forward, never back."""
    try:
        typed = request.POST.get("date", "").strip()
        if typed:
            day = thai.parse_date(typed)
        else:
            day = clock.demo_today() + timedelta(days=int(request.POST.get("days", "1")))
        clock.move_demo_to(day)
        # In the demo no timer runs: what a timer would have written that day is there at once.
        notices.write_due(at=clock.now())
    except (clock.ClockRefused, thai.NotADate) as refusal:
        messages.error(request, str(refusal))
    except (ValueError, OverflowError):
        messages.error(request, _("Write a day such as 20 มี.ค. 2556."))
    else:
        messages.success(request, _("Today is now %(day)s.") % {"day": thai.format_date(day)})
    onward = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()}):
        onward = "/"
    return redirect(onward)
