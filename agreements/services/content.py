"""The content of an agreement as it is signed, verified and printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import scoring
from agreements.models import (
    Capacity,
    Evidence,
    Item,
    Party,
    Result,
    Signature,
    Snapshot,
    Stage,
    State,
    User,
    Version,
)
from agreements.models.states import has_signed
from agreements.predicates import oversees, place_of
from agreements.services import log
from agreements.services.groups import groups_of
from agreements.services.results import Book, Side, figures_of, open_book, scores_of, weights_of

# Raised whenever the shape changes; older snapshots keep theirs and are never written anew.
FORMAT = 1
HUNDRED = Decimal(100)

# Who sees what the assessor made of an organisation's results before its release.
ASSESSING = (Capacity.COMMENTATOR, Capacity.ASSESSOR, Capacity.REVIEWER, Capacity.REVIEWER_2)
BEFORE_REPORT = (State.DRAFT, State.PROPOSED, State.AGREED)
BEFORE_ASSESSMENT = (*BEFORE_REPORT, State.REPORTED)
BEFORE_RELEASE = (*BEFORE_ASSESSMENT, State.ASSESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature as it is printed."""

    capacity: str
    stage: str
    decision: str
    comment: str
    name: str
    title: str
    signed_at: datetime
    short_code: str
    content_hash: str
    # Number and code of the log's record of it.
    log_head: str = ""
    # Of a signature on paper: the day on it, and its key, under which the scan is found.
    signed_on: date | None = None
    scan: int | None = None
    # The position for which the signatory was acting, as it is printed.
    acting_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSource:
    """All that the printed forms of one version need."""

    content: Mapping[str, Any]
    signatures: tuple[SignatureLine, ...]
    # The hash of the content, whether it is signed already or to be signed on this very paper.
    content_hash: str = ""
    # Whether it is the assessor's, printed so that the assessor can sign it.
    is_assessment: bool = False


def content_of(version: Version, stage: str, *, side: Side = "assessor") -> dict[str, Any]:
    """Return what is signed at `stage`, with every figure as the string that is displayed."""
    return content_of_book(open_book(version), stage, side=side)


def content_of_book(book: Book, stage: str, *, side: Side = "assessor") -> dict[str, Any]:
    """Return what is signed at `stage` of the version that `book` was read from."""
    content = agreed_content(book)
    if stage == Stage.RESULT:
        content |= result_content(book, side)
    return content | {"stage": str(stage)}


def agreed_content(book: Book) -> dict[str, Any]:
    """Return what is agreed at the start: the parties, the items and the expected competencies."""
    version = book.version
    agreement = version.part.agreement
    round_ = agreement.round
    achievement, competency = weights_of(version)
    return {
        "format": FORMAT,
        "stage": str(Stage.AGREE),
        "agreement": version.part.agreement_id,
        "part": version.part.number,
        "round": {
            "fiscal_year": round_.fiscal_year,
            "number": round_.number,
            "starts_on": round_.starts_on.isoformat(),
            "ends_on": round_.ends_on.isoformat(),
            "achievement_weight": str(achievement),
            "competency_weight": str(competency),
            "plan_below_level": round_.plan_below_level,
            "grades": round_.grades,
            **({} if round_.grades_on == HUNDRED else {"grades_on": str(round_.grades_on)}),
        },
        **_of_organisation(book),
        "parties": {party.capacity: party_told(party) for party in version.parties.all()},
        "items": [_item(book, item) for item in book.tops],
        "competencies": [
            {"order": row.order, "kind": row.kind, "name": row.name, "expected": row.expected, "observed": None}
            for row in version.competencies_in_order()
        ],
        "results": {},
        "scores": None,
        "plan": [],
        "full_score_reason": "",
        **_period(version),
        **_amended(version),
    }


def _of_organisation(book: Book) -> dict[str, Any]:
    """Return whose agreement it is and what its groups weigh, where an organisation agreed it."""
    agreement = book.version.part.agreement
    if not agreement.is_of_organisation:
        return {}
    place = agreement.organisation
    return {
        "organisation": {"name": place.name, "kind": str(place.kind), "province": place.province_name},
        "groups": [
            {"code": group.code, "title": group.title, "weight": group.weight, "items": group.items}
            for group in groups_of(book)
        ],
    }


