"""Attaching files."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TextField


class EvidenceForm(forms.Form):
    """One file and what it shows."""

    file = forms.FileField(
        label=_("File"), help_text=_("PDF, Word, Excel, PowerPoint, a picture or plain text."), allow_empty_file=True
    )
    evidence_note = TextField(label=_("What it shows"), required=False, max_length=500)
