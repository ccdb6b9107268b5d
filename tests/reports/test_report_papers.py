"""Report forms on paper, blank from their definition and filled with values: read back from the PDF."""

import json
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.urls import reverse

from agreements.models import Role
from reports.report_documents import document, report_pdf
from reports.rows.report_paper import Certificate, ReportSource, RowHead, report_paper
from tests.factories import OrganisationFactory, ReportFormFactory, RoleFactory, UserFactory
from tests.reports import papers

FORMS = Path(__file__).parents[2] / "fixtures" / "report_forms"
SHIPPED = sorted(path.stem for path in FORMS.glob("*.yaml"))
# The monthly report of 2561: 80 / 59 / 21.
CENTRES = ((1, 1, 0), (1, 1, 0), (17, 17, 0), (13, 13, 0), (10, 2, 8), (9, 3, 6), (8, 8, 0), (7, 7, 0), (5, 5, 0),
           (5, 2, 3), (4, 0, 4))  # fmt: skip
OFFICE = "สำนักงานส่งเสริมการปกครองท้องถิ่นจังหวัดอุตรดิตถ์"


@cache
def definition(code):
    """Return the document of a shipped form as the portal stores it."""
    return json.loads(json.dumps(yaml.safe_load((FORMS / f"{code}.yaml").read_text()), default=str))


def table_of(form, code):
    """Return the printed table of `form` whose title belongs to `code`."""
    title = next(one["title"] for one in definition(form)["tables"] if one["code"] == code)
    sheets = report_paper(ReportSource(definition=definition(form))).sheets
    return next(table for sheet in sheets for table in sheet.tables if table.title == title)


def filled(**more):
    """Return the monthly report of the source."""
    names = ("all", "established", "not_yet")
    values = {
        ("centres", str(row), name): str(value)
        for row, given in enumerate(CENTRES, 1)
        for name, value in zip(names, given, strict=True)
    }
    values |= {("centres", str(row), "problems"): "ไม่มี" for row in range(1, 12)}
    certificate = Certificate(name="นายพยุง ตัวอย่าง", title="ท้องถิ่นจังหวัดอุตรดิตถ์", on=date(2018, 2, 15))
    given = {"office": OFFICE, "period": "ประจำเดือน มกราคม พ.ศ. 2561", "values": values, "certificate": certificate}
    return ReportSource(definition=definition("centres-monthly"), **given | more)


# --- Blank -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", SHIPPED)
def test_every_shipped_form_prints_blank_with_all_its_headings(code):
    paper = report_pdf(ReportSource(definition=definition(code)))

    text = "".join(papers.text_of(paper, layout=False).split())
    for table in definition(code)["tables"]:
        assert "".join(table["title"].split()) in text
    assert "(ลงชื่อ)" in text
    assert "ผู้รับรองข้อมูล" in text
    assert "หน่วยงาน:" in text
    assert papers.fonts_of(paper) == {("Sarabun", "yes", "yes", "yes"), ("Sarabun-Bold", "yes", "yes", "yes")}


def test_monthly_report_fits_on_a_page_and_leaves_the_month_to_be_written():
    paper = report_pdf(ReportSource(definition=definition("centres-monthly")))

    text = papers.text_of(paper)
    assert papers.facts_of(paper)["Pages"] == "1"
    assert re.search(r"ประจำเดือน…+ พ\.ศ\. …+", text)
    assert "จัดส่งภายในวันที่ 15 ของเดือนถัดไป" in text
    assert "ฟากท่า" in text


def test_wide_tables_lie_across_with_what_is_short_before_them():
    sheets = report_paper(ReportSource(definition=definition("chonburi-2556-4"))).sheets

    assert [(sheet.is_wide, [table.title[:19] for table in sheet.tables]) for sheet in sheets] == [
        (True, ["ข้อมูลจำนวน อปท. ทั", "ข้อมูลรายงานสถานะกา"])
    ]


def test_columns_of_a_group_stand_under_its_heading():
    table = table_of("chonburi-2556-4", "status")

    assert [(group.title, len(group.columns)) for group in table.groups] == [
        ("", 1),
        ("", 1),
        ("กรณีอยู่ระหว่างดำเนินการจัดทำแผนที่ภาษีและทะเบียนทรัพย์สิน", 5),
        ("", 1),
    ]
    assert [column.width for column in table.columns] == ["words", *["tick"] * 7]


def test_levels_of_a_plan_are_narrow_and_a_short_name_is_not():
    assert [column.width for column in table_of("chonburi-2556-6", "plan").columns][3:8] == ["tiny"] * 5
    assert table_of("chonburi-2556-5", "meeting").columns[1].title == "ณ"
    assert table_of("chonburi-2556-5", "meeting").columns[1].width == "words"


def test_rows_are_numbered_unless_they_say_their_number_or_stand_alone():
    assert table_of("centres-monthly", "centres").is_numbered
    assert not table_of("dla-2554-monthly", "indicators").is_numbered
    assert not table_of("chonburi-2556-3", "overview").has_head
    assert table_of("chonburi-2556-3", "targets").head_width == "number"


