"""What HR does with many agreements of a round at once: checking for completeness, and releasing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from agreements import clock
from agreements.forms.parties import SendBackForm, TickForm
from agreements.models import Agreement, Organisation, Role, Round, State, User, Version
from agreements.models.agreements import WAITING_FOR_HR, AgreementQuerySet
from agreements.services import batches, screening
from agreements.views.requests import UserRequest, attempt, is_key

# As many as can be looked at before they are ticked; the filter offers no more units than can be read.
ROWS_A_PAGE, MOST_UNITS = 50, 200


@require_http_methods(["GET", "POST"])
def check(request: UserRequest, pk: int) -> HttpResponse:
    """List the proposals that HR is to check; POST passes those that are ticked, or sends them back with a reason."""
    round_ = _round_of_hr(request, pk)
    waiting = _waiting(request, round_, State.PROPOSED)
    offered = _shown(request, waiting)
    sends_back = request.POST.get("then") == "back"
    form: TickForm = (SendBackForm if sends_back else TickForm)(
        request.POST if request.method == "POST" else None, offered=offered.object_list
    )
    if request.method == "POST" and form.is_valid():
        ticked, count = _proposals(form.ticked()), len(form.ticked())
        if sends_back:
            said = ngettext("%(count)s proposal is sent back.", "%(count)s proposals are sent back.", count)
            done = _attempt(request, batches.send_back_incomplete, ticked, said, reason=form.cleaned_data["reason"])
        else:
            said = ngettext("%(count)s proposal is passed.", "%(count)s proposals are passed.", count)
            done = _attempt(request, batches.pass_proposals, ticked, said)
        if done:
            return redirect(request.get_full_path())
    return _page(request, ("agreements/check_round.html", _("Check proposals")), round_, waiting, offered, form)


@require_http_methods(["GET", "POST"])
def release(request: UserRequest, pk: int) -> HttpResponse:
    """List the assessed agreements of a round; POST releases those that are ticked."""
    round_ = _round_of_hr(request, pk)
    waiting = _waiting(request, round_, State.ASSESSED)
    offered = _shown(request, waiting)
    form = TickForm(request.POST if request.method == "POST" else None, offered=offered.object_list)
    # All of the unit chosen, or of the round, on whatever page of the list and without a tick at each.
    everything = "all" in request.POST and bool(offered.object_list)
    if request.method == "POST" and (everything or form.is_valid()):
        chosen = list(_of_unit(request, waiting)) if everything else form.ticked()
        ticked, count = _versions(chosen), len(chosen)
        said = ngettext("%(count)s result is released.", "%(count)s results are released.", count)
        if _attempt(request, batches.release, ticked, said):
            return redirect(request.get_full_path())
    about = {"unscreened": screening.waiting_for_committee(round_, by=request.user)}
    return _page(
        request, ("agreements/release_round.html", _("Release results")), round_, waiting, offered, form, about
    )


def _attempt(request: UserRequest, act: Callable[..., int], ticked: Iterable[Version], said: str, **told: Any) -> bool:
    by: User = request.user
    at: datetime = clock.now()
    ticked = list(ticked)
    return attempt(request, lambda: act(ticked, by=by, at=at, **told), said=said % {"count": len(ticked)})


def _round_of_hr(request: UserRequest, pk: int) -> Round:
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    if not Role.objects.paths(request.user, Role.Kind.HR):
        raise Http404
    return round_


def _waiting(request: UserRequest, round_: Round, state: State) -> AgreementQuerySet:
    waiting = Agreement.objects.awaiting_hr(request.user).filter(round=round_)
    # Each part is proposed by itself, so the whole may stand elsewhere.
    is_check = state == State.PROPOSED
    waiting = waiting.exclude(state__in=WAITING_FOR_HR) if is_check else waiting.filter(state=state)
    return waiting.for_list().order_by("organisation__path", "person__sort_key", "pk")


def _shown(request: UserRequest, waiting: AgreementQuerySet) -> Page[Agreement]:
    """Return the page of those that wait which the address asks for: what is ticked there is what was looked at."""
    page = Paginator(_of_unit(request, waiting), ROWS_A_PAGE).get_page(request.GET.get("page"))
    # Read once, for the form and for the rows.
    page.object_list = list(page.object_list)
    return page


def _of_unit(request: UserRequest, waiting: AgreementQuerySet) -> AgreementQuerySet:
    unit = request.GET.get("unit", "")
    return waiting.filter(organisation=int(unit)) if is_key(unit) else waiting


def _versions(agreements: Iterable[Agreement]) -> list[Version]:
    """Return the versions at which the acts of the whole are taken."""
    return [agreement.current_versions[-1] for agreement in agreements]


def _proposals(agreements: Iterable[Agreement]) -> list[Version]:
    """Return the versions that are still to be checked: of an agreement that was split maybe more than one."""
    current = [version for agreement in agreements for version in agreement.current_versions]
    return [version for version in current if version.part.state == State.PROPOSED and version.checked_at is None]


def _page(
    request: UserRequest,
    page: tuple[str, str],
    round_: Round,
    waiting: AgreementQuerySet,
    offered: Page[Agreement],
    form: TickForm,
    about: dict[str, Any] | None = None,
) -> HttpResponse:
    units = Organisation.objects.filter(pk__in=waiting.order_by().values("organisation")).order_by("path")[:MOST_UNITS]
    template, act = page
    ticked = set(request.POST.getlist("agreement")) if request.method == "POST" else set()
    context = {
        "act": act,
        "round": round_,
        "rows": [{"agreement": one, "is_ticked": str(one.pk) in ticked} for one in offered.object_list],
        "page": offered,
        "units": list(units),
        "unit": request.GET.get("unit", ""),
        "form": form,
    }
    return render(request, template, context | (about or {}))
