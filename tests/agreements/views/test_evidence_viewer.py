"""Attaching without a reload, and showing files by pictures of our own."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from agreements.documents import sandbox
from agreements.models import Evidence, State
from agreements.models.evidence import EvidenceQuerySet
from agreements.services import evidence as services, previews
from tests import files
from tests.factories import NOON, UserFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

BY_SCRIPT = {"hx-request": "true", "accept-language": "en"}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def address(name, place):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, place.version.items.get().lineage])


def attach(place, content, name="รายงาน.pdf"):
    item = place.version.items.get()
    upload = SimpleUploadedFile(name, content)
    return services.attach(place.version, item, upload, note="", by=place.assessee, at=NOON)


def view(client, file, **query):
    return client.get(reverse("agreements:view-evidence", args=[file.pk]), query, headers={"accept-language": "en"})


def picture(client, file, page=1):
    return client.get(reverse("agreements:evidence-page", args=[file.pk, page]))


# --- Attaching -------------------------------------------------------------------------------------------------------
def test_several_files_at_once_and_each_is_told_what_came_of_it(client, place):
    client.force_login(place.assessee)
    sent = [
        SimpleUploadedFile("หนึ่ง.txt", b"1"),
        SimpleUploadedFile("ว่าง.txt", b""),
        SimpleUploadedFile("สอง.txt", b"2"),
    ]

    client.post(address("attach", place), {"file": sent, "evidence_note": "ทั้งหมด"}, headers={"accept-language": "en"})

    kept = Evidence.objects.order_by("pk")
    assert list(kept.values_list("name", "note")) == [("หนึ่ง.txt", "ทั้งหมด"), ("สอง.txt", "ทั้งหมด")]
    page = client.get(address("result", place))
    assert [str(message) for message in page.context["messages"]] == [
        "“หนึ่ง.txt” is attached.",
        "“ว่าง.txt” is empty. Choose the file again.",
        "“สอง.txt” is attached.",
    ]


def test_the_script_gets_the_list_and_no_page(client, place):
    client.force_login(place.assessee)

    response = client.post(address("attach", place), {"file": SimpleUploadedFile("1.txt", b"1")}, headers=BY_SCRIPT)

    assert (response.status_code, response.templates[0].name) == (200, "agreements/_evidence_files.html")
    assert response.context["said"] == ["“1.txt” is attached."]
    assert [file.name for file in response.context["files"]] == ["1.txt"]
    removed = client.post(address("detach", place), {"remove": Evidence.objects.get().pk}, headers=BY_SCRIPT)
    assert (removed.status_code, removed.context["files"], removed.context["said"]) == (
        200, [], ["“1.txt” is taken away."],
    )  # fmt: skip


def test_the_script_is_told_why_not(client, place):
    client.force_login(place.assessee)

    response = client.post(address("attach", place), {"file": SimpleUploadedFile("1.txt", b"")}, headers=BY_SCRIPT)

    assert (response.status_code, response.context["refused"]) == (422, ["“1.txt” is empty. Choose the file again."])


# --- Showing ---------------------------------------------------------------------------------------------------------
def test_a_pdf_is_shown_page_by_page(client, place):
    file = attach(place, files.pdf("one", "two"))
    client.force_login(place.assessor)

    shown = view(client, file, page=2).context
    response = picture(client, file, 2)

    assert {name: shown[name] for name in ("page", "pages", "page_before", "page_after", "failed")} == {
        "page": 2, "pages": 2, "page_before": 1, "page_after": 0, "failed": "",
    }  # fmt: skip
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert max(Image.open(io.BytesIO(response.content)).size) == 2000


@pytest.mark.parametrize(("typed", "page"), [("0", 1), ("3", 2), ("x", 1), ("-1", 1), ("9" * 30, 1), ("๒", 2)])
def test_a_page_that_there_is_none_of_shows_the_nearest(client, place, typed, page):
    file = attach(place, files.pdf("one", "two"))
    client.force_login(place.assessor)

    assert view(client, file, page=typed).context["page"] == page


@pytest.mark.parametrize("page", [0, 3])
def test_a_picture_of_no_page_is_not_found(client, place, page):
    file = attach(place, files.pdf("one", "two"))
    client.force_login(place.assessor)

    assert picture(client, file, page).status_code == 404


def test_a_page_is_drawn_once(client, place, monkeypatch):
    file = attach(place, files.picture(), "1.png")
    client.force_login(place.assessor)
    first = picture(client, file).content
    monkeypatch.setattr(sandbox, "draw", None)

    assert picture(client, file).content == first


CANNOT = "This page cannot be shown here: the file is damaged, or asks for more than is safe. Download it."
NO_KIND = "This kind of file is not shown here. Download it to open it."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4 and nothing more", CANNOT),
        (files.picture()[:60], CANNOT),
        (b"text", NO_KIND),
        (files.office(), NO_KIND),
    ],
    ids=["pdf", "picture", "text", "office"],
)
def test_what_cannot_be_shown_is_said_in_words(client, place, content, said):
    file = attach(place, content)
    client.force_login(place.assessor)

    response = view(client, file)

    assert (response.status_code, response.context["failed"]) == (200, said)
    assert picture(client, file).status_code == 404


def test_a_file_that_is_missing_on_the_server_is_said_in_words(client, place, tmp_path):
    file = attach(place, files.picture(), "1.png")
    (tmp_path / file.stored.file.name).unlink()
    client.force_login(place.assessor)

    said = "The file is missing on the server. Tell the people who look after the portal."
    assert view(client, file).context["failed"] == said
    assert client.get(file.get_absolute_url())["Location"] == reverse("agreements:view-evidence", args=[file.pk])


def test_only_so_many_pages_are_drawn(client, place, settings):
    settings.EVIDENCE_PREVIEW_PAGES = 1
    file = attach(place, files.pdf("one", "two"))
    client.force_login(place.assessor)

    assert (view(client, file).context["pages"], view(client, file).context["hidden_pages"]) == (1, 1)
    assert picture(client, file, 2).status_code == 404


def test_the_files_of_a_result_are_neighbours(client, place):
    first, second, third = (attach(place, b"%d" % number, f"{number}.txt") for number in range(3))
    client.force_login(place.assessor)

    shown = view(client, second).context

    assert (shown["file_before"], shown["file_after"], shown["file_number"], shown["file_count"]) == (
        first,
        third,
        2,
        3,
    )


def test_the_pane_gets_the_file_alone(client, place):
    file = attach(place, files.picture(), "1.png")
    client.force_login(place.assessor)

    response = client.get(reverse("agreements:view-evidence", args=[file.pk]), headers=BY_SCRIPT)

    assert response.templates[0].name == "agreements/_evidence_viewer.html"


def test_strangers_and_colleagues_see_no_page(client, place):
    file = attach(place, files.picture(), "1.png")
    got = []
    for user in (UserFactory(), colleague(place).assessee, office().hr):
        client.force_login(user)
        got += [view(client, file).status_code, picture(client, file).status_code]

    assert got == [404] * 6


def test_control_without_visible_to_they_would(client, place, monkeypatch):
    file = attach(place, files.picture(), "1.png")
    monkeypatch.setattr(EvidenceQuerySet, "visible_to", lambda self, user: self.all())
    client.force_login(UserFactory())

    assert picture(client, file).status_code == 200


def test_a_picture_sent_is_never_the_file_itself(client, place):
    sent = files.picture("JPEG", taken="2013:01:02 03:04:05")
    file = attach(place, sent, "1.jpg")
    client.force_login(place.assessor)

    assert dict(Image.open(io.BytesIO(picture(client, file).content)).getexif()) == {}
    assert previews.page_count(file.stored) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_result_asks_no_more_with_more_files(client, place, django_assert_num_queries, count):
    beside = bring_to(colleague(place), State.AGREED)
    for number in range(count):
        attach(beside, b"%d" % number, f"{number}.txt")
        attach(place, b"%d" % number, f"{number}.txt")
    client.force_login(place.assessee)
    client.get(address("result", place))

    with django_assert_num_queries(QUERIES):
        client.get(address("result", place))


QUERIES = 28
