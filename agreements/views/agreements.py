"""One agreement: where it stands, what it holds, and the acts that need no signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import actions, clock
from agreements.models import (
    MAIN_LINE,
    Capacity,
    Event,
    Evidence,
    Note,
    Refusal,
    Signature,
    Stage,
    State,
    User,
    Version,
)
from agreements.models.states import turn_of
from agreements.predicates import is_assessee
from agreements.services import (
    agreements as services,
    amendments,
    batches,
    content as contents,
    deadlines,
    duties,
    groups,
    paper,
    results,
    signing,
    states,
    wholes,
)
from agreements.views import splits
from agreements.views.requests import UserRequest, attempt, back_to, version_or_404


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the stepper."""

    label: str
    status: str
    who: str = ""
    at: datetime | None = None
    due: date | None = None
    late: bool = False


@require_GET
def agreement(request: UserRequest, pk: int) -> HttpResponse:
    """Show one agreement: where it stands, what may be done now, and all that it holds."""
    return render(request, "agreements/agreement.html", _page(request, version_or_404(request, pk)))


def _page(request: UserRequest, version: Version) -> dict[str, Any]:
    agreement = version.part.agreement
    calendar = deadlines.read([agreement.round])
    due = calendar.due_of(version)
    standing = version.part.standing
    seen = contents.sees_assessment(version, request.user)
    allowed = actions.allowed(version, request.user)
    main = next((one for one in allowed if one in actions.TURNS), None)
    turn, next_act = turn_of(version), actions.next_act(version)
    return {
        "version": version,
        "agreement": agreement,
        "allowed": allowed,
        "more": [one for one in allowed if one.code in MORE],
        "next_act": next_act,
        "is_my_turn": main is not None and main == next_act,
        "turn": next((one for one in version.parties.all() if turn and one.capacity == turn.capacity), None),
        "due": due.day if due else None,
        "extension": due.extension if due else None,
        "late_marks": calendar.still_late(agreement.late_marks.order_by("pk"), agreement),
        "parties": ordered_parties(version),
        "steps": steps_of(version, clock.today(), calendar),
        "main": main,
        "obstacles": _obstacles(version, main) if main else [],
        # While the assessor is at it, the assessment page shows it; here it stands once it is signed.
        "sheet": score_sheet(version, sees_assessment=seen and version.part.reached not in contents.BEFORE_ASSESSMENT),
        "returned_because": version.returned_because if seen or standing != State.REPORTED else "",
        "sees_assessment": seen,
        "signatures": contents.signature_lines(version, list(Stage) if seen else [Stage.AGREE]),
        "history": history_of(version, sees_assessment=seen),
        "refusal": Refusal.objects.filter(version=version).select_related("recorded_by").first(),
        "on_paper": paper.recordable(version, by=request.user),
        "earlier": version.part.versions.filter(is_current=False).order_by("number"),
        "amendments": amendments.amendments_of(version),
        "gives_duties": actions.GIVE_DUTIES.who(request.user, version),
        "looks_after": not is_assessee(request.user, version)
        and any(one.who(request.user, version) for one in (actions.CONFIRM, actions.ENTER)),
        "holders": duties.holders_in(version),
        "notes_count": Note.objects.visible_to(request.user).filter(part__agreement=version.part.agreement_id).count(),
        **splits.whole_context(version, sees_assessment=seen),
    }


def _obstacles(version: Version, main: actions.Action) -> list[str]:
    late = deadlines.refusals(version, main, at=clock.now())
    return [*late, *signing.obstacles(version, main, today=clock.today())]


# What those who assess say to each other before the release; the assessee reads that it was done, not the words.
AMONG_ASSESSORS = {actions.RETURN_ASSESSMENT.code, actions.COMMENT_RESULT.code}


def history_of(version: Version, *, sees_assessment: bool) -> list[dict[str, Any]]:
    """Return what was done with an agreement, each with the words that the reader may see."""
    events = Event.objects.about(version.part.agreement).select_related("actor", "text").order_by("at", "number", "pk")
    return [
        {"event": event, "details": event.text.details if sees_assessment or event.verb not in AMONG_ASSESSORS else {}}
        for event in events
    ]


