"""HR brings a colleague in: added, a slip printed, signed in with its code and a password chosen, on a telephone."""

import re
import subprocess

import pytest
from playwright.sync_api import expect

from agreements.models import User
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_colleague_is_brought_in_on_paper(browser_page, phone_page, sign_in, tmp_path):
    office = OrganisationFactory(name="สำนักงานทดสอบ")
    chief = PostingFactory(organisation=office, user__first_name="หัวหน้า")
    RoleFactory(organisation=office, user__username="hr")
    page = browser_page
    sign_in(page, "hr")
    page.goto("/people/add/")
    for name, typed in {
        "name_prefix": "นางสาว",
        "first_name": "วราภรณ์",
        "last_name": "ทองดี",
        "username": "waraphon",
        "title": "นิติกร",
        "level": "ปฏิบัติการ",
        "number": "๐๐๑",
        "starts_on": "๑ ต.ค. ๒๕๕๕",
    }.items():
        page.locator(f"[name={name}]").fill(typed)
    page.locator("[name=organisation]").select_option(str(office.pk))
    page.locator("[name=assessor]").select_option(str(chief.pk))
    page.locator("#content button.btn-primary").click()
    expect(page.locator("h1")).to_have_text("นางสาววราภรณ์ ทองดี")
    expect(page.locator("td[data-label]").first).to_have_text("001")

    page.goto("/people/slips/")
    with page.expect_download() as download:
        page.locator("#content button.btn-primary").click()
    download.value.save_as(tmp_path / "slips.pdf")
    command = ["pdftotext", "-layout", tmp_path / "slips.pdf", "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", text).group()

    phone_page.goto("/sign-in/")
    phone_page.locator("a[href='/sign-in/code/']").click()
    phone_page.locator("[name=username]").fill("waraphon")
    phone_page.locator("[name=code]").fill(code.lower())
    for name in ("new_password", "new_password_again"):
        phone_page.locator(f"[name={name}]").fill("ฝนตกที่หนองใหญ่")
    phone_page.locator("#content button.btn-primary").click()
    expect(phone_page.locator("[name=code]")).to_have_count(0)
    expect(phone_page).to_have_url(re.compile(r"/$"))

    assert User.objects.get(username="waraphon").check_password("ฝนตกที่หนองใหญ่")
