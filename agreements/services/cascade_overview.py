"""Where the cascade of a round has gaps: indicators given to a unit that no agreement carries, weights that differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from agreements.models import Framework, Indicator, Item, Organisation, Role, Round, State, User
from agreements.models.frameworks import is_given
from agreements.models.organisations import below_any
from agreements.services import cascade

FOLLOWERS = (Role.Kind.HR, Role.Kind.AUDITOR, Role.Kind.EXECUTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An indicator of a framework, the units that it is given to, how many agreements carry it, and who does not."""

    indicator: Indicator
    units: int
    carried: int
    lacking: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """An item that weighs otherwise than the one it comes from."""

    item: Item
    above: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The cascade of a round as far as the reader follows it."""

    given: tuple[Given, ...]
    drifts: tuple[Drift, ...]
    linked: int

    @property
    def lacking(self) -> int:
        """How many times a unit does not carry what it is given."""
        return sum(len(one.lacking) for one in self.given)


def overview(round_: Round, *, reader: User) -> Overview:
    """Return where the cascade of `round_` has gaps among the units that `reader` follows."""
    paths = Role.objects.paths(reader, *FOLLOWERS)
    within = Organisation.objects.within(round_.organisation).filter(below_any(paths, field="path"))
    units = list(within.exclude(unit_code="").order_by("path"))
    items = list(_items(round_).filter(below_any(paths, field="version__part__posting__organisation__path")))
    indicators = list(
        Indicator.objects.filter(framework__in=_serving(round_))
        .select_related("framework")
        .order_by("framework__code", "order", "pk")
    )
    links = [item for item in items if item.cascades_from is not None]
    above = cascade.current({key for item in links if (key := cascade.above_key(item))})
    return Overview(
        given=tuple(_given(indicators, units, _paths_by_indicator(items))),
        drifts=tuple(_drifts(links, above)),
        linked=len(links),
    )


def _items(round_: Round) -> Any:
    return (
        Item.objects.filter(version__is_current=True, version__part__agreement__round=round_)
        .exclude(version__part__agreement__state=State.ENDED)
        .select_related(
            "indicator__framework",
            "version__part__agreement__person",
            "version__part__agreement__organisation",
            "version__part__posting__organisation",
            "cascades_from__version__part",
        )
        .order_by("version__part__posting__organisation__path", "order", "pk")
    )


def _serving(round_: Round) -> Any:
    around = Organisation.objects.line_of(round_.organisation).order_by().values("pk")
    return Framework.objects.filter(
        Q(round_number=round_.number) | Q(round_number=None),
        Q(organisation__in=around) | Q(organisation=None),
        status=Framework.Status.PUBLISHED,
        fiscal_year=round_.fiscal_year,
    ).exclude(level=Framework.Level.LIBRARY)


def _paths_by_indicator(items: Iterable[Item]) -> Mapping[tuple[str, str], list[str]]:
    """Return where each indicator is carried; one of an earlier version of its framework is the same one."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        if item.indicator is not None:
            part = item.version.part
            place = part.posting.organisation if part.agreement.person_id else part.agreement.organisation
            found[item.indicator.framework.code, item.indicator.code].append(str(place.path))
    return found


def _given(
    indicators: Iterable[Indicator], units: list[Organisation], carried: Mapping[tuple[str, str], list[str]]
) -> Iterable[Given]:
    for one in indicators:
        mine = [unit for unit in units if is_given(one.assigned_units, unit.unit_code)]
        if not mine:
            continue
        paths = carried.get((one.framework.code, one.code), [])
        lacking = [unit for unit in mine if not any(path.startswith(str(unit.path)) for path in paths)]
        yield Given(indicator=one, units=len(mine), carried=len(paths), lacking=tuple(lacking))


def _drifts(links: Iterable[Item], above: Mapping[cascade.Key, Item]) -> Iterable[Drift]:
    for item in links:
        key = cascade.above_key(item)
        other = above.get(key) if key else None
        if other is not None and None not in (item.weight, other.weight) and item.weight != other.weight:
            yield Drift(item=item, above=other)
