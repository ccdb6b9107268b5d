"""Signing in as people do: with a telephone's code, with an account elsewhere, and leaving a shared machine."""

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import LinkedAccount
from agreements.services import second_steps
from agreements.views.linked_accounts import PROVED
from tests.browser.conftest import DESK, PHONE
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory
from tests.provider import CLIENT, SECRET, Provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person():
    return PostingFactory(organisation=OrganisationFactory(), user__username="somchai").user


@pytest.fixture
def visit(chromium, live_server):
    """Open a page that may go to the provider as well, which `open_page` would call a fault."""
    contexts = []

    def opened(viewport=DESK):
        contexts.append(chromium.new_context(base_url=live_server.url, viewport=viewport, locale="th-TH"))
        contexts[-1].set_default_timeout(10_000)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def check_page(page):
    """Nothing for axe to find, and no wider than its window."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def press_to(page, selector):
    """Go on by Tab until `selector` has the focus."""
    for _press in range(40):
        if page.locator(selector).evaluate_all("found => found.includes(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_the_second_step_by_keyboard_on_a_telephone(open_page, sign_in, person):
    page = open_page(PHONE)
    sign_in(page, "somchai")
    page.goto("/account/")
    press_to(page, "a[href='/account/second-step/']")
    page.keyboard.press("Enter")
    expect(page.locator(".qr-box svg")).to_be_visible()
    press_to(page, "details:has(.code) summary")
    page.keyboard.press("Enter")
    secret = page.locator("details[open] .code").inner_text().replace(" ", "")
    check_page(page)
    press_to(page, "[name=code]")
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator(".code-list li")).to_have_count(10)
    recovery = page.locator(".code-list li").first.inner_text()
    check_page(page)

    other = open_page(PHONE)
    other.goto("/sign-in/")
    other.keyboard.type("somchai")
    other.keyboard.press("Tab")
    other.keyboard.type("demo")
    other.keyboard.press("Enter")
    expect(other.locator("[name=code]")).to_be_focused()
    other.keyboard.type("000000")
    other.keyboard.press("Enter")
    expect(other.locator(".is-invalid")).to_have_count(1)
    check_page(other)
    other.locator("[name=code]").fill(recovery)
    other.keyboard.press("Enter")
    expect(other.locator(".reader-menu")).to_have_count(1)


def test_an_account_elsewhere_is_linked_and_signs_in(visit, sign_in, person, settings):
    with Provider() as provider:
        provider.asks = True
        settings.OPENID_ISSUER, settings.OPENID_NAME = provider.issuer, "ThaID"
        settings.OPENID_CLIENT_ID, settings.OPENID_CLIENT_SECRET = CLIENT, SECRET
        page = visit()
        sign_in(page, "somchai")
        page.goto("/account/")
        page.locator("a[href='/sign-in/openid/']").click()
        page.locator("#agree").click()
        expect(page.locator("[name=old_password]")).to_have_count(1)
        assert PROVED not in page.content()
        check_page(page)
        page.locator("[name=old_password]").fill("demo")
        page.locator("#content button.btn-primary").click()
        expect(page.locator("form[action='/account/linked/remove/']")).to_have_count(1)
        check_page(page)
        assert LinkedAccount.objects.get().user == person

        other = visit(PHONE)
        other.goto("/sign-in/?next=/agreements/")
        check_page(other)
        other.locator("a[href^='/sign-in/openid/']").click()
        other.locator("#agree").click()
        expect(other).to_have_url(f"{page.url.removesuffix('/account/')}/agreements/")


def test_the_locked_page_says_what_to_do(open_page, person, settings):
    settings.AXES_FAILURE_LIMIT = 1
    page = open_page(PHONE)
    page.goto("/sign-in/")
    page.locator("[name=username]").fill("somchai")
    page.locator("[name=password]").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("main li")).to_have_count(3)
    check_page(page)


def test_after_signing_out_back_shows_nothing(browser_page, sign_in, person):
    RoleFactory(organisation=person.postings.get().organisation, user__username="hr")
    page = browser_page
    sign_in(page, "hr")
    page.goto(f"/people/{person.pk}/")
    expect(page.locator("h1")).to_have_text(person.full_name)
    page.locator(".reader-menu summary").click()
    page.locator("form[action='/sign-out/'] button").click()
    expect(page.locator("[name=password]")).to_have_count(1)

    page.go_back()

    expect(page.locator("[name=password]")).to_have_count(1)
    assert person.first_name not in page.content()


def test_hrs_page_of_a_locked_person_with_a_second_step(open_page, sign_in, person):
    moment = timezone.now()
    secret = second_steps.new_secret()
    second_steps.turn_on(person, secret, pyotp.TOTP(secret).at(moment), at=moment, moment=moment)
    RoleFactory(organisation=person.postings.get().organisation, user__username="hr")
    page = open_page(PHONE)
    sign_in(page, "hr")
    page.goto(f"/people/{person.pk}/")
    page.locator("details:has(form[action$='/second-step/']) summary").click()
    check_page(page)
    page.locator("form[action$='/second-step/'] button").click()
    expect(page.locator("form[action$='/second-step/']")).to_have_count(0)
