"""Moving unit or assessor in mid-round: an agreement is split at a day, and each part runs to assessed by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _, gettext_lazy

from agreements import actions, thai
from agreements.models import AgreedCompetency, Capacity, Duty, Part, Party, Posting, Round, User, Version
from agreements.services import log
from agreements.services.agreements import competency_set_for, expect_competencies, party
from agreements.services.states import AgreementRefused, locked, slowest
from agreements.services.versions import renew_items, renew_rows


class Start(models.TextChoices):
    """What the new part begins with."""

    COPY = "copy", gettext_lazy("A copy of the indicators of the part before")
    EMPTY = "empty", gettext_lazy("No indicators: they are chosen anew")


@transaction.atomic
def split(
    version: Version,
    *,
    on: date,
    posting: Posting,
    assessor: Posting,
    start: Start,
    reason: str,
    by: User,
    at: datetime,
) -> Version:
    """End the last part the day before `on`, and begin a further one under `posting` and `assessor` that day.

    :raises NotAllowed: if `by` is not HR of the agreement, or it is their own.
    :raises NotNow: if the part is assessed already.
    :raises AgreementRefused: without a reason, or if the day, the position or the assessor cannot be.
    """
    version = locked(version)
    actions.demand(actions.SPLIT, version, by)
    before = version.part
    if not reason.strip():
        raise AgreementRefused(_("Give the reason for the split."))
    _refuse_day(before, on)
    _refuse_posting(before, posting, on=on, by=by)
    _refuse_assessor(before, posting, assessor, on=on, by=by)
    ends_on = before.ends_on
    before.ends_on, before.is_last = on - timedelta(days=1), False
    before.save(update_fields=["ends_on", "is_last"])
    part = Part.objects.create(
        agreement=before.agreement,
        number=before.number + 1,
        posting=posting,
        assessor=assessor,
        starts_on=on,
        ends_on=ends_on,
        reason=reason.strip(),
    )
    begun = _begin(part, version, start, by=by, at=at)
    _follow(part, at=at)
    _record(part, start, by=by, at=at)
    return begun


def _refuse_day(part: Part, on: date) -> None:
    if not part.starts_on < on <= part.ends_on:
        raise AgreementRefused(
            _("The day must lie after %(first)s and not after %(last)s, so that both parts have a day.")
            % {"first": thai.format_date(part.starts_on), "last": thai.format_date(part.ends_on)}
        )


def _refuse_posting(part: Part, posting: Posting, *, on: date, by: User) -> None:
    person = part.agreement.person_id
    if person is not None and posting.user_id != person:
        raise AgreementRefused(_("That position is another person's."))
    if posting.starts_on > on or (posting.ends_on is not None and posting.ends_on < on):
        raise AgreementRefused(_("That position is not held on that day. Write its days on the page of the person."))
    if not Posting.objects.visible_to(by).filter(pk=posting.pk).exists():
        raise actions.NotAllowed(_("That position lies in an office that you do not look after."))
    if not _serves(part.agreement.round, posting):
        raise AgreementRefused(_("The round does not serve the office of that position."))


def _serves(round_: Round, posting: Posting) -> bool:
    return str(posting.organisation.path).startswith(str(round_.organisation.path))


def _refuse_assessor(part: Part, posting: Posting, assessor: Posting, *, on: date, by: User) -> None:
    if assessor.user_id == posting.user_id:
        raise AgreementRefused(_("Nobody assesses themselves."))
    if (posting.pk, assessor.pk) == (part.posting_id, part.assessor_id):
        raise AgreementRefused(_("Position and assessor are the same as before; there is nothing to split."))
    if assessor.starts_on > on or (assessor.ends_on is not None and assessor.ends_on < on):
        raise AgreementRefused(_("The assessor does not hold that position on that day."))
    if not Posting.objects.visible_to(by).filter(pk=assessor.pk).exists():
        raise actions.NotAllowed(_("The assessor works in an office that you do not look after."))


def _begin(part: Part, before: Version, start: Start, *, by: User, at: datetime) -> Version:
    version = Version.objects.create(part=part, number=1, created_by=by, created_at=at)
    _name_parties(version)
    if start == Start.EMPTY:
        expect_competencies(version, part.agreement.round, part.posting)
        return version
    renew_items(before, version)
    duties = Duty.objects.filter(part=before.part_id).order_by("pk")
    Duty.objects.bulk_create(
        Duty(part=part, lineage=one.lineage, kind=one.kind, posting=one.posting, given_by=by, given_at=at)
        for one in duties.select_related("posting")
    )
    renew_rows(AgreedCompetency.objects.filter(version=before), version)
    version.competencies.update(observed=None)
    chosen = competency_set_for(part.agreement.round, part.posting)
    if chosen is not None and part.posting.level != before.part.posting.level:
        # Another level is expected of another level of position.
        version.competencies.update(expected=int(chosen.expected_levels.get(part.posting.level, 1)))
    return version


def _name_parties(version: Version) -> None:
    part = version.part
    assessors = Part.objects.filter(agreement=part.agreement).values_list("assessor__user", flat=True)
    # Who assessed a part does not review the whole.
    taken = {part.posting.user_id, *assessors}
    chain = [(Capacity.ASSESSEE, part.posting), (Capacity.ASSESSOR, part.assessor)]
    seen: set[int] = set()
    reviewer = part.assessor.assessor
    while reviewer is not None and reviewer.user_id in taken and reviewer.pk not in seen:
        seen.add(reviewer.pk)
        reviewer = reviewer.assessor
    if reviewer is not None and reviewer.user_id not in taken and not part.agreement.is_of_organisation:
        chain.append((Capacity.REVIEWER, reviewer))
    Party.objects.bulk_create(party(version, capacity, held) for capacity, held in chain)


def _follow(part: Part, *, at: datetime) -> None:
    """Let the whole stand where its new part does, and where its person works now."""
    agreement = part.agreement
    if agreement.person_id is not None:
        agreement.organisation = part.posting.organisation
    agreement.state, agreement.state_since = slowest(agreement), at
    agreement.save(update_fields=["organisation", "state", "state_since"])


def _record(part: Part, start: Start, *, by: User, at: datetime) -> None:
    details = {
        "part": part.number,
        "on": part.starts_on,
        "reason": part.reason,
        "posting": part.posting_id,
        "assessor": part.assessor_id,
        "start": str(start),
    }
    agreement = part.agreement
    office = log.office_of(agreement.organisation)
    log.record(actions.SPLIT.code, office=office, by=by, at=at, agreement=agreement, details=details)
