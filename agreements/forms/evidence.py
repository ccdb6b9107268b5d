"""Attaching files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TextField

# What the window for choosing offers first. The names decide nothing: what a file is, its content says.
OFFERED = (
    ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.doc,.xls,.ppt,.txt,.csv,image/jpeg,image/png,image/webp"  # phones: camera
)


class FilesInput(forms.ClearableFileInput):
    """Takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; empty ones too, to be refused by their names."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = list(data) if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class EvidenceForm(forms.Form):
    """Files, and what they show."""

    file = FilesField(
        label=_("Files"),
        help_text=_("PDF, Word, Excel, PowerPoint, pictures or plain text. Drag them here or choose them."),
        allow_empty_file=True,
        widget=FilesInput(attrs={"accept": OFFERED}),
    )
    evidence_note = TextField(label=_("What they show"), required=False, max_length=500)
