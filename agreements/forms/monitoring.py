"""Forms beside the figures of a month: values that no report form brings, causes and corrective actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements import thai
from agreements.forms.fields import BuddhistDateField, NumberField, TextField, lines
from agreements.forms.organisations import AssessorField
from agreements.models import Posting
from agreements.services.remedies import Plan


class FiguresForm(forms.Form):
    """The value of each month, as far as one is known."""

    def __init__(self, *args: Any, months: Sequence[date], kept: dict[date, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months = {f"month-{day:%Y-%m}": day for day in months}
        for name, day in self.months.items():
            self.fields[name] = NumberField(label=thai.format_month(day, "long"), required=False)
            self.fields[name].widget.attrs["class"] = "form-control num"
            self.initial.setdefault(name, kept.get(day))
        self.kept = kept

    def changes(self) -> dict[date, Decimal | None]:
        """Return the months whose value is another than what is kept."""
        typed = {day: self.cleaned_data[name] for name, day in self.months.items()}
        return {day: value for day, value in typed.items() if value != self.kept.get(day)}


class RemedyForm(forms.Form):
    """Why an indicator is behind, and what is done about it."""

    cause = TextField(label=_("Cause"), max_length=2000, widget=lines(3))
    action = TextField(label=_("Corrective action"), max_length=2000, widget=lines(3))
    owner = AssessorField(label=_("Who does it"), queryset=Posting.objects.none(), empty_label=_("Choose somebody"))
    due_on = BuddhistDateField(label=_("To be done by"), help_text=_("For example 20 มี.ค. 2556."))
    done_on = BuddhistDateField(label=_("Done on"), required=False, help_text=_("Leave it empty until it is done."))

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(AssessorField, self.fields["owner"]).queryset = owners

    def plan(self) -> Plan:
        """Return what was typed."""
        return Plan(**{name: self.cleaned_data[name] for name in Plan.__dataclass_fields__})
