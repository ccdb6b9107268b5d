import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Agreement, Evidence, State
from agreements.models.agreements import AgreementQuerySet
from agreements.models.evidence import EvidenceQuerySet
from agreements.services import evidence as services, results
from tests.factories import NOON, PostingFactory, UserFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# รายงาน ๑.pdf as RFC 5987 writes it.
ENCODED = "%E0%B8%A3%E0%B8%B2%E0%B8%A2%E0%B8%87%E0%B8%B2%E0%B8%99%20%E0%B9%91.pdf"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def address(name, place):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, place.version.items.get().lineage])


def kept(place, *, name="รายงาน ๑.pdf", content=PDF):
    """Return a file attached to the office's one item."""
    upload = SimpleUploadedFile(name, content)
    return services.attach(place.version, place.version.items.get(), upload, note="", by=place.assessee, at=NOON)


def messages_of(client, address):
    return [str(message) for message in client.get(address).context["messages"]]


# --- Attaching -------------------------------------------------------------------------------------------------------
def test_a_file_is_attached_with_its_note_and_shown_beside_the_result(client, place):
    client.force_login(place.assessee)
    upload = SimpleUploadedFile("รายงาน ๑.pdf", PDF)

    response = client.post(address("attach", place), {"file": upload, "evidence_note": "หน้า ๓"})

    one = Evidence.objects.get()
    assert (one.name, one.note, one.added_by, one.stored.content_type) == (
        "รายงาน ๑.pdf", "หน้า ๓", place.assessee, "application/pdf",
    )  # fmt: skip
    assert response["Location"] == address("result", place)
    assert list(client.get(address("result", place)).context["files"]) == [one]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (dict, "Choose a file to attach."),
        (lambda: {"file": SimpleUploadedFile("ว่าง.pdf", b"")}, "“ว่าง.pdf” is empty. Choose the file again."),
        (
            lambda: {"file": SimpleUploadedFile("หน้าเว็บ.pdf", b"<html>")},
            "“หน้าเว็บ.pdf” is not of a kind that is taken: PDF, Word, Excel, PowerPoint, pictures or plain text.",
        ),
    ],
    ids=["nothing", "empty", "html"],
)
def test_what_cannot_be_attached_is_refused_in_words(client, place, data, said):
    client.force_login(place.assessee)

    client.post(address("attach", place), data(), headers={"accept-language": "en"})

    assert messages_of(client, address("result", place)) == [said]
    assert Evidence.objects.count() == 0


def test_after_the_report_nothing_is_attached_or_taken_away(client, place):
    one = kept(place)
    results.report(place.version, by=place.assessee, at=NOON)
    client.force_login(place.assessee)

    client.post(address("attach", place), {"file": SimpleUploadedFile("ใหม่.txt", b"1")})
    client.post(address("detach", place), {"remove": one.pk})

    assert list(Evidence.objects.all()) == [one]


# --- Taking away -----------------------------------------------------------------------------------------------------
def test_a_file_is_taken_away(client, place):
    one = kept(place)
    client.force_login(place.assessee)

    response = client.post(address("detach", place), {"remove": one.pk})

    assert response["Location"] == address("result", place)
    assert messages_of(client, address("result", place)) == [_("“%(name)s” is taken away.") % {"name": "รายงาน ๑.pdf"}]
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize("remove", ["", "0", "ไฟล์", "9" * 30])
def test_a_file_that_is_none_is_not_found(client, place, remove):
    kept(place)
    client.force_login(place.assessee)

    assert client.post(address("detach", place), {"remove": remove}).status_code == 404
    assert Evidence.objects.count() == 1


def test_a_file_of_somebody_elses_result_is_not_found(client, place):
    other = bring_to(colleague(place), State.AGREED)
    theirs = kept(other)
    client.force_login(place.assessee)

    assert client.post(address("detach", place), {"remove": theirs.pk}).status_code == 404
    assert list(Evidence.objects.all()) == [theirs]


# --- Downloading -----------------------------------------------------------------------------------------------------
def download(client, user, one):
    client.force_login(user)
    return client.get(one.get_absolute_url())


def test_a_download_is_an_attachment_that_no_browser_runs(client, place):
    response = download(client, place.assessor, kept(place))

    said = {
        "Content-Disposition": f"attachment; filename*=utf-8''{ENCODED}",
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    assert {name: response[name] for name in said} == said
    assert b"".join(response.streaming_content) == PDF


def test_the_kind_that_is_sent_is_that_of_the_content(client, place):
    response = download(client, place.assessee, kept(place, name="หน้าเว็บ.pdf", content="ข้อความ".encode()))

    assert response["Content-Type"] == "text/plain"
    assert b"".join(response.streaming_content) == "ข้อความ".encode()


@pytest.mark.parametrize("who", ["assessee", "assessor", "reviewer", "hr"])
def test_who_sees_the_agreement_downloads_its_evidence(client, place, who):
    response = download(client, getattr(place, who), kept(place))

    assert b"".join(response.streaming_content) == PDF


def strangers(place):
    return [UserFactory(), PostingFactory(organisation=place.unit).user, colleague(place).assessee, office().hr]


def test_strangers_and_colleagues_find_no_file(client, place):
    one = kept(place)

    assert [download(client, user, one).status_code for user in strangers(place)] == [404] * 4


def test_control_without_visible_to_strangers_would_download(client, place, monkeypatch):
    one = kept(place)
    monkeypatch.setattr(EvidenceQuerySet, "visible_to", lambda self, user: self.all())

    responses = [download(client, user, one) for user in strangers(place)]

    assert [b"".join(response.streaming_content) for response in responses] == [PDF] * 4


def test_the_same_content_in_another_agreement_opens_no_door(client, place):
    kept(place)
    other = bring_to(colleague(place), State.AGREED)
    theirs = kept(other)

    assert theirs.stored.uses.count() == 2
    assert download(client, place.assessee, theirs).status_code == 404


def test_without_signing_in_nothing_is_downloaded(client, place):
    one = kept(place)

    response = client.get(one.get_absolute_url())

    assert response["Location"] == f"/sign-in/?next={one.get_absolute_url()}"


def test_control_what_is_seen_follows_the_agreements_that_are_seen(client, place, monkeypatch):
    one = kept(place)
    monkeypatch.setattr(AgreementQuerySet, "visible_to", lambda self, user: Agreement.objects.none())

    assert download(client, place.assessee, one).status_code == 404
