"""The KPI template of an indicator in a draft: it saves by itself, tries a value, and never overwrites the unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import scoring
from agreements import clock
from agreements.explain import explain_fault
from agreements.forms.templates import TemplateForm, labels_of, typed_of
from agreements.forms.what_if import TrialForm
from agreements.models import Indicator
from agreements.services import drafts, working_days
from agreements.services.drafts import ChangedMeanwhile, DraftRefused
from agreements.views.charts import curve_chart
from agreements.views.drafts import indicator_or_404, revision_shown
from agreements.views.requests import UserRequest
from agreements.views.results import told
from scoring.curve import curve_of

TRIAL = "try"
PICK = "pick."
THEIRS = "theirs"
KEPT = "template-kept"
# Whether the page names the errors above the form.
ERRORS_TOLD = "errors-told"


@require_http_methods(["GET", "POST"])
def template(request: UserRequest, pk: int) -> HttpResponse:
    """Show an indicator's template and keep what is typed into it; GET with a trial value tries it."""
    row = indicator_or_404(request, pk)
    if request.method == "POST":
        return _keep(request, row)
    if request.htmx:
        return render(request, "agreements/_trial.html", {"indicator": row, **_beside(request.GET, row)})
    return _page(request, row, _form(row, _typed(row)))


def _page(request: UserRequest, row: Indicator, form: TemplateForm) -> HttpResponse:
    context = {"indicator": row, "framework": row.framework, "form": form, "now": clock.now()}
    return render(request, "agreements/template.html", context | _beside(request.GET, row))


def _form(row: Indicator, typed: Any) -> TemplateForm:
    return TemplateForm(
        typed,
        definition=row.definition,
        header=row.framework.header,
        defaults=drafts.defaults_of(row.framework),
        is_composite=row.children.exists(),
        taken=set(row.framework.indicators.exclude(pk=row.pk).values_list("code", flat=True)),
    )


def _typed(row: Indicator) -> MultiValueDict[str, str] | None:
    if row.typed is None:
        return None
    # What was typed before the template had all of today's fields begins in the others as the definition says.
    return MultiValueDict(typed_of(_form(row, None)) | row.typed)


# --- Keeping ---------------------------------------------------------------------------------------------------------
def _keep(request: UserRequest, row: Indicator) -> HttpResponse:
    form = _form(row, _chosen(request, row))
    shown = revision_shown(request)
    try:
        row = _write(request, row, form, shown)
    except ChangedMeanwhile:
        theirs = _form(row, _typed(row))
        # One's own save that came a moment earlier is no conflict.
        if typed_of(form) != typed_of(theirs):
            return _conflict(request, row, mine=form, theirs=theirs)
    if request.htmx:
        context: dict[str, Any] = {"indicator": row, "framework": row.framework, "form": form, "now": clock.now()}
        context["errors_told"] = form.has_errors and ERRORS_TOLD in request.POST
        response = render(request, "agreements/_template_saved.html", context | _beside(request.POST, row))
        # The sheet beside the form is drawn anew.
        response.headers["HX-Trigger"] = KEPT
        return response
    if form.has_errors or "more" in request.POST:
        return redirect("agreements:template", pk=row.pk)
    messages.success(request, _("Indicator %(code)s is saved.") % {"code": row.code})
    return redirect("agreements:draft", pk=row.framework_id)


def _write(request: UserRequest, row: Indicator, form: TemplateForm, shown: int) -> Indicator:
    """Write the definition; what is none yet is kept as it was typed."""
    says: dict[str, Any] = {"shown": shown, "by": request.user, "at": clock.now()}
    if form.is_valid():
        try:
            return drafts.write_indicator(row, form.definition(), **says)
        except DraftRefused as refusal:
            form.add_error("code", str(refusal))
    return drafts.keep_typed(row, typed_of(form), **says)


# --- Mine and theirs -------------------------------------------------------------------------------------------------
def _conflict(request: UserRequest, row: Indicator, *, mine: TemplateForm, theirs: TemplateForm) -> HttpResponse:
    context: dict[str, Any] = {"indicator": row, "framework": row.framework, "form": mine}
    if request.htmx:
        return render(request, "agreements/_template_changed.html", context | {"shown": revision_shown(request)})
    my_values, their_values = typed_of(mine), typed_of(theirs)
    labels = labels_of(theirs) | labels_of(mine)
    names = [name for name in labels if my_values.get(name, [""]) != their_values.get(name, [""])]
    context["differences"] = [
        {
            "name": PICK + name,
            "label": labels[name],
            "mine": _shown(mine, name, my_values.get(name, [])),
            "theirs": _shown(theirs, name, their_values.get(name, [])),
        }
        for name in names
    ]
    context["kept"] = [(name, value) for name, values in _both(my_values, their_values).items() for value in values]
    return render(request, "agreements/template_conflict.html", context, status=409)


