"""What amendments in mid-round say otherwise than what was signed before them, as a sheet of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation

from agreements.models import Version
from agreements.services.amendments import Amendment, amendments_of
from agreements.services.comparison import Entry
from reports.rows.signatures import thai_day


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One thing that is otherwise: where, what, before and now."""

    subject: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentSheet:
    """One amendment on paper."""

    version: str
    before: str
    opened_on: str
    reason: str
    is_open: bool
    rows: tuple[ChangeRow, ...]


def amendment_sheets(version: Version) -> tuple[AmendmentSheet, ...]:
    """Return the amendments that led to `version`, the latest first, in Thai as all forms are."""
    with translation.override("th"):
        return tuple(_sheet(amendment) for amendment in amendments_of(version))


def _sheet(amendment: Amendment) -> AmendmentSheet:
    return AmendmentSheet(
        version=str(amendment.version.number),
        before=str(amendment.before.number),
        opened_on=thai_day(amendment.version.created_at),
        reason=amendment.reason,
        is_open=amendment.version.is_open_amendment,
        rows=tuple(_rows(amendment)),
    )


def _rows(amendment: Amendment) -> Iterable[ChangeRow]:
    for one in amendment.items.added:
        yield ChangeRow(subject=_named(one["code"], one["title"]), label="เพิ่มตัวชี้วัด", before="–", after=_weight(one))
    for one in amendment.items.removed:
        yield ChangeRow(subject=_named(one["code"], one["title"]), label="ตัดตัวชี้วัด", before=_weight(one), after="–")
    for changed in amendment.items.changed:
        yield from _entries(_named(changed.code, changed.title), changed.entries)
    yield from _entries("", amendment.others)


def _entries(subject: str, entries: Iterable[Entry]) -> Iterable[ChangeRow]:
    for entry in entries:
        yield ChangeRow(subject=subject, label=entry.label, before=entry.before, after=entry.after)


def _named(code: str, title: str) -> str:
    return f"{code} {title}"


def _weight(item: object) -> str:
    weight = item["weight"] if isinstance(item, dict) else None
    return f"น้ำหนัก {weight}" if weight is not None else "–"
