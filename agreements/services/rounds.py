"""Scoring a whole round at once: few queries, the outcomes that one agreement after the other would have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, TextField
from django.db.models.functions import Cast

import scoring
from agreements.explain import explain_fault
from agreements.models import Agreement, Framework, Item, Result, Round, State
from agreements.services import working_days
from agreements.services.results import Side, document_of, inputs_for, outcome_of, set_score_for

#: So many agreements are locked, read, scored and written together.
CHUNK = 1000
#: In which state of a part whose outcome is written, and where it is kept.
OUTCOMES: Mapping[str, tuple[Side, str]] = {
    State.REPORTED: ("self", "self_outcome"),
    State.ASSESSED: ("assessor", "outcome"),
}
#: A chunk's outcomes travel as one JSON object by primary key; bulk_update would build a CASE of thousands of rows.
WRITE: Mapping[tuple[str, str], str] = {
    ("sqlite", "self_outcome"): (
        "UPDATE agreements_result SET self_outcome = given.value FROM json_each(%s) AS given"
        " WHERE agreements_result.id = CAST(given.key AS INTEGER)"
    ),
    ("sqlite", "outcome"): (
        "UPDATE agreements_result SET outcome = given.value FROM json_each(%s) AS given"
        " WHERE agreements_result.id = CAST(given.key AS INTEGER)"
    ),
    ("postgresql", "self_outcome"): (
        "UPDATE agreements_result SET self_outcome = given.value FROM jsonb_each(%s::jsonb) AS given"
        " WHERE agreements_result.id = given.key::bigint"
    ),
    ("postgresql", "outcome"): (
        "UPDATE agreements_result SET outcome = given.value FROM jsonb_each(%s::jsonb) AS given"
        " WHERE agreements_result.id = given.key::bigint"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundScored:
    """How many outcomes were written, and for which agreements there are none, and why."""

    outcomes: int = 0
    refused: Mapping[int, Sequence[str]] = field(default_factory=dict)


def score_round(round_: Round, *, at: datetime) -> RoundScored:
    """Write the outcomes of the reported agreements of `round_` anew, and those that assessed ones lack.

    What was assessed was signed with its figures, so that an outcome it has is never changed.
    """
    waiting = Agreement.objects.filter(round=round_, ended_from="", parts__state__in=list(OUTCOMES))
    waiting = waiting.order_by("pk").distinct()
    places = dict(waiting.values_list("pk", "organisation__path"))
    agreements = list(places)
    scorer = Scorer(holidays=working_days.read_below([round_.organisation.path]), places=places)
    outcomes = 0
    refused: dict[int, Sequence[str]] = {}
    for start in range(0, len(agreements), CHUNK):
        chunk = agreements[start : start + CHUNK]
        written = _score_chunk(round_, (chunk[0], chunk[-1]), scorer, at=at)
        outcomes += written.outcomes
        refused |= written.refused
    return RoundScored(outcomes=outcomes, refused=refused)


@transaction.atomic
def _score_chunk(round_: Round, span: tuple[int, int], scorer: Scorer, *, at: datetime) -> RoundScored:
    # Nobody may sign or return one of them meanwhile.
    list(Agreement.objects.select_for_update().filter(round=round_, pk__range=span).order_by("pk").values_list("pk"))
    parts = {"agreement__round": round_, "agreement__pk__range": span, "state__in": list(OUTCOMES)}
    parts["agreement__ended_from"] = ""
    kept = {(row.part, row.lineage): row for row in _kept(parts)}
    items = list(_items(parts))
    scorer.know_frameworks({item.framework for item in items if item.framework is not None})
    found = Found(at=at)
    refused: dict[int, list[str]] = {}
    for _part, rows in groupby(items, key=attrgetter("part")):
        part = list(rows)
        side, name = OUTCOMES[part[0].state]
        try:
            for item, outcome in scorer.score(part, kept, side=side):
                found.add(item, kept.get((item.part, item.lineage)), name, outcome)
        except scoring.Refused as refusal:
            refused[part[0].agreement] = [explain_fault(fault) for fault in refusal.faults]
    return RoundScored(outcomes=found.write(), refused=refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The outcomes of a chunk: of results that are kept, by field and primary key, and of items that have none."""

    at: datetime
    by_field: dict[str, dict[int, Mapping[str, Any]]] = field(default_factory=dict)
    fresh: list[Result] = field(default_factory=list)

    def add(self, item: ItemRow, row: KeptRow | None, name: str, outcome: Mapping[str, Any]) -> None:
        """Note the outcome of `item`, unless it is one that was signed."""
        if row is None:
            self.fresh.append(Result(part_id=item.part, lineage=item.lineage, updated_at=self.at, **{name: outcome}))
        elif name == "self_outcome" or row.lacks_outcome:
            self.by_field.setdefault(name, {})[row.pk] = outcome

    def write(self) -> int:
        """Write what was noted; return how many outcomes that were."""
        with connection.cursor() as cursor:
            for name, by_pk in self.by_field.items():
                cursor.execute(WRITE[connection.vendor, name], [json.dumps(by_pk)])
        Result.objects.bulk_create(self.fresh)
        return len(self.fresh) + sum(map(len, self.by_field.values()))


