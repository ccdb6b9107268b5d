import pytest
from django.urls import reverse
from django.utils import translation

from agreements.forms.templates import TemplateForm, typed_of
from agreements.services import drafts
from tests.factories import NOON, DraftFactory, drafted, editor_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def draft():
    return DraftFactory()


@pytest.fixture
def row(draft):
    return drafted(draft, "1", weight="100")


@pytest.fixture
def editor(draft, client):
    editor = editor_of(draft)
    client.force_login(editor)
    return editor


def page(row):
    return reverse("agreements:template", args=[row.pk])


def sent(row, **changes):
    """Return what a browser sends from the template of `row` as it is kept, with `changes`."""
    form = TemplateForm(
        definition=row.definition, header=row.framework.header, defaults=drafts.defaults_of(row.framework)
    )
    return typed_of(form) | {"revision": str(row.revision)} | changes


def test_a_finished_template_is_saved_and_leads_back_to_the_draft(client, editor, row):
    response = client.post(page(row), sent(row, title="ชื่อใหม่", unit="ร้อยละ"))

    assert response.url == reverse("agreements:draft", args=[row.framework_id])
    row.refresh_from_db()
    assert (row.title, row.definition["unit"], row.revision, row.changed_by) == ("ชื่อใหม่", "ร้อยละ", 1, editor)


def test_it_saves_by_itself_and_says_up_to_where_it_has_seen(client, editor, row):
    response = client.post(page(row), sent(row, note="จด"), headers=HTMX)

    text = response.content.decode()
    assert '<input type="hidden" name="revision" value="1">' in text
    assert "Saved at" in text
    assert '<div id="beside" hx-swap-oob="true">' in text
    assert response.headers["HX-Trigger"] == "template-kept"


def test_what_is_not_finished_is_kept_as_typed_and_shown_with_its_errors(client, editor, row):
    response = client.post(page(row), sent(row, kind="thresholds", level_2="95", title="ยังไม่เสร็จ"))

    assert response.url == page(row)
    row.refresh_from_db()
    assert (row.title, row.typed["level_2"], row.typed["title"]) == ("ตัวชี้วัด 1", ["95"], ["ยังไม่เสร็จ"])
    form = client.get(page(row)).context["form"]
    assert form["title"].value() == "ยังไม่เสร็จ"
    assert form.errors == {
        "level_1": ["The figures 60, 95, 80, 90, 100 go up and down; they have to rise or fall throughout."]
    }


def test_the_errors_above_the_form_stay_true_while_it_saves_itself(client, editor, row):
    def above(**changes):
        row.refresh_from_db()
        body = client.post(page(row), sent(row, **changes), headers=HTMX).content.decode()
        return body.partition('<div id="template-errors" hx-swap-oob="true">')[2].partition("</div>")[0]

    # Said when the page was loaded: mended one by one, they go away one by one.
    both = above(due="วันไหน", weight="มาก", **{"errors-told": "1"})
    one = above(due="วันไหน", **{"errors-told": "1"})
    none = above(**{"errors-told": "1"})
    assert [both.count("<li>"), one.count("<li>"), none.count("<li>")] == [2, 1, 0]
    # Not said: what somebody is still typing does not push the form down.
    assert above(due="วันไหน").count("<li>") == 0


def test_what_was_typed_before_a_field_was_there_keeps_what_the_definition_says(client, editor, draft):
    row = drafted(draft, "2", targets=[{"period": "6-month", "value": "5"}], work="งานเดิม")
    typed = {name: values for name, values in sent(row).items() if not name.startswith(("targets-", "work"))}
    typed |= {"title": ["ยังไม่เสร็จ"], "kind": ["thresholds"], "level_2": ["95"]}
    drafts.keep_typed(row, {name: list(values) for name, values in typed.items()}, shown=0, by=editor, at=NOON)

    form = client.get(page(row)).context["form"]

    assert form["title"].value() == "ยังไม่เสร็จ"
    assert form["work"].value() == "งานเดิม"
    assert [one["value"].value() for one in form.tables["targets"].forms if one["period"].value()] == ["5"]


def test_lines_as_a_browser_sends_them_are_no_change(client, editor, draft):
    conditions = "ข้อแรก\nข้อสอง"
    row = drafted(draft, "2", conditions=conditions)
    asked = sent(row, conditions=conditions.replace("\n", "\r\n"))

    client.post(page(row), asked)

    row.refresh_from_db()
    assert (row.definition["conditions"], row.revision) == (conditions, 0)


def test_ones_own_lines_saved_a_moment_earlier_are_no_conflict(client, editor, draft):
    row = drafted(draft, "2")
    asked = sent(row, conditions="ข้อแรก\r\nข้อสอง")

    client.post(page(row), asked)
    response = client.post(page(row), asked)

    assert response.status_code == 302
    row.refresh_from_db()
    assert row.definition["conditions"] == "ข้อแรก\nข้อสอง"


