"""Which fields and tables of a KPI template belong to which kind of criteria and of measure."""

from __future__ import annotations

from collections.abc import Sequence

BELOW_THE_LEVELS = ["between", "below_level_1"]
#: Names with {} stand once for each level.
CRITERIA = {
    "even": ["even_start", "even_step", *BELOW_THE_LEVELS],
    "thresholds": ["level_{}", *BELOW_THE_LEVELS],
    "bands": ["up_to_{}", "band_{}"],
    "rubric": ["text_0", "text_{}"],
    "milestones": ["text_{}", "faults_open", "parts", "penalties"],
    "classed": ["base_label", "base_unit", "base_variable", "classes", *BELOW_THE_LEVELS],
}
MEASURES = {"formula": ["expression", "variables"], "checklist": ["items", "item_faults"]}
BELOW = {"level_0": ["level_0"]}


def not_asked(levels: Sequence[int], *, kind: str, measure: str, below: str) -> set[str]:
    """Return the fields and tables that only other kinds have; `level_0` goes with a way below the lowest level."""
    shown = {*CRITERIA.get(kind, []), *MEASURES.get(measure, [])}
    if "below_level_1" in shown:
        shown |= set(BELOW.get(below, []))
    every = {name for one in (CRITERIA, MEASURES, BELOW) for names in one.values() for name in names}
    return {name.format(level) for name in every - shown for level in levels}
