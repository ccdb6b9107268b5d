"""What came of many agreements, for whoever may see it: read in chunks, each with as many questions as any other.

Signed figures come from what was signed; what is only reported is scored from its book, as a page of it would be.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from agreements import thai
from agreements.models import Agreement, Capacity, Item, Part, Role, Signature, Snapshot, Stage, User, Version
from agreements.models.signing import signed_version
from agreements.services import content as contents, jobs, wholes
from agreements.services.books import open_books
from agreements.services.results import Book, figures_of, read_top, scores_of
from scoring import Indicator

Content = Mapping[str, Any]

#: So many agreements are read together; what is kept of them is let go before the next.
CHUNK = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An indicator as it was agreed; `depth` is 0 where it stands on its own in the total."""

    code: str
    title: str
    weight: str
    unit: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigures:
    """One part of an agreement: its present version, the self score and the assessor's, as far as the reader sees.

    They are documents as pages and forms display them; none where there is no result yet, or not for this reader.
    """

    version: Version
    own: Content | None = None
    scores: Content | None = None
    # Of each indicator, why the assessor judged otherwise.
    reasons: Mapping[str, str] = field(default_factory=dict)
    # Known where there is a result; `agreed_lines` finds those of the others.
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """An agreement with what came of it, as far as the reader sees: its parts, the whole, and the days of its acts."""

    agreement: Agreement
    parts: tuple[PartFigures, ...]
    own: Content | None
    scores: Content | None
    agreed_on: date | None
    assessed_on: date | None
    acknowledged_on: date | None

    @property
    def version(self) -> Version:
        """The present version, of the last part where there are several."""
        return self.parts[-1].version

    @property
    def shows_results(self) -> bool:
        """Whether anything of what was reported can be read in it."""
        return any(part.own is not None or part.scores is not None for part in self.parts)


def read(keys: Iterable[int], *, by: User) -> Iterator[list[Figures]]:
    """Yield what came of the agreements `keys`, chunk by chunk in their order, as `by` may see it.

    That `by` may see the agreements themselves is for whoever found the keys to know.
    """
    overseen, reader = Role.objects.paths(by, Role.Kind.HR, Role.Kind.AUDITOR), Reader()
    for chunk in jobs.in_chunks(keys, CHUNK):
        yield _read(chunk, by=by, overseen=overseen, reader=reader)


def _read(keys: Sequence[int], *, by: User, overseen: Sequence[str], reader: Reader) -> list[Figures]:
    found = {one.pk: one for one in _fetched(keys)}
    agreements = [found[key] for key in keys if key in found]
    versions = [version for one in agreements for version in one.current_versions]
    seen = {one.pk for one in versions if contents.sees_assessment(one, by, overseen=overseen)}
    signatures = _signatures(versions)
    reported = [one for one in versions if one.part.reached not in contents.BEFORE_REPORT]
    assessed = _assessments(one for one in reported if one.pk in seen)
    signed = _signed_contents(assessed, signatures)
    unsigned = [one for one in reported if one.pk not in signed]
    parts = {pk: _from_signed(version, signed[pk]) for pk, version in assessed.items() if pk in signed}
    parts |= {book.version.pk: _from_book(book, reader, seen=book.version.pk in seen) for book in _books(unsigned)}
    parts |= {one.pk: PartFigures(version=one) for one in versions if one.pk not in parts}
    return [_figures(one, parts, signed, _days(one, signatures, seen)) for one in agreements]


def _fetched(keys: Sequence[int]) -> Iterable[Agreement]:
    current = Version.objects.current().select_related("agreed_in").prefetch_related("parties")
    parts = Part.objects.order_by("number").prefetch_related(Prefetch("versions", current, to_attr="current_versions"))
    found = Agreement.objects.filter(pk__in=keys).select_related("round", "person", "organisation")
    return found.prefetch_related(Prefetch("parts", parts))


def _assessments(versions: Iterable[Version]) -> Mapping[int, Version]:
    return {one.pk: one for one in versions if one.part.reached not in contents.BEFORE_ASSESSMENT}


# --- What was signed -------------------------------------------------------------------------------------------------
class Signed(NamedTuple):
    """What of a signature is needed here."""

    version: int
    capacity: str
    stage: str
    signed_at: datetime
    signed_on: date | None
    snapshot: int
    is_whole: bool

    @property
    def day(self) -> date:
        """The day on the paper, or that in Thailand on which it was given."""
        return self.signed_on or timezone.localdate(self.signed_at, thai.THAI_TIME)

    @property
    def is_assessment(self) -> bool:
        """Whether it stands under the assessed result of one part, as `content.signed_content` has it."""
        return self.stage == Stage.RESULT and not self.is_whole and self.capacity != Capacity.COMMENTATOR


SIGNED = ("version", "capacity", "stage", "signed_at", "signed_on", "snapshot", "snapshot__is_whole")


def _signatures(versions: Iterable[Version]) -> Mapping[int, list[Signed]]:
    """Return the signatures that stand under `versions`, or under those whose start still holds, in their order."""
    wanted = {key for one in versions for key in (one.pk, signed_version(one, Stage.AGREE))}
    found: dict[int, list[Signed]] = defaultdict(list)
    for row in Signature.objects.filter(version__in=wanted).order_by("pk").values_list(*SIGNED):
        found[row[0]].append(Signed(*row))
    return found


