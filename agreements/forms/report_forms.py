"""Writing a report form, as the text of its file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from agreements.exchange import report_forms
from agreements.exchange.documents import Document, DocumentRefused, read_document
from agreements.forms.fields import lines
from agreements.models import Organisation

# Far more than any form has.
LONGEST = 200_000


class ReportFormForm(forms.Form):
    """The text of a report form, or a file of it, and whose form a new code becomes."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("A YAML or JSON file. It takes the place of the text below."),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Text of the form"),
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=lines(24),
    )
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Whose form a new code becomes"), queryset=Organisation.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document: Document = {}
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in organisations]).in_thai_order()
        field.initial = organisations[0]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Read the document, and say everything that is wrong with it."""
        given: dict[str, Any] = super().clean() or {}
        file = given.get("file")
        raw = file.read(LONGEST + 1) if file else given.get("text", "")
        if len(raw) > LONGEST:
            raise ValidationError(_("The file is too large for a report form."))
        if not raw:
            raise ValidationError(_("Write the form, or choose its file."))
        try:
            self.document = read_document(raw, name=file.name if file else "form.yaml")
        except DocumentRefused as refusal:
            raise ValidationError([str(one) for one in refusal.faults]) from refusal
        if faults := report_forms.faults(self.document):
            raise ValidationError(faults)
        return given

    def refuse(self, faults: list[str]) -> None:
        """Say what is wrong with the document."""
        for fault in faults:
            self.add_error(None, fault)
