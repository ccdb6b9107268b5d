"""The trace of a score: rule codes with the exact figures of each step, displayed only when somebody looks."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from scoring.numbers import WORKING_PLACES, bracketed, display, operand, plain, whole

SCORE_PLACES = 4
OUT_OF_100_PLACES = 2


# --- How figures are displayed ---------------------------------------------------------------------------------------
def to_4(number: Fraction) -> str:
    """Return a measured value, a score or a weighted score as displayed (scoring-rules G1)."""
    return display(number, SCORE_PLACES)


def to_2(number: Fraction) -> str:
    """Return a figure out of 100 as displayed (scoring-rules G1)."""
    return display(number, OUT_OF_100_PLACES)


def made(make: Callable[[], str]) -> str:
    """Return the text that `make` makes: one that costs more than the score itself."""
    return make()


def threshold(number: Fraction) -> str:
    """Return a figure that was typed, such as a threshold, with all of its digits, in brackets if it is negative."""
    return bracketed(whole(number), number)


def magnified(given: tuple[Fraction, Fraction, int]) -> str:
    """Return a value that is going to be divided by a distance and multiplied: (value, distance, times).

    One that never ends has the more decimals, the more this magnifies what was rounded off.
    """
    value, distance, times = given
    further = len(str(int(abs(times / distance)))) - 1
    return bracketed(whole(value, WORKING_PLACES + further), value)


def products(pairs: Iterable[tuple[Fraction, Fraction]]) -> str:
    """Return a sum of weight × score written out: `5 × 4 + 5 × 4.5`."""
    return " + ".join(f"{whole(weight)} × {plain(score)}" for weight, score in pairs)


def typed(numbers: Iterable[Fraction]) -> str:
    """Return a sum of figures as they were typed, written out: `1 + 2 + (-3)`."""
    return " + ".join(map(threshold, numbers))


def typed_list(numbers: Iterable[Fraction]) -> str:
    """Return figures as they were typed, one after the other: `1, 2, (-3)`."""
    return ", ".join(map(threshold, numbers))


def addends(numbers: Iterable[Fraction]) -> str:
    """Return a sum of scores written out: `3.33333333 + 5`."""
    return " + ".join(map(operand, numbers))


def listed(codes: Iterable[str]) -> str:
    """Return codes as a list."""
    return ", ".join(codes)


# --- Rules -----------------------------------------------------------------------------------------------------------
#: Every rule code with the names of its figures and how each is displayed. agreements/explain.py has its sentence.
RULES: Mapping[str, Mapping[str, Callable[[Any], str]]] = {
    # measured value
    "measured_direct": {"value": to_4},
    "measured_typed": {"value": to_4},
    "measured_formula": {"expression": str, "filled": made, "value": to_4},
    "checklist_occurrence": {"number": str, "terms": str, "points": plain},
    "measured_mean": {"terms": typed, "count": str, "value": to_4},
    # measured value, from those below
    "gathered_not_reported": {"sources": str},
    "gathered_cancelled": {"sources": str},
    "gathered_no_figures": {"sources": str},
    "gathered_sum": {"variable": str, "sources": str, "terms": typed, "sum": whole},
    "measured_sum_below": {"sources": str, "terms": typed, "value": to_4},
    "measured_weighted_mean_below": {"sources": str, "terms": products, "weight": whole, "value": to_4},
    "measured_worst_below": {"sources": str, "terms": typed_list, "source": str, "value": to_4},
    "measured_mean_below": {"sources": str, "terms": typed, "count": str, "value": to_4},
    # class
    "class_chosen": {"base": whole, "class": str, "label": str},
    "base_zero": {"base": str},
    # base score
    "interpolation": {
        "value": magnified,
        "lower_level": str,
        "lower": threshold,
        "upper_level": str,
        "upper": threshold,
        "span": str,
        "score": to_4,
    },
    "step_reached": {"value": whole, "level": str, "threshold": whole, "score": to_4},
    "top_reached": {"value": whole, "level": str, "threshold": whole, "score": to_4},
    "below_one": {"value": whole, "level": str, "threshold": whole, "score": to_4},
    "below_zero": {"value": whole, "level": str, "threshold": whole, "score": to_4},
    "below_level_0": {"value": whole, "threshold": whole, "score": to_4},
    "below_from_origin": {"value": magnified, "level": str, "threshold": whole, "score": to_4},
    "below_only_level": {"value": whole, "level": str, "threshold": whole, "score": to_4},
    "band": {"value": whole, "bound": whole, "label": str, "score": to_4},
    "band_above": {"value": whole, "label": str, "score": to_4},
    "rubric_level": {"level": str, "label": str, "score": to_4},
    "rubric_nothing": {"score": to_4},
    "milestones_all": {"score": to_4},
    "milestones_reached": {"level": str, "missing": listed, "score": to_4},
    "milestones_none": {"missing": listed, "score": to_4},
    # deductions
    "part_missing": {"part": str, "points": whole},
    "fault_counted": {"fault": str, "count": str, "each": whole, "points": whole},
    "fault_capped": {"fault": str, "count": str, "most": str, "each": whole, "points": whole},
    "fault_not_counted": {"fault": str, "level": str},
    "deducted": {"score": plain, "points": whole, "result": to_4},
    # lateness
    "submission_date_missing": {},
    "due_rolled": {"due": date.isoformat, "rolled": date.isoformat},
    "on_time": {"submitted_on": date.isoformat, "due": date.isoformat},
    "before_cutoff": {"submitted_on": date.isoformat, "cutoff": date.isoformat},
    "late": {"submitted_on": date.isoformat, "due": date.isoformat, "days": str},
    "late_without_points": {"score": to_4},
    "late_items_assumed": {"items": str},
    "late_points": {"score": plain, "days": str, "each": whole, "points": whole, "result": to_4},
    "late_item_points": {
        "score": plain,
        "items": str,
        "days": str,
        "each": whole,
        "points": whole,
        "result": to_4,
    },
    "after_cutoff": {"submitted_on": date.isoformat, "cutoff": date.isoformat, "score": to_4},
    # status
    "not_reported": {"score": to_4},
    "cancelled": {"reason": str},
    "cancelled_with_parent": {},
    "pilot": {},
    "open_criteria": {},
    # decided above
    "judged_done": {"codes": listed, "unit": str, "on": date.isoformat},
    "judged_not_done": {"codes": listed, "unit": str, "on": date.isoformat},
    "judged_score": {"unit": str, "on": date.isoformat, "calculated": to_4, "score": to_4},
    "judged_score_alone": {"unit": str, "on": date.isoformat, "score": to_4},
    "set_by_assessor": {"calculated": to_4, "score": to_4},
    "set_by_assessor_alone": {"score": to_4},
    # composites
    "left_out": {"codes": listed},
    "composite": {"terms": products, "weight": whole, "score": to_4},
    "composite_equal": {"terms": addends, "count": str, "score": to_4},
    "none_in_force": {},
    "none_scored": {},
    "weight_in_force": {"in_force": whole, "weight": whole},
    # weight
    "weighted": {"weight": whole, "score": plain, "weighted": made},
    "weightless": {},
    # the agreement
    "total": {"terms": products, "weight": whole, "total": to_4},
    "total_from_column": {"sum": plain, "weight": whole, "total": to_4},
    "no_total": {},
    "achievement": {"total": plain, "highest": str, "achievement": to_2},
    "competency": {"terms": str, "most": str, "competency": to_2},
    "final": {
        "achievement": plain,
        "achievement_weight": whole,
        "competency": plain,
        "competency_weight": whole,
        "final": to_2,
    },
    # the parts of an agreement that was split
    "merged_total": {"terms": products, "days": whole, "total": to_4},
    "merged_achievement": {"terms": products, "days": whole, "achievement": to_2},
    "merged_competency": {"terms": products, "days": whole, "competency": to_2},
    "graded": {"value": to_2, "from": whole, "grade": str},
}


class Step(NamedTuple):
    """One step of a calculation: its rule, and the exact figures that went in and came out, by name."""

    rule: str
    figures: Mapping[str, object]

    def as_document(self) -> dict[str, object]:
        """Return the step as it is stored: `{"rule": code, "values": {name: displayed}}`."""
        return {
            "rule": self.rule,
            "values": {name: show(self.figures[name]) for name, show in RULES[self.rule].items()},
        }


def step(rule: str, /, **figures: object) -> Step:
    """Return the step `rule` with its figures.

    :raises ValueError: if there is no such rule or it has other figures.
    """
    if rule not in RULES or figures.keys() != RULES[rule].keys():
        raise ValueError(f"{rule} is not a rule with the figures {figures}")
    return Step(rule, figures)


class Rating(NamedTuple):
    """A score (on the scale of the framework, from 0) and the steps that led to it."""

    score: Fraction
    steps: tuple[Step, ...]
