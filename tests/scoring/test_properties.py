import os
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings, strategies as st

from scoring import Scale, Thresholds, display, exact, plain, working_days_after
from scoring.faults import Refused
from scoring.formula import parse
from scoring.lateness import is_working_day
from tests.scoring.making import indicator, score, thresholds

EXAMPLES = 10000 if os.environ.get("KPI_TEST_DEPTH") == "full" else 100
drill = settings(max_examples=EXAMPLES, deadline=None)

decimals = st.decimals(min_value=-1000, max_value=1000, places=3, allow_nan=False, allow_infinity=False).map(Fraction)
five = st.lists(decimals, min_size=5, max_size=5, unique=True).map(sorted)
days = st.dates(min_value=date(2013, 1, 1), max_value=date(2014, 12, 31))


def rising(values):
    return Thresholds(levels=tuple(zip((1, 2, 3, 4, 5), values, strict=True)))


@drill
@given(five, decimals, decimals)
def test_more_is_never_worse(values, one, other):
    low, high = sorted((one, other))

    assert rising(values).rate(low).score <= rising(values).rate(high).score


@drill
@given(five, decimals)
def test_falling_thresholds_mirror_rising_ones(values, value):
    falling = rising([-number for number in values])

    assert falling.rate(-value).score == rising(values).rate(value).score


@drill
@given(five, decimals)
def test_scores_stay_on_the_scale_and_steps_never_exceed_proportion(values, value):
    stepped = Thresholds(levels=rising(values).levels, between="step")

    score_of = rising(values).rate(value).score

    assert 1 <= score_of <= 5
    assert stepped.rate(value).score == (score_of.numerator // score_of.denominator)


@drill
@given(five, st.integers(1, 5))
def test_a_threshold_earns_its_level(values, level):
    assert rising(values).rate(values[level - 1]).score == level


@drill
@given(five, decimals)
def test_another_scale_stretches_the_same_rule(values, value):
    stretched = Thresholds(
        levels=tuple(zip((20, 40, 60, 80, 100), values, strict=True)), scale=Scale(levels=(20, 40, 60, 80, 100))
    )

    assert stretched.rate(value).score == 20 * rising(values).rate(value).score


@drill
@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_the_trace_redone_by_hand_gives_the_displayed_score(part, whole):
    ratio = {"kind": "formula", "expression": "part / whole * 100", "variables": {"part": {}, "whole": {}}}
    found = score(
        indicator(thresholds(20, 35, 50, 65, 80), measure=ratio), {"variables": {"part": part, "whole": whole}}
    )
    taken = {one.rule: one.as_document()["values"] for one in found.steps}.get("interpolation")
    if taken is None:
        return
    shown = {name: exact(text) for name, text in taken.items()}

    by_hand = (
        shown["lower_level"] + (shown["value"] - shown["lower"]) / (shown["upper"] - shown["lower"]) * shown["span"]
    )

    # Only an exact tie could differ, by the eighth decimal of what is shown.
    assert display(by_hand, 4) == taken["score"] or abs(by_hand - found.score) < Fraction(1, 10**8)


@drill
@given(decimals, st.integers(0, 6))
def test_display_is_within_half_a_unit_and_reads_back(number, places):
    shown = exact(display(number, places))

    assert abs(shown - number) * 2 <= Fraction(1, 10**places)
    assert exact(plain(number)) == number


@drill
@given(days, st.integers(0, 400), st.frozensets(days, max_size=30))
def test_working_days_are_counted_as_on_a_calendar(due, later, holidays):
    submitted_on = due + timedelta(days=later)

    counted = sum(is_working_day(due + timedelta(days=number), holidays) for number in range(1, later + 1))

    assert working_days_after(due, submitted_on, holidays) == counted


@drill
@given(st.text(alphabet="ab0123456789.+-*/()×÷−, minx", max_size=40))
def test_a_formula_parses_or_is_refused_with_faults(text):
    try:
        parsed = parse(text, ("a", "b"))
    except Refused as refused:
        found = refused.faults
    else:
        found = ()
        assert parsed.used() <= {"a", "b"}

    assert all(one.code.startswith("formula_") for one in found)
