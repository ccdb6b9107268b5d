"""How a value is measured: typed, formula, mean or checklists (S3-11; 2.3(27), (28), (34), (45), (47))."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from scoring.faults import Faults, Refused, fault
from scoring.formula import Formula, NoBase
from scoring.numbers import LONGEST, plain, whole
from scoring.results import Occurrence, Result
from scoring.trace import Step, step


class Measured(NamedTuple):
    """A measured value (in the unit of the indicator) and the steps that led to it."""

    value: Fraction
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A named number of a formula."""

    name: str
    label: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A number as counted or read off."""

    kind = "direct"
    input = "value"

    def measure(self, result: Result) -> Measured | None:
        """Return the reported value, None if there is none."""
        value = result.value
        return None if value is None else Measured(value, (step("measured_direct", value=value),))


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFormula:
    """A formula over named variables."""

    formula: Formula
    variables: tuple[Variable, ...]

    kind = "formula"
    input = "variables"

    def measure(self, result: Result) -> Measured | None:
        """Return the outcome of the formula, None if nothing was reported.

        :raises Refused: with `no_base` on a denominator of 0 (scoring-rules G6), or if the outcome is beyond reading.
        """
        if result.variables is None:
            return None
        values = dict(result.variables)
        try:
            value = self.formula.evaluate(values)
        except NoBase:
            raise Refused((fault("no_base", "variables", expression=self.formula.filled(values)),)) from None
        if abs(value) >= 10**LONGEST:
            raise Refused((fault("number_too_long", "variables", limit=LONGEST),))
        filled = partial(self.formula.filled, values)
        taken = step("measured_formula", expression=self.formula.expression, filled=filled, value=value)
        return Measured(value, (taken,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of occurrences: total ÷ times, days or services (2.3(27), (28))."""

    kind = "mean"
    input = "values"

    def measure(self, result: Result) -> Measured | None:
        """Return the mean of the reported values, None if nothing was reported.

        :raises Refused: with `no_occurrence` if the list is empty.
        """
        return None if result.values is None else _mean(result.values, "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """An item of a checklist and the points it earns."""

    code: str
    title: str
    points: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistFault:
    """A fault, the points it costs each time, and the items it belongs to (none: all)."""

    code: str
    title: str
    points: Fraction
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Each occurrence earns its items' points less its faults', an item never below 0 (2.3(34), (45), (47))."""

    items: tuple[ChecklistItem, ...]
    faults: tuple[ChecklistFault, ...] = ()

    kind = "checklist"
    input = "occurrences"

    def __post_init__(self) -> None:
        """Refuse a checklist without items, codes that stand twice, and faults of items that it does not have.

        :raises Refused: with everything that is wrong.
        """
        found = Faults()
        if not self.items:
            found.add("no_items", "items")
        codes = [item.code for item in self.items]
        found.add_duplicates(codes, "items")
        found.add_duplicates([one.code for one in self.faults], "faults")
        points = [(f"items[{number}]", item.points) for number, item in enumerate(self.items)]
        points += [(f"faults[{number}]", one.points) for number, one in enumerate(self.faults)]
        for place, each in points:
            if each <= 0:
                found.add("not_above_zero", f"{place}.points", given=plain(each))
        for number, one in enumerate(self.faults):
            for at, code in enumerate(one.items):
                if code not in codes:
                    found.add("unknown_item", f"faults[{number}].items[{at}]", given=code, allowed=", ".join(codes))
        found.raise_any()

    def faults_of(self, item: str) -> tuple[str, ...]:
        """Return the codes of the faults that can occur at `item`."""
        return tuple(found.code for found in self.faults if not found.items or item in found.items)

    def measure(self, result: Result) -> Measured | None:
        """Return the mean of the occurrences' points, None if nothing was reported.

        :raises Refused: with `no_occurrence` if the list is empty.
        """
        if result.occurrences is None:
            return None
        earned = [self._earned(number, one) for number, one in enumerate(result.occurrences, start=1)]
        mean = _mean([points for points, _ in earned], "occurrences")
        return Measured(mean.value, (*(taken for _, taken in earned), *mean.steps))

    def _earned(self, number: int, occurrence: Occurrence) -> tuple[Fraction, Step]:
        occurred = {item: dict(counts) for item, counts in occurrence}
        terms = [self._item_earned(item, occurred.get(item.code, {})) for item in self.items]
        points = sum((earned for earned, _ in terms), Fraction(0))
        shown = " + ".join(text for _, text in terms)
        return points, step("checklist_occurrence", number=number, terms=shown, points=points)

    def _item_earned(self, item: ChecklistItem, counts: Mapping[str, int]) -> tuple[Fraction, str]:
        costs = [(counts.get(found.code, 0), found.points) for found in self.faults]
        lost = sum((count * points for count, points in costs), Fraction(0))
        if not lost:
            return item.points, whole(item.points)
        if lost >= item.points:
            return Fraction(0), "0"
        minus = "".join(f" − {count} × {whole(points)}" for count, points in costs if count)
        return item.points - lost, f"({whole(item.points)}{minus})"


Measure = Direct | ByFormula | Mean | Checklist


def _mean(values: Sequence[Fraction], place: str) -> Measured:
    if not values:
        raise Refused((fault("no_occurrence", place),))
    mean = sum(values, Fraction(0)) / len(values)
    return Measured(mean, (step("measured_mean", terms=values, count=len(values), value=mean),))


def measured(measure: Measure, result: Result) -> Measured | None:
    """Return the value of `result`; one that was typed replaces any other measure, and the trace says so.

    :raises Refused: if there is no base to measure.
    """
    if result.gathered:
        return _gathered(measure, result)
    if result.value is not None and not isinstance(measure, Direct):
        return Measured(result.value, (step("measured_typed", value=result.value),))
    return measure.measure(result)


def _gathered(measure: Measure, result: Result) -> Measured | None:
    """Return the value gathered from those below: the formula over their sums, or what they came to by themselves."""
    if result.value is not None:
        return Measured(result.value, result.gathered)
    taken = measure.measure(result)
    return None if taken is None else Measured(taken.value, result.gathered + taken.steps)
