"""Editing the draft of a framework: header, list of indicators, units, copying, publication."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import clock
from agreements.forms.drafts import AddIndicatorForm, HeaderForm, StartForm
from agreements.forms.framework_life import AddUnitsForm
from agreements.models import Framework, Indicator
from agreements.services import comparison, drafts, framework_life, frameworks
from agreements.services.drafts import ChangedMeanwhile, DraftRefused
from agreements.services.frameworks import NotADraft, NotTheEditor
from agreements.views.frameworks import unit_titles
from agreements.views.requests import UserRequest, posted


def draft_or_404(request: UserRequest, pk: int) -> Framework:
    """Return the draft `pk` that the reader edits.

    :raises NotTheEditor: if the reader sees the framework and does not edit it.
    """
    visible = Framework.objects.visible_to(request.user).select_related("organisation")
    frameworks.demand_editor(get_object_or_404(visible, pk=pk), request.user)
    return get_object_or_404(Framework.objects.editable_by(request.user).select_related("organisation"), pk=pk)


def indicator_or_404(request: UserRequest, pk: int) -> Indicator:
    """Return the indicator `pk` of a draft that the reader edits.

    :raises NotTheEditor: if the reader sees its framework and does not edit it.
    """
    visible = Indicator.objects.visible_to(request.user).select_related(
        "framework__organisation", "parent", "changed_by"
    )
    found = get_object_or_404(visible, pk=pk)
    found.framework = draft_or_404(request, found.framework_id)
    return found


def attempt(request: UserRequest, act: Callable[[], object], *, said: str = "") -> bool:
    """Run `act` and tell the reader what came of it; return whether it was done."""
    try:
        act()
    except (DraftRefused, ChangedMeanwhile, NotADraft) as refusal:
        messages.error(request, str(refusal))
        return False
    if said:
        messages.success(request, said)
    return True


def revision_shown(request: UserRequest) -> int:
    """Return the revision that the reader's page showed; -1, which nothing has, where it says none."""
    shown = request.POST.get("revision", "")
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else -1


# --- Header ----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def start(request: UserRequest) -> HttpResponse:
    """Begin a new framework."""
    offices = drafts.offices_edited_by(request.user)
    if not offices:
        raise NotTheEditor(_("Only a framework editor of this office may do this."))
    may_serve_all = drafts.edits_what_serves_all(request.user)
    form = StartForm(posted(request), offices=offices, may_serve_all=may_serve_all)
    if request.method == "POST" and form.is_valid():
        header = {**form.header(), "code": form.cleaned_data["code"]}
        organisation = form.cleaned_data["organisation"]
        try:
            draft = drafts.start_framework(header, organisation=organisation, by=request.user, at=clock.now())
        except DraftRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("The framework is begun. Add its indicators."))
            return redirect("agreements:draft", pk=draft.pk)
    return render(request, "agreements/draft_header.html", {"form": form})


