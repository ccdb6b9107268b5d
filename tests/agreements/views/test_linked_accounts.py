"""Signing in with an account at an identity provider, against a provider of our own over real HTTP."""

import base64
import json
import time

import pytest
import requests
from authlib.integrations.base_client import sync_openid
from authlib.integrations.django_client import DjangoOAuth2App
from authlib.oidc.core import IDToken
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import OctKey

from agreements.models import Event, LinkedAccount, User
from agreements.services import accounts, linked_accounts
from agreements.views import linked_accounts as views
from tests.agreements.views.test_account import code_at, turned_on
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory, UserFactory
from tests.provider import CLIENT, SECRET, Provider, key

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    with Provider() as running:
        configure(settings, running)
        yield running


@pytest.fixture
def person():
    return PostingFactory(organisation=OrganisationFactory()).user


@pytest.fixture
def linked(provider, person):
    linked_accounts.link(person, issuer=provider.issuer, subject=provider.subject, at=NOON)
    return person


def configure(settings, provider):
    settings.OPENID_ISSUER, settings.OPENID_NAME = provider.issuer, "ThaID"
    settings.OPENID_CLIENT_ID, settings.OPENID_CLIENT_SECRET = CLIENT, SECRET


def sent_back(client, **asked):
    """Go to the provider and return the address that it sends the browser back to."""
    away = client.get(reverse("openid"), asked)["Location"]
    back = requests.get(away, allow_redirects=False, timeout=5)
    return back.headers["Location"].removeprefix("http://testserver")


def walk(client, **asked):
    """Go to the provider and come back; return the portal's answer."""
    return client.get(sent_back(client, **asked))


def is_in(client):
    return client.get(reverse("agreements:work")).status_code == 200


# --- As it should be -------------------------------------------------------------------------------------------------
def test_a_linked_account_signs_in(client, linked):
    assert walk(client, next="/agreements/")["Location"] == "/agreements/"

    assert client.get(reverse("agreements:work")).context["user"] == linked


def test_nothing_of_it_is_there_unless_configured(client):
    assert "openid" not in client.get(reverse("sign-in")).content.decode()
    assert [client.get(reverse(name)).status_code for name in ("openid", "openid-answer")] == [404, 404]


def test_the_sign_in_page_names_it_and_keeps_where_to_go_on(client, provider):
    page = client.get(reverse("sign-in"), {"next": "/people/?q=1"}).content.decode()

    assert "ThaID" in page
    assert f"{reverse('openid')}?next=/people/%3Fq%3D1" in page


def test_the_provider_leads_nowhere_else(client, linked):
    assert walk(client, next="https://evil.example/")["Location"] == "/"


def test_the_second_step_is_asked_for_here_too(client, linked):
    turned_on(linked)

    assert walk(client)["Location"] == reverse("second-step")
    assert not is_in(client)
    client.post(reverse("second-step"), {"code": code_at(timezone.now())})
    assert is_in(client)


def test_a_session_gets_a_new_key_here_too(client, linked):
    client.get(reverse("openid"))
    planted = client.session.session_key

    walk(client)

    assert is_in(client)
    assert client.session.session_key != planted


# --- Nobody else -----------------------------------------------------------------------------------------------------
def test_whoever_is_not_linked_stays_out_and_no_account_is_made(client, provider, person):
    before = User.objects.count()

    assert walk(client)["Location"] == reverse("sign-in")

    assert (is_in(client), User.objects.count(), LinkedAccount.objects.count()) == (False, before, 0)


def test_an_e_mail_address_opens_nothing(client, provider, person):
    User.objects.filter(pk=person.pk).update(email="somchai@example.go.th")
    provider.twisted = {
        "email": "somchai@example.go.th",
        "email_verified": True,
        "preferred_username": person.username,
    }

    walk(client)

    assert not is_in(client)


def test_a_disabled_person_stays_out_and_a_session_ends_at_once(client, linked):
    walk(client)
    assert is_in(client)
    hr = RoleFactory(organisation=linked.postings.get().organisation).user

    accounts.disable(linked, by=hr, at=NOON)

    assert not is_in(client)
    walk(client)
    assert not is_in(client)


