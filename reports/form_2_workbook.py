"""ปผ.2 as a workbook that reckons: the paper form with live formulas, and what its scores add up to with a grade."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import xlsxwriter

from agreements.exchange.workbook.writing import A4
from reports.rows.criteria import ClassRow
from reports.rows.form_2 import Form2, ItemRow
from reports.rows.form_2_figures import CellValue, Entry, Letters, RowCells, SumLines, Table, sums
from reports.rows.form_set import FormSet
from reports.rows.results import Scores
from reports.rows.signatures import SignatureBlock
from reports.rows.words import Content
from reports.score_sheet import HEAD, ScoreSheet, Styles, Working, merge, write
from reports.sheets import AS_TEXT, LINE_HEIGHT, decimal_of, height_of
from scoring.numbers import exact

# Lines of the sheet, counted from 0: title, round, person, remark, then three lines of headings.
HEADS, FIRST = 5, 8
WIDTHS, LEVEL_WIDTH = (7, 24, 36, 9), 9
RESULT_WIDTHS = (13, 10, 12)
WORKING_WIDTHS = (3, 14, 18)
# A page at the scale at which the table is as wide as the paper, less the headings that every page repeats.
PAGE_HEIGHT, SIGNING_HEIGHT = 520.0, 5 * LINE_HEIGHT
WORKING = "กระดาษทำการ (ไม่พิมพ์)"
GREY = {"font_color": "#5D574E", "align": "right"}
SUM_WORDS = {"align": "right", "bold": True, "border": 1, "text_wrap": True}
WORKING_SAYS = (
    "ช่องกระดาษทำการเก็บค่าก่อนปัดเศษ ผลรวมคิดจากค่าเหล่านี้ แล้วจึงปัดเศษครั้งเดียวเมื่อแสดง "
    "สูตรบวก 1E-11 ก่อนปัด เพื่อให้ค่าที่ลงท้ายด้วย 5 พอดีปัดขึ้นเสมอ"
)
NO_CHANGE = "การแก้ไขในสมุดงานนี้ไม่เปลี่ยนคะแนนในระบบ"
NOT_SCORED = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSource:
    """What one sheet is made of: the form in words, the content behind it, and its scores before they were rounded."""

    set: FormSet
    content: Content
    exact: Mapping[str, Fraction]
    # Of an agreement that was split: which part it is, in a line.
    part: str = ""


def form_2_xlsx(sources: Sequence[FormSource], *, title: str) -> bytes:
    """Return ปผ.2 as a workbook: a sheet for each part of the agreement, and of the only one what it adds up to."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, **AS_TEXT}) as book:
        book.set_properties({"title": title})
        book.set_calc_mode("auto")
        styles = Styles(book)
        for number, source in enumerate(sources, start=1):
            # With a space, so that whatever refers to the sheet puts its name in quotation marks.
            name = "ปผ.2 ผลสัมฤทธิ์" if len(sources) == 1 else f"ปผ.2 ช่วงที่ {number}"
            working = Form2Sheet(book.add_worksheet(name), styles, source, name=name).write()
            if len(sources) == 1:
                ScoreSheet(book.add_worksheet("สรุปคะแนน"), styles, source, working).write()
    return stream.getvalue()


