"""The pages on which a director sees what is off track: a framework by months, and each indicator down to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import actions, clock
from agreements.forms.monitoring import FiguresForm, RemedyForm
from agreements.models import Framework, Indicator, Organisation, Remedy
from agreements.models.organisations import subtree
from agreements.services import bindings, monitoring as services, monitoring_rows, monitoring_sources, remedies
from agreements.thai import fiscal_year_of
from agreements.views.charts import spark_chart, trend_chart
from agreements.views.requests import UserRequest, is_key, posted

SPANS = (1, 6, 12, 24)
LENGTH_OF_MONTH = len("2018-01")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a framework in an office, at the end of a month, with so many months before."""

    framework: Framework
    place: Organisation
    month: int
    months: int

    @property
    def query(self) -> QueryDict:
        """The same in an address."""
        found = QueryDict(mutable=True)
        found["unit"], found["month"] = str(self.place.pk), f"{services.first_day(self.month):%Y-%m}"
        if self.months in SPANS:
            found["months"] = str(self.months)
        return found


@require_GET
def choose(request: UserRequest) -> HttpResponse:
    """List the frameworks that can be followed: those of the present fiscal year, then the latest year first."""
    paths = list(services.places_for(request.user).values_list("path", flat=True))
    found = [
        one
        for one in services.frameworks_for(request.user)
        if any(one.organisation is None or path.startswith(one.organisation.path) for path in paths)
    ]
    present = fiscal_year_of(clock.today())
    found.sort(key=lambda one: one.fiscal_year != present)
    return render(request, "agreements/monitoring_list.html", {"frameworks": found})


@require_GET
def board(request: UserRequest, pk: int) -> HttpResponse:
    """Show a framework in an office: each indicator with its months, target, light, trend and forecast."""
    asked = asked_or_404(request, pk)
    found = services.board(asked.framework, asked.place, asked.month, months=asked.months)
    sources = {row.indicator.pk: row.source for row in found.rows if row.source is not None}
    context = {
        "board": found,
        "asked": asked,
        "rows": list(_with_headings(found.rows)),
        "lights": [(light, found.count(light)) for light in ("behind", "near", "reached", "no_figure", "no_target")],
        "missing": monitoring_sources.missing(sources, asked.place, found.month, today=clock.today()),
        "offices": services.places_beside(asked.place, request.user),
        "months": _months_of(found.span),
        "spans": SPANS,
    }
    return render(request, "agreements/monitoring.html", context)


def _with_headings(rows: tuple[services.Row, ...]) -> Iterator[tuple[str, services.Row, Any]]:
    """Yield each row with the heading that begins with it, or none, and with its trend as a small picture."""
    above: str | None = None
    for row in rows:
        heading = heading_of(row.indicator)
        yield (heading if heading != above else ""), row, spark_chart([month.value for month in row.months])
        above = heading


def heading_of(indicator: Indicator) -> str:
    """Return the indicator that this one is a part of, else its dimension."""
    if indicator.parent is not None:
        return str(indicator.parent)
    return indicator.dimension.title if indicator.dimension else ""


def _months_of(span: Any) -> list[date]:
    return [services.first_day(month) for month in range(span.first, span.last + 1)]


