from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from scoring import progress
from scoring.progress import Span, Target, light_of, month_number, projected, read_targets, target_so_far
from tests.scoring.making import indicator, thresholds

# The fiscal year 2561, of S2: October 2017 to September 2018.
YEAR = progress.span_of(2561, None)
MONTHS = ("10", "11", "12", "01", "02", "03", "04", "05", "06", "07", "08", "09")


def at(month):
    """The number of a month of the fiscal year 2561, written 01 … 12."""
    return month_number(2017 if int(month) >= 10 else 2018, int(month))


def targets(*printed, criteria=None, **more):
    return read_targets({"targets": list(printed), **more} if printed else more, criteria, YEAR)


def cumulative(period, value):
    return {"period": period, "value": value, "cumulative": True}


def so_far(found):
    return [None if value is None else str(value) for value in (target_so_far(found, at(one), YEAR) for one in MONTHS)]


def test_months_of_a_year_and_of_its_rounds():
    assert Span(month_number(2017, 10), month_number(2017, 10), month_number(2018, 9)) == YEAR
    assert progress.span_of(2561, 1) == Span(month_number(2017, 10), month_number(2017, 10), month_number(2018, 3))
    assert progress.span_of(2561, 2) == Span(month_number(2017, 10), month_number(2018, 4), month_number(2018, 9))


# --- Targets, as S2 prints them --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        # 4.2(1), 4.2(4): each month.
        ([{"period": "monthly", "value": "10"}], ["10"] * 12),
        # 1.3(3): 6 and 12 months, each by itself.
        (
            [{"period": "6-month", "value": 90}, {"period": "12-month", "value": 95}],
            [None] * 5 + ["90"] * 6 + ["95"],
        ),
        # 4.2(2): cumulative, in equal steps.
        (
            [cumulative("6-month", 5), cumulative("12-month", 10)],
            ["5/6", "5/3", "5/2", "10/3", "25/6", "5", "35/6", "20/3", "15/2", "25/3", "55/6", "10"],
        ),
        # 4.2(5): from January on more slowly, and nothing after June.
        (
            [cumulative("2018-01", 630), cumulative("2018-06", 1250)],
            ["315/2", "315", "945/2", "630", "754", "878", "1002", "1126", "1250", "1250", "1250", "1250"],
        ),
        # 4.2(6), 4.2(8): due in a month.
        ([{"period": "2018-04", "value": 878}], [None] * 6 + ["878"] * 6),
        # 4.2(7): every month from December on.
        ([{"period": {"from": "2017-12", "to": "2018-09"}, "value": 3}], [None] * 2 + ["3"] * 10),
        ([{"period": {"from": "2017-12-01", "to": "2018-02-28"}, "value": 3}], [None] * 2 + ["3"] * 3 + [None] * 7),
        # 4.2(11): words alone.
        ([{"period": "2018-09", "text": "มีระบบ"}], [None] * 12),
    ],
)  # fmt: skip
def test_target_so_far(printed, expected):
    assert so_far(targets(*printed)) == expected


def test_one_target_is_due_at_the_end_and_the_middle_level_stands_in_for_none():
    assert targets(target="4") == (Target(value=Fraction(4), first=YEAR.first, last=YEAR.last),)
    criteria = indicator(thresholds(45, 47, 49, 51, 53)).criteria
    assert targets(criteria=criteria) == (
        Target(value=Fraction(49), first=YEAR.first, last=YEAR.last, from_criteria=True),
    )
    assert so_far(targets(criteria=criteria)) == [None] * 11 + ["49"]
    assert targets(criteria=indicator(thresholds(1, "-", "-", "-", 5)).criteria) == ()
    assert targets(criteria=indicator({"kind": "open"}).criteria) == ()


def test_what_is_due_next():
    found = targets({"period": "6-month", "value": 5}, {"period": "12-month", "value": 10})

    assert [progress.next_target(found, at(one)).value for one in ("10", "02", "03", "08")] == [5, 5, 10, 10]
    assert progress.next_target(found, at("09")) is None


def test_what_a_months_value_tells():
    assert progress.way_of(targets({"period": "monthly", "value": 1})) == "monthly"
    assert progress.way_of(targets({"period": "6-month", "value": 1, "cumulative": True})) == "cumulative"
    assert progress.way_of(targets({"period": "6-month", "value": 1})) == "standing"
    assert progress.way_of(()) == "standing"


# --- The light -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "target", "fewer", "expected"),
    [
        ("10", "10", False, "reached"),
        ("9.9999", "10", False, "near"),
        ("9", "10", False, "near"),
        ("8.9999", "10", False, "behind"),
        ("0", "0", False, "reached"),
        ("0", "10", False, "behind"),
        ("-6", "-5", False, "behind"),
        (None, "10", False, "no_figure"),
        ("5", None, False, "no_target"),
        (None, None, False, "no_figure"),
        ("3", "3", True, "reached"),
        ("2", "3", True, "reached"),
        ("3.3333", "3", True, "near"),
        ("3.3334", "3", True, "behind"),
        ("1", "0", True, "behind"),
    ],
)
def test_light(value, target, fewer, expected):
    found = [None if one is None else Fraction(one) for one in (value, target)]

    assert light_of(*found, fewer=fewer) == expected


