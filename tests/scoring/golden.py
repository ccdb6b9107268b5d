"""The cases of golden.jsonl: rows of the source documents at their edges and in between, with the expected digits.

.venv/bin/python -m tests.scoring.golden writes the file anew; whoever changes a digit sees it in the difference.
"""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path

from scoring import canonical, exact, read_indicator, read_result, score_indicator

FILE = Path(__file__).with_name("golden.jsonl")
FIVE = (1, 2, 3, 4, 5)

#: Source and indicator, unit, thresholds for 1–5; '-' is a gap.
ROWS = (
    ("S0-1", "แห่ง", (17, 34, 50, 67, 84)),
    ("S0-2", "ระดับ", (1, 2, 3, 4, 5)),
    ("S0-4", "ร้อยละ", (50, 60, 70, 80, 90)),
    ("S0-5", "ร้อยละ", ("2.5", 3, "3.5", 4, "4.5")),
    ("S0-6", "แห่ง", (77, 82, 87, 92, 97)),
    ("S0-7", "ร้อยละ", (65, "67.5", 70, "72.5", 75)),
    ("S0-8", "ร้อยละ", (60, 65, 70, 75, 80)),
    ("S0-10", "ร้อยละ", (65, 70, 75, 80, 85)),
    ("S0-16", "ร้อยละ", (60, 70, 80, 90, 100)),
    ("S1-1.2", "เดือน", (5, 4, 3, 2, 1)),
    ("S1-1.3", "ครั้ง", (4, 3, 2, 1, 0)),
    ("S1-2", "ร้อยละ", (45, 47, 49, 51, 53)),
    ("S1-9", "ร้อยละ", (50, 55, 60, 65, 70)),
    ("S3-2", "ร้อยละ", (1, 2, 3, 4, 5)),
    ("S3-4", "จำนวน", (2, 3, 4, 5, 6)),
    ("S3-6", "โครงการ", ("-", "-", "-", "-", 1)),
    ("S3-7", "ร้อยละ", (55, 65, 75, 85, 95)),
    ("S3-10", "รายการ", (7, 8, 9, 10, 11)),
    ("S3-11", "ร้อยละ", (2, 4, 6, 8, 10)),
    ("S3-17", "เรื่อง", (3, 4, 5, 6, 7)),
    ("S3-26", "ร้อยละ", (65, 70, 75, 80, 85)),
    ("S3-27", "ร้อยละ", (11, 12, 13, 14, 15)),
    ("2.1(1)", "ร้อยละ", (60, 70, 80, 90, 100)),
    ("2.1(5.1)", "ร้อยละ", (80, 85, 90, 95, 100)),
    ("2.1(5.2)", "ร้อยละ", (-10, "-", -5, "-", 0)),
    ("2.2(3)", "ร้อยละ", (65, 70, 75, 80, 85)),
    ("2.3(5)", "ร้อยละ", (75, 80, 85, 90, 95)),
    ("2.3(14)", "วันทำการ", (2, "-", "-", "-", 1)),
    ("2.3(18)", "ร้อยละ", (70, 75, 80, 85, 90)),
    ("2.3(21)", "วันทำการ", (3, "-", 2, "-", 1)),
)
#: Counts, of which nothing at all earns nothing.
COUNTS = ("S3-4", "S3-10", "S3-17")

RATIO = {"kind": "formula", "expression": "part / whole * 100", "variables": {"part": {}, "whole": {}}}
SAVING = {
    "kind": "formula",
    "expression": "((0.9 * standard - actual) / actual) * 100",
    "variables": {"standard": {}, "actual": {}},
}
S1_4_LATE = {"due": "2013-03-20", "per_working_day": "0.25", "cutoff": "2013-03-26"}
S1_6_LATE = {"due": "2013-03-10", "per_working_day": "0.25", "cutoff": "2013-03-20"}
S1_7_LATE = {"due": "2013-03-10", "per_working_day": "0.08", "cutoff": "2013-03-20", "items": 3}
BANDS = {
    "kind": "bands",
    "levels": {
        "1": {"up_to": 60, "label": "ต่ำกว่า 60"},
        "2": {"up_to": 70, "label": "61-70"},
        "3": {"up_to": 80, "label": "71-80"},
        "4": {"up_to": 90, "label": "81-90"},
        "5": {"up_to": 100, "label": "91-100"},
    },
}


