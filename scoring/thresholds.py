"""Thresholds: a value for each level, linear in between (scoring-rules G2–G4; S1 memo item 3)."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from scoring.faults import Faults
from scoring.numbers import canonical
from scoring.scale import BelowLevelOne, Between, Scale
from scoring.trace import Rating, step

Point = tuple[int, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The value at which each level is reached; levels may be missing ('-'); falling values mean fewer is better."""

    levels: tuple[Point, ...]
    between: Between = "interpolate"
    below_level_1: BelowLevelOne = "one"
    labels: tuple[tuple[int, str], ...] = ()
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        """Refuse thresholds that order no two values.

        :raises Refused: with everything that is wrong.
        """
        faults = Faults()
        check_levels(self.levels, scale=self.scale, below_level_1=self.below_level_1, faults=faults)
        for level, _ in self.labels:
            if level not in (0, *self.scale.levels):
                faults.add("level_outside_scale", f"labels.{level}", level=level, allowed=self.scale.allowed())
        faults.raise_any()

    def rate(self, value: Fraction) -> Rating:
        """Return the score of `value` (in the unit of the indicator), 0 to the highest level."""
        return rate_on(self.levels, value, between=self.between, below_level_1=self.below_level_1, scale=self.scale)


def check_levels(levels: tuple[Point, ...], *, scale: Scale, below_level_1: BelowLevelOne, faults: Faults) -> None:
    """Note what keeps `levels` from being a rule: too few, not monotonic, or off the scale."""
    for level, _ in levels:
        if level not in (0, *scale.levels):
            faults.add("level_outside_scale", f"levels.{level}", level=level, allowed=scale.allowed())
    if any(lower >= upper for (lower, _), (upper, _) in pairwise(levels)):
        faults.add("levels_not_rising", "levels")
    thresholds = [threshold for _, threshold in levels]
    alone = [level for level, _ in levels] == [scale.highest]
    if len(set(thresholds)) < 2 and not alone:
        faults.add("too_few_levels", "levels")
    elif thresholds not in (sorted(thresholds), sorted(thresholds, reverse=True)):
        faults.add("levels_not_monotonic", "levels", thresholds=", ".join(map(canonical, thresholds)))
    elif not alone:
        _check_policy(levels, below_level_1, faults)


def _check_policy(levels: tuple[Point, ...], below_level_1: BelowLevelOne, faults: Faults) -> None:
    (lowest, first), (_, last) = levels[0], levels[-1]
    if below_level_1 == "level_0" and lowest != 0:
        faults.add("level_0_missing", "levels")
    if below_level_1 != "level_0" and lowest == 0:
        faults.add("level_0_unused", "levels.0", policy=below_level_1)
    if below_level_1 == "from_origin" and (first <= 0 or last < first):
        faults.add("from_origin_needs_rising", "below_level_1")


def rate_on(
    levels: tuple[Point, ...], value: Fraction, *, between: Between, below_level_1: BelowLevelOne, scale: Scale
) -> Rating:
    """Return the score of `value` on `levels`, whichever way they run."""
    reached = _reached(levels, value)
    if reached == 0:
        return _below(levels[0], value, alone=len(levels) == 1, below_level_1=below_level_1, scale=scale)
    if reached == len(levels):
        return _flat("top_reached", Fraction(levels[-1][0]), value, levels[-1])
    if between == "step":
        return _flat("step_reached", Fraction(levels[reached - 1][0]), value, levels[reached - 1])
    return _between(levels[reached - 1], levels[reached], value)


def _reached(levels: tuple[Point, ...], value: Fraction) -> int:
    """Return how many of `levels` the value reaches, from the lowest on."""
    rising = levels[-1][1] >= levels[0][1]
    for number, (_, threshold) in enumerate(levels):
        if value < threshold if rising else value > threshold:
            return number
    return len(levels)


def _between(lower: Point, upper: Point, value: Fraction) -> Rating:
    (lower_level, start), (upper_level, end) = lower, upper
    distance, span = end - start, upper_level - lower_level
    score = lower_level + (value - start) / distance * span
    taken = step(
        "interpolation",
        value=(value, distance, span),
        lower_level=lower_level,
        lower=start,
        upper_level=upper_level,
        upper=end,
        span=span,
        score=score,
    )
    return Rating(score, (taken,))


def _below(lowest: Point, value: Fraction, *, alone: bool, below_level_1: BelowLevelOne, scale: Scale) -> Rating:
    level, threshold = lowest
    if alone:
        return _flat("below_only_level", Fraction(0), value, lowest)
    if below_level_1 == "zero":
        return _flat("below_zero", Fraction(0), value, lowest)
    if below_level_1 == "level_0":
        score = Fraction(0)
        return Rating(score, (step("below_level_0", value=value, threshold=threshold, score=score),))
    if below_level_1 == "from_origin":
        score = max(level * value / threshold, Fraction(0))
        figures = {"value": (value, threshold, level), "level": level, "threshold": threshold, "score": score}
        return Rating(score, (step("below_from_origin", **figures),))
    return _flat("below_one", Fraction(scale.lowest), value, lowest)


def _flat(rule: str, score: Fraction, value: Fraction, point: Point) -> Rating:
    level, threshold = point
    return Rating(score, (step(rule, value=value, level=level, threshold=threshold, score=score),))
