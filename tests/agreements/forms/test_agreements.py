import uuid
from decimal import Decimal

import pytest
from django.utils import translation

import scoring
from agreements.forms.agreements import CompetenciesForm, OwnIndicatorForm, ReviewForm, TermsForm
from agreements.forms.states import ReturnForm
from agreements.models import AgreedCompetency, Item
from agreements.services.agreements import Terms


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


LEVELS = {"level_1": "60", "level_2": "70", "level_3": "80", "level_4": "90", "level_5": "100"}
THRESHOLDS = {"kind": "thresholds", "levels": {1: "60", 2: "70", 3: "80", 4: "90", 5: "100"}}
PLAIN = {"title": "ร้อยละของเรื่องที่เสร็จ", "weight": "20", "kind": "thresholds"} | LEVELS
MONOTONIC = "The figures 60, 70, 95, 90, 100 go up and down; they have to rise or fall throughout."
TOO_FEW = "Criteria need at least two levels with different figures, or the highest level alone."


def written(**changes):
    """Return the form of an indicator of one's own as typed, with `changes`; None takes a field out."""
    typed = {name: value for name, value in (PLAIN | changes).items() if value is not None}
    return OwnIndicatorForm(typed, fiscal_year=2556)


def read(definition):
    """Return the indicator as the rules see it; refused where the definition is none."""
    return scoring.read_indicator({"code": "P1", **definition})


# What is typed beside the plain indicator, and what its definition then says besides.
TYPED = [
    ({}, {"criteria": THRESHOLDS}),
    ({"level_1": "๖๐", "level_5": "100.0 %"}, {"criteria": THRESHOLDS}),
    ({"level_2": None, "level_4": ""}, {"criteria": {"kind": "thresholds", "levels": {1: "60", 3: "80", 5: "100"}}}),
    ({"level_1": "5", "level_2": "4", "level_3": "3", "level_4": "2", "level_5": "1"},
     {"criteria": {"kind": "thresholds", "levels": {1: "5", 2: "4", 3: "3", 4: "2", 5: "1"}}}),
    ({"between": "step"}, {"criteria": THRESHOLDS | {"between": "step"}}),
    ({"kind": "rubric", "text_3": "มีร่าง", "text_5": "ประกาศใช้"},
     {"criteria": {"kind": "rubric", "levels": {3: "มีร่าง", 5: "ประกาศใช้"}}}),
    ({"kind": "milestones", "text_1": "วางแผน", "text_2": "ทำ", "text_5": "รายงาน"},
     {"criteria": {"kind": "milestones", "steps": [
         {"level": 1, "title": "วางแผน"}, {"level": 2, "title": "ทำ"}, {"level": 5, "title": "รายงาน"}]}}),
    ({"due": "20 มี.ค. 2556", "per_working_day": "๐.๒๕", "cutoff": "26/3/2556"},
     {"criteria": THRESHOLDS,
      "lateness": {"due": "2013-03-20", "cutoff": "2013-03-26", "per_working_day": "0.25"}}),
    ({"cutoff": "26/3/2556"}, {"criteria": THRESHOLDS, "lateness": {"cutoff": "2013-03-26"}}),
    ({"unit": "ร้อยละ", "baseline_label": "ผลปีก่อน", "baseline_2554": "44.10", "baseline_2555": "๔๕"},
     {"unit": "ร้อยละ", "criteria": THRESHOLDS, "baseline": {"label": "ผลปีก่อน", "unit": "ร้อยละ", "years": [
         {"year": 2553, "value": None}, {"year": 2554, "value": "44.1"}, {"year": 2555, "value": "45"}]}}),
    ({"baseline_2555": "45"},
     {"criteria": THRESHOLDS, "baseline": {"years": [
         {"year": 2553, "value": None}, {"year": 2554, "value": None}, {"year": 2555, "value": "45"}]}}),
    ({"description": "นับเรื่อง", "formula_text": "เสร็จ ÷ ทั้งหมด × 100", "conditions": "ทุกเรื่อง", "reason": "ลดเรื่องค้าง",
      "owner": "หัวหน้ากลุ่ม", "collector": "นิติกร", "evidence": "ทะเบียน\n\n  หนังสือ "},
     {"criteria": THRESHOLDS, "description": "นับเรื่อง", "formula_text": "เสร็จ ÷ ทั้งหมด × 100", "conditions": "ทุกเรื่อง",
      "reason": "ลดเรื่องค้าง", "owner": "หัวหน้ากลุ่ม", "collector": "นิติกร", "evidence": ["ทะเบียน", "หนังสือ"]}),
]  # fmt: skip
IDS = [str(number) for number in range(len(TYPED))]


@pytest.mark.parametrize(("changes", "says"), TYPED, ids=IDS)
def test_an_indicator_of_ones_own_becomes_a_definition_that_can_be_scored(changes, says):
    form = written(**changes)

    assert form.errors == {}
    assert form.definition() == {"title": "ร้อยละของเรื่องที่เสร็จ", "weight": "20"} | says
    assert read(form.definition()).weight == 20