def thresholds(values, **more):
    levels = {str(level): str(value) for level, value in zip(FIVE, values, strict=True) if value != "-"}
    return {"kind": "thresholds", "levels": levels, **more}


def steps(*levels):
    return [{"level": level, "title": f"ขั้นตอนที่ {level}"} for level in levels]


def parts(level, deduction, *codes):
    return {
        "level": level,
        "parts": [{"code": code, **({"deduction": deduction} if deduction else {})} for code in codes],
    }


S1_6 = {
    "kind": "milestones",
    "steps": [
        *steps(1),
        parts(2, "0.25", "2.1", "2.2", "2.3", "2.4"),
        parts(3, "0.25", "3.1", "3.2", "3.3", "3.4"),
        *steps(4, 5),
    ],
}
T8 = {"kind": "milestones", "steps": [*steps(1, 2, 3), parts(4, None, "4.1", "4.2"), parts(5, "0.25", "5.1", "5.2")]}
T31 = {
    "kind": "milestones",
    "steps": steps(1, 2, 3, 4, 5),
    "faults": [{"code": "data-errors", "title": "ข้อผิดพลาด", "points": "0.5", "at_step": 4, "most": 1}],
}
T37 = {
    "kind": "milestones",
    "steps": [
        *steps(1, 2),
        *(
            {"level": level, "parts": [{"code": f"{level}.1"}, {"code": f"{level}.2", "deduction": "0.5"}]}
            for level in (3, 4, 5)
        ),
    ],
}


def classes(*bounds_and_starts):
    return [
        {
            "code": chr(ord("A") + number),
            **({"up_to": bound} if bound else {}),
            "levels": {str(level): str(start + 5 * (level - 1)) for level in FIVE},
        }
        for number, (bound, start) in enumerate(bounds_and_starts)
    ]


S1_8_1 = {
    "kind": "classed",
    "base": {"label": "เรื่องค้าง"},
    "classes": classes((10, 80), (20, 70), (30, 60), (40, 50), (None, 40)),
}
S1_8_2 = {
    "kind": "classed",
    "base": {"variable": "whole"},
    "classes": classes((10, 80), (20, 70), (30, 60), (40, 50), (50, 45), (60, 40), (None, 35)),
}


def checklist(*points):
    items = [{"code": str(number), "title": f"ข้อ {number}", "points": each} for number, each in enumerate(points, 1)]
    late = {"code": "late-day", "title": "ล่าช้า", "points": 5}
    refused = {"code": "refused", "title": "ไม่อนุญาต", "points": 5, "items": ["2"]}
    return {"kind": "checklist", "items": items, "faults": [late, refused]}


# --- Cases -----------------------------------------------------------------------------------------------------------
def cases():
    """Yield (name, indicator, result) of every case."""
    for group in (
        of_rows,
        of_policies,
        of_formulas,
        of_bands,
        of_rubrics,
        of_milestones,
        of_classes,
        of_checklists,
        of_gathered,
    ):
        yield from group()
    yield from of_lateness()
    yield from of_statuses()


def of_rows():
    for source, unit, values in ROWS:
        below = {"below_level_1": "zero"} if source in COUNTS else {}
        given = [exact(str(value)) for value in values if value != "-"]
        step = abs(given[-1] - given[0]) / 4 if len(given) > 1 else exact("1")
        edges = [given[0] - step * (1 if given[-1] >= given[0] else -1), *given, given[-1] + step]
        inner = [lower + (upper - lower) * exact("0.37") for lower, upper in pairwise(given)]
        for value in dict.fromkeys([*edges, *inner]):
            yield source, {"unit": unit, "criteria": thresholds(values, **below)}, {"value": canonical(value)}


