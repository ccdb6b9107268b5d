"""The way from one measured indicator of an agreement to the next."""

from __future__ import annotations

from typing import Any

from agreements.models import Item
from agreements.services import results as services


def neighbours(book: services.Book, item: Item) -> dict[str, Any]:
    """Return the items before and after `item` among those that are measured."""
    leaves = book.leaves
    at = next(number for number, leaf in enumerate(leaves) if leaf.pk == item.pk)
    return {
        "previous": leaves[at - 1] if at else None,
        "following": leaves[at + 1] if at + 1 < len(leaves) else None,
        "position": at + 1,
        "count": len(leaves),
    }
