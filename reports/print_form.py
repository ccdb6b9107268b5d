"""The form on which somebody chooses what of many agreements is printed, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reports.printing import Order


class PrintForm(forms.Form):
    """Which forms, in which digits, as one PDF or one for each."""

    chosen = forms.MultipleChoiceField(
        label=_("Forms"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one form.")},
    )
    bound = forms.ChoiceField(
        label=_("Saved as"),
        choices=[
            ("pdf", _("One PDF, in the order of the list, with a bookmark for each")),
            ("zip", _("One PDF for each, together in a ZIP file")),
        ],
        widget=forms.RadioSelect,
    )
    digits = forms.ChoiceField(
        label=_("Digits"), choices=[("arabic", _("Arabic 123")), ("thai", _("Thai ๑๒๓"))], widget=forms.RadioSelect
    )
    pdf_a = forms.BooleanField(
        label=_("As PDF/A-3u, for the archive"),
        required=False,
        help_text=_("Such a PDF bears no seal of the portal; the codes on its pages verify it all the same."),
    )

    def __init__(self, data: Any = None, *, known: Mapping[str, str]) -> None:
        usual = {"chosen": list(known), "bound": "pdf", "digits": "arabic", "pdf_a": settings.PDF_A}
        super().__init__(data, initial=usual)
        self.fields["chosen"].choices = list(known.items())  # type: ignore[attr-defined]
        self._known = known

    def order(self, *, address: str) -> Order:
        """Return what was chosen, the forms in the order of the document; `address` is how the portal was reached."""
        told = self.cleaned_data
        return Order(
            forms=[one for one in self._known if one in told["chosen"]],
            digits=told["digits"],
            bound=told["bound"],
            pdf_a=told["pdf_a"],
            address=address,
        )
