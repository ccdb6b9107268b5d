"""Several agreements are looked at and signed without a mouse, on a desk and on a telephone, also without script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from agreements import actions
from agreements.models import Signature, State
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_keyboard import press, tab_to
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def places():
    first = office()
    found = [bring_to(place, State.PROPOSED) for place in (first, colleague(first), colleague(first))]
    first.assessor.set_password("demo")
    first.assessor.save()
    return found


def faults(page):
    """Return what axe finds."""
    return [one["id"] for one in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_two_of_three_are_signed_by_the_keyboard_alone(open_page, sign_in, places, size):
    page = open_page(size)
    sign_in(page, places[0].assessor.username)
    page.goto(reverse("agreements:sign-many", args=[places[0].round.pk, actions.AGREE.code]))
    ticks = page.locator("input[name=sign]")
    for at in range(2):
        expect(ticks.nth(at)).not_to_be_visible()
        tab_to(page, page.locator("details.reveal:has(input[name=sign]) > summary").nth(at))
        page.keyboard.press("Enter")
        tab_to(page, ticks.nth(at))
        page.keyboard.press("Space")
    assert faults(page) == []
    press(page, page.locator("main form button.btn-primary"))

    expect(page.locator("#outcome")).to_be_visible()
    expect(ticks).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    assert Signature.objects.filter(capacity="assessor").count() == 2


def test_without_script_it_works_as_well(open_page, sign_in, places):
    page = open_page(java_script_enabled=False)
    sign_in(page, places[0].assessor.username)
    page.goto(reverse("agreements:sign-many", args=[places[0].round.pk, actions.AGREE.code]))

    page.locator("details.reveal:has(input[name=sign]) > summary").first.click()
    page.locator("input[name=sign]").first.check()
    page.locator("main form button.btn-primary").click()

    expect(page.locator("input[name=sign]")).to_have_count(2)
    assert Signature.objects.filter(capacity="assessor").count() == 1


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wrong_with_the_page_on_which_paper_is_recorded(open_page, sign_in, places, size):
    places[0].hr.set_password("demo")
    places[0].hr.save()
    page = open_page(size)
    sign_in(page, places[0].hr.username)
    page.goto(reverse("agreements:record-paper", args=[places[0].agreement.pk, actions.AGREE.code]))
    page.locator("main form button.btn-primary").click()

    assert page.locator("[aria-invalid=true]").count() == 3
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
