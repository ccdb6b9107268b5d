import pytest

from scoring import Refused, Rubric
from tests.scoring.making import codes, indicator, rules, score

DESCRIBED = {
    "S1-3": (1, 3, 5),
    "S3-12": (5,),
    "S3-23.2": (1, 5),
    "S3-8": (1, 2, 3, 4, 5),
}


def rubric(*levels):
    return indicator({"kind": "rubric", "levels": {level: f"ระดับ {level}" for level in levels}})


@pytest.mark.parametrize("source", DESCRIBED)
def test_described_levels_and_0_are_the_choices(source):
    subject = rubric(*DESCRIBED[source])

    assert subject.criteria.choices == (0, *DESCRIBED[source])
    assert [score(subject, {"level": level}).score for level in subject.criteria.choices] == [0, *DESCRIBED[source]]


def test_0_is_scored():
    found = score(rubric(1, 3, 5), {"level": 0})

    assert (found.status, found.score, rules(found)) == ("scored", 0, ["rubric_nothing", "weighted"])


@pytest.mark.parametrize(
    ("level", "code"),
    [("3.5", "level_not_described"), (2, "level_not_described"), (6, "level_not_described"), ("มี", "not_a_number")],
)
def test_nothing_between_and_nothing_undescribed(level, code):
    with pytest.raises(Refused) as refusal:
        score(rubric(1, 3, 5), {"level": level})

    assert codes(refusal) == [(code, "level")]


def test_a_described_0_is_no_other_choice():
    assert rubric(0, 5).criteria.choices == (0, 5)


def test_a_level_stands_once_without_a_document_too():
    with pytest.raises(Refused) as refusal:
        Rubric(levels=((1, "x"), (1, "y")))

    assert codes(refusal) == [("levels_not_rising", "levels")]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, [("no_levels", "criteria.levels")]),
        ({0: "ไม่มี"}, [("no_levels", "criteria.levels")]),
        ({6: "มี"}, [("level_outside_scale", "criteria.levels.6")]),
        ({5: 1}, [("not_text", "criteria.levels.5")]),
        ({5: " "}, [("empty", "criteria.levels.5")]),
    ],
)
def test_refused(levels, expected):
    with pytest.raises(Refused) as refusal:
        indicator({"kind": "rubric", "levels": levels})

    assert codes(refusal) == expected