def _period(version: Version) -> dict[str, Any]:
    """Return the days of this part; nothing where the agreement was never split."""
    part = version.part
    if part.is_only:
        return {}
    return {"period": {"starts_on": part.starts_on.isoformat(), "ends_on": part.ends_on.isoformat()}}


def _amended(version: Version) -> dict[str, Any]:
    """Return which signed version this one amends and why; nothing where it amends none."""
    agreed = version.agreed_in or version
    if agreed.amends is None:
        return {}
    signatures = Signature.objects.standing_under(agreed.amends, Stage.AGREE).order_by("pk")
    hashes = signatures.values_list("content_hash", flat=True)
    return {
        "amends": {"version": agreed.amends.number, "sha256": hashes.last(), "reason": agreed.amends_because},
    }


def party_told(party: Party) -> dict[str, str]:
    """Return a party as it stands in what is signed."""
    names = ("name", "title", "position_type", "level", "number", "unit", "office", "province")
    return {name: getattr(party, name) for name in names}


def _item(book: Book, item: Item) -> dict[str, Any]:
    return {
        "lineage": str(item.lineage),
        "code": item.code,
        "title": item.title,
        "goal": item.goal,
        "weight": None if item.weight is None else str(item.weight),
        "definition": item.definition,
        "children": [_item(book, child) for child in book.children(item)],
    }


def result_content(book: Book, side: Side) -> dict[str, Any]:
    """Return what came of it: inputs, evidence, scores, observed competencies and the development plan."""
    version = book.version
    assessed = side == "assessor"
    scores = scores_of(book, side)
    return {
        "results": _results(book, assessed=assessed),
        "self_scores": figures_of(scores_of(book, "self")),
        "scores": figures_of(scores),
        # Parts are merged from what was signed, and nothing is rounded before.
        **({} if version.part.is_only else {"exact": scoring.exact_figures(scores)}),
        "competencies": [
            {
                "order": row.order,
                "kind": row.kind,
                "name": row.name,
                "expected": row.expected,
                "observed": row.observed if assessed else None,
            }
            for row in version.competencies_in_order()
        ],
        "plan": [
            {"need": row.need, "method": row.method, "period": row.period, "measure": row.measure}
            for row in (version.plan_in_order() if assessed else ())
        ],
        "full_score_reason": version.full_score_reason if assessed else "",
    }


def _results(book: Book, *, assessed: bool) -> dict[str, Any]:
    files: dict[int, list[dict[str, str]]] = {}
    for one in book.evidence if book.evidence is not None else evidence_of(book.results.values()):
        listed = {"listed_as": one.listed_as} if one.listed_as else {}
        told = {"name": one.name, "note": one.note, "sha256": one.stored.sha256} | listed
        files.setdefault(one.result_id, []).append(told)
    return {
        code: {
            "inputs": result.inputs_assessed if assessed else result.inputs,
            "reported": result.inputs,
            "note": result.note,
            "evidence": files.get(result.pk, []),
            "verdict": result.verdict if assessed else Result.Verdict.NONE,
            "reason": result.assessor_reason if assessed else "",
            **({"evidence_at_hand": result.evidence_at_hand} if result.evidence_at_hand else {}),
        }
        | ({"copied_from": result.copied_from} if result.copied_from else {})
        for code, result in book.results.items()
    }


def evidence_of(results: Iterable[Result]) -> list[Evidence]:
    """Return the evidence of `results` in the order it was added."""
    kept = Evidence.objects.filter(result__in=[result.pk for result in results]).select_related("stored")
    return list(kept.order_by("added_at", "pk"))


