"""What came of a round in an office, for those who lead it: each indicator's average, spread and light, unit by unit.

Only released results count, and only averages: nobody who does not see a person's result reckons it from here
(services/small_cells.py). Asked with as many questions for ten agreements as for ten thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

import scoring
from agreements import thai
from agreements.models import Dimension, Framework, Indicator, Organisation, Round, User
from agreements.models.organisations import subtree
from agreements.services import dashboard_sums, small_cells
from agreements.services.dashboard_reach import root_of
from agreements.services.dashboard_sums import Sum
from agreements.services.results import grades_of
from scoring import progress

#: So many rounds make the trend, the one shown among them.
ROUNDS_OF_TREND = 5
#: So many units are named as the best, and as the worst.
NAMED = 3
STEP = Organisation.steplen


# --- What stands in it -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which results are looked at: of a round, by a framework, in a unit with all below it."""

    round: Round
    framework: Framework
    place: Organisation
    # The top of what the reader sees there.
    root: str
    dimension: Dimension | None = None
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What averages are held against: the middle level of the scale, as where no target is printed."""

    levels: tuple[int, ...]
    grades: scoring.Grades | None = None

    @property
    def target(self) -> Fraction | None:
        """The middle level."""
        return Fraction(self.levels[len(self.levels) // 2]) if len(self.levels) % 2 else None

    @property
    def near(self) -> Fraction | None:
        """From where on an average is near the target."""
        return None if self.target is None else self.target * progress.NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What results of one indicator, or of several, came to in one unit."""

    sum: Sum
    measure: Measure
    is_withheld: bool = False

    @property
    def mean(self) -> Fraction | None:
        """The mean of the scores; None where there are none, or they are kept back."""
        return None if self.is_withheld else self.sum.mean

    @property
    def light(self) -> str:
        """How the mean stands beside the target."""
        return progress.light_of(self.mean, self.measure.target)

    @property
    def grade(self) -> scoring.Grade | None:
        """The grade of the mean, where the round grades what stands on the scale."""
        grades = self.measure.grades
        return grades.grade_of(self.mean) if grades is not None and self.mean is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An indicator in the unit shown: altogether, by its parts, and in the rounds before."""

    indicator: Indicator
    cell: Cell
    by_unit: Mapping[str, Cell]
    trend: tuple[tuple[Round, Cell], ...]
    best: Unit | None = None
    worst: Unit | None = None

    @property
    def trend_values(self) -> list[Fraction | None]:
        """The means round by round, the oldest first."""
        return [cell.mean for _round, cell in self.trend]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A part of the unit shown: one just below it with all that is below, or what it has itself."""

    key: str
    organisation: Organisation
    # Whether it stands for the unit shown itself, without those below.
    is_own: bool
    # Over all indicators shown, of which nothing is kept back.
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A framework in a unit, in one round."""

    asked: Asked
    measure: Measure
    rows: tuple[Row, ...]
    units: tuple[Unit, ...]
    rounds: tuple[Round, ...]
    cell: Cell

    @property
    def keeps_back(self) -> bool:
        """Whether some figure is not shown."""
        return any(row.cell.is_withheld or any(one.is_withheld for one in row.by_unit.values()) for row in self.rows)

    @property
    def best(self) -> list[Unit]:
        """The units with the highest mean over all indicators, the highest first."""
        return _ranked(self.units)[::-1][:NAMED]

    @property
    def worst(self) -> list[Unit]:
        """The units with the lowest mean over all indicators, the lowest first, none of them among the best."""
        ranked = _ranked(self.units)
        return ranked[: min(NAMED, len(ranked) - len(self.best))]

    @property
    def telling(self) -> list[Organisation]:
        """The units of which a figure that is shown is the score of one or two: nearly as good as reading it."""
        few = {key for row in self.rows for key, one in row.by_unit.items() if _tells(one)}
        found = [unit.organisation for unit in self.units if unit.key in few]
        return [self.asked.place, *found] if any(_tells(row.cell) for row in self.rows) else found

    def count(self, light: str) -> int:
        """Return how many indicators have this light."""
        return sum(row.cell.light == light and not row.cell.is_withheld for row in self.rows)


def _tells(cell: Cell) -> bool:
    return not cell.is_withheld and 0 < cell.sum.results < small_cells.LEAST


def _ranked(units: Iterable[Unit]) -> list[Unit]:
    known = [(one.cell.mean, one.key, one) for one in units if one.cell.mean is not None]
    return [one for _mean, _key, one in sorted(known, key=lambda found: found[:2])]


# --- The figures -----------------------------------------------------------------------------------------------------
def dashboard(asked: Asked, *, roots: Sequence[str], rounds: Sequence[Round], by: User) -> Dashboard:
    """Return what `asked` is about, as `by`, who follows `roots`, may see it."""
    before = _rounds_of_trend(asked, rounds)
    same, leaves = _indicators(asked)
    measure = Measure(
        levels=scoring.read_defaults(asked.framework.header).scale.levels,
        grades=_grades_on_scale(asked.round),
    )
    sums = _Sums(asked, roots=roots, rounds=before, same=same, measure=measure, by=by)
    places = {asked.place.path + small_cells.OWN: asked.place}
    below = Organisation.objects.filter(subtree(asked.place.path), depth=asked.place.depth + 1)
    places |= {one.path: one for one in below.order_by("path")}
    rows = []
    for leaf in leaves:
        by_unit = sums.cells(asked.round, leaf.pk, places)
        rows.append((leaf, sums.cell(asked.round, leaf.pk, asked.place.path), by_unit))
    units = _units(places, [by_unit for _leaf, _cell, by_unit in rows], asked, measure)
    shown = {one.key: one for one in units}
    return Dashboard(
        asked=asked,
        measure=measure,
        rows=tuple(_row(leaf, cell, by_unit, sums, before, shown) for leaf, cell, by_unit in rows),
        units=tuple(units),
        rounds=tuple(before),
        cell=_over_all([cell for _leaf, cell, _by_unit in rows], measure),
    )


def _row(
    leaf: Indicator,
    cell: Cell,
    by_unit: Mapping[str, Cell],
    sums: _Sums,
    rounds: Sequence[Round],
    units: Mapping[str, Unit],
) -> Row:
    known = sorted((one.mean, key) for key, one in by_unit.items() if one.mean is not None and key in units)
    differ = len(known) > 1 and known[0][0] != known[-1][0]
    return Row(
        indicator=leaf,
        cell=cell,
        by_unit=by_unit,
        trend=tuple((one, sums.cell(one, leaf.pk, sums.place)) for one in rounds),
        best=units[known[-1][1]] if differ else None,
        worst=units[known[0][1]] if differ else None,
    )


def _units(
    places: Mapping[str, Organisation], rows: Sequence[Mapping[str, Cell]], asked: Asked, measure: Measure
) -> list[Unit]:
    """Return the units in which there are results."""
    found = []
    for key, place in places.items():
        cells = [row[key] for row in rows if key in row]
        if any(cell.sum.results for cell in cells):
            is_own = key == asked.place.path + small_cells.OWN
            found.append(Unit(key=key, organisation=place, is_own=is_own, cell=_over_all(cells, measure)))
    return found


def _over_all(cells: Iterable[Cell], measure: Measure) -> Cell:
    """Return several indicators together: each result counts one, and nothing is counted that is kept back."""
    cells, total = list(cells), Sum()
    for cell in cells:
        if not cell.is_withheld and cell.sum.results:
            total.add(cell.sum)
    held = not total.results and any(cell.is_withheld for cell in cells)
    return Cell(sum=total, measure=measure, is_withheld=held)


def _grades_on_scale(round_: Round) -> scoring.Grades | None:
    grades = grades_of(round_)
    return grades if grades is not None and grades.on_total else None


# --- Which rounds, which indicators ----------------------------------------------------------------------------------
def _rounds_of_trend(asked: Asked, rounds: Sequence[Round]) -> list[Round]:
    """Return the round shown and those before it that were of the same kind and served the unit, the oldest first."""
    serves = [
        one
        for one in rounds
        if one.subject == asked.round.subject
        and asked.place.path.startswith(one.organisation.path)
        and (one.ends_on, one.pk) < (asked.round.ends_on, asked.round.pk)
    ]
    return [*reversed(serves[: ROUNDS_OF_TREND - 1]), asked.round]


def _indicators(asked: Asked) -> tuple[dict[int, int], list[Indicator]]:
    """Return which indicator shown each of the same framework's versions and forerunners is, and those shown.

    The same title is the same indicator, since editors number anew; else the same code.
    """
    line = _line_of(asked.framework)
    family = Indicator.objects.filter(Q(framework__code=asked.framework.code) | Q(framework__in=line))
    found = list(family.select_related("framework", "dimension__parent", "parent").order_by("order", "pk"))
    parents = {one.parent_id for one in found}
    own = [one for one in found if one.framework_id == asked.framework.pk]
    leaves = [one for one in own if one.pk not in parents and _is_within(one, asked.dimension)]
    by_title = {thai.search_key(one.title): one.pk for one in reversed(leaves)}
    by_code = {one.code: one.pk for one in leaves}
    titles = defaultdict(set)
    for one in found:
        titles[one.framework_id].add(thai.search_key(one.title))
    same = {}
    for one in found:
        match = by_title.get(thai.search_key(one.title))
        if match is None and one.code in by_code:
            # Another wording under the same number, unless that number's own title stands elsewhere by now.
            kept = next(leaf for leaf in leaves if leaf.code == one.code)
            match = None if thai.search_key(kept.title) in titles[one.framework_id] else kept.pk
        if match is not None:
            same[one.pk] = match
    return same | {one.pk: one.pk for one in leaves}, leaves


def _line_of(framework: Framework) -> list[int]:
    """Return the frameworks as copies of which this one and those before it began, two years back."""
    codes = Framework.objects.filter(code=framework.code).values_list(
        "begun_from__code", "begun_from__begun_from__code"
    )
    before = {code for pair in codes for code in pair if code}
    return list(Framework.objects.filter(code__in=before).values_list("pk", flat=True))


def _is_within(indicator: Indicator, dimension: Dimension | None) -> bool:
    own = indicator.dimension or (indicator.parent.dimension if indicator.parent else None)
    if dimension is None:
        return True
    return own is not None and dimension.pk in (own.pk, own.parent_id)


class _Sums:
    """The sums that were read, by round and indicator shown, and what of them is kept back."""

    def __init__(
        self,
        asked: Asked,
        *,
        roots: Sequence[str],
        rounds: Sequence[Round],
        same: Mapping[int, int],
        measure: Measure,
        by: User,
    ) -> None:
        self.place, self.group, self.measure = asked.place.path, asked.group, measure
        self._roots = {one.pk: root_of(one, self.place, roots) or asked.root for one in rounds}
        top = min(self._roots.values(), key=len)
        frameworks = set(
            Indicator.objects.filter(pk__in=list(same)).order_by().values_list("framework", flat=True).distinct()
        )
        self._found: dict[tuple[int, int], dict[str, dict[str, Sum]]] = defaultdict(lambda: defaultdict(dict))
        read = dashboard_sums.read(
            [one.pk for one in rounds],
            sorted(frameworks),
            top,
            levels=measure.levels,
            by=by,
            by_group=bool(asked.group),
        )
        for row in read:
            if row.indicator in same and row.path.startswith(self._roots[row.round]):
                kept = self._found[row.round, same[row.indicator]][row.group]
                kept.setdefault(row.path, Sum()).add(row.sum)
        self._withheld: dict[tuple[int, int], set[str]] = {}

    def cell(self, round_: Round, indicator: int, path: str) -> Cell:
        """Return what results of an indicator came to at `path` and below."""
        total = Sum()
        for at, one in self._of(round_.pk, indicator).items():
            if at.startswith(path):
                total.add(one)
        return self._cell(round_.pk, indicator, path, total)

    def cells(self, round_: Round, indicator: int, keys: Iterable[str]) -> dict[str, Cell]:
        """Return the same for each part of the unit shown: `keys` are its own and the units just below."""
        totals = {key: Sum() for key in keys}
        for at, one in self._of(round_.pk, indicator).items():
            if at.startswith(self.place):
                key = at[: len(self.place) + STEP] if at != self.place else at + small_cells.OWN
                totals[key].add(one)
        return {key: self._cell(round_.pk, indicator, key, total) for key, total in totals.items()}

    def _of(self, round_: int, indicator: int) -> Mapping[str, Sum]:
        return self._found.get((round_, indicator), {}).get(self.group, {})

    def _cell(self, round_: int, indicator: int, key: str, total: Sum) -> Cell:
        hidden = self._hidden(round_, indicator)
        return Cell(sum=total, measure=self.measure, is_withheld=bool(total.results) and key in hidden)

    def _hidden(self, round_: int, indicator: int) -> set[str]:
        where = (round_, indicator)
        if where not in self._withheld:
            groups = self._found.get(where, {})
            unseen = {group: {path: one.unseen for path, one in sums.items()} for group, sums in groups.items()}
            self._withheld[where] = self._keep_back(unseen, self._roots[round_])
        return self._withheld[where]

    def _keep_back(self, unseen: Mapping[str, Mapping[str, int]], root: str) -> set[str]:
        if not any(people for counts in unseen.values() for people in counts.values()):
            return set()
        if not self.group:
            return small_cells.withheld(unseen.get("", {}), root, STEP)
        return small_cells.withheld_by_group(unseen, root, STEP).get(self.group, set())
