"""The deadlines of a round for HR: setting them, who missed one, giving more time, reminding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import actions, clock
from agreements.forms.deadlines import DeadlinesForm, ExtensionForm, ReminderForm, TimeForm
from agreements.models import Agreement, Extension, Organisation, Phase, Posting, Role, Round
from agreements.models.organisations import below_any, subtree
from agreements.predicates import is_own
from agreements.services import board as services, deadlines, extensions, notices
from agreements.views import board
from agreements.views.requests import UserRequest, attempt, is_key, posted

ROWS_A_PAGE = 100
# So many units and people without an agreement are shown; of more, how many there are.
MOST_UNITS, MOST_NOT_STARTED = 60, 200
LOOKING_ON = (Role.Kind.HR, Role.Kind.AUDITOR)


def _round_or_404(request: UserRequest, pk: int, *kinds: str) -> Round:
    """Return the round, if the reader follows who is how far in it; without one of `kinds` that is refused.

    :raises NotAllowed: if the reader sees the round and has none of these roles.
    """
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, *LOOKING_ON, Role.Kind.EXECUTIVE):
        raise Http404
    if not Role.objects.paths(request.user, *kinds):
        raise actions.NotAllowed
    return round_


# --- Of the round ----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """Show and keep the deadlines of a round."""
    round_ = _round_or_404(request, pk, Role.Kind.HR)
    if not deadlines.is_hr_over(request.user, round_.organisation):
        raise actions.NotAllowed
    now = extensions.deadlines_of(round_)
    form = DeadlinesForm(
        posted(request), initial={name: getattr(now, name) for name in extensions.Deadlines.__dataclass_fields__}
    )
    if request.method == "POST" and form.is_valid():
        try:
            extensions.set_deadlines(round_, form.deadlines(), by=request.user, at=clock.now())
        except extensions.DeadlineRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The deadlines are saved."))
            return redirect(round_)
    return render(request, "agreements/deadlines.html", {"round": round_, "form": form})


# --- Who missed one --------------------------------------------------------------------------------------------------
@require_GET
def overdue(request: UserRequest, pk: int) -> HttpResponse:
    """List who did not do what a phase asks for in time, by unit, to give them more time or to remind them."""
    round_ = _round_or_404(request, pk, *LOOKING_ON)
    return render(request, "agreements/overdue.html", _overdue(request, round_, request.GET) | {"form": ReminderForm()})


def _overdue(request: UserRequest, round_: Round, asked: QueryDict) -> dict[str, Any]:
    calendar, at = deadlines.read([round_]), clock.now()
    # Counted and narrowed by the database: a department may have thousands who are late.
    seen = Agreement.objects.filter(round=round_).visible_to(request.user).order_by()
    conditions = {one: services.late_in(round_, one, at=at, calendar=calendar) for one in Phase}
    numbers = seen.aggregate(**{one.value: Count("pk", filter=condition) for one, condition in conditions.items()})
    phase = asked.get("phase", "")
    if phase not in Phase.values:
        # The last phase that somebody missed is the one that HR comes for.
        phase = next((one for one in reversed(Phase) if numbers[one.value]), Phase.PROPOSE)
    late = seen.filter(conditions[Phase(phase)])
    unit = asked.get("unit", "")
    counts = dict(late.values_list("organisation").annotate(count=Count("pk")))
    # Without the agreements of a unit there is nothing to filter by; the filter offers no more than can be read.
    units = list(Organisation.objects.filter(pk__in=late.values("organisation")).order_by("path")[:MOST_UNITS])
    shown = late.filter(organisation=int(unit)) if is_key(unit) else late
    page = Paginator(shown.order_by("organisation__path", "pk"), ROWS_A_PAGE).get_page(asked.get("page"))
    # What a row shows is fetched for this page alone.
    listed = _for_list([one.pk for one in page.object_list])
    missing, more_missing = _not_started(request, round_, unit) if phase == Phase.PROPOSE else ([], 0)
    general = calendar.general(round_, phase)
    return {
        "round": round_,
        "phase": phase,
        "phases": [(one.value, one.label, numbers[one.value]) for one in Phase],
        "late": shown,
        "page": page,
        "rows": [(one, calendar.due(one, phase)) for one in listed],
        "units": units,
        "unit_counts": [(place, counts[place.pk]) for place in units],
        "more_units": len(counts) - len(units),
        "unit": unit,
        "due": general.day if general else None,
        "not_started": missing,
        "more_not_started": more_missing,
        "is_hr": bool(Role.objects.paths(request.user, Role.Kind.HR)),
        "today": clock.today(),
    }


def _not_started(request: UserRequest, round_: Round, unit: str) -> tuple[list[Posting], int]:
    """Return the first of those in the reader's care who should have an agreement and have none, and how many more."""
    within = below_any(Role.objects.paths(request.user, *LOOKING_ON), field="organisation__path")
    found = notices.without_agreement(round_, clock.today()).filter(within)
    if is_key(unit):
        found = found.filter(organisation=int(unit))
    shown = notices.first_of_each(found[:MOST_NOT_STARTED])
    return shown, found.order_by().values("user").distinct().count() - len(shown)


