from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

import scoring
from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.forms.results import CorrectionForm, ObservedForm, ResultForm, SetScoreForm, steps_of
from agreements.models import AgreedCompetency

FRAMEWORK = Path(settings.BASE_DIR, "fixtures", "frameworks", "chonburi-2556-1.yaml")
MEAN = {"unit": "วัน", "measure": {"kind": "mean"}, "criteria": {"kind": "thresholds", "levels": {"1": "3", "5": "1"}}}
BASE = {
    "criteria": {
        "kind": "classed",
        "base": {"label": "เรื่องที่ค้าง", "unit": "เรื่อง"},
        "classes": [
            {"code": "A", "up_to": "10", "label": "น้อย", "levels": {"1": "80", "5": "100"}},
            {"code": "B", "label": "มาก", "levels": {"1": "60", "5": "80"}},
        ],
    }
}
FAULTS = {
    "criteria": {
        "kind": "milestones",
        "steps": [
            {"level": 1, "title": "วางแผน"},
            {"level": 3, "parts": [{"code": "3.1", "title": "ส่วนที่หนึ่ง"}, {"code": "3.2", "title": "ส่วนที่สอง"}]},
            {"level": 5, "title": "สรุป", "parts": [{"code": "5.1", "title": "ตรงเวลา", "deduction": "0.25"}]},
        ],
        "faults": [{"code": "data-errors", "title": "ข้อมูลผิด", "points": "0.5", "at_step": 1}],
    }
}
EXTRA = {"mean": MEAN, "base": BASE, "faults": FAULTS}
ALL_OF_6 = ["1", "2", "2.1", "2.2", "2.3", "2.4", "3", "3.1", "3.2", "3.3", "3.4", "4", "5"]
INCOMPLETE = "Fill this in as well, or empty the other fields."


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@cache
def chonburi():
    document = canonical(read_document(FRAMEWORK.read_bytes(), name=FRAMEWORK.name))
    tops = document["indicators"]
    return {one["code"]: one for top in tops for one in (top, *top.get("children", []))}


def definition(code):
    return EXTRA[code] if code in EXTRA else chonburi()[code]


def filled(code, typed, *, inputs=None):
    """Return the form of an indicator with what was typed into it."""
    return ResultForm(typed, definition=definition(code), inputs=inputs or {})


def read(code, inputs):
    """Return the result that scoring makes of `inputs`; refused where they are none of this indicator."""
    document = {"title": "–", **definition(code), "code": code}
    return scoring.read_result(inputs, scoring.read_indicator(document))


# Which fields an indicator asks for, in order, before the reason to cancel it and the note.
ASKED = [
    ("1.1", ["value"]),
    ("1.2", ["value"]),
    ("2", ["variable_disbursed", "variable_budget"]),
    ("3", ["level", "submitted_on"]),
    ("4", ["variable_reported", "variable_total", "submitted_on"]),
    ("5", ["done", "nothing_done", "submitted_on"]),
    ("6", ["done", "nothing_done", "submitted_on"]),
    ("7", ["done", "nothing_done", "submitted_on", "late_items"]),
    ("8.1", ["variable_closed", "variable_pending", "submitted_on"]),
    ("9", ["variable_complete", "variable_total"]),
    ("10", ["done", "nothing_done"]),
    ("mean", ["values"]),
    ("base", ["base", "value"]),
    ("faults", ["done", "nothing_done", "fault_data-errors"]),
]

