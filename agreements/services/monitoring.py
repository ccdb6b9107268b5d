"""Where a framework stands in an office, month by month: what the monitoring page and the memo of a month say.

Only what an office itself reported or summed up is read, a row a month and form, so that a year of the whole country
costs no more questions than a month of a district.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Q

import scoring
from agreements.models import (
    Framework,
    Indicator,
    MonthlyFigure,
    Organisation,
    Remedy,
    Role,
    Submission,
    User,
)
from agreements.models.organisations import OrganisationQuerySet, below_any, subtree
from agreements.models.submissions import READERS
from agreements.services import monitoring_sources, reporting_days
from agreements.services.monitoring_sources import Source
from scoring import progress
from scoring.progress import Light, Span, Target, Way

# The parts of an office whose heads and reporters see how the office stands, to whose figures theirs belong.
PARTS = (Organisation.Kind.GROUP, Organisation.Kind.BUREAU)
PER_CENT = "ร้อยละ"


# --- Who may look ----------------------------------------------------------------------------------------------------
def places_for(user: User) -> OrganisationQuerySet:
    """Return the organisations whose figures `user` follows, from the top down.

    Those of executives, auditors and data reporters, and of who heads a unit, each with all below; and the office
    that a unit is a part of.
    """
    paths = Role.objects.paths(user, *READERS)
    paths += Organisation.objects.filter(pk__in=user.heads).order_by().values_list("path", flat=True)
    parts = Organisation.objects.filter(path__in=paths, kind__in=PARTS).order_by()
    offices = {path[: -Organisation.steplen] for path in parts.values_list("path", flat=True)}
    found: OrganisationQuerySet = Organisation.objects.filter(
        below_any(paths, field="path") | Q(path__in=offices)
    ).order_by("path")
    return found


def places_beside(place: Organisation, user: User) -> list[Organisation]:
    """Return the organisations that `user` may turn to from `place`: those above it and just below."""
    line = Organisation.objects.line_of(place).order_by().values("pk")
    below = subtree(place.path) & Q(depth=place.depth + 1)
    return list(places_for(user).filter(Q(pk__in=line) | below))


def frameworks_for(user: User) -> list[Framework]:
    """Return the published frameworks of a year that `user` may follow, the latest year first."""
    found = Framework.objects.visible_to(user).filter(status=Framework.Status.PUBLISHED, fiscal_year__isnull=False)
    return list(found.select_related("organisation").order_by("-fiscal_year", "-round_number", "code", "pk"))


# --- Months ----------------------------------------------------------------------------------------------------------
def span_of(framework: Framework) -> Span:
    """Return the months that `framework` is for."""
    return progress.span_of(framework.fiscal_year or 0, framework.round_number or None)


def month_of(day: date) -> int:
    """Return the number of the month that `day` lies in."""
    return progress.month_number(day.year, day.month)


def first_day(month: int) -> date:
    """Return the first day of the month of this number."""
    return date(month // 12, month % 12 + 1, 1)


def month_shown(span: Span, asked: date | None, today: date) -> int:
    """Return the month to be shown: the one asked for, else the last that is over, within `span`."""
    month = month_of(asked) if asked else month_of(today) - 1
    return min(max(month, span.first), span.last)


# --- What stands in a row --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of an indicator: its value, and what was to be reached by then."""

    day: date
    value: Fraction | None
    target: Fraction | None
    light: Light
    # Whether a target is due later.
    has_ahead: bool
    # How many units it comes from, where a report form brought it.
    reports: int | None = None

    @property
    def look(self) -> str:
        """The light as a key of the states shown: nothing was to be reached yet where a target is due later."""
        return "not_due" if self.light == "no_target" and self.has_ahead else self.light


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Where an indicator stands."""

    indicator: Indicator
    months: tuple[Month, ...]
    targets: tuple[Target, ...]
    way: Way
    source: Source | None
    # The last value until the month shown, and the month that it is of.
    value: Fraction | None
    value_of: date | None
    target: Fraction | None
    # What is due next, where nothing was to be reached yet; the light then is that of today's pace.
    ahead: Target | None
    light: Light
    forecast: Fraction | None
    score: Fraction | None
    remedy: Remedy | None
    # The highest score there is.
    highest: int

    @property
    def look(self) -> str:
        """The light as a key of the states shown: of today's pace, where nothing was to be reached yet."""
        by_pace = self.target is None and self.ahead is not None and self.light != "no_figure"
        return f"pace_{self.light}" if by_pace else self.light

    @property
    def ahead_month(self) -> date | None:
        """The month in which the next target is due."""
        return first_day(self.ahead.last) if self.ahead else None

    @property
    def is_behind(self) -> bool:
        """Whether a cause and an action are wanted."""
        return self.light == "behind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A framework in an office until a month."""

    framework: Framework
    place: Organisation
    span: Span
    month: date
    rows: tuple[Row, ...]
    highest: int

    @property
    def forecast(self) -> Fraction | None:
        """The mean of the forecast scores by their weights."""
        return progress.mean_of(self._weighed())

    @property
    def forecast_of(self) -> int:
        """How many indicators the forecast is made of."""
        return len(self._weighed())

    def _weighed(self) -> list[tuple[Fraction, Fraction]]:
        return [
            (Fraction(row.indicator.weight), row.score)
            for row in self.rows
            if row.score is not None and row.indicator.weight
        ]

    def count(self, light: Light) -> int:
        """Return how many indicators have this light."""
        return sum(row.light == light for row in self.rows)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of an office: values and numbers of reports, by indicator and month."""

    values: dict[int, dict[int, Fraction]]
    reports: dict[int, dict[int, int]]


# --- The board -------------------------------------------------------------------------------------------------------
def board(framework: Framework, place: Organisation, month: int, *, months: int) -> Board:
    """Return where `framework` stands in `place` at the end of a month, with so many months until then.

    As many questions for 24 months as for one.
    """
    rows = list(framework.indicators.select_related("dimension", "framework", "parent").order_by("order", "pk"))
    parents = {row.parent_id for row in rows}
    found = rows_of([row for row in rows if row.pk not in parents], framework, place, month, months=months)
    highest = scoring.read_defaults(framework.header).scale.highest
    return Board(
        framework=framework,
        place=place,
        span=span_of(framework),
        month=first_day(month),
        rows=tuple(found),
        highest=highest,
    )


def row(indicator: Indicator, place: Organisation, month: int, *, months: int) -> Row:
    """Return where one indicator stands in `place` at the end of a month, with so many months until then."""
    return rows_of([indicator], indicator.framework, place, month, months=months)[0]


def rows_of(
    leaves: Sequence[Indicator], framework: Framework, place: Organisation, month: int, *, months: int
) -> list[Row]:
    """Return where `leaves` of `framework` stand: four questions."""
    span, shown = span_of(framework), range(month - months + 1, month + 1)
    sources = monitoring_sources.sources_of(framework, leaves, place)
    figures = read(leaves, sources, place, (min(span.first, shown[0]), month))
    kept = Remedy.objects.filter(of_all_versions(leaves), organisation=place, month=first_day(month))
    kept = kept.select_related("owner__user", "indicator").order_by("indicator__framework__version", "pk")
    remedies = {one.indicator.code: one for one in kept}
    defaults = scoring.read_defaults(framework.header)
    return [
        row_of(one, sources.get(one.pk), figures, remedies.get(one.code), span, shown, defaults=defaults)
        for one in leaves
    ]


def row_of(
    indicator: Indicator,
    source: Source | None,
    figures: Figures,
    remedy: Remedy | None,
    span: Span,
    shown: range,
    *,
    defaults: scoring.Defaults,
) -> Row:
    """Return where `indicator` stands at the end of the last month `shown`."""
    document = {**indicator.definition, "code": indicator.code, "title": indicator.title}
    criteria = scoring.read_indicator(document, place=indicator.code, defaults=defaults).criteria
    targets, month = progress.read_targets(indicator.definition, criteria, span), shown[-1]
    way, fewer = progress.way_of(targets), progress.fewer_is_better(criteria)
    values, reports = figures.values.get(indicator.pk, {}), figures.reports.get(indicator.pk, {})
    per_cent = indicator.definition.get("unit") == PER_CENT
    last = progress.latest(values, month)
    value = values[last] if last is not None and last >= span.first else None
    target, ahead = progress.target_so_far(targets, month, span), progress.next_target(targets, month)
    compared, aim = value, target
    if target is None and ahead is not None:
        compared = progress.projected(values, month, ahead.last, way=way, span=span, per_cent=per_cent)
        aim = ahead.value
    forecast = progress.projected(values, month, span.last, way=way, span=span, per_cent=per_cent)
    return Row(
        indicator=indicator,
        months=tuple(_month(one, values.get(one), reports.get(one), targets, span, fewer=fewer) for one in shown),
        targets=targets,
        way=way,
        source=source,
        value=value,
        value_of=first_day(last) if last is not None and value is not None else None,
        target=target,
        ahead=ahead,
        light=progress.light_of(compared, aim, fewer=fewer),
        forecast=forecast,
        score=progress.rated(criteria, forecast),
        remedy=remedy,
        highest=defaults.scale.highest,
    )


def way_of(indicator: Indicator) -> Way:
    """Return what a month's value of `indicator` tells: of that month alone, all since the beginning, or how it is."""
    return progress.way_of(progress.read_targets(indicator.definition, None, span_of(indicator.framework)))


