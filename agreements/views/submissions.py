"""What units report: the list of what is due, and one report with its revisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import clock
from agreements.models import Organisation, ReportForm, Revision, Submission
from agreements.services import (
    reporting_days,
    reporting_rights,
    reporting_units,
    submission_standing as standing,
    submission_tables as tables,
    submissions as services,
)
from agreements.services.submissions import SubmissionRefused
from agreements.templatetags.portal import be_date, be_month
from agreements.views.requests import UserRequest, attempt, is_key


@require_GET
def submission_list(request: UserRequest) -> HttpResponse:
    """List the reports that the reader sees to, with the day each is due, and the levels that they follow."""
    now = clock.now()
    own = standing.standings_of(standing.units_of(request.user), at=now)
    levels = [
        (form, place, reporting_days.period_asked_for(form, clock.today()))
        for form, place, enters in standing.forms_for(standing.units_read_by(request.user))
        if not enters
    ]
    context = {
        "entries": [entry(one) for one, enters in own if enters],
        "levels": [(form, place, period, period_words(form, period)) for form, place, period in levels],
    }
    return render(request, "agreements/submissions.html", context)


def entry(one: standing.Standing) -> dict[str, Any]:
    """Return what a line about a report says of it."""
    return {"standing": one, "period": period_words(one.form, one.period), "state": state_of(one)}


def state_of(one: standing.Standing) -> str:
    """Return the key of the look of a report's state (templatetags/portal.py)."""
    if one.submission is None:
        return "not_begun"
    if one.is_returned:
        return "returned"
    return "entering" if one.submission.state == Submission.State.DRAFT else one.submission.state


def period_words(form: ReportForm, period: date) -> str:
    """Return a period in words: its month, its first and last month, or its day."""
    if form.period == "month":
        return be_month(period)
    if form.period in reporting_days.MONTHS:
        return f"{be_month(period)} – {be_month(reporting_days.last_day(form, period))}"
    return be_date(period, "long")


def period_or_404(form: ReportForm, typed: str) -> date:
    """Return the period that an address names by its first day."""
    try:
        period = date.fromisoformat(typed)
    except ValueError as error:
        raise Http404 from error
    if period != reporting_days.period_of(form, period):
        raise Http404
    return period


@require_POST
def open_submission(request: UserRequest) -> HttpResponse:
    """Open the report of a unit for a period, to be entered."""
    typed = {name: request.POST.get(name, "") for name in ("form", "organisation")}
    if not all(map(is_key, typed.values())):
        raise Http404
    form = get_object_or_404(ReportForm.objects.visible_to(request.user), pk=typed["form"])
    place = get_object_or_404(Organisation.objects.followed_by(request.user), pk=typed["organisation"])
    period = period_or_404(form, request.POST.get("period", ""))
    try:
        opened = services.open_submission(form, organisation=place, period=period, by=request.user, at=clock.now())
    except SubmissionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:submissions")
    if reporting_units.reports_itself(form, place):
        return redirect("agreements:enter-submission", pk=opened.pk)
    return redirect(opened)


# --- One report ------------------------------------------------------------------------------------------------------
def submission_or_404(request: UserRequest, pk: int) -> Submission:
    """Return the report `pk`, if the reader may read it."""
    seen = Submission.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("form__organisation", "organisation", "above"), pk=pk)


@require_GET
def submission(request: UserRequest, pk: int) -> HttpResponse:
    """Show a report as it stands, with what the reader may do with it."""
    found = submission_or_404(request, pk)
    return render(request, "agreements/submission.html", _context(request, found, found.number))


@require_GET
def earlier_revision(request: UserRequest, pk: int, number: int) -> HttpResponse:
    """Show an earlier revision of a report as it was certified."""
    found = submission_or_404(request, pk)
    if number >= found.number:
        raise Http404
    return render(request, "agreements/submission.html", _context(request, found, number))


