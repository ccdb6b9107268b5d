"""The shipped frameworks hold what their sources print; every example of the scoring rules is exact."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from agreements.exchange.documents import read_document
from scoring import (
    Open,
    Rubric,
    Thresholds,
    read_framework,
    read_result,
    read_results,
    score_agreement,
    score_indicator,
)

FRAMEWORKS = Path(settings.BASE_DIR, "fixtures", "frameworks")


@cache
def document_of(code):
    return read_document((FRAMEWORKS / f"{code}.yaml").read_bytes(), name=f"{code}.yaml")


@cache
def rules_of(code):
    return read_framework(document_of(code))


def flatten(entries):
    """Return the indicators of a document, parents before their children."""
    return [one for entry in entries for one in (entry, *flatten(entry.get("children", [])))]


def entries_of(code):
    return {entry["code"]: entry for entry in flatten(document_of(code)["indicators"])}


def indicators_of(code):
    return {one.code: one for top in rules_of(code).indicators for one in top.flatten()}


def leaves_of(code):
    return {key: one for key, one in indicators_of(code).items() if not one.is_composite}


def score_of(framework, code, **reported):
    indicator = indicators_of(framework)[code]
    return score_indicator(indicator, {code: read_result(reported, indicator)}).score


def numbered(first, last):
    return [str(number) for number in range(first, last + 1)]


def printed(*thresholds):
    return tuple((level, Fraction(str(threshold))) for level, threshold in enumerate(thresholds, 1))


def places_of_blanks(value, place=""):
    """Return where a document has a blank of its source."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in places_of_blanks(inner, f"{place}.{key}")]
    if isinstance(value, list):
        return [found for at, inner in enumerate(value) for found in places_of_blanks(inner, f"{place}[{at}]")]
    return [place.lstrip(".")] * (value.count("…") if isinstance(value, str) else 0)


# --- All -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "head", "total_weight", "counts"),
    [
        ("nonthaburi-2564", ("local_government", 2564), 100, (29, 33)),
        ("dla-2554", ("department", 2554), None, (17, 17)),
        ("dla-2561", ("department", 2561), None, (8, 23)),
    ],
)
def test_head_and_counts(code, head, total_weight, counts):
    document, rules = document_of(code), rules_of(code)

    assert document["code"] == code
    assert (document["level"], document["fiscal_year"], document.get("round")) == (*head, None)
    assert rules.total_weight == total_weight
    assert (len(rules.indicators), len(leaves_of(code))) == counts


@pytest.mark.parametrize("code", ["nonthaburi-2564", "dla-2554", "dla-2561"])
def test_every_row_that_is_scored_belongs_to_a_unit_and_every_unit_has_one(code):
    given = {leaf: entries_of(code)[leaf].get("assigned_units") for leaf in leaves_of(code)}

    assert [leaf for leaf, units in given.items() if not units] == []
    assert {unit for units in given.values() for unit in units} == {unit.code for unit in rules_of(code).units}


@pytest.mark.parametrize(
    ("code", "blanks"),
    [
        (
            "nonthaburi-2564",
            ["indicators[27].conditions", *["indicators[27].criteria.steps[2].title"] * 3],
        ),
        ("dla-2554", []),
        ("dla-2561", ["dimensions[6].title"]),
    ],
)
def test_blanks_of_the_source_are_kept(code, blanks):
    assert places_of_blanks(document_of(code)) == blanks


# --- Nonthaburi 2564 -------------------------------------------------------------------------------------------------
NONTHABURI = "nonthaburi-2564"
GROUPS = {
    "effectiveness": (30, numbered(1, 6)),
    "quality": (20, numbered(7, 10)),
    "efficiency": (20, numbered(11, 15)),
    "development": (20, numbered(16, 23)),
    "evaluation": (5, numbered(24, 27)),
    "risk": (5, numbered(28, 29)),
}
INPUTS = {
    "1": {"value": "77.5"},
    "2": {"value": 5},
    "3": {"value": 5},
    "4": {"value": 4},
    "5": {"value": 4},
    "6": {"value": 1},
    "7": {"value": "89.1"},
    "8": {"level": 4},
    "9.1": {"value": 5},
    "9.2": {"value": 4},
    "9.3": {"value": 3},
    "10": {"value": 9},
    "11": {"variables": {"standard": 100000, "actual": 85000}},
    "12": {"level": 5},
    "13": {"level": 5},
    "14": {"level": 0},
    "15": {"level": 5},
    "16": {"level": 4},
    "17": {"value": 5},
    "18": {"value": 5},
    "19": {"value": 5},
    "20": {"value": 7},
    "21": {"level": 5},
    "22": {"level": 5},
    "23.1": {"level": 5},
    "23.2": {"level": 1},
    "23.3": {"value": 4},
    "24": {"value": "72.3"},
    "25": {"value": 80},
    "26": {"value": "83.47"},
    "27": {"value": "12.6"},
    "28": {"done": ["1", "2", "3"]},
    "29": {"value": 85},
}
SCORES = """1=3.75 2=5 3=5 4=3 5=4 6=5 7=4.41 8=4 9=4 9.1=5 9.2=4 9.3=3 10=3 11=50/17 12=5 13=5 14=0 15=5 16=4 17=3
    18=4 19=5 20=3.5 21=5 22=5 23=3.335 23.1=5 23.2=1 23.3=4 24=3.46 25=5 26=4.694 27=2.6 28=3 29=3.5"""


