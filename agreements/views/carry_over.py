"""Copying indicators from an earlier round into a draft."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements import actions, clock
from agreements.models import State
from agreements.services import carry_over
from agreements.views.requests import UserRequest, attempt, back_to, demand_who, is_key, log_reading, version_or_404


@require_http_methods(["GET", "POST"])
def earlier(request: UserRequest, pk: int) -> HttpResponse:
    """Offer the indicators of an earlier round; POST copies the ticked ones into the draft."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    if version.part.standing != State.DRAFT:
        return back_to(version)
    found = carry_over.sources(version, request.user)
    wanted = (request.POST if request.method == "POST" else request.GET).get("from", "")
    source = next((one for one in found if str(one.pk) == wanted), next(iter(found), None))
    if request.method == "POST" and source is not None:
        ticked = {int(key) for key in request.POST.getlist("item") if is_key(key)}
        said = ngettext(
            "%(count)s indicator is copied. Look at its criteria and targets for this round.",
            "%(count)s indicators are copied. Look at their criteria and targets for this round.",
            len(ticked),
        )
        if attempt(
            request,
            lambda: carry_over.copy_from_earlier(version, source, ticked, by=request.user, at=clock.now()),
            said=said % {"count": len(ticked)},
        ):
            return redirect("agreements:items", pk=pk)
    if source is not None:
        # The page tells what came of the indicators then.
        log_reading(request, [source])
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "sources": found,
        "source": source,
        "offers": carry_over.offers(version, source) if source is not None else [],
    }
    return render(request, "agreements/earlier.html", context)