def _context(request: UserRequest, found: Submission, number: int) -> dict[str, Any]:
    people = ("begun_by", "certified_by", "approved_by")
    revisions = list(found.revisions.select_related(*people).order_by("-number"))
    revision = next((one for one in revisions if one.number == number), None)
    if revision is None:
        raise Http404
    enters = reporting_units.reports_itself(found.form, found.organisation)
    is_current = number == found.number
    totals = _totals(found, revision, enters=enters) if is_current else revision.totals
    return {
        "submission": found,
        "revision": revision,
        "revisions": revisions,
        "is_current": is_current,
        "period": period_words(found.form, found.period),
        "state": _state(found),
        "enters": enters,
        "tables": tables.tables_of(found, revision) if enters else [],
        "figures": [(one.title, one.shown(totals)) for one in tables.figures_of(found.form)],
        "sums_up": not enters or found.reports > 1,
        "not_in_it": _not_in_it(found) if is_current and not enters else [],
        "findings": services.findings(found) if is_current and found.is_open and enters else [],
        "may": _may(request, found) if is_current else {},
        "comments": list(found.comments.filter(resolved_at=None).select_related("made_by").order_by("pk")),
    }


def _totals(found: Submission, revision: Revision, *, enters: bool) -> dict[str, str]:
    """Return the sums of a report as it stands: of one that is being entered, with what was typed last."""
    return services.sums_of(found, revision)[0] if enters and found.is_open else dict(found.totals)


def _state(found: Submission) -> str:
    if found.is_open and found.arrived_at is not None:
        return "returned"
    return "entering" if found.state == Submission.State.DRAFT else found.state


def _not_in_it(found: Submission) -> list[str]:
    """Return the names of the units below whose figures are not in the sums of `found`."""
    below = reporting_units.expected_below(found.form, found.organisation, found.period)
    reported = Submission.objects.of_period(found.form, found.period).filter(above=found.organisation)
    approved = set(reported.filter(state=Submission.State.APPROVED).values_list("organisation", flat=True))
    return [one.name for one in below if one.pk not in approved]


def _may(request: UserRequest, found: Submission) -> dict[str, bool]:
    """Return what the reader may do with the report now."""
    day, state = clock.today(), found.state
    enters = reporting_rights.may_enter(request.user, found, day=day)
    judges = reporting_rights.may_judge(request.user, found, day=day)
    certifies = reporting_rights.may_certify(request.user, found, day=day)
    return {
        "enter": enters and found.is_open,
        "complete": enters and state == Submission.State.DRAFT,
        "certify": certifies and state == Submission.State.COMPLETE,
        "take_back": enters and state == Submission.State.CERTIFIED,
        "judge": judges and state == Submission.State.CERTIFIED,
        "unlock": judges and state == Submission.State.APPROVED,
        "resolve": enters or judges,
    }


@require_POST
def act(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Complete, certify or take back a report."""
    found = submission_or_404(request, pk)
    _ACTS[code](request, found)
    return redirect(found)


def _complete(request: UserRequest, found: Submission) -> None:
    said = _("It is complete. The head of %(unit)s may certify it now.") % {"unit": found.organisation.name}
    attempt(request, lambda: services.complete(found, by=request.user, at=clock.now()), said=said)


def _certify(request: UserRequest, found: Submission) -> None:
    above = found.above.name if found.above else found.organisation.name
    said = _("It is certified and has gone to %(unit)s.") % {"unit": above}
    attempt(request, lambda: services.certify(found, by=request.user, at=clock.now()), said=said)


def _take_back(request: UserRequest, found: Submission) -> None:
    reason = request.POST.get("reason", "")
    said = _("It is taken back and open again. What was certified stays readable.")
    attempt(request, lambda: services.take_back(found, reason=reason, by=request.user, at=clock.now()), said=said)


_ACTS: dict[str, Callable[[UserRequest, Submission], None]] = {
    "complete": _complete,
    "certify": _certify,
    "take-back": _take_back,
}
ACTS = tuple(_ACTS)
