from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from agreements.exchange.documents import read_document
from agreements.exchange.shape import INDICATOR, canonical
from agreements.forms.templates import TemplateForm, typed_of
from scoring import Defaults, Scale

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def walk(entries):
    for entry in entries:
        yield entry, bool(entry.get("children"))
        yield from walk(entry.get("children", []))


def given():
    """Yield every indicator of the shipped frameworks with its framework's header."""
    for path in FIXTURES:
        document = canonical(read_document(path.read_bytes(), name=path.name))
        for entry, is_composite in walk(document["indicators"]):
            definition = {key: value for key, value in entry.items() if key != "children"}
            yield pytest.param(definition, is_composite, document, id=f"{document['code']}-{entry['code']}")


def form_of(definition, header=None, *, typed=None, is_composite=False):
    """Return the template of `definition`, with what stands in it sent as a browser would; `typed` goes over it."""
    says = {"definition": definition, "header": header or {"fiscal_year": 2556}, "defaults": Defaults()}
    shown = TemplateForm(**says, is_composite=is_composite)
    sent = typed_of(shown) | {name: [value] for name, value in (typed or {}).items()}
    return TemplateForm(MultiValueDict(sent), **says, is_composite=is_composite)


@pytest.mark.parametrize(("definition", "is_composite", "header"), list(given()))
def test_every_shipped_indicator_comes_back_from_the_template_as_it_was(definition, is_composite, header):
    form = form_of(definition, header, is_composite=is_composite)

    assert form.is_valid(), (form.errors, [table.errors for table in form.tables.values()])
    assert INDICATOR(form.definition()) == definition


PLAIN = {"code": "1", "title": "ตัวชี้วัด"}
OPEN = PLAIN | {"criteria": {"kind": "open"}}


