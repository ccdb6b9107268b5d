"""What the scores of ปผ.2 add up to, as the table of ปผ.1 has it, with live formulas; and how its cells are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from agreements.exchange.workbook.writing import A4
from reports.rows.form_1 import Form1
from reports.rows.form_2_figures import POINT_PLACES, CellValue, Formula, Rounded, written
from reports.rows.form_3 import Form3
from reports.rows.words import Content, text
from reports.sheets import LINE_HEIGHT, height_of, plain_text
from scoring.grades import INDIVIDUAL_GRADES
from scoring.numbers import canonical, exact

FONT = {"font_name": "TH Sarabun New", "font_size": 14, "valign": "top"}
HEAD = {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#ECEDF8", "border": 1}
WORDS = {"text_wrap": True, "border": 1}
POINTS = {"num_format": "0.00", "align": "center", "border": 1}
WHOLE = {"num_format": "0", "align": "center", "border": 1}
MOST_POINTS = 3
WIDTHS = (60, 20, 14, 22, 3, 20)
# Lines of the sheet, counted from 0: the headings of its three tables.
COMPONENTS, COMPETENCIES, GRADES = 3, 10, 19
COUNTS = f"B{COMPETENCIES + 2}:B{COMPETENCIES + 5}"
PRODUCTS = f"D{COMPETENCIES + 2}:D{COMPETENCIES + 5}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Where the sheet of ปผ.2 holds its sums, not rounded: of weights, of weighted scores, and what is out of 100."""

    sheet: str
    weight: str
    product: str
    out_of_100: str
    achievement: Fraction | None

    def at(self, cell: str) -> str:
        """Return `cell` as another sheet names it."""
        return f"'{self.sheet}'!{cell}"


