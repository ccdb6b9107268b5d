from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from scoring import INDICATOR_KEYS, Defaults, Refused, Scale, read_framework, read_indicator, write_criteria
from tests.scoring.making import codes, thresholds

FIVE = thresholds(45, 47, 49, 51, 53)

EVERYTHING = {
    "code": "2",
    "dimension": "effectiveness",
    "title": "ร้อยละความสำเร็จ",
    "work": "…",
    "unit": "ร้อยละ",
    "weight": Decimal(10),
    "target": 49,
    "targets": [
        {"period": "6-month", "value": 100},
        {"period": "2018-01", "value": "630", "cumulative": True},
        {"period": "12-month", "text": "…"},
        {"period": {"from": "2018-01", "to": date(2018, 3, 31)}, "value": 1},
    ],
    "scored": True,
    "positions": ["ปลัดจังหวัด"],
    "rounds": [2],
    "description": "…",
    "formula_text": "…",
    "conditions": "…",
    "reason": "…",
    "note": "…",
    "owner": "…",
    "collector": "…",
    "contact": "…",
    "evidence": ["แบบรายงาน"],
    "supports": "…",
    "judged_by": "department",
    "judged_until": "2013-04-05",
    "from_below": {"how": "ratio"},
    "baseline": {"label": "…", "unit": "…", "years": [{"year": 2554, "value": "44.1"}, {"year": 2555, "value": None}]},
    "assigned_units": ["finance"],
    "report": {"frequency": "monthly", "due_day": 15},
    "measure": {
        "kind": "formula",
        "expression": "disbursed / budget * 100",
        "variables": {"disbursed": {"label": "…", "unit": "บาท"}, "budget": {"label": "…", "unit": "บาท"}},
    },
    "criteria": FIVE,
    "lateness": {"due": date(2013, 3, 20), "per_working_day": "0.25", "cutoff": "2013-03-26"},
    "children_at_least": 4,
}

FRAMEWORK = {
    "format": 1,
    "code": "chonburi-2556-1",
    "title": "กรอบการประเมินผลการปฏิบัติราชการ",
    "level": "province",
    "fiscal_year": 2556,
    "round": 1,
    "source": "บันทึกข้อความ",
    "total_weight": 30,
    "scale": [1, 2, 3, 4, 5],
    "below_level_1": "zero",
    "grades": [{"from": 90, "label": "ดีเด่น"}, {"from": 0, "label": "ต้องปรับปรุง", "colour": "แดง"}],
    "grades_on": 100,
    "dimensions": [
        {"code": "external", "title": "มิติภายนอก", "weight": 30},
        {"code": "effectiveness", "parent": "external", "title": "ประสิทธิผล", "weight": 30},
    ],
    "units": [{"code": "finance", "title": "งานการเงิน"}],
    "indicators": [
        EVERYTHING,
        {
            "code": "8",
            "title": "เรื่องร้องเรียน",
            "weight": 20,
            "dimension": "effectiveness",
            "children": [
                {"code": "8.1", "title": "ค้าง", "weight": 10, "criteria": {"kind": "rubric", "levels": {5: "มี"}}},
                {"code": "8.2", "title": "ใหม่", "weight": "10", "criteria": FIVE},
            ],
        },
    ],
}


OUTER = "dimensions[0].weight"
BOTH_WEIGHTS = [("dimension_weight", OUTER), ("dimension_weight", "dimensions[1].weight")]


def changed(document, path, value):
    """A copy of `document` with `value` at `path`; None takes the key away."""
    key, *rest = path
    copy = list(document) if isinstance(document, list) else dict(document)
    if rest:
        copy[key] = changed(copy[key], rest, value)
    elif value is None:
        del copy[key]
    else:
        copy[key] = value
    return copy