# What is typed, and the inputs that follow from it.
TYPED = [
    ("1.1", {"value": "๘๕"}, {"value": "85"}),
    ("1.1", {"value": "85.50 %"}, {"value": "85.5"}),
    ("1.2", {"value": "3"}, {"value": "3"}),
    ("1.3", {"value": "0"}, {"value": "0"}),
    ("2", {"variable_disbursed": "1,234,567", "variable_budget": "2,500,000"},
     {"variables": {"disbursed": "1234567", "budget": "2500000"}}),
    ("2", {"variable_disbursed": "0", "variable_budget": "2500000"},
     {"variables": {"disbursed": "0", "budget": "2500000"}}),
    ("3", {"level": "5", "submitted_on": "11 มี.ค. 2556"}, {"level": 5, "submitted_on": "2013-03-11"}),
    ("3", {"level": "0", "submitted_on": "๑๑/๓/๒๕๕๖"}, {"level": 0, "submitted_on": "2013-03-11"}),
    ("4", {"variable_reported": "88", "variable_total": "98", "submitted_on": "22 มีนาคม 2556"},
     {"variables": {"reported": "88", "total": "98"}, "submitted_on": "2013-03-22"}),
    ("5", {"done": ["1", "2", "4"], "submitted_on": "20 มี.ค. 2556"},
     {"done": ["1", "2", "4"], "submitted_on": "2013-03-20"}),
    ("5", {"nothing_done": "on", "submitted_on": "20 มี.ค. 2556"}, {"done": [], "submitted_on": "2013-03-20"}),
    ("6", {"done": [code for code in ALL_OF_6 if code not in {"2.4", "3.2", "3.3"}], "submitted_on": "11 มี.ค. 2556"},
     {"done": ["1", "2", "2.1", "2.2", "2.3", "3", "3.1", "3.4", "4", "5"], "submitted_on": "2013-03-11"}),
    ("7", {"done": ["1", "2", "3", "4", "5"], "submitted_on": "12 มี.ค. 2556", "late_items": "3"},
     {"done": ["1", "2", "3", "4", "5"], "submitted_on": "2013-03-12", "late_items": 3}),
    ("7", {"done": ["1"], "submitted_on": "11 มี.ค. 2556", "late_items": "0"},
     {"done": ["1"], "submitted_on": "2013-03-11", "late_items": 0}),
    ("7", {"done": ["1"], "submitted_on": "11 มี.ค. 2556"}, {"done": ["1"], "submitted_on": "2013-03-11"}),
    ("8.1", {"variable_closed": "9", "variable_pending": "10", "submitted_on": "20 มี.ค. 2556"},
     {"variables": {"closed": "9", "pending": "10"}, "submitted_on": "2013-03-20"}),
    ("8.2", {"variable_closed": "20", "variable_pending": "28", "submitted_on": "20 มี.ค. 2556"},
     {"variables": {"closed": "20", "pending": "28"}, "submitted_on": "2013-03-20"}),
    ("10", {"done": ["1", "2", "3", "4"]}, {"done": ["1", "2", "3", "4"]}),
    ("10", {"nothing_done": "on"}, {"done": []}),
    ("mean", {"values": "1 2\n๑ 3.0"}, {"values": ["1", "2", "1", "3"]}),
    ("base", {"base": "10", "value": "90"}, {"base": "10", "value": "90"}),
    ("faults", {"done": ["1", "3.1", "3.2"], "fault_data-errors": "2"},
     {"done": ["1", "3.1", "3.2"], "faults": {"data-errors": 2}}),
    ("faults", {"done": ["1"], "fault_data-errors": "0"}, {"done": ["1"]}),
]  # fmt: skip
IDS = [f"{code}-{number}" for number, (code, *_rest) in enumerate(TYPED)]


@pytest.mark.parametrize(("code", "asked"), ASKED, ids=[code for code, _asked in ASKED])
def test_fields_follow_from_measure_criteria_and_lateness(code, asked):
    form = filled(code, None)

    assert list(form.fields) == [*asked, "cancelled", "note"]


@pytest.mark.parametrize(("code", "typed", "inputs"), TYPED, ids=IDS)
def test_what_is_typed_becomes_inputs(code, typed, inputs):
    form = filled(code, typed)

    assert form.errors == {}
    assert form.inputs() == inputs
    assert read(code, inputs).is_reported


@pytest.mark.parametrize(("code", "_typed", "inputs"), TYPED, ids=IDS)
def test_kept_inputs_shown_and_sent_again_stay_the_same(code, _typed, inputs):
    shown = filled(code, None, inputs=inputs)
    sent = {name: shown[name].value() for name in shown.fields}
    sent = {name: value for name, value in sent.items() if value is not None and value is not False}

    again = filled(code, sent)

    assert again.errors == {}
    assert again.inputs() == inputs


