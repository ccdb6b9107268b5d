import pytest
from django.urls import reverse

from tests.factories import FrameworkFactory, OrganisationFactory, PostingFactory, drafted, made_whole
from tests.reports import papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework(client):
    office = OrganisationFactory(name="สำนักงานทดสอบ")
    client.force_login(PostingFactory(organisation=office).user)
    units = [{"code": "a", "title": "งานบริหารทั่วไป"}, {"code": "b", "title": "กลุ่มงานกฎหมาย"}]
    framework = FrameworkFactory(organisation=office, title="กรอบของจังหวัดทดสอบ", header={"units": units})
    drafted(framework, "1", title="ร้อยละของจำนวนเรื่อง", weight="60", unit="ร้อยละ", assigned_units=["a", "b"])
    drafted(framework, "2", title="ระดับความสำเร็จ", weight="40", assigned_units=["a"])
    return made_whole(framework)


def address(name, framework, *codes):
    return reverse(f"reports:{name}", args=[framework.pk, *codes])


def test_the_framework_is_printed_with_weights_and_criteria(client, framework):
    response = client.get(address("framework-pdf", framework))

    assert response.headers["Content-Type"] == "application/pdf"
    text = papers.text_of(response.content, layout=False)
    assert "กรอบของจังหวัดทดสอบ" in text
    assert "รอบการประเมินที่ 1 ประจำปีงบประมาณ พ.ศ. 2556" in text
    assert "รวมน้ำหนัก" in text
    assert papers.fonts_of(response.content) == {
        ("Sarabun", "yes", "yes", "yes"),
        ("Sarabun-Bold", "yes", "yes", "yes"),
    }


def test_the_responsibilities_list_units_and_then_indicators(client, framework):
    pages = papers.pages_of(client.get(address("responsibilities-pdf", framework)).content)

    assert len(pages) == 2
    assert "1 และ 2" in pages[0]
    assert "หน่วยงานรับผิดชอบ" in pages[1]


def test_thai_digits_are_chosen_in_the_address(client, framework):
    text = papers.text_of(client.get(address("responsibilities-pdf", framework) + "?digits=thai").content)

    assert "๑ และ ๒" in text


def test_the_sheet_of_an_indicator_is_previewed_as_it_will_print(client, framework):
    page = client.get(address("indicator-sheet", framework, "1")).content.decode()

    assert page.count('<article class="sheet kpi">') == 1
    assert "ตัวชี้วัดที่ 1 : ร้อยละของจำนวนเรื่อง" in page
    assert "ประกอบกรอบของจังหวัดทดสอบ" in page
    assert " style=" not in page.partition('class="paper desk')[2]


def test_the_sheet_beside_a_template_is_the_very_sheet_of_the_preview(client, framework):
    beside = reverse("reports:sheet-beside", args=[framework.indicators.get(code="1").pk])

    sheet = client.get(beside, headers={"HX-Request": "true"})

    page = client.get(address("indicator-sheet", framework, "1")).content.decode()
    assert sheet.content.decode().strip().startswith('<article class="sheet kpi">')
    assert sheet.content.decode() in page
    assert sheet.headers["Cache-Control"] == "private, no-store"
    assert client.get(beside).url == address("indicator-sheet", framework, "1")


def test_an_indicator_that_there_is_not_has_no_sheet(client, framework):
    assert client.get(address("indicator-sheet", framework, "9")).status_code == 404
    assert client.get(address("indicator-sheet-pdf", framework, "9")).status_code == 404
