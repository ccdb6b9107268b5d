"""The committee's act: that it has looked, and what it resolved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TextField, lines


class ScreeningForm(forms.Form):
    """What the committee resolved about the results on the page."""

    resolution = TextField(
        label=_("Resolution of the committee"),
        required=False,
        max_length=2000,
        widget=lines(2),
        help_text=_("For example the number and the date of the meeting. It stands in the log with your name."),
    )
    # The newest result that the page showed: what was signed later is not recorded as looked at.
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**18)

    def __init__(self, *args: Any, last: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"last": last}} | kwargs)
