"""Trying values: the curve of an indicator, and what a value would do to the total."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

import scoring
from agreements.forms.what_if import WhatIfForm, typed_directly
from agreements.models import Item, Result
from agreements.services import content as contents, results as services
from agreements.views.charts import curve_chart
from agreements.views.requests import UserRequest, back_to, measured_item_or_404, version_or_404
from agreements.views.results import told
from scoring.curve import curve_of


@require_GET
def what_if(request: UserRequest, pk: int, lineage: str | None = None) -> HttpResponse:
    """Show what a value would score, the curve it lies on, and what it does to the agreement's total."""
    version = version_or_404(request, pk)
    book = services.open_book(version)
    if not book.leaves:
        return back_to(version)
    if lineage is None:
        return redirect("agreements:what-if", pk=pk, lineage=book.leaves[0].lineage)
    item = measured_item_or_404(version, lineage)
    side: services.Side = "assessor" if contents.sees_assessment(version, request.user) else "self"
    kept = book.result(item)
    form = WhatIfForm(request.GET or None, definition=item.definition, inputs=_start(book, item))
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "item": item,
        "form": form,
        "choices": book.leaves,
        "result": kept,
        **_answer(book, item, form, side),
    }
    template = "agreements/_what_if.html" if request.htmx else "agreements/what_if.html"
    return render(request, template, context)


def _start(book: services.Book, item: Item) -> dict[str, Any]:
    """Return the inputs to begin with: those kept, the calculated value typed."""
    kept = book.result(item)
    if kept is None or not kept.inputs:
        return {}
    inputs = dict(kept.inputs)
    variables = inputs.pop("variables", None)
    if inputs.pop("from_below", None) is not None:
        gathered = scoring.read_result(kept.inputs, services.read_item(book, item)).variables
        variables = {name: scoring.plain(number) for name, number in gathered or ()}
    if variables is None:
        return inputs
    score = services.try_inputs(book, item, kept.inputs)
    base = item.criteria.get("base", {}).get("variable")
    if score.value is not None:
        inputs["value"] = scoring.plain(score.value)
    return inputs | ({"base": variables[base]} if base in variables else {})


def _answer(book: services.Book, item: Item, form: WhatIfForm, side: services.Side) -> dict[str, Any]:
    if form.is_bound and not form.is_valid():
        return {"chart": _chart(_with(book, item, {}), item, None, None)}
    inputs = form.inputs() if form.is_bound else _start(book, item)
    tried = _with(book, item, inputs)
    try:
        score = services.try_inputs(tried, item, inputs)
    except services.ResultRefused as refusal:
        return {"panel": {"refused": refusal.messages}, "chart": _chart(tried, item, None, None)}
    before, after = services.scores_of(book, side), services.scores_of(tried, side)
    return {
        "panel": told(score),
        "chart": _chart(tried, item, inputs, score),
        "before": services.figures_of(before),
        "after": services.figures_of(after),
        "difference": _difference(before.total, after.total),
    }


def _with(book: services.Book, item: Item, inputs: dict[str, Any]) -> services.Book:
    """Return `book` as it would be with `inputs` for `item`; nothing is saved."""
    definition = typed_directly(item.definition)
    tried = Item(**{field.attname: getattr(item, field.attname) for field in Item._meta.concrete_fields})  # noqa: SLF001
    tried.definition = definition
    kept = book.result(item)
    result = Result(
        part=book.version.part,
        lineage=item.lineage,
        inputs=inputs,
        verdict=Result.Verdict.ACCEPTED,
        # What a unit above decided stands, whatever is tried.
        judged=kept.judged if kept else None,
    )
    return replace(
        book,
        items=tuple(tried if one.pk == item.pk else one for one in book.items),
        results={**book.results, item.code: result},
    )


def _chart(
    book: services.Book, item: Item, inputs: dict[str, Any] | None, score: scoring.IndicatorScore | None
) -> dict[str, Any] | None:
    indicator = next(services.read_item(book, one) for one in book.items if one.pk == item.pk)
    if indicator.criteria is None:
        return None
    value = score.value if score else None
    base = Fraction(Decimal(inputs["base"])) if inputs and "base" in inputs else None
    try:
        curve = curve_of(indicator.criteria, base=base, around=value)
    except scoring.Refused:
        return None
    if curve is None:
        return None
    return curve_chart(
        curve,
        highest=indicator.scale.highest,
        lowest=indicator.scale.lowest,
        value=value,
        score=score.score if score else None,
    )


def _difference(before: Fraction | None, after: Fraction | None) -> str | None:
    if before is None or after is None:
        return None
    shown = scoring.display(abs(after - before), 4)
    return f"−{shown}" if after < before else f"+{shown}"
