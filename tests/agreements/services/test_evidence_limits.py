"""What is refused of files as evidence, each with the control that the limit is what refuses it."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from agreements import actions
from agreements.documents import kinds
from agreements.models import Event, Evidence, State, StoredFile
from agreements.services import evidence
from tests import files
from tests.factories import NOON
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(indicators=2), State.AGREED)


def attach(place, content, name="หลักฐาน.pdf", *, item=0, by=None):
    chosen = place.version.items.order_by("order")[item]
    upload = SimpleUploadedFile(name, content)
    return evidence.attach(place.version, chosen, upload, note="", by=by or place.assessee, at=NOON)


def refusal(place, content, name="หลักฐาน.pdf", **more):
    with pytest.raises(evidence.EvidenceRefused) as refused:
        attach(place, content, name, **more)
    return str(refused.value)


# --- In words --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (files.locked_pdf(), "is protected by a password. Save it without one and attach it again."),
        (
            files.old_office("EncryptionInfo", "EncryptedPackage"),
            "is protected by a password. Save it without one and attach it again.",
        ),
        (
            files.office(more={"word/vbaProject.bin": "x"}),
            "holds macros (programs). Save it without macros, or as PDF, and attach that.",
        ),
        (files.packed({"a.txt": "a"}), "is a ZIP archive. Attach the files in it one by one."),
        (files.office()[:90], "is damaged or cut off. Open it on your computer, save it again and attach that."),
        (
            files.picture(size=(12_000, 12_000), mode="1", colour=0),
            "is a picture or document of more than can be opened safely. Save it smaller.",
        ),
    ],
    ids=["pdf", "ooxml", "macros", "zip", "damaged", "bomb"],
)
def test_a_file_that_is_not_taken_is_told_why(place, content, said):
    assert refusal(place, content) == f"“หลักฐาน.pdf” {said}"
    assert (StoredFile.objects.count(), list(default_storage.listdir("")[1])) == (0, [])


def test_a_damaged_pdf_is_taken_with_what_is_wrong_with_it(place):
    attach(place, b"%PDF-1.4 and nothing more")

    assert StoredFile.objects.get().flaw == "damaged"


def test_zip_is_taken_where_the_office_wants_it(place, settings):
    settings.EVIDENCE_ZIP = True

    assert attach(place, files.packed({"a.txt": "a"})).stored.content_type == kinds.ZIP


def test_control_with_room_for_more_pixels_the_big_picture_is_taken(place, settings):
    settings.EVIDENCE_MAX_PIXELS = 12_000 * 12_000

    assert attach(place, files.picture(size=(12_000, 12_000), mode="1", colour=0)).stored.pages == 1


def test_text_known_by_a_harmless_name_is_not_taken_under_one_that_runs(place):
    attach(place, b"del *.*", "สรุป.txt")

    assert refusal(place, b"del *.*", "สรุป.bat", item=1) == (
        "“สรุป.bat” is a program or web page by its name. Attach a document, a picture or plain text."
    )


def test_control_without_the_check_of_names_it_would_be(place, monkeypatch):
    monkeypatch.setattr(kinds, "demand_harmless_name", lambda name, content_type: None)

    assert attach(place, b"del *.*", "สรุป.bat").name == "สรุป.bat"


# --- Room ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True)])
def test_one_result_takes_so_many_files(place, settings, most, fits):
    settings.EVIDENCE_MAX_FILES = most
    attach(place, b"1", "1.txt")
    attach(place, b"elsewhere", "2.txt", item=1)

    if fits:
        attach(place, b"2", "2.txt")
    else:
        assert refusal(place, b"2", "2.txt") == (
            "“2.txt” is not attached: one result takes 1 files at the most. Take one away first."
        )
    assert Evidence.objects.count() == 2 + fits


@pytest.mark.parametrize(("most", "fits"), [(5_999_999, False), (6_000_000, True)])
def test_one_agreement_takes_so_many_bytes(place, settings, most, fits):
    settings.EVIDENCE_MAX_AGREEMENT_BYTES = most
    attach(place, b"a" * 3_000_000, "1.txt")
    # The same content at another indicator takes no more room.
    attach(place, b"a" * 3_000_000, "1.txt", item=1)
    attach(bring_to(colleague(place), State.AGREED), b"c" * 3_000_000, "3.txt")

    if fits:
        attach(place, b"b" * 3_000_000, "2.txt")
    else:
        assert refusal(place, b"b" * 3_000_000, "2.txt") == (
            "“2.txt” is not attached: with it, the files of this agreement would take more than 5 MB."
        )
    assert Evidence.objects.count() == 3 + fits


@pytest.mark.parametrize(("most", "fits"), [(5_999_999, False), (6_000_000, True)])
def test_one_office_takes_so_many_bytes(place, settings, most, fits):
    settings.EVIDENCE_MAX_OFFICE_BYTES = most
    attach(place, b"a" * 3_000_000, "1.txt")
    attach(bring_to(office(), State.AGREED), b"c" * 3_000_000, "3.txt")
    beside = bring_to(colleague(place), State.AGREED)

    if fits:
        attach(beside, b"b" * 3_000_000, "2.txt")
    else:
        assert refusal(beside, b"b" * 3_000_000, "2.txt") == (
            "“2.txt” is not attached: the office has used up its 5 MB for evidence. Tell HR."
        )
    assert Evidence.objects.count() == 2 + fits


# --- Names -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("น\u0e4d\u0e32ส่ง.pdf", "นำส่ง.pdf"),
        ("C:\\งาน\\รายงาน.pdf", "รายงาน.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("รูป\u202egpj.exe", "รูปgpj.exe"),
        ("ราย\x00งาน\n\u200b.pdf", "รายงาน.pdf"),
        ("", "file without a name"),
        (" ... ", "file without a name"),
        ("ก" * 90 + ".pdf", "ก" * 90 + ".pdf"),
        ("ก" * 400 + ".pdf", "ก" * 251 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_deceives(name, kept):
    assert evidence.clean_name(name) == kept


# --- How it is kept --------------------------------------------------------------------------------------------------
def test_content_that_was_damaged_on_the_disk_is_mended_by_whoever_sends_it_again(place, tmp_path):
    kept = attach(place, b"one", "1.txt").stored
    path = tmp_path / kept.file.name
    path.write_bytes(b"oneX")

    attach(place, b"one", "1.txt", item=1)

    assert (path.read_bytes(), StoredFile.objects.count()) == (b"one", 1)


def test_a_strangers_file_is_not_even_looked_at(place, monkeypatch):
    looked = []
    monkeypatch.setattr(kinds, "tell", looked.append)

    with pytest.raises(actions.NotAllowed):
        attach(place, files.picture(), by=place.assessor)

    assert looked == []


def test_attaching_and_taking_away_are_in_the_log(place):
    kept = attach(place, b"one", "1.txt")
    evidence.detach(kept, place.version, by=place.assessee, at=NOON)

    events = Event.objects.filter(verb__startswith="evidence.").order_by("number")
    details = {"item": place.version.items.order_by("order")[0].code, "name": "1.txt", "sha256": kept.stored.sha256}
    assert [(one.verb, one.actor, one.agreement, one.text.details) for one in events] == [
        ("evidence.attached", place.assessee, place.agreement, details),
        ("evidence.removed", place.assessee, place.agreement, details),
    ]


def test_control_after_the_report_the_log_stays_as_it_is(place):
    kept = attach(place, b"one", "1.txt")
    bring_to(place, State.REPORTED)
    before = Event.objects.count()

    with pytest.raises(actions.NotNow):
        evidence.detach(kept, place.version, by=place.assessee, at=NOON)

    assert (Event.objects.count(), Evidence.objects.count()) == (before, 1)


def test_control_without_the_table_of_acts_it_would_be_taken_away(place, monkeypatch):
    kept = attach(place, b"one", "1.txt")
    bring_to(place, State.REPORTED)
    monkeypatch.setattr(actions, "demand", lambda action, version, user: None)

    evidence.detach(kept, place.version, by=place.assessee, at=NOON)

    assert Evidence.objects.count() == 0
