"""The tables of a KPI template: variables, parts of steps, faults, classes, items. An empty row is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements import thai
from agreements.forms.fields import NumberField, TextField, WholeNumberField, lines


class Row(forms.Form):
    """A row of a table; `needed` has to be filled as soon as anything is."""

    needed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            figure = " num" if isinstance(field, NumberField) else ""
            look = "form-select" if is_choice else f"form-control{figure}"
            field.widget.attrs |= {"class": look, "aria-label": field.label}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.is_blank:
            for name in self.needed:
                if data.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, _("Fill this in, or empty the whole row."))
        return data

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into the row."""
        return not self.errors and all(value in (None, "") for value in self.cleaned_data.values())


class VariableRow(Row):
    """A named variable of a formula."""

    needed = ("label",)
    name = TextField(label=_("Short name"), required=False, max_length=40)
    label = TextField(label=_("What it is"), required=False, max_length=300, widget=lines(1))
    unit = TextField(label=_("Unit of measure"), required=False, max_length=60)


class PartRow(Row):
    """A part of a step."""

    needed = ("step", "title")
    step = forms.ChoiceField(label=_("Step"), required=False)
    code = TextField(label=_("No."), required=False, max_length=20)
    title = TextField(label=_("What is done"), required=False, max_length=2000, widget=lines(1))
    deduction = NumberField(label=_("Points off if missing"), required=False, least=Decimal(0), most=Decimal(100))

    def __init__(self, *args: Any, levels: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [("", "–"), *((str(level), str(level)) for level in levels)]  # type: ignore[attr-defined]


class PenaltyRow(Row):
    """A fault that costs points."""

    needed = ("title", "points")
    code = TextField(label=_("Code"), required=False, max_length=40)
    title = TextField(label=_("Fault"), required=False, max_length=500)
    points = NumberField(label=_("Points off each time"), required=False, least=Decimal(0), most=Decimal(100))
    at_step = WholeNumberField(label=_("Only from step"), required=False, least=Decimal(0))
    most = WholeNumberField(label=_("Counted at most (times)"), required=False, least=Decimal(1))


class ClassRow(Row):
    """A class of the base number with its thresholds."""

    needed = ("code",)
    code = TextField(label=_("Class"), required=False, max_length=20)
    up_to = NumberField(label=_("Base up to"), required=False)
    label = TextField(label=_("In words"), required=False, max_length=200)

    def __init__(self, *args: Any, levels: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in levels:
            label = _("Level %(level)s") % {"level": level}
            widget = forms.TextInput(
                attrs={"class": "form-control num", "aria-label": label, "inputmode": "decimal", "autocomplete": "off"}
            )
            self.fields[f"level_{level}"] = NumberField(label=label, required=False, widget=widget)


class ItemRow(Row):
    """An item of a checklist."""

    needed = ("title", "points")
    code = TextField(label=_("No."), required=False, max_length=20)
    title = TextField(label=_("What is checked"), required=False, max_length=500)
    points = NumberField(label=_("Points"), required=False, least=Decimal(0))


class ItemFaultRow(Row):
    """A fault that costs points of a checklist's items."""

    needed = ("title", "points")
    code = TextField(label=_("Code"), required=False, max_length=40)
    title = TextField(label=_("Fault"), required=False, max_length=500)
    points = NumberField(label=_("Points off each time"), required=False, least=Decimal(0))
    items = TextField(label=_("Only of items"), required=False, max_length=200)


def filled(formset: Any) -> Iterator[Any]:
    """Yield the rows in which something stands."""
    return (row for row in formset.forms if row.cleaned_data and not row.is_blank)


def figures(data: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return the amounts among `names` that were given, as a definition writes them."""
    return {name: thai.canonical_decimal(data[name]) for name in names if data.get(name) is not None}


def words(data: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return the texts among `names` that were given."""
    return {name: data[name] for name in names if data.get(name)}
