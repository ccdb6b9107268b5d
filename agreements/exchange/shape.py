"""The one way in which a framework document is stored, compared and written, after framework-format.md.

Keys stand in the order of the format, amounts are strings, whole numbers are int, dates are ISO strings, what is absent
is left out. Only documents that `scoring` accepts are shaped: what fits no form here is handed through as it is.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from agreements import thai

Form: TypeAlias = Callable[[Any], Any]

_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}")

# A library says in so many words that it is of no year.
NULLS = frozenset({"fiscal_year"})
# Empty, these say what their absence says, and are left out like it; a workbook has no row for nothing.
SILENT = frozenset(
    {"assigned_units", "baseline", "dimensions", "evidence", "faults", "items", "labels", "measure"}
    | {"parts", "positions", "rounds", "targets", "units", "years"}
)


# --- Forms of single values ------------------------------------------------------------------------------------------
def as_is(value: Any) -> Any:
    """Return text and flags unchanged."""
    return value


def amount(value: Any) -> Any:
    """Return a number as its canonical string."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return thai.canonical_decimal(Decimal(value.strip()))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return thai.canonical_decimal(Decimal(value))
    return value


def whole(value: Any) -> Any:
    """Return a whole number as int."""
    is_whole = isinstance(value, Decimal) or (isinstance(value, str) and _WHOLE.fullmatch(value) is not None)
    return int(value) if is_whole else value


def day(value: Any) -> Any:
    """Return a date as ISO text."""
    return value.isoformat() if isinstance(value, date) else value


# --- Forms made of forms ---------------------------------------------------------------------------------------------
def each(form: Form) -> Form:
    """Return the form of a list whose entries have `form`."""
    return lambda value: [form(entry) for entry in value] if isinstance(value, list | tuple) else value


def by_level(form: Form) -> Form:
    """Return the form of a mapping from levels to `form`, rising."""

    def shaped(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        given = {str(whole(level)): form(entry) for level, entry in value.items() if entry is not None}
        return dict(sorted(given.items(), key=lambda entry: (len(entry[0]), entry[0])))

    return shaped


def by_name(form: Form) -> Form:
    """Return the form of a mapping from names that the document chooses to `form`."""
    return lambda value: (
        {str(name): form({} if entry is None else entry) for name, entry in value.items()}
        if isinstance(value, Mapping)
        else value
    )


def _says_something(key: str, entry: Any) -> bool:
    if entry is None:
        return key in NULLS
    return bool(entry) or key not in SILENT


def mapping(**forms: Form) -> Form:
    """Return the form of a mapping with these keys in this order; others follow as they are, nulls are left out."""

    def shaped(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        formed = {key: form(value[key]) for key, form in forms.items() if key in value}
        formed |= {str(key): entry for key, entry in value.items() if key not in forms}
        return {key: entry for key, entry in formed.items() if _says_something(key, entry)}

    return shaped


# --- The format ------------------------------------------------------------------------------------------------------
def _criteria(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("kind") == "rubric":
        return _RUBRIC(value)
    return _MEASURED(value)


def _measure(value: Any) -> Any:
    # The variables stand in the order in which the expression uses them: PostgreSQL's jsonb keeps none.
    shaped = _MEASURE(value)
    if isinstance(shaped, dict) and isinstance(shaped.get("variables"), dict):
        expression = str(shaped.get("expression", ""))
        shaped["variables"] = dict(sorted(shaped["variables"].items(), key=lambda entry: _use(entry[0], expression)))
    return shaped


def _use(name: str, expression: str) -> tuple[int, str]:
    found = re.search(rf"\b{re.escape(name)}\b", expression)
    return (found.start() if found else len(expression), name)


def _children(value: Any) -> Any:
    return each(INDICATOR)(value)


_TITLED = mapping(code=as_is, title=as_is)
_FAULT = mapping(code=as_is, title=as_is, points=amount, at_step=whole, most=whole, items=each(as_is))
_BAND = mapping(up_to=amount, label=as_is)
_BASE = mapping(variable=as_is, label=as_is, unit=as_is)
_LEVELS = by_level(lambda value: _BAND(value) if isinstance(value, Mapping) else amount(value))
_LABELS = by_level(as_is)
_RUBRIC = mapping(kind=as_is, levels=_LABELS, labels=_LABELS)
_MEASURED = mapping(
    kind=as_is,
    base=_BASE,
    classes=each(mapping(code=as_is, up_to=amount, label=as_is, levels=_LEVELS, labels=_LABELS)),
    levels=_LEVELS,
    labels=_LABELS,
    steps=each(
        mapping(
            level=whole,
            title=as_is,
            judged_by=as_is,
            parts=each(mapping(code=as_is, title=as_is, deduction=amount)),
        )
    ),
    faults=each(_FAULT),
    faults_open=as_is,
    between=as_is,
    below_level_1=as_is,
)
_BIND = mapping(form=as_is, column=as_is, aggregate=as_is, months=whole, subtree=as_is)
_MEASURE = mapping(
    kind=as_is,
    expression=as_is,
    variables=by_name(mapping(label=as_is, unit=as_is, bind=_BIND)),
    items=each(mapping(code=as_is, title=as_is, points=amount)),
    faults=each(_FAULT),
)
_PERIOD = mapping(**{"from": day, "to": day})

INDICATOR = mapping(
    code=as_is,
    dimension=as_is,
    title=as_is,
    work=as_is,
    unit=as_is,
    weight=amount,
    target=amount,
    targets=each(mapping(period=_PERIOD, value=amount, cumulative=as_is, text=as_is)),
    scored=as_is,
    positions=each(as_is),
    rounds=each(whole),
    description=as_is,
    formula_text=as_is,
    conditions=as_is,
    reason=as_is,
    note=as_is,
    owner=as_is,
    collector=as_is,
    contact=as_is,
    evidence=each(as_is),
    supports=as_is,
    judged_by=as_is,
    baseline=mapping(label=as_is, unit=as_is, years=each(mapping(year=whole, value=amount))),
    assigned_units=each(as_is),
    report=mapping(frequency=as_is, due_day=whole),
    measure=_measure,
    criteria=_criteria,
    lateness=mapping(due=day, per_working_day=amount, cutoff=day, items=whole, arrival_of=as_is),
    children=_children,
    children_at_least=whole,
)
FRAMEWORK = mapping(
    format=whole,
    code=as_is,
    title=as_is,
    level=as_is,
    fiscal_year=whole,
    round=whole,
    source=as_is,
    total_weight=amount,
    scale=each(whole),
    below_level_1=as_is,
    grades=each(mapping(**{"from": amount, "label": as_is, "colour": as_is})),
    grades_on=amount,
    dimensions=each(mapping(code=as_is, parent=as_is, title=as_is, weight=amount)),
    units=each(_TITLED),
    indicators=each(INDICATOR),
)


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the framework `document` in its one form, made of what JSON has."""
    shaped: dict[str, Any] = FRAMEWORK(document)
    return shaped


def content_hash(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the framework `document`, the same however its figures, dates and keys were written."""
    text = json.dumps(canonical(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
