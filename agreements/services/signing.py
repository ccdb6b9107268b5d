"""Signing: what stands in the way, and the act itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Capacity, Result, Signature, Snapshot, Stage, State, StoredFile, User, Version
from agreements.models.states import WITNESSES_OF_AGREEMENT, awaits_check, awaits_signature
from agreements.predicates import place_of
from agreements.services import (
    acting,
    amendments,
    blanks,
    content as contents,
    deadlines,
    judges,
    log,
    outcomes,
    refusals,
    wholes,
)
from agreements.services.plans import plan_due, plan_missing
from agreements.services.results import Book, keep_assessed, open_book, scores_of
from agreements.services.states import locked, move

WHOLE_WEIGHT = Decimal(100)


class SignOffRefused(Exception):
    """It cannot be signed as it is; `reasons` says what must happen first."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


class ContentChanged(SignOffRefused):
    """What was shown is no longer what would be signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A signature on paper: the day it bears, its scan, and who records it."""

    signed_on: date
    scan: StoredFile
    scan_name: str
    recorded_by: User


# --- What must happen first ------------------------------------------------------------------------------------------
def obstacles(
    version: Version,
    action: actions.Action,
    book: Book | None = None,
    *,
    today: date | None = None,
    desk: judges.Desk | None = None,
) -> list[str]:
    """Return, in words, what must happen before `action` can be signed; `book` and `desk` where they were read already.

    What a unit above is to judge is waited for until its last day is past; without `today`, always.
    """
    checks: dict[actions.Action, Callable[[Book], list[str]]] = {
        actions.PROPOSE: _agreement_obstacles,
        actions.AGREE: lambda book: [*_first_others(book.version, Stage.AGREE), *_agreement_obstacles(book)],
        actions.ASSESS: lambda book: [
            *_first_others(book.version, Stage.RESULT),
            *judges.obstacles(book, today=today, desk=desk),
            *_assessment_obstacles(book),
        ],
    }
    check = checks.get(action)
    return check(book or open_book(version)) if check else []


def _first_others(version: Version, stage: Stage) -> list[str]:
    """Return a sentence for each who comes before the assessor's signature."""
    found = []
    if stage == Stage.AGREE and awaits_check(version):
        found.append(_("First the HR office checks that the proposal is complete."))
    if awaits_signature(version, Capacity.COMMENTATOR, stage):
        name = next(party.name for party in version.parties.all() if party.capacity == Capacity.COMMENTATOR)
        found.append(_("First the commentator %(name)s signs with a comment.") % {"name": name})
    waiting = [one for one in WITNESSES_OF_AGREEMENT if stage == Stage.AGREE and awaits_signature(version, one, stage)]
    names = [party.name for party in version.parties.all() if party.capacity in waiting]
    if names:
        found.append(_("First the witnesses sign: %(names)s.") % {"names": ", ".join(names)})
    return found


def weight_sum(book: Book) -> Decimal:
    """Return the sum of the weights of the items that count, in per cent."""
    return sum((item.weight or Decimal(0) for item in book.tops), Decimal(0))


def _agreement_obstacles(book: Book) -> list[str]:
    least = book.version.part.agreement.round.least_indicators
    found = _amendment_obstacles(book.version)
    if len(book.tops) < least:
        found.append(
            _("The round wants at least %(least)s indicators; %(chosen)s are chosen.")
            % {"least": least, "chosen": len(book.tops)}
        )
    unweighed = [item.code for item in book.leaves if not item.weight and item.definition.get("scored", True)]
    if unweighed:
        found.append(_("No weight is given to: %(codes)s.") % {"codes": ", ".join(unweighed)})
    total = weight_sum(book)
    if total != WHOLE_WEIGHT:
        found.append(
            _("The weights must sum to 100; they sum to %(total)s.") % {"total": thai.canonical_decimal(total)}
        )
    open_ones = [item.code for item in book.leaves if item.kind == "open"]
    if open_ones:
        found.append(_("The criteria are still open for: %(codes)s.") % {"codes": ", ".join(open_ones)})
    found += [*_blanks_left(book), *_sub_indicators_missing(book)]
    unnamed = [str(row.order) for row in book.version.competencies_in_order() if not row.name.strip()]
    if unnamed:
        found.append(_("Name the competencies in rows: %(rows)s.") % {"rows": ", ".join(unnamed)})
    return found


