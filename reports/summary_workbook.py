"""The summary of a round as a workbook: one row a person with scores, grade, days and state, and the sums by unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from agreements import thai
from agreements.models import Capacity, Round
from agreements.services.results import weights_of
from agreements.services.round_figures import Figures
from reports.sheets import Column, ListBook, Value, decimal_of
from scoring.grades import INDIVIDUAL_GRADES
from scoring.numbers import display, exact

Content = Mapping[str, Any]

COLUMNS = (
    Column(heading=gettext_lazy("No."), kind="whole", width=6),
    Column(heading=gettext_lazy("Agreement of"), width=30),
    Column(heading=gettext_lazy("Position"), width=30),
    Column(heading=gettext_lazy("Position level"), width=16),
    Column(heading=gettext_lazy("Position number"), width=12),
    Column(heading=gettext_lazy("Personnel group"), width=16),
    Column(heading=gettext_lazy("Office"), width=34),
    Column(heading=gettext_lazy("Unit"), width=34),
    Column(heading=gettext_lazy("State"), width=16),
    Column(heading=gettext_lazy("In this state since"), kind="day", width=14),
    Column(heading=gettext_lazy("Self score, achievement"), kind="points", width=12),
    Column(heading=gettext_lazy("Achievement"), kind="points", width=12),
    Column(heading=gettext_lazy("Weight of achievement"), kind="per_cent", width=10),
    Column(heading=gettext_lazy("Competency"), kind="points", width=12),
    Column(heading=gettext_lazy("Weight of competency"), kind="per_cent", width=10),
    Column(heading=gettext_lazy("Final score"), kind="points", width=12),
    Column(heading=gettext_lazy("Grade"), width=14),
    Column(heading=gettext_lazy("Assessor"), width=28),
    Column(heading=gettext_lazy("Agreed on"), kind="day", width=13),
    Column(heading=gettext_lazy("Assessed on"), kind="day", width=13),
    Column(heading=gettext_lazy("Acknowledged on"), kind="day", width=13),
)


def write(
    file: IO[bytes], chunks: Iterable[Sequence[Figures]], round_: Round, *, title: str, told: str, at: datetime
) -> int:
    """Write the summary of the agreements in `chunks` into `file`; return how many rows it has."""
    units: dict[int, UnitSum] = {}
    with ListBook(file, title=title, made_at=timezone.localtime(at)) as book:
        sheet = book.sheet(_("Summary"), COLUMNS, title=title, told=told)
        for chunk in chunks:
            for one in chunk:
                sheet.add(_row(sheet.count + 1, one))
                place = one.agreement.organisation
                units.setdefault(place.pk, UnitSum(office=_office(one), unit=place.name)).add(one.scores or {})
        sheet.finish()
        _write_units(book, list(units.values()), round_, title=title, told=told)
    return sheet.count


def _row(number: int, one: Figures) -> list[Value]:
    agreement, own, scores = one.agreement, one.own or {}, one.scores or {}
    parties = agreement.parties
    assessee, assessor = parties.get(Capacity.ASSESSEE), parties.get(Capacity.ASSESSOR)
    achievement, competency = weights_of(one.version)
    return [
        number,
        agreement.subject,
        assessee.title if assessee else "",
        assessee.level if assessee else "",
        assessee.number if assessee else "",
        str(assessee.get_personnel_group_display()) if assessee else "",
        _office(one),
        agreement.organisation.name,
        str(agreement.get_state_display()),
        timezone.localdate(agreement.state_since, thai.THAI_TIME),
        decimal_of(own.get("achievement")),
        decimal_of(scores.get("achievement")),
        achievement / 100,
        decimal_of(scores.get("competency")),
        None if agreement.is_of_organisation else competency / 100,
        decimal_of(scores.get("final")),
        _grade(scores),
        assessor.name if assessor else "",
        one.agreed_on,
        one.assessed_on,
        one.acknowledged_on,
    ]


def _office(one: Figures) -> str:
    assessee = one.agreement.parties.get(Capacity.ASSESSEE)
    return (assessee.office if assessee else "") or one.agreement.organisation.name


def _grade(scores: Content) -> str:
    return str(scores["grade"]) if scores.get("final") and scores.get("grade") else ""


# --- By unit ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True, kw_only=True)
class UnitSum:
    """How many a unit has, how many of them with a final score, and of which grade."""

    office: str
    unit: str
    people: int = 0
    finals: int = 0
    total: Fraction = Fraction(0)
    grades: Counter[str] = field(default_factory=Counter)

    def add(self, scores: Content) -> None:
        """Count an agreement with these scores."""
        self.people += 1
        if scores.get("final"):
            self.finals += 1
            self.total += exact(scores["final"])
            self.grades[_grade(scores)] += 1

    def merge(self, other: UnitSum) -> None:
        """Count all of another unit."""
        self.people += other.people
        self.finals += other.finals
        self.total += other.total
        self.grades += other.grades

    def row(self, grades: Sequence[str]) -> list[Value]:
        """Return the unit as a row of the sheet."""
        mean = Decimal(display(self.total / self.finals, 2)) if self.finals else None
        counts = [self.grades[grade] for grade in grades]
        return [self.office, self.unit, self.people, self.finals, mean, *counts]


def _write_units(book: ListBook, units: Sequence[UnitSum], round_: Round, *, title: str, told: str) -> None:
    known = [str(one["label"]) for one in round_.grades] or [one.label for one in INDIVIDUAL_GRADES.grades]
    grades = [*known, *sorted({grade for unit in units for grade in unit.grades} - set(known))]
    columns = [
        Column(heading=_("Office"), width=40),
        Column(heading=_("Unit"), width=40),
        Column(heading=_("Agreements"), kind="whole"),
        Column(heading=_("With a final score"), kind="whole"),
        Column(heading=_("Mean of the final scores"), kind="points"),
        *(Column(heading=grade, kind="whole", width=14) for grade in grades),
    ]
    sheet = book.sheet(_("By unit"), columns, title=title, told=told)
    whole = UnitSum(office=_("All units"), unit="")
    for unit in units:
        sheet.add(unit.row(grades))
        whole.merge(unit)
    sheet.add_sum(whole.row(grades))