@pytest.mark.parametrize(("changes", "_says"), TYPED, ids=IDS)
def test_a_kept_indicator_shown_and_sent_again_stays_the_same(changes, _says):
    form = written(**changes)
    form.is_valid()
    kept = form.definition()
    shown = OwnIndicatorForm(fiscal_year=2556, definition=kept)
    sent = {name: shown[name].value() for name in shown.fields if shown[name].value() is not None}

    again = OwnIndicatorForm(sent, fiscal_year=2556)

    assert again.errors == {}
    assert again.definition() == kept


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"level_3": "95"}, {"kind": [MONOTONIC]}),
        (dict.fromkeys(LEVELS, ""), {"kind": [TOO_FEW]}),
        (dict.fromkeys(LEVELS, "60"), {"kind": [TOO_FEW]}),
        ({"kind": "rubric"}, {"kind": ["No level is described; describe at least one above 0."]}),
        ({"kind": "milestones"}, {"kind": ["There are no steps; give at least one."]}),
        ({"kind": "bands"}, {"kind": ["Select a valid choice. bands is not one of the available choices."]}),
        ({"level_2": "เจ็ดสิบ"}, {"level_2": ["This is not a number. Use digits only, for example 1,234.50."]}),
        ({"due": "20/3/2556", "cutoff": "10/3/2556"},
         {"cutoff": ["The cut-off of 10 มี.ค. 2556 lies before the due date of 20 มี.ค. 2556."]}),
        ({"due": "20/3/2013"}, {"due": ["Is this 20 มี.ค. 2556? Write the year in the Buddhist Era."]}),
        ({"due": "20/3/2556", "per_working_day": "0"}, {"per_working_day": ["0 is not above 0."]}),
        ({"per_working_day": "6"}, {"per_working_day": ["Not above 5."]}),
        ({"weight": "100.5"}, {"weight": ["Not above 100."]}),
        ({"weight": "-1"}, {"weight": ["Not below 0."]}),
        ({"title": " "}, {"title": ["This field is required."]}),
    ],
)  # fmt: skip
def test_what_cannot_be_an_indicator_is_refused_at_its_field_and_stays_typed(changes, errors):
    form = written(unit="ร้อยละ", description="นับเรื่อง", baseline_2555="44.1", **changes)

    assert form.errors == errors
    typed = PLAIN | {"unit": "ร้อยละ", "description": "นับเรื่อง", "baseline_2555": "44.1"} | changes
    assert {name: form[name].value() for name in typed} == typed


def test_years_of_the_baseline_are_the_three_before_the_round():
    assert written().baseline_years == [2553, 2554, 2555]


# --- Terms -----------------------------------------------------------------------------------------------------------
def items():
    parent, child, single = (Item(pk=pk, code=str(pk), goal="เดิม", weight=Decimal(50)) for pk in (1, 2, 3))
    child.parent_id = parent.pk
    return [parent, child, single]


def terms(**typed):
    rows = items()
    return TermsForm(typed, items=rows, parents={row.parent_id for row in rows})


def test_terms_are_a_goal_for_every_item_and_a_weight_for_those_without_children():
    form = terms(goal_1="รวม", goal_2="ย่อย", weight_2="๒๐", goal_3="", weight_3="")

    assert form.is_valid()
    assert "weight_1" not in form.fields
    assert form.terms() == {
        1: Terms(goal="รวม", weight=None),
        2: Terms(goal="ย่อย", weight=Decimal(20)),
        3: Terms(goal="", weight=None),
    }


def test_a_weight_that_is_none_is_refused_and_all_that_was_typed_stays():
    form = terms(goal_2="ใหม่", weight_2="มาก", goal_3="อีกข้อ", weight_3="101")

    assert form.errors == {
        "weight_2": ["This is not a number. Use digits only, for example 1,234.50."],
        "weight_3": ["Not above 100."],
    }
    assert [form[name].value() for name in ("goal_2", "weight_2", "goal_3")] == ["ใหม่", "มาก", "อีกข้อ"]


# --- Competencies, reasons, reviews ----------------------------------------------------------------------------------
def test_only_competencies_of_the_line_of_work_are_named():
    rows = [
        AgreedCompetency(order=1, kind="core", name="บริการที่ดี", expected=2),
        AgreedCompetency(order=2, kind="line", name="", expected=2),
    ]

    form = CompetenciesForm({"expected_1": "3", "name_2": " การคิด\u200bวิเคราะห์", "expected_2": "1"}, rows=rows)

    assert form.is_valid()
    assert list(form.fields) == ["expected_1", "name_2", "expected_2"]
    assert form.names() == {2: "การคิดวิเคราะห์"}
    assert form.expected() == {1: 3, 2: 1}


@pytest.mark.parametrize("level", ["0", "6", ""])
def test_expected_levels_run_from_1_to_5(level):
    rows = [AgreedCompetency(order=1, kind="core", name="บริการที่ดี", expected=2)]

    assert list(CompetenciesForm({"expected_1": level}, rows=rows).errors) == ["expected_1"]


@pytest.mark.parametrize(("typed", "valid"), [("ปรับน้ำหนักข้อ 2", True), ("", False), (" \u200b ", False)])
def test_a_return_wants_a_reason_in_general_or_at_an_indicator(typed, valid):
    item = Item(pk=7, lineage=uuid.uuid4(), code="1", title="ตัวชี้วัด")

    assert ReturnForm({"reason": typed}, items=[item]).is_valid() is valid
    at_an_indicator = ReturnForm({"remark_7": typed}, items=[item])
    assert at_an_indicator.is_valid() is valid
    assert at_an_indicator.remarks() == ({item.lineage: typed} if valid else {})


@pytest.mark.parametrize(
    ("decision", "comment", "errors"),
    [
        ("agrees", "", {}),
        ("agrees", "ทำได้ดี", {}),
        ("differs", "เห็นว่าต่ำไป", {}),
        ("differs", " ", {"comment": ["Say in words how you differ."]}),
        ("", "", {"decision": ["This field is required."]}),
        ("signed", "", {"decision": ["Select a valid choice. signed is not one of the available choices."]}),
    ],
)
def test_a_review_agrees_or_differs_in_words(decision, comment, errors):
    assert ReviewForm({"decision": decision, "comment": comment}).errors == errors