def _both(mine: Mapping[str, list[str]], theirs: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return what I typed, with as many rows in each table as the longer one has."""
    found = dict(mine)
    for name, values in theirs.items():
        if name.endswith("-TOTAL_FORMS"):
            found[name] = [max(found.get(name, ["0"])[0], values[0], key=_count)]
    return found


def _count(number: str) -> int:
    return int(number) if number.isascii() and number.isdigit() else 0


def _shown(form: TemplateForm, name: str, values: Sequence[str]) -> list[str]:
    choices = dict(getattr(form.fields.get(name), "choices", ()))
    return [str(choices.get(value, value)) for value in values if value]


def _chosen(request: UserRequest, row: Indicator) -> MultiValueDict[str, str]:
    """Return what was sent, with theirs wherever they were chosen on the page of both."""
    sent: MultiValueDict[str, str] = MultiValueDict(request.POST.lists())
    picked = [name for name in request.POST if name.startswith(PICK) and request.POST[name] == THEIRS]
    if picked:
        theirs = typed_of(_form(row, _typed(row)))
        for name in picked:
            plain = name.removeprefix(PICK)
            sent.setlist(plain, theirs.get(plain, []))
    more = f"{request.POST.get('more', '')}-TOTAL_FORMS"
    if more in sent:
        # The button that adds a row, without the script.
        sent[more] = str(_count(str(sent[more])) + 1)
    return sent


# --- Beside it: the curve and a trial --------------------------------------------------------------------------------
def _beside(sent: Mapping[str, Any], row: Indicator) -> dict[str, Any]:
    """Return the curve of the definition as it is kept, and what a tried value scores by it."""
    if row.children.exists() or "children" in row.definition:
        return {}
    try:
        indicator = scoring.read_indicator(row.definition, defaults=drafts.defaults_of(row.framework))
    except scoring.Refused as refusal:
        return {"panel": {"refused": [explain_fault(fault) for fault in refusal.faults]}}
    tries = any(name.startswith(f"{TRIAL}-") for name in sent)
    form = TrialForm(sent if tries else None, definition=row.definition, inputs={}, prefix=TRIAL)
    context: dict[str, Any] = {"trial": form, "warnings": _slips(indicator)}
    inputs = form.inputs() if tries and form.is_valid() else {}
    if not inputs:
        return context | {"chart": _chart(indicator, {}, None)}
    try:
        result = scoring.read_result(inputs, indicator, place="")
        score = scoring.score_indicator(indicator, {indicator.code: result}, holidays=_holidays(row))
    except scoring.Refused as refusal:
        refused = [explain_fault(fault) for fault in refusal.faults]
        return context | {"panel": {"refused": refused}, "chart": _chart(indicator, inputs, None)}
    return context | {"panel": told(score), "chart": _chart(indicator, inputs, score)}


def _holidays(row: Indicator) -> frozenset[date]:
    """Return the holidays of the office whose framework it is; what serves all offices has none."""
    owner = row.framework.organisation
    return working_days.holidays_of(owner) if owner else frozenset()


def _slips(indicator: scoring.Indicator) -> list[str]:
    """Return what looks like a slip; the sentences say enough without the path in the definition."""
    return [explain_fault(replace(one, place="")) for one in indicator.warnings]


def _chart(
    indicator: scoring.Indicator, inputs: Mapping[str, Any], score: scoring.IndicatorScore | None
) -> dict[str, Any] | None:
    if indicator.criteria is None:
        return None
    value = score.value if score else None
    base = Fraction(Decimal(inputs["base"])) if "base" in inputs else None
    try:
        curve = curve_of(indicator.criteria, base=base, around=value)
    except scoring.Refused:
        return None
    if curve is None:
        return None
    scale = indicator.scale
    return curve_chart(
        curve, highest=scale.highest, lowest=scale.lowest, value=value, score=score.score if score else None
    )