def _chosen(request: UserRequest, round_: Round) -> list[Agreement]:
    """Return the agreements ticked, or all that were listed, as far as the reader may see them, unit by unit."""
    if board.is_from_board(request):
        return board.chosen(request, round_)
    if request.POST.get("all"):
        return _for_list(_overdue(request, round_, request.POST)["late"].values_list("pk", flat=True))
    keys = [int(key) for key in request.POST.getlist("agreement") if is_key(key)]
    seen = Agreement.objects.filter(round=round_, pk__in=keys).visible_to(request.user)
    return _for_list(seen.values_list("pk", flat=True))


def _for_list(keys: Iterable[int]) -> list[Agreement]:
    found = Agreement.objects.filter(pk__in=list(keys)).for_list().order_by("organisation__path", "pk")
    return list(found.iterator(chunk_size=deadlines.CHUNK))


@require_POST
def remind(request: UserRequest, pk: int) -> HttpResponse:
    """Remind those whose turn it is in the chosen agreements."""
    round_ = _round_or_404(request, pk, Role.Kind.HR)
    form = ReminderForm(request.POST)
    if not form.is_valid():
        if board.is_from_board(request):
            return board.back_to_board(request, round_, " ".join(map(str, form.errors.get("words", []))))
        return render(request, "agreements/overdue.html", _overdue(request, round_, request.POST) | {"form": form})
    try:
        count = notices.remind(
            round_, _chosen(request, round_), words=form.cleaned_data["words"], by=request.user, at=clock.now()
        )
    except notices.ReminderRefused as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)s reminder is written.", "%(count)s reminders are written.", count)
        messages.success(request, said % {"count": count})
    return _back_to_list(request, round_)


def _back_to_list(request: UserRequest, round_: Round) -> HttpResponse:
    if board.is_from_board(request):
        return board.back_to_board(request, round_)
    query = {name: request.POST[name] for name in ("phase", "unit") if request.POST.get(name)}
    return redirect(reverse("agreements:overdue", args=[round_.pk], query=query))


# --- More time -------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def extend(request: UserRequest, pk: int) -> HttpResponse:
    """Give a unit, or the chosen agreements, more time for a phase."""
    round_ = _round_or_404(request, pk, Role.Kind.HR)
    # Nobody gives time to themselves; another HR officer does.
    chosen = [one for one in _chosen(request, round_) if not is_own(one, request.user)]
    # The list of those who are late sends its ticks here, before anything was typed.
    is_asked = "choose" in request.POST
    if is_asked and not chosen:
        messages.error(request, _("Choose at least one agreement."))
        return _back_to_list(request, round_)
    if is_asked and len(chosen) > board.MOST_AT_ONCE:
        messages.error(request, board.too_many())
        return _back_to_list(request, round_)
    units = Organisation.objects.managed_by(request.user).filter(subtree(round_.organisation.path))
    form = ExtensionForm(
        None if is_asked else posted(request),
        units=units,
        agreements=chosen,
        initial={"phase": request.POST.get("phase", Phase.PROPOSE)},
    )
    if form.is_bound and form.is_valid() and _extend(request, round_, chosen, form):
        return redirect(round_)
    context = {"round": round_, "form": form, "chosen": chosen, "today": clock.today()}
    return render(request, "agreements/extend.html", context)


def _extend(request: UserRequest, round_: Round, chosen: list[Agreement], form: ExtensionForm) -> bool:
    typed = form.cleaned_data
    given = {"until": typed["until"], "reason": typed["reason"], "by": request.user, "at": clock.now()}
    try:
        if chosen:
            extensions.extend_agreements(round_, chosen, typed["phase"], **given)
        else:
            extensions.extend_unit(round_, typed["unit"], typed["phase"], **given)
    except extensions.DeadlineRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("More time is given. It is in the log, with your reason."))
    return True


def _extension_or_404(request: UserRequest, pk: int) -> Extension:
    seen = Extension.objects.visible_to(request.user).select_related(
        "round__organisation", "organisation", "agreement__person", "agreement__organisation"
    )
    found = get_object_or_404(seen, pk=pk)
    place = found.organisation or (found.agreement.organisation if found.agreement else None)
    if place is None or not deadlines.is_hr_over(request.user, place):
        raise actions.NotAllowed
    return found


@require_http_methods(["GET", "POST"])
def extension(request: UserRequest, pk: int) -> HttpResponse:
    """Make an extension shorter or longer."""
    found = _extension_or_404(request, pk)
    form = TimeForm(posted(request), initial={"until": found.until, "reason": found.reason})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            extensions.change(found, until=typed["until"], reason=typed["reason"], by=request.user, at=clock.now())
        except extensions.DeadlineRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The time given is changed."))
            return redirect(found.round)
    return render(request, "agreements/extension.html", {"extension": found, "round": found.round, "form": form})


@require_POST
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """Take an extension back."""
    found = _extension_or_404(request, pk)
    attempt(
        request,
        lambda: extensions.withdraw(found, by=request.user, at=clock.now()),
        said=_("The time given is taken back."),
    )
    return redirect(found.round)
