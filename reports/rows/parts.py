"""The parts of an agreement that was split, as the forms name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agreements.models import Part
from agreements.thai import format_date
from reports.rows.words import Content, day, text


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A part in the table of ปผ.1."""

    number: str
    starts_on: str
    ends_on: str
    days: str
    assessee: Mapping[str, str]
    assessor: Mapping[str, str]
    achievement: str
    competency: str
    final: str

    @property
    def assessor_words(self) -> list[str]:
        """The assessor's name in the pieces between which, and only there, a narrow cell may break it."""
        return self.assessor.get("name", "").split()


def part_rows(content: Content) -> Sequence[PartRow]:
    """Return the parts that `content` names; none where the agreement was never split."""
    return [
        PartRow(
            number=text(one["part"]),
            starts_on=day(one["starts_on"]),
            ends_on=day(one["ends_on"]),
            days=text(one["days"]),
            assessee=one["assessee"],
            assessor=one["assessor"],
            achievement=text(one["scores"].get("achievement")),
            competency=text(one["scores"].get("competency")),
            final=text(one["scores"].get("final")),
        )
        for one in content.get("parts") or ()
    ]


def part_line(part: Part) -> str:
    """Return the part that a form is about, in a line; nothing where the agreement was never split."""
    if part.is_only:
        return ""
    first, last = format_date(part.starts_on), format_date(part.ends_on)
    return f"ช่วงที่ {part.number} : {first} – {last} ({part.days} วัน)"