def of_policies():
    rising, falling = (50, 60, 70, 80, 90), (5, 4, 3, 2, 1)
    for policy in ("one", "zero", "from_origin"):
        for value in ("49.9999", "25", "0", "-5"):
            yield f"G4 {policy}", {"criteria": thresholds(rising, below_level_1=policy)}, {"value": value}
    for policy in ("one", "zero"):
        yield f"G4 {policy} falling", {"criteria": thresholds(falling, below_level_1=policy)}, {"value": "5.0001"}
    for between in ("interpolate", "step"):
        criteria = thresholds(rising, below_level_1="level_0", between=between)
        criteria["levels"]["0"] = "40"
        for value in ("39.99", "40", "45", "49.9999", "50", "69.99", "90"):
            yield f"G4 level_0, {between}", {"criteria": criteria}, {"value": value}


def of_formulas():
    for part, whole in ((1234567, 2500000), (1, 3), (2, 3), (999, 2000), (0, 7), (49, 100), (490001, 1000000)):
        yield "G1", {"measure": RATIO, "criteria": thresholds((45, 47, 49, 51, 53))}, variables(part=part, whole=whole)
    for part, whole in ((88, 98), (98, 98), (58, 98), (59, 98), (97, 98)):
        yield (
            "S1-4",
            {"measure": RATIO, "criteria": thresholds((60, 70, 80, 90, 100))},
            variables(part=part, whole=whole),
        )
    yield "S1-9", {"measure": RATIO, "criteria": thresholds((50, 55, 60, 65, 70))}, variables(part=63, whole=98)
    for actual in (85000, 90000, 81818, "81818.18", 95000, 70000):
        given = variables(standard=100000, actual=actual)
        yield "S3-11", {"measure": SAVING, "criteria": thresholds((2, 4, 6, 8, 10))}, given
    for values in ((1, 2, 1, 3), (1,), (3, 3, 3), (1, 1, 2), ("1.5", "2.25", 3)):
        given = {"values": [str(value) for value in values]}
        yield "2.3(21)", {"measure": {"kind": "mean"}, "criteria": thresholds((3, "-", 2, "-", 1))}, given


def of_gathered():
    """Yield what districts come to together: never the mean of their percentages, unless told to."""
    districts = (("เมือง", 10, 100, 5), ("บางละมุง", 45, 50, 10), ("ศรีราชา", 1, 3, "2.5"))
    ratio = [
        {"name": name, "variables": {"part": str(part), "whole": str(whole)}} for name, part, whole, _ in districts
    ]
    values = [
        {"name": name, "value": f"{100 * part}/{whole}", "weight": str(weight)}
        for name, part, whole, weight in districts
    ]
    absent = [{"name": "สัตหีบ", "left_out": "not_reported"}]
    criteria = thresholds((20, 40, 60, 80, 100))
    measured = {"measure": RATIO, "criteria": criteria, "from_below": {"how": "ratio"}}
    yield "gathered ratio", measured, {"from_below": ratio}
    yield "gathered ratio, one absent", measured, {"from_below": [*ratio, *absent]}
    for how in ("sum", "weighted_mean", "worst", "mean"):
        plain = [
            {key: value for key, value in one.items() if how == "weighted_mean" or key != "weight"} for one in values
        ]
        yield f"gathered {how}", {"criteria": criteria, "from_below": {"how": how}}, {"from_below": [*plain, *absent]}
    fewer = {"criteria": thresholds((5, 4, 3, 2, 1)), "from_below": {"how": "worst"}}
    yield "gathered worst, falling", fewer, {"from_below": [{"name": "ก", "value": "1"}, {"name": "ข", "value": "3.5"}]}


