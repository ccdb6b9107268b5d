"""Hypothesis strategies: indicators of every kind as files write them, each with a result that fits it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

DAY_ONE = date(2013, 3, 1)

days = st.integers(0, 45).map(lambda number: DAY_ONE + timedelta(days=number))
holidays = st.frozensets(days, max_size=8)


def written(number, places):
    """Return a whole number of the smallest decimals as a decimal."""
    return f"{Decimal(number).scaleb(-places):f}"


def decimals(least=-1000, most=1000):
    """Decimal numbers as text, sometimes with many decimals."""
    return st.one_of(
        st.integers(least, most).map(str),
        st.integers(least * 10**3, most * 10**3).map(lambda number: written(number, 3)),
        st.integers(least * 10**11, most * 10**11).map(lambda number: written(number, 11)),
    )


amounts = decimals(0)
points = st.sampled_from(["0.05", "0.08", "0.25", "0.5", "1", "2.5"])
#: Distances between levels; small ones magnify what a trace rounds off.
distances = st.sampled_from(["0.0001", "0.02", "0.5", "1", "2.5", "5", "10", "1234.5"]).map(Decimal)


@st.composite
def rising(draw, size, start=None):
    """`size` rising decimals as text."""
    at = Decimal(written(draw(st.integers(-20000, 20000)), 2)) if start is None else Decimal(start)
    found = [at]
    for _ in range(size - 1):
        found.append(found[-1] + draw(distances))
    return [f"{one:f}" for one in found]


@st.composite
def level_thresholds(draw, policy):
    """A mapping from levels to thresholds that `policy` allows."""
    levels = sorted(draw(st.sets(st.sampled_from([1, 2, 3, 4, 5]), min_size=2)))
    if policy == "level_0":
        levels = [0, *levels]
    found = draw(rising(len(levels), start="0.4" if policy == "from_origin" else None))
    if policy != "from_origin" and draw(st.booleans()):
        found = found[::-1]
    return dict(zip(levels, found, strict=True))


policies = st.sampled_from(["one", "zero", "level_0", "from_origin"])
betweens = st.sampled_from(["interpolate", "interpolate", "step"])


@st.composite
def thresholds(draw):
    policy = draw(policies)
    levels = (
        draw(st.one_of(level_thresholds(policy), decimals().map(lambda one: {5: one}))) if policy == "one" else None
    )
    levels = levels or draw(level_thresholds(policy))
    return {"kind": "thresholds", "levels": levels, "between": draw(betweens), "below_level_1": policy}


@st.composite
def bands(draw):
    levels = sorted(draw(st.sets(st.sampled_from([1, 2, 3, 4, 5]), min_size=2)))
    bounds = draw(rising(len(levels)))
    made = {level: {"up_to": bound, "label": f"ช่วง {level}"} for level, bound in zip(levels, bounds, strict=True)}
    if draw(st.booleans()):
        del made[levels[-1]]["up_to"]
    return {"kind": "bands", "levels": made}


@st.composite
def rubric(draw):
    levels = draw(st.sets(st.sampled_from([1, 2, 3, 4, 5]), min_size=1))
    return {"kind": "rubric", "levels": {level: f"ระดับ {level}" for level in sorted(levels)}}


@st.composite
def milestones(draw):
    levels = sorted(draw(st.sets(st.sampled_from([1, 2, 3, 4, 5]), min_size=1)))
    steps = [draw(step_of(level)) for level in levels]
    faults = [
        {"code": f"f{number}", "title": "ผิด", "points": draw(points), **draw(limits(levels))}
        for number in range(draw(st.integers(0, 2)))
    ]
    return {"kind": "milestones", "steps": steps, "faults": faults, "faults_open": draw(st.booleans())}


@st.composite
def step_of(draw, level):
    if draw(st.booleans()):
        return {"level": level, "title": f"ขั้น {level}", **draw(st.sampled_from([{}, {"judged_by": "กรม"}]))}
    parts = [
        {"code": f"{level}.{number}", **draw(st.one_of(st.just({}), points.map(lambda one: {"deduction": one})))}
        for number in range(1, draw(st.integers(2, 4)))
    ]
    return {"level": level, "parts": parts}


@st.composite
def limits(draw, levels):
    found = {}
    if draw(st.booleans()):
        found["at_step"] = draw(st.sampled_from(levels))
    if draw(st.booleans()):
        found["most"] = draw(st.integers(1, 3))
    return found


@st.composite
def classed(draw, base):
    policy = draw(policies)
    bounds = ["10", "20", None][-draw(st.integers(1, 3)) :]
    classes = [
        {"code": f"C{number}", **({"up_to": bound} if bound else {}), "levels": draw(level_thresholds(policy))}
        for number, bound in enumerate(bounds)
    ]
    return {"kind": "classed", "base": base, "classes": classes, "between": draw(betweens), "below_level_1": policy}


opened = st.just({"kind": "open", "labels": {5: "…"}})

any_criteria = st.one_of(thresholds(), bands(), rubric(), milestones(), classed({"label": "ฐาน"}), opened)


# --- Measures --------------------------------------------------------------------------------------------------------
EXPRESSIONS = (
    "part / whole * 100",
    "(0.9 * whole - part) / whole * 100",
    "min(part, whole) - max(0.5, -part)",
    "part + whole",
)


@st.composite
def formula_and_inputs(draw):
    names = ("part", "whole")
    measure = {"kind": "formula", "expression": draw(st.sampled_from(EXPRESSIONS)), "variables": dict.fromkeys(names)}
    whole = draw(decimals(1, 1000))
    return measure, {"variables": {"part": draw(decimals()), "whole": whole}}


@st.composite
def checklist_and_inputs(draw):
    items = [
        {"code": str(number), "title": "ข้อ", "points": draw(points)} for number in range(1, draw(st.integers(2, 5)))
    ]
    faults = [{"code": "late", "title": "ช้า", "points": draw(points)}]
    codes = [item["code"] for item in items]
    one = st.dictionaries(st.sampled_from(codes), st.fixed_dictionaries({"late": st.integers(0, 3)}))
    measure = {"kind": "checklist", "items": items, "faults": faults}
    return measure, {"occurrences": draw(st.lists(one, min_size=1, max_size=4))}


measures = st.one_of(
    decimals().map(lambda value: ({"kind": "direct"}, {"value": value})),
    formula_and_inputs(),
    st.lists(decimals(), min_size=1, max_size=4).map(lambda values: ({"kind": "mean"}, {"values": values})),
    checklist_and_inputs(),
)


# --- Whole indicators ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """One indicator's document with a result that fits it."""

    document: dict
    result: dict


