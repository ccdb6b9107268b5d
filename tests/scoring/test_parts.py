from fractions import Fraction

import pytest

from scoring import ComponentWeights, PartScore, display, exact_figures, merge_parts, part_score
from scoring.agreement import score_agreement
from scoring.competencies import Competency
from scoring.read_indicator import read_indicator
from scoring.results import Result
from tests.scoring.redo import calculate


def part(days, total, competency=None):
    total = None if total is None else Fraction(total)
    return PartScore(
        days=days,
        total=total,
        achievement=None if total is None else total * 20,
        competency=None if competency is None else Fraction(competency),
    )


# A round of 182 days, worked out by hand: (90 × 4 + 92 × 3) ÷ 182 = 636 ÷ 182 = 3.494505…
CASES = [
    # the parts; total, achievement, competency, final, grade
    ([part(90, 4), part(92, 3)], ("3.4945", "69.89", None, None, "พอใช้")),
    # (90 × 82.5 + 92 × 60) ÷ 182 = 12945 ÷ 182 = 71.126373…; competency (90 × 260/3 + 92 × 75) ÷ 182 = 80.769230…;
    # final 71.126373… × 0.7 + 80.769230… × 0.3 = 74.019230…
    ([part(90, "4.125", "260/3"), part(92, 3, 75)], ("3.5563", "71.13", "80.77", "74.02", "ดี")),
    # The same scores in halves of 91 days: the plain mean.
    ([part(91, 4, 100), part(91, 3, 50)], ("3.5000", "70.00", "75.00", "71.50", "ดี")),
    # One day of 182: (1 × 0 + 181 × 5) ÷ 182 = 4.972527…; × 20 = 99.450549…
    ([part(1, 0, 100), part(181, 5, 100)], ("4.9725", "99.45", "100.00", "99.62", "ดีเด่น")),
    # Three parts: (30 × 5 + 60 × 4 + 92 × 2) ÷ 182 = 574 ÷ 182 = 3.153846…
    ([part(30, 5), part(60, 4), part(92, 2)], ("3.1538", "63.08", None, None, "พอใช้")),
    # A part of which nothing is in force leaves with its days: 3 alone.
    ([part(90, None, 100), part(92, 3, 100)], ("3.0000", "60.00", "100.00", "72.00", "ดี")),
    ([part(182, "3.1913")], ("3.1913", "63.83", None, None, "พอใช้")),
]


@pytest.mark.parametrize(("parts", "shown"), CASES)
def test_parts_count_for_their_days(parts, shown):
    document = merge_parts(parts).as_document()

    assert tuple(document[name] for name in ("total", "achievement", "competency", "final", "grade")) == shown


def test_nothing_is_rounded_before_it_is_displayed():
    # 89.995 and 89.994 merge to 89.9945…, just below 90 when rounded once; from rounded parts it would be 90.00.
    parts = [
        PartScore(days=91, total=Fraction(4), achievement=Fraction("89.995"), competency=None),
        PartScore(days=91, total=Fraction(4), achievement=Fraction("89.994"), competency=None),
    ]
    rounded = [
        PartScore(days=91, total=Fraction(4), achievement=Fraction(display(one.achievement, 2)), competency=None)
        for one in parts
    ]

    exact, twice = merge_parts(parts), merge_parts(rounded)

    assert (exact.as_document()["achievement"], exact.grade.label) == ("89.99", "ดีมาก")
    # The control: rounding the parts first moves the grade.
    assert (twice.as_document()["achievement"], twice.grade.label) == ("90.00", "ดีเด่น")


def test_the_final_score_is_also_the_mean_of_the_finals_by_days():
    parts = [part(90, "4.125", "260/3"), part(92, "3.3333", 75)]
    weights = ComponentWeights(achievement=Fraction(50), competency=Fraction(50))
    finals = [(one.days, (one.achievement + one.competency) / 2) for one in parts]

    merged = merge_parts(parts, weights=weights)

    assert merged.final == sum(days * final for days, final in finals) / 182


def test_the_trace_can_be_redone_by_hand():
    steps = merge_parts([part(90, 4, 80), part(92, 3, 75)]).as_document()["trace"]
    merged = {taken["rule"]: taken["values"] for taken in steps}

    assert list(merged) == ["merged_total", "merged_achievement", "merged_competency", "final", "graded"]
    assert merged["merged_total"] == {"terms": "90 × 4 + 92 × 3", "days": "182", "total": "3.4945"}
    for rule, name, places in (("merged_total", "total", 4), ("merged_competency", "competency", 2)):
        values = merged[rule]
        assert display(calculate(f"({values['terms']}) ÷ {values['days']}"), places) == values[name]


def test_what_is_kept_of_a_part_is_exact():
    criteria = {"kind": "thresholds", "levels": {"1": "45", "2": "47", "3": "49", "4": "51", "5": "53"}}
    indicator = read_indicator({"code": "1", "title": "x", "weight": "100", "criteria": criteria}, place="1")
    scores = score_agreement(
        [indicator],
        {"1": Result(value=Fraction(1234567, 25000))},
        competencies=[Competency(name=str(n), expected=2, observed=observed) for n, observed in enumerate((2, 1, 2))],
    )

    kept = exact_figures(scores)

    assert part_score(90, kept) == PartScore(
        days=90, total=scores.total, achievement=scores.achievement, competency=scores.competency
    )
    assert kept["competency"] == "800/9"


@pytest.mark.parametrize("days", [0, -1])
def test_a_part_without_a_day_is_refused(days):
    with pytest.raises(ValueError, match="a part of"):
        part(days, 4)


def test_no_part_with_a_figure_gives_none():
    merged = merge_parts([part(90, None), part(92, None)])

    assert (merged.total, merged.final, merged.grade, merged.steps) == (None, None, None, ())
