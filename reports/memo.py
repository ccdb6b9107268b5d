"""The monthly memo to a director: as PDF, in Thai digits as memos are, and as a workbook to go on with."""

import io
from datetime import datetime, time
from fractions import Fraction
from typing import Any

import xlsxwriter
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reports import pdf
from reports.documents import Digits
from reports.rows.memo import MemoPaper, MonthlyMemo, figure, memo_paper
from reports.rows.words import with_thai_digits

FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
#: The fills of the traffic lights, as on paper.
FILLS = {"green": "#A9DBA0", "yellow": "#FBF0A0", "red": "#F4B6B0"}
SHEET, REMEDIES = "รายงานประจำเดือน", "สาเหตุและแนวทางแก้ไข"
HEADINGS = (("ลำดับ", 8), ("ประเด็น", 38), ("ตัวชี้วัด", 52), ("เป้าหมาย", 16), ("ผลการดำเนินงาน", 18), ("สถานะ", 30))
REMEDY_HEADINGS = (
    ("ลำดับ", 8), ("ตัวชี้วัด", 52), ("สาเหตุ", 40), ("แนวทางแก้ไข", 40), ("ผู้รับผิดชอบ", 28), ("ภายในวันที่", 16),
)  # fmt: skip
#: Figures show as many places as they have.
AS_GIVEN = "#,##0.####"
MOST_DIGITS = 15


def memo_pdf(memo: MonthlyMemo, *, digits: Digits = "thai") -> bytes:
    """Return the memo as a PDF."""
    return pdf.render(memo_document(memo_paper(memo), digits=digits))


def memo_document(paper: MemoPaper, *, digits: Digits = "thai") -> str:
    """Return the whole HTML document of the memo, ready to be set as a PDF."""
    whole = {"title": paper.subject, "sheets": memo_sheets(paper, digits=digits), "digits": digits}
    return render_to_string("reports/forms_paper.html", whole)


def memo_sheets(paper: MemoPaper, *, digits: Digits = "thai") -> SafeString:
    """Return the memo and its table as sheets of paper."""
    html = render_to_string("reports/_memo.html", {"paper": paper})
    # Every figure on a finished sheet is text by now, whichever cell it came from.
    return mark_safe(with_thai_digits(html)) if digits == "thai" else html  # noqa: S308 -- escaped when rendered


# --- The workbook ----------------------------------------------------------------------------------------------------
def memo_xlsx(memo: MonthlyMemo) -> bytes:
    """Return the table of the memo as a workbook, figures as numbers to reckon with."""
    stream = io.BytesIO()
    # No text of ours is ever read as a formula, link or number.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    paper = memo_paper(memo)
    with xlsxwriter.Workbook(stream, options) as book:
        # The same memo gives the same bytes, whenever it is made.
        book.set_properties({"title": paper.subject, "created": _midnight(memo)})
        _write_table(book, paper)
        if paper.remedies:
            _write_remedies(book, paper)
    return stream.getvalue()


def _midnight(memo: MonthlyMemo) -> datetime:
    return datetime.combine(memo.on or memo.month, time())


def _write_table(book: Any, paper: MemoPaper) -> None:
    sheet = book.add_worksheet(SHEET)
    bold = book.add_format({**FONT, "bold": True})
    text = book.add_format({**FONT, "text_wrap": True, "border": 1, "num_format": "@"})
    number = book.add_format({**FONT, "border": 1, "num_format": AS_GIVEN})
    first = _write_head(book, sheet, paper, HEADINGS)
    for place, (row, one) in enumerate(zip(paper.rows, paper.memo.indicators, strict=True), start=first):
        for column, words in enumerate((row.number, row.issue, row.title)):
            sheet.write_string(place, column, words, text)
        _write_figure(sheet, (place, 3), one.target, row.target, (number, text))
        # A value of an earlier month says so in words.
        exact = one.value if row.value == figure(one.value) else None
        _write_figure(sheet, (place, 4), exact, row.value, (number, text))
        fill = {"bg_color": FILLS[row.colour_class]} if row.colour_class else {}
        light = book.add_format({**FONT, "text_wrap": True, "border": 1, **fill})
        sheet.write_string(place, 5, row.status, light)
    last = first + len(paper.rows)
    for place, (colour, words, count) in enumerate(paper.counts, start=last + 1):
        sheet.write_string(place, 2, f"{words} (สี{colour})" if colour else words, bold)
        sheet.write_number(place, 3, count, bold)
    if paper.rows:
        sheet.autofilter(first - 1, 0, last - 1, len(HEADINGS) - 1)


def _write_figure(
    sheet: Any, place: tuple[int, int], exact: Fraction | None, words: str, formats: tuple[Any, Any]
) -> None:
    """Write a number as one, unless a workbook would cut its digits; else the words."""
    if exact is not None and len(words.replace(",", "").replace(".", "").lstrip("-")) <= MOST_DIGITS:
        sheet.write_number(*place, float(exact), formats[0])
    elif not words:
        # Nothing at all, so that nothing counts it as a value.
        sheet.write_blank(*place, None, formats[1])
    else:
        sheet.write_string(*place, words, formats[1])


def _write_remedies(book: Any, paper: MemoPaper) -> None:
    sheet = book.add_worksheet(REMEDIES)
    text = book.add_format({**FONT, "text_wrap": True, "border": 1, "num_format": "@"})
    first = _write_head(book, sheet, paper, REMEDY_HEADINGS)
    for place, row in enumerate(paper.remedies, start=first):
        for column, words in enumerate((row.number, row.title, row.cause, row.action, row.owner, row.due_on)):
            sheet.write_string(place, column, words, text)


def _write_head(book: Any, sheet: Any, paper: MemoPaper, headings: Any) -> int:
    """Write title and headings; return the number of the first row below them."""
    bold = book.add_format({**FONT, "bold": True})
    heading = book.add_format({**FONT, "bold": True, "text_wrap": True, "bg_color": "#ECEDF8", "border": 1})
    lines = [paper.subject, paper.memo.framework, paper.memo.office]
    for place, words in enumerate(lines):
        sheet.write_string(place, 0, words, bold)
    for column, (words, width) in enumerate(headings):
        sheet.set_column(column, column, width)
        sheet.write_string(len(lines) + 1, column, words, heading)
    sheet.freeze_panes(len(lines) + 2, 0)
    sheet.repeat_rows(len(lines) + 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    return len(lines) + 2
