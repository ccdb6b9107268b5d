from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements.forms.fields import BuddhistDateField, NumberField, TextField, WholeNumberField


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def refusal(field, typed):
    """Return the code and the words with which `field` refuses what was typed."""
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    return refused.value.code, refused.value.messages[0]


# --- Numbers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("50.25", "50.25"),
        ("๕๐.๒๕", "50.25"),
        ("๑,๒๓๔.๕๐", "1234.50"),
        ("1,234,567", "1234567"),
        ("1 234.5", "1234.5"),
        ("87.5 %", "87.5"),
        ("๘๗.๕%", "87.5"),
        ("−3", "-3"),
        ("-0.25", "-0.25"),
        ("  7 ", "7"),
        ("0", "0"),
        ("0.1", "0.1"),
        (".5", "0.5"),
    ],
)
def test_a_number_is_read_exactly_as_typed_in_an_office(typed, number):
    assert NumberField().clean(typed) == Decimal(number)


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("1e3", "exponent", "Write the number out in full, without an exponent such as 1e3."),
        ("๑E๓", "exponent", "Write the number out in full, without an exponent such as 1e3."),
        ("12,34", "grouping", "The commas are not where thousands end. Write 1,234.50, or leave them out."),
        ("1.2.3", "points", "A number has only one decimal point."),
        ("ห้า", "characters", "This is not a number. Use digits only, for example 1,234.50."),
        ("NaN", "characters", "This is not a number. Use digits only, for example 1,234.50."),
        ("Infinity", "characters", "This is not a number. Use digits only, for example 1,234.50."),
        ("1/2", "characters", "This is not a number. Use digits only, for example 1,234.50."),
        ("9" * 41, "too_long", "This number is too long."),
    ],
)
def test_what_is_not_one_plain_number_is_refused_in_words(typed, code, said):
    assert refusal(NumberField(), typed) == (code, said)


@pytest.mark.parametrize("typed", ["", "   ", None])
def test_an_empty_number_is_none_and_not_zero(typed):
    assert NumberField(required=False).clean(typed) is None


def test_a_required_number_is_asked_for():
    assert refusal(NumberField(), " ")[0] == "required"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0", Decimal(0)),
        ("5", Decimal(5)),
        ("-0.01", ("least", "Not below 0.")),
        ("5.01", ("most", "Not above 5.")),
    ],
)
def test_a_number_keeps_within_its_bounds_both_included(typed, expected):
    field = NumberField(least=Decimal(0), most=Decimal(5))

    answer = refusal(field, typed) if isinstance(expected, tuple) else field.clean(typed)

    assert answer == expected


@pytest.mark.parametrize(
    ("kept", "shown"), [(Decimal("50.250"), "50.25"), (Decimal("1E+2"), "100"), ("๕๐,", "๕๐,"), (None, None)]
)
def test_a_number_is_shown_plainly_and_what_was_typed_is_left_as_it_was(kept, shown):
    assert NumberField().prepare_value(kept) == shown


@pytest.mark.parametrize(("typed", "expected"), [("๑๐", Decimal(10)), ("10.0", Decimal(10)), ("10.5", "whole")])
def test_a_count_is_whole(typed, expected):
    field = WholeNumberField()

    answer = refusal(field, typed)[0] if expected == "whole" else field.clean(typed)

    assert answer == expected


# --- Dates -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed",
    ["20 มี.ค. 2556", "๒๐ มีนาคม พ.ศ. ๒๕๕๖", "20/3/2556", "20-03-56", "2556-03-20", "20 March 2556", "20 มี.ค. ค.ศ. 2013"],
)
def test_a_date_is_read_in_every_usual_spelling(typed):
    assert BuddhistDateField().clean(typed) == date(2013, 3, 20)


@pytest.mark.parametrize("typed", ["20/3/2013", "2013-03-20", "๒๐ มีนาคม ๒๐๑๓", "20 March 2013"])
def test_a_christian_year_is_asked_about_with_the_buddhist_date(typed):
    code, said = refusal(BuddhistDateField(), typed)

    assert code == "christian_era"
    assert said == "Is this 20 มี.ค. 2556? Write the year in the Buddhist Era."


@pytest.mark.parametrize(
    ("typed", "code"), [("30 ก.พ. 2556", "day"), ("20/13/2556", "month"), ("มี.ค. 2556", "no_day"), ("เมื่อวาน", "shape")]
)
def test_what_is_no_day_is_refused(typed, code):
    assert refusal(BuddhistDateField(), typed)[0] == code


def test_an_empty_date_is_none():
    assert BuddhistDateField(required=False).clean(" ") is None


def test_a_kept_date_is_shown_in_the_buddhist_era_and_read_back():
    field = BuddhistDateField()

    shown = field.prepare_value(date(2013, 3, 20))

    assert shown == "20 มี.ค. 2556"
    assert field.clean(shown) == date(2013, 3, 20)


# --- Text ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("น\u0e4d\u0e32", "นำ"),  # sara am as two characters
        ("น้\u0e4d\u0e32", "น้ำ"),
        ("น\u0e4d้\u0e32", "น้ำ"),
        ("เเผน", "แผน"),  # sara ae as two sara e
        ("cafe\u0301", "café"),
        ("จํา\u200bนวน", "จำนวน"),
        ("  สอง \t คำ ", "สอง คำ"),
        ("บรรทัดหนึ่ง\nบรรทัดสอง", "บรรทัดหนึ่ง\nบรรทัดสอง"),
    ],
)
def test_text_is_spelled_one_way(typed, kept):
    assert TextField().clean(typed) == kept


def test_text_that_shows_nothing_is_empty():
    assert TextField(required=False).clean(" \u200b ") == ""
    assert refusal(TextField(), " \u200b ")[0] == "required"
