"""The curve of value → score that criteria draw, as exact corner points."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from scoring.bands import Bands
from scoring.classed import Classed
from scoring.criteria import Criteria
from scoring.thresholds import Thresholds

#: How far the curve runs beyond the outermost level, as a share of the distance between the outermost levels.
MARGIN = Fraction(1, 5)
#: How close beside a corner the curve is looked at, as a share of the same distance.
BESIDE = Fraction(1, 10**6)
#: A difference of scores across a corner that is a jump rather than a slope.
JUMP = Fraction(1, 1000)

Corner = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Corners (value, score) from the lowest value drawn to the highest; a jump is two corners at one value.

    `levels` are the agreed (level, value) pairs, as they stand in the criteria.
    """

    corners: tuple[Corner, ...]
    levels: tuple[tuple[int, Fraction], ...]

    @property
    def lowest(self) -> Fraction:
        """Return the lowest value drawn."""
        return self.corners[0][0]

    @property
    def highest(self) -> Fraction:
        """Return the highest value drawn."""
        return self.corners[-1][0]


def curve_of(criteria: Criteria, *, base: Fraction | None = None, around: Fraction | None = None) -> Curve | None:
    """Return the curve of `criteria`, wide enough to hold the value `around`.

    None where no measured value is scored (a rubric, milestones, open criteria), or where a class is to be chosen
    and `base` is missing or 0.

    :raises Refused: if `base` has no class.
    """
    levels, rate = _scored(criteria, base)
    if rate is None or not levels:
        return None
    edges = sorted({value for _level, value in levels})
    reach = (edges[-1] - edges[0]) or max(abs(edges[0]), Fraction(1))
    low, high = edges[0] - reach * MARGIN, edges[-1] + reach * MARGIN
    if around is not None:
        low, high = min(low, around), max(high, around)
    inner = sorted({value for value in (*edges, Fraction(0)) if low < value < high})
    corners: list[Corner] = [(low, rate(low))]
    for value in inner:
        corners += _corner(value, rate, reach * BESIDE)
    corners.append((high, rate(high)))
    return Curve(corners=tuple(corners), levels=levels)


def _scored(
    criteria: Criteria, base: Fraction | None
) -> tuple[tuple[tuple[int, Fraction], ...], Callable[[Fraction], Fraction] | None]:
    if isinstance(criteria, Thresholds):
        return criteria.levels, lambda value: criteria.rate(value).score
    if isinstance(criteria, Bands):
        bounds = tuple((band.level, band.up_to) for band in criteria.bands if band.up_to is not None)
        return bounds, lambda value: criteria.rate(value).score
    if isinstance(criteria, Classed) and base:
        chosen = criteria.class_of(base)
        return chosen.levels, lambda value: criteria.rate(value, base).score
    return (), None


def _corner(value: Fraction, rate: Callable[[Fraction], Fraction], beside: Fraction) -> list[Corner]:
    before, there, after = rate(value - beside), rate(value), rate(value + beside)
    corners = [(value, there)]
    if abs(there - before) > JUMP:
        corners.insert(0, (value, before))
    if abs(after - there) > JUMP:
        corners.append((value, after))
    return corners
