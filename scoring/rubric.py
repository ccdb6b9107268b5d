"""Rubrics: a person picks one of the described levels, or 0 (S1-3; S3-8, 12–16, 21, 22, 23)."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from scoring.faults import Faults
from scoring.scale import Scale
from scoring.trace import Rating, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """The described levels; 0 (nothing shown) is always a choice, nothing else is."""

    levels: tuple[tuple[int, str], ...]
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        """Refuse a rubric without a level of the scale.

        :raises Refused: with everything that is wrong.
        """
        faults = Faults()
        if not any(level for level, _ in self.levels):
            faults.add("no_levels", "levels")
        for level, _ in self.levels:
            if level not in (0, *self.scale.levels):
                faults.add("level_outside_scale", f"levels.{level}", level=level, allowed=self.scale.allowed())
        if any(lower >= upper for (lower, _), (upper, _) in pairwise(self.levels)):
            faults.add("levels_not_rising", "levels")
        faults.raise_any()

    @property
    def choices(self) -> tuple[int, ...]:
        """Return the levels a person may pick, rising from 0."""
        return tuple(sorted({0, *(level for level, _ in self.levels)}))

    def rate(self, level: int) -> Rating:
        """Return the score of the picked `level`, which is the level itself."""
        score = Fraction(level)
        if level == 0:
            return Rating(score, (step("rubric_nothing", score=score),))
        label = dict(self.levels).get(level, "")
        return Rating(score, (step("rubric_level", level=level, label=label, score=score),))
