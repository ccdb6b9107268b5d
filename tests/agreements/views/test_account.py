"""The second step of signing in: turned on with an app, asked for, lost, and demanded of a role."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.conf import settings as portal
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import AuthenticatorApp, Event, RecoveryCode, Role, User
from agreements.services import accounts, second_steps
from agreements.services.accounts import ProofRefused
from agreements.views import attempts
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MOMENT = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)
HALF_MINUTE = timedelta(seconds=30)
GOOD = "ฝนตกที่หนองใหญ่"


@pytest.fixture
def unit():
    return OrganisationFactory()


@pytest.fixture
def person(unit):
    return PostingFactory(organisation=unit).user


@pytest.fixture
def hr(unit):
    return RoleFactory(organisation=unit).user


def code_at(moment, secret=SECRET):
    return pyotp.TOTP(secret).at(moment)


def turned_on(person, *, moment=None):
    """Turn the second step on, as of an hour ago, and return the recovery codes."""
    moment = moment or timezone.now() - timedelta(hours=1)
    return second_steps.turn_on(person, SECRET, code_at(moment), at=NOON, moment=moment)


def first_step(client, person, **more):
    return client.post(reverse("sign-in"), {"username": person.username, "password": "demo"} | more)


def second_step(client, code):
    return client.post(reverse("second-step"), {"code": code})


# --- Codes -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds, code):
    # RFC 6238, appendix B, shortened to six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    moment = datetime.fromtimestamp(seconds, tz=UTC)

    assert second_steps._step_of(secret, code, moment=moment) == seconds // 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which", ["app", "recovery"])
def test_of_eight_requests_with_one_code_one_gets_in(person, which):
    codes = turned_on(person, moment=MOMENT - timedelta(hours=1))
    typed = codes[0] if which == "recovery" else code_at(MOMENT)
    together = threading.Barrier(8)

    def prove(_number):
        together.wait()
        try:
            second_steps.prove(person, typed, at=NOON, moment=MOMENT)
        except ProofRefused:
            return "refused"
        else:
            return "in"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(prove, range(8)))

    assert sorted(got) == ["in", *["refused"] * 7]


@pytest.mark.parametrize(("late", "holds"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_wrong(person, late, holds):
    turned_on(person, moment=MOMENT - timedelta(hours=1))

    typed = code_at(MOMENT + late * HALF_MINUTE)

    if holds:
        second_steps.prove(person, typed, at=NOON, moment=MOMENT)
    else:
        with pytest.raises(ProofRefused):
            second_steps.prove(person, typed, at=NOON, moment=MOMENT)


def test_a_code_counts_once_and_none_from_before_it(person):
    turned_on(person, moment=MOMENT - timedelta(hours=1))
    second_steps.prove(person, code_at(MOMENT), at=NOON, moment=MOMENT)

    for earlier in (MOMENT, MOMENT - HALF_MINUTE):
        with pytest.raises(ProofRefused):
            second_steps.prove(person, code_at(earlier), at=NOON, moment=MOMENT)
    second_steps.prove(person, code_at(MOMENT + HALF_MINUTE), at=NOON, moment=MOMENT)


def test_the_code_that_turned_it_on_does_not_sign_in(person):
    turned_on(person, moment=MOMENT)

    with pytest.raises(ProofRefused):
        second_steps.prove(person, code_at(MOMENT), at=NOON, moment=MOMENT)


def test_control_without_the_last_step_a_code_that_was_overheard_counts_again(person, monkeypatch):
    turned_on(person, moment=MOMENT - timedelta(hours=1))
    monkeypatch.setattr(second_steps, "_take_step", lambda app, step: True)

    for _time in range(2):
        second_steps.prove(person, code_at(MOMENT), at=NOON, moment=MOMENT)


def test_thai_digits_and_spaces_are_understood(person):
    turned_on(person, moment=MOMENT - timedelta(hours=1))
    thai = code_at(MOMENT).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))

    second_steps.prove(person, f" {thai[:3]} {thai[3:]} ", at=NOON, moment=MOMENT)


def test_a_recovery_code_counts_once_and_only_its_hash_is_kept(person):
    codes = turned_on(person)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert [code for code in codes if RecoveryCode.objects.filter(digest__icontains=code.replace("-", ""))] == []

    second_steps.prove(person, codes[3].lower().replace("-", " "), at=NOON, moment=timezone.now())

    assert RecoveryCode.objects.count() == 9
    with pytest.raises(ProofRefused):
        second_steps.prove(person, codes[3], at=NOON, moment=timezone.now())
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == ["second-step.on", "recovery-code.used"]


def test_nobody_elses_recovery_code_counts(person):
    other = UserFactory()
    turned_on(person)
    codes = turned_on(other)

    with pytest.raises(ProofRefused):
        second_steps.prove(person, codes[0], at=NOON, moment=timezone.now())


def test_the_secret_is_kept_encrypted_and_survives_a_change_of_key(person, settings):
    turned_on(person, moment=MOMENT - timedelta(hours=1))
    kept = AuthenticatorApp.objects.get()
    assert SECRET not in kept.sealed_secret

    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(ProofRefused):
        second_steps.prove(person, code_at(MOMENT), at=NOON, moment=MOMENT)
    settings.SECRET_KEY_FALLBACKS = [before]
    second_steps.prove(person, code_at(MOMENT), at=NOON, moment=MOMENT)


# --- Turning it on and off -------------------------------------------------------------------------------------------
def test_it_is_turned_on_with_the_code_of_the_app_that_read_the_picture(client, person):
    client.force_login(person)
    page = client.get(reverse("agreements:turn-on-second-step"))
    secret = page.context["secret"].replace(" ", "")
    assert "<svg" in page.content.decode()
    assert secret not in str(client.session.items())

    wrong = client.post(reverse("agreements:turn-on-second-step"), {"code": "000000"})
    assert list(wrong.context["form"].errors) == ["code"]
    assert wrong.context["secret"].replace(" ", "") == secret
    right = client.post(reverse("agreements:turn-on-second-step"), {"code": code_at(timezone.now(), secret)})

    assert len(right.context["codes"]) == 10
    assert all(code in right.content.decode() for code in right.context["codes"])
    assert second_steps.is_on(person)
    assert client.get(reverse("agreements:turn-on-second-step")).status_code == 302


def test_turning_it_off_and_new_codes_ask_for_the_password(client, person):
    first = turned_on(person)
    client.force_login(person)
    off, renew = reverse("agreements:turn-off-second-step"), reverse("agreements:renew-recovery-codes")

    for address in (off, renew):
        refused = client.post(address, {"old_password": "wrong"})
        assert list(refused.context["form"].errors) == ["old_password"]
    assert second_steps.is_on(person)

    codes = client.post(renew, {"old_password": "demo"}).context["codes"]
    with pytest.raises(ProofRefused):
        second_steps.prove(person, first[0], at=NOON, moment=timezone.now())
    second_steps.prove(person, codes[0], at=NOON, moment=timezone.now())
    client.post(off, {"old_password": "demo"})
    assert not second_steps.is_on(person)
    assert not RecoveryCode.objects.exists()


# --- Signing in with it ----------------------------------------------------------------------------------------------
def test_after_the_password_the_code_is_asked_for_and_then_one_is_in(client, person):
    turned_on(person)

    asked = first_step(client, person, next="/agreements/")

    assert asked["Location"] == reverse("second-step")
    assert client.get(reverse("agreements:work")).status_code == 302
    assert list(second_step(client, "123456").context["form"].errors) == ["code"]
    entered = second_step(client, code_at(timezone.now()))
    assert entered["Location"] == "/agreements/"
    assert client.get(reverse("agreements:work")).context["user"] == person


def test_control_without_the_question_the_password_alone_lets_in(client, person, monkeypatch):
    turned_on(person)
    monkeypatch.setattr(second_steps, "is_on", lambda person: False)

    first_step(client, person)

    assert client.get(reverse("agreements:work")).status_code == 200


def test_a_slip_does_not_go_round_the_second_step(client, person):
    turned_on(person)
    slip = accounts.issue_code(person, at=timezone.now())
    typed = {"username": person.username, "code": slip.code, "new_password": GOOD, "new_password_again": GOOD}

    assert client.post(reverse("sign-in-code"), typed)["Location"] == reverse("second-step")
    assert client.get(reverse("agreements:work")).status_code == 302


def test_the_second_step_cannot_be_taken_without_the_first(client, person):
    turned_on(person)

    assert second_step(client, code_at(timezone.now()))["Location"] == reverse("sign-in")
    assert client.get(reverse("agreements:work")).status_code == 302


@pytest.mark.parametrize("what", ["time", "password", "disabled"])
def test_the_first_step_holds_no_longer(client, person, hr, what):
    turned_on(person)
    first_step(client, person)
    if what == "time":
        session = client.session
        waiting = session["second-step"]
        session["second-step"] = waiting | {"until": timezone.now().timestamp() - 1}
        session.save()
    elif what == "password":
        accounts.issue_codes([person], by=hr, at=NOON)
    else:
        accounts.disable(person, by=hr, at=NOON)

    assert second_step(client, code_at(timezone.now()))["Location"] == reverse("sign-in")
    assert client.get(reverse("agreements:work")).status_code == 302


def test_wrong_codes_are_counted_with_passwords_and_lock(client, person, settings):
    settings.AXES_FAILURE_LIMIT = 3
    turned_on(person)
    Client().post(reverse("sign-in"), {"username": person.username, "password": "wrong"})
    first_step(client, person)

    assert [second_step(client, "123456").status_code for _time in range(2)] == [200, 429]
    assert second_step(client, code_at(timezone.now())).status_code == 429
    assert first_step(Client(), person).status_code == 429


def test_control_without_counting_codes_are_guessed_on(client, person, settings, monkeypatch):
    settings.AXES_FAILURE_LIMIT = 3
    turned_on(person)
    monkeypatch.setattr(attempts, "count_failure", lambda request, username: None)
    first_step(client, person)

    assert {second_step(client, "123456").status_code for _time in range(10)} == {200}
    assert second_step(client, code_at(timezone.now())).status_code == 302


def test_the_session_of_the_first_step_is_another_one(client, person):
    turned_on(person)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key

    first_step(client, person)

    assert client.session.session_key != planted
    assert "planted" not in client.session


# --- HR, and roles that need it --------------------------------------------------------------------------------------
def test_hr_takes_it_away_from_whoever_lost_the_telephone(client, person, hr):
    turned_on(person)
    client.force_login(hr)

    client.post(reverse("agreements:take-second-step", args=[person.pk]))

    assert not second_steps.is_on(person)
    assert Event.objects.order_by("pk").values_list("verb", "actor").last() == ("second-step.taken", hr.pk)
    assert first_step(Client(), person)["Location"] == reverse(portal.LOGIN_REDIRECT_URL)


def test_nobody_takes_their_own_away_as_hr_nor_another_offices(client, person, hr):
    turned_on(person)
    turned_on(hr)
    client.force_login(hr)
    assert client.post(reverse("agreements:take-second-step", args=[hr.pk])).status_code == 403

    client.force_login(RoleFactory(organisation=OrganisationFactory()).user)
    assert client.post(reverse("agreements:take-second-step", args=[person.pk])).status_code == 404
    assert second_steps.is_on(person)
    assert second_steps.is_on(hr)


def test_a_role_that_needs_it_turns_it_on_before_anything_else(client, hr, person, settings):
    settings.SECOND_STEP_ROLES = [Role.Kind.HR]
    client.force_login(hr)
    here = reverse("agreements:turn-on-second-step")

    for address in ("/", "/people/", f"/people/{person.pk}/", "/account/", "/verify/"):
        assert client.get(address)["Location"] == here
    assert client.post(reverse("agreements:disable-person", args=[person.pk]))["Location"] == here
    assert User.objects.get(pk=person.pk).is_active
    page = client.get(here)
    assert page.status_code == 200
    client.post(here, {"code": code_at(timezone.now(), page.context["secret"].replace(" ", ""))})

    assert client.get("/people/").status_code == 200
    client.post(reverse("agreements:turn-off-second-step"), {"old_password": "demo"})
    assert second_steps.is_on(hr)


def test_whoever_has_no_such_role_is_not_asked(client, person, settings):
    settings.SECOND_STEP_ROLES = [Role.Kind.HR]
    client.force_login(person)

    assert client.get("/").status_code == 200


def test_control_without_the_setting_hr_works_without_it(client, hr):
    client.force_login(hr)

    assert client.get("/people/").status_code == 200


# --- What the pages say ----------------------------------------------------------------------------------------------
def test_hrs_page_of_a_person_holds_no_secret(client, person, hr):
    codes = turned_on(person)
    client.force_login(hr)

    page = client.get(reverse("agreements:person", args=[person.pk])).content.decode()

    kept = [SECRET, AuthenticatorApp.objects.get().sealed_secret, User.objects.get(pk=person.pk).password, *codes]
    kept += RecoveryCode.objects.values_list("digest", flat=True)
    assert [one for one in kept if one in page] == []