@pytest.mark.parametrize(
    ("due", "period", "said"),
    [
        ({"day": 15, "months_after": 1}, "month", "จัดส่งภายในวันที่ 15 ของเดือนถัดไป"),
        (
            {"day": 30},
            "month",
            "จัดส่งภายในวันที่ 30 ของเดือนที่รายงาน (เดือนที่ไม่มีวันที่ดังกล่าว ให้ถือวันสุดท้ายของเดือน)",
        ),
        ({"day": 10, "months_after": 2}, "quarter", "จัดส่งภายในวันที่ 10 ของเดือนที่ 2 ถัดจากไตรมาสที่รายงาน"),
        ({"day": 10}, "quarter", "จัดส่งภายในวันที่ 10 ของเดือนสุดท้ายของไตรมาสที่รายงาน"),
        (
            {"date": "2013-03-20", "closes": "2013-03-26"},
            "round",
            "จัดส่งภายในวันที่ 20 มีนาคม 2556 หากจัดส่งภายหลังวันที่ 26 มีนาคม 2556 จะไม่นำมาประกอบการประเมินผล",
        ),
        (None, "event", ""),
    ],
)
def test_note_says_by_when_it_is_to_be_sent(due, period, said):
    form = definition("centres-monthly") | {"due": due, "period": period}

    assert report_paper(ReportSource(definition=form)).due == said


# --- Filled ----------------------------------------------------------------------------------------------------------
def test_filled_report_carries_sums_percentage_and_who_certified():
    text = papers.text_of(report_pdf(filled()))

    assert re.search(r"รวม 80 59 21", text)
    assert "ร้อยละ 73.75 (59 × 100 / 80)" in text
    assert "(นายพยุง ตัวอย่าง)" in text
    assert "วันที่ 15 ก.พ. 2561" in text
    assert "จำนวนศูนย์ช่วยเหลือ" in text
    assert "น้ำปาด" in text
    assert re.search(r"5 ลับแล 10 2 8 ไม่มี", text)
    # None is a dash, as the paper has it.
    assert re.search(r"3 เมืองอุตรดิตถ์ 17 17 - ไม่มี", text)


def test_thai_digits_reach_every_figure():
    text = papers.text_of(report_pdf(filled(), digits="thai"))

    assert "ประจำเดือน มกราคม พ.ศ. ๒๕๖๑" in text
    assert "ร้อยละ ๗๓.๗๕ (๕๙ × ๑๐๐ / ๘๐)" in text
    assert re.findall("[0-9]", text) == []


def test_partly_filled_report_adds_up_what_is_there():
    table = only_table(filled(values={("centres", "3", "all"): "17", ("centres", "4", "all"): "13.5"}))

    assert [cell.shown for cell in table.totals] == ["30.5", "", "", ""]
    assert [(one.value, one.of) for one in table.ratios] == [("", "")]


def test_certified_totals_of_all_below_go_before_the_sum_of_the_rows():
    totals = {"centres.all": "1234", "centres.established": "617", "other.all": "9"}

    table = only_table(filled(totals=totals))

    assert [cell.shown for cell in table.totals] == ["1,234", "617", "21", ""]
    assert [(one.value, one.of, one.to) for one in table.ratios] == [("50.00", "617", "1,234")]


def test_nothing_is_divided_by_none():
    (ratio,) = only_table(filled(values={("centres", "1", "all"): "0", ("centres", "1", "established"): "0"})).ratios

    assert ratio.value == ""


def only_table(source):
    (sheet,) = report_paper(source).sheets
    return sheet.tables[0]


def test_each_type_is_shown_as_people_read_it():
    columns = [
        {"code": kind, "title": f"ช่อง{kind}", "type": kind}
        for kind in ("number", "money", "count", "date", "tick", "text", "file")
    ]
    form = definition("centres-monthly") | {
        "tables": [{"code": "t", "title": "ตาราง", "rows": {"kind": "free"}, "columns": columns}]
    }
    given = ("1234567.5", "1234567.5", "0", "2018-01-31", "yes", "=1+1", "ภาพ 1.png")
    values = {("t", "2", one["code"]): value for one, value in zip(columns, given, strict=True)}

    table = only_table(ReportSource(definition=form, values=values))

    assert [row.title for row in table.rows] == ["1", "2"]
    assert [cell.shown for cell in table.rows[1].cells] == [
        "1,234,567.5", "1,234,567.50", "-", "31 ม.ค. 2561", "", "=1+1", "ภาพ 1.png",
    ]  # fmt: skip
    assert table.rows[1].cells[4].kind == "tick"
    assert all(cell.shown == "" for cell in table.rows[0].cells)


def test_name_of_a_file_keeps_its_digits_and_markup_stays_text():
    form = definition("chonburi-2556-5")
    values = {("spreading", "1", "evidence"): "ภาพ 1.png", ("spreading", "1", "way"): "<b>แผ่นพับ</b> 2 ชุด"}

    html = document(report_paper(ReportSource(definition=form, values=values)), digits="thai")

    assert '<td translate="no">ภาพ 1.png</td>' in html
    assert "&lt;b&gt;แผ่นพับ&lt;/b&gt; ๒ ชุด" in html