def test_two_people_in_one_template_see_both(client, editor, row):
    mine = sent(row, title="ของฉัน", unit="คน")
    drafts.write_indicator(row, row.definition | {"title": "ของเขา"}, shown=0, by=editor_of(row.framework), at=NOON)

    response = client.post(page(row), mine)

    assert response.status_code == 409
    assert [(one["label"], one["mine"], one["theirs"]) for one in response.context["differences"]] == [
        ("Indicator", ["ของฉัน"], ["ของเขา"]),
        ("Unit of measure", ["คน"], []),
    ]
    row.refresh_from_db()
    assert (row.title, row.revision) == ("ของเขา", 1)


def test_each_may_be_chosen_from_mine_and_theirs(client, editor, row):
    mine = sent(row, title="ของฉัน", unit="คน")
    drafts.write_indicator(row, row.definition | {"title": "ของเขา"}, shown=0, by=editor_of(row.framework), at=NOON)
    both = client.post(page(row), mine).context

    chosen = {"revision": str(both["indicator"].revision), "pick.title": "theirs", "pick.unit": "mine"}
    for name, value in both["kept"]:
        chosen.setdefault(name, []).append(value) if name != "revision" else None
    client.post(page(row), chosen)

    row.refresh_from_db()
    assert (row.title, row.definition["unit"], row.revision) == ("ของเขา", "คน", 2)


def test_rows_that_only_the_other_has_can_be_chosen(client, editor, row):
    mine = sent(row, note="ของฉัน")
    formula = {"kind": "formula", "expression": "A / B * 100", "variables": {"A": {"label": "ก"}, "B": {"label": "ข"}}}
    drafts.write_indicator(row, row.definition | {"measure": formula}, shown=0, by=editor, at=NOON)
    both = client.post(page(row), mine).context

    chosen = {}
    for name, value in both["kept"]:
        chosen.setdefault(name, []).append(value)
    chosen |= {one["name"]: "theirs" for one in both["differences"] if one["label"] != "Note"}
    client.post(page(row), chosen | {"revision": "1"})

    row.refresh_from_db()
    assert (row.definition["note"], row.definition["measure"]) == ("ของฉัน", formula)


def test_a_save_by_itself_never_overwrites_the_unseen(client, editor, row):
    mine = sent(row, title="ของฉัน")
    drafts.write_indicator(row, row.definition | {"title": "ของเขา"}, shown=0, by=editor, at=NOON)

    text = client.post(page(row), mine, headers=HTMX).content.decode()

    assert "changed this meanwhile; yours is not saved." in text
    assert 'name="revision" value="0"' in text
    row.refresh_from_db()
    assert row.title == "ของเขา"


def test_ones_own_save_a_moment_earlier_is_no_conflict(client, editor, row):
    mine = sent(row, title="ของฉัน")
    client.post(page(row), mine, headers=HTMX)

    assert client.post(page(row), mine).url == reverse("agreements:draft", args=[row.framework_id])


def test_a_value_is_tried_without_being_kept(client, editor, row):
    response = client.get(page(row), {"try-value": "๘๓.๕"}, headers=HTMX)

    assert response.context["panel"]["score"]["score"] == "3.3500"
    assert response.context["chart"]["point"]["score"] == "3.3500"
    row.refresh_from_db()
    assert row.revision == 0


def test_a_formula_is_tried_with_its_variables(client, editor, row):
    formula = {"kind": "formula", "expression": "A / B * 100", "variables": {"A": {"label": "ก"}, "B": {"label": "ข"}}}
    drafts.write_indicator(row, row.definition | {"measure": formula}, shown=0, by=editor, at=NOON)

    panel = client.get(page(row), {"try-variable_A": "88", "try-variable_B": "98"}).context["panel"]

    assert panel["score"]["score"] == "3.9796"
    assert panel["sentences"][0] == "Measured value: 88 ÷ 98 × 100 = 89.7959."


def test_a_composite_asks_no_criteria(client, editor, draft):
    parent = drafted(draft, "9", weight="100", criteria=None)
    drafted(draft, "9.1", weight="100", parent=parent)

    client.post(page(parent), sent(parent, description="รวม"))

    parent.refresh_from_db()
    assert parent.definition == {"code": "9", "title": "ตัวชี้วัด 9", "weight": "100", "description": "รวม"}


def test_the_button_that_adds_a_row_works_without_the_script(client, editor, row):
    typed = sent(row, kind="milestones", more="parts")
    assert typed["parts-TOTAL_FORMS"] == ["2"]

    response = client.post(page(row), typed)

    assert response.url == page(row)
    assert len(client.get(page(row)).context["form"].tables["parts"].forms) == 3


def test_steps_are_tried_by_ticking_them(client, editor, row):
    steps = [{"level": level, "title": f"ขั้น {level}"} for level in range(1, 6)]
    says = row.definition | {"criteria": {"kind": "milestones", "steps": steps}}
    drafts.write_indicator(row, says, shown=0, by=editor, at=NOON)

    response = client.get(page(row), {"try-done": ["1", "2", "4"]}, headers=HTMX)

    assert response.context["panel"]["score"]["score"] == "2.0000"