def _amendment_obstacles(version: Version) -> list[str]:
    latest = next(iter(amendments.amendments_of(version)), None)
    if version.is_open_amendment and latest and latest.says_the_same:
        return [_("The amendment changes nothing yet. Change what is to be different, or give it up.")]
    return []


def _blanks_left(book: Book) -> list[str]:
    """Return a sentence for each item in whose texts something is still left out."""
    found = []
    for item in book.items:
        left = [one.in_short for one in blanks.blanks_of({**item.definition, "title": item.title})]
        if blanks.has_blank(item.goal):
            left.append(_("Goal or expected achievement"))
        if left:
            found.append(
                _("Indicator %(code)s has blanks left to fill in: %(blanks)s.")
                % {"code": item.code, "blanks": "; ".join(left)}
            )
    return found


def _sub_indicators_missing(book: Book) -> list[str]:
    found = []
    for item in book.items:
        least, agreed = int(item.definition.get("children_at_least") or 0), len(book.children(item))
        if agreed < least:
            found.append(
                _("Indicator %(code)s wants at least %(least)s sub-indicators; %(agreed)s are agreed.")
                % {"code": item.code, "least": least, "agreed": agreed}
            )
    return found


def _assessment_obstacles(book: Book) -> list[str]:
    found = []
    unjudged = [item.code for item in book.leaves if not _is_judged(book.result(item))]
    if unjudged:
        found.append(_("Not yet assessed: %(codes)s.") % {"codes": ", ".join(unjudged)})
    unobserved = [row.name for row in book.version.competencies_in_order() if row.observed is None]
    if unobserved:
        found.append(_("No level is given for: %(names)s.") % {"names": ", ".join(unobserved)})
    if found:
        return found
    scores = scores_of(book, "assessor")
    missing = plan_missing(book, plan_due(book, scores))
    if missing:
        names = "; ".join(one.title for one in missing)
        found.append(_("A development-plan row is due for: %(names)s.") % {"names": names})
    if scores.final is not None and scores.final == WHOLE_WEIGHT and not book.version.full_score_reason:
        found.append(_("Give the reason for the full 100."))
    return found


def _is_judged(result: Result | None) -> bool:
    return result is not None and result.verdict != Result.Verdict.NONE


# --- Signing ---------------------------------------------------------------------------------------------------------
def content_to_sign(version: Version, action: actions.Action) -> dict[str, Any]:
    """Return what `action` signs: the content already signed at its stage, where there is one, else the draft.

    Everyone who signs after the first signs the very same content; a commentator signs the results as reported.
    """
    assert action.stage is not None  # noqa: S101  only signatures reach this
    if action == actions.COMMENT_RESULT:
        # The comment is on what was reported, before the assessor has scored it.
        return contents.content_of(version, action.stage, side="self")
    if action.is_of_the_whole and not version.part.is_only:
        return wholes.signed_whole(version) or wholes.content_of_whole(version)
    signed = contents.signed_content(version, action.stage)
    return signed or contents.content_of(version, action.stage)


