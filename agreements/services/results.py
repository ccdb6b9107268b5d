"""Entering, reporting and assessing what came of an agreement, and the scores that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import scoring
from agreements import actions
from agreements.explain import explain_fault
from agreements.models import Capacity, Evidence, Item, Result, Round, User, Version
from agreements.models.results import inputs_that_count
from agreements.predicates import may_enter
from agreements.services import deadlines, working_days
from agreements.services.states import locked, move
from scoring import AgreementScore, Indicator, IndicatorScore

Side = Literal["self", "assessor"]


class ResultRefused(Exception):
    """What was entered cannot be a result; `messages` says what is wrong and what is allowed."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = list(messages)


# --- Scores ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Book:
    """A version's items and results read once, so that every page and form scores from the same values."""

    version: Version
    items: tuple[Item, ...]
    results: Mapping[str, Result]
    holidays: frozenset[date]
    # The evidence of the results, where many books were read together; else it is asked for when it is needed.
    evidence: Sequence[Evidence] | None = None

    @property
    def leaves(self) -> tuple[Item, ...]:
        """The items that are measured themselves, in order."""
        parents = {item.parent_id for item in self.items}
        return tuple(item for item in self.items if item.pk not in parents)

    @property
    def tops(self) -> tuple[Item, ...]:
        """The items that stand on their own in the total, in order."""
        return tuple(item for item in self.items if item.parent_id is None)

    def children(self, item: Item) -> tuple[Item, ...]:
        """Return the sub-indicators of `item`, in order."""
        return tuple(one for one in self.items if one.parent_id == item.pk)

    def result(self, item: Item) -> Result | None:
        """Return what is kept for `item`, if anything."""
        return self.results.get(item.code)

    def document(self, item: Item) -> dict[str, Any]:
        """Return `item` with its children as one indicator of framework-format.md."""
        children = [self.document(child) for child in self.children(item)]
        return document_of(item.definition, item.code, item.title, item.weight, children)