def test_every_key_of_the_format_is_read():
    subject = read_indicator(EVERYTHING)

    assert set(INDICATOR_KEYS) - set(EVERYTHING) == {"children"}
    assert (subject.code, subject.unit, subject.weight) == ("2", "ร้อยละ", 10)
    assert subject.lateness.per_working_day == Fraction(1, 4)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["code"], 1.1, ("code_not_text", "code")),
        (["code"], "2.3 (8)", ("code_with_spaces", "code")),
        (["code"], None, ("missing", "code")),
        (["title"], "", ("empty", "title")),
        (["titel"], "x", ("unknown_key", "titel")),
        (["weight"], "ten", ("not_a_number", "weight")),
        (["weight"], -1, ("negative", "weight")),
        (["weight"], 0.5, ("inexact_number", "weight")),
        (["scored"], "yes", ("not_a_flag", "scored")),
        (["description"], 5, ("not_text", "description")),
        (["evidence"], "แบบรายงาน", ("not_a_list", "evidence")),
        (["evidence"], [5], ("not_text", "evidence[0]")),
        (["rounds"], [3], ("not_allowed", "rounds[0]")),
        (["report", "frequency"], "daily", ("not_allowed", "report.frequency")),
        (["report", "due_day"], 32, ("not_allowed", "report.due_day")),
        (["report", "due"], 15, ("unknown_key", "report.due")),
        (["baseline", "years", 0, "value"], "มาก", ("not_a_number", "baseline.years[0].value")),
        (["targets", 0, "period"], "weekly", ("not_allowed", "targets[0].period")),
        (["targets", 0, "value"], None, ("missing", "targets[0].value")),
        (["targets", 3, "period", "to"], "2018-13", ("not_a_date", "targets[3].period.to")),
        (["children_at_least"], -1, ("not_whole", "children_at_least")),
        (["criteria"], None, ("criteria_or_children", "")),
        (["children"], [], ("criteria_or_children", "")),
        (["criteria"], {"levels": {}}, ("missing", "criteria.kind")),
        (["criteria"], {"kind": "thresh"}, ("not_allowed", "criteria.kind")),
        (["criteria"], 5, ("not_a_mapping", "criteria")),
        (["lateness"], 5, ("not_a_mapping", "lateness")),
        (["measure"], 5, ("not_a_mapping", "measure")),
        (["criteria", "levells"], {}, ("unknown_key", "criteria.levells")),
        (["lateness", "due"], datetime(2013, 3, 20), ("not_a_date", "lateness.due")),
        (["lateness", "due"], "2013-W12-3", ("not_a_date", "lateness.due")),
        (["lateness", "due"], "20130320", ("not_a_date", "lateness.due")),
        (["lateness", "due"], "2013-3-20", ("not_a_date", "lateness.due")),
    ],
)
def test_one_fault_with_its_place(path, value, expected):
    with pytest.raises(Refused) as refusal:
        read_indicator(changed(EVERYTHING, path, value))

    assert codes(refusal) == [expected]


def test_all_faults_at_once_with_the_place_of_the_caller():
    document = {"code": "1", "criteria": {"kind": "thresholds", "levels": FIVE["levels"], "levells": 1}, "foo": 1}

    with pytest.raises(Refused) as refusal:
        read_indicator(document, place="indicators[3]")

    assert codes(refusal) == [
        ("unknown_key", "indicators[3].foo"),
        ("missing", "indicators[3].title"),
        ("unknown_key", "indicators[3].criteria.levells"),
    ]


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_no_document_at_all(document):
    with pytest.raises(Refused) as refusal:
        read_indicator(document)

    assert codes(refusal) == [("not_a_mapping", "")]


def test_nesting_ends_somewhere():
    document = {"code": "0", "title": "x", "criteria": FIVE}
    for number in range(1, 12):
        document = {"code": str(number), "title": "x", "children": [document]}

    with pytest.raises(Refused) as refusal:
        read_indicator(document)

    assert [found.code for found in refusal.value.faults] == ["nested_too_deep"]


