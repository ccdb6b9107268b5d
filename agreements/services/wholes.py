"""The whole of an agreement that was split: its parts merged by days, as it is released, signed, shown and printed.

Each part is assessed and signed by itself; release, acknowledgement, review and closing are of the whole. The content
of the whole names what was signed of each part by its hash and carries the merged figures; its signatures stand under
the version of the last part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import scoring
from agreements.models import Agreement, Capacity, Part, Signature, Stage, User, Version
from agreements.services import content as contents, log
from agreements.services.results import component_weights, grades_of, open_book

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfWhole:
    """One part as it counts in the whole; `figures` once its assessment is signed."""

    part: Part
    version: Version
    assessor: str
    position: str
    unit: str
    figures: Content | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The parts in their order, and what they add up to once all are assessed."""

    parts: tuple[PartOfWhole, ...]
    scores: Content | None

    @property
    def days(self) -> int:
        """The days of all parts."""
        return sum(one.part.days for one in self.parts)


def versions_of(agreement: Agreement) -> list[Version]:
    """Return the version of each part that counts now, in the order of the parts."""
    found = Version.objects.current().filter(part__agreement=agreement)
    found = found.select_related(
        "part__agreement__round", "part__agreement__organisation", "part__posting__organisation"
    )
    return list(found.prefetch_related("parties").order_by("part__number"))


def last_version(version: Version) -> Version:
    """Return the version under which the acts of the whole are taken."""
    return version if version.part.is_last else versions_of(version.part.agreement)[-1]


def whole_of(agreement: Agreement, *, assessed: bool = True) -> Whole:
    """Return the parts of `agreement` with what each was given; without the assessor's figures where not `assessed`."""
    versions = versions_of(agreement)
    signed = [contents.signed_content(version, Stage.RESULT) if assessed else None for version in versions]
    parts = tuple(_part(version, content) for version, content in zip(versions, signed, strict=True))
    whole = [content for content in signed if content is not None]
    return Whole(parts=parts, scores=merged(versions, whole) if len(whole) == len(versions) else None)


def _part(version: Version, signed: Content | None) -> PartOfWhole:
    parties = {party.capacity: party for party in version.parties.all()}
    assessee, assessor = parties.get(Capacity.ASSESSEE), parties.get(Capacity.ASSESSOR)
    return PartOfWhole(
        part=version.part,
        version=version,
        assessor=assessor.name if assessor else "",
        position=assessee.title if assessee else "",
        unit=assessee.unit if assessee else "",
        figures=signed["scores"] if signed else None,
    )


def merged(versions: Sequence[Version], signed: Sequence[Content]) -> Content:
    """Return the merged figures of parts that are all signed, as displayed, from the exact ones that were signed."""
    agreement = versions[0].part.agreement
    parts = [
        scoring.part_score(version.part.days, content["exact"])
        for version, content in zip(versions, signed, strict=True)
    ]
    scores = scoring.merge_parts(parts, weights=component_weights(versions[-1]), grades=grades_of(agreement.round))
    # The figures that a whole has none of stand empty, so that whatever reads scores reads these.
    nothing: dict[str, Any] = {"indicators": [], "weight_in_force": None, "column": None, "competency_counts": {}}
    return nothing | scores.as_document()


# --- What is signed --------------------------------------------------------------------------------------------------
def content_of_whole(version: Version) -> dict[str, Any]:
    """Return what is signed of the whole: the parts by the hash of what was signed of each, and the merged figures.

    It has the shape of any signed content, so that whatever reads one reads the whole.
    """
    versions = versions_of(version.part.agreement)
    signed = [contents.signed_content(one, Stage.RESULT) or {} for one in versions]
    last = signed[-1]
    return {
        "format": contents.FORMAT,
        "stage": str(Stage.RESULT),
        "is_whole": True,
        "agreement": version.part.agreement_id,
        "round": last["round"],
        "parties": last["parties"],
        "parts": [_told(one, content) for one, content in zip(versions, signed, strict=True)],
        "items": [],
        "competencies": [],
        "results": {},
        "scores": merged(versions, signed),
        "plan": [row for content in signed for row in content["plan"]],
        "full_score_reason": "\n".join(filter(None, (content["full_score_reason"] for content in signed))),
    }


def _told(version: Version, signed: Content) -> dict[str, Any]:
    part = version.part
    figures = ("total", "achievement", "competency", "final", "grade")
    return {
        "part": part.number,
        "starts_on": part.starts_on.isoformat(),
        "ends_on": part.ends_on.isoformat(),
        "days": part.days,
        "reason": part.reason,
        "assessee": signed["parties"]["assessee"],
        "assessor": signed["parties"]["assessor"],
        "sha256": log.digest(log.canonical(signed)),
        "exact": signed["exact"],
        "scores": {name: signed["scores"][name] for name in figures},
    }


def signed_whole(version: Version) -> dict[str, Any] | None:
    """Return the content of the whole as it was signed, if it was."""
    found = Signature.objects.filter(version=last_version(version), snapshot__is_whole=True)
    signature = found.select_related("snapshot").order_by("pk").last()
    return dict(json.loads(signature.snapshot.content)) if signature else None


def form_source_of_whole(agreement: Agreement, *, viewer: User) -> contents.FormSource:
    """Return the content and signatures to print of the whole for `viewer`: the parts, and what they add up to."""
    versions = versions_of(agreement)
    last = versions[-1]
    seen = contents.sees_assessment(last, viewer)
    is_assessed = all(contents.signed_content(one, Stage.RESULT) is not None for one in versions)
    if seen and is_assessed:
        content: Content = signed_whole(last) or content_of_whole(last)
    else:
        content = contents.agreed_content(open_book(last)) | {"parts": [_named(one) for one in versions]}
    stages = [Stage.AGREE, Stage.RESULT] if seen else [Stage.AGREE]
    return contents.FormSource(content=content, signatures=tuple(contents.signature_lines(last, stages)))


def _named(version: Version) -> dict[str, Any]:
    """Return a part as a form names it before it is assessed."""
    part = version.part
    parties = {party.capacity: {"name": party.name, "title": party.title} for party in version.parties.all()}
    return {
        "part": part.number,
        "starts_on": part.starts_on.isoformat(),
        "ends_on": part.ends_on.isoformat(),
        "days": part.days,
        "assessee": parties.get(Capacity.ASSESSEE, {}),
        "assessor": parties.get(Capacity.ASSESSOR, {}),
        "scores": {},
    }
