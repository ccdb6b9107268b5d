"""Where the figures of an indicator come from in a month: what each unit below sent, and an office's own rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from agreements import thai
from agreements.exchange.report_forms import FIGURES
from agreements.models import Organisation, Submission, User
from agreements.services import monitoring, reporting_days, reporting_units, submissions
from agreements.services.monitoring_sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a unit below sent, as far as it did."""

    unit: Organisation
    submission: Submission | None
    # The head of each column, and the sum.
    sums: tuple[tuple[str, str], ...]
    value: Fraction | None
    # Whether it is still below: one that went elsewhere has its page there.
    is_below: bool

    @property
    def state(self) -> str:
        """The key of the look of its state (templatetags/portal.py)."""
        if self.submission is None:
            return "not_begun"
        if self.submission.is_open and self.submission.arrived_at:
            return "returned"
        return "entering" if self.submission.state == Submission.State.DRAFT else self.submission.state


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTable:
    """A table of a report as the office itself filled it in: the heads of its columns and its rows."""

    title: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """What stands under the figure of an office for a month."""

    period: date
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    tables: tuple[OwnTable, ...]


def rows_below(source: Source, place: Organisation, month: int, user: User) -> Below:
    """Return what the value of `place` for a month comes from, as far as `user` may read it."""
    form = source.form
    period = reporting_days.period_of(form, monitoring.first_day(month))
    seen = Submission.objects.of_period(form, period).visible_to(user)
    sent = {one.organisation_id: one for one in seen.filter(above=place).select_related("organisation")}
    own = seen.filter(organisation=place).select_related("form__organisation", "organisation").first()
    columns = [
        (f"{table['code']}.{column['code']}", str(column["title"]))
        for table in form.tables
        for column in table["columns"]
        if column["code"] in (table.get("totals") or [])
    ]
    units = reporting_units.expected_below(form, place, period)
    return Below(
        period=period,
        columns=tuple(title for _key, title in columns),
        parts=tuple(_part(one, sent.get(one.pk), source, place, columns) for one in units),
        tables=tuple(_own_tables(own)) if own else (),
    )


def _part(
    unit: Organisation, sent: Submission | None, source: Source, place: Organisation, columns: list[tuple[str, str]]
) -> Part:
    # What was returned or taken back counts for nothing until it is sent again.
    totals: Mapping[str, str] = sent.totals if sent and not sent.is_open else {}
    sums = tuple((title, thai.format_number(totals[key]) if key in totals else "") for key, title in columns)
    is_below = unit.path.startswith(place.path)
    return Part(unit=unit, submission=sent, sums=sums, value=source.value(totals), is_below=is_below)


def _own_tables(submission: Submission) -> list[OwnTable]:
    if not reporting_units.reports_itself(submission.form, submission.organisation):
        return []
    values = submissions.values_of(submissions.observed(submissions.revision_of(submission)))
    found = []
    for table in submission.form.tables:
        filled = {row for code, row, _column in values if code == table["code"]}
        rows = reporting_units.rows_of(table, submission.organisation, filled=filled)
        found.append(
            OwnTable(
                title=str(table["title"]),
                heading=reporting_units.row_heading(table),
                columns=tuple(str(column["title"]) for column in table["columns"]),
                rows=tuple(
                    (one.title, tuple(_shown(values, table, one.key, column) for column in table["columns"]))
                    for one in rows
                ),
            )
        )
    return found


def _shown(values: Mapping[Any, str], table: Mapping[str, Any], row: str, column: Mapping[str, Any]) -> str:
    value = values.get((table["code"], row, column["code"]), "")
    return thai.format_number(value) if value and column["type"] in FIGURES else value
