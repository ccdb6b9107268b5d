"""Lateness: points for each working day after the due date, nothing after the cut-off (S1-3, 4, 6, 7, 8)."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from scoring.faults import Faults
from scoring.numbers import plain
from scoring.trace import Rating, Step, step

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Points per working day (per late item where there are `items`), from a due date, until a cut-off."""

    due: date | None = None
    per_working_day: Fraction | None = None
    cutoff: date | None = None
    items: int | None = None

    def __post_init__(self) -> None:
        """Refuse dates and points that contradict each other.

        :raises Refused: with everything that is wrong.
        """
        faults = Faults()
        if self.due is None and self.per_working_day is None and self.cutoff is None:
            faults.add("lateness_empty")
        if self.due is not None and self.cutoff is not None and self.cutoff < self.due:
            faults.add("cutoff_before_due", "cutoff", due=self.due, cutoff=self.cutoff)
        for name, number in (("per_working_day", self.per_working_day), ("items", self.items)):
            if number is not None and number <= 0:
                faults.add("not_above_zero", name, given=plain(Fraction(number)))
        if self.items is not None and self.per_working_day is None:
            faults.add("items_without_points", "items")
        faults.raise_any()

    def apply(
        self, score: Fraction, submitted_on: date | None, *, late_items: int | None, holidays: frozenset[date]
    ) -> Rating:
        """Return what is left of `score` when sent on `submitted_on` (None: taken as on time), never below 0."""
        if submitted_on is None:
            return Rating(score, (step("submission_date_missing"),))
        if self.cutoff is not None and submitted_on > self.cutoff:
            zero = Fraction(0)
            return Rating(zero, (step("after_cutoff", submitted_on=submitted_on, cutoff=self.cutoff, score=zero),))
        if self.due is None:
            return Rating(score, self._before_cutoff(submitted_on))
        return self._from_due(score, submitted_on, self.due, late_items=late_items, holidays=holidays)

    def _before_cutoff(self, submitted_on: date) -> tuple[Step, ...]:
        if self.cutoff is None:
            return ()
        return (step("before_cutoff", submitted_on=submitted_on, cutoff=self.cutoff),)

    def _from_due(
        self, score: Fraction, submitted_on: date, due: date, *, late_items: int | None, holidays: frozenset[date]
    ) -> Rating:
        rolled = next_working_day(due, holidays)
        steps = [step("due_rolled", due=due, rolled=rolled)] if rolled != due else []
        days = working_days_after(rolled, submitted_on, holidays)
        if days == 0:
            return Rating(score, (*steps, step("on_time", submitted_on=submitted_on, due=rolled)))
        steps.append(step("late", submitted_on=submitted_on, due=rolled, days=days))
        left = self._deduct(score, days, late_items)
        return Rating(left.score, (*steps, *left.steps))

    def _deduct(self, score: Fraction, days: int, late_items: int | None) -> Rating:
        if self.per_working_day is None:
            return Rating(score, (step("late_without_points", score=score),))
        # Where nobody said how many items came late, all did.
        items = 1 if self.items is None else self.items if late_items is None else late_items
        points = self.per_working_day * items * days
        left = max(score - points, Fraction(0))
        figures = {"score": score, "days": days, "each": self.per_working_day, "points": points, "result": left}
        if self.items is None:
            return Rating(left, (step("late_points", **figures),))
        assumed = (step("late_items_assumed", items=items),) if late_items is None else ()
        return Rating(left, (*assumed, step("late_item_points", **figures, items=items)))


def is_working_day(day: date, holidays: frozenset[date]) -> bool:
    """Return whether `day` is Monday to Friday and no holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def next_working_day(day: date, holidays: frozenset[date]) -> date:
    """Return `day`, or the first working day after it (scoring-rules, Lateness)."""
    while not is_working_day(day, holidays):
        day += DAY
    return day


def working_days_after(due: date, submitted_on: date, holidays: frozenset[date]) -> int:
    """Return the number of working days in (due, submitted_on]; 0 if it was not late."""
    if submitted_on <= due:
        return 0
    weeks, rest = divmod((submitted_on - due).days, 7)
    weekdays = weeks * 5 + sum((due + DAY * number).weekday() < SATURDAY for number in range(1, rest + 1))
    return weekdays - sum(due < day <= submitted_on and day.weekday() < SATURDAY for day in holidays)
