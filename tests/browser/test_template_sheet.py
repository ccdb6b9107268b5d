"""The sheet as it will print, beside the template, in a real browser."""

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


def test_the_sheet_follows_what_is_typed_and_nothing_is_refused_by_the_browser(open_page, sign_in, row):
    page = open_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    sign_in(page, "editor")
    page.goto(f"/frameworks/indicators/{row.pk}/")
    sheet = page.locator("#sheet .sheet")
    expect(sheet.locator("h1")).to_contain_text("ตัวชี้วัดที่ 4 : ร้อยละขององค์กร")

    page.locator("#id_title").fill("ชื่อที่เพิ่งพิมพ์")
    expect(sheet.locator("h1")).to_have_text("ตัวชี้วัดที่ 4 : ชื่อที่เพิ่งพิมพ์")
    page.locator("#id_even_step").fill("-5")
    expect(sheet).to_contain_text("ร้อยละ 55")

    assert said == []


def test_without_a_whole_template_the_sheet_stays_as_it_was(open_page, sign_in, row):
    page = open_page()
    sign_in(page, "editor")
    page.goto(f"/frameworks/indicators/{row.pk}/")
    page.locator("#id_title").fill("")
    expect(page.locator("#template-saved")).to_contain_text("บันทึกแล้วเมื่อ")

    expect(page.locator("#beside")).to_contain_text("กราฟและแบบฟอร์มแสดงข้อมูลล่าสุดที่ครบถ้วน")
    expect(page.locator("#sheet h1")).to_contain_text("ตัวชี้วัดที่ 4 : ร้อยละขององค์กร")
