"""What office staff, and their programs, do to workbooks."""

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.utils import translation

from agreements.exchange.shape import canonical
from agreements.services.framework_files import check_file
from tests.agreements.exchange.workbook.making import DOCUMENT, cell_of, repacked, workbook


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def checked(edit, *, change=None):
    """Return what is made of the trial workbook after `edit`."""
    content = workbook(edit=edit)
    return check_file(repacked(content, change=change) if change else content, name="file.xlsx")


def with_change(**changes):
    """Return the trial document with keys of its first indicator changed."""
    document = deepcopy(DOCUMENT)
    document["indicators"][0] |= changes
    return document


def put(heading, value, *, sheet="ตัวชี้วัด", code="001"):
    """Return an edit that writes `value` into one cell."""

    def edit(book):
        cell_of(book[sheet], code, heading).value = value

    return edit


def test_the_trial_workbook_is_accepted():
    result = checked(None)

    assert (result.faults, result.file.remarks) == ((), ())
    assert result.accepted.document == DOCUMENT
    assert len(result.file.sheets) == 21


@pytest.mark.parametrize(
    ("heading", "typed", "changed"),
    [
        ("น้ำหนัก", "๔๐", {}),
        ("น้ำหนัก", "40 %", {}),
        ("น้ำหนัก", "\u200b40\u00a0", {}),
        ("รายงานภายในวันที่", "๑๕", {}),
        ("ชื่อตัวชี้วัด", "\u200bร้อยละของการเบ\u200bิกจ่าย\u00a0", {}),
        ("ชื่อตัวชี้วัด", "จํานวน\u00a0\u00a0เงิน", {"title": "จำนวน เงิน"}),
        ("ชื่อตัวชี้วัด", "บรรทัดแรก\r\nสอง", {"title": "บรรทัดแรก\nสอง"}),
        ("ชื่อตัวชี้วัด", 2569, {"title": "2569"}),
        ("ค่าเป้าหมาย", "ไม่ต่ำกว่าเดิม", {"target": "ไม่ต่ำกว่าเดิม"}),
        ("ค่าเป้าหมาย", 0.1, {"target": "0.1"}),
        ("กำหนดส่ง", "๒๐ มีนาคม พ.ศ. ๒๕๖๙", {}),
        ("กำหนดส่ง", "20/3/69", {}),
        ("กำหนดส่ง", date(2026, 3, 20), {}),
        # 20/3/2569 typed into a spreadsheet that took it for the Christian Era.
        ("กำหนดส่ง", datetime(2569, 3, 20), {}),
        ("นำไปคิดคะแนน", True, {"scored": True}),
        ("นำไปคิดคะแนน", " ใช่ ", {"scored": True}),
        ("วิธีวัด", "formula", {}),
        ("วิธีวัด", None, {}),
        ("ชนิดของเกณฑ์", None, {}),
        ("หน่วยงานรับผิดชอบ", "finance;general", {}),
        ("หน่วยงานรับผิดชอบ", "finance\ngeneral", {}),
        ("ใช้ในรอบ", 2, {"rounds": [2]}),
    ],
)
def test_what_is_typed_is_understood(heading, typed, changed):
    result = checked(put(heading, typed))

    assert (result.fault_lines, result.file.remarks) == ([], ())
    assert result.accepted.document == with_change(**changed)


