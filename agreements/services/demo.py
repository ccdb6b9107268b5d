"""The demo office: its units, its made-up people, its round, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.exchange.documents import Document, read_document
from agreements.models import (
    Competency,
    CompetencySet,
    Framework,
    Holiday,
    Organisation,
    Posting,
    Role,
    Round,
    User,
)
from agreements.services import (
    demo_agreements,
    demo_monitoring,
    demo_municipality,
    demo_reports,
    frameworks,
    log,
    report_forms,
)

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PASSWORD = "demo"  # noqa: S105  known to all, and only in demo mode
# The first office of the file; where it is, the demo is.
OFFICE = "chonburi"
OPENING, CLOSING = time(9), time(16, 30)


class NotADemo(Exception):
    """This is a real installation, which made-up people with a known password must never reach."""


class LoadedAlready(Exception):
    """The demo office is there."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made."""

    round: Round
    people: int
    agreements: int


@transaction.atomic
def load() -> Loaded:
    """Make the demo office with all that its people did before the day on which the demo's clock starts.

    :raises NotADemo: outside demo mode.
    :raises LoadedAlready: if the office is there; nothing is changed then.
    """
    if not settings.DEMO:
        raise NotADemo(_("The demo office is loaded in demo mode only. Set KPI_DEMO=1 for it."))
    if Organisation.objects.filter(code=OFFICE).exists():
        raise LoadedAlready(_("The demo office is there already; nothing was changed."))
    office = read("demo/office.yaml")
    places = _build_organisations(office["organisations"])
    postings = _staff(office, places)
    department = next(iter(places.values()))
    _declare_holidays(department, read(office["holidays"]))
    competencies = _name_competencies(department, read(office["competencies"]))
    round_ = _open_round(office["round"], places, competencies, by=_with_role(Role.Kind.HR))
    editor = _with_role(Role.Kind.FRAMEWORK_EDITOR)
    _publish_framework(office, round_.organisation, by=editor)
    _publish_others(office, department)
    reports, followed = read("demo/reports.yaml"), read("demo/monitoring.yaml")
    published = _moment(office["framework_published_on"])
    _lay_down_report_forms(reports["forms"], department, at=published)
    demo_monitoring.publish([read(name) for name in followed["frameworks"]], department, at=published)
    stories = read("demo/agreements.yaml")
    beside = demo_reports.steps(reports["reports"])
    hr, judge = _with_role(Role.Kind.HR), postings["judge"].user
    demo_agreements.tell(stories, round_=round_, postings=postings, hr=hr, judge=judge, beside=beside)
    _add_municipality()
    demo_monitoring.tell(followed, at=_moment(followed["written_on"], CLOSING))
    return Loaded(round_, people=len(postings), agreements=len(stories["agreements"]))


def read(name: str) -> Document:
    """Return the document `name` of the fixtures."""
    return read_document((FIXTURES / name).read_bytes(), name=name)


def _moment(day: date, clock: time = OPENING) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


# --- The office and its people ---------------------------------------------------------------------------------------
def _build_organisations(entries: list[Mapping[str, Any]]) -> dict[str, Organisation]:
    places: dict[str, Organisation] = {}
    for entry in entries:
        fields = {key: value for key, value in entry.items() if key != "parent"}
        if "parent" in entry:
            # Fetched anew: the tree's bookkeeping on the parent changed with its last child.
            parent = Organisation.objects.get(code=entry["parent"])
            places[entry["code"]] = Organisation.objects.add_child(parent, fields)
        else:
            places[entry["code"]] = Organisation.objects.add_root(fields)
    return places


