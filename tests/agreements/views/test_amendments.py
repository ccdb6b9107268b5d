from decimal import Decimal

import pytest
from django.urls import reverse

from agreements import actions
from agreements.models import State
from agreements.services import agreements as services, amendments
from agreements.services.agreements import Terms
from tests.factories import NOON
from tests.reports import papers
from tests.walks import bring_to, office, sign

pytestmark = pytest.mark.django_db

WHY = "มีคำสั่งมอบหมายงานใหม่"


def page(place, name="agreement", *more):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *more])


def amended(place, *weights):
    amendments.amend(place.version, by=place.assessee, reason=WHY, at=NOON)
    items = place.version.items.order_by("order")
    terms = {item.pk: Terms(goal="", weight=Decimal(one)) for item, one in zip(items, weights, strict=True)}
    services.set_terms(place.version, terms, by=place.assessee)


def test_an_amendment_is_opened_with_a_reason_and_leads_to_the_items(client):
    place = bring_to(office(), State.AGREED)
    client.force_login(place.assessor)

    empty = client.post(page(place, "amend"), {"reason": " "})
    response = client.post(page(place, "amend"), {"reason": WHY})

    assert list(empty.context["form"].errors) == ["reason"]
    assert (response.status_code, response["Location"]) == (302, page(place, "items"))
    assert place.version.amends_because == WHY


def test_while_it_is_open_the_page_says_that_the_signed_version_holds_and_no_day_is_due(client):
    place = bring_to(office(indicators=2, propose_by=NOON.date()), State.AGREED)
    amended(place, 40, 60)
    client.force_login(place.assessee)

    response = client.get(page(place))

    assert response.context["due"] is None
    assert f'href="{page(place, "earlier-version", 1)}"' in response.content.decode()
    assert f'href="{page(place, "abandon-amendment")}"' in response.content.decode()
    assert WHY in response.content.decode()
    assert [step.due for step in response.context["steps"]][:1] == [None]


def test_it_is_given_up_on_a_page_of_its_own(client):
    place = bring_to(office(indicators=2), State.AGREED)
    signed = place.version
    amended(place, 40, 60)
    client.force_login(place.assessor)

    asked = client.get(page(place, "abandon-amendment"))
    assert place.version != signed
    response = client.post(page(place, "abandon-amendment"))

    assert [one.version.number for one in [asked.context["amendment"]]] == [2]
    assert (response.status_code, place.version) == (302, signed)
    given_up = client.get(page(place, "earlier-version", 2)).context
    assert (given_up["following"], given_up["version"].abandoned_at is None) == (None, False)


def test_what_changes_stands_on_the_check_page_and_afterwards_on_a_page_of_its_own(client):
    place = bring_to(office(indicators=2), State.AGREED)
    amended(place, 40, 60)
    sign(place, actions.PROPOSE, place.assessee)
    client.force_login(place.assessor)

    (shown,) = client.get(page(place, "check", "agree")).context["amendments"]
    sign(place, actions.AGREE, place.assessor)
    (kept,) = client.get(page(place, "amendments")).context["amendments"]

    told = [(entry.before, entry.after) for one in shown.items.changed for entry in one.entries]
    assert told == [("50", "40"), ("50", "60")]
    assert kept.items == shown.items


def test_the_forms_carry_a_sheet_of_what_changed(client):
    place = bring_to(office(indicators=2), State.AGREED)
    client.force_login(place.assessee)
    address = reverse("reports:forms-pdf", args=[place.agreement.pk]) + "?forms=2"
    before = papers.pages_of(client.get(address).content)
    amended(place, 40, 60)
    opened = papers.pages_of(client.get(address).content)
    sign(place, actions.PROPOSE, place.assessee)
    sign(place, actions.AGREE, place.assessor)
    signed = papers.pages_of(client.get(address).content)

    heading = "บันทึกการแก้ไขคำรับรอง"
    assert [any(heading in one for one in pages) for pages in (before, opened, signed)] == [False, True, True]
    assert [any("ยังมีผลอยู่" in one for one in pages) for pages in (opened, signed)] == [True, False]
    assert WHY in signed[-1]
