"""Who gets the forms, and as what."""

import pytest
from django.urls import reverse

from agreements.models import Event, State
from agreements.services import log, log_check
from tests import walks
from tests.factories import NOON, UserFactory
from tests.reports import papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return walks.bring_to(walks.office(), State.AGREED)


def address(name, place, query=""):
    return reverse(f"reports:{name}", args=[place.agreement.pk]) + query


@pytest.mark.parametrize("name", ["preview", "forms-pdf"])
def test_stranger_finds_nothing(client, place, name):
    client.force_login(UserFactory())

    assert client.get(address(name, place)).status_code == 404


@pytest.mark.parametrize("name", ["preview", "forms-pdf"])
def test_anonymous_is_asked_to_sign_in(client, place, name):
    assert client.get(address(name, place)).url.startswith(reverse("sign-in"))


@pytest.mark.parametrize("who", ["assessee", "assessor", "reviewer", "hr"])
def test_those_concerned_see_the_sheets(client, place, who):
    client.force_login(getattr(place, who))

    page = client.get(address("preview", place)).content.decode()

    assert page.count('<article class="sheet') == 4


def test_pdf_comes_under_a_readable_name_and_is_kept_nowhere(client, place):
    client.force_login(place.assessee)

    response = client.get(address("forms-pdf", place, "?forms=3"))

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline; filename*=utf-8''%E0%B9%81%E0%B8%9A%E0%B8%9A")
    assert "no-store" in response.headers["Cache-Control"]
    assert papers.pages_of(response.content)[0].count("ปผ.3") == 1


@pytest.mark.parametrize(("query", "shown"), [("?forms=1,3", 2), ("?forms=1&forms=kpi", 2), ("?forms=", 4), ("", 4)])
def test_forms_are_chosen_in_the_address(client, place, query, shown):
    client.force_login(place.assessee)

    assert client.get(address("preview", place, query)).content.decode().count('<article class="sheet') == shown


@pytest.mark.parametrize("query", ["?forms=9", "?digits=roman"])
@pytest.mark.parametrize("name", ["preview", "forms-pdf"])
def test_what_there_is_not_is_refused(client, place, name, query):
    client.force_login(place.assessee)

    assert client.get(address(name, place, query)).status_code == 400


def test_digits_of_the_sheets_alone_change(client, place):
    client.force_login(place.assessee)

    page = client.get(address("preview", place, "?forms=2&digits=thai")).content.decode()

    assert "ส่วนที่ ๒ แบบกำหนดและประเมินผลสัมฤทธิ์ของงาน" in page
    assert 'value="2" checked' in page


def test_qr_codes_lead_to_the_page_that_verifies(client, place, monkeypatch):
    asked = []
    monkeypatch.setattr("reports.rows.signatures.qr_code", lambda url: asked.append(url) or "")
    client.force_login(place.assessee)

    client.get(address("preview", place, "?forms=2"))

    codes = {one.short_code for one in place.version.signatures.all()}
    assert set(asked) == {f"http://testserver{reverse('agreements:verify', args=[code])}" for code in codes}


def test_no_inline_style_meets_the_policy(client, place):
    client.force_login(place.assessee)

    sheets = client.get(address("preview", place)).content.decode().partition('class="paper desk')[2]

    assert " style=" not in sheets
    assert "<style" not in sheets


# --- The head of the log ---------------------------------------------------------------------------------------------
def test_every_page_names_the_record_of_the_last_signature(client, place):
    walks.bring_to(place, State.CLOSED)
    last = Event.objects.exclude(signature=None).order_by("number").last()
    client.force_login(place.hr)

    pages = papers.pages_of(client.get(address("forms-pdf", place)).content)

    assert last.verb == "review"
    assert [page.count(f"บันทึกการดำเนินการ {last.head}") for page in pages] == [1] * len(pages)
    # The log has gone on since, and a reprint says the same.
    assert Event.objects.order_by("number").last() != last
    log.record("round.noted", office=place.province, by=place.hr, at=NOON)
    assert papers.pages_of(client.get(address("forms-pdf", place)).content) == pages
    # And what the paper says is what verify_log holds against the log.
    assert log_check.head_findings(last.head, [place.province]) == []


def test_what_nobody_has_signed_names_no_record(client):
    place = walks.office()
    client.force_login(place.assessee)

    page = client.get(address("preview", place)).content.decode()

    assert page.count("รหัสเนื้อหา") == 3
    assert "บันทึกการดำเนินการ" not in page


def test_the_record_is_told_as_it_is_typed_also_where_other_digits_are_thai(client, place):
    client.force_login(place.assessee)
    last = Event.objects.exclude(signature=None).order_by("number").last()

    page = client.get(address("preview", place, "?forms=1&digits=thai")).content.decode()

    assert f'บันทึกการดำเนินการ <span translate="no">{last.head}</span></span></p>' in page
