"""Ticking off the evidence that an indicator lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements import actions, clock
from agreements.models import Item, Version
from agreements.services import evidence_lists as services
from agreements.services.results import open_book
from agreements.views.evidence import files_of
from agreements.views.requests import (
    REFUSALS,
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
    act = partial(services.tick, version, item, ticked, by=request.user, at=clock.now())
    if request.htmx:
        return _answer(request, version, item, act)
    attempt(request, act, said=_("The list of evidence is saved."))
    return redirect("agreements:result", pk=pk, lineage=item.lineage)


def _answer(request: UserRequest, version: Version, item: Item, act: Callable[[], object]) -> HttpResponse:
    """Keep the ticks and answer with the list as it stands, for the script that saves them one by one."""
    refused = ""
    try:
        act()
    except REFUSALS as refusal:
        refused = str(refusal)
    kept = open_book(version).result(item)
    context = {
        "agreement": version.part.agreement,
        "item": item,
        "can_enter": True,
        "listed": services.listed(item, kept, files_of(kept, request.user)),
        "refused": refused,
        "ticked_at": None if refused else clock.now(),
    }
    return render(request, "agreements/_evidence_ticks.html", context, status=422 if refused else 200)
