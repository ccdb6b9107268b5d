"""What is wrong with a document or a result: codes with places and parameters, never sentences."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

#: Every fault code with the names of its parameters. agreements/explain.py has a sentence for each.
FAULTS: Mapping[str, tuple[str, ...]] = {
    # documents
    "not_a_mapping": (),
    "not_a_list": (),
    "not_text": (),
    "empty": (),
    "missing": (),
    "unknown_key": ("allowed",),
    "not_a_number": ("given",),
    "inexact_number": ("given",),
    "number_too_long": ("limit",),
    "not_whole": ("given",),
    "not_a_flag": (),
    "not_a_date": ("given",),
    "year_out_of_range": ("given", "first", "last"),
    "negative": ("given",),
    "not_above_zero": ("given",),
    "above": ("given", "limit"),
    "not_allowed": ("given", "allowed"),
    "duplicate": ("given",),
    "code_with_spaces": ("given",),
    "code_not_text": ("given",),
    "unknown_reference": ("given", "allowed"),
    "nested_too_deep": ("limit",),
    # indicators and frameworks
    "criteria_or_children": (),
    "measure_of_composite": (),
    "children_weights": ("sum", "weight"),
    "total_weight": ("sum", "weight"),
    "dimension_weight": ("sum", "weight"),
    "parts_of_dimension": ("sum", "weight"),
    "circular_dimensions": ("given",),
    "scale_too_short": (),
    "scale_not_rising": (),
    "grades_without_floor": (),
    # criteria
    "too_few_levels": (),
    "levels_not_monotonic": ("thresholds",),
    "levels_not_rising": (),
    "level_outside_scale": ("level", "allowed"),
    "level_0_missing": (),
    "level_0_unused": ("policy",),
    "from_origin_needs_rising": (),
    "bounds_not_rising": ("bounds",),
    "bound_missing": ("level",),
    "no_levels": (),
    "no_steps": (),
    "steps_not_rising": (),
    "unknown_step_level": ("level", "allowed"),
    "no_classes": (),
    "class_bounds_not_rising": ("bounds",),
    "class_bound_missing": ("class",),
    # measures
    "no_variables": (),
    "no_items": (),
    "name_not_usable": ("name",),
    "formula_empty": (),
    "formula_too_long": ("limit",),
    "formula_too_deep": ("column", "limit"),
    "formula_unexpected": ("column", "found"),
    "formula_ends_early": ("column",),
    "formula_unknown_name": ("column", "name", "allowed"),
    # lateness
    "lateness_empty": (),
    "cutoff_before_due": ("due", "cutoff"),
    "items_without_points": (),
    # from those below, and decided above
    "from_below_not_measured": (),
    "from_below_no_ratio": (),
    "from_below_no_direction": (),
    "no_sources": (),
    "no_weights_below": (),
    "judged_steps_or_score": (),
    # results
    "framework_missing": (),
    "unknown_indicator": ("given", "allowed"),
    "composite_result": (),
    "input_not_used": ("allowed",),
    "several_inputs": ("given",),
    "nothing_reported": ("allowed",),
    "unknown_variable": ("given", "allowed"),
    "unknown_step": ("given", "allowed"),
    "unknown_item": ("given", "allowed"),
    "unknown_fault": ("given", "allowed"),
    "level_not_described": ("given", "allowed"),
    "no_base": ("expression",),
    "no_occurrence": (),
    "base_beyond_classes": ("given", "limit"),
    "base_not_used": (),
    "late_items_not_used": (),
    "cancelled_with_result": (),
    "not_reported_with_result": (),
    # the assessor's score, competencies, weights
    "score_too_precise": ("given",),
    "score_not_settable": (),
    "component_weights": ("sum",),
}

#: Warnings: what is allowed but looks like a slip.
WARNINGS: Mapping[str, tuple[str, ...]] = {
    "percent_on_levels": ("thresholds",),
    "target_off_level": ("given", "level", "threshold"),
    "equal_thresholds": ("thresholds",),
    "measure_not_used": (),
    "variable_not_used": ("name",),
    "points_without_due": (),
    "no_children": (),
    "mean_from_below": (),
    "percentages_from_below": ("unit",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong (or, among warnings, suspicious), where it stands and what would be allowed."""

    code: str
    place: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        expected = FAULTS.get(self.code) or WARNINGS.get(self.code) or ()
        known = self.code in FAULTS or self.code in WARNINGS
        if not known or tuple(name for name, _ in self.params) != expected:
            raise ValueError(f"{self.code} is not a fault with the parameters {self.params}")

    def values(self) -> dict[str, str]:
        """Return the parameters by name."""
        return dict(self.params)

    def within(self, place: str) -> "Fault":
        """Return this fault as seen from outside `place`."""
        return Fault(code=self.code, place=join(place, self.place), params=self.params)


def fault(code: str, place: str = "", /, **params: object) -> Fault:
    """Return the fault `code` at `place`, its parameters as text."""
    return Fault(code=code, place=place, params=tuple((name, str(value)[:1000]) for name, value in params.items()))


def join(place: str, key: str | int) -> str:
    """Return the place of `key` within `place`: `indicators[3].criteria.levels`."""
    if isinstance(key, int):
        return f"{place}[{key}]"
    if not place or not key:
        return place or key
    return f"{place}{key}" if key.startswith("[") else f"{place}.{key}"


class Refused(ValueError):
    """The values make no sense; `faults` holds everything that is wrong with them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{found.place}: {found.code} {found.values()}" for found in faults))
        self.faults = faults

    @property
    def offers_cancellation(self) -> bool:
        """Return whether a base of 0 is among the faults, so that cancelling is the way out (scoring-rules G6)."""
        return any(found.code in {"no_base", "no_occurrence"} for found in self.faults)


class Faults:
    """Everything found wrong so far, each thing once, while a document is being read."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, code: str, place: str = "", /, **params: object) -> None:
        """Note the fault `code` at `place`."""
        self._found[fault(code, place, **params)] = None

    def add_duplicates(self, codes: list[str], place: str) -> None:
        """Note each of `codes`, the codes of the list at `place`, that stands there twice."""
        for number, code in enumerate(codes):
            if code and code in codes[:number]:
                self.add("duplicate", f"{place}[{number}].code", given=code)

    def build(self, place: str, make: Callable[[], T]) -> T | None:
        """Return what `make` makes, or None after noting the faults for which it refused."""
        try:
            return make()
        except Refused as refused:
            self._found.update((found.within(place), None) for found in refused.faults)
            return None

    def raise_any(self) -> None:
        """Stop here if anything was wrong.

        :raises Refused: with every fault found.
        """
        if self._found:
            raise Refused(tuple(self._found))
