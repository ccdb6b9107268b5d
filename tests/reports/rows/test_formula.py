"""Formulas as fractions."""

import pytest

from reports.rows.formula import Fraction, formula_of

LABELS = {"a": {"label": "จำนวนที่ทำได้"}, "b": {"label": "จำนวนทั้งหมด"}}


def measured(expression):
    return {"measure": {"kind": "formula", "expression": expression, "variables": LABELS}}


@pytest.mark.parametrize(
    ("definition", "set_as"),
    [
        (measured("a / b * 100"), Fraction(top="จำนวนที่ทำได้", bottom="จำนวนทั้งหมด", after="× 100")),
        (measured("100 * (a / b)"), Fraction(top="จำนวนที่ทำได้", bottom="จำนวนทั้งหมด", before="100 ×")),
        (measured("a / b"), Fraction(top="จำนวนที่ทำได้", bottom="จำนวนทั้งหมด")),
        (
            measured("((0.9 * a - b) / b) * 100"),
            Fraction(top="0.9 × จำนวนที่ทำได้ − จำนวนทั้งหมด", bottom="จำนวนทั้งหมด", after="× 100"),
        ),
        (measured("a - (b - 1)"), Fraction(top="จำนวนที่ทำได้ − (จำนวนทั้งหมด − 1)")),
        (measured("(a + b) * 2"), Fraction(top="(จำนวนที่ทำได้ + จำนวนทั้งหมด) × 2")),
        (measured("max(a, b)"), Fraction(top="ค่าที่มากที่สุดของ (จำนวนที่ทำได้, จำนวนทั้งหมด)")),
        ({"formula_text": "จำนวน ก ÷ จำนวน ข × 100"}, Fraction(top="จำนวน ก", bottom="จำนวน ข", after="× 100")),
        ({"formula_text": "(จำนวน ก) / (จำนวน ข) x 100"}, Fraction(top="จำนวน ก", bottom="จำนวน ข", after="× 100")),
        ({"formula_text": "เทศบาล/อบต. ที่ผ่านเกณฑ์"}, Fraction(top="เทศบาล/อบต. ที่ผ่านเกณฑ์")),
        ({"formula_text": "ก ÷ ข ÷ ค"}, Fraction(top="ก ÷ ข ÷ ค")),
        ({}, None),
    ],
)
def test_formula_is_set_as_a_fraction(definition, set_as):
    assert formula_of(definition) == set_as


def test_what_does_not_parse_is_printed_as_written():
    assert formula_of(measured("a //") | {"formula_text": "ตามคู่มือ"}) == Fraction(top="ตามคู่มือ")
