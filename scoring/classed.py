"""Classed criteria: a base number picks the class, the class has the thresholds (S1-8.1, 8.2)."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from scoring.faults import Faults
from scoring.numbers import canonical
from scoring.scale import BelowLevelOne, Between, Scale
from scoring.thresholds import Point, check_levels, rate_on
from scoring.trace import Rating, Step, step


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOfBase:
    """A class: its code, the base it reaches up to (inclusive; only the last may lack one) and its thresholds."""

    code: str
    up_to: Fraction | None
    levels: tuple[Point, ...]
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classed:
    """Classes of a base number (in `base_unit`, or the formula's variable `base_variable`), each with thresholds."""

    classes: tuple[ClassOfBase, ...]
    base_label: str = ""
    base_unit: str = ""
    base_variable: str = ""
    between: Between = "interpolate"
    below_level_1: BelowLevelOne = "one"
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        """Refuse classes that leave a base in doubt, and thresholds that are none.

        :raises Refused: with everything that is wrong.
        """
        faults = Faults()
        if not self.classes:
            faults.add("no_classes", "classes")
        self._check_bounds(faults)
        self._check_codes(faults)
        for number, one in enumerate(self.classes):
            inner = Faults()
            check_levels(one.levels, scale=self.scale, below_level_1=self.below_level_1, faults=inner)
            for found in inner:
                faults.add(found.code, f"classes[{number}].{found.place}", **found.values())
        faults.raise_any()

    def _check_bounds(self, faults: Faults) -> None:
        for number, one in enumerate(self.classes[:-1]):
            if one.up_to is None:
                faults.add("class_bound_missing", f"classes[{number}].up_to", **{"class": one.code})
        bounds = [Fraction(0), *(one.up_to for one in self.classes if one.up_to is not None)]
        if any(lower >= upper for lower, upper in pairwise(bounds)):
            faults.add("class_bounds_not_rising", "classes", bounds=", ".join(map(canonical, bounds[1:])))

    def _check_codes(self, faults: Faults) -> None:
        codes = [one.code for one in self.classes]
        for number, code in enumerate(codes):
            if code in codes[:number]:
                faults.add("duplicate", f"classes[{number}].code", given=code)

    @property
    def limit(self) -> Fraction | None:
        """Return the largest base that has a class, or None if the last class is open."""
        return self.classes[-1].up_to

    def class_of(self, base: Fraction) -> ClassOfBase:
        """Return the class of `base` (above 0).

        :raises ValueError: if it lies beyond the last class; `read_result` refuses such a base.
        """
        for one in self.classes:
            if one.up_to is None or base <= one.up_to:
                return one
        raise ValueError(f"{base} lies beyond the last class")

    def choose(self, base: Fraction) -> Step:
        """Return the step that names the class of `base`."""
        chosen = self.class_of(base)
        return step("class_chosen", base=base, label=chosen.label or chosen.code, **{"class": chosen.code})

    def rate(self, value: Fraction, base: Fraction) -> Rating:
        """Return the score of `value` on the thresholds of the class of `base`."""
        levels = self.class_of(base).levels
        return rate_on(levels, value, between=self.between, below_level_1=self.below_level_1, scale=self.scale)
