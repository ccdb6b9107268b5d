"""What waits for those who see to a unit's reports: its own that are due, and those that came to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from agreements.models import Organisation, ReportForm, Submission, User
from agreements.services import deadlines
from agreements.services.notice_rules import STEPS
from agreements.services.submission_standing import Standing, standings_of, units_of


@dataclass(frozen=True, slots=True)
class ToApprove:
    """So many reports of a form and period that wait for a unit's approval."""

    form: ReportForm
    place: Organisation
    period: date
    count: int


@dataclass(frozen=True, slots=True)
class Tasks:
    """What waits for somebody: reports to be sent, and reports to be approved."""

    to_send: list[Standing]
    to_approve: list[ToApprove]

    @property
    def count(self) -> int:
        """How many things those are."""
        return len(self.to_send) + len(self.to_approve)


def tasks_of(user: User, *, at: datetime) -> Tasks:
    """Return what waits for `user` as head or data reporter: as many questions for one report as for ten."""
    places = units_of(user)
    if not places:
        return Tasks([], [])
    day = deadlines.local_day(at)
    waiting = [one for one, enters in standings_of(places, at=at) if _waits(one, day=day, enters=enters)]
    waiting.sort(key=lambda one: (one.due or date.max, one.organisation.sort_key, one.form.title))
    return Tasks(waiting, _to_approve(places))


def _waits(one: Standing, *, day: date, enters: bool) -> bool:
    if one.is_sent or (not enters and one.organisation.pk == one.form.organisation_id):
        # What the office that asks sums up for itself goes to nobody.
        return False
    if one.is_returned:
        return True
    if one.closes is not None and one.closes < day:
        return False
    is_complete = one.submission is not None and one.submission.state == Submission.State.COMPLETE
    return is_complete or (one.due is not None and (one.due - day).days <= STEPS[-1])


def _to_approve(places: Sequence[Organisation]) -> list[ToApprove]:
    """Return what came to `places` and is not approved yet, form by form and period by period."""
    by_key = {one.pk: one for one in places}
    counted = list(
        Submission.objects.filter(above__in=by_key, state=Submission.State.CERTIFIED)
        .values_list("form_code", "above", "period")
        .annotate(count=Count("pk"))
        .order_by("period", "form_code", "above")
    )
    codes = {code for code, *_rest in counted}
    forms = {one.code: one for one in ReportForm.objects.current().filter(code__in=codes)} if codes else {}
    return [
        ToApprove(forms[code], by_key[above], period, count)
        for code, above, period, count in counted
        if above is not None and code in forms
    ]