@transaction.atomic
def sign_off(
    version: Version,
    action: actions.Action,
    *,
    by: User,
    shown: str,
    at: datetime,
    decision: str = Signature.Decision.SIGNED,
    comment: str = "",
    paper: Paper | None = None,
) -> Signature:
    """Record `by`'s signature under the content whose hash is `shown`, and move the agreement on.

    What is recorded from paper is logged as the act of who records it (services/paper.py).

    :raises NotAllowed: if this signature is not `by`'s to give.
    :raises NotNow: if the agreement is in another state, so also if it was signed a moment ago.
    :raises SignOffRefused: if something must happen first, or the content changed since it was shown.
    """
    version = locked(version)
    actions.demand(action, version, by)
    reasons = [*deadlines.refusals(version, action, at=at), *obstacles(version, action, today=timezone.localdate(at))]
    if reasons:
        raise SignOffRefused(*reasons)
    content = content_to_sign(version, action)
    if contents.hash_of(content) != shown:
        raise ContentChanged(_("It has changed since you opened it. Look at it again, then sign."))
    decision = _decided(action, decision, comment)
    answer = {"decision": decision, "comment": comment.strip(), **_method(paper)}
    if action == actions.ASSESS:
        # Before the signature: under it the database lets no result change.
        keep_assessed(version, at=at)
    signature = _write(version, action, content, by=by, at=at, answer=answer)
    if action == actions.AGREE:
        amendments.judge_anew(version)
    if action == actions.ACKNOWLEDGE:
        refusals.void(version)
    details = {"content": shown, "decision": str(decision), "version": version.number, "comment": comment}
    actor = paper.recorded_by if paper else by
    move(version, action, by=actor, at=at, details=details | _recorded(signature), signature=signature)
    agreement = version.part.agreement
    # Where there are several parts, the last one that is assessed releases the whole.
    is_whole = agreement.state == State.ASSESSED
    if action == actions.ASSESS and is_whole:
        outcomes.keep(signature)
    if action == actions.ASSESS and is_whole and agreement.round.releases_on_assessment:
        _release_at_once(version, by=actor, at=at)
    return signature


OPINIONS = {Signature.Decision.AGREES, Signature.Decision.DIFFERS}


def _decided(action: actions.Action, decision: str, comment: str) -> str:
    """Return what the signature decides, which its capacity must be able to, in words where it takes words."""
    if action == actions.WITNESS:
        return Signature.Decision.WITNESSED
    if (decision in OPINIONS) != (action in (actions.REVIEW, actions.REVIEW_2)):
        raise SignOffRefused(_("Choose whether you agree with the result or differ."))
    if decision == Signature.Decision.DIFFERS and not comment.strip():
        raise SignOffRefused(_("Say in words how you differ."))
    if action == actions.COMMENT_RESULT and not comment.strip():
        raise SignOffRefused(_("Give your comment in words."))
    return decision


def _write(
    version: Version,
    action: actions.Action,
    content: dict[str, Any],
    *,
    by: User,
    at: datetime,
    answer: dict[str, Any],
) -> Signature:
    text = log.canonical(content)
    snapshot, _created = Snapshot.objects.get_or_create(
        version=version,
        stage=action.stage,
        sha256=log.digest(text),
        defaults={"content": text, "created_at": at, "is_whole": content.get("is_whole", False)},
    )
    assert action.capacity is not None  # noqa: S101  only signatures reach this
    party = place_of(by, version, action.capacity)
    assert party is not None  # noqa: S101  it was demanded that the act is theirs
    is_acting = party.user_id != by.pk
    return Signature.objects.create(
        version=version,
        snapshot=snapshot,
        signatory=by,
        capacity=Capacity(party.capacity),
        stage=Stage(snapshot.stage),
        name=by.full_name if is_acting else party.name,
        title=acting.own_position(by, party, day=timezone.localdate(at)) if is_acting else party.title,
        acting_for=acting.printed(party) if is_acting else "",
        content_hash=snapshot.sha256,
        signed_at=at,
        **answer,
    )


def _method(paper: Paper | None) -> dict[str, Any]:
    if paper is None:
        return {"method": Signature.Method.PORTAL}
    names = ("signed_on", "scan", "scan_name", "recorded_by")
    return {"method": Signature.Method.PAPER} | {name: getattr(paper, name) for name in names}


def _recorded(signature: Signature) -> dict[str, Any]:
    """Return what the log tells of a signature recorded from paper: whose it is, its day and its scan."""
    if signature.scan is None:
        return {}
    return {
        "method": str(signature.method),
        "signatory": signature.signatory.username,
        "signed_by": signature.name,
        "signed_on": signature.signed_on,
        "scan": signature.scan.sha256,
    }


def _release_at_once(version: Version, *, by: User, at: datetime) -> None:
    # The round was opened so by HR; the log says that the assessment released it.
    move(version, actions.RELEASE, by=by, at=at, details={"because": "round releases on assessment"})
