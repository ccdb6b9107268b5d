from fractions import Fraction

import pytest

from scoring import Checklist, Refused
from scoring.measures import ChecklistItem
from tests.scoring.making import codes, indicator, rules, score, thresholds

S3_11 = {
    "kind": "formula",
    "expression": "((0.9 * standard - actual) / actual) * 100",
    "variables": {"standard": {"label": "มาตรฐาน", "unit": "บาท"}, "actual": None},
}
EIGHTY = thresholds(80, 85, 90, 95, 100)
LATE = {"code": "late-day", "title": "ล่าช้า", "points": 5}
REFUSED = {"code": "refused", "title": "ไม่อนุญาต", "points": 5, "items": ["2"]}


def checklist(*points):
    items = [{"code": str(number), "title": f"ข้อ {number}", "points": each} for number, each in enumerate(points, 1)]
    return {"kind": "checklist", "items": items, "faults": [LATE, REFUSED]}


T34 = checklist(30, 30, 25, 15)
FIRST = {"1": {"late-day": 1}, "2": {"refused": 1}, "4": {"late-day": 2}}
THIRD = {"2": {"late-day": 2}, "3": {"late-day": 1}, "4": {"late-day": 4}}


def test_formula_s3_11():
    subject = indicator(thresholds(2, 4, 6, 8, 10), measure=S3_11)

    found = score(subject, {"variables": {"standard": "100000", "actual": "85000"}}).as_document()

    assert (found["value"], found["score"]) == ("5.8824", "2.9412")


@pytest.mark.parametrize(
    ("occurrences", "value", "expected"),
    [
        ([FIRST], "80.0000", "1.0000"),
        ([FIRST, {}], "90.0000", "3.0000"),
        ([FIRST, {}, THIRD], "83.3333", "1.6667"),
        ([FIRST, None], "90.0000", "3.0000"),
    ],
)
def test_mean_of_checklists_2_3_34(occurrences, value, expected):
    found = score(indicator(EIGHTY, measure=T34), {"occurrences": occurrences}).as_document()

    assert (found["value"], found["score"]) == (value, expected)


def test_mean_of_checklists_2_3_47():
    subject = indicator(EIGHTY, measure=checklist(10, 35, 30, 25))
    sixty = {"2": {"late-day": 7}, "3": {"late-day": 1}}

    found = score(subject, {"occurrences": [sixty, {}, {"1": {"late-day": 1}}]})

    assert (found.value, found.score) == (85, 2)


def test_an_item_never_earns_less_than_0():
    found = score(indicator(EIGHTY, measure=T34), {"occurrences": [{"4": {"late-day": 9}}]})

    assert found.value == 85
    assert found.steps[0].as_document()["values"]["terms"] == "30 + 30 + 25 + 0"


def test_trace_of_a_checklist_can_be_redone():
    found = score(indicator(EIGHTY, measure=T34), {"occurrences": [FIRST, {}]})

    assert [step.as_document()["values"] for step in found.steps[:3]] == [
        {"number": "1", "terms": "(30 − 1 × 5) + (30 − 1 × 5) + 25 + (15 − 2 × 5)", "points": "80"},
        {"number": "2", "terms": "30 + 30 + 25 + 15", "points": "100"},
        {"terms": "80 + 100", "count": "2", "value": "90.0000"},
    ]


def test_a_typed_value_replaces_any_measure_and_the_trace_says_so():
    found = score(indicator(EIGHTY, measure=T34), {"value": 90})

    assert (found.value, rules(found)[0]) == (Fraction(90), "measured_typed")


