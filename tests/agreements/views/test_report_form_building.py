import pytest
from django.urls import reverse

from agreements.models import Event, ReportForm, Role
from agreements.services import report_forms as services
from tests.factories import OrganisationFactory, ReportFormFactory, RoleFactory, UserFactory
from tests.reporting import FORMS, NOON, Tree, read_document

pytestmark = pytest.mark.django_db
BUILD = "agreements:build-report-form"
SHIPPED = sorted(path.stem for path in FORMS.glob("*.yaml"))


@pytest.fixture
def editor(client):
    client.cookies["django_language"] = "en"
    role = RoleFactory(organisation=OrganisationFactory(), kind=Role.Kind.FRAMEWORK_EDITOR)
    client.force_login(role.user)
    client.office = role.organisation
    return client


def shipped(editor, name="centres-monthly"):
    path = FORMS / f"{name}.yaml"
    document = read_document(path.read_bytes(), name=path.name)
    return services.lay_down(document, organisation=editor.office, by=None, at=NOON)[0]


def fields_on(page):
    """Return what a browser would send of the page as it is shown."""
    form = page.context["form"]
    sets = [form.tables, *(part for table in form.tables.forms for part in table.parts.values())]
    found = {}
    for one in [form, *(one for few in sets for one in (few.management_form, *few.forms))]:
        for field in one:
            value = field.value()
            if value is True:
                found[field.html_name] = "on"
            elif isinstance(value, list):
                found[field.html_name] = value
            elif value is not None and value is not False and value != "":
                found[field.html_name] = str(getattr(value, "pk", value)).replace("\r\n", "\n").replace("\n", "\r\n")
    return found


def begun(editor, made):
    return fields_on(editor.get(reverse(BUILD), {"from": made.pk}))


def send(editor, fields, **more):
    return editor.post(reverse(BUILD), fields | more)


def errors_in(page):
    form = page.context["form"]
    rows = [one for table in form.tables.forms for one in (table, *(r for p in table.parts.values() for r in p.forms))]
    named = {f"{one.prefix}-{name}": said for one in rows for name, said in one.errors.items()}
    return {name: list(said) for name, said in (dict(form.errors) | named).items()}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_form_shown_and_sent_back_is_unchanged(editor, name):
    made = shipped(editor, name)

    shown = send(editor, begun(editor, made))
    assert shown.context["form"].document == made.definition
    laid = send(editor, dict(shown.context["kept"]) | kinds_of(shown), confirm="1")

    assert laid.status_code == 302
    assert ReportForm.objects.count() == 1
    assert [str(one) for one in editor.get(laid.url).context["messages"]] == [f"{made} says the same already."]


def kinds_of(shown):
    return {"kinds": [value for key, value in shown.context["kept"] if key == "kinds"]}


def test_all_seven_are_shipped():
    assert len(SHIPPED) == 7


def test_a_form_is_built_from_nothing(editor):
    fields = fields_on(editor.get(reverse(BUILD)))
    fields |= {"title": "ศูนย์", "code": "centres", "period": "month", "day": "๑๕", "months_after": "1"}
    fields |= {"kinds": ["district"], "begins": "1 ต.ค. 2568", "tables-0-title": "ศูนย์", "tables-0-kind": "districts"}
    for number, title in enumerate(("ทั้งหมด", "จัดตั้งแล้ว", "ยังไม่จัดตั้ง")):
        row = f"tables-0-columns-{number}"
        fields |= {f"{row}-title": title, f"{row}-type": "count", f"{row}-adds_up": "on"}
    fields |= {"tables-0-checks-0-add": "จัดตั้งแล้ว\r\nยังไม่จัดตั้ง", "tables-0-checks-0-gives": "ทั้งหมด"}
    fields |= {"tables-0-ratios-0-title": "ร้อยละ", "tables-0-ratios-0-of": "c2", "tables-0-ratios-0-to": "c1"}

    shown = send(editor, fields)
    assert shown.context["tables"][0]["checks"] == ["จัดตั้งแล้ว + ยังไม่จัดตั้ง = ทั้งหมด"]
    assert not ReportForm.objects.exists()
    send(editor, fields, confirm="1")

    counts = [{"code": f"c{n}", "title": t, "type": "count"} for n, t in enumerate(("ทั้งหมด", "จัดตั้งแล้ว", "ยังไม่จัดตั้ง"), 1)]
    assert ReportForm.objects.get().definition == {
        "code": "centres",
        "title": "ศูนย์",
        "period": "month",
        "due": {"day": 15, "months_after": 1},
        "reported_by": {"kinds": ["district"], "from": "2025-10-01"},
        "certified_by": "head",
        "tables": [
            {
                "code": "t1",
                "title": "ศูนย์",
                "rows": {"kind": "districts"},
                "columns": counts,
                "totals": ["c1", "c2", "c3"],
                "checks": [{"add": ["c2", "c3"], "gives": "c1"}],
                "ratios": [{"title": "ร้อยละ", "of": "c2", "to": "c1"}],
            }
        ],
    }
    assert Event.objects.get().actor is not None