FORMULA = "A formula stands here. Copy the cell and paste it as a value (Paste Special > Values)."
NO_INDICATOR = "There is no indicator “{}” on the sheet “ตัวชี้วัด”. Correct the code, or add it there."


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (put("น้ำหนัก", "=20+20"), f"sheet “ตัวชี้วัด”, cell F2: {FORMULA}"),
        (put("น้ำหนัก", "#REF!"), "sheet “ตัวชี้วัด”, cell F2: The spreadsheet shows an error here. Type the value."),
        (
            put("น้ำหนัก", "4,0"),
            "sheet “ตัวชี้วัด”, cell F2: “4,0” is not a number. Write digits with a decimal point, such as 1234.5.",
        ),
        (
            put("น้ำหนัก", 41),
            "sheet “ตัวชี้วัด”, cell A1: The weights of the indicators sum to 101; the framework's total is 100.",
        ),
        (
            put("กำหนดส่ง", "20/3/2026"),
            "sheet “ตัวชี้วัด”, cell AA2: The year 2026 looks like the Christian Era. In the Buddhist Era it is 2569.",
        ),
        (
            put("กำหนดส่ง", "30 ก.พ. 2569"),
            "sheet “ตัวชี้วัด”, cell AA2: There is no day 30 ก.พ. 2569.",
        ),
        (
            put("หน่วยวัด", date(2026, 1, 2)),
            (
                "sheet “ตัวชี้วัด”, cell E2: The spreadsheet made a date or a time of this. "
                "Format the cell as text and type it again."
            ),
        ),
        (
            put("รหัสตัวชี้วัด", 2.1, code="2.1"),
            (
                "sheet “ตัวชี้วัด”, cell A4: The code was typed as the number 2.1, "
                "so that 1.1 and 1.10 cannot be told apart. "
                "Format the cell as text and type the code again."
            ),
        ),
        (
            put("ความถี่การรายงาน", "รายปี"),
            "sheet “ตัวชี้วัด”, cell Y2: “รายปี” is not one of the choices. Allowed: รายเดือน, รายไตรมาส, รายรอบ.",
        ),
        (put("อยู่ใต้ตัวชี้วัด", "9", code="2.1"), "sheet “ตัวชี้วัด”, cell B4: " + NO_INDICATOR.format("9")),
        (put("หลักฐาน", "9", sheet="หลักฐาน"), ""),
        (put("รหัสตัวชี้วัด", "9", sheet="หลักฐาน"), "sheet “หลักฐาน”, cell A2: " + NO_INDICATOR.format("9")),
        (
            put("รหัสตัวชี้วัด", None, sheet="หลักฐาน"),
            "sheet “หลักฐาน”, cell A2: The code of the indicator is missing. Fill it in on every row.",
        ),
        (
            put("รหัสตัวชี้วัด", "3", sheet="เกณฑ์ค่าตัวเลข"),
            (
                "sheet “เกณฑ์ค่าตัวเลข”, cell A2: Indicator 3 has criteria of the kind “ขั้นตอน”, "
                "so this row counts for nothing. "
                "Choose “ค่าตัวเลข” on the sheet “ตัวชี้วัด”, or delete the row."
            ),
        ),
        (
            put("ระดับ 3", 99, sheet="เกณฑ์ค่าตัวเลข"),
            (
                "sheet “เกณฑ์ค่าตัวเลข”, cell B2: The figures 45, 99, 53.25 go up and down; "
                "they have to rise or fall throughout."
            ),
        ),
        (
            put("ระดับของขั้นตอน", 7, sheet="ส่วนของขั้นตอน", code="3"),
            (
                "sheet “ส่วนของขั้นตอน”, cell B2: "
                "Indicator 3 has no step of level “7” on the sheet “เกณฑ์ขั้นตอน”. Add it there."
            ),
        ),
    ],
)
def test_a_fault_names_its_cell_and_how_to_mend_it(edit, line):
    lines = checked(edit).fault_lines

    assert lines[:1] == ([line] if line else [])


def test_one_wrong_cell_is_told_once():
    assert len(checked(put("น้ำหนัก", "=20+20")).fault_lines) == 1


def test_a_percent_cell_is_refused_rather_than_read_a_hundred_times_too_small():
    def edit(book):
        cell = cell_of(book["ตัวชี้วัด"], "001", "น้ำหนัก")
        cell.value, cell.number_format = 0.4, "0%"

    assert checked(edit).fault_lines == [
        "sheet “ตัวชี้วัด”, cell F2: The cell is formatted as a percentage. Format it as a number and type 45 for 45 %."
    ]


