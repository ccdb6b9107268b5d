"""Where an indicator stands during its period: the target so far, a traffic light, and where today's pace leads.

Months are counted as whole numbers (`month_number`), so that a pace is an exact fraction of two of them. The targets
are those of framework-format.md; the sources print them by month, for 6 and 12 months, cumulative or not (S2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scoring.bands import Bands
from scoring.criteria import Criteria
from scoring.numbers import exact
from scoring.thresholds import Thresholds

Light = Literal["reached", "near", "behind", "no_target", "no_figure"]
Way = Literal["monthly", "cumulative", "standing"]
Values = Mapping[int, Fraction]

#: What reaches so much of its target is near it; what reaches less is behind.
NEAR = Fraction(9, 10)
MONTHS_OF_A_YEAR, MONTHS_OF_A_ROUND = 12, 6
#: The length of 2018-01.
_MONTH = 7
_HIGHEST_PER_CENT = Fraction(100)


def month_number(year: int, month: int) -> int:
    """Return the number of a month of the Christian Era: one more for each month that follows."""
    return year * MONTHS_OF_A_YEAR + month - 1


# --- Targets ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to be reached: in each month from `first` to `last`, or, where `is_due`, by the end of `last`."""

    value: Fraction
    first: int
    last: int
    is_due: bool = True
    cumulative: bool = False
    # Not printed as a target: the middle level of the criteria, which printed targets nearly always equal.
    from_criteria: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The months that are looked at: those of the fiscal year, and among them the first and last of the framework."""

    year_begins: int
    first: int
    last: int


def span_of(fiscal_year: int, round_number: int | None) -> Span:
    """Return the months of a fiscal year of the Buddhist Era, or of one of its two rounds."""
    begins = month_number(fiscal_year - 543 - 1, 10)
    first = begins + (MONTHS_OF_A_ROUND if round_number == 2 else 0)
    length = MONTHS_OF_A_ROUND if round_number else MONTHS_OF_A_YEAR
    return Span(begins, first, first + length - 1)


def read_targets(definition: Mapping[str, object], criteria: Criteria | None, span: Span) -> tuple[Target, ...]:
    """Return the targets of an indicator that are figures, those that come first in time first.

    Without targets of periods, its one target is due at the end; without that one, the middle level of the criteria.
    """
    printed = definition.get("targets")
    entries = printed if isinstance(printed, list) else []
    found = [one for entry in entries if (one := _target(entry, span)) is not None]
    if found:
        return tuple(sorted(found, key=lambda target: (target.last, target.first)))
    if definition.get("target") is not None:
        return (Target(value=exact(definition["target"]), first=span.first, last=span.last),)
    middle = _middle(criteria)
    if middle is None:
        return ()
    return (Target(value=middle, first=span.first, last=span.last, from_criteria=True),)


def _target(entry: Mapping[str, object], span: Span) -> Target | None:
    if entry.get("value") is None:
        return None
    value, period = exact(entry["value"]), entry["period"]
    if period == "monthly":
        return Target(value=value, first=span.first, last=span.last, is_due=False)
    if isinstance(period, Mapping):
        return Target(value=value, first=_month(period["from"]), last=_month(period["to"]), is_due=False)
    lengths = {"6-month": MONTHS_OF_A_ROUND, "12-month": MONTHS_OF_A_YEAR}
    last = span.year_begins + lengths[str(period)] - 1 if period in lengths else _month(period)
    return Target(value=value, first=span.first, last=last, cumulative=bool(entry.get("cumulative")))


def _month(written: object) -> int:
    year, month = str(written)[:_MONTH].split("-")
    return month_number(int(year), int(month))


def _middle(criteria: Criteria | None) -> Fraction | None:
    if not isinstance(criteria, Thresholds) or len(criteria.scale.levels) % 2 == 0:
        return None
    return dict(criteria.levels).get(criteria.scale.levels[len(criteria.scale.levels) // 2])


def fewer_is_better(criteria: Criteria | None) -> bool:
    """Return whether the criteria give more for a lower value."""
    return isinstance(criteria, Thresholds) and criteria.levels[-1][1] < criteria.levels[0][1]


def way_of(targets: Sequence[Target]) -> Way:
    """Return what a month's value tells: of that month alone, all since the beginning, or how things stand."""
    if any(not target.is_due for target in targets):
        return "monthly"
    return "cumulative" if any(target.cumulative for target in targets) else "standing"