def test_the_same_subject_of_another_issuer_is_somebody_else(client, linked, settings):
    with Provider() as other:
        other.subject = "person-1"
        configure(settings, other)

        walk(client)

        assert not is_in(client)


def test_control_by_subject_alone_the_other_issuers_person_gets_in(client, linked, settings, monkeypatch):
    monkeypatch.setattr(
        linked_accounts, "person_of", lambda issuer, subject: LinkedAccount.objects.get(subject=subject).user
    )
    with Provider() as other:
        configure(settings, other)

        walk(client)

        assert is_in(client)


# --- Tokens that do not hold -----------------------------------------------------------------------------------------
def unsigned(claims):
    head, body = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in (head, body)) + "."


def signed_by_another(claims):
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key("false"))


def signed_with_what_both_know(claims):
    return jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(SECRET))


def signed_with_the_public_key(claims):
    public = OctKey.import_key(key().as_pem(private=False).replace(b"-----", b""))
    return jwt.encode({"alg": "HS256", "kid": "1"}, claims, public)


def changed_after_signing(claims):
    head, _body, signature = jwt.encode({"alg": "RS256", "kid": "1"}, claims | {"sub": "x"}, key()).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


FALSE = {
    "wrong issuer": {"iss": "http://127.0.0.1:1"},
    "no issuer": {"iss": None},
    "wrong audience": {"aud": "another-portal"},
    "wrong audience that names us as the asking party": {"aud": "another-portal", "azp": CLIENT},
    "no audience": {"aud": None},
    "another party": {"aud": [CLIENT, "another-portal"], "azp": "another-portal"},
    "expired": {"iat": 1_000_000_000, "exp": 1_000_000_300},
    "no end": {"exp": None},
    "of tomorrow": {"nbf": 4_000_000_000},
    "wrong nonce": {"nonce": "of another session"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a number": {"sub": 1},
    "a list": {"sub": ["person-1"]},
    "an end in words": {"exp": "tomorrow"},
    "a start in words": {"iat": "yesterday", "nbf": "yesterday"},
    "an issuer among others": {"iss": ["http://127.0.0.1:1"]},
    "an audience that is a number": {"aud": 7},
    "an audience of nothing": {"aud": []},
    "an audience of audiences": {"aud": {"kpi-portal": True}},
    "a nonce among others": {"nonce": ["a", "b"]},
    "too long a name": {"sub": "p" * 256},
}


@pytest.mark.parametrize("twisted", FALSE.values(), ids=FALSE)
def test_a_token_that_says_otherwise_is_refused(client, provider, linked, twisted):
    provider.twisted = twisted

    assert walk(client)["Location"] == reverse("sign-in")
    assert not is_in(client)


@pytest.mark.parametrize(
    "signed",
    [
        unsigned,
        signed_by_another,
        signed_with_what_both_know,
        signed_with_the_public_key,
        changed_after_signing,
        lambda claims: None,
        lambda claims: "nonsense",
        lambda claims: "a.b.c",
    ],
    ids=["none", "another key", "shared secret", "public key", "changed", "no token", "nonsense", "dots"],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(client, provider, linked, signed):
    provider.signed = signed

    assert walk(client)["Location"] == reverse("sign-in")
    assert not is_in(client)


@pytest.mark.parametrize(
    "signed",
    [unsigned, signed_by_another, signed_with_what_both_know, signed_with_the_public_key, changed_after_signing],
    ids=["none", "another key", "shared secret", "public key", "changed"],
)
def test_control_without_looking_at_the_signature_such_a_token_is_taken(client, provider, linked, monkeypatch, signed):
    def believed(token, **_keys_and_algorithms):
        head, body = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
        return jwt.Token(head, body)

    monkeypatch.setattr(sync_openid.jwt, "decode", believed)
    provider.signed = signed

    walk(client)

    assert is_in(client)


def test_the_honest_token_beside_them_is_taken(client, provider, linked):
    now = int(time.time())
    provider.twisted = {"aud": [CLIENT], "azp": CLIENT, "iat": now, "email": "x@example.go.th"}

    walk(client)

    assert is_in(client)


@pytest.mark.parametrize(
    "twisted", [{"iss": "http://127.0.0.1:1"}, {"aud": "another-portal", "azp": CLIENT}], ids=["issuer", "audience"]
)
def test_control_without_our_demands_a_token_for_others_is_taken(client, provider, linked, monkeypatch, twisted):
    monkeypatch.setattr(views, "demanded_claims", dict)
    provider.twisted = twisted

    walk(client)

    assert is_in(client)


def test_a_token_of_another_session_is_not_taken_again(client, provider, linked):
    walk(Client())
    caught = provider.tokens[0]
    provider.signed = lambda claims: caught

    walk(client)

    assert not is_in(client)


def test_control_without_the_nonce_a_caught_token_is_taken_again(client, provider, linked, monkeypatch):
    walk(Client())
    caught = provider.tokens[0]
    provider.signed = lambda claims: caught
    monkeypatch.setattr(IDToken, "validate_nonce", lambda self: None)

    walk(client)

    assert is_in(client)


def test_the_portals_own_list_of_signatures_counts_and_not_the_providers(provider):
    client = views.provider_or_404()

    assert client.load_server_metadata()["id_token_signing_alg_values_supported"] == ["RS256", "PS256", "ES256"]
    assert "none" in provider.description()["id_token_signing_alg_values_supported"]


# --- The way there and back ------------------------------------------------------------------------------------------
def test_an_answer_counts_in_the_session_that_asked_only(client, provider, linked):
    back = sent_back(Client())

    assert client.get(back)["Location"] == reverse("sign-in")
    assert not is_in(client)


def test_an_answer_counts_once(client, provider, linked):
    back = sent_back(client)
    client.get(back)
    client.logout()

    client.get(back)

    assert not is_in(client)


@pytest.mark.parametrize("tail", ["", "?state=x&code=y", "?error=access_denied", "?error=<script>", "?code=y"])
def test_an_answer_to_no_question_is_refused_in_words(client, provider, linked, tail):
    response = client.get(reverse("openid-answer") + tail)

    assert response["Location"] == reverse("sign-in")
    [said] = get_messages(response.wsgi_request)
    assert "ThaID" in str(said)
    assert "script" not in str(said)


def test_a_code_that_was_caught_is_worth_nothing_without_the_verifier(client, provider, linked):
    back = sent_back(client)
    session = client.session
    [name] = [one for one, _held in session.items() if one.startswith("_state_")]
    assert len(session[name]["data"]["code_verifier"]) >= 43
    session[name]["data"]["code_verifier"] = "x" * 48
    session.save()

    client.get(back)

    assert not is_in(client)


def test_a_description_of_another_issuer_is_refused(client, provider, linked):
    provider.described = {"issuer": "http://127.0.0.1:1"}

    assert client.get(reverse("openid"))["Location"] == reverse("sign-in")


def test_control_the_librarys_client_takes_a_description_of_another_issuer(client, provider, linked, monkeypatch):
    provider.described = {"issuer": "http://127.0.0.1:1"}
    monkeypatch.setattr(views.Provider, "load_server_metadata", DjangoOAuth2App.load_server_metadata)

    assert client.get(reverse("openid"))["Location"].startswith(provider.issuer)


@pytest.mark.parametrize(
    "described",
    [
        {"jwks_uri": None},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"jwks_uri": "nonsense"},
        {"token_endpoint": None},
        {"token_endpoint": "http://127.0.0.1:1/token"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": ["a", "b"]},
    ],
)
def test_a_description_that_is_nonsense_leaves_the_password(client, provider, linked, described):
    provider.described = described

    away = client.get(reverse("openid"))["Location"]
    if away.startswith(provider.issuer):
        back = requests.get(away, allow_redirects=False, timeout=5).headers["Location"]
        assert client.get(back.removeprefix("http://testserver"))["Location"] == reverse("sign-in")

    assert not is_in(client)


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": {}}, {"keys": [{}]}, {"keys": ["x"]}, [], "x", 7])
def test_keys_that_are_none_open_nothing(client, provider, linked, keys):
    provider.keys = keys

    assert walk(client)["Location"] == reverse("sign-in")
    assert not is_in(client)

    provider.keys = provider.right_keys()
    walk(client)
    assert is_in(client)


def test_a_provider_that_does_not_answer_leaves_the_password(client, settings):
    with Provider() as gone:
        configure(settings, gone)

    response = client.get(reverse("openid"))

    assert response["Location"] == reverse("sign-in")
    assert client.get(reverse("sign-in")).status_code == 200


# --- Linking ---------------------------------------------------------------------------------------------------------
def test_one_links_ones_own_account_with_the_password(client, provider, person):
    client.force_login(person)
    assert walk(client)["Location"] == reverse("agreements:link-account")
    assert not LinkedAccount.objects.exists()
    assert "person-1" in client.get(reverse("agreements:link-account")).content.decode()

    wrong = client.post(reverse("agreements:link-account"), {"old_password": "wrong"})
    assert list(wrong.context["form"].errors) == ["old_password"]
    assert not LinkedAccount.objects.exists()
    client.post(reverse("agreements:link-account"), {"old_password": "demo"})

    assert LinkedAccount.objects.values_list("user", "issuer", "subject").get() == (
        person.pk,
        provider.issuer,
        "person-1",
    )
    assert Event.objects.values_list("verb", "actor").get() == ("account.linked", person.pk)
    fresh = Client()
    walk(fresh)
    assert is_in(fresh)


def test_nothing_is_linked_that_the_provider_did_not_confirm_in_this_session(client, provider, person):
    client.force_login(person)

    client.post(reverse("agreements:link-account"), {"old_password": "demo", "subject": "person-1"})

    assert not LinkedAccount.objects.exists()


def test_what_was_confirmed_does_not_outlast_its_time_or_another_sign_in(client, provider, person):
    client.force_login(person)
    walk(client)
    session = client.session
    session[views.PROVED] = session[views.PROVED] | {"until": time.time() - 1}
    session.save()
    client.post(reverse("agreements:link-account"), {"old_password": "demo"})
    walk(client)
    client.force_login(other := UserFactory())
    client.post(reverse("agreements:link-account"), {"old_password": "demo"})

    assert other != person
    assert not LinkedAccount.objects.exists()


def test_an_account_is_one_persons(client, linked):
    another = UserFactory()
    client.force_login(another)
    walk(client)

    client.post(reverse("agreements:link-account"), {"old_password": "demo"})

    assert LinkedAccount.objects.get().user == linked


def test_one_unlinks_with_a_password_to_go_on_with(client, linked):
    walk(client)
    client.post(reverse("agreements:unlink-account"))
    assert not LinkedAccount.objects.exists()

    walk(Client())
    linked.set_unusable_password()
    linked.save()
    linked_accounts.link(linked, issuer=views.settings.OPENID_ISSUER, subject="person-1", at=NOON)
    client.force_login(linked)
    client.post(reverse("agreements:unlink-account"))
    assert LinkedAccount.objects.exists()


def test_hr_registers_and_removes_the_account_of_a_person(client, provider, person):
    hr = RoleFactory(organisation=person.postings.get().organisation).user
    client.force_login(hr)
    client.post(reverse("agreements:register-account", args=[person.pk]), {"subject": "person-1"})
    theirs = Client()
    walk(theirs)
    assert is_in(theirs)

    client.post(reverse("agreements:remove-account", args=[person.pk]))

    assert not is_in(theirs)
    assert list(Event.objects.order_by("pk").values_list("verb", "actor")) == [
        ("account.linked", hr.pk),
        ("account.unlinked", hr.pk),
    ]


def test_hr_registers_nobody_elses_people_nor_itself(client, provider, person):
    hr = RoleFactory(organisation=OrganisationFactory()).user
    client.force_login(hr)

    got = [
        client.post(reverse("agreements:register-account", args=[one.pk]), {"subject": "person-1"}).status_code
        for one in (person, hr)
    ]

    assert got == [404, 403]
    assert not LinkedAccount.objects.exists()
