"""The canonical form of what is signed: whatever says the same has one hash, whatever does not has another."""

import json
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from agreements import thai
from agreements.services import log

THAI = st.text(alphabet=[chr(code) for code in range(0x0E01, 0x0E5C) if chr(code).isprintable()] + list(" ab1é"))
FIGURES = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)
PLAIN = st.none() | st.booleans() | st.integers() | st.text() | THAI
DOCUMENTS = st.recursive(
    PLAIN, lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text() | THAI, below, max_size=4)
)


def turned(value):
    """Return `value` with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: turned(entry) for key, entry in reversed(value.items())}
    return [turned(entry) for entry in value] if isinstance(value, list) else value


def respelled(value, form):
    """Return `value` with all texts, keys too, in another Unicode form."""
    if isinstance(value, str):
        return unicodedata.normalize(form, value)
    if isinstance(value, dict):
        return {respelled(key, form): respelled(entry, form) for key, entry in value.items()}
    return [respelled(entry, form) for entry in value] if isinstance(value, list) else value


@given(DOCUMENTS)
def test_read_back_it_is_canonical_already(document):
    text = log.canonical(document)

    assert log.canonical(json.loads(text)) == text


@given(st.dictionaries(st.sampled_from("กขคabc123"), PLAIN, max_size=6), st.randoms())
def test_the_order_of_keys_says_nothing(document, chance):
    keys = list(document)
    chance.shuffle(keys)

    assert log.canonical({key: document[key] for key in keys}) == log.canonical(document)
    assert log.canonical(turned({"outer": [document]})) == log.canonical({"outer": [document]})


@given(st.dictionaries(st.sampled_from(["é", "f", "ü", "a", "กำ", "กา"]), THAI, max_size=6))
def test_composed_and_decomposed_text_is_one(document):
    assert log.canonical(respelled(document, "NFD")) == log.canonical(respelled(document, "NFC"))


def test_a_decomposed_key_stands_where_the_composed_one_does():
    # é as one character sorts behind f, as two before it.
    assert log.canonical({"e\u0301": 1, "f": 2}) == log.canonical({"f": 2, "\u00e9": 1})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("จ\u0e4d\u0e32นวน", "จำนวน"), ("น\u0e49\u0e4d\u0e32", "น้ำ"), ("น\u0e4d\u0e49\u0e32", "น้ำ"), ("เเผน", "แผน")],
)
def test_thai_that_looks_the_same_is_one(typed, meant):
    assert typed != meant
    assert log.canonical({"title": typed}) == log.canonical({"title": meant})


@given(FIGURES, st.integers(min_value=0, max_value=12))
def test_a_decimal_is_its_value_however_it_was_written(number, zeros):
    written = Decimal(f"{number:f}" + ("" if "." in f"{number:f}" else ".") + "0" * zeros)

    assert log.canonical(written) == log.canonical(number)
    assert "E" not in log.canonical(number).upper()


@pytest.mark.parametrize("same", ["100", "1E+2", "1.00E+2", "100.00", "0.1E3"])
def test_exponents_are_written_out(same):
    assert log.canonical(Decimal(same)) == '"100"'


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2900, 1, 1), timezones=st.just(UTC)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_a_moment_is_one_in_every_zone(moment, minutes):
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))

    assert log.canonical(elsewhere) == log.canonical(moment)


def test_a_day_is_no_moment():
    assert log.canonical(date(2013, 3, 31)) == '"2013-03-31"'
    assert log.canonical(datetime(2013, 3, 31, 7, tzinfo=timezone(timedelta(hours=7)))) == (
        '"2013-03-31T00:00:00.000000+00:00"'
    )


@given(FIGURES, FIGURES)
def test_two_figures_are_one_where_their_values_are(one, other):
    assert (log.canonical(one) == log.canonical(other)) is (one == other)


def test_control_without_the_one_spelling_the_same_words_have_two_hashes(monkeypatch):
    monkeypatch.setattr(thai, "one_spelling", lambda text: text)

    assert log.canonical({"title": "จ\u0e4d\u0e32นวน"}) != log.canonical({"title": "จำนวน"})
    assert log.canonical({"e\u0301": 1, "f": 2}) != log.canonical({"f": 2, "\u00e9": 1})


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        (datetime(2013, 3, 31), ValueError),
        (float("nan"), ValueError),
        (Decimal("NaN"), ValueError),
        ({1, 2}, TypeError),
        (b"bytes", TypeError),
    ],
)
def test_what_has_no_one_form_is_refused(value, refusal):
    with pytest.raises(refusal):
        log.canonical({"in": [value]})
