"""The development plan: what a row is due for (scoring-rules G9), and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from agreements import actions
from agreements.models import PlanRow, User, Version
from agreements.services.results import Book
from agreements.services.states import locked
from scoring import AgreementScore


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDue:
    """What the rules want a plan row for: an indicator below the round's level, or a competency gap."""

    about_item: Any = None
    about_competency: int | None = None
    title: str


def plan_due(book: Book, scores: AgreementScore) -> list[PlanDue]:
    """Return what a plan row is due for (G9): each indicator below the round's level, each competency gap.

    The plan develops a person; an organisation has none.
    """
    if book.version.part.agreement.is_of_organisation:
        return []
    level = book.version.part.agreement.round.plan_below_level
    items = {item.code: item for item in book.items}
    due = [
        PlanDue(about_item=items[score.code].lineage, title=f"{score.code} {items[score.code].title}")
        for score in scores.below(level)
    ]
    for row in book.version.competencies_in_order():
        if row.observed is not None and row.observed < row.expected:
            due.append(PlanDue(about_competency=row.order, title=row.name))
    return due


def plan_missing(book: Book, due: Iterable[PlanDue]) -> list[PlanDue]:
    """Return those of `due` that have no row yet."""
    rows = book.version.plan_rows.all()
    items = {row.about_item for row in rows if row.about_item}
    competencies = {row.about_competency for row in rows if row.about_competency is not None}
    return [
        one
        for one in due
        if (one.about_item and one.about_item not in items)
        or (one.about_competency is not None and one.about_competency not in competencies)
    ]


@transaction.atomic
def write_plan(version: Version, rows: Sequence[Mapping[str, Any]], *, by: User) -> None:
    """Replace the development plan; each row gives need, method, period and measure, and what it is about."""
    version = locked(version)
    actions.demand(actions.EVALUATE, version, by)
    version.plan_rows.all().delete()
    PlanRow.objects.bulk_create(
        PlanRow(version=version, order=number, **row) for number, row in enumerate(rows, start=1)
    )
