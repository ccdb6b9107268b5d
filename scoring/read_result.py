"""Reads what was reported of an indicator (framework-format, Results)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from scoring.classed import Classed
from scoring.criteria import Criteria
from scoring.document import (
    Node,
    given,
    listed,
    open_list,
    open_node,
    read_amount,
    read_number,
    read_text,
    read_whole,
)
from scoring.faults import Faults, Refused, join
from scoring.from_below import gather, read_sources
from scoring.indicator import Indicator
from scoring.judged import read_judged
from scoring.measures import ByFormula, Checklist, measured
from scoring.milestones import Milestones
from scoring.numbers import canonical, half_up
from scoring.results import NOT_REPORTED, Occurrence, Result, SetScore
from scoring.rubric import Rubric

INPUTS = ("value", "variables", "values", "occurrences", "level", "done", "from_below")
RESULT_KEYS = (*INPUTS, "faults", "base", "submitted_on", "late_items", "cancelled", "not_reported", "judged")
SCORE_PLACES_ALLOWED = 2


def inputs_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the keys a result of `indicator` may report it with; any one of them will do."""
    if indicator.criteria is None:
        return ()
    if isinstance(indicator.criteria, Rubric):
        return ("level",)
    if isinstance(indicator.criteria, Milestones):
        return ("done",)
    further = ("from_below",) if indicator.from_below else ()
    return tuple(dict.fromkeys((indicator.measure.input, "value", *further)))


def read_result(document: Mapping[str, object] | None, indicator: Indicator, *, place: str = "") -> Result:
    """Return the result of `indicator` that `document` reports; nothing in it means not reported.

    :raises Refused: with everything that is wrong with it.
    """
    faults = Faults()
    node = open_node({} if document is None else document, place, faults, RESULT_KEYS)
    result = _read(node, indicator) if node is not None else NOT_REPORTED
    faults.raise_any()
    _check_measurable(result, indicator, place)
    return result


def _read(node: Node, indicator: Indicator) -> Result:
    result = _read_own(node, indicator)
    judged = read_judged(node, indicator.criteria)
    for number, one in enumerate(judged):
        if one.score is not None:
            _note_score(one.score, indicator, join(node.at("judged"), number), node.faults)
    return replace(result, judged=judged) if judged else result


def _note_score(score: Fraction, indicator: Indicator, place: str, faults: Faults) -> None:
    faults.build("", lambda: read_set_score(score, indicator, reason=place, place=join(place, "score")))


def _read_own(node: Node, indicator: Indicator) -> Result:
    given_keys = [key for key in RESULT_KEYS if key != "judged" and node.has(key)]
    if node.flag("not_reported"):
        if set(given_keys) - {"not_reported", "submitted_on"}:
            node.faults.add("not_reported_with_result", node.at("not_reported"))
        return NOT_REPORTED
    given_keys = [key for key in given_keys if key != "not_reported"]
    if node.has("cancelled"):
        return _cancelled(node, given_keys)
    if indicator.is_composite:
        return _composite(node, given_keys)
    return _reported(node, indicator, given_keys) if given_keys else NOT_REPORTED


def _cancelled(node: Node, given_keys: Sequence[str]) -> Result:
    if set(given_keys) - {"cancelled", "submitted_on"}:
        node.faults.add("cancelled_with_result", node.at("cancelled"))
    reason = read_text(node.content["cancelled"], node.at("cancelled"), node.faults)
    return Result(cancelled=reason, submitted_on=node.day("submitted_on"))


def _composite(node: Node, given_keys: Sequence[str]) -> Result:
    if set(given_keys) - {"submitted_on"}:
        node.faults.add("composite_result", node.place)
    return Result(submitted_on=node.day("submitted_on"))


def _reported(node: Node, indicator: Indicator, given_keys: Sequence[str]) -> Result:
    base = _base(node, indicator)
    _check_inputs(node, indicator, given_keys, base)
    if "from_below" in given_keys and indicator.from_below:
        return _gathered(node, indicator, base)
    return Result(
        value=node.number("value"),
        variables=_variables(node, indicator),
        values=_values(node),
        occurrences=_occurrences(node, indicator),
        level=_level(node, indicator.criteria),
        done=_done(node, indicator.criteria),
        faults=_faults(node, indicator.criteria),
        base=base,
        submitted_on=node.day("submitted_on"),
        late_items=_late_items(node, indicator),
    )


def _gathered(node: Node, indicator: Indicator, base: Fraction | None) -> Result:
    before = len(node.faults)
    sources = read_sources(node, indicator.from_below, indicator.measure)
    if len(node.faults) > before:
        return NOT_REPORTED
    found = node.faults.build(
        node.place,
        lambda: gather(indicator.from_below, sources, measure=indicator.measure, criteria=indicator.criteria),
    )
    if found is None:
        return NOT_REPORTED
    return Result(
        value=found.value,
        variables=found.variables,
        gathered=found.steps,
        base=base,
        submitted_on=node.day("submitted_on"),
        late_items=_late_items(node, indicator),
    )


