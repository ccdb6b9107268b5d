"""Uploading a framework file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.exchange.files import MAX_BYTES
from agreements.models import Organisation


class FrameworkFileForm(forms.Form):
    """A file, and whose framework a new code becomes; asked only of editors for several organisations."""

    file = forms.FileField(
        label=_("Workbook or framework file"),
        help_text=_("An Excel workbook (.xlsx) as downloaded from a framework, or a YAML or JSON file."),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.yaml,.yml,.json"}),
    )
    organisation = forms.ModelChoiceField(
        label=_("Whose framework a new code becomes"), queryset=Organisation.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in organisations]).in_thai_order()
        field.initial = organisations[0]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()

    def content(self) -> bytes:
        """Return the bytes of the file, as many as tell that it is too large."""
        return bytes(self.cleaned_data["file"].read(MAX_BYTES + 1))
