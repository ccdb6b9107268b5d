"""A unit above judges one indicator for everyone who agreed it: its submissions, drafts, and handing them in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

import scoring
from agreements import actions, thai
from agreements.explain import explain_fault
from agreements.models import (
    Agreement,
    Capacity,
    Evidence,
    Indicator,
    Item,
    Judgement,
    Notice,
    Organisation,
    Party,
    Result,
    Role,
    Round,
    State,
    User,
)
from agreements.services import judges, log, notices
from agreements.services.agreements import unit_of
from agreements.services.judges import ACTING, Decision
from agreements.services.notice_rules import Wanted, page_of

# What a key in JSON looks like, on SQLite and in the text of PostgreSQL's jsonb.
NAMES_A_JUDGE = '"judged_by"'
Key: TypeAlias = tuple[int, UUID]


class JudgingRefused(Exception):
    """It cannot be judged so."""


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
class Submission:
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
        """Whether the result was written again after it was judged."""
        handed_in = self.judgement.handed_in_at if self.judgement else None
        return bool(handed_in and self.result and self.result.updated_at > handed_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is made of one submission: by step whether it is complete, or a score; and a remark."""

    steps: Mapping[str, bool]
    score: Decimal | None
    remark: str

    @property
    def says_something(self) -> bool:
        """Whether anything of it is decided or remarked."""
        return bool(self.steps) or self.score is not None or bool(self.remark)


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


