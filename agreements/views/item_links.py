"""What stands above and below an item, beside it on its pages."""

from __future__ import annotations

from typing import Any

from agreements.models import Duty, Item, User
from agreements.predicates import duties_in, is_assessee
from agreements.services import from_below, judges
from agreements.services.results import Book


def links_of(book: Book, item: Item) -> dict[str, Any]:
    """Return which units above decide of `item`, and what those below come to where it is gathered from them."""
    return {
        "above": [one for one in judges.above_of(book) if one.item.pk == item.pk],
        "below": from_below.offer(book, item),
    }


def neighbours(book: Book, item: Item, reader: User) -> dict[str, Any]:
    """Return the items before and after `item` among those that are measured and that `reader` may open."""
    leaves = _beside(item, book, reader)
    at = next(number for number, leaf in enumerate(leaves) if leaf.pk == item.pk)
    return {
        "previous": leaves[at - 1] if at else None,
        "following": leaves[at + 1] if at + 1 < len(leaves) else None,
        "position": at + 1,
        "count": len(leaves),
    }


def _beside(item: Item, book: Book, reader: User) -> tuple[Item, ...]:
    """Return the items among which `item` stands: all, for who looks after it those alone that they look after."""
    version = book.version
    if not version.part.agreement.is_of_organisation or is_assessee(reader, version):
        return book.leaves
    own = duties_in(reader, version, Duty.Kind.COLLECTOR) | duties_in(reader, version, Duty.Kind.OWNER)
    if item.lineage not in own:
        return book.leaves
    return tuple(leaf for leaf in book.leaves if leaf.lineage in own)
