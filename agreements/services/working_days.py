"""Which days an office does not work: its own holidays and those of all above it, read once for many offices.

Whatever counts working days asks here: deadlines, extensions, what is returned, and the lateness of an indicator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from agreements.models import Holiday, Organisation
from agreements.models.organisations import below_any


@dataclass(frozen=True, slots=True)
class Holidays:
    """The tables of some organisations, by their paths in the tree."""

    tables: Mapping[str, frozenset[date]]
    _known: dict[str, frozenset[date]] = field(default_factory=dict, compare=False)

    def at(self, path: str) -> frozenset[date]:
        """Return the days on which the organisation at `path` does not work."""
        if path not in self._known:
            above = [days for place, days in self.tables.items() if path.startswith(place)]
            self._known[path] = frozenset().union(*above)
        return self._known[path]

    def of(self, place: Organisation) -> frozenset[date]:
        """Return the days on which `place` does not work."""
        return self.at(place.path)


def read(paths: Iterable[str]) -> Holidays:
    """Read the holidays that hold for the organisations at `paths`: one question."""
    return _read(Q(organisation__path__in=_line(paths)))


def read_below(paths: Iterable[str]) -> Holidays:
    """Read the holidays that hold for the few organisations at `paths` and for all below them: one question."""
    paths = set(paths)
    return _read(Q(organisation__path__in=_line(paths)) | below_any(sorted(paths), field="organisation__path"))


def holidays_of(place: Organisation) -> frozenset[date]:
    """Return the days on which `place` does not work."""
    return read([place.path]).at(place.path)


def _line(paths: Iterable[str]) -> set[str]:
    steps = Organisation.steplen
    return {path[:length] for path in paths for length in range(steps, len(path) + 1, steps)}


def _read(places: Q) -> Holidays:
    tables: dict[str, set[date]] = {}
    for path, day in Holiday.objects.filter(places).values_list("organisation__path", "day"):
        tables.setdefault(path, set()).add(day)
    return Holidays({path: frozenset(days) for path, days in tables.items()})
