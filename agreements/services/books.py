"""Many versions read at once: as many questions for thirty as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from agreements.models import Evidence, Item, Result, Signature, Snapshot, Version
from agreements.models.signing import signed_version
from agreements.services import content as contents, working_days
from agreements.services.results import Book, fitting


def read_together(versions: QuerySet[Version]) -> list[Version]:
    """Return `versions` with what their books and pages need of them."""
    return list(
        versions.select_related(
            "part__agreement__round__organisation",
            "part__agreement__organisation",
            "part__agreement__person",
            "agreed_in",
        ).prefetch_related(
            "parties",
            "competencies",
            "plan_rows",
            Prefetch("items", Item.objects.select_related("indicator__framework").order_by("order", "pk")),
        )
    )


def open_books(versions: Iterable[Version]) -> dict[int, Book]:
    """Return the books of `versions`, read with `read_together`, by their keys."""
    versions = list(versions)
    results: dict[int, list[Result]] = defaultdict(list)
    kept = Result.objects.filter(part__in=[one.part_id for one in versions], checkpoint=Result.Checkpoint.FINAL)
    for result in kept:
        results[result.part_id].append(result)
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    for file in contents.evidence_of(result for found in results.values() for result in found):
        evidence[file.result_id].append(file)
    holidays = working_days.read(version.part.agreement.organisation.path for version in versions)
    books = {}
    for version in versions:
        items = tuple(version.items.all())
        by_lineage = {result.lineage: result for result in results[version.part_id]}
        by_code = {item.code: by_lineage[item.lineage] for item in items if item.lineage in by_lineage}
        files = [file for result in by_code.values() for file in evidence[result.pk]]
        files.sort(key=lambda file: (file.added_at, file.pk))
        days = holidays.at(version.part.agreement.organisation.path)
        books[version.pk] = fitting(Book(version, items, by_code, days, files))
    return books


def standing_signatures(versions: Iterable[Version], stage: str) -> dict[int, list[Signature]]:
    """Return the signatures that hold for each of `versions` at `stage`, with their snapshots, in their order."""
    versions = list(versions)
    wanted = Q(pk=None)
    for version in versions:
        wanted |= Q(version=signed_version(version, stage), stage=stage)
    found: dict[int, list[Signature]] = defaultdict(list)
    for signature in Signature.objects.filter(wanted).select_related("snapshot").order_by("signed_at", "pk"):
        found[signature.version_id].append(signature)
    return {version.pk: found[signed_version(version, stage)] for version in versions}


def content_before(versions: Iterable[Version], stage: str) -> Mapping[int, dict[str, Any]]:
    """Return what was last signed at `stage` in an earlier version of each part, by the key of the present version."""
    versions = [version for version in versions if version.number > 1]
    kept = Snapshot.objects.filter(version__part__in=[one.part_id for one in versions], stage=stage)
    found: dict[int, Snapshot] = {}
    numbers = {version.part_id: version for version in versions}
    for snapshot in kept.select_related("version").order_by("version__number", "pk"):
        version = numbers[snapshot.version.part_id]
        if snapshot.version.number < version.number:
            found[version.pk] = snapshot
    return {pk: contents.read_snapshot(snapshot) for pk, snapshot in found.items()}
