"""The monthly memo to a director: as PDF in Thai digits, and as a workbook that is opened again."""

import io
import re
from datetime import date
from fractions import Fraction

import pytest
from openpyxl import Workbook, load_workbook

from reports.memo import memo_document, memo_pdf, memo_xlsx
from reports.rows.memo import LIGHTS, MemoIndicator, MemoRemedy, memo_paper
from tests.reports import papers
from tests.reports.memos import memo

LONG = "ร้อยละความสำเร็จของการดำเนินงานตามแผนปฏิบัติการส่งเสริมและพัฒนาองค์กรปกครองส่วนท้องถิ่น " * 20


def flat(paper):
    """Return the text without any space, so that line breaks do not matter."""
    return "".join(papers.text_of(paper, layout=False).split())


def one(**given):
    """Return a memo of one indicator."""
    return memo(indicators=(MemoIndicator(**{"code": "1", "title": "ตัวชี้วัด", "light": "reached"} | given),))


# --- What it says ----------------------------------------------------------------------------------------------------
def test_memo_has_the_parts_of_a_memo_in_searchable_thai():
    text = flat(memo_pdf(memo()))

    for said in (
        "บันทึกข้อความ",
        "ส่วนราชการสำนักพัฒนาและส่งเสริมการบริหารงานท้องถิ่น",
        "ที่มท๐๘๐๑.๕/ว๑๒๓๘",
        "วันที่๕กรกฎาคม๒๕๕๔",
        "เรื่องรายงานผลการติดตามตัวชี้วัด/นโยบายและแผนงานที่สำคัญประจำเดือนมิถุนายนพ.ศ.๒๕๕๔",
        "เรียนอธิบดีกรมส่งเสริมการปกครองท้องถิ่น",
        "จำนวน๖ตัวชี้วัด",
        "จึงเรียนมาเพื่อโปรดทราบ",
        "(นายสมมติตัวอย่าง)",
    ):
        assert said in text


def test_every_figure_is_in_thai_digits_unless_others_are_chosen():
    assert re.findall("[0-9]", papers.text_of(memo_pdf(memo()))) == []
    assert "จำนวน 6 ตัวชี้วัด" in papers.text_of(memo_pdf(memo(), digits="arabic"))


def test_lights_are_told_in_words_and_pace_counts_as_its_light():
    paper = memo_paper(memo())

    assert [row.status for row in paper.rows] == [
        "เขียว – บรรลุเป้าหมาย",
        "เหลือง – ใกล้เป้าหมาย",
        "แดง – ต่ำกว่าเป้าหมาย",
        "แดง – คาดว่าจะต่ำกว่าเป้าหมาย",
        "ยังไม่รายงานผล",
        "ยังไม่มีเป้าหมาย",
    ]
    assert paper.counts == (
        ("เขียว", "บรรลุเป้าหมาย", 1),
        ("เหลือง", "ใกล้เป้าหมาย", 1),
        ("แดง", "ต่ำกว่าเป้าหมาย", 2),
        ("", "ยังไม่มีเป้าหมาย", 1),
        ("", "ยังไม่รายงานผล", 1),
    )
    assert sum(count for _colour, _words, count in paper.counts) == len(paper.rows)


@pytest.mark.parametrize("light", [*LIGHTS, "pace_no_figure", "something_else"])
def test_every_light_of_the_monitoring_page_has_its_words(light):
    paper = memo_paper(one(light=light))

    assert paper.rows[0].words
    assert sum(count for _colour, _words, count in paper.counts) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"value": Fraction(200, 3)}, "66.6667"),
        ({"value": Fraction(0)}, "0"),
        ({"value": Fraction("-1234567.50")}, "-1,234,567.5"),
        ({"value": None}, ""),
        ({"value_words": "ครบทุกแห่ง"}, "ครบทุกแห่ง"),
        ({"value": Fraction(5), "value_of": date(2011, 6, 1)}, "5"),
        ({"value": Fraction(5), "value_of": date(2011, 4, 1)}, "5 (เม.ย. 2554)"),
    ],
)
def test_value_is_shown_with_its_month_where_it_is_an_earlier_one(given, shown):
    assert memo_paper(one(**given)).rows[0].value == shown


def test_unit_is_said_once():
    assert memo_paper(one(title="ร้อยละของงาน", unit="ร้อยละ")).rows[0].title == "ร้อยละของงาน"
    assert memo_paper(one(title="สวนสาธารณะ", unit="แห่ง")).rows[0].title == "สวนสาธารณะ (แห่ง)"


