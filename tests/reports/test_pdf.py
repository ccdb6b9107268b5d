"""The PDF engine: only what is bundled is fetched, and Thai is found again."""

import re
import zlib

import pytest
from weasyprint import HTML
from weasyprint.draw import text as drawing
from weasyprint.urls import FatalURLFetchingError

from reports import pdf
from reports.pdf import BundledFetcher, NotBundled
from tests.reports import papers


def page(body, head=""):
    whole = f"<head><title>ทดสอบ</title>{head}</head><body class='paper'>{body}</body>"
    return f'<!doctype html><html lang="th">{whole}</html>'


def first_line(paper):
    return papers.text_of(paper).strip().splitlines()[0].strip()


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret.css"
    file.write_text('body::after { content: "leaked-by-style" }')
    return file.as_uri()


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "https://example.com/x.css", "data:text/css,p{}", "ftp://x/y"],
)
def test_fetcher_refuses_what_is_not_bundled(address):
    with pytest.raises(NotBundled):
        BundledFetcher().fetch(address)


@pytest.mark.parametrize("address", list(pdf.BUNDLED))
def test_fetcher_reads_what_is_bundled(address):
    assert BundledFetcher().fetch(address).read() == pdf.BUNDLED[address].read_bytes()


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="stylesheet" href="{}">',
        '<style>@import url("{}");</style>',
        '<style>p {{ background: url("{}") }}</style>',
    ],
)
def test_document_that_asks_for_a_file_is_refused(tag, secret):
    with pytest.raises(FatalURLFetchingError):
        pdf.render(page("<p>ข้อความ</p>", tag.format(secret)))


def test_image_of_a_document_is_refused():
    with pytest.raises(FatalURLFetchingError):
        pdf.render(page('<img src="file:///etc/passwd">'))


def test_without_the_fetcher_the_file_would_be_read(secret):
    # The control: the same document leaks under WeasyPrint's own fetcher, so the refusals above mean something.
    leaking = HTML(string=page("<p>x</p>", f'<link rel="stylesheet" href="{secret}">')).write_pdf()

    assert "leaked-by-style" in papers.text_of(leaking)


@pytest.mark.parametrize(
    "line",
    ["คะแนนถ่วงน้ำหนัก", "จำนวน", "คำอธิบาย", "ตารางการทำงาน", "ข้อมูลบุคคลของผู้รับการประเมิน", "เริ่มรอบ", "ชำนาญการ ต่ำกว่า ผู้นำ"],
)
def test_thai_is_found_as_written(line):
    assert first_line(pdf.render(page(f"<p>{line}</p>"))) == line


def test_lines_without_sara_am_are_not_spoilt_by_those_with_it():
    # The glyph of า is first met inside ทำ; the second line has to teach what it means by itself.
    assert papers.text_of(pdf.render(page("<p>ทำ</p><p>ทา นา กา</p>"))).split()[:4] == ["ทำ", "ทา", "นา", "กา"]


def test_title_is_that_of_the_document():
    assert papers.facts_of(pdf.render(page("<p>x</p>")))["Title"] == "ทดสอบ"


def test_language_is_thai():
    paper = pdf.render(page("<p>x</p>"))

    packed = re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", paper, re.DOTALL)
    assert any(b"/Lang (th)" in zlib.decompressobj().decompress(one) for one in packed)


def test_same_document_gives_the_same_bytes():
    assert pdf.render(page("<p>น้ำหนัก</p>")) == pdf.render(page("<p>น้ำหนัก</p>"))


@pytest.mark.parametrize("text", ["จำนวนน้ำหนัก", "ทำการ"])
def test_a_lost_sara_am_would_be_noticed(text, monkeypatch):
    # The control of what tests/reports/conftest.py asserts of every document: WeasyPrint by itself loses them.
    html = page(f"<p>{text}</p>")
    assert papers.sara_am_lost(html, pdf.render(html)) == ([], [])

    monkeypatch.setattr(drawing, "draw_first_line", pdf._draw_first_line)

    paper = HTML(string=html, url_fetcher=BundledFetcher()).write_pdf(
        stylesheets=pdf._bundle()[1], font_config=pdf._bundle()[0]
    )
    assert papers.sara_am_lost(html, paper) != ([], [])
