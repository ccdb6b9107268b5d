"""The targets of a KPI template: a row each period, in the words of an office and in those of the format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements import thai
from agreements.exchange.workbook.cells import write_day
from agreements.forms.fields import NumberField, TextField
from agreements.forms.template_rows import Row, figures, words

MONTH, SPAN = "month", "span"
PERIODS = [
    ("", "–"),
    ("monthly", _("Each month")),
    ("6-month", _("6 months")),
    ("12-month", _("12 months")),
    (MONTH, _("A certain month")),
    (SPAN, _("From … to …")),
]
_LENGTH_OF_MONTH = len("2018-01")


class MonthOrDayField(TextField):
    """A month or a day in the Buddhist Era; its value is what the format writes: 2018-01 or 2018-01-31."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        if not typed:
            return ""
        try:
            return _read(typed)
        except thai.NotADate as error:
            raise ValidationError(str(error), code=error.code) from error


def _read(typed: str) -> str:
    try:
        return thai.parse_month(typed).isoformat()[:_LENGTH_OF_MONTH]
    except thai.ChristianEraYear:
        raise
    except thai.NotADate:
        return thai.parse_date(typed).isoformat()


class TargetRow(Row):
    """What is to be reached in a period."""

    needed = ("period",)
    period = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)
    first = MonthOrDayField(label=_("Month, or from"), required=False, max_length=40)
    last = MonthOrDayField(label=_("Until"), required=False, max_length=40)
    value = NumberField(label=_("Target"), required=False)
    text = TextField(label=_("Target in words"), required=False, max_length=300)
    cumulative = forms.ChoiceField(
        label=_("Counted"), choices=[("", _("In the period alone")), ("yes", _("From the start on"))], required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors or self.is_blank:
            return data
        asked = {MONTH: ("first",), SPAN: ("first", "last")}.get(data["period"], ())
        for name in ("first", "last"):
            if name in asked and not data[name]:
                self.add_error(name, _("Write a month, such as ม.ค. 2561."))
            elif name not in asked and data[name]:
                self.add_error(name, _("Leave this empty for this kind of period."))
        if data["value"] is None and not data["text"]:
            self.add_error("value", _("Write a number, or words beside it."))
        return data

    def target(self) -> dict[str, Any]:
        """Return what the row says in the shape of framework-format.md."""
        data = self.cleaned_data
        period: Any = data["period"]
        if period == MONTH:
            period = data["first"]
        elif period == SPAN:
            period = {"from": data["first"], "to": data["last"]}
        cumulative = {"cumulative": True} if data["cumulative"] else {}
        return {"period": period, **figures(data, "value"), **cumulative, **words(data, "text")}


def row_of(target: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the row of `target` begins with."""
    period = target["period"]
    row = {"value": target.get("value"), "text": target.get("text", "")}
    row["cumulative"] = "yes" if target.get("cumulative") else ""
    if isinstance(period, Mapping):
        return row | {"period": SPAN, "first": write_day(period["from"]), "last": write_day(period["to"])}
    if period in dict(PERIODS):
        return row | {"period": period}
    return row | {"period": MONTH, "first": write_day(period)}
