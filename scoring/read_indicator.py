"""Reads one indicator, with its children (framework-format, Framework)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.classed import Classed
from scoring.criteria import Criteria
from scoring.described import INDICATOR_KEYS, check_description
from scoring.document import Node, open_node
from scoring.faults import Fault, Faults, fault, join
from scoring.from_below import read_how, warnings_of_how
from scoring.indicator import Indicator
from scoring.lateness import Lateness
from scoring.measures import ByFormula, Direct
from scoring.milestones import Milestones
from scoring.numbers import canonical
from scoring.read_criteria import read_criteria
from scoring.read_measure import ReadMeasure, read_lateness, read_measure
from scoring.rubric import Rubric
from scoring.scale import Defaults, Scale
from scoring.thresholds import Thresholds

DEEPEST = 8
#: What a unit of per cent begins with.
PERCENT = ("ร้อยละ", "%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """What a parent decides for its children: piloting, and lateness where they have none of their own."""

    scored: bool = True
    lateness: Lateness | None = None
    depth: int = 0


def read_indicator(document: Mapping[str, object], *, place: str = "", defaults: Defaults | None = None) -> Indicator:
    """Return the indicator of `document`, the JSON of one indicator of a framework.

    :raises Refused: with everything that is wrong with it.
    """
    faults = Faults()
    indicator = read_node(document, place=place, defaults=defaults or Defaults(), faults=faults)
    if indicator is not None:
        note_duplicate_codes([(indicator, place)], faults)
    faults.raise_any()
    if indicator is None:
        raise AssertionError("an indicator is refused with faults")
    return indicator


def note_duplicate_codes(indicators: list[tuple[Indicator, str]], faults: Faults) -> None:
    """Note each code that stands twice among `indicators` (with their places) and their children."""
    seen: set[str] = set()
    waiting = list(reversed(indicators))
    while waiting:
        indicator, place = waiting.pop()
        if indicator.code and indicator.code in seen:
            faults.add("duplicate", join(place, "code"), given=indicator.code)
        seen.add(indicator.code)
        below = [(child, join(join(place, "children"), at)) for at, child in enumerate(indicator.children)]
        waiting.extend(reversed(below))


def read_node(
    document: object, *, place: str, defaults: Defaults, faults: Faults, inherited: Inherited | None = None
) -> Indicator | None:
    """Return the indicator of `document`; after noting faults, as much of it as can be read, or None."""
    inherited = inherited or Inherited()
    if inherited.depth > DEEPEST:
        faults.add("nested_too_deep", place, limit=DEEPEST)
        return None
    node = open_node(document, place, faults, INDICATOR_KEYS)
    if node is None:
        return None
    node.require("code", "title")
    check_description(node)
    return _assembled(node, defaults, inherited)


def _assembled(node: Node, defaults: Defaults, inherited: Inherited) -> Indicator:
    lateness = _lateness(node) or inherited.lateness
    scored = node.flag("scored", default=True) and inherited.scored
    passed_on = Inherited(scored=scored, lateness=lateness, depth=inherited.depth + 1)
    before = len(node.faults)
    criteria, children = _criteria_or_children(node, defaults, passed_on)
    read = _measure(node)
    # Of what could not be read itself, nothing more is said.
    is_read = len(node.faults) == before
    how = read_how(node, measure=read.measure, criteria=criteria, is_read=is_read)
    unit, weight = node.text("unit"), node.amount("weight")
    warnings = (
        *_warnings(node, criteria, read),
        *warnings_of_how(node, how),
        *(found for child in children for found in child.warnings),
    )
    _check_children_weights(node, weight, children)
    return Indicator(
        code=node.code("code"),
        title=node.text("title"),
        unit=unit,
        weight=weight,
        scored=scored,
        measure=read.measure,
        criteria=criteria,
        lateness=lateness,
        from_below=how,
        children=children,
        scale=defaults.scale,
        warnings=warnings,
    )


def _lateness(node: Node) -> Lateness | None:
    if not node.has("lateness"):
        return None
    return read_lateness(node.content["lateness"], place=node.at("lateness"), faults=node.faults)


def _criteria_or_children(
    node: Node, defaults: Defaults, passed_on: Inherited
) -> tuple[Criteria | None, tuple[Indicator, ...]]:
    if node.has("criteria") == node.has("children"):
        node.faults.add("criteria_or_children", node.place)
    if node.has("criteria"):
        place = node.at("criteria")
        return read_criteria(node.content["criteria"], place=place, defaults=defaults, faults=node.faults), ()
    if node.has("children") and node.has("measure"):
        node.faults.add("measure_of_composite", node.at("measure"))
    read = (
        read_node(value, place=place, defaults=defaults, faults=node.faults, inherited=passed_on)
        for place, value in node.items("children")
    )
    return None, tuple(child for child in read if child is not None)


def _measure(node: Node) -> ReadMeasure:
    if not node.has("measure"):
        return ReadMeasure(measure=Direct())
    read = read_measure(node.content["measure"], place=node.at("measure"), faults=node.faults)
    return read or ReadMeasure(measure=Direct())


def _check_children_weights(node: Node, weight: Fraction | None, children: tuple[Indicator, ...]) -> None:
    weights = [child.weight for child in children if child.weight is not None]
    if not children or (weight is None and not weights):
        return
    if weight is None:
        node.miss("weight")
        return
    for number, child in enumerate(children):
        if child.weight is None and child.scored:
            node.faults.add("missing", f"{node.at('children')}[{number}].weight")
    total = sum(weights, Fraction(0))
    if total != weight and not any(child.weight is None and child.scored for child in children):
        node.faults.add("children_weights", node.at("children"), sum=canonical(total), weight=canonical(weight))


def _warnings(node: Node, criteria: Criteria | None, read: ReadMeasure) -> tuple[Fault, ...]:
    found = [*_threshold_warnings(node, criteria), *_measure_warnings(node, criteria, read)]
    if criteria is None and not node.items("children"):
        found.append(fault("no_children", node.at("children")))
    if node.has("lateness"):
        late = node.node("lateness")
        if late is not None and late.has("per_working_day") and not late.has("due"):
            found.append(fault("points_without_due", node.at("lateness")))
    return tuple(found)


def _threshold_warnings(node: Node, criteria: Criteria | None) -> list[Fault]:
    if not isinstance(criteria, Thresholds):
        return []
    place = node.at("criteria.levels")
    thresholds = [threshold for _, threshold in criteria.levels]
    shown = ", ".join(map(canonical, thresholds))
    found = []
    as_levels = all(threshold == level for level, threshold in criteria.levels)
    if str(node.content.get("unit", "")).startswith(PERCENT) and as_levels and criteria.scale == Scale():
        found.append(fault("percent_on_levels", place, thresholds=shown))
    if len(set(thresholds)) < len(thresholds):
        found.append(fault("equal_thresholds", place, thresholds=shown))
    return found


def _measure_warnings(node: Node, criteria: Criteria | None, read: ReadMeasure) -> list[Fault]:
    if isinstance(criteria, Rubric | Milestones) and not isinstance(read.measure, Direct):
        return [fault("measure_not_used", node.at("measure"))]
    base = criteria.base_variable if isinstance(criteria, Classed) else ""
    if base and not _declares(read, base):
        names = _names(read)
        node.faults.add("unknown_reference", node.at("criteria.base.variable"), given=base, allowed=", ".join(names))
    place = node.at("measure.variables")
    return [fault("variable_not_used", place, name=name) for name in read.unused if name != base]


def _names(read: ReadMeasure) -> tuple[str, ...]:
    return read.measure.formula.names if isinstance(read.measure, ByFormula) else ()


def _declares(read: ReadMeasure, name: str) -> bool:
    return name in _names(read)