def ordered_parties(version: Version) -> list[Any]:
    """Return the parties in the order of their capacities."""
    return sorted(version.parties.all(), key=lambda party: Capacity.values.index(party.capacity))


def steps_of(version: Version, today: date, calendar: deadlines.Calendar) -> list[Step]:
    """Return the stepper of an agreement: what was done when by whom, where it stands, what comes next."""
    agreement = version.part.agreement
    here = MAIN_LINE.index(State(version.part.reached))
    events = Event.objects.about(agreement).select_related("actor", "text").order_by("at", "number", "pk")
    done = {actions.IN_PLACE_OF.get(event.verb, event.verb): event for event in events if _concerns(event, version)}
    steps = []
    for at, (state, action) in enumerate(actions.MAIN_BY_SOURCE.items()):
        event = done.get(action.code) if at < here else None
        # The days for proposing and agreeing are those of the start of the round, not of an amendment.
        last = calendar.due_of(version, state) if at >= here and not agreement.ended_from else None
        due = last.day if last else None
        steps.append(
            Step(
                label=str(action.short_label),
                status="done" if at < here else "current" if at == here and not agreement.ended_from else "todo",
                who=_who(event) if event else "",
                at=event.at if event else None,
                due=due,
                late=due is not None and at == here and due < today,
            )
        )
    return steps


def _who(event: Event) -> str:
    """Return whose act an event is: of a signature recorded from paper, the signatory's."""
    signed_by = event.text.details.get("signed_by", "") if hasattr(event, "text") else ""
    return signed_by or (event.actor.full_name if event.actor else "")


def _concerns(event: Event, version: Version) -> bool:
    """Return whether `event` is of the part of `version`, or of the whole."""
    action = actions.BY_CODE.get(event.verb)
    if version.part.is_only or (action is not None and action.is_of_the_whole):
        return True
    # What was done before the split was done to the first part; retention may have erased the words.
    details = event.text.details if hasattr(event, "text") else {}
    return bool(details.get("part", 1) == version.part.number)


def score_sheet(version: Version, *, sees_assessment: bool) -> dict[str, Any]:
    """Return the rows and sums of an agreement as one table: self score and assessor's side by side.

    Where the result is signed, the figures are those of the signed content, not computed anew.
    """
    book = results.open_book(version)
    agreement, state = version.part.agreement, version.part.reached
    signed = contents.signed_content(version, Stage.RESULT)
    own = signed["self_scores"] if signed else results.figures_of(results.scores_of(book, "self"))
    assessed = None
    if sees_assessment and state not in contents.BEFORE_REPORT:
        assessed = signed["scores"] if signed else results.figures_of(results.scores_of(book, "assessor"))
    own_by_code = {row["code"]: row for row in own["indicators"]}
    assessed_by_code = {row["code"]: row for row in assessed["indicators"]} if assessed else {}
    files = _files(version)
    # The groups of an organisation's agreement weigh something of their own; a person's are only headings.
    starts = {group.items[0]: group for group in groups.groups_of(book)} if agreement.is_of_organisation else {}
    rows = [
        {
            "item": item,
            "group": starts.get(item.code),
            "result": book.result(item),
            "own": own_by_code.get(item.code),
            "assessed": assessed_by_code.get(item.code),
            "is_leaf": item in book.leaves,
            "files": files.get(item.lineage, []),
        }
        for item in in_tree_order(book)
    ]
    return {
        "rows": rows,
        "own": own,
        "assessed": assessed,
        "is_reported": state not in contents.BEFORE_REPORT or any(row["result"] for row in rows),
        "unreported": sum(
            bool(row["is_leaf"] and row["own"] and row["own"]["status"] == "not_reported") for row in rows
        ),
        "weight_sum": signing.weight_sum(book),
        "competencies": list(version.competencies.order_by("order")),
        "plan": list(version.plan_rows.order_by("order", "pk")) if sees_assessment else [],
    }


