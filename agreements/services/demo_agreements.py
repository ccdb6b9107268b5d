"""How far the people of the demo office have come: every step of theirs is taken by the service that takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agreements import actions
from agreements.models import Capacity, Item, Posting, Round, Signature, State, User, Version
from agreements.services import (
    agreements,
    bindings,
    cascade,
    content as contents,
    evidence,
    judges,
    judging,
    plans,
    results,
    signing,
)

Story: TypeAlias = Mapping[str, Any]
FIRST_ACT = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the acts of a story need to know of the office around it."""

    round: Round
    posting: Posting
    hr: User
    judge: User
    goals: Mapping[str, str]

    @property
    def version(self) -> Version:
        """The wording of the story's agreement that counts now."""
        return self.version_of(self.posting.user.username)

    def version_of(self, username: str) -> Version:
        """Return the wording that counts now of somebody's agreement in the round."""
        return Version.objects.select_related("part__agreement__round").get(
            is_current=True, part__agreement__round=self.round, part__agreement__person__username=username
        )


Act: TypeAlias = Callable[[Stage, Story, datetime], None]


def tell(
    document: Story,
    *,
    round_: Round,
    postings: Mapping[str, Posting],
    hr: User,
    judge: User,
    beside: Iterable[tuple[datetime, Callable[[], None]]],
) -> None:
    """Take all steps of all stories, and those `beside` them, in the order of their time: that of the office's log."""
    steps = [(at, 0, act) for at, act in beside]
    for number, story in enumerate(document["agreements"], 1):
        stage = Stage(round=round_, posting=postings[story["person"]], hr=hr, judge=judge, goals=document["goals"])
        steps += [(at, number, partial(act, stage, story, at)) for at, act in _steps(story, number - 1)]
    for _at, _number, act in sorted(steps, key=lambda step: step[:2]):
        act()


def _steps(story: Story, number: int) -> Iterator[tuple[datetime, Act]]:
    for place, (name, act) in enumerate(ACTS.items()):
        if name in story:
            given = story[name]
            day: date = given["on"] if isinstance(given, Mapping) else given
            # Later acts at later hours, and no two people at the same minute.
            at = datetime.combine(day, FIRST_ACT) + timedelta(minutes=40 * place + number)
            yield timezone.make_aware(at), act


# --- Agreeing --------------------------------------------------------------------------------------------------------
def _open(stage: Stage, _story: Story, at: datetime) -> None:
    agreements.open_agreement(stage.round, stage.posting, by=stage.posting.user, at=at)


def _choose(stage: Stage, story: Story, at: datetime) -> None:
    version, user = stage.version, stage.posting.user
    weights = {code: Decimal(weight) for code, weight in story["items"].items()}
    given = agreements.indicators_given_to(stage.posting.organisation, stage.round)
    agreements.choose_indicators(version, [one for one in given if one.code in weights], by=user, at=at)
    terms = {
        item.pk: agreements.Terms(goal=stage.goals[item.code], weight=weights[item.code])
        for item in version.items.all()
    }
    agreements.set_terms(version, terms, by=user)
    for code, name in story.get("above", {}).items():
        cascade.choose_above(_item(version, code), _item(stage.version_of(name), code), by=user)
    for own in story.get("own", []):
        definition = {key: value for key, value in own.items() if key != "goal"}
        agreements.write_own_indicator(version, definition, goal=own["goal"], by=user)


def _propose(stage: Stage, _story: Story, at: datetime) -> None:
    _sign(stage.version, actions.PROPOSE, at=at)


def _agree(stage: Stage, _story: Story, at: datetime) -> None:
    _sign(stage.version, actions.AGREE, at=at)


# --- Reporting -------------------------------------------------------------------------------------------------------
def _enter(stage: Stage, story: Story, at: datetime) -> None:
    version, user = stage.version, stage.posting.user
    for code, entry in story["results"].items():
        item = _item(version, code)
        results.enter(version, item, entry["inputs"], note=entry.get("note", ""), by=user, at=at)
        for file in entry.get("evidence", []):
            upload = SimpleUploadedFile(file["name"], file["text"].encode())
            evidence.attach(version, item, upload, note=file.get("note", ""), by=user, at=at)
    for code in story.get("copied", []):
        bindings.copy(version, _item(version, code), by=user, at=at)


def _report(stage: Stage, _story: Story, at: datetime) -> None:
    results.report(stage.version, by=stage.posting.user, at=at)


