"""A value gathered from those below: sums over sums, a sum, a weighted mean, the worst; a mean only if told to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.bands import Bands
from scoring.classed import Classed
from scoring.criteria import Criteria
from scoring.document import Node, given, read_number
from scoring.faults import Fault, Refused, fault
from scoring.formula import Extreme, Name, Number, Term
from scoring.measures import ByFormula, Measure
from scoring.milestones import Milestones
from scoring.rubric import Rubric
from scoring.thresholds import Thresholds
from scoring.trace import Step, step

#: How the value of an indicator comes from those below it. `mean` averages what may be percentages, so it is warned of.
RATIO, SUM, WEIGHTED_MEAN, WORST, MEAN = "ratio", "sum", "weighted_mean", "worst", "mean"
HOW = (RATIO, SUM, WEIGHTED_MEAN, WORST, MEAN)
#: Why one of those below adds nothing: not (or not yet) reported, cancelled, or without figures that can be gathered.
LEFT_OUT = ("not_reported", "cancelled", "no_figures")
SOURCE_KEYS = ("name", "variables", "value", "weight", "left_out")
PERCENT = ("ร้อยละ", "%")

_FRACTION = re.compile(r"([+-]?[0-9]{1,80})/([0-9]{1,80})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one of those below reported: variables of the formula, or a value with its weight; else why it is out."""

    name: str
    variables: tuple[tuple[str, Fraction], ...] = ()
    value: Fraction | None = None
    weight: Fraction | None = None
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was gathered: sums by variable for the formula, or the value itself, and the steps that led to it."""

    steps: tuple[Step, ...]
    variables: tuple[tuple[str, Fraction], ...] | None = None
    value: Fraction | None = None


# --- The rule of an indicator ----------------------------------------------------------------------------------------
def read_how(node: Node, *, measure: Measure, criteria: Criteria | None, is_read: bool) -> str:
    """Return how the value of the indicator `node` comes from below, empty where it does not."""
    inner = node.node("from_below", ("how",))
    if inner is None:
        return ""
    inner.require("how")
    how = inner.choice("how", HOW, "")
    if not is_read or not how:
        return how
    if criteria is None or isinstance(criteria, Rubric | Milestones):
        node.faults.add("from_below_not_measured", inner.place)
    elif how == RATIO and not (isinstance(measure, ByFormula) and is_ratio(measure.formula.term)):
        node.faults.add("from_below_no_ratio", inner.at("how"))
    elif how == WORST and not _has_direction(criteria):
        node.faults.add("from_below_no_direction", inner.at("how"))
    return how


def warnings_of_how(node: Node, how: str) -> list[Fault]:
    """Return what looks like a slip: percentages that are averaged, or added up."""
    if how not in (MEAN, SUM) or not str(node.content.get("unit", "")).startswith(PERCENT):
        return [fault("mean_from_below", node.at("from_below.how"))] if how == MEAN else []
    return [fault("percentages_from_below", node.at("from_below.how"), unit=node.content["unit"])]


def _has_direction(criteria: Criteria) -> bool:
    return isinstance(criteria, Thresholds | Bands) or (isinstance(criteria, Classed) and bool(criteria.classes))


def is_ratio(term: Term) -> bool:
    """Return whether `term` says of sums of its variables what it says of one: linear over linear, in one division."""
    try:
        return _powers(term) == (1, 1)
    except _NoRatio:
        return False


class _NoRatio(Exception):
    """Such a formula says something of one alone, not of sums."""


def _powers(term: Term) -> tuple[int, int] | None:
    """Return how many variables stand above and below the line in `term`; None of a plain 0, which fits any.

    :raises _NoRatio: where terms are added of which one grows with the sums and the other does not.
    """
    if isinstance(term, Number):
        return None if term.value == 0 else (0, 0)
    if isinstance(term, Name):
        return (1, 0)
    if isinstance(term, Extreme):
        return _powers_of_extreme(term)
    left, right = _powers(term.left), _powers(term.right)
    if term.sign in ("+", "−"):
        return _added(left, right)
    if left is None or right is None:
        return None
    above, below = right if term.sign == "×" else right[::-1]
    return (left[0] + above, left[1] + below)


def _added(left: tuple[int, int] | None, right: tuple[int, int] | None) -> tuple[int, int] | None:
    if left is None or right is None:
        return left or right
    if left[0] - left[1] != right[0] - right[1]:
        raise _NoRatio
    return max(left, right)


def _powers_of_extreme(term: Extreme) -> tuple[int, int] | None:
    found: tuple[int, int] | None = None
    for one in term.terms:
        powers = _powers(one)
        # The smallest of sums is not the sum of the smallest: only what is a ratio, or fixed, is compared.
        if powers is not None and powers[0] != powers[1]:
            raise _NoRatio
        found = _added(found, powers)
    return found


# --- What those below reported ---------------------------------------------------------------------------------------
def read_sources(node: Node, how: str, measure: Measure) -> tuple[Source, ...]:
    """Return the sources of a result; noting what is wrong with them."""
    names = measure.formula.names if how == RATIO and isinstance(measure, ByFormula) else ()
    found = tuple(_source(inner, how, names) for inner in node.nodes("from_below", SOURCE_KEYS))
    if (found and all(one.left_out for one in found)) or not found:
        node.faults.add("no_sources", node.at("from_below"))
    return found


def _source(node: Node, how: str, names: Sequence[str]) -> Source:
    node.require("name")
    name, left_out = node.text("name"), node.choice("left_out", LEFT_OUT, "")
    if left_out:
        return Source(name=name, left_out=left_out)
    if how == RATIO:
        return Source(name=name, variables=_variables(node, names))
    node.require("value")
    weight = None
    if how == WEIGHTED_MEAN:
        node.require("weight")
        weight = node.amount("weight")
    return Source(name=name, value=_value(node), weight=weight)


def _value(node: Node) -> Fraction | None:
    """Return the value of a source: a decimal, or a quotient of whole numbers (`8800/98`) that no decimal ends."""
    written = node.content.get("value")
    quotient = _FRACTION.fullmatch(written) if isinstance(written, str) else None
    if quotient is None:
        return node.number("value")
    if int(quotient[2]) == 0:
        node.faults.add("not_a_number", node.at("value"), given=given(written))
        return None
    return Fraction(int(quotient[1]), int(quotient[2]))


def _variables(node: Node, names: Sequence[str]) -> tuple[tuple[str, Fraction], ...]:
    node.require("variables")
    inner = node.node("variables", names)
    if inner is None:
        return ()
    inner.require(*names)
    read = [(name, read_number(inner.content[name], inner.at(name), node.faults)) for name in names if inner.has(name)]
    return tuple((name, number) for name, number in read if number is not None)


def gather(how: str, sources: Sequence[Source], *, measure: Measure, criteria: Criteria | None) -> Gathered:
    """Return what `sources` come to (exact; a value in the unit of the indicator).

    :raises Refused: if there is nothing to gather, or the weights sum to 0.
    """
    counted = [one for one in sources if not one.left_out]
    if not counted:
        raise Refused((fault("no_sources", "from_below"),))
    left_out = tuple(
        step(f"gathered_{why}", sources=_named(out))
        for why in LEFT_OUT
        if (out := [one for one in sources if one.left_out == why])
    )
    if how == RATIO and isinstance(measure, ByFormula):
        found = _sums(counted, measure)
    else:
        found = _value_of(how, counted, criteria)
    return Gathered(steps=(*left_out, *found.steps), variables=found.variables, value=found.value)


def _sums(counted: Sequence[Source], measure: ByFormula) -> Gathered:
    steps, sums = [], []
    for variable in measure.variables:
        terms = [dict(one.variables).get(variable.name, Fraction(0)) for one in counted]
        total = sum(terms, Fraction(0))
        sums.append((variable.name, total))
        steps.append(
            step(
                "gathered_sum",
                variable=variable.label or variable.name,
                sources=_named(counted),
                terms=terms,
                sum=total,
            )
        )
    return Gathered(steps=tuple(steps), variables=tuple(sums))


def _value_of(how: str, counted: Sequence[Source], criteria: Criteria | None) -> Gathered:
    values = [one.value or Fraction(0) for one in counted]
    if how == WEIGHTED_MEAN:
        return _weighted_mean(counted, values)
    if how == WORST:
        return _worst(counted, values, rising=_rises(criteria))
    total = sum(values, Fraction(0))
    if how == SUM:
        taken = step("measured_sum_below", sources=_named(counted), terms=values, value=total)
        return Gathered(steps=(taken,), value=total)
    mean = total / len(values)
    taken = step("measured_mean_below", sources=_named(counted), terms=values, count=len(values), value=mean)
    return Gathered(steps=(taken,), value=mean)


def _weighted_mean(counted: Sequence[Source], values: Sequence[Fraction]) -> Gathered:
    weights = [one.weight or Fraction(0) for one in counted]
    weight = sum(weights, Fraction(0))
    if weight <= 0:
        raise Refused((fault("no_weights_below", "from_below"),))
    pairs = tuple(zip(weights, values, strict=True))
    mean = sum((each * value for each, value in pairs), Fraction(0)) / weight
    taken = step("measured_weighted_mean_below", sources=_named(counted), terms=pairs, weight=weight, value=mean)
    return Gathered(steps=(taken,), value=mean)


def _worst(counted: Sequence[Source], values: Sequence[Fraction], *, rising: bool) -> Gathered:
    value = min(values) if rising else max(values)
    source = counted[values.index(value)].name
    taken = step("measured_worst_below", sources=_named(counted), terms=values, source=source, value=value)
    return Gathered(steps=(taken,), value=value)


def _rises(criteria: Criteria | None) -> bool:
    """Return whether more is better."""
    if isinstance(criteria, Classed):
        levels = criteria.classes[0].levels
    elif isinstance(criteria, Thresholds):
        levels = criteria.levels
    else:
        # The bounds of bands rise by themselves.
        return True
    return levels[-1][1] >= levels[0][1]


def _named(sources: Sequence[Source]) -> str:
    return ", ".join(one.name for one in sources)
