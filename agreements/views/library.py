"""The libraries of templates, from within a draft: look for one, read it, copy it, fill in its blanks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import actions
from agreements.forms.library import KIND_WORDS, FillForm, LibrarySearchForm
from agreements.models import Framework, Indicator, Item, State, Version
from agreements.services import blanks, library as services
from agreements.views.requests import UserRequest, attempt, back_to, demand_who, item_or_404, posted, version_or_404

ROWS_A_PAGE = 20


@require_GET
def library(request: UserRequest, pk: int) -> HttpResponse:
    """Look for templates that may be copied into a draft."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    agreement = version.part.agreement
    if version.part.standing != State.DRAFT:
        return back_to(version)
    shelf = services.shelf_for(request.user)
    form = LibrarySearchForm(request.GET, shelf=shelf)
    found = form.found(shelf, agreement.round.number)
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "agreements/library.html",
        {
            "version": version,
            "agreement": agreement,
            "form": form,
            "page": page,
            "rows": _rows(list(page.object_list), version),
            "is_empty": not shelf.templates,
        },
    )


def _rows(templates: Sequence[services.Template], version: Version) -> list[dict[str, Any]]:
    shown = services.indicators_of(templates)
    copied = dict(version.items.filter(indicator__in=shown).values_list("indicator", "code"))
    return [
        {
            "template": indicator,
            "kind": KIND_WORDS.get(one.kind, one.kind),
            "positions": one.positions,
            "rounds": one.rounds,
            "blanks": _left_in(services.source_of(indicator)),
            "copied_as": copied.get(indicator.pk),
        }
        for one, indicator in zip(templates, shown, strict=True)
    ]


def _left_in(definition: dict[str, Any]) -> int:
    return len(blanks.blanks_of(definition)) + blanks.is_open(definition)


@require_http_methods(["GET", "POST"])
def template(request: UserRequest, pk: int, template: int) -> HttpResponse:
    """Show a template in full; POST copies it into the draft."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    found = get_object_or_404(
        Indicator.objects.filter(framework__in=Framework.objects.visible_to(request.user).library(), parent=None)
        .select_related("framework", "dimension")
        .order_by(),
        pk=template,
    )
    if request.method == "POST":
        return _copy(request, version, found)
    source = services.source_of(found)
    return render(
        request,
        "agreements/library_template.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "template": found,
            "children": found.children.order_by("order", "pk"),
            "blanks": blanks.blanks_of(source),
            "is_open": blanks.is_open(source),
            "can_copy": actions.EDIT in actions.allowed(version, request.user),
        },
    )


def _copy(request: UserRequest, version: Version, template: Indicator) -> HttpResponse:
    copied: list[Item] = []
    pk = version.part.agreement.pk
    if not attempt(
        request,
        lambda: copied.append(services.copy_from_library(version, template, by=request.user)),
        said=_("Template %(code)s is in the agreement.") % {"code": template.code},
    ):
        return back_to(version)
    item = copied[0]
    return (
        redirect("agreements:fill", pk, item.lineage)
        if services.sources_of(copied)
        else redirect("agreements:items", pk)
    )


@require_http_methods(["GET", "POST"])
def fill(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Ask for what the source of an item leaves to the parties."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    item = item_or_404(version, lineage)
    source = services.sources_of([item]).get(item.pk)
    if version.part.standing != State.DRAFT or source is None:
        return back_to(version)
    form = FillForm(posted(request), item=item, source=source)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            request,
            lambda: services.fill_in(item, form.filling(), by=request.user),
            said=_("Indicator %(code)s is saved.") % {"code": item.code},
        )
    ):
        return redirect("agreements:items", pk=pk)
    return render(
        request,
        "agreements/fill.html",
        {"version": version, "agreement": version.part.agreement, "item": item, "source": source, "form": form},
    )
