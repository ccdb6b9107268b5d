"""Choosing what an agreement is about: indicators, goals, weights, competencies."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements import actions, clock
from agreements.forms.agreements import CompetenciesForm, OwnIndicatorForm, TermsForm
from agreements.models import Indicator, State, User, Version
from agreements.services import (
    agreements as services,
    cascade,
    groups,
    library,
    results,
    signing,
    sub_indicators,
)
from agreements.views.agreements import in_tree_order
from agreements.views.requests import UserRequest, attempt, back_to, demand_who, item_or_404, version_or_404
from agreements.views.typing import Typing, saves_by_itself


@require_http_methods(["GET", "POST"])
@saves_by_itself
def items(request: UserRequest, pk: int) -> HttpResponse:
    """Show and save the goals and weights of a draft."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    if version.part.standing != State.DRAFT:
        return back_to(version)
    book = results.open_book(version)
    rows = in_tree_order(book)
    parents = {item.parent_id for item in rows}
    typing = Typing(
        request,
        lambda data: [TermsForm(data, items=rows, parents=parents)],
        lambda: list(version.items.order_by("order", "pk").values_list("pk", "goal", "weight")),
    )
    typing.beside = lambda: render_to_string(
        "agreements/_terms_saved.html",
        _readiness(version, request.user) | {"parents": version.items.filter(pk__in=parents)},
        request,
    )
    form: Any = typing.forms[0]
    if typing.goes_over_unseen:
        return typing.conflict()
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            request,
            lambda: services.set_terms(version, form.terms(), by=request.user),
            said=_("Goals and weights are saved."),
        )
    ):
        has_competencies = version.competencies.exists()
        onward = ("competencies" if has_competencies else "agreement") if "next" in request.POST else "items"
        return redirect(f"agreements:{onward}", pk=pk)
    leaves = set(book.leaves)
    fillable = library.sources_of(rows)
    above = cascade.above_of(version)
    return render(
        request,
        "agreements/items.html",
        {
            "version": version,
            "form": form,
            "rows": [
                {
                    "item": item,
                    "goal": form[f"goal_{item.pk}"],
                    "weight": form[f"weight_{item.pk}"] if item in leaves else None,
                    "above": above.get(item.pk),
                    "can_fill": item.pk in fillable,
                    "takes_more": sub_indicators.takes_sub_indicators(item),
                    "is_own": item.indicator_id is None,
                    "is_removable": item.parent_id is None or sub_indicators.is_own_sub_indicator(item),
                }
                for item in rows
            ],
            "weight_sum": signing.weight_sum(book),
            "groups": groups.groups_of(book) if version.part.agreement.is_of_organisation else [],
            "chosen_count": len(book.tops),
            "seen": typing.seen,
            **_readiness(version, request.user),
        },
    )


def _readiness(version: Version, user: User) -> dict[str, Any]:
    """Return what `_ready_to_propose.html` asks for."""
    return {
        "agreement": version.part.agreement,
        "has_competencies": version.competencies.exists(),
        "obstacles": signing.obstacles(version, actions.PROPOSE),
        "can_propose": actions.PROPOSE in actions.allowed(version, user),
    }


