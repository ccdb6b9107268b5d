"""Which item an item comes from, who carries it below with what share, and where nobody does or weights drift.

A link is kept as the item it was made to, and read by agreement and lineage: it follows the item above through all
later versions and parts of its agreement, and nothing is written there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, Capacity, Item, Organisation, Party, Result, State, User, Version
from agreements.services.agreements import unit_of
from agreements.services.content import BEFORE_ASSESSMENT, BEFORE_RELEASE, BEFORE_REPORT
from agreements.services.states import AgreementRefused, locked
from scoring.numbers import display

Key: TypeAlias = tuple[int, UUID]
# Department, bureau, province, group, person: deeper than any office goes; a ring ends here at the latest.
DEEPEST = 12
ABOVE = (Capacity.ASSESSOR, Capacity.REVIEWER, Capacity.REVIEWER_2)


def key_of(item: Item) -> Key:
    """Return what stays the same of `item` through all versions; fetched with its version and part."""
    return item.version.part.agreement_id, item.lineage


def above_key(item: Item) -> Key | None:
    """Return the key of the item that `item` comes from; fetched with the versions and parts of both."""
    return key_of(item.cascades_from) if item.cascades_from is not None else None


def _rows() -> Any:
    return (
        Item.objects.filter(version__is_current=True)
        .exclude(version__part__agreement__state=State.ENDED)
        .select_related(
            "version__part__agreement__person",
            "version__part__agreement__organisation",
            "version__part__agreement__round",
            "version__part__posting__organisation",
            "cascades_from__version__part",
        )
        .order_by("version__part__agreement__organisation__path", "version__part__number", "order", "pk")
    )


def rows_of(version: Version) -> Any:
    """Return the items of `version` with what the cascade asks of them."""
    return _rows().filter(version=version)


def current(keys: Collection[Key]) -> dict[Key, Item]:
    """Return the items with these keys as they are agreed now; of a split agreement that of its latest part."""
    if not keys:
        return {}
    rows = _rows().filter(
        version__part__agreement__in={agreement for agreement, _lineage in keys},
        lineage__in={lineage for _agreement, lineage in keys},
    )
    return {key_of(row): row for row in rows if key_of(row) in keys}


def above_of(version: Version) -> dict[int, Item]:
    """Return for the items of `version`, by their keys in the database, those they come from as agreed now."""
    links = {row.pk: key for row in rows_of(version).exclude(cascades_from=None) if (key := above_key(row))}
    found = current(set(links.values()))
    return {pk: found[key] for pk, key in links.items() if key in found}


def carriers(keys: Collection[Key]) -> dict[Key, list[Item]]:
    """Return the items that come from those with these keys, in the order of the tree."""
    found: dict[Key, list[Item]] = defaultdict(list)
    if not keys:
        return found
    rows = _rows().filter(
        cascades_from__lineage__in={lineage for _agreement, lineage in keys},
        cascades_from__version__part__agreement__in={agreement for agreement, _lineage in keys},
    )
    for row in rows:
        if (key := above_key(row)) in keys and key is not None:
            found[key].append(row)
    return found


# --- Choosing --------------------------------------------------------------------------------------------------------
def offered_to(version: Version, item: Item | None = None, *, words: str = "") -> list[Item]:
    """Return the items that one of `version` may come from, those of the same indicator as `item` first.

    They are of the agreements of those above in this agreement, and of its unit and the organisations above it, in the
    same fiscal year: what these agreed is shown to it, nothing of their results.
    """
    agreement = version.part.agreement
    units = Organisation.objects.line_of(unit_of(version.part)).order_by().values("pk")
    people = Party.objects.filter(version=version, capacity__in=ABOVE).values("user")
    rows = (
        _rows()
        .filter(
            Q(version__part__agreement__person__in=people)
            | Q(version__part__agreement__person=None, version__part__agreement__organisation__in=units),
            version__part__agreement__round__fiscal_year=agreement.round.fiscal_year,
        )
        .exclude(version__part__agreement=agreement.pk)
    )
    for word in words.split():
        rows = rows.filter(Q(title__icontains=word) | Q(code__icontains=word) | Q(goal__icontains=word))
    same = item.indicator_id if item else None
    return sorted(rows, key=lambda row: same is None or row.indicator_id != same)


@transaction.atomic
def choose_above(item: Item, above: Item | None, *, by: User) -> None:
    """Let an item of a draft come from `above`, or from none.

    :raises NotAllowed: if `by` does not choose indicators here.
    :raises NotNow: if it is no draft any more.
    :raises AgreementRefused: if `above` is not offered to it, or comes from it.
    """
    version = locked(item.version)
    actions.demand(actions.EDIT, version, by)
    if above is not None:
        if above.pk not in {one.pk for one in offered_to(version)}:
            raise AgreementRefused(_("That indicator is not offered here any more. Choose another one."))
        own = (version.part.agreement_id, item.lineage)
        if own in {key_of(one) for one in _line(above)}:
            raise AgreementRefused(_("That indicator comes from this one itself."))
    Item.objects.filter(pk=item.pk).update(cascades_from=above)


def _line(item: Item) -> Iterator[Item]:
    """Yield `item` and those it comes from, from below."""
    here: Item | None = current([key_of(item)]).get(key_of(item))
    for _step in range(DEEPEST):
        if here is None:
            return
        yield here
        key = above_key(here)
        here = current([key]).get(key) if key else None


# --- The tree --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An item in the tree: whose it is, its share of what is carried beside it, and its score where it may be seen."""

    item: Item
    below: tuple[Node, ...] = ()
    share: str = ""
    score: str = ""
    # Whether the reader may open its agreement.
    is_open: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def agreement(self) -> Agreement:
        """Whose it is."""
        return self.item.version.part.agreement

    @property
    def is_of_an_organisation(self) -> bool:
        """Whether an organisation agreed it."""
        return self.agreement.person_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item of an agreement with those above it, from the top down, and the tree of those below."""

    node: Node
    above: tuple[Node, ...] = ()

    @property
    def is_linked(self) -> bool:
        """Whether it comes from something, or something from it."""
        return bool(self.above or self.node.below)


@dataclass(slots=True, kw_only=True)
class Forest:
    """All items above and below some, read level by level: as many questions as levels, however many items."""

    items: dict[Key, Item] = field(default_factory=dict)
    below: dict[Key, list[Item]] = field(default_factory=dict)
    scores: dict[Key, str] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)

    @property
    def all_items(self) -> list[Item]:
        """Every item in it."""
        return [*self.items.values(), *(one for listed in self.below.values() for one in listed)]


def forest_of(items: Iterable[Item], reader: User) -> Forest:
    """Return the items above and below `items`, with the scores that `reader` may see."""
    start = {key_of(item): item for item in items}
    forest = Forest(items=dict(start))
    _climb(forest, start.values())
    _descend(forest, start)
    _see(forest, reader)
    return forest


def _climb(forest: Forest, items: Iterable[Item]) -> None:
    level = list(items)
    for _step in range(DEEPEST):
        wanted = {key for one in level if (key := above_key(one)) and key not in forest.items}
        level = list(current(wanted).values())
        if not level:
            return
        forest.items |= {key_of(one): one for one in level}


def _descend(forest: Forest, keys: Iterable[Key]) -> None:
    level = set(keys)
    for _step in range(DEEPEST):
        found = carriers(level)
        forest.below |= found
        level = {key_of(one) for listed in found.values() for one in listed} - forest.below.keys()
        if not level:
            return


def _see(forest: Forest, reader: User) -> None:
    rows = forest.all_items
    among = {one.version.part.agreement_id for one in rows}
    forest.open = set(Agreement.objects.visible_to(reader).filter(pk__in=among).values_list("pk", flat=True))
    seen = {one.version.part_id: one for one in rows if one.version.part.agreement_id in forest.open}
    kept = Result.objects.filter(part__in=seen, checkpoint=Result.Checkpoint.FINAL)
    for part, lineage, own, assessed in kept.values_list("part", "lineage", "self_outcome", "outcome"):
        version = seen[part].version
        outcome = assessed if _sees_assessed(version, reader) else own
        if outcome and version.part.reached not in BEFORE_REPORT and outcome.get("score"):
            forest.scores[version.part.agreement_id, lineage] = str(outcome["score"])


def _sees_assessed(version: Version, reader: User) -> bool:
    """Return whether the score of the assessor is there, and `reader` may see it: the assessee once it is released."""
    part = version.part
    if part.reached in BEFORE_ASSESSMENT:
        return False
    return reader.pk not in (part.agreement.person_id, part.posting.user_id) or part.reached not in BEFORE_RELEASE


def lines_of(items: Sequence[Item], reader: User) -> tuple[list[Line], Forest]:
    """Return each of `items` with those above it and the tree below it."""
    forest = forest_of(items, reader)
    carried = frozenset(item.pk for item in items if forest.below.get(key_of(item)))
    return [_line_in(forest, item, carried) for item in items], forest


def _line_in(forest: Forest, item: Item, carried: frozenset[int]) -> Line:
    above: list[Node] = []
    key, seen = above_key(item), {key_of(item)}
    while key is not None and key in forest.items and key not in seen:
        seen.add(key)
        above.append(_node(forest, forest.items[key]))
        key = above_key(forest.items[key])
    node = _tree(forest, item, frozenset())
    warnings = (*_link_warnings(forest, item), *_nobody(node, carried))
    return Line(node=replace(node, warnings=warnings), above=tuple(reversed(above)))


def _node(forest: Forest, item: Item) -> Node:
    return Node(
        item=item, score=forest.scores.get(key_of(item), ""), is_open=item.version.part.agreement_id in forest.open
    )


def _tree(forest: Forest, item: Item, passed: frozenset[Key]) -> Node:
    key = key_of(item)
    listed = [] if key in passed else forest.below.get(key, [])
    total = sum((one.weight or Decimal(0) for one in listed), Decimal(0))
    below = []
    for one in listed:
        node = _tree(forest, one, passed | {key})
        below.append(replace(node, share=_share(one.weight, total), warnings=tuple(_drift(one, item))))
    return replace(_node(forest, item), below=tuple(below))


def _share(weight: Decimal | None, total: Decimal) -> str:
    return display(Fraction(weight) * 100 / Fraction(total), 2) if weight and total else ""


# --- Warnings --------------------------------------------------------------------------------------------------------
def _link_warnings(forest: Forest, item: Item) -> Iterator[str]:
    key = above_key(item)
    if key is not None and key not in forest.items:
        yield _("The indicator that it comes from is no longer in the agreement above.")
    elif key is not None:
        yield from _drift(item, forest.items[key])


def _nobody(node: Node, carried: frozenset[int]) -> Iterator[str]:
    """Warn where nobody carries what others are to carry; a composite is carried by its parts, or with them."""
    item = node.item
    is_for_others = node.is_of_an_organisation or bool(item.definition.get("from_below"))
    if is_for_others and item.criteria and not {item.pk, item.parent_id} & carried:
        yield _("Nobody below carries it.")


def _drift(item: Item, above: Item) -> Iterator[str]:
    if item.weight is not None and above.weight is not None and item.weight != above.weight:
        yield _("It weighs %(here)s here and %(above)s above.") % {
            "here": f"{item.weight.normalize():f}",
            "above": f"{above.weight.normalize():f}",
        }
