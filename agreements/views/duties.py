"""Who looks after which indicators of an organisation's agreement, and confirming what was entered."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agreements import actions, clock
from agreements.forms.duties import DutyForm
from agreements.models import Duty
from agreements.services import duties as services
from agreements.views.requests import (
    UserRequest,
    attempt,
    demand_who,
    measured_item_or_404,
    posted,
    version_or_404,
)


@require_http_methods(["GET", "POST"])
def duties(request: UserRequest, pk: int) -> HttpResponse:
    """Show who owns and collects which indicators, and let somebody look after those ticked."""
    version = version_or_404(request, pk)
    demand_who(actions.GIVE_DUTIES, version, request.user)
    rows = services.given_in(version)
    candidates = services.candidates_for(version, on=clock.today())
    form = DutyForm(posted(request), candidates=candidates, items=[row.item for row in rows])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        said = _("%(name)s looks after them now.") % {"name": given["posting"].user.full_name}
        done = attempt(
            request,
            lambda: services.give(
                version, given["kind"], given["posting"], form.ticked(), by=request.user, at=clock.now()
            ),
            said=said,
        )
        if done:
            return redirect("agreements:duties", pk=pk)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "rows": rows,
        "form": form,
        "ticked": request.POST.getlist("item"),
        "may": actions.GIVE_DUTIES in actions.allowed(version, request.user),
    }
    return render(request, "agreements/duties.html", context)


@require_POST
def give_by_title(request: UserRequest, pk: int) -> HttpResponse:
    """Give each duty to the position that the framework names for it."""
    version = version_or_404(request, pk)
    demand_who(actions.GIVE_DUTIES, version, request.user)
    counted: list[int] = []
    attempt(
        request,
        lambda: counted.append(services.give_by_title(version, by=request.user, at=clock.now())),
        said=_("The positions of the office were compared with what the indicators say."),
    )
    if counted:
        attempt(request, lambda: None, said=_given(counted[0]))
    return redirect("agreements:duties", pk=pk)


def _given(count: int) -> str:
    if not count:
        return _("No further position of the office has a title that an indicator names.")
    return ngettext("%(count)s duty was given.", "%(count)s duties were given.", count) % {"count": count}


@require_POST
def take(request: UserRequest, pk: int, duty: int) -> HttpResponse:
    """Take a duty away again."""
    version = version_or_404(request, pk)
    demand_who(actions.GIVE_DUTIES, version, request.user)
    found = get_object_or_404(Duty.objects.select_related("posting__user"), part=version.part_id, pk=duty)
    attempt(
        request,
        lambda: services.take(version, found, by=request.user, at=clock.now()),
        said=_("%(name)s no longer looks after it.") % {"name": found.posting.user.full_name},
    )
    return redirect("agreements:duties", pk=pk)


@require_POST
def confirm(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Keep that the owner confirms what was entered for an item."""
    version = version_or_404(request, pk)
    demand_who(actions.CONFIRM, version, request.user)
    item = measured_item_or_404(version, lineage)
    attempt(
        request,
        lambda: services.confirm(version, item, by=request.user, at=clock.now()),
        said=_("Indicator %(code)s is confirmed.") % {"code": item.code},
    )
    return redirect("agreements:result", pk=pk, lineage=item.lineage)
