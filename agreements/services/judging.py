"""A unit above judges one indicator for everyone who agreed it: drafts, and handing them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import scoring
from agreements import actions, thai
from agreements.explain import explain_fault
from agreements.models import (
    Agreement,
    Capacity,
    Indicator,
    Item,
    Judgement,
    Notice,
    Organisation,
    Party,
    Result,
    Round,
    User,
)
from agreements.services import judges, log, notices
from agreements.services.judged_results import JudgedResult, judged_results
from agreements.services.judges import Decision
from agreements.services.notice_rules import Wanted, page_of


class JudgingRefused(Exception):
    """It cannot be judged so."""


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
    rows = {one.item.pk: one for one in judged_results(round_, indicator, unit, reader=by)}
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


def _check(row: JudgedResult, verdict: Verdict) -> None:
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
    rows = [one for one in judged_results(round_, indicator, unit, reader=by) if one.is_open]
    list(Agreement.objects.select_for_update().filter(pk__in=[one.agreement.pk for one in rows]).order_by("pk"))
    rows = [
        one
        for one in judged_results(round_, indicator, unit, reader=by)
        if one.is_open and one.is_decided and not one.is_handed_in
    ]
    if not rows:
        raise JudgingRefused(_("There is nothing to hand in: decide at least one that was not handed in yet."))
    for row in rows:
        _land(row, unit, by=by, at=at)
    _record(round_, rows, unit, by=by, at=at)
    _tell(rows, by=by, at=at)
    return len(rows)


def _land(row: JudgedResult, unit: Organisation, *, by: User, at: datetime) -> None:
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


def _record(round_: Round, rows: list[JudgedResult], unit: Organisation, *, by: User, at: datetime) -> None:
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


def _tell(rows: list[JudgedResult], *, by: User, at: datetime) -> None:
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
