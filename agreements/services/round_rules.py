"""Making a round: what follows from the fiscal year, the rules that HR gives it, and changing them before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements import actions, thai
from agreements.models import CompetencySet, Organisation, Round, RoundCompetencySet, User
from agreements.services import deadlines, log
from agreements.services.deadlines import DAY

HUNDRED = Decimal(100)
#: From which figure on each grade is given; the labels are those of the usual set.
LABELS = ("ดีเด่น", "ดีมาก", "ดี", "พอใช้", "ต้องปรับปรุง")
GRADE_SETS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "usual": (gettext_lazy("The usual ones: 90, 80, 70, 60"), ("90", "80", "70", "60", "0")),
    "stricter": (gettext_lazy("95, 85, 75, 65"), ("95", "85", "75", "65", "0")),
}
# Of offices, on the total of 0–5 with its colours (003, ข้อตกลงการปฏิบัติราชการ).
OFFICES = "offices"
OFFICE_GRADES: tuple[Mapping[str, str], ...] = (
    {"from": "4.50", "label": "ผ่าน ดีมาก", "colour": "เขียวแก่"},
    {"from": "3.50", "label": "ผ่าน ดี", "colour": "เขียวอ่อน"},
    {"from": "2.50", "label": "ผ่าน พอใช้", "colour": "เหลือง"},
    {"from": "1.50", "label": "ไม่ผ่าน เห็นควรปรับปรุง", "colour": "ส้ม"},
    {"from": "0", "label": "ไม่ผ่าน", "colour": "แดง"},
)
HIGHEST_LEVEL = Decimal(5)
# Proposed for the phases, in days: proposing from the first day on, assessing after the last.
DAYS_TO_PROPOSE = 30
DAYS_TO_ASSESS = 15


class RoundRefused(Exception):
    """A round cannot be made or changed so."""


# --- What follows from the fiscal year -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days of a round and of its phases."""

    starts_on: date
    ends_on: date
    propose_by: date | None
    report_by: date | None
    assess_by: date | None


def days_of(fiscal_year: int, number: int) -> Days:
    """Return the days of a round as the fiscal year has them, with proposals for its phases."""
    year = fiscal_year - thai.BUDDHIST_ERA
    autumn, spring = date(year - 1, 10, 1), date(year, 4, 1)
    starts_on = spring if number == Round.Number.SECOND else autumn
    ends_on = spring - DAY if number == Round.Number.FIRST else date(year, 9, 30)
    return Days(
        starts_on=starts_on,
        ends_on=ends_on,
        propose_by=starts_on + timedelta(days=DAYS_TO_PROPOSE - 1),
        report_by=ends_on,
        assess_by=ends_on + timedelta(days=DAYS_TO_ASSESS),
    )


def next_round(organisation: Organisation, *, today: date) -> tuple[int, int]:
    """Return fiscal year and number of the round that is to be made next: the one that runs, or else the one after."""
    year = thai.fiscal_year_of(today)
    number = Round.Number.FIRST if days_of(year, Round.Number.FIRST).ends_on >= today else Round.Number.SECOND
    made = set(Round.objects.filter(organisation=organisation).values_list("fiscal_year", "number"))
    while (year, int(number)) in made:
        if number == Round.Number.FIRST:
            number = Round.Number.SECOND
        else:
            year, number = year + 1, Round.Number.FIRST
    return year, int(number)


def grades_from(bounds: Sequence[str]) -> list[dict[str, str]]:
    """Return the usual grades from `bounds` on."""
    return [{"from": bound, "label": label} for bound, label in zip(bounds, LABELS, strict=True)]


def read_grades(text: str) -> list[dict[str, str]]:
    """Return the grades written one a line, the bound before the name: “90 ดีเด่น”.

    :raises RoundRefused: if a line is none, a bound comes twice, or the last is not 0.
    """
    found = []
    for number, line in enumerate((line.strip() for line in text.splitlines() if line.strip()), start=1):
        bound, _space, label = line.partition(" ")
        try:
            figure = thai.parse_number(bound)
        except (thai.NotANumber, InvalidOperation) as error:
            raise RoundRefused(
                _("Line %(number)s: write the lowest figure, a space and the name, for example 90 ดีเด่น.")
                % {"number": number}
            ) from error
        if not label.strip() or not 0 <= figure <= HUNDRED:
            raise RoundRefused(
                _("Line %(number)s: write a figure between 0 and 100, a space and the name.") % {"number": number}
            )
        found.append({"from": thai.canonical_decimal(figure), "label": label.strip()})
    bounds = [Decimal(grade["from"]) for grade in found]
    if len(found) < 2 or bounds != sorted(set(bounds), reverse=True) or bounds[-1] != 0:
        raise RoundRefused(_("Write at least two grades, the highest first; each bound once, the last 0."))
    return found


def written(grades: Sequence[Mapping[str, Any]]) -> str:
    """Return grades as they are typed, one a line."""
    return "\n".join(f"{grade['from']} {grade['label']}" for grade in grades)


