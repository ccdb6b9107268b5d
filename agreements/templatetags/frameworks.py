"""What templates need to show a framework: its criteria in a line, its periods and how often it is reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _, gettext_lazy

from agreements.models import Organisation
from agreements.templatetags.criteria import iso_date
from agreements.thai import BUDDHIST_ERA, format_month

register = template.Library()

PERIODS: dict[str, str | Promise] = {
    "monthly": gettext_lazy("Each month"),
    "quarterly": gettext_lazy("Each quarter"),
    "round": gettext_lazy("Once a round"),
    "6-month": gettext_lazy("6 months"),
    "9-month": gettext_lazy("9 months"),
    "12-month": gettext_lazy("12 months"),
}


@register.filter
def period_words(period: Any) -> str:
    """Write a period of a definition: a word, a month, or days from and to."""
    if isinstance(period, Mapping):
        return f"{_day_or_month(period['from'])} – {_day_or_month(period['to'])}"
    return str(PERIODS.get(period) or _month(str(period)))


def _day_or_month(end: Any) -> str:
    """Write where a period begins or ends: sources name whole days, or months."""
    is_month = isinstance(end, str) and end.count("-") == 1
    return _month(str(end)) if is_month else iso_date(end)


def _month(period: str) -> str:
    day = date.fromisoformat(f"{period}-01")
    if get_language() == "th":
        return format_month(day)
    return f"{day:%b} {day.year + BUDDHIST_ERA}"


@register.filter
def unit_word(unit: str) -> str:
    """Return the word of a kind of office, such as `department`; any other name as it is."""
    kinds = dict(Organisation.Kind.choices)
    return str(kinds.get(unit, unit))


CRITERIA: dict[str, str | Promise] = {
    "thresholds": gettext_lazy("Five numbers"),
    "bands": gettext_lazy("Bands"),
    "rubric": gettext_lazy("Described levels"),
    "milestones": gettext_lazy("Steps, one after the other"),
    "classed": gettext_lazy("By class of a base number"),
    "open": gettext_lazy("Not given yet"),
}


@register.filter
def criteria_kind(kind: str) -> str:
    """Return the word of a kind of criteria."""
    return str(CRITERIA.get(kind, kind))


@register.filter
def criteria_summary(criteria: Mapping[str, Any]) -> str:
    """Say in a line what criteria are that do not fit one figure a level."""
    match criteria.get("kind"):
        case "rubric":
            return _("Described levels: %(levels)s") % {"levels": _listed(criteria.get("levels", {}))}
        case "milestones":
            levels = [step["level"] for step in criteria.get("steps", [])]
            return _("Steps, one after the other: %(levels)s") % {"levels": _listed(levels)}
        case _:
            codes = [one["code"] for one in criteria.get("classes", [])]
            return _("By class of the base: %(classes)s") % {"classes": _listed(codes)}


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names)
