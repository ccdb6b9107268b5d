"""The form with which HR splits an agreement at a day."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField, lines
from agreements.forms.organisations import AssessorField
from agreements.models import Part, Posting, User
from agreements.services.splits import Start


class SplitForm(forms.Form):
    """From which day on, under which position and assessor, with what, and why."""

    on = BuddhistDateField(
        label=_("First day of the new part"),
        help_text=_("The part so far ends the day before. For example 1 ม.ค. 2556."),
    )
    posting = AssessorField(label=_("Position from that day on"), queryset=Posting.objects.none(), empty_label=None)
    assessor = AssessorField(
        label=_("Assessor from that day on"), queryset=Posting.objects.none(), empty_label=_("Choose the assessor")
    )
    start = forms.ChoiceField(
        label=_("The new part begins with"), choices=Start.choices, initial=Start.COPY, widget=forms.RadioSelect
    )
    reason = TextField(label=_("Reason"), widget=lines(3), help_text=_("For example the number and day of the order."))

    def __init__(self, *args: Any, hr: User, part: Part, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].widget.attrs["class"] = "date"
        seen = Posting.objects.visible_to(hr).not_over_on(part.starts_on).select_related("user", "organisation")
        person = part.agreement.person_id
        own = seen.filter(user=person) if person is not None else seen
        # The latest position first: it is the one that somebody who moved holds now.
        cast(AssessorField, self.fields["posting"]).queryset = own.order_by("-starts_on", "is_acting", "pk")
        others = seen.exclude(user=person) if person is not None else seen
        cast(AssessorField, self.fields["assessor"]).queryset = others.order_by("user__sort_key", "pk")
        newest = own.order_by("-starts_on", "is_acting", "pk").first() if person is not None else part.posting
        self.initial.setdefault("posting", newest.pk if newest else None)
        self.initial.setdefault("assessor", newest.assessor_id if newest else None)

    def terms(self) -> dict[str, Any]:
        """Return what was typed."""
        typed = self.cleaned_data
        day: date = typed["on"]
        return {
            "on": day,
            "posting": typed["posting"],
            "assessor": typed["assessor"],
            "start": Start(typed["start"]),
            "reason": typed["reason"],
        }
