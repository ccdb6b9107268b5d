"""What axe finds on the main pages: nothing, in Thai on a phone and in English on the desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command

from agreements.models import Agreement, Framework, State
from agreements.services import library
from tests.browser.conftest import DESK, PHONE
from tests.library import publish_library, template

pytestmark = pytest.mark.django_db(transaction=True)

AXE = Axe()
# Who reads, and the pages; {state} is the first agreement that `who` sees in that state and has an act to take in.
PAGES = {
    None: ["/sign-in/", "/verify/"],
    "staff": [
        "/",
        "/agreements/",
        "/agreements/{draft}/items/choose/",
        "/agreements/{draft}/items/library/",
        "/agreements/{draft}/items/library/{template}/",
        "/agreements/{draft}/items/{copy}/blanks/",
        "/agreements/{draft}/items/own/",
        "/frameworks/",
        "/frameworks/{framework}/",
        "/account/",
        "/account/second-step/",
        "/password/",
    ],
    "udom": ["/agreements/{draft}/items/", "/agreements/{draft}/competencies/", "/agreements/{draft}/sign/propose/"],
    "phensi": ["/agreements/{agreed}/", "/agreements/{agreed}/results/", "{result}", "{what_if}"],
    "assessor": [
        "/agreements/{reported}/assessment/",
        "/agreements/{reported}/assessment/competencies/",
        "/agreements/{reported}/assessment/plan/",
        "{assess_item}",
        "/agreements/{proposed}/sign/agree/",
        "/rounds/{round}/sign/agree/",
        "/rounds/{round}/sign/assess/",
        "/agreements/{proposed}/return/return-proposal/",
    ],
    "hr": [
        "/rounds/{round}/deadlines/",
        "/rounds/{round}/overdue/",
        "/rounds/{round}/extensions/add/",
        "/notices/",
        "/notices/mail/",
        "/rounds/{round}/",
        "/agreements/{closed}/",
        "/agreements/{closed}/forms/",
    ],
}
PARTY = {State.PROPOSED: "assessor", State.REPORTED: "assessor", State.CLOSED: None}


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    call_command("load_demo", verbosity=0)
    publish_library()


def addresses(who):
    """Return the addresses that `who` reads."""
    names = {"framework": Framework.objects.get(organisation__code="chonburi").pk}
    for state in State:
        capacity = PARTY.get(state, "assessee")
        mine = {"parts__versions__parties__user__username": who, "parts__versions__parties__capacity": capacity}
        found = Agreement.objects.filter(state=state, **(mine if capacity else {})).order_by("pk").first()
        if found:
            version = found.parts.get().versions.get(is_current=True)
            names |= {state.value: found.pk, "round": found.round_id}
            item = version.items.filter(children=None).order_by("order").first()
            if item:
                names |= _of_item(state, f"/agreements/{found.pk}", item.lineage)
    if who == "staff":
        names |= _from_library(Agreement.objects.get(pk=names[State.DRAFT]))
    return [path.format(**names) for path in PAGES[who]]


def _of_item(state, agreement, lineage):
    if state == State.AGREED:
        return {"result": f"{agreement}/results/{lineage}/", "what_if": f"{agreement}/what-if/{lineage}/"}
    return {"assess_item": f"{agreement}/assessment/{lineage}/"} if state == State.REPORTED else {}


def _from_library(draft):
    shelf = Framework.objects.get(code="library")
    version = draft.parts.get().versions.get(is_current=True)
    copy = library.copy_from_library(version, template(shelf, "2"), by=draft.person)
    return {"template": template(shelf, "1").pk, "copy": copy.lineage}


def violations(page):
    """Return what axe finds: the rule and the part of the page that breaks it."""
    found = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(("language", "size"), [("th", PHONE), ("en", DESK)])
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(demo, open_page, sign_in, live_server, language, size):
    found = {}
    for who in PAGES:
        page = open_page(size)
        if who:
            sign_in(page, who)
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for path in addresses(who):
            assert page.goto(path).status == 200, path
            assert page.locator("html").get_attribute("lang") == language
            if faults := violations(page):
                found[path] = faults
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found[path, "wider than"] = size["width"]

    assert found == {}


def test_control_axe_finds_a_field_without_its_label(browser_page):
    browser_page.goto("/sign-in/")

    browser_page.evaluate("document.querySelector('label[for=id_username]').remove()")

    assert [rule for rule, _html in violations(browser_page)] == ["label"]