def test_a_whole_framework():
    rules = read_framework(FRAMEWORK)

    assert rules.total_weight == 30
    assert rules.defaults == Defaults(scale=Scale(), below_level_1="zero")
    assert rules.indicators[0].criteria.below_level_1 == "zero"
    assert [unit.code for unit in rules.units] == ["finance"]
    assert rules.grades.grade_of(Fraction(91)).label == "ดีเด่น"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["format"], 2, [("not_allowed", "format")]),
        (["format"], None, [("missing", "format")]),
        (["format"], True, [("not_whole", "format")]),
        (["format"], Decimal("1.0"), [("not_whole", "format")]),
        (["format"], "1.0", [("not_whole", "format")]),
        (["level"], "village", [("not_allowed", "level")]),
        (["fiscal_year"], None, [("missing", "fiscal_year")]),
        (["fiscal_year"], "null", [("not_whole", "fiscal_year")]),
        (["fiscal_year"], 2013, [("year_out_of_range", "fiscal_year")]),
        (["round"], 3, [("not_allowed", "round")]),
        (["indicators"], 5, [("not_a_list", "indicators"), ("total_weight", "indicators")]),
        (["author"], "x", [("unknown_key", "author")]),
        (["total_weight"], 40, [("total_weight", "indicators")]),
        (["scale"], [1], [("scale_too_short", "scale")]),
        (["scale"], [1, "x"], [("not_whole", "scale[1]")]),
        (["scale"], [5, 4, 3, 2, 1], [("scale_not_rising", "scale")]),
        (["grades"], [{"from": 60, "label": "ดี"}], [("grades_without_floor", "grades")]),
        (["grades", 0, "from"], None, [("missing", "grades[0].from")]),
        (["grades_on"], 50, [("not_allowed", "grades_on")]),
        (["dimensions", 1, "parent"], "inner", [("unknown_reference", "dimensions[1].parent")]),
        (["dimensions", 0, "weight"], 40, [("parts_of_dimension", OUTER), ("dimension_weight", OUTER)]),
        (["units", 0, "code"], "general", [("unknown_reference", "indicators[0].assigned_units[0]")]),
        (["indicators", 0, "dimension"], "other", [("unknown_reference", "indicators[0].dimension"), *BOTH_WEIGHTS]),
        (["indicators", 1, "code"], "2", [("duplicate", "indicators[1].code")]),
        (["indicators", 1, "children", 1, "code"], "8.1", [("duplicate", "indicators[1].children[1].code")]),
        (["indicators", 1, "children", 1, "weight"], 9, [("children_weights", "indicators[1].children")]),
        (["indicators", 1, "children", 1, "weight"], None, [("missing", "indicators[1].children[1].weight")]),
        (["indicators", 0, "weight"], None, [("missing", "indicators[0].weight"), *BOTH_WEIGHTS]),
    ],
)  # fmt: skip
def test_what_a_framework_refuses(path, value, expected):
    with pytest.raises(Refused) as refusal:
        read_framework(changed(FRAMEWORK, path, value))

    assert codes(refusal) == expected


@pytest.mark.parametrize("level", ["department", "province", "district", "local_government"])
def test_only_a_library_is_of_no_year(level):
    with pytest.raises(Refused) as refusal:
        read_framework({**FRAMEWORK, "level": level, "fiscal_year": None})

    assert codes(refusal) == [("missing", "fiscal_year")]


def aiming(*targets):
    """A framework of indicators on 45 47 49 51 53 with these targets."""
    indicators = [
        {"code": str(number), "title": "x", "criteria": FIVE, **({} if target is None else {"target": target})}
        for number, target in enumerate(targets)
    ]
    return {**FRAMEWORK, "total_weight": None, "dimensions": [], "units": [], "indicators": indicators}


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ((49, "49.0", 51), ["indicators[2].target"]),
        ((51, 49), ["indicators[0].target"]),
        ((49, 49, 49), []),
        ((51, 49, 51), []),  # not all the others are
        ((51,), []),
        ((49, None, "ครบทุกแห่ง", 45), ["indicators[3].target"]),
    ],
)
def test_a_target_that_is_not_level_3_where_all_others_are(targets, expected):
    warnings = read_framework(aiming(*targets)).warnings

    assert [(found.code, found.place) for found in warnings] == [("target_off_level", place) for place in expected]


