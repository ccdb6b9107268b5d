"""KPI sheets as paper: what belongs together stays on one page, so that none is left nearly white."""

import re

import pytest

from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from reports import framework_documents as documents, pdf
from reports.rows.framework import heading, indicator_sheets
from tests.reports import contents, papers

#: Lines of a sheet's last page that were left over before the block was kept together: 2 or 3.
LEAST_LINES = 4


def pages_of(name, codes):
    framework = canonical(read_document((contents.FRAMEWORK.parent / name).read_bytes(), name=name))
    sheets = [sheet for code in codes for sheet in indicator_sheets(framework, code, fiscal_year=2568)]
    context = {"framework": heading(framework, office="สำนักงานทดสอบ"), "sheets": sheets}
    return papers.pages_of(pdf.render(documents.document("indicator", context, title="ทดสอบ", digits="arabic")))


def body_of(page):
    """Return the lines of a page without its corners."""
    lines = [line for line in page.splitlines() if line.strip() and not re.search(r"หน้า \d+/", line)]
    return lines[1:]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        # Those whose last pages held two or three lines.
        ("nonthaburi-2564.yaml", ["4", "6", "7", "8", "17", "18", "19", "20", "22", "23.3", "29"]),
        ("chonburi-2556-1.yaml", ["2", "3", "6"]),
    ],
)
def test_no_page_is_left_with_a_line_or_two(name, codes):
    pages = pages_of(name, codes)

    assert [page for page in pages if len(body_of(page)) < LEAST_LINES] == []


def test_who_answers_stands_together():
    pages = pages_of("nonthaburi-2564.yaml", ["6", "7", "19", "22"])

    blocks = ["".join(page.split()) for page in pages if "เบอร์ติดต่อ" in page]
    assert len(blocks) == 4
    for block in blocks:
        assert re.search(r"ผู้กำกับดูแลตัวชี้วัด:.+ผู้จัดเก็บข้อมูล:.+ผู้รับผิดชอบตัวชี้วัด:ตำแหน่ง:เบอร์ติดต่อ:", block)
