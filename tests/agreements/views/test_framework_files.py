import io
from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from agreements.models import Event, Framework, Role
from agreements.services import uploads
from agreements.services.framework_files import check_file
from agreements.services.frameworks import framework_document, import_framework, publish
from tests.agreements.exchange.workbook.making import DOCUMENT, cell_of, workbook
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def editor_of(organisation):
    user = PostingFactory(organisation=organisation).user
    RoleFactory(user=user, organisation=organisation, kind=Role.Kind.FRAMEWORK_EDITOR)
    return user


@pytest.fixture
def office():
    return OrganisationFactory(code="cbi", name="สถจ.ชลบุรี")


@pytest.fixture
def editor(client, office):
    user = editor_of(office)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def send(client, content, name="กรอบ.xlsx", **fields):
    """Upload a file and return the answer."""
    roles = Role.objects.filter(kind=Role.Kind.FRAMEWORK_EDITOR).order_by("pk")
    data = {"file": SimpleUploadedFile(name, content), "organisation": roles[0].organisation_id, **fields}
    return client.post(reverse("agreements:framework-upload"), data)


def confirm(client, sent):
    """Confirm the upload that `sent` led to, with what its preview says was seen."""
    seen = client.get(sent["Location"]).context["preview"].seen
    return client.post(sent["Location"], {"seen": seen})


def changed_document():
    document = deepcopy(DOCUMENT)
    document["title"] = "กรอบใหม่"
    first = document["indicators"][0]
    first["title"] = "ร้อยละใหม่"
    first["criteria"]["levels"]["5"] = "54"
    document["indicators"][5]["code"] = "60"
    return document


def test_a_framework_is_downloaded_as_it_is(client, editor, office):
    framework = import_framework(DOCUMENT, organisation=office, at=NOON, by=None).framework

    response = client.get(reverse("agreements:framework-workbook", args=[framework.pk]))

    assert response["Content-Disposition"] == 'attachment; filename="trial-2569.xlsx"'
    assert check_file(response.content, name="file.xlsx").accepted.document == DOCUMENT


def test_a_new_framework_is_looked_at_and_imported(client, editor, office):
    sent = send(client, workbook())
    page = client.get(sent["Location"])

    assert [entry["code"] for entry in page.context["differences"].new] == ["001", "2", "2.1", "2.2", *"34567"]
    assert not Framework.objects.exists()

    confirmed = client.post(sent["Location"], {"seen": page.context["preview"].seen})

    framework = Framework.objects.get()
    assert confirmed["Location"] == framework.get_absolute_url()
    assert (framework.reference, framework.organisation, framework.status) == ("trial-2569", office, "draft")
    assert framework_document(framework) == DOCUMENT
    assert list(Event.objects.values_list("verb", "actor")) == [("framework.imported", editor.pk)]
    # What is imported is no longer kept.
    assert client.get(sent["Location"]).status_code == 404


def test_the_preview_shows_before_and_after(client, editor, office):
    publish(import_framework(DOCUMENT, organisation=office, at=NOON, by=None).framework, at=NOON, by=None)

    found = client.get(send(client, workbook(changed_document()))["Location"]).context["differences"]

    assert [(entry.label, entry.before, entry.after) for entry in found.head] == [("ชื่อกรอบ", "กรอบทดสอบ", "กรอบใหม่")]
    assert [(one.code, [(e.label, e.before, e.after) for e in one.entries]) for one in found.changed] == [
        (
            "001",
            [
                ("ชื่อตัวชี้วัด", "ร้อยละของการเบิกจ่าย", "ร้อยละใหม่"),
                (
                    "เกณฑ์ค่าตัวเลข",
                    "ระดับ 1: 45 · ระดับ 3: 49 · ระดับ 5: 53.25 · ครบ · เทียบตามส่วน",
                    "ระดับ 1: 45 · ระดับ 3: 49 · ระดับ 5: 54 · ครบ · เทียบตามส่วน",
                ),
            ],
        )
    ]
    assert ([one["code"] for one in found.new], [one["code"] for one in found.gone]) == (["60"], ["6"])
    assert (found.unchanged, found.is_reordered) == (7, False)


