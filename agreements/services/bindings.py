"""Variables of a formula that take their value from report forms: offered, copied with its source, never moved.

A variable says `bind: {form, column, aggregate, months, subtree}` (framework-format.md); lateness says `arrival_of`.
What is copied stays as it was; that a later revision says something else is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import thai
from agreements.exchange.report_forms import FIGURES
from agreements.models import Item, Organisation, ReportForm, Result, Submission, User, Version
from agreements.services import report_cells, reporting_days, reporting_units, results
from scoring.faults import Fault, fault

SUM, LAST = "sum", "last"


class NothingToCopy(results.ResultRefused):
    """No report has come from which a value could be taken."""


@dataclass(frozen=True, slots=True)
class Source:
    """A report from which a value is taken, as it stood then."""

    submission: int
    form: str
    form_title: str
    unit: str
    unit_name: str
    period: str
    revision: int
    value: str

    def as_kept(self) -> dict[str, Any]:
        """Return what is kept of it beside the result."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Offer:
    """What report forms say of a variable: its value, from where, and for which periods nothing has come."""

    variable: str
    label: str
    form: ReportForm
    unit: Organisation
    value: str | None
    sources: tuple[Source, ...]
    missing: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    """What report forms say of an item: its variables, and the day on which the last of what is used arrived."""

    variables: tuple[Offer, ...]
    arrived_on: date | None

    @property
    def is_any(self) -> bool:
        """Whether there is anything to copy."""
        return self.arrived_on is not None or any(one.value is not None for one in self.variables)