def document_of(
    definition: Mapping[str, Any], code: str, title: str, weight: Decimal | None, children: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return an item as one indicator of framework-format.md."""
    document = {**definition, "code": code, "title": title}
    if weight is not None:
        document["weight"] = weight
    return document | ({"children": children} if children else {})


def open_book(version: Version) -> Book:
    """Read what `version` is scored from: items, results and the holidays of its office."""
    items = tuple(version.items.select_related("indicator__framework").order_by("order", "pk"))
    kept = {
        result.lineage: result
        for result in Result.objects.filter(part=version.part_id, checkpoint=Result.Checkpoint.FINAL)
    }
    results = {item.code: kept[item.lineage] for item in items if item.lineage in kept}
    return fitting(Book(version, items, results, working_days.holidays_of(version.part.agreement.organisation)))


def fitting(book: Book) -> Book:
    """Return `book` as it counts: what was entered for earlier criteria than the amended ones may not fit these."""
    if not _is_amended(book.version):
        return book
    # That counts as not reported.
    lacking = {item.code for item in _unfitting(book)}
    return replace(book, results={code: result for code, result in book.results.items() if code not in lacking})


def _is_amended(version: Version) -> bool:
    return version.amends_id is not None or (version.agreed_in is not None and version.agreed_in.amends_id is not None)


def _unfitting(book: Book) -> list[Item]:
    """Return the items whose results were entered for other criteria than they have now."""
    indicators = {one.code: one for top in book.tops for one in read_top(book, top).flatten()}
    return [
        item
        for item in book.leaves
        if (kept := book.results.get(item.code)) and not _fits(kept, indicators[item.code], book)
    ]


def _fits(kept: Result, indicator: Indicator, book: Book) -> bool:
    try:
        for inputs in (kept.inputs, kept.inputs_assessed):
            result = scoring.read_result(inputs, indicator, place=indicator.code)
            scoring.score_indicator(indicator, {indicator.code: result}, holidays=book.holidays)
    except scoring.Refused:
        return False
    return True


def misfits(version: Version) -> list[Item]:
    """Return the items of an amended version whose results were entered for earlier criteria and do not fit."""
    kept = Result.objects.filter(part=version.part_id, checkpoint=Result.Checkpoint.FINAL).exclude(inputs={})
    lineages = set(kept.values_list("lineage", flat=True))
    book = open_book(version)
    return [item for item in book.leaves if item.lineage in lineages and not book.result(item)]


def read_item(book: Book, item: Item) -> Indicator:
    """Return `item` as the rules see it, with what its framework and the indicators above it decide for it."""
    top = item
    while top.parent_id is not None:
        top = next(one for one in book.items if one.pk == top.parent_id)
    return next(one for one in read_top(book, top).flatten() if one.code == item.code)


def read_top(book: Book, top: Item) -> Indicator:
    """Return an item that stands on its own in the total, with those below it, as the rules see it."""
    return scoring.read_indicator(book.document(top), place=top.code, defaults=_defaults_of(top))


def _defaults_of(item: Item) -> scoring.Defaults:
    # An indicator of the assessee's own belongs to no framework.
    return scoring.read_defaults(item.indicator.framework.header if item.indicator is not None else {})


def scores_of(book: Book, side: Side, *, read: Callable[[Book, Item], Indicator] | None = None) -> AgreementScore:
    """Return the scores of an agreement as its assessee, or its assessor, has them.

    `read` gives what `read_top` gives, where many agreements are scored and what is worded alike is read once.
    """
    indicators = [(read or read_top)(book, item) for item in book.tops]
    by_code = {one.code: one for top in indicators for one in top.flatten() if not one.is_composite}
    results: dict[str, scoring.Result] = {}
    overrides: dict[str, scoring.SetScore] = {}
    for code, kept in book.results.items():
        if code in by_code:
            results[code] = scoring.read_result(inputs_for(side, kept), by_code[code], place=code)
        if (own := set_score_for(side, kept)) is not None:
            overrides[code] = own
    agreement = book.version.part.agreement
    return scoring.score_agreement(
        indicators,
        results,
        holidays=book.holidays,
        overrides=overrides,
        scale=indicators[0].scale if indicators else None,
        competencies=_competencies(book.version) if side == "assessor" else None,
        weights=component_weights(book.version),
        grades=grades_of(agreement.round),
    )


class Kept(Protocol):
    """What is kept of a result: a `Result`, or a row of one that was read without making one."""

    @property
    def inputs(self) -> dict[str, Any]: ...
    @property
    def verdict(self) -> str: ...
    @property
    def assessor_inputs(self) -> dict[str, Any] | None: ...
    @property
    def assessor_score(self) -> Decimal | None: ...
    @property
    def assessor_reason(self) -> str: ...
    @property
    def judged(self) -> list[dict[str, Any]] | None: ...


def inputs_for(side: Side, kept: Kept) -> dict[str, Any]:
    """Return the inputs that count for `side`."""
    if side == "self":
        return dict(kept.inputs)
    return inputs_that_count(kept.verdict, kept.inputs, kept.assessor_inputs, kept.judged)


def set_score_for(side: Side, kept: Kept) -> scoring.SetScore | None:
    """Return the score that the assessor set in place of the calculated one, where that counts for `side`."""
    if side == "self" or kept.verdict != Result.Verdict.SET or kept.assessor_score is None:
        return None
    return scoring.SetScore(score=scoring.exact(kept.assessor_score), reason=kept.assessor_reason)


def weights_of(version: Version) -> tuple[Decimal, Decimal]:
    """Return what achievement and competency weigh for the assessee's group of personnel, as it was then.

    An organisation has no competencies.
    """
    if version.part.agreement.is_of_organisation:
        return Decimal(100), Decimal(0)
    groups = (party.personnel_group for party in version.parties.all() if party.capacity == Capacity.ASSESSEE)
    return version.part.agreement.round.weights_for(next(groups, ""))


def component_weights(version: Version) -> scoring.ComponentWeights:
    """Return what achievement and competency weigh in `version`."""
    achievement, competency = weights_of(version)
    return scoring.ComponentWeights(achievement=scoring.exact(achievement), competency=scoring.exact(competency))


def grades_of(round_: Round) -> scoring.Grades | None:
    """Return the grades of `round_`; none where it has the usual ones."""
    if not round_.grades:
        return None
    return scoring.Grades(
        grades=tuple(
            scoring.Grade(from_=scoring.exact(grade["from"]), label=grade["label"], colour=grade.get("colour", ""))
            for grade in round_.grades
        ),
        on=scoring.exact(round_.grades_on),
    )


def figures_of(scores: AgreementScore) -> dict[str, Any]:
    """Return every figure of `scores` as the string that pages, forms and snapshots display."""
    return scores.as_document() | scores.displayed()


def _competencies(version: Version) -> list[scoring.Competency] | None:
    rows = version.competencies_in_order()
    observed = [
        scoring.Competency(name=row.name, expected=row.expected, observed=row.observed)
        for row in rows
        if row.observed is not None
    ]
    return observed if rows and len(observed) == len(rows) else None


def try_inputs(book: Book, item: Item, inputs: Mapping[str, Any]) -> IndicatorScore:
    """Return the score that `inputs` would give `item`, without keeping them.

    :raises ResultRefused: if the inputs are not a result of this indicator.
    """
    indicator = read_item(book, item)
    try:
        result = scoring.read_result(inputs, indicator, place=item.code)
        return scoring.score_indicator(indicator, {item.code: result}, holidays=book.holidays)
    except scoring.Refused as refusal:
        raise ResultRefused(_in_words(refusal)) from refusal


def _in_words(refusal: scoring.Refused) -> list[str]:
    # The page is about one item; a place in its document would say nothing to people.
    return [explain_fault(replace(fault, place="")) for fault in refusal.faults]


# --- Entering and reporting ------------------------------------------------------------------------------------------
@transaction.atomic
def enter(version: Version, item: Item, inputs: Mapping[str, Any], *, note: str, by: User, at: datetime) -> Result:
    """Keep what the assessee enters for `item`; a draft until reported.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if it is no longer open for entering.
    :raises ResultRefused: if the inputs are not a result of this indicator.
    """
    version = locked(version)
    demand_entry(version, item, by=by)
    _check(version, item, inputs, at=at)
    before = Result.objects.filter(part=version.part, lineage=item.lineage, checkpoint=Result.Checkpoint.FINAL).first()
    result, _created = Result.objects.update_or_create(
        part=version.part,
        lineage=item.lineage,
        checkpoint=Result.Checkpoint.FINAL,
        # What the assessor made of earlier inputs says nothing about new ones.
        defaults={
            "inputs": dict(inputs),
            "copied_from": _still_copied(before, inputs),
            "note": note,
            "updated_at": at,
            "verdict": Result.Verdict.NONE,
            "assessor_inputs": None,
            "assessor_score": None,
            "assessor_reason": "",
            **UNCONFIRMED,
        },
    )
    return result


# What is entered or attached later is to be confirmed anew by whoever looks after the indicator.
UNCONFIRMED: Mapping[str, None] = {"confirmed_by": None, "confirmed_at": None}


def unconfirm(result: Result) -> None:
    """Forget that `result` was confirmed: something about it changed; part of entering and attaching."""
    if result.confirmed_at is not None:
        result.confirmed_by, result.confirmed_at = None, None
        result.save(update_fields=list(UNCONFIRMED))


def demand_entry(version: Version, item: Item | None, *, by: User) -> None:
    """Refuse unless `by` enters results of `item` now: the assessee of all, a collector of their own indicators.

    :raises NotAllowed: if `by` does not enter results of it.
    :raises NotNow: if results are not entered now.
    """
    if item is None or not may_enter(by, version, item.lineage):
        raise actions.NotAllowed(_("This is not yours to do."))
    actions.demand(actions.ENTER, version, by)


def _still_copied(before: Result | None, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was copied from report forms, without the variables that were typed over."""
    values = inputs.get("variables") or {}
    copied = before.copied_from if before else {}
    return {name: told for name, told in copied.items() if values.get(name) == told["value"]}


def result_for(version: Version, item: Item, *, at: datetime) -> Result:
    """Return the result row of `item`, made empty where nothing was kept yet."""
    return Result.objects.get_or_create(
        part=version.part,
        lineage=item.lineage,
        checkpoint=Result.Checkpoint.FINAL,
        defaults={"updated_at": at},
    )[0]


def _check(version: Version, item: Item, inputs: Mapping[str, Any], *, at: datetime) -> None:
    try_inputs(open_book(version), item, inputs)
    sent = inputs.get("submitted_on")
    if sent is None:
        return
    day = date.fromisoformat(str(sent))
    if day > timezone.localdate(at):
        raise ResultRefused([_("The date sent lies after today.")])
    if day < version.part.agreement.round.starts_on:
        raise ResultRefused([_("The date sent lies before the round.")])


@transaction.atomic
def report(version: Version, *, by: User, at: datetime) -> None:
    """Hand the results in to the assessor.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if the agreement is in another state.
    :raises DeadlinePassed: if it comes too late, and the round takes nothing late.
    """
    version = locked(version)
    actions.demand(actions.REPORT, version, by)
    deadlines.demand(version, actions.REPORT, at=at)
    book = open_book(version)
    _keep_outcomes(version, book, scores_of(book, "self"), "self_outcome", at=at)
    move(version, actions.REPORT, by=by, at=at)


def keep_assessed(version: Version, *, at: datetime) -> None:
    """Write the assessed outcome beside each result; part of signing the assessment."""
    book = open_book(version)
    _keep_outcomes(version, book, scores_of(book, "assessor"), "outcome", at=at)


def _keep_outcomes(version: Version, book: Book, scores: AgreementScore, field: str, *, at: datetime) -> None:
    leaves = {item.code: item for item in book.leaves}
    rows = []
    for score in scores.flatten():
        if score.code in leaves:
            row = book.results.get(score.code) or result_for(version, leaves[score.code], at=at)
            setattr(row, field, outcome_of(score))
            rows.append(row)
    Result.objects.bulk_update(rows, [field])


def outcome_of(score: IndicatorScore) -> dict[str, Any]:
    """Return what is kept of `score` beside its result, for lists and dashboards."""
    return {
        "status": score.status,
        "value": None if score.value is None else scoring.to_4(score.value),
        "score": None if score.score is None else scoring.to_4(score.score),
        "rules": [step.rule for step in score.steps],
    }


# --- Assessing -------------------------------------------------------------------------------------------------------
@transaction.atomic
def accept(version: Version, item: Item, *, by: User, at: datetime) -> Result:
    """Take `item`'s result as reported."""
    return _judge(version, item, by=by, at=at, verdict=Result.Verdict.ACCEPTED)


@transaction.atomic
def correct(version: Version, item: Item, inputs: Mapping[str, Any], *, reason: str, by: User, at: datetime) -> Result:
    """Replace `item`'s inputs by the assessor's, to be scored by the rules.

    :raises ResultRefused: without a reason, or if the inputs are not a result of this indicator.
    """
    version = locked(version)
    _check(version, item, inputs, at=at)
    _demand_reason(reason)
    return _judge(
        version,
        item,
        by=by,
        at=at,
        verdict=Result.Verdict.CORRECTED,
        assessor_inputs=dict(inputs),
        assessor_reason=reason.strip(),
    )


@transaction.atomic
def set_score(version: Version, item: Item, score: Decimal, *, reason: str, by: User, at: datetime) -> Result:
    """Give `item` a score of the assessor's own: 0–5 with at most two places, for a rubric a described level.

    :raises ResultRefused: without a reason, or if the score is not allowed.
    """
    _demand_reason(reason)
    book = open_book(version)
    kept = book.result(item)
    _demand_unjudged(kept)
    indicator = read_item(book, item)
    try:
        scoring.score_indicator(
            indicator,
            {item.code: scoring.read_result(kept.inputs if kept else {}, indicator, place=item.code)},
            holidays=book.holidays,
            overrides={item.code: scoring.read_set_score(score, indicator, reason=reason.strip(), place=item.code)},
        )
    except scoring.Refused as refusal:
        raise ResultRefused(_in_words(refusal)) from refusal
    return _judge(
        version,
        item,
        by=by,
        at=at,
        verdict=Result.Verdict.SET,
        assessor_score=score,
        assessor_reason=reason.strip(),
    )


def _demand_unjudged(kept: Result | None) -> None:
    units = ", ".join(str(one["by"]) for one in (kept.judged if kept else None) or ())
    if units:
        told = _("This indicator was judged by %(units)s. The judgement stands; correct what it does not decide.")
        raise ResultRefused([told % {"units": units}])


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise ResultRefused([_("Give the reason for the different score.")])


def _judge(version: Version, item: Item, *, by: User, at: datetime, verdict: str, **fields: Any) -> Result:
    version = locked(version)
    actions.demand(actions.EVALUATE, version, by)
    blank = {"assessor_inputs": None, "assessor_score": None, "assessor_reason": ""}
    result = result_for(version, item, at=at)
    for name, value in (blank | fields | {"verdict": verdict, "updated_at": at}).items():
        setattr(result, name, value)
    result.save()
    return result


@transaction.atomic
def observe(version: Version, observed: Mapping[int, int | None], *, by: User) -> None:
    """Write the competency levels (0–5) that the assessor found, keyed by order."""
    version = locked(version)
    actions.demand(actions.EVALUATE, version, by)
    rows = list(version.competencies.all())
    for row in rows:
        row.observed = observed.get(row.order, row.observed)
    version.competencies.model.objects.bulk_update(rows, ["observed"])


@transaction.atomic
def explain_full_score(version: Version, reason: str, *, by: User) -> None:
    """Keep why an agreement was given the full 100."""
    version = locked(version)
    actions.demand(actions.EVALUATE, version, by)
    version.full_score_reason = reason.strip()
    version.save(update_fields=["full_score_reason"])