@require_http_methods(["GET", "POST"])
def header(request: UserRequest, pk: int) -> HttpResponse:
    """Change the header of a draft, its dimensions and its units."""
    draft = draft_or_404(request, pk)
    form = HeaderForm(posted(request), header=draft.header)
    theirs: tuple[comparison.Entry, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            drafts.describe(draft, form.header(), shown=revision_shown(request), by=request.user)
        except DraftRefused as refusal:
            form.add_error(None, str(refusal))
        except ChangedMeanwhile:
            theirs = comparison.header_differences(draft.header, form.header())
        else:
            messages.success(request, _("The header is saved."))
            return redirect("agreements:draft", pk=pk)
    # Whoever sends it again has seen what the others wrote.
    revision = request.POST.get("revision", draft.revision) if form.errors else draft.revision
    context = {"form": form, "framework": draft, "revision": revision, "theirs": theirs}
    return render(request, "agreements/draft_header.html", context)


# --- The list of indicators ------------------------------------------------------------------------------------------
@require_GET
def draft(request: UserRequest, pk: int) -> HttpResponse:
    """Show a draft to be edited: its indicators with their weights and what is still missing."""
    return _board(request, draft_or_404(request, pk), None)


@require_POST
def add(request: UserRequest, pk: int) -> HttpResponse:
    """Add an indicator and open its template."""
    found = draft_or_404(request, pk)
    form = AddIndicatorForm(request.POST, draft=found)
    if form.is_valid():
        try:
            added = drafts.add_indicator(found, **form.cleaned_data, by=request.user, at=clock.now())
        except DraftRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect("agreements:template", pk=added.pk)
    return _board(request, found, form)


def _board(request: UserRequest, found: Framework, form: AddIndicatorForm | None) -> HttpResponse:
    rows = list(found.indicators.in_order().select_related("dimension"))
    parents = {row.parent_id for row in rows}
    tops = [row for row in rows if row.parent_id is None]
    context = {
        "framework": found,
        "rows": [{"indicator": row, "is_composite": row.pk in parents} for row in rows],
        "weight_sum": sum((row.weight for row in tops if row.weight is not None), Decimal(0)),
        "form": form or AddIndicatorForm(draft=found),
        "is_out_of_order": bool(framework_life.new_numbers(rows)),
    }
    return render(request, "agreements/draft.html", context)


@require_POST
def arrange(request: UserRequest, pk: int) -> HttpResponse:
    """Move an indicator up or down among its neighbours."""
    row = indicator_or_404(request, pk)
    move = drafts.move_up if "up" in request.POST else drafts.move_down
    attempt(request, lambda: move(row, by=request.user))
    return redirect("agreements:draft", pk=row.framework_id)


@require_http_methods(["GET", "POST"])
def remove(request: UserRequest, pk: int) -> HttpResponse:
    """Ask whether an indicator goes, and take it out."""
    row = indicator_or_404(request, pk)
    if request.method == "POST":
        attempt(
            request,
            lambda: drafts.remove_indicator(row, by=request.user, at=clock.now()),
            said=_("Indicator %(code)s is out of the draft.") % {"code": row.code},
        )
        return redirect("agreements:draft", pk=row.framework_id)
    context = {"indicator": row, "framework": row.framework, "children": row.children.in_order()}
    return render(request, "agreements/remove_indicator.html", context)


# --- Copying ---------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def copy(request: UserRequest, pk: int) -> HttpResponse:
    """Copy indicators of another framework into a draft; nothing in it changes."""
    found = draft_or_404(request, pk)
    sources = _sources(request, found)
    asked = request.POST.get("from") or request.GET.get("from") or ""
    source = get_object_or_404(sources, pk=asked) if asked.isdigit() else None
    rows = list(source.indicators.in_order()) if source else []
    if request.method == "POST":
        wanted = set(request.POST.getlist("indicator"))
        chosen = [row for row in rows if str(row.pk) in wanted]
        if not chosen:
            messages.error(request, _("Tick at least one indicator."))
        elif attempt(
            request,
            lambda: drafts.copy_indicators(found, chosen, by=request.user, at=clock.now()),
            said=_("The chosen indicators stand at the end of the draft."),
        ):
            return redirect("agreements:draft", pk=pk)
    context = {"framework": found, "sources": sources, "source": source, "rows": rows}
    return render(request, "agreements/copy_indicators.html", context)


def _sources(request: UserRequest, found: Framework) -> QuerySet[Framework]:
    return (
        Framework.objects.visible_to(request.user)
        .exclude(pk=found.pk)
        .select_related("organisation")
        .order_by("-fiscal_year", "code", "-version", "pk")
    )


# --- Who is given what -----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def units(request: UserRequest, pk: int) -> HttpResponse:
    """Give indicators to units by clicking in one table."""
    found = draft_or_404(request, pk)
    rows = list(found.indicators.in_order())
    if request.method == "POST":
        given = {row.code: request.POST.getlist(f"units_{row.pk}") for row in rows}
        shown = revision_shown(request)
        if attempt(
            request,
            lambda: drafts.assign_units(found, given, shown=shown, by=request.user, at=clock.now()),
            said=_("It is saved who is given what."),
        ):
            return redirect("agreements:draft", pk=pk)
    else:
        given = {row.code: row.assigned_units for row in rows}
    # Whoever sends it again has seen what the others gave.
    found.refresh_from_db()
    offered = found.header.get("units", [])
    titles = unit_titles(found)
    table: list[dict[str, Any]] = [
        {
            "indicator": row,
            "cells": [{"unit": unit, "given": unit["code"] in given[row.code]} for unit in offered],
            "now": [titles.get(code, code) for code in row.assigned_units],
            "differs": request.method == "POST" and set(given[row.code]) != set(row.assigned_units),
        }
        for row in rows
    ]
    to_offer = framework_life.units_to_offer(found)
    context = {"framework": found, "units": offered, "table": table, "form": AddUnitsForm(offered=to_offer)}
    context |= {"unit_rows": framework_life.units_of(found), "offered": to_offer}
    return render(request, "agreements/units.html", context)


# --- Life ------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def publish(request: UserRequest, pk: int) -> HttpResponse:
    """Show what is checked and what changed against the last version; POST publishes."""
    found = draft_or_404(request, pk)
    if request.method == "POST":
        try:
            published = frameworks.publish(found, by=request.user, at=clock.now())
        except frameworks.ImportRefused:
            messages.error(request, _("It cannot be published yet: see what has to be mended."))
        else:
            messages.success(request, _("Published as %(framework)s.") % {"framework": published.name})
            return redirect(published)
    before = Framework.objects.latest_published(found.code)
    context: dict[str, Any] = {
        "framework": found,
        "check": comparison.check_draft(found),
        "before": before,
        "compared": (compared := before or _begun_from(request, found)),
        "changes": _changes(compared, found),
    }
    return render(request, "agreements/publish.html", context)


@require_GET
def changes(request: UserRequest, pk: int) -> HttpResponse:
    """Show what a version changed against the one before it."""
    found = get_object_or_404(Framework.objects.visible_to(request.user), pk=pk)
    earlier = Framework.objects.filter(code=found.code, version__isnull=False).exclude(pk=found.pk)
    if found.version is not None:
        earlier = earlier.filter(version__lt=found.version)
    before = earlier.order_by("-version").first() or _begun_from(request, found)
    context = {"framework": found, "before": before, "changes": _changes(before, found)}
    return render(request, "agreements/framework_changes.html", context)


def _begun_from(request: UserRequest, found: Framework) -> Framework | None:
    """Return last year's framework that `found` began as a copy of, if the reader may see it."""
    return Framework.objects.visible_to(request.user).filter(pk=found.begun_from_id or 0).first()


def _changes(before: Framework | None, after: Framework) -> comparison.Comparison | None:
    if before is None:
        return None
    return comparison.compare(frameworks.framework_document(before), frameworks.framework_document(after))


@require_POST
def revise(request: UserRequest, pk: int) -> HttpResponse:
    """Begin the draft of the next version of a published framework."""
    found = get_object_or_404(Framework.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    try:
        new = drafts.revise(found, by=request.user, at=clock.now())
    except DraftRefused as refusal:
        messages.info(request, str(refusal))
        begun = Framework.objects.editable_by(request.user).filter(code=found.code).first()
        return redirect("agreements:draft", pk=begun.pk) if begun else redirect(found)
    messages.success(request, _("This is the draft of the next version; the published one stays as it is."))
    return redirect("agreements:draft", pk=new.pk)