def _check_inputs(node: Node, indicator: Indicator, given_keys: Sequence[str], base: Fraction | None) -> None:
    allowed = inputs_of(indicator)
    used = [key for key in INPUTS if key in given_keys]
    for key in used:
        if key not in allowed:
            node.faults.add("input_not_used", node.at(key), allowed=listed(allowed))
    if len(used) > 1 and all(key in allowed for key in used):
        node.faults.add("several_inputs", node.place, given=listed(used))
    if not used and not (isinstance(indicator.criteria, Classed) and base == 0):
        node.faults.add("nothing_reported", node.place, allowed=listed(allowed))


def _base(node: Node, indicator: Indicator) -> Fraction | None:
    base = node.amount("base")
    if not isinstance(indicator.criteria, Classed):
        if node.has("base"):
            node.faults.add("base_not_used", node.at("base"))
        return None
    return base


def _variables(node: Node, indicator: Indicator) -> tuple[tuple[str, Fraction], ...] | None:
    names = indicator.measure.formula.names if isinstance(indicator.measure, ByFormula) else ()
    inner = node.node("variables")
    if inner is None or not names:
        return None
    for name in inner.content:
        if name not in names:
            node.faults.add("unknown_variable", inner.at(str(name)), given=given(name), allowed=listed(names))
    read = []
    for name in names:
        number = inner.number(name)
        if not inner.has(name):
            inner.miss(name)
        if number is not None:
            read.append((name, number))
    return tuple(read)


def _values(node: Node) -> tuple[Fraction, ...] | None:
    if not node.has("values"):
        return None
    read = [read_number(value, place, node.faults) for place, value in node.items("values")]
    return tuple(number for number in read if number is not None)


def _occurrences(node: Node, indicator: Indicator) -> tuple[Occurrence, ...] | None:
    checklist = indicator.measure
    if not node.has("occurrences") or not isinstance(checklist, Checklist):
        return None
    return tuple(_occurrence(value, place, checklist, node.faults) for place, value in node.items("occurrences"))


def _occurrence(value: object, place: str, checklist: Checklist, faults: Faults) -> Occurrence:
    inner = open_node({} if value is None else value, place, faults)
    items = [item.code for item in checklist.items]
    read = []
    for code in _codes(inner) if inner is not None else ():
        if code not in items:
            faults.add("unknown_item", join(place, str(code)), given=given(code), allowed=listed(items))
        elif inner is not None:
            read.append((code, _counts(inner, code, checklist.faults_of(code))))
    return tuple(sorted(read))


def _codes(node: Node) -> list[str]:
    """Return the keys of `node`; an unquoted 1 in a file is a number, not a code."""
    keys: list[object] = list(node.content)
    for key in keys:
        if not isinstance(key, str):
            node.faults.add("code_not_text", node.at(str(key)), given=given(key))
    return [key for key in keys if isinstance(key, str)]


def _counts(node: Node, key: str, known: Sequence[str]) -> tuple[tuple[str, int], ...]:
    inner = node.node(key)
    read = []
    for code in _codes(inner) if inner is not None else ():
        place = join(node.at(key), code)
        times = read_whole(inner.content[code], place, node.faults) if inner is not None else None
        if code not in known:
            node.faults.add("unknown_fault", place, given=given(code), allowed=listed(known))
        elif times is not None:
            read.append((code, times))
    return tuple(sorted(read))


def _level(node: Node, criteria: Criteria | None) -> int | None:
    if not isinstance(criteria, Rubric) or not node.has("level"):
        return None
    number = read_number(node.content["level"], node.at("level"), node.faults)
    if number is not None and number not in criteria.choices:
        shown = canonical(number)
        node.faults.add("level_not_described", node.at("level"), given=shown, allowed=listed(criteria.choices))
    return None if number is None else int(number)


def _done(node: Node, criteria: Criteria | None) -> frozenset[str] | None:
    if not isinstance(criteria, Milestones) or not node.has("done"):
        return None
    done = set()
    for place, value in open_list(node.content["done"], node.at("done"), node.faults):
        code = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(code, str):
            node.faults.add("code_not_text", place, given=given(value))
        elif code not in criteria.codes:
            node.faults.add("unknown_step", place, given=given(code), allowed=listed(criteria.codes))
        elif code in done:
            node.faults.add("duplicate", place, given=code)
        else:
            done.add(code)
    return frozenset(done)


