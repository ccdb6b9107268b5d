"""The groups that the indicators of an agreement stand in, from the frameworks that they come from."""

from __future__ import annotations

from collections.abc import Sequence

from agreements.models import Dimension, Version
from reports.rows.words import Content


def dimensions_of(version: Version) -> Sequence[Content]:
    """Return the dimensions of the frameworks of the items of `version`.

    A published framework never changes, so a print of later on shows the same groups.
    """
    found = Dimension.objects.filter(framework__indicators__items__version=version)
    rows = found.select_related("parent").order_by("framework_id", "order", "pk").distinct()
    return [
        {
            "code": one.code,
            "title": one.title,
            "weight": one.weight,
            "parent": one.parent.code if one.parent else "",
        }
        for one in rows
    ]
