"""Notes: an assessor's dated remarks on work and behaviour, private until they are shared.

Who sees what: a private note is the assessor's alone, and of whoever is acting for the assessor; who succeeds them sees
the shared ones. Neither HR nor auditors see a note. Sharing is final.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, Capacity, Note, Party, Round, State, User, Version
from agreements.models.states import PART_STATES
from agreements.predicates import is_assessee, place_of
from agreements.services import acting, log
from agreements.services.states import locked

# 004, 2.3(32): work and behaviour are noted at least every two weeks.
OFTEN = timedelta(days=14)
AMENDING = (State.DRAFT, State.PROPOSED)


class NoteRefused(Exception):
    """The note cannot be written, changed or answered so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a note says, of which day, and what it is about: an item, a competency, or neither."""

    about_day: date
    text: str
    about_item: UUID | None = None
    about_competency: int | None = None


@transaction.atomic
def write(version: Version, remark: Remark, *, by: User, at: datetime) -> Note:
    """Keep a private note of the assessor's.

    :raises NotAllowed: if `by` does not assess here.
    :raises NotNow: if the result is signed.
    :raises NoteRefused: if it says nothing, or the day lies after today or outside the round.
    """
    version = locked(version)
    actions.demand(actions.NOTE, version, by)
    _check(version, remark, at=at)
    place = place_of(by, version, Capacity.ASSESSOR)
    assert place is not None  # noqa: S101  it was demanded that `by` assesses
    return Note.objects.create(
        part=version.part,
        owner=place.user,
        owner_posting=place.posting,
        author=by,
        written_at=at,
        about_day=remark.about_day,
        text=remark.text.strip(),
        about_item=remark.about_item,
        about_competency=remark.about_competency,
    )


def _check(version: Version, remark: Remark, *, at: datetime) -> None:
    round_ = version.part.agreement.round
    if not remark.text.strip():
        raise NoteRefused(_("Write what you noted."))
    if remark.about_day > timezone.localdate(at):
        raise NoteRefused(_("The day lies after today."))
    if not round_.starts_on <= remark.about_day <= round_.ends_on:
        raise NoteRefused(_("The day lies outside the round."))
    known = remark.about_item is None or version.items.filter(lineage=remark.about_item).exists()
    order = remark.about_competency
    if not known or (order is not None and not version.competencies.filter(order=order).exists()):
        raise NoteRefused(_("What it is about is not in the agreement."))


@transaction.atomic
def rewrite(note: Note, version: Version, remark: Remark, *, by: User, at: datetime) -> None:
    """Change a note that is still private.

    :raises NotAllowed: if it is not a note of `by`'s, or of whom `by` is acting for.
    :raises NotNow: if the result is signed.
    :raises NoteRefused: if it was shared, or cannot be said so.
    """
    note = _private(note, version, by=by)
    _check(version, remark, at=at)
    note.about_day, note.text = remark.about_day, remark.text.strip()
    note.about_item, note.about_competency = remark.about_item, remark.about_competency
    note.save(update_fields=["about_day", "text", "about_item", "about_competency"])


@transaction.atomic
def remove(note: Note, version: Version, *, by: User) -> None:
    """Take away a note that is still private; nobody but its assessor has read it.

    :raises NotAllowed: if it is not a note of `by`'s, or of whom `by` is acting for.
    :raises NotNow: if the result is signed.
    :raises NoteRefused: if it was shared.
    """
    _private(note, version, by=by).delete()


@transaction.atomic
def share(note: Note, version: Version, *, by: User, at: datetime) -> None:
    """Let the assessee read a note. This is final, and stands in the log.

    :raises NotAllowed: if it is not a note of `by`'s, or of whom `by` is acting for.
    :raises NotNow: if the result is signed.
    :raises NoteRefused: if it was shared already.
    """
    note = _private(note, version, by=by)
    note.shared_at = at
    note.save(update_fields=["shared_at"])
    agreement = version.part.agreement
    # The log says that it was shared and what, by its hash: the words are between the parties.
    details = {"note": note.pk, "day": note.about_day, "text": log.digest(note.text)}
    office = log.office_of(agreement.organisation)
    details |= acting.told(by, version)
    log.record("note.shared", office=office, by=by, at=at, agreement=agreement, details=details)


def _private(note: Note, version: Version, *, by: User) -> Note:
    """Return `note` as it is now, if `by` may still change it."""
    version = locked(version)
    actions.demand(actions.NOTE, version, by)
    note = Note.objects.select_for_update(of=("self",)).get(pk=note.pk)
    place = place_of(by, version, Capacity.ASSESSOR)
    if place is None or place.user_id != note.owner_id or note.part_id != version.part_id:
        raise actions.NotAllowed(_("This note is another assessor's."))
    if note.shared_at is not None:
        raise NoteRefused(_("It is shared already, and stays as it is."))
    return note


@transaction.atomic
def answer(note: Note, version: Version, text: str, *, by: User, at: datetime) -> None:
    """Keep what the assessee says to a shared note; it may be changed until the agreement is closed.

    :raises NotAllowed: if `by` is not the assessee.
    :raises NoteRefused: if it was not shared, says nothing, or the agreement is closed.
    """
    version = locked(version)
    if not is_assessee(by, version):
        raise actions.NotAllowed(_("Only the assessee answers a note."))
    note = Note.objects.select_for_update(of=("self",)).get(pk=note.pk, part__agreement=version.part.agreement_id)
    if note.shared_at is None:
        raise actions.NotAllowed(_("Only the assessee answers a note."))
    if version.part.agreement.state == State.CLOSED:
        raise NoteRefused(_("The agreement is closed."))
    if not text.strip():
        raise NoteRefused(_("Write your answer."))
    note.answer, note.answered_at = text.strip(), at
    note.save(update_fields=["answer", "answered_at"])
    agreement = version.part.agreement
    details = {"note": note.pk, "text": log.digest(note.answer)}
    office = log.office_of(agreement.organisation)
    log.record("note.answered", office=office, by=by, at=at, agreement=agreement, details=details)


# --- Reading ---------------------------------------------------------------------------------------------------------
def notes_for(version: Version, user: User) -> list[Note]:
    """Return the notes on the whole agreement that `user` may read, the newest first."""
    found = Note.objects.visible_to(user).filter(part__agreement=version.part.agreement_id)
    return list(found.select_related("author", "owner", "owner_posting", "part").newest_first())


@dataclass(frozen=True, slots=True)
class Overdue:
    """An agreement of which its assessor noted nothing for two weeks; `last` is the day of the latest note, if any."""

    agreement: Agreement
    name: str
    last: date | None


def overdue_for(user: User, *, day: date) -> list[Overdue]:
    """Return the agreements that `user` assesses in this part of the round and has noted nothing of for two weeks."""
    mine = Party.objects.filter(user=user, capacity=Capacity.ASSESSOR, version__is_current=True).filter(
        # An amendment that is open interrupts nothing.
        Q(version__part__state=State.AGREED) | Q(version__amends__isnull=False, version__part__state__in=AMENDING),
        version__part__agreement__state__in=PART_STATES,
        version__part__agreement__round__status=Round.Status.OPEN,
        version__part__starts_on__lte=day - OFTEN,
        version__part__ends_on__gte=day,
    )
    latest = Max("version__part__notes__about_day", filter=Q(version__part__notes__owner=user))
    quiet = (
        mine.select_related(
            "version__part__agreement__round",
            "version__part__agreement__organisation",
            "version__part__agreement__person",
        )
        .annotate(latest=latest)
        .filter(Q(latest=None) | Q(latest__lt=day - OFTEN))
        .order_by("latest", "pk")
    )
    return [_overdue(party) for party in quiet]


def _overdue(party: Party) -> Overdue:
    agreement = party.version.part.agreement
    return Overdue(agreement, agreement.subject, party.latest)  # type: ignore[attr-defined]


def takes_part(version: Version, user: User) -> bool:
    """Return whether `user` is a party to any part of the agreement, or is acting for one."""
    there = Party.objects.filter(version__is_current=True, version__part__agreement=version.part.agreement_id)
    if there.filter(user=user).exists():
        return True
    if not user.stands_in or version.part.agreement.person_id == user.pk:
        return False
    stood_in = Party.objects.stood_in_for(user).filter(version__part__agreement=version.part.agreement_id)
    return stood_in.exists()
