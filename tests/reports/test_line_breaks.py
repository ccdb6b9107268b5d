"""Printed lines do not end inside a term of the office, whatever their width."""

import os
import re
import subprocess
import sys
from html import escape
from pathlib import Path

from django.core import checks
from weasyprint import HTML
from weasyprint.formatting_structure.boxes import BlockBox, LineBox, TextBox

from reports import pdf
from reports.checks import office_terms
from tests.reports import contents

TERMS = Path(pdf.__file__).with_name("office-terms.txt").read_text().split()
# Followed by their full stop: without it the letters are found in the middle of words.
ABBREVIATIONS = {"สถจ", "อบจ", "อบต", "อปท"}
TERM = re.compile(
    "|".join(one + r"\." if one in ABBREVIATIONS else one for one in sorted(TERMS, key=len, reverse=True))
)
WIDTHS = [3 + step / 4 for step in range(48)]  # centimetres


def texts_of(value):
    """Return every Thai text of a framework document."""
    if isinstance(value, str):
        return [" ".join(value.split())] if re.search("[ก-ฮ]", value) else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inner for text in texts_of(one)]


def lines_at(width, texts):
    """Return the lines of each text, set in a column so many centimetres wide."""
    body = "".join(f"<p>{escape(text)}</p>" for text in texts)
    styles = f"<style>p {{ width: {width}cm; font-size: 14pt; margin: 0 }}</style>"
    html = f'<!doctype html><html lang="th"><head>{styles}</head><body class="paper">{body}</body></html>'
    fonts, sheets = pdf._bundle()
    pages = HTML(string=html, base_url="about:blank").render(stylesheets=sheets, font_config=fonts).pages
    for page in pages:
        for block in page._page_box.descendants():
            if isinstance(block, BlockBox) and block.element_tag == "p":
                lines = [one for one in block.descendants() if isinstance(one, LineBox)]
                yield ["".join(box.text for box in one.descendants() if isinstance(box, TextBox)) for one in lines]


def broken_terms(lines):
    """Return the terms that lie across the end of a line."""
    whole, ends, found = "".join(lines), set(), []
    for line in lines[:-1]:
        ends.add(max(ends, default=0) + len(line))
    for match in TERM.finditer(whole):
        found += [match[0] for end in ends if match.start() < end < match.end()]
    return found


def texts():
    return sorted(set(texts_of(contents.framework())))


def broken_at(widths):
    """Return the terms of the office that are broken at each width, over the texts of the Chonburi framework."""
    found = {width: [one for lines in lines_at(width, texts()) for one in broken_terms(lines)] for width in widths}
    return {width: terms for width, terms in found.items() if terms}


def test_no_term_is_broken_at_any_of_48_widths(full_depth):
    assert broken_at(WIDTHS if full_depth else WIDTHS[::5]) == {}


def test_lines_are_broken_elsewhere():
    assert sum(len(lines) for lines in lines_at(3, texts())) > 1000


def test_with_libthais_own_dictionary_terms_are_broken():
    # The control, in a process of its own: a dictionary is read once.
    asked = "import django; django.setup(); from tests.reports import test_line_breaks as t; print(t.broken_at([5]))"
    theirs = os.environ | {"LIBTHAI_DICTDIR": "/usr/share/libthai"}

    said = subprocess.run([sys.executable, "-c", asked], env=theirs, capture_output=True, text=True, check=True).stdout

    assert "ตัวชี้วัด" in said
    assert "ปีงบประมาณ" in said


def test_a_missing_dictionary_is_told_by_check(monkeypatch, tmp_path):
    assert office_terms() == []

    monkeypatch.setattr(pdf, "DICTIONARY", tmp_path / "none")

    assert [(one.id, one.level) for one in office_terms()] == [("reports.W001", checks.WARNING)]