def variables(**given):
    return {"variables": {name: str(value) for name, value in given.items()}}


def of_bands():
    for value in ("0", "59.99", "60", "60.01", "60.5", "70", "70.5", "80", "80.0001", "90", "90.5", "100", "100.5"):
        yield "S1-1.1", {"criteria": BANDS}, {"value": value}


def of_rubrics():
    described = {"S1-3": (1, 3, 5), "S3-12": (5,), "S3-23.2": (1, 5), "S3-8": FIVE}
    for source, levels in described.items():
        criteria = {"kind": "rubric", "levels": {str(level): f"ระดับ {level}" for level in levels}}
        for level in (0, *levels):
            yield source, {"criteria": criteria}, {"level": level}


def of_milestones():
    five = {"kind": "milestones", "steps": steps(*FIVE)}
    odd = {"kind": "milestones", "steps": steps(1, 3, 5)}
    for done in ("", "1", "12", "124", "2345", "1235", "12345"):
        yield "S1-5", {"criteria": five}, {"done": list(done)}
    for done in ("", "1", "13", "15", "135"):
        yield "2.1(6)", {"criteria": odd}, {"done": list(done)}
    second, third = ["2.1", "2.2", "2.3", "2.4"], ["3.1", "3.2", "3.3", "3.4"]
    for missing in ((), ("2.4",), ("2.4", "3.2"), ("2.4", "3.2", "3.3"), (*second[1:], *third[1:]), ("4",), ("5",)):
        done = [code for code in ["1", *second, *third, "4", "5"] if code not in missing]
        yield "S1-6", {"criteria": S1_6}, {"done": done}
    for done in ("1 2 3 4.1 4.2 5.1", "1 2 3 4.1 4.2 5", "1 2 3 4.2 5.1 5.2", "1 2 3 4.1 4.2", "1 2 3 4.1 4.2 5.1 5.2"):
        yield "2.3(8)", {"criteria": T8}, {"done": done.split()}
    for done in ("12345", "1234", "123"):
        for times in (0, 1, 3):
            yield "2.3(31)", {"criteria": T31}, {"done": list(done), "faults": {"data-errors": times}}
    every = ["1", "2", "3.1", "3.2", "4.1", "4.2", "5.1", "5.2"]
    for missing in ((), ("3.2",), ("3.2", "5.2"), ("3.2", "4.2", "5.2"), ("4.1",), ("3.1",)):
        yield "2.3(37)", {"criteria": T37}, {"done": [code for code in every if code not in missing]}


def of_classes():
    for base, value in (
        (10, 90),
        (1, 80),
        (11, 80),
        (20, "83.5"),
        (30, 60),
        (31, 57),
        (41, 40),
        (500, "59.99"),
        (0, 0),
    ):
        yield "S1-8.1", {"criteria": S1_8_1}, {"base": base, "value": str(value)}
    for part, whole in ((20, 28), (30, 62), (28, 28), (9, 10), (8, 20), (25, 50), (29, 60), (1, 61), (0, 0)):
        yield "S1-8.2", {"measure": RATIO, "criteria": S1_8_2}, variables(part=part, whole=whole)


def of_checklists():
    first = {"1": {"late-day": 1}, "2": {"refused": 1}, "4": {"late-day": 2}}
    third = {"2": {"late-day": 2}, "3": {"late-day": 1}, "4": {"late-day": 4}}
    for occurrences in ([first], [first, {}], [first, {}, third], [{}], [third], [third, third, first]):
        subject = {"measure": checklist(30, 30, 25, 15), "criteria": thresholds((80, 85, 90, 95, 100))}
        yield "2.3(34)", subject, {"occurrences": occurrences}
    sixty = {"2": {"late-day": 7}, "3": {"late-day": 1}}
    for occurrences in ([sixty], [sixty, {}, {"1": {"late-day": 1}}], [{}, {}]):
        subject = {"measure": checklist(10, 35, 30, 25), "criteria": thresholds((80, 85, 90, 95, 100))}
        yield "2.3(47)", subject, {"occurrences": occurrences}


