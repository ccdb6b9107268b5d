"""Opening the agreements of a round for everybody at once: who gets one, who is left out and why, and doing it.

What is shown before and what is done ask the same question (`candidates`); an agreement that is there is never touched,
so that it is done as often as wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements import actions
from agreements.models import (
    AgreedCompetency,
    Agreement,
    Competency,
    CompetencySet,
    Framework,
    Indicator,
    Job,
    Organisation,
    Part,
    Party,
    Posting,
    Role,
    Round,
    State,
    User,
    Version,
)
from agreements.models.frameworks import is_given
from agreements.models.organisations import UserQuerySet, below_any, subtree
from agreements.services import deadlines, jobs, log, round_rules
from agreements.services.agreements import expected_of, line_of, party

#: So many agreements are read and written together.
CHUNK = 500

# --- Who gets one, and who does not ----------------------------------------------------------------------------------
HAS_ONE, OTHER_ROUND, ONLY_ACTING, TWO_POSTINGS = "has_one", "other_round", "only_acting", "two_postings"
NO_ASSESSOR, ONESELF, ASSESSOR_GONE, ASSESSOR_DISABLED = (
    "no_assessor", "oneself", "assessor_gone", "assessor_disabled"
)  # fmt: skip
NO_POSTING = "no_posting"

#: Why somebody is left out, and what is to be done about it, in the order in which they are shown.
REASONS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    NO_ASSESSOR: (
        gettext_lazy("No assessor is named"),
        gettext_lazy("Name the assessor in the person's position."),
    ),
    ONESELF: (
        gettext_lazy("Would assess themselves"),
        gettext_lazy("Name somebody else as assessor in the person's position."),
    ),
    ASSESSOR_GONE: (
        gettext_lazy("The assessor no longer holds that position"),
        gettext_lazy("Name the one who holds it now as assessor."),
    ),
    ASSESSOR_DISABLED: (
        gettext_lazy("The assessor may not sign in"),
        gettext_lazy("Enable the assessor's account, or name another assessor."),
    ),
    TWO_POSTINGS: (
        gettext_lazy("Holds two positions at once"),
        gettext_lazy("End one of them, or mark it as acting."),
    ),
    ONLY_ACTING: (
        gettext_lazy("Is only acting here"),
        gettext_lazy("The agreement belongs to the person's own position."),
    ),
    NO_POSTING: (
        gettext_lazy("Holds no position on that day"),
        gettext_lazy("Write the position down, or open the agreement once it begins."),
    ),
    OTHER_ROUND: (
        gettext_lazy("Has an agreement in another round of the same time"),
        gettext_lazy("One agreement for the same time is enough."),
    ),
    HAS_ONE: (
        gettext_lazy("Has an agreement in this round already"),
        gettext_lazy("Nothing is to be done; it stays as it is."),
    ),
}


class OpeningRefused(jobs.JobRefused):
    """Agreements cannot be opened so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For whom agreements are opened: the round, the places, the day on which positions are looked at."""

    round: Round
    paths: Sequence[str]
    day: date

    @property
    def within(self) -> Q:
        """The condition that a position lies in these places and in the round's."""
        place = subtree(self.round.organisation.path, field="organisation__path")
        return place & below_any(list(self.paths), field="organisation__path")


def scope_for(round_: Round, user: User, *, today: date) -> Scope:
    """Return for whom `user`, as HR, opens agreements of `round_`."""
    day = min(max(today, round_.starts_on), round_.ends_on)
    return Scope(round=round_, paths=Role.objects.paths(user, Role.Kind.HR), day=day)


