"""Months and small charts for the pages on which a director follows a framework."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language

from agreements.thai import BUDDHIST_ERA, format_month

register = template.Library()


@register.filter
def month_name(day: date, style: str = "short") -> str:
    """Write a month in the Buddhist Era, in the reader's language: ม.ค. 2561, Jan 2561; without its year if bare."""
    if style == "bare":
        return format_month(day).split()[0] if get_language() == "th" else date_format(day, "M")
    if get_language() == "th":
        return format_month(day, "long" if style == "long" else "short")
    return f"{date_format(day, 'F' if style == 'long' else 'M')} {day.year + BUDDHIST_ERA}"


@register.filter
def month_key(day: date) -> str:
    """Write a month for an address: 2018-01."""
    return f"{day:%Y-%m}"
