"""Exact numbers in, displayed numbers out: the one place where anything is rounded."""

import re
from decimal import Decimal
from fractions import Fraction

LONGEST = 40
WORKING_PLACES = 8

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class NotExact(ValueError):
    """This is no number that can be read exactly; `code` names the fault."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def exact(given: object) -> Fraction:
    """Return text, a whole number, a Decimal or a Fraction as an exact Fraction (scoring-rules G1).

    :raises NotExact: for a float, for more than 40 digits on either side of the point and for anything else.
    """
    if isinstance(given, float):
        raise NotExact("inexact_number")
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal | Fraction):
        raise NotExact("not_a_number")
    if isinstance(given, str):
        return _from_text(given.strip())
    if isinstance(given, Decimal):
        return _from_decimal(given)
    if isinstance(given, int) and abs(given) >= 10**LONGEST:
        raise NotExact("number_too_long")
    return Fraction(given)


def _from_text(text: str) -> Fraction:
    if len(text) > 2 * LONGEST:
        raise NotExact("number_too_long")
    if not _DECIMAL.fullmatch(text):
        raise NotExact("not_a_number")
    return _from_decimal(Decimal(text))


def _from_decimal(number: Decimal) -> Fraction:
    if not number.is_finite():
        raise NotExact("not_a_number")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -LONGEST or number.adjusted() >= LONGEST:
        raise NotExact("number_too_long")
    return Fraction(number)


def half_up(number: Fraction, places: int) -> Fraction:
    """Return `number` rounded to `places` decimals, ties away from zero: 1.495 → 1.50, −1.495 → −1.50."""
    units = _units(number, places)
    return Fraction(units if number.numerator >= 0 else -units, 10**places)


def _units(number: Fraction, places: int) -> int:
    """Return how many times 10 to the power of −`places` the size of `number` is, rounded half up."""
    size: int = 10**places
    return (abs(number.numerator) * size * 2 + number.denominator) // (2 * number.denominator)


def display(number: Fraction, places: int) -> str:
    """Return `number` with exactly `places` decimals, rounded half up, ties away from zero (scoring-rules G1)."""
    units = _units(number, places)
    digits = str(units).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if units and number.numerator < 0 else text


def canonical(number: Fraction) -> str:
    """Return a number read by `exact` as it is stored: every digit that counts, no trailing zeros.

    :raises ValueError: for a number that does not end.
    """
    places = _places_of(number)
    if places is None:
        raise ValueError(f"{number} has no last decimal")
    return display(number, places)


def plain(number: Fraction, places: int = WORKING_PLACES) -> str:
    """Return `number` without trailing zeros; where it does not end within `places` decimals, rounded to them.

    Operands of a trace are shown like this, so that a pocket calculator arrives at the displayed outcome.
    """
    ends = _places_of(number)
    if ends is not None and ends <= places:
        return display(number, ends)
    return display(number, places).rstrip("0").rstrip(".")


def whole(number: Fraction, places: int = WORKING_PLACES) -> str:
    """Return `number` with all of its digits, as what was typed has to be shown; what never ends, like `plain`."""
    return plain(number, places if _places_of(number) is None else LONGEST)


def _places_of(number: Fraction) -> int | None:
    twos, rest = _powers(2, number.denominator)
    fives, rest = _powers(5, rest)
    return max(twos, fives) if rest == 1 else None


def _powers(factor: int, number: int) -> tuple[int, int]:
    count = 0
    while number % factor == 0:
        number, count = number // factor, count + 1
    return count, number


def operand(number: Fraction) -> str:
    """Return `number` like `plain`, in brackets if it is negative."""
    return bracketed(plain(number), number)


def bracketed(shown: str, number: Fraction) -> str:
    """Return `shown`, the text of `number`, in brackets if it is negative."""
    return f"({shown})" if number < 0 else shown
