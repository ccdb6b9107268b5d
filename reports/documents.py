"""The forms as HTML: the sheets alone for the preview, and the whole document that becomes a PDF."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from agreements.models import Agreement, Capacity, Round, Version
from reports.rows.form_set import FormSet
from reports.rows.organisation import OrganisationSet
from reports.rows.slips import PrintedSlip
from reports.rows.words import with_thai_digits

Digits = Literal["arabic", "thai"]

Papers = Sequence[FormSet] | Sequence[OrganisationSet]

#: What the documents of agreements are called.
OF_PEOPLE, OF_ORGANISATIONS = "แบบประเมินผลการปฏิบัติราชการ", "ข้อตกลงการปฏิบัติราชการ"

#: The forms that can be chosen, in the order of the document: a person's, and an organisation's.
FORMS: Mapping[str, str] = {"1": "ปผ.1", "2": "ปผ.2", "3": "ปผ.3", "kpi": "KPI Template"}
ORGANISATION_FORMS: Mapping[str, str] = {
    "agreement": "ข้อตกลงการปฏิบัติราชการ",
    "proposal": "แบบข้อเสนอและประเมินผลสัมฤทธิ์",
    "kpi": "รายละเอียดตัวชี้วัด",
}


def forms_of(agreement: Agreement) -> Mapping[str, str]:
    """Return the forms that an agreement of its kind has: a person's, or an organisation's."""
    return ORGANISATION_FORMS if agreement.person_id is None else FORMS


def forms_of_round(round_: Round) -> Mapping[str, str]:
    """Return the forms that the agreements of `round_` have."""
    return ORGANISATION_FORMS if round_.subject == Round.Subject.ORGANISATIONS else FORMS


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
    name = OF_ORGANISATIONS if isinstance(first, OrganisationSet) else OF_PEOPLE
    return " ".join(filter(None, [name, first.round_name, first.assessee]))


def file_name(sets: Papers) -> str:
    """Return the name to save the PDF under, without what file systems refuse."""
    return f"{title(sets)}.pdf".replace("/", "-")


def file_name_of(version: Version) -> str:
    """Return the same for the agreement of `version`, without its forms being worked out."""
    agreement = version.part.agreement
    round_ = agreement.round
    told = f"ปีงบประมาณ พ.ศ. {round_.fiscal_year}"
    if round_.number:
        told = f"รอบที่ {round_.number}/{round_.fiscal_year}"
    if agreement.person_id is None:
        return f"{OF_ORGANISATIONS} {told} {agreement.organisation.name}.pdf".replace("/", "-")
    assessee = next((one.name for one in version.parties.all() if one.capacity == Capacity.ASSESSEE), "")
    return " ".join(filter(None, [OF_PEOPLE, told, assessee])).replace("/", "-") + ".pdf"
