from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Event, OneTimeCode, User
from agreements.models.organisations import UserQuerySet
from agreements.services import accounts
from tests.factories import NOON, OCTOBER, OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db

GOOD = "ฝนตกที่หนองใหญ่"
POSTING = {"title": "นิติกร", "position_type": "วิชาการ", "level": "ปฏิบัติการ", "starts_on": "๑ ต.ค. ๒๕๕๕"}


@pytest.fixture
def province():
    return OrganisationFactory(code="a")


@pytest.fixture
def unit(province):
    return OrganisationFactory(parent=province, code="a-1", kind="group")


@pytest.fixture
def hr(province):
    return RoleFactory(organisation=province).user


@pytest.fixture
def signed_in(client, hr):
    client.force_login(hr)
    return client


def listed(client, **asked):
    return list(client.get(reverse("agreements:people"), asked).context["people"])


# --- The list --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_the_same_questions_for_few_and_many(signed_in, unit, rows):
    chief = PostingFactory(organisation=unit)
    for _row in range(rows):
        person = PostingFactory(organisation=unit, assessor=chief).user
        PostingFactory(user=person, organisation=unit, assessor=chief, is_acting=True)
        RoleFactory(user=person, organisation=unit, kind="executive")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = signed_in.get(reverse("agreements:people"))

    assert len(response.context["people"]) == rows + 2
    assert len(asked) == 13


def test_hr_sees_its_own_people_by_unit_and_words_in_thai_order(client, signed_in, province, unit, hr):
    second = PostingFactory(organisation=unit, user__first_name="เกษม").user
    first = PostingFactory(organisation=unit, user__first_name="กานต์").user
    above = PostingFactory(organisation=province, user__first_name="อรุณ").user
    PostingFactory(user__first_name="กานต์")
    gone = PostingFactory(organisation=unit, user__first_name="ชรา", ends_on=OCTOBER + timedelta(days=1)).user
    hr.first_name = "ฮ"
    hr.save()

    assert listed(client) == [first, second, above, hr]
    assert listed(client, unit=unit.pk) == [first, second]
    assert listed(client, q="เกษ ม") == [second]
    assert listed(client, shown="all", unit=unit.pk) == [first, second, gone]
    assert listed(client, unit="9" * 30) == [first, second, above, hr]

    unit_hr = RoleFactory(organisation=unit, user__first_name="หก").user
    client.force_login(unit_hr)
    assert listed(client) == [first, second, unit_hr]


def test_control_without_the_queryset_a_stranger_opens_a_person(client, monkeypatch, unit):
    person = PostingFactory(organisation=unit).user
    client.force_login(RoleFactory().user)
    address = reverse("agreements:person", args=[person.pk])
    assert client.get(address).status_code == 404

    monkeypatch.setattr(UserQuerySet, "visible_to", lambda self, user: User.objects.all())

    assert client.get(address).status_code == 200


def test_people_is_in_the_navigation_of_hr_only(client, signed_in, unit):
    def labels():
        return [str(entry["url"]) for entry in client.get(reverse("agreements:work")).context["portal_navigation"]]

    assert reverse("agreements:people") in labels()
    client.force_login(PostingFactory(organisation=unit).user)
    assert reverse("agreements:people") not in labels()


# --- Adding and mending ----------------------------------------------------------------------------------------------
def test_hr_adds_a_person_typed_in_thai_digits_and_with_invisible_spaces(signed_in, unit):
    chief = PostingFactory(organisation=unit)
    typed = POSTING | {
        "name_prefix": "นาง",
        "first_name": "จํานง\u200b",
        "last_name": "ทอง\u00a0ดี",
        "username": "chamnong",
        "organisation": unit.pk,
        "number": "๐๐๑",
        "assessor": chief.pk,
    }

    response = signed_in.post(reverse("agreements:add-person"), typed)

    person = User.objects.get(username="chamnong")
    assert response.headers["Location"] == reverse("agreements:person", args=[person.pk])
    assert person.full_name == "นางจำนง ทอง ดี"
    posting = person.postings.get()
    assert (posting.number, posting.assessor, posting.starts_on.isoformat()) == ("001", chief, "2012-10-01")


def test_faults_stand_at_their_fields_and_nothing_is_added(signed_in, unit):
    elsewhere = PostingFactory()
    typed = POSTING | {
        "first_name": "ก",
        "username": "มีไทย",
        "organisation": elsewhere.organisation.pk,
        "assessor": elsewhere.pk,
        "starts_on": "1/10/2012",
        "ends_on": "1 ต.ค. 2500",
    }

    response = signed_in.post(reverse("agreements:add-person"), typed)

    assert set(response.context["form"].errors) == {"username", "organisation", "assessor", "starts_on"}
    assert not User.objects.filter(first_name="ก").exists()


def test_a_taken_user_name_is_said_and_nothing_is_added(signed_in, unit):
    PostingFactory(user__username="taken")
    typed = POSTING | {"first_name": "ก", "username": "Taken", "organisation": unit.pk}

    response = signed_in.post(reverse("agreements:add-person"), typed)

    assert [str(error) for error in response.context["form"].non_field_errors()] != []
    assert not User.objects.filter(first_name="ก").exists()


