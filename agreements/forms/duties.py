"""The form that lets somebody look after indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.forms.parties import PostingField
from agreements.models import Duty, Item, Posting


class DutyForm(forms.Form):
    """Who looks after which indicators, and how."""

    posting = PostingField(
        queryset=Posting.objects.none(), label=_("Person of the office"), empty_label=_("Choose a person of the office")
    )
    kind = forms.ChoiceField(
        label=_("As"),
        choices=[
            (Duty.Kind.COLLECTOR, _("Collector: enters the results and attaches the evidence")),
            (Duty.Kind.OWNER, _("Owner: confirms what was entered")),
        ],
        initial=Duty.Kind.COLLECTOR,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, candidates: QuerySet[Posting], items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PostingField, self.fields["posting"]).queryset = candidates
        self.items = {str(item.lineage): item for item in items}
        # Laid out by hand: the ticks stand in the table of the indicators.
        self.fields["item"] = forms.MultipleChoiceField(
            label=_("Indicators"),
            choices=[(key, item.code) for key, item in self.items.items()],
            error_messages={"required": _("Tick at least one indicator.")},
        )

    def ticked(self) -> list[Item]:
        """Return the indicators that were ticked."""
        return [self.items[key] for key in self.cleaned_data["item"]]
