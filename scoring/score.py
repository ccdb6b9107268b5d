"""Scores one indicator: measured value, class, base score, deductions, lateness, weight (scoring-rules, The trace)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Literal, NamedTuple

from scoring.bands import Bands
from scoring.classed import Classed
from scoring.criteria import Open
from scoring.faults import Refused, fault
from scoring.indicator import Indicator
from scoring.judged import Judged, decided_done, score_above
from scoring.measures import measured
from scoring.milestones import Milestones
from scoring.numbers import whole
from scoring.read_result import base_of
from scoring.results import NOT_REPORTED, Result, SetScore
from scoring.rubric import Rubric
from scoring.thresholds import Thresholds
from scoring.trace import Rating, Step, step, to_4

Status = Literal["scored", "not_reported", "cancelled", "unscored"]

#: The statuses that count in a total (scoring-rules G6, G10).
IN_FORCE: tuple[Status, ...] = ("scored", "not_reported")
ZERO = Fraction(0)
NO_HOLIDAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorScore:
    """The score of an indicator with its trace; `score` is None where nothing is scored, `weight` is the printed one.

    `weight_in_force` is what it weighs in a total: None where it weighs nothing, for a composite what its
    children in force weigh. `weighted` is that weight × score ÷ 100.
    """

    code: str
    status: Status
    value: Fraction | None = None
    score: Fraction | None = None
    weight: Fraction | None = None
    weight_in_force: Fraction | None = None
    steps: tuple[Step, ...] = ()
    children: tuple["IndicatorScore", ...] = ()

    @property
    def in_force(self) -> bool:
        """Return whether it counts: neither cancelled nor unscored (scoring-rules G6, G10)."""
        return self.status in IN_FORCE

    @property
    def weighted(self) -> Fraction | None:
        """Return w·s/100 (scoring-rules G7), None where there is no score or no weight."""
        if self.score is None or self.weight_in_force is None:
            return None
        return _weighted(self.weight_in_force, self.score)

    def flatten(self) -> Iterator["IndicatorScore"]:
        """Yield the score and those below it, parents first."""
        yield self
        for child in self.children:
            yield from child.flatten()

    def as_document(self) -> dict[str, object]:
        """Return the score as `score` prints it and as it is stored, without its children; numbers as displayed."""
        weight = self.weight if self.weight_in_force is None else self.weight_in_force
        return {
            "code": self.code,
            "status": self.status,
            "value": _displayed(self.value),
            "score": _displayed(self.score),
            "weight": None if weight is None else whole(weight),
            "weighted": _displayed(self.weighted),
            "trace": [taken.as_document() for taken in self.steps],
        }


def _displayed(number: Fraction | None) -> str | None:
    return None if number is None else to_4(number)


def _weighted(weight: Fraction, score: Fraction) -> Fraction:
    return weight * score / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What an indicator and those below it are scored from."""

    results: Mapping[str, Result]
    holidays: frozenset[date] = NO_HOLIDAYS
    overrides: Mapping[str, SetScore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """What the parents of an indicator were reported with: cancellation and a date reach the children."""

    cancelled: bool = False
    submitted_on: date | None = None


NOTHING_ABOVE = Above()


class Outcome(NamedTuple):
    """What came of one indicator before its weight."""

    status: Status
    steps: tuple[Step, ...]
    score: Fraction | None = None
    value: Fraction | None = None


def score_indicator(
    indicator: Indicator,
    results: Mapping[str, Result],
    *,
    holidays: frozenset[date] = NO_HOLIDAYS,
    overrides: Mapping[str, SetScore] | None = None,
) -> IndicatorScore:
    """Return the score of `indicator` and its children from `results` by code; what is missing was not reported.

    :raises Refused: if there is no base to measure, or a score is set on a composite.
    """
    reports = Reports(results=results, holidays=holidays, overrides=overrides or {})
    return _score(indicator, reports, NOTHING_ABOVE)


def _score(indicator: Indicator, reports: Reports, above: Above) -> IndicatorScore:
    if indicator.is_composite:
        return _composite(indicator, reports, above)
    result = reports.results.get(indicator.code, NOT_REPORTED)
    if result.submitted_on is None and above.submitted_on is not None:
        result = replace(result, submitted_on=above.submitted_on)
    return _weighed(indicator, _leaf(indicator, result, reports, above), indicator.weight)


def _leaf(indicator: Indicator, result: Result, reports: Reports, above: Above) -> Outcome:
    if not indicator.counts:
        return _unscored(indicator, result, reports.holidays)
    if above.cancelled:
        return Outcome("cancelled", (step("cancelled_with_parent"),))
    above_all = score_above(result.judged)
    if above_all is not None and result.cancelled is None:
        return _judged(indicator, result, above_all, reports.holidays)
    override = reports.overrides.get(indicator.code)
    if override is not None:
        return _set(indicator, result, override, reports.holidays)
    return _calculated(indicator, result, reports.holidays)


def _calculated(indicator: Indicator, result: Result, holidays: frozenset[date]) -> Outcome:
    reason = _cancellation(indicator, result)
    if reason is not None:
        return Outcome("cancelled", (reason,))
    if not result.is_reported:
        return Outcome("not_reported", (step("not_reported", score=ZERO),), ZERO)
    value, rating = _rated(indicator, result)
    rating = _after_lateness(indicator, result, rating, holidays)
    return Outcome("scored", rating.steps, rating.score, value)


def _cancellation(indicator: Indicator, result: Result) -> Step | None:
    if result.cancelled is not None:
        return step("cancelled", reason=result.cancelled)
    if isinstance(indicator.criteria, Classed) and base_of(result, indicator) == 0:
        return step("base_zero", base=0)
    return None


def _rated(indicator: Indicator, result: Result) -> tuple[Fraction | None, Rating]:
    criteria = indicator.criteria
    if isinstance(criteria, Rubric):
        return None, criteria.rate(result.level or 0)
    if isinstance(criteria, Milestones):
        rating = criteria.rate(decided_done(result.done or frozenset(), result.judged), dict(result.faults))
        told = tuple(taken for one in result.judged for taken in one.steps_taken())
        return None, Rating(rating.score, told + rating.steps)
    taken = measured(indicator.measure, result)
    if taken is None or criteria is None or isinstance(criteria, Open):
        raise Refused((fault("nothing_reported", indicator.code, allowed=indicator.measure.input),))
    rating = _rated_by_value(criteria, taken.value, result, indicator)
    return taken.value, Rating(rating.score, taken.steps + rating.steps)


def _rated_by_value(
    criteria: Thresholds | Bands | Classed, value: Fraction, result: Result, indicator: Indicator
) -> Rating:
    if not isinstance(criteria, Classed):
        return criteria.rate(value)
    base = base_of(result, indicator)
    if base is None:
        raise Refused((fault("missing", "base"),))
    rating = criteria.rate(value, base)
    return Rating(rating.score, (criteria.choose(base), *rating.steps))


def _after_lateness(indicator: Indicator, result: Result, rating: Rating, holidays: frozenset[date]) -> Rating:
    if indicator.lateness is None:
        return rating
    left = indicator.lateness.apply(rating.score, result.submitted_on, late_items=result.late_items, holidays=holidays)
    return Rating(left.score, rating.steps + left.steps)


def _set(indicator: Indicator, result: Result, override: SetScore, holidays: frozenset[date]) -> Outcome:
    """Return the assessor's score with the calculated one beside it (scoring-rules, The assessor's score)."""
    calculated = _calculated(indicator, result, holidays)
    if calculated.score is None:
        taken = step("set_by_assessor_alone", score=override.score)
    else:
        taken = step("set_by_assessor", calculated=calculated.score, score=override.score)
    return Outcome("scored", (*calculated.steps, taken), override.score, calculated.value)


def _judged(indicator: Indicator, result: Result, judged: Judged, holidays: frozenset[date]) -> Outcome:
    """Return the score that a unit above gives, the calculated one beside it; the assessor's does not replace it."""
    score = ZERO if judged.score is None else judged.score
    calculated = _calculated(indicator, result, holidays)
    if calculated.score is None or calculated.status == "not_reported":
        taken = step("judged_score_alone", unit=judged.by, on=judged.on, score=score)
        return Outcome("scored", (taken,), score, calculated.value)
    taken = step("judged_score", unit=judged.by, on=judged.on, calculated=calculated.score, score=score)
    return Outcome("scored", (*calculated.steps, taken), score, calculated.value)


def _unscored(indicator: Indicator, result: Result, holidays: frozenset[date]) -> Outcome:
    """Return what was reported of a pilot or of open criteria, without weight (scoring-rules G10)."""
    if isinstance(indicator.criteria, Open):
        taken = measured(indicator.measure, result)
        if taken is None:
            return Outcome("unscored", (step("open_criteria"),))
        return Outcome("unscored", (*taken.steps, step("open_criteria")), value=taken.value)
    calculated = _calculated(indicator, result, holidays)
    score = calculated.score if calculated.status == "scored" else None
    return Outcome("unscored", (*calculated.steps, step("pilot")), score, calculated.value)


def _weighed(
    indicator: Indicator, found: Outcome, weight: Fraction | None, children: tuple[IndicatorScore, ...] = ()
) -> IndicatorScore:
    """Return what was found with what it weighs in force, and the step that says so."""
    in_force = found.score if found.status in IN_FORCE else None
    steps = found.steps
    if in_force is None:
        weight = None
    elif weight is None:
        steps = (*steps, step("weightless"))
    else:
        shown = partial(_weighted_shown, weight, in_force)
        steps = (*steps, step("weighted", weight=weight, score=in_force, weighted=shown))
    return IndicatorScore(
        code=indicator.code,
        status=found.status,
        value=found.value,
        score=found.score,
        weight=indicator.weight,
        weight_in_force=weight,
        steps=steps,
        children=children,
    )


def _weighted_shown(weight: Fraction, score: Fraction) -> str:
    return to_4(_weighted(weight, score))


def _composite(indicator: Indicator, reports: Reports, above: Above) -> IndicatorScore:
    if indicator.code in reports.overrides:
        raise Refused((fault("score_not_settable", indicator.code),))
    result = reports.results.get(indicator.code, NOT_REPORTED)
    cancelled = above.cancelled or result.cancelled is not None
    passed_on = Above(cancelled=cancelled, submitted_on=result.submitted_on or above.submitted_on)
    children = tuple(_score(child, reports, passed_on) for child in indicator.children)
    if cancelled:
        own = step("cancelled", reason=result.cancelled) if result.cancelled else step("cancelled_with_parent")
        return _weighed(indicator, Outcome("cancelled", (own,)), None, children)
    counting = [child for child in children if child.in_force]
    if not counting:
        return _weighed(indicator, _nothing_counts(children), None, children)
    weight = _weight_of(counting)
    left_out = [child.code for child in children if not child.in_force]
    steps = (step("left_out", codes=left_out),) if left_out else ()
    found = _averaged(counting) if weight is None else _weighted_mean(indicator, counting, weight)
    return _weighed(indicator, found._replace(steps=steps + found.steps), weight, children)


def _nothing_counts(children: tuple[IndicatorScore, ...]) -> Outcome:
    if any(child.status == "cancelled" for child in children):
        return Outcome("cancelled", (step("none_in_force"),))
    return Outcome("unscored", (step("none_scored"),))


def _weight_of(counting: list[IndicatorScore]) -> Fraction | None:
    weights = [child.weight_in_force for child in counting if child.weight_in_force is not None]
    total = sum(weights, ZERO)
    return total if total > 0 else None


def _averaged(counting: list[IndicatorScore]) -> Outcome:
    # Where the source prints no weights, none of the children counts more than another.
    scores = [child.score or ZERO for child in counting]
    score = sum(scores, ZERO) / len(scores)
    return Outcome("scored", (step("composite_equal", terms=scores, count=len(scores), score=score),), score)


def _weighted_mean(indicator: Indicator, counting: list[IndicatorScore], weight: Fraction) -> Outcome:
    score = weighted_sum(counting) / weight
    steps = [step("composite", terms=weighted_terms(counting), weight=weight, score=score)]
    if indicator.weight is not None and indicator.weight != weight:
        steps.append(step("weight_in_force", in_force=weight, weight=indicator.weight))
    return Outcome("scored", tuple(steps), score)


def weighted_sum(scores: list[IndicatorScore]) -> Fraction:
    """Return Σ(w·s) of `scores` in force."""
    return sum((weight * score for weight, score in weighted_terms(scores)), ZERO)


def weighted_terms(scores: list[IndicatorScore]) -> tuple[tuple[Fraction, Fraction], ...]:
    """Return the weight and score of each of `scores` in force."""
    return tuple((one.weight_in_force or ZERO, one.score or ZERO) for one in scores)
