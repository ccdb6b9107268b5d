"""The public page: what it says, what it never says, and how it slows down who guesses."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements.models import Signature, State
from agreements.services import seals
from agreements.views import throttle, verification
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_tried_yet():
    cache.clear()


@pytest.fixture
def place():
    return bring_to(office(), State.CLOSED)


def verify(client, code):
    return client.get(reverse("agreements:verify", args=[code]))


def test_a_code_tells_positions_and_days_and_never_names_or_scores(client, place):
    code = Signature.objects.filter(stage="result").first().short_code

    page = verify(client, code)

    html = page.content.decode()
    [answer] = page.context["answers"]
    assert [one.capacity for one in answer.signatures] == ["assessor", "assessee", "reviewer"]
    assert place.posting.printed_title in html
    secrets = [person.last_name for person in (place.assessee, place.assessor, place.reviewer)]
    secrets += [person.first_name for person in (place.assessee, place.assessor, place.reviewer)]
    secrets += ["4.0000", "80.00", place.version.items.get().title]
    assert [one for one in secrets if one in html] == []


@pytest.mark.parametrize("spelled", [lambda code: code.lower(), lambda code: f" {code[:4]}-{code[4:8]} {code[8:]}"])
def test_a_code_typed_otherwise_leads_to_the_same(client, place, spelled):
    code = Signature.objects.first().short_code

    response = client.get(reverse("agreements:verify-typed"), {"code": spelled(code)})

    assert response["Location"] == reverse("agreements:verify", args=[code])


def test_an_unknown_code_is_said_to_be_signed_by_nobody(client, place):
    page = verify(client, "000000000000")

    assert [one.signatures for one in page.context["answers"]] == [()]


# --- Files -----------------------------------------------------------------------------------------------------------
def upload(client, content):
    return client.post(reverse("agreements:verify-file"), {"file": SimpleUploadedFile("แบบ.pdf", content)})


def test_the_form_from_the_portal_is_known(client, place):
    client.force_login(place.hr)
    printed = client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]), {"forms": "3"}).content
    client.logout()

    page = upload(client, printed)

    assert page.context["file"].is_untouched is True
    assert len(page.context["answers"][0].signatures) == 3


def test_what_was_changed_is_said_to_be(client, place):
    client.force_login(place.hr)
    printed = client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]), {"forms": "3"}).content
    at = printed.rfind(seals.MARK)

    page = upload(client, printed[:at] + b"%" + printed[at:])

    assert page.context["file"].is_untouched is False
    # The control: with the seal where it belongs, the same file is untouched.
    assert upload(client, printed).context["file"].is_untouched is True


@pytest.mark.parametrize("content", [b"", b"no form"])
def test_what_cannot_be_read_is_refused_in_words(client, content):
    page = upload(client, content)

    assert (page.status_code, bool(page.context["refusal"])) == (200, True)


def test_without_a_file_it_asks_for_one(client):
    page = client.post(reverse("agreements:verify-file"))

    assert (page.status_code, bool(page.context["refusal"])) == (200, True)


# --- Guessing --------------------------------------------------------------------------------------------------------
def test_who_guesses_is_slowed_down_and_who_has_a_code_before_that_is_not(client, place, monkeypatch):
    monkeypatch.setattr(verification, "MOST_MISSES", 3)
    code = Signature.objects.first().short_code

    found = [verify(client, code).status_code for _time in range(5)]
    missed = [verify(client, f"{number:012}").status_code for number in range(5)]

    assert found == [200] * 5
    assert missed == [200, 200, 200, 429, 429]
    # From elsewhere it still answers.
    assert client.get(reverse("agreements:verify", args=[code]), REMOTE_ADDR="192.0.2.7").status_code == 200


def test_control_without_the_count_guessing_goes_on(client, place, monkeypatch):
    monkeypatch.setattr(verification, "MOST_MISSES", 3)
    monkeypatch.setattr(throttle, "count", lambda request, what: None)

    assert {verify(client, f"{number:012}").status_code for number in range(5)} == {200}


def test_files_are_counted_too(client, monkeypatch):
    monkeypatch.setattr(verification, "MOST_FILES", 1)

    assert [upload(client, b"").status_code for _time in range(3)] == [200, 429, 429]


def test_behind_a_proxy_the_address_that_it_saw_counts(client, place, settings, monkeypatch):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    monkeypatch.setattr(verification, "MOST_MISSES", 1)

    def asked(forwarded):
        path = reverse("agreements:verify", args=["000000000000"])
        return client.get(path, headers={"X-Forwarded-For": forwarded}).status_code

    # What the visitor wrote before the proxy's own entry changes nothing.
    assert [asked("192.0.2.1"), asked("198.51.100.9, 192.0.2.1"), asked("192.0.2.2")] == [200, 429, 200]
