from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from agreements.views.charts import spark_chart, trend_chart


@dataclass
class Month:
    day: date
    value: Fraction | None
    target: Fraction | None = None


def months(*values):
    return [
        Month(date(2013, 1 + at, 1), None if value is None else Fraction(value), Fraction(10))
        for at, value in enumerate(values)
    ]


def test_a_small_trend_begins_with_the_first_value_and_leaves_out_what_is_not_known():
    chart = spark_chart([None, Fraction(1), None, Fraction(3)])

    assert chart["line"] == "4.0,24.0 92.0,4.0"
    assert (chart["first_value"], chart["last_value"]) == (1, 3)
    assert spark_chart([None, Fraction(1), None]) is None
    assert spark_chart([Fraction(2), Fraction(2)])["line"] == "4.0,24.0 92.0,24.0"


def test_a_trend_is_a_line_for_each_run_of_months_with_what_was_to_be_reached():
    chart = trend_chart(months("2", "4", None, "8"))

    assert [line.count(",") for line in chart["lines"]] == [2]
    assert [line.count(",") for line in chart["aims"]] == [4]
    assert [point["value"] for point in chart["points"]] == [2, 4, 8]
    assert [mark["value"] for mark in chart["marks"]] == [0, 5, 10]
    assert len(chart["months"]) == 4


def test_24_months_are_named_every_third_from_the_last():
    long = [Month(date(2012 + at // 12, at % 12 + 1, 1), Fraction(at)) for at in range(24)]

    assert [month["day"] for month in trend_chart(long)["months"]][-2:] == [date(2013, 9, 1), date(2013, 12, 1)]
    assert len(trend_chart(long)["months"]) == 8


def test_no_value_is_no_picture_and_one_value_of_nought_has_one():
    assert trend_chart(months(None, None)) is None
    assert trend_chart([Month(date(2013, 1, 1), Fraction(0))])["points"][0]["y"] == "260.0"
