import json
import os
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings, strategies as st

from scoring import (
    Competency,
    Scale,
    Thresholds,
    canonical,
    display,
    exact,
    plain,
    read_indicator,
    read_results,
    score_agreement,
    working_days_after,
    write_criteria,
)
from scoring.faults import Refused
from scoring.formula import parse
from scoring.lateness import is_working_day
from tests.scoring.making import indicator, score
from tests.scoring.redo import redo, redo_agreement, same
from tests.scoring.strategies import (
    agreement,
    any_criteria,
    decimals as any_decimals,
    holidays,
    scored_leaf,
    thresholds as any_thresholds,
    written,
)

EXAMPLES = 10_000 if os.environ.get("KPI_TEST_DEPTH") == "full" else 1_000
drill = settings(max_examples=EXAMPLES, deadline=None)

decimals = st.integers(-(10**6), 10**6).map(lambda number: Fraction(number, 1000))
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


# --- Whole indicators and agreements, of every kind ------------------------------------------------------------------
def score_case(case, holidays=frozenset()):
    return score(read_indicator(case.document), case.result, holidays=holidays)


def score_all(documents, results, **more):
    indicators = [read_indicator(document) for document in documents]
    return score_agreement(indicators, read_results(results, indicators), **more)


@drill
@given(scored_leaf(), holidays)
def test_a_score_lies_between_0_and_5(case, free):
    found = score_case(case, free)

    assert found.status in ("scored", "cancelled", "not_reported")
    assert found.score is None if found.status == "cancelled" else 0 <= found.score <= 5


@drill
@given(any_thresholds(), any_decimals(), any_decimals())
def test_better_is_never_worse_whatever_the_rule_below_and_between(criteria, one, other):
    subject = indicator(criteria).criteria
    rising = subject.levels[-1][1] >= subject.levels[0][1]
    worse, better = sorted(map(exact, (one, other)), reverse=not rising)

    assert subject.rate(worse).score <= subject.rate(better).score


@drill
@given(agreement(), st.sampled_from(["0.01", "0.5", "2", "3", "33.3"]))
def test_scaling_all_weights_changes_no_total(given_agreement, factor):
    documents, results = given_agreement

    as_given, scaled = score_all(documents, results), score_all([times(one, factor) for one in documents], results)

    assert (as_given.total, as_given.achievement, as_given.grade) == (scaled.total, scaled.achievement, scaled.grade)
    assert [one.score for one in as_given.flatten()] == [one.score for one in scaled.flatten()]
    assert scaled.weight_in_force == as_given.weight_in_force * exact(factor)


def times(document, factor):
    children = {"children": [times(one, factor) for one in document["children"]]} if "children" in document else {}
    return {**document, "weight": canonical(exact(document["weight"]) * exact(factor)), **children}


LEVEL_IS_VALUE = {"kind": "thresholds", "levels": {level: level for level in range(6)}}


@drill
@given(
    st.lists(st.sampled_from(["1", "0.33", "1.67", "12.5", "99"]), min_size=1, max_size=6),
    st.integers(0, 50000).map(lambda number: written(number, 4)),
)
def test_a_composite_of_equal_scores_is_that_score(weights, value):
    leaves = [
        {"code": f"1.{number}", "title": "x", "weight": weight, "criteria": LEVEL_IS_VALUE}
        for number, weight in enumerate(weights)
    ]
    inner = {"code": "1.in", "title": "x", "weight": "7", "children": [{**leaves[0], "code": "1.in.1", "weight": "7"}]}
    children = [*leaves, inner]
    weight = canonical(sum(exact(one["weight"]) for one in children))
    document = {"code": "1", "title": "x", "weight": weight, "children": children}
    codes = [*(one["code"] for one in leaves), "1.in.1"]

    found = score_all([document], {code: {"value": value} for code in codes})

    assert found.indicators[0].score == found.total == exact(value)


@drill
@given(agreement(), st.data())
def test_cancelling_never_divides_by_zero(given_agreement, data):
    documents, results = given_agreement
    codes = [one.code for document in documents for one in read_indicator(document).flatten()]
    gone = data.draw(st.sets(st.sampled_from(codes)))

    found = score_all(documents, {**results, **{code: {"cancelled": "ไม่มี"} for code in gone}})

    in_force = [one for one in found.flatten() if one.in_force and not one.children]
    assert (found.total is None) == (not in_force)
    assert found.weight_in_force == sum(one.weight for one in in_force)


@drill
@given(any_criteria)
def test_criteria_that_are_written_and_read_again_are_the_same(criteria):
    read = indicator(criteria).criteria

    written = json.loads(json.dumps(write_criteria(read)))

    assert indicator(written).criteria == read
    assert write_criteria(indicator(written).criteria) == written


@drill
@given(scored_leaf(), holidays)
def test_a_trace_redone_by_hand_gives_the_score(case, free):
    found = score_case(case, free).as_document()

    redone = redo(found["trace"], holidays=free)

    if found["status"] == "cancelled":
        assert (found["score"], redone.score) == (None, None)
    else:
        same(found["score"], redone.score, "score")
        same(found["weighted"], redone.weighted, "weighted")


@drill
@given(agreement(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=5))
def test_the_trace_of_an_agreement_redone_by_hand_gives_its_figures(given_agreement, levels):
    competencies = [Competency(name="x", expected=expected, observed=observed) for expected, observed in levels]

    found = score_all(*given_agreement, competencies=competencies)

    document, redone = found.as_document(), redo_agreement(found.displayed()["trace"])
    for name in ("total", "achievement", "competency", "final"):
        assert (document[name] is None) == (name not in redone)
    for name, worked in redone.items():
        same(document[name], worked, name)
    for one in found.flatten():
        if one.in_force:
            same(one.as_document()["score"], redo(one.as_document()["trace"]).score, one.code)
