"""PDFs of the forms, and what poppler reads in them."""

import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from reports import documents, pdf
from reports.rows.form_set import form_set
from tests.reports import contents


def html_of(content, signatures=(), *, forms=("1", "2", "3", "kpi"), digits="arabic"):
    """Return the whole document of the forms of `content`."""
    sets = [form_set(contents.source(content, signatures), verify_url=contents.verify_url)]
    return documents.document(sets, forms=list(forms), digits=digits)


def paper_of(content, signatures=(), **choice):
    """Return the PDF of the forms of `content`."""
    return pdf.render(html_of(content, signatures, **choice))


def text_of(paper, *, layout=True):
    """Return the text that pdftotext finds, each run of spaces as one."""
    found = _poppler(["pdftotext", *(["-layout"] if layout else []), "{}", "-"], paper)
    return re.sub(r"[ \f]+", " ", found)


def pages_of(paper):
    """Return the text of each page."""
    return _poppler(["pdftotext", "-layout", "{}", "-"], paper).split("\f")[:-1]


def facts_of(paper):
    """Return what pdfinfo says of the document."""
    lines = _poppler(["pdfinfo", "{}"], paper).splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def fonts_of(paper):
    """Return the fonts with whether they are embedded and carry Unicode."""
    rows = _poppler(["pdffonts", "{}"], paper).splitlines()[2:]
    return {(row.split()[0].partition("+")[2], *row.split()[-5:-2]) for row in rows}


def sara_am_lost(html, paper):
    """Return the syllables with ำ that the document says more often than the paper, and those only the paper says."""
    body = re.sub(r"<svg.*?</svg>|<[^>]*>", "\n", html.partition("<body")[2], flags=re.DOTALL)
    said, found = (
        Counter(re.findall("[ก-ฮ][\u0e48-\u0e4b]?\u0e33", one)) for one in (body, text_of(paper, layout=False))
    )
    return sorted((said - found).keys()), sorted(found.keys() - said.keys())


def _poppler(command, paper):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        Path(file.name).write_bytes(paper)
        filled = [part.format(file.name) if part == "{}" else part for part in command]
        return subprocess.run(filled, check=True, capture_output=True, text=True).stdout
