"""Forms for the acts that take a reason: returning, reopening, ending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField, lines
from agreements.models import EndedBecause, Item


class ReturnForm(forms.Form):
    """Why something is returned: in general, at the indicators it concerns, or both."""

    reason = TextField(
        label=_("Reason in general"),
        required=False,
        widget=lines(3),
        help_text=_("Say what should be different. What concerns one indicator can be said at that indicator below."),
    )

    mend_by = BuddhistDateField(
        label=_("To be mended by"),
        required=False,
        help_text=_("The deadline leaves less than three working days, so this day holds instead for this agreement."),
    )

    def __init__(self, *args: Any, items: Iterable[Item], mend_by: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if mend_by is None:
            del self.fields["mend_by"]
        else:
            self.fields["mend_by"].initial = mend_by
        self.items = list(items)
        for item in self.items:
            self.fields[f"remark_{item.pk}"] = TextField(
                label=_("What is to be mended here"), required=False, widget=lines(2)
            )

    @property
    def rows(self) -> list[tuple[Item, forms.BoundField]]:
        """The indicators, each with the field for what is to be mended there."""
        return [(item, self[f"remark_{item.pk}"]) for item in self.items]

    def remarks(self) -> dict[UUID, str]:
        """Return what is to be mended, by lineage."""
        said = {item.lineage: self.cleaned_data[f"remark_{item.pk}"] for item in self.items}
        return {lineage: remark for lineage, remark in said.items() if remark}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(value for name, value in data.items() if name != "mend_by"):
            self.add_error("reason", _("Give a reason, here or at an indicator."))
        return data


class WhyForm(forms.Form):
    """A reason in words."""

    reason = TextField(
        label=_("Reason"),
        widget=lines(4),
        help_text=_("It stands in the history of the agreement, for all who take part in it."),
    )


class EndForm(forms.Form):
    """Why an agreement ends early."""

    because = forms.ChoiceField(label=_("Why it ends"), choices=EndedBecause.choices, widget=forms.RadioSelect)
    reason = TextField(
        label=_("In words"),
        required=False,
        widget=lines(3),
        help_text=_("For example the number of the order and its day. It is needed for “another reason”."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("because") == EndedBecause.OTHER and not data.get("reason"):
            self.add_error("reason", _("Give the reason in words."))
        return data


class CommentForm(forms.Form):
    """What a commentator says on an agreement or on the reported results."""

    comment = TextField(label=_("Your comment"), widget=lines(4))

    def __init__(self, *args: Any, is_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = is_needed
