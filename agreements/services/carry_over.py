"""Copying a person's indicators from an earlier round into a draft, with what came of them then as baseline data.

Only ever adds: what the draft holds stays as it is, and an indicator that is in it already is not copied again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Agreement, Indicator, Item, Result, State, User, Version
from agreements.services.agreements import (
    copy_indicator,
    free_code,
    indicators_given_to,
    next_order,
    unit_of,
    weigh_again,
)
from agreements.services.states import AgreementRefused, locked

# From agreed on there is something that both sides stood by.
WITH_ITEMS = [state for state in State.values if state not in {State.DRAFT, State.PROPOSED, State.ENDED}]
# From here on everybody who takes part knows the result.
TOLD = {State.RELEASED, State.ACKNOWLEDGED, State.REVIEWED, State.CLOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An indicator of an earlier round as it can be copied."""

    item: Item
    # The present wording, where a framework of this round gives the unit an indicator called the same.
    successor: Indicator | None
    is_there: bool
    # What came of it: nothing where it has no figure, or the result was not told yet.
    value: str


def sources(version: Version, user: User) -> list[Version]:
    """Return the earlier versions from which `user` may copy into `version`, the latest round first."""
    agreement = version.part.agreement
    earlier = Agreement.objects.visible_to(user).filter(
        person=agreement.person_id,
        person__isnull=False,
        round__starts_on__lt=agreement.round.starts_on,
        state__in=WITH_ITEMS,
    )
    found = Version.objects.current().filter(part__agreement__in=earlier, part__is_last=True, items__isnull=False)
    return list(
        found.select_related("part__agreement__round", "part__agreement__organisation", "part__agreement__person")
        .distinct()
        .order_by("-part__agreement__round__starts_on", "-pk")
    )


def offers(version: Version, source: Version) -> list[Offer]:
    """Return what `source` has to copy: its indicators, sub-indicators within them."""
    tops = list(source.items.filter(parent=None).order_by("order", "pk"))
    values = _values(source)
    given = {_key(one.title): one for one in _given(version)}
    there = {_key(title) for title in version.items.filter(parent=None).values_list("title", flat=True)}
    return [
        Offer(
            item=item,
            successor=given.get(_key(item.title)),
            is_there=_key(item.title) in there,
            value=values.get(item.lineage, ""),
        )
        for item in tops
    ]


def _given(version: Version) -> list[Indicator]:
    given = indicators_given_to(unit_of(version.part), version.part.agreement.round)
    return [one for one in given if one.parent_id is None]


def _key(title: str) -> str:
    return thai.search_key(title)


def _values(source: Version) -> dict[UUID, str]:
    """Return the figures that were found, as far as they were told, by lineage."""
    if source.part.agreement.reached not in TOLD:
        return {}
    kept = Result.objects.filter(part__agreement=source.part.agreement_id, checkpoint=Result.Checkpoint.FINAL)
    # Of an agreement that was split, what the last part found.
    rows = kept.order_by("part__number").values_list("lineage", "outcome")
    return {
        lineage: thai.canonical_decimal(Decimal(str(outcome["value"])))
        for lineage, outcome in rows
        if outcome and outcome.get("value") is not None
    }


@transaction.atomic
def copy_from_earlier(
    version: Version, source: Version, items: Collection[int], *, by: User, at: datetime
) -> list[Item]:
    """Copy the indicators `items` of `source` into the draft `version`, each with its sub-indicators.

    :raises NotAllowed: if `version` is not for `by` to edit.
    :raises AgreementRefused: if `source` is none of the person's earlier agreements, or nothing is left to copy.
    """
    actions.demand(actions.EDIT, locked(version), by)
    if source.pk not in {one.pk for one in sources(version, by)}:
        raise AgreementRefused(_("This is not an earlier agreement of the same person."))
    wanted = [one for one in offers(version, source) if one.item.pk in items and not one.is_there]
    if not wanted:
        raise AgreementRefused(_("Everything that was ticked is in the agreement already."))
    year, values = source.part.agreement.round.fiscal_year, _values(source)
    below: dict[int | None, list[Item]] = {}
    for item in source.items.order_by("order", "pk"):
        below.setdefault(item.parent_id, []).append(item)
    made = [
        _take_successor(version, one, year) if one.successor else _take(version, one.item, below, values, year)
        for one in wanted
    ]
    weigh_again(version)
    return made


def _take_successor(version: Version, offer: Offer, year: int) -> Item:
    assert offer.successor is not None  # noqa: S101  asked before
    made = copy_indicator(version, offer.successor)
    if not made.children.exists():
        made.weight = offer.item.weight
    made.goal = made.goal or offer.item.goal
    made.definition = with_baseline(made.definition, year, offer.value)
    made.save()
    return made


def _take(
    version: Version,
    item: Item,
    below: Mapping[int | None, Sequence[Item]],
    values: Mapping[UUID, str],
    year: int,
    *,
    parent: Item | None = None,
) -> Item:
    made = Item.objects.create(
        version=version,
        indicator=item.indicator,
        parent=parent,
        code=free_code(version, item.code),
        title=item.title,
        goal=item.goal,
        weight=item.weight,
        order=next_order(version),
        definition=with_baseline(item.definition, year, values.get(item.lineage, "")),
    )
    for child in below.get(item.pk, ()):
        _take(version, child, below, values, year, parent=made)
    return made


def with_baseline(definition: Mapping[str, Any], year: int, value: str) -> dict[str, Any]:
    """Return `definition` with `value` as the baseline of `year`; as it is where there is no value."""
    if not value:
        return dict(definition)
    baseline = dict(definition.get("baseline") or {})
    others = [row for row in baseline.get("years", []) if int(row["year"]) != year]
    baseline["years"] = sorted([*others, {"year": year, "value": value}], key=lambda row: int(row["year"]))
    if "label" not in baseline and "unit" not in baseline and definition.get("unit"):
        baseline["unit"] = definition["unit"]
    return {**definition, "baseline": baseline}