def of_lateness():
    hundred = thresholds((60, 70, 80, 90, 100))
    for day in (15, 20, 21, 22, 23, 25, 26, 27):
        given = variables(part=88, whole=98) | {"submitted_on": f"2013-03-{day}"}
        yield "S1-4", {"measure": RATIO, "criteria": hundred, "lateness": S1_4_LATE}, given
    yield "S1-4", {"measure": RATIO, "criteria": hundred, "lateness": S1_4_LATE}, variables(part=88, whole=98)
    done = ["1", "2.1", "2.2", "2.3", "3.1", "3.4", "4", "5"]
    for day in (10, 11, 12, 14, 15, 18, 20, 21):
        yield "S1-6", {"criteria": S1_6, "lateness": S1_6_LATE}, {"done": done, "submitted_on": f"2013-03-{day}"}
    five = {"kind": "milestones", "steps": steps(*FIVE)}
    for items, day in ((3, 12), (3, 15), (2, 14), (0, 15), (3, 11), (1, 20), (3, 21), (None, 12)):
        given = {"done": list("12345"), "submitted_on": f"2013-03-{day}"}
        given |= {} if items is None else {"late_items": items}
        yield "S1-7", {"criteria": five, "lateness": S1_7_LATE}, given
    rubric = {"kind": "rubric", "levels": {"1": "x", "3": "y", "5": "z"}}
    for day in (11, 15, 16):
        given = {"level": 5, "submitted_on": f"2013-03-{day}"}
        yield "S1-3", {"criteria": rubric, "lateness": {"cutoff": "2013-03-15"}}, given
    for day in (20, 21):
        given = {"base": 10, "value": "90", "submitted_on": f"2013-03-{day}"}
        lateness = {"due": "2013-03-20", "cutoff": "2013-03-20"}
        yield "S1-8.1", {"criteria": S1_8_1, "lateness": lateness}, given
    # Over Songkran: 13, 15 and 16 April are no working days, 13 is a Saturday besides.
    for day in ("04-12", "04-15", "04-17", "04-19", "04-26"):
        lateness = {"due": "2013-04-12", "per_working_day": "0.1"}
        yield "Songkran", {"criteria": hundred, "lateness": lateness}, {"value": "100", "submitted_on": f"2013-{day}"}


def of_statuses():
    five = thresholds((1, 2, 3, 4, 5))
    yield "G5", {"criteria": five}, {}
    yield "G5", {"criteria": five}, {"not_reported": True}
    yield "G6", {"criteria": five}, {"cancelled": "ไม่มีเรื่อง"}
    yield "G10", {"criteria": five, "scored": False}, {"value": "3.21"}
    yield "G10", {"criteria": {"kind": "open"}}, {"value": "3.21"}
    yield "typed", {"measure": RATIO, "criteria": five}, {"value": "3.21"}


# --- The file --------------------------------------------------------------------------------------------------------
HOLIDAYS = frozenset({date(2013, 4, 13), date(2013, 4, 15), date(2013, 4, 16)})


def scored(document, result):
    """Return what is expected of a case: status, digits and rules."""
    subject = read_indicator({"code": "1", "title": "ตัวชี้วัด", "weight": 10, **document})
    found = score_indicator(subject, {"1": read_result(result, subject)}, holidays=HOLIDAYS).as_document()
    rules = [taken["rule"] for taken in found["trace"]]
    return {key: found[key] for key in ("status", "value", "score", "weighted")} | {"rules": rules}


def lines():
    """Return the file's lines as they have to be."""
    return [
        json.dumps(
            {"source": source, "indicator": document, "result": result, "expected": scored(document, result)},
            ensure_ascii=False,
        )
        for source, document, result in cases()
    ]


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", encoding="utf-8", newline="\n")