def target_so_far(targets: Sequence[Target], month: int, span: Span) -> Fraction | None:
    """Return what was to be reached by the end of `month`; None where nothing was yet.

    Cumulative targets rise in equal steps, month by month, from one to the next, and from 0 at the beginning. Others
    hold from the month in which they are due.
    """
    within = [one for one in targets if not one.is_due and one.first <= month <= one.last]
    if within:
        return within[-1].value
    due = [one for one in targets if one.is_due]
    last = next((one for one in reversed(due) if one.last <= month), None)
    ahead = next((one for one in due if one.last > month), None)
    if ahead is None or not ahead.cumulative:
        return last.value if last else None
    since, begun = (last.last, last.value) if last else (span.first - 1, Fraction(0))
    return begun + (ahead.value - begun) * Fraction(month - since, ahead.last - since) if month > since else begun


def next_target(targets: Sequence[Target], month: int) -> Target | None:
    """Return the first target that is due after `month`."""
    return next((one for one in targets if one.is_due and one.last > month), None)


# --- Where it stands -------------------------------------------------------------------------------------------------
def light_of(value: Fraction | None, target: Fraction | None, *, fewer: bool = False) -> Light:
    """Return whether `value` reaches `target`, comes near it, or is behind."""
    if value is None:
        return "no_figure"
    if target is None:
        return "no_target"
    if value <= target if fewer else value >= target:
        return "reached"
    # Of fewer is better, the share of what is allowed in what was needed.
    part, whole = (target, value) if fewer else (value, target)
    return "near" if whole > 0 and part >= NEAR * whole else "behind"


def latest(values: Values, month: int) -> int | None:
    """Return the last month until `month` that has a value."""
    return max((one for one in values if one <= month), default=None)


def projected(values: Values, month: int, to: int, *, way: Way, span: Span, per_cent: bool = False) -> Fraction | None:
    """Return the value to which today's pace leads by the end of `to`, from the values until `month`.

    What is cumulative goes on as fast as since the beginning; of months that stand alone it is their mean; how things
    stand goes on along the line from the first value to the last, and stays where there is only one. A percentage
    that lay between 0 and 100 stays there.
    """
    known = {one: value for one, value in values.items() if span.first <= one <= month}
    now = latest(known, month)
    if now is None:
        return None
    found = _led(known, now, to, way, span)
    if per_cent and all(0 <= value <= _HIGHEST_PER_CENT for value in known.values()):
        return min(max(found, Fraction(0)), _HIGHEST_PER_CENT)
    return found


def _led(known: Values, now: int, to: int, way: Way, span: Span) -> Fraction:
    if way == "monthly":
        return sum(known.values(), Fraction(0)) / len(known)
    if way == "cumulative":
        return known[now] * Fraction(to - span.first + 1, now - span.first + 1)
    began = min(known)
    if began == now:
        return known[now]
    return known[now] + (known[now] - known[began]) * Fraction(to - now, now - began)


def rated(criteria: Criteria | None, value: Fraction | None) -> Fraction | None:
    """Return the score of `value`; None where no measured value alone is scored."""
    if value is None or not isinstance(criteria, Thresholds | Bands):
        return None
    return criteria.rate(value).score


def mean_of(scores: Iterable[tuple[Fraction, Fraction]]) -> Fraction | None:
    """Return the mean of scores by their weights: pairs of weight and score (scoring-rules G6)."""
    pairs = list(scores)
    total = sum((weight for weight, _score in pairs), Fraction(0))
    if not total:
        return None
    return sum((weight * score for weight, score in pairs), Fraction(0)) / total
