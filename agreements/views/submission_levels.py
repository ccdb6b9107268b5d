"""What a unit sees of the reports that come to it: who has sent; approving, returning, unlocking."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import clock
from agreements.actions import NotAllowed
from agreements.forms.submissions import ReturnSubmissionForm, UnlockForm
from agreements.models import CellComment, Organisation, ReportForm, Submission
from agreements.services import (
    reporting_days,
    reporting_rights,
    submission_judging as judging,
    submission_standing as standing,
    submission_tables as tables,
    submissions as services,
)
from agreements.views.requests import UserRequest, attempt, is_key, posted
from agreements.views.submissions import period_or_404, period_words, state_of, submission_or_404


def _level_or_404(request: UserRequest, form: int, unit: int, period: str) -> tuple[ReportForm, Organisation, date]:
    """Return the form in its last version, the unit that the reader follows, and the period."""
    named = get_object_or_404(ReportForm.objects.visible_to(request.user), pk=form)
    place = get_object_or_404(Organisation.objects.followed_by(request.user), pk=unit)
    current = ReportForm.objects.current().select_related("organisation").get(code=named.code)
    return current, place, period_or_404(current, period)


@require_GET
def level(request: UserRequest, form: int, unit: int, period: str) -> HttpResponse:
    """Show who below a unit has sent, who was late and who has not yet, with the figures of each."""
    current, place, first_day = _level_or_404(request, form, unit, period)
    found = standing.level_of(current, place, first_day, at=clock.now())
    figures = tables.figures_of(current)
    context = {
        "level": found,
        "form": current,
        "organisation": place,
        "period": period_words(current, first_day),
        "figures": figures,
        "rows": [
            {
                "standing": one,
                "state": state_of(one),
                "values": _values(figures, one.submission.totals if one.is_sent and one.submission else {}),
            }
            for one in found.rows
        ],
        "sums": _values(figures, found.own.totals if found.own else {}),
        "judges": reporting_rights.judges_at(request.user, place, day=clock.today()),
        "earlier": _address(current, place, reporting_days.previous_period(current, first_day)),
        "later": _later(current, place, first_day),
    }
    return render(request, "agreements/submission_level.html", context)


def _values(figures: list[tables.Figure], totals: dict[str, str]) -> list[tuple[str, str]]:
    return [(figure.title, figure.shown(totals)) for figure in figures]


def _address(form: ReportForm, place: Organisation, period: date) -> str:
    if not reporting_days.is_reported(form, period):
        return ""
    return reverse("agreements:level", args=[form.pk, place.pk, period.isoformat()])


def _later(form: ReportForm, place: Organisation, period: date) -> str:
    following = reporting_days.next_period(form, period)
    return _address(form, place, following) if following <= clock.today() else ""


@require_POST
def approve(request: UserRequest, form: int, unit: int, period: str) -> HttpResponse:
    """Approve the reports that were ticked."""
    current, place, first_day = _level_or_404(request, form, unit, period)
    if not reporting_rights.judges_at(request.user, place, day=clock.today()):
        raise NotAllowed
    keys = [int(key) for key in request.POST.getlist("submission") if is_key(key)]
    seen = Submission.objects.of_period(current, first_day).visible_to(request.user)
    chosen = list(seen.filter(pk__in=keys, above=place))
    said = ngettext("%(count)s report is approved.", "%(count)s reports are approved.", len(chosen))
    attempt(
        request,
        lambda: judging.approve(chosen, by=request.user, at=clock.now()),
        said=said % {"count": len(chosen)},
    )
    return redirect("agreements:level", form=current.pk, unit=place.pk, period=first_day.isoformat())


# --- One report ------------------------------------------------------------------------------------------------------
def _judged_or_404(request: UserRequest, pk: int) -> Submission:
    """Return the report `pk` that the reader may read; whoever does not decide about it is refused.

    :raises NotAllowed: if so.
    """
    found = submission_or_404(request, pk)
    if not reporting_rights.may_judge(request.user, found, day=clock.today()):
        raise NotAllowed
    return found


@require_http_methods(["GET", "POST"])
def send_back(request: UserRequest, pk: int) -> HttpResponse:
    """Return a certified report with a comment at a cell."""
    found = _judged_or_404(request, pk)
    views = tables.tables_of(found, services.revision_of(found))
    form = ReturnSubmissionForm(posted(request), tables=views, initial={"cell": request.GET.get("cell", "")})
    if request.method == "POST" and form.is_valid():
        said = _("It is returned to %(unit)s.") % {"unit": found.organisation.name}
        done = attempt(
            request,
            lambda: judging.return_for_changes(
                found, remarks=form.remarks(), reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
            ),
            said=said,
        )
        if done:
            return redirect(found)
    return render(request, "agreements/submission_return.html", _page(found) | {"form": form, "tables": views})


@require_http_methods(["GET", "POST"])
def unlock(request: UserRequest, pk: int) -> HttpResponse:
    """Unlock an approved report with a reason."""
    found = _judged_or_404(request, pk)
    form = UnlockForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(
            request,
            lambda: judging.unlock(found, reason=reason, by=request.user, at=clock.now()),
            said=_("It is unlocked. A new revision can be entered; the approved one stays readable."),
        )
        if done:
            return redirect(found)
    return render(request, "agreements/submission_unlock.html", _page(found) | {"form": form})


def _page(found: Submission) -> dict[str, Any]:
    return {"submission": found, "period": period_words(found.form, found.period)}


@require_POST
def resolve(request: UserRequest, pk: int, comment: int) -> HttpResponse:
    """Say that what a comment asked for is done."""
    found = submission_or_404(request, pk)
    made = get_object_or_404(CellComment, pk=comment, submission=found)
    judging.resolve(made, by=request.user, at=clock.now())
    return redirect(found)
