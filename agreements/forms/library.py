"""Forms for the library: what is looked for, and what fills the blanks of a copied template."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import NumberField, TextField
from agreements.forms.indicators import MOST_WEIGHT
from agreements.models import Item
from agreements.services import blanks, library

KIND_WORDS: dict[str, str | Promise] = {
    "thresholds": _("A number for each level"),
    "bands": _("A range for each level"),
    "rubric": _("Described levels"),
    "milestones": _("Steps, one after the other"),
    "classed": _("By class of the base"),
    "open": _("Left to the parties"),
    library.COMPOSITE: _("Sub-indicators"),
}
LEVELS = range(1, 6)
NUMBERS, EVEN = "numbers", "even"


class LibrarySearchForm(forms.Form):
    """What somebody looks for in the libraries; what cannot be meant is left out."""

    q = TextField(label=_("Words"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind of criteria"), required=False)
    position = forms.ChoiceField(label=_("Position"), required=False)
    rounds = forms.ChoiceField(
        label=_("Round"), required=False, choices=[("", _("Suits this round")), ("all", _("All rounds"))]
    )

    def __init__(self, *args: Any, shelf: library.Shelf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, KIND_WORDS.get(kind, kind)) for kind in shelf.kinds]
        self.fields["kind"] = forms.ChoiceField(
            label=_("Kind of criteria"), required=False, choices=[("", _("All kinds")), *kinds]
        )
        self.fields["position"] = forms.ChoiceField(
            label=_("Position"),
            required=False,
            choices=[("", _("All positions")), *((name, name) for name in shelf.positions)],
        )
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "q" else "form-select"
        self.fields["q"].widget.attrs |= {"type": "search", "data-search": ""}

    def found(self, shelf: library.Shelf, round_number: int) -> list[library.Template]:
        """Return the templates that are looked for."""
        # An address may carry anything; what is no choice does not filter.
        self.is_valid()
        wanted = self.cleaned_data
        return library.search(
            shelf,
            words=wanted.get("q", ""),
            kind=wanted.get("kind", ""),
            position=wanted.get("position", ""),
            round_number=None if wanted.get("rounds") == "all" else round_number,
        )

    @property
    def filters(self) -> bool:
        """Whether anything is looked for."""
        return any(self.cleaned_data.values())


class FillForm(forms.Form):
    """The blanks of an item, one question each; a blank may stay empty while the agreement is a draft."""

    def __init__(self, *args: Any, item: Item, source: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        self.is_open = blanks.is_open(source)
        self.is_weighed = library.is_weighed_alone(item)
        self.blanks = blanks.blanks_of(source, library.as_filled(item))
        for number, blank in enumerate(self.blanks):
            self.fields[f"blank_{number}"] = TextField(
                label=blank.label, help_text=blank.excerpt, initial=blank.value, required=False, max_length=500
            )
        if self.is_open:
            self._ask_for_levels(item)
        if self.is_weighed:
            self.fields["weight"] = NumberField(
                label=_("Weight"),
                required=False,
                least=Decimal(0),
                most=MOST_WEIGHT,
                initial=item.weight,
                help_text=_("Per cent of the agreement."),
            )

    def _ask_for_levels(self, item: Item) -> None:
        agreed = item.criteria if item.kind == "thresholds" else {}
        words = blanks.level_labels(self.source)
        self.fields["way"] = forms.ChoiceField(
            label=_("How the levels are given"),
            choices=[(NUMBERS, _("A number for each level")), (EVEN, _("From a start, the same step for each level"))],
            widget=forms.RadioSelect,
            initial=NUMBERS,
        )
        for level in LEVELS:
            self.fields[f"level_{level}"] = NumberField(
                label=_("Level %(level)s") % {"level": level},
                required=False,
                initial=agreed.get("levels", {}).get(str(level)),
                help_text=words.get(str(level), ""),
            )
        self.fields["first"] = NumberField(label=_("Value at level 1"), required=False)
        self.fields["step"] = NumberField(
            label=_("Step for each level"), required=False, help_text=_("With a minus sign where less is better.")
        )
        self.fields["between"] = forms.ChoiceField(
            label=_("Between two levels"),
            choices=[("interpolate", _("In proportion")), ("step", _("The lower level counts"))],
            initial=agreed.get("between", "interpolate"),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.is_open and data.get("way") == EVEN:
            self._demand_start_and_step(data)
        if not self.errors:
            for fault in library.faults_of(library.definition_with(self.source, self.filling())):
                self.add_error("way" if self.is_open else None, fault)
        return data

    def _demand_start_and_step(self, data: Mapping[str, Any]) -> None:
        first, step = data.get("first"), data.get("step")
        if first is None and step is not None and "first" not in self.errors:
            self.add_error("first", _("Write the value at level 1."))
        if (step is None and first is not None) or step == 0:
            self.add_error("step", _("Write how far apart the levels are."))

    def filling(self) -> library.Filling:
        """Return what was filled in."""
        data = self.cleaned_data
        return library.Filling(
            texts={blank.name: data[f"blank_{number}"] for number, blank in enumerate(self.blanks)},
            levels=self._levels() if self.is_open else {},
            between=data.get("between", "interpolate"),
            weight=data.get("weight"),
        )

    def _levels(self) -> dict[int, Decimal]:
        data = self.cleaned_data
        if data["way"] == EVEN:
            return {} if data["first"] is None else blanks.even_levels(data["first"], data["step"], levels=LEVELS)
        return {level: data[f"level_{level}"] for level in LEVELS if data[f"level_{level}"] is not None}

    @property
    def blank_rows(self) -> list[forms.BoundField]:
        """The fields of the blanks in texts."""
        return [self[f"blank_{number}"] for number, _blank in enumerate(self.blanks)]

    @property
    def level_rows(self) -> list[forms.BoundField]:
        """The number fields of the levels."""
        return [self[f"level_{level}"] for level in LEVELS]
