"""What is written down beside the figures of a month: values that no form brings, causes, and what is done about them.

Whoever may enter the figures of the office writes here: its head, its data reporters, and those of the units that the
framework gives the indicator to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements import thai
from agreements.actions import NotAllowed
from agreements.models import Indicator, MonthlyFigure, Organisation, Posting, Remedy, Role, User
from agreements.models.frameworks import EVERY_UNIT
from agreements.models.organisations import below_any, subtree
from agreements.services import deadlines, heads, log, monitoring, monitoring_sources, reporting_rights


class FigureRefused(Exception):
    """A figure, a cause or an action cannot be written down so."""


# --- Who may ---------------------------------------------------------------------------------------------------------
def may_write(user: User, indicator: Indicator, place: Organisation, *, day: date) -> bool:
    """Return whether `user` may write down what concerns `indicator` in `place` on `day`."""
    if reporting_rights.is_reporter(user, place) or heads.position_as_head(user, place, day=day) is not None:
        return True
    # In one question, however many units it is given to: a department's has thousands below it.
    reported = below_any(Role.objects.paths(user, Role.Kind.DATA_REPORTER), field="path")
    own = reported | Q(pk__in=heads.headed_by(user, day=day))
    units = Organisation.objects.filter(subtree(place.path), own).exclude(unit_code="")
    if EVERY_UNIT not in indicator.assigned_units:
        units = units.filter(unit_code__in=indicator.assigned_units)
    return bool(units.order_by().exists())


def _demand(user: User, indicator: Indicator, place: Organisation, *, at: datetime) -> None:
    if not may_write(user, indicator, place, day=deadlines.local_day(at)):
        raise NotAllowed(
            _("Only the head, the data reporters and the responsible units of %(unit)s write this down.")
            % {"unit": place.name}
        )
    # Two who write at once take turns.
    Organisation.objects.select_for_update().filter(pk=place.pk).order_by().first()


def _demand_month(indicator: Indicator, month: date, *, at: datetime) -> None:
    span = monitoring.span_of(indicator.framework)
    if month.day != 1 or not span.first <= monitoring.month_of(month) <= span.last:
        raise FigureRefused(_("This month lies outside the period of the framework."))
    if month > deadlines.local_day(at):
        raise FigureRefused(_("%(month)s has not begun yet.") % {"month": thai.format_month(month, "long")})


# --- Figures ---------------------------------------------------------------------------------------------------------
def typed(indicator: Indicator, place: Organisation) -> dict[date, Decimal]:
    """Return the values of `indicator` in `place` that were typed, by the first days of their months."""
    kept = MonthlyFigure.objects.filter(monitoring.of_all_versions([indicator]), organisation=place)
    rows = kept.order_by("indicator__framework__version", "pk").values_list("month", "value")
    return {month: Decimal(value) for month, value in rows}


@transaction.atomic
def write_figures(
    indicator: Indicator,
    place: Organisation,
    values: Mapping[date, Decimal | None],
    *,
    by: User,
    at: datetime,
) -> None:
    """Write the values of `indicator` in `place` for some months down; a month without one has none any more.

    :raises NotAllowed: if `by` may not write them.
    :raises FigureRefused: if a report form brings them, or a month is not one of the framework's, or still to come.
    """
    _demand(by, indicator, place, at=at)
    if indicator.children.exists():
        raise FigureRefused(_("This indicator is measured by its sub-indicators."))
    if monitoring_sources.sources_of(indicator.framework, [indicator], place):
        raise FigureRefused(_("A report form brings the figures of this indicator; correct them there."))
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for month, value in sorted(values.items()):
        _demand_month(indicator, month, at=at)
        before[f"{month:%Y-%m}"] = _write(indicator, place, month, value, by=by, at=at)
        after[f"{month:%Y-%m}"] = value
    if before != after:
        _record("figures.written", indicator, place, by=by, at=at, before=before, after=after)


def _write(
    indicator: Indicator, place: Organisation, month: date, value: Decimal | None, *, by: User, at: datetime
) -> Decimal | None:
    """Write the value of a month; return what it was."""
    held = MonthlyFigure.objects.filter(monitoring.of_all_versions([indicator]), organisation=place, month=month)
    kept = held.order_by("-indicator__framework__version").first()
    before = Decimal(kept.value) if kept else None
    if value is None:
        held.delete()
    else:
        kept = kept or MonthlyFigure(indicator=indicator, organisation=place, month=month)
        kept.value, kept.written_by, kept.written_at = value, by, at
        kept.save()
    return before


# --- Causes and actions ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Why an indicator is behind, what is done about it, by whom, until when, and whether it is done."""

    cause: str
    action: str
    owner: Posting
    due_on: date
    done_on: date | None = None


def owners_for(place: Organisation, *, day: date) -> Any:
    """Return the positions of `place` and its parts whose holders can be given an action on `day`."""
    part = {"organisation__depth": place.depth + 1, "organisation__kind__in": monitoring.PARTS}
    within = Posting.objects.filter(subtree(place.path, field="organisation__path"), **part)
    found = (within | Posting.objects.filter(organisation=place)).held_on(day)
    return found.select_related("user", "organisation").order_by("organisation__path", "user__sort_key", "pk")


@transaction.atomic
def write_remedy(
    indicator: Indicator, place: Organisation, month: date, plan: Plan, *, by: User, at: datetime
) -> Remedy:
    """Write down, or anew, why `indicator` is behind in `place` in a month and what is done about it.

    :raises NotAllowed: if `by` may not write it.
    :raises FigureRefused: without a cause, an action, or an owner of the office; or outside the framework's months.
    """
    _demand(by, indicator, place, at=at)
    _demand_month(indicator, month, at=at)
    if not plan.cause.strip() or not plan.action.strip():
        raise FigureRefused(_("Give the cause and the corrective action."))
    day = deadlines.local_day(at)
    held = Remedy.objects.filter(monitoring.of_all_versions([indicator]), organisation=place, month=month)
    kept = held.order_by("-indicator__framework__version").first()
    before = _told_remedy(kept)
    # Who was chosen before and has left since may stand.
    if (kept is None or kept.owner_id != plan.owner.pk) and not owners_for(place, day=day).filter(
        pk=plan.owner.pk
    ).exists():
        raise FigureRefused(_("Choose somebody who works in this office."))
    if plan.due_on < month:
        raise FigureRefused(_("The day by which it is done lies before the month that it is about."))
    if plan.done_on is not None and not month <= plan.done_on <= day:
        raise FigureRefused(_("The day on which it was done lies before the month, or is still to come."))
    kept = kept or Remedy(indicator=indicator, organisation=place, month=month)
    kept.cause, kept.action = thai.normalise(plan.cause).strip(), thai.normalise(plan.action).strip()
    kept.owner, kept.due_on, kept.done_on = plan.owner, plan.due_on, plan.done_on
    kept.written_by, kept.written_at = by, at
    kept.save()
    after = _told_remedy(kept)
    if before != after:
        _record("remedy.written", indicator, place, month=month, by=by, at=at, before=before, after=after)
    return kept


def _told_remedy(remedy: Remedy | None) -> dict[str, Any] | None:
    if remedy is None:
        return None
    told = {name: getattr(remedy, name) for name in ("cause", "action", "due_on", "done_on")}
    return told | {"owner": remedy.owner_id}


def _record(verb: str, indicator: Indicator, place: Organisation, *, by: User, at: datetime, **details: Any) -> None:
    told = {"framework": indicator.framework.reference, "indicator": indicator.code, "place": place.code}
    log.record(verb, office=log.office_of(place), by=by, at=at, details=told | details)
