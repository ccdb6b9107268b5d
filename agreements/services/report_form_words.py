"""What a report form asks for, in words: for pages and previews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements import thai
from agreements.models import Organisation

PERIODS: Mapping[str, str | Promise] = {
    "month": gettext_lazy("Every month"),
    "quarter": gettext_lazy("Every quarter"),
    "round": gettext_lazy("Every round"),
    "event": gettext_lazy("On an event"),
}
TYPES: Mapping[str, str | Promise] = {
    "number": gettext_lazy("Number"),
    "money": gettext_lazy("Amount of money"),
    "count": gettext_lazy("Count"),
    "date": gettext_lazy("Date"),
    "tick": gettext_lazy("Tick"),
    "choice": gettext_lazy("Choice"),
    "text": gettext_lazy("Text"),
    "file": gettext_lazy("File"),
}
ROWS: Mapping[str, str | Promise] = {
    "districts": gettext_lazy("A row for each district below"),
    "local_governments": gettext_lazy("A row for each local government below"),
    "free": gettext_lazy("As many rows as are needed"),
}


def of_form(definition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how often, by when, by whom and for what it is reported, as pairs of heading and words."""
    asked = definition.get("reported_by") or {}
    facts = [
        (_("How often"), str(PERIODS[definition["period"]])),
        (_("Due day"), _due(definition.get("due") or {})),
        (_("Reported by"), _reporters(asked)),
        (_("From"), _day(asked.get("from"))),
        (_("Until"), _day(asked.get("until"))),
        (_("Indicator"), str(definition.get("indicator") or "")),
        (_("Source"), str(definition.get("source") or "")),
        (_("Certified by"), _("The head of the unit")),
    ]
    return [(heading, words) for heading, words in facts if words]


def _reporters(asked: Mapping[str, Any]) -> str:
    kinds = [str(Organisation.Kind(kind).label) for kind in asked.get("kinds") or []]
    codes = [str(code) for code in asked.get("units") or []]
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return ", ".join([*kinds, *(names.get(code, code) for code in codes)])


def _due(due: Mapping[str, Any]) -> str:
    if "date" in due:
        said = _day(due["date"])
    elif "day" in due and due.get("months_after"):
        said = _("Day %(day)s, %(months)s month(s) after the period") % {
            "day": due["day"],
            "months": due["months_after"],
        }
    elif "day" in due:
        said = _("Day %(day)s of the last month of the period; in a shorter month its last day") % {"day": due["day"]}
    else:
        return ""
    if "closes" in due:
        said += " · " + _("closes on %(day)s") % {"day": _day(due["closes"])}
    if "closes_after" in due:
        said += " · " + _("closes %(count)s working days later") % {"count": due["closes_after"]}
    return said


def _day(value: Any) -> str:
    if not value:
        return ""
    return thai.format_date(value if isinstance(value, date) else date.fromisoformat(str(value)))


def of_tables(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables with their rows, columns, sums, checks and percentages in words."""
    return [_table(table) for table in definition["tables"]]


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    titles = {column["code"]: str(column["title"]) for column in table["columns"]}
    checks = [
        _("%(parts)s = %(whole)s")
        % {"parts": " + ".join(titles[one] for one in check["add"]), "whole": titles[check["gives"]]}
        for check in table.get("checks") or []
    ]
    ratios = [f"{one['title']} = {titles[one['of']]} ÷ {titles[one['to']]} × 100" for one in table.get("ratios") or []]
    rows = table["rows"]
    return {
        "title": str(table["title"]),
        "rows": [str(title) for title in rows.get("titles") or []] or [str(ROWS[rows["kind"]])],
        "columns": [column | {"words": str(TYPES[column["type"]])} for column in table["columns"]],
        "sums": [titles[code] for code in table.get("totals") or []],
        "checks": checks,
        "ratios": ratios,
    }