@require_http_methods(["GET", "POST"])
def choose(request: UserRequest, pk: int) -> HttpResponse:
    """Offer the indicators given to the assessee's unit; POST copies the chosen ones into the draft."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    agreement = version.part.agreement
    given = services.indicators_given_to(services.unit_of(version.part), agreement.round)
    if request.method == "POST":
        wanted = set(request.POST.getlist("indicator"))
        picked = [one for one in given if str(one.pk) in wanted]
        if not picked:
            messages.error(request, _("Tick at least one indicator."))
        elif attempt(
            request,
            lambda: services.choose_indicators(version, picked, by=request.user, at=clock.now()),
            said=_("The chosen indicators are in the agreement. Give each its weight."),
        ):
            return redirect("agreements:items", pk=pk)
    chosen = {item.indicator_id for item in version.items.all()}
    return render(
        request,
        "agreements/choose.html",
        {"version": version, "agreement": agreement, "offered": _offered(given), "chosen": chosen},
    )


def _offered(given: list[Indicator]) -> list[dict[str, Any]]:
    """Return the indicators to choose from, grouped by framework and dimension, parents before their children."""
    below: dict[int | None, list[Indicator]] = {}
    for child in Indicator.objects.filter(parent__in=given).order_by("order", "pk"):
        below.setdefault(child.parent_id, []).append(child)
    found = {one.pk for one in given}
    groups: list[dict[str, Any]] = []
    for one in given:
        if one.parent_id in found:
            continue
        dimension = one.dimension or (one.parent.dimension if one.parent else None)
        if not groups or (groups[-1]["framework"], groups[-1]["dimension"]) != (one.framework, dimension):
            groups.append({"framework": one.framework, "dimension": dimension, "rows": []})
        children = below.get(one.pk, [])
        rows = [(one, False), *((child, True) for child in children)]
        groups[-1]["rows"] += [
            {
                "indicator": indicator,
                "is_child": is_child,
                "brings": [] if is_child else [child.code for child in children],
            }
            for indicator, is_child in rows
        ]
    return groups


@require_http_methods(["GET", "POST"])
@saves_by_itself
def own_indicator(request: UserRequest, pk: int, lineage: str | None = None, parent: str | None = None) -> HttpResponse:
    """Write an indicator of one's own, or one below `parent`, or change it, with the KPI template form."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    agreement = version.part.agreement
    item = item_or_404(version, lineage) if lineage else None
    above = item_or_404(version, parent) if parent else None
    if above and not sub_indicators.takes_sub_indicators(above):
        raise Http404
    definition = {**item.definition, "title": item.title, "weight": item.weight} if item else None
    typing = Typing(
        request,
        lambda data: [
            OwnIndicatorForm(
                data,
                fiscal_year=agreement.round.fiscal_year,
                definition=definition,
                initial={"goal": item.goal} if item else None,
            )
        ],
        lambda: (
            list(version.items.filter(pk=item.pk).values_list("definition", "title", "weight", "goal")) if item else []
        ),
    )
    form: Any = typing.forms[0]
    if typing.goes_over_unseen:
        return typing.conflict()
    if request.method == "POST" and form.is_valid():
        values, goal = form.definition(), form.cleaned_data["goal"]

        def save() -> object:
            if item:
                return services.rewrite_own_indicator(item, values, goal=goal, by=request.user)
            if above:
                return sub_indicators.write_own_sub_indicator(above, values, goal=goal, by=request.user)
            return services.write_own_indicator(version, values, goal=goal, by=request.user)

        if attempt(request, save, said=_("The indicator is in the agreement.")):
            for warning in form.warnings():
                messages.warning(request, warning)
            return redirect("agreements:items", pk=pk)
    return render(
        request,
        "agreements/own_indicator.html",
        {
            "version": version,
            "agreement": agreement,
            "form": form,
            "item": item,
            "above": above,
            "seen": typing.seen,
        },
    )


@require_POST
def remove_item(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Take an item out of a draft."""
    version = version_or_404(request, pk)
    item = item_or_404(version, lineage)
    is_own = sub_indicators.is_own_sub_indicator(item)
    remove = sub_indicators.remove_own_sub_indicator if is_own else services.remove_item
    attempt(
        request,
        lambda: remove(item, by=request.user),
        said=_("Indicator %(code)s is out of the agreement.") % {"code": item.code},
    )
    return redirect("agreements:items", pk=pk)


@require_http_methods(["GET", "POST"])
@saves_by_itself
def competencies(request: UserRequest, pk: int) -> HttpResponse:
    """Show and save the names of the line-of-work competencies and the expected levels of a draft."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    if version.part.standing != State.DRAFT:
        return back_to(version)
    rows = list(version.competencies.order_by("order"))
    typing = Typing(
        request,
        lambda data: [CompetenciesForm(data, rows=rows)],
        lambda: list(version.competencies.order_by("order").values_list("order", "name", "expected")),
    )
    form: Any = typing.forms[0]
    if typing.goes_over_unseen:
        return typing.conflict()
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            request,
            lambda: services.name_competencies(version, form.names(), form.expected(), by=request.user),
            said=_("The competencies are saved."),
        )
    ):
        return back_to(version)
    return render(
        request,
        "agreements/competencies.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "form": form,
            "seen": typing.seen,
            "rows": [
                {
                    "row": row,
                    "name": form[f"name_{row.order}"] if row.kind == "line" else None,
                    "expected": form[f"expected_{row.order}"],
                }
                for row in rows
            ],
        },
    )
