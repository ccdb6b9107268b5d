"""Making the next version of an agreement: the old one, with its signatures, stays readable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from agreements.models import AgreedCompetency, Capacity, Item, Party, PlanRow, User, Version


def renew(
    version: Version, *, by: User, reason: str, at: datetime, remarks: Mapping[UUID, str] | None = None
) -> Version:
    """Return the version that follows `version`, with all that it says; `remarks` says what is to be mended where.

    Whoever bore witness did so for the old one alone.
    """
    # What is still to replace a signed version goes on to do so.
    amends, because = (version.amends, version.amends_because) if version.is_open_amendment else (None, "")
    Version.objects.filter(pk=version.pk).update(is_current=False)
    # Not the number after this one: an amendment that was given up may have taken it.
    last = version.part.versions.aggregate(last=Max("number"))["last"]
    renewed = Version.objects.create(
        part=version.part,
        number=last + 1,
        reason=reason,
        amends=amends,
        amends_because=because,
        full_score_reason=version.full_score_reason,
        created_by=by,
        created_at=at,
    )
    renew_rows(Party.objects.filter(version=version).exclude(capacity=Capacity.WITNESS), renewed)
    for kind in (AgreedCompetency, PlanRow):
        renew_rows(kind.objects.filter(version=version), renewed)
    renew_items(version, renewed, remarks)
    return renewed


def keep_agreed(renewed: Version, version: Version) -> Version:
    """Let what was signed at the start under `version` hold for `renewed`: only the result is open again."""
    renewed.agreed_in = version.agreed_in or version
    renewed.save(update_fields=["agreed_in"])
    return renewed


def renew_rows(rows: QuerySet[Any], renewed: Version) -> None:
    """Copy rows that hang on a version into `renewed`."""
    copies = list(rows.order_by("pk"))
    for row in copies:
        _as_new(row).version = renewed
    rows.model.objects.bulk_create(copies)


def _as_new(row: Any) -> Any:
    row.pk = None
    row._state.adding = True  # noqa: SLF001  how Django's documentation copies a row
    return row


def renew_items(version: Version, renewed: Version, remarks: Mapping[UUID, str] | None = None) -> None:
    """Copy the items of `version`, each under its parent, into `renewed`; `remarks` says what is to be mended."""
    copies: dict[int, Item] = {}
    for item in version.items.order_by("order", "pk"):
        old = item.pk
        _as_new(item).version = renewed
        item.returned_because = (remarks or {}).get(item.lineage, "")
        item.parent = copies[item.parent_id] if item.parent_id else None
        item.save()
        copies[old] = item
