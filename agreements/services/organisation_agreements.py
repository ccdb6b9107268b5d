"""Opening the agreement of an organisation: who signs for it, who agrees, and who bears witness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, Capacity, Organisation, Party, Posting, Role, Round, State, User
from agreements.models.organisations import below_any
from agreements.models.states import WITNESSES_OF_AGREEMENT
from agreements.services.agreements import begin, demand_round, party
from agreements.services.states import AgreementRefused, record


def openable(round_: Round, *, by: User) -> QuerySet[Organisation]:
    """Return the organisations without an agreement in `round_` for which `by`, as HR, may open one."""
    begun = Agreement.objects.filter(round=round_, person=None).values("organisation")
    paths = Role.objects.paths(by, Role.Kind.HR)
    within = Organisation.objects.within(round_.organisation).filter(below_any(paths, field="path"))
    return within.exclude(pk__in=begun).order_by("path")


def people_for(round_: Round, *, on: date) -> QuerySet[Posting]:
    """Return the positions held on a day where `round_` serves, whose holders may sign in."""
    around = Organisation.objects.within(round_.organisation).order_by().values("pk")
    held = Posting.objects.held_on(on).filter(organisation__in=around, user__is_active=True)
    return held.select_related("user", "organisation").order_by("organisation__path", "user__sort_key", "user", "pk")


@transaction.atomic
def open_for(
    round_: Round,
    organisation: Organisation,
    *,
    signs: Posting,
    agrees: Posting,
    witnesses: Sequence[Posting] = (),
    by: User,
    at: datetime,
) -> Agreement:
    """Open the agreement of `organisation`: `signs` signs for it, `agrees` agrees and assesses, `witnesses` see it.

    :raises NotAllowed: if `by` is not HR of the organisation.
    :raises AgreementRefused: if the round is not open for organisations or does not serve this one, if it has its
        agreement already, or if somebody would take part twice or holds the position no longer.
    """
    if not any(organisation.path.startswith(path) for path in Role.objects.paths(by, Role.Kind.HR)):
        raise actions.NotAllowed(_("This is not yours to do."))
    demand_round(round_, Round.Subject.ORGANISATIONS)
    if not organisation.path.startswith(round_.organisation.path):
        raise AgreementRefused(_("The round does not serve this organisation."))
    if Agreement.objects.filter(round=round_, organisation=organisation, person=None).exists():
        raise AgreementRefused(_("This organisation has an agreement in this round already."))
    _demand_present([signs, agrees, *witnesses], round_, at=at)
    agreement = Agreement(round=round_, organisation=organisation, state_since=at)
    version = begin(agreement, signs, agrees, starts_on=round_.starts_on, by=by, at=at)
    chain = [(Capacity.ASSESSEE, signs), (Capacity.ASSESSOR, agrees)]
    chain += zip(WITNESSES_OF_AGREEMENT, witnesses, strict=False)
    Party.objects.bulk_create(party(version, capacity, held) for capacity, held in chain)
    record("open", agreement, by=by, at=at, details={"to": State.DRAFT, "organisation": organisation.code})
    return agreement


def _demand_present(postings: Sequence[Posting], round_: Round, *, at: datetime) -> None:
    """Refuse whoever would take part twice, or holds no such position on the day in the round's organisation."""
    if len({one.user_id for one in postings}) < len(postings):
        raise AgreementRefused(_("Nobody takes part in an agreement twice: choose different people."))
    if len(postings) - 2 > len(WITNESSES_OF_AGREEMENT):
        raise AgreementRefused(_("An agreement has four witnesses at the most."))
    held = people_for(round_, on=timezone.localdate(at))
    if held.filter(pk__in=[one.pk for one in postings]).count() < len(postings):
        raise AgreementRefused(_("One of them holds no position here now. Look at the list of people."))
