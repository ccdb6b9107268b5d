"""The self-assessments of an organisation at 6, 9 and 12 months, side by side."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import actions, clock
from agreements.models import Checkpoint, Version
from agreements.services import checkpoints as services, results
from agreements.views.agreements import in_tree_order
from agreements.views.requests import UserRequest, attempt, demand_who, version_or_404


@require_GET
def checkpoints(request: UserRequest, pk: int) -> HttpResponse:
    """Show what was kept at each checkpoint beside what is entered now."""
    version = version_or_404(request, pk)
    book = results.open_book(version)
    standings = services.standings(version.part)
    now = results.figures_of(results.scores_of(book, "self"))
    may = actions.KEEP_STATE in actions.allowed(version, request.user)
    following = next((one for one in standings if one.is_next), None)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "standings": standings,
        "rows": _rows(book, standings, now),
        "sums": [one.content["scores"] if one.content else None for one in standings],
        "now": now,
        "following": following,
        "is_too_early": following is not None and clock.today() < following.opens_on,
        "may": may,
        "can_enter": actions.ENTER in actions.allowed(version, request.user),
    }
    return render(request, "agreements/checkpoints.html", context)


def _rows(book: results.Book, standings: list[services.Standing], now: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each item with its score at each checkpoint, found by its lineage, and now."""
    kept = [_by_lineage(one.content) for one in standings]
    scores = {row["code"]: row for row in now["indicators"]}
    return [
        {
            "item": item,
            "kept": [
                {"label": one.checkpoint.label, "score": found.get(str(item.lineage))}
                for one, found in zip(standings, kept, strict=True)
            ],
            "now": scores.get(item.code),
        }
        for item in in_tree_order(book)
    ]


def _by_lineage(content: dict[str, Any] | None) -> dict[str, Any]:
    if content is None:
        return {}
    lineages = {item["code"]: item["lineage"] for item in content["items"]}
    return {lineages[row["code"]]: row for row in content["scores"]["indicators"] if row["code"] in lineages}


@require_POST
def keep(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Keep the state of a checkpoint as of today."""
    version: Version = version_or_404(request, pk)
    demand_who(actions.KEEP_STATE, version, request.user)
    checkpoint = Checkpoint(code)
    attempt(
        request,
        lambda: services.keep(version, checkpoint, by=request.user, at=clock.now()),
        said=_("The state at %(checkpoint)s is kept as of today.") % {"checkpoint": checkpoint.label},
    )
    return redirect("agreements:checkpoints", pk=pk)
