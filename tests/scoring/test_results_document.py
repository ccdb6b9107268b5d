from datetime import date

import pytest

from scoring import Refused, framework_named, read_results_document
from tests.scoring.making import codes, thresholds

FRAMEWORK = {
    "format": 1,
    "code": "small",
    "title": "กรอบเล็ก",
    "level": "province",
    "fiscal_year": 2556,
    "total_weight": 100,
    "indicators": [{"code": "1", "title": "เดี่ยว", "weight": 100, "criteria": thresholds(1, 2, 3, 4, 5)}],
}
WHOLE = {"framework": FRAMEWORK, "results": {"1": {"value": "3.5"}}}


def test_a_framework_in_place_needs_no_other():
    read = read_results_document(WHOLE)

    assert read.score().as_document()["total"] == "3.5000"


def test_the_framework_that_is_named_is_handed_in():
    document = {**WHOLE, "framework": "small@2"}

    assert framework_named(document) == "small@2"
    assert read_results_document(document, framework=FRAMEWORK).rules.code == "small"


@pytest.mark.parametrize("document", [WHOLE, {}, None, [], {"framework": " "}, {"framework": 5}])
def test_nothing_is_named(document):
    assert framework_named(document) is None


def test_holidays_competencies_and_weights():
    competencies = [{"name": "บริการที่ดี", "expected": 3, "observed": 2}]
    weights = {"achievement": 50, "competency": "50"}

    read = read_results_document(
        {**WHOLE, "holidays": ["2013-04-08", date(2013, 4, 15)], "competencies": competencies, "weights": weights}
    )

    document = read.score().as_document()
    assert read.holidays == {date(2013, 4, 8), date(2013, 4, 15)}
    assert (document["achievement"], document["competency"], document["final"]) == ("70.00", "66.67", "68.33")


@pytest.mark.parametrize("nothing", [{}, {"competencies": None}, {"competencies": []}])
def test_without_competencies_the_grade_is_that_of_the_achievement(nothing):
    document = read_results_document({**WHOLE, **nothing}).score().as_document()

    assert (document["competency"], document["final"], document["grade"]) == (None, None, "ดี")


@pytest.mark.parametrize("nothing", [{"framework": FRAMEWORK}, {"framework": FRAMEWORK, "results": None}])
def test_what_is_left_out_was_not_reported(nothing):
    (found,) = read_results_document(nothing).score().indicators

    assert found.status == "not_reported"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("not_a_mapping", "")]),
        ({}, [("framework_missing", "framework")]),
        ({"framework": "unheard-of"}, [("framework_missing", "framework")]),
        ({"framework": 5}, [("framework_missing", "framework")]),
        ({**WHOLE, "result": {}}, [("unknown_key", "result")]),
        ({**WHOLE, "results": []}, [("not_a_mapping", "results")]),
        ({**WHOLE, "results": {"1": {"vale": 1}}}, [("unknown_key", "results.1.vale")]),
        ({**WHOLE, "holidays": "2013-04-08"}, [("not_a_list", "holidays")]),
        ({**WHOLE, "holidays": ["2556-04-08"]}, [("year_out_of_range", "holidays[0]")]),
        ({**WHOLE, "holidays": [5]}, [("not_a_date", "holidays[0]")]),
        ({**WHOLE, "competencies": {}}, [("not_a_list", "competencies")]),
        ({**WHOLE, "weights": {"achievement": 70, "competency": 40}}, [("component_weights", "weights")]),
        (
            {"framework": {**FRAMEWORK, "total_weight": 90, "titel": 1}, "weights": 5, "holidays": [None]},
            [
                ("unknown_key", "framework.titel"),
                ("total_weight", "framework.indicators"),
                ("not_a_date", "holidays[0]"),
                ("not_a_mapping", "weights"),
            ],
        ),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_is_found(document, expected):
    with pytest.raises(Refused) as refusal:
        read_results_document(document)

    assert codes(refusal) == expected
