"""A report is entered like a sheet: moving, pasting, undoing, saving by itself; and on a phone, row by row."""

import re
from dataclasses import replace

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from agreements.services import submission_judging as judging, submissions
from agreements.views import submission_entering
from tests.browser.conftest import PHONE
from tests.browser.test_accessibility import violations
from tests.entering import EVERY_KIND, FILES, NOON, Units, cells_of, fixed, table
from tests.files import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def units(settings):
    settings.DEMO = True
    settings.DEMO_TODAY = NOON.date()
    return Units()


def at(page, address):
    """Return the field of a cell."""
    return page.locator(f'[data-cell="{address}"] .cell-input')


def opened(page, sign_in, units, submission, user=None):
    sign_in(page, (user or units.reporter).username)
    page.goto(reverse("agreements:enter-submission", args=[submission.pk]))
    return page


def paste(page, text):
    """Paste as Excel would: plain text on the clipboard."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def saved(page):
    """Wait until all is saved."""
    expect(page.locator("#sheet-status [data-stands=saved]")).to_be_visible()


def test_arrows_tab_enter_and_escape_move_and_give_up(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)

    at(page, "centres/1/all").focus()
    page.keyboard.press("ArrowRight")
    expect(at(page, "centres/1/done")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(at(page, "centres/2/done")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(at(page, "centres/2/all")).to_be_focused()
    page.keyboard.press("Tab")
    expect(at(page, "centres/2/done")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Escape")
    expect(at(page, "centres/2/done")).to_have_value("")
    page.keyboard.type("5")
    page.keyboard.press("Enter")

    expect(at(page, "centres/3/done")).to_be_focused()
    saved(page)
    assert cells_of(submission) == {"centres/2/done": ("5", True)}


def test_leaving_a_cell_saves_it_and_the_sums_follow(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)

    at(page, "centres/1/all").fill("๑,๒๓๔")
    page.keyboard.press("Tab")
    page.keyboard.type("617")
    page.keyboard.press("Tab")
    saved(page)

    expect(at(page, "centres/1/all")).to_have_value("1,234")
    expect(page.locator('[data-cell="centres/1/all"] [data-mark=saved]')).to_be_visible()
    expect(page.locator('[data-sum="centres/all"]')).to_have_text("1,234")
    expect(page.locator('[data-ratio="centres/1"]')).to_have_text("50.00 %")
    assert cells_of(submission) == {"centres/1/all": ("1234", True), "centres/1/done": ("617", True)}


def test_a_block_from_excel_is_pasted_and_taken_back(open_page, sign_in, units):
    submission = units.opened()
    units.write(submission, ("centres/1/all", "3"))
    page = opened(open_page(), sign_in, units, submission)

    at(page, "centres/1/all").focus()
    paste(page, '๑,๐๐๐\t๔๐๐\t600\t"บรรทัดแรก\nมี ""คำพูด"""\r\n20\u00a0\t5\t15\t\r\n')
    saved(page)
    pasted = {
        "centres/1/all": ("1000", True), "centres/1/done": ("400", True), "centres/1/not_yet": ("600", True),
        "centres/1/note": ('บรรทัดแรก\nมี "คำพูด"', True), "centres/2/all": ("20", True),
        "centres/2/done": ("5", True), "centres/2/not_yet": ("15", True),
    }  # fmt: skip
    assert cells_of(submission) == pasted

    page.keyboard.press("Control+z")
    expect(at(page, "centres/2/done")).to_have_value("")
    saved(page)
    assert cells_of(submission) == {"centres/1/all": ("3", True)}
    page.keyboard.press("Control+y")
    expect(at(page, "centres/2/done")).to_have_value("5")
    saved(page)
    assert cells_of(submission) == pasted

    # Pasted, taken back or saved: what is typed next takes the place of what stands in the cell.
    page.keyboard.type("7")
    expect(at(page, "centres/1/all")).to_have_value("7")
    for _number in range(3):
        page.keyboard.press("Enter")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    saved(page)
    page.keyboard.type("9")
    expect(at(page, "centres/3/all")).to_have_value("9")


@pytest.mark.parametrize(
    ("block", "said"),
    [("1\t2\t3\t4\t5", "กว้าง 5 คอลัมน์ แต่จากช่องนี้มีที่ 4"), ("1\n2\n3\n4", "4 แถว แต่จากช่องนี้มีที่ 3")],
)
def test_a_block_that_does_not_fit_is_refused_and_nothing_changes(open_page, sign_in, units, block, said):
    submission = units.opened()
    units.write(submission, ("centres/1/all", "3"))
    page = opened(open_page(), sign_in, units, submission)

    at(page, "centres/1/all").focus()
    paste(page, block)

    expect(page.locator("#sheet-alert")).to_contain_text(said)
    expect(at(page, "centres/1/all")).to_have_value("3")
    assert cells_of(submission) == {"centres/1/all": ("3", True)}
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    expect(page.locator("#sheet-alert")).to_be_empty()


