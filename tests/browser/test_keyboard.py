"""A draft is chosen, weighed and proposed without a mouse, and the place of the keyboard is always seen."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agreements.models import Agreement
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True)

# How the focused part of the page is seen: its outline, and whether something lies over its middle.
SEEN = """() => {
  const part = document.activeElement;
  const box = part.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 10));
  return {
    outlined: getComputedStyle(part).outlineStyle !== "none",
    onTop: !!top && (part.contains(top) || top.contains(part)),
    is: part.outerHTML.slice(0, 120),
  };
}"""
FOCUSED = "part => part === document.activeElement"


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    call_command("load_demo", verbosity=0)


def tab_to(page, wanted, *, most=120):
    """Press Tab until `wanted` has the focus; every stop on the way is seen."""
    expect(wanted).to_have_count(1)
    for _stop in range(most):
        page.keyboard.press("Tab")
        seen = page.evaluate(SEEN)
        assert seen["outlined"], seen
        assert seen["onTop"], seen
        if wanted.evaluate(FOCUSED):
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def press(page, wanted):
    """Go to `wanted` and press Enter, which leads to another page."""
    tab_to(page, wanted)
    page.evaluate("document.documentElement.dataset.left = ''")
    page.keyboard.press("Enter")
    # The page that is left may still be there for a while on a busy machine, with a button of the same name.
    expect(page.locator("html[data-left]")).to_have_count(0)
    page.wait_for_load_state()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_agreement_is_proposed_by_keyboard_alone(demo, open_page, size):
    page = open_page(size)
    page.goto("/sign-in/")
    page.keyboard.type("staff")
    page.keyboard.press("Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    expect(page.locator(".work").first).to_be_visible()

    press(page, page.locator(".work").first.locator("a"))
    press(page, page.locator("a[href$='/items/choose/']"))
    for label in ("2 ร้อยละ", "3 ระดับ", "5 ระดับ", "7 ระดับ"):
        tab_to(page, page.locator("main input[type=checkbox]").and_(page.get_by_label(label)).first)
        page.keyboard.press("Space")
    press(page, page.locator("main form button.btn-primary"))
    weights = page.locator("[data-weight]")
    expect(weights).to_have_count(4)
    tab_to(page, weights.first)
    for _weight in range(4):
        page.keyboard.type("25")
        page.keyboard.press("Enter")
    expect(page.locator("[data-weight-total]")).to_contain_text("100 / 100")
    press(page, page.locator("button[name=next]"))
    press(page, page.locator("main form button.btn-primary"))
    press(page, page.get_by_role("link", name="ลงนามและเสนอข้อตกลง", exact=True))
    press(page, page.get_by_role("button", name="ลงนามและเสนอข้อตกลง", exact=True))
    expect(page.get_by_text("ลงนามแล้ว ส่งข้อตกลงให้ผู้ประเมินแล้ว")).to_be_visible()

    agreement = Agreement.objects.get(person__username="staff")
    assert agreement.state == "proposed"
    assert [str(item.weight) for item in agreement.parts.get().versions.get().items.all()] == ["25"] * 4


def test_control_a_stop_without_an_outline_fails(browser_page):
    browser_page.goto("/sign-in/")
    browser_page.evaluate("document.querySelector('main button').style.setProperty('outline', 'none', 'important')")

    with pytest.raises(AssertionError, match="outlined"):
        tab_to(browser_page, browser_page.locator("main button"))
