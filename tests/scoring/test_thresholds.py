from fractions import Fraction

import pytest

from scoring import Defaults, Refused, Scale, Thresholds, exact
from tests.scoring.making import codes, indicator, rules, score, shown, thresholds

MEAN = {"kind": "mean"}
RATIO = {"kind": "formula", "expression": "part / whole * 100", "variables": {"part": {}, "whole": {}}}


@pytest.mark.parametrize(
    ("source", "values", "value", "expected"),
    [
        ("G1", (45, 47, 49, 51, 53), "49.38268", "3.1913"),
        ("G3", (45, 47, 49, 51, 53), 53, "5.0000"),
        ("G3 beyond", (45, 47, 49, 51, 53), 99, "5.0000"),
        ("the results example", (45, 47, 49, 51, 53), "50.25", "3.6250"),
        ("S0-4", (50, 60, 70, 80, 90), "83.5", "4.3500"),
        ("S0-1", (17, 34, 50, 67, 84), 42, "2.5000"),
        ("S0-1", (17, 34, 50, 67, 84), 70, "4.1765"),
        ("S0-5", ("2.5", 3, "3.5", 4, "4.5"), "3.7", "3.4000"),
        ("S0-7", (65, "67.5", 70, "72.5", 75), "71.3", "3.5200"),
        ("S1-1.2", (5, 4, 3, 2, 1), "2.5", "3.5000"),
        ("S1-1.2", (5, 4, 3, 2, 1), "0.5", "5.0000"),
        ("S1-1.2 one", (5, 4, 3, 2, 1), 6, "1.0000"),
        ("S1-1.3", (4, 3, 2, 1, 0), 0, "5.0000"),
        ("S1-1.3", (4, 3, 2, 1, 0), 1, "4.0000"),
        ("2.3(14)", (2, "-", "-", "-", 1), "1.5", "3.0000"),
        ("2.3(14)", (2, "-", "-", "-", 1), "1.2", "4.2000"),
        ("2.1(5.2)", (-10, "-", -5, "-", 0), -7, "2.2000"),
        ("2.1(5.2)", (-10, "-", -5, "-", 0), 3, "5.0000"),
        ("S3-20", (2, 4, 6, 8, 10), 7, "3.5000"),
        ("S3-6", ("-", "-", "-", "-", 1), 1, "5.0000"),
        ("S3-6", ("-", "-", "-", "-", 1), 4, "5.0000"),
        ("S3-6", ("-", "-", "-", "-", 1), 0, "0.0000"),
    ],
)
def test_score_of_a_value(source, values, value, expected):
    assert shown(indicator(thresholds(*values)), {"value": value}) == expected


def test_never_from_a_rounded_percentage_g1():
    subject = indicator(thresholds(45, 47, 49, 51, 53), measure=RATIO)

    found = score(subject, {"variables": {"part": 1234567, "whole": 2500000}})

    assert found.score == Fraction("3.19134")
    assert found.as_document()["score"] == "3.1913"
    assert found.as_document()["value"] == "49.3827"


def test_88_of_98_s1_4():
    subject = indicator(thresholds(60, 70, 80, 90, 100), measure=RATIO)

    assert shown(subject, {"variables": {"part": 88, "whole": 98}}) == "3.9796"


def test_mean_across_a_gap_2_3_21():
    subject = indicator(thresholds(3, "-", 2, "-", 1), measure=MEAN)

    found = score(subject, {"values": [1, 2, 1, 3]})

    assert (found.value, found.score) == (Fraction("1.75"), Fraction("3.5"))


@pytest.mark.parametrize(
    ("policy", "values", "value", "expected", "rule"),
    [
        ("one", (2, 3, 4, 5, 6), 0, "1.0000", "below_one"),
        ("zero", (2, 3, 4, 5, 6), 0, "0.0000", "below_zero"),  # S3-4
        ("zero", (2, 3, 4, 5, 6), 4, "3.0000", "interpolation"),  # S3-4
        ("from_origin", (50, 60, 70, 80, 90), 25, "0.5000", "below_from_origin"),
        ("from_origin", (50, 60, 70, 80, 90), -25, "0.0000", "below_from_origin"),
        ("one", ("-", "-", 2, "-", 1), 3, "1.0000", "below_one"),
    ],
)
def test_worse_than_level_1_g4(policy, values, value, expected, rule):
    found = score(indicator(thresholds(*values, below_level_1=policy)), {"value": value})

    assert found.as_document()["score"] == expected
    assert rules(found)[1] in (rule, "step_reached")


@pytest.mark.parametrize(
    ("between", "value", "expected"),
    [
        ("interpolate", 45, "0.5000"),
        ("step", 45, "0.0000"),
        ("interpolate", 40, "0.0000"),
        ("interpolate", 30, "0.0000"),
        ("step", 50, "1.0000"),
        ("step", "69.99", "2.0000"),
        ("interpolate", 95, "5.0000"),
    ],
)
def test_explicit_level_0_g4(between, value, expected):
    criteria = {
        "kind": "thresholds",
        "levels": {0: 40, 1: 50, 2: 60, 3: 70, 4: 80, 5: 90},
        "below_level_1": "level_0",
        "between": between,
    }

    assert shown(indicator(criteria), {"value": value}) == expected


def test_a_level_0_threshold_is_its_own_policy():
    subject = indicator({"kind": "thresholds", "levels": {"0": 0, "5": 10}})

    assert subject.criteria.below_level_1 == "level_0"
    assert shown(subject, {"value": 3}) == "1.5000"


