"""The libraries of templates: found by words, kind, position and round, copied into a draft, filled in there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import scoring
from agreements import actions, thai
from agreements.explain import explain_fault
from agreements.models import Framework, Indicator, Item, User, Version
from agreements.services import blanks
from agreements.services.agreements import copy_indicator
from agreements.services.states import AgreementRefused, locked

# The texts that words are looked for in; a hit in the title comes before a hit in the others.
_SEARCHED = ("description", "formula_text", "conditions", "unit", "work", "reason")
COMPOSITE = "composite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a template of a library is found by."""

    framework: int
    code: str
    title_key: str
    text_key: str
    kind: str
    positions: tuple[str, ...]
    rounds: tuple[int, ...]

    def suits(self, round_number: int | None) -> bool:
        """Return whether it is meant for the round with this number; one that names no round suits each."""
        return round_number is None or not self.rounds or round_number in self.rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The templates that somebody may copy, and what they can be filtered by."""

    templates: tuple[Template, ...]
    kinds: tuple[str, ...]
    positions: tuple[str, ...]


# --- Finding ---------------------------------------------------------------------------------------------------------
def shelf_for(user: User) -> Shelf:
    """Return the published templates that `user` may copy."""
    # A published version never changes, so its templates are read once a process, for everybody.
    versions = Framework.objects.visible_to(user).library().order_by("code").values_list("pk", "content_hash")
    templates = tuple(template for pk, digest in versions for template in _templates_of(pk, digest))
    return Shelf(
        templates=templates,
        kinds=tuple(dict.fromkeys(one.kind for one in templates)),
        positions=tuple(
            sorted({position for one in templates for position in one.positions}, key=thai.sort_key),
        ),
    )


@lru_cache(maxsize=64)
def _templates_of(framework: int, _content_hash: str) -> tuple[Template, ...]:
    rows = list(Indicator.objects.filter(framework=framework).order_by("order", "pk"))
    below: dict[int | None, list[Indicator]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return tuple(_template(row, below) for row in below.get(None, []))


def _template(row: Indicator, below: Mapping[int | None, list[Indicator]]) -> Template:
    definition = row.definition
    texts = [str(definition.get(name, "")) for name in _SEARCHED]
    texts += [f"{child.code} {child.title}" for child in below.get(row.pk, [])]
    return Template(
        framework=row.framework_id,
        code=row.code,
        title_key=thai.search_key(f"{row.code} {row.title}"),
        # Keys hold no line breaks: a word is never found across two texts.
        text_key="\n".join(thai.search_key(text) for text in texts),
        kind=str((definition.get("criteria") or {}).get("kind", COMPOSITE)),
        positions=tuple(definition.get("positions", ())),
        rounds=tuple(definition.get("rounds", ())),
    )


def search(
    shelf: Shelf, *, words: str = "", kind: str = "", position: str = "", round_number: int | None = None
) -> list[Template]:
    """Return the templates of `shelf` that hold all `words` and suit the rest; hits in the title first."""
    keys = [key for key in map(thai.search_key, words.split()) if key]
    found = [
        one
        for one in shelf.templates
        if (not kind or one.kind == kind)
        and (not position or position in one.positions)
        and one.suits(round_number)
        and all(key in one.title_key or key in one.text_key for key in keys)
    ]
    return sorted(found, key=lambda one: not all(key in one.title_key for key in keys))


def indicators_of(templates: Iterable[Template]) -> list[Indicator]:
    """Return the indicators that `templates` stand for, in their order."""
    wanted = [(one.framework, one.code) for one in templates]
    rows = Indicator.objects.filter(
        framework__in={framework for framework, _code in wanted}, code__in={code for _framework, code in wanted}
    )
    found = {(row.framework_id, row.code): row for row in rows}
    return [found[one] for one in wanted]


# --- Copying ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def copy_from_library(version: Version, template: Indicator, *, by: User) -> Item:
    """Copy `template`, with its sub-indicators, into a draft; one that is there just as in the library stays the one.

    :raises AgreementRefused: if it is not a published template that `by` may copy.
    """
    actions.demand(actions.EDIT, locked(version), by)
    published = Framework.objects.visible_to(by).library()
    if template.parent_id is not None or not published.filter(pk=template.framework_id).exists():
        raise AgreementRefused(
            _("Template %(code)s is not in a library that you may copy from.") % {"code": template.code}
        )
    for item in version.items.filter(indicator=template, parent=None):
        if item.definition == template.definition:
            return item
    return copy_indicator(version, template)


def sources_of(items: Iterable[Item]) -> dict[int, dict[str, Any]]:
    """Return the definitions from which `items` were copied, where those leave something to the parties, by item."""
    copies = [item for item in items if item.indicator_id is not None]
    found = (
        Indicator.objects.filter(pk__in={item.indicator_id for item in copies}).only("definition", "title").in_bulk()
    )
    sources = {item.pk: source_of(found[item.indicator_id]) for item in copies if item.indicator_id in found}
    return {pk: source for pk, source in sources.items() if blanks.leaves_blanks(source)}


def source_of(indicator: Indicator) -> dict[str, Any]:
    """Return the definition of `indicator` with its title, which columns hold."""
    return {**indicator.definition, "title": indicator.title}


def as_filled(item: Item) -> dict[str, Any]:
    """Return the definition of `item` with its title."""
    return {**item.definition, "title": item.title}


# --- Filling in ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What the parties put in the blanks of one item; a blank left out stays one."""

    texts: Mapping[str, str]
    levels: Mapping[int, Decimal]
    between: str = "interpolate"
    weight: Decimal | None = None


def definition_with(source: Mapping[str, Any], filling: Filling) -> dict[str, Any]:
    """Return `source` with `filling` in its blanks."""
    definition = blanks.filled_in(source, filling.texts)
    if blanks.is_open(source):
        definition["criteria"] = blanks.agreed_criteria(source, filling.levels, between=filling.between)
    return definition


def faults_of(definition: Mapping[str, Any]) -> list[str]:
    """Return, in words, what the rules have against `definition`."""
    try:
        scoring.read_indicator({**definition, "code": "P1"}, place="")
    except scoring.Refused as refused:
        return [explain_fault(fault) for fault in refused.faults]
    return []


def is_weighed_alone(item: Item) -> bool:
    """Return whether `item` has a weight of its own that no other follows from."""
    return item.parent_id is None and not item.children.exists()


@transaction.atomic
def fill_in(item: Item, filling: Filling, *, by: User) -> Item:
    """Fill in what the source of `item` leaves to the parties; all else stays as the source has it.

    :raises AgreementRefused: if the source leaves nothing to fill in, or the rules refuse what was filled in.
    """
    actions.demand(actions.EDIT, locked(item.version), by)
    source = sources_of([item]).get(item.pk)
    if source is None:
        raise AgreementRefused(_("Nothing in indicator %(code)s is left to fill in.") % {"code": item.code})
    definition = definition_with(source, filling)
    if faults := faults_of(definition):
        raise AgreementRefused(" ".join(faults))
    item.title = definition["title"]
    item.definition = definition
    if is_weighed_alone(item):
        item.weight = filling.weight
    item.save(update_fields=["title", "definition", "weight"])
    return item