# --- The rules of a round --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What HR decides of a round."""

    fiscal_year: int
    number: int
    starts_on: date
    ends_on: date
    propose_by: date | None = None
    report_by: date | None = None
    assess_by: date | None = None
    achievement_weight: Decimal = Decimal(70)
    competency_weight: Decimal = Decimal(30)
    group_weights: Mapping[str, Sequence[str]] = field(default_factory=dict)
    grades: Sequence[Mapping[str, str]] = ()
    # What the grades apply to: 100, or the highest level.
    grades_on: Decimal = HUNDRED
    subject: str = Round.Subject.PEOPLE
    least_indicators: int = 4
    plan_below_level: int = 3
    competency_set: CompetencySet | None = None
    # By type of position, where it is another than for everybody.
    competency_sets: Mapping[str, CompetencySet] = field(default_factory=dict)
    late_submissions: str = Round.LateSubmissions.MARK
    releases_on_assessment: bool = False
    has_screening: bool = False
    checks_completeness: bool = False
    second_review: bool = False

    def told(self) -> dict[str, Any]:
        """Return them as the log tells them: sets by their codes."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain |= {"competency_set": self.competency_set.code if self.competency_set else None}
        return plain | {"competency_sets": {kind: one.code for kind, one in self.competency_sets.items()}}


# What is kept in columns of the round itself.
COLUMNS = [name for name in Rules.__dataclass_fields__ if name != "competency_sets"]


def rules_of(round_: Round) -> Rules:
    """Return what is decided of `round_`."""
    own = round_.competency_sets.select_related("competency_set").order_by("position_type")
    return Rules(
        **{name: getattr(round_, name) for name in COLUMNS},
        competency_sets={one.position_type: one.competency_set for one in own},
    )


@transaction.atomic
def create(organisation: Organisation, rules: Rules, *, by: User, at: datetime) -> Round:
    """Make a planned round of `organisation`; nobody has an agreement in it before it is begun.

    :raises NotAllowed: if `by` is not HR for the whole organisation.
    :raises RoundRefused: if there is such a round, or the rules do not fit each other.
    """
    if not deadlines.is_hr_over(by, organisation):
        raise actions.NotAllowed(_("This is not yours to do."))
    _demand_sense(rules)
    # Two who make the same round at once wait for each other at the office's row.
    Organisation.objects.select_for_update().filter(pk=organisation.pk).order_by().first()
    if Round.objects.filter(organisation=organisation, fiscal_year=rules.fiscal_year, number=rules.number).exists():
        raise RoundRefused(_("This organisation has this round already."))
    made = Round.objects.create(organisation=organisation, **{name: getattr(rules, name) for name in COLUMNS})
    _keep_sets(made, rules)
    office = log.office_of(organisation)
    log.record("round.made", office=office, by=by, at=at, details={"round": str(made), "after": rules.told()})
    return made


@transaction.atomic
def begin(round_: Round, *, by: User, at: datetime) -> Round:
    """Begin a planned round, so that agreements can be opened in it; its rules do not change any more.

    :raises NotAllowed: if `by` is not HR for all that the round serves.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if not deadlines.is_hr_over(by, round_.organisation):
        raise actions.NotAllowed(_("The HR office of %(office)s begins this round.") % {"office": round_.organisation})
    if round_.status == Round.Status.PLANNED:
        round_.status = Round.Status.OPEN
        round_.save(update_fields=["status"])
        office = log.office_of(round_.organisation)
        log.record("round.begun", office=office, by=by, at=at, details={"round": str(round_)})
    return round_


@transaction.atomic
def change(round_: Round, rules: Rules, *, by: User, at: datetime) -> None:
    """Change the rules of a round that has not begun.

    :raises NotAllowed: if `by` is not HR for all that the round serves.
    :raises RoundRefused: if the round has begun, or the rules do not fit each other.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if not deadlines.is_hr_over(by, round_.organisation):
        raise actions.NotAllowed(_("This is not yours to do."))
    if round_.status != Round.Status.PLANNED:
        raise RoundRefused(_("The round has begun; its rules hold for everybody now. The deadlines can still change."))
    _demand_sense(rules)
    taken = Round.objects.filter(
        organisation=round_.organisation, fiscal_year=rules.fiscal_year, number=rules.number
    ).exclude(pk=round_.pk)
    if taken.exists():
        raise RoundRefused(_("This organisation has this round already."))
    before = rules_of(round_)
    if before == rules:
        return
    for name in COLUMNS:
        setattr(round_, name, getattr(rules, name))
    round_.save(update_fields=COLUMNS)
    _keep_sets(round_, rules)
    told = {"round": str(round_), "before": before.told(), "after": rules.told()}
    log.record("round.changed", office=log.office_of(round_.organisation), by=by, at=at, details=told)


def _keep_sets(round_: Round, rules: Rules) -> None:
    round_.competency_sets.all().delete()
    RoundCompetencySet.objects.bulk_create(
        RoundCompetencySet(round=round_, position_type=kind, competency_set=one)
        for kind, one in rules.competency_sets.items()
    )


def _demand_sense(rules: Rules) -> None:
    pairs = [(rules.achievement_weight, rules.competency_weight)]
    pairs += [(Decimal(first), Decimal(second)) for first, second in map(tuple, rules.group_weights.values())]
    if any(first + second != HUNDRED or min(first, second) < 0 for first, second in pairs):
        raise RoundRefused(_("Achievement and competency sum to 100 for every group."))
    if rules.ends_on <= rules.starts_on:
        raise RoundRefused(_("A round ends after it starts."))
    days = [day for day in (rules.propose_by, rules.report_by, rules.assess_by) if day is not None]
    if days != sorted(days) or any(day < rules.starts_on for day in days):
        raise RoundRefused(
            _("The days must follow one another from the first day of the round: proposing, reporting, assessing.")
        )
    if rules.has_screening and rules.releases_on_assessment:
        raise RoundRefused(_("Where a committee looks at the results first, they are not released on assessment."))
    if not rules.grades:
        raise RoundRefused(_("A round needs its grades."))
