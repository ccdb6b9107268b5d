"""The figures of ปผ.2 as a spreadsheet reckons them: what is typed, what follows by formula, and to which digits.

A spreadsheet reckons in binary, the portal exactly. Scores go into it with all digits that it keeps; what is shown is
rounded once, from sums that were not rounded before; and before it is rounded, a hundred-thousand-millionth is added,
so that a value which ends in exactly 5 is rounded up by every program, whatever its binary neighbour is. Where a
formula would come to another digit than the portal's all the same, the portal's figure stands in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from xlsxwriter.utility import xl_col_to_name

import scoring
from agreements.exchange.workbook.cells import EXACT_DIGITS
from agreements.models import Version
from agreements.services import log
from agreements.services.results import Side, figures_of, open_book, scores_of
from reports.rows.words import Content, text
from scoring.numbers import display, exact, half_up

#: Far below any digit shown, far above what a program's binary reckoning loses.
NUDGE, NUDGE_WRITTEN = Fraction(1, 10**11), "1E-11"
SCORE_PLACES, POINT_PLACES = 4, 2
SIDES: Sequence[Side] = ("assessor", "self")


# --- Exact scores ----------------------------------------------------------------------------------------------------
def exact_scores(version: Version, content: Content) -> dict[str, Fraction]:
    """Return the score of each indicator of `content` before it was rounded, by its code.

    What is displayed was rounded; the exact score comes from the same results and rules, if these still give the very
    figures of `content`. Else it is what the trace names as the operand of the weighted score.
    """
    told = (content.get("scores") or {}).get("indicators")
    if not told:
        return {}
    book = open_book(version)
    for side in SIDES:
        try:
            scores = scores_of(book, side)
        except scoring.Refused:
            continue
        if log.canonical(figures_of(scores)["indicators"]) == log.canonical(told):
            return {one.code: one.score for one in scores.flatten() if one.score is not None}
    return {row["code"]: _operand(row) for row in told if row.get("score") is not None}


def _operand(row: Content) -> Fraction:
    weighed = next((one for one in row.get("trace") or () if one["rule"] == "weighted"), None)
    return exact(weighed["values"]["score"] if weighed else row["score"])


def written(number: Fraction) -> Decimal:
    """Return `number` with as many digits as a spreadsheet keeps."""
    places = EXACT_DIGITS - len(str(abs(int(number))))
    shown = display(number, places)
    return Decimal(shown.rstrip("0").rstrip(".") if "." in shown else shown)


# --- Cells -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula with the value it comes to; empty text where it shows nothing."""

    says: str
    value: Decimal | str


CellValue = Decimal | str | Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """What is shown rounded: how the sheet reckons it, to how many places, when, and what stands there otherwise."""

    says: str
    # As the sheet reckons it; none where the condition does not hold now.
    value: Fraction | None
    places: int
    condition: str
    otherwise: str = ""

    def cell(self, told: object) -> CellValue:
        """Return the formula; where it comes to another figure than the portal's (`told`, if any), that figure."""
        says = f'=IF({self.condition},ROUND({self.says}+{NUDGE_WRITTEN},{self.places}),"{self.otherwise}")'
        if self.value is None:
            return Formula(says=says, value=self.otherwise)
        shown = display(half_up(self.value + NUDGE, self.places), self.places)
        if told is not None and text(told) != shown:
            return Decimal(text(told))
        return Formula(says=says, value=Decimal(shown))


# --- The table -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """The columns of the table by their letters; those of the working lie beyond what is printed."""

    weight: str
    score: str
    weighted: str
    counted: str
    product: str

    @classmethod
    def of(cls, levels: int) -> Letters:
        """Return the columns where the criteria take `levels` of them."""
        names = ("weight", 3), ("score", levels + 5), ("weighted", levels + 6)
        working = ("counted", levels + 8), ("product", levels + 9)
        return cls(**{name: xl_col_to_name(at) for name, at in (*names, *working)})


@dataclass(slots=True, kw_only=True)
class Entry:
    """An indicator in a line of the sheet, counted from 1, and what it adds to the sums as the sheet reckons them."""

    line: int
    item: Content
    told: Content
    children: Sequence[Entry]
    score: Fraction | None = None
    weight: Fraction = Fraction(0)
    product: Fraction = Fraction(0)

    @property
    def counts(self) -> bool:
        """Whether it may weigh anything: no pilot, and not without criteria."""
        definition = self.item["definition"]
        is_open = (definition.get("criteria") or {}).get("kind") == "open"
        return definition.get("scored") is not False and not is_open and self.told.get("status") != "unscored"

    @property
    def is_weighed(self) -> bool:
        """Whether it, or one below it, has a weight to count with."""
        if self.children:
            return any(child.is_weighed for child in self.children)
        return self.counts and self.item.get("weight") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCells:
    """What stands in the columns of figures of one line."""

    score: CellValue
    weighted: CellValue
    counted: CellValue
    product: CellValue


