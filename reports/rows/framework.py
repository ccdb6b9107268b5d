"""A framework on paper: its dimensions, indicators and criteria, and which unit answers for which indicator (001)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agreements.thai import format_date
from reports.rows.criteria import LevelCells, level_cells, levels_of
from reports.rows.kpi_sheet import KpiSheet, kpi_sheets
from reports.rows.words import Content, text

BUDDHIST_ERA = 543


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands above a table: whose it is, of which round, from when to when."""

    title: str
    office: str
    period: str
    days: str
    #: Of what round or year it is, in the corner.
    round_name: str

    @property
    def assessee(self) -> str:
        """Whose paper it is, in the corner."""
        return self.office


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkRow:
    """A line of the framework: a dimension, or an indicator with its criteria and units."""

    depth: int = 0
    is_dimension: bool = False
    code: str = ""
    title: str
    unit: str = ""
    weight: str = ""
    is_child: bool = False
    criteria: LevelCells = field(default_factory=LevelCells)
    units: tuple[bool, ...] = ()
    starred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit with the numbers of the indicators that it answers for."""

    title: str
    codes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkPaper:
    """Both tables of a framework."""

    heading: Heading
    levels: tuple[str, ...]
    rows: tuple[FrameworkRow, ...]
    units: tuple[str, ...]
    unit_rows: tuple[UnitRow, ...]
    total_weight: str
    serves: tuple[str, ...]


def framework_paper(document: Content, *, office: str) -> FrameworkPaper:
    """Return the tables of the framework `document`."""
    units = document.get("units", [])
    indicators = [one for one, _parent in walk(document["indicators"])]
    serves = dict.fromkeys(one["supports"] for one in indicators if one.get("supports"))
    return FrameworkPaper(
        heading=heading(document, office=office),
        levels=levels_of(document),
        rows=tuple(_rows(document)),
        units=tuple(unit["title"] for unit in units),
        unit_rows=tuple(UnitRow(title=unit["title"], codes=_codes(unit["code"], indicators)) for unit in units),
        total_weight=text(document.get("total_weight")),
        serves=tuple(serves),
    )


def heading(document: Content, *, office: str) -> Heading:
    """Return what stands above the tables of a framework, and in their corners."""
    year, number = document.get("fiscal_year"), document.get("round")
    period = f"ประจำปีงบประมาณ พ.ศ. {year}" if year else ""
    if number and period:
        period = f"รอบการประเมินที่ {number} {period}"
    short = f"รอบที่ {number}/{year}" if number else f"พ.ศ. {year}"
    return Heading(
        title=document["title"],
        office=office,
        period=period,
        days=_days(year, number),
        round_name=short if year else "",
    )


def _days(year: int | None, number: int | None) -> str:
    if not year:
        return ""
    christian = year - BUDDHIST_ERA
    first = date(christian, 4, 1) if number == 2 else date(christian - 1, 10, 1)
    last = date(christian, 3, 31) if number == 1 else date(christian, 9, 30)
    return f"({format_date(first, 'long')} – {format_date(last, 'long')})"


def _rows(document: Content) -> Iterator[FrameworkRow]:
    dimensions = {one["code"]: one for one in document.get("dimensions", [])}
    units = [unit["code"] for unit in document.get("units", [])]
    levels, above = levels_of(document), list[str]()
    for one, is_child in walk(document["indicators"]):
        if one.get("dimension") in dimensions:
            line = line_of(one["dimension"], dimensions)
            for depth, code in enumerate(line):
                if line[: depth + 1] != above[: depth + 1]:
                    says = dimensions[code]
                    weight = text(says.get("weight"))
                    yield FrameworkRow(depth=depth, is_dimension=True, title=says["title"], weight=weight)
            above = line
        yield FrameworkRow(
            code=one["code"],
            title=one["title"],
            unit=text(one.get("unit")),
            weight=text(one.get("weight")),
            is_child=is_child,
            criteria=level_cells({} if one.get("children") else one, levels),
            units=tuple(code in one.get("assigned_units", []) for code in units),
            starred=bool(one.get("supports")),
        )


def walk(entries: Sequence[Content], *, is_child: bool = False) -> Iterator[tuple[Content, bool]]:
    """Yield the indicators and whether each is a sub-indicator, parents before their children."""
    for entry in entries:
        yield entry, is_child
        yield from walk(entry.get("children", []), is_child=True)


def line_of(code: str, dimensions: Mapping[str, Content]) -> list[str]:
    """Return the codes of the dimensions from the outermost down to `code`."""
    line = [code]
    while (parent := dimensions[line[0]].get("parent", "")) in dimensions and parent not in line:
        line.insert(0, parent)
    return line


def _codes(unit: str, indicators: Sequence[Content]) -> str:
    """Return the numbers as a memo lists them: 1.3, 1.4, 9 และ 10."""
    codes = [one["code"] for one in indicators if unit in one.get("assigned_units", [])]
    return " และ ".join(filter(None, [", ".join(codes[:-1]), *codes[-1:]]))


# --- The KPI sheet of an indicator that nobody has agreed yet ---------------------------------------------------------
def indicator_sheets(document: Content, code: str, *, fiscal_year: int) -> tuple[KpiSheet, ...]:
    """Return the sheet of the indicator `code` of a framework, without results; `fiscal_year` for one of no year."""
    entry = next(one for one, _is_child in walk(document["indicators"]) if one["code"] == code)
    round_ = {"fiscal_year": document.get("fiscal_year") or fiscal_year}
    content = {"items": [_item(entry)], "round": round_, "scale": document.get("scale")}
    return kpi_sheets(content)[:1]


def _item(entry: Content) -> Content:
    definition = {key: value for key, value in entry.items() if key != "children"}
    children = [_item(child) for child in entry.get("children", [])]
    says = {key: entry.get(key) for key in ("code", "title", "weight")}
    return {**says, "definition": definition, "children": children}
