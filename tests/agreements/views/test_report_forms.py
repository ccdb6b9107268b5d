import pytest
from django.urls import reverse

from agreements.models import Event, ReportForm, Role
from agreements.services import report_forms as services
from tests.factories import OrganisationFactory, RoleFactory, UserFactory
from tests.reporting import FORMS, NOON, Tree, document

pytestmark = pytest.mark.django_db
WRITE = "agreements:write-report-form"


def text_of(**changes):
    text = (FORMS / "centres-monthly.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


@pytest.fixture
def editor(client):
    client.cookies["django_language"] = "en"
    role = RoleFactory(organisation=OrganisationFactory(), kind=Role.Kind.FRAMEWORK_EDITOR)
    client.force_login(role.user)
    client.office = role.organisation
    return client


def send(client, text, **more):
    return client.post(reverse(WRITE), {"text": text, "organisation": client.office.pk} | more)


def test_a_form_is_shown_before_it_is_laid_down(editor):
    shown = send(editor, text_of())

    assert ("Due day", "Day 15, 1 month(s) after the period") in shown.context["asks"]
    assert shown.context["tables"][0]["checks"] == ["จัดตั้งแล้ว + ยังไม่จัดตั้ง = จำนวน อปท. ทั้งหมด"]
    assert not ReportForm.objects.exists()
    # What the page sends back lays down the same.
    send(editor, shown.context["text"], confirm="1")

    made = ReportForm.objects.get()
    assert (str(made), made.organisation) == ("centres-monthly@1", editor.office)
    assert Event.objects.get().actor is not None


def test_what_is_wrong_is_said_and_what_was_typed_stays(editor):
    response = send(editor, text_of(count="counts"))

    errors = response.context["form"].non_field_errors()
    assert errors[0].startswith("tables[1].columns[1].type: Give one of: number, money,")
    assert "counts" in response.content.decode()
    broken = send(editor, "code: [").context["form"].non_field_errors()
    assert broken[0].startswith("Line ")
    assert send(editor, "").context["form"].non_field_errors() == ["Write the form, or choose its file."]


def test_the_next_version_begins_from_the_last(editor):
    send(editor, text_of(), confirm="1")
    first = ReportForm.objects.get()

    begun = editor.get(reverse(WRITE), {"from": first.pk}).context["form"].initial["text"]
    send(editor, begun.replace("ว ๑๖๐", "ว ๑๖๑"), confirm="1")

    assert [str(one) for one in ReportForm.objects.order_by("version")] == ["centres-monthly@1", "centres-monthly@2"]
    page = editor.get(reverse("agreements:report-form", args=[first.pk]))
    assert page.context["edits"] is False


def test_a_code_of_another_office_is_refused_in_words(editor):
    tree = Tree()
    before = ReportForm.objects.count()

    response = send(editor, text_of(), confirm="1")

    assert response.context["form"].non_field_errors() == ["code: Another office has a report form with this code."]
    assert (ReportForm.objects.count(), ReportForm.objects.get().organisation) == (before, tree.department)


def test_only_editors_write_and_only_for_their_own_office(editor, monkeypatch):
    other = OrganisationFactory()
    refused = send(editor, text_of(), organisation=other.pk, confirm="1")
    assert "organisation" in refused.context["form"].errors
    editor.force_login(UserFactory())
    assert [editor.get(reverse(WRITE)).status_code, send(editor, text_of(), confirm="1").status_code] == [403, 403]
    assert not ReportForm.objects.exists()

    # The control: whoever the house takes for an editor goes through.
    monkeypatch.setattr("agreements.views.report_forms.edited_organisations", lambda user: [editor.office])
    monkeypatch.setattr("agreements.services.report_forms._edits", lambda user, organisation: True)
    assert send(editor, text_of(), confirm="1").status_code == 302


@pytest.mark.parametrize("forms", [1, 3])
def test_the_list_asks_as_much_for_three_forms_as_for_one(client, forms, django_assert_num_queries):
    tree = Tree()
    for number in range(1, forms):
        tree.laid_down(code=f"further-{number}")
    client.force_login(tree.head(tree.first))
    client.get(reverse("agreements:report-forms"))

    with django_assert_num_queries(7):
        response = client.get(reverse("agreements:report-forms"))

    assert len(response.context["report_forms"]) == forms


def test_units_named_by_their_codes_are_told_by_their_names(editor):
    place = OrganisationFactory(parent=editor.office, code="laplae")
    asked = {"units": ["laplae", "gone"], "from": "2018-01-01"}
    made = services.lay_down(document(reported_by=asked), organisation=editor.office, by=None, at=NOON)[0]

    page = editor.get(reverse("agreements:report-form", args=[made.pk]))

    assert dict(page.context["asks"])["Reported by"] == f"{place.name}, gone"