@pytest.mark.parametrize("code", [code for code, _asked in ASKED])
def test_an_empty_form_means_not_reported(code):
    form = filled(code, {"note": "ยังไม่มีข้อมูล"})

    assert form.errors == {}
    assert form.inputs() == {}
    assert not read(code, {}).is_reported
    assert form.cleaned_data["note"] == "ยังไม่มีข้อมูล"


@pytest.mark.parametrize(
    ("code", "typed", "missing"),
    [
        ("2", {"variable_disbursed": "5"}, ["variable_budget"]),
        ("2", {"variable_disbursed": "0"}, ["variable_budget"]),
        ("3", {"level": "5"}, ["submitted_on"]),
        ("3", {"level": "0"}, ["submitted_on"]),
        ("3", {"submitted_on": "11 มี.ค. 2556"}, ["level"]),
        ("4", {"submitted_on": "20 มี.ค. 2556"}, ["variable_reported", "variable_total"]),
        ("5", {"done": ["1"]}, ["submitted_on"]),
        ("5", {"nothing_done": "on"}, ["submitted_on"]),
        ("5", {"submitted_on": "20 มี.ค. 2556"}, ["done"]),
        ("7", {"late_items": "0"}, ["submitted_on", "done"]),
        ("8.1", {"variable_pending": "10", "submitted_on": "20 มี.ค. 2556"}, ["variable_closed"]),
        ("8.1", {"variable_closed": "0"}, ["variable_pending", "submitted_on"]),
        ("base", {"base": "10"}, ["value"]),
        ("base", {"value": "0"}, ["base"]),
        ("faults", {"fault_data-errors": "1"}, ["done"]),
    ],
)
def test_what_is_filled_in_part_is_asked_for_at_the_empty_field(code, typed, missing):
    form = filled(code, typed)

    assert form.errors == {name: [INCOMPLETE] for name in missing}


