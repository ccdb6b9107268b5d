"""The forms as paper, in every state of an agreement: what stands on them, read back from the PDF."""

import re
from functools import cache

import pytest

from reports import documents
from tests.reports import contents, papers

LONG = "ระดับความสำเร็จของการดำเนินงานตามแผนปฏิบัติการส่งเสริมและพัฒนาองค์กรปกครองส่วนท้องถิ่นในจังหวัด " * 12


@cache
def paper(state, *, forms=("1", "2", "3"), digits="arabic"):
    made = {
        "blank": (contents.blank, ()),
        "agreed": (contents.agreed, contents.start_signatures()),
        "reported": (contents.reported, contents.start_signatures()),
        "finished": (contents.finished, contents.all_signatures()),
        "cancelled": (contents.cancelled, contents.all_signatures(reviewer="differs", comment="เห็นว่าควรทบทวน")),
    }
    content, signatures = made[state]
    return papers.paper_of(content(), signatures, forms=forms, digits=digits)


def words(state, **choice):
    return papers.text_of(paper(state, **choice))


@pytest.mark.parametrize("state", ["blank", "agreed", "reported", "finished", "cancelled"])
def test_every_state_prints_the_three_forms_in_searchable_thai(state):
    text = words(state)

    for said in ("ปผ.1", "ปผ.2", "ปผ.3", "น้ำหนัก", "จำนวน", "คำรับรอง", "สมรรถนะที่คาดหวัง"):
        assert said in text


@pytest.mark.parametrize("state", ["blank", "finished"])
def test_only_sarabun_is_used_and_it_is_embedded(state):
    assert papers.fonts_of(paper(state)) == {("Sarabun", "yes", "yes", "yes"), ("Sarabun-Bold", "yes", "yes", "yes")}


@pytest.mark.parametrize("state", ["blank", "finished"])
def test_every_page_is_numbered_and_names_its_form(state):
    pages = papers.pages_of(paper(state))

    numbers = [re.search(r"หน้า (\S+)", page)[1] for page in pages]
    codes = [re.search(r"รอบที่ 1/2556 +(\S+)", page)[1] for page in pages]
    assert numbers == [f"{number}/{len(pages)}" for number in range(1, len(pages) + 1)]
    assert list(dict.fromkeys(codes)) == ["ปผ.1", "ปผ.2", "ปผ.3"]


def test_blank_set_has_eight_pages():
    assert papers.facts_of(paper("blank"))["Pages"] == "8"


def test_only_form_2_lies_across():
    def size(form):
        return papers.facts_of(paper("blank", forms=(form,)))["Page size"]

    assert [size("1"), size("2"), size("3")] == [
        "595.276 x 841.89 pts (A4)",
        "841.89 x 595.276 pts (A4)",
        "595.276 x 841.89 pts (A4)",
    ]


# --- Figures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("figure", ["3.9893", "79.79", "86.67", "81.85 ดีมาก", "55.85", "26.00", "0.8500", "3.4796"])
def test_finished_forms_carry_the_figures_as_scored(figure):
    assert figure in words("finished")


@pytest.mark.parametrize("figure", ["4.0992", "81.98", "83.39 ดีมาก", "3.6893", "× 100 / 90"])
def test_with_8_1_cancelled_the_sum_is_rebased(figure):
    assert figure in words("cancelled")


def test_cancelled_says_why():
    assert "ยกเลิก:" in words("cancelled")


def test_nothing_is_rebased_while_all_weights_count():
    assert "ปรับฐานน้ำหนัก" not in words("finished")


def test_unreported_says_so_and_who_has_not_signed():
    text = words("reported")

    assert "ไม่รายงาน" in text
    assert "ผู้ประเมินยังไม่ได้ลงนามในผลการประเมิน" in text


@pytest.mark.parametrize("state", ["blank", "agreed"])
def test_before_the_result_no_score_is_printed(state):
    assert re.findall(r"\d\.\d{4}", words(state)) == []


def test_thai_digits_reach_every_figure_but_the_codes():
    text = words("finished", digits="thai")

    assert "๘๑.๘๕ ดีมาก" in text
    assert "ปผ.๒" in text
    assert re.search(r"หน้า ๑/[๐-๙]+", text)
    assert sorted(set(re.findall(r"\S*[0-9]\S*", text))) == ["0123456789AB", "AB12CD34EF56", "FEDCBA987654"]


