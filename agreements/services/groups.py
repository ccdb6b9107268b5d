"""The groups of an organisation's indicators: the dimensions of its framework, and what each weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from agreements import thai
from agreements.models import Dimension, Item
from agreements.services.results import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A dimension at the top, with what the framework gives it and the codes of the items agreed in it."""

    code: str
    title: str
    # As the framework has it; empty where it says none, or where the organisation is given a part of it only.
    weight: str
    # What the items agreed in it weigh together.
    agreed: str
    items: list[str]

    @property
    def drifts(self) -> bool:
        """Whether the items weigh something else than the framework gives the group."""
        return bool(self.weight) and self.weight != self.agreed


def groups_of(book: Book) -> list[Group]:
    """Return the groups of `book` in the order of their first item; items without a dimension are in none."""
    tops = {item.pk: item for item in book.tops if item.indicator is not None and item.indicator.dimension_id}
    frameworks = {item.indicator.framework_id for item in tops.values() if item.indicator is not None}
    if not frameworks:
        return []
    whole = _given_whole(book)
    found = Dimension.objects.filter(framework__in=frameworks).select_related("framework")
    dimensions = {one.pk: one for one in found}
    members: dict[int, list[Item]] = {}
    for item in tops.values():
        assert item.indicator is not None  # noqa: S101  filtered above
        members.setdefault(_root(dimensions, item.indicator.dimension_id), []).append(item)
    return [_group(dimensions[pk], items, whole=whole(dimensions[pk])) for pk, items in members.items()]


def _given_whole(book: Book) -> Callable[[Dimension], bool]:
    """Return whether the organisation is given all of a dimension's framework: to others its weights say nothing."""
    agreement = book.version.part.agreement
    return lambda one: agreement.organisation_id in {one.framework.organisation_id, agreement.round.organisation_id}


def _root(dimensions: dict[int, Dimension], pk: int | None) -> int:
    assert pk is not None  # noqa: S101  only items of a dimension come here
    parent = dimensions[pk].parent_id
    return pk if parent is None else _root(dimensions, parent)


def _group(dimension: Dimension, items: list[Item], *, whole: bool) -> Group:
    agreed = sum((item.weight or Decimal(0) for item in items), Decimal(0))
    return Group(
        code=dimension.code,
        title=dimension.title,
        weight="" if dimension.weight is None or not whole else thai.canonical_decimal(dimension.weight),
        agreed=thai.canonical_decimal(agreed),
        items=[item.code for item in items],
    )
