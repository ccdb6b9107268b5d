"""The dashboards of those who lead an office: a framework in a round, by indicator and by unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from agreements import clock
from agreements.models import Dimension, Framework, Organisation, Round
from agreements.models.agreements import AgreementQuerySet
from agreements.models.organisations import PersonnelGroup, below_any, subtree
from agreements.services import dashboard_reach as reach, dashboards as services, readings
from agreements.services.dashboards import Asked, Dashboard, Row
from agreements.views.charts import spark_chart
from agreements.views.dashboard_charts import bands_of, legend_of, mean_chart, rounds_chart, spread_chart
from agreements.views.monitoring import heading_of
from agreements.views.requests import UserRequest, is_key

AGREEMENTS_A_PAGE = 20
#: What the address names.
FILTERS = ("round", "framework", "unit", "dimension", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What can be looked at, and what is: nothing where no result was released."""

    roots: list[str]
    rounds: list[Round]
    round: Round | None = None
    place: Organisation | None = None
    frameworks: Sequence[Framework] = ()
    dimensions: Sequence[Dimension] = ()
    asked: Asked | None = None

    @property
    def query(self) -> QueryDict:
        """What is looked at, as it stands in an address."""
        found = QueryDict(mutable=True)
        if self.round and self.place:
            found["round"], found["unit"] = str(self.round.pk), str(self.place.pk)
        if self.asked:
            found["framework"] = str(self.asked.framework.pk)
            if self.asked.dimension:
                found["dimension"] = str(self.asked.dimension.pk)
            if self.asked.group:
                found["group"] = self.asked.group
        return found


@require_GET
def dashboard(request: UserRequest) -> HttpResponse:
    """Show what came of a round in a unit: each indicator, each part of the unit, and the agreements behind them."""
    choice = choice_or_404(request)
    context = _filters(choice)
    if choice.asked is not None:
        found = dashboard_of(request, choice)
        context |= _page(found) | {"agreements": _agreements(request, choice.asked)}
    return render(request, "agreements/dashboard.html", context)


@require_GET
def indicator(request: UserRequest, pk: int) -> HttpResponse:
    """Show one indicator: its units, the best first, and how it came along from round to round."""
    choice = choice_or_404(request)
    if choice.asked is None:
        raise Http404
    found = dashboard_of(request, choice)
    row = next((one for one in found.rows if one.indicator.pk == pk), None)
    if row is None:
        raise Http404
    units = [(unit, row.by_unit[unit.key]) for unit in found.units if row.by_unit[unit.key].sum.results]
    # The highest first; what is kept back last, in no order that would tell.
    units.sort(key=lambda pair: (pair[1].mean is None, -(pair[1].mean or 0), pair[0].key))
    context = _filters(choice) | {
        "board": found,
        "row": row,
        "chart": rounds_chart(row.trend),
        "spread": spread_chart(row.cell),
        "units": [(unit, cell, mean_chart(cell), spread_chart(cell)) for unit, cell in units],
        "bands": bands_of(found.measure),
        "legend": legend_of(found.measure),
    }
    return render(request, "agreements/dashboard_indicator.html", context)


def dashboard_of(request: UserRequest, choice: Choice) -> Dashboard:
    """Return the figures of what was chosen, as the reader may see them."""
    if choice.asked is None:
        raise Http404
    found = services.dashboard(choice.asked, roots=choice.roots, rounds=choice.rounds, by=request.user)
    if found.telling and request.method == "GET":
        _log_telling(request, found)
    return found


def _log_telling(request: UserRequest, found: Dashboard) -> None:
    """Log that the reader was shown averages of one or two people, of those whose results they are."""
    below = below_any([unit.path for unit in found.telling], field="organisation__path")
    few = reach.released(found.asked.round).visible_to(request.user).filter(below, person__isnull=False)
    shown = [(one.pk, one.organisation) for one in few.exclude(person=request.user).select_related("organisation")]
    page = request.resolver_match.url_name if request.resolver_match else ""
    readings.log_list(shown, page=page or "", by=request.user, at=clock.now())


# --- The page --------------------------------------------------------------------------------------------------------
def _filters(choice: Choice) -> dict[str, Any]:
    root = _root(choice)
    return {
        "choice": choice,
        "asked": choice.asked,
        "query": choice.query,
        "offices": reach.places_around(choice.place, root) if choice.place and root else [],
        "groups": PersonnelGroup.choices if choice.round and choice.round.subject == "people" else [],
    }


