"""The form with which HR opens the agreement of an organisation."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from agreements.forms.parties import PostingField
from agreements.models import Organisation, Posting
from agreements.models.states import WITNESSES_OF_AGREEMENT


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django has no such arguments at run time
    """An organisation, by its name."""

    def label_from_instance(self, obj: Organisation) -> str:
        return obj.name


class OpeningForm(forms.Form):
    """Whose agreement it is, who signs for it, who agrees, and who bears witness."""

    organisation = PlaceField(
        queryset=Organisation.objects.none(),
        label=gettext_lazy("Organisation"),
        empty_label=gettext_lazy("Choose the organisation"),
    )
    signs = PostingField(
        queryset=Posting.objects.none(),
        label=gettext_lazy("Who signs for it"),
        empty_label=gettext_lazy("Choose a person"),
        help_text=gettext_lazy("Its head: the permanent secretary for a municipality, the director for a bureau."),
    )
    agrees = PostingField(
        queryset=Posting.objects.none(),
        label=gettext_lazy("Who agrees and assesses"),
        empty_label=gettext_lazy("Choose a person"),
        help_text=gettext_lazy("The mayor for a municipality; the permanent secretary for the head of an office."),
    )

    def __init__(self, *args: Any, places: QuerySet[Organisation], people: QuerySet[Posting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PlaceField, self.fields["organisation"]).queryset = places
        for name in ("signs", "agrees"):
            cast(PostingField, self.fields[name]).queryset = people
        for capacity in WITNESSES_OF_AGREEMENT:
            self.fields[capacity] = PostingField(
                queryset=people, label=capacity.label, required=False, empty_label=_("Nobody")
            )

    def witnesses(self) -> list[Posting]:
        """Return the witnesses named, in their order."""
        named = (self.cleaned_data.get(capacity) for capacity in WITNESSES_OF_AGREEMENT)
        return [one for one in named if one is not None]
