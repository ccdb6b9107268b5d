"""ปผ.1: who is assessed, the summary of the result, the development plan, and who was told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.rows.parts import PartRow, part_rows
from reports.rows.results import Scores
from reports.rows.signatures import RESULT, SignatureBlock, SignatureBook
from reports.rows.words import Content, day, text
from scoring.numbers import display, exact

#: Rows to write on where the plan holds fewer.
PLAN_ROWS = 3
BY_HAND = {"need": "", "method": "", "period": "", "measure": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One of the two rounds of the fiscal year, and whether it is the one."""

    number: str
    starts_on: str
    ends_on: str
    ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A row of the table of 1.2.1."""

    title: str
    score: str
    weight: str
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form1:
    """ปผ.1 of one version."""

    fiscal_year: str
    meant_for: str
    periods: tuple[Period, ...]
    assessee: Mapping[str, str]
    assessor: Mapping[str, str]
    components: tuple[Component, ...]
    final: str
    grade: str
    grades: tuple[tuple[str, bool], ...]
    full_score_reason: str
    plan: Sequence[Mapping[str, str]]
    # Where the agreement was split: its parts and all their days.
    parts: Sequence[PartRow]
    days: str
    by_assessee: SignatureBlock
    by_assessor: SignatureBlock
    by_witness: SignatureBlock
    by_reviewer: SignatureBlock
    by_reviewer_2: SignatureBlock

    @property
    def is_acknowledged(self) -> bool:
        """Whether the assessee signed for the result."""
        return bool(self.by_assessee.code)

    @property
    def is_told(self) -> bool:
        """Whether the assessor told the result and the assessee signed for it."""
        return bool(self.by_assessor.code and self.by_assessee.code)

    @property
    def is_witnessed(self) -> bool:
        """Whether a witness signed because the assessee did not."""
        return bool(self.by_witness.code)


def form_1(content: Content, book: SignatureBook) -> Form1:
    """Return what ปผ.1 says."""
    parties, scores = content["parties"], Scores.of(content)
    grade = scores.figure("grade")
    plan = [dict(row) for row in content.get("plan") or ()]
    parts = part_rows(content)
    return Form1(
        fiscal_year=text(content["round"]["fiscal_year"]),
        meant_for=_meant_for(parties.get("assessee") or {}),
        periods=periods(content["round"]),
        assessee=parties.get("assessee") or {},
        assessor=parties.get("assessor") or {},
        components=_components(content["round"], scores),
        final=scores.figure("final"),
        grade=grade if scores.figure("final") else "",
        grades=tuple(
            (one["label"], bool(scores.figure("final")) and one["label"] == grade)
            for one in content["round"].get("grades") or ()
        ),
        full_score_reason=text(content.get("full_score_reason")),
        plan=[*plan, *[BY_HAND] * (PLAN_ROWS - len(plan))],
        parts=parts,
        days=str(sum(int(one.days) for one in parts)),
        by_assessee=book.block("assessee", RESULT),
        by_assessor=book.block("assessor", RESULT),
        by_witness=book.block("witness", RESULT),
        by_reviewer=book.block("reviewer", RESULT),
        by_reviewer_2=book.block("reviewer_2", RESULT),
    )


def periods(round_: Content) -> tuple[Period, ...]:
    """Return the two rounds of the fiscal year as the form prints them; a round of the whole year stands alone."""
    year = int(round_["fiscal_year"])
    # A round of the whole year has the number 0.
    number = text(round_.get("number") or "")
    if not number:
        whole = Period(
            number="", starts_on=day(round_["starts_on"], "long"), ends_on=day(round_["ends_on"], "long"), ticked=True
        )
        return (whole,)
    return (
        Period(number="1", starts_on=f"1 ตุลาคม พ.ศ. {year - 1}", ends_on=f"31 มีนาคม พ.ศ. {year}", ticked=number == "1"),
        Period(number="2", starts_on=f"1 เมษายน พ.ศ. {year}", ends_on=f"30 กันยายน พ.ศ. {year}", ticked=number == "2"),
    )


def _meant_for(assessee: Content) -> str:
    kind = assessee.get("position_type") or "ทั่วไป"
    types = "ทั่วไปและวิชาการ" if kind in {"ทั่วไป", "วิชาการ"} else kind
    office = assessee.get("office")
    return f"สำหรับตำแหน่งประเภท{types}" + (f" - กรณีข้าราชการสังกัด{office}" if office else "")


def _components(round_: Content, scores: Scores) -> tuple[Component, ...]:
    products = _products(scores)
    return (
        Component(
            title="(1) ผลสัมฤทธิ์ของงาน",
            score=scores.figure("achievement"),
            weight=text(round_["achievement_weight"]),
            product=products.get("achievement", ""),
        ),
        Component(
            title="(2) การประเมินสมรรถนะ",
            score=scores.figure("competency"),
            weight=text(round_["competency_weight"]),
            product=products.get("competency", ""),
        ),
    )


def _products(scores: Scores) -> dict[str, str]:
    """Return (ก) × (ข) of both components, from the numbers that the final score was reckoned with.

    The displayed scores are rounded already; their products would not add up to the final one.
    """
    for taken in scores.document.get("trace") or ():
        if taken["rule"] == "final":
            values = taken["values"]
            return {
                part: display(exact(values[part]) * exact(values[f"{part}_weight"]) / 100, 2)
                for part in ("achievement", "competency")
            }
    return {}