def _signed_contents(versions: Iterable[int], signatures: Mapping[int, Sequence[Signed]]) -> Mapping[int, Content]:
    """Return what was signed as the assessment of each of `versions`."""
    last = {pk: one.snapshot for pk in versions for one in signatures.get(pk, ()) if one.is_assessment}
    kept = dict(Snapshot.objects.filter(pk__in=set(last.values())).values_list("pk", "content"))
    return {pk: json.loads(kept[snapshot]) for pk, snapshot in last.items()}


def _from_signed(version: Version, content: Content) -> PartFigures:
    reasons = {code: one.get("reason") or "" for code, one in content["results"].items()}
    return PartFigures(
        version=version,
        own=content.get("self_scores"),
        scores=content["scores"],
        reasons=reasons,
        lines=tuple(_lines_of_content(content["items"])),
    )


def _lines_of_content(items: Iterable[Content], depth: int = 0) -> Iterator[Line]:
    for item in items:
        unit = str(item["definition"].get("unit") or "")
        yield Line(code=item["code"], title=item["title"], weight=item["weight"] or "", unit=unit, depth=depth)
        yield from _lines_of_content(item.get("children") or (), depth + 1)


# --- What was not signed yet -----------------------------------------------------------------------------------------
def _books(versions: Sequence[Version]) -> Iterable[Book]:
    if not versions:
        return ()
    items = Item.objects.select_related("indicator__framework").order_by("order", "pk")
    prefetch_related_objects(versions, Prefetch("items", items), "competencies")
    return open_books(versions).values()


#: So many wordings are kept; an office has some hundreds, people's own indicators come and go.
MOST_WORDINGS = 2_000


class Reader:
    """Reads indicators that are worded alike once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int | None, str], Indicator] = {}

    def __call__(self, book: Book, top: Item) -> Indicator:
        """Return `top` as the rules see it."""
        framework = top.indicator.framework_id if top.indicator is not None else None
        key = (framework, json.dumps(book.document(top), sort_keys=True, default=str))
        if key not in self._known:
            if len(self._known) >= MOST_WORDINGS:
                self._known.clear()
            self._known[key] = read_top(book, top)
        return self._known[key]


def _from_book(book: Book, reader: Reader, *, seen: bool) -> PartFigures:
    version = book.version
    # Without a signature only where it was brought in from elsewhere; a page scores it from its book, too.
    assessed = seen and version.part.reached not in contents.BEFORE_ASSESSMENT
    return PartFigures(
        version=version,
        own=figures_of(scores_of(book, "self", read=reader)),
        scores=figures_of(scores_of(book, "assessor", read=reader)) if assessed else None,
        reasons={code: kept.assessor_reason for code, kept in book.results.items()} if assessed else {},
        lines=_lines_of_items(book.items),
    )


def _lines_of_items(items: Iterable[Item]) -> tuple[Line, ...]:
    below: dict[int | None, list[Item]] = defaultdict(list)
    for item in items:
        below[item.parent_id].append(item)

    def lines(parent: int | None, depth: int) -> Iterator[Line]:
        for item in below[parent]:
            weight = "" if item.weight is None else str(item.weight)
            yield Line(code=item.code, title=item.title, weight=weight, unit=item.unit, depth=depth)
            yield from lines(item.pk, depth + 1)

    return tuple(lines(None, 0))


def agreed_lines(chunk: Iterable[Figures]) -> Mapping[int, Sequence[Line]]:
    """Return the indicators of the versions of `chunk` that have no result yet, by the key of the version."""
    wanted = [part.version.pk for one in chunk for part in one.parts if part.own is None and part.scores is None]
    if not wanted:
        return {}
    found: dict[int, list[Item]] = defaultdict(list)
    for item in Item.objects.filter(version__in=wanted).order_by("order", "pk").defer("goal"):
        found[item.version_id].append(item)
    return {pk: _lines_of_items(items) for pk, items in found.items()}


# --- The whole -------------------------------------------------------------------------------------------------------
def _figures(
    agreement: Agreement, parts: Mapping[int, PartFigures], signed: Mapping[int, Content], days: Mapping[str, date]
) -> Figures:
    versions = agreement.current_versions
    own_parts = tuple(parts[one.pk] for one in versions)
    own, scores = own_parts[0].own, own_parts[0].scores
    if len(versions) > 1:
        # What each says of itself is not added up; what was assessed is, once all of it is signed.
        whole = [signed[one.pk] for one in versions if one.pk in signed]
        own, scores = None, wholes.merged(versions, whole) if len(whole) == len(versions) else None
    return Figures(
        agreement=agreement,
        parts=own_parts,
        own=own,
        scores=scores,
        agreed_on=days.get("agreed"),
        assessed_on=days.get("assessed"),
        acknowledged_on=days.get("acknowledged"),
    )


ACTS = {
    (Capacity.ASSESSOR, Stage.AGREE): "agreed",
    (Capacity.ASSESSOR, Stage.RESULT): "assessed",
    (Capacity.ASSESSEE, Stage.RESULT): "acknowledged",
    # In the place of an assessee who does not sign.
    (Capacity.WITNESS, Stage.RESULT): "acknowledged",
}


def _days(agreement: Agreement, signatures: Mapping[int, Sequence[Signed]], seen: Container[int]) -> dict[str, date]:
    """Return the days on which the last part was agreed, assessed and acknowledged, as far as that may be known."""
    version = agreement.current_versions[-1]
    stages = [Stage.AGREE, Stage.RESULT] if version.pk in seen else [Stage.AGREE]
    found: dict[str, date] = {}
    for stage in stages:
        for one in signatures.get(signed_version(version, stage), ()):
            act = ACTS.get((Capacity(one.capacity), Stage(one.stage)))
            if act and one.stage == stage:
                found[act] = one.day
    return found