def _files(version: Version) -> dict[UUID, list[Evidence]]:
    found: dict[UUID, list[Evidence]] = {}
    kept = Evidence.objects.filter(result__part=version.part_id).select_related("result").order_by("added_at", "pk")
    for evidence in kept:
        found.setdefault(evidence.result.lineage, []).append(evidence)
    return found


def in_tree_order(book: results.Book) -> list[Any]:
    """Return the items of `book`, each before its sub-indicators."""

    def below(item: Any) -> list[Any]:
        return [item, *(one for child in book.children(item) for one in below(child))]

    return [one for top in book.tops for one in below(top)]


# --- Acts ------------------------------------------------------------------------------------------------------------
ACTS = (actions.CHECK, actions.RELEASE, actions.CLOSE, *states.WITHDRAWALS)
# The lesser acts that stand in a quiet menu.
MORE = {
    *(action.code for action in (*states.WITHDRAWALS, *states.REOPENINGS)),
    *(action.code for action in (actions.DISAGREE, actions.REFUSE, actions.REPLACE, actions.END, actions.RESUME)),
}


@require_POST
def act(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Take an act that needs no signature and no reason."""
    version = version_or_404(request, pk)
    action = actions.BY_CODE[code]
    attempt(
        request,
        lambda: _take(version, action, by=request.user, at=clock.now()),
        said=_("Done: %(act)s.") % {"act": action.label},
    )
    return back_to(version)


def _take(version: Version, action: actions.Action, *, by: User, at: datetime) -> None:
    if action in states.WITHDRAWALS:
        states.withdraw(version, action, by=by, at=at)
    elif action == actions.CHECK:
        batches.pass_proposals([version], by=by, at=at)
    else:
        services.act(wholes.last_version(version) if action.is_of_the_whole else version, action, by=by, at=at)


@require_GET
def earlier_version(request: UserRequest, pk: int, number: int) -> HttpResponse:
    """Show an earlier version of an agreement, with the signatures it had."""
    current = version_or_404(request, pk)
    version = get_object_or_404(Version.objects.select_related("part__agreement"), part=current.part, number=number)
    seen = contents.sees_assessment(current, request.user)
    stages = list(Stage) if seen else [Stage.AGREE]
    signed = contents.signed_content(version, Stage.RESULT)
    return render(
        request,
        "agreements/earlier_version.html",
        {
            "version": version,
            "agreement": current.part.agreement,
            "following": _following(version),
            # Why an assessment went back is told with the result, as in the history.
            "tells_why": seen or signed is None,
            "result": signed_rows(signed) if seen and signed else None,
            "parties": ordered_parties(version),
            "items": results.open_book(version).items,
            "signatures": Signature.objects.filter(version=version, stage__in=stages).order_by("signed_at", "pk"),
        },
    )


def signed_rows(signed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of a signed content: those of each indicator beside the assessee's own, and the sums."""
    own = {row["code"]: row for row in signed["self_scores"]["indicators"]}
    titles = {row["code"]: row["title"] for row in _flat(signed["items"])}
    rows = [
        {
            "code": row["code"],
            "title": titles.get(row["code"], ""),
            "own": own.get(row["code"], {}).get("score"),
            "score": row["score"],
            "reason": (signed["results"].get(row["code"]) or {}).get("reason", ""),
        }
        for row in signed["scores"]["indicators"]
    ]
    return {"rows": rows, "own": signed["self_scores"], "scores": signed["scores"]}


def _flat(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for item in items for one in (item, *_flat(item["children"]))]


def _following(version: Version) -> Version | None:
    """Return the version that took, or is to take, the place of `version`; none where it counts or was given up."""
    if version.is_current or version.abandoned_at:
        return None
    later = Version.objects.filter(part=version.part_id, number__gt=version.number, abandoned_at=None)
    return later.select_related("part__agreement").order_by("number").first()
