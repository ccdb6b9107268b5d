from datetime import date
from pathlib import Path

import pytest

from agreements.exchange.documents import read_document
from scoring import Refused, exact, read_framework, read_results, read_set_score, score_agreement
from tests.scoring.making import codes
from tests.scoring.redo import redo, redo_agreement, same

FRAMEWORK = Path(__file__).with_name("three_levels.yaml")
RULES = read_framework(read_document(FRAMEWORK.read_bytes(), name=FRAMEWORK.name))
RESULTS = {
    "1": {"variables": {"passed": 88, "total": 98}, "submitted_on": "2026-03-24"},
    "2": {"value": "2.5"},
    "3": {"value": 30},
    "4.1": {"done": ["50", "75.1", "100"], "faults": {"downtime": 3}},
    "4.2": {"value": "80.5"},
    "5": {"level": 50},
    "6": {"base": 12, "value": "65"},
}


def scored(results, **more):
    read = read_results(results, RULES.indicators)
    return score_agreement(RULES.indicators, read, scale=RULES.scale, grades=RULES.grades, **more)


def shown(code, result):
    [found] = [one for one in scored({code: result}).flatten() if one.code == code]
    return found.as_document()["score"]


def test_every_kind_of_criteria_on_another_scale():
    found = scored(RESULTS)

    assert {one.code: one.as_document()["score"] for one in found.flatten()} == {
        "1": "64.4898",  # 50 + (88/98·100 − 80) / 10 · 25 = 74.4898, less two working days at 5
        "2": "81.2500",
        "3": "37.5000",
        "4": "94.0000",
        "4.1": "90.0000",  # 100 less a part at 5 and two of three breakdowns at 2.5
        "4.2": "100.0000",
        "5": "50.0000",
        "6": "62.5000",
    }
    document = found.as_document()
    # 100/highest is 1: the total is out of 100 as it stands.
    assert (document["weight_in_force"], document["total"], document["achievement"]) == ("100", "68.3599", "68.36")
    assert document["grade"] == "พอใช้"


def test_traces_say_how_on_this_scale_too():
    found = scored(RESULTS)

    for one in found.flatten():
        document = one.as_document()
        same(document["score"], redo(document["trace"]).score, one.code)
    same(found.as_document()["total"], redo_agreement(found.displayed()["trace"])["total"], "total")


@pytest.mark.parametrize(
    ("code", "result", "expected"),
    [
        ("1", {"value": 80}, "50.0000"),
        ("1", {"value": 79}, "50.0000"),  # worse than the lowest level, yet reported: the lowest
        ("1", {"value": 100}, "100.0000"),
        ("1", {"value": 120}, "100.0000"),
        ("1", {"value": 100, "submitted_on": "2026-03-28"}, "0.0000"),
        ("2", {"value": 6}, "0.0000"),
        ("2", {"value": 5}, "50.0000"),
        ("2", {"value": 3}, "75.0000"),
        ("3", {"value": 40}, "50.0000"),
        ("3", {"value": 20}, "25.0000"),
        ("3", {"value": -1}, "0.0000"),
        ("4.1", {"done": []}, "0.0000"),
        ("4.1", {"done": ["50"]}, "50.0000"),
        ("4.1", {"done": ["50", "75.1", "75.2"]}, "75.0000"),
        ("4.2", {"value": 60}, "50.0000"),
        ("4.2", {"value": "60.5"}, "75.0000"),
        ("5", {"level": 0}, "0.0000"),
        ("6", {"base": 10, "value": 90}, "75.0000"),
        ("6", {"base": 11, "value": 90}, "100.0000"),
        ("6", {"not_reported": True}, "0.0000"),
    ],
)
def test_edges_of_the_scale(code, result, expected):
    assert shown(code, result) == expected


def test_holidays_count_on_any_scale():
    found = scored({"1": RESULTS["1"]}, holidays=frozenset({date(2026, 3, 23)}))

    assert found.indicators[0].as_document()["score"] == "69.4898"


def test_only_levels_of_the_scale_are_choices():
    with pytest.raises(Refused) as refusal:
        read_results({"5": {"level": 75}, "4.1": {"done": ["3"]}}, RULES.indicators)

    assert codes(refusal) == [("level_not_described", "results.5.level"), ("unknown_step", "results.4.1.done[0]")]


@pytest.mark.parametrize(("score", "allowed"), [("100", True), ("62.25", True), ("100.01", False)])
def test_an_assessor_sets_up_to_the_highest_level(score, allowed):
    first = RULES.indicators[0]
    if allowed:
        assert read_set_score(score, first, reason="ตรวจแล้ว").score == exact(score)
        return
    with pytest.raises(Refused) as refusal:
        read_set_score(score, first, reason="ตรวจแล้ว")
    assert codes(refusal) == [("above", "")]


def test_the_full_score_needs_its_reason_at_100():
    best = {
        "1": {"value": 100},
        "2": {"value": 1},
        "3": {"value": 80},
        "4.1": {"done": ["50", "75.1", "75.2", "100"]},
        "4.2": {"value": 90},
        "5": {"level": 100},
        "6": {"base": 5, "value": 100},
    }

    found = scored(best)

    assert (found.total, found.is_perfect) == (100, True)
    assert found.below(RULES.scale.levels[1]) == ()
