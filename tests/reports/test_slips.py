import pytest
from django.urls import reverse

from agreements.models import OneTimeCode, User
from agreements.services import accounts
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory, UserFactory
from tests.reports.papers import facts_of, fonts_of, pages_of, text_of

pytestmark = pytest.mark.django_db

CODE = r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}"


@pytest.fixture
def unit():
    return OrganisationFactory(name="กลุ่มงานการเงินบัญชีและการตรวจสอบ")


@pytest.fixture
def signed_in(client, unit):
    client.force_login(RoleFactory(organisation=unit).user)
    return client


def staff(unit, count):
    people = [PostingFactory(organisation=unit, user__first_name=f"จำนวน{number}").user for number in range(count)]
    User.objects.filter(pk__in=[person.pk for person in people]).update(password="!")
    return people


def slips(client, people):
    return client.post(reverse("reports:slips"), {"person": [person.pk for person in people]})


def test_each_person_gets_a_slip_whose_code_opens_their_account(signed_in, unit, monkeypatch):
    person = staff(unit, 1)[0]
    issued = []
    issue = accounts.issue_code
    monkeypatch.setattr(accounts, "issue_code", lambda *args, **more: issued.append(issue(*args, **more)) or issued[-1])

    response = slips(signed_in, [person])

    text = text_of(response.content)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in response["Cache-Control"]
    for part in (person.full_name, person.username, issued[0].code, "http://testserver/sign-in/code/", unit.name):
        assert part in text
    signed_in.logout()
    typed = {"username": person.username, "code": issued[0].code}
    typed |= {"new_password": "ฝนตกที่หนองใหญ่", "new_password_again": "ฝนตกที่หนองใหญ่"}
    assert signed_in.post(reverse("sign-in-code"), typed).status_code == 302


def test_eight_slips_stand_on_a_sheet_one_person_each(signed_in, unit):
    people = staff(unit, 9)

    paper = slips(signed_in, people).content

    pages = pages_of(paper)
    assert [sum(person.username in page.split() for person in people) for page in pages] == [8, 1]
    assert facts_of(paper)["Page size"].endswith("(A4)")
    assert {embedded for _name, embedded, *_rest in fonts_of(paper)} == {"yes"}


def test_a_long_name_and_address_stay_within_their_slip(signed_in, unit):
    person = PostingFactory(
        organisation=unit, user=UserFactory(username="a" * 150, first_name="ก" * 120, last_name="ข" * 120)
    ).user

    assert len(pages_of(slips(signed_in, [person]).content)) == 1


@pytest.mark.parametrize("asked", [[], ["x"], ["9" * 30]])
def test_slips_for_nobody_are_refused_in_words(signed_in, asked):
    response = signed_in.post(reverse("reports:slips"), {"person": asked})

    assert (response.status_code, OneTimeCode.objects.count()) == (302, 0)


def test_slips_of_others_are_not_printed(signed_in, unit):
    mine, strange = staff(unit, 1)[0], PostingFactory().user

    assert slips(signed_in, [mine, strange]).status_code == 404
    assert OneTimeCode.objects.count() == 0


def test_the_page_offers_those_without_a_password_and_no_live_slip(signed_in, unit):
    fresh, printed = staff(unit, 2)
    PostingFactory(organisation=unit)
    slips(signed_in, [printed])

    page = signed_in.get(reverse("agreements:choose-slips"))

    assert list(page.context["people"]) == [fresh, printed]
    html = page.content.decode()
    assert [f'value="{person.pk}" checked' in html for person in (fresh, printed)] == [True, False]
