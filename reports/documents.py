"""The forms as HTML: the sheets alone for the preview, and the whole document that becomes a PDF."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reports.rows.form_set import FormSet
from reports.rows.organisation import OrganisationSet
from reports.rows.slips import PrintedSlip
from reports.rows.words import with_thai_digits

Digits = Literal["arabic", "thai"]

Papers = Sequence[FormSet] | Sequence[OrganisationSet]

#: The forms that can be chosen, in the order of the document: a person's, and an organisation's.
FORMS: Mapping[str, str] = {"1": "ปผ.1", "2": "ปผ.2", "3": "ปผ.3", "kpi": "KPI Template"}
ORGANISATION_FORMS: Mapping[str, str] = {
    "agreement": "ข้อตกลงการปฏิบัติราชการ",
    "proposal": "แบบข้อเสนอและประเมินผลสัมฤทธิ์",
    "kpi": "รายละเอียดตัวชี้วัด",
}


def sheets(sets: Papers, *, forms: Collection[str], digits: Digits) -> SafeString:
    """Return the chosen `forms` of all `sets` as sheets of paper."""
    html = render_to_string("reports/_sheets.html", {"sets": sets, "forms": forms})
    # The sheets are a finished document: every figure on them is text by now, whichever cell it came from.
    return mark_safe(with_thai_digits(html)) if digits == "thai" else html  # noqa: S308 -- escaped when rendered


def document(sets: Papers, *, forms: Collection[str], digits: Digits) -> str:
    """Return the whole HTML document of the chosen `forms`, ready to be set as a PDF."""
    context = {"title": title(sets), "sheets": sheets(sets, forms=forms, digits=digits), "digits": digits}
    return render_to_string("reports/forms_paper.html", context)


def slips_document(slips: Sequence[PrintedSlip], *, address: str) -> str:
    """Return the whole HTML document of sign-in slips; `address` is where they are used."""
    # Two to a row, the last one perhaps alone.
    pairs = [slips[start : start + 2] for start in range(0, len(slips), 2)]
    context = {"title": "ใบลงชื่อเข้าใช้ระบบ", "pairs": pairs, "address": address}
    return render_to_string("reports/slips_paper.html", context)


def title(sets: Papers) -> str:
    """Return what the document is called."""
    first = sets[0]
    name = "ข้อตกลงการปฏิบัติราชการ" if isinstance(first, OrganisationSet) else "แบบประเมินผลการปฏิบัติราชการ"
    return " ".join(filter(None, [name, first.round_name, first.assessee]))


def file_name(sets: Papers) -> str:
    """Return the name to save the PDF under, without what file systems refuse."""
    return f"{title(sets)}.pdf".replace("/", "-")
