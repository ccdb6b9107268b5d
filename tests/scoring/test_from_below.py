"""Values gathered from those below: each way with its trace, and what is refused."""

from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from scoring import Refused, is_ratio, read_indicator, read_result, warnings_of
from scoring.formula import parse
from tests.scoring.making import codes, indicator, rules, score, shown, thresholds
from tests.scoring.redo import redo
from tests.scoring.test_properties import drill

RATIO = {
    "kind": "formula",
    "expression": "part / whole * 100",
    "variables": {"part": {"label": "สำเร็จ"}, "whole": {"label": "ทั้งหมด"}},
}
FIVE = thresholds(60, 70, 80, 90, 100)
TWO = [
    {"name": "เมือง", "variables": {"part": 80, "whole": 100}},
    {"name": "บางละมุง", "variables": {"part": "9", "whole": "10"}},
]


def gathers(how, criteria=FIVE, **more):
    return indicator(criteria, from_below={"how": how}, **more)


def values(*pairs):
    return {"from_below": [{"name": name, "value": value} for name, value in pairs]}


def test_sums_over_sums_and_not_a_mean_of_percentages():
    found = score(gathers("ratio", measure=RATIO), {"from_below": TWO})

    # 89 of 110; the mean of 80 and 90 per cent would be 85.
    assert (found.value, found.as_document()["score"]) == (Fraction(8900, 110), "3.0909")
    assert rules(found) == ["gathered_sum", "gathered_sum", "measured_formula", "interpolation", "weighted"]
    assert found.steps[0].as_document() == {
        "rule": "gathered_sum",
        "values": {"variable": "สำเร็จ", "sources": "เมือง, บางละมุง", "terms": "80 + 9", "sum": "89"},
    }


def test_who_is_left_out_is_named_with_the_reason():
    absent = {"name": "ศรีราชา", "left_out": "not_reported"}

    found = score(gathers("ratio", measure=RATIO), {"from_below": [*TWO, absent]})

    assert found.steps[0].as_document() == {
        "rule": "gathered_not_reported",
        "values": {"sources": "ศรีราชา"},
    }
    assert found.value == Fraction(8900, 110)


@pytest.mark.parametrize(
    ("how", "expected", "rule"),
    [
        ("sum", Fraction(170), "measured_sum_below"),
        ("worst", Fraction(80), "measured_worst_below"),
        ("mean", Fraction(85), "measured_mean_below"),
    ],
)
def test_what_values_come_to(how, expected, rule):
    found = score(gathers(how), values(("ก", "80"), ("ข", "90")))

    assert (found.value, rules(found)[0]) == (expected, rule)


def test_a_weighted_mean_weighs_by_the_weights_below():
    sources = [{"name": "ก", "value": "80", "weight": "10"}, {"name": "ข", "value": "90", "weight": "30"}]

    found = score(gathers("weighted_mean"), {"from_below": sources})

    assert found.value == Fraction(175, 2)
    assert found.steps[0].as_document()["values"] == {
        "sources": "ก, ข",
        "terms": "10 × 80 + 30 × 90",
        "weight": "40",
        "value": "87.5000",
    }


def test_the_worst_is_the_highest_where_fewer_is_better():
    found = score(gathers("worst", thresholds(5, 4, 3, 2, 1)), values(("ก", "1"), ("ข", "3")))

    assert (found.value, found.steps[0].figures["source"]) == (3, "ข")


def test_a_value_that_no_decimal_ends_stays_exact():
    assert shown(gathers("mean"), values(("ก", "8800/98"))) == "3.9796"
    assert score(gathers("sum"), values(("ก", "-1/3"), ("ข", "1/3"))).value == 0


def test_classes_take_their_base_from_the_sums():
    classed = {
        "kind": "classed",
        "base": {"variable": "whole"},
        "classes": [
            {"code": "A", "up_to": 50, "levels": {1: 80, 5: 100}},
            {"code": "B", "levels": {1: 40, 5: 80}},
        ],
    }

    found = score(gathers("ratio", classed, measure=RATIO), {"from_below": TWO})

    # 110 altogether: class B, though each of the two alone would be in another one.
    assert (found.as_document()["score"], "class_chosen" in rules(found)) == ("5.0000", True)


@pytest.mark.parametrize(
    ("expression", "is_one"),
    [
        ("a / b * 100", True),
        ("((0.9 * b - a) / a) * 100", True),
        ("100 - a / b * 100", True),
        ("a / (a + b)", True),
        ("min(a / b * 100, 100)", True),
        ("-a / b", True),
        ("a + b", False),
        ("a / 100", False),
        ("a * b", False),
        ("(a + 5) / b", False),
        ("a / b * a / b", False),
        ("min(a, b) / b", False),
    ],
)
def test_only_a_ratio_says_of_sums_what_it_says_of_one(expression, is_one):
    assert is_ratio(parse(expression, ("a", "b")).term) is is_one


