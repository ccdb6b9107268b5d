"""An indicator as it is scored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from scoring.criteria import Criteria, Open
from scoring.faults import Fault, Faults
from scoring.lateness import Lateness
from scoring.measures import Direct, Measure
from scoring.numbers import plain
from scoring.scale import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What decides a score: weight, measure and criteria, or children. Lateness and piloting reach the children."""

    code: str
    title: str = ""
    unit: str = ""
    weight: Fraction | None = None
    scored: bool = True
    measure: Measure = field(default_factory=Direct)
    criteria: Criteria | None = None
    lateness: Lateness | None = None
    # How the value comes from those below; empty where it is measured here (from_below.HOW).
    from_below: str = ""
    children: tuple["Indicator", ...] = ()
    scale: Scale = field(default_factory=Scale)
    warnings: tuple[Fault, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Refuse a negative weight, and criteria beside children.

        :raises Refused: with everything that is wrong.
        """
        faults = Faults()
        if self.weight is not None and self.weight < 0:
            faults.add("negative", "weight", given=plain(self.weight))
        if self.criteria is not None and self.children:
            faults.add("criteria_or_children")
        faults.raise_any()

    @property
    def is_composite(self) -> bool:
        """Return whether the score comes from children."""
        return self.criteria is None

    @property
    def counts(self) -> bool:
        """Return whether it is scored at all: neither a pilot nor with open criteria (scoring-rules G10)."""
        return self.scored and not isinstance(self.criteria, Open)

    def flatten(self) -> Iterator["Indicator"]:
        """Yield the indicator and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.flatten()


def warnings_of(indicator: Indicator) -> tuple[Fault, ...]:
    """Return what looks like a slip in the indicator and its children, without being refused."""
    return indicator.warnings