# --- What a definition says ------------------------------------------------------------------------------------------
def bound(definition: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return by variable where `definition` takes its values from."""
    variables = (definition.get("measure") or {}).get("variables") or {}
    return {name: says["bind"] for name, says in variables.items() if (says or {}).get("bind")}


def is_bound(definition: Mapping[str, Any]) -> bool:
    """Return whether anything of `definition` comes from report forms."""
    return bool(bound(definition) or arrival_of(definition))


def arrival_of(definition: Mapping[str, Any]) -> str:
    """Return the code of the form whose arrival counts as the day sent; "" where none is named."""
    return str((definition.get("lateness") or {}).get("arrival_of") or "")


def faults_in(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield where a framework takes values from a form or column that is not there."""
    named = list(_named(document, ""))
    codes = {code for _place, code, _column in named}
    forms = {one.code: one for one in ReportForm.objects.current().filter(code__in=codes)} if codes else {}
    for place, code, column in named:
        if code not in forms:
            known = ", ".join(ReportForm.objects.current().values_list("code", flat=True)) or "–"
            yield fault("unknown_reference", f"{place}.form" if column else place, given=code, allowed=known)
        elif column and column not in (figures := columns_of(forms[code])):
            yield fault("unknown_reference", f"{place}.column", given=column, allowed=", ".join(figures))


def _named(document: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    for key in ("indicators", "children"):
        for number, one in enumerate(document.get(key) or []):
            at = f"{place}{'.' if place else ''}{key}[{number}]"
            for name, bind in bound(one).items():
                yield f"{at}.measure.variables.{name}.bind", str(bind["form"]), str(bind["column"])
            if code := arrival_of(one):
                yield f"{at}.lateness.arrival_of", code, ""
            yield from _named(one, at)


def columns_of(form: ReportForm) -> list[str]:
    """Return the columns of figures of `form` as a binding names them: table.column."""
    return [
        f"{table['code']}.{column['code']}"
        for table in form.tables
        for column in table["columns"]
        if column["type"] in FIGURES
    ]


# --- What is offered -------------------------------------------------------------------------------------------------
def offers_for(version: Version, item: Item, *, at: datetime) -> Offers:
    """Return what certified reports say of the variables of `item`, and when the last of them arrived."""
    binds, arriving = bound(item.definition), arrival_of(item.definition)
    codes = {str(bind["form"]) for bind in binds.values()} | ({arriving} if arriving else set())
    found = ReportForm.objects.current().filter(code__in=codes).select_related("organisation")
    forms = {one.code: one for one in found}
    offers, arrivals = [], []
    for name, bind in sorted(binds.items()):
        form = forms.get(str(bind["form"]))
        unit = _unit_for(form, version, bind) if form else None
        if form is None or unit is None:
            continue
        label = str(item.definition["measure"]["variables"][name].get("label") or name)
        offer, used = _offer(name, label, form, unit, bind, version, at=at)
        offers.append(offer)
        arrivals += [one.arrived_at for one in used if one.arrived_at]
    form = forms.get(arriving)
    unit = _unit_for(form, version, {}) if form else None
    if form is not None and unit is not None:
        periods = _periods(form, version, {}, at=at)
        arrivals += [one.arrived_at for one in _sent(form, unit, periods).values() if one.arrived_at]
    last = max(arrivals, default=None)
    wanted = bool(item.definition.get("lateness")) and last is not None
    return Offers(tuple(offers), last.astimezone(thai.THAI_TIME).date() if wanted and last else None)


def _unit_for(form: ReportForm, version: Version, bind: Mapping[str, Any]) -> Organisation | None:
    """Return the unit whose report counts: the one that is named, else the nearest at or above the agreement's."""
    named = bind.get("subtree")
    if named:
        return Organisation.objects.within(form.organisation).filter(code=named).first()
    line = Organisation.objects.line_of(version.part.agreement.organisation)
    return next((one for one in reversed(line) if reporting_units.takes_part(form, one)), None)


def _periods(form: ReportForm, version: Version, bind: Mapping[str, Any], *, at: datetime) -> list[date]:
    """Return the periods that count: those of the round, or the last so many months of it, as far as begun."""
    round_ = version.part.agreement.round
    day = at.astimezone(thai.THAI_TIME).date()
    period, periods = reporting_days.period_of(form, min(round_.ends_on, day)), []
    while reporting_days.last_day(form, period) >= round_.starts_on and reporting_days.is_reported(form, period):
        periods.append(period)
        period = reporting_days.previous_period(form, period)
    months, length = bind.get("months"), reporting_days.MONTHS.get(form.period)
    if months and length:
        first = reporting_days.months_before(round_.ends_on, int(months))
        periods = [one for one in periods if reporting_days.last_day(form, one) > first]
    return sorted(periods)


def _sent(form: ReportForm, unit: Organisation, periods: list[date]) -> dict[date, Submission]:
    sent = (Submission.State.CERTIFIED, Submission.State.APPROVED)
    found = Submission.objects.filter(form_code=form.code, organisation=unit, period__in=periods, state__in=sent)
    return {one.period: one for one in found.select_related("form", "organisation").order_by("period")}


def _offer(
    name: str,
    label: str,
    form: ReportForm,
    unit: Organisation,
    bind: Mapping[str, Any],
    version: Version,
    *,
    at: datetime,
) -> tuple[Offer, list[Submission]]:
    periods = _periods(form, version, bind, at=at)
    sent = _sent(form, unit, periods)
    key = str(bind["column"])
    used = [one for one in sent.values() if key in one.totals]
    if bind.get("aggregate", SUM) == LAST:
        used = used[-1:]
    value = report_cells.add(one.totals[key] for one in used) if used else None
    sources = tuple(
        Source(
            one.pk,
            str(one.form),
            one.form.title,
            unit.code,
            unit.name,
            one.period.isoformat(),
            one.number,
            str(one.totals[key]),
        )
        for one in used
    )
    missing = tuple(one for one in periods if one not in sent)
    return Offer(name, label, form, unit, value, sources, missing), used


# --- Copying ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def copy(version: Version, item: Item, *, by: User, at: datetime) -> Result:
    """Copy what report forms say into the result of `item`, with the reports and their revisions beside it.

    Variables of which nothing was reported stay as they are; the day sent is the arrival of the last report used.

    :raises NothingToCopy: if no report has come.
    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if it is no longer open for entering.
    :raises ResultRefused: if the values are no result of this indicator, for instance because one is still missing.
    """
    offers = offers_for(version, item, at=at)
    if not offers.is_any:
        raise NothingToCopy([_("No report has been certified yet from which a value could be taken.")])
    kept = results.open_book(version).result(item)
    inputs = dict(kept.inputs) if kept else {}
    given = {one.variable: one.value for one in offers.variables if one.value is not None}
    if given:
        # What stood for something else than the variables gives way to them.
        inputs = {key: value for key, value in inputs.items() if key not in {"value", "cancelled", "not_reported"}}
        inputs["variables"] = {**inputs.get("variables", {}), **given}
    if offers.arrived_on is not None:
        inputs["submitted_on"] = offers.arrived_on.isoformat()
    result = results.enter(version, item, inputs, note=kept.note if kept else "", by=by, at=at)
    copied = {
        one.variable: {"value": one.value, "label": one.label, "sources": [source.as_kept() for source in one.sources]}
        for one in offers.variables
        if one.value is not None
    }
    result.copied_from = {**result.copied_from, **copied}
    result.save(update_fields=["copied_from"])
    return result


# --- What is told of what was copied ---------------------------------------------------------------------------------
def sentences(result: Result | None) -> list[str]:
    """Return where the copied values of `result` come from, a sentence each, for its trace."""
    told = []
    for name, copied in sorted((result.copied_from if result else {}).items()):
        for source in copied["sources"]:
            # What was copied by an earlier release has codes alone.
            told.append(
                _("%(variable)s: %(value)s from %(form)s, %(unit)s, period from %(period)s, revision %(revision)s.")
                % {
                    "variable": copied.get("label") or name,
                    "value": thai.format_number(source["value"]),
                    "form": _form_named(source),
                    "unit": source["unit_name"],
                    "period": thai.format_date(date.fromisoformat(source["period"])),
                    "revision": source["revision"],
                }
            )
    return told


def _form_named(source: Mapping[str, Any]) -> str:
    title = source.get("form_title")
    return f"{title} ({source['form']})" if title else str(source["form"])


def later_revisions(result: Result | None) -> list[str]:
    """Return, a sentence each, which reports have a later revision than the one that `result` used.

    The value that was reported, and what was signed, stay as they are.
    """
    copied = result.copied_from if result else {}
    sources = [(one.get("label") or name, source) for name, one in sorted(copied.items()) for source in one["sources"]]
    keys = {source["submission"] for _name, source in sources}
    now = {one.pk: one for one in Submission.objects.filter(pk__in=keys)} if keys else {}
    told = []
    for name, source in sources:
        found = now.get(source["submission"])
        if found is not None and found.number > source["revision"]:
            told.append(
                _(
                    "%(variable)s: %(unit)s has revised its report of the period from %(period)s; revision %(revision)s"
                    " was used, the last one is %(last)s. The value here stays as it is."
                )
                % {
                    "variable": name,
                    "unit": source["unit_name"],
                    "period": thai.format_date(date.fromisoformat(source["period"])),
                    "revision": source["revision"],
                    "last": found.number,
                }
            )
    return told