def test_cells_merged_downwards_count_for_every_row_and_across_are_refused():
    def down(book):
        book["หลักฐาน"].merge_cells("A2:A5")

    def across(book):
        book["หลักฐาน"].merge_cells("A2:B2")

    assert checked(down).accepted.document == DOCUMENT
    assert checked(across).fault_lines == [
        "sheet “หลักฐาน”, cell A2: Cells are merged across columns here. Unmerge them and fill in each."
    ]


def test_hidden_rows_are_read_and_told():
    def edit(book):
        book["ตัวชี้วัด"].row_dimensions[3].hidden = True

    result = checked(edit)

    assert result.accepted.document == DOCUMENT
    assert result.file.remarks == ("Hidden rows are read, too: sheet “ตัวชี้วัด”, rows 3.",)


def test_a_wrong_dimension_record_hides_nothing():
    def shrink(xml):
        before, _found, after = xml.partition(b'<dimension ref="')
        return before + b'<dimension ref="A1:B1"' + after[after.index(b'"') + 1 :]

    result = checked(None, change={f"xl/worksheets/sheet{number}.xml": shrink for number in range(1, 23)})

    assert result.accepted.document == DOCUMENT


def test_rows_and_columns_may_be_moved_and_left_empty():
    def edit(book):
        book["ตัวชี้วัด"].insert_rows(3, amount=2)
        book["ตัวชี้วัด"].delete_cols(32)
        book["มิติ"].move_range("D1:D3", cols=2)
        del book["คำแนะนำ"]
        book["หน่วยงาน"].title = " หน่วยงาน "

    document = deepcopy(DOCUMENT)
    del document["indicators"][0]["baseline"]["label"]
    assert checked(edit).fault_lines == []
    assert canonical(checked(edit).document) == document


def test_sheets_and_columns_that_are_unknown_or_missing():
    def edit(book):
        book.create_sheet("ร่าง")["A1"] = "x"
        book["มิติ"]["E1"] = "หมายเหตุ"
        book["หน่วยงาน"]["D3"] = "?"
        del book["กรอบ"]

    result = checked(edit)

    assert result.fault_lines == [
        "sheet “กรอบ”, cell A1: The sheet “กรอบ” is missing. Begin with a workbook downloaded from the portal.",
        (
            "sheet “มิติ”, cell E1: There is no column “หมายเหตุ”. Delete it or correct its heading. "
            "Allowed: รหัสมิติ, อยู่ใต้มิติ, ชื่อมิติ, น้ำหนัก."
        ),
        "sheet “หน่วยงาน”, cell D3: This column has no heading, so what stands here is not read. Delete it.",
    ]
    assert result.file.remarks == ("The sheet “ร่าง” is not one of a framework and is not read.",)


def test_indicators_below_one_another_in_a_circle_are_refused():
    def edit(book):
        cell_of(book["ตัวชี้วัด"], "2", "อยู่ใต้ตัวชี้วัด").value = "2.1"

    message = "The indicators above this one lead back to it. Choose another in “อยู่ใต้ตัวชี้วัด”."
    assert [line for line in checked(edit).fault_lines if message in line] == [
        f"sheet “ตัวชี้วัด”, cell {cell}: {message}" for cell in ("B3", "B4", "B5")
    ]


@pytest.mark.parametrize(
    ("content", "name", "line"),
    [
        (
            "รหัสตัวชี้วัด,ชื่อตัวชี้วัด\n1,ก\n".encode("tis-620"),
            "ตัวชี้วัด.csv",
            (
                "This is a CSV file (TIS-620 / Windows-874), which holds one sheet; "
                "a framework has several. Open it in Excel, "
                "copy its rows into a workbook downloaded from the portal, and save that as .xlsx."
            ),
        ),
        (b"code: 1", "file.txt", "The name of the file ends in “.txt”; allowed: .xlsx, .yaml, .yml, .json."),
        (b"code: 1", "file.xlsx", "This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel."),
    ],
)
def test_other_files_are_refused_in_words(content, name, line):
    assert check_file(content, name=name).fault_lines == [line]