@pytest.mark.parametrize(
    ("value", "expected"), [(70, "50.0000"), (80, "50.0000"), (85, "62.5000"), (100, "100.0000"), (120, "100.0000")]
)
def test_three_levels_of_another_scale_g11(value, expected):

    criteria = {"kind": "thresholds", "levels": {50: 80, 75: 90, 100: 100}}
    subject = indicator(criteria, defaults=Defaults(scale=Scale(levels=(50, 75, 100))))

    assert shown(subject, {"value": value}) == expected


def test_two_levels_with_one_threshold_give_the_higher():
    subject = indicator(thresholds(60, 60, 70, 80, 90))

    assert shown(subject, {"value": 60}) == "2.0000"
    assert [found.code for found in subject.warnings] == ["equal_thresholds"]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (thresholds("-", "-", 3, "-", "-"), [("too_few_levels", "criteria.levels")]),
        (thresholds(7, 7, 7, 7, 7), [("too_few_levels", "criteria.levels")]),
        (thresholds(1, 2, 1, 2, 3), [("levels_not_monotonic", "criteria.levels")]),
        (
            {"kind": "thresholds", "levels": {1: 10, 6: 20}},
            [("level_outside_scale", "criteria.levels.6")],
        ),
        (thresholds(1, 2, 3, 4, 5, below_level_1="level_0"), [("level_0_missing", "criteria.levels")]),
        (
            {"kind": "thresholds", "levels": {0: 1, 1: 2}, "below_level_1": "zero"},
            [("level_0_unused", "criteria.levels.0")],
        ),
        (
            thresholds(5, 4, 3, 2, 1, below_level_1="from_origin"),
            [("from_origin_needs_rising", "criteria.below_level_1")],
        ),
        (
            thresholds(0, 1, 2, 3, 4, below_level_1="from_origin"),
            [("from_origin_needs_rising", "criteria.below_level_1")],
        ),
        (thresholds(1, 2, 3, 4, 5, below_level_1="two"), [("not_allowed", "criteria.below_level_1")]),
        (thresholds(1, 2, 3, 4, 5, between="jump"), [("not_allowed", "criteria.between")]),
        (
            thresholds(1, 2, "x", 4, 0.5),
            [("not_a_number", "criteria.levels.3"), ("inexact_number", "criteria.levels.5")],
        ),
        ({"kind": "thresholds", "levels": {1: 1, "1": 2, "5": 3}}, [("duplicate", "criteria.levels.1")]),
        ({"kind": "thresholds", "levels": {1.5: 1, 5: 3}}, [("not_whole", "criteria.levels.1.5")]),
        (
            thresholds(1, 2, 3, 4, 5, labels={7: "x"}),
            [("level_outside_scale", "criteria.labels.7")],
        ),
    ],
)
def test_refused_at_construction(criteria, expected):
    with pytest.raises(Refused) as refusal:
        indicator(criteria)

    assert codes(refusal) == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (((1, 3), (2, 3)), [("too_few_levels", "levels")]),
        (((2, 1), (1, 2)), [("levels_not_rising", "levels")]),
        (((1, 1), (1, 2)), [("levels_not_rising", "levels")]),
        (((1, 1), (7, 2)), [("level_outside_scale", "levels.7")]),
    ],
)
def test_values_cannot_be_wrong_without_a_document_either(levels, expected):
    with pytest.raises(Refused) as refusal:
        Thresholds(levels=tuple((level, Fraction(threshold)) for level, threshold in levels))

    assert codes(refusal) == expected


@pytest.mark.parametrize(
    ("source", "values", "unit"),
    [
        ("S3-2", (1, 2, 3, 4, 5), "ร้อยละ"),
        ("S3-3", (1, 2, 3, 4, 5), "ร้อยละของโครงการ"),
        ("with gaps", (1, "-", 3, "-", 5), "%"),
    ],
)
def test_percent_on_1_to_5_warns(source, values, unit):
    subject = indicator(thresholds(*values), unit=unit)

    assert [(found.code, found.place) for found in subject.warnings] == [("percent_on_levels", "criteria.levels")]


@pytest.mark.parametrize(
    ("values", "unit"), [((1, 2, 3, 4, 5), "ระดับ"), ((2, 3, 4, 5, 6), "ร้อยละ"), ((5, 4, 3, 2, 1), "ร้อยละ")]
)
def test_what_is_no_slip_is_not_warned_about(values, unit):
    assert indicator(thresholds(*values), unit=unit).warnings == ()


def test_percent_on_the_levels_of_50_75_100_is_meant():
    criteria = {"kind": "thresholds", "levels": {50: 50, 75: 75, 100: 100}}

    assert indicator(criteria, unit="ร้อยละ", defaults=Defaults(scale=Scale(levels=(50, 75, 100)))).warnings == ()


@pytest.mark.parametrize(
    ("values", "value"), [(("0.0001", "0.0002", "0.0003", "0.0004", "0.0005"), (1, 3500)), ((1, 2, 3, 4, 5), (10, 7))]
)
def test_a_trace_shows_as_many_decimals_as_its_distances_need(values, value):
    found = score(
        indicator(thresholds(*values), measure=RATIO), {"variables": {"part": value[0], "whole": value[1] * 100}}
    )
    shown = found.as_document()["trace"][1]["values"]

    by_hand = exact(shown["lower_level"]) + (exact(shown["value"]) - exact(shown["lower"])) / (
        exact(shown["upper"]) - exact(shown["lower"])
    )

    assert abs(by_hand - found.score) < Fraction(1, 10**7)


def test_a_trace_shows_thresholds_with_all_of_their_digits():
    tiny = [f"0.00000000{level}" for level in (1, 2, 3, 4, 5)]

    shown = score(indicator(thresholds(*tiny)), {"value": "0.0000000025"}).as_document()["trace"][1]["values"]

    assert (shown["value"], shown["lower"], shown["upper"], shown["score"]) == (
        "0.0000000025",
        "0.000000002",
        "0.000000003",
        "2.5000",
    )
