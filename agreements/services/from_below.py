"""The value of an item from those that carry it below: offered when it is entered, copied with its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

import scoring
from agreements.models import Item, Result, User, Version
from agreements.models.results import inputs_that_count
from agreements.services import cascade, results
from agreements.services.content import BEFORE_REPORT
from agreements.services.results import Book, ResultRefused, open_book
from scoring.numbers import LONGEST, plain

# What is kept beside the figures when they are gathered anew.
KEPT = ("submitted_on", "late_items", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What those below have reported so far, in the shape of a result, and what it comes to."""

    sources: tuple[Mapping[str, Any], ...]
    # The measured value as displayed; empty where nothing can be gathered yet, for the reasons in `refused`.
    value: str
    sentences: tuple[Mapping[str, Any], ...]
    refused: tuple[str, ...]
    versions: tuple[Version, ...]
    # Whether the result is gathered already, and from other figures than these.
    is_taken: bool
    is_changed: bool

    @property
    def counted(self) -> int:
        """How many of those below count."""
        return sum("left_out" not in one for one in self.sources)


def offer(book: Book, item: Item) -> Offer | None:
    """Return what those who carry `item` below come to together; none where it is not gathered."""
    if not item.definition.get("from_below"):
        return None
    key = (book.version.part.agreement_id, item.lineage)
    listed = cascade.carriers([key])[key]
    kept = _kept(listed)
    how = str(item.definition["from_below"]["how"])
    sources = tuple(_source(one, kept.get((one.version.part_id, one.lineage)), how) for one in listed)
    sources = tuple(_told_apart(sources, listed))
    result = book.result(item)
    before = (result.inputs if result else {}).get("from_below")
    value = ""
    sentences: tuple[Mapping[str, Any], ...] = ()
    refused: tuple[str, ...] = ()
    try:
        score = results.try_inputs(book, item, _inputs(result, sources))
    except ResultRefused as refusal:
        refused = tuple(refusal.messages)
    else:
        value = scoring.to_4(score.value) if score.value is not None else ""
        sentences = tuple(step.as_document() for step in score.steps if step.rule.startswith(("gathered", "measured")))
    return Offer(
        sources=sources,
        value=value,
        sentences=sentences,
        refused=refused,
        versions=tuple(one.version for one in listed),
        is_taken=before is not None,
        is_changed=before is not None and list(before) != [dict(one) for one in sources],
    )


def take(version: Version, item: Item, *, by: User, at: datetime) -> Result:
    """Enter what those below come to now as the result of `item`, with its sources.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if it is no longer open for entering.
    :raises ResultRefused: if nothing can be gathered.
    """
    book = open_book(version)
    found = offer(book, item)
    if found is None:
        raise ResultRefused([_("This indicator is not gathered from those below.")])
    if found.refused:
        raise ResultRefused(found.refused)
    kept = book.result(item)
    inputs = _inputs(kept, found.sources)
    if item.definition.get("lateness"):
        # Taken over today, it is sent today, unless another day is typed.
        inputs.setdefault("submitted_on", timezone.localdate(at).isoformat())
    return results.enter(version, item, inputs, note=kept.note if kept else "", by=by, at=at)


def _inputs(result: Result | None, sources: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    before = result.inputs if result else {}
    return {key: before[key] for key in KEPT if key in before} | {"from_below": [dict(one) for one in sources]}


def _kept(items: list[Item]) -> dict[tuple[int, Any], Result]:
    rows = Result.objects.filter(
        checkpoint=Result.Checkpoint.FINAL,
        part__in={one.version.part_id for one in items},
        lineage__in={one.lineage for one in items},
    )
    return {(row.part_id, row.lineage): row for row in rows}


# --- One source ------------------------------------------------------------------------------------------------------
def _source(item: Item, kept: Result | None, how: str) -> dict[str, Any]:
    """Return what the item below adds, or why it is left out."""
    agreement = item.version.part.agreement
    name = {"name": str(agreement.person or agreement.organisation)}
    if item.version.part.reached in BEFORE_REPORT or kept is None:
        return name | {"left_out": "not_reported"}
    inputs = inputs_that_count(kept.verdict, kept.inputs, kept.assessor_inputs)
    if "cancelled" in inputs:
        return name | {"left_out": "cancelled"}
    try:
        return name | _figures(item, inputs, how)
    except scoring.Refused:
        return name | {"left_out": "no_figures"}


def _figures(item: Item, inputs: Mapping[str, Any], how: str) -> dict[str, Any]:
    if not item.criteria:
        # It is scored by its sub-indicators.
        return {"left_out": "no_figures"}
    indicator = scoring.read_indicator({**item.definition, "code": item.code, "title": item.title})
    result = scoring.read_result(inputs, indicator)
    if not result.is_reported:
        return {"left_out": "not_reported"}
    if how == "ratio":
        figures = {name: plain_text(number) for name, number in result.variables or ()}
        return {"variables": figures} if figures else {"left_out": "no_figures"}
    score = scoring.score_indicator(indicator, {indicator.code: result})
    if score.value is None:
        return {"left_out": "no_figures"}
    found = {"value": plain_text(score.value)}
    return found | ({"weight": scoring.canonical(scoring.exact(item.weight or 0))} if how == "weighted_mean" else {})


def plain_text(number: Fraction) -> str:
    """Return `number` exactly: as a decimal where it ends, else as a quotient."""
    written = plain(number, LONGEST)
    return written if scoring.exact(written) == number else f"{number.numerator}/{number.denominator}"


def _told_apart(sources: tuple[dict[str, Any], ...], items: list[Item]) -> list[dict[str, Any]]:
    """Return `sources` with the unit, or the code, beside names that stand there twice."""
    counts = Counter(one["name"] for one in sources)
    return [
        one | ({"name": f"{one['name']} ({item.code})"} if counts[one["name"]] > 1 else {})
        for one, item in zip(sources, items, strict=True)
    ]
