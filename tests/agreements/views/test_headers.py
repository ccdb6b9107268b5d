"""What every answer carries, and what is refused before it is read; test_access asks it of every address."""

import re

import pytest
from django.conf import settings as portal
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from agreements import middleware
from agreements.models import User
from agreements.views import work
from tests.factories import PostingFactory
from tests.headers import missing_headers

BASE_DIR = portal.BASE_DIR
pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return PostingFactory().user


def faults(response):
    return (response.status_code, missing_headers(response))


def test_refusals_carry_them_too(client, person, settings, monkeypatch):
    settings.AXES_FAILURE_LIMIT = 1
    strict = Client(enforce_csrf_checks=True)
    wrong = {"username": person.username, "password": "wrong"}
    assert faults(client.post(reverse("sign-in"), wrong)) == (429, [])
    assert faults(strict.post(reverse("sign-in"), wrong)) == (403, [])
    client.force_login(person)
    assert faults(client.get("/nothing-here/")) == (404, [])
    assert faults(client.get(reverse("agreements:give-role", args=[1]))) == (405, [])
    assert faults(client.get("/", HTTP_HOST="evil.example")) == (400, [])
    assert faults(client.get("/people")) == (301, [])


def test_so_does_a_page_that_fails(client, person, monkeypatch):
    def fails(self, user):
        raise ZeroDivisionError

    client.force_login(person)
    client.raise_request_exception = False
    monkeypatch.setattr(work.Agreement.objects.all().__class__, "visible_to", fails)

    assert faults(client.get(reverse("agreements:agreements"))) == (500, [])


def test_control_without_the_middleware_a_browser_may_keep_a_page(client, person, settings):
    name = "agreements.middleware.careful_headers"
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != name]
    client.force_login(person)

    assert missing_headers(client.get("/")) == ["Permissions-Policy", "Cache-Control"]


def test_over_https_browsers_are_told_to_stay_there(client, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True

    assert client.get("/sign-in/")["Location"] == "https://testserver/sign-in/"
    assert client.get("/sign-in/", secure=True)["Strict-Transport-Security"].startswith("max-age=31536000")


# --- Sizes -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["/people/upload/", "/frameworks/upload/", "/sign-in/", "/nothing-here/"])
def test_a_request_too_large_is_refused_before_anything_of_it_is_read(client, person, settings, monkeypatch, address):
    settings.EVIDENCE_MAX_BYTES, settings.REQUEST_MAX_BYTES = 100, 1000
    client.force_login(person)
    read = []
    monkeypatch.setattr(
        "django.core.handlers.wsgi.WSGIRequest._load_post_and_files", lambda self: read.append(self) or self
    )

    response = client.post(address, {"file": SimpleUploadedFile("large.xlsx", b"x" * 2000)})

    assert (faults(response), read) == ((413, []), [])


def test_whoever_is_not_signed_in_may_send_less(client, person, settings):
    settings.EVIDENCE_MAX_BYTES, settings.REQUEST_MAX_BYTES = 1000, 10_000
    large = b"x" * 2000

    anonymous = client.post("/sign-in/", {"username": large})
    client.force_login(person)
    known = client.post("/nothing-here/", {"file": SimpleUploadedFile("large.xlsx", large)})

    assert (anonymous.status_code, known.status_code) == (413, 404)


def test_control_without_the_middleware_it_is_read(client, person, settings):
    settings.EVIDENCE_MAX_BYTES, settings.REQUEST_MAX_BYTES = 100, 1000
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith("bounded_requests")]
    client.force_login(person)

    response = client.post("/nothing-here/", {"file": SimpleUploadedFile("large.xlsx", b"x" * 2000)})

    assert response.status_code == 404


@pytest.mark.parametrize("told", ["", "-1", "1e9", "nonsense", None])
def test_a_length_that_is_none_is_a_body_of_nothing(rf, settings, told):
    request = rf.post("/")
    request.META |= {"CONTENT_LENGTH": told}

    assert middleware._length(request) == 0


# --- What is reachable without signing in ----------------------------------------------------------------------------
def test_only_these_addresses_answer_whoever_is_not_signed_in():
    """The list is the libraries' as well: none brings addresses of its own."""
    found = {name for name, view in _named(get_resolver()) if getattr(view, "login_required", True) is False}

    assert found == {
        *("sign-in", "sign-in-code", "second-step", "openid", "openid-answer", "set_language"),
        *("verify", "verify-typed", "verify-file"),
    }


def test_no_library_brings_addresses_of_its_own():
    modules = {view.__module__.partition(".")[0] for _name, view in _named(get_resolver())}

    assert modules == {"agreements", "reports", "django"}


def test_one_door_lets_people_in():
    sources = [(path, path.read_text(encoding="utf-8")) for path in (BASE_DIR / "agreements").rglob("*.py")]

    assert [path.name for path, text in sources if re.search(r"(?<![_\w.])login\(", text)] == ["sign_in.py"]


def _named(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _named(pattern)
        else:
            yield pattern.name, pattern.callback


def test_the_people_that_sign_in_are_active_ones_alone(client, person):
    client.force_login(person)
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert client.get("/").status_code == 302