def rows(prefix, *entries):
    """Return the rows of a table as typed."""
    typed = {f"{prefix}-TOTAL_FORMS": str(len(entries)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, entry in enumerate(entries):
        typed |= {f"{prefix}-{number}-{name}": value for name, value in entry.items()}
    return typed


def levels(*figures):
    return {f"level_{number}": figure for number, figure in enumerate(figures, start=1)}


FIVE = {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}
TYPED = {
    "even steps": ({"kind": "even", "even_start": "๖๐", "even_step": "10"}, {"kind": "thresholds", "levels": FIVE}),
    "even steps down": (
        {"kind": "even", "even_start": "5", "even_step": "-1"},
        {"kind": "thresholds", "levels": {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1"}},
    ),
    "gaps": (
        {"kind": "thresholds"} | levels("3", "-", "2", "", "1"),
        {"kind": "thresholds", "levels": {"1": "3", "3": "2", "5": "1"}},
    ),
    "down to 0": (
        {"kind": "thresholds", "below_level_1": "level_0", "level_0": "50"} | levels("60", "", "", "", "100"),
        {"kind": "thresholds", "levels": {"0": "50", "1": "60", "5": "100"}, "below_level_1": "level_0"},
    ),
    "in steps": (
        {"kind": "thresholds", "between": "step"} | levels("60", "", "", "", "100"),
        {"kind": "thresholds", "levels": {"1": "60", "5": "100"}, "between": "step"},
    ),
    "bands": (
        {"kind": "bands", "up_to_1": "60", "band_1": "ต่ำกว่า 60", "band_5": "มากกว่า 60"},
        {"kind": "bands", "levels": {"1": {"up_to": "60", "label": "ต่ำกว่า 60"}, "5": {"label": "มากกว่า 60"}}},
    ),
    "rubric": (
        {"kind": "rubric", "text_0": "ไม่มี", "text_5": "มี"},
        {"kind": "rubric", "levels": {"0": "ไม่มี", "5": "มี"}},
    ),
    "milestones": (
        {"kind": "milestones", "text_1": "วางแผน", "faults_open": "on"}
        | rows("parts", {"step": "3", "title": "ทำ"}, {"step": "3", "title": "รายงาน", "deduction": "๐.๒๕"}, {})
        | rows("penalties", {"title": "ข้อมูลผิด", "points": "0.5", "at_step": "3", "most": "1"}),
        {
            "kind": "milestones",
            "steps": [
                {"level": 1, "title": "วางแผน"},
                {
                    "level": 3,
                    "parts": [
                        {"code": "3.1", "title": "ทำ"},
                        {"code": "3.2", "title": "รายงาน", "deduction": "0.25"},
                    ],
                },
            ],
            "faults": [{"code": "f1", "title": "ข้อมูลผิด", "points": "0.5", "at_step": 3, "most": 1}],
            "faults_open": True,
        },
    ),
    "classes": (
        {"kind": "classed", "base_label": "เรื่อง"}
        | rows(
            "classes",
            {"code": "A", "up_to": "10", "level_1": "80", "level_5": "100"},
            {"code": "B", "level_1": "60", "level_5": "90"},
        ),
        {
            "kind": "classed",
            "base": {"label": "เรื่อง"},
            "classes": [
                {"code": "A", "up_to": "10", "levels": {"1": "80", "5": "100"}},
                {"code": "B", "levels": {"1": "60", "5": "90"}},
            ],
        },
    ),
    "open": ({"kind": "open"}, {"kind": "open"}),
}


@pytest.mark.parametrize(("typed", "criteria"), TYPED.values(), ids=TYPED.keys())
def test_every_kind_of_criteria_is_written_as_typed(typed, criteria):
    form = form_of(OPEN, typed=typed)

    assert form.is_valid(), (form.errors, [table.errors for table in form.tables.values()])
    assert INDICATOR(form.definition()) == PLAIN | {"criteria": criteria}


def test_a_formula_names_its_variables_by_letters_where_they_have_none():
    variables = rows("variables", {"label": "ทันเวลา", "unit": "เรื่อง"}, {"name": "all", "label": "ทั้งหมด"}, {})
    form = form_of(OPEN, typed=variables | {"measure": "formula", "expression": "A ÷ all × ๑๐๐"})

    assert form.is_valid(), form.errors
    assert form.named_variables == [("A", "ทันเวลา"), ("all", "ทั้งหมด")]
    assert form.definition()["measure"] == {
        "kind": "formula",
        "expression": "A ÷ all × 100",
        "variables": {"A": {"label": "ทันเวลา", "unit": "เรื่อง"}, "all": {"label": "ทั้งหมด"}},
    }


def test_a_checklist_has_items_and_faults():
    typed = {"measure": "checklist"} | rows("items", {"title": "ส่ง", "points": "60"}, {"title": "ครบ", "points": "40"})
    form = form_of(OPEN, typed=typed | rows("item_faults", {"title": "ช้า", "points": "5", "items": "1, 2"}))

    assert form.is_valid(), form.errors
    assert form.definition()["measure"] == {
        "kind": "checklist",
        "items": [{"code": "1", "title": "ส่ง", "points": "60"}, {"code": "2", "title": "ครบ", "points": "40"}],
        "faults": [{"code": "f1", "title": "ช้า", "points": "5", "items": ["1", "2"]}],
    }


def test_what_the_form_does_not_ask_stays_as_it_was():
    kept = {"supports": "คำรับรองกรม", "judged_by": "department", "report": {"frequency": "monthly", "due_day": 15}}
    baseline = {"years": [{"year": 2540, "value": "1"}, {"year": 2555, "value": "…"}]}

    form = form_of(OPEN | kept | {"baseline": baseline}, typed={"baseline_2554": "7"})

    assert form.is_valid(), form.errors
    assert form.definition() == OPEN | kept | {
        "baseline": {
            "years": [{"year": 2540, "value": "1"}, {"year": 2554, "value": "7"}, {"year": 2555, "value": "…"}]
        }
    }


UP_AND_DOWN = "The figures 60, 70, 95, 90, 100 go up and down; they have to rise or fall throughout."
FAULTS = [
    ({"kind": "thresholds"} | levels("60", "70", "95", "90", "100"), "", "level_1", UP_AND_DOWN),
    ({"kind": "even", "even_start": "60"}, "", "even_start",
     "Criteria need at least two levels with different figures, or the highest level alone."),
    ({"kind": "rubric"}, "", "text_1", "No level is described; describe at least one above 0."),
    ({"kind": "milestones"}, "", "text_1", "There are no steps; give at least one."),
    ({"kind": "bands", "band_1": "ต่ำ", "up_to_5": "100"}, "", "up_to_1",
     "Level 1 lacks its upper bound; only the highest level may."),
    ({"measure": "formula", "expression": "A + B"} | rows("variables", {"label": "ก"}), "", "expression",
     "At character 5, there is no variable “B”. Declared: A."),
    ({"measure": "formula", "expression": "A"} | rows("variables", {"name": "A", "unit": "บาท"}), "variables", "label",
     "Fill this in, or empty the whole row."),
    ({"due": "26/3/2556", "cutoff": "20/3/2556"}, "", "cutoff",
     "The cut-off of 20 มี.ค. 2556 lies before the due date of 26 มี.ค. 2556."),
    ({"code": "2 ก"}, "", "code", "The code “2 ก” contains spaces; codes are written without, such as 2.3(8)."),
    ({"title": ""}, "", "title", "This field is required."),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "table", "field", "says"), FAULTS)
def test_a_fault_stands_in_words_at_its_field(typed, table, field, says):
    form = form_of(OPEN, typed=typed)

    assert not form.is_valid()
    found = form.tables[table].forms[0] if table else form
    assert found.errors == {field: [says]}


def test_a_code_that_another_indicator_has_is_refused_at_its_field():
    form = TemplateForm(
        MultiValueDict(typed_of(TemplateForm(definition=OPEN, header={}, defaults=Defaults()))),
        definition=OPEN, header={}, defaults=Defaults(), taken={"1"},
    )  # fmt: skip

    assert form.errors == {"code": ["There is an indicator 1 already."]}


def test_the_levels_are_those_of_the_scale():
    form = TemplateForm(definition=OPEN, header={}, defaults=Defaults(scale=Scale(levels=(50, 75, 100))))

    assert [field.name for field in form.level_rows] == ["level_50", "level_75", "level_100"]


# --- Further settings ------------------------------------------------------------------------------------------------
def test_targets_of_periods_are_typed_in_the_words_of_an_office():
    typed = rows(
        "targets",
        {"period": "6-month", "value": "๕", "cumulative": "yes"},
        {"period": "month", "first": "ม.ค. ๒๕๖๑", "text": "ร้อยละ 20"},
        {"period": "span", "first": "ธ.ค. 2560", "last": "30 ก.ย. 2561", "value": "3"},
    )
    form = form_of(OPEN, typed=typed)

    assert form.is_valid(), form.tables["targets"].errors
    assert INDICATOR(form.definition())["targets"] == [
        {"period": "6-month", "value": "5", "cumulative": True},
        {"period": "2018-01", "text": "ร้อยละ 20"},
        {"period": {"from": "2017-12", "to": "2018-09-30"}, "value": "3"},
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"period": "month", "value": "1"}, "first"),
        ({"period": "monthly", "first": "ม.ค. 2561", "value": "1"}, "first"),
        ({"period": "span", "first": "ม.ค. 2561", "value": "1"}, "last"),
        ({"period": "month", "first": "ม.ค. 2018", "value": "1"}, "first"),
        ({"period": "12-month"}, "value"),
        ({"value": "1"}, "period"),
    ],
)
def test_a_target_that_says_no_period_or_nothing_is_refused_at_its_field(row, field):
    form = form_of(OPEN, typed=rows("targets", row))

    assert not form.is_valid()
    assert form.tables["targets"].errors[0].keys() == {field}
    assert form.further_is_open


