"""The board of a round: every unit and how far its agreements are, and the list behind each figure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET

from agreements import clock
from agreements.models import Agreement, Extension, Role, Round, State
from agreements.services import board, deadlines
from agreements.services.board import Asked
from agreements.views.requests import UserRequest, is_key
from agreements.views.work import with_late_marks

ROWS_A_PAGE = 50
UNITS_A_PAGE = 40
EXTENSIONS_SHOWN = 20
HEADS = (
    ("name", gettext_lazy("Agreement of")),
    ("unit", gettext_lazy("Unit")),
    ("state", gettext_lazy("State")),
    ("", gettext_lazy("Whose turn it is")),
    ("since", gettext_lazy("Waiting since")),
)


@require_GET
def round_board(request: UserRequest, pk: int) -> HttpResponse:
    """Show where a round stands, unit by unit; those who may open the agreements also get their list."""
    round_ = round_or_404(request, pk)
    asked, now = Asked.read(request.GET), clock.now()
    counted = board.matrix(round_, by=request.user, at=now)
    units = board.units_of(round_, request.user)
    unit_page = Paginator(units, UNITS_A_PAGE).get_page(request.GET.get("units"))
    # Executives follow how many, never who.
    lists = bool(Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR))
    foot = counted.foot()
    context = {
        "round": round_,
        "today": clock.today(),
        "states": State.choices,
        "matrix": [counted.row(unit) for unit in unit_page.object_list],
        "unit_page": unit_page,
        "foot": foot,
        "totals": foot["cells"],
        "count": foot["count"],
        "asked": asked,
        "lists": lists,
        "is_hr": bool(Role.objects.paths(request.user, Role.Kind.HR)),
        "waiting": _waiting(request, round_),
        "sets_deadlines": deadlines.is_hr_over(request.user, round_.organisation),
    }
    listing = _listing(request, round_, asked, units) if lists else {"agreement_list": []}
    return render(request, "agreements/round.html", context | listing | _extensions(request, round_))


def round_or_404(request: UserRequest, pk: int) -> Round:
    """Return the round, if the reader follows how far it is."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, *board.FOLLOWERS):
        raise Http404
    return round_


def _waiting(request: UserRequest, round_: Round) -> Counter[str]:
    """Return how many agreements of the round wait for the reader as HR, by state."""
    waiting = Agreement.objects.awaiting_hr(request.user).filter(round=round_).order_by()
    return Counter(dict(waiting.values_list("state").annotate(count=Count("pk"))))


def _extensions(request: UserRequest, round_: Round) -> dict[str, Any]:
    granted = Extension.objects.visible_to(request.user).filter(round=round_).granted()
    shown = granted.select_related("organisation", "agreement__person", "agreement__organisation", "granted_by")
    # Those of units first: those of single agreements may be hundreds.
    return {
        "extensions": shown.order_by("agreement_id", "phase", "until", "pk")[:EXTENSIONS_SHOWN],
        "more_extensions": max(granted.count() - EXTENSIONS_SHOWN, 0),
    }


# --- The list --------------------------------------------------------------------------------------------------------
def _listing(request: UserRequest, round_: Round, asked: Asked, units: Any) -> dict[str, Any]:
    now = clock.now()
    found = board.listed(round_, asked, by=request.user, at=now)
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    keys = [one.pk for one in page.object_list]
    by_key = {one.pk: one for one in Agreement.objects.filter(pk__in=keys).for_list().prefetch_related("late_marks")}
    rows: list[Any] = with_late_marks(by_key[key] for key in keys)
    calendar = deadlines.read([round_])
    for row in rows:
        row.waits = board.how_long(now, row.state_since)
        row.overdue = board.overdue_since(row, calendar, at=now)
        row.sent_back = any(version.is_being_mended for version in row.current_versions)
    return {
        "page": page,
        "agreement_list": rows,
        "units": [(str(place.pk), place.name) for place in units],
        "only": board.ONLY.items(),
        "heads": [(key, label, *_order(asked, key)) for key, label in HEADS],
        "filter_query": asked.query,
    }


def _order(asked: Asked, key: str) -> tuple[str, str]:
    """Return what a head says of the order (for aria-sort), and the order that its link asks for."""
    if asked.sort == key:
        return "ascending", f"-{key}"
    return ("descending" if asked.sort == f"-{key}" else ""), key


# --- For the selected ------------------------------------------------------------------------------------------------
def is_from_board(request: UserRequest) -> bool:
    """Return whether a form of the board was sent, not one of another list."""
    return "board" in request.POST


def chosen(request: UserRequest, round_: Round) -> list[Agreement]:
    """Return the agreements ticked on the board, or all that its list shows."""
    found = board.listed(round_, _asked_before(request), by=request.user, at=clock.now())
    if not request.POST.get("all"):
        found = found.filter(pk__in=[int(key) for key in request.POST.getlist("agreement") if is_key(key)])
    keys = list(found.values_list("pk", flat=True))
    rows = Agreement.objects.filter(pk__in=keys).for_list().order_by("organisation__path", "pk")
    return list(rows.iterator(chunk_size=deadlines.CHUNK))


def _asked_before(request: UserRequest) -> Asked:
    return Asked.read(QueryDict(request.POST.get("board", "")))


def back_to_board(request: UserRequest, round_: Round, refusal: str = "") -> HttpResponse:
    """Go back to the list as it was, with `refusal` where there is one."""
    if refusal:
        messages.error(request, refusal)
    query = _asked_before(request).query
    return redirect(f"{reverse('agreements:round', args=[round_.pk])}{'?' if query else ''}{query}#agreements")


def too_many() -> str:
    """Say that so many agreements cannot be given more time one by one."""
    return _("Give at most %(count)s agreements more time at once, or give it to their unit.") % {"count": MOST_AT_ONCE}


# Each of them stands in the form by itself.
MOST_AT_ONCE = 1000
