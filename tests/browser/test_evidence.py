"""Attaching in a real browser: several files, progress, refusals, cancelling, a lost connection, dragging."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agreements.models import Evidence, State
from tests import files
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def address(place, name="result"):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, place.version.items.get().lineage])


def file(name, content, kind="application/octet-stream"):
    return {"name": name, "mimeType": kind, "buffer": content}


def choose(page, *chosen):
    page.locator("input[type=file][multiple]").set_input_files(list(chosen))


def send(page):
    page.get_by_role("button", name="แนบไฟล์").click()


def names():
    return list(Evidence.objects.order_by("pk").values_list("name", flat=True))


def test_several_files_are_attached_and_what_is_typed_stays(open_page, sign_in, place):
    page = open_page()
    sign_in(page, place.assessee.username)
    page.goto(address(place))
    page.locator("[name=note]").press_sequentially("ยังพิมพ์ไม่จบ")
    page.evaluate("window.isStillHere = true")

    choose(page, file("หนึ่ง.pdf", files.pdf("one", "two")), file("ว่าง.txt", b""), file("สอง.png", files.picture()))
    send(page)

    expect(page.locator("#evidence-files")).to_contain_text("สอง.png")
    expect(page.locator("[data-uploads]")).to_contain_text("“ว่าง.txt” เป็นไฟล์ว่าง")
    assert names() == ["หนึ่ง.pdf", "สอง.png"]
    page.locator("#evidence-files [name=remove]").first.click()
    expect(page.locator("#evidence-files")).to_contain_text("นำ “หนึ่ง.pdf” ออกแล้ว")
    assert names() == ["สอง.png"]
    expect(page.locator("[name=note]")).to_have_value("ยังพิมพ์ไม่จบ")
    assert page.evaluate("window.isStillHere")


def test_control_without_the_script_the_page_is_loaded_anew(open_page, sign_in, place):
    page = open_page()
    sign_in(page, place.assessee.username)
    page.goto(address(place))
    page.evaluate("window.isStillHere = true")
    page.locator("[data-upload]").evaluate("form => form.removeAttribute('data-upload')")

    choose(page, file("หนึ่ง.txt", b"1"))
    send(page)

    expect(page.locator("#messages")).to_contain_text("แนบ “หนึ่ง.txt” แล้ว")
    assert page.evaluate("window.isStillHere") is None


def test_without_any_script_several_files_go_in_one_form(open_page, sign_in, place):
    page = open_page(java_script_enabled=False)
    sign_in(page, place.assessee.username)
    page.goto(address(place))

    choose(page, file("หนึ่ง.txt", b"1"), file("สอง.txt", b"2"))
    send(page)

    expect(page.locator("#messages")).to_contain_text("แนบ “สอง.txt” แล้ว")
    assert names() == ["หนึ่ง.txt", "สอง.txt"]


def test_a_file_on_its_way_can_be_cancelled_and_tried_again(open_page, sign_in, place):
    page = open_page()
    sign_in(page, place.assessee.username)
    page.goto(address(place))
    held = []

    def hold(route):
        # Only the first is held up; what is tried again goes through.
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/evidence/", hold)

    choose(page, file("หนึ่ง.txt", b"1"))
    send(page)
    page.locator("[data-cancel]").click()

    expect(page.locator("[data-uploads]")).to_contain_text("ยกเลิกแล้ว ไม่ได้แนบ")
    assert names() == []
    page.locator("[data-again]").click()
    expect(page.locator("#evidence-files")).to_contain_text("หนึ่ง.txt", timeout=20_000)
    assert (len(held), names()) == (1, ["หนึ่ง.txt"])


def test_without_a_connection_a_file_says_so_and_goes_later(open_page, sign_in, place):
    page = open_page()
    sign_in(page, place.assessee.username)
    page.goto(address(place))
    page.context.set_offline(True)

    choose(page, file("หนึ่ง.txt", b"1"))
    send(page)

    expect(page.locator("[data-uploads]")).to_contain_text("การเชื่อมต่อขาดหาย")
    page.context.set_offline(False)
    page.locator("[data-again]").click()
    expect(page.locator("#evidence-files")).to_contain_text("หนึ่ง.txt", timeout=20_000)


def test_files_are_dragged_onto_the_area(open_page, sign_in, place):
    page = open_page()
    sign_in(page, place.assessee.username)
    page.goto(address(place))

    page.locator("[data-drop]").evaluate(
        """area => {
            const dataTransfer = new DataTransfer();
            for (const name of ["หนึ่ง.txt", "สอง.txt"]) dataTransfer.items.add(new File([name], name));
            for (const type of ["dragover", "drop"]) {
                area.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
            }
        }"""
    )

    expect(page.locator("#evidence-files")).to_contain_text("สอง.txt")
    assert names() == ["หนึ่ง.txt", "สอง.txt"]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_assessor_leafs_through_the_files_beside_the_score(open_page, sign_in, place, width):
    page = open_page()
    sign_in(page, place.assessee.username)
    page.goto(address(place))
    choose(page, file("หนึ่ง.pdf", files.pdf("one", "two")), file("สอง.png", files.picture()))
    send(page)
    expect(page.locator("#evidence-files")).to_contain_text("สอง.png")
    bring_to(place, State.REPORTED)

    desk = open_page({"width": width, "height": 740})
    sign_in(desk, place.assessor.username)
    desk.goto(address(place, "assess-item"))
    desk.locator(".evidence-name").first.click()
    pane = desk.locator("#evidence-pane")
    expect(pane).to_contain_text("หน้า 1 จาก 2")
    pane.get_by_text("หน้าถัดไป").click()
    expect(pane).to_contain_text("หน้า 2 จาก 2")
    pane.get_by_text("ไฟล์ถัดไป").click()
    expect(pane).to_contain_text("ไฟล์ที่ 2 จาก 2")

    assert pane.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    assert desk.url.endswith(address(place, "assess-item"))
