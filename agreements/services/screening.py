"""What the screening committee looks at before a release: how results are spread, and where to look twice.

Everything is counted and narrowed by the database, so that a page costs as many questions for ten as for ten thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, F, IntegerField, Max, Prefetch, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements import thai
from agreements.models import Agreement, Capacity, Organisation, Outcome, Party, Role, Round, State, User, Version
from agreements.models.organisations import below_any
from agreements.models.outcomes import RELEASED, SCREENERS, OutcomeQuerySet
from agreements.services import batches
from scoring import INDIVIDUAL_GRADES

# By how much, in ten-thousandths of 100, the assessor's achievement lies away from the assessee's own.
FAR = 5_0000
_APART = F("achievement") - F("self_achievement")
_WAITING = Q(agreement__state=State.ASSESSED, version__screened_at=None)

#: What the list can be narrowed to, in the order of the page.
ONLY: Mapping[str, tuple[str | Promise, Q]] = {
    "near": (_("Within 0.05 of a grade's edge"), Q(is_near_edge=True)),
    "reasons": (_("Reasons missing"), Q(reasons_missing__gt=0)),
    "plans": (_("Development plan missing"), Q(plans_missing__gt=0)),
    "changed": (_("Assessed anew"), Q(before__isnull=False)),
    "unscreened": (_("Waiting for the committee"), Q(agreement__round__has_screening=True) & _WAITING),
    "unreleased": (_("Not released yet"), Q(agreement__state=State.ASSESSED)),
}
#: The assessor's achievement beside the assessee's own, as a chart shows it from low to high.
APART: Mapping[str, tuple[str | Promise, Q]] = {
    "far-below": (_("More than 5 below"), Q(apart__lt=-FAR)),
    "below": (_("Up to 5 below"), Q(apart__gte=-FAR, apart__lt=0)),
    "same": (_("The same"), Q(apart=0)),
    "above": (_("Up to 5 above"), Q(apart__gt=0, apart__lte=FAR)),
    "far-above": (_("More than 5 above"), Q(apart__gt=FAR)),
}


# --- Who looks -------------------------------------------------------------------------------------------------------
def reach_of(round_: Round, user: User) -> list[str]:
    """Return the tree paths below which `user` looks at the results of `round_`: none where it is not theirs."""
    return _within(round_, Role.objects.paths(user, *(SCREENERS if round_.has_screening else (Role.Kind.HR,))))


def is_member(round_: Round, user: User) -> bool:
    """Return whether `user` sits on the committee of `round_`, for all of it or a part."""
    return round_.has_screening and bool(_within(round_, Role.objects.paths(user, Role.Kind.SCREENING)))


def _within(round_: Round, paths: Sequence[str]) -> list[str]:
    top = round_.organisation.path
    return [path for path in paths if path.startswith(top) or top.startswith(path)]


# --- What is asked for -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a round is looked at, as it stands in the address."""

    unit: str = ""
    grade: str = ""
    only: str = ""
    apart: str = ""
    q: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Asked:
        """Return what an address asks for; what means nothing is left out."""
        given = {name: thai.normalise(str(data.get(name, "") or "")).strip()[:200] for name in cls.__dataclass_fields__}
        allowed = {
            "unit": given["unit"].isdecimal() and len(given["unit"]) <= 18,
            "only": given["only"] in ONLY,
            "apart": given["apart"] in APART,
        }
        return cls(**{name: value for name, value in given.items() if allowed.get(name, True)})

    @property
    def query(self) -> str:
        """It as it stands in an address."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether the list leaves out anything of the unit."""
        return bool(self.grade or self.only or self.apart or self.q)


def seen(round_: Round, by: User, asked: Asked | None = None) -> OutcomeQuerySet:
    """Return the outcomes of `round_` that hold and that `by` looks at, of one unit where that is `asked`."""
    found = Outcome.objects.standing().filter(agreement__round=round_).screened_by(by)
    return found.filter(agreement__organisation=int(asked.unit)) if asked and asked.unit else found


def listed(round_: Round, asked: Asked, *, by: User) -> OutcomeQuerySet:
    """Return the outcomes as `asked`, in the order of the units and names."""
    found = seen(round_, by, asked).annotate(apart=_APART)
    if asked.grade:
        found = found.filter(grade=asked.grade)
    if asked.only:
        found = found.filter(ONLY[asked.only][1])
    if asked.apart:
        found = found.filter(APART[asked.apart][1])
    if asked.q:
        found = found.filter(agreement__in=Agreement.objects.filter(round=round_).matching(asked.q))
    return found.order_by("agreement__organisation__path", "agreement__person__sort_key", "pk")


# --- How results are spread ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How many results have which grade, by unit and in all; the grades from the highest down."""

    grades: Sequence[str]
    by_unit: Mapping[int, Mapping[str, int]]

    def counts(self, unit: int) -> list[int]:
        """Return how many of a unit have each grade."""
        found = self.by_unit.get(unit, {})
        return [found.get(grade, 0) for grade in self.grades]

    def totals(self, unit: str = "") -> list[int]:
        """Return how many have each grade in all, or in the one unit with that key."""
        if unit:
            return self.counts(int(unit))
        return [sum(found.get(grade, 0) for found in self.by_unit.values()) for grade in self.grades]


