"""From which report form an indicator gets its monthly value, and who has not sent that form yet.

Where the variables of the formula are bound to the columns of a form, that form feeds the indicator, and the months add
up as the binding says. Else it is the form in whose document the code of the indicator stands: the value is worked out
of its sums by the formula, where the columns carry its variables' names, else by its one ratio, else by its one sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import scoring
from agreements.models import Framework, Indicator, Organisation, ReportForm, Submission
from agreements.services import bindings, report_cells, reporting_days, reporting_units

SENT = (Submission.State.CERTIFIED, Submission.State.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The form that feeds an indicator, and how its sums become the value."""

    form: ReportForm
    # The keys of the sums ("table.column") that are divided, as a percentage; or the names of variables with their
    # sums and the measure that takes them; or the one sum.
    ratio: tuple[str, str, str] | None = None
    variables: Mapping[str, str] | None = None
    measure: scoring.Measure | None = None
    only: str = ""
    # The variables that add up over the months so far, and over how many of them at most.
    summed: Mapping[str, int | None] = field(default_factory=dict)

    def value_at(self, month: int, sent: Mapping[int, Mapping[str, str]], first: int) -> Fraction | None:
        """Return the value at the end of a month that was sent, from the sums of the months since the first one."""
        if not self.summed or self.variables is None:
            return self.value(sent[month])
        totals = dict(sent[month])
        for name, months in self.summed.items():
            key = self.variables[name]
            since = max(first, month - months + 1) if months else first
            parts = [sent[one][key] for one in range(since, month + 1) if key in sent.get(one, {})]
            if key in totals:
                totals[key] = report_cells.add(parts)
        return self.value(totals)

    def value(self, totals: Mapping[str, str]) -> Fraction | None:
        """Return the exact value of what was summed up; None where it cannot be said."""
        if self.ratio is not None:
            return report_cells.percentage(totals, *self.ratio)
        if self.variables is not None and self.measure is not None:
            return self._by_formula(totals)
        return Fraction(totals[self.only]) if self.only in totals else None

    def _by_formula(self, totals: Mapping[str, str]) -> Fraction | None:
        given = {name: Fraction(totals[key]) for name, key in (self.variables or {}).items() if key in totals}
        if len(given) != len(self.variables or {}):
            return None
        try:
            found = self.measure.measure(scoring.Result(variables=tuple(given.items()))) if self.measure else None
        except scoring.Refused:
            # Nothing to divide by: no value, and not 0.
            return None
        return found.value if found else None


def sources_of(framework: Framework, leaves: Iterable[Indicator], place: Organisation) -> dict[int, Source]:
    """Return the sources of `leaves`, as far as a form of `place` or of an office above feeds them: two questions."""
    line = Organisation.objects.line_of(place).order_by().values("pk")
    forms = ReportForm.objects.current().filter(organisation__in=line).select_related("organisation")
    # Where several forms feed one indicator, those count that the office reported or summed up by.
    used = set(Submission.objects.filter(organisation=place).values_list("form_code", flat=True).distinct())
    order = sorted(forms, key=lambda form: (form.code in used, form.code))
    fed = {form.definition.get("indicator"): form for form in order}
    named = {form.code: form for form in order}
    defaults = scoring.read_defaults(framework.header)
    found: dict[int, Source] = {}
    for one in leaves:
        source = bound_source(one, named, defaults)
        if source is None and one.code in fed and not bindings.bound(one.definition):
            source = source_of(one, fed[one.code], defaults)
        if source is not None:
            found[one.pk] = source
    return found


def bound_source(indicator: Indicator, forms: Mapping[str, ReportForm], defaults: scoring.Defaults) -> Source | None:
    """Return how the one form to which all variables of `indicator` are bound gives its value, of the office itself."""
    binds = bindings.bound(indicator.definition)
    names = (indicator.definition.get("measure") or {}).get("variables") or {}
    codes = {str(bind["form"]) for bind in binds.values()}
    elsewhere = any(bind.get("subtree") for bind in binds.values())
    if not binds or set(binds) != set(names) or len(codes) != 1 or elsewhere or not codes <= forms.keys():
        return None
    return Source(
        form=forms[codes.pop()],
        variables={name: str(bind["column"]) for name, bind in binds.items()},
        measure=_measure_of(indicator, defaults),
        summed={
            name: int(bind["months"]) if bind.get("months") else None
            for name, bind in binds.items()
            if bind.get("aggregate", bindings.SUM) == bindings.SUM
        },
    )


def _measure_of(indicator: Indicator, defaults: scoring.Defaults) -> scoring.Measure:
    document = {**indicator.definition, "code": indicator.code, "title": indicator.title}
    return scoring.read_indicator(document, place=indicator.code, defaults=defaults).measure


def source_of(indicator: Indicator, form: ReportForm, defaults: scoring.Defaults) -> Source | None:
    """Return how `form` gives the value of `indicator`; None where it gives no one figure."""
    sums = [f"{table['code']}.{column}" for table in form.tables for column in table.get("totals") or []]
    by_column = {key.partition(".")[2]: key for key in sums}
    names = list((indicator.definition.get("measure") or {}).get("variables") or {})
    if names and len(by_column) == len(sums) and set(names) <= by_column.keys():
        variables = {name: by_column[name] for name in names}
        return Source(form=form, variables=variables, measure=_measure_of(indicator, defaults))
    ratios = [(table["code"], one["of"], one["to"]) for table in form.tables for one in table.get("ratios") or []]
    if len(ratios) == 1:
        return Source(form=form, ratio=ratios[0])
    return Source(form=form, only=sums[0]) if len(sums) == 1 else None


# --- Who has not sent ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The units from which a report has not arrived, of those that report to an office by a form."""

    form: ReportForm
    period: date
    due: date | None
    is_late: bool
    units: tuple[Organisation, ...]
    expected: int


def missing(sources: Mapping[int, Source], place: Organisation, month: date, *, today: date) -> list[Missing]:
    """Return for each form of `sources` who of those below `place`, or `place` itself, has not sent it for a month."""
    forms = {source.form.code: source.form for source in sources.values()}
    found = [missing_of(form, place, month, today=today) for _code, form in sorted(forms.items())]
    return [one for one in found if one is not None]


def missing_of(form: ReportForm, place: Organisation, month: date, *, today: date) -> Missing | None:
    """Return who has not sent `form` for the period that ends in `month`; None where none does, or nobody is asked."""
    period = reporting_days.period_of(form, month)
    last = reporting_days.last_day(form, period)
    if (last.year, last.month) != (month.year, month.month) or not reporting_days.is_reported(form, period):
        return None
    expected: Sequence[Organisation] = reporting_units.expected_below(form, place, period)
    if not expected and reporting_units.reports_itself(form, place):
        expected = [place]
    if not expected:
        return None
    sent = set(_sent(form, period, expected).values_list("organisation", flat=True))
    due = reporting_days.days_of(form, period, reporting_days.read_holidays([place]).of(place)).due
    return Missing(
        form=form,
        period=period,
        due=due,
        is_late=due is not None and today > due,
        units=tuple(one for one in expected if one.pk not in sent),
        expected=len(expected),
    )


def _sent(form: ReportForm, period: date, places: Sequence[Organisation]) -> Any:
    keys = [one.pk for one in places]
    return Submission.objects.of_period(form, period).filter(organisation__in=keys, state__in=SENT)
