"""Sentences for the rule and fault codes of scoring/, in the reader's language, from the figures as displayed.

They work alike on a fresh score and on a stored trace, which keeps codes and figures, never sentences.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext, gettext_lazy as _

from agreements.thai import format_date
from scoring import Fault

#: Values of a trace and parameters of a fault that are dates: ISO in documents, Buddhist Era for people.
DATES = frozenset({"due", "rolled", "submitted_on", "cutoff", "on"})

STEPS = {
    "measured_direct": _("Measured value: %(value)s."),
    "measured_typed": _("Measured value, typed in place of its calculation: %(value)s."),
    # The names of variables are for machines; the figures stand in the order of the formula as it is printed.
    "measured_formula": _("Measured value: %(filled)s = %(value)s."),
    "checklist_occurrence": _("Time %(number)s: %(terms)s = %(points)s points."),
    "measured_mean": _("Mean of %(count)s: (%(terms)s) ÷ %(count)s = %(value)s."),
    "gathered_not_reported": _("Nothing was reported below by %(sources)s; it is left out."),
    "gathered_cancelled": _("Cancelled below by %(sources)s; it is left out."),
    "gathered_no_figures": _("What was reported below by %(sources)s has no figures to gather; it is left out."),
    "gathered_sum": _("%(variable)s, summed over %(sources)s: %(terms)s = %(sum)s."),
    "measured_sum_below": _("Measured value, the sum over %(sources)s: %(terms)s = %(value)s."),
    "measured_weighted_mean_below": _(
        "Measured value, weight × value over %(sources)s: (%(terms)s) ÷ %(weight)s = %(value)s."
    ),
    "measured_worst_below": _("Measured value, the worst over %(sources)s (%(terms)s): that of %(source)s, %(value)s."),
    "measured_mean_below": _(
        "Measured value, a plain mean of %(count)s values, as the indicator was told to, over %(sources)s: "
        "(%(terms)s) ÷ %(count)s = %(value)s."
    ),
    "class_chosen": _("A base of %(base)s is class %(class)s (%(label)s); its criteria apply."),
    "base_zero": _("The base is %(base)s, so there is nothing to measure: cancelled, its weight does not count."),
    "interpolation": _(
        "Between level %(lower_level)s (%(lower)s) and level %(upper_level)s (%(upper)s): "
        "%(lower_level)s + (%(value)s − %(lower)s) ÷ (%(upper)s − %(lower)s) × %(span)s = %(score)s."
    ),
    "step_reached": _(
        "%(value)s reaches level %(level)s (%(threshold)s) and not the next; there is nothing in between: %(score)s."
    ),
    "top_reached": _("%(value)s reaches the highest level, %(level)s (%(threshold)s): %(score)s."),
    "below_one": _("%(value)s is worse than level %(level)s (%(threshold)s); what is reported earns %(score)s."),
    "below_zero": _("%(value)s is worse than level %(level)s (%(threshold)s): %(score)s."),
    "below_level_0": _("%(value)s is worse than level 0 (%(threshold)s): %(score)s."),
    "below_from_origin": _(
        "%(value)s is below level %(level)s (%(threshold)s), in proportion, never below 0: "
        "%(value)s ÷ %(threshold)s × %(level)s = %(score)s."
    ),
    "below_only_level": _("%(value)s does not reach %(threshold)s, which level %(level)s asks for: %(score)s."),
    "band": _("%(value)s does not exceed %(bound)s and lies in the band “%(label)s”: %(score)s."),
    "band_above": _("%(value)s lies in the highest band, “%(label)s”: %(score)s."),
    "rubric_level": _("Level %(level)s was reached (%(label)s): %(score)s."),
    "rubric_nothing": _("None of the described levels was reached: %(score)s."),
    "milestones_all": _("All steps are complete: %(score)s."),
    "milestones_reached": _(
        "Steps are complete up to level %(level)s; what is missing for the next: %(missing)s. Score: %(score)s."
    ),
    "milestones_none": _("The first step is not complete; what is missing: %(missing)s. Score: %(score)s."),
    "part_missing": _("Part %(part)s is missing: %(points)s points off."),
    "fault_counted": _("Fault %(fault)s, %(count)s × %(each)s: %(points)s points off."),
    "fault_capped": _(
        "Fault %(fault)s occurred %(count)s times and counts at most %(most)s times, "
        "%(most)s × %(each)s: %(points)s points off."
    ),
    "fault_not_counted": _("Fault %(fault)s does not count, because the step of level %(level)s was not reached."),
    "deducted": _("%(score)s − %(points)s, never below 0 = %(result)s."),
    "submission_date_missing": _("No date of submission is given; taken as on time."),
    "due_rolled": _("%(due)s is not a working day; due on the next one, %(rolled)s."),
    "on_time": _("Sent on %(submitted_on)s, due on %(due)s: on time."),
    "before_cutoff": _("Sent on %(submitted_on)s, not after the cut-off of %(cutoff)s."),
    "late": _("Sent on %(submitted_on)s, due on %(due)s: working days late: %(days)s."),
    "late_without_points": _("Lateness costs no points here: %(score)s."),
    "late_items_assumed": _("It is not said how much came late; all %(items)s items are taken as late."),
    "late_points": _("%(score)s − %(days)s days × %(each)s, never below 0 = %(result)s (%(points)s points off)."),
    "late_item_points": _(
        "%(score)s − %(items)s items × %(days)s days × %(each)s, never below 0 = %(result)s (%(points)s points off)."
    ),
    "after_cutoff": _("Sent on %(submitted_on)s, after the cut-off of %(cutoff)s: %(score)s."),
    "not_reported": _("Nothing was reported: %(score)s."),
    "cancelled": _("Cancelled: %(reason)s. Its weight does not count."),
    "cancelled_with_parent": _("Cancelled together with the indicator above it. Its weight does not count."),
    "pilot": _("A pilot indicator: shown, without weight."),
    "open_criteria": _("The criteria are not given yet: shown, not scored."),
    "judged_done": _("%(unit)s judged on %(on)s: complete are %(codes)s."),
    "judged_not_done": _("%(unit)s judged on %(on)s: not complete are %(codes)s."),
    "judged_score": _("%(unit)s gave %(score)s on %(on)s; it counts in place of the calculated %(calculated)s."),
    "judged_score_alone": _("%(unit)s gave %(score)s on %(on)s; nothing was calculated."),
    "set_by_assessor": _("The assessor set %(score)s in place of the calculated %(calculated)s."),
    "set_by_assessor_alone": _("The assessor set %(score)s; nothing was calculated."),
    "left_out": _("Not counted here: %(codes)s."),
    "composite": _("From the sub-indicators in force, weight × score: (%(terms)s) ÷ %(weight)s = %(score)s."),
    "composite_equal": _("The sub-indicators have no weights and count alike: (%(terms)s) ÷ %(count)s = %(score)s."),
    "none_in_force": _("No sub-indicator is in force: cancelled, its weight does not count."),
    "none_scored": _("No sub-indicator is scored: shown, not scored."),
    "weight_in_force": _("Weight in force: %(in_force)s of %(weight)s."),
    "weighted": _("Weighted score: %(weight)s × %(score)s ÷ 100 = %(weighted)s."),
    "weightless": _("No weight is given; it does not enter a total."),
    "total": _("Weight × score of all indicators in force: (%(terms)s) ÷ %(weight)s = %(total)s."),
    "total_from_column": _(
        "Sum of the weighted scores × 100 ÷ weight in force: %(sum)s × 100 ÷ %(weight)s = %(total)s."
    ),
    "no_total": _("No indicator with a weight is in force; there is no total."),
    "achievement": _("Achievement out of 100: %(total)s × 100 ÷ %(highest)s = %(achievement)s."),
    "competency": _("Competency out of 100: (%(terms)s) ÷ %(most)s × 100 = %(competency)s."),
    "final": _(
        "Final score: %(achievement)s × %(achievement_weight)s%% + "
        "%(competency)s × %(competency_weight)s%% = %(final)s."
    ),
    "merged_total": _("Days × total of each part: (%(terms)s) ÷ %(days)s = %(total)s."),
    "merged_achievement": _("Days × achievement of each part: (%(terms)s) ÷ %(days)s = %(achievement)s."),
    "merged_competency": _("Days × competency of each part: (%(terms)s) ÷ %(days)s = %(competency)s."),
    "graded": _("%(value)s is at least %(from)s: %(grade)s."),
}

FAULTS = {
    "not_a_mapping": _("A group of named entries is needed here."),
    "not_a_list": _("A list is needed here."),
    "not_text": _("Text is needed here; put quotation marks around it in a file."),
    "empty": _("This is empty; write something here."),
    "missing": _("This is missing and has to be given."),
    "unknown_key": _("There is no such entry. Allowed here: %(allowed)s."),
    "not_a_number": _("“%(given)s” is not a number. Write digits with a decimal point, such as 1234.5."),
    "inexact_number": _("%(given)s was read inexactly. Write the number as text or as an exact decimal."),
    "number_too_long": _("The number is too long; at most %(limit)s digits before and after the point."),
    "not_whole": _("“%(given)s” is not a whole number of 0 or more."),
    "not_a_flag": _("Only true or false is allowed here."),
    "not_a_date": _("“%(given)s” is not a date. Write year-month-day, such as 2013-03-20."),
    "year_out_of_range": _("The year of %(given)s is outside %(first)s–%(last)s."),
    "negative": _("%(given)s is below 0; allowed is 0 or more."),
    "not_above_zero": _("%(given)s is not above 0."),
    "above": _("%(given)s is more than the %(limit)s allowed."),
    "not_allowed": _("“%(given)s” is not one of the choices. Allowed: %(allowed)s."),
    "duplicate": _("“%(given)s” stands here twice; it may stand only once."),
    "code_with_spaces": _("The code “%(given)s” contains spaces; codes are written without, such as 2.3(8)."),
    "code_not_text": _('The code %(given)s has to be text; put quotation marks around it, such as "1.10".'),
    "unknown_reference": _("There is no “%(given)s”. Allowed: %(allowed)s."),
    "nested_too_deep": _("Sub-indicators are nested more than %(limit)s levels deep."),
    "criteria_or_children": _("An indicator has either criteria or sub-indicators (children): one of them, not both."),
    "measure_of_composite": _("An indicator with sub-indicators has no measure of its own."),
    "children_weights": _("The weights of the sub-indicators sum to %(sum)s; the indicator weighs %(weight)s."),
    "total_weight": _("The weights of the indicators sum to %(sum)s; the framework's total is %(weight)s."),
    "dimension_weight": _("The indicators of the dimension weigh %(sum)s; printed is %(weight)s."),
    "parts_of_dimension": _("The dimensions below it weigh %(sum)s; printed is %(weight)s."),
    "circular_dimensions": _("The dimension “%(given)s” is above itself; choose another parent."),
    "scale_too_short": _("A scale needs at least two levels."),
    "scale_not_rising": _("The levels of a scale are whole numbers above 0, each higher than the one before."),
    "grades_without_floor": _("No grade begins at 0, so the lowest scores would have none."),
    "too_few_levels": _("Criteria need at least two levels with different figures, or the highest level alone."),
    "levels_not_monotonic": _("The figures %(thresholds)s go up and down; they have to rise or fall throughout."),
    "levels_not_rising": _("The levels have to rise, and each may stand only once."),
    "level_outside_scale": _("There is no level %(level)s. Allowed: %(allowed)s."),
    "level_0_missing": _("Below level 1 counts towards level 0, but level 0 has no figure; add it."),
    "level_0_unused": _("Level 0 has a figure, but below_level_1 is “%(policy)s”; only level_0 uses it."),
    "from_origin_needs_rising": _("In proportion from 0 needs figures that rise from above 0."),
    "bounds_not_rising": _("The bounds %(bounds)s have to rise from level to level."),
    "bound_missing": _("Level %(level)s lacks its upper bound; only the highest level may."),
    "no_levels": _("No level is described; describe at least one above 0."),
    "no_steps": _("There are no steps; give at least one."),
    "steps_not_rising": _("The levels of the steps have to rise from step to step."),
    "unknown_step_level": _("No step has level %(level)s. Allowed: %(allowed)s."),
    "no_classes": _("There are no classes; give at least one."),
    "class_bounds_not_rising": _("The bounds %(bounds)s of the classes have to rise from above 0."),
    "class_bound_missing": _("Class %(class)s lacks its upper bound; only the last class may."),
    "no_variables": _("A formula needs at least one variable."),
    "no_items": _("A checklist needs at least one item."),
    "name_not_usable": _(
        "“%(name)s” cannot name a variable; use letters, digits and _, beginning with a letter, and not min or max."
    ),
    "formula_empty": _("The formula is empty."),
    "formula_too_long": _("The formula is longer than %(limit)s characters."),
    "formula_too_deep": _("At character %(column)s, brackets are nested more than %(limit)s deep."),
    "formula_unexpected": _(
        "At character %(column)s, “%(found)s” does not belong there. "
        "Allowed: numbers, variables, + − × ÷, brackets, min(…) and max(…)."
    ),
    "formula_ends_early": _("At character %(column)s, the formula ends where something has to follow."),
    "formula_unknown_name": _("At character %(column)s, there is no variable “%(name)s”. Declared: %(allowed)s."),
    "lateness_empty": _("Give a due date, points per working day or a cut-off."),
    "cutoff_before_due": _("The cut-off of %(cutoff)s lies before the due date of %(due)s."),
    "items_without_points": _("Items that come late need points per working day."),
    "from_below_not_measured": _("Only what is measured by a value can be gathered from those below."),
    "from_below_no_ratio": _(
        "This way needs a formula that is a ratio: sums of its variables over sums, such as done / all * 100."
    ),
    "from_below_no_direction": _("The worst can be told only where the criteria say whether more or less is better."),
    "no_sources": _("Nobody below has reported anything to gather."),
    "no_weights_below": _("The weights of those below sum to 0, so there is no weighted mean."),
    "judged_steps_or_score": _("Give either the steps that were judged or the score, not both."),
    "framework_missing": _("Give the code of an imported framework, or a whole framework in its place."),
    "unknown_indicator": _("There is no indicator “%(given)s”. Allowed: %(allowed)s."),
    "composite_result": _("This indicator is scored by its sub-indicators; report those, or cancel it as a whole."),
    "input_not_used": _("This indicator does not use this. Report it by: %(allowed)s."),
    "several_inputs": _("Only one of these may be given: %(given)s."),
    "nothing_reported": _("What was achieved is missing. Report it by: %(allowed)s."),
    "unknown_variable": _("The formula has no variable “%(given)s”. Allowed: %(allowed)s."),
    "unknown_step": _("There is no step or part “%(given)s”. Allowed: %(allowed)s."),
    "unknown_item": _("The checklist has no item “%(given)s”. Allowed: %(allowed)s."),
    "unknown_fault": _("There is no fault “%(given)s” here. Allowed: %(allowed)s."),
    "level_not_described": _("Level %(given)s is not described. Allowed: %(allowed)s."),
    "no_base": _(
        "There is nothing to measure: %(expression)s divides by 0. Cancel the indicator with a reason instead."
    ),
    "no_occurrence": _(
        "It did not occur once, so there is nothing to measure. Cancel the indicator with a reason instead."
    ),
    "base_beyond_classes": _("A base of %(given)s has no class; the last reaches up to %(limit)s."),
    "base_not_used": _("This indicator has no classes and takes no base."),
    "late_items_not_used": _("Lateness is not counted by items here."),
    "cancelled_with_result": _("What is cancelled has no result; give the reason alone."),
    "not_reported_with_result": _("What is not reported has no result; leave out one of the two."),
    "score_too_precise": _("%(given)s has more than 2 decimals."),
    "score_not_settable": _(
        "The score of this indicator cannot be set: it comes from sub-indicators or is not scored."
    ),
    "component_weights": _("Achievement and competency have to sum to 100; here they sum to %(sum)s."),
    # warnings
    "percent_on_levels": _("The unit is per cent, but the figures are %(thresholds)s. Is that meant?"),
    "target_off_level": _(
        "The target is %(given)s, but level %(level)s, the target elsewhere, is %(threshold)s. Is that meant?"
    ),
    "equal_thresholds": _("Levels share a figure (%(thresholds)s); reaching it earns the higher one."),
    "measure_not_used": _("The measure is not used: a person or a list of steps decides the score."),
    "variable_not_used": _("The formula does not use the variable “%(name)s”."),
    "points_without_due": _("Points per working day have no effect without a due date."),
    "mean_from_below": _(
        "A plain mean counts a small unit as much as a large one. Is that meant? Sums over sums do not."
    ),
    "percentages_from_below": _(
        "The unit is %(unit)s: percentages that are averaged or added up say something else than the whole. "
        "Is that meant?"
    ),
    "no_children": _("There are no sub-indicators yet; without any, there is no score."),
}


def explain_step(document: Mapping[str, object]) -> str:
    """Return the sentence of one step of a trace, `{"rule": code, "values": {name: displayed}}`."""
    rule, values = str(document["rule"]), _shown(document.get("values"))
    if rule not in STEPS:
        return gettext("Rule %(rule)s: %(values)s.") % {"rule": rule, "values": _listed(values)}
    return str(STEPS[rule]) % values


def explain_trace(trace: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the sentences of a trace, in order."""
    return [explain_step(document) for document in trace]


def explain_fault(fault: Fault) -> str:
    """Return what is wrong, where, and what is allowed."""
    sentence = str(FAULTS[fault.code]) % _shown(fault.values())
    return f"{fault.place}: {sentence}" if fault.place else sentence


def _shown(values: object) -> dict[str, str]:
    given = values.items() if isinstance(values, Mapping) else ()
    return {str(name): _dated(str(value)) if name in DATES else str(value) for name, value in given}


def _dated(text: str) -> str:
    return format_date(date.fromisoformat(text))


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