def test_targets_of_children_and_of_other_scales_are_looked_at_too():
    document = aiming(90, 90)
    levels = {"kind": "thresholds", "levels": {50: 80, 75: 90, 100: 100}}
    for one in document["indicators"]:
        one["criteria"] = levels
    child = {"code": "8.1", "title": "x", "criteria": levels, "target": 80}
    document["indicators"].append({"code": "8", "title": "x", "children": [child]})

    (found,) = read_framework({**document, "scale": [50, 75, 100]}).warnings

    assert (found.place, found.values()) == (
        "indicators[2].children[0].target",
        {"given": "80", "level": "75", "threshold": "90"},
    )


def test_dimensions_in_a_circle():
    dimensions = [{"code": "a", "title": "a", "parent": "b"}, {"code": "b", "title": "b", "parent": "a"}]

    with pytest.raises(Refused) as refusal:
        read_framework({**FRAMEWORK, "dimensions": dimensions, "total_weight": None})

    assert ("circular_dimensions", "dimensions[0].parent") in codes(refusal)


def test_a_library_has_no_weights():
    document = {
        **FRAMEWORK,
        "level": "library",
        "fiscal_year": None,
        "total_weight": None,
        "dimensions": [],
        "units": [],
    }
    document["indicators"] = [{"code": "2.3(8)", "title": "x", "criteria": FIVE}]

    rules = read_framework(document)

    assert (rules.total_weight, rules.indicators[0].weight) == (None, None)


CRITERIA = [
    FIVE,
    {"kind": "thresholds", "levels": {0: "3.5", 1: 3, 3: 2, 5: 1}, "labels": {1: "น้อย"}, "between": "step"},
    {"kind": "thresholds", "levels": {5: 1}, "below_level_1": "from_origin"},
    {"kind": "bands", "levels": {1: {"up_to": 60, "label": "ต่ำกว่า 60"}, 5: {"label": "มากกว่า"}}},
    {"kind": "rubric", "levels": {1: "x", 5: "y"}},
    {
        "kind": "milestones",
        "steps": [
            {"level": 1, "title": "x"},
            {
                "level": 3,
                "judged_by": "department",
                "parts": [{"code": "3.1", "title": "y", "deduction": "0.25"}, {"code": "3.2"}],
            },
        ],
        "faults": [{"code": "late", "title": "ล่าช้า", "points": "0.5", "at_step": 3, "most": 2}],
        "faults_open": True,
    },
    {
        "kind": "classed",
        "base": {"label": "x", "unit": "เรื่อง"},
        "classes": [
            {"code": "A", "up_to": 10, "label": "1-10", "levels": {1: 1, 5: 2}},
            {"code": "B", "levels": {1: 2, 5: 4}},
        ],
    },
    {"kind": "open", "labels": {5: "…"}},
    {"kind": "open"},
]  # fmt: skip


@pytest.mark.parametrize("criteria", CRITERIA, ids=lambda criteria: criteria["kind"])
def test_reading_what_was_written_gives_the_same_criteria(criteria):
    subject = read_indicator({"code": "1", "title": "x", "criteria": criteria})

    written = write_criteria(subject.criteria)

    assert read_indicator({"code": "1", "title": "x", "criteria": written}).criteria == subject.criteria
    assert write_criteria(read_indicator({"code": "1", "title": "x", "criteria": written}).criteria) == written


def test_numbers_keep_every_digit_when_written():
    subject = read_indicator({"code": "1", "title": "x", "criteria": thresholds("0.1234567890123", 2, 3, 4, 5)})

    assert write_criteria(subject.criteria)["levels"]["1"] == "0.1234567890123"
