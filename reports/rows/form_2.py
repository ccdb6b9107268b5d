"""ปผ.2: the indicators with weight and criteria, what came of them, and the sum."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from reports.rows.criteria import ClassRow, LevelCells, level_cells, levels_of
from reports.rows.results import Outcome, Scores
from reports.rows.signatures import AGREE, RESULT, SignatureBlock, SignatureBook
from reports.rows.words import Content, text
from scoring.numbers import exact, plain

#: Rows to write on where nothing is agreed yet.
BLANK_ROWS = 10
#: Characters that fit in the narrow columns on one page.
TALL_GOAL, TALL_TITLE = 180, 320


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A row of 2.1 and 2.2: an indicator, or a sub-indicator under its parent."""

    code: str
    goal: str
    title: str
    weight: str
    criteria: LevelCells
    outcome: Outcome
    is_parent: bool

    @property
    def is_tall(self) -> bool:
        """Whether the row may be higher than a page, and so has to break inside."""
        return len(self.goal) > TALL_GOAL or len(self.title) > TALL_TITLE

    @property
    def classes(self) -> tuple[ClassRow, ...]:
        """The classes that stand in rows of their own."""
        return self.criteria.classes


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRow:
    """A party's place in the table of signatures at the start and at the end of the round."""

    label: str
    remark: str
    start: SignatureBlock
    end: SignatureBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Form2:
    """ปผ.2 of one version."""

    levels: tuple[str, ...]
    rows: tuple[ItemRow, ...]
    blank_rows: range
    weight: str
    weight_in_force: str
    column: str
    total: str
    achievement: str
    multiplier: str
    is_self_assessed: bool
    signing: tuple[SigningRow, ...]

    @property
    def is_rebased(self) -> bool:
        """Whether weights left the denominator, so that the sum of the column is not the total."""
        return bool(self.weight_in_force) and self.weight_in_force != "100"


def form_2(content: Content, book: SignatureBook) -> Form2:
    """Return what ปผ.2 says."""
    scores, levels = Scores.of(content), levels_of(content)
    rows = tuple(_rows(content, scores, levels))
    return Form2(
        levels=levels,
        rows=rows,
        blank_rows=range(0 if rows else BLANK_ROWS),
        weight=_agreed_weight(content),
        weight_in_force=scores.figure("weight_in_force"),
        column=scores.figure("column"),
        total=scores.figure("total"),
        achievement=scores.figure("achievement"),
        multiplier=plain(Fraction(100, int(levels[-1]))),
        is_self_assessed=bool(scores.by_code) and not book.has("assessor", RESULT) and not book.is_assessment,
        signing=signing_rows(book),
    )


def _rows(content: Content, scores: Scores, levels: tuple[str, ...]) -> Iterator[ItemRow]:
    results = content.get("results") or {}
    for item in walk(content["items"]):
        yield ItemRow(
            code=item["code"],
            goal=text(item.get("goal")),
            title=item["title"],
            weight=text(item.get("weight")),
            criteria=level_cells({} if item.get("children") else item["definition"], levels),
            outcome=scores.outcome(item["code"], results.get(item["code"])),
            is_parent=bool(item.get("children")),
        )


def walk(items: list[Content]) -> Iterator[Content]:
    """Yield the items, parents before their children."""
    for item in items:
        yield item
        yield from walk(item.get("children") or [])


def _agreed_weight(content: Content) -> str:
    """Return what the agreed weights add up to; 100, as the form has it, where nothing is agreed yet."""
    weights = [exact(item["weight"]) for item in content["items"] if item.get("weight") is not None]
    return plain(sum(weights, Fraction(0))) if weights else "100"


def signing_rows(book: SignatureBook) -> tuple[SigningRow, ...]:
    """Return the table of signatures under ปผ.2 and ปผ.3."""
    labels = (
        ("assessee", "ชื่อผู้รับการประเมิน", ""),
        ("commentator", "ชื่อผู้ให้ความเห็น", "(กรณีผู้รับการประเมินไปช่วยราชการ/ปฏิบัติหน้าที่ที่ส่วนราชการอื่น)"),
        ("assessor", "ชื่อผู้บังคับบัญชา/ผู้ประเมิน", ""),
    )
    return tuple(
        SigningRow(label=label, remark=remark, start=book.block(capacity, AGREE), end=book.block(capacity, RESULT))
        for capacity, label, remark in labels
    )
