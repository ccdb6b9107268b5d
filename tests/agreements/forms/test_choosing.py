import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.forms import choosing
from agreements.forms.choosing import FoundField
from agreements.forms.organisations import PostingForm
from agreements.models import Posting
from tests.factories import OCTOBER, OrganisationFactory, PostingFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db

TYPED = {"title": "นิติกร", "starts_on": "1 ต.ค. 2555", "personnel_group": "civil_servant"}


@pytest.fixture(autouse=True)
def three_are_many(monkeypatch):
    monkeypatch.setattr(choosing, "MOST", 3)


@pytest.fixture
def place():
    return OrganisationFactory(name="สำนักงานจังหวัดหนึ่ง")


def people(place, *names):
    return [PostingFactory(organisation=place, user=UserFactory(first_name=name, last_name="ก")) for name in names]


def form(place, hr=None, **typed):
    hr = hr or RoleFactory(organisation=place).user
    return PostingForm(TYPED | {"organisation": place.pk} | typed, hr=hr, today=OCTOBER)


def options(bound):
    """Return the keys that the list offers, as it is shown."""
    shown = str(bound)
    widget = bound.field.widget
    return [str(value) for value, _label in widget.choices if value], "-words" in shown


def test_few_are_listed_and_many_are_found_by_words(place):
    few = people(place, "กานดา", "ขจร", "คมสัน")
    listed = options(form(place)["assessor"])
    people(place, "งามตา")

    assert listed == ([str(one.pk) for one in few], False)
    assert options(form(place)["assessor"]) == ([], True)


def test_words_that_find_one_choose_it(place):
    people(place, "กานดา", "ขจร", "คมสัน", "งามตา")
    found = form(place, **{"assessor-words": "ขจร"})

    assert found.is_valid(), found.errors
    assert found.cleaned_data["assessor"].user.first_name == "ขจร"


def test_words_that_find_several_are_answered_with_these_and_one_of_them_is_then_chosen(place):
    first, second, *_others = people(place, "สมชาย", "สมศรี", "คมสัน", "งามตา")
    asked = form(place, **{"assessor-words": "สม"})

    assert not asked.is_valid()
    assert asked.errors.as_data()["assessor"][0].code == "several"
    assert options(asked["assessor"]) == ([str(first.pk), str(second.pk)], True)

    sent = {"assessor-words": "สม", "assessor-sought": "สม", "assessor": second.pk}
    chosen = form(place, **sent)
    assert chosen.is_valid(), chosen.errors
    assert chosen.cleaned_data["assessor"] == second


def test_what_stood_in_the_list_before_does_not_stand_for_other_words(place):
    first, *_others = people(place, "สมชาย", "สมศรี", "คมสัน", "งามตา")
    found = form(place, **{"assessor-words": "คมสัน", "assessor-sought": "", "assessor": first.pk})

    assert found.is_valid(), found.errors
    assert found.cleaned_data["assessor"].user.first_name == "คมสัน"


@pytest.mark.parametrize(("words", "code"), [("ไม่มี", "none"), ("ก", "many")])
def test_words_that_find_nobody_or_too_many_are_said(place, words, code):
    people(place, "กานดา", "ขจร", "คมสัน", "งามตา")
    found = form(place, **{"assessor-words": words})

    assert not found.is_valid()
    assert found.errors.as_data()["assessor"][0].code == code


def test_words_find_nobody_of_another_office(place):
    people(place, "กานดา", "ขจร", "คมสัน", "งามตา")
    people(OrganisationFactory(), "แปลกหน้า")

    assert form(place, **{"assessor-words": "แปลกหน้า"}).errors.as_data()["assessor"][0].code == "none"


def test_control_without_the_offer_a_stranger_would_be_found(place, monkeypatch):
    people(place, "กานดา", "ขจร", "คมสัน", "งามตา")
    (stranger,) = people(OrganisationFactory(), "แปลกหน้า")
    monkeypatch.setattr(
        "agreements.forms.organisations.HeldField.matching",
        lambda _field, words: Posting.objects.filter(user__first_name=words),
    )

    found = form(place, **{"assessor-words": "แปลกหน้า"})
    assert found.is_valid()
    assert found.cleaned_data["assessor"] == stranger


def test_a_unit_is_found_by_its_name(place):
    units = [OrganisationFactory(parent=place, kind="group", name=f"กลุ่มงานที่ {one}") for one in range(5)]
    found = form(place, organisation="", **{"organisation-words": "งานที่ 3"})

    assert found.is_valid(), found.errors
    assert found.cleaned_data["organisation"] == units[3]


def test_page_asks_as_often_and_reads_no_more_for_many_than_for_few(client, place, monkeypatch):
    monkeypatch.setattr(choosing, "MOST", 4)
    hr = RoleFactory(organisation=place).user
    client.force_login(hr)
    found = []
    for count in (6, 20):
        people(place, *(f"คนที่ {one}" for one in range(count)))
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("agreements:add-person"))
        found.append((len(asked), len(page.content)))

    assert found[0] == found[1]


def test_what_one_form_found_is_not_shown_by_the_next(place):
    people(place, "กานดา", "ขจร", "คมสัน", "งามตา")
    form(place, **{"assessor-words": "กานดา"}).is_valid()

    untouched: FoundField = form(place).fields["assessor"]
    assert (untouched.words, list(untouched.found)) == ("", [])
