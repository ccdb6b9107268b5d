from fractions import Fraction

import pytest

from scoring import Refused
from scoring.formula import DEEPEST, LONGEST_FORMULA, NoBase, parse

VALUES = {
    "a": Fraction(7),
    "b": Fraction(2),
    "เป้า": Fraction(3),
    "standard": Fraction(100000),
    "actual": Fraction(85000),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b * 2", 11),
        ("(a + b) × 2", 18),
        ("a − b - 1", 4),
        ("a / b ÷ 2", Fraction(7, 4)),
        ("-a + b", -5),
        ("2 * (-b)", -4),
        ("min(a, b, 1.5)", Fraction(3, 2)),
        ("max(a, b)", 7),
        ("max(a)", 7),
        ("เป้า * 2", 6),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("((0.9 * standard − actual) / actual) * 100", Fraction(100, 17)),  # S3-11
    ],
)
def test_exact_outcome(expression, expected):
    assert parse(expression, tuple(VALUES)).evaluate(VALUES) == expected


@pytest.mark.parametrize(
    ("expression", "code", "column"),
    [
        ("", "formula_empty", None),
        ("a +", "formula_ends_early", "4"),
        ("(a", "formula_ends_early", "3"),
        ("a b", "formula_unexpected", "3"),
        ("a ** b", "formula_unexpected", "4"),
        ("a // b", "formula_unexpected", "4"),
        ("a % b", "formula_unexpected", "3"),
        ("a.real", "formula_unexpected", "2"),
        ("a[0]", "formula_unexpected", "2"),
        ("a + - b", "formula_unexpected", "5"),
        ("a == b", "formula_unexpected", "3"),
        ("1.2.3", "formula_unexpected", "4"),
        ("1.", "formula_unexpected", "1"),
        ("1e3", "formula_unexpected", "2"),
        ("a)", "formula_unexpected", "2"),
        ("()", "formula_unexpected", "2"),
        ("min", "formula_ends_early", "4"),
        ("min()", "formula_unexpected", "5"),
        ("__import__('os')", "formula_unexpected", "12"),
        ("abs(a)", "formula_unknown_name", "1"),
        ("a + unknown", "formula_unknown_name", "5"),
        ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), "formula_too_deep", "21"),
        ("a+" * LONGEST_FORMULA + "a", "formula_too_long", None),
    ],
)
def test_nothing_else_parses(expression, code, column):
    with pytest.raises(Refused) as refusal:
        parse(expression, tuple(VALUES))

    (found,) = refusal.value.faults
    assert (found.code, found.values().get("column")) == (code, column)


@pytest.mark.parametrize("expression", ["a / (b - 2)", "a / 0", "0 / (b - 2)", "max(a, 1 / (b - 2))"])
def test_denominator_of_0_is_no_base(expression):
    with pytest.raises(NoBase):
        parse(expression, tuple(VALUES)).evaluate(VALUES)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a/b*100", "7 ÷ 2 × 100"),
        ("-a + min(a,b)", "− 7 + min(7, 2)"),
        ("(-b)", "(− 2)"),
    ],
)
def test_filled_in_for_the_trace(expression, expected):
    assert parse(expression, tuple(VALUES)).filled(VALUES) == expected