def candidates(scope: Scope) -> QuerySet[Any]:
    """Return the positions held, one a person, each with the `reason` why there will be no agreement; "" where there
    will be one."""
    held = Posting.objects.held_on(scope.day)
    here = held.filter(scope.within, user__is_active=True)
    of_the_same = Q(user=OuterRef("user"))
    before_it = Q(is_acting__lt=OuterRef("is_acting")) | Q(is_acting=OuterRef("is_acting")) & (
        Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), pk__lt=OuterRef("pk"))
    )
    own = Agreement.objects.filter(person=OuterRef("user"))
    same_time = Q(round__fiscal_year=scope.round.fiscal_year, round__number=scope.round.number)
    others = held.filter(of_the_same).exclude(pk=OuterRef("pk"))
    present = Posting.objects.held_on(scope.day).filter(pk=OuterRef("assessor"))
    reason = Case(
        When(Exists(own.filter(round=scope.round)), then=Value(HAS_ONE)),
        When(Exists(own.filter(same_time).exclude(round=scope.round)), then=Value(OTHER_ROUND)),
        When(is_acting=True, then=Value(ONLY_ACTING)),
        When(Exists(others.filter(is_acting=False)), then=Value(TWO_POSTINGS)),
        When(assessor=None, then=Value(NO_ASSESSOR)),
        When(assessor__user=F("user"), then=Value(ONESELF)),
        When(~Exists(present), then=Value(ASSESSOR_GONE)),
        When(assessor__user__is_active=False, then=Value(ASSESSOR_DISABLED)),
        default=Value(""),
        output_field=CharField(),
    )
    return here.exclude(Exists(here.filter(of_the_same & before_it))).annotate(reason=reason)


def without_position(scope: Scope) -> UserQuerySet:
    """Return the people who belong to these places and hold no position on the day: a role alone, or one to come."""
    began = Posting.objects.filter(scope.within, ends_on=None) | Posting.objects.filter(
        scope.within, ends_on__gte=scope.round.starts_on
    )
    given = Role.objects.filter(scope.within)
    belongs = Q(pk__in=began.values("user")) | Q(pk__in=given.values("user"))
    return User.objects.filter(belongs, is_active=True).exclude(
        pk__in=Posting.objects.held_on(scope.day).values("user")
    )


def counts(scope: Scope) -> dict[str, int]:
    """Return how many get an agreement (under "") and how many are left out, by reason."""
    found = dict(candidates(scope).order_by().values_list("reason").annotate(count=Count("pk")))
    return found | {NO_POSTING: without_position(scope).count()}


# --- From which framework --------------------------------------------------------------------------------------------
def frameworks_by_unit(round_: Round, units: Iterable[Organisation]) -> dict[int, list[str]]:
    """Return, unit by unit, the codes of the frameworks that give it indicators: two questions, however many units."""
    units = list(units)
    above = Organisation.objects.around([unit.path for unit in units]).order_by().values("pk")
    serving = (
        Framework.objects.filter(
            Q(round_number=round_.number) | Q(round_number=None),
            Q(organisation__in=above) | Q(organisation=None),
            status=Framework.Status.PUBLISHED,
            fiscal_year=round_.fiscal_year,
        )
        .exclude(level=Framework.Level.LIBRARY)
        .select_related("organisation")
        .order_by("code", "pk")
    )
    frameworks = {one.pk: one for one in serving}
    assigned: dict[int, set[str]] = {}
    for key, codes in Indicator.objects.filter(framework__in=frameworks).values_list(
        "framework", "definition__assigned_units"
    ):
        assigned[key] = assigned.get(key, set()) | set(codes or [])
    return {
        unit.pk: [
            one.code for key, one in frameworks.items() if key in assigned and _gives(one, assigned[key], unit, round_)
        ]
        for unit in units
    }


def _gives(framework: Framework, assigned: Collection[str], unit: Organisation, round_: Round) -> bool:
    place = framework.organisation
    if place is not None and not unit.path.startswith(place.path):
        return False
    owns = unit.pk in {framework.organisation_id, round_.organisation_id}
    return owns or is_given(assigned, unit.unit_code)