def test_cause_and_action_stand_below_and_what_lacks_them_is_left_to_be_written():
    paper = memo_paper(memo())

    assert [(row.number, row.cause, row.owner, row.due_on) for row in paper.remedies] == [
        ("5", "ข้อมูลทะเบียนผู้ชำระภาษียังไม่ครบ", "ผู้อำนวยการ สน.คท.", "15 ก.ค. 2554"),
        ("6", "", "", ""),
    ]


def test_without_anything_to_tell_it_is_still_a_memo():
    text = flat(memo_pdf(memo(indicators=(), to="", number="", on=None, signatory="", signatory_title="")))

    assert "จำนวน๐ตัวชี้วัด" in text
    assert "ไม่มีตัวชี้วัดที่ติดตาม" in text
    assert "สาเหตุ" not in text


def test_very_long_words_lose_nothing_and_markup_stays_text():
    remedy = MemoRemedy(cause=f"{LONG} ZZCAUSE", action="<b>เร่งรัด</b>")
    told = one(title=f"{LONG} ZZTITLE", issue="<i>", light="behind", remedy=remedy)

    text = papers.text_of(memo_pdf(told))

    assert "ZZTITLE" in text
    assert "ZZCAUSE" in text
    assert "&lt;b&gt;เร่งรัด&lt;/b&gt;" in memo_document(memo_paper(told))


# --- The workbook ----------------------------------------------------------------------------------------------------
def sheets_of(told):
    return load_workbook(io.BytesIO(memo_xlsx(told)))


def test_workbook_holds_the_table_with_figures_as_numbers():
    sheet = sheets_of(memo())["รายงานประจำเดือน"]

    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=11)]
    assert rows[0] == ["ลำดับ", "ประเด็น", "ตัวชี้วัด", "เป้าหมาย", "ผลการดำเนินงาน", "สถานะ"]
    assert [row[0] for row in rows[1:]] == ["1", "4", "5", "6", "9", "11"]
    assert rows[1][3:] == [50, 52, "เขียว – บรรลุเป้าหมาย"]
    assert rows[2][3:] == [70, "66.6667 (เม.ย. 2554)", "เหลือง – ใกล้เป้าหมาย"]
    assert rows[4][4] == 1234567.5
    assert rows[5][3:] == ["ระดับ 3", None, "ยังไม่รายงานผล"]
    assert sheet["A1"].value.startswith("รายงานผลการติดตามตัวชี้วัด")
    assert (sheet["E6"].number_format, sheet.freeze_panes) == ("#,##0.####", "A6")


def test_what_is_behind_has_a_sheet_of_its_own():
    book = sheets_of(memo())

    rows = [[cell.value for cell in row] for row in book["สาเหตุและแนวทางแก้ไข"].iter_rows(min_row=6)]
    assert rows[0][:1] + rows[0][2:] == [
        "5", "ข้อมูลทะเบียนผู้ชำระภาษียังไม่ครบ", "เร่งสำรวจข้อมูลภาคสนาม", "ผู้อำนวยการ สน.คท.", "15 ก.ค. 2554",
    ]  # fmt: skip
    assert sheets_of(one()).sheetnames == ["รายงานประจำเดือน"]


@pytest.mark.parametrize(
    "typed", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://example.go.th", "001"]
)
def test_text_is_never_a_formula_a_link_or_a_number(typed):
    remedy = MemoRemedy(cause=typed, action=typed, owner=typed)
    told = one(
        code=typed, title=typed, issue=typed, value_words=typed, target_words=typed, light="behind", remedy=remedy
    )

    book = sheets_of(told)

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == typed]
    assert len(cells) == 5 + 5
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


def test_openpyxl_would_take_such_text_for_a_formula():
    # The control: written without care, the same text comes back as a formula.
    book = Workbook()
    book.active["A1"] = "=1+1"
    stream = io.BytesIO()
    book.save(stream)

    assert load_workbook(io.BytesIO(stream.getvalue())).active["A1"].data_type == "f"


def test_figure_of_more_digits_than_a_workbook_keeps_stays_as_it_is_told():
    sheet = sheets_of(one(value=Fraction("12345678901234567.5")))["รายงานประจำเดือน"]

    assert sheet["E6"].value == "12,345,678,901,234,567.5"


def test_same_memo_gives_the_same_bytes():
    assert memo_xlsx(memo()) == memo_xlsx(memo())
    assert memo_pdf(memo()) == memo_pdf(memo())


def test_empty_memo_is_a_workbook_with_its_headings():
    sheet = sheets_of(memo(indicators=()))["รายงานประจำเดือน"]

    assert [cell.value for cell in sheet[5]][:3] == ["ลำดับ", "ประเด็น", "ตัวชี้วัด"]
