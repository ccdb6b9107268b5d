from datetime import date
from fractions import Fraction

import pytest

from scoring import Milestone, Milestones, Part, Penalty, Refused, write_criteria
from tests.scoring.making import codes, indicator, rules, score, shown


def steps(*levels):
    return [{"level": level, "title": f"ขั้นตอนที่ {level}"} for level in levels]


def parts(level, deduction, *codes_of):
    return {"level": level, "parts": [{"code": code, "deduction": deduction} for code in codes_of]}


def milestones(*given, **more):
    return {"kind": "milestones", "steps": list(given), **more}


FIVE_STEPS = milestones(*steps(1, 2, 3, 4, 5))
S1_6 = milestones(
    *steps(1),
    parts(2, "0.25", "2.1", "2.2", "2.3", "2.4"),
    parts(3, "0.25", "3.1", "3.2", "3.3", "3.4"),
    *steps(4, 5),
)
T8 = milestones(
    *steps(1, 2, 3),
    {"level": 4, "parts": [{"code": "4.1"}, {"code": "4.2"}]},
    parts(5, "0.25", "5.1", "5.2"),
)
T31 = milestones(
    *steps(1, 2, 3, 4, 5),
    faults=[{"code": "data-errors", "title": "ข้อผิดพลาด", "points": "0.5", "at_step": 4, "most": 1}],
)
T37 = milestones(
    *steps(1, 2),
    *(
        {"level": level, "parts": [{"code": f"{level}.1"}, {"code": f"{level}.2", "deduction": "0.5"}]}
        for level in (3, 4, 5)
    ),
)
ALL_37 = ["1", "2", "3.1", "3.2", "4.1", "4.2", "5.1", "5.2"]


@pytest.mark.parametrize(
    ("source", "criteria", "done", "expected"),
    [
        ("{1,2,4}", FIVE_STEPS, ["1", "2", "4"], "2.0000"),
        ("all", FIVE_STEPS, ["1", "2", "3", "4", "5"], "5.0000"),
        ("none", FIVE_STEPS, [], "0.0000"),
        ("numbers as numbers", FIVE_STEPS, [1, 2], "2.0000"),
        ("2.1(6)", milestones(*steps(1, 3, 5)), ["1"], "1.0000"),
        ("2.1(6)", milestones(*steps(1, 3, 5)), ["1", "3"], "3.0000"),
        ("S1-6", S1_6, ["1", "2.1", "2.2", "2.3", "3.1", "3.4", "4", "5"], "4.2500"),
        ("2.3(8) one missing", T8, ["1", "2", "3", "4.1", "4.2", "5.1"], "4.7500"),
        ("2.3(8) both missing", T8, ["1", "2", "3", "4.1", "4.2", "5"], "4.5000"),
        ("2.3(8) 4.1 missing", T8, ["1", "2", "3", "4.2", "5.1", "5.2"], "3.0000"),
        ("2.3(8) step 5 not begun", T8, ["1", "2", "3", "4.1", "4.2"], "4.0000"),
        ("2.3(8) a number alone is no required part", T8, ["1", "2", "3", "4", "5.1", "5.2"], "3.0000"),
        ("2.3(37)", T37, [code for code in ALL_37 if code not in ("3.2", "5.2")], "4.0000"),
        ("2.3(37) all", T37, ALL_37, "5.0000"),
    ],
)
def test_last_step_with_every_earlier_one_complete(source, criteria, done, expected):
    assert shown(indicator(criteria), {"done": done}) == expected


@pytest.mark.parametrize(
    ("done", "times", "expected"),
    [
        ("12345", 1, "4.5000"),
        ("1234", 1, "3.5000"),
        ("123", 1, "3.0000"),
        ("12345", 3, "4.5000"),
        ("12345", 0, "5.0000"),
    ],
)
def test_named_fault_once_and_only_if_its_step_was_reached_2_3_31(done, times, expected):
    assert shown(indicator(T31), {"done": list(done), "faults": {"data-errors": times}}) == expected


