"""Report forms as HTML: the sheets for the preview, and the whole document that becomes a PDF."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reports import pdf
from reports.documents import Digits
from reports.rows.report_paper import ReportPaper, ReportSource, report_paper
from reports.rows.words import with_thai_digits


def sheets(paper: ReportPaper, *, digits: Digits) -> SafeString:
    """Return a report form as sheets."""
    html = render_to_string("reports/_report.html", {"paper": paper})
    # Every figure on a finished sheet is text by now, whichever cell it came from.
    return mark_safe(with_thai_digits(html)) if digits == "thai" else html  # noqa: S308 -- escaped when rendered


def document(paper: ReportPaper, *, digits: Digits) -> str:
    """Return the whole HTML document of a report form, ready to be set as a PDF."""
    whole = {"title": title(paper), "sheets": sheets(paper, digits=digits), "digits": digits}
    return render_to_string("reports/forms_paper.html", whole)


def report_pdf(source: ReportSource, *, digits: Digits = "arabic") -> bytes:
    """Return the PDF of a report, filled as far as `source` is."""
    return pdf.render(document(report_paper(source), digits=digits))


def title(paper: ReportPaper) -> str:
    """Return what the document is called."""
    period = "" if "…" in paper.period else paper.period
    return " ".join(filter(None, [paper.name or paper.title, period, paper.office]))
