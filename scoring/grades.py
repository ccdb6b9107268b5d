"""Grades: data of the round, by lower bounds."""

from dataclasses import dataclass
from fractions import Fraction

from scoring.faults import Refused, fault
from scoring.numbers import half_up

GRADED_PLACES = 2
HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A grade: its lower bound (included), its label and its colour, if any."""

    from_: Fraction
    label: str
    colour: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """Grades from the highest down; `on` is 100, or the highest level where they grade the total itself."""

    grades: tuple[Grade, ...]
    on: Fraction = HUNDRED

    def __post_init__(self) -> None:
        """Refuse grades that leave a score without one.

        :raises Refused: if no grade begins at 0 or two begin alike.
        """
        bounds = [grade.from_ for grade in self.grades]
        if len(set(bounds)) < len(bounds):
            raise Refused((fault("duplicate", "grades", given=", ".join(map(str, bounds))),))
        if not bounds or min(bounds) > 0:
            raise Refused((fault("grades_without_floor", "grades"),))

    @property
    def on_total(self) -> bool:
        """Return whether the grades are bands on the total rather than on what is out of 100."""
        return self.on != HUNDRED

    def grade_of(self, score: Fraction) -> Grade:
        """Return the grade of the exact `score` (out of `on`), rounded once to 2 places: 1.495 is graded as 1.50."""
        rounded = half_up(score, GRADED_PLACES)
        return max((grade for grade in self.grades if grade.from_ <= rounded), key=lambda grade: grade.from_)


def _individual(bound: int, label: str) -> Grade:
    return Grade(from_=Fraction(bound), label=label)


#: The grades of individuals (scoring-rules, Roll-ups), where a framework or a round has none.
INDIVIDUAL_GRADES = Grades(
    grades=(
        _individual(90, "ดีเด่น"),
        _individual(80, "ดีมาก"),
        _individual(70, "ดี"),
        _individual(60, "พอใช้"),
        _individual(0, "ต้องปรับปรุง"),
    )
)
