"""An organisation's agreement walked by the real services, printed by the pages in every state."""

import datetime
import re

import pytest
from django.urls import reverse

from agreements.models import MAIN_LINE, Checkpoint, State
from agreements.services import checkpoints, evidence_lists, results
from agreements.services.seals import read_seal
from tests import walks
from tests.factories import NOON
from tests.guards import lifted
from tests.reports import papers

pytestmark = pytest.mark.django_db

PRINTED = [state for state in MAIN_LINE if state != State.DRAFT]


def place_in(state):
    place = walks.municipality(indicators=2)
    with lifted():
        place.province.name = "เทศบาลเมืองทดสอบ"
        place.province.save()
        group = place.framework.dimensions.create(code="one", title="คุณภาพการให้บริการ", weight="100", order=1)
        place.framework.indicators.update(dimension=group)
        for one in place.framework.indicators.all():
            one.definition = one.definition | {"evidence": ["แผนพัฒนา", "สัญญา"]}
            one.save()
    place.indicators[:] = place.framework.indicators.order_by("order")
    return place if state == State.DRAFT else walks.bring_to(place, state)


def pdf_of(client, place, query=""):
    client.force_login(place.hr)
    return client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]) + query).content


def client_page(client, place, query=""):
    client.force_login(place.hr)
    return client.get(reverse("reports:preview", args=[place.agreement.pk]) + query).content.decode()


@pytest.mark.parametrize("state", MAIN_LINE)
def test_every_state_prints_all_three_papers(client, state):
    place = place_in(state)

    paper = pdf_of(client, place)

    text = "".join(papers.text_of(paper, layout=False).split())
    assert "ข้อตกลงการปฏิบัติราชการ" in text
    assert "แบบข้อเสนอและประเมินผลสัมฤทธิ์การปฏิบัติราชการ" in text
    assert text.count("(ลงชื่อ)") == 4
    assert read_seal(paper).is_intact


@pytest.mark.parametrize("state", PRINTED)
def test_group_and_office_are_printed_as_signed(client, state):
    place = place_in(state)

    html = client_page(client, place)

    assert re.search(r'class="in-0">คุณภาพการให้บริการ</td><td class="mid">100<', html)
    assert "ประเด็นการประเมินผล :</b> คุณภาพการให้บริการ" in html


def test_agreed_it_carries_four_signatures_each_with_its_code_and_qr_code(client):
    place = place_in(State.AGREED)

    html = client_page(client, place, "?forms=agreement")

    assert html.count("ลงนามทางอิเล็กทรอนิกส์") == 4
    assert html.count('class="qr"') == 4 + 1
    assert "บันทึกการดำเนินการ" in html


def test_proofs_at_hand_are_ticked(client):
    place = place_in(State.AGREED)
    item = place.version.items.order_by("order").first()
    evidence_lists.tick(place.version, item, ["สัญญา"], by=place.assessee, at=NOON)
    walks.bring_to(place, State.REPORTED)

    html = client_page(client, place, "?forms=kpi")

    assert re.findall(r'<span class="box( ticked)?"></span>(แผนพัฒนา|สัญญา)', html)[:2] == [
        ("", "แผนพัฒนา"),
        (" ticked", "สัญญา"),
    ]


def test_closed_it_tells_total_and_grade_with_its_colour(client):
    place = place_in(State.CLOSED)

    text = papers.text_of(pdf_of(client, place, "?forms=proposal"))

    grade = place.round.grades
    assert re.search(r"ระดับการประเมิน : \d\.\d{4} \S", text)
    assert any(f"({one['colour']})" in text for one in grade if one.get("colour"))


def test_kept_self_assessment_is_printed_as_of_its_day(client):
    place = place_in(State.AGREED)
    march = datetime.datetime(2013, 3, 29, 5, tzinfo=datetime.UTC)
    item = results.open_book(place.version).leaves[0]
    results.enter(place.version, item, {"value": "80"}, note="", by=place.assessee, at=march)
    checkpoints.keep(place.version, Checkpoint.MONTH_6, by=place.assessee, at=march)
    results.enter(place.version, item, {"value": "100"}, note="", by=place.assessee, at=march)
    client.force_login(place.assessee)

    page = client.get(reverse("agreements:checkpoints", args=[place.agreement.pk])).content.decode()
    preview = client.get(reverse("reports:preview", args=[place.agreement.pk]) + "?forms=proposal&kept=6-month")
    paper = client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]) + "?forms=proposal&kept=6-month")

    text = papers.text_of(paper.content)
    assert "?forms=proposal&amp;kept=6-month" in page
    assert 'name="kept" value="6-month"' in preview.content.decode()
    assert "การประเมินตนเองรอบ 6 เดือน ณ วันที่ 29 มีนาคม 2556" in text
    assert "80.0000" in text
    assert "100.0000" not in text


@pytest.mark.parametrize("asked", ["6-month", "x"])
def test_self_assessment_that_nobody_kept_is_not_found(client, asked):
    place = place_in(State.AGREED)
    client.force_login(place.assessee)

    address = reverse("reports:preview", args=[place.agreement.pk])
    assert client.get(address, {"kept": asked}).status_code == 404
