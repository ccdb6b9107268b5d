"""The self-assessments of an organisation at 6, 9 and 12 months: keeping how far it was at each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Agreement, Checkpoint, KeptState, Part, Round, User, Version
from agreements.services import log
from agreements.services.content import evidence_of
from agreements.services.results import Book, figures_of, open_book, scores_of
from agreements.services.states import AgreementRefused, locked, of_part, record

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A checkpoint of an agreement: its last day, and the state that was kept there, if it was."""

    checkpoint: Checkpoint
    ends_on: date
    # From when on it may be kept.
    opens_on: date
    kept: KeptState | None
    content: dict[str, Any] | None
    # Whether it is the next to be kept.
    is_next: bool


def checkpoints_of(agreement: Agreement) -> list[Checkpoint]:
    """Return the checkpoints of `agreement`: those of an organisation in a round of the whole year."""
    is_whole_year = agreement.round.number == Round.Number.WHOLE_YEAR
    return list(Checkpoint) if agreement.is_of_organisation and is_whole_year else []


def standings(part: Part) -> list[Standing]:
    """Return the checkpoints of `part` in their order, with what was kept."""
    kept = {one.checkpoint: one for one in KeptState.objects.filter(part=part.pk).select_related("kept_by")}
    wanted = checkpoints_of(part.agreement)
    last = max((wanted.index(Checkpoint(one)) for one in kept), default=-1)
    return [
        Standing(
            checkpoint=one,
            ends_on=last_day(part.agreement.round, one),
            opens_on=first_day(part.agreement.round, one),
            kept=kept.get(one),
            content=json.loads(kept[one].content) if one in kept else None,
            is_next=number == last + 1,
        )
        for number, one in enumerate(wanted)
    ]


def last_day(round_: Round, checkpoint: Checkpoint) -> date:
    """Return the last day of the months that `checkpoint` looks back on."""
    return _months_after(round_.starts_on, checkpoint.months) - timedelta(days=1)


def first_day(round_: Round, checkpoint: Checkpoint) -> date:
    """Return the day from which the state may be kept: the beginning of its last month."""
    return _months_after(round_.starts_on, checkpoint.months - 1)


def _months_after(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 + months
    # Rounds begin on the first of a month; one that does not is counted from there.
    return date(whole // 12, whole % 12 + 1, 1)


@transaction.atomic
def keep(version: Version, checkpoint: Checkpoint, *, by: User, at: datetime) -> KeptState:
    """Keep what is entered and how it scores today as the state at `checkpoint`; it never changes again.

    What is entered afterwards begins from it, so that the last checkpoint feeds what is reported.

    :raises NotAllowed: if it is not for `by` to close it.
    :raises NotNow: if results are not entered now.
    :raises AgreementRefused: if it is kept already, a later one is, or its last month has not begun.
    """
    version = locked(version)
    actions.demand(actions.KEEP_STATE, version, by)
    today = timezone.localdate(at)
    _demand_open(version.part, checkpoint, today)
    book = open_book(version)
    text = log.canonical(content_of(book, checkpoint, on=today))
    kept = KeptState.objects.create(
        part=version.part, checkpoint=checkpoint, content=text, sha256=log.digest(text), kept_by=by, kept_at=at
    )
    details = {"checkpoint": str(checkpoint), "on": today, "sha256": kept.sha256, **of_part(version)}
    record(actions.KEEP_STATE.code, version.part.agreement, by=by, at=at, details=details)
    return kept


def _demand_open(part: Part, checkpoint: Checkpoint, today: date) -> None:
    found = {one.checkpoint: one for one in standings(part)}
    if checkpoint not in found:
        raise AgreementRefused(_("This agreement has no such checkpoint."))
    here = found[checkpoint]
    if here.kept is not None:
        raise AgreementRefused(_("This state is kept already."))
    order = list(found)
    if any(found[later].kept for later in order[order.index(checkpoint) :]):
        raise AgreementRefused(_("A later state is kept already; this one can no longer be."))
    if today < here.opens_on:
        raise AgreementRefused(_("This state can be kept from %(day)s on.") % {"day": thai.format_date(here.opens_on)})


def content_of(book: Book, checkpoint: Checkpoint, *, on: date) -> dict[str, Any]:
    """Return what is kept at `checkpoint`: inputs, evidence and scores as they are on the day `on`."""
    files: dict[int, list[dict[str, str]]] = {}
    for one in evidence_of(book.results.values()):
        files.setdefault(one.result_id, []).append({"name": one.name, "sha256": one.stored.sha256})
    return {
        "format": FORMAT,
        "checkpoint": str(checkpoint),
        "agreement": book.version.part.agreement_id,
        "part": book.version.part.number,
        "version": book.version.number,
        "on": on.isoformat(),
        "items": [
            {
                "lineage": str(item.lineage),
                "code": item.code,
                "title": item.title,
                "weight": None if item.weight is None else str(item.weight),
            }
            for item in book.items
        ],
        "results": {
            code: {
                "inputs": result.inputs,
                "note": result.note,
                "evidence": files.get(result.pk, []),
                "evidence_at_hand": result.evidence_at_hand,
                "confirmed": result.confirmed_at is not None,
            }
            for code, result in book.results.items()
        },
        "scores": figures_of(scores_of(book, "self")),
    }
