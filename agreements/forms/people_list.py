"""The form with which a list of people is uploaded."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class PeopleFileForm(forms.Form):
    """A workbook or CSV file."""

    file = forms.FileField(
        label=_("File (.xlsx or .csv)"),
        help_text=_("Best the workbook downloaded here, with your changes in it."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )
