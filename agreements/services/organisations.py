"""People, the positions they hold and the roles they are given: what HR does within its subtree.

Who may do what: HR looks after everybody who holds a position in its subtree. Acts on the account itself (name, codes,
disabling) also ask that no role and no present position of the person lies outside, so that nobody signs in as somebody
who may do more. HR gives every role, only within its subtree, and never to itself.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import Organisation, PersonnelGroup, Posting, Role, User
from agreements.services import log

# What can be printed on a slip and typed on any keyboard.
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")


class NotYours(PermissionDenied):
    """This is not for this HR officer to do."""


class PeopleRefused(Exception):
    """What was asked about a person or a position cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """Who somebody is."""

    username: str
    prefix: str = ""
    first_name: str
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingFacts:
    """A position as HR writes it down."""

    organisation: Organisation
    title: str
    position_type: str = ""
    level: str = ""
    number: str = ""
    personnel_group: str = PersonnelGroup.CIVIL_SERVANT
    assessor: Posting | None = None
    is_acting: bool = False
    # The position whose acts it takes; only where it is acting.
    stands_for: Posting | None = None
    starts_on: date
    ends_on: date | None = None


# --- Who may ---------------------------------------------------------------------------------------------------------
def is_hr(user: User) -> bool:
    """Return whether `user` is HR anywhere."""
    return Role.objects.filter(user=user, kind=Role.Kind.HR).exists()


def manages(by: User, person: User, *, day: date) -> bool:
    """Return whether `by`, as HR, may act on the account of `person`: nothing of theirs lies outside the subtree."""
    paths = tuple(Role.objects.paths(by, Role.Kind.HR))
    held = Posting.objects.filter(user=person).not_over_on(day).values_list("organisation__path", flat=True)
    given = Role.objects.filter(user=person).values_list("organisation__path", flat=True)
    outside = any(not path.startswith(paths) for path in [*held, *given])
    return bool(paths) and not outside and User.objects.visible_to(by).filter(pk=person.pk).exists()


def demand_managed(by: User, person: User, *, at: datetime) -> None:
    """Refuse unless `by` may act on the account of `person`.

    :raises NotYours: if a role or a position of `person` lies outside the subtree of `by`.
    """
    if not manages(by, person, day=timezone.localdate(at)):
        raise NotYours(_("This person also works or has a role outside your office. HR above both changes it."))


def _demand_place(by: User, organisation: Organisation) -> None:
    if not Organisation.objects.managed_by(by).filter(pk=organisation.pk).exists():
        raise NotYours(_("You look after the people of another office."))


# --- People ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_person(facts: PersonFacts, posting: PostingFacts, *, by: User, at: datetime) -> User:
    """Add a person, who cannot sign in before a one-time code is printed, with a first position.

    :raises NotYours: if the position lies outside the subtree of `by`.
    :raises PeopleRefused: if the user name is taken or the position cannot be.
    """
    _demand_place(by, posting.organisation)
    person = store_person(None, facts)
    store_posting(None, person, posting, by=by)
    _record("person.added", person, posting.organisation, by=by, at=at, after=_told(facts), posting=_told(posting))
    return person


@transaction.atomic
def change_person(person: User, facts: PersonFacts, *, by: User, at: datetime) -> None:
    """Mend the name, user name or e-mail of a person.

    :raises NotYours: if `by` may not act on this account.
    :raises PeopleRefused: if the user name is taken.
    """
    demand_managed(by, person, at=at)
    before = person_facts(person)
    if before == facts:
        return
    store_person(person, facts)
    _record("person.changed", person, home_of(person), by=by, at=at, before=_told(before), after=_told(facts))


def person_facts(person: User) -> PersonFacts:
    """Return who `person` is at present."""
    return PersonFacts(**{name: getattr(person, name) for name in PersonFacts.__dataclass_fields__})