# --- Rows ------------------------------------------------------------------------------------------------------------
class ItemRow(NamedTuple):
    """An item of a current version; `definition` is its JSON, unread."""

    agreement: int
    part: int
    state: str
    pk: int
    parent: int | None
    code: str
    title: str
    weight: Decimal | None
    lineage: UUID
    framework: int | None
    definition: str


class KeptRow(NamedTuple):
    """What is kept of a result."""

    pk: int
    part: int
    lineage: UUID
    inputs: dict[str, Any]
    verdict: str
    assessor_inputs: dict[str, Any] | None
    assessor_score: Decimal | None
    assessor_reason: str
    judged: list[dict[str, Any]] | None
    lacks_outcome: bool


def _items(parts: Mapping[str, object]) -> Iterator[ItemRow]:
    """Yield the items of the current versions of `parts`, part by part."""
    among = {f"version__part__{name}": value for name, value in parts.items()}
    rows: Iterable[Any] = (
        Item.objects.filter(version__is_current=True, **among)
        .order_by("version__part__agreement", "version__part", "order", "pk")
        .values_list(
            "version__part__agreement_id",
            "version__part_id",
            "version__part__state",
            "pk",
            "parent_id",
            "code",
            "title",
            "weight",
            "lineage",
            "indicator__framework_id",
            Cast("definition", TextField()),
        )
    )
    return (ItemRow(*row) for row in rows)


def _kept(parts: Mapping[str, object]) -> Iterator[KeptRow]:
    """Yield the results of `parts`."""
    among = {f"part__{name}": value for name, value in parts.items()}
    rows: Iterable[Any] = Result.objects.filter(checkpoint=Result.Checkpoint.FINAL, **among).values_list(
        "pk",
        "part_id",
        "lineage",
        "inputs",
        "verdict",
        "assessor_inputs",
        "assessor_score",
        "assessor_reason",
        "judged",
        ExpressionWrapper(Q(outcome__isnull=True), output_field=BooleanField()),
    )
    return (KeptRow(*row) for row in rows)


# --- Scoring ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True, kw_only=True)
class Scorer:
    """Scores parts from rows; indicators that are worded alike are read once."""

    holidays: working_days.Holidays
    # Where each agreement belongs.
    places: Mapping[int, str]
    defaults: dict[int | None, scoring.Defaults] = field(default_factory=lambda: {None: scoring.Defaults()})
    known: dict[tuple[object, ...], scoring.Indicator] = field(default_factory=dict)

    def know_frameworks(self, frameworks: Iterable[int]) -> None:
        """Read what `frameworks` decide for their indicators, each once."""
        new = set(frameworks) - self.defaults.keys()
        if new:
            for pk, header in Framework.objects.filter(pk__in=new).values_list("pk", "header"):
                self.defaults[pk] = scoring.read_defaults(header)

    def score(
        self, items: Sequence[ItemRow], kept: Mapping[tuple[int, UUID], KeptRow], *, side: Side
    ) -> list[tuple[ItemRow, dict[str, Any]]]:
        """Return the items of one part that are measured themselves, each with its outcome for `side`.

        :raises Refused: if what is kept of one is no result of it.
        """
        holidays = self.holidays.at(self.places[items[0].agreement])
        below: dict[int | None, list[ItemRow]] = {}
        for item in items:
            below.setdefault(item.parent, []).append(item)
        indicators = [self._indicator(top, below) for top in below.get(None, [])]
        by_code = {item.code: item for item in items}
        results: dict[str, scoring.Result] = {}
        overrides: dict[str, scoring.SetScore] = {}
        for top in indicators:
            for one in top.flatten():
                row = kept.get((by_code[one.code].part, by_code[one.code].lineage))
                if row is None or one.is_composite:
                    continue
                results[one.code] = scoring.read_result(inputs_for(side, row), one, place=one.code)
                if (own := set_score_for(side, row)) is not None:
                    overrides[one.code] = own
        return [
            (by_code[found.code], outcome_of(found))
            for top in indicators
            for found in scoring.score_indicator(top, results, holidays=holidays, overrides=overrides).flatten()
            if by_code[found.code].pk not in below
        ]

    def _indicator(self, top: ItemRow, below: Mapping[int | None, Sequence[ItemRow]]) -> scoring.Indicator:
        key = (top.framework, *_wording(top, below))
        if key not in self.known:
            self.known[key] = scoring.read_indicator(
                _document(top, below), place=top.code, defaults=self.defaults[top.framework]
            )
        return self.known[key]


def _wording(item: ItemRow, below: Mapping[int | None, Sequence[ItemRow]]) -> tuple[object, ...]:
    children = tuple(_wording(child, below) for child in below.get(item.pk, ()))
    return (item.code, item.title, item.weight, item.definition, children)


def _document(item: ItemRow, below: Mapping[int | None, Sequence[ItemRow]]) -> dict[str, Any]:
    children = [_document(child, below) for child in below.get(item.pk, ())]
    return document_of(json.loads(item.definition), item.code, item.title, item.weight, children)
