"""Where the cascade of a round has gaps: indicators given to a unit that no agreement carries, weights that differ."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Q, When

from agreements.models import Framework, Indicator, Item, Organisation, Role, Round, State, User
from agreements.models.frameworks import is_given
from agreements.models.organisations import below_any
from agreements.services import cascade

MOST_NAMED = 40
FOLLOWERS = (Role.Kind.HR, Role.Kind.AUDITOR, Role.Kind.EXECUTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An indicator of a framework, the units that it is given to, how many agreements carry it, and who does not."""

    indicator: Indicator
    units: int
    carried: int
    lacking: tuple[Organisation, ...]

    @property
    def shown(self) -> tuple[Organisation, ...]:
        """The first of those who do not carry it: as many as can be read."""
        return self.lacking[:MOST_NAMED]

    @property
    def more(self) -> int:
        """How many there are besides."""
        return len(self.lacking) - len(self.shown)


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
    units = list(within.exclude(unit_code="").only("path", "name", "unit_code").order_by("path"))
    items = _items(round_).filter(below_any(paths, field="version__part__posting__organisation__path"))
    indicators = list(
        Indicator.objects.filter(framework__in=_serving(round_))
        .select_related("framework")
        .order_by("framework__code", "order", "pk")
    )
    links = list(items.exclude(cascades_from=None))
    above = cascade.current({key for item in links if (key := cascade.above_key(item))})
    return Overview(
        given=tuple(_given(indicators, units, _carried_by_indicator(items))),
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


def _carried_by_indicator(items: Any) -> Mapping[tuple[str, str], dict[str, int]]:
    """Return how often each indicator is carried, by the path of the place, as the database counts it.

    One of an earlier version of its framework is the same one.
    """
    of_the_office = When(version__part__agreement__person=None, then=F("version__part__agreement__organisation__path"))
    place = Case(of_the_office, default=F("version__part__posting__organisation__path"))
    counted = items.exclude(indicator=None).order_by().values_list("indicator__framework__code", "indicator__code")
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for framework, code, path, count in counted.annotate(place=place).annotate(count=Count("pk")):
        found[framework, code][path] = count
    return found


def _given(
    indicators: Iterable[Indicator], units: list[Organisation], carried: Mapping[tuple[str, str], dict[str, int]]
) -> Iterable[Given]:
    for one in indicators:
        mine = [unit for unit in units if is_given(one.assigned_units, unit.unit_code)]
        if not mine:
            continue
        counts = carried.get((one.framework.code, one.code), {})
        paths = sorted(counts)
        lacking = [unit for unit in mine if not _holds_one_of(unit, paths)]
        yield Given(indicator=one, units=len(mine), carried=sum(counts.values()), lacking=tuple(lacking))


def _holds_one_of(unit: Organisation, paths: list[str]) -> bool:
    """Return whether one of `paths`, in their order, lies at or below `unit`: the first that is not before it."""
    at = bisect_left(paths, unit.path)
    return at < len(paths) and paths[at].startswith(unit.path)


def _drifts(links: Iterable[Item], above: Mapping[cascade.Key, Item]) -> Iterable[Drift]:
    for item in links:
        key = cascade.above_key(item)
        other = above.get(key) if key else None
        if other is not None and None not in (item.weight, other.weight) and item.weight != other.weight:
            yield Drift(item=item, above=other)