def _staff(office: Document, places: Mapping[str, Organisation]) -> dict[str, Posting]:
    # Hashed once: fifty hashes as slow as they should be would take most of a minute.
    password = make_password(PASSWORD)
    postings: dict[str, Posting] = {}
    for person in office["people"]:
        prefix, first, last = person["name"]
        user = User.objects.create(
            username=person["username"], prefix=prefix, first_name=first, last_name=last, password=password
        )
        postings[user.username] = Posting.objects.create(
            user=user,
            organisation=places[person["at"]],
            title=person["title"],
            # Whoever is elected holds no position of a type.
            position_type=person.get("type", ""),
            level=person.get("level", ""),
            number=person.get("number", ""),
            assessor=postings[person["assessor"]] if "assessor" in person else None,
            starts_on=office["postings_from"],
        )
        if "role" in person:
            Role.objects.create(user=user, organisation=log.office_of(places[person["at"]]), kind=person["role"])
    return postings


def _add_municipality() -> None:
    """Make the municipality, whose agreement is the whole office's own."""
    told = read("demo/municipality.yaml")
    places = _build_organisations(told["organisations"])
    postings = _staff(told, places)
    demo_municipality.tell(told, read(told["framework"]), postings=postings)


def _with_role(kind: Role.Kind) -> User:
    return User.objects.get(roles__kind=kind, roles__organisation__code=OFFICE)


# --- The round -------------------------------------------------------------------------------------------------------
def _declare_holidays(department: Organisation, document: Document) -> None:
    Holiday.objects.bulk_create(
        Holiday(organisation=department, day=entry["date"], name=entry["name"]) for entry in document["holidays"]
    )


def _name_competencies(department: Organisation, document: Document) -> CompetencySet:
    chosen = CompetencySet.objects.create(
        organisation=department,
        code=document["code"],
        title=document["title"],
        expected_levels=document["expected"],
    )
    Competency.objects.bulk_create(Competency(competency_set=chosen, **entry) for entry in document["competencies"])
    return chosen


def _open_round(
    entry: Mapping[str, Any], places: Mapping[str, Organisation], competencies: CompetencySet, *, by: User
) -> Round:
    fields = {key: value for key, value in entry.items() if key not in {"organisation", "opened_on"}}
    round_ = Round.objects.create(
        organisation=places[entry["organisation"]],
        status=Round.Status.OPEN,
        competency_set=competencies,
        **fields,
    )
    at = _moment(entry["opened_on"])
    log.record("round.opened", office=round_.organisation, by=by, at=at, details={"round": str(round_)})
    # As the database has it: weights are decimals there.
    round_.refresh_from_db()
    return round_


def _publish_framework(office: Document, owner: Organisation, *, by: User) -> None:
    at = _moment(office["framework_published_on"])
    outcome = frameworks.import_framework(read(office["framework"]), organisation=owner, at=at, by=by)
    frameworks.publish(outcome.framework, at=at + timedelta(minutes=30), by=by)


def _publish_others(office: Document, department: Organisation) -> None:
    """Publish the other frameworks that come with the portal: the department's are its own, the others serve all.

    As a command does, for nobody: the office's editor edits only the office's own.
    """
    at = _moment(office["framework_published_on"])
    for path in sorted((FIXTURES / "frameworks").glob("*.yaml")):
        name = f"frameworks/{path.name}"
        if name == office["framework"]:
            continue
        document = read(name)
        owner = department if document["level"] == Framework.Level.DEPARTMENT else None
        outcome = frameworks.import_framework(document, organisation=owner, at=at, by=None)
        frameworks.publish(outcome.framework, at=at + timedelta(minutes=30), by=None)


def _lay_down_report_forms(told: list[Mapping[str, Any]], department: Organisation, *, at: datetime) -> None:
    """Lay down the report forms, those of the demo's reports as these have them."""
    changed = {
        entry["file"]: read(entry["file"]) | {key: value for key, value in entry.items() if key != "file"}
        for entry in told
    }
    shipped = sorted(f"report_forms/{path.name}" for path in (FIXTURES / "report_forms").glob("*.yaml"))
    for name in dict.fromkeys([*shipped, *changed]):
        report_forms.lay_down(changed.get(name) or read(name), organisation=department, by=None, at=at)
