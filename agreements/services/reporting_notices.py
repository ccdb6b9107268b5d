"""Telling those who see to a unit's report that it is due, late, returned or to be certified; and the unit above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from agreements.models import Notice, Organisation, Posting, ReportForm, Role, Submission, User
from agreements.services import deadlines, heads, notices, reporting_days, reporting_units
from agreements.services.notice_rules import EVERY, STEPS, Wanted, step_for

# What the notices are about, as notice_words.py says it.
FIGURES, BELOW, CERTIFY, UNLOCKED = "figures", "figures-below", "certify-figures", "figures-unlocked"
# So many periods of a form are looked at: the present one, and those before it that may still be late.
PERIODS = 3
CHUNK = deadlines.CHUNK


@dataclass(frozen=True, slots=True)
class Missing:
    """A unit that has not sent its report, and until when it should."""

    unit: Organisation
    due: date


# --- Day by day ------------------------------------------------------------------------------------------------------
def write_due(*, at: datetime) -> int:
    """Write what is due to be said of reports on the day of `at`; return how many notices those were.

    A form and period takes as many questions for a country as for a district, but for one a thousand units.
    """
    today = deadlines.local_day(at)
    wanted: list[Wanted] = []
    for form in ReportForm.objects.current().select_related("organisation"):
        for period in reporting_days.periods_until(form, today, count=PERIODS):
            wanted += _of_period(form, period, today)
    return notices.keep(wanted, at=at)


def _of_period(form: ReportForm, period: date, today: date) -> list[Wanted]:
    # Holidays and the time of those who sum up make a day later, never earlier.
    earliest = reporting_days.days_of(form, period, frozenset()).due
    if earliest is None or (earliest - today).days > STEPS[-1]:
        return []
    missing = [one for one in _missing(form, period, today) if _count(one.due, today) is not None]
    if not missing:
        return []
    seeing = who_see_to([one.unit.pk for one in missing], day=today)
    own = [_of_unit(form, period, one, user, today) for one in missing for user in seeing.get(one.unit.pk, ())]
    return [*own, *_of_units_above(form, period, missing, today)]


def _missing(form: ReportForm, period: date, today: date) -> list[Missing]:
    """Return the units that have not sent the report of `period` and still can."""
    reported = Submission.objects.of_period(form, period).only("organisation_id", "state", "arrived_at")
    filed = {one.organisation_id: one for one in reported}
    holidays = reporting_days.holidays_in(form.organisation)
    missing = []
    for unit in _units_of(form):
        sent = filed.get(unit.pk)
        # What was returned had arrived: its unit was told then, and it is not late.
        if sent is not None and (not sent.is_open or sent.arrived_at):
            continue
        days = reporting_days.days_of(form, period, holidays.of(unit), more=reporting_units.days_more(form, unit))
        if days.due is not None and not (days.closes and days.closes < today):
            missing.append(Missing(unit, days.due))
    return missing


def _units_of(form: ReportForm) -> list[Organisation]:
    """Return the units that enter figures by `form`, and those between them and the office that asks, who sum up."""
    entering = list(reporting_units.reporters(form).order_by("path"))
    top, step = len(form.organisation.path) + Organisation.steplen, Organisation.steplen
    there = {one.path for one in entering}
    between = {one.path[:end] for one in entering for end in range(top, len(one.path), step)} - there
    return [*entering, *Organisation.objects.filter(path__in=between).order_by("path")]


def _count(due: date, today: date) -> int | None:
    """Return the step or week in which somebody is told of `due`; none where it is far off."""
    left = (due - today).days
    return step_for(left) if left >= 0 else (-left - 1) // EVERY


def _of_unit(form: ReportForm, period: date, missing: Missing, user: int, today: date) -> Wanted:
    kind = Notice.Kind.DUE if missing.due >= today else Notice.Kind.LATE
    return Wanted(
        user=user,
        kind=kind,
        act=FIGURES,
        round=None,
        due=missing.due,
        words=form.title,
        link=link_of(form, period, missing.unit),
        key=_key(kind, form, period, missing.unit.pk, missing.due, _count(missing.due, today), user),
    )


def _of_units_above(form: ReportForm, period: date, missing: Sequence[Missing], today: date) -> list[Wanted]:
    """Return what the units above are told once a week, however many below them are late."""
    late = [one for one in missing if one.due < today]
    above = reporting_units.above_of_all(form, [one.unit for one in late])
    since: dict[int, date] = {}
    for one in late:
        if one.unit.pk in above:
            place = above[one.unit.pk]
            since[place] = min(one.due, since.get(place, one.due))
    seeing = who_see_to(since, day=today)
    kind = Notice.Kind.ESCALATION
    return [
        Wanted(
            user=user,
            kind=kind,
            act=BELOW,
            round=None,
            due=due,
            words=form.title,
            link=_level_of(form, period, place),
            key=_key(kind, form, period, place, due, _count(due, today), user),
        )
        for place, due in since.items()
        for user in seeing.get(place, ())
    ]


def _key(kind: str, form: ReportForm, period: date, unit: int, due: date, count: int | None, user: int) -> str:
    return f"{kind}:{FIGURES}:{form.code}:{period}:{unit}:{due}:{count}:{user}"


# --- On the way ------------------------------------------------------------------------------------------------------
def tell_returned(submission: Submission, *, by: User, at: datetime) -> None:
    """Tell those who see to `submission` that the unit above has returned it; part of the act's transaction."""
    _tell(submission, Notice.Kind.RETURNED, FIGURES, _seeing(submission, at), by=by, at=at)


