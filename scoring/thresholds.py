"""Thresholds: a value for each level, linear in between (scoring-rules G2–G4; S1 memo item 3)."""

from dataclasses import dataclass, field
from fractions import Fraction

from scoring.faults import Faults
from scoring.numbers import canonical, display, operand, plain
from scoring.scale import BelowLevelOne, Between, Scale
from scoring.trace import Rating, step

SCORE_PLACES = 4

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
    # Seen through the sign, falling thresholds rise, so that "reached" means one thing.
    sign = 1 if levels[-1][1] >= levels[0][1] else -1
    reached = [point for point in levels if sign * value >= sign * point[1]]
    if not reached:
        return _below(levels, value, below_level_1=below_level_1, scale=scale)
    if len(reached) == len(levels):
        return _flat("top_reached", Fraction(reached[-1][0]), value, reached[-1])
    if between == "step":
        return _flat("step_reached", Fraction(reached[-1][0]), value, reached[-1])
    return _between(reached[-1], levels[len(reached)], value)


def _between(lower: Point, upper: Point, value: Fraction) -> Rating:
    score = lower[0] + (value - lower[1]) / (upper[1] - lower[1]) * (upper[0] - lower[0])
    taken = step(
        "interpolation",
        value=operand(value),
        lower_level=str(lower[0]),
        lower=operand(lower[1]),
        upper_level=str(upper[0]),
        upper=operand(upper[1]),
        span=str(upper[0] - lower[0]),
        score=display(score, SCORE_PLACES),
    )
    return Rating(score=score, steps=(taken,))


def _below(levels: tuple[Point, ...], value: Fraction, *, below_level_1: BelowLevelOne, scale: Scale) -> Rating:
    lowest = levels[0]
    if len(levels) == 1:
        return _flat("below_only_level", Fraction(0), value, lowest)
    if below_level_1 == "zero":
        return _flat("below_zero", Fraction(0), value, lowest)
    if below_level_1 == "level_0":
        return _flat("below_level_0", Fraction(0), value, lowest)
    if below_level_1 == "from_origin":
        return _flat("below_from_origin", max(lowest[0] * value / lowest[1], Fraction(0)), value, lowest)
    return _flat("below_one", Fraction(scale.lowest), value, lowest)


def _flat(rule: str, score: Fraction, value: Fraction, point: Point) -> Rating:
    level, threshold = point
    shown = {"value": plain(value), "threshold": plain(threshold), "score": display(score, SCORE_PLACES)}
    if rule != "below_level_0":
        shown["level"] = str(level)
    return Rating(score=score, steps=(step(rule, **shown),))