# --- Doing it --------------------------------------------------------------------------------------------------------
def demand(round_: Round, user: User) -> None:
    """Refuse unless `user` may open agreements of `round_` now.

    :raises NotAllowed: if `user` is not HR anywhere in the round's subtree, or in all of it where the round is planned.
    :raises OpeningRefused: if the round is closed, or one of offices.
    """
    paths = Role.objects.paths(user, Role.Kind.HR)
    place = round_.organisation.path
    if not any(path.startswith(place) or place.startswith(path) for path in paths):
        raise actions.NotAllowed(_("This is not yours to do."))
    if round_.status == Round.Status.PLANNED and not deadlines.is_hr_over(user, round_.organisation):
        raise actions.NotAllowed(_("The HR office of %(office)s begins this round.") % {"office": round_.organisation})
    if round_.status == Round.Status.CLOSED:
        raise OpeningRefused(_("The round is closed."))
    if round_.subject == Round.Subject.ORGANISATIONS:
        raise OpeningRefused(_("In this round offices make agreements, not people."))


@transaction.atomic
def begin(round_: Round, *, by: User, at: datetime, now: datetime, people: Sequence[int] = ()) -> Job:
    """Begin a planned round, and ask for the agreements of everybody in `by`'s care, or of `people` alone.

    :raises NotAllowed: if it is not `by`'s to do.
    :raises JobRefused: if the round is closed, it is being done already, or none of `people` can be given one.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    demand(round_, by)
    if round_.status == Round.Status.PLANNED:
        round_ = round_rules.begin(round_, by=by, at=at)
    order = {"people": _in_reach(round_, people, by=by, at=at)} if people else {}
    return jobs.ask(OPEN_ROUND, about=_place_of(round_, by), round_=round_, order=order, by=by, at=at, now=now)


def _in_reach(round_: Round, people: Sequence[int], *, by: User, at: datetime) -> list[int]:
    """Return those of `people` who can be given an agreement by `by`.

    :raises OpeningRefused: if nobody is left.
    """
    scope = scope_for(round_, by, today=deadlines.local_day(at))
    found = list(candidates(scope).filter(reason="", user__in=people).order_by("user").values_list("user", flat=True))
    if not found:
        raise OpeningRefused(_("None of these people can be given an agreement here."))
    return found


def _place_of(round_: Round, by: User) -> Organisation:
    """Return the place for whose HR the work is: the round's, or the part of it that `by` looks after."""
    if deadlines.is_hr_over(by, round_.organisation):
        return round_.organisation
    within = Organisation.objects.managed_by(by).filter(subtree(round_.organisation.path))
    return within.order_by("path").first() or round_.organisation


