"""What a unit above decides: steps and scores, with who and when in the trace (001, step 5 of indicators 6 and 7)."""

import pytest

from scoring import Refused, SetScore, read_result
from tests.scoring.making import codes, indicator, rules, score, shown, thresholds
from tests.scoring.redo import redo

STEPS = {"kind": "milestones", "steps": [{"level": level, "title": f"ขั้น {level}"} for level in range(1, 6)]}
DEPARTMENT = {"by": "กรมส่งเสริมการปกครองท้องถิ่น", "on": "2013-04-05"}
ALL = ["1", "2", "3", "4", "5"]
FIVE = thresholds(60, 70, 80, 90, 100)


def judged(**decided):
    return [DEPARTMENT | decided]


@pytest.mark.parametrize(
    ("reported", "done", "expected"),
    [(ALL, [], "4.0000"), (ALL[:4], ["5"], "5.0000"), (ALL, ["5"], "5.0000"), (ALL[:2], ["5"], "2.0000")],
)
def test_a_step_counts_as_it_was_judged_whatever_was_reported(reported, done, expected):
    assert shown(indicator(STEPS), {"done": reported, "judged": judged(steps=["5"], done=done)}) == expected


def test_the_trace_says_who_judged_and_when():
    found = score(indicator(STEPS), {"done": ALL, "judged": judged(steps=["5"])})

    assert found.steps[0].as_document() == {
        "rule": "judged_not_done",
        "values": {"codes": "5", "unit": DEPARTMENT["by"], "on": "2013-04-05"},
    }


def test_parts_of_a_step_are_judged_with_it():
    parts = {"level": 5, "parts": [{"code": "5.1", "deduction": "0.25"}, {"code": "5.2", "deduction": "0.25"}]}
    subject = indicator({"kind": "milestones", "steps": [*STEPS["steps"][:4], parts]})

    decided = judged(steps=["5", "5.1", "5.2"], done=["5", "5.1"])

    assert shown(subject, {"done": [*ALL[:4], "5.1", "5.2"], "judged": decided}) == "4.7500"


def test_a_score_given_above_counts_and_stands_beside_the_calculated_one():
    found = score(indicator(FIVE), {"value": "90", "judged": judged(score="2.5")})

    assert (found.as_document()["score"], rules(found)[-2:]) == ("2.5000", ["judged_score", "weighted"])
    assert found.steps[-2].as_document()["values"] == {
        "unit": DEPARTMENT["by"],
        "on": "2013-04-05",
        "calculated": "4.0000",
        "score": "2.5000",
    }
    assert redo(found.as_document()["trace"]).score == found.score


def test_a_score_given_above_needs_no_report_and_outweighs_the_assessors():
    subject = indicator(FIVE)

    found = score(subject, {"judged": judged(score="3")}, overrides={"1": SetScore(score=5, reason="x")})

    assert (found.as_document()["score"], found.status) == ("3.0000", "scored")
    assert rules(found) == ["judged_score_alone", "weighted"]


def test_what_is_cancelled_stays_cancelled():
    assert score(indicator(FIVE), {"cancelled": "ไม่มีเรื่อง", "judged": judged(score="3")}).status == "cancelled"


def test_a_judged_step_alone_reports_nothing():
    assert score(indicator(STEPS), {"judged": judged(steps=["5"], done=["5"])}).status == "not_reported"


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        ({"steps": ["9"]}, [("unknown_step", "judged[0].steps[0]")]),
        ({"steps": ["5"], "done": ["4"]}, [("unknown_step", "judged[0].done[0]")]),
        ({}, [("judged_steps_or_score", "judged[0]")]),
        ({"steps": ["5"], "score": "1"}, [("judged_steps_or_score", "judged[0]")]),
        ({"score": "6"}, [("above", "judged[0].score")]),
        ({"score": "1.234"}, [("score_too_precise", "judged[0].score")]),
    ],
)
def test_a_judgement_that_cannot_be_is_refused(decided, expected):
    with pytest.raises(Refused) as refusal:
        read_result({"judged": judged(**decided)}, indicator(STEPS))

    assert codes(refusal) == expected