def test_less_usual_keys_come_back_as_well(editor):
    document = shipped(editor).definition | {"code": "further"}
    document["due"] = {"day": 30, "closes_after": 5, "sums_after": 3}
    document["reported_by"] = {"units": ["laplae", "thapla"], "from": "2018-01-01", "until": "2019-01-01"}
    choice = {"code": "way", "title": "วิธี", "type": "choice", "choices": ["ก", "ข"]}
    document["tables"] = [document["tables"][0] | {"columns": [*document["tables"][0]["columns"], choice]}]
    made = services.lay_down(document, organisation=editor.office, by=None, at=NOON)[0]

    assert send(editor, begun(editor, made)).context["form"].document == document


@pytest.mark.parametrize(
    "where",
    ["tables-0-columns", "tables-0-checks", "tables-0-ratios", "tables"],
    ids=lambda where: where.split("-")[-1],
)
def test_another_row_keeps_what_was_typed(editor, where):
    fields = begun(editor, shipped(editor)) | {"title": "อะไรใหม่", "day": "มาก"}

    page = send(editor, fields, more=where)

    again = fields_on(page)
    assert again[f"{where}-TOTAL_FORMS"] == str(int(fields[f"{where}-TOTAL_FORMS"]) + 1)
    dropped = {name for name in fields if fields[name] != again.get(name)}
    assert dropped == {f"{where}-TOTAL_FORMS"}
    assert "This needs your attention" not in page.content.decode()
    assert ReportForm.objects.count() == 1


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(editor):
    fields = begun(editor, shipped(editor)) | {
        "code": "Big Code",
        "day": "42",
        "tables-0-titles": "",
        "tables-0-columns-3-adds_up": "on",
        "tables-0-columns-1-type": "choice",
        "tables-0-checks-0-gives": "ไม่มี",
        "tables-0-ratios-0-to": "ขาดไป",
    }

    page = send(editor, fields)

    errors = errors_in(page)
    assert errors["code"] == ["A code is of small letters, digits, - and _, and begins with a letter."]
    assert errors["day"] == ["This is no day of a month."]
    assert errors["tables-0-titles"] == ["Fixed rows have names, other rows have none."]
    assert errors["tables-0-columns-3-adds_up"] == ["Only numbers, counts and amounts of money are added up."]
    assert errors["tables-0-columns-1-choices"] == ["A choice has choices, other columns have none."]
    assert errors["tables-0-checks-0-gives"] == ["“ไม่มี” is no column of figures in this table."]
    assert errors["tables-0-ratios-0-to"] == ["“ขาดไป” is no column of figures in this table."]
    assert page.context["form"].non_field_errors() == []
    again = fields_on(page)
    assert {name for name in fields if fields[name] != again.get(name, "")} == set()
    assert ReportForm.objects.count() == 1


def test_a_day_of_the_christian_era_is_asked_about(editor):
    errors = errors_in(send(editor, begun(editor, shipped(editor)), begins="1/1/2018"))
    assert errors == {"begins": ["Is this 1 ม.ค. 2561? Write the year in the Buddhist Era."]}


def test_nothing_typed_is_said_in_words(editor):
    errors = errors_in(send(editor, fields_on(editor.get(reverse(BUILD)))))
    assert errors["title"] == ["The name is missing."]
    assert errors["kinds"] == ["Say which units report: their kinds or their codes."]
    assert errors["__all__"] == ["Tables: Give at least one."]
    # A POST of nothing at all is answered, too.
    assert editor.post(reverse(BUILD)).status_code == 200
    assert editor.post(reverse(BUILD), {"more": "tables", "confirm": "1"}).status_code == 200


def test_the_next_version_begins_from_the_last(editor):
    first = shipped(editor)
    send(editor, begun(editor, first), source="ว ๑๖๑", confirm="1")

    assert begun(editor, first)["source"] == "ว ๑๖๑"
    assert [str(one) for one in ReportForm.objects.order_by("version")] == ["centres-monthly@1", "centres-monthly@2"]


def test_a_form_that_names_nobody_who_reports_is_begun_from_too(editor):
    made = ReportFormFactory(organisation=editor.office)

    fields = begun(editor, made)

    assert (fields["code"], fields.get("kinds", []), fields.get("units", "")) == (made.code, [], "")


def test_a_code_of_another_office_is_refused_at_the_code(editor):
    fields = begun(editor, shipped(editor)) | {"code": "taken"}
    Tree(code="taken")
    before = ReportForm.objects.count()

    page = send(editor, fields, confirm="1")

    assert errors_in(page) == {"code": ["Another office has a report form with this code."]}
    assert ReportForm.objects.count() == before


def test_only_editors_build_and_only_for_their_own_office(editor, monkeypatch):
    fields = begun(editor, shipped(editor)) | {"code": "further"}
    refused = send(editor, fields, organisation=OrganisationFactory().pk, confirm="1")
    assert "organisation" in refused.context["form"].errors
    editor.force_login(UserFactory())
    assert [editor.get(reverse(BUILD)).status_code, send(editor, fields, confirm="1").status_code] == [403, 403]
    assert ReportForm.objects.count() == 1

    # The control: whoever the house takes for an editor goes through.
    monkeypatch.setattr("agreements.views.report_form_building.edited_organisations", lambda user: [editor.office])
    monkeypatch.setattr("agreements.services.report_forms._edits", lambda user, organisation: True)
    assert send(editor, fields, confirm="1").status_code == 302
    assert ReportForm.objects.count() == 2


def test_a_form_of_a_foreign_office_is_not_shown(editor):
    foreign = Tree().form
    assert "code" not in begun(editor, foreign)
    assert editor.get(reverse(BUILD), {"from": "x"}).status_code == 200
