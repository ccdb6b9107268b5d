"""A report form on paper: its tables with typed columns, sums and percentages, and who certifies the figures.

It knows the document of a form (docs/report-forms.md) and plain values, no model, so that a blank form and a filled one
come from the same place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from agreements.exchange.report_forms import FIGURES
from agreements.thai import canonical_decimal, format_date, format_number
from reports.rows.words import Content, day, text
from scoring.numbers import display

#: Table, row and column of a value.
Cell = tuple[str, str, str]

#: Rows to write on where a table names none.
BLANK_ROWS, BLANK_ROWS_ALONE = 6, 12
#: From so many columns on, or so many of words, a table lies across.
MOST_UPRIGHT, MOST_WORDY_UPRIGHT = 6, 3
#: Row heads of so many characters get more room; rows of so few do not ask for a page of their own.
LONG_HEAD, FEW_ROWS = 40, 2
WORDY = ("text", "file", "choice")
BLANKS = {
    "month": "ประจำเดือน……………………… พ.ศ. …………",
    "quarter": "ประจำไตรมาสที่ ……… ปีงบประมาณ พ.ศ. …………",
    "round": "รอบการประเมินที่ ……… ปีงบประมาณ พ.ศ. …………",
    "event": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Who certified the figures, in which position, on which day."""

    name: str
    title: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RowHead:
    """A row of a table: its key among the values, and what stands at its head."""

    key: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSource:
    """All that a printed report needs; with the definition alone it is a blank form.

    `values` are canonical: numbers as decimals, dates in ISO, "yes" for a tick. `totals` by "table.column" are what was
    certified, of all units below; without them the rows are added up. `rows` name the rows of tables whose definition
    does not.
    """

    definition: Content
    office: str = ""
    period: str = ""
    rows: Mapping[str, Sequence[RowHead]] = field(default_factory=dict)
    values: Mapping[Cell, str] = field(default_factory=dict)
    totals: Mapping[str, str] = field(default_factory=dict)
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHead:
    """A column of a table as it is headed, with the class that gives its width."""

    title: str
    unit: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHead:
    """Neighbouring columns under one heading; without a title they stand for themselves."""

    title: str
    columns: tuple[ColumnHead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCell:
    """What stands in a cell and how: figures at the right, ticks as a mark, words at the left."""

    shown: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A row with its number, where rows are numbered, its head, and its cells."""

    number: str
    title: str
    cells: tuple[PrintedCell, ...]
    is_blank: bool = False
    is_tall: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRatio:
    """A percentage of two sums as it is told below the table; without figures, to be filled in."""

    title: str
    of: str = ""
    to: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """One table of the form."""

    title: str
    heading: str
    is_numbered: bool
    has_head: bool
    head_width: str
    groups: tuple[GroupHead, ...]
    rows: tuple[PrintedRow, ...]
    totals: tuple[PrintedCell, ...]
    ratios: tuple[PrintedRatio, ...]
    lies_across: bool

    @property
    def columns(self) -> list[ColumnHead]:
        """The columns in their order, whatever group they stand in."""
        return [column for group in self.groups for column in group.columns]

    @property
    def is_grouped(self) -> bool:
        """Whether some columns stand under a heading of their own."""
        return any(group.title for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSheet:
    """Tables that lie the same way, one after the other."""

    is_wide: bool
    tables: tuple[PrintedTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPaper:
    """The whole form."""

    name: str
    title: str
    office: str
    period: str
    due: str
    reference: str
    sheets: tuple[ReportSheet, ...]
    certificate: Certificate | None

    @property
    def assessee(self) -> str:
        """Whose paper it is, in the corner."""
        return self.office

    @property
    def round_name(self) -> str:
        """The corner has room for the office alone; the period stands in the heading."""
        return ""

    @property
    def certified_on(self) -> str:
        """The day on which it was certified."""
        return format_date(self.certificate.on) if self.certificate else ""


def report_paper(source: ReportSource) -> ReportPaper:
    """Return what the form of `source` says on paper."""
    definition = source.definition
    alone = len(definition["tables"]) == 1
    tables = [_table(one, source, alone=alone) for one in definition["tables"]]
    period = source.period or BLANKS[definition["period"]]
    title = text(definition["title"])
    # The shipped report of 2554 ends its name where the month is to be written.
    ending = period.partition(" ")[0].partition("…")[0]
    title = title.removesuffix(ending).rstrip() if ending else title
    named = text(definition.get("source"))
    is_name = named.startswith("แบบ")
    return ReportPaper(
        name=named if is_name else "",
        title=title,
        office=source.office,
        period=period,
        due=due_line(definition),
        reference="" if is_name else named,
        sheets=tuple(_sheets(tables)),
        certificate=source.certificate,
    )


# --- Tables ----------------------------------------------------------------------------------------------------------
def _table(table: Content, source: ReportSource, *, alone: bool) -> PrintedTable:
    heads = _row_heads(table, source, alone=alone)
    columns = table["columns"]
    rows = tuple(_row(table, head, number, source) for number, head in enumerate(heads, 1))
    titles = [head.title for head in heads]
    kind = table["rows"]["kind"]
    words = sum(1 for column in columns if _width(column) == "words")
    sums = {**_sums(table, heads, source), **_of_table(source.totals, table["code"])}
    return PrintedTable(
        title=text(table["title"]),
        heading=text(table["rows"].get("heading")) or "ที่",
        is_numbered=kind != "free" and len(titles) > 1 and not any(title[:1].isdigit() for title in titles),
        # A single fixed row is the office itself, which stands in the heading of the form.
        has_head=not (kind == "fixed" and len(titles) == 1),
        head_width="number" if kind == "free" else _head_width(titles) if words else "words",
        groups=tuple(_groups(columns)),
        rows=rows,
        totals=tuple(_total(column, table, sums) for column in columns) if table.get("totals") else (),
        ratios=tuple(_ratio(one, sums) for one in table.get("ratios") or ()),
        lies_across=len(columns) > MOST_UPRIGHT or words > MOST_WORDY_UPRIGHT,
    )


def _head_width(titles: Sequence[str]) -> str:
    return "long-head" if max(map(len, titles)) > LONG_HEAD else "head"


def _sheets(tables: Sequence[PrintedTable]) -> Iterable[ReportSheet]:
    """Yield the tables in sheets; what is short lies as what follows it, so that it gets no page of its own."""
    ways: list[bool] = []
    for table in reversed(tables):
        is_short = len(table.rows) <= FEW_ROWS
        ways.insert(0, table.lies_across or (is_short and bool(ways) and ways[0]))
    for wide, found in groupby(zip(tables, ways, strict=True), key=lambda one: one[1]):
        yield ReportSheet(is_wide=wide, tables=tuple(table for table, _way in found))


def _row_heads(table: Content, source: ReportSource, *, alone: bool) -> list[RowHead]:
    """Return the rows that are named: by the source, by the definition, or by the values; else lines to write on."""
    rows, given = table["rows"], source.rows.get(table["code"])
    if given:
        return list(given)
    if rows["kind"] == "fixed":
        return [RowHead(key=str(number), title=title) for number, title in enumerate(rows["titles"], 1)]
    filled = dict.fromkeys(row for code, row, _column in source.values if code == table["code"])
    if rows["kind"] == "free":
        last = max((int(key) for key in filled if key.isdecimal()), default=0)
        filled = dict.fromkeys(str(number) for number in range(1, last + 1))
    if filled:
        # Units that nobody named are told by their keys, so that no figure is lost.
        return [RowHead(key=key, title=key) for key in filled]
    blank = BLANK_ROWS_ALONE if alone or rows["kind"] != "free" else BLANK_ROWS
    return [RowHead(key="", title="") for _ in range(blank)]


def _row(table: Content, head: RowHead, number: int, source: ReportSource) -> PrintedRow:
    code = table["code"]
    values = [source.values.get((code, head.key, column["code"]), "") for column in table["columns"]]
    cells = tuple(_cell(column, value) for column, value in zip(table["columns"], values, strict=True))
    return PrintedRow(
        number=str(number) if head.title else "",
        title=head.title,
        cells=cells,
        is_blank=not any(values),
        is_tall=any(len(value) > 400 for value in values),
    )


def _cell(column: Content, value: str) -> PrintedCell:
    kind = column["type"]
    if kind in FIGURES:
        return PrintedCell(shown=_figure(column, value), kind="figure")
    if kind == "date":
        return PrintedCell(shown=_day_of(value), kind="mid")
    if kind == "tick":
        return PrintedCell(kind="tick" if value == "yes" else "mid")
    return PrintedCell(shown=value, kind=kind)


def _figure(column: Content, value: str) -> str:
    if not value:
        return ""
    # As the papers have it: none is a dash, and an empty cell is nothing at all.
    if column["type"] == "count" and Decimal(value) == 0:
        return "-"
    return format_number(value, 2 if column["type"] == "money" else None)


def _day_of(value: str) -> str:
    try:
        return day(value)
    except ValueError:
        return value


def _groups(columns: Sequence[Content]) -> Iterable[GroupHead]:
    # Columns without a group stand each for itself, so that no two of them are put together.
    numbered = list(enumerate(columns))
    for (title, _place), found in groupby(
        numbered, key=lambda one: (one[1].get("group") or "", -1 if one[1].get("group") else one[0])
    ):
        heads = tuple(
            ColumnHead(title=text(column["title"]), unit=text(column.get("unit")), width=_width(column))
            for _number, column in found
        )
        yield GroupHead(title=title, columns=heads)


def _width(column: Content) -> str:
    # The levels 1 to 5 under a heading of their own.
    if text(column["title"]).isdigit():
        return "tiny"
    # The number of a row is narrower than a number that was reported.
    return "words" if column["type"] in WORDY else "figure" if column["type"] == "number" else text(column["type"])


# --- Sums ------------------------------------------------------------------------------------------------------------
def _sums(table: Content, heads: Sequence[RowHead], source: ReportSource) -> dict[str, str]:
    """Return the sum of each column of figures that holds any."""
    sums = {}
    for column in table["columns"]:
        if column["type"] in FIGURES:
            found = [source.values.get((table["code"], head.key, column["code"])) for head in heads]
            given = [Fraction(value) for value in found if value]
            if given:
                sums[column["code"]] = canonical_decimal(_decimal(sum(given, Fraction(0))))
    return sums


def _decimal(number: Fraction) -> Decimal:
    """Return a sum of decimals as the decimal that it is."""
    places = 0
    while number.denominator != 1:
        number, places = number * 10, places + 1
    return Decimal(number.numerator).scaleb(-places)


def _of_table(totals: Mapping[str, str], code: str) -> dict[str, str]:
    return {key.partition(".")[2]: value for key, value in totals.items() if key.partition(".")[0] == code}


def _total(column: Content, table: Content, sums: Mapping[str, str]) -> PrintedCell:
    if column["code"] not in table["totals"]:
        return PrintedCell()
    return PrintedCell(shown=_figure(column, sums.get(column["code"], "")), kind="figure")


def _ratio(one: Content, sums: Mapping[str, str]) -> PrintedRatio:
    of, to = sums.get(one["of"]), sums.get(one["to"])
    if of is None or to is None or Fraction(to) == 0:
        return PrintedRatio(title=text(one["title"]))
    share = display(Fraction(of) / Fraction(to) * 100, 2)
    return PrintedRatio(title=text(one["title"]), of=format_number(of), to=format_number(to), value=share)


# --- The days --------------------------------------------------------------------------------------------------------
def due_line(definition: Content) -> str:
    """Return until when the report is to be sent, as the note below the form says it."""
    due = definition.get("due") or {}
    said = ""
    if due.get("date"):
        said = f"จัดส่งภายในวันที่ {day(due['date'], 'long')}"
    elif due.get("day"):
        said = f"จัดส่งภายในวันที่ {due['day']} {_month_said(definition['period'], int(due.get('months_after') or 0))}"
        if due["day"] > 28:
            said += " (เดือนที่ไม่มีวันที่ดังกล่าว ให้ถือวันสุดท้ายของเดือน)"
    if due.get("closes"):
        said += f" หากจัดส่งภายหลังวันที่ {day(due['closes'], 'long')} จะไม่นำมาประกอบการประเมินผล"
    return said.strip()


def _month_said(period: str, months_after: int) -> str:
    whole = {"month": "เดือนที่รายงาน", "quarter": "ไตรมาสที่รายงาน", "round": "รอบที่รายงาน"}.get(period, "เดือนที่รายงาน")
    if months_after == 0:
        return "ของเดือนที่รายงาน" if period == "month" else f"ของเดือนสุดท้ายของ{whole}"
    return "ของเดือนถัดไป" if months_after == 1 and period == "month" else f"ของเดือนที่ {months_after} ถัดจาก{whole}"
