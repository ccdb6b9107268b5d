"""Competencies: points for the gap below the expected level (ปผ.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from scoring.document import open_list, open_node
from scoring.faults import Faults, Refused, fault
from scoring.grades import HUNDRED
from scoring.numbers import canonical, plain
from scoring.trace import Step, step

MOST_POINTS = 3
HIGHEST_LEVEL = 20
COMPETENCY_KEYS = ("name", "expected", "observed")
WEIGHT_KEYS = ("achievement", "competency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Competency:
    """A competency with the level expected and the level observed (whole numbers from 0)."""

    name: str
    expected: int
    observed: int

    @property
    def gap(self) -> int:
        """Return by how many levels the observed one falls short; 0 or less if it does not."""
        return self.expected - self.observed

    @property
    def points(self) -> int:
        """Return 3, 2, 1 or 0 points for a gap of ≤ 0, 1, 2 or ≥ 3 (scoring-rules, Roll-ups)."""
        return MOST_POINTS - min(max(self.gap, 0), MOST_POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyScore:
    """The score of all competencies (out of 100) and how many of them earned 3, 2, 1 and 0 points."""

    score: Fraction
    counts: tuple[tuple[int, int], ...]
    gaps: tuple[Competency, ...]
    step: Step


def score_competencies(competencies: Sequence[Competency]) -> CompetencyScore:
    """Return Σ points / (3n) · 100 (ปผ.3); `competencies` is not empty."""
    counts = tuple((points, sum(one.points == points for one in competencies)) for points in range(MOST_POINTS, -1, -1))
    most = MOST_POINTS * len(competencies)
    score = Fraction(sum(points * count for points, count in counts), most) * 100
    terms = " + ".join(f"{points} × {count}" for points, count in counts)
    return CompetencyScore(
        score=score,
        counts=counts,
        gaps=tuple(one for one in competencies if one.gap > 0),
        step=step("competency", terms=terms, most=most, competency=score),
    )


def _percent(number: int) -> Fraction:
    return Fraction(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentWeights:
    """What achievement and competency weigh in the final score, in per cent: 70/30, on probation 50/50 (G8)."""

    achievement: Fraction = field(default_factory=lambda: _percent(70))
    competency: Fraction = field(default_factory=lambda: _percent(30))

    def __post_init__(self) -> None:
        """Refuse weights that do not make 100.

        :raises Refused: if one is negative or they do not sum to 100.
        """
        total = self.achievement + self.competency
        if total != HUNDRED or min(self.achievement, self.competency) < 0:
            raise Refused((fault("component_weights", "", sum=plain(total)),))


def read_competencies(document: object, *, place: str = "competencies") -> tuple[Competency, ...]:
    """Return the competencies of a results document; none if it is null.

    :raises Refused: with everything that is wrong with them.
    """
    faults = Faults()
    read = []
    for at, value in open_list(document, place, faults) if document is not None else ():
        node = open_node(value, at, faults, COMPETENCY_KEYS)
        if node is None:
            continue
        node.require(*COMPETENCY_KEYS)
        expected, observed = node.whole("expected"), node.whole("observed")
        for key, level in (("expected", expected), ("observed", observed)):
            if level is not None and level > HIGHEST_LEVEL:
                faults.add("above", node.at(key), given=level, limit=HIGHEST_LEVEL)
        read.append(Competency(name=node.text("name"), expected=expected or 0, observed=observed or 0))
    faults.raise_any()
    return tuple(read)


def read_component_weights(document: object, *, place: str = "weights") -> ComponentWeights:
    """Return the weights of achievement and competency; 70/30 if the document is null.

    :raises Refused: with everything that is wrong with them.
    """
    if document is None:
        return ComponentWeights()
    faults = Faults()
    node = open_node(document, place, faults, WEIGHT_KEYS)
    if node is not None:
        node.require(*WEIGHT_KEYS)
    achievement = node.amount("achievement") if node is not None else None
    competency = node.amount("competency") if node is not None else None
    faults.raise_any()
    weights = faults.build(
        place,
        lambda: ComponentWeights(achievement=achievement or Fraction(0), competency=competency or Fraction(0)),
    )
    faults.raise_any()
    return weights or ComponentWeights()


def write_component_weights(weights: ComponentWeights) -> Mapping[str, str]:
    """Return `weights` as JSON can hold them."""
    return {"achievement": canonical(weights.achievement), "competency": canonical(weights.competency)}
