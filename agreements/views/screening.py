"""Before a release: what the screening committee looks at and records; after it: the names that are announced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from agreements import actions, clock
from agreements.forms.screening import ScreeningForm
from agreements.models import Organisation, Outcome, Role, Round, Version
from agreements.services import outcomes, screening as services
from agreements.services.board import FOLLOWERS
from agreements.services.screening import ANNOUNCED, APART, ONLY, Asked
from agreements.services.states import AgreementRefused
from agreements.views.bar_charts import bar_chart, share_of, strip_chart
from agreements.views.requests import UserRequest, is_key, log_reading, posted

HUNDRED = Decimal(100)
ROWS_A_PAGE = 50
UNITS_A_PAGE = 40


@require_http_methods(["GET", "POST"])
def screening(request: UserRequest, pk: int) -> HttpResponse:
    """Show how the results of a round are spread and where to look twice; POST records that the committee has."""
    round_ = round_or_404(request, pk)
    asked, member = Asked.read(request.GET), services.is_member(round_, request.user)
    if request.method == "POST" and not member:
        raise actions.NotAllowed
    counts = services.counts(round_, request.user, asked)
    form = ScreeningForm(posted(request), last=counts["last"])
    if request.method == "POST" and form.is_valid() and _record(request, round_, asked, form):
        return redirect(request.get_full_path())
    context = {
        **_place(request, round_),
        "asked": asked,
        # As the grades are printed: out of 100 with two places, the total with four.
        "places": 2 if round_.grades_on == HUNDRED else 4,
        "counts": counts,
        "form": form,
        "is_member": member,
        "not_assessed": services.not_assessed(round_, request.user, asked),
        "looks": [(name, label, counts[name]) for name, (label, _condition) in ONLY.items()],
        **_apart(counts),
        **_spread(request, round_, asked),
        **_listing(request, round_, asked),
    }
    return render(request, "agreements/screening.html", context)


def round_or_404(request: UserRequest, pk: int) -> Round:
    """Return the round, if the reader looks at its results before their release."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not services.reach_of(round_, request.user):
        raise Http404
    outcomes.catch_up(round_)
    return round_


def _place(request: UserRequest, round_: Round) -> dict[str, Any]:
    """Return where a page stands; the page of the round itself is not for everybody on the committee."""
    return {
        "round": round_,
        "is_hr": bool(Role.objects.paths(request.user, Role.Kind.HR)),
        "follows": bool(Role.objects.paths(request.user, *FOLLOWERS)),
    }


def _record(request: UserRequest, round_: Round, asked: Asked, form: ScreeningForm) -> bool:
    told = form.cleaned_data
    try:
        count = services.record_screening(
            round_, asked, last=told["last"], resolution=told["resolution"], by=request.user, at=clock.now()
        )
    except AgreementRefused as refusal:
        messages.error(request, str(refusal))
        return False
    said = ngettext(
        "It is on record that the committee has screened %(count)s result.",
        "It is on record that the committee has screened %(count)s results.",
        count,
    )
    messages.success(request, said % {"count": count})
    return True


# --- How results are spread ------------------------------------------------------------------------------------------
def _spread(request: UserRequest, round_: Round, asked: Asked) -> dict[str, Any]:
    found = services.spread(round_, request.user)
    units = list(Organisation.objects.filter(pk__in=found.by_unit).order_by("path"))
    shown = [unit for unit in units if not asked.unit or unit.pk == int(asked.unit)]
    page = Paginator(shown, UNITS_A_PAGE).get_page(request.GET.get("units"))
    totals = found.totals(asked.unit)
    return {
        "grades": found.grades,
        "grade_chart": bar_chart(list(zip(found.grades, totals, strict=True))),
        "totals": totals,
        "unit_page": page,
        "unit_rows": [_unit_row(unit, found) for unit in page.object_list],
        "units": units,
    }


def _unit_row(unit: Organisation, found: services.Spread) -> dict[str, Any]:
    counts = found.counts(unit.pk)
    labelled = list(zip(found.grades, counts, strict=True))
    return {"unit": unit, "counts": labelled, "count": sum(counts), "chart": strip_chart(labelled)}


def _apart(counts: dict[str, int]) -> dict[str, Any]:
    """Return how the assessors' figures lie beside the assessees' own, as a chart and as rows that open their lists."""
    found = [(name, label, counts[name.replace("-", "_")]) for name, (label, _condition) in APART.items()]
    every = sum(count for _name, _label, count in found)
    return {
        "apart_chart": bar_chart([(label, count) for _name, label, count in found]),
        "apart": [(name, label, count, share_of(count, every)) for name, label, count in found],
    }


# --- The list --------------------------------------------------------------------------------------------------------
def _listing(request: UserRequest, round_: Round, asked: Asked) -> dict[str, Any]:
    found = services.listed(round_, asked, by=request.user).select_related(
        "agreement__person", "agreement__organisation", "version__part", "before"
    )
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows: list[Outcome] = list(page.object_list)
    log_reading(request, [_version(row) for row in rows], as_list=True)
    return {"page": page, "rows": rows, "only": [(name, label) for name, (label, _condition) in ONLY.items()]}


def _version(row: Outcome) -> Version:
    """Return the version of an outcome with the agreement that was fetched beside it."""
    row.version.part.agreement = row.agreement
    return row.version


# --- The announcement ------------------------------------------------------------------------------------------------
@require_GET
def announcement(request: UserRequest, pk: int) -> HttpResponse:
    """Show the names that are announced once the results are released: those at the two highest grades, no scores."""
    round_ = round_or_404(request, pk)
    unit = chosen_unit(request)
    found = services.announced(round_, by=request.user, unit=unit)
    context = {
        **_place(request, round_),
        "unit": unit,
        "units": services.units_of(round_, request.user),
        "groups": [(grade, [one for one in found if one.grade == grade]) for grade in ANNOUNCED],
        "count": len(found),
        "is_usual": services.has_announced_grades(round_),
    }
    return render(request, "agreements/announcement.html", context)


def chosen_unit(request: UserRequest) -> str:
    """Return the key of the unit that the address asks for, as typed; empty for all."""
    unit = request.GET.get("unit", "")
    return unit if is_key(unit) else ""
