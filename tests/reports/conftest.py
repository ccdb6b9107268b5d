"""What all tests of printed documents share."""

from html import unescape

import pytest

from reports import pdf
from tests.reports import papers


@pytest.fixture(autouse=True)
def _every_sara_am_is_found_again(monkeypatch, request):
    """Read every document that a test here draws: each ำ of it stands in its text, and no other."""
    drawn = []
    render = pdf.render

    def kept(html, **asked):
        paper = render(html, **asked)
        drawn.append((html, paper))
        return paper

    monkeypatch.setattr(pdf, "render", kept)
    yield
    for html, paper in drawn:
        assert papers.sara_am_lost(unescape(html), paper) == ([], [])
