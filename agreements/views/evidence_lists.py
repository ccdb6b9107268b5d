"""Ticking off the evidence that an indicator lists."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements import actions, clock
from agreements.services import evidence_lists as services
from agreements.views.requests import (
    UserRequest,
    attempt,
    demand_entry,
    demand_who,
    measured_item_or_404,
    version_or_404,
)


@require_POST
def tick(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Keep which entries of an indicator's list of evidence are at hand."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    demand_entry(version, item, request.user)
    texts = services.list_of(item)
    numbers = {str(number): text for number, text in enumerate(texts, start=1)}
    ticked = [numbers.get(typed, typed) for typed in request.POST.getlist("at_hand")]
    attempt(
        request,
        lambda: services.tick(version, item, ticked, by=request.user, at=clock.now()),
        said=_("The list of evidence is saved."),
    )
    return redirect("agreements:result", pk=pk, lineage=item.lineage)
