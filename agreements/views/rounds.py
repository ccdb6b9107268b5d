"""The list of rounds, and the demo's clock."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import clock, thai
from agreements.models import Role, Round
from agreements.services import notices
from agreements.services.board import FOLLOWERS
from agreements.views.requests import UserRequest


@require_GET
def round_list(request: UserRequest) -> HttpResponse:
    """List the rounds that serve the reader."""
    rounds = Round.objects.visible_to(request.user).select_related("organisation").order_by("-starts_on", "pk")
    kinds = set(Role.objects.filter(user=request.user).values_list("kind", flat=True))
    context = {
        "round_list": rounds,
        "follows": bool(kinds & {*FOLLOWERS}),
        "screens": Role.Kind.SCREENING in kinds,
        "makes_rounds": Role.Kind.HR in kinds,
        "sees_holidays": bool(kinds & {Role.Kind.HR, Role.Kind.AUDITOR}),
    }
    return render(request, "agreements/round_list.html", context)


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
