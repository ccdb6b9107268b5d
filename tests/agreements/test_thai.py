from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agreements.thai import (
    ChristianEraYear,
    NotADate,
    NotANumber,
    canonical_decimal,
    fiscal_year_of,
    format_date,
    format_datetime,
    format_month,
    format_number,
    normalise,
    parse_date,
    parse_month,
    parse_number,
    search_key,
    sort_key,
    to_arabic_digits,
    to_thai_digits,
)

SEPTEMBER_23 = date(2020, 9, 23)
HALF_PAST_FIVE = datetime(2013, 3, 20, 17, 30, tzinfo=UTC)


def test_digits_change_both_ways_and_leave_the_rest():
    assert to_arabic_digits("ที่ ชบ ๐๐๒๓.๑/๒๖๓") == "ที่ ชบ 0023.1/263"
    assert to_thai_digits("ข้อ 1.10 (2563)") == "ข้อ ๑.๑๐ (๒๕๖๓)"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0", "0"),
        ("12", "12"),
        ("007", "7"),
        ("12.50", "12.50"),
        (".5", "0.5"),
        ("๑๒๓", "123"),
        ("๑,๒๓๔.๕๐", "1234.50"),
        ("1,234", "1234"),
        ("1,234,567.891", "1234567.891"),
        ("12,345", "12345"),
        ("1 234 567", "1234567"),
        ("1\u00a0234.5", "1234.5"),
        ("  87.5 % ", "87.5"),
        ("87.5%", "87.5"),
        ("๘๗.๕ ％", "87.5"),
        ("-3", "-3"),
        ("- 3", "-3"),
        ("\u22123", "-3"),
        ("\u2013๓.๕", "-3.5"),
        ("+3", "3"),
        ("-1,000", "-1000"),
        ("\u200b5\ufeff", "5"),
    ],
)
def test_number_is_understood(typed, number):
    assert str(parse_number(typed)) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" \u00a0\u200b", "empty"),
        ("1e3", "exponent"),
        ("1E+3", "exponent"),
        ("๑e๓", "exponent"),
        ("1.2.3", "points"),
        ("1..2", "points"),
        ("1,23", "grouping"),
        ("12,34", "grouping"),
        ("0,123", "grouping"),
        ("1234,567", "grouping"),
        ("1,2345", "grouping"),
        ("1,234 567", "grouping"),
        (",5", "grouping"),
        ("1 2", "grouping"),
        ("5-10", "characters"),
        ("5.", "characters"),
        ("%", "characters"),
        ("-", "characters"),
        ("--5", "characters"),
        ("สิบ", "characters"),
        ("10 บาท", "characters"),
        ("NaN", "characters"),
        ("Infinity", "characters"),
        ("1_000", "characters"),
        ("٣", "characters"),
        ("9" * 41, "too_long"),
    ],
)
def test_number_is_refused(typed, code):
    with pytest.raises(NotANumber) as refusal:
        parse_number(typed)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("0E-10", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("1.500", "1.5"),
        ("1.000", "1"),
        ("-0.10", "-0.1"),
        ("0.0000001", "0.0000001"),
        ("12345678901234567890.123456789012345678901234567890", "12345678901234567890.12345678901234567890123456789"),
    ],
)
def test_canonical_decimal_keeps_every_digit_that_counts(number, stored):
    assert canonical_decimal(Decimal(number)) == stored


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_canonical_decimal_refuses_what_is_no_number(number):
    with pytest.raises(NotANumber) as refusal:
        canonical_decimal(Decimal(number))

    assert refusal.value.code == "not_finite"


