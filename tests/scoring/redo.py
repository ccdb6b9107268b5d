"""A second, independent evaluator: redoes a trace from nothing but what it displays, as a clerk would."""

import ast
import operator
from datetime import date, timedelta
from fractions import Fraction

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
#: How far a figure worked out from displayed operands, which have at least 8 decimals, may lie from the exact one.
WORKING = Fraction(1, 10**6)


class Differs(AssertionError):
    """What the step displays does not follow from what it displays."""


def calculate(text):
    """Return the outcome of written arithmetic, exact: `(5 × 4 + 5 × 4.5) ÷ 10`."""
    written = text.replace("×", "*").replace("÷", "/").replace("−", "-")
    return _value(ast.parse(written.strip(), mode="eval").body, written.strip())


def _value(node, text):
    if isinstance(node, ast.Constant):
        return Fraction(ast.get_source_segment(text, node))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, text)
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, text), _value(node.right, text))
    if isinstance(node, ast.Call) and node.func.id in ("min", "max"):
        return {"min": min, "max": max}[node.func.id](_value(one, text) for one in node.args)
    raise Differs(text)


def same(shown, worked, rule):
    """Refuse a displayed figure that is not what was worked out, rounded."""
    places = len(shown.partition(".")[2])
    if abs(Fraction(shown) - worked) > Fraction(1, 2 * 10**places) + WORKING:
        raise Differs(f"{rule}: {shown} is displayed, {float(worked)} worked out")
    return worked


class Redone:
    """The figures so far, while one indicator's trace is redone."""

    def __init__(self, holidays=frozenset()):
        self.holidays = holidays
        self.value = None
        self.score = None
        self.lost = Fraction(0)
        self.weighted = None
        # What was summed over those below, as displayed.
        self.sums = []

    def take(self, rule, shown):
        figures = {name: calculate(text) for name, text in shown.items() if name not in WORDS}
        if "value" in figures and not rule.startswith("measured_"):
            self.is_about_the_value(shown, figures, rule)
        getattr(self, rule, self.nothing)(rule, shown, figures)

    def nothing(self, rule, shown, figures):
        if rule not in SAYS_NOTHING_NEW:
            raise Differs(f"nobody knows how to redo {rule}")

    def is_about_the_value(self, shown, figures, rule):
        """What is rated is what was measured, which is displayed with 4 decimals."""
        if abs(figures["value"] - self.value) > Fraction(1, 2 * 10**4) + WORKING:
            raise Differs(f"{rule} rates {shown['value']}, not {float(self.value)}")

    def goes_on_from(self, shown, figures, rule):
        """The score that goes in is the one that came out before."""
        if abs(figures["score"] - self.score) > WORKING:
            raise Differs(f"{rule} goes on from {shown['score']}, not from {float(self.score)}")

    # --- measured value
    def measured_direct(self, rule, shown, figures):
        self.value = figures["value"]

    measured_typed = measured_direct

    def measured_formula(self, rule, shown, figures):
        if any(one not in shown["filled"] for one in self.sums):
            raise Differs(f"{shown['filled']} is not worked out from the sums {self.sums}")
        self.value = same(shown["value"], calculate(shown["filled"]), rule)

    def checklist_occurrence(self, rule, shown, figures):
        same(shown["points"], calculate(shown["terms"]), rule)

    def measured_mean(self, rule, shown, figures):
        self.value = same(shown["value"], calculate(f"({shown['terms']}) ÷ {shown['count']}"), rule)

    # --- measured value, from those below
    def gathered_sum(self, rule, shown, figures):
        same(shown["sum"], calculate(shown["terms"]), rule)
        self.sums.append(shown["sum"])

    def measured_sum_below(self, rule, shown, figures):
        self.value = same(shown["value"], calculate(shown["terms"]), rule)

    def measured_weighted_mean_below(self, rule, shown, figures):
        self.value = same(shown["value"], calculate(f"({shown['terms']}) ÷ {shown['weight']}"), rule)

    measured_mean_below = measured_mean

    def measured_worst_below(self, rule, shown, figures):
        among = [calculate(one) for one in shown["terms"].split(", ")]
        if not any(abs(figures["value"] - one) <= Fraction(1, 2 * 10**4) + WORKING for one in (min(among), max(among))):
            raise Differs(f"{shown['value']} is not the worst of {shown['terms']}")
        self.value = figures["value"]

    # --- base score
    def interpolation(self, rule, shown, figures):
        share = calculate(f"({shown['value']} − {shown['lower']}) ÷ ({shown['upper']} − {shown['lower']})")
        if not 0 <= share < 1:
            raise Differs(f"{shown['value']} does not lie between {shown['lower']} and {shown['upper']}")
        self.score = same(shown["score"], figures["lower_level"] + share * figures["span"], rule)

    def below_from_origin(self, rule, shown, figures):
        proportion = figures["value"] / figures["threshold"] * figures["level"]
        self.score = same(shown["score"], max(proportion, Fraction(0)), rule)

    def the_level(self, rule, shown, figures):
        self.score = same(shown["score"], figures["level"], rule)

    step_reached = top_reached = rubric_level = milestones_reached = the_level

    def lowest(self, rule, shown, figures):
        self.score = same(shown["score"], Fraction(1), rule)

    below_one = lowest

    def zero(self, rule, shown, figures):
        self.score = same(shown["score"], Fraction(0), rule)

    below_zero = below_level_0 = below_only_level = rubric_nothing = milestones_none = not_reported = zero
    after_cutoff = zero

    def band(self, rule, shown, figures):
        if figures["value"] > figures["bound"]:
            raise Differs(f"{shown['value']} exceeds {shown['bound']}")
        self.score = figures["score"]

    def as_displayed(self, rule, shown, figures):
        self.score = figures["score"]

    band_above = milestones_all = set_by_assessor_alone = judged_score_alone = as_displayed

    # --- deductions
    def part_missing(self, rule, shown, figures):
        self.lost += figures["points"]

    def fault_counted(self, rule, shown, figures):
        self.lost += same(shown["points"], figures["count"] * figures["each"], rule)

    def fault_capped(self, rule, shown, figures):
        if figures["count"] <= figures["most"]:
            raise Differs(f"{shown['count']} is not more than {shown['most']}")
        self.lost += same(shown["points"], figures["most"] * figures["each"], rule)

    def deducted(self, rule, shown, figures):
        self.goes_on_from(shown, figures, rule)
        same(shown["points"], self.lost, rule)
        self.score = same(shown["result"], max(figures["score"] - figures["points"], Fraction(0)), rule)

    # --- lateness
    def due_rolled(self, rule, shown, figures):
        due = date.fromisoformat(shown["due"])
        while due.isoweekday() > 5 or due in self.holidays:
            due += timedelta(days=1)
        if due.isoformat() != shown["rolled"]:
            raise Differs(f"due on {due}, not on {shown['rolled']}")

    def late(self, rule, shown, figures):
        due, sent = date.fromisoformat(shown["due"]), date.fromisoformat(shown["submitted_on"])
        between = [due + timedelta(days=number) for number in range(1, (sent - due).days + 1)]
        worked = [day for day in between if day.isoweekday() <= 5 and day not in self.holidays]
        same(shown["days"], Fraction(len(worked)), rule)

    def late_points(self, rule, shown, figures):
        self.goes_on_from(shown, figures, rule)
        points = same(shown["points"], figures.get("items", 1) * figures["days"] * figures["each"], rule)
        self.score = same(shown["result"], max(figures["score"] - points, Fraction(0)), rule)

    late_item_points = late_points

    def late_without_points(self, rule, shown, figures):
        same(shown["score"], self.score, rule)

    def set_by_assessor(self, rule, shown, figures):
        same(shown["calculated"], self.score, rule)
        self.score = figures["score"]

    judged_score = set_by_assessor

    # --- composites, weight
    def composite(self, rule, shown, figures):
        self.score = same(shown["score"], calculate(f"({shown['terms']}) ÷ {shown['weight']}"), rule)

    def composite_equal(self, rule, shown, figures):
        self.score = same(shown["score"], calculate(f"({shown['terms']}) ÷ {shown['count']}"), rule)

    def weighted_(self, rule, shown, figures):
        self.goes_on_from(shown, figures, rule)
        self.weighted = same(shown["weighted"], figures["weight"] * figures["score"] / 100, rule)


