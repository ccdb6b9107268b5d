"""Signing in: locks by person and address together, where it leads, and how sessions end."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings as portal
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.forms.accounts import SignInForm
from agreements.models import Event, OneTimeCode, User
from agreements.services import accounts
from agreements.views import attempts
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db

OFFICE, HOME = "10.0.0.7", "203.0.113.9"
GOOD = "ฝนตกที่หนองใหญ่"
LIMIT = 4


@pytest.fixture(autouse=True)
def _few_attempts(settings):
    settings.AXES_FAILURE_LIMIT = LIMIT


@pytest.fixture
def unit():
    return OrganisationFactory()


@pytest.fixture
def person(unit):
    return PostingFactory(organisation=unit).user


def try_password(username, password, *, at=OFFICE, client=None, **extra):
    """Return the status of one attempt, from a browser of its own unless one is named."""
    typed = {"username": username, "password": password}
    return (client or Client()).post(reverse("sign-in"), typed, REMOTE_ADDR=at, **extra).status_code


def try_code(username, code, *, at=OFFICE):
    typed = {"username": username, "code": code, "new_password": GOOD, "new_password_again": GOOD}
    return Client().post(reverse("sign-in-code"), typed, REMOTE_ADDR=at).status_code


def lock_out(person, at=OFFICE):
    return [try_password(person.username, f"wrong {number}", at=at) for number in range(LIMIT)]


# --- Locks -----------------------------------------------------------------------------------------------------------
def test_too_many_wrong_passwords_lock_this_person_at_this_address_alone(person, unit):
    colleague = PostingFactory(organisation=unit).user

    assert lock_out(person) == [200, 200, 200, 429]

    assert try_password(person.username, "demo") == 429
    assert try_password(person.username, "demo", at=HOME) == 302
    assert try_password(colleague.username, "demo") == 302


def test_control_without_the_lock_guessing_goes_on(person, settings):
    settings.AXES_ENABLED = False

    assert lock_out(person) == [200, 200, 200, 200]
    assert try_password(person.username, "demo") == 302


def test_control_the_librarys_own_default_locks_the_whole_office(person, unit, settings):
    settings.AXES_LOCKOUT_PARAMETERS = ["ip_address"]
    colleague = PostingFactory(organisation=unit).user

    lock_out(person)

    assert try_password(colleague.username, "demo") == 429


def test_capitals_another_browser_and_a_made_up_header_do_not_help(person):
    lock_out(person)

    assert try_password(person.username.upper(), "demo") == 429
    assert try_password(person.username, "demo", HTTP_USER_AGENT="another") == 429
    assert try_password(person.username, "demo", HTTP_X_FORWARDED_FOR=HOME) == 429


def test_behind_a_proxy_people_are_told_apart_by_what_it_appended(person, settings):
    settings.BEHIND_PROXY = True
    claimed = [f"198.51.100.{number}, {OFFICE}" for number in range(LIMIT)]

    got = [try_password(person.username, "wrong", at="10.9.9.9", HTTP_X_FORWARDED_FOR=one) for one in claimed]

    assert got == [200, 200, 200, 429]
    assert try_password(person.username, "demo", at="10.9.9.9", HTTP_X_FORWARDED_FOR=HOME) == 302


def test_nobody_learns_from_the_lock_whether_a_user_name_exists(person):
    assert lock_out(User(username="nobody-of-that-name")) == lock_out(person)


def test_the_lock_ends_when_its_page_says_and_trying_meanwhile_does_not_prolong_it(person):
    lock_out(person)
    for _number in range(3):
        try_password(person.username, "wrong")
    last = AccessAttempt.objects.get()
    assert last.failures_since_start == LIMIT

    response = Client().post(reverse("sign-in"), {"username": person.username, "password": "demo"}, REMOTE_ADDR=OFFICE)
    ends_at = last.attempt_time + portal.AXES_COOLOFF_TIME
    assert response.context["ends_at"] == ends_at
    assert timezone.localtime(ends_at).strftime("%H.%M น.") in response.content.decode()
    assert 14 * 60 < int(response["Retry-After"]) <= 15 * 60 + 1

    AccessAttempt.objects.update(attempt_time=timezone.now() - portal.AXES_COOLOFF_TIME - timedelta(seconds=1))
    assert try_password(person.username, "demo") == 302
    assert not AccessAttempt.objects.exists()


def test_signing_in_forgets_the_failures_before(person):
    for _round in range(3):
        assert [try_password(person.username, "wrong") for _number in range(LIMIT - 1)] == [200, 200, 200]
        assert try_password(person.username, "demo") == 302


def test_codes_of_slips_are_counted_with_passwords(person):
    slip = accounts.issue_code(person, at=timezone.now())
    got = [try_code(person.username, "AAAA-AAAA-AAAA"), try_password(person.username, "wrong")]
    got += [try_code(person.username.upper(), "AAAA-AAAA-AAAA") for _number in range(2)]

    assert got == [200, 200, 200, 429]
    assert try_code(person.username, slip.code) == 429
    assert OneTimeCode.objects.exists()
    assert try_code(person.username, slip.code, at=HOME) == 302


def test_control_without_the_question_a_locked_person_opens_the_account_with_a_code(person, monkeypatch):
    slip = accounts.issue_code(person, at=timezone.now())
    lock_out(person)
    monkeypatch.setattr(attempts, "is_locked", lambda request, username: False)

    assert try_code(person.username, slip.code) == 302


def test_whoever_sits_down_at_an_open_session_cannot_guess_the_password_there(client, person):
    client.force_login(person)
    typed = {"old_password": "wrong", "new_password": GOOD, "new_password_again": GOOD}

    got = [client.post(reverse("agreements:password"), typed, REMOTE_ADDR=OFFICE).status_code for _n in range(LIMIT)]

    assert got == [200, 200, 200, 429]
    right = client.post(reverse("agreements:password"), typed | {"old_password": "demo"}, REMOTE_ADDR=OFFICE)
    assert right.status_code == 429
    person.refresh_from_db()
    assert person.check_password("demo")


def test_nothing_typed_that_opens_anything_is_kept_with_the_attempts(client, person):
    try_password(person.username, "secret-password")
    try_code(person.username, "SECR-ETCO-DE22")
    client.force_login(person)
    typed = {"old_password": "secret-old", "new_password": "secret-new", "new_password_again": "secret-new"}
    client.post(reverse("agreements:password"), typed, REMOTE_ADDR=OFFICE)

    kept = "".join(f"{one.post_data}{one.get_data}" for one in AccessAttempt.objects.all())

    assert "username=****" in kept
    assert [word for word in ("secret", "SECR", GOOD) if word in kept] == []


# --- HR lifts a lock -------------------------------------------------------------------------------------------------
def test_hr_lifts_the_lock_of_a_person(client, person, unit):
    hr = RoleFactory(organisation=unit).user
    lock_out(person)
    lock_out(person, at=HOME)
    client.force_login(hr)
    page = client.get(reverse("agreements:person", args=[person.pk]))
    assert page.context["locked_until"] == max(
        one.attempt_time + portal.AXES_COOLOFF_TIME for one in AccessAttempt.objects.all()
    )

    client.post(reverse("agreements:lift-lock", args=[person.pk]))

    assert client.get(reverse("agreements:person", args=[person.pk])).context["locked_until"] is None
    assert [try_password(person.username, "demo", at=place) for place in (OFFICE, HOME)] == [302, 302]
    assert Event.objects.values_list("verb", "actor").get() == ("lock.lifted", hr.pk)


def test_hr_of_another_office_lifts_nothing(client, person):
    lock_out(person)
    client.force_login(RoleFactory(organisation=OrganisationFactory()).user)

    assert client.post(reverse("agreements:lift-lock", args=[person.pk])).status_code == 404
    assert try_password(person.username, "demo") == 429


# --- Sessions --------------------------------------------------------------------------------------------------------
def test_a_session_gets_a_new_key_by_signing_in(client, person):
    client.get(reverse("sign-in"))
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key

    try_password(person.username, "demo", client=client)

    assert client.session.session_key != planted
    held = Client()
    held.cookies[portal.SESSION_COOKIE_NAME] = planted
    assert held.get(reverse("agreements:work")).status_code == 302


def test_signing_out_everywhere_ends_the_other_sessions_only(client, person):
    elsewhere = Client()
    for one in (client, elsewhere):
        one.force_login(person)

    client.post(reverse("agreements:sign-out-everywhere"))

    assert client.get(reverse("agreements:work")).status_code == 200
    assert elsewhere.get(reverse("agreements:work")).status_code == 302
    assert Event.objects.values_list("verb", "actor").get() == ("sessions.ended", person.pk)
    assert try_password(person.username, "demo", client=elsewhere) == 302


def test_control_without_the_number_in_the_hash_other_sessions_go_on(client, person, monkeypatch):
    monkeypatch.setattr(User, "_get_session_auth_hash", super(User, User)._get_session_auth_hash)
    elsewhere = Client()
    for one in (client, elsewhere):
        one.force_login(person)

    client.post(reverse("agreements:sign-out-everywhere"))

    assert elsewhere.get(reverse("agreements:work")).status_code == 200


def test_a_disabled_person_does_not_sign_in(person, unit):
    accounts.disable(person, by=RoleFactory(organisation=unit).user, at=NOON)
    User.objects.filter(pk=person.pk).update(password=UserFactory().password)

    assert try_password(person.username, "demo") == 200


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(client, person, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.get(reverse("sign-in"))
    try_password(person.username, "demo", client=client)

    for name in (portal.SESSION_COOKIE_NAME, portal.CSRF_COOKIE_NAME):
        held = client.cookies[name]
        assert (held["httponly"], held["samesite"], held["secure"]) == (True, "Lax", True)


# --- Where it leads --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/agreements/?state=draft", "/agreements/?state=draft"),
        ("/people/#slips", "/people/#slips"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("http:///evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("\x00//evil.example", "/"),
        ("", "/"),
    ],
)
def test_signing_in_goes_on_within_the_portal_only(client, person, asked, led):
    typed = {"username": person.username, "password": "demo", "next": asked}

    assert client.post(reverse("sign-in"), typed)["Location"] == led


def test_a_form_from_elsewhere_signs_nobody_in(person):
    strict = Client(enforce_csrf_checks=True)

    got = try_password(person.username, "demo", client=strict)

    assert got == 403
    assert strict.get(reverse("agreements:work")).status_code == 302


def test_a_wrong_password_is_said_with_what_to_look_at(client, person):
    response = client.post("/sign-in/", {"username": person.username, "password": "ยกทน"})

    assert response.context["form"].errors == {"__all__": [str(SignInForm.error_messages["invalid_login"])]}