def test_nonthaburi_groups_hold_their_indicators_and_weights():
    dimensions = {one.code: one for one in rules_of(NONTHABURI).dimensions}
    weights = {one.code: one.weight for one in rules_of(NONTHABURI).indicators}
    held = {code: [] for code in GROUPS}
    for entry in document_of(NONTHABURI)["indicators"]:
        held[dimensions[entry["dimension"]].parent or entry["dimension"]].append(entry["code"])

    assert held == {code: indicators for code, (_, indicators) in GROUPS.items()}
    assert {code: one.weight for code, one in dimensions.items() if not one.parent} == {
        code: weight for code, (weight, _) in GROUPS.items()
    }
    assert {code: sum(weights[one] for one in held[code]) for code in held} == {
        code: weight for code, (weight, _) in GROUPS.items()
    }


def test_nonthaburi_weights_of_sub_indicators():
    weights = {code: one.weight for code, one in indicators_of(NONTHABURI).items() if code.split(".")[0] in ("9", "23")}

    assert weights == {
        "9": 5,
        "9.1": Fraction("1.67"),
        "9.2": Fraction("1.66"),
        "9.3": Fraction("1.67"),
        "23": 4,
        "23.1": Fraction("1.33"),
        "23.2": Fraction("1.33"),
        "23.3": Fraction("1.34"),
    }


def test_nonthaburi_rolls_up_to_3_9385():
    rules = rules_of(NONTHABURI)

    found = score_agreement(
        rules.indicators, read_results(INPUTS, rules.indicators), scale=rules.scale, grades=rules.grades
    )

    scores = {code: Fraction(score) for code, score in (pair.split("=") for pair in SCORES.split())}
    assert {one.code: one.score for one in found.flatten()} == scores
    # 11 alone is no decimal: 4 × 50/17 ÷ 100.
    assert found.total == Fraction("3.820825") + Fraction(2, 17)
    shown = found.as_document()
    assert (shown["weight_in_force"], shown["total"], shown["achievement"]) == ("100", "3.9385", "78.77")
    assert (shown["grade"], found.displayed()["colour"]) == ("ผ่าน ดี", "เขียวอ่อน")


@pytest.mark.parametrize(
    ("code", "thresholds"),
    [
        ("1", (50, 60, 70, 80, 90)),
        ("2", (1, 2, 3, 4, 5)),
        ("3", (1, 2, 3, 4, 5)),
        ("4", (2, 3, 4, 5, 6)),
        ("5", (1, 2, 3, 4, 5)),
        ("7", (55, 65, 75, 85, 95)),
        ("9.1", (1, 2, 3, 4, 5)),
        ("9.2", (1, 2, 3, 4, 5)),
        ("9.3", (1, 2, 3, 4, 5)),
        ("10", (7, 8, 9, 10, 11)),
        ("11", (2, 4, 6, 8, 10)),
        ("17", (3, 4, 5, 6, 7)),
        ("18", (2, 3, 4, 5, 6)),
        ("19", (1, 2, 3, 4, 5)),
        ("20", (2, 4, 6, 8, 10)),
        ("23.3", (1, 2, 3, 4, 5)),
        ("24", (60, 65, 70, 75, 80)),
        ("25", (60, 65, 70, 75, 80)),
        ("26", (65, 70, 75, 80, 85)),
        ("27", (11, 12, 13, 14, 15)),
        ("29", (60, 70, 80, 90, 100)),
    ],
)
def test_nonthaburi_thresholds(code, thresholds):
    assert leaves_of(NONTHABURI)[code].criteria.levels == printed(*thresholds)


def test_nonthaburi_scores_nothing_below_the_first_count_and_1_below_the_first_per_cent():
    below = {
        code: score_of(NONTHABURI, code, value=0)
        for code, one in leaves_of(NONTHABURI).items()
        if isinstance(one.criteria, Thresholds)
    }

    counts = ["4", "5", "6", "9.1", "9.2", "9.3", "10", "17", "18", "19", "20", "23.3"]
    assert below == {code: 0 if code in counts else 1 for code in below}


