from fractions import Fraction

import pytest

from scoring import Refused
from tests.scoring.making import codes, indicator, levels, rules, score

FORMULA = {"kind": "formula", "expression": "handled / pending * 100", "variables": {"handled": {}, "pending": {}}}


def one_class(code, up_to, first):
    return {"code": code, "up_to": up_to, "levels": levels(*range(first, first + 25, 5))}


S1_8_1 = {
    "kind": "classed",
    "base": {"label": "เรื่องค้าง", "unit": "เรื่อง"},
    "classes": [one_class("A", 10, 80), one_class("B", 20, 75), one_class("C", None, 70)],
}
S1_8_2 = {
    "kind": "classed",
    "base": {"variable": "pending"},
    "classes": [
        one_class("A", 10, 70),
        one_class("B", 20, 65),
        one_class("C", 30, 60),
        one_class("D", 40, 50),
        one_class("E", 50, 45),
        one_class("F", 60, 40),
        one_class("G", None, 35),
    ],
}


def test_base_10_is_class_a_8_1():
    found = score(indicator(S1_8_1), {"base": 10, "value": 90})

    assert found.as_document()["score"] == "3.0000"
    assert rules(found) == ["measured_direct", "class_chosen", "interpolation", "weighted"]


@pytest.mark.parametrize(("handled", "pending", "expected"), [(20, 28, "3.2857"), (30, 62, "3.6774")])
def test_base_in_a_variable_8_2(handled, pending, expected):
    subject = indicator(S1_8_2, measure=FORMULA)

    found = score(subject, {"variables": {"handled": handled, "pending": pending}})

    assert found.as_document()["score"] == expected


@pytest.mark.parametrize("result", [{"base": 0}, {"base": 0, "value": 5}])
def test_base_0_is_cancelled_by_itself_not_class_a(result):
    found = score(indicator(S1_8_1), result)

    assert (found.status, found.score, rules(found)) == ("cancelled", None, ["base_zero"])


def test_base_0_in_a_variable_is_cancelled_too():
    found = score(indicator(S1_8_2, measure=FORMULA), {"variables": {"handled": 0, "pending": 0}})

    assert found.status == "cancelled"


def test_typed_value_with_its_base():
    found = score(indicator(S1_8_2, measure=FORMULA), {"base": 28, "value": "75"})

    assert found.score == Fraction(4)
    assert rules(found)[0] == "measured_typed"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"base": -1, "value": 90}, [("negative", "base")]),
        ({"value": 90}, [("missing", "base")]),
        ({"base": 5}, [("nothing_reported", "")]),
    ],
)
def test_results_refused(result, expected):
    with pytest.raises(Refused) as refusal:
        score(indicator(S1_8_1), result)

    assert codes(refusal) == expected


@pytest.mark.parametrize("base", [10, 0])
def test_a_base_beside_another_in_its_variable_is_refused(base):
    with pytest.raises(Refused) as refusal:
        score(indicator(S1_8_2, measure=FORMULA), {"base": base, "variables": {"handled": 20, "pending": 28}})

    assert codes(refusal) == [("several_inputs", "")]


def test_a_base_that_says_the_same_as_its_variable_is_let_pass():
    found = score(indicator(S1_8_2, measure=FORMULA), {"base": 28, "variables": {"handled": 20, "pending": 28}})

    assert found.as_document()["score"] == "3.2857"


def test_base_beyond_the_last_bounded_class():
    criteria = {"kind": "classed", "base": {}, "classes": [one_class("A", 10, 80)]}

    with pytest.raises(Refused) as refusal:
        score(indicator(criteria), {"base": 11, "value": 90})

    assert codes(refusal) == [("base_beyond_classes", "base")]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"kind": "classed", "base": {}, "classes": []}, [("no_classes", "criteria.classes")]),
        ({"kind": "classed", "classes": [one_class("A", 10, 80)]}, [("missing", "criteria.base")]),
        (
            {"kind": "classed", "base": {}, "classes": [one_class("A", None, 80), one_class("A", 20, 80)]},
            [("class_bound_missing", "criteria.classes[0].up_to"), ("duplicate", "criteria.classes[1].code")],
        ),
        (
            {"kind": "classed", "base": {}, "classes": [one_class("A", 20, 80), one_class("B", 10, 80)]},
            [("class_bounds_not_rising", "criteria.classes")],
        ),
        (
            {"kind": "classed", "base": {}, "classes": [{"code": "A", "levels": {1: 5}}]},
            [("too_few_levels", "criteria.classes[0].levels")],
        ),
        (
            {"kind": "classed", "base": {"variable": "x"}, "classes": [one_class("A", 20, 80)]},
            [("unknown_reference", "criteria.base.variable")],
        ),
    ],
)
def test_refused(criteria, expected):
    with pytest.raises(Refused) as refusal:
        indicator(criteria)

    assert codes(refusal) == expected
