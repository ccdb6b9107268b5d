"""Signing much in one sitting: what waits for one act, what about each is out of the ordinary, and the signatures."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Round, Signature, Stage, State, User, Version
from agreements.services import content as contents, deadlines, judges, signing
from agreements.services.books import content_before, open_books, read_together, standing_signatures
from agreements.services.comparison import written
from agreements.services.content_words import Change, content_changes
from agreements.services.results import Book
from scoring.numbers import exact

logger = logging.getLogger(__name__)

FULL_SCORE = "100.00"
# The state in which it lay with the assessee before it came to be signed.
SENT_FROM: Mapping[str, str] = {State.PROPOSED: State.DRAFT, State.REPORTED: State.AGREED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An indicator as it stands in a row: what is agreed, and what came of it."""

    code: str
    title: str
    goal: str
    weight: str
    definition: Mapping[str, Any]
    is_part: bool
    result: str = ""
    note: str = ""
    files: tuple[str, ...] = ()
    own: str = ""
    score: str = ""
    reason: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An agreement that waits for the signature, with everything that is signed and what is out of the ordinary."""

    version: Version
    content: Mapping[str, Any]
    sha256: str
    lines: tuple[Line, ...]
    obstacles: list[str]
    exceptions: list[str]
    changes: list[Change] = field(default_factory=list)

    @property
    def indicators(self) -> int:
        """How many indicators are agreed, as the round's least number counts them: without their sub-indicators."""
        return sum(not line.is_part for line in self.lines)

    @property
    def is_ready(self) -> bool:
        """Whether nothing has to happen before it can be signed."""
        return not self.obstacles


def waiting_versions(round_: Round, action: actions.Action, *, by: User) -> list[Version]:
    """Return the versions of `round_` that wait for `by` to take the signature `action`."""
    if round_.status != Round.Status.OPEN:
        return []
    mine = (
        Version.objects.current()
        .visible_to(by)
        .filter(part__agreement__round=round_, part__agreement__state=action.source)
        .filter(parties__user=by, parties__capacity=action.capacity)
        .order_by("part__agreement__organisation__path", "part__agreement__person__sort_key", "pk")
    )
    return [one for one in read_together(mine) if action in actions.allowed(one, by, [action])]


def rows_of(versions: Iterable[Version], action: actions.Action, *, today: date) -> list[Row]:
    """Return `versions` as rows to sign: what stands in the way first, then what is out of the ordinary."""
    versions = list(versions)
    stage = Stage(str(action.stage))
    books, signatures = open_books(versions), standing_signatures(versions, stage)
    before = content_before(versions, stage)
    desk = judges.desk_for(item.definition for book in books.values() for item in book.leaves)
    calendar = deadlines.read({one.part.agreement.round_id: one.part.agreement.round for one in versions}.values())
    rows = []
    for version in versions:
        book, signed = books[version.pk], signatures[version.pk]
        content = contents.read_snapshot(signed[-1].snapshot) if signed else contents.content_of_book(book, stage)
        rows.append(
            Row(
                version=version,
                content=content,
                sha256=contents.hash_of(content),
                lines=tuple(_lines(content)),
                obstacles=signing.obstacles(version, action, book, today=today, desk=desk),
                exceptions=list(_exceptions(book, content, signed, calendar=calendar, today=today)),
                changes=content_changes(before[version.pk], content) if version.pk in before else [],
            )
        )
    return sorted(rows, key=lambda row: (row.is_ready, -len(row.exceptions) - bool(row.changes)))


# --- What an indicator shows ------------------------------------------------------------------------------------------
def _lines(content: Mapping[str, Any], items: Iterable[Any] | None = None, depth: int = 0) -> Iterator[Line]:
    for item in content["items"] if items is None else items:
        result = content["results"].get(item["code"]) or {}
        own, score = _score(content, "self_scores", item), _score(content, "scores", item)
        children = item.get("children") or ()
        yield Line(
            code=item["code"],
            title=item["title"],
            goal=item["goal"],
            weight=item["weight"] or "",
            definition={} if children else item["definition"],
            is_part=depth > 0,
            result="" if children else "; ".join(_result(result, score)),
            note=result.get("note") or "",
            files=tuple(one["name"] for one in result.get("evidence") or ()),
            own=own.get("score") or "",
            score=score.get("score") or "",
            reason=result.get("reason") or "",
            differs=own.get("score") != score.get("score"),
        )
        yield from _lines(content, children, depth + 1)