def store_person(person: User | None, facts: PersonFacts) -> User:
    """Write `facts` of a person, a new one where `person` is none; callers have asked who may, and log it.

    :raises PeopleRefused: if the user name is taken.
    """
    # iexact: two names that differ by capitals only cannot be told apart on paper.
    taken = User.objects.filter(username__iexact=facts.username)
    if person is None:
        if taken.exists():
            raise PeopleRefused(_("The user name “%(name)s” is taken.") % {"name": facts.username})
        return User.objects.create_user(**asdict(facts))
    if taken.exclude(pk=person.pk).exists():
        raise PeopleRefused(_("The user name “%(name)s” is taken.") % {"name": facts.username})
    for name, value in asdict(facts).items():
        setattr(person, name, value)
    person.save(update_fields=[*PersonFacts.__dataclass_fields__, "sort_key", "search_key"])
    return person


# --- Positions -------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_posting(person: User, facts: PostingFacts, *, by: User, at: datetime) -> Posting:
    """Give a person a further position.

    :raises NotYours: if the place lies outside the subtree of `by`, or `by` may not act on this account.
    :raises PeopleRefused: if the position cannot be.
    """
    _demand_place(by, facts.organisation)
    demand_managed(by, person, at=at)
    posting = store_posting(None, person, facts, by=by)
    _record("posting.added", person, facts.organisation, by=by, at=at, after=_told(facts))
    return posting


@transaction.atomic
def change_posting(posting: Posting, facts: PostingFacts, *, by: User, at: datetime) -> None:
    """Mend a position: its words, its place, its days, its assessor.

    :raises NotYours: if it lies, or would lie, outside the subtree of `by`.
    :raises PeopleRefused: if the position cannot be so.
    """
    _demand_place(by, posting.organisation)
    _demand_place(by, facts.organisation)
    before = posting_facts(posting)
    if before == facts:
        return
    store_posting(posting, posting.user, facts, by=by)
    told = {"before": _told(before), "after": _told(facts)}
    _record("posting.changed", posting.user, facts.organisation, by=by, at=at, **told)


def posting_facts(posting: Posting) -> PostingFacts:
    """Return a position as it is written down at present."""
    return PostingFacts(**{name: getattr(posting, name) for name in PostingFacts.__dataclass_fields__})


def store_posting(posting: Posting | None, person: User, facts: PostingFacts, *, by: User) -> Posting:
    """Write `facts` of a position, a new one where `posting` is none; callers have asked who may, and log it.

    :raises PeopleRefused: if the position cannot be so.
    """
    _refuse_days(posting, person, facts)
    _refuse_assessor(posting, person, facts.assessor, by=by)
    _refuse_standing_in(posting, person, facts, by=by)
    posting = posting or Posting(user=person)
    for name in PostingFacts.__dataclass_fields__:
        setattr(posting, name, getattr(facts, name))
    posting.save()
    return posting


def _refuse_days(posting: Posting | None, person: User, facts: PostingFacts) -> None:
    if facts.ends_on and facts.ends_on < facts.starts_on:
        raise PeopleRefused(_("A position cannot end before it starts."))
    others = Posting.objects.filter(user=person, is_acting=False)
    others = others.exclude(pk=posting.pk) if posting else others
    others = others.filter(Q(ends_on=None) | Q(ends_on__gte=facts.starts_on))
    if facts.ends_on:
        others = others.filter(starts_on__lte=facts.ends_on)
    other = None if facts.is_acting else others.order_by("starts_on", "pk").first()
    if other:
        raise PeopleRefused(
            _("At that time this person is %(position)s already. End that position first, or mark this one as acting.")
            % {"position": other.printed_title}
        )


def _refuse_assessor(posting: Posting | None, person: User, assessor: Posting | None, *, by: User) -> None:
    if assessor is None or (posting and posting.assessor_id == assessor.pk):
        return
    if assessor.user_id == person.pk:
        raise PeopleRefused(_("Nobody assesses themselves."))
    if not Posting.objects.visible_to(by).filter(pk=assessor.pk).exists():
        raise NotYours(_("The assessor works in an office that you do not look after."))
    seen: set[int] = set()
    above: Posting | None = assessor
    while above and above.pk not in seen:
        seen.add(above.pk)
        above = Posting.objects.filter(assesses=above).first()
        if above and posting and above.pk == posting.pk:
            raise PeopleRefused(
                _("%(name)s is assessed by this person, directly or further up.") % {"name": assessor.user.full_name}
            )


def _refuse_standing_in(posting: Posting | None, person: User, facts: PostingFacts, *, by: User) -> None:
    stood_in = facts.stands_for
    if stood_in is None or (posting and posting.stands_for_id == stood_in.pk and facts.is_acting):
        return
    if not facts.is_acting:
        raise PeopleRefused(_("Only a position marked as acting stands for another."))
    if stood_in.user_id == person.pk:
        raise PeopleRefused(_("Nobody is acting for themselves."))
    if stood_in.stands_for_id is not None:
        raise PeopleRefused(_("Choose the position itself, not one that is acting for it."))
    if by.pk == person.pk:
        raise NotYours(_("Nobody names themselves as acting. Ask another HR officer."))
    if not Posting.objects.visible_to(by).filter(pk=stood_in.pk).exists():
        raise NotYours(_("That position lies in an office that you do not look after."))


# --- Roles -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def give_role(person: User, kind: str, organisation: Organisation, *, by: User, at: datetime) -> Role:
    """Give a person a role within the subtree of `by`.

    :raises NotYours: if the place lies outside, or `by` asks for themselves.
    :raises PeopleRefused: if the person has this role already, or may not sign in.
    """
    _demand_place(by, organisation)
    _demand_another(by, person)
    if not person.is_active:
        raise PeopleRefused(_("This person may not sign in. Enable the account first."))
    role, is_new = Role.objects.get_or_create(user=person, kind=kind, organisation=organisation)
    if not is_new:
        raise PeopleRefused(_("This person has this role already."))
    _record("role.given", person, organisation, by=by, at=at, after=kind)
    return role


@transaction.atomic
def take_role(role: Role, *, by: User, at: datetime) -> None:
    """Take a role away again.

    :raises NotYours: if it lies outside the subtree of `by`, or is one of their own.
    """
    _demand_place(by, role.organisation)
    _demand_another(by, role.user)
    role.delete()
    _record("role.taken", role.user, role.organisation, by=by, at=at, before=role.kind)


def _demand_another(by: User, person: User) -> None:
    if by.pk == person.pk:
        raise NotYours(_("Nobody gives roles to themselves or takes their own. Ask another HR officer."))


# --- The log ---------------------------------------------------------------------------------------------------------
def home_of(person: User) -> Organisation | None:
    """Return where a person works or last worked, else where they have a role."""
    held = Posting.objects.filter(user=person).select_related("organisation").order_by("is_acting", "-starts_on", "pk")
    given = Role.objects.filter(user=person).select_related("organisation").order_by("pk")
    one = held.first() or given.first()
    return one.organisation if one else None


def _record(
    verb: str, person: User, organisation: Organisation | None, *, by: User, at: datetime, **details: Any
) -> None:
    if organisation is not None:
        office = log.office_of(organisation)
        log.record(
            verb, office=office, by=by, at=at, details={"person": person.pk, "place": organisation.code} | details
        )


def _told(facts: PersonFacts | PostingFacts) -> dict[str, Any]:
    """Return facts as the log tells them: places by code, positions by key."""
    told = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    if isinstance(facts, PostingFacts):
        told |= {
            "organisation": facts.organisation.code,
            "assessor": facts.assessor.pk if facts.assessor else None,
            "stands_for": facts.stands_for.pk if facts.stands_for else None,
        }
    return told
