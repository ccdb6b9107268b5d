from datetime import date
from fractions import Fraction

import pytest

from scoring import (
    Lateness,
    Refused,
    next_working_day,
    read_indicator,
    read_result,
    score_indicator,
    working_days_after,
)
from tests.scoring.making import codes, indicator, rules, score, shown, thresholds

RATIO = {"kind": "formula", "expression": "part / whole * 100", "variables": {"part": {}, "whole": {}}}
S1_4 = {"due": "2013-03-20", "per_working_day": "0.25", "cutoff": "2013-03-26"}
S1_7 = {"due": "2013-03-10", "per_working_day": "0.08", "items": 3, "cutoff": "2013-03-20"}
SONGKRAN = frozenset({date(2013, 4, 15), date(2013, 4, 16), date(2013, 4, 13)})
HUNDRED = thresholds(60, 70, 80, 90, 100)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(20, "3.9796"), (21, "3.7296"), (22, "3.4796"), (25, "3.2296"), (26, "2.9796"), (27, "0.0000")],
)
def test_points_per_working_day_until_the_cutoff_s1_4(day, expected):
    subject = indicator(HUNDRED, measure=RATIO, lateness=S1_4)

    result = {"variables": {"part": 88, "whole": 98}, "submitted_on": f"2013-03-{day}"}

    assert shown(subject, result) == expected


@pytest.mark.parametrize(
    ("items", "day", "expected"),
    [
        (3, 12, "4.7600"),
        (3, 15, "4.0400"),
        (2, 14, "4.5200"),
        (0, 15, "5.0000"),
        (3, 10, "5.0000"),
        (3, 11, "5.0000"),
        (3, 20, "3.3200"),
        (3, 21, "0.0000"),
    ],
)
def test_points_per_late_item_and_day_s1_7(items, day, expected):
    subject = indicator(HUNDRED, lateness=S1_7)

    assert shown(subject, {"value": 100, "submitted_on": f"2013-03-{day}", "late_items": items}) == expected


def test_all_items_are_late_where_nobody_says_how_many():
    found = score(indicator(HUNDRED, lateness=S1_7), {"value": 100, "submitted_on": "2013-03-12"})

    assert found.as_document()["score"] == "4.7600"
    assert rules(found)[2:] == ["due_rolled", "late", "late_items_assumed", "late_item_points", "weighted"]


@pytest.mark.parametrize(
    ("lateness", "submitted_on", "expected", "rule"),
    [
        ({"cutoff": "2013-03-15"}, "2013-03-15", "5.0000", "before_cutoff"),  # S1-3
        ({"cutoff": "2013-03-15"}, "2013-03-16", "0.0000", "after_cutoff"),  # S1-3
        ({"cutoff": "2013-03-20"}, "2013-03-20", "5.0000", "before_cutoff"),  # S1-8
        ({"due": "2013-03-20"}, "2013-03-21", "5.0000", "late_without_points"),
        (S1_4, None, "5.0000", "submission_date_missing"),
        ({"due": "2013-03-20", "per_working_day": 2}, "2013-03-29", "0.0000", "late_points"),
        ({"due": "2013-03-22", "per_working_day": 1}, "2013-03-24", "5.0000", "on_time"),
        ({"per_working_day": 1}, "2013-03-24", "5.0000", "weighted"),
    ],
)
def test_what_lateness_leaves(lateness, submitted_on, expected, rule):
    found = score(indicator(HUNDRED, lateness=lateness), {"value": 100, "submitted_on": submitted_on})

    assert found.as_document()["score"] == expected
    assert rules(found)[2 if rule != "late_without_points" else 3] in (rule, "late")


def test_after_the_cutoff_it_is_scored_0():
    found = score(indicator(HUNDRED, lateness=S1_4), {"value": 100, "submitted_on": "2013-03-27"})

    assert (found.status, found.score, found.weighted) == ("scored", 0, 0)


