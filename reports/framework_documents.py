"""The papers of a framework as HTML: the sheets for the preview, and the whole document that becomes a PDF."""

from collections.abc import Mapping
from typing import Any, Literal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reports.documents import Digits
from reports.rows.words import with_thai_digits

Paper = Literal["framework", "responsibilities", "followed", "indicator"]

TEMPLATES: Mapping[Paper, str] = {
    "framework": "reports/_framework.html",
    "responsibilities": "reports/_responsibilities.html",
    "followed": "reports/_followed.html",
    "indicator": "reports/_indicator_sheet.html",
}


def sheets(paper: Paper, context: Mapping[str, Any], *, digits: Digits) -> SafeString:
    """Return a paper of a framework as sheets."""
    html = render_to_string(TEMPLATES[paper], dict(context))
    # Every figure on a finished sheet is text by now, whichever cell it came from.
    return mark_safe(with_thai_digits(html)) if digits == "thai" else html  # noqa: S308 -- escaped when rendered


def document(paper: Paper, context: Mapping[str, Any], *, title: str, digits: Digits) -> str:
    """Return the whole HTML document of a paper, ready to be set as a PDF."""
    whole = {"title": title, "sheets": sheets(paper, context, digits=digits), "digits": digits}
    return render_to_string("reports/forms_paper.html", whole)
