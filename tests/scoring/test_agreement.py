from fractions import Fraction

import pytest

from scoring import (
    Competency,
    ComponentWeights,
    Defaults,
    Grade,
    Grades,
    Refused,
    Scale,
    read_competencies,
    read_component_weights,
    read_indicator,
    read_results,
    score_agreement,
)
from tests.scoring.making import codes, levels, thresholds

PERCENT = {"kind": "formula", "expression": "a / b * 100", "variables": {"a": {}, "b": {}}}
DIRECT = thresholds(1, 2, 3, 4, 5, below_level_1="level_0")
DIRECT["levels"] = {0: 0, **DIRECT["levels"]}


def leaf(code, weight, criteria=DIRECT, **more):
    return {"code": code, "title": code, "weight": weight, "criteria": criteria, **more}


def classed(*thresholds_of):
    return {"kind": "classed", "base": {}, "classes": [{"code": "X", "levels": levels(*thresholds_of)}]}


# S1, the frame of the province; indicators that the example gives by their score are typed as such.
CHONBURI = [
    *(leaf(code, weight) for code, weight in (("1", 20), ("2", 10), ("3", 5), ("4", 5), ("5", 5), ("6", 5), ("7", 10))),
    {
        "code": "8",
        "title": "8",
        "weight": 20,
        "children": [
            leaf("8.1", 10, classed(80, 85, 90, 95, 100)),
            leaf("8.2", 10, classed(60, 65, 70, 75, 80), measure=PERCENT),
        ],
    },
    leaf("9", 10, thresholds(50, 55, 60, 65, 70), measure=PERCENT),
    leaf("10", 10),
]
CHONBURI_RESULTS = {
    **{
        code: {"value": value}
        for code, value in zip(
            ("1", "2", "3", "4", "5", "6", "7", "10"), ("4.125", "3.625", 5, "4.5", 5, "4.5", "4.76", 4), strict=True
        )
    },
    "8.1": {"base": 10, "value": 90},
    "8.2": {"base": 28, "variables": {"a": 20, "b": 28}},
    "9": {"variables": {"a": 63, "b": 98}},
}

NONTHABURI_SCORES = """1=3.75 2=5 3=5 4=3 5=4 6=5 7=4.41 8=4 9.1=5 9.2=4 9.3=3 10=3 12=5 13=5 14=0 15=5 16=4
    17=3 18=4 19=5 20=3.5 21=5 22=5 23.1=5 23.2=1 23.3=4 24=3.46 25=5 26=4.694 27=2.6 28=3 29=3.5"""
NONTHABURI_WEIGHTS = """1=5 2=5 3=5 4=5 5=5 6=5 7=5 8=5 9.1=1.67 9.2=1.66 9.3=1.67 10=5 11=4 12=4 13=4 14=4 15=4
    16=2.5 17=2.5 18=2.5 19=2.5 20=2 21=2 22=2 23.1=1.33 23.2=1.33 23.3=1.34 24=1.25 25=1.25 26=1.25 27=1.25
    28=2.5 29=2.5"""
S3_11 = {
    "kind": "formula",
    "expression": "((0.9 * standard - actual) / actual) * 100",
    "variables": {"standard": {}, "actual": {}},
}
S3_GRADES = Grades(
    grades=tuple(
        Grade(from_=Fraction(bound), label=label, colour=colour)
        for bound, label, colour in (
            ("0", "ไม่ผ่าน", "แดง"),
            ("1.5", "ไม่ผ่าน เห็นควรปรับปรุง", "ส้ม"),
            ("2.5", "ผ่าน พอใช้", "เหลือง"),
            ("3.5", "ผ่าน ดี", "เขียวอ่อน"),
            ("4.5", "ผ่าน ดีมาก", "เขียวแก่"),
        )
    ),
    on=Fraction(5),
)


def pairs(text):
    return dict(pair.split("=") for pair in text.split())