@pytest.mark.parametrize(
    ("measure", "result", "expected"),
    [
        (S3_11, {"variables": {"standard": 1, "actual": 0}}, [("no_base", "variables")]),
        (S3_11, {"variables": {"standard": 1}}, [("missing", "variables.actual")]),
        (S3_11, {"variables": {"standard": 1, "actual": 1, "x": 1}}, [("unknown_variable", "variables.x")]),
        (S3_11, {"variables": {"standard": 1, "actual": 1}, "value": 1}, [("several_inputs", "")]),
        (S3_11, {"values": [1]}, [("input_not_used", "values")]),
        ({"kind": "mean"}, {"values": []}, [("no_occurrence", "values")]),
        ({"kind": "mean"}, {"values": [1, "x"]}, [("not_a_number", "values[1]")]),
        ({"kind": "mean"}, {"values": 3}, [("not_a_list", "values")]),
        (T34, {"occurrences": []}, [("no_occurrence", "occurrences")]),
        (T34, {"occurrences": [{1: {}}]}, [("code_not_text", "occurrences[0].1")]),
        (T34, {"occurrences": [{"9": {}}]}, [("unknown_item", "occurrences[0].9")]),
        (T34, {"occurrences": [{"1": {"refused": 1}}]}, [("unknown_fault", "occurrences[0].1.refused")]),
        (T34, {"occurrences": [{"1": {"late-day": "0.5"}}]}, [("not_whole", "occurrences[0].1.late-day")]),
    ],
)
def test_results_refused(measure, result, expected):
    with pytest.raises(Refused) as refusal:
        score(indicator(EIGHTY, measure=measure), result)

    assert codes(refusal) == expected


def test_an_outcome_beyond_reading_is_refused():
    huge = {"kind": "formula", "expression": " * ".join("a" * 100), "variables": {"a": {}}}

    with pytest.raises(Refused) as refusal:
        score(indicator(EIGHTY, measure=huge), {"variables": {"a": "9" * 40}})

    assert codes(refusal) == [("number_too_long", "variables")]


def test_a_filled_formula_shows_all_digits():
    share = {"kind": "formula", "expression": "a / b", "variables": {"a": {}, "b": {}}}

    found = score(indicator(EIGHTY, measure=share), {"variables": {"a": "0.000000001", "b": "0.0000000125"}})

    assert found.as_document()["trace"][0]["values"]["filled"] == "0.000000001 ÷ 0.0000000125"


def test_points_of_a_checklist_are_above_0_without_a_document_too():
    with pytest.raises(Refused) as refusal:
        Checklist(items=(ChecklistItem(code="1", title="x", points=Fraction(0)),))

    assert codes(refusal) == [("not_above_zero", "items[0].points")]


def test_no_base_offers_cancellation():
    with pytest.raises(Refused) as refusal:
        score(indicator(EIGHTY, measure=S3_11), {"variables": {"standard": 1, "actual": 0}})

    assert refusal.value.offers_cancellation


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ({"kind": "sum"}, [("not_allowed", "measure.kind")]),
        ({"kind": "formula"}, [("missing", "measure.expression"), ("missing", "measure.variables")]),
        ({"kind": "formula", "expression": "1", "variables": {}}, [("no_variables", "measure.variables")]),
        (
            {"kind": "formula", "expression": "a +", "variables": {"a": {}}},
            [("formula_ends_early", "measure.expression")],
        ),
        (
            {"kind": "formula", "expression": "a", "variables": {"a": {}, "max": {}, "a b": {}}},
            [("name_not_usable", "measure.variables.max"), ("name_not_usable", "measure.variables.a b")],
        ),
        ({"kind": "checklist", "items": []}, [("no_items", "measure.items")]),
        (
            {**checklist(1, 2), "faults": [{**REFUSED, "items": ["7"]}]},
            [("unknown_item", "measure.faults[0].items[0]")],
        ),
        ({**checklist(1, 2), "faults": [LATE, LATE]}, [("duplicate", "measure.faults[1].code")]),
    ],
)
def test_refused(measure, expected):
    with pytest.raises(Refused) as refusal:
        indicator(EIGHTY, measure=measure)

    assert codes(refusal) == expected


def test_slips_are_warned_about():
    unused = {"kind": "formula", "expression": "a", "variables": {"a": {}, "b": {}}}
    rubric = {"kind": "rubric", "levels": {5: "มี"}}

    assert [found.code for found in indicator(EIGHTY, measure=unused).warnings] == ["variable_not_used"]
    assert [found.code for found in indicator(rubric, measure=unused).warnings] == ["measure_not_used"]
