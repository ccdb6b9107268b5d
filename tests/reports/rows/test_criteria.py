"""Criteria as cells of ปผ.2 and as tables of the KPI sheet."""

import pytest

from reports.rows.criteria import LevelCells, criteria_table, even_step, level_cells

LONG = "ดำเนินการได้แล้วเสร็จครบถ้วนทุกกิจกรรมตามแผน"


@pytest.mark.parametrize(
    ("criteria", "cells"),
    [
        ({"kind": "thresholds", "levels": {"1": "45", "2": "47", "3": "49", "4": "51", "5": "53"}}, "45 47 49 51 53"),
        ({"kind": "thresholds", "levels": {"1": "3", "3": "2", "5": "1"}}, "3 - 2 - 1"),
        (
            {"kind": "bands", "levels": {"1": {"up_to": "60", "label": "ต่ำกว่า60"}, "2": {"up_to": "70"}}},
            "ต่ำกว่า60 ไม่เกิน_70 - - -",
        ),
        ({"kind": "rubric", "levels": {"5": "มี"}}, "- - - - มี"),
        ({"kind": "rubric", "levels": {"1": LONG * 3, "3": LONG * 3, "5": LONG * 3}}, "ระดับ_1 - ระดับ_3 - ระดับ_5"),
        ({"kind": "milestones", "steps": [{"level": 1}, {"level": 3}]}, "ขั้นตอนที่_1 - ขั้นตอนที่_3 - -"),
        ({"kind": "open"}, "… … … … …"),
        ({"kind": "open", "labels": {"5": "ครบ"}}, "… … … … ครบ"),
    ],
)
def test_each_level_has_a_cell(criteria, cells):
    expected = tuple(cell.replace("_", " ") for cell in cells.split())

    assert level_cells({"criteria": criteria}) == LevelCells(cells=expected)


def test_short_sentences_stand_across_the_cells():
    criteria = {"kind": "rubric", "levels": {"1": LONG, "5": "ครบ"}}

    assert level_cells({"criteria": criteria}) == LevelCells(across=f"1 = {LONG}; 5 = ครบ")


def test_composite_has_a_dash_in_each_cell():
    assert level_cells({}) == LevelCells(cells=("-",) * 5)


def test_classes_stand_in_rows_of_their_own():
    classes = [{"code": "A", "up_to": "10", "label": "1-10 เรื่อง", "levels": {"1": "80", "5": "100"}}]

    found = level_cells({"criteria": {"kind": "classed", "classes": classes}})

    assert [(row.code, row.label, row.cells) for row in found.classes] == [
        ("A", "1-10 เรื่อง", ("80", "-", "-", "-", "100"))
    ]


@pytest.mark.parametrize(
    ("figures", "step"),
    [
        (["45", "47", "49", "51", "53"], "2"),
        (["5", "4", "3", "2", "1"], "1"),
        (["2.5", "3", "3.5", "4", "4.5"], "0.5"),
        (["17", "34", "50", "67", "84"], ""),
        (["3", None, "2", None, "1"], ""),
    ],
)
def test_even_step_is_named(figures, step):
    assert even_step(figures) == step


def test_milestones_are_ticked_up_to_their_level():
    steps = [{"level": level, "title": str(level)} for level in (1, 3, 5)]

    table = criteria_table({"criteria": {"kind": "milestones", "steps": steps}})

    assert table.triangle == (
        ("1", (True, False, False)),
        ("3", (True, True, False)),
        ("5", (True, True, True)),
    )


def test_parts_say_what_they_cost():
    parts = [{"code": "2.1", "title": "ด้านแผน", "deduction": "0.25"}, {"code": "2.2", "title": "ด้านคลัง"}]

    table = criteria_table({"criteria": {"kind": "milestones", "steps": [{"level": 2, "parts": parts}]}})

    assert table.steps[0].lines == ("2.1 ด้านแผน (ไม่ดำเนินการ หัก 0.25 คะแนน)", "2.2 ด้านคลัง")