class Form2Sheet:
    """One sheet of ปผ.2."""

    def __init__(self, sheet: Any, styles: Styles, source: FormSource, *, name: str) -> None:
        self._sheet, self._styles, self._source, self._name = sheet, styles, source, name
        self._form: Form2 = source.set.form_2
        self._levels = len(self._form.levels)
        self._at = Letters.of(self._levels)
        self._scores = Scores.of(source.content)
        self._last = self._levels + 6
        self._widths = (*WIDTHS, *[LEVEL_WIDTH] * self._levels, *RESULT_WIDTHS, *WORKING_WIDTHS)
        self._used = LINE_HEIGHT * FIRST

    def write(self) -> Working:
        """Write the sheet; return where its sums stand."""
        self._lay_out()
        self._write_title()
        self._write_heads()
        entries, ends = self._write_rows()
        working, line = self._write_sums(entries, ends)
        self._break_before(line + 1)
        self._write_signing(line + 1)
        self._sheet.print_area(0, 0, line + 1 + len(self._form.signing), self._last)
        return working

    # --- Paper ---
    def _lay_out(self) -> None:
        sheet = self._sheet
        for place, width in enumerate(self._widths):
            sheet.set_column(place, place, width)
        sheet.set_default_row(LINE_HEIGHT)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        # As on paper: 3 cm on the left, 2 on the right.
        sheet.set_margins(left=1.18, right=0.79, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADS, FIRST - 1)
        sheet.freeze_panes(FIRST, 0)
        code = f"รหัสเนื้อหา {self._source.set.code}" if self._source.set.code else ""
        sheet.set_header("&Rปผ.2")
        sheet.set_footer(f"&L{code}&R&P / &N")

    def _write_title(self) -> None:
        found, content = self._source.set, self._source.content
        number = f"ที่ {found.round_number}" if found.round_number else ""
        days = f"({found.starts_on} – {found.ends_on})"
        assessee = content["parties"].get("assessee") or {}
        person = [f"ผู้รับการประเมิน : {assessee.get('name', '')}", f"ตำแหน่ง {assessee.get('title', '')}"]
        place = assessee.get("unit") or assessee.get("office")
        remarks = ["ส่วนที่ 2.1 ให้ระบุเป้าประสงค์และตัวชี้วัดของทุกภารกิจ/ทุกงานที่ได้รับมอบหมาย"]
        if self._form.is_self_assessed:
            remarks.append("หมายเหตุ : คะแนนในแบบนี้เป็นผลการประเมินตนเอง ผู้ประเมินยังไม่ได้ลงนามในผลการประเมิน")
        round_ = f"รอบการประเมิน{number} ประจำปีงบประมาณ พ.ศ. {found.fiscal_year} {days} {self._source.part}"
        title = {"bold": True, "font_size": 16, "align": "center"}
        lines: tuple[tuple[str, dict[str, Any]], ...] = (
            ("ส่วนที่ 2 แบบกำหนดและประเมินผลสัมฤทธิ์ของงาน", title),
            (round_.strip(), {"align": "center"}),
            ("   ".join([*person, f"สังกัด {place}" if place else ""]).strip(), {}),
            ("   ".join(remarks), {}),
        )
        self._high(0, 26)
        for line, (words, shape) in enumerate(lines):
            self._merge((line, 0), (line, self._last), words, **shape)

    def _write_heads(self) -> None:
        heads = {
            (0, 0, 0, 3 + self._levels): "ส่วนที่ 2.1 เป้าหมายในการปฏิบัติงาน",
            (0, 4 + self._levels, 0, self._last): "ส่วนที่ 2.2 ผลสัมฤทธิ์ของงาน",
            (1, 0, 2, 0): "ลำดับที่",
            (1, 1, 2, 1): "เป้าประสงค์/ผลสัมฤทธิ์ที่คาดหวัง",
            (1, 2, 2, 2): "ตัวชี้วัดผลงาน",
            (1, 3, 2, 3): "น้ำหนัก (ก)",
            (1, 4, 1, 3 + self._levels): "เกณฑ์การให้คะแนน",
            (1, 4 + self._levels, 2, 4 + self._levels): "ผลการดำเนินงาน",
            (1, 5 + self._levels, 2, 5 + self._levels): "ค่าคะแนนที่ได้ (ข)",
            (1, 6 + self._levels, 2, 6 + self._levels): "คะแนนถ่วงน้ำหนัก (ค) = (ก)×(ข)/100",
            (0, 8 + self._levels, 0, 9 + self._levels): WORKING,
            (1, 8 + self._levels, 2, 8 + self._levels): "น้ำหนักที่นำมาคิด",
            (1, 9 + self._levels, 2, 9 + self._levels): "คะแนนถ่วงน้ำหนัก ก่อนปัดเศษ",
        }
        for (top, left, bottom, right), words in heads.items():
            self._merge((HEADS + top, left), (HEADS + bottom, right), words, **HEAD)
        for place, level in enumerate(self._form.levels):
            self._write((HEADS + 2, 4 + place), level, **HEAD)
        self._high(HEADS + 1, 2 * LINE_HEIGHT)
        self._high(HEADS + 2, LINE_HEIGHT)
        self._merge(
            (0, 8 + self._levels), (4, 9 + self._levels), f"{NO_CHANGE} {WORKING_SAYS}", text_wrap=True, font_size=10
        )

    # --- The table ---
    def _write_rows(self) -> tuple[list[Entry], int]:
        """Write the indicators; return those that stand on their own, and the line after the last, counted from 0."""
        table = Table(at=self._at, nothing=NOT_SCORED if self._scores.by_code else "")
        if not self._form.rows:
            return [], self._write_blank_rows(table)
        self._next, self._rows = FIRST, iter(self._form.rows)
        tops = [self._entry(item, table) for item in self._source.content["items"]]
        return tops, self._next

    def _entry(self, item: Content, table: Table) -> Entry:
        """Write an indicator and those below it, whose figures it needs."""
        row, line = next(self._rows), self._next
        self._next += 1 + len(row.classes)
        children = [self._entry(child, table) for child in item.get("children") or ()]
        code = item["code"]
        told = self._scores.by_code.get(code) or {}
        score = None if children else self._source.exact.get(code)
        entry = Entry(line=line + 1, item=item, told=told, children=children, score=score)
        cells = table.cells(entry)
        self._write_words(line, row)
        self._write_figures(line, cells, is_parent=row.is_parent)
        for number, one in enumerate(row.classes, start=1):
            self._write_class(line + number, one)
        return entry

    def _write_blank_rows(self, table: Table) -> int:
        for line in range(FIRST, FIRST + len(self._form.blank_rows)):
            for place in range(self._last + 1):
                self._write((line, place), "", border=1)
            self._write_figures(line, table.cells_to_write(line + 1), is_parent=False)
        return FIRST + len(self._form.blank_rows)

    def _write_words(self, line: int, row: ItemRow) -> None:
        texts = [(row.goal, WIDTHS[1]), (row.title, WIDTHS[2]), (row.outcome.result, RESULT_WIDTHS[0])]
        across = (row.criteria.across, LEVEL_WIDTH * self._levels)
        self._high(line, height_of([*texts, across, *((cell, LEVEL_WIDTH) for cell in row.criteria.cells)]))
        bold = {"bold": True} if row.is_parent else {}
        wrapped = {"text_wrap": True, "border": 1, **bold}
        self._write((line, 0), row.code, num_format="@", align="center", border=1, **bold)
        self._write((line, 1), row.goal, **wrapped)
        self._write((line, 2), row.title, **wrapped)
        self._write_figure((line, 3), row.weight)
        if row.criteria.across:
            self._merge((line, 4), (line, 3 + self._levels), row.criteria.across, text_wrap=True, border=1)
        else:
            for place in range(self._levels):
                self._write_figure((line, 4 + place), (row.criteria.cells or [""] * self._levels)[place])
        self._write_figure((line, 4 + self._levels), row.outcome.result)

    def _write_class(self, line: int, one: ClassRow) -> None:
        for place in range(self._last + 1):
            self._write((line, place), "", border=1)
        self._high(line, LINE_HEIGHT)
        self._write((line, 2), f"{one.code} {one.label}", text_wrap=True, border=1)
        for place, cell in enumerate(one.cells):
            self._write_figure((line, 4 + place), cell)

    def _write_figures(self, line: int, cells: RowCells, *, is_parent: bool) -> None:
        shown = {"num_format": "0.0000", "align": "center", "border": 1, **({"bold": True} if is_parent else {})}
        self._write((line, 5 + self._levels), cells.score, **shown)
        self._write((line, 6 + self._levels), cells.weighted, **shown)
        self._write((line, 8 + self._levels), cells.counted, **GREY)
        self._write((line, 9 + self._levels), cells.product, **GREY)

    # --- The sums ---
    def _write_sums(self, tops: Sequence[Entry], line: int) -> tuple[Working, int]:
        """Write the lines of the sums from `line` on; return where they stand, and the next line."""
        form, highest = self._form, int(self._form.levels[-1])
        rebased = line + 1 if form.is_rebased else None
        last = line + 2 if form.is_rebased else line + 1
        summed = [top.line for top in tops] or list(range(FIRST + 1, line + 1))
        lines = SumLines(sum=line + 1, achievement=last + 1, summed=summed)
        agreed = sum(
            (exact(item["weight"]) for item in self._source.content["items"] if item.get("weight")), Fraction(0)
        )
        found, achievement = sums(
            tops, lines, self._at, agreed=agreed, told=self._scores.document, highest=highest
        )  # fmt: skip
        shown = {"num_format": "0.0000", "align": "center", "bold": True, "border": 1}
        weight = {"align": "center", "bold": True, "border": 1}
        column = " Σ(ค)" if form.is_rebased else ""
        self._merge((line, 0), (line, 2), "รวม", **weight)
        self._write((line, 3), found.agreed_weight, **weight)
        self._merge((line, 4), (line, 5 + self._levels), f"ผลรวมคะแนนถ่วงน้ำหนัก{column}", **SUM_WORDS)
        self._write((line, self._last), found.column, **shown)
        self._write((line, 8 + self._levels), found.weight, **GREY)
        self._write((line, 9 + self._levels), found.product, **GREY)
        if rebased is not None:
            self._merge((rebased, 0), (rebased, 2), "น้ำหนักที่นำมาคิดคะแนน (Σw)", **weight)
            self._write((rebased, 3), found.weight_in_force, **weight)
            words = f"ปรับฐานน้ำหนักเป็น 100 : Σ(ค) × 100 / {form.weight_in_force}"
            self._merge((rebased, 4), (rebased, 5 + self._levels), words, **SUM_WORDS)
            self._write((rebased, self._last), found.total, **shown)
        words = (
            "แปลงผลรวมคะแนนถ่วงน้ำหนักของ (ค) เป็นคะแนนการประเมินผลสัมฤทธิ์ของงานที่มีฐานคะแนนเต็มเป็น 100 คะแนน "
            f"(โดยนำ {form.multiplier} มาคูณ)"
        )
        self._merge((last, 0), (last, 5 + self._levels), words, **SUM_WORDS)
        self._write((last, self._last), found.achievement, **(shown | {"num_format": "0.00"}))
        self._write((last, 9 + self._levels), found.out_of_100, **GREY)
        working = Working(
            sheet=self._name,
            out_of_100=f"{self._at.product}{last + 1}",
            weight=f"{self._at.counted}{line + 1}",
            product=f"{self._at.product}{line + 1}",
            achievement=achievement,
        )
        return working, last + 1

    # --- Signatures ---
    def _write_signing(self, line: int) -> None:
        ends = ((0, 2), (3, 3 + self._levels), (4 + self._levels, self._last))
        heads = (
            "ลงนามรับทราบคำรับรองและผลการประเมิน",
            "ส่วนที่ 2.3 ลงนามรับทราบคำรับรอง (เริ่มรอบการประเมิน)",
            "ส่วนที่ 2.4 ลงนามรับทราบผลการประเมิน (ครบรอบการประเมิน)",
        )
        for (first, last), words in zip(ends, heads, strict=True):
            self._merge((line, first), (line, last), words, **HEAD)
        self._high(line, 2 * LINE_HEIGHT)
        for number, row in enumerate(self._form.signing, start=1):
            named = "\n".join(filter(None, [f"{row.label} : {row.start.name}", row.remark]))
            for (first, last), words in zip(ends, (named, _signed(row.start), _signed(row.end)), strict=True):
                self._merge((line + number, first), (line + number, last), words, text_wrap=True, border=1)
            self._high(line + number, SIGNING_HEIGHT)

    def _break_before(self, line: int) -> None:
        """Begin a page with the signatures where they do not fit on the one that the table ends on."""
        taken = 2 * LINE_HEIGHT + SIGNING_HEIGHT * len(self._form.signing)
        if self._used % PAGE_HEIGHT + taken > PAGE_HEIGHT:
            self._sheet.set_h_pagebreaks([line])

    # --- Cells ---
    def _high(self, line: int, height: float) -> None:
        self._sheet.set_row(line, height)
        self._used += height

    def _write_figure(self, place: tuple[int, int], words: str) -> None:
        """Write figures as numbers that show the very digits of the form, and all else as text."""
        shown = self._shape(words)
        self._write(
            place,
            words if shown is None else decimal_of(words),
            **(shown or {"align": "center", "text_wrap": True, "border": 1}),
        )

    def _shape(self, words: str) -> dict[str, Any] | None:
        number = decimal_of(words)
        if number is None or words.startswith("+"):
            return None
        places = len(words.partition(".")[2])
        return {"num_format": f"0.{'0' * places}" if places else "0", "align": "center", "border": 1}

    def _write(self, place: tuple[int, int], value: CellValue | None, **shape: Any) -> None:
        write(self._sheet, place, value, self._styles.of(**shape))

    def _merge(self, first: tuple[int, int], last: tuple[int, int], words: str, **shape: Any) -> None:
        merge(self._sheet, first, last, words, self._styles.of(**shape))


def _signed(block: SignatureBlock) -> str:
    if not block.code:
        return "ลงนาม ........................................\nวันที่ ........../........../.........."
    how = "ลงนามในเอกสาร" if block.on_paper else "ลงนามทางอิเล็กทรอนิกส์"
    return "\n".join(filter(None, [how, block.name, block.acting_for, f"วันที่ {block.signed_on}", f"รหัส {block.code}"]))
