"""Forms for agreeing: terms of the items, indicators of one's own, reasons."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from agreements.forms.fields import NumberField, TextField, lines
from agreements.forms.indicators import MOST_WEIGHT, IndicatorForm
from agreements.models import AgreedCompetency, Item, Signature
from agreements.services.agreements import Terms


class TermsForm(forms.Form):
    """The goals and weights of all items of a draft, on one page."""

    def __init__(self, *args: Any, items: Iterable[Item], parents: set[int | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(items)
        for item in self.rows:
            self.fields[f"goal_{item.pk}"] = TextField(
                # With the number: a message and the page of mine and theirs stand away from the row.
                label=gettext("Goal or expected achievement of %(code)s") % {"code": item.code},
                required=False,
                initial=item.goal,
                widget=lines(2),
            )
            if item.pk not in parents:
                self.fields[f"weight_{item.pk}"] = NumberField(
                    label=gettext("Weight of %(code)s") % {"code": item.code},
                    required=False,
                    initial=item.weight,
                    least=Decimal(0),
                    most=MOST_WEIGHT,
                )

    def terms(self) -> dict[int, Terms]:
        """Return the goal and weight of each item, keyed by item."""
        return {
            item.pk: Terms(goal=self.cleaned_data[f"goal_{item.pk}"], weight=self.cleaned_data.get(f"weight_{item.pk}"))
            for item in self.rows
        }


class CompetenciesForm(forms.Form):
    """The names of the line-of-work competencies and the expected levels."""

    def __init__(self, *args: Any, rows: Iterable[AgreedCompetency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for row in self.rows:
            if row.kind == "line":
                self.fields[f"name_{row.order}"] = TextField(
                    label=_("Competency"), required=False, max_length=255, initial=row.name
                )
            self.fields[f"expected_{row.order}"] = forms.TypedChoiceField(
                label=_("Expected level"),
                choices=[(str(level), str(level)) for level in range(1, 6)],
                coerce=int,
                initial=row.expected,
            )

    def names(self) -> dict[int, str]:
        """Return the names of the line-of-work competencies, keyed by order."""
        return {row.order: self.cleaned_data[f"name_{row.order}"] for row in self.rows if row.kind == "line"}

    def expected(self) -> dict[int, int]:
        """Return the expected levels, keyed by order."""
        return {row.order: self.cleaned_data[f"expected_{row.order}"] for row in self.rows}


class AmendmentForm(forms.Form):
    """Why what is agreed is to be changed."""

    reason = TextField(
        label=_("Reason for the amendment"),
        widget=lines(4),
        help_text=_("For example the order or the work that changed. It is printed with what changed."),
    )


class ReviewForm(forms.Form):
    """Whether the superior agrees with the result."""

    decision = forms.ChoiceField(
        label=_("Opinion on the result"),
        choices=[
            (Signature.Decision.AGREES.value, _("I agree with the result above")),
            (Signature.Decision.DIFFERS.value, _("I differ, as follows")),
        ],
        widget=forms.RadioSelect,
    )
    comment = TextField(label=_("In words"), required=False, widget=lines(3))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == Signature.Decision.DIFFERS and not data.get("comment"):
            self.add_error("comment", _("Say in words how you differ."))
        return data


class OwnIndicatorForm(IndicatorForm):
    """An indicator of the assessee's own: the KPI template in short."""

    field_order = ("title", "goal", "unit", "weight")

    goal = TextField(label=_("Goal or expected achievement"), required=False, widget=lines(2))
    weight = NumberField(
        label=_("Weight"), least=Decimal(0), most=MOST_WEIGHT, help_text=_("Per cent of the agreement.")
    )