def test_fewer_is_better_where_the_criteria_fall():
    assert progress.fewer_is_better(indicator(thresholds(5, 4, 3, 2, 1)).criteria) is True
    assert progress.fewer_is_better(indicator(thresholds(1, 2, 3, 4, 5)).criteria) is False
    assert progress.fewer_is_better(indicator({"kind": "open"}).criteria) is False


# --- The pace --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("way", "values", "expected"),
    [
        # Cumulative: 2.3 in 4 months is 6.9 in 12.
        ("cumulative", {"10": "0.4", "01": "2.3"}, "69/10"),
        ("cumulative", {"10": "1"}, "12"),
        # Monthly: the mean, also with a month left out.
        ("monthly", {"10": "11", "12": "8"}, "19/2"),
        # Standing: along the line; from 6.40 to 31.52 in 3 months, 8 more to come.
        ("standing", {"10": "6.40", "11": "14.85", "01": "31.52"}, "7388/75"),
        ("standing", {"01": "73.75"}, "295/4"),
        ("standing", {"10": "8", "12": "6"}, "-3"),
        ("standing", {}, None),
        # What is beyond the month is not looked at.
        ("standing", {"01": "2", "05": "99"}, "2"),
    ],
)
def test_where_the_pace_leads(way, values, expected):
    found = projected(
        {at(one): Fraction(value) for one, value in values.items()}, at("01"), YEAR.last, way=way, span=YEAR
    )

    assert found == (None if expected is None else Fraction(expected))


def test_a_percentage_stays_between_0_and_100_where_it_lay_there():
    rising = {at("10"): Fraction(10), at("01"): Fraction(70)}
    falling = {at("10"): Fraction(8), at("12"): Fraction(6)}
    over = {at("10"): Fraction(10), at("01"): Fraction(110)}

    def led(values):
        return projected(values, at("01"), YEAR.last, way="standing", span=YEAR, per_cent=True)

    assert [led(one) for one in (rising, falling, over)] == [100, 0, Fraction(1130, 3)]


def test_the_forecast_is_scored_by_the_criteria():
    criteria = indicator(thresholds(45, 47, 49, 51, 53)).criteria
    bands = {"kind": "bands", "levels": {1: {"up_to": 60}, 2: {"up_to": 70}, 3: {"up_to": 80}, 4: {"up_to": 90}, 5: {}}}

    assert progress.rated(criteria, Fraction(50)) == Fraction(7, 2)
    assert progress.rated(criteria, Fraction(1, 3)) == 1
    assert progress.rated(indicator(bands).criteria, Fraction(75)) == 3
    assert progress.rated(indicator({"kind": "open"}).criteria, Fraction(75)) is None
    assert progress.rated(criteria, None) is None


def test_the_mean_of_scores_by_their_weights():
    assert progress.mean_of([(Fraction(10), Fraction(5)), (Fraction(20), Fraction(2))]) == 3
    assert progress.mean_of([]) is None
    assert progress.mean_of([(Fraction(0), Fraction(3))]) is None


# --- Properties ------------------------------------------------------------------------------------------------------
amounts = st.fractions(min_value=0, max_value=10**6)
steps = st.lists(amounts, min_size=1, max_size=4)
months = st.integers(0, 11).map(lambda number: YEAR.first + number)


@st.composite
def rising_targets(draw):
    """Cumulative targets that rise, each due in a month of its own."""
    values = sorted(draw(steps))
    due = sorted(draw(st.sets(months, min_size=len(values), max_size=len(values))))
    return tuple(
        Target(value=value, first=YEAR.first, last=last, cumulative=True)
        for value, last in zip(values, due, strict=True)
    )


@given(rising_targets())
def test_a_cumulative_target_rises_month_by_month_and_is_met_when_it_is_due(found):
    along = [target_so_far(found, month, YEAR) for month in range(YEAR.first, YEAR.last + 1)]

    assert along == sorted(along)
    assert all(target_so_far(found, one.last, YEAR) == one.value for one in found)
    assert along[-1] == found[-1].value


@given(rising_targets(), months)
def test_who_keeps_to_the_target_is_on_target(found, month):
    aim = target_so_far(found, month, YEAR)

    assert light_of(aim, aim) == "reached"
    assert light_of(aim, aim, fewer=True) == "reached"


@given(amounts, st.fractions(min_value=Fraction(1, 100), max_value=10**6), st.booleans())
def test_more_is_never_a_worse_light(value, target, fewer):
    order = ["behind", "near", "reached"]
    better = value / 2 if fewer else value * 2

    assert order.index(light_of(better, target, fewer=fewer)) >= order.index(light_of(value, target, fewer=fewer))


@given(st.dictionaries(months, amounts, min_size=1), months, st.sampled_from(["monthly", "cumulative", "standing"]))
def test_the_pace_of_the_months_known_leads_to_what_is_known_today(values, month, way):
    now = progress.latest(values, month)
    found = projected(values, month, now if now is not None else month, way=way, span=YEAR)

    if now is None:
        assert found is None
    elif way == "monthly":
        known = [value for one, value in values.items() if one <= month]
        assert min(known) <= found <= max(known)
    else:
        assert found == values[now]


@given(amounts, months)
def test_an_even_pace_stays_even(each, month):
    values = {one: each * (one - YEAR.first + 1) for one in range(YEAR.first, month + 1)}

    assert projected(values, month, YEAR.last, way="cumulative", span=YEAR) == each * 12
    if month > YEAR.first:
        assert projected(values, month, YEAR.last, way="standing", span=YEAR) == each * 12
