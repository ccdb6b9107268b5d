"""A framework goes out as a workbook, is edited, comes back with a fault, is mended and imported."""

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from playwright.sync_api import expect

from agreements.models import Framework

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    call_command("load_demo", verbosity=0)


def upload(page, path):
    page.goto("/frameworks/upload/")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("main button.btn-primary").click()


def test_a_workbook_goes_out_and_comes_back(demo, browser_page, sign_in, tmp_path):
    page = browser_page
    sign_in(page, "editor")
    framework = Framework.objects.get(code="chonburi-2556-1")
    page.goto(framework.get_absolute_url())
    with page.expect_download() as out:
        page.locator("a[href$='/workbook/']").click()
    out.value.save_as(tmp_path / "out.xlsx")

    book = load_workbook(tmp_path / "out.xlsx")
    book["ตัวชี้วัด"]["F2"] = "=20"
    book["กรอบ"]["B4"] = "กรอบที่แก้แล้ว"
    book.save(tmp_path / "wrong.xlsx")
    upload(page, tmp_path / "wrong.xlsx")
    expect(page.locator("td.title")).to_contain_text(["F2"])
    with page.expect_download() as back:
        page.locator("a[href$='/marked/']").click()
    back.value.save_as(tmp_path / "marked.xlsx")

    book = load_workbook(tmp_path / "marked.xlsx")
    book["ตัวชี้วัด"]["F2"] = 20
    book.save(tmp_path / "mended.xlsx")
    upload(page, tmp_path / "mended.xlsx")
    expect(page.locator("td.full").last).to_contain_text("กรอบที่แก้แล้ว")
    page.locator("main button.btn-primary").click()

    expect(page.locator("h1")).to_have_text("กรอบที่แก้แล้ว")
    assert sorted(one.reference for one in Framework.objects.filter(code=framework.code)) == [
        "chonburi-2556-1",
        "chonburi-2556-1@1",
    ]