def test_a_changed_file_becomes_the_next_draft_and_the_published_one_stays(client, editor, office):
    publish(import_framework(DOCUMENT, organisation=office, at=NOON, by=None).framework, at=NOON, by=None)

    confirm(client, send(client, workbook(changed_document())))

    assert {one.reference: framework_document(one) for one in Framework.objects.all()} == {
        "trial-2569@1": DOCUMENT,
        "trial-2569": changed_document(),
    }


def test_an_unchanged_file_has_nothing_to_import(client, editor, office):
    import_framework(DOCUMENT, organisation=office, at=NOON, by=None)

    page = client.get(send(client, workbook())["Location"])

    assert page.context["differences"].is_empty
    assert "Import as a draft" not in page.content.decode()


def test_a_file_with_faults_imports_nothing_and_comes_back_marked(client, editor):
    def edit(book):
        cell_of(book["ตัวชี้วัด"], "001", "น้ำหนัก").value = "สี่สิบ"
        cell_of(book["มิติ"], "in", "อยู่ใต้มิติ").value = "=A2"

    sent = send(client, workbook(edit=edit))
    page = client.get(sent["Location"])
    posted = client.post(sent["Location"], {"seen": ""})
    marked = load_workbook(io.BytesIO(client.get(sent["Location"] + "marked/").content))

    wrong = "“สี่สิบ” is not a number. Write digits with a decimal point, such as 1234.5."
    formula = "A formula stands here. Copy the cell and paste it as a value (Paste Special > Values)."
    assert [(fault["place"], fault["says"]) for fault in page.context["faults"]] == [
        ("sheet “มิติ”, cell B3", formula),
        ("sheet “ตัวชี้วัด”, cell F2", wrong),
    ]
    assert (posted.status_code, Framework.objects.exists()) == (200, False)
    assert (marked["ตัวชี้วัด"]["AL1"].value, marked["ตัวชี้วัด"]["AL2"].value) == ("ข้อผิดพลาดและวิธีแก้", f"F2: {wrong}")
    assert marked["ตัวชี้วัด"]["F2"].fill.fgColor.rgb == "00FBE3E1"
    assert marked["มิติ"]["E3"].value == f"B3: {formula}"


def test_the_marked_workbook_is_mended_and_imported(client, editor):
    def spoil(book):
        cell_of(book["ตัวชี้วัด"], "001", "น้ำหนัก").value = "=40"

    sent = send(client, workbook(edit=spoil))
    marked = load_workbook(io.BytesIO(client.get(sent["Location"] + "marked/").content))
    cell_of(marked["ตัวชี้วัด"], "001", "น้ำหนัก").value = 40
    stream = io.BytesIO()
    marked.save(stream)

    confirm(client, send(client, stream.getvalue()))

    assert framework_document(Framework.objects.get()) == DOCUMENT


def test_a_file_that_cannot_be_opened_is_refused_at_once_in_the_words_of_the_command(client, editor):
    content = b"PK" + b"\0" * 100

    response = send(client, content)

    assert response.context["faults"] == check_file(content, name="กรอบ.xlsx").fault_lines
    assert response.context["faults"] == ["The file is damaged. Open it in Excel, save it again and upload that one."]


def test_no_file_and_an_empty_one(client, editor, office):
    nothing = client.post(reverse("agreements:framework-upload"), {"organisation": office.pk})

    assert list(nothing.context["form"].errors) == ["file"]
    assert send(client, b"").context["faults"] == [
        "This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel."
    ]


def test_yaml_is_taken_too(client, editor):
    text = "format: 1\ncode: small\ntitle: กรอบเล็ก\nlevel: library\nfiscal_year: null\nindicators: []\n"

    confirm(client, send(client, text.encode(), name="กรอบ.yaml"))

    assert Framework.objects.get().code == "small"