# --- One indicator ---------------------------------------------------------------------------------------------------
@require_GET
def indicator(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Show one indicator: its trend, its months, what is done about it, and the rows that its figures come from."""
    asked = asked_or_404(request, pk)
    found = _indicator_or_404(asked, code)
    return render(request, "agreements/monitored_indicator.html", _page(request, asked, found))


@require_http_methods(["GET", "POST"])
def write_figures(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Show and keep the values of the months that no report form brings."""
    asked = asked_or_404(request, pk)
    found = _indicator_or_404(asked, code)
    if not remedies.may_write(request.user, found, asked.place, day=clock.today()):
        raise actions.NotAllowed
    span = services.span_of(asked.framework)
    months = [day for day in _months_of(span) if day <= clock.today()]
    form = FiguresForm(posted(request), months=months, kept=remedies.typed(found, asked.place))
    if form.is_bound and form.is_valid():
        try:
            remedies.write_figures(found, asked.place, form.changes(), by=request.user, at=clock.now())
        except remedies.FigureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The figures are saved. They are in the log."))
            return redirect(_indicator_url(asked, found))
    context = {"asked": asked, "indicator": found, "form": form, "way": services.way_of(found)}
    return render(request, "agreements/write_figures.html", context)


@require_http_methods(["GET", "POST"])
def write_remedy(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Show and keep why an indicator is behind in the month shown, and what is done about it."""
    asked = asked_or_404(request, pk)
    found = _indicator_or_404(asked, code)
    if not remedies.may_write(request.user, found, asked.place, day=clock.today()):
        raise actions.NotAllowed
    month = services.first_day(asked.month)
    kept = Remedy.objects.filter(services.of_all_versions([found]), organisation=asked.place, month=month)
    now = kept.order_by("-indicator__framework__version").first()
    initial = {name: getattr(now, name) for name in remedies.Plan.__dataclass_fields__} if now else {}
    owners = remedies.owners_for(asked.place, day=clock.today())
    form = RemedyForm(posted(request), owners=owners, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            remedies.write_remedy(found, asked.place, month, form.plan(), by=request.user, at=clock.now())
        except remedies.FigureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The cause and the corrective action are saved. They are in the log."))
            return redirect(_indicator_url(asked, found))
    context = {"asked": asked, "indicator": found, "form": form, "month": month}
    return render(request, "agreements/write_remedy.html", context)


def _page(request: UserRequest, asked: Asked, found: Indicator) -> dict[str, Any]:
    row = services.row(found, asked.place, asked.month, months=asked.months)
    may_write = remedies.may_write(request.user, found, asked.place, day=clock.today())
    written = Remedy.objects.filter(services.of_all_versions([found]), organisation=asked.place)
    rows = monitoring_rows.rows_below(row.source, asked.place, asked.month, request.user) if row.source else None
    return {
        "asked": asked,
        "indicator": found,
        "row": row,
        "chart": trend_chart(row.months),
        "month": services.first_day(asked.month),
        "highest": row.highest,
        "may_write": may_write,
        "is_bound": bool(bindings.bound(found.definition)),
        "may_type": may_write and row.source is None,
        "remedies": written.select_related("owner__user", "written_by").order_by("-month", "-pk"),
        "below": rows,
    }


# --- What the address asks for ---------------------------------------------------------------------------------------
def asked_or_404(request: UserRequest, pk: int) -> Asked:
    """Return what is asked for, if the reader follows this framework in this office."""
    seen = Framework.objects.visible_to(request.user).filter(
        status__in=[Framework.Status.PUBLISHED, Framework.Status.SUPERSEDED], fiscal_year__isnull=False
    )
    framework = get_object_or_404(seen.select_related("organisation"), pk=pk)
    places = services.places_for(request.user)
    unit = request.GET.get("unit", "")
    place = _place_or_404(framework, places, unit) if unit else _default_place(framework, places)
    if place is None:
        raise Http404
    span = services.span_of(framework)
    month = services.month_shown(span, _month_asked(request), clock.today())
    months = request.GET.get("months", "")
    count = int(months) if is_key(months) and int(months) in SPANS else month - span.first + 1
    return Asked(framework, place, month, count)


def _place_or_404(framework: Framework, places: Any, unit: str) -> Organisation:
    if not is_key(unit):
        raise Http404
    place: Organisation = get_object_or_404(places, pk=int(unit))
    if framework.organisation and not place.path.startswith(framework.organisation.path):
        raise Http404
    return place


def _default_place(framework: Framework, places: Any) -> Organisation | None:
    """Return the highest office that the framework is for, of those that the reader follows."""
    owner = framework.organisation
    place: Organisation | None = (places.filter(subtree(owner.path)) if owner else places).first()
    return place


def _month_asked(request: UserRequest) -> date | None:
    asked = request.GET.get("month", "")
    try:
        return date.fromisoformat(f"{asked}-01") if len(asked) == LENGTH_OF_MONTH else None
    except ValueError:
        return None


def _indicator_or_404(asked: Asked, code: str) -> Indicator:
    """Return the indicator, if it is measured itself."""
    leaves = asked.framework.indicators.select_related("framework", "dimension").filter(children=None)
    found: Indicator = get_object_or_404(leaves, code=code)
    return found


def _indicator_url(asked: Asked, found: Indicator) -> str:
    return reverse("agreements:monitored-indicator", args=[asked.framework.pk, found.code], query=asked.query)