def tell_unlocked(submission: Submission, *, by: User, at: datetime) -> None:
    """Tell those who see to `submission` that it was unlocked after approval; part of the act's transaction."""
    _tell(submission, Notice.Kind.RETURNED, UNLOCKED, _seeing(submission, at), by=by, at=at)


def tell_complete(submission: Submission, *, by: User, at: datetime) -> None:
    """Tell whoever heads the unit that `submission` waits to be certified; part of the act's transaction."""
    day = deadlines.local_day(at)
    heading = _heading([submission.organisation_id], day=day)
    _tell(submission, Notice.Kind.TURN, CERTIFY, heading.get(submission.organisation_id, set()), by=by, at=at)


def _tell(submission: Submission, kind: str, act: str, users: Iterable[int], *, by: User, at: datetime) -> None:
    stamp = f"{at.timestamp():.6f}"
    notices.keep(
        [
            Wanted(
                user=user,
                kind=kind,
                act=act,
                round=None,
                words=submission.form.title,
                link=submission.get_absolute_url(),
                key=f"{kind}:{act}:{submission.pk}:{submission.number}:{stamp}:{user}",
            )
            for user in sorted(set(users) - {by.pk})
        ],
        at=at,
    )


def put_aside(submission: Submission, *, at: datetime) -> None:
    """Count as read what was said of `submission`, now that it is sent: nobody is mailed about what is done."""
    links = [
        submission.get_absolute_url(),
        link_of(submission.form, submission.period, submission.organisation),
    ]
    told = Notice.objects.unread().filter(user__in=_seeing(submission, at), link__in=links)
    told.update(read_at=at)


def link_of(form: ReportForm, period: date, unit: Organisation) -> str:
    """Return where the report of a unit is begun: in its list of reports, or of sums, by approving what came to it."""
    if not reporting_units.reports_itself(form, unit):
        return _level_of(form, period, unit.pk)
    return f"{reverse('agreements:submissions')}#report-{form.code}-{period}-{unit.pk}"


def _level_of(form: ReportForm, period: date, place: int) -> str:
    return reverse("agreements:level", args=[form.pk, place, period.isoformat()])


# --- Whom ------------------------------------------------------------------------------------------------------------
def _seeing(submission: Submission, at: datetime) -> set[int]:
    unit = submission.organisation_id
    return who_see_to([unit], day=deadlines.local_day(at)).get(unit, set())


def who_see_to(units: Iterable[int], *, day: date) -> Mapping[int, set[int]]:
    """Return for each of the keys `units` who heads it, or is a data reporter of that very unit."""
    keys = list(units)
    found: dict[int, set[int]] = defaultdict(set)
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        for unit, users in _heading(some, day=day).items():
            found[unit] |= users
        roles = Role.objects.filter(organisation__in=some, kind=Role.Kind.DATA_REPORTER, user__is_active=True)
        for unit, user in roles.values_list("organisation", "user"):
            found[unit].add(user)
    return found


def _heading(units: Sequence[int], *, day: date) -> dict[int, set[int]]:
    headed = heads.heads_of(units, day=day)
    found = {unit: {head.user_id} for unit, head in headed.items() if head.user.is_active}
    places = {head.pk: unit for unit, head in headed.items()}
    acting = Posting.objects.filter(stands_for__in=places, is_acting=True, user__is_active=True).held_on(day)
    for position, user in acting.values_list("stands_for", "user"):
        if position is not None:
            found.setdefault(places[position], set()).add(user)
    return found
