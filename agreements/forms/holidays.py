"""Forms for the holiday table of an office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField
from agreements.services.holidays import Proposed

LONGEST_NAME = 200


class HolidayForm(forms.Form):
    """A day on which the office does not work."""

    day = BuddhistDateField(label=_("Day"), help_text=_("For example 13 เม.ย. 2556."))
    name = TextField(label=_("What it is called"), max_length=LONGEST_NAME)


class HolidayDraftForm(forms.Form):
    """Which days of the draft are to be added, and the day of the ploughing ceremony where nobody knows it yet."""

    days = forms.MultipleChoiceField(required=False)
    ploughing = BuddhistDateField(
        label=_("Day of the royal ploughing ceremony"),
        required=False,
        help_text=_("Its day is announced anew each year. Leave it empty until it is announced, and add it then."),
    )

    def __init__(self, *args: Any, proposed: Sequence[Proposed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [one.suggestion for one in proposed if one.standing is None]
        days = cast(forms.MultipleChoiceField, self.fields["days"])
        days.choices = [(one.day.isoformat(), one.name) for one in self.offered]
        if not self.is_bound:
            self.initial["days"] = [one.day.isoformat() for one in self.offered if not one.is_extra]
        if any(one.suggestion.is_ploughing for one in proposed):
            del self.fields["ploughing"]

    def chosen(self) -> list[date]:
        """Return the days ticked."""
        return [date.fromisoformat(day) for day in self.cleaned_data["days"]]

    @property
    def ticked(self) -> list[str]:
        """The days that stand ticked on the page."""
        return self["days"].value() or []
