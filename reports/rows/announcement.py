"""The announcement of names after a release (ประกาศรายชื่อ): what it says, from plain values; never a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agreements.thai import format_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A person on the list."""

    name: str
    title: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementPaper:
    """The announcement as it is set: who announces what of which round, and the list of each grade."""

    office: str
    fiscal_year: int
    # 1 or 2; 0 for the whole fiscal year.
    number: int
    starts_on: date
    ends_on: date
    groups: Sequence[tuple[str, Sequence[Named]]]
    # Where it is of one unit alone.
    unit: str = ""
    signatory: str = ""
    signatory_title: str = ""

    @property
    def period(self) -> str:
        """The round in words."""
        number = f"รอบการประเมินที่ {self.number} " if self.number else ""
        return f"{number}ปีงบประมาณ พ.ศ. {self.fiscal_year}"

    @property
    def days(self) -> str:
        """The days of the round."""
        return f"วันที่ {format_date(self.starts_on, 'long')} ถึงวันที่ {format_date(self.ends_on, 'long')}"

    @property
    def grades(self) -> str:
        """The grades that there are names of, as the heading says them."""
        return "และ".join(f"ระดับ{grade}" for grade, _names in self.groups)

    @property
    def of_unit(self) -> str:
        """The unit whose people it names, where it is not the whole office."""
        return f" สังกัด{self.unit}" if self.unit else ""

    @property
    def title(self) -> str:
        """What the document is called."""
        return f"ประกาศรายชื่อผู้มีผลการปฏิบัติราชการ{self.grades}{self.of_unit} {self.period}"

    @property
    def count(self) -> int:
        """How many people it names."""
        return sum(len(names) for _grade, names in self.groups)

    @property
    def assessee(self) -> str:
        """Whose paper it is, in the corner."""
        return self.office

    @property
    def round_name(self) -> str:
        """Of which round it is, in the corner."""
        return f"รอบที่ {self.number}/{self.fiscal_year}" if self.number else f"ปีงบประมาณ พ.ศ. {self.fiscal_year}"
