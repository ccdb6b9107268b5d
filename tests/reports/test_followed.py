"""สรุปตัวชี้วัดที่ใช้ติดตาม: what is followed without weights, as 000 and 002 print it."""

import pytest
from django.urls import reverse

from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from reports import framework_documents as documents, pdf
from reports.rows.followed import followed_paper, targets_of
from tests.factories import FrameworkFactory, OrganisationFactory, PostingFactory, drafted, made_whole
from tests.reports import contents, papers


def shipped(code):
    name = f"{code}.yaml"
    return canonical(read_document((contents.FRAMEWORK.parent / name).read_bytes(), name=name))


def test_the_seventeen_of_2554_stand_with_target_criteria_unit_and_note():
    paper = followed_paper(shipped("dla-2554"), office="กรม")

    fifth = paper.rows[4]
    assert len(paper.rows) == 17
    assert (fifth.number, fifth.issue, fifth.targets) == ("5", "อปท. มีการจัดเก็บรายได้เพิ่มขึ้น", ("3.5",))
    assert fifth.criteria.cells == ("2.5", "3", "3.5", "4", "4.5")
    assert (fifth.units, fifth.note) == ("สน.คท.", "วัดผลสำเร็จตามยุทธศาสตร์/พันธกิจ")
    assert paper.has_issues


def test_components_of_2561_stand_above_their_indicators():
    paper = followed_paper(shipped("dla-2561"), office="กรม")

    assert [row.depth for row in paper.rows if row.is_heading] == [0, 0, 1, 1, 0]
    assert not paper.has_issues
    by_number = {row.number: row for row in paper.rows if not row.is_heading}
    # Criteria that nobody has set yet are left to be filled in, and nothing stands in for them.
    assert by_number["1.1"].criteria.cells == ("",) * 5
    assert by_number["4.2(2)"].targets == ("รอบ 6 เดือน : 5 (นับสะสม)", "รอบ 12 เดือน : 10 (นับสะสม)")
    assert by_number["4.2(2)"].is_child


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        ({}, []),
        ({"target": "49"}, ["49"]),
        ({"target": "ไม่น้อยกว่า 3 เรื่อง"}, ["ไม่น้อยกว่า 3 เรื่อง"]),
        ({"targets": [{"period": "monthly", "value": "10"}]}, ["ทุกเดือน : 10"]),
        ({"targets": [{"period": "2017-12", "value": "45865"}]}, ["ธ.ค. 2560 : 45,865"]),
        ({"targets": [{"period": "2018-09", "text": "มีระบบ"}]}, ["ก.ย. 2561 : มีระบบ"]),
        (
            {"targets": [{"period": {"from": "2017-12", "to": "2018-09"}, "value": "3", "text": "ทุกเดือน"}]},
            ["ธ.ค. 2560 – ก.ย. 2561 : 3 ทุกเดือน"],
        ),
    ],
)
def test_targets_of_each_period_are_told(indicator, said):
    assert list(targets_of(indicator)) == said


def test_printed_summary_is_found_as_written_in_thai_digits():
    paper = {"paper": followed_paper(shipped("dla-2554"), office="กรม")}
    text = "".join(
        papers.text_of(
            pdf.render(documents.document("followed", paper, title="ทดสอบ", digits="thai")), layout=False
        ).split()
    )

    for said in ("สรุปตัวชี้วัดที่ใช้ติดตามการบริหารงาน", "หน่วยดำเนินการ", "จำนวนสวนสาธารณะ", "๒.๕", "๓.๕"):
        assert said in text


@pytest.mark.parametrize("paper", ["dla-2554", "dla-2561"])
def test_a_framework_without_indicators_leaves_a_row_to_write_on(paper):
    document = shipped(paper) | {"indicators": []}

    html = documents.sheets("followed", {"paper": followed_paper(document, office="")}, digits="arabic")

    assert html.count('<tr class="to-write">') == 1


# --- The pages -------------------------------------------------------------------------------------------------------
def framework_of(client, **fields):
    office = OrganisationFactory(name="กรมทดสอบ")
    client.force_login(PostingFactory(organisation=office).user)
    framework = FrameworkFactory(organisation=office, title="กรอบติดตามทดสอบ", **fields)
    drafted(framework, "1", title="จำนวนสวนสาธารณะ", work="การสร้างเมือง", target="50", weight=None)
    return framework


@pytest.mark.django_db
def test_summary_of_a_framework_without_weights_has_a_tab_and_is_in_thai_digits(client):
    framework = made_whole(framework_of(client, total_weight=None))

    page = client.get(reverse("reports:followed", args=[framework.pk])).content.decode()
    pdf_ = client.get(reverse("reports:followed-pdf", args=[framework.pk]))

    assert page.count('aria-current="page">สรุป') + page.count('aria-current="page">Summary of what is followed') == 1
    assert 'value="thai" checked' in page
    assert "เป้าหมาย" in papers.text_of(pdf_.content)
    assert "๕๐" in papers.text_of(pdf_.content)
    arabic = client.get(reverse("reports:followed-pdf", args=[framework.pk]), {"digits": "arabic"})
    assert "50" in papers.text_of(arabic.content)


@pytest.mark.django_db
def test_a_framework_with_weights_offers_no_such_tab(client):
    framework = made_whole(framework_of(client))

    page = client.get(reverse("reports:framework", args=[framework.pk])).content.decode()

    assert reverse("reports:followed", args=[framework.pk]) not in page
