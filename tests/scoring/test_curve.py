from fractions import Fraction

import pytest

import scoring
from scoring.curve import curve_of


def criteria(**document):
    return scoring.read_indicator({"code": "1", "title": "ทดสอบ", "criteria": document}).criteria


def shown(curve):
    return [(scoring.plain(value), scoring.display(score, 2)) for value, score in curve.corners]


CASES = [
    (
        "rising thresholds (S1-4)",
        criteria(kind="thresholds", levels={1: 60, 2: 70, 3: 80, 4: 90, 5: 100}),
        [
            ("52", "1.00"),
            ("60", "1.00"),
            ("70", "2.00"),
            ("80", "3.00"),
            ("90", "4.00"),
            ("100", "5.00"),
            ("108", "5.00"),
        ],
    ),
    (
        "falling thresholds (S1-1.3)",
        criteria(kind="thresholds", levels={1: 4, 3: 2, 5: 0}),
        [("-0.8", "5.00"), ("0", "5.00"), ("2", "3.00"), ("4", "1.00"), ("4.8", "1.00")],
    ),
    (
        "steps jump at each level",
        criteria(kind="thresholds", levels={1: 0, 5: 10}, between="step"),
        [("-2", "1.00"), ("0", "1.00"), ("10", "1.00"), ("10", "5.00"), ("12", "5.00")],
    ),
    (
        "level 5 alone (S3-6)",
        criteria(kind="thresholds", levels={5: 1}),
        [("0.8", "0.00"), ("1", "0.00"), ("1", "5.00"), ("1.2", "5.00")],
    ),
    (
        "bands jump behind their bounds (S1-1.1)",
        criteria(kind="bands", levels={1: {"up_to": 60, "label": "ก"}, 5: {"up_to": 100, "label": "ข"}}),
        [("52", "1.00"), ("60", "1.00"), ("60", "5.00"), ("100", "5.00"), ("108", "5.00")],
    ),
]


@pytest.mark.parametrize(("_name", "drawn", "corners"), CASES, ids=[name for name, *_rest in CASES])
def test_corners_are_exact(_name, drawn, corners):
    assert shown(curve_of(drawn)) == corners


def test_curve_reaches_the_value_asked_about():
    drawn = criteria(kind="thresholds", levels={1: 60, 5: 100})

    assert curve_of(drawn, around=Fraction(5)).lowest == 5
    assert curve_of(drawn, around=Fraction(300)).highest == 300


def test_class_is_chosen_by_the_base():
    drawn = criteria(
        kind="classed",
        base={"label": "เรื่อง"},
        classes=[{"code": "A", "up_to": 10, "levels": {1: 80, 5: 100}}, {"code": "B", "levels": {1: 70, 5: 90}}],
    )

    assert [value for _level, value in curve_of(drawn, base=Fraction(11)).levels] == [70, 90]
    assert curve_of(drawn) is None


def test_what_a_person_judges_has_no_curve():
    assert curve_of(criteria(kind="rubric", levels={1: "ก", 5: "ข"})) is None