def _month(
    month: int, value: Fraction | None, reports: int | None, targets: Sequence[Target], span: Span, *, fewer: bool
) -> Month:
    target = progress.target_so_far(targets, month, span)
    return Month(
        day=first_day(month),
        value=value,
        target=target,
        light=progress.light_of(value, target, fewer=fewer),
        has_ahead=progress.next_target(targets, month) is not None,
        reports=reports,
    )


# --- Figures ---------------------------------------------------------------------------------------------------------
def of_all_versions(indicators: Iterable[Indicator]) -> Q:
    """Return the condition that a row is of one of `indicators`, all of one framework, or of one in another version."""
    found = list(indicators)
    codes = {one.framework.code for one in found}
    return Q(indicator__framework__code__in=codes, indicator__code__in=[one.code for one in found])


def read(
    leaves: Sequence[Indicator], sources: Mapping[int, Source], place: Organisation, months: tuple[int, int]
) -> Figures:
    """Read the values of `leaves` in `place` from the first to the last of `months`: two questions."""
    found = Figures({one.pk: {} for one in leaves}, {one.pk: {} for one in leaves})
    _read_typed(found, leaves, place, months)
    _read_sent(found, sources, place, months, span_of(leaves[0].framework).first if leaves else months[0])
    return found


def _read_typed(found: Figures, leaves: Sequence[Indicator], place: Organisation, months: tuple[int, int]) -> None:
    keys = {one.code: one.pk for one in leaves}
    days = (first_day(months[0]), first_day(months[1]))
    typed = MonthlyFigure.objects.filter(of_all_versions(leaves), organisation=place, month__range=days)
    rows = typed.order_by("indicator__framework__version", "pk").values_list("indicator__code", "month", "value")
    for code, day, value in rows:
        found.values[keys[code]][month_of(day)] = Fraction(value)


def _read_sent(
    found: Figures, sources: Mapping[int, Source], place: Organisation, months: tuple[int, int], first: int
) -> None:
    by_form: dict[str, list[tuple[int, Source]]] = {}
    for pk, source in sources.items():
        by_form.setdefault(source.form.code, []).append((pk, source))
    # A quarter or a round that ends within the months may have begun before them.
    begun = (first_day(months[0] - progress.MONTHS_OF_A_ROUND), first_day(months[1]))
    sent = Submission.objects.filter(form_code__in=by_form, organisation=place, period__range=begun)
    totals: dict[str, dict[int, Mapping[str, str]]] = {code: {} for code in by_form}
    counts: dict[tuple[str, int], int] = {}
    for code, period, sums, count in sent.values_list("form_code", "period", "totals", "reports"):
        month = month_of(reporting_days.last_day(by_form[code][0][1].form, period))
        totals[code][month], counts[code, month] = sums, count
    for code, several in by_form.items():
        for pk, source in several:
            for month in sorted(totals[code]):
                value = source.value_at(month, totals[code], first)
                if value is not None and months[0] <= month <= months[1]:
                    found.values[pk][month], found.reports[pk][month] = value, counts[code, month]