def hash_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical form of `content`."""
    return log.digest(log.canonical(content))


def sees_assessment(version: Version, user: User, *, overseen: Sequence[str] | None = None) -> bool:
    """Return whether `user` may see what the assessor made of the results: those assessed only once released.

    Of an organisation's agreement these are also the people of the office who look after its indicators, and whoever
    follows it as executive or bore witness to it. `overseen` are the paths that `user` oversees, read once for many.
    """
    agreement = version.part.agreement
    if agreement.reached not in BEFORE_RELEASE:
        return True
    own = {party.capacity for party in version.parties.all() if party.user_id == user.pk}
    if not agreement.is_of_organisation or Capacity.ASSESSEE in own:
        return Capacity.ASSESSEE not in own
    assessing = any(place_of(user, version, one) is not None for one in ASSESSING)
    return assessing or oversees(user, version, paths=overseen)


def form_source(version: Version, *, viewer: User) -> FormSource:
    """Return the content and signatures to print for `viewer`: what was signed where it was, else the draft."""
    state = version.part.reached
    stage = Stage.AGREE if state in BEFORE_REPORT else Stage.RESULT
    seen = sees_assessment(version, viewer)
    signed = signed_content(version, stage) if seen else None
    side: Side = "assessor" if seen and state not in BEFORE_ASSESSMENT else "self"
    content = signed or content_of(version, stage, side=side)
    stages = [Stage.AGREE, Stage.RESULT] if seen else [Stage.AGREE]
    content = content | {"parties": content["parties"] | _reviewers_now(version, content["parties"])}
    return _form_source(version, content, stages)


def source_to_sign(version: Version, *, viewer: User) -> FormSource:
    """Return what is printed to be signed on paper: as `form_source`, but while assessing what the assessor signs."""
    if version.part.standing != State.REPORTED or not sees_assessment(version, viewer):
        return form_source(version, viewer=viewer)
    source = _form_source(version, content_of(version, Stage.RESULT), [Stage.AGREE, Stage.RESULT])
    return replace(source, is_assessment=True)


def _form_source(version: Version, content: dict[str, Any], stages: list[Stage]) -> FormSource:
    lines = tuple(signature_lines(version, stages))
    return FormSource(content=content, signatures=lines, content_hash=hash_of(content))


def _reviewers_now(version: Version, signed: Mapping[str, Any]) -> dict[str, Any]:
    """Return who gives an opinion now: a reviewer may have been replaced after the content was signed."""
    now = {party.capacity: party_told(party) for party in version.parties.all()}
    unsigned = [one for one in (Capacity.REVIEWER, Capacity.REVIEWER_2) if not has_signed(version, one, Stage.RESULT)]
    return {one: now.get(one, {}) for one in unsigned if one in now or one in signed}


def signed_content(version: Version, stage: Stage) -> dict[str, Any] | None:
    """Return the content that was signed for `version` at `stage`, if it was; what was signed of the whole is not.

    A commentator signs the results as reported, before they are assessed: that is another content.
    """
    signed = Signature.objects.standing_under(version, stage).filter(snapshot__is_whole=False)
    if stage == Stage.RESULT:
        signed = signed.exclude(capacity=Capacity.COMMENTATOR)
    signature = signed.select_related("snapshot").order_by("pk").last()
    snapshot: Snapshot | None = signature.snapshot if signature else None
    return read_snapshot(snapshot) if snapshot else None


def read_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Return the content that a snapshot keeps."""
    return dict(json.loads(snapshot.content))


def signature_lines(version: Version, stages: list[Stage]) -> list[SignatureLine]:
    """Return the signatures that hold for `version` at `stages`, in the order they were given."""
    lines = []
    for stage in stages:
        standing = Signature.objects.standing_under(version, stage)
        if stage == Stage.RESULT and not version.part.is_last:
            # What was signed of the whole stands under its last part, and counts for this one, too.
            of_last = Version.objects.current().filter(part__agreement=version.part.agreement_id, part__is_last=True)
            standing |= Signature.objects.filter(version__in=of_last, snapshot__is_whole=True)
        standing = standing.select_related("event")
        for one in standing.order_by("signed_at", "pk"):
            lines.append(
                SignatureLine(
                    capacity=one.capacity,
                    stage=one.stage,
                    decision=one.decision,
                    comment=one.comment,
                    name=one.name,
                    title=one.title,
                    signed_at=one.signed_at,
                    short_code=one.short_code,
                    content_hash=one.content_hash,
                    log_head=one.event.head if hasattr(one, "event") else "",
                    signed_on=one.signed_on,
                    scan=one.pk if one.scan_id else None,
                    acting_for=one.acting_for,
                )
            )
    return lines
