"""The signature blocks of the forms: dotted lines until signed, then name, day, short code and QR code."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import segno
from django.utils.safestring import SafeString, mark_safe

from agreements.services.content import SignatureLine
from agreements.thai import THAI_TIME, format_date
from reports.rows.words import Content

AGREE, RESULT = "agree", "result"

ROLES = {
    "assessee": "ผู้รับการประเมิน",
    "commentator": "ผู้ให้ความเห็น",
    "assessor": "ผู้ประเมิน",
    "reviewer": "ผู้บังคับบัญชาเหนือขึ้นไป",
    "reviewer_2": "ผู้บังคับบัญชาเหนือขึ้นไปอีกชั้นหนึ่ง",
    "witness": "พยาน",
}


def role_of(capacity: str) -> str:
    """Return what a party in `capacity` signs as; all who bear witness are พยาน, the first as the second."""
    return ROLES["witness"] if capacity.startswith("witness") else ROLES[capacity]


#: From a short code to the address of the page that verifies it.
VerifyUrl = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBlock:
    """One place to sign; `code` is empty until it is signed, in the portal or on paper that was recorded."""

    role: str
    name: str = ""
    title: str = ""
    acting_for: str = ""
    signed_on: str = ""
    code: str = ""
    qr: str = ""
    on_paper: bool = False
    decision: str = ""
    comment: str = ""

    @property
    def name_words(self) -> list[str]:
        """The name in the pieces between which, and only there, a narrow cell may break it."""
        return self.name.split()

    @property
    def agrees(self) -> bool:
        """Whether a superior agreed with the result."""
        return self.decision == "agrees"

    @property
    def differs(self) -> bool:
        """Whether a superior differed."""
        return self.decision == "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBook:
    """The parties of a version and what they signed."""

    parties: Content
    lines: Mapping[tuple[str, str], SignatureLine]
    verify_url: VerifyUrl
    # Whether the figures are the assessor's although nobody signed them yet.
    is_assessment: bool = False

    @classmethod
    def of(cls, parties: Content, lines: Iterable[SignatureLine], *, verify_url: VerifyUrl) -> "SignatureBook":
        """Return the book in which each line is found by its capacity and stage."""
        return cls(parties=parties, lines={(one.capacity, one.stage): one for one in lines}, verify_url=verify_url)

    def has(self, capacity: str, stage: str) -> bool:
        """Return whether `capacity` signed at `stage`."""
        return (capacity, stage) in self.lines

    def block(self, capacity: str, stage: str) -> SignatureBlock:
        """Return the block of `capacity` at `stage`; unsigned, it carries the party's name to sign above."""
        line = self.lines.get((capacity, stage))
        if line is None:
            party = self.parties.get(capacity) or {}
            return SignatureBlock(role=role_of(capacity), name=party.get("name", ""), title=party.get("title", ""))
        return SignatureBlock(
            role=role_of(capacity),
            name=line.name,
            title=line.title,
            acting_for=line.acting_for,
            signed_on=format_date(line.signed_on) if line.signed_on else thai_day(line.signed_at),
            on_paper=line.signed_on is not None,
            code=line.short_code,
            qr=qr_code(self.verify_url(line.short_code)),
            decision=line.decision,
            comment=line.comment,
        )


def thai_day(moment: datetime) -> str:
    """Return the day of `moment` in Thailand, in the Buddhist Era."""
    return format_date(moment.astimezone(THAI_TIME).date())


def qr_code(address: str) -> SafeString:
    """Return the QR code of `address` as inline SVG, without a style that the page's policy would refuse."""
    drawing = segno.make(address, micro=False, error="m").svg_inline(omitsize=True, border=0, svgclass="qr")
    return mark_safe(drawing)  # noqa: S308 -- segno's own drawing; the address is in it as dots only