def _return(stage: Stage, story: Story, at: datetime) -> None:
    version = stage.version
    is_proposal = version.part.agreement.state == State.PROPOSED
    action = actions.RETURN_PROPOSAL if is_proposal else actions.RETURN_REPORT
    reason = story["returned"]["reason"]
    agreements.return_with_reason(version, action, by=_party(version, Capacity.ASSESSOR), reason=reason, at=at)


# --- Judging for the department --------------------------------------------------------------------------------------
def _hand_in(stage: Stage, story: Story, at: datetime) -> None:
    version = stage.version
    for code, done in story["judged"]["done"].items():
        item = _item(version, code)
        (decision,) = judges.decisions_of(item.definition)
        unit = judges.desk_for([item.definition]).unit(decision.name, version.part.agreement.organisation)
        assert item.indicator is not None  # noqa: S101  the demo chooses from its framework
        assert unit is not None  # noqa: S101  the demo has its department
        verdict = judging.Verdict(steps={step: step in done for step in decision.codes}, score=None, remark="")
        asked = (stage.round, item.indicator, unit)
        judging.keep_drafts(*asked, {item.pk: verdict}, by=stage.judge, at=at)
        judging.hand_in(*asked, by=stage.judge, at=at)


# --- Assessing -------------------------------------------------------------------------------------------------------
def _assess(stage: Stage, story: Story, at: datetime) -> None:
    version, told = stage.version, story["assessed"]
    assessor = _party(version, Capacity.ASSESSOR)
    for item in results.open_book(version).leaves:
        _judge(version, item, told, by=assessor, at=at)
    observed = {row.order: row.expected for row in version.competencies.all()} | told.get("observed", {})
    results.observe(version, observed, by=assessor)
    plans.write_plan(version, [_plan_row(version, row) for row in told.get("plan", [])], by=assessor)
    _sign(version, actions.ASSESS, at=at)


def _judge(version: Version, item: Item, told: Story, *, by: User, at: datetime) -> None:
    corrected, score = told.get("corrected", {}).get(item.code), told.get("set", {}).get(item.code)
    if corrected:
        results.correct(version, item, corrected["inputs"], reason=corrected["reason"], by=by, at=at)
    elif score:
        results.set_score(version, item, Decimal(score["score"]), reason=score["reason"], by=by, at=at)
    else:
        results.accept(version, item, by=by, at=at)


def _plan_row(version: Version, told: Story) -> dict[str, Any]:
    row = {key: told[key] for key in ("need", "method", "period", "measure")}
    if "item" in told:
        return row | {"about_item": _item(version, told["item"]).lineage}
    return row | {"about_competency": told["competency"]}


# --- The end of the round --------------------------------------------------------------------------------------------
def _acknowledge(stage: Stage, _story: Story, at: datetime) -> None:
    _sign(stage.version, actions.ACKNOWLEDGE, at=at)


def _review(stage: Stage, story: Story, at: datetime) -> None:
    words = story["reviewed"].get("differs", "")
    decision = Signature.Decision.DIFFERS if words else Signature.Decision.AGREES
    _sign(stage.version, actions.REVIEW, at=at, decision=decision, comment=words)


def _close(stage: Stage, _story: Story, at: datetime) -> None:
    agreements.act(stage.version, actions.CLOSE, by=stage.hr, at=at)


# In the order of a round; the keys are those of the file.
ACTS: Mapping[str, Act] = {
    "opened": _open,
    "chosen": _choose,
    "proposed": _propose,
    "agreed": _agree,
    "entered": _enter,
    "reported": _report,
    "judged": _hand_in,
    "returned": _return,
    "assessed": _assess,
    "acknowledged": _acknowledge,
    "reviewed": _review,
    "closed": _close,
}


# --- What the acts share ---------------------------------------------------------------------------------------------
def _sign(
    version: Version,
    action: actions.Action,
    *,
    at: datetime,
    decision: str = Signature.Decision.SIGNED,
    comment: str = "",
) -> None:
    assert action.capacity is not None  # noqa: S101  only signatures reach this
    shown = contents.hash_of(signing.content_to_sign(version, action))
    by = _party(version, action.capacity)
    signing.sign_off(version, action, by=by, shown=shown, at=at, decision=decision, comment=comment)


def _party(version: Version, capacity: Capacity) -> User:
    return version.parties.select_related("user").get(capacity=capacity).user


def _item(version: Version, code: str) -> Item:
    return version.items.get(code=code)
