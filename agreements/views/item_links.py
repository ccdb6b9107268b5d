"""What stands above and below an item, beside it on its pages."""

from __future__ import annotations

from typing import Any

from agreements.models import Item
from agreements.services import from_below, judges
from agreements.services.results import Book


def links_of(book: Book, item: Item) -> dict[str, Any]:
    """Return which units above decide of `item`, and what those below come to where it is gathered from them."""
    return {
        "above": [one for one in judges.above_of(book) if one.item.pk == item.pk],
        "below": from_below.offer(book, item),
    }


def neighbours(book: Book, item: Item) -> dict[str, Any]:
    """Return the items before and after `item` among those that are measured."""
    leaves = book.leaves
    at = next(number for number, leaf in enumerate(leaves) if leaf.pk == item.pk)
    return {
        "previous": leaves[at - 1] if at else None,
        "following": leaves[at + 1] if at + 1 < len(leaves) else None,
        "position": at + 1,
        "count": len(leaves),
    }
