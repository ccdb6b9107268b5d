"""Which unit above decides what of an indicator, who acts for it, until when, and what is still waited for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, override

from agreements import thai
from agreements.models import Item, Organisation, Part, Role, Round, User
from agreements.services import working_days
from agreements.services.agreements import unit_of
from agreements.services.results import Book
from scoring.lateness import next_working_day

# Who acts for a unit: its HR, and those who report its data; given there or above. Executives see no person's result.
ACTING = (Role.Kind.HR, Role.Kind.DATA_REPORTER)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one named unit decides of an indicator: these steps and parts, or the score where there are none."""

    name: str
    codes: tuple[str, ...] = ()

    @property
    def is_score(self) -> bool:
        """Whether it gives the score as a whole."""
        return not self.codes


def decisions_of(definition: Mapping[str, Any]) -> list[Decision]:
    """Return what units above decide of an indicator: the whole of it, or some of its steps."""
    criteria = definition.get("criteria") or {}
    steps = criteria.get("steps") or [] if criteria.get("kind") == "milestones" else []
    if not criteria or criteria.get("kind") == "open":
        return []
    if whole := str(definition.get("judged_by") or ""):
        return [Decision(whole, tuple(code for step in steps for code in _codes(step)))]
    by_name: dict[str, list[str]] = {}
    for step in steps:
        if step.get("judged_by"):
            by_name.setdefault(str(step["judged_by"]), []).extend(_codes(step))
    return [Decision(name, tuple(codes)) for name, codes in by_name.items()]


def _codes(step: Mapping[str, Any]) -> list[str]:
    """Return what is ticked of a step: itself, unless a part of it must be done, and its parts."""
    parts = step.get("parts") or []
    own = [str(step["level"])] if all("deduction" in part for part in parts) else []
    return own + [str(part["code"]) for part in parts]


def until(definition: Mapping[str, Any], round_: Round, holidays: frozenset[date]) -> date:
    """Return the last day for handing in: as the indicator says, else the day before assessing ends."""
    said = definition.get("judged_until")
    if said:
        return next_working_day(date.fromisoformat(str(said)), holidays)
    return round_.assess_by - DAY if round_.assess_by else round_.ends_on


# --- Who decides -----------------------------------------------------------------------------------------------------
def _kinds_by_word() -> dict[str, str]:
    """Return the kinds of offices by every word for them: as files name them, in Thai and in English."""
    found = {value: value for value in Organisation.Kind.values}
    for language in ("th", "en"):
        with override(language):
            found |= {str(label): value for value, label in Organisation.Kind.choices}
    return found


class Desk:
    """The units that some indicators name, and who acts for them: two questions, however many agreements."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._kinds = _kinds_by_word() if self._names else {}

    @cached_property
    def _units(self) -> list[Organisation]:
        kinds = [self._kinds[name] for name in self._names if name in self._kinds]
        named = Q(kind__in=kinds)
        for field in ("code", "unit_code", "name", "short_name"):
            named |= Q(**{f"{field}__in": self._names})
        return list(Organisation.objects.filter(named).order_by("path")) if self._names else []

    @cached_property
    def _acting(self) -> list[str]:
        held = Role.objects.filter(kind__in=ACTING, user__is_active=True)
        return list(held.values_list("organisation__path", flat=True).distinct())

    def unit(self, name: str, place: Organisation) -> Organisation | None:
        """Return the unit that `name` means for an agreement of `place`: the nearest kind of it above, or so called."""
        kind = self._kinds.get(name)
        above = [one for one in self._units if one.kind == kind and str(place.path).startswith(one.path)]
        if above:
            return max(above, key=lambda one: len(one.path))
        root = str(place.path)[: Organisation.steplen]
        called = [
            one
            for one in self._units
            if str(one.path).startswith(root) and name in (one.code, one.unit_code, one.name, one.short_name)
        ]
        return max(called, key=lambda one: _shared(one.path, place.path), default=None)

    def is_staffed(self, unit: Organisation) -> bool:
        """Return whether somebody acts for `unit`; where nobody does, nothing is waited for."""
        return any(str(unit.path).startswith(path) for path in self._acting)


def _shared(one: str, other: str) -> int:
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def desk_for(definitions: Iterable[Mapping[str, Any]]) -> Desk:
    """Return the desk for indicators with these definitions."""
    return Desk(one.name for definition in definitions for one in decisions_of(definition))


def acts_for(user: User, unit: Organisation) -> bool:
    """Return whether `user` acts for `unit`."""
    return any(str(unit.path).startswith(path) for path in Role.objects.paths(user, *ACTING))


def is_own(part: Part, user: User) -> bool:
    """Return whether `part` is of `user`'s own agreement, or of an organisation for which `user` signs."""
    return user.pk in (part.agreement.person_id, part.posting.user_id)


# --- What an assessment waits for ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """What a unit above decides of an item of an agreement, and what it has decided so far."""

    item: Item
    decision: Decision
    unit: Organisation | None
    is_staffed: bool
    until: date
    # The entry of the result (`judged`), once it is handed in.
    judged: Mapping[str, Any] | None

    @property
    def is_awaited(self) -> bool:
        """Whether somebody is to hand it in still."""
        return self.is_staffed and self.judged is None

    @property
    def on(self) -> date | None:
        """The day on which it was decided."""
        return date.fromisoformat(str(self.judged["on"])) if self.judged else None


def above_of(book: Book, desk: Desk | None = None) -> list[Above]:
    """Return what units above decide of the items of `book`; asks nothing where they decide nothing."""
    named = [(item, decision) for item in book.leaves for decision in decisions_of(item.definition)]
    if not named:
        return []
    desk = desk or Desk(decision.name for _item, decision in named)
    part = book.version.part
    place = unit_of(part)
    found = []
    for item, decision in named:
        unit, result = desk.unit(decision.name, place), book.result(item)
        found.append(
            Above(
                item=item,
                decision=decision,
                unit=unit,
                is_staffed=unit is not None and desk.is_staffed(unit),
                until=until(item.definition, part.agreement.round, book.holidays),
                judged=entry_for(decision, result.judged if result else None),
            )
        )
    return found


def entry_for(decision: Decision, judged: Iterable[Mapping[str, Any]] | None) -> Mapping[str, Any] | None:
    """Return what was handed in of `decision`; the unit may have been renamed since."""
    for one in judged or ():
        if decision.is_score and "score" in one:
            return one
        if decision.codes and set(decision.codes) <= set(one.get("steps", ())):
            return one
    return None


def obstacles(book: Book, *, today: date | None, desk: Desk | None = None) -> list[str]:
    """Return a sentence for each judgement that signing the assessment waits for; none once its last day is past."""
    return [
        _(
            "Indicator %(code)s waits for %(unit)s, who judges it until %(day)s. "
            "From the day after you can sign without."
        )
        % {"code": one.item.code, "unit": one.unit, "day": thai.format_date(one.until, "long")}
        for one in above_of(book, desk)
        if one.is_awaited and (today is None or today <= one.until)
    ]


def holidays_by_round(rounds: Iterable[Round]) -> dict[int, frozenset[date]]:
    """Return the holidays of each round; one question."""
    several = list(rounds)
    found = working_days.read(one.organisation.path for one in several)
    return {one.pk: found.of(one.organisation) for one in several}
