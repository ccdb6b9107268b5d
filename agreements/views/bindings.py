"""Copying what report forms say into a result."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements import actions, clock
from agreements.services import bindings
from agreements.views.requests import UserRequest, attempt, demand_who, measured_item_or_404, version_or_404


@require_POST
def copy_figures(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Copy what certified reports say of the variables of an item into its result."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    said = _("The values are copied from the reports. Where each comes from stands with the score.")
    attempt(request, lambda: bindings.copy(version, item, by=request.user, at=clock.now()), said=said)
    return redirect("agreements:result", pk=pk, lineage=lineage)
