"""A made-up nation for measuring: provinces, their people, rounds that are over and one that is under way.

A few agreements are walked through each round by the services that people use; everybody else's is copied from one of
them with keys, people, hours and hashes of its own (services/nation_copies.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import (
    Agreement,
    Competency,
    CompetencySet,
    DemoDay,
    Event,
    Organisation,
    Posting,
    Role,
    Round,
    User,
)
from agreements.services import demo, frameworks, log, nation_copies, nation_moulds, nation_people, round_rules

# The demo's day, on which the round under way stands as its stories say.
YEAR, NUMBER = 2556, 1


class NationRefused(Exception):
    """The nation is not made here; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a nation is made."""

    people: int
    provinces: int = 76
    rounds: int = 1
    seed: int = 1

    @property
    def least(self) -> int:
        """The fewest people that staff these provinces: each has a head and somebody below."""
        return self.provinces * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made."""

    people: int
    agreements: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """What stands above the provinces: who assesses their heads, and who looks after it all."""

    office: Organisation
    deputy: Posting
    staff: list[Posting]
    hr: User


def load(size: Size, *, said: Callable[[str], None] = lambda _said: None) -> Made:
    """Make the nation, a transaction a province; `said` is told of each.

    :raises NationRefused: outside demo mode, where there is an office already, or for too few people.
    """
    _demand(size)
    rng = Random(size.seed)  # noqa: S311  the same seed makes the same nation; nothing is secret
    stories = demo.read("nation/stories.yaml")
    # The salt is the seed's, too; the password is known to all.
    password = make_password(demo.PASSWORD, salt=f"nation{size.seed}")
    with transaction.atomic():
        department = _department(rng, password, more=max(len(stories["results"]), len(stories["standing"])))
        rounds = _rounds(department, size.rounds)
        moulds = [_moulds(stories, department, round_, rng) for round_ in rounds]
        DemoDay.objects.update_or_create(pk=DemoDay.SINGLE, defaults={"day": settings.DEMO_TODAY})
    for number, people in enumerate(nation_people.shares(size.people, size.provinces), 1):
        with transaction.atomic():
            province = nation_people.make_province(
                department.office, number, people, above=department.deputy, rng=rng, password=password
            )
            copier = nation_copies.Copier(office=province.office, hr=province.hr, hr_above=department.hr, rng=rng)
            for chosen in moulds:
                copier.copy([(nation_copies.drawn(chosen, rng), one) for one in province.postings])
                copier.chain()
        said(province.office.name)
    _close(rounds[:-1], department.hr)
    return Made(people=User.objects.count(), agreements=Agreement.objects.count(), records=Event.objects.count())


def _demand(size: Size) -> None:
    if not settings.DEMO:
        raise NationRefused(_("The made-up nation is loaded in demo mode only. Set KPI_DEMO=1 for it."))
    if Organisation.objects.exists():
        raise NationRefused(_("There is an office here already. The made-up nation needs an empty database."))
    if size.provinces < 1 or size.rounds < 0 or size.people < size.least:
        raise NationRefused(
            _("%(provinces)s provinces need at least %(least)s people.")
            % {"provinces": size.provinces, "least": max(size.least, 2)}
        )


# --- The department --------------------------------------------------------------------------------------------------
def _department(rng: Random, password: str, *, more: int) -> Department:
    """Make the department with its heads, the accounts that look after the nation, and `more` people of a bureau."""
    office = Organisation.objects.add_root({"code": "nation", "name": "กรมสมมติเพื่อการทดสอบ", "kind": "department"})
    bureau = Organisation.objects.add_child(
        office, {"code": "nation-bureau", "name": "สำนักพัฒนาระบบบริหาร", "kind": "bureau", "unit_code": "general"}
    )
    names = ["top", "deputy", "bureau", "hr", "editor", "executive", "auditor"]
    names += [f"bureau-{one}" for one in range(1, more + 1)]
    users = {name: nation_people.make_person(rng, name, password) for name in names}
    for user in users.values():
        user.save()
    held: dict[str, Posting] = {}
    for name, unit, title, kind, level, above in (
        ("top", office, "อธิบดี", "บริหาร", "บริหารสูง", ""),
        ("deputy", office, "รองอธิบดี", "บริหาร", "บริหารต้น", "top"),
        ("bureau", bureau, "ผู้อำนวยการสำนัก", "อำนวยการ", "อำนวยการสูง", "deputy"),
        *((name, bureau, "นักวิเคราะห์นโยบายและแผน", "วิชาการ", "ชำนาญการ", "bureau") for name in names[3:]),
    ):
        held[name] = Posting.objects.create(
            user=users[name],
            organisation=unit,
            title=title,
            position_type=kind,
            level=level,
            assessor=held.get(above),
            starts_on=nation_people.HELD_FROM,
        )
    for name, role in (
        ("hr", Role.Kind.HR),
        ("editor", Role.Kind.FRAMEWORK_EDITOR),
        ("executive", Role.Kind.EXECUTIVE),
        ("auditor", Role.Kind.AUDITOR),
    ):
        Role.objects.create(user=users[name], organisation=office, kind=role)
    staff = [held[name] for name in names[7:]]
    # Fetched anew: the tree's bookkeeping on it changed with its bureau.
    office.refresh_from_db()
    return Department(office=office, deputy=held["deputy"], staff=staff, hr=users["hr"])