# --- Signatures ------------------------------------------------------------------------------------------------------
def test_signed_blocks_carry_name_day_and_code():
    text = words("finished", forms=("1",))

    assert "(นายอนุชา วงศ์ประเสริฐ)" in text
    # Half past one in the morning of 2 April in Thailand, still 1 April in UTC.
    assert "วันที่ 2 เม.ย. 2556" in text
    assert "รหัส 0123456789AB" in text


def test_each_signature_has_its_qr_code():
    html = papers.html_of(contents.finished(), contents.all_signatures(), forms=("1", "2"))

    assert html.count('class="qr"') == 3 + 4


@pytest.mark.parametrize(
    ("signatures", "ticked"),
    [
        ([], []),
        (["assessor"], []),
        (["assessor", "assessee"], ["ได้รับทราบ", "ได้แจ้งผลการประเมินและ"]),
        (["assessor", "witness"], ["ได้แจ้งผลการประเมิน แต่"]),
        (["reviewer"], ["เห็นด้วย"]),
        (["reviewer_differs"], ["มีความเห็นต่าง"]),
    ],
)
def test_boxes_are_ticked_by_signatures(signatures, ticked):
    made = {
        "reviewer": contents.signature("reviewer", decision="agrees"),
        "reviewer_differs": contents.signature("reviewer", decision="differs", comment="ควรทบทวน"),
    }
    lines = [made.get(one) or contents.signature(one) for one in signatures]
    html = papers.html_of(contents.blank(), lines, forms=("1",))

    found = re.findall(r'<p class="choice"><span class="box ticked"></span>(.+)', html)

    assert len(found) == len(ticked)
    assert all(line.startswith(said) for line, said in zip(found, ticked, strict=True))


def test_round_is_ticked():
    html = papers.html_of(contents.blank(), forms=("1",))

    assert re.findall(r'box ticked"></span>(ครั้งที่ \d)', html) == ["ครั้งที่ 1"]


# --- KPI sheets ------------------------------------------------------------------------------------------------------
def test_every_indicator_has_a_sheet():
    html = papers.html_of(contents.agreed(), forms=("kpi",))

    codes = re.findall(r"<h1>ตัวชี้วัดที่ (\S+) :", html)

    assert codes == "1 1.1 1.2 1.3 1.4 2 3 4 5 6 7 8 8.1 8.2 9 10".split()


def test_sheet_tells_how_the_score_came_about():
    content = contents.finished() | {"items": [one for one in contents.agreed()["items"] if one["code"] == "4"]}

    text = papers.text_of(papers.paper_of(content, forms=("kpi",)))

    for said in ("89.7959", "3.4796", "88 แห่ง", "98 แห่ง", "22 มีนาคม 2556", "± ร้อยละ 10", "วิธีคิดคะแนน", "2 วันทำการ"):
        assert said in text


# --- What people type ------------------------------------------------------------------------------------------------
def test_very_long_titles_lose_nothing():
    content = contents.agreed()
    content["items"] = content["items"][1:3]
    content["items"][0] |= {"title": f"{LONG} ZZTITLE", "goal": f"{LONG} ZZGOAL"}

    text = papers.text_of(papers.paper_of(content, forms=("2",)))

    assert "ZZTITLE" in text
    assert "ZZGOAL" in text


def test_row_higher_than_a_page_leaves_no_page_empty():
    content = contents.agreed()
    content["items"] = content["items"][1:2]
    content["items"][0] |= {"goal": LONG}

    pages = papers.pages_of(papers.paper_of(content, forms=("2",)))

    assert all("ผลสัมฤทธิ์ของงาน" in page for page in pages[:-1])


def test_markup_in_what_people_type_is_text():
    content = contents.agreed()
    content["items"] = content["items"][1:2]
    content["items"][0] |= {"title": '<img src="file:///etc/passwd">', "goal": "<b>&#49;</b>"}

    text = papers.text_of(papers.paper_of(content, forms=("2",), digits="thai"), layout=False).replace("\n", "")

    assert '<img src="file' in text
    assert "<b>&#๔๙;" in text


def test_file_is_named_after_round_and_person():
    class Set:
        round_name = "รอบที่ 1/2556"
        assessee = "นายก ข"

    assert documents.file_name([Set]) == "แบบประเมินผลการปฏิบัติราชการ รอบที่ 1-2556 นายก ข.pdf"
