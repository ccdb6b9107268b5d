"""What units above judge in the open rounds, and the submissions of one indicator that one of them judges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from agreements.models import (
    Agreement,
    Evidence,
    Indicator,
    Item,
    Judgement,
    Organisation,
    Result,
    Role,
    Round,
    State,
    User,
)
from agreements.services import judges, notices
from agreements.services.agreements import unit_of
from agreements.services.judges import ACTING, Decision

# What a key in JSON looks like, on SQLite and in the text of PostgreSQL's jsonb.
NAMES_A_JUDGE = '"judged_by"'
Key: TypeAlias = tuple[int, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An indicator of a round that a unit judges, and how far it is."""

    round: Round
    indicator: Indicator
    unit: Organisation
    until: date
    # How many submissions there are, how many of them are reported, and how many of those wait for a judgement.
    count: int
    reported: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedResult:
    """What one agreement has of the indicator: its result with evidence, and what the unit makes of it."""

    item: Item
    result: Result | None
    files: tuple[Evidence, ...]
    judgement: Judgement | None
    decision: Decision
    # What was handed in and stands in the result.
    entry: Mapping[str, Any] | None
    is_own: bool

    @property
    def agreement(self) -> Agreement:
        """The agreement."""
        return self.item.version.part.agreement

    @property
    def is_open(self) -> bool:
        """Whether it is reported and not assessed yet, so that it can be judged; nobody judges their own."""
        return self.is_reported and not self.is_own

    @property
    def is_reported(self) -> bool:
        """Whether it waits for its assessment."""
        return bool(self.item.version.part.standing == State.REPORTED)

    @property
    def is_before_report(self) -> bool:
        """Whether nothing is reported yet."""
        return self.item.version.part.standing in (State.DRAFT, State.PROPOSED, State.AGREED)

    @property
    def is_handed_in(self) -> bool:
        """Whether it was handed in as it stands."""
        return self.entry is not None and self.judgement is not None and self.judgement.is_handed_in

    @property
    def is_decided(self) -> bool:
        """Whether everything that the unit decides of it is decided, handed in or not."""
        return self.judgement is not None and is_whole(self.decision, self.judgement)

    @property
    def was_changed_since(self) -> bool:
        """Whether the result was entered again after it was judged; what an assessor makes of it changes nothing."""
        handed_in = self.judgement.handed_in_at if self.judgement else None
        # Entering takes back what the assessor made of it, so that without a verdict the last word was the reporter's.
        is_entered = self.result is not None and self.result.verdict == Result.Verdict.NONE
        return bool(handed_in and is_entered and self.result and self.result.updated_at > handed_in)


def is_whole(decision: Decision, judgement: Judgement) -> bool:
    """Return whether `judgement` decides all that `decision` asks for."""
    if decision.is_score:
        return judgement.score is not None
    return set(decision.codes) <= judgement.steps.keys()


# --- What there is to judge ------------------------------------------------------------------------------------------
def units_of(user: User) -> list[str]:
    """Return the tree paths at and below which `user` acts for units that judge."""
    return Role.objects.paths(user, *ACTING)


def tasks_for(user: User) -> list[Task]:
    """Return what the units for which `user` acts judge in open rounds, the soonest first."""
    paths = units_of(user)
    if not paths:
        return []
    return [one for one in _tasks(_open_items()) if any(str(one.unit.path).startswith(path) for path in paths)]


def all_tasks() -> list[Task]:
    """Return what all units judge in open rounds."""
    return _tasks(_open_items())


def _open_items() -> Any:
    named = Indicator.objects.annotate(text=Cast("definition", TextField())).filter(text__contains=NAMES_A_JUDGE)
    return _items().filter(indicator__in=named.values("pk"), version__part__agreement__round__status=Round.Status.OPEN)


def _items() -> Any:
    return (
        Item.objects.filter(version__is_current=True, children=None)
        .exclude(version__part__agreement__state=State.ENDED)
        .select_related(
            "indicator__framework",
            "version__part__agreement__round",
            "version__part__agreement__organisation",
            "version__part__agreement__person",
            "version__part__posting__organisation",
            "version__part__posting__user",
        )
    )


