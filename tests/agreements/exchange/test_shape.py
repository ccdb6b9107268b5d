from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest

from agreements.exchange import shape
from scoring.described import BASELINE_KEYS, INDICATOR_KEYS, REPORT_KEYS, TARGET_KEYS, YEAR_KEYS
from scoring.dimensions import DIMENSION_KEYS
from scoring.read_framework import FRAMEWORK_KEYS, GRADE_KEYS, UNIT_KEYS

# The package's names of these modules are those of their functions.
read_criteria = import_module("scoring.read_criteria")
read_measure = import_module("scoring.read_measure")


def framework(**values):
    return shape.canonical({"format": 1, "indicators": [], **values})


def indicator(**values):
    return framework(indicators=[values])["indicators"][0]


# --- One content, one hash -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"weight": 10}, {"weight": "10"}),
        ({"weight": Decimal("10.00")}, {"weight": "10"}),
        ({"weight": Decimal("0.1")}, {"weight": "0.10"}),
        ({"target": 49, "title": "ก"}, {"title": "ก", "target": "49.0", "note": None}),
        ({"criteria": {"kind": "thresholds", "levels": {1: 45, 5: 53}}},
         {"criteria": {"levels": {"5": "53", "1": "45"}, "kind": "thresholds"}}),
        ({"criteria": {"kind": "thresholds", "levels": {1: 45, 2: None}}},
         {"criteria": {"kind": "thresholds", "levels": {1: 45}}}),
        ({"lateness": {"due": date(2013, 3, 20)}}, {"lateness": {"due": "2013-03-20"}}),
        ({"rounds": ["1", 2]}, {"rounds": [1, "2"]}),
        ({"children": [{"weight": 5, "code": "a"}]}, {"children": [{"code": "a", "weight": "5"}]}),
    ],
)  # fmt: skip
def test_ways_to_write_the_same(one, other):
    first, second = framework(indicators=[one]), framework(indicators=[other])

    assert first == second
    assert shape.content_hash({"indicators": [one]}) == shape.content_hash({"indicators": [other]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"weight": 10}, {"weight": "10.01"}),
        ({"code": "1.1"}, {"code": "1.10"}),
        ({"title": "60"}, {"title": "60.0"}),
        (
            {"criteria": {"kind": "rubric", "levels": {1: "60"}}},
            {"criteria": {"kind": "rubric", "levels": {1: "60.0"}}},
        ),
        ({"evidence": ["a", "b"]}, {"evidence": ["b", "a"]}),
        ({"scored": True}, {}),
    ],
)
def test_ways_to_write_something_else(one, other):
    assert shape.content_hash({"indicators": [one]}) != shape.content_hash({"indicators": [other]})


def test_amounts_become_their_shortest_string():
    criteria = {
        "kind": "classed",
        "classes": [{"code": "A", "up_to": Decimal("10.0"), "levels": {1: Decimal("0.50"), 10: -3, 2: "+2"}}],
    }

    assert indicator(criteria=criteria)["criteria"] == {
        "kind": "classed",
        "classes": [{"code": "A", "up_to": "10", "levels": {"1": "0.5", "2": "2", "10": "-3"}}],
    }


def test_variables_stand_as_the_expression_uses_them():
    # PostgreSQL hands them back by length.
    variables = {"b": {}, "all": {}, "unused": {}, "ab": {"unit": "บาท", "label": "ก"}}
    measure = {"variables": variables, "expression": "ab / (all + b)", "kind": "formula"}

    shaped = indicator(measure=measure)["measure"]

    assert list(shaped["variables"]) == ["ab", "all", "b", "unused"]
    assert list(shaped["variables"]["ab"]) == ["label", "unit"]


# --- Every key of the rules has its place ----------------------------------------------------------------------------
def placed(keys, shaped):
    """Return which of `keys` stand where a key that nobody knows stands, or behind it."""
    document = dict.fromkeys(["nobody-knows-this", *keys], "x")
    order = list(shaped(document))
    return order[order.index("nobody-knows-this") + 1 :]


CRITERIA = sorted({key for keys in read_criteria.KEYS.values() for key in keys})
MEASURE = sorted({key for keys in read_measure.KEYS.values() for key in keys})


def criteria(**values):
    return indicator(criteria=values)["criteria"]


def measure(**values):
    return indicator(measure=values)["measure"]


@pytest.mark.parametrize(
    ("keys", "shaped"),
    [
        (FRAMEWORK_KEYS, shape.canonical),
        (GRADE_KEYS, lambda entry: framework(grades=[entry])["grades"][0]),
        (UNIT_KEYS, lambda entry: framework(units=[entry])["units"][0]),
        (DIMENSION_KEYS, lambda entry: framework(dimensions=[entry])["dimensions"][0]),
        (INDICATOR_KEYS, lambda entry: indicator(**entry)),
        (TARGET_KEYS, lambda entry: indicator(targets=[entry])["targets"][0]),
        (BASELINE_KEYS, lambda entry: indicator(baseline=entry)["baseline"]),
        (YEAR_KEYS, lambda entry: indicator(baseline={"years": [entry]})["baseline"]["years"][0]),
        (REPORT_KEYS, lambda entry: indicator(report=entry)["report"]),
        (read_measure.LATENESS_KEYS, lambda entry: indicator(lateness=entry)["lateness"]),
        (MEASURE, lambda entry: measure(**entry)),
        (read_measure.ITEM_KEYS, lambda entry: measure(items=[entry])["items"][0]),
        (read_measure.FAULT_KEYS, lambda entry: measure(faults=[entry])["faults"][0]),
        (read_measure.VARIABLE_KEYS, lambda entry: measure(variables={"a": entry})["variables"]["a"]),
        (CRITERIA, lambda entry: criteria(**entry)),
        (read_criteria.BAND_KEYS, lambda entry: criteria(levels={1: entry})["levels"]["1"]),
        (read_criteria.STEP_KEYS, lambda entry: criteria(steps=[entry])["steps"][0]),
        (read_criteria.PART_KEYS, lambda entry: criteria(steps=[{"parts": [entry]}])["steps"][0]["parts"][0]),
        (read_criteria.FAULT_KEYS, lambda entry: criteria(faults=[entry])["faults"][0]),
        (read_criteria.BASE_KEYS, lambda entry: criteria(base=entry)["base"]),
        (read_criteria.CLASS_KEYS, lambda entry: criteria(classes=[entry])["classes"][0]),
    ],
)
def test_every_key_that_the_rules_know_has_its_place(keys, shaped):
    assert placed(keys, shaped) == []
