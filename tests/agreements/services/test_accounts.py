import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements.models import Event, OneTimeCode
from agreements.services import accounts
from agreements.services.accounts import ProofRefused
from agreements.services.organisations import NotYours, PeopleRefused
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db

GOOD = "ฝนตกที่หนองใหญ่"


@pytest.fixture
def province():
    return OrganisationFactory(code="a")


@pytest.fixture
def hr(province):
    return RoleFactory(organisation=province).user


@pytest.fixture
def person(province):
    return PostingFactory(organisation=OrganisationFactory(parent=province, kind="group")).user


def test_a_code_opens_the_account_once_and_only_its_hash_is_kept(hr, person):
    [slip] = accounts.issue_codes([person], by=hr, at=NOON)

    assert re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}", slip.code)
    kept = OneTimeCode.objects.get()
    assert slip.code.replace("-", "") not in kept.digest.upper()
    assert kept.expires_at == NOON + timedelta(days=14)

    found = accounts.choose_password(person.username, slip.code.lower().replace("-", " "), GOOD, at=NOON)
    assert found.check_password(GOOD)
    with pytest.raises(ProofRefused):
        accounts.choose_password(person.username, slip.code, GOOD + "!", at=NOON)
    assert list(Event.objects.order_by("pk").values_list("verb", "actor")) == [
        ("code.issued", hr.pk),
        ("password.chosen", person.pk),
    ]


def test_a_code_is_not_used_up_by_a_password_that_is_too_weak(hr, person):
    [slip] = accounts.issue_codes([person], by=hr, at=NOON)

    with pytest.raises(ValidationError):
        accounts.choose_password(person.username, slip.code, "1234567890", at=NOON)
    accounts.choose_password(person.username, slip.code, GOOD, at=NOON)

    person.refresh_from_db()
    assert person.check_password(GOOD)


def test_a_code_is_of_one_person_of_its_days_and_of_the_last_slip(hr, person, province):
    other = PostingFactory(organisation=province).user
    [first] = accounts.issue_codes([person], by=hr, at=NOON)
    [slip, others] = accounts.issue_codes([person, other], by=hr, at=NOON)

    for username, code, at in (
        (person.username, first.code, NOON),
        (person.username, others.code, NOON),
        ("nobody", slip.code, NOON),
        (person.username, slip.code, NOON + timedelta(days=14)),
        (person.username, "", NOON),
    ):
        with pytest.raises(ProofRefused):
            accounts.choose_password(username, code, GOOD, at=at)
    # The control: everything right, at the last moment.
    last_moment = NOON + timedelta(days=14, seconds=-1)
    assert accounts.choose_password(person.username, slip.code, GOOD, at=last_moment) == person


def test_issuing_a_code_ends_the_old_password(hr, person):
    assert person.check_password("demo")

    accounts.issue_codes([person], by=hr, at=NOON)

    person.refresh_from_db()
    assert (person.check_password("demo"), person.account_state) == (False, "no_password")


def test_no_code_for_oneself_the_disabled_strangers_or_those_above(hr, person, province):
    chief = RoleFactory().user
    PostingFactory(user=chief, organisation=province)
    stranger = PostingFactory().user

    for one in (hr, stranger, chief):
        with pytest.raises(NotYours):
            accounts.issue_codes([person, one], by=hr, at=NOON)
    with pytest.raises(PeopleRefused):
        accounts.issue_codes([], by=hr, at=NOON)
    accounts.disable(person, by=hr, at=NOON)
    with pytest.raises(PeopleRefused):
        accounts.issue_codes([person], by=hr, at=NOON)

    assert OneTimeCode.objects.count() == 0
    chief.refresh_from_db()
    assert chief.check_password("demo")


def test_disabling_takes_password_and_code_away_and_enabling_needs_a_new_slip(hr, person):
    [slip] = accounts.issue_codes([person], by=hr, at=NOON)
    accounts.disable(person, by=hr, at=NOON)
    with pytest.raises(ProofRefused):
        accounts.choose_password(person.username, slip.code, GOOD, at=NOON)

    accounts.enable(person, by=hr, at=NOON)

    with pytest.raises(ProofRefused):
        accounts.choose_password(person.username, slip.code, GOOD, at=NOON)
    [slip] = accounts.issue_codes([person], by=hr, at=NOON)
    assert accounts.choose_password(person.username, slip.code, GOOD, at=NOON) == person


def test_nobody_disables_themselves(hr):
    with pytest.raises(NotYours):
        accounts.disable(hr, by=hr, at=NOON)

    hr.refresh_from_db()
    assert hr.is_active