def test_what_does_not_fit_is_kept_as_typed_and_says_why(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)

    at(page, "centres/1/all").fill("ประมาณ 10")
    page.keyboard.press("Tab")

    cell = page.locator('[data-cell="centres/1/all"]')
    expect(cell.locator("[data-complaint]")).to_contain_text("ไม่ใช่ตัวเลข")
    expect(at(page, "centres/1/all")).to_have_value("ประมาณ 10")
    expect(at(page, "centres/1/all")).to_have_attribute("aria-invalid", "true")
    page.reload()
    expect(at(page, "centres/1/all")).to_have_value("ประมาณ 10")
    expect(cell.locator("[data-complaint]")).to_contain_text("ไม่ใช่ตัวเลข")
    assert cells_of(submission) == {"centres/1/all": ("ประมาณ 10", False)}


def test_after_the_session_ended_what_was_typed_is_back_and_saved(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)
    Session.objects.all().delete()

    at(page, "centres/2/done").fill("๙")
    page.keyboard.press("Tab")
    page.locator("[data-stands=ended] a").click()
    page.locator("input[name=username]").fill(units.reporter.username)
    page.locator("input[name=password]").fill("demo")
    page.locator("input[name=password]").press("Enter")

    expect(at(page, "centres/2/done")).to_have_value("9")
    saved(page)
    assert cells_of(submission) == {"centres/2/done": ("9", True)}


def test_control_without_the_copy_it_would_be_lost(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)
    Session.objects.all().delete()

    at(page, "centres/2/done").fill("๙")
    page.keyboard.press("Tab")
    expect(page.locator("[data-stands=ended]")).to_be_visible()
    page.evaluate(
        "Object.keys(sessionStorage).forEach((key) => key.startsWith('typing:') && sessionStorage.removeItem(key))"
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/sign-in/")
    sign_in(page, units.reporter.username)
    page.goto(reverse("agreements:enter-submission", args=[submission.pk]))

    expect(at(page, "centres/2/done")).to_have_value("")
    assert cells_of(submission) == {}


def test_without_a_connection_it_waits_and_saves_once_it_is_back(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)
    page.context.set_offline(True)

    at(page, "centres/1/all").fill("4")
    page.keyboard.press("Tab")
    expect(page.locator("[data-stands=lost]")).to_be_visible()
    assert cells_of(submission) == {}
    page.context.set_offline(False)

    saved(page)
    assert cells_of(submission) == {"centres/1/all": ("4", True)}


def test_two_people_in_one_cell_see_mine_and_theirs(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)
    units.write(submission, ("centres/1/all", "70"))

    at(page, "centres/1/all").fill("90")
    page.keyboard.press("Tab")
    cell = page.locator('[data-cell="centres/1/all"]')
    expect(cell.locator("[data-theirs]")).to_have_text("70")
    assert cells_of(submission) == {"centres/1/all": ("70", True)}
    cell.locator("[data-take=mine]").click()

    saved(page)
    assert cells_of(submission) == {"centres/1/all": ("90", True)}


def test_control_without_what_was_seen_mine_goes_over_theirs(open_page, sign_in, units, monkeypatch):
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)
    units.write(submission, ("centres/1/all", "70"))
    read = submission_entering._sent
    monkeypatch.setattr(submission_entering, "_sent", lambda typed: [replace(one, seen=None) for one in read(typed)])

    at(page, "centres/1/all").fill("90")
    page.keyboard.press("Tab")

    saved(page)
    assert cells_of(submission) == {"centres/1/all": ("90", True)}


def test_certified_meanwhile_it_is_refused_in_words_and_stays_on_the_page(open_page, sign_in, units):
    submission = units.filled()
    page = opened(open_page(), sign_in, units, submission)
    submissions.complete(submission, by=units.head, at=NOON)
    submissions.certify(submission, by=units.head, at=NOON)

    at(page, "centres/1/note").fill("ยังพิมพ์อยู่")
    page.keyboard.press("Tab")

    expect(page.locator("[data-stands=refused]")).to_contain_text("ล็อกแล้ว")
    expect(at(page, "centres/1/note")).to_have_value("ยังพิมพ์อยู่")


def test_comments_are_gone_through_one_after_the_other(open_page, sign_in, units):
    submission = units.certified()
    remarks = [judging.Remark(("centres", row, "done"), f"นับใหม่ {row}") for row in ("1", "3")]
    judging.return_for_changes(submission, remarks=remarks, reason="", by=units.heads["uttaradit"], at=NOON)
    page = opened(open_page(), sign_in, units, submission)

    expect(page.locator('[data-cell="centres/3/done"]')).to_contain_text("นับใหม่ 3")
    page.locator("[data-next-comment]").click()
    expect(at(page, "centres/1/done")).to_be_focused()
    page.locator("[data-next-comment]").click()
    expect(at(page, "centres/3/done")).to_be_focused()
    page.locator("[name=resolve]").first.click()

    expect(page.locator("[name=resolve]")).to_have_count(1)


