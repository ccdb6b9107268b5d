"""An organisation's agreement (ข้อตกลงการปฏิบัติราชการ): who agrees with whom, in four statements, before witnesses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agreements.services.content import FormSource
from reports.rows.amendments import AmendmentSheet
from reports.rows.kpi_sheet import KpiSheet, kpi_sheets
from reports.rows.proposal import Proposal, group_codes, named_groups, proposal
from reports.rows.signatures import AGREE, ROLES, SignatureBlock, SignatureBook, VerifyUrl, qr_code
from reports.rows.words import Content, day, text

#: Places for witnesses to sign where nobody is named yet.
BLANK_WITNESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSheet:
    """The sheet that both sides and their witnesses sign."""

    office: str
    fiscal_year: str
    # How the days of the round are told where it is not the whole fiscal year.
    round_line: str
    assessee: Mapping[str, str]
    assessor: Mapping[str, str]
    # Whether the one who agrees for the other side leads the office itself, as a mayor does, or a superior one.
    is_led: bool
    by_assessee: SignatureBlock
    by_assessor: SignatureBlock
    witnesses: tuple[SignatureBlock, ...]

    @property
    def witness_pairs(self) -> list[tuple[SignatureBlock, ...]]:
        """The witnesses two by two, as they stand on the sheet."""
        return [self.witnesses[at : at + 2] for at in range(0, len(self.witnesses), 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTick:
    """A kind of proof that the indicator asks for, ticked off where it was given."""

    title: str
    ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSheet:
    """One indicator's sheet with the group that it stands in and its list of proof."""

    group: str
    sheet: KpiSheet
    evidence: tuple[EvidenceTick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSet:
    """The agreement, its proposal with the results, and the sheets of its indicators."""

    content_hash: str
    code: str
    code_qr: str
    office: str
    round_number: str
    fiscal_year: str
    starts_on: str
    ends_on: str
    agreement: AgreementSheet
    proposal: Proposal
    indicator_sheets: tuple[IndicatorSheet, ...]
    log_head: str = ""
    amendments: tuple[AmendmentSheet, ...] = ()
    part: str = ""

    @property
    def assessee(self) -> str:
        """Whose paper it is, in the corner."""
        return self.office

    @property
    def round_name(self) -> str:
        """The round as it is named in a line."""
        if self.round_number:
            return f"รอบที่ {self.round_number}/{self.fiscal_year}"
        return f"ปีงบประมาณ พ.ศ. {self.fiscal_year}"


def organisation_set(
    source: FormSource,
    *,
    office: str,
    dimensions: Sequence[Content],
    verify_url: VerifyUrl,
    amendments: tuple[AmendmentSheet, ...] = (),
) -> OrganisationSet:
    """Return what the papers of `source` say.

    `office` and `dimensions` are the organisation and the groups of the framework; what the content itself names, as
    it was signed, goes before them.
    """
    content = source.content
    round_ = content["round"]
    office = (content.get("organisation") or {}).get("name") or office
    dimensions = named_groups(content, dimensions)
    book = SignatureBook.of(content["parties"], source.signatures, verify_url=verify_url)
    code = source.content_hash[:12].upper()
    return OrganisationSet(
        content_hash=source.content_hash,
        code=code,
        code_qr=qr_code(verify_url(code)) if code else "",
        office=office,
        round_number=text(round_.get("number") or ""),
        fiscal_year=text(round_["fiscal_year"]),
        starts_on=day(round_["starts_on"]),
        ends_on=day(round_["ends_on"]),
        agreement=_agreement(content, book, office),
        proposal=proposal(content, book, dimensions=dimensions, is_assessment=source.is_assessment),
        indicator_sheets=tuple(_indicator_sheets(content, dimensions)),
        log_head=source.signatures[-1].log_head if source.signatures else "",
        amendments=amendments,
    )


def as_kept(source: FormSource, kept: Content) -> FormSource:
    """Return `source` with the results and scores that a self-assessment kept on its day, which nobody has signed.

    `kept` is what services/checkpoints.py keeps: `checkpoint`, `on`, `results` and `scores`.
    """
    told = {"checkpoint": kept["checkpoint"], "on": kept["on"]}
    results = {code: {"verdict": "", "reason": "", **one} for code, one in kept["results"].items()}
    content = {**source.content, "results": results, "scores": kept["scores"], "self_scores": None, "kept": told}
    signatures = tuple(line for line in source.signatures if line.stage == AGREE)
    return replace(source, content=content, signatures=signatures, content_hash="", is_assessment=False)


def _agreement(content: Content, book: SignatureBook, office: str) -> AgreementSheet:
    round_, parties = content["round"], content["parties"]
    assessor = parties.get("assessor") or {}
    period = f"รอบการประเมินที่ {round_['number']} " if round_.get("number") else ""
    days = f"({day(round_['starts_on'], 'long')} – {day(round_['ends_on'], 'long')})"
    return AgreementSheet(
        office=office,
        fiscal_year=text(round_["fiscal_year"]),
        round_line=f"{period}{days}" if period else "",
        assessee=parties.get("assessee") or {},
        assessor=assessor,
        is_led=assessor.get("office", office) in ("", office),
        by_assessee=book.block("assessee", AGREE),
        by_assessor=book.block("assessor", AGREE),
        witnesses=tuple(_witnesses(parties, book)),
    )


def _witnesses(parties: Content, book: SignatureBook) -> Iterable[SignatureBlock]:
    """Yield the places of the witnesses of the agreement; those of a refusal to sign stand elsewhere."""
    named = sorted(one for one in parties if is_agreement_witness(one))
    for capacity in named:
        yield book.block(capacity, AGREE)
    for _ in range(BLANK_WITNESSES - len(named)):
        yield SignatureBlock(role=ROLES["witness"])


def is_agreement_witness(capacity: str) -> bool:
    """Return whether `capacity` is that of somebody who witnesses the agreement itself (witness_1, witness_2, …)."""
    return capacity.startswith("witness_")


def _indicator_sheets(content: Content, dimensions: Sequence[Content]) -> Iterable[IndicatorSheet]:
    titles = {one["code"]: one["title"] for one in dimensions}
    results = content.get("results") or {}
    named = {code: titles.get(group, "") for code, group in group_codes(content).items()}
    groups = dict(_groups_of(content["items"], titles, named))
    for sheet in kpi_sheets(content):
        at_hand = set((results.get(sheet.code) or {}).get("evidence_at_hand") or ())
        yield IndicatorSheet(
            group=groups.get(sheet.code, ""),
            sheet=sheet,
            evidence=tuple(EvidenceTick(title=one, ticked=one in at_hand) for one in sheet.evidence),
        )


def _groups_of(
    items: Iterable[Content], titles: Mapping[str, str], named: Mapping[str, str], above: str = ""
) -> Iterable[tuple[str, str]]:
    """Yield for each item the title of its group: its own, that which the content names, or that of its parent."""
    for item in items:
        group = titles.get(item["definition"].get("dimension", "")) or named.get(item["code"]) or above
        yield item["code"], group
        yield from _groups_of(item.get("children") or (), titles, named, group)