def _faults(node: Node, criteria: Criteria | None) -> tuple[tuple[str, int], ...]:
    if not node.has("faults"):
        return ()
    if not isinstance(criteria, Milestones):
        node.faults.add("input_not_used", node.at("faults"), allowed="–")
        return ()
    return _counts(node, "faults", [penalty.code for penalty in criteria.faults])


def _late_items(node: Node, indicator: Indicator) -> int | None:
    count = node.whole("late_items")
    limit = indicator.lateness.items if indicator.lateness is not None else None
    if count is not None and limit is None:
        node.faults.add("late_items_not_used", node.at("late_items"))
    elif count is not None and limit is not None and count > limit:
        node.faults.add("above", node.at("late_items"), given=count, limit=limit)
    return count


def base_of(result: Result, indicator: Indicator) -> Fraction | None:
    """Return the base number of a classed indicator: reported as such, or the variable that the criteria name."""
    if not isinstance(indicator.criteria, Classed) or result.base is not None:
        return result.base
    return dict(result.variables or ()).get(indicator.criteria.base_variable)


def _check_measurable(result: Result, indicator: Indicator, place: str) -> None:
    """Refuse a base without class and a measure without base.

    :raises Refused: with the fault; a base of exactly 0 is none, it cancels the indicator (scoring-rules G6).
    """
    faults = Faults()
    if isinstance(indicator.criteria, Classed) and result.is_reported:
        base = base_of(result, indicator)
        _check_base(base, indicator.criteria, place, faults)
        named = dict(result.variables or ()).get(indicator.criteria.base_variable)
        if named is not None and named != base:
            other = f"variables.{indicator.criteria.base_variable}"
            faults.add("several_inputs", place, given=listed(("base", other)))
        if base == 0:
            faults.raise_any()
            return
    faults.build(place, lambda: measured(indicator.measure, result))
    faults.raise_any()


def _check_base(base: Fraction | None, criteria: Classed, place: str, faults: Faults) -> None:
    key = "base" if not criteria.base_variable else f"variables.{criteria.base_variable}"
    if base is None:
        faults.add("missing", join(place, "base"))
    elif base < 0:
        faults.add("negative", join(place, key), given=canonical(base))
    elif criteria.limit is not None and base > criteria.limit:
        limit = canonical(criteria.limit)
        faults.add("base_beyond_classes", join(place, key), given=canonical(base), limit=limit)


def read_set_score(document: object, indicator: Indicator, *, reason: str, place: str = "") -> SetScore:
    """Return the score that an assessor sets for `indicator`: 0 to the highest level, at most 2 places.

    :raises Refused: with everything that is wrong, a missing reason included.
    """
    faults = Faults()
    score = read_amount(document, place, faults)
    if score is not None:
        _check_set_score(score, indicator, place, faults)
    read_text(reason, join(place, "reason"), faults)
    faults.raise_any()
    return SetScore(score=score or Fraction(0), reason=reason)


def _check_set_score(score: Fraction, indicator: Indicator, place: str, faults: Faults) -> None:
    shown = canonical(score)
    criteria = indicator.criteria
    if criteria is None or not indicator.counts:
        faults.add("score_not_settable", place)
    elif isinstance(criteria, Rubric) and score not in criteria.choices:
        faults.add("level_not_described", place, given=shown, allowed=listed(criteria.choices))
    elif score > indicator.scale.highest:
        faults.add("above", place, given=shown, limit=indicator.scale.highest)
    elif score != half_up(score, SCORE_PLACES_ALLOWED):
        faults.add("score_too_precise", place, given=shown)


def read_results(
    document: Mapping[str, object] | None, indicators: Sequence[Indicator], *, place: str = "results"
) -> dict[str, Result]:
    """Return the results by indicator code; every fault of every result is found.

    :raises Refused: with everything that is wrong, codes that no indicator has included.
    """
    faults = Faults()
    node = open_node({} if document is None else document, place, faults)
    known = {indicator.code: indicator for top in indicators for indicator in top.flatten()}
    results: dict[str, Result] = {}
    # An unquoted 1.1 in a file is a number, not a code.
    entries: dict[object, object] = dict(node.content.items()) if node is not None else {}
    for code, value in entries.items():
        at = join(place, str(code))
        if not isinstance(code, str):
            faults.add("code_not_text", at, given=given(code))
        elif code not in known:
            faults.add("unknown_indicator", at, given=given(code), allowed=listed(known))
        elif value is not None and not isinstance(value, Mapping):
            faults.add("not_a_mapping", at)
        else:
            try:
                results[code] = read_result(value, known[code], place=at)
            except Refused as refused:
                for found in refused.faults:
                    faults.add(found.code, found.place, **found.values())
    faults.raise_any()
    return results
