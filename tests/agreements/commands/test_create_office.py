import io
import re

import pytest
from django.core.management import call_command

from agreements.models import Event, Organisation, Role, User
from agreements.services import accounts
from tests.factories import NOON, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

OFFICE = {
    "name": "สํานักงานทดสอบ",
    "kind": "province",
    "parent": "dla",
    "province": "ทดสอบ",
    "hr": "first.hr",
    "hr_first_name": "มาลี",
}


def create(code="test", **changed):
    """Return what the command printed, what it refused and its exit status."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("create_office", code, **OFFICE | changed, stdout=out, stderr=err)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), end.code
    return out.getvalue(), err.getvalue(), 0


@pytest.fixture
def department():
    return OrganisationFactory(code="dla", kind="department")


def test_an_office_is_made_with_an_hr_officer_who_signs_in_with_the_code_printed(department):
    out, err, status = create()

    office, user = Organisation.objects.get(code="test"), User.objects.get(username="first.hr")
    assert (err, status, office.name, Organisation.objects.get_parent(office)) == ("", 0, "สำนักงานทดสอบ", department)
    assert [(role.kind, role.organisation) for role in user.roles.all()] == [(Role.Kind.HR, office)]
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", out).group()
    assert accounts.choose_password("first.hr", code, "ฝนตกที่หนองใหญ่", at=NOON) == user
    assert list(Event.objects.values_list("verb", flat=True)) == ["office.created", "password.chosen"]


def test_the_same_office_again_is_refused_in_words_and_changes_nothing(department):
    create()

    out, err, status = create(hr="second.hr")

    assert (out, bool(err.strip()), status) == ("", True, 1)
    assert (Organisation.objects.count(), User.objects.count()) == (2, 1)


@pytest.mark.parametrize("changed", [{"parent": "nowhere"}, {"hr": "taken"}, {"hr": "มาลี"}, {"hr_first_name": " "}])
def test_what_cannot_be_is_refused_and_nothing_is_made(department, changed):
    UserFactory(username="taken")

    out, err, status = create(**changed)

    assert (out, bool(err.strip()), status) == ("", True, 1)
    assert (Organisation.objects.count(), User.objects.count()) == (1, 1)
