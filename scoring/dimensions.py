"""The dimensions of a framework, and whether their weights agree with those of the indicators in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.document import Node, listed
from scoring.indicator import Indicator
from scoring.numbers import canonical

DIMENSION_KEYS = ("code", "parent", "title", "weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A heading between framework and indicator, with a weight only where one is printed."""

    code: str
    title: str
    parent: str = ""
    weight: Fraction | None = None


def read_dimensions(node: Node) -> tuple[Dimension, ...]:
    """Return the dimensions of the framework `node`, after noting what is wrong with them."""
    read = []
    for inner in node.nodes("dimensions", DIMENSION_KEYS):
        inner.require("code", "title")
        code, title, parent = inner.code("code"), inner.text("title"), inner.code("parent")
        read.append(Dimension(code=code, title=title, parent=parent, weight=inner.amount("weight")))
    codes = [one.code for one in read]
    node.faults.add_duplicates(codes, "dimensions")
    for number, one in enumerate(read):
        if one.parent and one.parent not in codes:
            place = f"dimensions[{number}].parent"
            node.faults.add("unknown_reference", place, given=one.parent, allowed=listed(codes))
        elif len(ancestry(one.code, read)) > len(read):
            node.faults.add("circular_dimensions", f"dimensions[{number}].parent", given=one.code)
    return tuple(read)


def ancestry(code: str, dimensions: list[Dimension] | tuple[Dimension, ...]) -> list[str]:
    """Return `code` and the dimensions above it; more than there are if they go round in a circle."""
    parents = {one.code: one.parent for one in dimensions}
    found: list[str] = []
    while code in parents and len(found) <= len(dimensions):
        found.append(code)
        code = parents[code]
    return found


def check_dimension_weights(
    node: Node, dimensions: tuple[Dimension, ...], indicators: list[tuple[Indicator, str]]
) -> None:
    """Note each printed weight of a dimension that its sub-dimensions or its indicators do not add up to."""
    held = _held_weights(node, dimensions, indicators)
    for number, one in enumerate(dimensions):
        place = f"dimensions[{number}].weight"
        if one.weight is None:
            continue
        below = [other.weight for other in dimensions if other.parent == one.code]
        printed = sum((weight for weight in below if weight is not None), Fraction(0))
        if below and None not in below and printed != one.weight and not _has_own(node, one.code):
            node.faults.add("parts_of_dimension", place, sum=canonical(printed), weight=canonical(one.weight))
        if one.code in held and held[one.code] != one.weight:
            shown = canonical(held[one.code])
            node.faults.add("dimension_weight", place, sum=shown, weight=canonical(one.weight))


def _has_own(node: Node, code: str) -> bool:
    return any(isinstance(value, Mapping) and value.get("dimension") == code for _, value in node.items("indicators"))


def _held_weights(
    node: Node, dimensions: tuple[Dimension, ...], indicators: list[tuple[Indicator, str]]
) -> dict[str, Fraction]:
    """Return the weight of the top-level indicators in each dimension, those below it included."""
    weights = {place: indicator.weight or Fraction(0) for indicator, place in indicators}
    held: dict[str, Fraction] = {}
    for place, value in node.items("indicators"):
        own = value.get("dimension") if isinstance(value, Mapping) else None
        for code in ancestry(own, dimensions) if isinstance(own, str) else ():
            held[code] = held.get(code, Fraction(0)) + weights.get(place, Fraction(0))
    return held
