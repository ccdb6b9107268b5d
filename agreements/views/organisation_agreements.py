"""Opening the agreements of organisations, by HR."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import actions, clock
from agreements.forms.organisation_agreements import OpeningForm
from agreements.models import Role, Round
from agreements.services import organisation_agreements as services
from agreements.services.states import AgreementRefused
from agreements.views.requests import UserRequest, posted


@require_http_methods(["GET", "POST"])
def open_for(request: UserRequest, pk: int) -> HttpResponse:
    """Show what HR names to open an organisation's agreement, and open it."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, Role.Kind.HR):
        raise actions.NotAllowed
    places = services.openable(round_, by=request.user)
    people = services.people_for(round_, on=clock.today())
    form = OpeningForm(posted(request), places=places, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            agreement = services.open_for(
                round_,
                form.cleaned_data["organisation"],
                signs=form.cleaned_data["signs"],
                agrees=form.cleaned_data["agrees"],
                witnesses=form.witnesses(),
                by=request.user,
                at=clock.now(),
            )
        except AgreementRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The agreement is opened. Whoever signs for it chooses the indicators."))
            return redirect("agreements:agreement", pk=agreement.pk)
    context = {"round": round_, "form": form, "has_places": places.exists(), "is_open": _is_open(round_)}
    return render(request, "agreements/open_organisation.html", context)


def _is_open(round_: Round) -> bool:
    return round_.status == Round.Status.OPEN and round_.subject == Round.Subject.ORGANISATIONS
