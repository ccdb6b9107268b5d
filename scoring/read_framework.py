"""Reads a whole framework document and checks that its parts fit together (framework-format, Framework)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.dimensions import Dimension, check_dimension_weights, read_dimensions
from scoring.document import Node, listed, open_node
from scoring.faults import Fault, Faults, join
from scoring.grades import HUNDRED, Grade, Grades
from scoring.indicator import Indicator
from scoring.numbers import canonical
from scoring.read_indicator import note_duplicate_codes, read_node
from scoring.scale import BELOW_LEVEL_ONE, BelowLevelOne, Defaults, Scale
from scoring.targets import target_warnings

LEVELS = ("department", "province", "district", "local_government", "library")
FORMATS = (1,)
FRAMEWORK_KEYS = (
    "format",
    "code",
    "title",
    "level",
    "fiscal_year",
    "round",
    "source",
    "total_weight",
    "scale",
    "below_level_1",
    "grades",
    "grades_on",
    "dimensions",
    "units",
    "indicators",
)
GRADE_KEYS = ("from", "label", "colour")
UNIT_KEYS = ("code", "title")
FIRST_FISCAL_YEAR, LAST_FISCAL_YEAR = 2400, 2800


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An office that can be given indicators."""

    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkRules:
    """A framework as it is scored; `total_weight` is None where there are no weights, `grades` where it has none."""

    code: str
    title: str
    scale: Scale
    below_level_1: BelowLevelOne
    grades: Grades | None
    total_weight: Fraction | None
    dimensions: tuple[Dimension, ...]
    units: tuple[Unit, ...]
    indicators: tuple[Indicator, ...]
    slips: tuple[Fault, ...] = ()

    @property
    def grades_on(self) -> Fraction:
        """Return what the grades are bands of: 100, or the highest level."""
        return self.grades.on if self.grades is not None else HUNDRED

    @property
    def defaults(self) -> Defaults:
        """Return what `read_indicator` needs to read one of the indicators alone."""
        return Defaults(scale=self.scale, below_level_1=self.below_level_1)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Return what looks like a slip, without being refused."""
        return (*(found for indicator in self.indicators for found in indicator.warnings), *self.slips)


def read_framework(document: Mapping[str, object]) -> FrameworkRules:
    """Return the rules of the framework `document`.

    :raises Refused: with everything that is wrong with it.
    """
    faults = Faults()
    node = open_node(document, "", faults, FRAMEWORK_KEYS)
    rules = _rules(node) if node is not None else None
    faults.raise_any()
    if rules is None:
        raise AssertionError("a framework is refused with faults")
    return rules


def read_defaults(document: Mapping[str, object]) -> Defaults:
    """Return what the framework `document`, with or without its indicators, decides for all of them.

    :raises Refused: if that makes no sense.
    """
    faults = Faults()
    defaults = _defaults(Node(content=document, place="", faults=faults))
    faults.raise_any()
    return defaults


def _defaults(node: Node) -> Defaults:
    return Defaults(scale=_scale(node), below_level_1=node.choice("below_level_1", BELOW_LEVEL_ONE, "one"))


def _rules(node: Node) -> FrameworkRules:
    _check_head(node)
    defaults = _defaults(node)
    scale, below = defaults.scale, defaults.below_level_1
    dimensions, units = read_dimensions(node), _units(node)
    indicators = _indicators(node, defaults)
    _check_references(node, [one.code for one in dimensions], [one.code for one in units])
    total = node.points("total_weight")
    if total is not None:
        _check_total(node, total, indicators)
        check_dimension_weights(node, dimensions, indicators)
    read = tuple(indicator for indicator, _ in indicators)
    return FrameworkRules(
        code=node.code("code"),
        title=node.text("title"),
        scale=scale,
        below_level_1=below,
        grades=_grades(node, scale),
        total_weight=total,
        dimensions=dimensions,
        units=units,
        indicators=read,
        # Half-read documents are refused anyway.
        slips=() if len(node.faults) else target_warnings(node, read, scale),
    )


def _check_head(node: Node) -> None:
    node.require("format", "code", "title", "level", "indicators")
    version = node.whole("format")
    if version is not None and version not in FORMATS:
        node.faults.add("not_allowed", "format", given=version, allowed=listed(FORMATS))
    level = node.choice("level", LEVELS, "library")
    node.text("source")
    # A library says in so many words that it is of no year.
    if not node.has("fiscal_year") and (level != "library" or "fiscal_year" not in node.content):
        node.miss("fiscal_year")
    year, part = node.whole("fiscal_year"), node.whole("round")
    if year is not None and not FIRST_FISCAL_YEAR <= year <= LAST_FISCAL_YEAR:
        node.faults.add("year_out_of_range", "fiscal_year", given=year, first=FIRST_FISCAL_YEAR, last=LAST_FISCAL_YEAR)
    if part is not None and part not in (1, 2):
        node.faults.add("not_allowed", "round", given=part, allowed="1, 2, null")


def _scale(node: Node) -> Scale:
    if not node.has("scale"):
        return Scale()
    read = [_whole_level(place, value, node.faults) for place, value in node.items("scale")]
    levels = tuple(level for level in read if level is not None)
    built = node.faults.build("scale", lambda: Scale(levels=levels)) if len(levels) == len(read) else None
    return built or Scale()


def _whole_level(place: str, value: object, faults: Faults) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    faults.add("not_whole", place, given=value)
    return None


def _grades(node: Node, scale: Scale) -> Grades | None:
    before = len(node.faults)
    grades = tuple(_grade(inner) for inner in node.nodes("grades", GRADE_KEYS))
    on = node.number("grades_on")
    if on is not None and on not in (HUNDRED, scale.highest):
        allowed = listed((100, scale.highest))
        node.faults.add("not_allowed", "grades_on", given=canonical(on), allowed=allowed)
    if not node.has("grades") or len(node.faults) > before:
        return None
    return node.faults.build("", lambda: Grades(grades=grades, on=HUNDRED if on is None else on))


def _grade(node: Node) -> Grade:
    node.require("from", "label")
    return Grade(from_=node.amount("from") or Fraction(0), label=node.text("label"), colour=node.text("colour"))


def _units(node: Node) -> tuple[Unit, ...]:
    read = []
    for inner in node.nodes("units", UNIT_KEYS):
        inner.require("code", "title")
        read.append(Unit(code=inner.code("code"), title=inner.text("title")))
    node.faults.add_duplicates([unit.code for unit in read], "units")
    return tuple(read)


def _indicators(node: Node, defaults: Defaults) -> list[tuple[Indicator, str]]:
    read = [
        (read_node(value, place=place, defaults=defaults, faults=node.faults), place)
        for place, value in node.items("indicators")
    ]
    known = [(indicator, place) for indicator, place in read if indicator is not None]
    note_duplicate_codes(known, node.faults)
    return known


def _check_references(node: Node, dimensions: list[str], units: list[str]) -> None:
    waiting = [(value, place) for place, value in node.items("indicators")]
    while waiting:
        value, place = waiting.pop(0)
        if not isinstance(value, Mapping):
            continue
        _check_reference(value.get("dimension"), join(place, "dimension"), dimensions, node.faults)
        for number, code in enumerate(_list(value.get("assigned_units"))):
            _check_reference(code, join(join(place, "assigned_units"), number), units, node.faults)
        children = enumerate(_list(value.get("children")))
        waiting.extend((child, join(join(place, "children"), number)) for number, child in children)


def _list(value: object) -> list[object] | tuple[object, ...]:
    return value if isinstance(value, list | tuple) else []


def _check_reference(code: object, place: str, known: list[str], faults: Faults) -> None:
    if isinstance(code, str) and code not in known:
        faults.add("unknown_reference", place, given=code, allowed=listed(known))


def _check_total(node: Node, total: Fraction, indicators: list[tuple[Indicator, str]]) -> None:
    unweighted = [place for indicator, place in indicators if indicator.weight is None and indicator.scored]
    for place in unweighted:
        node.faults.add("missing", join(place, "weight"))
    weight = sum((indicator.weight or Fraction(0) for indicator, _ in indicators), Fraction(0))
    if weight != total and not unweighted:
        node.faults.add("total_weight", "indicators", sum=canonical(weight), weight=canonical(total))
