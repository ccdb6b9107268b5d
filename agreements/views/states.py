"""The acts that take a reason: sending back, disagreeing, reopening, ending, taking up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from agreements import actions, clock
from agreements.forms.states import EndForm, ReturnForm, WhyForm
from agreements.models import Version
from agreements.services import deadlines, extensions, states
from agreements.views.requests import UserRequest, attempt, back_to, demand_who, of_the_whole, posted, version_or_404

RETURNS = (
    actions.RETURN_PROPOSAL,
    actions.RETURN_INCOMPLETE,
    actions.RETURN_REPORT,
    actions.RETURN_ASSESSMENT,
)
REASONED = (actions.DISAGREE, *states.REOPENINGS, actions.END, actions.RESUME)
SAID = {
    actions.DISAGREE.code: gettext_lazy("It is on record. The other party and the HR office can read it."),
    actions.REOPEN_ASSESSMENT.code: gettext_lazy("It is open for assessing again, with your reason."),
    actions.REOPEN_REPORT.code: gettext_lazy("It is open for reporting again, with your reason."),
    actions.END.code: gettext_lazy("The agreement is ended."),
    actions.RESUME.code: gettext_lazy("The agreement goes on where it was."),
}


@require_http_methods(["GET", "POST"])
def send_back(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Return an agreement one step, with reasons in general and at the indicators."""
    version = version_or_404(request, pk)
    action = actions.BY_CODE[code]
    demand_who(action, version, request.user)
    mend_by = _proposed_for_mending(version, action)
    form = ReturnForm(posted(request), items=version.items.order_by("order", "pk"), mend_by=mend_by)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            request,
            lambda: extensions.return_to_mend(
                version,
                action,
                by=request.user,
                reason=form.cleaned_data["reason"],
                remarks=form.remarks(),
                mend_by=form.cleaned_data.get("mend_by"),
                at=clock.now(),
            ),
            said=_("It is returned, with your reason."),
        )
    ):
        return back_to(version)
    context = {"version": version, "agreement": version.part.agreement, "form": form, "action": action}
    return render(request, "agreements/return.html", context)


def _proposed_for_mending(version: Version, action: actions.Action) -> date | None:
    """Return the day proposed for mending; none where the deadline leaves that much time, or there is none."""
    agreement = version.part.agreement
    calendar = deadlines.read([agreement.round])
    due = calendar.due_of(version, action.target)
    enough = calendar.working_day_after(agreement.organisation, clock.today(), deadlines.DAYS_TO_MEND)
    return enough if due is not None and due.day < enough else None


@require_http_methods(["GET", "POST"])
def reasoned(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Take an act beside the road, with a reason."""
    version = version_or_404(request, pk)
    action = actions.BY_CODE[code]
    if action.is_of_the_whole and not version.part.is_last:
        return redirect("agreements:reasoned", pk=of_the_whole(version), code=code)
    demand_who(action, version, request.user)
    form = EndForm(posted(request)) if action == actions.END else WhyForm(posted(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(request, _act(request, version, action, form), said=str(SAID[code]))
    ):
        return back_to(version)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "form": form,
        "action": action,
        "is_open": action in actions.allowed(version, request.user),
    }
    return render(request, "agreements/reasoned.html", context)


def _act(request: UserRequest, version: Version, action: actions.Action, form: forms.Form) -> Callable[[], object]:
    told: dict[str, Any] = {"by": request.user, "at": clock.now(), **form.cleaned_data}
    if action in states.REOPENINGS:
        return lambda: states.reopen(version, action, **told)
    return {
        actions.DISAGREE: lambda: states.disagree(version, **told),
        actions.END: lambda: states.end(version, **told),
        actions.RESUME: lambda: states.resume(version, **told),
    }[action]