def spread(round_: Round, by: User) -> Spread:
    """Return how the grades are spread over all units, in one question."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    counted = seen(round_, by).order_by().values_list("agreement__organisation", "grade")
    for unit, grade, count in counted.annotate(count=Count("pk")):
        found[unit][grade] = count
    known = [grade["label"] for grade in round_.grades] or [one.label for one in INDIVIDUAL_GRADES.grades]
    # What had no grade, or one that the round does not know, is still counted.
    others = sorted({grade for grades in found.values() for grade in grades} - set(known))
    return Spread(grades=[*known, *others], by_unit=found)


def counts(round_: Round, by: User, asked: Asked) -> dict[str, int]:
    """Return how many results there are to look at twice, how they lie beside the self scores, and the last of them."""
    found = seen(round_, by, asked).annotate(apart=_APART).order_by()
    named = {**ONLY, **APART}
    wanted = {name.replace("-", "_"): Count("pk", filter=condition) for name, (_label, condition) in named.items()}
    counted: dict[str, Any] = found.aggregate(all=Count("pk"), last=Max("pk"), **wanted)
    return {name: value or 0 for name, value in counted.items()}


def not_assessed(round_: Round, by: User, asked: Asked) -> int:
    """Return how many agreements of the round are not assessed yet."""
    within = below_any(reach_of(round_, by), field="organisation__path")
    found = Agreement.objects.filter(within, round=round_).exclude(state__in=[State.ASSESSED, *RELEASED, State.ENDED])
    return (found.filter(organisation=int(asked.unit)) if asked.unit else found).count()


def waiting_for_committee(round_: Round, *, by: User) -> int:
    """Return how many assessed results in the care of `by` as HR the committee has not looked at."""
    if not round_.has_screening:
        return 0
    within = below_any(Role.objects.paths(by, Role.Kind.HR), field="organisation__path")
    unscreened = Version.objects.filter(is_current=True, screened_at=None, part__is_last=True)
    found = Agreement.objects.filter(within, round=round_, state=State.ASSESSED)
    return found.filter(pk__in=unscreened.values("part__agreement")).count()


def units_of(round_: Round, by: User) -> QuerySet[Organisation]:
    """Return the units whose results `by` looks at, from the top down."""
    held = seen(round_, by).order_by().values("agreement__organisation")
    return Organisation.objects.filter(pk__in=held).order_by("path")


# --- The committee's act ---------------------------------------------------------------------------------------------
def record_screening(round_: Round, asked: Asked, *, last: int, resolution: str, by: User, at: datetime) -> int:
    """Record that the committee has looked at what waits for it in `round_`, or in the unit `asked`; return how many.

    `last` is the newest outcome that was on the page: what was signed after it nobody has looked at.

    :raises NotAllowed: if `by` does not sit on the committee there.
    :raises AgreementRefused: if nothing is left, or one has moved on meanwhile.
    """
    waiting = seen(round_, by, asked).filter(_WAITING, pk__lte=last)
    paths = Role.objects.paths(by, Role.Kind.SCREENING)
    waiting = waiting.filter(below_any(paths, field="agreement__organisation__path"))
    versions = Version.objects.filter(pk__in=waiting.values("version")).select_related("part")
    return batches.screen(versions, by=by, resolution=resolution, at=at)


# --- The announcement ------------------------------------------------------------------------------------------------
#: The grades whose names are announced, never their scores.
ANNOUNCED = ("ดีเด่น", "ดีมาก")


def has_announced_grades(round_: Round) -> bool:
    """Return whether the round assesses people and gives one of the grades that are announced."""
    known = [grade["label"] for grade in round_.grades] or [one.label for one in INDIVIDUAL_GRADES.grades]
    return round_.subject == Round.Subject.PEOPLE and bool(set(known) & set(ANNOUNCED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person as announced: as they stood in what was signed."""

    grade: str
    name: str
    title: str
    unit: str


def announced(round_: Round, *, by: User, unit: str = "") -> list[Name]:
    """Return the people of `round_` who were told one of these grades, by grade, then by unit and name.

    Never in the order of scores: that would tell them.
    """
    found = seen(round_, by, Asked(unit=unit)).of_released_people().filter(grade__in=ANNOUNCED)
    by_grade = Case(
        *(When(grade=grade, then=Value(place)) for place, grade in enumerate(ANNOUNCED)), output_field=IntegerField()
    )
    parties = Prefetch("version__parties", Party.objects.filter(capacity=Capacity.ASSESSEE), to_attr="assessees")
    rows = found.order_by(by_grade, "agreement__organisation__path", "agreement__person__sort_key", "pk")
    return [_name(row) for row in rows.select_related("version").prefetch_related(parties)]


def _name(row: Outcome) -> Name:
    [party] = row.version.assessees  # type: ignore[attr-defined]  # prefetched by `announced`
    return Name(grade=row.grade, name=party.name, title=party.title, unit=party.unit)
