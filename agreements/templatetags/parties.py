"""What templates need to say who takes part, who signed and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements import actions, thai
from agreements.models import Capacity, Checkpoint, Duty, EndedBecause, Part, Signature, Version
from agreements.models.agreements import AgreementKey
from agreements.services.notice_rules import page_of

register = template.Library()

# What the log calls an act, as a line of the history says it.
DONE: dict[str, str | Promise] = {
    "open": _("Opened the agreement"),
    "forms.damaged": _("A printed form was found changed on the server and drawn anew"),
    actions.PROPOSE.code: _("Signed and proposed the agreement"),
    actions.RETURN_PROPOSAL.code: _("Returned the agreement"),
    actions.AGREE.code: _("Signed and agreed"),
    actions.REPORT.code: _("Reported the results"),
    actions.RETURN_REPORT.code: _("Returned the report"),
    actions.ASSESS.code: _("Signed the assessment"),
    actions.RELEASE.code: _("Released the result"),
    actions.RETURN_ASSESSMENT.code: _("Returned the assessment"),
    actions.SCREEN.code: _("The screening committee looked at the result"),
    actions.ACKNOWLEDGE.code: _("Signed to acknowledge the result"),
    actions.REVIEW.code: _("Signed the review"),
    actions.CLOSE.code: _("Closed the agreement"),
    "deadline.extended": _("Gave more time"),
    "deadline.changed": _("Changed the time given"),
    "deadline.withdrawn": _("Took the time given back"),
    "evidence.attached": _("Attached evidence"),
    "evidence.removed": _("Took evidence away"),
    actions.DISAGREE.code: _("Said why there is no agreement"),
    actions.WITHDRAW_PROPOSAL.code: _("Withdrew the proposal"),
    actions.CHECK.code: _("Checked the proposal: it is complete"),
    actions.RETURN_INCOMPLETE.code: _("Sent the proposal back as incomplete"),
    actions.COMMENT_START.code: _("Signed with a comment on the agreement"),
    actions.WITHDRAW_REPORT.code: _("Withdrew the report"),
    actions.COMMENT_RESULT.code: _("Signed with a comment on the reported results"),
    actions.WITHDRAW_ASSESSMENT.code: _("Withdrew the assessment"),
    actions.REFUSE.code: _("Put on record that the assessee does not sign"),
    actions.WITNESS.code: _("Signed as witness"),
    actions.REVIEW_2.code: _("Signed the second review"),
    actions.REOPEN_ASSESSMENT.code: _("Reopened it for assessing"),
    actions.REOPEN_REPORT.code: _("Reopened it for reporting"),
    actions.REPLACE.code: _("Changed a party"),
    actions.END.code: _("Ended the agreement early"),
    actions.RESUME.code: _("Took the agreement up again"),
    actions.AMEND.code: _("Opened an amendment"),
    actions.ABANDON_AMENDMENT.code: _("Gave the amendment up"),
    actions.SPLIT.code: _("Split the agreement"),
    **{one.code: _("Signed as witness of the agreement") for one in actions.WITNESSES_START},
    actions.CONFIRM.code: _("Confirmed what was entered"),
    actions.KEEP_STATE.code: _("Kept the state of a checkpoint"),
    "duty.given": _("Let somebody look after indicators"),
    "duty.taken": _("Took indicators from somebody who looked after them"),
    "judged.handed_in": _("Judged an indicator for everyone"),
    "note.shared": _("Shared a note on work and behaviour"),
    "note.answered": _("Answered a note"),
}


@register.filter
def capacity_word(capacity: str) -> str:
    """Return the word of a capacity."""
    return str(Capacity(capacity).label)


@register.filter
def checkpoint_word(code: str) -> str:
    """Return the word of a checkpoint."""
    return str(Checkpoint(code).label)


@register.filter
def duty_word(kind: str) -> str:
    """Return the word of a duty."""
    return str(Duty.Kind(kind).label)


@register.filter
def decision_word(decision: str) -> str:
    """Return what a signature decided, empty where it only signs."""
    return "" if decision == Signature.Decision.SIGNED else str(Signature.Decision(decision).label)


@register.filter
def because_word(code: str) -> str:
    """Return why an agreement was ended, as a word."""
    return str(EndedBecause(code).label)


@register.filter
def iso_day(day: str) -> str:
    """Return a day that the log keeps, as people write it."""
    return thai.format_date(date.fromisoformat(day))


@register.filter
def done_words(verb: str) -> str:
    """Return how the history calls what the log calls `verb`."""
    return str(DONE.get(verb, verb))


@register.filter
def of_item(by_lineage: Mapping[UUID, Any], item: Any) -> Any:
    """Return what is kept by lineage of `item`."""
    return by_lineage.get(item.lineage)


@register.simple_tag
def signature_places(parties: Iterable[Any], signatures: Iterable[Any], stage: str) -> list[dict[str, Any]]:
    """Return the places to sign at `stage` in their order, each with its party and its signature if it was given."""
    given = {line.capacity: line for line in signatures if line.stage == stage}
    by_capacity = {party.capacity: party for party in parties}
    return [
        {"party": by_capacity[action.capacity], "signature": given.get(action.capacity)}
        for action in actions.SIGNATURES
        if action.stage == stage and action.capacity in by_capacity
    ]


@register.simple_tag
def parts_of(version: Version) -> list[Part]:
    """Return the parts of the agreement of `version`, in their order."""
    return list(Part.objects.filter(agreement=version.part.agreement_id).order_by("number"))


@register.simple_tag
def task_url(code: str, agreement: AgreementKey | int) -> str:
    """Return the address of the page where the work of the act `code` is done, as notices link to it."""
    return page_of(code, agreement)
