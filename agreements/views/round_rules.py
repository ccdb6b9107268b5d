"""Making a round, and changing its rules before it begins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements import actions, clock
from agreements.forms.rounds import RoundForm, WhichRoundForm, start_from
from agreements.models import Organisation, PersonnelGroup, Role, Round
from agreements.services import deadlines, round_rules
from agreements.services.round_rules import GRADE_SETS, Rules
from agreements.views.requests import UserRequest, posted

# On probation both weigh alike.
PROBATION = {PersonnelGroup.PROBATION.value: ["50", "50"]}


@require_http_methods(["GET", "POST"])
def add(request: UserRequest) -> HttpResponse:
    """Make a round, with its days filled in from the fiscal year."""
    office = _office_or_404(request)
    which = WhichRoundForm(request.GET) if "fiscal_year" in request.GET else None
    if which is not None and which.is_valid():
        year, number = int(which.cleaned_data["fiscal_year"]), which.cleaned_data["number"]
    else:
        year, number = round_rules.next_round(office, today=clock.today())
    which = which or WhichRoundForm(initial={"fiscal_year": year, "number": number})
    form = RoundForm(posted(request), hr=request.user, initial=start_from(_proposed(office, year, number), office))
    if request.method == "POST" and form.is_valid():
        place: Organisation = form.cleaned_data["organisation"]
        try:
            made = round_rules.create(place, form.rules(), by=request.user, at=clock.now())
        except round_rules.RoundRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _on_from(request, made, _("The round is made. Look who gets an agreement, then open them."))
    return render(request, "agreements/round_add.html", {"form": form, "which": which})


def _on_from(request: UserRequest, round_: Round, said: str) -> HttpResponse:
    """Lead on to what comes next: who gets an agreement, or, where offices agree, the round itself."""
    if round_.subject == Round.Subject.ORGANISATIONS:
        messages.success(request, _("The rules are saved. Begin the round, then open the agreement of each office."))
        return redirect(round_)
    messages.success(request, said)
    return redirect("agreements:opening", pk=round_.pk)


@require_POST
def begin(request: UserRequest, pk: int) -> HttpResponse:
    """Begin a round of offices; one of people begins as their agreements are opened."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR, Role.Kind.EXECUTIVE):
        raise Http404
    round_rules.begin(round_, by=request.user, at=clock.now())
    messages.success(request, _("The round has begun."))
    return redirect(round_)


def _office_or_404(request: UserRequest) -> Organisation:
    """Return the topmost place that the reader looks after as HR."""
    place = Organisation.objects.managed_by(request.user).order_by("path").first()
    if place is None:
        raise Http404
    return place


def _proposed(office: Organisation, year: int, number: int) -> Rules:
    """Return the rules of the last round of `office` with the days of this one; those of every office before it."""
    days = round_rules.days_of(year, number)
    last = Round.objects.filter(organisation=office).order_by("-starts_on", "pk").first()
    known: dict[str, Any] = {}
    if last is not None:
        was = round_rules.rules_of(last)
        known = {name: getattr(was, name) for name in Rules.__dataclass_fields__}
    # What an office that never said otherwise begins with.
    known["grades"] = known.get("grades") or round_rules.grades_from(GRADE_SETS["usual"][1])
    known["group_weights"] = known.get("group_weights") or PROBATION
    fixed = {name: getattr(days, name) for name in days.__dataclass_fields__}
    return Rules(**known | fixed | {"fiscal_year": year, "number": number})


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Change the rules of a round that has not begun."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR, Role.Kind.EXECUTIVE):
        raise Http404
    if not deadlines.is_hr_over(request.user, round_.organisation):
        raise actions.NotAllowed
    if round_.status != Round.Status.PLANNED:
        messages.error(request, _("The round has begun; its rules hold for everybody now."))
        return redirect(round_)
    form = RoundForm(
        posted(request), hr=request.user, initial=start_from(round_rules.rules_of(round_), round_.organisation)
    )
    # Where a round belongs is decided once.
    del form.fields["organisation"]
    if request.method == "POST" and form.is_valid():
        try:
            round_rules.change(round_, form.rules(), by=request.user, at=clock.now())
        except round_rules.RoundRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            round_.refresh_from_db()
            return _on_from(request, round_, _("The rules of the round are saved."))
    return render(request, "agreements/round_edit.html", {"form": form, "round": round_})
