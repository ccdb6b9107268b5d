"""All forms of one version of an agreement."""

from dataclasses import dataclass, replace

from agreements.services.content import FormSource
from reports.rows.amendments import AmendmentSheet
from reports.rows.form_1 import Form1, form_1
from reports.rows.form_2 import Form2, form_2
from reports.rows.form_3 import Form3, form_3
from reports.rows.kpi_sheet import KpiSheet, kpi_sheets
from reports.rows.signatures import SignatureBook, VerifyUrl, qr_code
from reports.rows.words import day, text


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSet:
    """ปผ.1, ปผ.2, ปผ.3 and the KPI sheets of one version."""

    # The hash of the content printed, its short code and the address of that as a QR code, at the foot of every page.
    content_hash: str
    code: str
    code_qr: str
    assessee: str
    round_number: str
    fiscal_year: str
    starts_on: str
    ends_on: str
    # None on the further parts of an agreement that was split: ปผ.1 is of the whole.
    form_1: Form1 | None
    form_2: Form2
    form_3: Form3
    kpi_sheets: tuple[KpiSheet, ...]
    # Number and code of the record of the last signature, which a reprint shows again.
    log_head: str = ""
    amendments: tuple[AmendmentSheet, ...] = ()
    part: str = ""

    @property
    def round_name(self) -> str:
        """The round as it is named in a line: รอบที่ 1/2556, or the fiscal year where it is the whole of it."""
        if self.round_number:
            return f"รอบที่ {self.round_number}/{self.fiscal_year}"
        return f"ปีงบประมาณ พ.ศ. {self.fiscal_year}"


def form_set(source: FormSource, *, verify_url: VerifyUrl, amendments: tuple[AmendmentSheet, ...] = ()) -> FormSet:
    """Return what the forms of `source` say; `verify_url` gives the address behind each QR code."""
    content = source.content
    round_ = content["round"]
    book = replace(
        SignatureBook.of(content["parties"], source.signatures, verify_url=verify_url),
        is_assessment=source.is_assessment,
    )
    code = source.content_hash[:12].upper()
    return FormSet(
        content_hash=source.content_hash,
        code=code,
        code_qr=qr_code(verify_url(code)) if code else "",
        assessee=(content["parties"].get("assessee") or {}).get("name", ""),
        round_number=text(round_.get("number") or ""),
        fiscal_year=text(round_["fiscal_year"]),
        starts_on=day(round_["starts_on"]),
        ends_on=day(round_["ends_on"]),
        form_1=form_1(content, book),
        form_2=form_2(content, book),
        form_3=form_3(content, book),
        kpi_sheets=kpi_sheets(content),
        log_head=source.signatures[-1].log_head if source.signatures else "",
        amendments=amendments,
    )
