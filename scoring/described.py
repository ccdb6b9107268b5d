"""The keys of an indicator that describe and do not score: checked for type, kept out of the values."""

import re
from collections.abc import Callable, Mapping

from scoring.document import Node, given, read_date, read_number, read_whole

PERIODS = ("monthly", "6-month", "12-month")
FREQUENCIES = ("monthly", "quarterly", "round")
TARGET_KEYS = ("period", "value", "text", "cumulative")
BASELINE_KEYS = ("label", "unit", "years")
YEAR_KEYS = ("year", "value")
REPORT_KEYS = ("frequency", "due_day")

_MONTH = re.compile(r"(19|2[0-2])[0-9]{2}-(0[1-9]|1[0-2])")

Check = Callable[[Node, str], object]


def _target(node: Node, key: str) -> None:
    # A source may print a figure or words.
    if node.has(key) and not isinstance(node.content[key], str):
        node.number(key)
    elif node.has(key):
        node.text(key)


def _targets(node: Node, key: str) -> None:
    for inner in node.nodes(key, TARGET_KEYS):
        inner.require("period")
        inner.number("value")
        inner.text("text")
        inner.flag("cumulative")
        if not inner.has("value") and not inner.has("text"):
            inner.miss("value")
        _period(inner)


def _period(node: Node) -> None:
    period = node.content.get("period")
    if isinstance(period, Mapping):
        span = node.node("period", ("from", "to"))
        if span is not None:
            _month_or_day(span, "from")
            _month_or_day(span, "to")
    elif period is not None and not (isinstance(period, str) and (period in PERIODS or _MONTH.fullmatch(period))):
        node.faults.add("not_allowed", node.at("period"), given=given(period), allowed=", ".join((*PERIODS, "2018-01")))


def _month_or_day(node: Node, key: str) -> None:
    node.require(key)
    value = node.content.get(key)
    if node.has(key) and not (isinstance(value, str) and _MONTH.fullmatch(value)):
        read_date(value, node.at(key), node.faults)


def _baseline(node: Node, key: str) -> None:
    inner = node.node(key, BASELINE_KEYS)
    if inner is None:
        return
    inner.text("label")
    inner.text("unit")
    for year in inner.nodes("years", YEAR_KEYS):
        year.require("year")
        year.whole("year")
        if year.has("value") and year.content["value"] not in ("…", "-"):
            read_number(year.content["value"], year.at("value"), year.faults)


def _report(node: Node, key: str) -> None:
    inner = node.node(key, REPORT_KEYS)
    if inner is None:
        return
    inner.require("frequency")
    inner.choice("frequency", FREQUENCIES, "round")
    day = inner.whole("due_day")
    if day is not None and not 1 <= day <= 31:
        inner.faults.add("not_allowed", inner.at("due_day"), given=day, allowed="1–31")


def _rounds(node: Node, key: str) -> None:
    for place, value in node.items(key):
        number = read_whole(value, place, node.faults)
        if number is not None and number not in (1, 2):
            node.faults.add("not_allowed", place, given=number, allowed="1, 2")


#: Every key of an indicator that does not score, and how its type is checked.
DESCRIBING: Mapping[str, Check] = {
    "dimension": Node.code,
    "work": Node.text,
    "target": _target,
    "targets": _targets,
    "positions": Node.texts,
    "rounds": _rounds,
    "description": Node.text,
    "formula_text": Node.text,
    "conditions": Node.text,
    "reason": Node.text,
    "note": Node.text,
    "owner": Node.text,
    "collector": Node.text,
    "contact": Node.text,
    "evidence": Node.texts,
    "supports": Node.text,
    "judged_by": Node.text,
    "judged_until": Node.day,
    "baseline": _baseline,
    "assigned_units": Node.codes,
    "report": _report,
    "children_at_least": Node.whole,
}

#: The keys that score.
SCORING = ("code", "title", "unit", "weight", "scored", "measure", "criteria", "lateness", "from_below", "children")

#: Every key that an indicator may have.
INDICATOR_KEYS: tuple[str, ...] = (*SCORING, *DESCRIBING)


def check_description(node: Node) -> None:
    """Note what is wrong with the describing keys of an indicator."""
    for key, check in DESCRIBING.items():
        check(node, key)
