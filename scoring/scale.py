"""The levels of a framework and what its indicators do unless they say otherwise."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from scoring.faults import Refused, fault

BelowLevelOne = Literal["one", "zero", "level_0", "from_origin"]
Between = Literal["interpolate", "step"]

BELOW_LEVEL_ONE: tuple[BelowLevelOne, ...] = ("one", "zero", "level_0", "from_origin")
BETWEEN: tuple[Between, ...] = ("interpolate", "step")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The levels that criteria may name, rising: 1–5, or e.g. 50, 75, 100 (scoring-rules G11)."""

    levels: tuple[int, ...] = (1, 2, 3, 4, 5)

    def __post_init__(self) -> None:
        """Refuse a scale without two rising levels above 0.

        :raises Refused: if it makes no sense.
        """
        if len(self.levels) < 2:
            raise Refused((fault("scale_too_short"),))
        rising = all(lower < upper for lower, upper in pairwise(self.levels))
        if self.levels[0] <= 0 or not rising:
            raise Refused((fault("scale_not_rising"),))

    @property
    def lowest(self) -> int:
        """Return the level read for "1"."""
        return self.levels[0]

    @property
    def highest(self) -> int:
        """Return the level read for "5"."""
        return self.levels[-1]

    def allowed(self) -> str:
        """Return the levels as text, for a fault."""
        return ", ".join(map(str, self.levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a framework decides for all of its indicators."""

    scale: Scale = field(default_factory=Scale)
    below_level_1: BelowLevelOne = "one"
