"""Where items come from and who carries them: choosing the one above, the tree, and the overview of a round."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import actions, clock
from agreements.models import Item, Role, Round, State, Version
from agreements.services import cascade as services, cascade_overview, from_below, results
from agreements.views.agreements import in_tree_order
from agreements.views.requests import (
    UserRequest,
    attempt,
    back_to,
    demand_who,
    is_key,
    item_or_404,
    log_reading,
    measured_item_or_404,
    version_or_404,
)

MOST_OFFERED = 100
MOST_DRIFTS = 200


@require_http_methods(["GET", "POST"])
def choose_above(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Offer the items that one of a draft may come from, found by words; POST chooses one, or none."""
    version = version_or_404(request, pk)
    demand_who(actions.EDIT, version, request.user)
    if version.part.standing != State.DRAFT:
        return back_to(version)
    item = item_or_404(version, lineage)
    offered = services.offered_to(version, item, words=request.GET.get("q", "").strip())
    if request.method == "POST":
        chosen = request.POST.get("above", "")
        above = next((one for one in services.offered_to(version) if is_key(chosen) and one.pk == int(chosen)), None)
        if chosen and above is None:
            raise Http404
        said = _("Indicator %(code)s comes from the one chosen.") if above else _("Indicator %(code)s comes from none.")
        if attempt(
            request,
            lambda: services.choose_above(item, above, by=request.user),
            said=said % {"code": item.code},
        ):
            return redirect("agreements:items", pk=pk)
    [line], _forest = services.lines_of([_with_links(version, lineage)], request.user)
    return render(
        request,
        "agreements/choose_above.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "item": item,
            "offered": offered[:MOST_OFFERED],
            "more": max(len(offered) - MOST_OFFERED, 0),
            "q": request.GET.get("q", ""),
            "now": line.above[-1] if line.above else None,
            "is_linked": item.cascades_from_id is not None,
        },
    )


def _with_links(version: Version, lineage: str) -> Item:
    found: Item = get_object_or_404(services.rows_of(version), lineage=lineage)
    return found


@require_GET
def cascade(request: UserRequest, pk: int) -> HttpResponse:
    """Show for each item of an agreement those above it and who carries it below with what share."""
    version = version_or_404(request, pk)
    by_pk = {item.pk: item for item in services.rows_of(version)}
    items = [by_pk[item.pk] for item in in_tree_order(results.open_book(version)) if item.pk in by_pk]
    lines, forest = services.lines_of(items, request.user)
    scored = {key[0] for key in forest.scores} - {int(version.part.agreement.pk)}
    log_reading(
        request,
        list(
            {
                one.version_id: one.version for one in forest.all_items if one.version.part.agreement_id in scored
            }.values()
        ),
        as_list=True,
    )
    return render(
        request,
        "agreements/cascade.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "lines": lines,
            "warned": sum(bool(line.node.warnings) for line in lines),
        },
    )


@require_POST
def gather(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Take what those below come to as the result of an item, with its sources."""
    version = version_or_404(request, pk)
    demand_who(actions.ENTER, version, request.user)
    item = measured_item_or_404(version, lineage)
    attempt(
        request,
        lambda: from_below.take(version, item, by=request.user, at=clock.now()),
        said=_("What those below come to is the result now, with its sources."),
    )
    return redirect("agreements:result", pk=pk, lineage=lineage)


@require_GET
def round_cascade(request: UserRequest, pk: int) -> HttpResponse:
    """Show to those who follow a round what nobody carries, and where weights differ."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, *cascade_overview.FOLLOWERS):
        raise Http404
    found = cascade_overview.overview(round_, reader=request.user)
    return render(
        request,
        "agreements/round_cascade.html",
        {
            "round": round_,
            "overview": found,
            "drifts": found.drifts[:MOST_DRIFTS],
            "more_drifts": max(len(found.drifts) - MOST_DRIFTS, 0),
        },
    )