def test_nonthaburi_6_asks_for_one_project():
    assert [score_of(NONTHABURI, "6", value=value) for value in (0, 1, 2)] == [0, 5, 5]


def test_nonthaburi_rubrics_offer_the_described_levels_and_0():
    rubrics = {code: one.criteria for code, one in leaves_of(NONTHABURI).items() if isinstance(one.criteria, Rubric)}

    every, only, first_or_all = (0, 1, 2, 3, 4, 5), (0, 5), (0, 1, 5)
    assert {code: rubric.choices for code, rubric in rubrics.items()} == {
        **dict.fromkeys(("8", "15", "16"), every),
        **dict.fromkeys(("12", "13", "14", "21", "22", "23.1"), only),
        "23.2": first_or_all,
    }


@pytest.mark.parametrize(
    ("code", "variables", "score"),
    [
        ("1", {"done": 31, "planned": 40}, "3.75"),
        ("2", {"paid": 3, "registered": 100}, "3"),
        ("3", {"disbursed": "2.5", "budget": 100}, "2.5"),
        ("11", {"standard": 100000, "actual": 85000}, "50/17"),
        ("11", {"standard": 100000, "actual": 100000}, "1"),
        ("29", {"done": 17, "planned": 20}, "3.5"),
    ],
)
def test_nonthaburi_formulas(code, variables, score):
    assert score_of(NONTHABURI, code, variables=variables) == Fraction(score)


def test_nonthaburi_7_is_the_mean_of_the_services_surveyed():
    assert score_of(NONTHABURI, "7", values=["85", "90", "95", "86.4"]) == Fraction("4.41")


@pytest.mark.parametrize(
    ("total", "label", "colour"),
    [
        ("0", "ไม่ผ่าน", "แดง"),
        ("1.494", "ไม่ผ่าน", "แดง"),
        ("1.495", "ไม่ผ่าน เห็นควรปรับปรุง", "ส้ม"),
        ("2.5", "ผ่าน พอใช้", "เหลือง"),
        ("3.5", "ผ่าน ดี", "เขียวอ่อน"),
        ("4.5", "ผ่าน ดีมาก", "เขียวแก่"),
    ],
)
def test_nonthaburi_grades_have_colours(total, label, colour):
    # Grades see the total rounded once to 2 places.
    grade = rules_of(NONTHABURI).grades.grade_of(Fraction(total))

    assert (grade.label, grade.colour) == (label, colour)


def test_nonthaburi_rows_name_work_owner_collector_and_evidence():
    entries = entries_of(NONTHABURI)
    without = {
        key: [code for code in leaves_of(NONTHABURI) if not entries[code].get(key)]
        for key in ("owner", "collector", "evidence")
    }

    # The papers end in the middle of 29.
    assert without == {"owner": [], "collector": ["29"], "evidence": ["29"]}
    assert [entry["code"] for entry in document_of(NONTHABURI)["indicators"] if not entry.get("work")] == []
    assert len({entry["work"] for entry in document_of(NONTHABURI)["indicators"]}) == 23


def test_nonthaburi_warns_about_per_cents_of_1_to_5_only():
    warnings = [(found.code, found.place) for found in rules_of(NONTHABURI).warnings]

    assert warnings == [
        ("percent_on_levels", "indicators[1].criteria.levels"),
        ("percent_on_levels", "indicators[2].criteria.levels"),
    ]


# --- Department 2554 -------------------------------------------------------------------------------------------------
LEVELS = (1, 2, 3, 4, 5)


def test_dla_2554_criteria_and_targets():
    found = {code: one.criteria.levels for code, one in indicators_of("dla-2554").items()}
    targets = {code: entry["target"] for code, entry in entries_of("dla-2554").items()}

    assert found == {
        **{code: printed(*LEVELS) for code in ("2", "3", "9", "11", "13", "14", "15", "17")},
        "1": printed(17, 34, 50, 67, 84),
        "4": printed(50, 60, 70, 80, 90),
        "5": printed(2.5, 3, 3.5, 4, 4.5),
        "6": printed(77, 82, 87, 92, 97),
        "7": printed(65, 67.5, 70, 72.5, 75),
        "8": printed(60, 65, 70, 75, 80),
        "10": printed(65, 70, 75, 80, 85),
        "12": printed(65, 70, 75, 80, 85),
        "16": printed(60, 70, 80, 90, 100),
    }
    assert list(found) == numbered(1, 17)
    assert targets == {
        **dict.fromkeys(("2", "3", "9", "11", "13", "14", "15", "17"), 3),
        **dict.fromkeys(("4", "7", "8"), 70),
        **dict.fromkeys(("10", "12"), 75),
        "1": 50,
        "5": Decimal("3.5"),
        "6": 87,
        "16": 80,
    }