@st.composite
def scored_leaf(draw, code="1", weight="10"):
    """An indicator of any scored kind, perhaps with lateness, and what was reported of it."""
    criteria, measure, result = draw(criteria_and_result())
    document = {"code": code, "title": "ตัวชี้วัด", "weight": weight, "criteria": criteria}
    if measure is not None:
        document["measure"] = measure
    if draw(st.booleans()):
        document["lateness"] = draw(lateness())
        if draw(st.booleans()):
            result = {**result, "submitted_on": draw(days)}
        if "items" in document["lateness"] and draw(st.booleans()):
            result = {**result, "late_items": draw(st.integers(0, document["lateness"]["items"]))}
    return Case(document, result)


@st.composite
def criteria_and_result(draw):
    kind = draw(st.sampled_from(["thresholds", "bands", "rubric", "milestones", "classed"]))
    if kind == "rubric":
        criteria = draw(rubric())
        return criteria, None, {"level": draw(st.sampled_from([0, *criteria["levels"]]))}
    if kind == "milestones":
        criteria = draw(milestones())
        return criteria, None, draw(milestones_result(criteria))
    measure, result = draw(measures)
    if kind == "classed":
        return draw(classed({"label": "ฐาน"})), measure, {**result, "base": draw(st.integers(0, 40))}
    return draw(thresholds() if kind == "thresholds" else bands()), measure, result


@st.composite
def milestones_result(draw, criteria):
    codes = [code for step in criteria["steps"] for code in (str(step["level"]), *_parts_of(step))]
    # Where little is missing, steps are reached and parts cost points.
    missing = draw(st.one_of(st.sets(st.sampled_from(codes), max_size=2), st.sets(st.sampled_from(codes))))
    done = [code for code in codes if code not in missing]
    faults = {fault["code"]: draw(st.integers(0, 4)) for fault in criteria["faults"]}
    return {"done": done, "faults": faults}


def _parts_of(step):
    return [part["code"] for part in step.get("parts", [])]


@st.composite
def lateness(draw):
    found = {"due": draw(days)}
    if draw(st.booleans()):
        found["cutoff"] = found["due"] + timedelta(days=draw(st.integers(0, 20)))
    if draw(st.booleans()):
        found["per_working_day"] = draw(points)
        if draw(st.booleans()):
            found["items"] = draw(st.integers(1, 4))
    return found


cancelled = st.just({"cancelled": "ไม่มีเรื่อง"})
not_reported = st.just({})


@st.composite
def agreement(draw):
    """Documents and results of some indicators, composites among them; what counts weighs something."""
    documents, results = [], {}
    for number in range(1, draw(st.integers(2, 4))):
        code = str(number)
        if draw(st.integers(0, 3)) == 0:
            children = [draw(scored_leaf(f"{code}.{child}", weight)) for child, weight in enumerate(("2.5", "7.5"), 1)]
            documents.append(
                {"code": code, "title": "รวม", "weight": "10", "children": [one.document for one in children]}
            )
        else:
            children = [draw(scored_leaf(code, draw(st.sampled_from(["1", "5", "12.5", "1.67"]))))]
            documents.append(children[0].document)
        for one in children:
            results[one.document["code"]] = draw(st.one_of(st.just(one.result), cancelled, not_reported))
    return documents, results
