"""Sub-indicators of one's own, where the source leaves them to the parties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Item, User
from agreements.services.agreements import free_code, next_order, split, weigh_again
from agreements.services.states import AgreementRefused, locked


def takes_sub_indicators(item: Item) -> bool:
    """Return whether the source of `item` leaves its sub-indicators to the parties."""
    return item.parent_id is None and bool(item.definition.get("children_at_least"))


def is_own_sub_indicator(item: Item) -> bool:
    """Return whether `item` is a sub-indicator that the assessee added."""
    return item.parent_id is not None and item.indicator_id is None


@transaction.atomic
def write_own_sub_indicator(parent: Item, definition: Mapping[str, Any], *, goal: str, by: User) -> Item:
    """Add a sub-indicator of the assessee's own to an item of a draft; what it weighs, `parent` weighs more.

    :raises AgreementRefused: if the sub-indicators of `parent` are given.
    """
    version = locked(parent.version)
    actions.demand(actions.EDIT, version, by)
    if not takes_sub_indicators(parent):
        raise AgreementRefused(_("The sub-indicators of %(code)s are given.") % {"code": parent.code})
    columns, rest = split(definition)
    code = free_code(version, f"{parent.code}.{parent.children.count() + 1}")
    item = Item.objects.create(
        version=version, parent=parent, code=code, goal=goal, order=next_order(version), definition=rest, **columns
    )
    # Measured by its sub-indicators it has no criteria of its own.
    parent.definition = {key: value for key, value in parent.definition.items() if key != "criteria"}
    parent.save(update_fields=["definition"])
    weigh_again(version)
    return item


@transaction.atomic
def remove_own_sub_indicator(item: Item, *, by: User) -> None:
    """Take a sub-indicator of the assessee's own out of a draft; after the last, its indicator is as its source has it.

    :raises AgreementRefused: if it was given with its indicator.
    """
    version = locked(item.version)
    actions.demand(actions.EDIT, version, by)
    parent = item.parent
    if parent is None or not is_own_sub_indicator(item):
        raise AgreementRefused(_("A sub-indicator is removed with its indicator."))
    item.delete()
    if parent.indicator is not None and not parent.children.exists():
        parent.definition, parent.weight = parent.indicator.definition, parent.indicator.weight
        parent.save(update_fields=["definition", "weight"])
    weigh_again(version)
