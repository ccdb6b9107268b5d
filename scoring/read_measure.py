"""Reads the measure and the lateness of an indicator (framework-format, Measures)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.document import Node, open_node
from scoring.faults import Faults, join
from scoring.formula import FUNCTIONS, parse
from scoring.lateness import Lateness
from scoring.measures import ByFormula, Checklist, ChecklistFault, ChecklistItem, Direct, Mean, Measure, Variable

#: The keys of each kind of measure, beside `kind`.
KEYS: Mapping[str, tuple[str, ...]] = {
    "direct": (),
    "formula": ("expression", "variables"),
    "mean": (),
    "checklist": ("items", "faults"),
}
VARIABLE_KEYS = ("label", "unit", "bind")
#: Where the value of a variable is taken from: the sum of a column of a report form, over some months and units.
BIND_KEYS = ("form", "column", "aggregate", "months", "subtree")
AGGREGATES = ("sum", "last")
ITEM_KEYS = ("code", "title", "points")
FAULT_KEYS = ("code", "title", "points", "items")
LATENESS_KEYS = ("due", "per_working_day", "cutoff", "items", "arrival_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMeasure:
    """A measure and the variables that its formula declares without using."""

    measure: Measure
    unused: tuple[str, ...] = ()


def read_measure(document: object, *, place: str, faults: Faults) -> ReadMeasure | None:
    """Return the measure of `document`, or None after noting everything that is wrong with it."""
    bare = open_node(document, place, faults)
    if bare is None:
        return None
    kind = bare.choice("kind", tuple(KEYS), "direct")
    node = open_node(document, place, faults, ("kind", *KEYS[kind]))
    return _READERS[kind](node) if node is not None else None


def _direct(node: Node) -> ReadMeasure:
    return ReadMeasure(measure=Direct())


def _mean(node: Node) -> ReadMeasure:
    return ReadMeasure(measure=Mean())


def _formula(node: Node) -> ReadMeasure | None:
    node.require("expression", "variables")
    variables = _variables(node)
    expression = node.text("expression")
    if not expression or not variables:
        return None
    names = tuple(variable.name for variable in variables)
    formula = node.faults.build(node.at("expression"), lambda: parse(expression, names))
    if formula is None:
        return None
    unused = tuple(name for name in names if name not in formula.used())
    return ReadMeasure(measure=ByFormula(formula=formula, variables=variables), unused=unused)


def _variables(node: Node) -> tuple[Variable, ...]:
    declared = node.node("variables")
    if declared is None:
        return ()
    if not declared.content:
        node.faults.add("no_variables", declared.place)
    read = (_variable(name, value, declared) for name, value in declared.content.items())
    return tuple(variable for variable in read if variable is not None)


def _variable(name: object, value: object, declared: Node) -> Variable | None:
    place = join(declared.place, str(name))
    if not isinstance(name, str) or not name.isidentifier() or name in FUNCTIONS:
        declared.faults.add("name_not_usable", place, name=name)
        return None
    inner = open_node({} if value is None else value, place, declared.faults, VARIABLE_KEYS)
    if inner is not None:
        _check_bind(inner.node("bind", BIND_KEYS))
    return Variable(name=name, label=inner.text("label"), unit=inner.text("unit")) if inner is not None else None


def _check_bind(bind: Node | None) -> None:
    """Note what is wrong with where a value is taken from; the rules themselves take no notice of it."""
    if bind is None:
        return
    bind.require("form", "column")
    bind.code("form")
    bind.text("column")
    bind.code("subtree")
    bind.choice("aggregate", AGGREGATES, AGGREGATES[0])
    if bind.whole("months") == 0:
        bind.faults.add("not_above_zero", bind.at("months"), given=0)


def _checklist(node: Node) -> ReadMeasure | None:
    before = len(node.faults)
    node.require("items")
    items = tuple(_item(inner) for inner in node.nodes("items", ITEM_KEYS))
    found = tuple(_fault(inner) for inner in node.nodes("faults", FAULT_KEYS))
    # A half-read checklist would be refused a second time for what is missing.
    if len(node.faults) > before:
        return None
    checklist = node.faults.build(node.place, lambda: Checklist(items=items, faults=found))
    return ReadMeasure(measure=checklist) if checklist is not None else None


def _item(node: Node) -> ChecklistItem:
    node.require("code", "title", "points")
    return ChecklistItem(code=node.code("code"), title=node.text("title"), points=node.points("points") or Fraction(0))


def _fault(node: Node) -> ChecklistFault:
    node.require("code", "title", "points")
    return ChecklistFault(
        code=node.code("code"),
        title=node.text("title"),
        points=node.points("points") or Fraction(0),
        items=node.codes("items"),
    )


_READERS: Mapping[str, Callable[[Node], ReadMeasure | None]] = {
    "direct": _direct,
    "formula": _formula,
    "mean": _mean,
    "checklist": _checklist,
}


def read_lateness(document: object, *, place: str, faults: Faults) -> Lateness | None:
    """Return the lateness of `document`, or None after noting everything that is wrong with it."""
    node = open_node(document, place, faults, LATENESS_KEYS)
    if node is None:
        return None
    before = len(faults)
    due, cutoff = node.day("due"), node.day("cutoff")
    per_working_day, items = node.points("per_working_day"), node.whole("items")
    # The report form whose arrival is the day on which it was sent; it says nothing to the rules themselves.
    node.code("arrival_of")
    if items == 0:
        faults.add("not_above_zero", node.at("items"), given=0)
    if len(faults) > before:
        return None
    return faults.build(place, lambda: Lateness(due=due, per_working_day=per_working_day, cutoff=cutoff, items=items))