def _tasks(items: Iterable[Item]) -> list[Task]:
    rows = list(items)
    desk = judges.desk_for(item.definition for item in rows)
    grouped: dict[tuple[int, int, int], list[tuple[Item, Decision]]] = defaultdict(list)
    units: dict[int, Organisation] = {}
    for item in rows:
        part = item.version.part
        for decision in judges.decisions_of(item.definition):
            unit = desk.unit(decision.name, unit_of(part))
            if unit is not None:
                units[unit.pk] = unit
                grouped[part.agreement.round_id, item.indicator_id or 0, unit.pk].append((item, decision))
    judged = _judged(rows)
    rounds = {item.version.part.agreement.round_id: item.version.part.agreement.round for item in rows}
    holidays = judges.holidays_by_round(rounds.values())
    found = [
        _task(rounds[round_], units[unit], listed, judged, holidays[round_])
        for (round_, _indicator, unit), listed in grouped.items()
    ]
    return sorted(found, key=lambda one: (one.until, one.indicator.order, one.unit.path))


def _task(
    round_: Round,
    unit: Organisation,
    listed: list[tuple[Item, Decision]],
    judged: Mapping[Key, Any],
    holidays: frozenset[date],
) -> Task:
    first = listed[0][0]
    reported = [pair for pair in listed if pair[0].version.part.standing == State.REPORTED]
    waiting = [
        item
        for item, decision in reported
        if judges.entry_for(decision, judged.get((item.version.part_id, item.lineage))) is None
    ]
    assert first.indicator is not None  # noqa: S101  only copies of indicators are listed
    return Task(
        round=round_,
        indicator=first.indicator,
        unit=unit,
        until=judges.until(first.definition, round_, holidays),
        count=len(listed),
        reported=len(reported),
        waiting=len(waiting),
    )


def _judged(items: Iterable[Item]) -> dict[Key, Any]:
    parts = {item.version.part_id for item in items}
    kept = Result.objects.filter(checkpoint=Result.Checkpoint.FINAL, judged__isnull=False)
    if len(parts) <= notices.CHUNK:
        kept = kept.filter(part__in=parts)
    return {(part, lineage): judged for part, lineage, judged in kept.values_list("part", "lineage", "judged")}


def judged_results(round_: Round, indicator: Indicator, unit: Organisation, *, reader: User) -> list[JudgedResult]:
    """Return the submissions of `indicator` in `round_` that `unit` judges, in the order of the tree."""
    items = list(
        _items()
        .filter(indicator=indicator, version__part__agreement__round=round_)
        .order_by("version__part__posting__organisation__path", "version__part__agreement__person__sort_key", "pk")
    )
    desk = judges.desk_for(item.definition for item in items)
    mine = []
    for item in items:
        for decision in judges.decisions_of(item.definition):
            if desk.unit(decision.name, unit_of(item.version.part)) == unit:
                mine.append((item, decision))
    keys = {(item.version.part_id, item.lineage) for item, _decision in mine}
    results, kept, files = _results(keys), _kept(keys, unit), _files(keys)
    found = []
    for item, decision in mine:
        key = (item.version.part_id, item.lineage)
        result = results.get(key)
        found.append(
            JudgedResult(
                item=item,
                result=result,
                files=tuple(files.get(result.pk, ())) if result else (),
                judgement=kept.get(key),
                decision=decision,
                entry=judges.entry_for(decision, result.judged if result else None),
                is_own=judges.is_own(item.version.part, reader),
            )
        )
    return found


def _results(keys: Collection[Key]) -> dict[Key, Result]:
    rows = Result.objects.filter(
        checkpoint=Result.Checkpoint.FINAL, part__in={part for part, _lineage in keys}
    ).order_by("pk")
    return {(row.part_id, row.lineage): row for row in rows if (row.part_id, row.lineage) in keys}


def _kept(keys: Collection[Key], unit: Organisation) -> dict[Key, Judgement]:
    rows = Judgement.objects.filter(organisation=unit, part__in={part for part, _lineage in keys})
    return {(row.part_id, row.lineage): row for row in rows.select_related("handed_in_by", "updated_by")}


def _files(keys: Collection[Key]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = defaultdict(list)
    kept = Evidence.objects.filter(
        result__part__in={part for part, _lineage in keys}, result__lineage__in={lineage for _part, lineage in keys}
    )
    for one in kept.select_related("stored", "result").order_by("added_at", "pk"):
        found[one.result_id].append(one)
    return found