@pytest.mark.parametrize(
    ("value", "options", "shown"),
    [
        ("1234567.5", {}, "1,234,567.5"),
        (Decimal("1234567.5"), {"grouping": False}, "1234567.5"),
        ("1234.5", {"places": 2, "thai_digits": True}, "๑,๒๓๔.๕๐"),
        ("3.62495", {"places": 4}, "3.6250"),
        ("2.5", {"places": 0}, "3"),
        ("-2.5", {"places": 0}, "-3"),
        ("-0.004", {"places": 2}, "0.00"),
        ("0", {"places": 2}, "0.00"),
        ("999.999", {"places": 2}, "1,000.00"),
        ("-1234", {}, "-1,234"),
        ("0.05", {}, "0.05"),
        (Decimal("1E+6"), {"places": 1}, "1,000,000.0"),
        (Decimal("1234567890123456789012345678901234567.895"), {"places": 2, "grouping": False}, None),
    ],
)
def test_number_is_shown(value, options, shown):
    shown = shown or "1234567890123456789012345678901234567.90"

    assert format_number(value, **options) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "23 ก.ย. 2563",
        "23 ก.ย. ๖๓",
        "๒๓ ก.ย. ๖๓",
        "23 ก.ย.63",
        "23ก.ย.2563",
        "23 กย 63",
        "23 ก.ย 2563",
        "23 ก. ย. 2563",
        "23 กันยายน 2563",
        "23 กันยายน พ.ศ. 2563",
        "23 กันยายน พ.ศ.2563",
        "23 กันยายน พศ 2563",
        "23 กันยายน พุทธศักราช ๒๕๖๓",
        "23 กันยา 63",
        "วันที่ 23 กันยายน 2563",
        "วันที่ 23 เดือนกันยายน พ.ศ. 2563",
        "วันพุธที่ 23 กันยายน 2563",
        "ที่ ๒๓ กันยายน ๒๕๖๓",
        "23/9/2563",
        "23/09/2563",
        "23-9-63",
        "23.9.63",
        "23 9 2563",
        "๒๓/๙/๖๓",
        "23 / 9 / 2563",
        "23\u20139\u20132563",
        "2563-09-23",
        "23 Sep 2563",
        "23 September 2563",
        "23 ก.ย. ค.ศ. 2020",
        "23 กันยายน คริสต์ศักราช 2020",
        "\u200b23\u00a0ก.ย.\u00a02563 ",
    ],
)
def test_date_is_understood(typed):
    assert parse_date(typed) == SEPTEMBER_23


@pytest.mark.parametrize("number", range(1, 13))
def test_every_month_is_understood_as_it_is_shown(number):
    day = date(2013, number, 5)

    assert [parse_date(format_date(day, style)) for style in ("short", "long", "numeric")] == [day] * 3
    assert [parse_month(format_month(day, style, thai_digits=True)) for style in ("short", "long")] == [
        day.replace(day=1)
    ] * 2


@pytest.mark.parametrize("typed", ["1 กรกฏาคม 2563", "1 กรกฎาคม 2563", "1 ก.ค. 2563"])
def test_commonest_misspelling_of_july_is_understood(typed):
    assert parse_date(typed) == date(2020, 7, 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("31 เม.ย. 2563", "day"),
        ("30/2/2563", "day"),
        ("29 ก.พ. 2562", "day"),
        ("0 ก.ย. 2563", "day"),
        ("31/9/2020", "day"),
        ("9/23/2563", "month"),
        ("23/0/2563", "month"),
        ("23 กันยาคม 2563", "month"),
        ("ก.ย. ๖๑", "no_day"),
        ("กันยายน 2561", "no_day"),
        ("9/2563", "no_day"),
        ("23/9/2300", "year"),
        ("23 ก.ย. 3563", "year"),
        ("23/9-2563", "shape"),
        ("23/9", "shape"),
        ("23 ก.ย. 563", "shape"),
        ("พรุ่งนี้", "shape"),
        ("23 ก.ย. 2563 - 24 ก.ย. 2563", "shape"),
        ("230963", "shape"),
        ("23 " + "ก" * 100 + " 2563", "shape"),
    ],
)
def test_date_is_refused(typed, code):
    with pytest.raises(NotADate) as refusal:
        parse_date(typed)

    assert refusal.value.code == code


def test_leap_day_follows_the_christian_year():
    assert parse_date("29 ก.พ. 2563") == date(2020, 2, 29)
    assert parse_date("29/2/43") == date(2000, 2, 29)


@pytest.mark.parametrize(
    "typed", ["2020-09-23", "2020/9/23", "23/9/2020", "23-09-2020", "23 ก.ย. 2020", "23 Sep 2020", "23 ก.ย. พ.ศ. 2020"]
)
def test_christian_era_year_is_asked_about(typed):
    with pytest.raises(ChristianEraYear) as question:
        parse_date(typed)

    assert question.value.code == "christian_era"
    assert question.value.year == 2020
    assert question.value.christian == SEPTEMBER_23
    assert question.value.buddhist == date(1477, 9, 23)


def test_candidate_that_does_not_exist_is_not_offered():
    with pytest.raises(ChristianEraYear) as question:
        parse_date("29/2/2020")

    assert question.value.christian == date(2020, 2, 29)
    assert question.value.buddhist is None