@pytest.mark.parametrize(
    ("code", "typed", "inputs"),
    [
        ("8.1", {"variable_pending": "0"}, {"variables": {"closed": "0", "pending": "0"}}),
        ("8.1", {"variable_pending": "๐", "submitted_on": "20 มี.ค. 2556"},
         {"variables": {"closed": "0", "pending": "0"}, "submitted_on": "2013-03-20"}),
        ("base", {"base": "0"}, {"base": "0"}),
    ],
)  # fmt: skip
def test_with_a_base_of_0_nothing_else_is_asked_for(code, typed, inputs):
    form = filled(code, typed)
    document = {"title": "–", **definition(code), "code": code}
    indicator = scoring.read_indicator(document)

    assert form.errors == {}
    assert form.inputs() == inputs
    assert scoring.score_indicator(indicator, {code: read(code, inputs)}).as_document()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("code", "typed", "errors"),
    [
        ("1.1", {"value": "แปดสิบ"}, {"value": ["This is not a number. Use digits only, for example 1,234.50."]}),
        ("3", {"level": "2", "submitted_on": "11 มี.ค. 2556"},
         {"level": ["Select a valid choice. 2 is not one of the available choices."]}),
        ("4", {"variable_reported": "88", "variable_total": "98", "submitted_on": "20/3/2013"},
         {"submitted_on": ["Is this 20 มี.ค. 2556? Write the year in the Buddhist Era."]}),
        ("7", {"done": ["1"], "submitted_on": "12 มี.ค. 2556", "late_items": "4"}, {"late_items": ["Not above 3."]}),
        ("7", {"done": ["1"], "submitted_on": "12 มี.ค. 2556", "late_items": "1.5"},
         {"late_items": ["Write a whole number."]}),
        ("5", {"done": ["1"], "nothing_done": "on", "submitted_on": "12 มี.ค. 2556"},
         {"nothing_done": ["Steps are ticked as complete. Take away one or the other."]}),
        ("10", {"done": ["9"]}, {"done": ["Select a valid choice. 9 is not one of the available choices."]}),
        ("mean", {"values": "1 สอง"}, {"values": ["This is not a number. Use digits only, for example 1,234.50."]}),
        ("base", {"base": "-1", "value": "90"}, {"base": ["Not below 0."]}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_its_field_and_stays_typed(code, typed, errors):
    form = filled(code, typed)

    assert form.errors == errors
    assert {name: form[name].value() for name in typed} == {
        name: True if value == "on" else value for name, value in typed.items()
    }


def test_a_reason_alone_cancels():
    form = filled("8.1", {"cancelled": "ไม่มีเรื่องค้าง", "note": "ตามบัญชีของกรม"})

    assert form.errors == {}
    assert form.inputs() == {"cancelled": "ไม่มีเรื่องค้าง"}
    assert read("8.1", form.inputs()).cancelled == "ไม่มีเรื่องค้าง"


def test_a_cancelled_result_is_shown_with_its_reason():
    form = filled("8.1", None, inputs={"cancelled": "ไม่มีเรื่องค้าง"})

    assert form["cancelled"].value() == "ไม่มีเรื่องค้าง"
    assert form["variable_pending"].value() is None


@pytest.mark.parametrize(
    ("code", "typed"), [("1.3", {"value": "0"}), ("3", {"level": "0"}), ("5", {"nothing_done": "on"})]
)
def test_what_was_measured_cannot_be_cancelled_as_well(code, typed):
    form = filled(code, typed | {"cancelled": "ไม่มี"})

    assert form.errors == {"cancelled": ["Either give what was measured or cancel the indicator, not both."]}


# --- Choices ---------------------------------------------------------------------------------------------------------
def test_a_rubric_offers_its_described_levels_and_nothing_shown():
    offered = [value for value, _label in filled("3", None).fields["level"].choices]

    assert offered == ["0", "1", "3", "5"]


def test_a_step_is_ticked_itself_unless_a_part_must_be_done():
    steps = list(steps_of(FAULTS["criteria"]))

    assert steps == [
        ("1", "1 · วางแผน", False),
        ("3.1", "3.1 · ส่วนที่หนึ่ง", True),
        ("3.2", "3.2 · ส่วนที่สอง", True),
        ("5", "5 · สรุป", False),
        ("5.1", "5.1 · ตรงเวลา", True),
    ]


def test_the_due_date_is_said_beside_the_date_sent():
    assert filled("4", None).fields["submitted_on"].help_text == "Due 20 มี.ค. 2556."


# --- The assessor's forms --------------------------------------------------------------------------------------------
def test_a_correction_starts_from_what_was_reported_and_wants_a_reason():
    kept = {"variables": {"reported": "88", "total": "98"}, "submitted_on": "2013-03-20"}
    shown = CorrectionForm(definition=definition("4"), inputs=kept, prefix="correct")
    sent = {"correct-variable_reported": "80", "correct-variable_total": "98", "correct-submitted_on": "20 มี.ค. 2556"}

    without = CorrectionForm(sent, definition=definition("4"), inputs=kept, prefix="correct")
    given = CorrectionForm(
        sent | {"correct-reason": "แปดแห่งส่งไม่ครบ"}, definition=definition("4"), inputs=kept, prefix="correct"
    )

    assert shown["variable_reported"].value() == "88"
    assert without.errors == {"reason": ["This field is required."]}
    assert given.errors == {}
    assert given.inputs() == {"variables": {"reported": "80", "total": "98"}, "submitted_on": "2013-03-20"}


@pytest.mark.parametrize(
    ("score", "errors"),
    [
        ("๓.๕๐", {}),
        ("0", {}),
        ("-1", {"score": ["Not below 0."]}),
        ("ดี", {"score": ["This is not a number. Use digits only, for example 1,234.50."]}),
        ("", {"score": ["This field is required."]}),
    ],
)
def test_a_set_score_is_a_number_from_0(score, errors):
    assert SetScoreForm({"score": score, "reason": "ตามหลักฐาน"}).errors == errors


def test_a_set_score_wants_a_reason():
    assert SetScoreForm({"score": "3", "reason": " "}).errors == {"reason": ["This field is required."]}


def test_observed_levels_run_from_0_to_5_and_may_be_left_open():
    rows = [AgreedCompetency(order=order, name="บริการที่ดี", expected=3) for order in (1, 2, 3)]

    form = ObservedForm({"observed_1": "0", "observed_2": "", "observed_3": "5"}, rows=rows)
    beyond = ObservedForm({"observed_1": "6"}, rows=rows)

    assert form.is_valid()
    assert form.observed() == {1: 0, 2: None, 3: 5}
    assert list(beyond.errors) == ["observed_1"]
