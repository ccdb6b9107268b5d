from fractions import Fraction

import pytest

from scoring import Refused, SetScore, read_indicator, read_results, read_set_score, score_indicator
from tests.scoring.making import codes, indicator, levels, rules, score, thresholds

FIVE_LEVELS = thresholds(1, 2, 3, 4, 5, below_level_1="zero")


def leaf(code, weight, **more):
    return {"code": code, "title": code, "weight": weight, "criteria": FIVE_LEVELS, **more}


def composite(code, weight, *children, **more):
    return {"code": code, "title": code, "weight": weight, "children": list(children), **more}


def scored(document, results):
    subject = read_indicator(document)
    return score_indicator(subject, read_results(results, [subject]))


S1_1 = composite("1", 20, *(leaf(f"1.{number}", 5) for number in (1, 2, 3, 4)))


@pytest.mark.parametrize(
    ("source", "document", "results", "expected"),
    [
        ("S1-1", S1_1, {"1.1": 4, "1.2": "4.5", "1.3": 3, "1.4": 5}, "4.1250"),
        (
            "S3-9",
            composite("9", 5, leaf("9.1", "1.67"), leaf("9.2", "1.66"), leaf("9.3", "1.67")),
            {"9.1": 5, "9.2": 4, "9.3": 3},
            "4.0000",
        ),
        (
            "S3-23",
            composite("23", 4, leaf("23.1", "1.33"), leaf("23.2", "1.33"), leaf("23.3", "1.34")),
            {"23.1": 5, "23.2": 1, "23.3": 4},
            "3.3350",
        ),
    ],
)
def test_weighted_mean_of_the_children(source, document, results, expected):
    found = scored(document, {code: {"value": value} for code, value in results.items()})

    assert found.as_document()["score"] == expected


def test_weighted_score_of_s1_1():
    found = scored(S1_1, {"1.1": {"value": 4}, "1.2": {"value": "4.5"}, "1.3": {"value": 3}, "1.4": {"value": 5}})

    assert found.as_document()["weighted"] == "0.8250"
    assert found.steps[0].as_document()["values"] == {
        "terms": "5 × 4 + 5 × 4.5 + 5 × 3 + 5 × 5",
        "weight": "20",
        "score": "4.1250",
    }


def test_3_and_20_of_28_s1_8():
    classed = {
        "kind": "classed",
        "base": {},
        "classes": [{"code": "C", "levels": levels(60, 65, 70, 75, 80)}],
    }
    ratio = {"kind": "formula", "expression": "a / b * 100", "variables": {"a": {}, "b": {}}}
    second = {"code": "8.2", "title": "8.2", "weight": 10, "criteria": classed, "measure": ratio}

    found = scored(
        composite("8", 20, leaf("8.1", 10), second),
        {"8.1": {"value": 3}, "8.2": {"base": 28, "variables": {"a": 20, "b": 28}}},
    )

    assert found.as_document()["score"] == "3.1429"


def test_composites_nest_and_weigh_what_is_in_force():
    inner = composite("1.2", 10, leaf("1.2.1", 4), leaf("1.2.2", 6))
    results = {"1.1": {"value": 5}, "1.2.1": {"value": 2}, "1.2.2": {"cancelled": "ไม่มีเรื่อง"}}

    found = scored(composite("1", 20, leaf("1.1", 10), inner), results)

    assert found.score == Fraction(10 * 5 + 4 * 2, 14)
    assert found.weight_in_force == 14
    assert [child.status for child in found.flatten()] == ["scored", "scored", "scored", "scored", "cancelled"]
    assert [child.code for child in found.flatten()] == ["1", "1.1", "1.2", "1.2.1", "1.2.2"]


def test_with_no_child_in_force_it_is_cancelled():
    cancelled = {"cancelled": "ไม่มี"}

    found = scored(composite("1", 10, leaf("1.1", 5), leaf("1.2", 5)), {"1.1": cancelled, "1.2": cancelled})

    assert (found.status, found.score, found.weight_in_force, rules(found)) == (
        "cancelled",
        None,
        None,
        ["none_in_force"],
    )


def test_children_of_a_cancelled_parent_are_cancelled():
    found = scored(S1_1, {"1": {"cancelled": "ไม่มี"}, "1.1": {"value": 5}})

    assert [one.status for one in found.flatten()] == ["cancelled"] * 5


def test_unreported_children_make_a_scored_0():
    found = scored(S1_1, {})

    assert (found.status, found.score) == ("scored", 0)
    assert [child.status for child in found.children] == ["not_reported"] * 4


def test_a_pilot_child_weighs_nothing():
    found = scored(
        composite("1", 10, leaf("1.1", 10), leaf("1.2", None, scored=False)),
        {"1.1": {"value": 4}, "1.2": {"value": 1}},
    )

    assert found.score == 4
    assert (found.children[1].status, found.children[1].score, found.children[1].weighted) == ("unscored", 1, None)


def test_piloting_reaches_the_children():
    found = scored(composite("1", 10, leaf("1.1", 10), scored=False), {"1.1": {"value": 4}})

    assert [one.status for one in found.flatten()] == ["unscored", "unscored"]


