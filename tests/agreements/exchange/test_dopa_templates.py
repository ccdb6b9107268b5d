"""The shipped template library (004), scored by the examples of scoring-rules.md that name one of its codes."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from agreements.exchange.documents import read_document
from scoring import Refused, kind_of, read_framework, read_result, score_indicator

FIXTURE = Path(settings.BASE_DIR, "fixtures", "frameworks", "dopa-templates.yaml")
CODES = {
    "2.1": ["1", "2", "5.1", "5.2", "6"],
    "2.2": ["1", "2", "3", "4", "6", "7", "8", "10"],
    "2.3": [
        *("5", "6", "8", "9", "10", "13", "14", "15", "17", "18", "19", "20", "21", "22", "24", "25", "26", "27"),
        *("28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "43", "44", "45", "46", "47"),
    ],
}
ALL_8 = ["1.1", "1.2", "2", "3", "4.1", "4.2", "5.1", "5.2"]
ALL_37 = ["1", "2", "3.1", "3.2", "4.1", "4.2", "5.1", "5.2"]
ALL_46 = ["1", "2", "3.1", "3.2", "4", "5"]
LATE_AND_REFUSED = {"1": {"late-day": 1}, "2": {"refused": 1}, "4": {"late-day": 2}}
# 30 + 20 + 20 + 0: an item never earns less than nothing.
SEVENTY = {"2": {"late-day": 2}, "3": {"late-day": 1}, "4": {"late-day": 4}}


@pytest.fixture(scope="module")
def document():
    return read_document(FIXTURE.read_bytes(), name=FIXTURE.name)


@pytest.fixture(scope="module")
def templates(document):
    return {indicator.code: indicator for indicator in read_framework(document).indicators}


def scored(template, result):
    return score_indicator(template, {template.code: read_result(result, template)}).as_document()


def but(everything, *missing):
    return [code for code in everything if code not in missing]


# --- What is in the library ------------------------------------------------------------------------------------------
def test_all_templates_under_their_printed_codes(templates):
    assert list(templates) == [f"{group}({number})" for group, numbers in CODES.items() for number in numbers]
    assert len(templates) == 49


def test_kinds_of_criteria_and_measures(templates):
    assert Counter(kind_of(one.criteria) for one in templates.values()) == {
        "thresholds": 25,
        "milestones": 21,
        "open": 3,
    }
    assert Counter(one.measure.kind for one in templates.values()) == {
        "formula": 20,
        "mean": 4,
        "checklist": 3,
        "direct": 22,
    }


def test_a_library_without_weights_or_warnings(document):
    rules = read_framework(document)

    assert (document["level"], document["fiscal_year"], rules.total_weight) == ("library", None, None)
    assert all(indicator.weight is None for indicator in rules.indicators)
    assert rules.warnings == ()


def test_whose_work_and_which_round_a_template_suits(document):
    positions = {one["code"]: one["positions"] for one in document["indicators"]}
    rounds = {one["code"]: one["rounds"] for one in document["indicators"] if "rounds" in one}

    assert {code[:3]: named for code, named in positions.items()} == {
        "2.1": ["ปลัดจังหวัด"],
        "2.2": ["จ่าจังหวัด"],
        "2.3": ["เจ้าพนักงานปกครอง"],
    }
    assert rounds == {"2.3(36)": [2], "2.3(37)": [2]}


def test_blanks_are_written_one_way_and_no_telephone_number_came_along():
    text = FIXTURE.read_text(encoding="utf-8").split("\nformat: 1\n")[1]

    assert not re.search(r"\.\.|\(\s*$|\t", text, re.MULTILINE)
    assert not re.search(r"นาย/นาง|เบอร์|โทร|@", text)


# --- The examples of scoring-rules.md --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "result", "expected"),
    [
        ("2.1(1)", {"variables": {"achieved": 17, "assigned": 20}}, "3.5000"),
        ("2.1(5.2)", {"value": -7}, "2.2000"),
        ("2.1(5.2)", {"value": 3}, "5.0000"),
        ("2.1(5.2)", {"value": -10}, "1.0000"),
        ("2.1(5.2)", {"value": -12}, "1.0000"),
        ("2.1(5.2)", {"variables": {"disbursed": 38, "plan": 100, "cabinet_target": 45}}, "2.2000"),
        ("2.1(5.2)", {"variables": {"disbursed": "48", "plan": "100", "cabinet_target": "45"}}, "5.0000"),
        ("2.1(6)", {"done": ["1.1", "1.2"]}, "1.0000"),
        ("2.1(6)", {"done": ["1.1", "1.2", "3"]}, "3.0000"),
        ("2.1(6)", {"done": ["1.1", "1.2", "3", "5"]}, "5.0000"),
        ("2.1(6)", {"done": ["1.1", "3", "5"]}, "0.0000"),
        ("2.2(3)", {"variables": {"given": 78, "full": 100}}, "3.6000"),
        ("2.3(8)", {"done": ALL_8}, "5.0000"),
        ("2.3(8)", {"done": but(ALL_8, "5.1")}, "4.7500"),
        ("2.3(8)", {"done": [*but(ALL_8, "5.1", "5.2"), "5"]}, "4.5000"),
        ("2.3(8)", {"done": but(ALL_8, "5.1", "5.2")}, "4.0000"),
        ("2.3(8)", {"done": but(ALL_8, "4.1")}, "3.0000"),
        ("2.3(14)", {"value": "1.5"}, "3.0000"),
        ("2.3(14)", {"value": "1.2"}, "4.2000"),
        ("2.3(14)", {"values": [1, 2]}, "3.0000"),
        ("2.3(21)", {"values": [1, 2, 1, 3]}, "3.5000"),
        ("2.3(31)", {"done": ["1", "2", "3", "4", "5"], "faults": {"data-errors": 1}}, "4.5000"),
        ("2.3(31)", {"done": ["1", "2", "3", "4", "5"], "faults": {"data-errors": 3}}, "4.5000"),
        ("2.3(31)", {"done": ["1", "2", "3", "4"], "faults": {"data-errors": 1}}, "3.5000"),
        ("2.3(31)", {"done": ["1", "2", "3"], "faults": {"data-errors": 1}}, "3.0000"),
        ("2.3(34)", {"occurrences": [LATE_AND_REFUSED]}, "1.0000"),
        ("2.3(34)", {"occurrences": [LATE_AND_REFUSED, {}]}, "3.0000"),
        ("2.3(34)", {"occurrences": [LATE_AND_REFUSED, {}, SEVENTY]}, "1.6667"),
        ("2.3(37)", {"done": ALL_37}, "5.0000"),
        ("2.3(37)", {"done": but(ALL_37, "3.2", "5.2")}, "4.0000"),
        ("2.3(37)", {"done": but(ALL_37, "4.2")}, "4.5000"),
        ("2.3(45)", {"occurrences": [LATE_AND_REFUSED, {}]}, "3.0000"),
        ("2.3(47)", {"value": 85}, "2.0000"),
    ],
)
def test_examples(templates, code, result, expected):
    assert scored(templates[code], result)["score"] == expected


@pytest.mark.parametrize(
    ("occurrences", "value"),
    [
        ([LATE_AND_REFUSED], "80.0000"),
        ([{}], "100.0000"),
        ([SEVENTY], "70.0000"),
        ([LATE_AND_REFUSED, {}], "90.0000"),
        ([LATE_AND_REFUSED, {}, SEVENTY], "83.3333"),
    ],
)
def test_points_of_registrations(templates, occurrences, value):
    assert scored(templates["2.3(34)"], {"occurrences": occurrences})["value"] == value


def test_meetings_of_60_100_and_95_points(templates):
    sixty = {
        "1": {"late-day": 3},
        "2": {"late-day": 2, "agenda-changed": 1},
        "3": {"meeting-flaw": 2},
        "4": {"minutes-changed": 1},
    }
    ninety_five = {"1": {"notice-incomplete": 1}}

    found = scored(templates["2.3(47)"], {"occurrences": [sixty, {}, ninety_five]})

    assert (found["value"], found["score"]) == ("85.0000", "2.0000")


@pytest.mark.parametrize(
    ("code", "points", "items"),
    [
        ("2.3(34)", [30, 30, 25, 15], "1234"),
        ("2.3(45)", [30, 30, 25, 15], "1234"),
        ("2.3(47)", [10, 35, 30, 25], "124"),
    ],
)
def test_checklists(templates, code, points, items):
    checklist = templates[code].measure
    late = next(one for one in checklist.faults if one.code == "late-day")

    assert [item.points for item in checklist.items] == points
    assert {one.points for one in checklist.faults} == {5}
    assert "".join(late.items or [item.code for item in checklist.items]) == items


@pytest.mark.parametrize(
    ("code", "fault", "item"),
    [
        ("2.3(34)", "refused", "1"),
        ("2.3(45)", "refused", "4"),
        ("2.3(47)", "late-day", "3"),
        ("2.3(47)", "agenda-changed", "4"),
    ],
)
def test_a_fault_of_one_item_is_refused_for_another(templates, code, fault, item):
    with pytest.raises(Refused):
        read_result({"occurrences": [{item: {fault: 1}}]}, templates[code])


def test_the_office_adds_its_own_deductions_where_the_template_says_so(templates):
    open_ones = [code for code, one in templates.items() if getattr(one.criteria, "faults_open", False)]

    assert open_ones == ["2.3(46)"]
    assert scored(templates["2.3(46)"], {"done": ALL_46})["score"] == "5.0000"
    assert scored(templates["2.3(46)"], {"done": but(ALL_46, "3.2")})["score"] == "2.0000"


@pytest.mark.parametrize("code", ["2.3(6)", "2.3(27)", "2.3(28)"])
def test_templates_whose_thresholds_are_blank_are_not_scored(templates, code):
    assert scored(templates[code], {"value": 3})["status"] == "unscored"


def test_times_are_averaged_even_where_the_thresholds_are_blank(templates):
    assert scored(templates["2.3(27)"], {"values": [2, 3]})["value"] == "2.5000"


def test_every_other_template_reaches_its_highest_level(templates):
    for code, template in templates.items():
        kind = kind_of(template.criteria)
        if kind == "milestones":
            result = {"done": list(template.criteria.codes)}
        elif kind == "thresholds":
            result = {"value": str(template.criteria.levels[-1][1])}
        else:
            continue
        assert scored(template, result)["score"] == "5.0000", code