def submissions(round_: Round, indicator: Indicator, unit: Organisation, *, reader: User) -> list[Submission]:
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
            Submission(
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


# --- Judging ---------------------------------------------------------------------------------------------------------
def demand_judge(unit: Organisation, by: User) -> None:
    """Refuse unless `by` acts for `unit`.

    :raises NotAllowed: if not.
    """
    if not judges.acts_for(by, unit):
        raise actions.NotAllowed(_("This is not yours to do."))


@transaction.atomic
def keep_drafts(
    round_: Round, indicator: Indicator, unit: Organisation, verdicts: Mapping[int, Verdict], *, by: User, at: datetime
) -> None:
    """Keep what `unit` makes of submissions so far, by item; nothing of it counts before it is handed in.

    :raises NotAllowed: if `by` does not act for `unit`.
    :raises JudgingRefused: if one of them cannot be judged now, or a score cannot be.
    """
    demand_judge(unit, by)
    rows = {one.item.pk: one for one in submissions(round_, indicator, unit, reader=by)}
    for pk, verdict in verdicts.items():
        row = rows.get(pk)
        if row is None or not row.is_open:
            raise JudgingRefused(_("One of them can no longer be judged: it moved on meanwhile. Nothing was changed."))
        if _says_the_same(row.judgement, verdict):
            continue
        _check(row, verdict)
        part = row.item.version.part
        Judgement.objects.update_or_create(
            part=part,
            lineage=row.item.lineage,
            organisation=unit,
            defaults={
                "steps": dict(verdict.steps),
                "score": None if verdict.score is None else thai.canonical_decimal(verdict.score),
                "remark": verdict.remark,
                "updated_by": by,
                "updated_at": at,
            },
        )


def _says_the_same(kept: Judgement | None, verdict: Verdict) -> bool:
    if kept is None:
        return not verdict.says_something
    return (kept.steps, kept.score, kept.remark) == (dict(verdict.steps), verdict.score, verdict.remark)


def _check(row: Submission, verdict: Verdict) -> None:
    if not set(verdict.steps) <= set(row.decision.codes):
        raise JudgingRefused(_("One of the steps is not yours to judge."))
    if verdict.score is None:
        return
    refusal = score_refused(row.item, verdict.score)
    if refusal or not row.decision.is_score:
        raise JudgingRefused(refusal or _("Here steps are judged, not the score."))


def score_refused(item: Item, score: Decimal) -> str:
    """Return why `score` cannot be the score of `item`; empty where it can."""
    framework = item.indicator.framework if item.indicator is not None else None
    defaults = scoring.read_defaults(framework.header if framework is not None else {})
    document = {**item.definition, "code": item.code, "title": item.title}
    try:
        scoring.read_set_score(score, scoring.read_indicator(document, defaults=defaults), reason="-")
    except scoring.Refused as refused:
        return " ".join(explain_fault(fault) for fault in refused.faults)
    return ""


@transaction.atomic
def hand_in(round_: Round, indicator: Indicator, unit: Organisation, *, by: User, at: datetime) -> int:
    """Hand in every judgement that is whole and was not handed in as it stands; return how many those were.

    Each lands in the result of its agreement. What an assessor set in its place is taken back, to be looked at again.

    :raises NotAllowed: if `by` does not act for `unit`.
    :raises JudgingRefused: if there is none.
    """
    demand_judge(unit, by)
    # Signing an assessment waits for these locks, and the other way round.
    rows = [one for one in submissions(round_, indicator, unit, reader=by) if one.is_open]
    list(Agreement.objects.select_for_update().filter(pk__in=[one.agreement.pk for one in rows]).order_by("pk"))
    rows = [
        one
        for one in submissions(round_, indicator, unit, reader=by)
        if one.is_open and one.is_decided and not one.is_handed_in
    ]
    if not rows:
        raise JudgingRefused(_("There is nothing to hand in: decide at least one that was not handed in yet."))
    for row in rows:
        _land(row, unit, by=by, at=at)
    _record(round_, rows, unit, by=by, at=at)
    _tell(rows, by=by, at=at)
    return len(rows)


def _land(row: Submission, unit: Organisation, *, by: User, at: datetime) -> None:
    judgement = row.judgement
    assert judgement is not None  # noqa: S101  only what is decided is handed in
    Judgement.objects.filter(pk=judgement.pk).update(handed_in_by=by, handed_in_at=at)
    part, lineage = row.item.version.part_id, row.item.lineage
    result = row.result or Result(part_id=part, lineage=lineage, updated_at=at)
    others = [one for one in result.judged or () if one is not row.entry]
    result.judged = [*others, entry_of(row.decision, judgement, unit, on=timezone.localdate(at))]
    if result.verdict == Result.Verdict.SET:
        result.verdict, result.assessor_score, result.assessor_reason = Result.Verdict.NONE, None, ""
    result.save()


def entry_of(decision: Decision, judgement: Judgement, unit: Organisation, *, on: date) -> dict[str, Any]:
    """Return a judgement as it stands in a result (`judged` of a results file)."""
    who = {"by": unit.name, "on": on.isoformat()}
    if decision.is_score:
        assert judgement.score is not None  # noqa: S101  only what is decided is handed in
        return who | {"score": scoring.canonical(scoring.exact(judgement.score))}
    done = [code for code in decision.codes if judgement.steps.get(code)]
    return who | {"steps": list(decision.codes), "done": done}


def _record(round_: Round, rows: list[Submission], unit: Organisation, *, by: User, at: datetime) -> None:
    first = rows[0]
    details = {
        "round": str(round_),
        "indicator": first.item.code,
        "unit": unit.name,
        "until": judges.until(first.item.definition, round_, judges.holidays_by_round([round_])[round_.pk]),
        "judgements": {
            str(int(row.agreement.pk)): {
                "steps": row.judgement.steps,
                "score": row.judgement.score,
                "remark": row.judgement.remark,
            }
            for row in rows
            if row.judgement is not None
        },
    }
    batch = list({row.agreement.pk: row.agreement for row in rows}.values())
    log.record("judged.handed_in", office=log.office_of(unit), by=by, at=at, details=details, batch=batch)


def _tell(rows: list[Submission], *, by: User, at: datetime) -> None:
    """Tell each assessor that the judgement is there."""
    versions = {row.item.version_id: row for row in rows}
    assessors = Party.objects.filter(version__in=versions, capacity=Capacity.ASSESSOR).exclude(user=by)
    wanted = []
    for party in assessors:
        row = versions[party.version_id]
        wanted.append(
            Wanted(
                user=party.user_id,
                kind=Notice.Kind.NEWS,
                act="judged",
                round=row.agreement.round_id,
                agreement=row.agreement.pk,
                link=page_of(actions.ASSESS.code, row.agreement.pk),
                key=f"judged:{row.agreement.pk}:{row.item.pk}:{at.timestamp():.6f}:{party.user_id}",
            )
        )
    notices.keep(wanted, at=at)
