"""Every address asked by everybody, for their own, a colleague's and another office's.

404 for what one may not see, 403 for an act one may not do on what one sees. The expected answers are in access.csv;
after a change of addresses KPI_WRITE_ACCESS=1 writes it anew (=new: only answers marked ?), to be read before a commit.
"""

import os

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from agreements.models import Agreement, State
from agreements.models.agreements import AgreementQuerySet
from tests import access
from tests.access import ELSEWHERE, NOBODYS, READERS
from tests.headers import missing_headers

pytestmark = pytest.mark.django_db

SIGN_IN = "sign-in"
# What whoever is not signed in may ask for: signing in, and verifying what is printed.
PUBLIC = {
    "agreements:verify", "agreements:verify-typed", "agreements:verify-file", "sign-in", "sign-in-code", "second-step",
    "openid", "openid-answer", "set_language",
}  # fmt: skip
# One of them at normal depth: most of the requests were these, and what refuses them does not ask which it is.
OTHER_METHODS = ("put", "patch", "delete") if os.environ.get("KPI_TEST_DEPTH") == "full" else ("put",)
REFUSED = {"403", "404", "405", SIGN_IN}
ROWS = access.rows()
STATES = [state for state in State if any(row.state == state for row in ROWS)]


def answer(cookies, name, method, place):
    """Return what whoever has these `cookies` is answered; what the request does, and what it needs, is undone."""
    client = Client()
    client.cookies.load({name: one.value for name, one in cookies.items()})
    with transaction.atomic():
        response = getattr(client, method)(access.address(name, place), access.data_for(name, place))
        assert missing_headers(response) == []
        if response.streaming:
            response.getvalue()  # read to its end, it closes its file
        transaction.set_rollback(True)
    return SIGN_IN if _asks_to_sign_in(response) else str(response.status_code)


def _asks_to_sign_in(response):
    return response.status_code == 302 and response["Location"].startswith("/sign-in/?next=")


def cookies_of(world, reader):
    """Return the cookies of `reader`'s session, which is begun once."""
    if reader not in world.cookies:
        client = Client()
        if (user := world.readers[reader]) is not None:
            client.force_login(user)
        world.cookies[reader] = client.cookies
    return world.cookies[reader]


def answers(world, row):
    """Return what everybody is answered to `row`."""
    methods = OTHER_METHODS if row.method == "other" else (row.method,)
    got = {}
    for reader in READERS:
        place, cookies = world.place(reader, row.whose), cookies_of(world, reader)
        got[reader] = "/".join(sorted({answer(cookies, row.address, method, place) for method in methods}))
    return got


@pytest.mark.parametrize("state", STATES)
def test_everybody_is_answered_as_the_file_says(state):
    world = access.world(state)
    asked = [row for row in ROWS if row.state == state]
    if os.environ.get("KPI_WRITE_ACCESS") == "new":
        asked = [row for row in asked if "?" in row.answers.values()]
    found = [access.Row(row.address, row.method, row.state, row.whose, answers(world, row)) for row in asked]
    if os.environ.get("KPI_WRITE_ACCESS"):
        written = {(row.address, row.method, row.state, row.whose): row for row in found}
        access.write([written.get((row.address, row.method, row.state, row.whose), row) for row in access.rows()])

    assert [row for row in found if row not in asked] == []


def test_every_address_has_its_rows():
    known = set()
    for prefix in ("", "agreements:", "reports:"):
        resolver = get_resolver().namespace_dict[prefix[:-1]][1] if prefix else get_resolver()
        known |= {f"{prefix}{key}" for key in resolver.reverse_dict if isinstance(key, str)}
    listed = {row.address.partition(" ")[0] for row in ROWS}
    refused = {row.address.partition(" ")[0] for row in ROWS if row.method == "other"}

    assert (known, known) == (listed, refused)


def test_every_row_asks_for_everybodys():
    asked = {}
    for row in ROWS:
        asked.setdefault((row.address, row.method, row.state), set()).add(row.whose)

    assert {key: whose for key, whose in asked.items() if whose != set(access.whose_of(key[0]))} == {}


# Whatever the rows say in particular, these hold for all of them.
def test_nobody_gets_into_another_office():
    leaks = [
        row
        for row in ROWS
        if row.whose == ELSEWHERE and not set(row.answers.values()) <= {"404", "405", "403", SIGN_IN}
    ]

    assert leaks == []


def test_who_is_not_signed_in_or_disabled_is_asked_to():
    public = {row.address for row in ROWS if row.whose == NOBODYS and row.answers["anonymous"] != SIGN_IN}

    assert public == PUBLIC
    assert [row for row in ROWS if row.answers["anonymous"] != row.answers["disabled"]] == []


def test_no_method_but_those_of_the_page_does_anything():
    odd = {row.address for row in ROWS if row.method == "other" and not set(row.answers.values()) <= REFUSED}

    # Signed in already, one is led on; to choose a language in any other way than by POST changes nothing.
    assert odd == {"sign-in", "set_language"}


@pytest.mark.parametrize(
    ("name", "state"), [("agreements:agreement", State.CLOSED), ("agreements:evidence", "reported")]
)
def test_control_without_the_queryset_another_office_gets_in(monkeypatch, name, state):
    row = next(row for row in ROWS if (row.address, row.state, row.whose) == (name, state, ELSEWHERE))
    world = access.world(state)
    monkeypatch.setattr(AgreementQuerySet, "visible_to", lambda self, user: Agreement.objects.all())

    got = answers(world, row)

    assert (row.answers["staff"], got["staff"]) == ("404", "200")


def test_control_a_disabled_account_gets_in_where_nobody_looks(monkeypatch):
    row = next(row for row in ROWS if (row.address, row.method, row.whose) == ("agreements:work", "get", NOBODYS))
    world = access.world(State.DRAFT)
    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.user_can_authenticate", lambda self, user: True)

    assert (row.answers["disabled"], answers(world, row)["disabled"]) == (SIGN_IN, "200")