def _page(found: Dashboard) -> dict[str, Any]:
    return {
        "board": found,
        "rows": list(_with_headings(found.rows)),
        "lights": [(light, found.count(light)) for light in ("behind", "near", "reached", "no_target", "no_figure")],
        "matrix": [(unit, [row.by_unit[unit.key] for row in found.rows]) for unit in found.units],
        "bands": bands_of(found.measure),
        "legend": legend_of(found.measure),
    }


def _with_headings(rows: Sequence[Row]) -> Iterator[tuple[str, Row, Any, Any]]:
    """Yield each row with the heading that begins with it, or none, its spread and its trend as pictures."""
    above: str | None = None
    for row in rows:
        heading = heading_of(row.indicator)
        yield (heading if heading != above else ""), row, spread_chart(row.cell), spark_chart(row.trend_values)
        above = heading


def _agreements(request: UserRequest, asked: Asked) -> Any:
    """Return the agreements of the unit that the reader may open, a page of them."""
    seen: AgreementQuerySet = reach.released(asked.round).visible_to(request.user)
    found = seen.filter(subtree(asked.place.path, field="organisation__path")).select_related("person", "organisation")
    ordered = found.order_by("organisation__path", "person__sort_key", "pk")
    return Paginator(ordered, AGREEMENTS_A_PAGE).get_page(request.GET.get("page"))


# --- What the address asks for ---------------------------------------------------------------------------------------
def choice_or_404(request: UserRequest) -> Choice:
    """Return what can be looked at and what the address asks for, of what the reader follows.

    What does not belong to the round that was chosen falls back, since a changed round sends the rest along.
    """
    roots = reach.roots_of(request.user)
    if not roots:
        raise Http404
    rounds = reach.rounds_for(request.user, roots)
    round_ = _round_or_404(request, rounds)
    if round_ is None:
        return Choice(roots=roots, rounds=rounds)
    place = _place_or_404(request, round_, roots)
    root = reach.root_of(round_, place.path, roots)
    frameworks = reach.frameworks_of(round_, root) if root else []
    framework = _chosen(request, "framework", frameworks) or next(iter(frameworks), None)
    if framework is None or root is None:
        return Choice(roots=roots, rounds=rounds, round=round_, place=place)
    dimensions = list(framework.dimensions.filter(Q(indicators__isnull=False) | Q(parts__isnull=False)).distinct())
    dimensions.sort(key=lambda one: (one.order, one.pk))
    group = request.GET.get("group", "")
    asked = Asked(
        round=round_,
        framework=framework,
        place=place,
        root=root,
        dimension=_chosen(request, "dimension", dimensions),
        group=group if group in PersonnelGroup.values and round_.subject == Round.Subject.PEOPLE else "",
    )
    return Choice(
        roots=roots,
        rounds=rounds,
        round=round_,
        place=place,
        frameworks=frameworks,
        dimensions=dimensions,
        asked=asked,
    )


def _round_or_404(request: UserRequest, rounds: Sequence[Round]) -> Round | None:
    if not request.GET.get("round"):
        # The latest of which anything was released; else the latest.
        return next((one for one in rounds if one.has_released), next(iter(rounds), None))  # type: ignore[attr-defined]
    found: Round | None = _chosen(request, "round", rounds)
    if found is None:
        raise Http404
    return found


def _place_or_404(request: UserRequest, round_: Round, roots: Sequence[str]) -> Organisation:
    asked = request.GET.get("unit", "")
    if asked:
        if not is_key(asked):
            raise Http404
        place: Organisation = get_object_or_404(Organisation.objects.order_by(), pk=int(asked))
        if not any(place.path.startswith(root) for root in roots):
            raise Http404
        if reach.root_of(round_, place.path, roots):
            return place
    first = reach.first_place(round_, roots)
    if first is None:
        raise Http404
    return first


def _chosen(request: UserRequest, name: str, among: Sequence[Any]) -> Any:
    asked = request.GET.get(name, "")
    return next((one for one in among if str(one.pk) == asked), None)


def _root(choice: Choice) -> str | None:
    if choice.round is None or choice.place is None:
        return None
    return reach.root_of(choice.round, choice.place.path, choice.roots)
