"""The trace of a score: rule codes with displayed numbers, enough to redo it by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

#: Every rule code with the names of its values. agreements/explain.py has a sentence for each.
RULES: Mapping[str, tuple[str, ...]] = {
    # measured value
    "measured_direct": ("value",),
    "measured_typed": ("value",),
    "measured_formula": ("expression", "filled", "value"),
    "checklist_occurrence": ("number", "terms", "points"),
    "measured_mean": ("terms", "count", "value"),
    # class
    "class_chosen": ("base", "class", "label"),
    "base_zero": ("base",),
    # base score
    "interpolation": ("value", "lower_level", "lower", "upper_level", "upper", "span", "score"),
    "step_reached": ("value", "level", "threshold", "score"),
    "top_reached": ("value", "level", "threshold", "score"),
    "below_one": ("value", "level", "threshold", "score"),
    "below_zero": ("value", "level", "threshold", "score"),
    "below_level_0": ("value", "threshold", "score"),
    "below_from_origin": ("value", "level", "threshold", "score"),
    "below_only_level": ("value", "level", "threshold", "score"),
    "band": ("value", "bound", "label", "score"),
    "band_above": ("value", "label", "score"),
    "rubric_level": ("level", "label", "score"),
    "rubric_nothing": ("score",),
    "milestones_all": ("score",),
    "milestones_reached": ("level", "missing", "score"),
    "milestones_none": ("missing", "score"),
    # deductions
    "part_missing": ("part", "points"),
    "fault_counted": ("fault", "count", "each", "points"),
    "fault_capped": ("fault", "count", "most", "each", "points"),
    "fault_not_counted": ("fault", "level"),
    "deducted": ("score", "points", "result"),
    # lateness
    "submission_date_missing": (),
    "due_rolled": ("due", "rolled"),
    "on_time": ("submitted_on", "due"),
    "before_cutoff": ("submitted_on", "cutoff"),
    "late": ("submitted_on", "due", "days"),
    "late_without_points": ("score",),
    "late_items_assumed": ("items",),
    "late_points": ("score", "days", "each", "points", "result"),
    "late_item_points": ("score", "items", "days", "each", "points", "result"),
    "after_cutoff": ("submitted_on", "cutoff", "score"),
    # status
    "not_reported": ("score",),
    "cancelled": ("reason",),
    "cancelled_with_parent": (),
    "pilot": (),
    "open_criteria": (),
    "set_by_assessor": ("calculated", "score"),
    "set_by_assessor_alone": ("score",),
    # composites
    "left_out": ("codes",),
    "composite": ("terms", "weight", "score"),
    "composite_equal": ("terms", "count", "score"),
    "none_in_force": (),
    "none_scored": (),
    "weight_in_force": ("in_force", "weight"),
    # weight
    "weighted": ("weight", "score", "weighted"),
    "weightless": (),
    # the agreement
    "total": ("terms", "weight", "total"),
    "total_from_column": ("sum", "weight", "total"),
    "no_total": (),
    "achievement": ("total", "highest", "achievement"),
    "competency": ("terms", "most", "competency"),
    "final": ("achievement", "achievement_weight", "competency", "competency_weight", "final"),
    "graded": ("value", "from", "grade"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a calculation: its rule, what went in and what came out, as displayed."""

    rule: str
    values: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if tuple(name for name, _ in self.values) != RULES.get(self.rule):
            raise ValueError(f"{self.rule} is not a rule with the values {self.values}")

    def as_document(self) -> dict[str, object]:
        """Return the step as it is stored: `{"rule": code, "values": {name: displayed}}`."""
        return {"rule": self.rule, "values": dict(self.values)}


def step(rule: str, /, **values: str) -> Step:
    """Return the step `rule` with its displayed `values` in the registered order."""
    return Step(rule=rule, values=tuple((name, values[name]) for name in RULES[rule] if name in values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A score (on the scale of the framework, from 0) and the steps that led to it."""

    score: Fraction
    steps: tuple[Step, ...]