@pytest.mark.parametrize(
    ("due", "submitted_on", "expected"),
    [
        (date(2013, 4, 12), date(2013, 4, 12), 0),
        (date(2013, 4, 12), date(2013, 4, 10), 0),
        (date(2013, 4, 12), date(2013, 4, 14), 0),
        (date(2013, 4, 12), date(2013, 4, 17), 1),
        (date(2013, 4, 12), date(2013, 4, 19), 3),
        (date(2013, 4, 12), date(2013, 4, 26), 8),
    ],
)
def test_working_days_skip_weekends_and_holidays(due, submitted_on, expected):
    assert working_days_after(due, submitted_on, SONGKRAN) == expected


def test_a_due_date_rolls_over_weekend_and_holidays():
    assert next_working_day(date(2013, 4, 13), SONGKRAN) == date(2013, 4, 17)


def test_a_parents_lateness_and_date_reach_the_children_s1_8():
    child = {"title": "ย่อย", "weight": 10, "criteria": HUNDRED}
    subject = read_indicator(
        {
            "code": "8",
            "title": "หลัก",
            "weight": 20,
            "lateness": {"cutoff": "2013-03-20"},
            "children": [{**child, "code": "8.1"}, {**child, "code": "8.2"}],
        }
    )
    results = {
        "8": read_result({"submitted_on": "2013-03-21"}, subject),
        "8.1": read_result({"value": 100, "submitted_on": "2013-03-19"}, subject.children[0]),
        "8.2": read_result({"value": 100}, subject.children[1]),
    }

    found = score_indicator(subject, results)

    assert [child.score for child in found.children] == [5, 0]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"value": 1, "late_items": 4}, [("above", "late_items")]),
        ({"value": 1, "late_items": "0.5"}, [("not_whole", "late_items")]),
        ({"value": 1, "submitted_on": "20/3/2556"}, [("not_a_date", "submitted_on")]),
        ({"value": 1, "submitted_on": "2556-03-20"}, [("year_out_of_range", "submitted_on")]),
    ],
)
def test_results_refused(result, expected):
    with pytest.raises(Refused) as refusal:
        score(indicator(HUNDRED, lateness=S1_7), result)

    assert codes(refusal) == expected


def test_late_items_where_none_are_counted():
    with pytest.raises(Refused) as refusal:
        score(indicator(HUNDRED, lateness=S1_4), {"value": 1, "late_items": 1})

    assert codes(refusal) == [("late_items_not_used", "late_items")]


@pytest.mark.parametrize(
    ("lateness", "expected"),
    [
        ({}, [("lateness_empty", "lateness")]),
        ({"due": "2013-03-20", "cutoff": "2013-03-19"}, [("cutoff_before_due", "lateness.cutoff")]),
        ({"due": "2013-03-20", "items": 3}, [("items_without_points", "lateness.items")]),
        ({"due": "2013-03-20", "per_working_day": 0}, [("not_above_zero", "lateness.per_working_day")]),
        ({"due": "2013-02-30"}, [("not_a_date", "lateness.due")]),
        ({"deu": "2013-02-20", "due": "2013-02-20"}, [("unknown_key", "lateness.deu")]),
    ],
)
def test_refused(lateness, expected):
    with pytest.raises(Refused) as refusal:
        indicator(HUNDRED, lateness=lateness)

    assert codes(refusal) == expected


def test_points_are_above_0_without_a_document_too():
    with pytest.raises(Refused) as refusal:
        Lateness(due=date(2013, 3, 20), per_working_day=Fraction(-1, 4), items=0)

    assert codes(refusal) == [("not_above_zero", "per_working_day"), ("not_above_zero", "items")]


def test_points_without_a_due_date_are_warned_about():
    subject = indicator(HUNDRED, lateness={"per_working_day": 1})

    assert [found.code for found in subject.warnings] == ["points_without_due"]