def test_the_whole_of_s1_6():
    subject = indicator(S1_6, lateness={"due": "2013-03-10", "per_working_day": "0.25", "cutoff": "2013-03-20"})
    done = ["1", "2.1", "2.2", "2.3", "3.1", "3.4", "4", "5"]

    found = score(subject, {"done": done, "submitted_on": date(2013, 3, 14)})

    assert found.as_document()["score"] == "3.5000"
    assert rules(found) == [
        "milestones_all", "part_missing", "part_missing", "part_missing", "deducted",
        "due_rolled", "late", "late_points", "weighted",
    ]  # fmt: skip


def test_an_office_adds_its_own_faults_2_3_46():
    own = [{"code": "late-step", "title": "ล่าช้า", "points": "0.2"}]
    subject = indicator(milestones(*steps(1, 2, 3, 4, 5), faults=own, faults_open=True))

    assert shown(subject, {"done": list("12345"), "faults": {"late-step": 2}}) == "4.6000"


def test_deductions_end_at_0():
    own = [{"code": "late-step", "title": "ล่าช้า", "points": 3}]

    assert (
        shown(indicator(milestones(*steps(1, 2), faults=own)), {"done": ["1"], "faults": {"late-step": 2}}) == "0.0000"
    )


def test_points_are_above_0_without_a_document_too():
    part, fault = Part(code="1.1", deduction=Fraction(-1)), Penalty(code="x", title="x", points=Fraction(0), most=0)

    with pytest.raises(Refused) as refusal:
        Milestones(steps=(Milestone(level=1, parts=(part,)),), faults=(fault,))

    assert codes(refusal) == [
        ("not_above_zero", "steps[0].parts[0].deduction"),
        ("not_above_zero", "faults[0].points"),
        ("not_above_zero", "faults[0].most"),
    ]


def test_a_step_may_be_decided_by_another_unit():
    deciding = {"level": 5, "title": "คุณภาพ", "judged_by": "department"}

    subject = indicator(milestones(*steps(1, 2, 3, 4), deciding)).criteria

    assert [one.judged_by for one in subject.steps] == ["", "", "", "", "department"]
    assert write_criteria(subject)["steps"][4] == deciding


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"done": ["6"]}, [("unknown_step", "done[0]")]),
        ({"done": ["1", "1"]}, [("duplicate", "done[1]")]),
        ({"done": "1"}, [("not_a_list", "done")]),
        ({"done": [1.5]}, [("code_not_text", "done[0]")]),
        ({"done": [], "faults": {1: 1}}, [("code_not_text", "faults.1")]),
        ({"done": [], "faults": {"other": 1}}, [("unknown_fault", "faults.other")]),
        ({"done": [], "faults": {"data-errors": -1}}, [("not_whole", "faults.data-errors")]),
        ({"done": [], "faults": {"data-errors": "0.5"}}, [("not_whole", "faults.data-errors")]),
        ({"level": 3}, [("input_not_used", "level")]),
        ({"faults": {"data-errors": 1}}, [("nothing_reported", "")]),
    ],
)
def test_results_refused(result, expected):
    with pytest.raises(Refused) as refusal:
        score(indicator(T31), result)

    assert codes(refusal) == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (milestones(), [("no_steps", "criteria.steps")]),
        (milestones(*steps(1, 3, 2)), [("steps_not_rising", "criteria.steps")]),
        (milestones(*steps(1, 6)), [("level_outside_scale", "criteria.steps[1].level")]),
        (milestones({"level": 1, "title": "x", "judged_by": 5}), [("not_text", "criteria.steps[0].judged_by")]),
        (milestones({"level": 1}), [("missing", "criteria.steps[0].title")]),
        (milestones(parts(1, "0.25", "1.1", "1.1")), [("duplicate", "criteria.steps[0].parts[1].code")]),
        (milestones(parts(1, "0", "1.1")), [("not_above_zero", "criteria.steps[0].parts[0].deduction")]),
        (
            milestones(*steps(1, 2), faults=[{"code": "x", "title": "x", "points": 1, "at_step": 3}]),
            [("unknown_step_level", "criteria.faults[0].at_step")],
        ),
        (
            milestones(*steps(1), faults=[{"code": "x", "title": "x", "points": 1, "most": 0}]),
            [("not_above_zero", "criteria.faults[0].most")],
        ),
    ],
)
def test_refused(criteria, expected):
    with pytest.raises(Refused) as refusal:
        indicator(criteria)

    assert codes(refusal) == expected
