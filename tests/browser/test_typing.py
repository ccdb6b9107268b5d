"""Typing is never lost: the session ends, the connection drops, a second window saves first."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from agreements.models import Result, State
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def address(place, name="result"):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, place.version.items.get().lineage])


def on_the_result(page, sign_in, place):
    sign_in(page, place.assessee.username)
    page.goto(address(place))
    return page


def type_in(page, name, text):
    """Type and leave the field, as people do."""
    page.locator(f"[name={name}]").fill(text)
    page.locator(f"[name={name}]").press("Tab")


def sign_in_here(page, person):
    page.locator("input[name=username]").fill(person.username)
    page.locator("input[name=password]").fill("demo")
    page.locator("input[name=password]").press("Enter")
    expect(page.locator("input[name=password]")).to_have_count(0)


def kept():
    return list(Result.objects.values_list("inputs", "note"))


def copies(page):
    return page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('typing:'))")


SAVED = "บันทึกแล้วเมื่อ"


def test_leaving_a_field_saves_and_says_so(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)

    type_in(page, "value", "๘๘")

    expect(page.locator("#typing-saved")).to_contain_text(SAVED)
    assert kept() == [({"value": "88"}, "")]
    assert copies(page) == []


def test_after_the_session_ended_one_is_back_at_the_field_with_what_was_typed(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)
    Session.objects.all().delete()

    type_in(page, "note", "พิมพ์ไว้ยาว ๆ")
    expect(page.get_by_text("หมดเวลาการเข้าสู่ระบบ เก็บไว้ในหน้าต่างนี้แล้ว")).to_be_visible()
    page.locator("[data-typing=ended] a").click()
    sign_in_here(page, place.assessee)

    assert page.url.endswith(address(place))
    expect(page.locator("[name=note]")).to_have_value("พิมพ์ไว้ยาว ๆ")
    expect(page.locator("[name=note]")).to_be_focused()
    expect(page.locator("#typing-saved")).to_contain_text(SAVED)
    assert kept() == [({}, "พิมพ์ไว้ยาว ๆ")]


def test_control_without_the_copy_it_would_be_lost(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)
    Session.objects.all().delete()

    type_in(page, "note", "พิมพ์ไว้ยาว ๆ")
    expect(page.get_by_text("หมดเวลาการเข้าสู่ระบบ เก็บไว้ในหน้าต่างนี้แล้ว")).to_be_visible()
    page.locator("[data-typing=ended] a").click()
    page.evaluate("sessionStorage.clear()")
    sign_in_here(page, place.assessee)

    expect(page.locator("[name=note]")).to_have_value("")


def test_a_form_sent_without_a_session_comes_back_too(open_page, sign_in, place):
    bring_to(place, State.REPORTED)
    page = open_page()
    sign_in(page, place.assessor.username)
    page.goto(address(place, "assess-item"))
    page.locator("#verdict-set").check()
    expect(page.locator("#typing-saved")).to_contain_text("ยังไม่ได้บันทึก")
    page.locator("[name=set-score]").fill("4.5")
    Session.objects.all().delete()

    page.locator("[name=set-reason]").fill("หลักฐานไม่ครบ")
    page.locator("form[data-draft] .btn-primary").click()
    if not page.url.endswith(f"/sign-in/?next={address(place, 'assess-item')}"):
        # Leaving the field saved first, and met the end of the session.
        page.locator("[data-typing=ended] a").click()
    sign_in_here(page, place.assessor)

    expect(page.locator("[name=set-reason]")).to_have_value("หลักฐานไม่ครบ")
    expect(page.locator("[name=set-score]")).to_have_value("4.5")
    expect(page.locator("#verdict-set")).to_be_checked()


def test_without_a_connection_it_says_so_and_saves_once_it_is_back(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)
    page.context.set_offline(True)

    type_in(page, "value", "77")
    expect(page.get_by_text("ไม่มีการเชื่อมต่อ เก็บไว้ในหน้าต่างนี้แล้ว")).to_be_visible()
    assert kept() == []
    page.context.set_offline(False)

    expect(page.locator("#typing-saved")).to_contain_text(SAVED)
    assert kept() == [({"value": "77"}, "")]


def test_a_page_loaded_anew_before_anything_was_saved_has_it_still(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)
    page.context.set_offline(True)
    type_in(page, "value", "66")
    expect(page.get_by_text("ไม่มีการเชื่อมต่อ เก็บไว้ในหน้าต่างนี้แล้ว")).to_be_visible()
    page.context.set_offline(False)
    page.on("dialog", lambda dialog: dialog.accept())

    page.goto(address(place))

    expect(page.locator("[name=value]")).to_have_value("66")


def test_a_second_window_that_saved_first_leads_to_mine_and_theirs(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)
    second = page.context.new_page()
    second.goto(address(place))
    type_in(second, "value", "70")
    expect(second.locator("#typing-saved")).to_contain_text(SAVED)

    type_in(page, "value", "90")
    expect(page.locator("#typing-saved")).to_contain_text("มีการแก้ไขจากที่อื่นในระหว่างนี้")
    assert kept() == [({"value": "70"}, "")]
    page.locator("#typing-saved button").click()
    expect(page.locator("h1")).to_have_text("ของฉันและของผู้อื่น")
    page.locator("main .btn-primary").click()

    expect(page.locator("#messages .alert-success")).to_be_visible()
    assert kept() == [({"value": "90"}, "")]


def test_what_was_typed_before_the_session_ended_does_not_go_over_a_newer_save(open_page, sign_in, place):
    page = on_the_result(open_page(), sign_in, place)
    page.context.set_offline(True)
    type_in(page, "value", "90")
    expect(page.get_by_text("ไม่มีการเชื่อมต่อ เก็บไว้ในหน้าต่างนี้แล้ว")).to_be_visible()
    other = on_the_result(open_page(), sign_in, place)
    type_in(other, "value", "70")
    expect(other.locator("#typing-saved")).to_contain_text(SAVED)
    page.context.set_offline(False)

    expect(page.locator("#typing-saved")).to_contain_text("มีการแก้ไขจากที่อื่นในระหว่างนี้")
    assert kept() == [({"value": "70"}, "")]


def leave_something(page, sign_in, place):
    on_the_result(page, sign_in, place)
    page.context.set_offline(True)
    type_in(page, "value", "66")
    expect(page.get_by_text("ไม่มีการเชื่อมต่อ เก็บไว้ในหน้าต่างนี้แล้ว")).to_be_visible()
    assert len(copies(page)) == 1


def test_signing_out_leaves_nothing_on_a_shared_computer(open_page, sign_in, place):
    page = open_page()
    leave_something(page, sign_in, place)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route(f"**{address(place)}", lambda route: route.abort())
    page.context.set_offline(False)

    page.locator(".reader-menu summary").click()
    page.locator("form[action='/sign-out/'] button").click()

    expect(page.locator("input[name=password]")).to_be_visible()
    assert copies(page) == []


def test_somebody_else_in_the_same_window_finds_nothing(open_page, sign_in, place):
    page = open_page()
    leave_something(page, sign_in, place)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route(f"**{address(place)}", lambda route: route.abort())
    page.context.set_offline(False)
    page.context.clear_cookies()

    sign_in(page, place.assessor.username)
    page.wait_for_load_state()

    assert copies(page) == []


# --- Forms that are sent once, and do not save by themselves ----------------------------------------------------------
def return_unsigned_in(page, sign_in, place):
    """Write the reason of a return and send it after the session has ended; leave the sign-in page open."""
    bring_to(place, State.PROPOSED)
    sign_in(page, place.assessor.username)
    page.goto(reverse("agreements:return", args=[place.agreement.pk, "return-proposal"]))
    page.locator("[name=reason]").fill("น้ำหนักตัวชี้วัดที่ 1 สูงเกินไป")
    Session.objects.all().delete()
    page.locator("form[data-draft] .btn-primary").click()
    expect(page.locator("input[name=password]")).to_be_visible()


def test_a_reason_sent_without_a_session_comes_back_and_is_sent(open_page, sign_in):
    place, page = office(), open_page()
    return_unsigned_in(page, sign_in, place)

    sign_in_here(page, place.assessor)

    expect(page.locator("[name=reason]")).to_have_value("น้ำหนักตัวชี้วัดที่ 1 สูงเกินไป")
    expect(page.locator("[name=reason]")).to_be_focused()
    expect(page.get_by_text("นำข้อความที่พิมพ์ค้างไว้กลับมาแล้ว ยังไม่ได้ส่ง")).to_be_visible()
    page.locator("form[data-draft] .btn-primary").click()
    expect(page.locator("#messages .alert-success")).to_be_visible()
    assert place.version.reason == "น้ำหนักตัวชี้วัดที่ 1 สูงเกินไป"
    assert copies(page) == []


def test_control_without_the_copy_the_reason_would_be_lost(open_page, sign_in):
    place, page = office(), open_page()
    return_unsigned_in(page, sign_in, place)

    page.evaluate("sessionStorage.clear()")
    sign_in_here(page, place.assessor)

    expect(page.locator("[name=reason]")).to_have_value("")