# --- The rounds ------------------------------------------------------------------------------------------------------
def _rounds(department: Department, finished: int) -> list[Round]:
    """Make the rounds, the earliest first; the last is under way, and the others stand open until all is copied."""
    chosen = _competencies(department.office)
    framework = demo.read("nation/framework.yaml")
    found = []
    for back in range(finished, -1, -1):
        year, number = YEAR - (back + 1) // 2, NUMBER + back % 2
        round_ = Round.objects.create(
            organisation=department.office, status=Round.Status.OPEN, competency_set=chosen, **_dates(year, number)
        )
        # As the database has it: weights are decimals there.
        round_.refresh_from_db()
        at = _morning(round_.starts_on)
        told = {"code": f"nation-{year}-{number}", "fiscal_year": year, "round": number}
        outcome = frameworks.import_framework(framework | told, organisation=department.office, at=at, by=None)
        frameworks.publish(outcome.framework, at=at + timedelta(minutes=30), by=None)
        log.record(
            "round.opened", office=department.office, by=department.hr, at=at + timedelta(hours=1),
            details={"round": str(round_)},
        )  # fmt: skip
        found.append(round_)
    return found


def _dates(year: int, number: int) -> dict[str, Any]:
    begun = year - 543
    starts, ends = (
        (date(begun - 1, 10, 1), date(begun, 3, 31)) if number == 1 else (date(begun, 4, 1), date(begun, 9, 30))
    )
    return {
        "fiscal_year": year,
        "number": number,
        "starts_on": starts,
        "ends_on": ends,
        "propose_by": starts + timedelta(days=30),
        "report_by": ends - timedelta(days=10),
        "assess_by": ends,
        "grades": round_rules.grades_from(round_rules.GRADE_SETS["usual"][1]),
    }


def _competencies(office: Organisation) -> CompetencySet:
    told = demo.read("competencies/dla.yaml")
    # One level for all: what one is expected to show then is expected of everybody it is copied for.
    levels = dict.fromkeys(nation_people.LEVELS, 2)
    made = CompetencySet.objects.create(organisation=office, code="nation", title=told["title"], expected_levels=levels)
    Competency.objects.bulk_create(Competency(competency_set=made, **entry) for entry in told["competencies"])
    return made


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(8)))


def _moulds(stories: Any, department: Department, round_: Round, rng: Random) -> list[nation_copies.Mould]:
    """Walk the stories of `round_` for people of the department's bureau, and return what came of it."""
    is_over = (round_.fiscal_year, round_.number) != (YEAR, NUMBER)
    told = nation_moulds.finished(stories) if is_over else nation_moulds.under_way(stories)
    walked = nation_moulds.walk(stories, told, round_=round_, postings=department.staff, hr=department.hr, rng=rng)
    return [
        nation_copies.Mould.read(one, share=story.share, hr=department.hr)
        for story, one in zip(told, walked, strict=True)
    ]


@transaction.atomic
def _close(rounds: list[Round], hr: User) -> None:
    """End the rounds that are over, now that everybody's agreement in them is closed."""
    for round_ in rounds:
        Round.objects.filter(pk=round_.pk).update(status=Round.Status.CLOSED)
        at = _morning(settings.DEMO_TODAY)
        log.record("round.closed", office=round_.organisation, by=hr, at=at, details={"round": str(round_)})
