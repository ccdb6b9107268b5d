"""Reads the criteria of an indicator (framework-format, Criteria)."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from scoring.bands import Band, Bands
from scoring.classed import Classed, ClassOfBase
from scoring.criteria import Criteria, Open
from scoring.document import Node, open_node, read_number, read_text
from scoring.faults import Faults
from scoring.milestones import Milestone, Milestones, Part, Penalty
from scoring.rubric import Rubric
from scoring.scale import BELOW_LEVEL_ONE, BETWEEN, BelowLevelOne, Defaults
from scoring.thresholds import Point, Thresholds

#: The keys of each kind of criteria, beside `kind`.
KEYS: Mapping[str, tuple[str, ...]] = {
    "thresholds": ("levels", "labels", "between", "below_level_1"),
    "bands": ("levels",),
    "rubric": ("levels",),
    "milestones": ("steps", "faults", "faults_open"),
    "classed": ("base", "classes", "between", "below_level_1"),
    "open": ("labels",),
}
BAND_KEYS = ("up_to", "label")
STEP_KEYS = ("level", "title", "judged_by", "parts")
PART_KEYS = ("code", "title", "deduction")
FAULT_KEYS = ("code", "title", "points", "at_step", "most")
BASE_KEYS = ("label", "unit", "variable")
CLASS_KEYS = ("code", "up_to", "label", "levels")


def read_criteria(document: object, *, place: str, defaults: Defaults, faults: Faults) -> Criteria | None:
    """Return the criteria of `document`, or None after noting everything that is wrong with them."""
    bare = open_node(document, place, faults)
    if bare is None:
        return None
    if not bare.has("kind"):
        bare.miss("kind")
        return None
    kind = bare.choice("kind", tuple(KEYS), "")
    if kind not in KEYS:
        return None
    before = len(faults)
    node = open_node(document, place, faults, ("kind", *KEYS[kind]))
    if node is None:
        return None
    make = _READERS[kind](node, defaults)
    # Half-read criteria would be refused a second time for what is missing.
    return faults.build(place, make) if len(faults) == before else None


Make = Callable[[], Criteria]


def _below(node: Node, defaults: Defaults, levels: Sequence[Point]) -> BelowLevelOne:
    # A threshold for level 0 says by itself how to read what is worse than level 1.
    own: BelowLevelOne = "level_0" if any(level == 0 for level, _ in levels) else defaults.below_level_1
    return node.choice("below_level_1", BELOW_LEVEL_ONE, own)


def read_points(node: Node, key: str) -> tuple[Point, ...]:
    """Return the (level, threshold) pairs of `key`, rising by level; '-' and null are gaps."""
    node.require(key)
    read = [
        (level, read_number(value, place, node.faults))
        for level, place, value in node.levels(key)
        if value is not None and value != "-"
    ]
    return tuple((level, threshold) for level, threshold in read if threshold is not None)


def _labels(node: Node, key: str) -> tuple[tuple[int, str], ...]:
    read = [(level, read_text(value, place, node.faults)) for level, place, value in node.levels(key)]
    return tuple((level, text) for level, text in read if text is not None)


def _thresholds(node: Node, defaults: Defaults) -> Make:
    levels = read_points(node, "levels")
    between = node.choice("between", BETWEEN, "interpolate")
    below = _below(node, defaults, levels)
    labels = _labels(node, "labels")
    return lambda: Thresholds(levels=levels, between=between, below_level_1=below, labels=labels, scale=defaults.scale)


def _bands(node: Node, defaults: Defaults) -> Make:
    node.require("levels")
    bands = []
    for level, place, value in node.levels("levels"):
        inner = open_node(value, place, node.faults, BAND_KEYS)
        if inner is not None:
            bands.append(Band(level=level, up_to=inner.number("up_to"), label=inner.text("label")))
    return lambda: Bands(bands=tuple(bands), scale=defaults.scale)


def _rubric(node: Node, defaults: Defaults) -> Make:
    node.require("levels")
    levels = _labels(node, "levels")
    return lambda: Rubric(levels=levels, scale=defaults.scale)


def _open(node: Node, defaults: Defaults) -> Make:
    labels = _labels(node, "labels")
    return lambda: Open(labels=labels)


def _milestones(node: Node, defaults: Defaults) -> Make:
    node.require("steps")
    steps = tuple(_step(inner) for inner in node.nodes("steps", STEP_KEYS))
    penalties = tuple(_penalty(inner) for inner in node.nodes("faults", FAULT_KEYS))
    faults_open = node.flag("faults_open")
    return lambda: Milestones(steps=steps, faults=penalties, faults_open=faults_open, scale=defaults.scale)


def _step(node: Node) -> Milestone:
    node.require("level", *(() if node.has("parts") else ("title",)))
    parts = tuple(_part(inner) for inner in node.nodes("parts", PART_KEYS))
    level, title = node.whole("level") or 0, node.text("title")
    return Milestone(level=level, title=title, judged_by=node.text("judged_by"), parts=parts)


def _part(node: Node) -> Part:
    node.require("code")
    return Part(code=node.code("code"), title=node.text("title"), deduction=node.points("deduction"))


def _penalty(node: Node) -> Penalty:
    node.require("code", "title", "points")
    most = node.whole("most")
    if most == 0:
        node.faults.add("not_above_zero", node.at("most"), given=0)
    return Penalty(
        code=node.code("code"),
        title=node.text("title"),
        points=node.points("points") or Fraction(0),
        at_step=node.whole("at_step"),
        most=most,
    )


def _classed(node: Node, defaults: Defaults) -> Make:
    node.require("base", "classes")
    base = node.node("base", BASE_KEYS)
    classes = tuple(_class(inner) for inner in node.nodes("classes", CLASS_KEYS))
    between = node.choice("between", BETWEEN, "interpolate")
    below = _below(node, defaults, [point for one in classes for point in one.levels])
    label, unit, variable = (
        (base.text("label"), base.text("unit"), base.text("variable")) if base is not None else ("", "", "")
    )
    return lambda: Classed(
        classes=classes,
        base_label=label,
        base_unit=unit,
        base_variable=variable,
        between=between,
        below_level_1=below,
        scale=defaults.scale,
    )


def _class(node: Node) -> ClassOfBase:
    node.require("code")
    return ClassOfBase(
        code=node.code("code"),
        up_to=node.number("up_to"),
        label=node.text("label"),
        levels=read_points(node, "levels"),
    )


_READERS: Mapping[str, Callable[[Node, Defaults], Make]] = {
    "thresholds": _thresholds,
    "bands": _bands,
    "rubric": _rubric,
    "milestones": _milestones,
    "classed": _classed,
    "open": _open,
}
