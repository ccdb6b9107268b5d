"""Who takes part: naming and replacing parties, and recording that the assessee does not sign."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import actions, clock
from agreements.forms.parties import PartyForm, RefusalForm
from agreements.models import Capacity, Posting
from agreements.models.states import has_signed
from agreements.services import parties as services, refusals
from agreements.views.requests import UserRequest, attempt, back_to, demand_who, of_the_whole, posted, version_or_404


@require_GET
def parties(request: UserRequest, pk: int) -> HttpResponse:
    """Show who takes part, and whom HR may name or replace."""
    version = version_or_404(request, pk)
    demand_who(actions.REPLACE, version, request.user)
    held = {party.capacity: party for party in version.parties.all()}
    may = actions.REPLACE in actions.allowed(version, request.user)
    replaceable = services.replaceable_in(version)
    shown = sorted({Capacity.ASSESSEE, *replaceable}, key=Capacity.values.index)
    rows = [
        {
            "capacity": capacity,
            "party": held.get(capacity),
            "is_open": may and capacity in replaceable and services.is_open(version, capacity),
        }
        for capacity in shown
    ]
    context = {"version": version, "agreement": version.part.agreement, "rows": rows, "may": may}
    return render(request, "agreements/parties.html", context)


@require_http_methods(["GET", "POST"])
def replace(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Name or replace the party in one capacity, with a reason."""
    version = version_or_404(request, pk)
    demand_who(actions.REPLACE, version, request.user)
    capacity = Capacity(code)
    party = next((one for one in version.parties.all() if one.capacity == capacity), None)
    candidates = services.candidates_for(version, capacity, on=clock.today())
    if capacity not in services.replaceable_in(version):
        raise Http404
    may_be_nobody = party is not None and capacity not in services.NEVER_NOBODY
    form = PartyForm(posted(request), candidates=candidates, nobody=may_be_nobody)
    if request.method == "POST" and form.is_valid() and _replaced(request, version, capacity, form.cleaned_data):
        return back_to(version)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "form": form,
        "capacity": capacity,
        "party": party,
        "is_open": actions.REPLACE in actions.allowed(version, request.user) and services.is_open(version, capacity),
        "within_content": capacity in services.WITHIN_CONTENT,
    }
    return render(request, "agreements/replace_party.html", context)


def _replaced(request: UserRequest, version: Any, capacity: Capacity, answer: dict[str, Any]) -> bool:
    posting: Posting | None = answer["posting"]
    return attempt(
        request,
        lambda: services.replace_party(
            version, capacity, posting, by=request.user, reason=answer["reason"], at=clock.now()
        ),
        said=_("The parties are changed, with your reason."),
    )


@require_http_methods(["GET", "POST"])
def refuse(request: UserRequest, pk: int) -> HttpResponse:
    """Record that the result was told to an assessee who does not sign, and name a witness."""
    version = version_or_404(request, pk)
    if not version.part.is_last:
        return redirect("agreements:refusal", pk=of_the_whole(version))
    demand_who(actions.REFUSE, version, request.user)
    candidates = refusals.witnesses_for(version, by=request.user, on=clock.today())
    form = RefusalForm(posted(request), candidates=candidates, initial={"told_on": clock.today()})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            request,
            lambda: refusals.record_refusal(version, by=request.user, at=clock.now(), **form.cleaned_data),
            said=_("It is on record. The witness signs now."),
        )
    ):
        return back_to(version)
    witness = next((one for one in version.parties.all() if one.capacity == Capacity.WITNESS), None)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "form": form,
        "witness": witness if witness and not has_signed(version, Capacity.WITNESS, "result") else None,
        "is_open": actions.REFUSE in actions.allowed(version, request.user),
    }
    return render(request, "agreements/refusal.html", context)
