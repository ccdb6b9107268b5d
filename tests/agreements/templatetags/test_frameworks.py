import pytest
from django.utils import translation

from agreements.templatetags.frameworks import criteria_summary, period_words, unit_word


@pytest.mark.parametrize(
    ("period", "thai", "english"),
    [
        ("monthly", "ทุกเดือน", "Each month"),
        ("6-month", "6 เดือน", "6 months"),
        ("2018-01", "ม.ค. 2561", "Jan 2561"),
        ({"from": "2018-01-15", "to": "2018-02-28"}, "15 ม.ค. 2561 – 28 ก.พ. 2561", "15 Jan 2561 – 28 Feb 2561"),
    ],
)
def test_periods_are_told_in_the_buddhist_era(period, thai, english):
    assert period_words(period) == thai
    with translation.override("en"):
        assert period_words(period) == english


@pytest.mark.parametrize(
    ("criteria", "line"),
    [
        ({"kind": "rubric", "levels": {"1": "ก", "3": "ข"}}, "Described levels: 1, 3"),
        ({"kind": "milestones", "steps": [{"level": 1}, {"level": 2}]}, "Steps, one after the other: 1, 2"),
        ({"kind": "classed", "classes": [{"code": "A"}, {"code": "B"}]}, "By class of the base: A, B"),
    ],
)
def test_criteria_without_a_figure_a_level_are_told_in_a_line(criteria, line):
    with translation.override("en"):
        assert criteria_summary(criteria) == line


def test_judges_are_told_by_their_kind_or_as_they_are_written():
    assert [unit_word("department"), unit_word("กองการเจ้าหน้าที่")] == ["กรม", "กองการเจ้าหน้าที่"]


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"from": "2017-10-01", "to": "2018-03-31"}, "1 ต.ค. 2560 – 31 มี.ค. 2561"),
        ({"from": "2017-10", "to": "2017-12"}, "ต.ค. 2560 – ธ.ค. 2560"),
        ("2017-12", "ธ.ค. 2560"),
    ],
)
def test_a_period_is_of_days_or_of_months(period, words):
    assert period_words(period) == words