def test_reporting_labels_and_judges_are_written():
    levels = {f"level_{level}": str(50 + level) for level in range(1, 6)}
    typed = {"kind": "thresholds", "report_frequency": "monthly", "report_due_day": "๑๕", "label_5": "ครบทุกแห่ง"}
    typed |= {"work": "งานตรวจ", "supports": "1.1", "judged_by": "กรม"} | levels

    written = valid(form_of(OPEN, typed=typed))

    assert written["report"] == {"frequency": "monthly", "due_day": 15}
    assert written["criteria"]["labels"] == {"5": "ครบทุกแห่ง"}
    assert (written["work"], written["supports"], written["judged_by"]) == ("งานตรวจ", "1.1", "กรม")


def test_a_day_without_saying_how_often_is_refused():
    form = form_of(OPEN, typed={"report_due_day": "15"})

    assert form.errors == {"report_due_day": ["Say first how often it is reported."]}


def test_the_judge_of_a_step_is_written_with_the_step():
    written = valid(form_of(OPEN, typed={"kind": "milestones", "text_1": "ร่าง", "text_2": "ส่ง", "judge_2": "กรม"}))

    assert written["criteria"]["steps"] == [
        {"level": 1, "title": "ร่าง"},
        {"level": 2, "title": "ส่ง", "judged_by": "กรม"},
    ]


def test_sub_indicators_can_be_left_to_the_parties():
    left = PLAIN | {"children": [], "children_at_least": 4}

    assert valid(form_of(OPEN, typed={"kind": "parties", "children_at_least": "4"})) == left
    assert valid(form_of(left)) == left
    assert valid(form_of(left, is_composite=True)) == PLAIN | {"children_at_least": 4}


def valid(form):
    """Return what `form` writes, which has to hold."""
    assert form.is_valid(), (form.errors, [table.errors for table in form.tables.values()])
    return INDICATOR(form.definition())


HIDDEN_SLIPS = {"even_start": "abc", "level_0": "x"} | rows(
    "parts", {"code": "1.1", "title": "a part", "deduction": "y"}
)
FIVE = {f"level_{level}": str(level) for level in range(1, 6)}


def test_a_slip_in_fields_of_another_kind_holds_nothing_up():
    form = form_of(OPEN, typed={"kind": "thresholds", **FIVE, **HIDDEN_SLIPS})

    assert form.is_valid(), form.errors
    assert form.definition()["criteria"]["levels"] == {level: str(level) for level in range(1, 6)}
    assert [table.prefix for table in form.tables_in_use] == ["targets"]


def test_control_the_same_slips_are_refused_in_the_kind_that_shows_them(monkeypatch):
    monkeypatch.setattr(TemplateForm, "not_asked", set())

    form = form_of(OPEN, typed={"kind": "thresholds", **FIVE, **HIDDEN_SLIPS})

    assert not form.is_valid()
    assert set(form.errors) == {"even_start", "level_0"}