def nonthaburi():
    weights = pairs(NONTHABURI_WEIGHTS)
    plain = [
        leaf(code, weight, thresholds(2, 4, 6, 8, 10) if code == "11" else DIRECT, **measure_of(code))
        for code, weight in weights.items()
        if "." not in code
    ]
    composites = [
        {"code": top, "title": top, "weight": weight, "children": children(top, weights)}
        for top, weight in (("9", 5), ("23", 4))
    ]
    return [*plain, *composites]


def measure_of(code):
    return {"measure": S3_11} if code == "11" else {}


def children(top, weights):
    return [leaf(code, weight) for code, weight in weights.items() if code.startswith(f"{top}.")]


def agreement(documents, results, **more):
    indicators = [read_indicator(document) for document in documents]
    return score_agreement(indicators, read_results(results, indicators), **more)


def test_chonburi():
    found = agreement(CHONBURI, CHONBURI_RESULTS).as_document()

    assert (found["weight_in_force"], found["total"], found["achievement"], found["grade"]) == (
        "100",
        "4.0278",
        "80.56",
        "ดีมาก",
    )
    assert (found["competency"], found["final"]) == (None, None)
    assert [one["code"] for one in found["indicators"]] == "1 2 3 4 5 6 7 8 8.1 8.2 9 10".split()


@pytest.mark.parametrize("reported", [{"cancelled": "ไม่มีเรื่องค้าง"}, {"base": 0}])
def test_chonburi_with_8_1_cancelled(reported):
    found = agreement(CHONBURI, {**CHONBURI_RESULTS, "8.1": reported})

    document = found.as_document()
    assert (document["weight_in_force"], document["total"], document["achievement"]) == ("90", "4.1420", "82.84")
    assert found.displayed()["column"] == "3.7278"
    assert [step.rule for step in found.steps] == ["total", "total_from_column", "achievement", "graded"]


def test_nonthaburi():
    results = {code: {"value": value} for code, value in pairs(NONTHABURI_SCORES).items()}
    results["11"] = {"variables": {"standard": 100000, "actual": 85000}}

    found = agreement(nonthaburi(), results, grades=S3_GRADES)

    document = found.as_document()
    assert (document["total"], document["achievement"], document["grade"]) == ("3.9385", "78.77", "ผ่าน ดี")
    assert len(list(found.flatten())) == 35


COMPETENCIES = [Competency(name=f"สมรรถนะ {number}", expected=3, observed=3) for number in range(10)]


def competencies(*gaps):
    return [Competency(name=str(gap), expected=4, observed=4 - gap) for gap in gaps]


@pytest.mark.parametrize(
    ("gaps", "expected", "counts"),
    [
        ((0,) * 7 + (1, 1, 2), Fraction(2600, 30), (7, 2, 1, 0)),
        ((0, 0, 0, -1, 1, 1, 2, 4), Fraction(1700, 24), (4, 2, 1, 1)),
    ],
)
def test_competency_points_for_gaps(gaps, expected, counts):
    found = agreement(CHONBURI, CHONBURI_RESULTS, competencies=competencies(*gaps))

    assert found.competency == expected
    assert tuple(count for _, count in found.competency_counts) == counts
    assert len(found.competency_gaps) == sum(gap > 0 for gap in gaps)


@pytest.mark.parametrize(
    ("achievement", "competency", "expected"), [(70, 30, ("83.75", "ดีมาก")), (50, 50, ("84.58", "ดีมาก"))]
)
def test_final_score_of_two_components(achievement, competency, expected):
    weights = ComponentWeights(achievement=Fraction(achievement), competency=Fraction(competency))

    found = agreement(
        [leaf("1", 100)],
        {"1": {"value": "4.125"}},
        competencies=competencies(*(0,) * 7, 1, 1, 2),
        weights=weights,
    ).as_document()

    assert (found["achievement"], found["competency"]) == ("82.50", "86.67")
    assert (found["final"], found["grade"]) == expected


