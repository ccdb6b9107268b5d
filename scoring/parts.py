"""Merges the parts of an agreement that was split within its round: each counts for its days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.agreement import AgreementScore
from scoring.competencies import ComponentWeights
from scoring.grades import INDIVIDUAL_GRADES, Grade, Grades
from scoring.numbers import display
from scoring.trace import OUT_OF_100_PLACES, SCORE_PLACES, Step, step

#: The figures of a part that are merged, exact; everything else follows from them.
FIGURES = ("total", "achievement", "competency")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScore:
    """What a part of `days` days was given: the total on the scale, the others out of 100; None where there is none."""

    days: int
    total: Fraction | None
    achievement: Fraction | None
    competency: Fraction | None

    def __post_init__(self) -> None:
        """Refuse a part without a day.

        :raises ValueError: if `days` is not at least 1.
        """
        if self.days < 1:
            raise ValueError(f"a part of {self.days} days")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedScore:
    """The scores of the whole, exact; what cannot be computed is None."""

    total: Fraction | None
    achievement: Fraction | None
    competency: Fraction | None
    final: Fraction | None
    grade: Grade | None
    steps: tuple[Step, ...]

    def as_document(self) -> dict[str, object]:
        """Return the scores as displayed, with the steps that led to them."""
        return {
            "total": _displayed(self.total, SCORE_PLACES),
            "achievement": _displayed(self.achievement, OUT_OF_100_PLACES),
            "competency": _displayed(self.competency, OUT_OF_100_PLACES),
            "final": _displayed(self.final, OUT_OF_100_PLACES),
            "grade": self.grade.label if self.grade is not None else None,
            "colour": self.grade.colour if self.grade is not None else "",
            "trace": [taken.as_document() for taken in self.steps],
        }


def _displayed(number: Fraction | None, places: int) -> str | None:
    return None if number is None else display(number, places)


def merge_parts(
    parts: Sequence[PartScore], *, weights: ComponentWeights | None = None, grades: Grades | None = None
) -> MergedScore:
    """Return Σ days × score / Σ days of each figure, and the final score and grade that follow; nothing is rounded.

    A part that has no figure (none of its indicators is in force) leaves the denominator with its days, as a cancelled
    indicator does with its weight (scoring-rules G6).
    """
    merged = {name: _mean(name, parts) for name in FIGURES}
    steps = [taken for _mean_of, taken in merged.values() if taken is not None]
    total, achievement, competency = (merged[name][0] for name in FIGURES)
    weights, grades = weights or ComponentWeights(), grades or INDIVIDUAL_GRADES
    final = achievement if weights.competency == 0 and competency is None else None
    if achievement is not None and competency is not None:
        final = (achievement * weights.achievement + competency * weights.competency) / 100
        steps.append(
            step(
                "final",
                achievement=achievement,
                achievement_weight=weights.achievement,
                competency=competency,
                competency_weight=weights.competency,
                final=final,
            )
        )
    graded = total if grades.on_total else achievement if final is None else final
    grade = None if graded is None else grades.grade_of(graded)
    if graded is not None and grade is not None:
        steps.append(step("graded", value=graded, grade=grade.label, **{"from": grade.from_}))
    return MergedScore(
        total=total, achievement=achievement, competency=competency, final=final, grade=grade, steps=tuple(steps)
    )


def _mean(name: str, parts: Sequence[PartScore]) -> tuple[Fraction | None, Step | None]:
    terms = [(Fraction(part.days), score) for part in parts if (score := getattr(part, name)) is not None]
    days = sum((days for days, _score in terms), Fraction(0))
    if not days:
        return None, None
    mean = sum((days * score for days, score in terms), Fraction(0)) / days
    return mean, step(f"merged_{name}", terms=terms, days=days, **{name: mean})


# --- Kept beside what was signed -------------------------------------------------------------------------------------
def exact_figures(scores: AgreementScore) -> dict[str, str | None]:
    """Return the figures that are merged as fractions, so that what was signed is merged and nothing rounded."""
    return {name: None if (found := getattr(scores, name)) is None else str(found) for name in FIGURES}


def part_score(days: int, figures: Mapping[str, str | None]) -> PartScore:
    """Return the score of a part from what `exact_figures` kept."""
    read = {name: None if (kept := figures.get(name)) is None else Fraction(kept) for name in FIGURES}
    return PartScore(days=days, **read)
