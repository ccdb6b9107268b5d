"""Attaching files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

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
    listed_as = forms.ChoiceField(label=_("On the list of evidence"), required=False)
    evidence_note = TextField(label=_("What they show"), required=False, max_length=500)

    def __init__(self, *args: Any, listed: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = list(listed)
        if not self.listed:
            del self.fields["listed_as"]
            return
        choices = [(str(number), text) for number, text in enumerate(self.listed, start=1)]
        cast(forms.ChoiceField, self.fields["listed_as"]).choices = [("", _("Something else")), *choices]

    def chosen(self) -> str:
        """Return the entry of the list that the files are, in its words; empty where they are something else."""
        number = self.cleaned_data.get("listed_as") or ""
        return self.listed[int(number) - 1] if number else ""