def refer(letter: str, lines: Sequence[int]) -> str:
    """Return the cells of column `letter` in `lines`, as a range where they follow one another."""
    if len(lines) > 1 and lines[-1] - lines[0] == len(lines) - 1:
        return f"{letter}{lines[0]}:{letter}{lines[-1]}"
    return ",".join(f"{letter}{line}" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns of figures of ปผ.2; `nothing` stands where there is no figure."""

    at: Letters
    nothing: str

    def cells(self, entry: Entry) -> RowCells:
        """Return the cells of an indicator, whose own and whose children's sums are noted."""
        return self._composite(entry) if entry.children else self._leaf(entry)

    def cells_to_write(self, line: int) -> RowCells:
        """Return the cells of a line in which an indicator may be written."""
        item = {"code": "", "weight": "0", "definition": {}}
        return self._leaf(Entry(line=line, item=item, told={}, children=()))

    def _leaf(self, entry: Entry) -> RowCells:
        at, line = self.at, entry.line
        has_score = f"ISNUMBER({at.score}{line})"
        shown = None if entry.score is None else written(entry.score)
        if shown is not None and entry.is_weighed:
            entry.weight = exact(text(entry.item["weight"]))
            entry.product = entry.weight * exact(shown) / 100
        counted = Formula(says=f"=IF({has_score},{at.weight}{line},0)", value=written(entry.weight))
        product = f"=IF({has_score},{at.counted}{line}*{at.score}{line}/100,0)"
        return RowCells(
            score=self.nothing if shown is None else shown,
            weighted=self._weighted(entry, has_score, shows=shown is not None),
            counted=counted if entry.is_weighed else Decimal(0),
            product=Formula(says=product, value=written(entry.product)),
        )

    def _weighted(self, entry: Entry, condition: str, *, shows: bool) -> CellValue:
        if not entry.is_weighed:
            return self.nothing
        value = entry.product if shows else None
        says = f"{self.at.product}{entry.line}"
        found = Rounded(says=says, value=value, places=SCORE_PLACES, condition=condition, otherwise=self.nothing)
        return found.cell(entry.told.get("weighted"))

    def _composite(self, entry: Entry) -> RowCells:
        at, line = self.at, entry.line
        below = [child.line for child in entry.children]
        entry.weight = sum((child.weight for child in entry.children), Fraction(0))
        entry.product = sum((child.product for child in entry.children), Fraction(0))
        condition = f"{at.counted}{line}>0"
        return RowCells(
            score=self._mean(entry, condition),
            weighted=self._weighted(entry, condition, shows=entry.weight > 0),
            counted=Formula(says=f"=SUM({refer(at.counted, below)})", value=written(entry.weight)),
            product=Formula(says=f"=SUM({refer(at.product, below)})", value=written(entry.product)),
        )

    def _mean(self, entry: Entry, condition: str) -> CellValue:
        at, line = self.at, entry.line
        says, value = f"{at.product}{line}*100/{at.counted}{line}", None
        if entry.weight:
            value = entry.product * 100 / entry.weight
        if not entry.is_weighed:
            # Where none has a weight, all that count do so alike.
            counting = [child for child in entry.children if child.counts]
            cells = refer(at.score, [child.line for child in counting]) or f"{at.score}{line + 1}"
            says, condition = f"AVERAGE({cells})", f"COUNT({cells})>0"
            scores = [exact(written(child.score)) for child in counting if child.score is not None]
            value = sum(scores, Fraction(0)) / len(scores) if scores else None
        entry.score = value
        found = Rounded(says=says, value=value, places=SCORE_PLACES, condition=condition, otherwise=self.nothing)
        return found.cell(entry.told.get("score"))


# --- The sums --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The figures under the table; `weight` and `product` are the working, not rounded."""

    agreed_weight: CellValue
    weight: CellValue
    product: CellValue
    column: CellValue
    weight_in_force: CellValue
    total: CellValue
    out_of_100: CellValue
    achievement: CellValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLines:
    """The lines of the sums: the sum itself, and the one of the achievement; and those that are summed."""

    sum: int
    achievement: int
    summed: Sequence[int]


def sums(
    tops: Sequence[Entry], lines: SumLines, at: Letters, *, agreed: Fraction, told: Content, highest: int
) -> tuple[Sums, Fraction | None]:
    """Return the sums under the table, and the achievement as the sheet reckons it, not rounded."""
    weight = sum((top.weight for top in tops), Fraction(0))
    product = sum((top.product for top in tops), Fraction(0))
    total = product * 100 / weight if weight else None
    achievement = None if total is None else total * 100 / highest
    counted, summed = f"{at.counted}{lines.sum}", f"{at.product}{lines.sum}"
    condition = f"{counted}>0"
    whole, weights = f"{summed}*100/{counted}", refer(at.weight, lines.summed)

    def shown(says: str, value: Fraction | None, places: int, name: str) -> CellValue:
        return Rounded(says=says, value=value, places=places, condition=condition).cell(told.get(name))

    found = Sums(
        agreed_weight=Formula(
            says=f'=IF(COUNT({weights})=0,"",ROUND(SUM({weights}),8))', value=written(agreed) if agreed else ""
        ),
        weight=Formula(says=f"=SUM({refer(at.counted, lines.summed)})", value=written(weight)),
        product=Formula(says=f"=SUM({refer(at.product, lines.summed)})", value=written(product)),
        column=shown(summed, product if weight else None, SCORE_PLACES, "column"),
        weight_in_force=Formula(says=f"=ROUND({counted},8)", value=written(weight)),
        total=shown(whole, total, SCORE_PLACES, "total"),
        out_of_100=Formula(
            says=f'=IF({condition},{whole}*100/{highest},"")', value="" if achievement is None else written(achievement)
        ),
        achievement=shown(f"{at.product}{lines.achievement}", achievement, POINT_PLACES, "achievement"),
    )
    return found, achievement