def _prepare(job: Job, at: datetime, progress: jobs.Progress) -> Prepared:
    round_ = _round_of(job)
    scope = scope_for(round_, job.asked_by, today=deadlines.local_day(at))
    found = counts(scope)
    keys = list(_wanted(scope, job).order_by("organisation__path", "user__sort_key", "pk").values_list("pk", flat=True))
    progress.say(0, len(keys))
    return Prepared(keys=keys, left_out={code: count for code, count in found.items() if code and count})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The positions for which agreements are to be opened, and how many people are left out, by reason."""

    keys: Sequence[int]
    left_out: Mapping[str, int] = field(default_factory=dict)


def _round_of(job: Job) -> Round:
    if job.round is None:
        raise OpeningRefused(_("The round is not there any more."))
    demand(job.round, job.asked_by)
    return job.round


def _wanted(scope: Scope, job: Job) -> QuerySet[Any]:
    found = candidates(scope).filter(reason="")
    people = job.order.get("people")
    return found.filter(user__in=people) if people else found


def _complete(job: Job, at: datetime, prepared: Prepared) -> Mapping[str, Any]:
    # Whoever opens agreements of this round at the same time waits here, and then finds what was opened.
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=_round_of(job).pk)
    scope = scope_for(round_, job.asked_by, today=deadlines.local_day(at))
    still = set(_wanted(scope, job).values_list("pk", flat=True))
    writer = Writer(round=round_, by=job.asked_by, at=at)
    for keys in jobs.in_chunks((key for key in prepared.keys if key in still), CHUNK):
        writer.open(keys)
    writer.record()
    return {"opened": writer.count, "left_out": dict(prepared.left_out)}


@dataclass(slots=True, kw_only=True)
class Writer:
    """Opens agreements in few statements, each as `open_agreement` would have opened it alone."""

    round: Round
    by: User
    at: datetime
    offices: dict[int, Organisation] = field(default_factory=dict)
    sets: dict[str, CompetencySet | None] = field(default_factory=dict)
    competencies: dict[int, list[Competency]] = field(default_factory=dict)
    opened: dict[int, list[Agreement]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many were opened."""
        return sum(map(len, self.opened.values()))

    def open(self, keys: Sequence[int]) -> None:
        """Open the agreements of the positions `keys`, in their order."""
        above = "assessor"
        related = ["organisation", "user"]
        # As far up as `line_of` goes.
        for _step in range(3 if self.round.second_review else 2):
            related += [above, f"{above}__user", f"{above}__organisation"]
            above += "__assessor"
        found = Posting.objects.select_related(*related).in_bulk(keys)
        postings = [found[key] for key in keys]
        agreements = Agreement.objects.bulk_create(
            Agreement(round=self.round, person=one.user, organisation=one.organisation, state_since=self.at)
            for one in postings
        )
        parts = Part.objects.bulk_create(
            Part(
                agreement=agreement,
                posting=one,
                assessor=one.assessor,
                starts_on=max(self.round.starts_on, one.starts_on),
                ends_on=self.round.ends_on,
            )
            for agreement, one in zip(agreements, postings, strict=True)
        )
        versions = Version.objects.bulk_create(
            Version(part=part, number=1, created_by=self.by, created_at=self.at) for part in parts
        )
        pairs = list(zip(versions, postings, strict=True))
        Party.objects.bulk_create(
            party(version, capacity, held, office=self._office(held.organisation))
            for version, one in pairs
            for capacity, held in line_of(one, self.round)
        )
        AgreedCompetency.objects.bulk_create(row for version, one in pairs for row in self._expected(version, one))
        for agreement in agreements:
            self.opened.setdefault(self._office(agreement.organisation).pk, []).append(agreement)

    def record(self) -> None:
        """Log what was opened, one entry in the log of each office."""
        offices = {office.pk: office for office in self.offices.values()}
        for key, listed in self.opened.items():
            told = {"to": State.DRAFT, "round": str(self.round), "agreements": [one.pk for one in listed]}
            alone = listed[0] if len(listed) == 1 else None
            batch = [] if alone else listed
            log.record("open", office=offices[key], by=self.by, at=self.at, agreement=alone, batch=batch, details=told)

    def _office(self, unit: Organisation) -> Organisation:
        if unit.pk not in self.offices:
            self.offices[unit.pk] = log.office_of(unit)
        return self.offices[unit.pk]

    def _expected(self, version: Version, posting: Posting) -> list[AgreedCompetency]:
        if not self.sets:
            own = self.round.competency_sets.select_related("competency_set")
            self.sets = {"": self.round.competency_set} | {one.position_type: one.competency_set for one in own}
        chosen = self.sets.get(posting.position_type) or self.sets[""]
        if chosen is None:
            return []
        if chosen.pk not in self.competencies:
            self.competencies[chosen.pk] = list(chosen.competencies.order_by("order"))
        return expected_of(posting, chosen, self.competencies[chosen.pk], version=version)


OPEN_ROUND = jobs.Kind(
    code="open_round", label=gettext_lazy("Opening the agreements of a round"), prepare=_prepare, complete=_complete
)
jobs.offer(OPEN_ROUND)
