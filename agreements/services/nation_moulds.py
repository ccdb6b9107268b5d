"""The agreements of the made-up nation that are really walked through a round, to be copied for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from agreements import actions
from agreements.exchange.documents import Document
from agreements.models import Agreement, Posting, Round, User, Version
from agreements.services import agreements, demo_agreements

#: The steps of a story, in the order of a round; `returned` only where the story says so.
STEPS = ("opened", "chosen", "proposed", "agreed", "entered", "reported", "assessed", "released", "acknowledged",
         "reviewed", "closed")  # fmt: skip
# After the step that a story takes on the same day, and before anybody else's next one.
_BESIDE = time(16, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A story to be walked: how many of a thousand did so, until which step, and with which results."""

    share: int
    until: str
    results: Mapping[str, Any]
    returned: str = ""


def finished(stories: Document) -> list[Told]:
    """Return the stories of a round that is over."""
    return [Told(share=one["share"], until="closed", results=one) for one in stories["results"]]


def under_way(stories: Document) -> list[Told]:
    """Return the stories of a round that is under way: each way of doing well or badly in turn."""
    ways = stories["results"]
    return [
        Told(share=one["share"], until=one["until"], results=ways[at % len(ways)], returned=one.get("returned", ""))
        for at, one in enumerate(stories["standing"])
    ]


def walk(
    stories: Document, told: list[Told], *, round_: Round, postings: list[Posting], hr: User, rng: Random
) -> list[Agreement]:
    """Walk each of `told` through `round_` for one of `postings` by the services, and return their agreements."""
    days = stories["days"]["finished" if _is_over(told) else "under_way"]
    people = {posting.user.username: posting for posting in postings}
    pairs = list(zip(told, postings, strict=False))
    documents = [_story(stories, one, posting, round_, days) for one, posting in pairs]
    beside = [step for one, posting in pairs for step in _beside(one, posting, round_, days, hr=hr, rng=rng)]
    # None of their indicators is judged above; whoever would judge is never asked.
    document = {"agreements": documents, "goals": stories["goals"]}
    demo_agreements.tell(document, round_=round_, postings=people, hr=hr, judge=hr, beside=beside)
    made = {one.person_id: one for one in Agreement.objects.filter(round=round_)}
    return [made[posting.user_id] for _one, posting in pairs]


def _is_over(told: list[Told]) -> bool:
    return all(one.until == "closed" for one in told)


def _story(stories: Document, told: Told, posting: Posting, round_: Round, days: Mapping[str, int]) -> dict[str, Any]:
    """Return the story in the shape of the demo's (fixtures/demo/agreements.yaml)."""
    steps = STEPS[: STEPS.index(told.until) + 1]
    story: dict[str, Any] = {
        name: round_.starts_on + timedelta(days=days[name]) for name in steps if name != "released"
    }
    story |= {"person": posting.user.username, "items": stories["weights"]}
    story["results"] = {code: {"inputs": inputs} for code, inputs in told.results["inputs"].items()}
    if told.returned:
        story["returned"] = {"on": round_.starts_on + timedelta(days=days["returned"]), "reason": told.returned}
    if "assessed" in story:
        rows = [
            {"item": code, "need": stories["goals"][code], **stories["plan"]}
            for code in told.results.get("plan_for", [])
        ]
        story["assessed"] = {"on": story["assessed"], "corrected": told.results.get("corrected", {}), "plan": rows}
    if "reviewed" in story:
        story["reviewed"] = {"on": story["reviewed"], "differs": told.results.get("differs", "")}
    return story


def _beside(
    told: Told, posting: Posting, round_: Round, days: Mapping[str, int], *, hr: User, rng: Random
) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Yield what the demo's stories do not tell: lineages that the seed gives, and HR's release."""
    steps = STEPS[: STEPS.index(told.until) + 1]
    if "chosen" in steps:
        lineages = [UUID(int=rng.getrandbits(128), version=4) for _code in told.results["inputs"]]
        yield _at(round_, days["chosen"]), partial(_give_lineages, round_, posting, lineages)
    if "released" in steps:
        at = _at(round_, days["released"])
        yield at, partial(_release, round_, posting, hr, at)


def _at(round_: Round, day: int) -> datetime:
    return timezone.make_aware(datetime.combine(round_.starts_on + timedelta(days=day), _BESIDE))


def _version(round_: Round, posting: Posting) -> Version:
    return Version.objects.select_related("part__agreement__round", "part__agreement__organisation").get(
        is_current=True, part__agreement__round=round_, part__agreement__person=posting.user
    )


def _give_lineages(round_: Round, posting: Posting, lineages: list[UUID]) -> None:
    """Give the items of a draft the lineages that the seed says, so that the same seed signs the same content."""
    for item, lineage in zip(_version(round_, posting).items.order_by("order"), lineages, strict=True):
        item.lineage = lineage
        item.save(update_fields=["lineage"])


def _release(round_: Round, posting: Posting, hr: User, at: datetime) -> None:
    agreements.act(_version(round_, posting), actions.RELEASE, by=hr, at=at)
