import hashlib
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from openpyxl import Workbook

from agreements import actions
from agreements.documents import kinds
from agreements.models import Evidence, Result, State, StoredFile
from agreements.services import agreements as services, evidence, results
from tests.factories import NOON, UserFactory
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 200


def xlsx():
    book, content = Workbook(), io.BytesIO()
    book.active.append(["จำนวน", 88])
    book.save(content)
    return content.getvalue()


def packed(**files):
    """Return a ZIP archive of `files`, in their order; __ in a name stands for a slash."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


def docx(*first):
    """Return a document whose parts stand in the order of the office that wrote it."""
    parts = dict.fromkeys((*first, "word__document.xml"), "<x/>")
    return packed(**parts)


def odt():
    return packed(mimetype=ODT, **{"content.xml": "<x/>"})


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def attach(place, content, name="หลักฐาน.pdf", *, by=None, item=None):
    return evidence.attach(
        place.version,
        item or place.version.items.first(),
        SimpleUploadedFile(name, content),
        note="",
        by=by or place.assessee,
        at=NOON,
    )


def refusal(place, content, name="หลักฐาน.pdf"):
    with pytest.raises(evidence.EvidenceRefused) as refused:
        attach(place, content, name)
    return str(refused.value)


# --- What is taken ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (xlsx(), EXCEL),
        (docx("[Content_Types].xml", "_rels__.rels"), WORD),
        (docx("_rels__.rels", "docProps__core.xml", "docProps__app.xml", "word___rels__document.xml.rels"), WORD),
        (docx("[Content_Types].xml", "_rels__.rels", "docProps__core.xml", "docProps__app.xml"), WORD),
        (odt(), ODT),
        ("รายงานการประชุม ครั้งที่ 1/2556\n".encode(), "text/plain"),
        (("ก" * 5000).encode(), "text/plain"),
        (b"a,b\n1,2\n", "text/plain"),
    ],
    ids=["pdf", "png", "jpeg", "xlsx", "word-docx", "libreoffice-docx", "python-docx", "odt", "thai", "long", "csv"],
)
def test_the_kind_is_told_from_the_content_and_not_from_the_name(place, content, kind):
    attach(place, content, "อะไรก็ได้.bin")

    stored = StoredFile.objects.get()
    assert (stored.content_type, stored.size, stored.sha256) == (
        kind, len(content), hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    with stored.file.open("rb") as kept:
        assert kept.read() == content


NOT_TAKEN = "“หลักฐาน.pdf” is not of a kind that is taken: PDF, Word, Excel, PowerPoint, pictures or plain text."


@pytest.mark.parametrize(
    "content",
    [
        HTML,
        b"\n  " + HTML,
        b"\xef\xbb\xbf" + HTML,
        "\ufeff<html>".encode("utf-16-le"),
        SVG,
        EXE,
        b"\x7fELF\x02\x01\x01" + b"\x00" * 100,
        b"\xff" * 9000,
        b"\xe0\xb8",
    ],
    ids=["html", "spaced-html", "bom-html", "utf16-html", "svg", "exe", "elf", "binary", "cut-off"],
)
def test_what_could_run_or_cannot_be_read_is_refused_in_words(place, content):
    assert refusal(place, content) == NOT_TAKEN
    assert (StoredFile.objects.count(), Evidence.objects.count(), Result.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("content", [HTML, EXE], ids=["html", "exe"])
def test_control_without_the_check_of_kinds_it_would_be_kept(place, content, monkeypatch):
    monkeypatch.setattr(kinds, "tell", lambda file: kinds.Kind(content_type="text/plain"))

    attach(place, content)

    assert StoredFile.objects.get().size == len(content)


def test_an_empty_file_is_refused(place):
    assert refusal(place, b"") == "“หลักฐาน.pdf” is empty. Choose the file again."


@pytest.mark.parametrize(("most", "taken"), [(len(PDF) - 1, False), (len(PDF), True)])
def test_a_file_beyond_the_limit_is_refused(place, settings, most, taken):
    settings.EVIDENCE_MAX_BYTES = most

    if taken:
        attach(place, PDF)
    else:
        assert refusal(place, PDF) == "“หลักฐาน.pdf” is larger than 0 MB. Make it smaller or split it."

    assert StoredFile.objects.exists() is taken


# --- How it is kept --------------------------------------------------------------------------------------------------
def test_the_same_content_is_stored_once_under_the_names_it_came_with(tmp_path):
    place = bring_to(office(indicators=2), State.AGREED)
    first, second = place.version.items.order_by("order")

    attach(place, PDF, "รายงานผล ครั้งที่ ๑.pdf", item=first)
    attach(place, PDF, "สำเนา.pdf", item=second)

    digest = hashlib.sha256(PDF).hexdigest()
    assert list(Evidence.objects.order_by("pk").values_list("name", "stored__sha256")) == [
        ("รายงานผล ครั้งที่ ๑.pdf", digest), ("สำเนา.pdf", digest),
    ]  # fmt: skip
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == [
        f"{digest[:2]}/{digest}"
    ]


def test_the_same_content_is_attached_to_a_result_once(place):
    attach(place, PDF, "หนึ่ง.pdf")

    assert refusal(place, PDF, "สอง.pdf") == "“สอง.pdf” is attached here already."
    assert Evidence.objects.get().name == "หนึ่ง.pdf"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("บันทึก\u0e02\u0e49อความ.pdf", "บันทึกข้อความ.pdf"),
        ("น\u0e4d\u0e32ส่ง.pdf", "นำส่ง.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("ก" * 251 + ".pdf", "ก" * 251 + ".pdf"),
    ],
)
def test_a_thai_name_is_kept_and_spelled_one_way(place, name, kept):
    attach(place, PDF, name)

    assert Evidence.objects.get().name == kept


def test_evidence_can_come_before_the_result(place):
    attach(place, PDF)
    item = place.version.items.get()

    results.enter(place.version, item, {"value": "90"}, note="", by=place.assessee, at=NOON)

    assert Evidence.objects.get().result == Result.objects.get()


# --- Who and when ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["assessor", "reviewer", "hr", "stranger"])
def test_only_the_assessee_attaches_and_detaches(place, who):
    by = UserFactory() if who == "stranger" else getattr(place, who)
    kept = attach(place, PNG)

    with pytest.raises(actions.NotAllowed):
        attach(place, PDF, by=by)
    with pytest.raises(actions.NotAllowed):
        evidence.detach(kept, place.version, by=by, at=NOON)

    assert list(Evidence.objects.all()) == [kept]


def test_a_file_is_taken_off_while_results_are_entered_and_its_content_stays(place):
    kept = attach(place, PDF)

    evidence.detach(kept, place.version, by=place.assessee, at=NOON)

    assert (Evidence.objects.count(), StoredFile.objects.count()) == (0, 1)


@pytest.mark.parametrize("state", [State.REPORTED, State.RELEASED, State.CLOSED])
def test_what_was_reported_keeps_its_evidence(place, state):
    kept = attach(place, PDF)
    results.enter(place.version, place.version.items.get(), {"value": "90"}, note="", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    place.agreement.state = state
    place.agreement.save()

    with pytest.raises(actions.NotNow):
        evidence.detach(kept, place.version, by=place.assessee, at=NOON)
    with pytest.raises(actions.NotNow):
        attach(place, PNG)

    assert list(Evidence.objects.all()) == [kept]


def test_evidence_stays_with_its_result_when_the_report_is_returned(place):
    kept = attach(place, PDF)
    results.report(place.version, by=place.assessee, at=NOON)

    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="เพิ่ม", at=NOON)

    book = results.open_book(place.version)
    assert list(book.result(book.items[0]).evidence.all()) == [kept]
    evidence.detach(kept, place.version, by=place.assessee, at=NOON)
    assert Evidence.objects.count() == 0
