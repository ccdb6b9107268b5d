"""The KPI template in a real browser: it saves by itself, and two editors never overwrite each other."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agreements.models import Framework, User
from agreements.services import drafts
from tests.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row(settings):
    settings.DEMO = True
    call_command("load_demo", verbosity=0)
    editor = User.objects.get(username="editor")
    draft = drafts.revise(Framework.objects.get(code="chonburi-2556-1"), by=editor, at=NOON)
    return draft.indicators.get(code="4")


def test_a_template_saves_by_itself_and_says_what_is_missing(open_page, sign_in, row):
    page = open_page()
    sign_in(page, "editor")
    page.goto(f"/frameworks/indicators/{row.pk}/")

    page.locator("#id_kind").select_option("thresholds")
    page.locator("#id_level_2").fill("95")
    expect(page.locator("#beside")).to_contain_text("60, 95, 80, 90, 100")
    page.locator("#id_level_2").fill("๗๒")
    expect(page.locator("#beside")).not_to_contain_text("60, 95, 80, 90, 100")
    expect(page.locator("#template-saved")).to_contain_text("บันทึกแล้วเมื่อ")
    page.locator("#id_try-variable_reported").fill("88")
    page.locator("#id_try-variable_total").fill("98")
    expect(page.locator("#trial-outcome")).to_contain_text("3.9796")

    row.refresh_from_db()
    assert row.definition["criteria"]["levels"] == {"1": "60", "2": "72", "3": "80", "4": "90", "5": "100"}


def test_a_variable_is_picked_into_the_formula(open_page, sign_in, row):
    page = open_page()
    sign_in(page, "editor")
    page.goto(f"/frameworks/indicators/{row.pk}/")

    page.locator("#id_expression").fill("")
    for text in ("reported", "÷", "total", "× 100"):
        page.locator(f"[data-insert='{text}']").click()

    expect(page.locator("#id_expression")).to_have_value("reported ÷ total × 100")


@pytest.fixture
def type_on_and_save(open_page, sign_in, row):
    page = open_page()
    sign_in(page, "editor")
    page.goto(f"/frameworks/indicators/{row.pk}/")
    yield page, lambda: _type_on_and_save(page)
    page.unroute_all(behavior="ignoreErrors")


def _type_on_and_save(page):
    # The first change is on its way when the button is clicked.
    page.route("**/frameworks/indicators/*/", lambda route: (page.wait_for_timeout(400), route.continue_()))
    with page.expect_request("**/frameworks/indicators/*/"):
        page.locator("#id_note").fill("หมายเหตุ")
    page.locator("#id_note").press("End")
    page.locator("#id_note").type(" ต่อ")
    page.locator("[data-save]").click()


def test_typing_on_while_it_saves_and_saving_at_once_is_no_conflict_with_oneself(type_on_and_save, row):
    page, type_and_save = type_on_and_save

    type_and_save()

    expect(page.locator("#messages")).to_contain_text("บันทึกตัวชี้วัด 4 แล้ว")
    row.refresh_from_db()
    assert row.definition["note"] == "หมายเหตุ ต่อ"


def test_control_without_waiting_one_meets_ones_own_write(type_on_and_save):
    page, type_and_save = type_on_and_save
    page.locator("#template").evaluate("form => form.removeAttribute('data-autosave')")

    type_and_save()

    expect(page.locator("h1")).to_have_text("ของฉันและของผู้อื่น")


def test_two_editors_choose_between_mine_and_theirs(open_page, sign_in, row):
    first, second = open_page(), open_page()
    for page in (first, second):
        sign_in(page, "editor")
        page.goto(f"/frameworks/indicators/{row.pk}/")

    first.locator("#id_unit").fill("แห่ง")
    expect(first.locator("#template-saved")).to_contain_text("บันทึกแล้วเมื่อ")
    second.locator("#id_note").fill("ของคนที่สอง")
    second.locator("#template-saved button").click()
    second.locator("input[name='pick.unit'][value=theirs]").check()
    second.locator("main button.btn-primary").click()

    expect(second.locator("#messages")).to_contain_text("บันทึกตัวชี้วัด 4 แล้ว")
    row.refresh_from_db()
    assert (row.definition["unit"], row.definition["note"]) == ("แห่ง", "ของคนที่สอง")