@pytest.mark.parametrize(
    "typed", ["ก.ย. ๖๑", "ก.ย.61", "กันยายน 2561", "เดือนกันยายน พ.ศ. 2561", "9/2561", "09-61", "2561-09", "Sept 2561"]
)
def test_month_is_understood(typed):
    assert parse_month(typed) == date(2018, 9, 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("23 ก.ย. 2561", "shape"), ("13/2561", "month"), ("2018-09", "christian_era"), ("", "empty"), ("2561", "shape")],
)
def test_month_is_refused(typed, code):
    with pytest.raises(NotADate) as refusal:
        parse_month(typed)

    assert refusal.value.code == code


def test_date_is_shown_in_the_buddhist_era():
    assert format_date(SEPTEMBER_23) == "23 ก.ย. 2563"
    assert format_date(SEPTEMBER_23, "long", thai_digits=True) == "๒๓ กันยายน ๒๕๖๓"
    assert format_date(date(2021, 3, 5), "numeric") == "05/03/2564"
    assert format_month(SEPTEMBER_23) == "ก.ย. 2563"


def test_moment_is_told_in_thai_time():
    assert format_datetime(HALF_PAST_FIVE) == "21 มี.ค. 2556 00.30 น."
    assert format_datetime(HALF_PAST_FIVE.replace(tzinfo=None), "long", thai_digits=True) == "๒๐ มีนาคม ๒๕๕๖ ๑๗.๓๐ น."


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2012, 9, 30), 2555), (date(2012, 10, 1), 2556), (date(2012, 12, 31), 2556), (date(2013, 9, 30), 2556)],
)
def test_fiscal_year_begins_in_october(day, year):
    assert fiscal_year_of(day) == year


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("กํา", "กำ"),
        ("นํ้า", "น้ำ"),
        ("น้ํา", "น้ำ"),
        ("นำ้", "น้ำ"),
        ("ที่", "ที่"),
        ("ท่ี", "ที่"),
        ("เเผน", "แผน"),
        ("แผน\u200bงาน", "แผนงาน"),
        ("นาย\u00a0\u00a0ก  ข", "นาย ก ข"),
        ("  บรรทัด\nใหม่\t", "บรรทัด\nใหม่"),
        ("e\u0301", "é"),
    ],
)
def test_text_is_spelled_one_way(typed, spelled):
    assert normalise(typed) == spelled
    assert normalise(spelled) == spelled


@pytest.mark.parametrize(
    ("text", "looked_for"),
    [
        ("นํ้า", "น้ำ"),
        ("สถจ.ชลบุรี", "สถจ ชลบุรี"),
        ("เบญจรงค์", "เบญจรงค"),
        ("ปผ.๑", "ปผ 1"),
        ("Action Plan", "actionplan"),
        ("โรงเรียนฯ", "โรงเรียน"),
    ],
)
def test_search_overlooks_what_people_leave_out(text, looked_for):
    assert search_key(text) == search_key(looked_for)


def test_search_keeps_points_between_digits():
    assert search_key("8.1") != search_key("81")
    assert search_key("ข้อ ๘.๑.") == "ขอ8.1"


@pytest.mark.parametrize(
    "in_order",
    [
        ["กก", "กา", "เก", "แก", "โก", "ใก", "ไก", "ขก"],
        ["กา", "ก่า", "ก้า", "ก๊า", "ก๋า", "กาก"],
        ["เก", "เก็ง", "เก่ง", "เก้ง", "เก๋ง", "เข"],
        ["รุ", "ฤกษ์", "ล", "ฦ", "ว"],
        ["กระทำ", "กระทำการ", "กระทิง"],
        ["กาก", "กำ", "กิ"],
        ["1", "๑๐", "2", "ก", "A", "b", "é", "z"],
        ["a", "A", "b"],
        ["ขอนแก่น", "ชลบุรี", "เชียงราย", "เชียงใหม่", "นนทบุรี", "แม่ฮ่องสอน", "เลย", "หนองคาย", "อำนาจเจริญ"],
    ],
)
def test_plain_order_of_keys_is_dictionary_order(in_order):
    keys = [sort_key(text) for text in in_order]

    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("one", "other"), [("ก.ย.", "กย"), ("ข้อ ๑๐", "ข้อ10"), ("กํา", "กำ"), ("(ร่าง) แผน", "ร่างแผน"), ("เเก", "แก")]
)
def test_spelling_does_not_change_the_key(one, other):
    assert sort_key(one) == sort_key(other)


@pytest.mark.parametrize("text", ["", "ฯ", "กำ้ ๑ Ab é √ 中 ☑ \U0001f600\n"])
def test_key_is_safe_under_any_collation(text):
    assert all(char in "0123456789abcdefghijklmnopqrstuvwxyz" for char in sort_key(text))
