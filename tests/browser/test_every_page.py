"""axe finds nothing on any page, in both languages at three widths, and no page is wider than its window.

The pages are those of tests/agreements/views/access.csv, each opened by the first reader who may.
"""

import pytest
from django.conf import settings as django_settings
from django.test import Client

from agreements.models import State
from tests import access
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = ("th", "en")
WIDTHS = (360, 768, 1280)
WAYS = [(language, width) for language in LANGUAGES for width in WIDTHS]
ROWS = [row for row in access.rows() if row.method == "get" and "200" in row.answers.values()]
STATES = [state for state in State if any(row.state == state for row in ROWS)]
# What is sent as a file is no page.
FILES = {
    "agreements:evidence", "agreements:evidence-page", "agreements:signature-scan",
    "agreements:framework-workbook", "reports:board-workbook", "agreements:download-people", "reports:forms-pdf",
    "reports:framework-pdf", "reports:responsibilities-pdf", "reports:indicator-sheet-pdf",
    "reports:followed-pdf", "reports:blank-report-form-pdf", "reports:memo-pdf", "reports:memo-workbook",
    "reports:summary-workbook", "reports:detail-workbook", "reports:form-2-workbook",
    "agreements:submission-workbook", "agreements:cell-file", "agreements:judged-evidence", "reports:submission-pdf",
    "reports:dashboard-workbook", "reports:dashboard-pdf", "reports:announcement-pdf",
    "agreements:job-file", "reports:blank-forms",
}  # fmt: skip


def pages(world, state):
    """Return each page of `state` once, with the first reader who sees it."""
    found = {}
    for row in ROWS:
        if row.state != state or row.address.partition(" ")[0] in FILES:
            continue
        reader = next(name for name, answer in row.answers.items() if answer == "200")
        found.setdefault(row.address, (reader, access.address(row.address, world.place(reader, row.whose))))
    return found


def enter(page, user, live_server):
    """Let the page's browser in as `user`, without the sign-in page."""
    page.context.clear_cookies()
    if user is not None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])


def faults_of(page, path, language, width, live_server):
    """Return what is wrong with a page in one language at one width."""
    page.set_viewport_size({"width": width, "height": 800})
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    answer = page.goto(path)
    if answer.status != 200:
        return [answer.status]
    found = violations(page)
    if page.locator("html").get_attribute("lang") != language:
        found.append("another language")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the window")
    return found


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_on_any_page(open_page, live_server, full_depth, state):
    world, page, found = access.world(state), open_page(), {}
    for number, (name, (reader, path)) in enumerate(pages(world, state).items()):
        enter(page, world.readers[reader], live_server)
        # At a tenth, each page in one of the ways, the ways taking turns.
        for language, width in WAYS if full_depth else [WAYS[number % len(WAYS)]]:
            if faults := faults_of(page, path, language, width, live_server):
                found[name, language, width] = faults

    assert found == {}, "\n".join(map(str, found.items()))
