from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.services import blanks

PERMIT = {
    "code": "…",
    "title": "ร้อยละของการออกใบอนุญาต (งาน…) ที่เสร็จทันเวลา",
    "description": "การออกใบอนุญาต (งาน…) ที่เสร็จภายใน ....... วัน\nนับจากวันที่ …",
    "formula_text": "(X1 + X2 + … + Xn) ÷ n",
    "note": "ใช้ได้กับงานอื่น …",
}
STEPS = {
    "title": "ระดับความสำเร็จ",
    "criteria": {
        "kind": "milestones",
        "steps": [
            {"level": 1, "parts": [{"code": "1.1", "title": "เสนอแผนภายใน …"}, {"code": "1.2", "title": "แจ้งภายใน …"}]},
            {"level": 3, "title": "สรุปผลภายใน … วัน"},
        ],
    },
    "evidence": ["แผน", "คำสั่งที่ ___"],
}
OPEN = {
    "title": "จำนวนหมู่บ้าน",
    "criteria": {"kind": "open", "labels": {"1": "ได้ … แห่ง", "5": "ได้ … แห่ง", "3": "ตามเป้า"}},
}


def asked(source):
    return [(one.label, one.excerpt) for one in blanks.blanks_of(source)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ภายใน …", True), ("ภายใน ...", True), ("ภายใน ........ วัน", True), ("ชื่อ ____", True),
        ("X1 + X2 + … + Xn", False), ("(X1, X2, … Xn)", False), ("เรื่อง … nn", True),
        ("ก.พ. 2556", False), ("ข้อ 1..", False), ("", False),
    ],
)  # fmt: skip
def test_dots_and_lines_are_blanks_and_the_middle_of_a_sum_is_none(text, expected):
    assert blanks.has_blank(text) is expected


def test_the_same_word_left_out_of_several_texts_is_asked_for_once():
    assert asked(PERMIT) == [
        ("ตัวชี้วัด", "ร้อยละของการออกใบอนุญาต (งาน____) ที่เสร็จทันเวลา"),
        ("คำอธิบาย", "การออกใบอนุญาต (งาน…) ที่เสร็จภายใน ____ วัน"),
        ("คำอธิบาย", "นับจากวันที่ ____"),
    ]


def test_blanks_of_steps_are_asked_for_one_by_one():
    assert [excerpt for _label, excerpt in asked(STEPS)] == [
        "เสนอแผนภายใน ____", "แจ้งภายใน ____", "สรุปผลภายใน ____ วัน", "คำสั่งที่ ____",
    ]  # fmt: skip


def test_what_was_filled_in_is_read_back_and_can_be_filled_in_anew():
    names = [one.name for one in blanks.blanks_of(PERMIT)]
    once = blanks.filled_in(PERMIT, dict(zip(names, ["สถานบริการ", "", "ยื่น"], strict=True)))

    assert once["title"] == "ร้อยละของการออกใบอนุญาต (งานสถานบริการ) ที่เสร็จทันเวลา"
    assert once["description"] == "การออกใบอนุญาต (งานสถานบริการ) ที่เสร็จภายใน … วัน\nนับจากวันที่ ยื่น"
    assert (once["code"], once["note"], once["formula_text"]) == (
        PERMIT["code"],
        PERMIT["note"],
        PERMIT["formula_text"],
    )
    assert [one.value for one in blanks.blanks_of(PERMIT, once)] == ["สถานบริการ", "", "ยื่น"]
    assert asked(once) == [("คำอธิบาย", "การออกใบอนุญาต (งานสถานบริการ) ที่เสร็จภายใน ____ วัน")]
    assert blanks.leaves_blanks(once)
    full = blanks.filled_in(PERMIT, dict.fromkeys(names, "7"))
    assert not blanks.leaves_blanks(full)


@pytest.mark.parametrize("value", [r"\1 (.*) [a-z]", "ก … ข", "ภายใน\nสองบรรทัด"])
def test_whatever_is_filled_in_comes_back_as_it_was(value):
    filled = blanks.filled_in(STEPS, {"criteria/steps/0/parts/0/title/0": value})

    assert blanks.blanks_of(STEPS, filled)[0].value == value


def test_words_without_a_space_between_them_are_shown_whole():
    before, after = "ก" + "ู่" * 30 + " ", "ที่" * 40
    (blank,) = blanks.blanks_of({"conditions": f"{before}…{after}"})

    assert blank.excerpt == f"{before}____{after}"
    assert blank.in_short == f"เงื่อนไข “{before}____{after}”"


# --- Open criteria ---------------------------------------------------------------------------------------------------
def test_levels_that_are_agreed_go_into_the_words_of_the_source():
    agreed = blanks.agreed_criteria(OPEN, {1: Decimal(3), 3: Decimal(5), 5: Decimal("7.50")}, between="step")

    assert agreed == {
        "kind": "thresholds",
        "levels": {"1": "3", "3": "5", "5": "7.5"},
        "between": "step",
        "labels": {"1": "ได้ 3 แห่ง", "5": "ได้ 7.5 แห่ง"},
    }


def test_without_levels_the_criteria_stay_open():
    assert blanks.agreed_criteria(OPEN, {}, between="step") == OPEN["criteria"]
    assert blanks.is_open(OPEN)


def test_even_levels_rise_or_fall_from_the_first():
    assert blanks.even_levels(Decimal(90), Decimal("-2.5")) == {
        1: Decimal(90), 2: Decimal("87.5"), 3: Decimal(85), 4: Decimal("82.5"), 5: Decimal(80),
    }  # fmt: skip


# --- The frameworks that come with the portal ------------------------------------------------------------------------
FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))


def all_indicators(entries):
    for entry in entries:
        yield {key: value for key, value in entry.items() if key != "children"}
        yield from all_indicators(entry.get("children", []))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_blank_that_is_shipped_can_be_filled_in_and_read_back(path):
    document = canonical(read_document(path.read_bytes(), name=path.name))
    for source in all_indicators(document["indicators"]):
        names = [one.name for one in blanks.blanks_of(source)]
        values = [f"ค่า {number}" for number, _name in enumerate(names)]

        filled = blanks.filled_in(source, dict(zip(names, values, strict=True)))

        assert [one.value for one in blanks.blanks_of(source, filled)] == values, source["code"]
        assert blanks.blanks_of(filled) == [], source["code"]
        assert filled.keys() == source.keys()


def test_an_excerpt_is_cut_where_a_space_ends_a_word():
    near, far = "ประกาศผลการพิจารณาภายใน", "นับแต่วันที่ได้รับหนังสือแจ้ง"
    (blank,) = blanks.blanks_of({"conditions": f"ข้อหนึ่ง {near} … {far} ตามหนังสือสั่งการ" + "ก" * 60})

    assert blank.in_short == f"เงื่อนไข “{near} ____ {far}”"


def test_an_excerpt_begins_behind_a_space():
    (blank,) = blanks.blanks_of({"conditions": "ข้อหนึ่ง " + "ก" * 60 + " …"})

    assert blank.excerpt == "ก" * 60 + " ____"