def test_what_changed_since_it_was_shown_is_looked_at_again(client, editor, office):
    import_framework(DOCUMENT, organisation=office, at=NOON, by=None)
    sent = send(client, workbook(changed_document()))
    seen = client.get(sent["Location"]).context["preview"].seen
    import_framework({**DOCUMENT, "title": "คนอื่นแก้"}, organisation=office, at=NOON, by=None)

    refused = client.post(sent["Location"], {"seen": seen})

    assert refused.context["refusal"] == "The framework has changed since you looked. Look at the differences again."
    assert Framework.objects.get().title == "คนอื่นแก้"
    # The file is still there, and goes in once what is there now was seen.
    confirm(client, sent)
    assert Framework.objects.get().title == "กรอบใหม่"


def test_the_frameworks_of_others_are_refused(client, editor):
    import_framework(DOCUMENT, organisation=OrganisationFactory(code="ryg", name="สถจ.ระยอง"), at=NOON, by=None)

    sent = send(client, workbook(changed_document()))
    posted = client.post(sent["Location"], {"seen": client.get(sent["Location"]).context["preview"].seen})

    assert posted.context["refusal"] == "The framework “trial-2569” belongs to สถจ.ระยอง (ryg)."
    assert Framework.objects.get().title == "กรอบทดสอบ"


def test_what_serves_all_is_not_an_editors_to_change(client, editor):
    import_framework(DOCUMENT, organisation=None, at=NOON, by=None)

    sent = send(client, workbook(changed_document()))
    posted = client.post(sent["Location"], {"seen": ""})

    refusal = "The framework “trial-2569” serves all; only a department's framework editors change it."
    assert posted.context["refusal"] == refusal
    assert Framework.objects.get().title == "กรอบทดสอบ"


def test_what_serves_all_is_a_departments_editors_to_change(client):
    department = OrganisationFactory(kind="department")
    client.force_login(editor_of(department))
    client.cookies["django_language"] = "en"
    import_framework(DOCUMENT, organisation=None, at=NOON, by=None)
    document = changed_document()

    sent = send(client, workbook(document))
    shown = client.get(sent["Location"])
    assert "Import as a draft" in shown.content.decode()
    client.post(sent["Location"], {"seen": shown.context["preview"].seen})

    draft = Framework.objects.get()
    assert (draft.organisation, draft.title) == (None, document["title"])


def test_an_upload_is_its_senders_alone(client, editor, office):
    sent = send(client, workbook())
    own = client.get(sent["Location"]).status_code
    client.force_login(editor_of(office))

    assert [client.get(sent["Location"] + path).status_code for path in ("", "marked/")] == [404, 404]
    # The control: to the one who sent it, it is still there after signing in anew.
    client.force_login(editor)
    assert (own, client.get(sent["Location"]).status_code) == (200, 200)


def test_uploads_are_kept_until_the_eleventh(editor):
    first = uploads.keep(b"0", name="a.xlsx", by=editor)
    others = [uploads.keep(str(number).encode(), name="a.xlsx", by=editor) for number in range(1, 10)]

    assert uploads.find(first, by=editor) == (b"0", ".xlsx")
    uploads.keep(b"10", name="a.xlsx", by=editor)
    with pytest.raises(uploads.NoSuchUpload):
        uploads.find(first, by=editor)
    assert uploads.find(others[0], by=editor) == (b"1", ".xlsx")


def test_a_preview_asks_the_database_as_often_for_many_indicators_as_for_one(client, editor):
    def asked(count):
        entries = [{"code": str(n), "title": "ก", "criteria": {"kind": "open"}} for n in range(count)]
        document = {key: DOCUMENT[key] for key in ("format", "code", "title", "level", "fiscal_year")}
        sent = send(client, workbook({**document, "indicators": entries}))
        with CaptureQueriesContext(connection) as captured:
            client.get(sent["Location"])
        return len(captured)

    assert asked(1) == asked(30)