def _score(content: Mapping[str, Any], key: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    rows = (content.get(key) or {}).get("indicators") or ()
    return next((row for row in rows if row["code"] == item["code"]), {})


def _result(result: Mapping[str, Any], score: Mapping[str, Any]) -> Iterator[str]:
    if score.get("value") is not None:
        yield thai.format_number(score["value"])
    elif result.get("inputs"):
        yield written(result["inputs"]).replace("\n", "; ")


# --- What is out of the ordinary --------------------------------------------------------------------------------------
def _exceptions(
    book: Book, content: Mapping[str, Any], signed: list[Signature], *, calendar: deadlines.Calendar, today: date
) -> Iterator[str]:
    version = book.version
    # Why the proposal was returned is no news to who signs the result.
    was_returned = version.agreed_in_id is not None or content["stage"] != Stage.RESULT
    if was_returned and (version.returned_because or (version.number > 1 and version.reason)):
        yield _("It was returned before: %(reason)s") % {"reason": version.reason}
    for signature in signed:
        if signature.comment:
            yield _("%(name)s wrote: %(words)s") % {"name": signature.name, "words": signature.comment}
    yield from _late(version, calendar, today)
    if content["stage"] == Stage.RESULT:
        yield from _of_the_result(book, content)


def _late(version: Version, calendar: deadlines.Calendar, today: date) -> Iterator[str]:
    agreement = version.part.agreement
    came_from = SENT_FROM.get(agreement.state)
    sent_by = calendar.due_of(version, came_from) if came_from else None
    if sent_by and sent_by.is_past(agreement.state_since):
        yield _("It came late: on %(day)s, due on %(due)s.") % {
            "day": thai.format_date(timezone.localdate(agreement.state_since)),
            "due": thai.format_date(sent_by.day),
        }
    due = calendar.due_of(version)
    if due and due.day < today:
        yield _("Your signature was due on %(due)s.") % {"due": thai.format_date(due.day)}


def _of_the_result(book: Book, content: Mapping[str, Any]) -> Iterator[str]:
    leaves = {item.code for item in book.leaves}
    own = {row["code"]: row for row in content["self_scores"]["indicators"] if row["code"] in leaves}
    scores = {row["code"]: row for row in content["scores"]["indicators"] if row["code"] in leaves}
    for code, row in scores.items():
        before = own.get(code, {}).get("score")
        if row["score"] != before and before is not None:
            reason = (content["results"].get(code) or {}).get("reason") or "–"
            yield _("Indicator %(code)s: self score %(own)s, assessor's score %(score)s. %(reason)s") % {
                "code": code,
                "own": before,
                "score": row["score"] or "–",
                "reason": reason,
            }
    lists = {
        _("Not reported: %(codes)s."): [code for code, row in scores.items() if row["status"] == "not_reported"],
        _("Cancelled: %(codes)s."): [code for code, row in scores.items() if row["status"] == "cancelled"],
        _("Reported without evidence: %(codes)s."): [
            code for code, row in scores.items() if row["status"] == "scored" and not _has_evidence(content, code)
        ],
        _("Sent late: %(codes)s."): [code for code, row in scores.items() if _is_late(row)],
        _("Below level %(level)s, a plan is due: %(codes)s."): _below(content, scores),
        _("Competency below the expected level: %(codes)s."): [
            row["name"]
            for row in content["competencies"]
            if row["observed"] is not None and row["observed"] < row["expected"]
        ],
    }
    level = content["round"]["plan_below_level"]
    yield from (said % {"codes": ", ".join(codes), "level": level} for said, codes in lists.items() if codes)
    if content["scores"].get("final") == FULL_SCORE:
        yield _("Full score. The reason given: %(reason)s") % {"reason": content["full_score_reason"] or "–"}


def _has_evidence(content: Mapping[str, Any], code: str) -> bool:
    return bool((content["results"].get(code) or {}).get("evidence"))


def _is_late(row: Mapping[str, Any]) -> bool:
    return any(step["rule"] == "late" for step in row.get("trace") or ())


def _below(content: Mapping[str, Any], scores: Mapping[str, Mapping[str, Any]]) -> list[str]:
    level = content["round"]["plan_below_level"]
    return [code for code, row in scores.items() if row["score"] is not None and exact(row["score"]) < level]


# --- Signing ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A row that was looked at and is to be signed: the version, the hash of what was shown, the answer given."""

    version: Version
    shown: str
    decision: str = Signature.Decision.SIGNED
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one row: its signature, or in words why it was refused."""

    version: Version
    shown: str
    # The version that was looked at, where it has been replaced by this one since.
    looked_at: int | None = None
    signature: Signature | None = None
    refused: tuple[str, ...] = ()


def sign_each(chosen: Iterable[Chosen], action: actions.Action, *, by: User, at: datetime) -> list[Outcome]:
    """Sign each of `chosen` by itself, in a transaction of its own; one that is refused stops no other."""
    return [_sign(one, action, by=by, at=at) for one in chosen]


def _sign(one: Chosen, action: actions.Action, *, by: User, at: datetime) -> Outcome:
    reasons: tuple[str, ...]
    try:
        signature = signing.sign_off(
            one.version, action, by=by, shown=one.shown, at=at, decision=one.decision, comment=one.comment
        )
    except signing.SignOffRefused as refusal:
        reasons = tuple(refusal.reasons)
    except (actions.NotNow, actions.NotAllowed) as refusal:
        reasons = (str(refusal),)
    except Exception:
        # A fault in one must not take away the account of what was signed before it.
        logger.exception("Signing version %s in a batch failed", one.version.pk)
        reasons = (_("Something went wrong here; nothing was signed. Open it by itself and try again."),)
    else:
        return Outcome(version=one.version, shown=one.shown, signature=signature)
    return Outcome(version=one.version, shown=one.shown, refused=reasons)
