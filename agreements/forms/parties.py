"""Forms for naming a party, and for recording that the assessee does not sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField, lines
from agreements.forms.organisations import HeldField
from agreements.models import Agreement, Posting


class PostingField(HeldField):
    """One of several people, shown with name, position and unit."""

    def label_from_instance(self, obj: Posting) -> str:
        return f"{obj.user.full_name} · {obj.printed_title} · {obj.organisation.name}"


class PartyForm(forms.Form):
    """Who takes part from now on, and why."""

    posting = PostingField(queryset=Posting.objects.none(), label=_("From now on"), required=False)
    reason = TextField(
        label=_("Reason"),
        widget=lines(3),
        help_text=_("For example: retired on 1 October; the number of the order."),
    )

    def __init__(self, *args: Any, candidates: QuerySet[Posting], nobody: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["posting"]
        assert isinstance(field, PostingField)  # noqa: S101  declared above
        field.queryset = candidates
        field.required = not nobody
        field.empty_label = str(_("Nobody")) if nobody else str(_("Choose a person"))


class RefusalForm(forms.Form):
    """On which day the result was told, and who bears witness."""

    told_on = BuddhistDateField(label=_("Day on which the result was told"), help_text=_("For example 20 มี.ค. 2556."))
    witness = PostingField(
        queryset=Posting.objects.none(),
        label=_("Witness"),
        empty_label=_("Choose a person"),
        help_text=_(
            "Somebody of the office who takes no part in the agreement; the witness signs with their own account."
        ),
    )

    def __init__(self, *args: Any, candidates: QuerySet[Posting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["witness"]
        assert isinstance(field, PostingField)  # noqa: S101  declared above
        field.queryset = candidates


class TickForm(forms.Form):
    """Several agreements of a round, ticked."""

    def __init__(self, *args: Any, offered: Iterable[Agreement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(one.pk): one for one in offered}
        self.fields["agreement"] = forms.MultipleChoiceField(
            label=_("Agreements"),
            choices=[(key, key) for key in self.offered],
            error_messages={
                "required": _("Tick at least one agreement."),
                "invalid_choice": _("One of the agreements is no longer waiting. Look at the list again."),
            },
        )

    def ticked(self) -> list[Agreement]:
        """Return the agreements that were ticked."""
        return [self.offered[key] for key in self.cleaned_data["agreement"]]


class SendBackForm(TickForm):
    """Several agreements, ticked, and why they are sent back."""

    reason = TextField(label=_("What is missing"), widget=lines(3))