def test_very_long_text_breaks_within_its_row_and_loses_nothing():
    long = "ปัญหาและอุปสรรคในการจัดตั้งศูนย์ช่วยเหลือประชาชน " * 60 + "ZZEND"

    text = papers.text_of(report_pdf(filled(values={("centres", "1", "problems"): long})))

    assert "ZZEND" in text


# --- The pages -------------------------------------------------------------------------------------------------------
@pytest.fixture
def office(db):
    return OrganisationFactory(name="สำนักงานทดสอบ")


def signed_in(client, office, kind):
    person = RoleFactory(organisation=office, kind=kind).user
    client.force_login(person)
    return person


@pytest.mark.parametrize("kind", [Role.Kind.HR, Role.Kind.FRAMEWORK_EDITOR])
def test_newest_version_of_each_form_is_listed_for_those_who_hand_them_out(client, office, kind):
    first = ReportFormFactory(organisation=office, code="centres")
    second = ReportFormFactory(organisation=office, code="centres", version=2)
    above = ReportFormFactory(organisation=OrganisationFactory())
    signed_in(client, office, kind)

    page = client.get(reverse("reports:blank-report-forms")).content.decode()

    found = re.findall(r'/report-forms/(\d+)/blank/"', page)
    assert found == [str(second.pk)]
    assert str(first.pk) not in found
    assert str(above.pk) not in found
    assert "จัดส่งภายในวันที่ 15 ของเดือนถัดไป" in page


def test_forms_of_the_offices_above_are_handed_out_below(client, office):
    form = ReportFormFactory(organisation=office)
    below = OrganisationFactory(parent=office)
    signed_in(client, below, Role.Kind.HR)

    assert client.get(reverse("reports:blank-report-form", args=[form.pk])).status_code == 200


def test_no_form_says_what_there_will_be(client, office):
    signed_in(client, office, Role.Kind.HR)

    page = client.get(reverse("reports:blank-report-forms")).content.decode()

    assert '<div class="empty' in page
    assert "<table" not in page


@pytest.mark.parametrize("name", ["blank-report-form", "blank-report-form-pdf"])
def test_whoever_hands_out_no_forms_finds_none(client, office, name):
    form = ReportFormFactory(organisation=office)
    client.force_login(UserFactory())

    assert client.get(reverse(f"reports:{name}", args=[form.pk])).status_code == 404
    assert client.get(reverse("reports:blank-report-forms")).status_code == 404


def test_chosen_office_is_named_with_its_districts(client, office):
    form = ReportFormFactory(organisation=office)
    OrganisationFactory(parent=office, name="ท้องถิ่นอำเภอพิชัย", kind="district")
    OrganisationFactory(parent=office, name="กลุ่มงานทั่วไป", kind="group")
    signed_in(client, office, Role.Kind.HR)

    response = client.get(
        reverse("reports:blank-report-form-pdf", args=[form.pk]), {"office": office.pk, "digits": "thai"}
    )

    text = papers.text_of(response.content)
    assert response.headers["Content-Type"] == "application/pdf"
    assert "หน่วยงาน : สำนักงานทดสอบ" in text
    assert "ท้องถิ่นอำเภอพิชัย" in text
    assert "กลุ่มงานทั่วไป" not in text


@pytest.mark.parametrize("asked", ["x", "0", "9" * 30])
def test_office_of_nobody_is_refused(client, office, asked):
    form = ReportFormFactory(organisation=office)
    signed_in(client, office, Role.Kind.HR)

    assert client.get(reverse("reports:blank-report-form", args=[form.pk]), {"office": asked}).status_code == 400


def test_office_of_somebody_else_is_refused(client, office):
    form = ReportFormFactory(organisation=office)
    other = OrganisationFactory()
    signed_in(client, office, Role.Kind.HR)

    address = reverse("reports:blank-report-form", args=[form.pk])
    assert client.get(address, {"office": other.pk}).status_code == 400
    assert client.get(address, {"office": office.pk}).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_list_query_count_is_flat(client, office, rows, django_assert_num_queries):
    for _ in range(rows):
        ReportFormFactory(organisation=office)
    signed_in(client, office, Role.Kind.HR)

    with django_assert_num_queries(7):
        response = client.get(reverse("reports:blank-report-forms"))

    assert len(response.context["rows"]) == rows


def test_figures_of_units_that_nobody_named_are_not_lost():
    form = definition("chonburi-2556-4")
    values = {("status", "laplae", "finished"): "yes"}

    sheets = report_paper(ReportSource(definition=form, values=values)).sheets

    assert [(row.title, row.cells[-1].kind) for row in sheets[0].tables[1].rows] == [("laplae", "tick")]


def test_rows_of_a_source_stand_in_their_order():
    rows = {"centres": [RowHead(key="b", title="ข"), RowHead(key="a", title="ก")]}

    table = only_table(filled(rows=rows, values={("centres", "a", "all"): "2"}))

    assert [(row.number, row.title, row.cells[0].shown) for row in table.rows] == [("1", "ข", ""), ("2", "ก", "2")]