@pytest.mark.parametrize(
    ("code", "value", "score"),
    [
        ("1", "42", "2.5"),
        ("1", "70", Fraction(71, 17)),
        ("4", "83.5", "4.35"),
        ("5", "3.7", "3.4"),
        ("7", "71.3", "3.52"),
        ("6", "76", "0"),
        ("7", "64", "1"),
        ("2", "3.5", "3.5"),
    ],
)
def test_dla_2554_examples_of_the_scoring_rules(code, value, score):
    assert score_of("dla-2554", code, value=value) == Fraction(score)


def test_dla_2554_reports_monthly_and_has_no_total():
    rules = rules_of("dla-2554")

    found = score_agreement(rules.indicators, read_results({"1": {"value": 42}}, rules.indicators))

    assert {entry["report"]["frequency"] for entry in entries_of("dla-2554").values()} == {"monthly"}
    assert (found.total, found.achievement, found.grade) == (None, None, None)
    assert rules.warnings == ()


# --- Department 2561 -------------------------------------------------------------------------------------------------
def test_dla_2561_components_and_indicators_as_printed():
    rules = rules_of("dla-2561")
    top = {entry["code"]: entry["dimension"] for entry in document_of("dla-2561")["indicators"]}

    assert [one.code for one in rules.dimensions if not one.parent] == numbered(1, 5)
    assert top == {
        **dict.fromkeys(("1.1", "1.2", "1.3"), "1"),
        **dict.fromkeys(("2.1", "2.2"), "2-compulsory"),
        "2.3": "2-ministry",
        **dict.fromkeys(("4.1", "4.2"), "4"),
    }
    assert {one.code: len(one.children) for one in rules.indicators if one.children} == {"1.3": 3, "2.3": 3, "4.2": 12}
    assert [one.code for one in rules.indicators[-1].children] == [f"4.2({number})" for number in range(1, 13)]


def test_dla_2561_leaves_open_what_its_source_leaves_open():
    assert {type(one.criteria) for one in leaves_of("dla-2561").values()} == {Open}


def targets_of(code):
    """Return period, value and whether it is cumulative of each target; words where there is no value."""
    return [
        (one["period"], one.get("value", one.get("text")), one.get("cumulative", False))
        for one in entries_of("dla-2561")[code].get("targets", [])
    ]


@pytest.mark.parametrize(
    ("code", "targets"),
    [
        ("1.3(1)", [("6-month", 100, False)]),
        ("1.3(2)", [("6-month", 100, False)]),
        ("1.3(3)", [("6-month", 90, False), ("12-month", 90, False)]),
        ("4.1", [("2018-09", 100, False)]),
        ("4.2(1)", [("monthly", 10, False)]),
        ("4.2(2)", [("6-month", 5, True), ("12-month", 10, True)]),
        ("4.2(3)", [("6-month", 2, True), ("12-month", 5, True)]),
        ("4.2(4)", [("monthly", 1, False)]),
        ("4.2(5)", [("2018-01", 630, True), ("2018-06", 1250, True)]),
        ("4.2(6)", [("2017-12", 45865, False)]),
        ("4.2(7)", [({"from": "2017-12", "to": "2018-09"}, 3, False)]),
        ("4.2(8)", [("2018-04", 878, False)]),
        ("4.2(9)", []),
        ("4.2(10)", [("2018-03", 3926, True), ("2018-09", 7851, True)]),
        ("4.2(11)", [("2018-09", "มีระบบบริหารจัดการเอกสารแบบรวมศูนย์ (DMS)", False)]),
        ("4.2(12)", [("2018-09", 80, False)]),
    ],
)
def test_dla_2561_targets(code, targets):
    assert targets_of(code) == targets


def test_dla_2561_targets_without_a_date():
    entries = entries_of("dla-2561")

    assert {code: entry["target"] for code, entry in entries.items() if "target" in entry} == {
        "2.1": 100,
        "2.2": 100,
        "4.2(9)": 4,
    }


def test_dla_2561_monthly_centre_report_is_measured_without_a_score():
    rules = rules_of("dla-2561")
    results = read_results({"4.1": {"variables": {"established": 59, "total": 80}}}, rules.indicators)

    found = {one.code: one for one in score_agreement(rules.indicators, results).flatten()}

    assert (found["4.1"].status, found["4.1"].value, found["4.1"].score) == ("unscored", Fraction("73.75"), None)
    assert {one.status for one in found.values()} == {"unscored"}
    reports = {code: entry["report"] for code, entry in entries_of("dla-2561").items() if "report" in entry}
    assert reports == {code: {"frequency": "monthly", "due_day": 15} for code in ("4.1", "4.2(8)")}
