"""The rows of a draft: written, counted, copied and numbered; who may do so is for drafts.py to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Max

from agreements.exchange.shape import INDICATOR, content_hash
from agreements.models import Dimension, Framework, Indicator, User
from agreements.services.frameworks import framework_document


def copy_rows(draft: Framework, indicators: Iterable[Indicator]) -> list[Indicator]:
    """Copy `indicators` with their sub-indicators to the end of `draft`; return the copies that stand on their own."""
    taken = set(draft.indicators.values_list("code", flat=True))
    chosen = list(indicators)
    found = {row.pk for row in chosen}
    tops = [row for row in chosen if row.parent_id not in found]
    return [_copy_row(draft, row, parent=None, taken=taken) for row in tops]


def _copy_row(draft: Framework, source: Indicator, *, parent: Indicator | None, taken: set[str]) -> Indicator:
    definition = {**source.definition, "code": _free_code(source.code, taken)}
    taken.add(definition["code"])
    if definition.get("dimension") not in {row["code"] for row in draft.header.get("dimensions", [])}:
        definition.pop("dimension", None)
    known = {unit["code"] for unit in draft.header.get("units", [])}
    if units := [code for code in definition.pop("assigned_units", []) if code in known]:
        definition["assigned_units"] = units
    row = Indicator(framework=draft, parent=parent, order=last_order(draft) + 1)
    mirror(row, definition)
    row.save()
    for child in source.children.in_order():
        _copy_row(draft, child, parent=row, taken=taken)
    return row


def _free_code(wanted: str, taken: set[str]) -> str:
    number, code = 2, wanted
    while code in taken:
        code, number = f"{wanted}-{number}", number + 1
    return code


def write_row(row: Indicator, definition: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """Write `definition` into `row` and count the write."""
    mirror(row, definition)
    stamp(row, by=by, at=at)
    row.save()


def mirror(row: Indicator, definition: Mapping[str, Any]) -> None:
    """Put `definition` into `row` and what its columns repeat of it; nothing is saved."""
    shaped = INDICATOR(definition)
    row.definition = shaped
    row.code, row.title = shaped["code"], shaped["title"]
    row.weight = Decimal(shaped["weight"]) if "weight" in shaped else None
    row.dimension = Dimension.objects.filter(framework=row.framework, code=shaped.get("dimension", "")).first()


def stamp(row: Indicator, *, by: User, at: datetime) -> None:
    """Count a write to `row`, and say whose it was and when; nothing is saved."""
    row.revision += 1
    row.changed_by, row.changed_at = by, at


def last_order(draft: Framework) -> int:
    """Return the place of the last indicator."""
    return draft.indicators.aggregate(last=Max("order"))["last"] or 0


def renumber(draft: Framework) -> None:
    """Number the indicators anew, children directly after their parents."""
    rows = list(draft.indicators.in_order())
    below: dict[int | None, list[Indicator]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    waiting, number = list(reversed(below.get(None, []))), 0
    while waiting:
        row, number = waiting.pop(), number + 1
        row.order = number
        waiting.extend(reversed(below.get(row.pk, [])))
    Indicator.objects.bulk_update(rows, ["order"])


def touch(draft: Framework) -> None:
    """Count a write to what the pages of the whole draft show."""
    Framework.objects.filter(pk=draft.pk).update(revision=F("revision") + 1)
    rehash(draft)
    draft.refresh_from_db(fields=["revision"])


def rehash(draft: Framework) -> None:
    """Keep the hash of what the draft now says."""
    draft.content_hash = content_hash(framework_document(draft))
    draft.save(update_fields=["content_hash"])
