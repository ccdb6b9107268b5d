"""Rolls scores up: total, achievement, competency, final and grade (scoring-rules G6–G8, Roll-ups)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from scoring.competencies import Competency, CompetencyScore, ComponentWeights, score_competencies
from scoring.grades import HUNDRED, INDIVIDUAL_GRADES, Grade, Grades
from scoring.indicator import Indicator
from scoring.numbers import display, whole
from scoring.results import Result, SetScore
from scoring.scale import Scale
from scoring.score import NO_HOLIDAYS, ZERO, IndicatorScore, score_indicator, weighted_sum, weighted_terms
from scoring.trace import OUT_OF_100_PLACES, SCORE_PLACES, Step, step


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementScore:
    """All scores of an agreement; what cannot be computed is None, exact numbers throughout.

    `column` is Σ(w·s/100), the sum of the column (ค); `total` is on the scale, `achievement`, `competency` and
    `final` are out of 100; `competency_counts` says how many competencies earned 3, 2, 1 and 0 points.
    """

    indicators: tuple[IndicatorScore, ...]
    weight_in_force: Fraction
    column: Fraction | None = None
    total: Fraction | None = None
    achievement: Fraction | None = None
    competency: Fraction | None = None
    final: Fraction | None = None
    grade: Grade | None = None
    competency_counts: tuple[tuple[int, int], ...] = ()
    competency_gaps: tuple[Competency, ...] = ()
    steps: tuple[Step, ...] = ()

    def flatten(self) -> Iterator[IndicatorScore]:
        """Yield every score, parents before their children."""
        for indicator in self.indicators:
            yield from indicator.flatten()

    def below(self, level: int | Fraction) -> tuple[IndicatorScore, ...]:
        """Return the indicators in force that score below `level`, each due for a development plan (G9).

        Of a composite its children are named: one of them is below the level whenever the composite is.
        """
        leaves = (one for one in self.flatten() if one.in_force and not one.children)
        return tuple(one for one in leaves if one.score is not None and one.score < level)

    @property
    def is_perfect(self) -> bool:
        """Return whether the final score (without one, the achievement) is exactly 100: a reason is due (G9)."""
        return (self.achievement if self.final is None else self.final) == HUNDRED

    def as_document(self) -> dict[str, object]:
        """Return the scores as `score` prints them, without framework and sentences; numbers as displayed."""
        return {
            "indicators": [one.as_document() for one in self.flatten()],
            "weight_in_force": whole(self.weight_in_force),
            "total": _displayed(self.total, SCORE_PLACES),
            "achievement": _displayed(self.achievement, OUT_OF_100_PLACES),
            "competency": _displayed(self.competency, OUT_OF_100_PLACES),
            "final": _displayed(self.final, OUT_OF_100_PLACES),
            "grade": self.grade.label if self.grade is not None else None,
        }

    def displayed(self) -> dict[str, object]:
        """Return the figures that forms print beside `as_document`: the column (ค), the counts and the trace."""
        return {
            "column": _displayed(self.column, SCORE_PLACES),
            "competency_counts": {str(points): str(count) for points, count in self.competency_counts},
            "colour": self.grade.colour if self.grade is not None else "",
            "trace": [taken.as_document() for taken in self.steps],
        }


def _displayed(number: Fraction | None, places: int) -> str | None:
    return None if number is None else display(number, places)


def score_agreement(
    indicators: Sequence[Indicator],
    results: Mapping[str, Result],
    *,
    holidays: frozenset[date] = NO_HOLIDAYS,
    overrides: Mapping[str, SetScore] | None = None,
    scale: Scale | None = None,
    competencies: Sequence[Competency] | None = None,
    weights: ComponentWeights | None = None,
    grades: Grades | None = None,
) -> AgreementScore:
    """Return the scores of `indicators` and what they add up to; without `grades`, those of individuals.

    :raises Refused: if an indicator has no base to measure, or a score is set on a composite.
    """
    scores = tuple(score_indicator(one, results, holidays=holidays, overrides=overrides) for one in indicators)
    counting = [one for one in scores if one.in_force and one.weight_in_force is not None]
    weight = sum((one.weight_in_force or ZERO for one in counting), ZERO)
    rated = score_competencies(competencies) if competencies else None
    bare = AgreementScore(
        indicators=scores,
        weight_in_force=weight,
        competency_counts=rated.counts if rated is not None else (),
        competency_gaps=rated.gaps if rated is not None else (),
        steps=(step("no_total"),),
    )
    if weight == 0:
        return bare
    return _rolled_up(
        bare, counting, rated, scale or Scale(), weights or ComponentWeights(), grades or INDIVIDUAL_GRADES
    )


def _rolled_up(
    bare: AgreementScore,
    counting: list[IndicatorScore],
    rated: CompetencyScore | None,
    scale: Scale,
    weights: ComponentWeights,
    grades: Grades,
) -> AgreementScore:
    column = weighted_sum(counting) / 100
    total = column * 100 / bare.weight_in_force
    achievement = total * 100 / scale.highest
    # Where competencies weigh nothing, as in the agreement of an office, the achievement is the whole.
    alone = achievement if weights.competency == 0 else None
    final = alone if rated is None else _final(achievement, rated.score, weights)
    graded = total if grades.on_total else achievement if final is None else final
    grade = grades.grade_of(graded)
    steps = [
        *_total_steps(counting, column, total, bare.weight_in_force),
        _achievement_step(total, achievement, scale),
        *(() if rated is None or final is None else (rated.step, _final_step(achievement, rated, final, weights))),
        _grade_step(graded, grade),
    ]
    return AgreementScore(
        indicators=bare.indicators,
        weight_in_force=bare.weight_in_force,
        column=column,
        total=total,
        achievement=achievement,
        competency=rated.score if rated is not None else None,
        final=final,
        grade=grade,
        competency_counts=bare.competency_counts,
        competency_gaps=bare.competency_gaps,
        steps=tuple(steps),
    )


def _final(achievement: Fraction, competency: Fraction, weights: ComponentWeights) -> Fraction:
    return (achievement * weights.achievement + competency * weights.competency) / 100


def _total_steps(counting: list[IndicatorScore], column: Fraction, total: Fraction, weight: Fraction) -> list[Step]:
    steps = [step("total", terms=weighted_terms(counting), weight=weight, total=total)]
    if weight != HUNDRED:
        steps.append(step("total_from_column", sum=column, weight=weight, total=total))
    return steps


def _achievement_step(total: Fraction, achievement: Fraction, scale: Scale) -> Step:
    return step("achievement", total=total, highest=scale.highest, achievement=achievement)


def _final_step(achievement: Fraction, rated: CompetencyScore, final: Fraction, weights: ComponentWeights) -> Step:
    return step(
        "final",
        achievement=achievement,
        achievement_weight=weights.achievement,
        competency=rated.score,
        competency_weight=weights.competency,
        final=final,
    )


def _grade_step(graded: Fraction, grade: Grade) -> Step:
    return step("graded", value=graded, grade=grade.label, **{"from": grade.from_})
