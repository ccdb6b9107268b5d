"""Amending what is agreed: opening an amendment, giving it up, and what it says otherwise."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import actions, clock
from agreements.forms.agreements import AmendmentForm
from agreements.services import amendments as services
from agreements.views.requests import UserRequest, attempt, back_to, demand_who, posted, version_or_404


@require_http_methods(["GET", "POST"])
def amend(request: UserRequest, pk: int) -> HttpResponse:
    """Open an amendment with a reason."""
    version = version_or_404(request, pk)
    demand_who(actions.AMEND, version, request.user)
    form = AmendmentForm(posted(request))
    if form.is_valid() and attempt(
        request,
        lambda: services.amend(version, by=request.user, reason=form.cleaned_data["reason"], at=clock.now()),
        said=_("The amendment is open. Change what is to be different; both sides sign it again."),
    ):
        return redirect("agreements:items", pk=version.part.agreement.pk)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "form": form,
        "is_open": actions.is_due(actions.AMEND, version),
    }
    return render(request, "agreements/amend.html", context)


@require_http_methods(["GET", "POST"])
def abandon(request: UserRequest, pk: int) -> HttpResponse:
    """Ask whether an amendment is to be given up; POST gives it up."""
    version = version_or_404(request, pk)
    demand_who(actions.ABANDON_AMENDMENT, version, request.user)
    if request.method == "POST":
        attempt(
            request,
            lambda: services.abandon(version, by=request.user, at=clock.now()),
            said=_("The amendment is given up. The agreement counts as it was signed."),
        )
        return back_to(version)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "amendment": next(iter(services.amendments_of(version)), None),
        "is_open": actions.is_due(actions.ABANDON_AMENDMENT, version),
    }
    return render(request, "agreements/abandon_amendment.html", context)


@require_GET
def changes(request: UserRequest, pk: int) -> HttpResponse:
    """Show what the amendments of an agreement say otherwise, each against the signed version before it."""
    version = version_or_404(request, pk)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "amendments": services.amendments_of(version),
    }
    return render(request, "agreements/amendments.html", context)
