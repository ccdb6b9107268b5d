"""The monthly memo to a director on the indicators that are followed (000): what it says, from plain values.

Nothing here asks the database: the monitoring page gives a `MonthlyMemo`, and the memo comes out as PDF or workbook.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from agreements.thai import format_date, format_month, format_number
from scoring.numbers import plain

#: The traffic lights by the keys of the monitoring page, in the words of the memo: colour first, then what it means.
LIGHTS: Mapping[str, tuple[str, str]] = {
    "reached": ("เขียว", "บรรลุเป้าหมาย"),
    "near": ("เหลือง", "ใกล้เป้าหมาย"),
    "behind": ("แดง", "ต่ำกว่าเป้าหมาย"),
    "pace_reached": ("เขียว", "คาดว่าจะบรรลุเป้าหมาย"),
    "pace_near": ("เหลือง", "คาดว่าจะใกล้เป้าหมาย"),
    "pace_behind": ("แดง", "คาดว่าจะต่ำกว่าเป้าหมาย"),
    "no_target": ("", "ยังไม่มีเป้าหมาย"),
    "no_figure": ("", "ยังไม่รายงานผล"),
}
#: Under which count a light of today's pace falls.
COUNTED = {"pace_reached": "reached", "pace_near": "near", "pace_behind": "behind", "pace_no_figure": "no_figure"}
CLASSES = {"เขียว": "green", "เหลือง": "yellow", "แดง": "red"}
#: Figures are told to so many places; the exact ones stand on the monitoring page.
PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoRemedy:
    """Why an indicator is behind, and what is done about it: by whom, until when."""

    cause: str
    action: str
    owner: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoIndicator:
    """Where one indicator stands at the end of the month; `light` is one of `LIGHTS`.

    A value or target that is no figure is given as words (`value_words`, `target_words`); `value_of` is the month that
    the value is of, where that is an earlier one.
    """

    code: str
    title: str
    light: str
    issue: str = ""
    unit: str = ""
    target: Fraction | None = None
    target_words: str = ""
    value: Fraction | None = None
    value_words: str = ""
    value_of: date | None = None
    remedy: MemoRemedy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyMemo:
    """The memo of a month: from which unit to whom, about which framework, and the indicators in their order."""

    # ส่วนราชการ, with its telephone where one is known; ที่ and the day may be left to be written by hand.
    office: str
    month: date
    framework: str
    indicators: tuple[MemoIndicator, ...]
    to: str = ""
    telephone: str = ""
    number: str = ""
    on: date | None = None
    signatory: str = ""
    signatory_title: str = ""
    forecast: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoRow:
    """A row of the table, in words and figures as they are shown."""

    number: str
    issue: str
    title: str
    target: str
    value: str
    colour: str
    words: str
    colour_class: str

    @property
    def status(self) -> str:
        """The traffic light in words: the colour, and what it means."""
        return f"{self.colour} – {self.words}" if self.colour else self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRow:
    """A row of the table of what is behind."""

    number: str
    title: str
    cause: str
    action: str
    owner: str
    due_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoPaper:
    """The memo as it is set."""

    memo: MonthlyMemo
    subject: str
    month: str
    on: str
    counts: tuple[tuple[str, str, int], ...]
    rows: tuple[MemoRow, ...]
    has_issues: bool
    remedies: tuple[RemedyRow, ...]

    @property
    def assessee(self) -> str:
        """Whose paper it is, in the corner."""
        return self.memo.office

    @property
    def round_name(self) -> str:
        """Of what month it is, in the corner."""
        return self.month


def memo_paper(memo: MonthlyMemo) -> MemoPaper:
    """Return what the memo says."""
    month = format_month(memo.month, "long").replace(" ", " พ.ศ. ")
    rows = tuple(_row(one, memo.month) for one in memo.indicators)
    return MemoPaper(
        memo=memo,
        subject=f"รายงานผลการติดตามตัวชี้วัด/นโยบายและแผนงานที่สำคัญ ประจำเดือน{month}",
        month=month,
        on=format_date(memo.on, "long") if memo.on else "",
        counts=tuple(_counts(memo.indicators)),
        rows=rows,
        has_issues=any(row.issue for row in rows),
        remedies=tuple(_remedy(one) for one in memo.indicators if _is_behind(one)),
    )


def _row(one: MemoIndicator, month: date) -> MemoRow:
    colour, words = LIGHTS.get(one.light) or LIGHTS["no_figure"]
    value = figure(one.value) or one.value_words
    if value and one.value_of and (one.value_of.year, one.value_of.month) != (month.year, month.month):
        value = f"{value} ({format_month(one.value_of)})"
    return MemoRow(
        number=one.code,
        issue=one.issue,
        title=f"{one.title} ({one.unit})" if one.unit and one.unit not in one.title else one.title,
        target=figure(one.target) or one.target_words,
        value=value,
        colour=colour,
        words=words,
        colour_class=CLASSES.get(colour, ""),
    )


def figure(number: Fraction | None) -> str:
    """Return a figure with commas and no more places than it needs; empty for none."""
    return "" if number is None else format_number(Decimal(plain(number, PLACES)))


def _is_behind(one: MemoIndicator) -> bool:
    return COUNTED.get(one.light, one.light) == "behind" or one.remedy is not None


def _remedy(one: MemoIndicator) -> RemedyRow:
    found = one.remedy or MemoRemedy(cause="", action="")
    return RemedyRow(
        number=one.code,
        title=one.title,
        cause=found.cause,
        action=found.action,
        owner=found.owner,
        due_on=format_date(found.due_on) if found.due_on else "",
    )


def _counts(indicators: Iterable[MemoIndicator]) -> Iterable[tuple[str, str, int]]:
    """Yield colour, meaning and number of each light that there is, the good ones first; pace counts as the light."""
    lights = [COUNTED.get(one.light, one.light if one.light in LIGHTS else "no_figure") for one in indicators]
    for key in ("reached", "near", "behind", "no_target", "no_figure"):
        if lights.count(key):
            colour, words = LIGHTS[key]
            yield colour, words, lights.count(key)
