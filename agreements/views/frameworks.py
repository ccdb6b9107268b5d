"""Reading frameworks and their indicators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agreements.models import Dimension, Framework, Indicator, Role
from agreements.services import frameworks as services
from agreements.views.requests import UserRequest

USUAL_LEVELS = [1, 2, 3, 4, 5]


@require_GET
def framework_list(request: UserRequest) -> HttpResponse:
    """List the frameworks that the reader may see."""
    frameworks = (
        Framework.objects.visible_to(request.user)
        .select_related("organisation")
        .annotate(indicator_count=Count("indicators"))
        .order_by("-fiscal_year", "code", "-version")
    )
    kinds = set(Role.objects.filter(user=request.user).values_list("kind", flat=True))
    context = {
        "framework_list": frameworks,
        "is_editor": Role.Kind.FRAMEWORK_EDITOR in kinds,
        "hands_out_forms": bool(kinds & {Role.Kind.FRAMEWORK_EDITOR, Role.Kind.HR}),
    }
    return render(request, "agreements/framework_list.html", context)


def _is_editor(request: UserRequest) -> bool:
    return Role.objects.filter(user=request.user, kind=Role.Kind.FRAMEWORK_EDITOR).exists()


@require_GET
def framework(request: UserRequest, pk: int) -> HttpResponse:
    """Show a framework: its dimensions and indicators with weights, criteria and units."""
    found = get_object_or_404(Framework.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    return render(
        request,
        "agreements/framework.html",
        {
            "framework": found,
            "is_editor": Framework.objects.edited_by(request.user).filter(pk=pk).exists(),
            "may_begin_next": found.version and found.fiscal_year and _is_editor(request),
            "levels": found.header.get("scale") or USUAL_LEVELS,
            "rows": list(_rows(found)),
            "warnings": services.warnings_about(found),
        },
    )


def _rows(framework: Framework) -> Iterator[dict[str, Any]]:
    """Yield the indicators, each with the headings that begin with it: dimensions, outermost first."""
    dimensions = {one.pk: one for one in framework.dimensions.all()}
    units = unit_titles(framework)
    above: list[Dimension] = []
    for one in framework.indicators.order_by("order", "pk"):
        headings: list[Dimension] = []
        if one.dimension_id:
            line = _line_of(dimensions[one.dimension_id], dimensions)
            headings = [place for depth, place in enumerate(line) if line[: depth + 1] != above[: depth + 1]]
            above = line
        yield {"indicator": one, "headings": headings, "units": [units.get(code, code) for code in one.assigned_units]}


def _line_of(dimension: Dimension, dimensions: dict[int, Dimension]) -> list[Dimension]:
    line = [dimension]
    while (parent := line[0].parent_id) is not None:
        line.insert(0, dimensions[parent])
    return line


def unit_titles(framework: Framework) -> dict[str, str]:
    """Return the titles of the units that `framework` gives indicators to, by their codes."""
    return {unit["code"]: unit["title"] for unit in framework.header.get("units", [])}


@require_GET
def indicator(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Show one indicator with everything its definition says."""
    found = get_object_or_404(
        Indicator.objects.visible_to(request.user).select_related("framework", "dimension", "parent"),
        framework=pk,
        code=code,
    )
    units = unit_titles(found.framework)
    return render(
        request,
        "agreements/indicator.html",
        {
            "indicator": found,
            "framework": found.framework,
            "children": found.children.order_by("order", "pk"),
            "document": found.definition,
            "units": [units.get(code, code) for code in found.assigned_units],
        },
    )
