"""The life of a framework: next year from this one, a draft given up, the units it names."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements import clock
from agreements.forms.framework_life import AddUnitsForm, NextYearForm
from agreements.models import Framework
from agreements.services import drafts, framework_life
from agreements.services.drafts import DraftRefused
from agreements.services.frameworks import NotTheEditor
from agreements.views.drafts import attempt, draft_or_404, revision_shown
from agreements.views.requests import UserRequest, posted


@require_http_methods(["GET", "POST"])
def next_year(request: UserRequest, pk: int) -> HttpResponse:
    """Ask what the framework of the next year is called, and begin it as a copy."""
    versions = Framework.objects.visible_to(request.user).filter(version__isnull=False, fiscal_year__isnull=False)
    found = get_object_or_404(versions.select_related("organisation"), pk=pk)
    offices = drafts.offices_edited_by(request.user)
    if not offices:
        raise NotTheEditor(_("Only a framework editor of this office may do this."))
    form = NextYearForm(
        posted(request),
        framework=found,
        proposal=framework_life.propose_next(found),
        offices=offices,
        may_serve_all=drafts.edits_what_serves_all(request.user),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            draft = framework_life.begin_next(
                found,
                organisation=data["organisation"],
                code=data["code"],
                title=data["title"],
                fiscal_year=int(data["fiscal_year"]),
                round_number=int(data["round"]) if data["round"] else None,
                by=request.user,
                at=clock.now(),
            )
        except DraftRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("The draft is begun as a copy. Go through it and change what is new."))
            return redirect("agreements:draft", pk=draft.pk)
    return render(request, "agreements/next_year.html", {"framework": found, "form": form})


@require_http_methods(["GET", "POST"])
def discard(request: UserRequest, pk: int) -> HttpResponse:
    """Ask whether a draft is given up, and delete it."""
    found = draft_or_404(request, pk)
    before = Framework.objects.latest_published(found.code)
    if request.method == "POST":
        if attempt(
            request,
            lambda: framework_life.discard(found, shown=revision_shown(request), by=request.user, at=clock.now()),
            said=_("The draft “%(title)s” is discarded.") % {"title": found.title},
        ):
            return redirect(before) if before else redirect("agreements:frameworks")
        return redirect("agreements:discard-draft", pk=pk)
    context = {"framework": found, "before": before, "count": found.indicators.count()}
    return render(request, "agreements/discard_draft.html", context)


@require_POST
def add_units(request: UserRequest, pk: int) -> HttpResponse:
    """Name further units in a draft."""
    found = draft_or_404(request, pk)
    form = AddUnitsForm(request.POST, offered=framework_life.units_to_offer(found))
    if not form.is_valid():
        for faults in form.errors.values():
            messages.error(request, " ".join(map(str, faults)))
        return redirect("agreements:units", pk=pk)
    attempt(
        request,
        lambda: framework_life.add_units(found, form.units(), shown=revision_shown(request), by=request.user),
        said=_("The units are added; tick what each is given."),
    )
    return redirect("agreements:units", pk=pk)


@require_POST
def number_anew(request: UserRequest, pk: int) -> HttpResponse:
    """Number the indicators of a draft in their order."""
    found = draft_or_404(request, pk)
    attempt(
        request,
        lambda: framework_life.number_anew(found, shown=revision_shown(request), by=request.user, at=clock.now()),
        said=_("The indicators are numbered in their order."),
    )
    return redirect("agreements:draft", pk=pk)
