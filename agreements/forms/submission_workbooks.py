"""The form with which a report is uploaded as a workbook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReportFileForm(forms.Form):
    """The workbook of a report, filled in."""

    file = forms.FileField(
        label=_("Workbook (.xlsx)"),
        help_text=_("The form downloaded from this report, with your figures in it."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
