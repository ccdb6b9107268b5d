"""Milestones: the last step reached with every earlier one complete, less what parts and faults cost (S1-6, 7; 2.3)."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from scoring.faults import Faults
from scoring.numbers import plain
from scoring.scale import Scale
from scoring.trace import Rating, Step, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a step; one with a deduction (points) does not hold the step back but costs them when missing."""

    code: str
    title: str = ""
    deduction: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A step, the level it is worth, its parts, and who decides whether it is complete, where that is another unit."""

    level: int
    title: str = ""
    judged_by: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def number(self) -> str:
        """Return the code by which the step itself is listed as done."""
        return str(self.level)

    def missing(self, done: Set[str]) -> tuple[str, ...]:
        """Return the codes that keep the step from being reached; none if it is."""
        if not self.parts:
            return () if self.number in done else (self.number,)
        required = tuple(part.code for part in self.parts if part.deduction is None and part.code not in done)
        begun = self.number in done or any(part.code in done for part in self.parts)
        return required if required or begun else (self.number,)

    def deductible(self, done: Set[str]) -> list[tuple[str, Fraction]]:
        """Return the missing parts that cost points."""
        return [
            (part.code, part.deduction) for part in self.parts if part.deduction is not None and part.code not in done
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """A named fault: points each time, at most `most` times, only if step `at_step` was reached."""

    code: str
    title: str
    points: Fraction
    at_step: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestones:
    """Steps of rising levels and the faults that cost points; `faults_open` lets an office add its own to the list."""

    steps: tuple[Milestone, ...]
    faults: tuple[Penalty, ...] = ()
    faults_open: bool = False
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        """Refuse steps that do not rise on the scale, and codes that stand twice.

        :raises Refused: with everything that is wrong.
        """
        found = Faults()
        self._check_steps(found)
        self._check_codes(found)
        self._check_points(found)
        for number, penalty in enumerate(self.faults):
            if penalty.at_step is not None and penalty.at_step not in self._levels():
                allowed = ", ".join(map(str, self._levels()))
                found.add("unknown_step_level", f"faults[{number}].at_step", level=penalty.at_step, allowed=allowed)
        found.raise_any()

    def _levels(self) -> list[int]:
        return [milestone.level for milestone in self.steps]

    def _check_steps(self, found: Faults) -> None:
        if not self.steps:
            found.add("no_steps", "steps")
        if any(lower >= upper for lower, upper in pairwise(self._levels())):
            found.add("steps_not_rising", "steps")
        for number, milestone in enumerate(self.steps):
            if milestone.level not in self.scale.levels:
                place = f"steps[{number}].level"
                found.add("level_outside_scale", place, level=milestone.level, allowed=self.scale.allowed())

    def _check_codes(self, found: Faults) -> None:
        seen = {milestone.number for milestone in self.steps}
        for number, milestone in enumerate(self.steps):
            for place, part in enumerate(milestone.parts):
                if part.code in seen:
                    found.add("duplicate", f"steps[{number}].parts[{place}].code", given=part.code)
                seen.add(part.code)
        codes = [penalty.code for penalty in self.faults]
        for number, code in enumerate(codes):
            if code in codes[:number]:
                found.add("duplicate", f"faults[{number}].code", given=code)

    def _check_points(self, found: Faults) -> None:
        for number, milestone in enumerate(self.steps):
            for place, part in enumerate(milestone.parts):
                if part.deduction is not None and part.deduction <= 0:
                    at = f"steps[{number}].parts[{place}].deduction"
                    found.add("not_above_zero", at, given=plain(part.deduction))
        for number, penalty in enumerate(self.faults):
            if penalty.points <= 0:
                found.add("not_above_zero", f"faults[{number}].points", given=plain(penalty.points))
            if penalty.most is not None and penalty.most <= 0:
                found.add("not_above_zero", f"faults[{number}].most", given=penalty.most)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every code that can be listed as done: steps and their parts, in order."""
        return tuple(
            code for milestone in self.steps for code in (milestone.number, *(part.code for part in milestone.parts))
        )

    def rate(self, done: Set[str], occurred: Mapping[str, int]) -> Rating:
        """Return the score for what is `done` and the faults that `occurred` (times by code), never below 0."""
        reached, first = self._reached(done)
        lost = self._parts_lost(reached, done) + self._faults_lost(reached, occurred)
        base = Fraction(reached)
        points = sum((cost for cost, _ in lost), Fraction(0))
        score = max(base - points, Fraction(0))
        steps = [first, *(taken for _, taken in lost)]
        if points:
            steps.append(step("deducted", score=base, points=points, result=score))
        return Rating(score, tuple(steps))

    def _reached(self, done: Set[str]) -> tuple[int, Step]:
        reached = 0
        for milestone in self.steps:
            missing = milestone.missing(done)
            if missing:
                return reached, _stopped(reached, missing)
            reached = milestone.level
        return reached, step("milestones_all", score=Fraction(reached))

    def _parts_lost(self, reached: int, done: Set[str]) -> list[tuple[Fraction, Step]]:
        return [
            (points, step("part_missing", part=code, points=points))
            for milestone in self.steps
            if milestone.level <= reached
            for code, points in milestone.deductible(done)
        ]

    def _faults_lost(self, reached: int, occurred: Mapping[str, int]) -> list[tuple[Fraction, Step]]:
        return [
            _fault_lost(penalty, reached, occurred[penalty.code])
            for penalty in self.faults
            if occurred.get(penalty.code, 0)
        ]


def _stopped(reached: int, missing: tuple[str, ...]) -> Step:
    score = Fraction(reached)
    if reached == 0:
        return step("milestones_none", missing=missing, score=score)
    return step("milestones_reached", level=reached, missing=missing, score=score)


def _fault_lost(penalty: Penalty, reached: int, count: int) -> tuple[Fraction, Step]:
    if penalty.at_step is not None and penalty.at_step > reached:
        return Fraction(0), step("fault_not_counted", fault=penalty.code, level=penalty.at_step)
    counted = count if penalty.most is None else min(count, penalty.most)
    points = counted * penalty.points
    figures = {"fault": penalty.code, "count": count, "each": penalty.points, "points": points}
    if counted < count:
        return points, step("fault_capped", most=penalty.most, **figures)
    return points, step("fault_counted", **figures)
