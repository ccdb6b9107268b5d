"""Bands: each level reaches up to a bound (S1-1.1, 1.4)."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from scoring.faults import Faults
from scoring.numbers import canonical
from scoring.scale import Scale
from scoring.trace import Rating, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A level, the bound it reaches up to (inclusive; only the highest may lack one) and its label as printed."""

    level: int
    up_to: Fraction | None
    label: str = ""

    def shown(self) -> str:
        """Return the label, or the level where the source prints none."""
        return self.label or str(self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Bands with rising bounds: a value takes the first level whose bound it does not exceed."""

    bands: tuple[Band, ...]
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        """Refuse bands that leave a value in doubt.

        :raises Refused: with everything that is wrong.
        """
        faults = Faults()
        for band in self.bands:
            if band.level not in self.scale.levels:
                place = f"levels.{band.level}"
                faults.add("level_outside_scale", place, level=band.level, allowed=self.scale.allowed())
        if any(lower.level >= upper.level for lower, upper in pairwise(self.bands)):
            faults.add("levels_not_rising", "levels")
        if len(self.bands) < 2:
            faults.add("too_few_levels", "levels")
        for band in self.bands[:-1]:
            if band.up_to is None:
                faults.add("bound_missing", f"levels.{band.level}.up_to", level=band.level)
        bounds = [band.up_to for band in self.bands if band.up_to is not None]
        if any(lower >= upper for lower, upper in pairwise(bounds)):
            faults.add("bounds_not_rising", "levels", bounds=", ".join(map(canonical, bounds)))
        faults.raise_any()

    def rate(self, value: Fraction) -> Rating:
        """Return the level of `value` (in the unit of the indicator): above the last bound, the highest."""
        for band in self.bands:
            if band.up_to is not None and value <= band.up_to:
                return _rated("band", band, value=value, bound=band.up_to)
        return _rated("band_above", self.bands[-1], value=value)


def _rated(rule: str, band: Band, **figures: Fraction) -> Rating:
    score = Fraction(band.level)
    return Rating(score, (step(rule, **figures, label=band.shown(), score=score),))
