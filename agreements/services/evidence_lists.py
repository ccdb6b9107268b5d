"""The evidence that a definition lists: what of it is at hand, ticked off beside the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Evidence, Item, Result, User, Version
from agreements.services.results import ResultRefused, demand_entry, result_for, unconfirm
from agreements.services.states import locked


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the list, with its number, whether it is at hand, and the files that were attached as it."""

    number: int
    text: str
    is_at_hand: bool
    files: list[Evidence] = field(default_factory=list)


def list_of(item: Item) -> list[str]:
    """Return the evidence that the definition of `item` lists, in its order."""
    return [str(text) for text in item.definition.get("evidence") or []]


def listed(item: Item, result: Result | None, files: Iterable[Evidence]) -> list[Listed]:
    """Return the list of `item` as it stands for `result`."""
    at_hand = set(result.evidence_at_hand) if result else set()
    attached = list(files)
    return [
        Listed(number, text, text in at_hand, [one for one in attached if one.listed_as == text])
        for number, text in enumerate(list_of(item), start=1)
    ]


def demand_listed(item: Item, texts: Sequence[str]) -> None:
    """Refuse what the definition of `item` does not list.

    :raises ResultRefused: if one of `texts` is not on its list.
    """
    if not set(texts) <= set(list_of(item)):
        raise ResultRefused([_("This is not on the list of evidence of the indicator.")])


@transaction.atomic
def tick(version: Version, item: Item, texts: Sequence[str], *, by: User, at: datetime) -> Result:
    """Keep that exactly `texts` of the list are at hand; a draft until reported.

    :raises NotAllowed: if `by` does not enter results of it.
    :raises NotNow: if results are not entered now.
    :raises ResultRefused: if one of them is not on the list.
    """
    version = locked(version)
    demand_entry(version, item, by=by)
    demand_listed(item, texts)
    result = result_for(version, item, at=at)
    # In the order of the list, so that the same ticks are always kept alike.
    at_hand = [text for text in list_of(item) if text in set(texts)]
    if at_hand != result.evidence_at_hand:
        result.evidence_at_hand, result.updated_at = at_hand, at
        result.save(update_fields=["evidence_at_hand", "updated_at"])
        unconfirm(result)
    return result


def note_at_hand(result: Result, text: str) -> None:
    """Tick `text`, as which a file was just attached; part of attaching."""
    if text not in result.evidence_at_hand:
        result.evidence_at_hand = [*result.evidence_at_hand, text]
        result.save(update_fields=["evidence_at_hand"])
