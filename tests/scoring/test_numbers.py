from decimal import Decimal
from fractions import Fraction

import pytest

from scoring import NotExact, canonical, display, exact, plain
from scoring.numbers import operand, whole


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0.1", Fraction(1, 10)),
        (" 49 ", Fraction(49)),
        ("+3", Fraction(3)),
        ("-0.25", Fraction(-1, 4)),
        (7, Fraction(7)),
        (Decimal("50.25"), Fraction(201, 4)),
        (Decimal("1E+3"), Fraction(1000)),
        (Fraction(1, 3), Fraction(1, 3)),
    ],
)
def test_numbers_are_read_exactly(given, expected):
    assert exact(given) == expected


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (0.1, "inexact_number"),
        (True, "not_a_number"),
        (None, "not_a_number"),
        ("", "not_a_number"),
        ("1,234", "not_a_number"),
        ("1e3", "not_a_number"),
        ("1_000", "not_a_number"),
        ("๑", "not_a_number"),
        (".5", "not_a_number"),
        ("NaN", "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("Infinity"), "not_a_number"),
        (Decimal("1E+100000"), "number_too_long"),
        (Decimal("1E-100000"), "number_too_long"),
        ("9" * 41, "number_too_long"),
        ("9" * 100000, "number_too_long"),
        (10**40, "number_too_long"),
    ],
)
def test_anything_else_is_refused(given, code):
    with pytest.raises(NotExact) as refusal:
        exact(given)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("number", "places", "expected"),
    [
        ("1.494", 2, "1.49"),
        ("1.495", 2, "1.50"),
        ("-1.495", 2, "-1.50"),
        ("-0.00004", 4, "0.0000"),
        ("0.00005", 4, "0.0001"),
        ("0.5", 0, "1"),
        ("100", 4, "100.0000"),
    ],
)
def test_display_rounds_half_up_ties_away_from_0(number, places, expected):
    assert display(Fraction(number), places) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Fraction("50.250"), "50.25"),
        (Fraction(-7), "-7"),
        (Fraction(0), "0"),
        (Fraction(1, 3), "0.33333333"),
        (Fraction("0.123456789"), "0.12345679"),
        (Fraction(1000), "1000"),
        (Fraction("0.12300000001"), "0.123"),
        (Fraction(-1, 10**11), "0"),
    ],
)
def test_plain_drops_zeros_and_ends_after_8_decimals(number, expected):
    assert plain(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Fraction("0.12345678901"), "0.12345678901"),
        (Fraction(1, 10**40), "0." + "0" * 39 + "1"),
        (Fraction(2, 3), "0.66666667"),
        (Fraction(50), "50"),
    ],
)
def test_whole_keeps_what_was_typed(number, expected):
    assert whole(number) == expected


def test_operand_puts_negatives_in_brackets():
    assert [operand(Fraction(-10)), operand(Fraction(10))] == ["(-10)", "10"]


def test_canonical_keeps_every_digit():
    assert canonical(Fraction("0.1234567890123")) == "0.1234567890123"
    with pytest.raises(ValueError, match="no last decimal"):
        canonical(Fraction(1, 3))