def test_mending_a_position_keeps_an_assessor_who_works_above_the_subtree(client, province, unit):
    head = PostingFactory(organisation=province)
    posting = PostingFactory(organisation=unit, assessor=head)
    client.force_login(RoleFactory(organisation=unit).user)
    address = reverse("agreements:edit-posting", args=[posting.user.pk, posting.pk])
    form = client.get(address).context["form"]
    assert head in form.fields["assessor"].queryset
    assert not form.fields["assessor"].queryset.exclude(pk=head.pk).exists()

    typed = POSTING | {"organisation": unit.pk, "assessor": head.pk, "number": "9"}
    client.post(address, typed)

    posting.refresh_from_db()
    assert (posting.title, posting.number, posting.assessor) == ("นิติกร", "9", head)
    assert Event.objects.latest("pk").verb == "posting.changed"


def test_whose_account_reaches_above_is_mended_from_above_only(client, province, unit):
    chief = PostingFactory(organisation=unit).user
    RoleFactory(user=chief, organisation=province)
    client.force_login(RoleFactory(organisation=unit).user)

    assert client.get(reverse("agreements:person", args=[chief.pk])).status_code == 200
    answers = {
        name: client.post(reverse(f"agreements:{name}", args=[chief.pk])).status_code
        for name in ("edit-person", "add-posting", "disable-person", "enable-person")
    }
    answers["slips"] = client.post(reverse("reports:slips"), {"person": chief.pk}).status_code

    assert set(answers.values()) == {403}
    chief.refresh_from_db()
    assert (chief.is_active, chief.check_password("demo")) == (True, True)


def test_a_role_at_a_place_outside_is_not_offered(signed_in, unit):
    person = PostingFactory(organisation=unit).user
    outside = OrganisationFactory()
    address = reverse("agreements:give-role", args=[person.pk])

    refused = signed_in.post(address, {"kind": "hr", "organisation": outside.pk})
    signed_in.post(address, {"kind": "executive", "organisation": unit.pk})

    assert list(refused.context["role_form"].errors) == ["organisation"]
    assert [(role.kind, role.organisation) for role in person.roles.all()] == [("executive", unit)]


# --- Sessions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["disable", "reset"])
def test_a_session_ends_at_once(signed_in, unit, act):
    person = PostingFactory(organisation=unit).user
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get(reverse("agreements:work")).status_code == 200

    if act == "disable":
        signed_in.post(reverse("agreements:disable-person", args=[person.pk]))
    else:
        signed_in.post(reverse("reports:slips"), {"person": person.pk})

    assert theirs.get(reverse("agreements:work")).status_code == 302


def test_a_session_of_before_does_not_come_back_with_the_account(signed_in, unit):
    person = PostingFactory(organisation=unit).user
    theirs = Client()
    theirs.force_login(person)

    signed_in.post(reverse("agreements:disable-person", args=[person.pk]))
    signed_in.post(reverse("agreements:enable-person", args=[person.pk]))

    assert User.objects.get(pk=person.pk).is_active
    assert theirs.get(reverse("agreements:work")).status_code == 302


# --- The code of a slip, and passwords -------------------------------------------------------------------------------
def choose(client, username, code, first=GOOD, second=GOOD):
    typed = {"username": username, "code": code, "new_password": first, "new_password_again": second}
    return client.post(reverse("sign-in-code"), typed)


def test_a_slip_signs_in_once_with_a_password_chosen(client, hr, unit):
    person = PostingFactory(organisation=unit).user
    [slip] = accounts.issue_codes([person], by=hr, at=NOON)
    OneTimeCode.objects.update(expires_at="2600-01-01T00:00Z")

    different = choose(client, person.username, slip.code, second="another one")
    weak = choose(client, person.username, slip.code, first="1", second="1")
    wrong = choose(client, person.username, "AAAA-AAAA-AAAA")
    assert [list(one.context["form"].errors) for one in (different, weak, wrong)] == [
        ["new_password_again"],
        ["new_password"],
        ["code"],
    ]
    assert choose(client, person.username, slip.code).status_code == 302
    assert client.get(reverse("agreements:work")).context["user"] == person

    client.logout()
    assert list(choose(client, person.username, slip.code).context["form"].errors) == ["code"]
    assert client.login(username=person.username, password=GOOD)


def test_changing_ones_password_ends_the_other_sessions_only(client, unit):
    person = PostingFactory(organisation=unit).user
    elsewhere = Client()
    for one in (client, elsewhere):
        one.force_login(person)
    typed = {"old_password": "demo", "new_password": GOOD, "new_password_again": GOOD}

    refused = client.post(reverse("agreements:password"), typed | {"old_password": "wrong"})
    weak = client.post(reverse("agreements:password"), typed | {"new_password": "1", "new_password_again": "1"})
    assert [list(one.context["form"].errors) for one in (refused, weak)] == [["old_password"], ["new_password"]]
    client.post(reverse("agreements:password"), typed)

    assert client.get(reverse("agreements:work")).status_code == 200
    assert elsewhere.get(reverse("agreements:work")).status_code == 302
    assert Event.objects.get().verb == "password.changed"