def test_from_the_page_it_is_completed_certified_and_taken_back(open_page, sign_in, units):
    submission = units.filled()
    page = opened(open_page(), sign_in, units, submission, units.head)

    at(page, "centres/1/note").fill("ไม่มี")
    page.locator("[name=complete]").click()
    page.locator("button[form=certify]").click()
    page.wait_for_url(re.compile(r"/submissions/\d+/$"))
    submission.refresh_from_db()
    assert submission.state == "certified"
    page.goto(reverse("agreements:enter-submission", args=[submission.pk]))
    page.locator("form[action$='/take-back/'] .btn-secondary").click()

    page.wait_for_url(re.compile(r"/submissions/\d+/$"))
    submission.refresh_from_db()
    assert (submission.state, submission.number) == ("draft", 2)
    assert cells_of(submission)["centres/1/note"] == ("ไม่มี", True)


def test_rows_are_added_by_pasting_and_every_kind_of_column_is_read(open_page, sign_in, settings):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()
    units = Units(table("projects", EVERY_KIND, {"kind": "free", "heading": "ลำดับที่"}))
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)

    at(page, "projects/3/name").focus()
    rows = [f"โครงการ {n}\t๑,๐๐๐.๕๐\t87.5 %\t20 มี.ค. 2556\tใช่\tใหม่" for n in range(1, 6)]
    rows[4] = "โครงการ 5\t1\t2\t30/02/2556\tอาจจะ\tอื่น ๆ"
    paste(page, "\n".join(rows))
    saved(page)

    kept = cells_of(submission)
    first = {key.rpartition("/")[2]: value for key, value in kept.items() if "/3/" in key}
    assert first == {
        "name": ("โครงการ 1", True), "money": ("1000.5", True), "share": ("87.5", True),
        "day": ("2013-03-20", True), "fits": ("yes", True), "kind": ("ใหม่", True),
    }  # fmt: skip
    assert {key: value for key, (value, fits) in kept.items() if not fits} == {
        "projects/7/day": "30/02/2556", "projects/7/fits": "อาจจะ", "projects/7/kind": "อื่น ๆ",
    }  # fmt: skip
    page.reload()
    expect(at(page, "projects/7/fits")).to_have_value("อาจจะ")


def test_a_file_is_kept_as_soon_as_it_is_chosen_and_nothing_typed_beside_it_is_lost(open_page, sign_in, settings):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()
    units = Units(table("letters", FILES, fixed()))
    submission = units.opened()
    page = opened(open_page(), sign_in, units, submission)

    at(page, "letters/2/day").fill("20 มี.ค. 2556")
    chosen = {"name": "หนังสือ.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("[name='file:letters/1/letter']").set_input_files(chosen)

    expect(page.get_by_role("link", name="หนังสือ.png")).to_be_visible()
    assert cells_of(submission) == {"letters/1/letter": ("หนังสือ.png", True), "letters/2/day": ("2013-03-20", True)}


def test_without_a_script_it_is_a_plain_form(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(java_script_enabled=False), sign_in, units, submission)

    at(page, "centres/1/all").fill("๑๒")
    at(page, "centres/1/done").fill("สิบ")
    at(page, "centres/1/all").press("Enter")

    expect(page.locator("#messages .message")).to_be_visible()
    expect(at(page, "centres/1/all")).to_have_value("12")
    expect(at(page, "centres/1/done")).to_have_value("สิบ")
    assert cells_of(submission) == {"centres/1/all": ("12", True), "centres/1/done": ("สิบ", False)}


def test_on_a_phone_a_row_is_a_form_of_its_own(open_page, sign_in, units):
    submission = units.opened()
    page = opened(open_page(PHONE), sign_in, units, submission)

    expect(at(page, "centres/1/all")).to_be_visible()
    expect(at(page, "centres/2/all")).to_be_hidden()
    at(page, "centres/1/all").fill("8")
    page.locator("[data-step='1']").click()
    expect(at(page, "centres/1/all")).to_be_hidden()
    at(page, "centres/2/all").fill("9")
    expect(page.locator("[data-row-says]")).to_contain_text("2")
    page.locator("[data-step='-1']").click()
    saved(page)

    assert cells_of(submission) == {"centres/1/all": ("8", True), "centres/2/all": ("9", True)}


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}])
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(open_page, sign_in, settings, size):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()
    free = table("projects", EVERY_KIND, {"kind": "free", "heading": "ลำดับที่"})
    below = table("below", EVERY_KIND[:2], {"kind": "local_governments", "heading": "อปท."})
    units = Units(table("centres", EVERY_KIND, fixed(title="ชื่อยาวมาก " * 8)), free, below)
    submission = units.opened()
    units.write(submission, ("centres/1/money", "ไม่ทราบ"), ("projects/1/fits", "อาจจะ"))
    page = opened(open_page(size), sign_in, units, submission)

    found = {}
    for name in ("enter-submission", "submission-upload"):
        page.goto(reverse(f"agreements:{name}", args=[submission.pk]))
        found[name] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name

    assert found == {"enter-submission": [], "submission-upload": []}
