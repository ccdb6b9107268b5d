"""สรุปตัวชี้วัดที่ใช้ติดตาม (000): what a director follows month by month, without weights."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from agreements.thai import NotANumber, format_month, format_number
from reports.rows.criteria import LevelCells, level_cells, levels_of
from reports.rows.framework import Heading, heading, line_of, walk
from reports.rows.words import Content, text

PERIODS: Mapping[str, str] = {"monthly": "ทุกเดือน", "6-month": "รอบ 6 เดือน", "12-month": "รอบ 12 เดือน"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedRow:
    """A line of the summary: a heading, or an indicator with its targets, criteria and units."""

    depth: int = 0
    is_heading: bool = False
    number: str = ""
    issue: str = ""
    title: str
    is_child: bool = False
    targets: tuple[str, ...] = ()
    criteria: LevelCells = field(default_factory=LevelCells)
    units: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedPaper:
    """The summary of one framework."""

    heading: Heading
    levels: tuple[str, ...]
    rows: tuple[FollowedRow, ...]

    @property
    def has_issues(self) -> bool:
        """Whether the framework names what its indicators are about, so that there is a column of it."""
        return not self.rows or any(row.issue for row in self.rows)


def followed_paper(document: Content, *, office: str) -> FollowedPaper:
    """Return the summary of the framework `document`."""
    return FollowedPaper(
        heading=heading(document, office=office),
        levels=levels_of(document),
        rows=tuple(_rows(document)),
    )


def _rows(document: Content) -> Iterator[FollowedRow]:
    dimensions = {one["code"]: one for one in document.get("dimensions", [])}
    units = {unit["code"]: unit["title"] for unit in document.get("units", [])}
    levels, above = levels_of(document), list[str]()
    for one, is_child in walk(document["indicators"]):
        if one.get("dimension") in dimensions:
            line = line_of(one["dimension"], dimensions)
            for depth, code in enumerate(line):
                if line[: depth + 1] != above[: depth + 1]:
                    yield FollowedRow(depth=depth, is_heading=True, title=dimensions[code]["title"])
            above = line
        yield FollowedRow(
            number=one["code"],
            issue=text(one.get("work")),
            title=one["title"],
            is_child=is_child,
            targets=tuple(targets_of(one)),
            criteria=_criteria(one, levels),
            units=", ".join(units.get(code, code) for code in one.get("assigned_units", [])),
            note=text(one.get("note")),
        )


def _criteria(one: Content, levels: tuple[str, ...]) -> LevelCells:
    """Return the criteria of a row; empty cells to be filled in where the source prints none."""
    if one.get("children") or (one.get("criteria") or {}).get("kind") == "open":
        return LevelCells(cells=tuple("" for _ in levels))
    return level_cells(one, levels)


# --- Targets ---------------------------------------------------------------------------------------------------------
def targets_of(one: Content) -> Iterator[str]:
    """Yield the target of an indicator, and those of its periods, each in a line."""
    if one.get("target") is not None:
        yield _figure(one["target"])
    for target in one.get("targets") or ():
        said = [_figure(target["value"])] if target.get("value") is not None else []
        said += [text(target["text"])] if target.get("text") else []
        said += ["(นับสะสม)"] if target.get("cumulative") else []
        yield f"{_period(target['period'])} : {' '.join(said)}"


def _figure(value: object) -> str:
    try:
        return format_number(text(value))
    except NotANumber:
        return text(value)


def _period(period: object) -> str:
    if isinstance(period, Mapping):
        return f"{_month(period['from'])} – {_month(period['to'])}"
    return PERIODS.get(str(period)) or _month(period)


def _month(written: object) -> str:
    year, month = str(written)[:7].split("-")
    return format_month(date(int(year), int(month), 1))
