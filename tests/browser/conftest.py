"""A real browser: Debian's Chromium against Django's live server."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

# Playwright keeps an event loop in the thread of the test; Django would refuse the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    """Open pages in windows of their own: `open_page()`, `open_page(PHONE)`.

    Afterwards the test fails if a page threw, logged an error, lacked a part of itself or asked another host.
    """
    contexts, faults = [], []

    def opened(viewport=DESK, **options):
        context = chromium.new_context(
            base_url=live_server.url, viewport=viewport, locale="th-TH", timezone_id="Asia/Bangkok", **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("console", lambda message: faults.extend(_complaints(message)))
        page.on("request", lambda request: faults.extend(_elsewhere(request, live_server.url)))
        page.on("response", lambda response: faults.extend(_missing(response)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


# htmx reports that a session ended, or that there was no connection; the page says so itself, and tests ask for both.
EXPECTED = ("Failed to load resource", "Response Status Error Code 401", "htmx:afterRequest", "htmx:sendError")


def _complaints(message):
    # Chromium also reports every refusal that a test asked for; of what pages load, _missing sees to that.
    refused = message.text.startswith(EXPECTED)
    return [f"console: {message.text}"] if message.type == "error" and not refused else []


def _elsewhere(request, home):
    return [] if request.url.startswith((f"{home}/", "data:", "blob:")) else [f"asked elsewhere: {request.url}"]


def _missing(response):
    part = response.request.resource_type in {"stylesheet", "script", "image", "font"}
    return [f"{response.status}: {response.url}"] if part and response.status >= 400 else []


@pytest.fixture
def browser_page(open_page):
    return open_page()


@pytest.fixture
def phone_page(open_page):
    return open_page(PHONE)


@pytest.fixture
def sign_in():
    """Sign in through the page, as a person does: `sign_in(page, "staff")`."""

    def signed_in(page, username, password="demo"):
        page.goto("/sign-in/")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(password)
        page.locator("input[name=password]").press("Enter")
        expect(page.locator("input[name=password]")).to_have_count(0)

    return signed_in