#: Figures of a step that are words, dates or sums written out.
WORDS = frozenset(
    (
        "expression filled terms class label missing part fault reason codes due rolled submitted_on cutoff grade "
        "sources source variable unit on"
    ).split()
)
SAYS_NOTHING_NEW = frozenset(
    (
        "class_chosen base_zero fault_not_counted submission_date_missing on_time before_cutoff late_items_assumed "
        "cancelled cancelled_with_parent none_in_force none_scored pilot open_criteria left_out weight_in_force "
        "weightless gathered_not_reported gathered_cancelled gathered_no_figures judged_done judged_not_done"
    ).split()
)


def redo(trace, *, holidays=frozenset()):
    """Return the figures that the displayed `trace` of one indicator leads to.

    :raises Differs: at the first step that cannot be followed.
    """
    found = Redone(holidays)
    for taken in trace:
        rule = "weighted_" if taken["rule"] == "weighted" else taken["rule"]
        found.take(rule, taken["values"])
    return found


#: What the figures of an agreement are worked out from, and where they are displayed.
WHOLE = {
    "total": ("total", "({terms}) ÷ {weight}"),
    "total_from_column": ("total", "{sum} × 100 ÷ {weight}"),
    "achievement": ("achievement", "{total} × 100 ÷ {highest}"),
    "competency": ("competency", "({terms}) ÷ {most} × 100"),
    "final": ("final", "({achievement} × {achievement_weight} + {competency} × {competency_weight}) ÷ 100"),
}


def redo_agreement(trace):
    """Return the figures that the displayed `trace` of an agreement leads to, by name."""
    found = {}
    for taken in trace:
        rule, shown = taken["rule"], taken["values"]
        if rule in WHOLE:
            name, written = WHOLE[rule]
            found[name] = same(shown[name], calculate(written.format(**shown)), rule)
        elif rule == "graded" and Fraction(shown["value"]) < Fraction(shown["from"]):
            raise Differs(f"{shown['value']} is below {shown['from']}")
    return found
