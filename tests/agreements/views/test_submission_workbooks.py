"""A report by Excel: the form goes out, comes back filled in, is looked at and taken as a whole."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from agreements.services import submission_workbooks, submissions
from tests.entering import EVERY_KIND, FILES, NOON, Units, cells_of, fixed, table

pytestmark = pytest.mark.django_db
FREE = {"kind": "free", "heading": "ลำดับที่"}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def address(name, submission):
    return reverse(f"agreements:submission-{name}", args=[submission.pk])


def downloaded(client, submission):
    """Return the form as a workbook that a person has open."""
    return openpyxl.load_workbook(io.BytesIO(client.get(address("workbook", submission)).content))


def uploaded(client, submission, book, name="แบบรายงาน.xlsx"):
    """Upload a workbook; return the page to which it leads."""
    if not isinstance(book, bytes):
        stream = io.BytesIO()
        book.save(stream)
        book = stream.getvalue()
    return client.post(address("upload", submission), {"file": SimpleUploadedFile(name, book)}, follow=True)


def taken(client, submission, response):
    """Confirm what the page shows."""
    return client.post(address("check", submission), {"shown": response.context["plan"].digest}, follow=True)


@pytest.fixture
def units():
    return Units(table("projects", EVERY_KIND, FREE), table("letters", FILES, fixed(2)))


@pytest.fixture
def submission(units, client):
    client.force_login(units.reporter)
    return units.opened()


def fill(sheet, row, *values):
    """Fill in the row with the key `row`, from the first column on."""
    for across, value in enumerate(values, start=3):
        sheet.cell(row=row + 2, column=across).value = value


def test_a_form_filled_in_with_thai_digits_and_spaces_is_taken(client, submission):
    book = downloaded(client, submission)
    fill(book.worksheets[0], 1, "=ชื่อ", "๑,๒๓๔.๕๐", 87.5, "20\u00a0มี.ค. ๒๕๕๖", "ใช่", "ใหม่")
    book.worksheets[0]["C3"].data_type = "s"
    fill(book.worksheets[0], 2, "@โครงการ", 1000, None, None, None, "ต่อเนื่อง")

    response = uploaded(client, submission, book)

    assert dict(response.context["counts"]) == {"new": 9, "unchanged": 599 - 6}
    assert cells_of(submission) == {}
    taken(client, submission, response)
    assert {cell: value for cell, (value, _fits) in cells_of(submission).items()} == {
        "projects/1/name": "=ชื่อ", "projects/1/money": "1234.5", "projects/1/share": "87.5",
        "projects/1/day": "2013-03-20", "projects/1/fits": "yes", "projects/1/kind": "ใหม่",
        "projects/2/name": "@โครงการ", "projects/2/money": "1000", "projects/2/kind": "ต่อเนื่อง",
    }  # fmt: skip


def test_faulty_cells_are_named_with_how_to_mend_them_and_nothing_is_taken(client, units, submission):
    units.write(submission, ("projects/1/name", "เดิม"))
    book = downloaded(client, submission)
    fill(book.worksheets[0], 1, "ใหม่", "=1+1", "ไม่ทราบ", "30/02/2556", "อาจจะ", "อื่น ๆ")

    response = uploaded(client, submission, book)

    assert [(one.read.address, one.row, one.column) for one in response.context["faulty"]] == [
        ("D3", "1", "งบประมาณ"), ("E3", "1", "ร้อยละ"), ("F3", "1", "วันที่อนุมัติ"), ("G3", "1", "เป็นไปตามแผน"),
        ("H3", "1", "ประเภท"),
    ]  # fmt: skip
    assert response.context["faulty"][0].fault == (
        "A formula stands here. Copy the cell and paste it as a value (Paste Special > Values)."
    )
    assert "Take the whole workbook" not in response.content.decode()
    taken(client, submission, response)
    assert cells_of(submission) == {"projects/1/name": ("เดิม", True)}


def test_control_without_looking_for_faults_half_of_it_would_be_taken(client, submission, monkeypatch):
    book = downloaded(client, submission)
    fill(book.worksheets[0], 1, "ใหม่", "ไม่ทราบ")
    response = uploaded(client, submission, book)
    real = submission_workbooks.Plan.of
    monkeypatch.setattr(
        submission_workbooks.Plan, "of", lambda self, kind: [] if kind == "faulty" else real(self, kind)
    )

    taken(client, submission, response)

    assert cells_of(submission) == {"projects/1/name": ("ใหม่", True)}


def test_what_was_changed_and_what_was_emptied_is_shown_and_taken(client, units, submission):
    units.write(submission, ("projects/1/name", "เดิม"), ("projects/1/money", "5"), ("projects/2/name", "สอง"))
    book = downloaded(client, submission)
    fill(book.worksheets[0], 1, "ใหม่", None)

    response = uploaded(client, submission, book)

    assert [(one.row, one.before, one.after) for one in response.context["others"]] == [
        ("1", "เดิม", "ใหม่"), ("1", "5.00", ""),
    ]  # fmt: skip
    taken(client, submission, response)
    assert cells_of(submission) == {"projects/1/name": ("ใหม่", True), "projects/2/name": ("สอง", True)}


def test_what_somebody_wrote_after_the_look_is_not_gone_over(client, units, submission):
    book = downloaded(client, submission)
    fill(book.worksheets[0], 1, "จากสมุดงาน")
    response = uploaded(client, submission, book)
    units.write(submission, ("projects/1/name", "พิมพ์ระหว่างนั้น"))

    again = taken(client, submission, response)

    assert cells_of(submission) == {"projects/1/name": ("พิมพ์ระหว่างนั้น", True)}
    assert "The report was changed after you looked." in again.content.decode()


def test_the_form_of_another_report_and_what_is_no_form_are_refused_in_words(client, units, submission):
    other = units.opened(place=units.other)
    client.force_login(units.heads["thapla"])
    book = downloaded(client, other)
    client.force_login(units.reporter)

    said = [
        uploaded(client, submission, content).context["form"].errors["file"][0]
        for content in (book, openpyxl.Workbook(), b"a,b,c\n1,2,3", b"PK\x03\x04 nothing")
    ]

    assert said == [
        "This workbook is the form of another report (monthly@1, thapla, 1 ม.ค. 2556). Upload it there.",
        "This is not the form of a report. Download the form from the page of the report and fill it in.",
        "This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel.",
        "The file is damaged. Open it in Excel, save it again and upload that one.",
    ]
    assert cells_of(submission) == {}


def test_a_workbook_of_more_cells_than_any_form_is_refused(client, submission):
    book = downloaded(client, submission)
    book.worksheets[0].cell(row=7000, column=1).value = "7000"

    form = uploaded(client, submission, book).context["form"]

    assert form.errors["file"] == [
        "Something stands far outside the table (ตาราง 1!H7000). Delete the rows and columns beyond it."
    ]


def test_rows_that_are_not_there_or_stand_twice_are_faulty(client, submission):
    book = downloaded(client, submission)
    sheet = book.worksheets[0]
    fill(sheet, 1, "หนึ่ง")
    fill(sheet, 2, "สอง")
    sheet["A4"] = "1"
    fill(sheet, 3, "สาม")
    sheet["A5"] = "999"
    fill(sheet, 4, "สี่")
    sheet["A6"] = None

    response = uploaded(client, submission, book)

    faults = {one.read.address: one.fault for one in response.context["faulty"] if one.read.text}
    assert faults == {
        "C4": "The row “1” stands in the workbook twice. Take one of them out.",
        "C5": "The form has no row “999” for this unit. Take it out of the workbook.",
        "C6": "Something stands here beside the rows of the form. Write it into one of them.",
    }


def test_no_text_leaves_as_a_formula(client, units, submission):
    texts = ['=HYPERLINK("//x")', "+1", "-1", "@SUM(A1)", "https://example.org"]
    units.write(submission, *((f"projects/{row}/name", text) for row, text in enumerate(texts, start=1)))

    book = downloaded(client, submission)

    cells = [book.worksheets[0].cell(row=row, column=3) for row in range(3, 8)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None) for text in texts]


def test_keys_are_locked_fields_are_open_and_lists_drop_down(client, submission):
    sheet = downloaded(client, submission).worksheets[0]

    assert sheet.protection.sheet
    assert [sheet.cell(row=3, column=across).protection.locked for across in range(1, 9)] == [True] * 2 + [False] * 6
    lists = {str(rule.sqref)[0]: rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert lists == {"G": '"ใช่"', "H": '"ใหม่,ต่อเนื่อง"'}


def test_a_locked_report_takes_no_workbook(client, units):
    submission = units.opened()
    client.force_login(units.reporter)
    book = downloaded(client, submission)
    fill(book.worksheets[0], 1, "หนึ่ง")
    response = uploaded(client, submission, book)
    units.write(submission, ("projects/2/name", "สอง"))
    submissions.complete(submission, by=units.head, at=NOON)
    submissions.certify(submission, by=units.head, at=NOON)

    shown = client.get(address("check", submission))
    taken(client, submission, shown)

    assert re.search("It has been certified and is locked", shown.content.decode())
    assert cells_of(submission) == {"projects/2/name": ("สอง", True)}
    assert response.status_code == 200
