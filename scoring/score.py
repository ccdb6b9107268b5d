"""Scores one indicator: measured value, class, base score, deductions, lateness, weight (scoring-rules, The trace)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from scoring.bands import Bands
from scoring.classed import Classed
from scoring.criteria import Open
from scoring.faults import Refused, fault
from scoring.indicator import Indicator
from scoring.measures import VALUE_PLACES, measured
from scoring.milestones import Milestones
from scoring.numbers import display, operand, plain
from scoring.read_result import base_of
from scoring.results import NOT_REPORTED, Result, SetScore
from scoring.rubric import Rubric
from scoring.thresholds import SCORE_PLACES, Thresholds
from scoring.trace import Rating, Step, step

Status = Literal["scored", "not_reported", "cancelled", "unscored"]

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
        return self.status in ("scored", "not_reported")

    @property
    def weighted(self) -> Fraction | None:
        """Return w·s/100 (scoring-rules G7), None where there is no score or no weight."""
        if self.score is None or self.weight_in_force is None:
            return None
        return self.weight_in_force * self.score / 100

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
            "value": _displayed(self.value, VALUE_PLACES),
            "score": _displayed(self.score, SCORE_PLACES),
            "weight": None if weight is None else plain(weight),
            "weighted": _displayed(self.weighted, SCORE_PLACES),
            "trace": [taken.as_document() for taken in self.steps],
        }


def _displayed(number: Fraction | None, places: int) -> str | None:
    return None if number is None else display(number, places)


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
    return _score(indicator, reports, Above())


def _score(indicator: Indicator, reports: Reports, above: Above) -> IndicatorScore:
    if indicator.is_composite:
        return _composite(indicator, reports, above)
    result = reports.results.get(indicator.code, NOT_REPORTED)
    if result.submitted_on is None:
        result = replace(result, submitted_on=above.submitted_on)
    found = _leaf(indicator, result, reports, above)
    return _with_weight(found)


def _leaf(indicator: Indicator, result: Result, reports: Reports, above: Above) -> IndicatorScore:
    if not indicator.counts:
        return _unscored(indicator, result, reports.holidays)
    if above.cancelled:
        return _without_score(indicator, "cancelled", step("cancelled_with_parent"))
    override = reports.overrides.get(indicator.code)
    if override is not None:
        return _set(indicator, result, override, reports.holidays)
    return _calculated(indicator, result, reports.holidays)


def _without_score(indicator: Indicator, status: Status, *steps: Step) -> IndicatorScore:
    return IndicatorScore(code=indicator.code, status=status, weight=indicator.weight, steps=steps)


def _calculated(indicator: Indicator, result: Result, holidays: frozenset[date]) -> IndicatorScore:
    reason = _cancellation(indicator, result)
    if reason is not None:
        return _without_score(indicator, "cancelled", reason)
    if not result.is_reported:
        found = _without_score(indicator, "not_reported", step("not_reported", score=display(ZERO, SCORE_PLACES)))
        return replace(found, score=ZERO)
    value, rating = _rated(indicator, result)
    rating = _after_lateness(indicator, result, rating, holidays)
    found = _without_score(indicator, "scored", *rating.steps)
    return replace(found, value=value, score=rating.score)


def _cancellation(indicator: Indicator, result: Result) -> Step | None:
    if result.cancelled is not None:
        return step("cancelled", reason=result.cancelled)
    if isinstance(indicator.criteria, Classed) and base_of(result, indicator) == 0:
        return step("base_zero", base="0")
    return None


def _rated(indicator: Indicator, result: Result) -> tuple[Fraction | None, Rating]:
    criteria = indicator.criteria
    if isinstance(criteria, Rubric):
        return None, criteria.rate(result.level or 0)
    if isinstance(criteria, Milestones):
        return None, criteria.rate(result.done or frozenset(), dict(result.faults))
    taken = measured(indicator.measure, result)
    if taken is None or criteria is None or isinstance(criteria, Open):
        raise Refused((fault("nothing_reported", indicator.code, allowed=indicator.measure.input),))
    rating = _rated_by_value(criteria, taken.value, base_of(result, indicator))
    return taken.value, Rating(score=rating.score, steps=(*taken.steps, *rating.steps))


def _rated_by_value(criteria: Thresholds | Bands | Classed, value: Fraction, base: Fraction | None) -> Rating:
    if not isinstance(criteria, Classed):
        return criteria.rate(value)
    if base is None:
        raise Refused((fault("missing", "base"),))
    rating = criteria.rate(value, base)
    return Rating(score=rating.score, steps=(criteria.choose(base), *rating.steps))


def _after_lateness(indicator: Indicator, result: Result, rating: Rating, holidays: frozenset[date]) -> Rating:
    if indicator.lateness is None:
        return rating
    left = indicator.lateness.apply(rating.score, result.submitted_on, late_items=result.late_items, holidays=holidays)
    return Rating(score=left.score, steps=(*rating.steps, *left.steps))


def _set(indicator: Indicator, result: Result, override: SetScore, holidays: frozenset[date]) -> IndicatorScore:
    """Return the assessor's score with the calculated one beside it (scoring-rules, The assessor's score)."""
    calculated = _calculated(indicator, result, holidays)
    shown = display(override.score, SCORE_PLACES)
    if calculated.score is None:
        taken = step("set_by_assessor_alone", score=shown)
    else:
        taken = step("set_by_assessor", calculated=display(calculated.score, SCORE_PLACES), score=shown)
    return replace(calculated, status="scored", score=override.score, steps=(*calculated.steps, taken))


def _unscored(indicator: Indicator, result: Result, holidays: frozenset[date]) -> IndicatorScore:
    """Return what was reported of a pilot or of open criteria, without weight (scoring-rules G10)."""
    if isinstance(indicator.criteria, Open):
        taken = measured(indicator.measure, result)
        steps = (*(taken.steps if taken is not None else ()), step("open_criteria"))
        found = _without_score(indicator, "unscored", *steps)
        return replace(found, value=taken.value if taken is not None else None)
    calculated = _calculated(indicator, result, holidays)
    found = replace(calculated, status="unscored", steps=(*calculated.steps, step("pilot")))
    return found if calculated.status == "scored" else replace(found, score=None)


def _with_weight(found: IndicatorScore) -> IndicatorScore:
    """Return `found` with what it weighs and the step that says so."""
    if not found.in_force:
        return found
    if found.weight is None:
        return replace(found, steps=(*found.steps, step("weightless")))
    return _weighed(found, found.weight)


def _weighed(found: IndicatorScore, weight: Fraction) -> IndicatorScore:
    found = replace(found, weight_in_force=weight)
    taken = step(
        "weighted",
        weight=plain(weight),
        score=plain(found.score or ZERO),
        weighted=display(found.weighted or ZERO, SCORE_PLACES),
    )
    return replace(found, steps=(*found.steps, taken))


def _composite(indicator: Indicator, reports: Reports, above: Above) -> IndicatorScore:
    if indicator.code in reports.overrides:
        raise Refused((fault("score_not_settable", indicator.code),))
    result = reports.results.get(indicator.code, NOT_REPORTED)
    cancelled = above.cancelled or result.cancelled is not None
    passed_on = Above(cancelled=cancelled, submitted_on=result.submitted_on or above.submitted_on)
    children = tuple(_score(child, reports, passed_on) for child in indicator.children)
    if cancelled:
        own = step("cancelled", reason=result.cancelled) if result.cancelled else step("cancelled_with_parent")
        return replace(_without_score(indicator, "cancelled", own), children=children)
    return replace(_from_children(indicator, children), children=children)


def _from_children(indicator: Indicator, children: tuple[IndicatorScore, ...]) -> IndicatorScore:
    counting = [child for child in children if child.in_force]
    if not counting:
        if any(child.status == "cancelled" for child in children):
            return _without_score(indicator, "cancelled", step("none_in_force"))
        return _without_score(indicator, "unscored", step("none_scored"))
    left_out = [child.code for child in children if not child.in_force]
    steps = (step("left_out", codes=", ".join(left_out)),) if left_out else ()
    weight = _weight_of(counting)
    if weight is None:
        averaged = _averaged(counting)
        found = _without_score(indicator, "scored", *steps, *averaged.steps, step("weightless"))
        return replace(found, score=averaged.score)
    return _weighted_mean(indicator, counting, weight, steps)


def _weight_of(counting: list[IndicatorScore]) -> Fraction | None:
    weights = [child.weight_in_force for child in counting if child.weight_in_force is not None]
    total = sum(weights, ZERO)
    return total if total > 0 else None


def _averaged(counting: list[IndicatorScore]) -> Rating:
    # Where the source prints no weights, none of the children counts more than another.
    score = sum((child.score or ZERO for child in counting), ZERO) / len(counting)
    terms = " + ".join(operand(child.score or ZERO) for child in counting)
    shown = display(score, SCORE_PLACES)
    return Rating(score=score, steps=(step("composite_equal", terms=terms, count=str(len(counting)), score=shown),))


def _weighted_mean(
    indicator: Indicator, counting: list[IndicatorScore], weight: Fraction, steps: tuple[Step, ...]
) -> IndicatorScore:
    score = weighted_sum(counting) / weight
    shown = display(score, SCORE_PLACES)
    steps = (*steps, step("composite", terms=weighted_terms(counting), weight=plain(weight), score=shown))
    if indicator.weight is not None and indicator.weight != weight:
        steps = (*steps, step("weight_in_force", in_force=plain(weight), weight=plain(indicator.weight)))
    found = replace(_without_score(indicator, "scored", *steps), score=score)
    return _weighed(found, weight)


def weighted_sum(scores: list[IndicatorScore]) -> Fraction:
    """Return Σ(w·s) of `scores` in force."""
    return sum(((one.weight_in_force or ZERO) * (one.score or ZERO) for one in scores), ZERO)


def weighted_terms(scores: list[IndicatorScore]) -> str:
    """Return Σ(w·s) written out: `5 × 4 + 5 × 4.5`."""
    return " + ".join(f"{plain(one.weight_in_force or ZERO)} × {plain(one.score or ZERO)}" for one in scores)