SUMMED = {"kind": "formula", "expression": "part + whole", "variables": {"part": {}, "whole": {}}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"how": "ratio"}, [("from_below_no_ratio", "from_below.how")]),
        ({"how": "average"}, [("not_allowed", "from_below.how")]),
        ({}, [("missing", "from_below.how")]),
        ({"how": "sum", "of": "all"}, [("unknown_key", "from_below.of")]),
    ],
)
def test_a_way_that_cannot_be_is_refused_with_its_place(more, expected):
    document = {"code": "1", "title": "x", "criteria": FIVE, "from_below": more}

    with pytest.raises(Refused) as refusal:
        read_indicator(document)

    assert codes(refusal) == expected


@pytest.mark.parametrize(
    ("criteria", "how", "measure", "expected"),
    [
        ({"kind": "rubric", "levels": {5: "ดี"}}, "sum", None, "from_below_not_measured"),
        ({"kind": "milestones", "steps": [{"level": 1, "title": "x"}]}, "worst", None, "from_below_not_measured"),
        ({"kind": "open"}, "worst", None, "from_below_no_direction"),
        (FIVE, "ratio", SUMMED, "from_below_no_ratio"),
    ],
)
def test_criteria_and_measure_have_to_fit(criteria, how, measure, expected):
    with pytest.raises(Refused) as refusal:
        gathers(how, criteria, **({"measure": measure} if measure else {}))

    assert [code for code, _place in codes(refusal)] == [expected]


@pytest.mark.parametrize(
    ("how", "unit", "expected"),
    [
        ("mean", "ร้อยละ", ["percentages_from_below"]),
        ("sum", "ร้อยละ", ["percentages_from_below"]),
        ("mean", "แห่ง", ["mean_from_below"]),
        ("sum", "แห่ง", []),
        ("weighted_mean", "ร้อยละ", []),
    ],
)
def test_averaged_percentages_are_warned_of(how, unit, expected):
    assert [one.code for one in warnings_of(gathers(how, unit=unit))] == expected


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([], [("no_sources", "from_below")]),
        ([{"name": "ก", "left_out": "cancelled"}], [("no_sources", "from_below")]),
        (
            [{"name": "ก", "left_out": "x"}],
            [("not_allowed", "from_below[0].left_out"), ("missing", "from_below[0].variables")],
        ),
        ([{"name": "ก"}], [("missing", "from_below[0].variables")]),
        ([{"name": "ก", "variables": {"part": 1}}], [("missing", "from_below[0].variables.whole")]),
        ([{"variables": {"part": 1, "whole": 2}}], [("missing", "from_below[0].name")]),
    ],
)
def test_sources_that_say_too_little_are_refused(sources, expected):
    with pytest.raises(Refused) as refusal:
        read_result({"from_below": sources}, gathers("ratio", measure=RATIO))

    assert codes(refusal) == expected


def test_weights_that_sum_to_nothing_and_quotients_by_nothing_are_refused():
    nothing = {"from_below": [{"name": "ก", "value": "1", "weight": "0"}]}

    with pytest.raises(Refused) as refusal:
        read_result(nothing, gathers("weighted_mean"))
    with pytest.raises(Refused) as quotient:
        read_result(values(("ก", "1/0")), gathers("sum"))

    assert codes(refusal) == [("no_weights_below", "from_below")]
    assert codes(quotient) == [("not_a_number", "from_below[0].value")]


def test_only_an_indicator_that_is_gathered_takes_sources():
    with pytest.raises(Refused) as refusal:
        read_result(values(("ก", "1")), indicator(FIVE))

    assert codes(refusal) == [("input_not_used", "from_below")]


whole_numbers = st.integers(1, 10**9)


@st.composite
def shares(draw):
    found = draw(st.lists(st.tuples(whole_numbers, st.integers(0, 10**9)), min_size=1, max_size=6))
    return [(min(part, whole), whole) for whole, part in found]


@drill
@given(shares())
def test_a_gathered_ratio_is_the_ratio_of_the_sums_and_lies_among_its_parts(found):
    sources = [
        {"name": str(number), "variables": {"part": part, "whole": whole}} for number, (part, whole) in enumerate(found)
    ]

    gathered = score(gathers("ratio", measure=RATIO), {"from_below": sources})

    each = [Fraction(100 * part, whole) for part, whole in found]
    assert gathered.value == Fraction(100 * sum(part for part, _ in found), sum(whole for _, whole in found))
    assert min(each) <= gathered.value <= max(each)
    # Whoever is split in two comes to the same together: no mean of percentages would.
    halved = [
        {"name": one["name"], "variables": {key: Fraction(value, 2) for key, value in one["variables"].items()}}
        for one in sources
        for _ in range(2)
    ]
    assert score(gathers("ratio", measure=RATIO), {"from_below": halved}).value == gathered.value


@settings(drill, max_examples=300)
@given(
    st.sampled_from(["sum", "weighted_mean", "worst", "mean"]),
    st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 99), st.integers(1, 100)), min_size=1, max_size=5),
)
def test_every_way_is_redone_by_hand_from_its_trace(how, found):
    weighted = how == "weighted_mean"
    sources = [
        {"name": str(number), "value": f"{top}/{bottom}", **({"weight": weight} if weighted else {})}
        for number, (top, bottom, weight) in enumerate(found)
    ]

    got = score(gathers(how), {"from_below": sources})

    redone = redo(got.as_document()["trace"])
    assert abs(redone.score - got.score) < Fraction(1, 10**4)
