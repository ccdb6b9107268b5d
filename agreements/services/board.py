"""Where a round stands: how many agreements of each unit are in which state, which are late or returned, and whose.

Everything is counted and narrowed by the database, so that a page costs as many questions for ten as for ten thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, ngettext

from agreements import thai
from agreements.models import Agreement, Extension, Organisation, Phase, Role, Round, State, User, Version
from agreements.models.agreements import AgreementQuerySet
from agreements.models.organisations import below_any, subtree
from agreements.models.states import PART_STATES
from agreements.services import deadlines

LATE, RETURNED = "late", "returned"
ONLY: Mapping[str, str | Promise] = {LATE: _("Late"), RETURNED: _("Returned")}

_BY_STATE = Case(
    *(When(state=state, then=Value(number)) for number, state in enumerate(State.values)),
    output_field=IntegerField(),
)
#: By what the list can be ordered; each ends in the key, so that no row stands on two pages.
SORTS: Mapping[str, tuple[Any, ...]] = {
    "unit": ("organisation__path", "person__sort_key", "pk"),
    "name": ("person__sort_key", "organisation__path", "pk"),
    "state": (_BY_STATE, "organisation__path", "person__sort_key", "pk"),
    "since": ("state_since", "pk"),
}


# --- What is asked for -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a round is listed, and in which order, as it stands in the address."""

    state: str = ""
    unit: str = ""
    below: str = ""
    only: str = ""
    q: str = ""
    sort: str = "unit"

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Asked:
        """Return what an address asks for; what means nothing is left out."""
        given = {name: thai.normalise(str(data.get(name, "") or "")).strip()[:200] for name in cls.__dataclass_fields__}
        unit = given["unit"]
        allowed = {
            "state": given["state"] in State.values,
            "only": given["only"] in ONLY,
            "unit": unit.isdecimal() and len(unit) <= 18,
            "sort": given["sort"].removeprefix("-") in SORTS,
            "below": bool(given["below"]),
        }
        return cls(**{name: value for name, value in given.items() if allowed.get(name, True)})

    @property
    def query(self) -> str:
        """It as it stands in an address."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in told.items() if value and (name, value) != ("sort", "unit")})

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.state or self.unit or self.only or self.q)


def listed(round_: Round, asked: Asked, *, by: User, at: datetime) -> AgreementQuerySet:
    """Return the agreements of `round_` that `by` may open, narrowed and ordered as `asked`."""
    found = Agreement.objects.filter(round=round_).visible_to(by)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.unit:
        found = found.filter(_of_unit(int(asked.unit), asked))
    if asked.only == LATE:
        found = found.filter(late(round_, at=at))
    if asked.only == RETURNED:
        found = found.filter(returned())
    if asked.q:
        found = found.matching(asked.q)
    keys = SORTS[asked.sort.removeprefix("-")]
    ordered = found.order_by(*keys)
    return ordered.reverse() if asked.sort.startswith("-") else ordered


def _of_unit(key: int, asked: Asked) -> Q:
    place = Organisation.objects.filter(pk=key).order_by().first()
    if place is None:
        return Q(pk=None)
    return subtree(place.path, field="organisation__path") if asked.below else Q(organisation=place)


# --- Late, returned --------------------------------------------------------------------------------------------------
def late(round_: Round, *, at: datetime) -> Q:
    """Return the condition that an agreement of `round_` did not do in time what a phase asks for.

    It is the question of `deadlines.overdue` for the database.
    """
    calendar = deadlines.read([round_])
    found = Q(pk=None)
    for phase in Phase:
        found |= late_in(round_, phase, at=at, calendar=calendar)
    return found


def late_in(round_: Round, phase: str, *, at: datetime, calendar: deadlines.Calendar) -> Q:
    """Return the condition that an agreement of `round_` did not do in time what `phase` asks for."""
    due = calendar.general(round_, phase)
    if due is None or not due.is_past(at):
        return Q(pk=None)
    amending = Version.objects.current().filter(part__agreement=OuterRef("pk"), amends__isnull=False, abandoned_at=None)
    in_mid_round = Q(state__in=[State.DRAFT, State.PROPOSED]) & Q(Exists(amending))
    waiting = Q(state__in=deadlines.BEFORE[Phase(phase)]) & ~in_mid_round
    # Offices below have the holidays of those above and maybe more: a day of theirs is never over before.
    day = getattr(round_, deadlines.FIELDS[Phase(phase)])
    rest = below_any(calendar.open_below(calendar.places[round_.pk], day, at), field="organisation__path")
    return waiting & ~rest & ~_has_more_time(calendar, round_, phase, at)


def _has_more_time(calendar: deadlines.Calendar, round_: Round, phase: str, at: datetime) -> Q:
    granted_here = [one for one in calendar.extensions if one.phase == phase]
    running = [one for one in granted_here if not calendar.ends(round_, one).is_past(at)]
    units = [one.organisation.path for one in running if one.organisation is not None]
    for one in granted_here:
        if one.organisation is not None:
            units += calendar.open_below(one.organisation.path, one.until, at)
    has = below_any(units, field="organisation__path")
    days = [one.until for one in running if one.organisation is None]
    if days:
        # Whatever ends on the earliest of these days or later still runs: a later day is never over before an earlier.
        granted = Extension.objects.granted().filter(round=round_, phase=phase, until__gte=min(days))
        has |= Q(pk__in=granted.filter(agreement__isnull=False).values("agreement"))
    return has


def overdue_since(agreement: Agreement, calendar: deadlines.Calendar, *, at: datetime) -> date | None:
    """Return the day by which `agreement`, fetched for lists, should have done what it did not; none where `late` does
    not hold."""
    for version in agreement.current_versions:
        version.part.agreement = agreement
        if version.is_open_amendment:
            return None
    dues = [calendar.due(agreement, phase) for phase in Phase if agreement.state in deadlines.BEFORE[phase]]
    return next((due.day for due in dues if due is not None and due.is_past(at)), None)


def returned() -> Q:
    """Return the condition that an agreement was returned and is to be mended, as `Version.is_being_mended` says."""
    mending = Q(agreed_in=None, part__state=State.DRAFT) | Q(
        agreed_in__isnull=False, part__state__in=[State.AGREED, State.REPORTED]
    )
    sent_back = Version.objects.current().filter(mending, part__agreement=OuterRef("pk")).exclude(reason="")
    return Q(state__in=PART_STATES) & Q(Exists(sent_back))


def how_long(at: datetime, since: datetime) -> str:
    """Return for how many days something waits, in words."""
    days = (deadlines.local_day(at) - deadlines.local_day(since)).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


# --- Units and states ------------------------------------------------------------------------------------------------
@dataclass(slots=True, kw_only=True)
class Matrix:
    """How many agreements there are, by unit and by state, and how many are late or returned."""

    by_unit: Mapping[int, Mapping[str, int]]
    totals: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        sums: dict[str, int] = defaultdict(int)
        for counts in self.by_unit.values():
            for name, count in counts.items():
                sums[name] += count
        self.totals = sums

    def row(self, unit: Organisation) -> dict[str, Any]:
        """Return the counts of `unit` as a page shows them."""
        return {"unit": unit, **_cells(self.by_unit.get(unit.pk, {}))}

    def foot(self) -> dict[str, Any]:
        """Return the sums."""
        return _cells(self.totals)


def _cells(counts: Mapping[str, int]) -> dict[str, Any]:
    cells = [{"state": state, "label": label, "count": counts.get(state, 0)} for state, label in State.choices]
    return {
        "cells": cells,
        "count": sum(cell["count"] for cell in cells),
        LATE: counts.get(LATE, 0),
        RETURNED: counts.get(RETURNED, 0),
    }


def matrix(round_: Round, *, by: User, at: datetime) -> Matrix:
    """Return the counts of the agreements of `round_` whose progress `by` follows, in one question."""
    followed = Agreement.objects.filter(round=round_).in_offices_led_by(by).order_by()
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counted = followed.values_list("organisation", "state").annotate(
        count=Count("pk"),
        late=Count("pk", filter=late(round_, at=at)),
        returned=Count("pk", filter=returned()),
    )
    for unit, state, count, is_late, is_returned in counted:
        found[unit][state] = count
        found[unit][LATE] = found[unit].get(LATE, 0) + is_late
        found[unit][RETURNED] = found[unit].get(RETURNED, 0) + is_returned
    return Matrix(by_unit=found)


FOLLOWERS: Sequence[str] = (Role.Kind.HR, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR)


def units_of(round_: Round, user: User) -> Any:
    """Return every unit that `round_` serves and whose progress `user` follows, from the top down."""
    within = below_any(Role.objects.paths(user, *FOLLOWERS), field="path")
    return Organisation.objects.within(round_.organisation).filter(within).order_by("path")
