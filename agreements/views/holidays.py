"""The holiday table of an office: a fiscal year at a time, what is inherited, and a draft for a year to come."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import actions, clock, thai
from agreements.forms.holidays import HolidayDraftForm, HolidayForm
from agreements.models import Holiday, Organisation
from agreements.services import deadlines, holidays as services
from agreements.views.requests import UserRequest, attempt, posted

FIRST_YEAR, LAST_YEAR = 2500, 2700


@require_GET
def own_table(request: UserRequest) -> HttpResponse:
    """Lead to the table of the highest office whose table the reader may see."""
    place = services.tables_for(request.user).first()
    if place is None:
        raise Http404
    return redirect("agreements:holiday-table", pk=place.pk)


@require_http_methods(["GET", "POST"])
def table(request: UserRequest, pk: int) -> HttpResponse:
    """Show a year of an office's table; a POST adds a day to it."""
    place = _place_or_404(request, pk)
    may_write = deadlines.is_hr_over(request.user, place)
    if request.method == "POST" and not may_write:
        raise actions.NotAllowed
    form = HolidayForm(posted(request))
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            made = services.add(place, typed["day"], typed["name"], by=request.user, at=clock.now())
        except services.HolidayRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The holiday is added. It is in the log."))
            return redirect(_table_url(place, thai.fiscal_year_of(made.day)))
    year = _year(request)
    counted, timed = services.counted_by(place)
    context = {
        "place": place,
        "places": services.tables_beside(place, request.user),
        "year": year,
        "holidays": services.holding_for(place, year),
        "form": form,
        "may_write": may_write,
        "counted": counted,
        "timed": timed,
    }
    return render(request, "agreements/holidays.html", context)


@require_http_methods(["GET", "POST"])
def mend(request: UserRequest, pk: int, holiday: int) -> HttpResponse:
    """Change the day or the name of a holiday."""
    found = _own_or_404(request, pk, holiday)
    form = HolidayForm(posted(request), initial={"day": found.day, "name": found.name})
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            services.mend(found, day=typed["day"], name=typed["name"], by=request.user, at=clock.now())
        except services.HolidayRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The holiday is changed. It is in the log."))
            return redirect(_table_url(found.organisation, thai.fiscal_year_of(typed["day"])))
    context = {"holiday": found, "place": found.organisation, "year": thai.fiscal_year_of(found.day), "form": form}
    return render(request, "agreements/holiday.html", context)


@require_POST
def remove(request: UserRequest, pk: int, holiday: int) -> HttpResponse:
    """Take a holiday out of the table."""
    found = _own_or_404(request, pk, holiday)
    attempt(
        request,
        lambda: services.remove(found, by=request.user, at=clock.now()),
        said=_("The holiday is removed. It is in the log."),
    )
    return redirect(_table_url(found.organisation, thai.fiscal_year_of(found.day)))


@require_http_methods(["GET", "POST"])
def draft(request: UserRequest, pk: int) -> HttpResponse:
    """Show the draft of a year beside what stands in the table, and add what was ticked."""
    place = _place_or_404(request, pk)
    if not deadlines.is_hr_over(request.user, place):
        raise actions.NotAllowed
    year = _year(request)
    proposed = services.draft(place, year)
    form = HolidayDraftForm(posted(request), proposed=proposed)
    if form.is_bound and form.is_valid():
        ploughing = form.cleaned_data.get("ploughing")
        try:
            made = services.take_draft(place, year, form.chosen(), ploughing=ploughing, by=request.user, at=clock.now())
        except services.HolidayRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = ngettext("%(count)s holiday is added.", "%(count)s holidays are added.", len(made))
            messages.success(request, said % {"count": len(made)})
            return redirect(_table_url(place, year))
    rows = [(one, one.suggestion.day.isoformat() in form.ticked) for one in proposed]
    return render(request, "agreements/holiday_draft.html", {"place": place, "year": year, "rows": rows, "form": form})


def _place_or_404(request: UserRequest, pk: int) -> Organisation:
    place: Organisation = get_object_or_404(services.tables_for(request.user), pk=pk)
    return place


def _own_or_404(request: UserRequest, pk: int, holiday: int) -> Holiday:
    """Return a holiday of the office's own table, for its HR.

    :raises NotAllowed: if the reader only looks on.
    """
    place = _place_or_404(request, pk)
    found = get_object_or_404(Holiday.objects.select_related("organisation"), organisation=place, pk=holiday)
    if not deadlines.is_hr_over(request.user, place):
        raise actions.NotAllowed
    return found


def _year(request: UserRequest) -> int:
    asked: Any = thai.to_arabic_digits(request.GET.get("year", ""))
    if asked.isdecimal() and FIRST_YEAR <= int(asked) <= LAST_YEAR:
        return int(asked)
    return thai.fiscal_year_of(clock.today())


def _table_url(place: Organisation, year: int) -> str:
    return reverse("agreements:holiday-table", args=[place.pk], query={"year": year})