def test_without_weights_the_children_count_alike():
    found = scored(
        composite("1", None, leaf("1.1", None), leaf("1.2", None)), {"1.1": {"value": 4}, "1.2": {"value": 1}}
    )

    assert (found.score, found.weighted) == (Fraction(5, 2), None)


@pytest.mark.parametrize("reported", [None, {}, {"not_reported": True}])
def test_blank_is_not_reported(reported):
    found = score(indicator(FIVE_LEVELS), reported)

    assert (found.status, found.score, found.weighted, rules(found)) == (
        "not_reported",
        0,
        0,
        ["not_reported", "weighted"],
    )


def test_0_is_a_result():
    found = score(indicator(FIVE_LEVELS), {"value": 0})

    assert (found.status, found.value, found.score) == ("scored", 0, 0)


@pytest.mark.parametrize("reported", [None, {"value": 4}])
def test_open_criteria_are_shown_not_scored(reported):
    found = score(indicator({"kind": "open", "labels": {5: "…"}}), reported)

    assert (found.status, found.score, found.weighted) == ("unscored", None, None)
    assert found.as_document()["value"] == (None if reported is None else "4.0000")


@pytest.mark.parametrize("status", ["cancelled", "not_reported"])
def test_pilots_are_unscored_whatever_was_reported(status):
    reported = {"cancelled": "ไม่มี"} if status == "cancelled" else {}

    assert score(indicator(FIVE_LEVELS, scored=False), reported).status == "unscored"


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ({"cancelled": "ไม่มี", "value": 1}, [("cancelled_with_result", "cancelled")]),
        ({"cancelled": " "}, [("empty", "cancelled")]),
        ({"not_reported": True, "value": 1}, [("not_reported_with_result", "not_reported")]),
        ({"not_reported": "yes"}, [("not_a_flag", "not_reported")]),
        ({"value": 0.5}, [("inexact_number", "value")]),
        ({"vale": 1, "value": 1}, [("unknown_key", "vale")]),
        ({"base": 1, "value": 1}, [("base_not_used", "base")]),
        ({"faults": {}, "value": 1}, [("input_not_used", "faults")]),
        ({"done": [], "value": 1}, [("input_not_used", "done")]),
        ({"submitted_on": "2013-03-20"}, [("nothing_reported", "")]),
    ],
)
def test_results_refused(reported, expected):
    with pytest.raises(Refused) as refusal:
        score(indicator(FIVE_LEVELS), reported)

    assert codes(refusal) == expected


def test_every_fault_of_all_results_is_found():
    subject = read_indicator(S1_1)

    with pytest.raises(Refused) as refusal:
        read_results({"1": {"value": 3}, "1.1": {"value": "x"}, "7": {}, 1.2: {}, "1.3": 5}, [subject])

    assert codes(refusal) == [
        ("composite_result", "results.1"),
        ("not_a_number", "results.1.1.value"),
        ("unknown_indicator", "results.7"),
        ("code_not_text", "results.1.2"),
        ("not_a_mapping", "results.1.3"),
    ]


@pytest.mark.parametrize("reported", [{"value": 2}, None, {"cancelled": "ไม่มี"}])
def test_only_the_assessors_figure_counts(reported):
    set_score = SetScore(score=Fraction("4.25"), reason="ตรวจแล้ว")

    found = score(indicator(FIVE_LEVELS), reported, overrides={"1": set_score})

    assert (found.status, found.score, found.as_document()["weighted"]) == ("scored", Fraction("4.25"), "0.4250")


def test_calculated_score_stays_in_the_trace():
    found = score(indicator(FIVE_LEVELS), {"value": 2}, overrides={"1": SetScore(score=Fraction(4), reason="x")})

    assert found.steps[-2].as_document() == {
        "rule": "set_by_assessor",
        "values": {"calculated": "2.0000", "score": "4.0000"},
    }


RUBRIC = {"kind": "rubric", "levels": {1: "x", 5: "y"}}


@pytest.mark.parametrize(
    ("criteria", "given", "expected"),
    [
        (FIVE_LEVELS, "5.01", [("above", "")]),
        (FIVE_LEVELS, "-0.5", [("negative", "")]),
        (FIVE_LEVELS, "3.125", [("score_too_precise", "")]),
        (FIVE_LEVELS, 3.5, [("inexact_number", "")]),
        (RUBRIC, "3.5", [("level_not_described", "")]),
        (RUBRIC, 2, [("level_not_described", "")]),
        ({"kind": "open"}, 2, [("score_not_settable", "")]),
    ],
)
def test_set_scores_refused(criteria, given, expected):
    with pytest.raises(Refused) as refusal:
        read_set_score(given, indicator(criteria), reason="ตรวจแล้ว")

    assert codes(refusal) == expected


def test_a_set_score_needs_a_reason():
    with pytest.raises(Refused) as refusal:
        read_set_score("4.25", indicator(FIVE_LEVELS), reason=" ")

    assert codes(refusal) == [("empty", "reason")]


def test_no_score_is_set_on_a_composite():
    subject = read_indicator(S1_1)

    with pytest.raises(Refused):
        read_set_score("4", subject, reason="x")
    with pytest.raises(Refused):
        score_indicator(subject, {}, overrides={"1": SetScore(score=Fraction(4), reason="x")})
