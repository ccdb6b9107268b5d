"""แบบข้อเสนอและประเมินผลสัมฤทธิ์: what an organisation agreed in groups with their weights, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from reports.rows.criteria import NO_LEVEL, LevelCells, level_cells, levels_of
from reports.rows.results import Outcome, Scores
from reports.rows.signatures import AGREE, RESULT, SignatureBlock, SignatureBook
from reports.rows.words import Content, day, text
from scoring.numbers import display, exact, plain

#: Rows to write on where nothing is agreed yet.
BLANK_ROWS = 8
#: Characters that fit in the narrow columns on one page.
TALL_WORK, TALL_TITLE = 220, 320
#: Who signs at the start as well as at the end; the others give their opinion on the result alone.
SIGN_AT_START = ("assessee", "assessor", "commentator")
#: Characters that fit in the cell of a level.
MOST_IN_A_CELL = 6
#: The classes of the colours that the source documents name; any other colour stands as its word alone.
COLOURS = {
    "แดง": "red",
    "ส้ม": "orange",
    "เหลือง": "yellow",
    "เขียวอ่อน": "light-green",
    "เขียว": "green",
    "เขียวแก่": "dark-green",
    "เขียวเข้ม": "dark-green",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A line of the table: a group with its weight, or an indicator with its criteria and result."""

    depth: int = 0
    is_group: bool = False
    number: str = ""
    work: str = ""
    # Whether it goes on with the work of the row above, so that no line is drawn between them.
    goes_on: bool = False
    code: str = ""
    title: str
    is_parent: bool = False
    is_child: bool = False
    weight: str = ""
    criteria: LevelCells = field(default_factory=LevelCells)
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def is_tall(self) -> bool:
        """Whether the row may be higher than a page, and so has to break inside."""
        return len(self.work) > TALL_WORK or len(self.title) > TALL_TITLE


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRow:
    """A grade of the legend: its colour as a class and as a word, from where to where, and what it is called."""

    label: str
    colour: str
    colour_class: str
    bounds: str
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRow:
    """A party's places in the table of signatures; whoever gives an opinion at the end has none at the start."""

    label: str
    signs_at_start: bool
    start: SignatureBlock
    end: SignatureBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The table of one version with its sums and the grade."""

    levels: tuple[str, ...]
    rows: tuple[ProposalRow, ...]
    blank_rows: range
    weight: str
    weight_in_force: str
    column: str
    total: str
    achievement: str
    multiplier: str
    grades: tuple[GradeRow, ...]
    is_self_assessed: bool
    # Which self-assessment within the year it shows, and of which day; empty where it shows the year's.
    kept: str
    full_score_reason: str
    signing: tuple[SignedRow, ...]

    @property
    def is_rebased(self) -> bool:
        """Whether weights left the denominator, so that the sum of the column is not the total."""
        return bool(self.weight_in_force) and self.weight_in_force != "100"

    @property
    def grade(self) -> GradeRow | None:
        """The grade that was reached, if there is one yet."""
        return next((one for one in self.grades if one.reached), None)


def proposal(
    content: Content, book: SignatureBook, *, dimensions: Sequence[Content], is_assessment: bool = False
) -> Proposal:
    """Return what the form says; `dimensions` are the groups in the words of the framework format."""
    scores, levels = Scores.of(content), levels_of(content)
    rows = tuple(_rows(content, scores, levels, dimensions))
    return Proposal(
        levels=levels,
        rows=rows,
        blank_rows=range(0 if rows else BLANK_ROWS),
        weight=_agreed_weight(content),
        weight_in_force=scores.figure("weight_in_force"),
        column=scores.figure("column"),
        total=scores.figure("total"),
        achievement=scores.figure("achievement"),
        multiplier=plain(Fraction(100, int(levels[-1]))),
        grades=grade_rows(content["round"], levels[-1], reached=scores.figure("grade")),
        is_self_assessed=bool(scores.by_code) and not book.has("assessor", RESULT) and not is_assessment,
        kept=_kept_line(content.get("kept") or {}),
        full_score_reason=text(content.get("full_score_reason")),
        signing=_signing_rows(book),
    )


def _kept_line(kept: Content) -> str:
    if not kept:
        return ""
    months = text(kept["checkpoint"]).partition("-")[0]
    return f"การประเมินตนเองรอบ {months} เดือน ณ วันที่ {day(kept['on'], 'long')}"


# --- Rows ------------------------------------------------------------------------------------------------------------
def _rows(
    content: Content, scores: Scores, levels: tuple[str, ...], dimensions: Sequence[Content]
) -> Iterator[ProposalRow]:
    known = {one["code"]: one for one in dimensions}
    results = content.get("results") or {}
    groups = group_codes(content)
    above, last_work, number = list[str](), "", 0
    for item in content["items"]:
        line = _line_of(item["definition"].get("dimension", ""), known)
        line = line or _line_of(groups.get(item["code"], ""), known)
        for depth, code in enumerate(line):
            if line[: depth + 1] != above[: depth + 1]:
                last_work = ""
                weight = text(known[code].get("weight"))
                yield ProposalRow(depth=depth, is_group=True, title=known[code]["title"], weight=weight)
        above = line
        work = text(item.get("goal") or item["definition"].get("work"))
        goes_on = bool(work) and work == last_work
        last_work = work
        # Work is numbered, not indicators: three indicators of one work share its number.
        number += 0 if goes_on else 1
        yield _row(item, scores, results, levels, number=str(number), work=work, goes_on=goes_on)
        for child in item.get("children") or ():
            yield _row(child, scores, results, levels, goes_on=True, is_child=True)


def named_groups(content: Content, dimensions: Sequence[Content]) -> Sequence[Content]:
    """Return `dimensions` with the names and weights of the groups that `content` itself says, as it was signed."""
    known = {one["code"]: dict(one) for one in dimensions}
    for group in content.get("groups") or ():
        known[group["code"]] = known.get(group["code"], {}) | {key: group[key] for key in ("code", "title", "weight")}
    return list(known.values())


def group_codes(content: Content) -> Mapping[str, str]:
    """Return the code of the group of each item, where `content` says its groups."""
    return {code: group["code"] for group in content.get("groups") or () for code in group["items"]}


def _row(
    item: Content,
    scores: Scores,
    results: Content,
    levels: tuple[str, ...],
    *,
    number: str = "",
    work: str = "",
    goes_on: bool = False,
    is_child: bool = False,
) -> ProposalRow:
    is_parent = bool(item.get("children"))
    outcome = scores.outcome(item["code"], results.get(item["code"]))
    return ProposalRow(
        number="" if goes_on else number,
        work="" if goes_on else work,
        goes_on=goes_on,
        code=item["code"],
        title=item["title"],
        is_parent=is_parent,
        is_child=is_child,
        # Sub-indicators carry weight and score; with those of their parent the column would count them twice.
        weight="" if is_parent else text(item.get("weight")),
        criteria=_narrow(level_cells({} if is_parent else item["definition"], levels), levels),
        outcome=Outcome() if is_parent else outcome,
    )


def _narrow(criteria: LevelCells, levels: Sequence[str]) -> LevelCells:
    """Return `criteria` as they fit this form: described levels by their number, words across all of the cells."""
    cells = tuple(cell.removeprefix("ระดับ ").removeprefix("ขั้นตอนที่ ") for cell in criteria.cells)
    if any(len(cell) > MOST_IN_A_CELL for cell in cells):
        told = (f"{level} = {cell}" for level, cell in zip(levels, cells, strict=False) if cell != NO_LEVEL)
        return replace(criteria, cells=(), across="; ".join(told))
    return replace(criteria, cells=cells)


def _line_of(code: str, dimensions: Mapping[str, Content]) -> list[str]:
    if code not in dimensions:
        return []
    line = [code]
    while (parent := dimensions[line[0]].get("parent") or "") in dimensions and parent not in line:
        line.insert(0, parent)
    return line


def _agreed_weight(content: Content) -> str:
    weights = [exact(item["weight"]) for item in content["items"] if item.get("weight") is not None]
    return plain(sum(weights, Fraction(0))) if weights else "100"


# --- The legend ------------------------------------------------------------------------------------------------------
def grade_rows(round_: Content, highest: str, *, reached: str = "") -> tuple[GradeRow, ...]:
    """Return the grades of a round, the lowest first, each from its bound to just below the next one."""
    grades = sorted(round_.get("grades") or (), key=lambda one: exact(one["from"]))
    if not grades:
        return ()
    on = exact(round_.get("grades_on") or (100 if exact(grades[-1]["from"]) > exact(highest) else highest))
    rows = []
    for place, one in enumerate(grades):
        until = exact(grades[place + 1]["from"]) - Fraction(1, 100) if place + 1 < len(grades) else on
        colour = text(one.get("colour"))
        rows.append(
            GradeRow(
                label=text(one["label"]),
                colour=colour,
                colour_class=COLOURS.get(colour, ""),
                bounds=f"{display(exact(one['from']), 2)} – {display(until, 2)}",
                reached=bool(reached) and one["label"] == reached,
            )
        )
    return tuple(rows)


def _signing_rows(book: SignatureBook) -> tuple[SignedRow, ...]:
    labels = [("assessee", "ผู้ทำข้อตกลง"), ("assessor", "ผู้รับข้อตกลง/ผู้ประเมิน")]
    others = (
        ("commentator", "ผู้ให้ความเห็น"),
        ("witness", "พยาน (กรณีไม่ลงนามรับทราบผล)"),
        ("reviewer", "ผู้บังคับบัญชาเหนือขึ้นไป"),
        ("reviewer_2", "ผู้บังคับบัญชาเหนือขึ้นไปอีกชั้นหนึ่ง"),
    )
    labels += [(capacity, label) for capacity, label in others if book.parties.get(capacity)]
    return tuple(
        SignedRow(
            label=label,
            signs_at_start=capacity in SIGN_AT_START,
            start=book.block(capacity, AGREE),
            end=book.block(capacity, RESULT),
        )
        for capacity, label in labels
    )