@pytest.mark.parametrize(
    ("total", "grade"),
    [("1.494", "ไม่ผ่าน"), ("1.495", "ไม่ผ่าน เห็นควรปรับปรุง"), ("4.5", "ผ่าน ดีมาก"), ("0", "ไม่ผ่าน"), ("5", "ผ่าน ดีมาก")],
)
def test_grades_apply_to_the_total_rounded_once_s3(total, grade):
    found = agreement([leaf("1", 100)], {"1": {"value": total}}, grades=S3_GRADES)

    assert found.grade.label == grade


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ("4.5", "ดีเด่น"),
        ("4.4997", "ดีมาก"),
        ("4.49975", "ดีเด่น"),
        ("4", "ดีมาก"),
        ("3.5", "ดี"),
        ("3", "พอใช้"),
        ("2.99", "ต้องปรับปรุง"),
    ],
)
def test_grades_of_individuals(value, grade):
    assert agreement([leaf("1", 100)], {"1": {"value": value}}).grade.label == grade


def test_no_weights_no_total():
    document = agreement([leaf("1", None)], {"1": {"value": 3}}, competencies=COMPETENCIES).as_document()

    nothing = ("total", "achievement", "competency", "final", "grade")
    assert [document[key] for key in nothing] == [None] * 5
    assert document["indicators"][0]["score"] == "3.0000"


def test_everything_cancelled_has_no_total():
    found = agreement([leaf("1", 100)], {"1": {"cancelled": "ไม่มี"}})

    assert (found.total, found.grade, found.weight_in_force) == (None, None, 0)


def test_unreported_stays_in_the_denominator_and_unscored_does_not():
    found = agreement(
        [leaf("1", 60), leaf("2", 40), leaf("3", None, {"kind": "open"})], {"1": {"value": 5}, "3": {"value": 1}}
    )

    assert (found.weight_in_force, found.total) == (100, 3)


def test_another_scale_g11():
    scale = Scale(levels=(50, 75, 100))
    subject = read_indicator(
        leaf("1", 100, {"kind": "thresholds", "levels": {50: 80, 75: 90, 100: 100}}), defaults=Defaults(scale=scale)
    )

    found = score_agreement([subject], read_results({"1": {"value": 85}}, [subject]), scale=scale)

    assert (found.total, found.achievement) == (Fraction("62.5"), Fraction("62.5"))


def test_plan_rows_are_due_below_the_level_g9():
    found = agreement(CHONBURI, {**CHONBURI_RESULTS, "1": {"value": "2.99"}, "8.1": {"base": 10, "value": 82}})

    assert [one.code for one in found.below(3)] == ["1", "8.1"]


@pytest.mark.parametrize(("value", "expected"), [(5, True), ("4.9999", False)])
def test_exactly_100_needs_a_reason_g9(value, expected):
    assert agreement([leaf("1", 100)], {"1": {"value": value}}).is_perfect is expected


@pytest.mark.parametrize("weights", [{"achievement": 70, "competency": 20}, {"achievement": 110, "competency": -10}])
def test_component_weights_make_100(weights):
    with pytest.raises(Refused):
        read_component_weights(weights)


def test_competencies_refused():
    with pytest.raises(Refused) as refusal:
        read_competencies([{"name": "a", "expected": 3}, {"name": "b", "expected": "x", "observed": 99}, 7])

    assert codes(refusal) == [
        ("missing", "competencies[0].observed"),
        ("not_whole", "competencies[1].expected"),
        ("above", "competencies[1].observed"),
        ("not_a_mapping", "competencies[2]"),
    ]


@pytest.mark.parametrize("bounds", [(90, 60), (0, 0, 60), ()])
def test_grades_leave_no_score_without_one(bounds):
    with pytest.raises(Refused):
        Grades(grades=tuple(Grade(from_=Fraction(bound), label=str(bound)) for bound in bounds))