class Styles:
    """The formats of the workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **wanted: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({**FONT, **wanted})
        return self._made[key]


def write(sheet: Any, place: tuple[int, int], value: CellValue | None, shape: Any) -> None:
    """Write a cell as what it is; no text is ever read as a formula."""
    if value is None or value == "":
        sheet.write_blank(*place, None, shape)
    elif isinstance(value, Formula):
        sheet.write_formula(*place, value.says, shape, value.value)
    elif isinstance(value, Decimal):
        # Its very digits are written.
        sheet.write_number(*place, value, shape)
    else:
        sheet.write_string(*place, plain_text(value), shape)


def merge(sheet: Any, first: tuple[int, int], last: tuple[int, int], words: str, shape: Any) -> None:
    """Write `words` across cells, or into one where there is no other."""
    if first != last:
        sheet.merge_range(*first, *last, "", shape)
    write(sheet, first, words, shape)


class Source(Protocol):
    """What the sheet is made of."""

    @property
    def content(self) -> Content: ...
    @property
    def set(self) -> Any: ...


class ScoreSheet:
    """The components with their weights, the final score and the grade; the competencies counted; the grades."""

    def __init__(self, sheet: Any, styles: Styles, source: Source, working: Working) -> None:
        self._sheet, self._styles, self._working = sheet, styles, working
        self._content: Content = source.content
        self._form_1: Form1 = source.set.form_1
        self._form_3: Form3 = source.set.form_3

    def write(self) -> None:
        """Write the sheet."""
        sheet = self._sheet
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width)
        sheet.hide_gridlines(2)
        sheet.set_default_row(LINE_HEIGHT)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=1.18, right=0.79, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 1)
        sheet.print_area(0, 0, GRADES + len(self._grades()), 3)
        sheet.set_footer("&R&P / &N")
        self._put((0, 0), "สรุปผลองค์ประกอบการประเมิน (ปผ.1 ส่วนที่ 1.2.1)", bold=True, font_size=16)
        assessee = self._content["parties"].get("assessee") or {}
        self._put((1, 0), f"ผู้รับการประเมิน : {assessee.get('name', '')}   ตำแหน่ง {assessee.get('title', '')}")
        self._write_components()
        self._write_competencies()
        self._write_grades()

    # --- ปผ.1, 1.2.1 ---
    def _write_components(self) -> None:
        self._heads(COMPONENTS, ("องค์ประกอบการประเมิน", "คะแนน (ก)", "น้ำหนัก (ข)", "รวมคะแนน (ก) × (ข)"))
        self._put((COMPONENTS, 5), "คะแนนก่อนปัดเศษ", **HEAD)
        values = (self._working.achievement, self._competency())
        working = (f"={self._working.at(self._working.out_of_100)}", self._competency_formula())
        weights = [
            exact(text(self._content["round"][f"{name}_weight"])) / 100 for name in ("achievement", "competency")
        ]
        for number, (row, value, says, weight) in enumerate(
            zip(self._form_1.components, values, working, weights, strict=True)
        ):
            line = COMPONENTS + 1 + number
            self._put((line, 0), row.title, **WORDS)
            condition, exactly = f"ISNUMBER(F{line + 1})", f"F{line + 1}"
            score = Rounded(says=exactly, value=value, places=POINT_PLACES, condition=condition)
            self._put((line, 1), score.cell(row.score or None), **POINTS)
            self._put((line, 2), written(weight), **self._share(weight))
            # As on paper, only where there is a final score.
            product = value * weight if value is not None and self._is_final(values, weights) else None
            says_product = f"{exactly}*C{line + 1}"
            found = Rounded(says=says_product, value=product, places=POINT_PLACES, condition=self._both(weights))
            self._put((line, 3), found.cell(row.product or None), **POINTS)
            self._put((line, 5), Formula(says=says, value="" if value is None else written(value)), align="right")
        self._write_final(values, weights)

    def _write_final(self, values: Sequence[Fraction | None], weights: Sequence[Fraction]) -> None:
        first, second, line = COMPONENTS + 2, COMPONENTS + 3, COMPONENTS + 3
        achievement, competency = values
        says, final = f"F{first}*C{first}+F{second}*C{second}", None
        if not weights[1]:
            says, final = f"F{first}*C{first}", achievement
        elif achievement is not None and competency is not None:
            final = achievement * weights[0] + competency * weights[1]
        self._put((line, 0), "รวม", **(WORDS | {"bold": True, "align": "center"}))
        self._put((line, 1), "", **POINTS)
        self._put(
            (line, 2),
            Formula(says=f"=SUM(C{first}:C{second})", value=written(sum(weights, Fraction(0)))),
            **self._share(Fraction(1)),
        )
        found = Rounded(says=says, value=final, places=POINT_PLACES, condition=self._both(weights))
        self._put((line, 3), found.cell(self._form_1.final or None), **(POINTS | {"bold": True}))
        self._write_grade(line + 1, f"D{line + 1}")

    def _both(self, weights: Sequence[Fraction]) -> str:
        """Return the condition that there is a final score: both components, or the achievement where it is all."""
        first, second = COMPONENTS + 2, COMPONENTS + 3
        return f"COUNT(F{first}:F{second})=2" if weights[1] else f"ISNUMBER(F{first})"

    def _is_final(self, values: Sequence[Fraction | None], weights: Sequence[Fraction]) -> bool:
        return None not in values if weights[1] else values[0] is not None

    def _write_grade(self, line: int, final: str) -> None:
        first, last = GRADES + 2, GRADES + 1 + len(self._grades())
        graded, working = final, self._working
        if "grades_on" in self._content["round"]:
            # Bands on the total itself, not on what is out of 100.
            whole = f"{working.at(working.product)}*100/{working.at(working.weight)}"
            graded = f"ROUND({whole}+1E-11,{POINT_PLACES})"
        says = f'=IF(ISNUMBER({final}),LOOKUP({graded},A{first}:A{last},B{first}:B{last}),"")'
        self._put((line, 0), "ระดับผลการประเมิน", **(WORDS | {"bold": True, "align": "center"}))
        for place in (1, 2):
            self._put((line, place), "", **WORDS)
        shape = WORDS | {"bold": True, "align": "center"}
        self._put((line, 3), Formula(says=says, value=self._form_1.grade), **shape)

    # --- ปผ.3, 3.2 ---
    def _write_competencies(self) -> None:
        self._heads(
            COMPETENCIES, ("หลักเกณฑ์การให้คะแนนสมรรถนะ", "จำนวนสมรรถนะ (ก)", "คูณด้วย (ข)", "คะแนน (ก) × (ข)")
        )  # fmt: skip
        for number, row in enumerate(self._form_3.points, start=1):
            line = COMPETENCIES + number
            rule = f"จำนวนสมรรถนะที่สังเกตพบว่ามีระดับของสมรรถนะ{row.rule}"
            self._sheet.set_row(line, height_of([(rule, WIDTHS[0])]))
            self._put((line, 0), rule, **WORDS)
            self._put((line, 1), Decimal(row.count) if row.count else "", **WHOLE)
            self._put((line, 2), Decimal(row.points), **WHOLE)
            says = f'=IF(ISNUMBER(B{line + 1}),B{line + 1}*C{line + 1},"")'
            self._put((line, 3), Formula(says=says, value=Decimal(row.product) if row.product else ""), **WHOLE)
        line = COMPETENCIES + len(self._form_3.points) + 1
        self._put((line, 0), "ผลรวม", **(WORDS | {"bold": True, "align": "center"}))
        for place in (1, 2):
            self._put((line, place), "", **WORDS)
        total = self._form_3.points_sum
        says = f'=IF(COUNT({COUNTS})=0,"",SUM({PRODUCTS}))'
        self._put((line, 3), Formula(says=says, value=Decimal(total) if total else ""), **WHOLE)
        self._put((line + 1, 0), "ผลรวม ÷ (จำนวนสมรรถนะ × 3) ทำให้เป็นร้อยละด้วยการคูณ 100", **WORDS)
        for place in (1, 2):
            self._put((line + 1, place), "", **WORDS)
        exactly = f"F{COMPONENTS + 3}"
        found = Rounded(
            says=exactly, value=self._competency(), places=POINT_PLACES, condition=f"ISNUMBER({exactly})"
        )  # fmt: skip
        self._put((line + 1, 3), found.cell(self._form_3.competency or None), **POINTS)

    def _competency(self) -> Fraction | None:
        counted = [(int(row.count), int(row.points)) for row in self._form_3.points if row.count]
        people = sum(count for count, _points in counted)
        return (
            Fraction(sum(count * points for count, points in counted) * 100, people * MOST_POINTS) if people else None
        )

    def _competency_formula(self) -> str:
        return f'=IF(SUM({COUNTS})=0,"",SUM({PRODUCTS})/(SUM({COUNTS})*{MOST_POINTS})*100)'

    # --- Grades ---
    def _grades(self) -> list[tuple[Fraction, str]]:
        """Return the grades from the lowest up, as a spreadsheet looks them up."""
        told = self._content["round"].get("grades") or ()
        grades = [(exact(text(one["from"])), one["label"]) for one in told]
        return sorted(grades or [(one.from_, one.label) for one in INDIVIDUAL_GRADES.grades])

    def _write_grades(self) -> None:
        self._heads(GRADES, ("คะแนนตั้งแต่", "ระดับ"))
        for line, (bound, label) in enumerate(self._grades(), start=GRADES + 1):
            places = len(canonical(bound).partition(".")[2])
            shape = {"num_format": f"0.{'0' * places}" if places else "0", "align": "center", "border": 1}
            self._put((line, 0), Decimal(canonical(bound)), **shape)
            self._put((line, 1), label, **WORDS)

    # --- Cells ---
    def _heads(self, line: int, words: Sequence[str]) -> None:
        self._sheet.set_row(line, height_of(zip(words, WIDTHS, strict=False)))
        for place, one in enumerate(words):
            self._put((line, place), one, **HEAD)

    def _put(self, place: tuple[int, int], value: CellValue | None, **shape: Any) -> None:
        write(self._sheet, place, value, self._styles.of(**shape))

    def _share(self, weight: Fraction) -> dict[str, Any]:
        whole = (weight * 100).denominator == 1
        return {"num_format": "0%" if whole else "0.00%", "align": "center", "border": 1}
