"""Form fields that read what people here type: Thai digits, grouped numbers, Buddhist Era dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from agreements import thai


class NumberField(forms.Field):
    """An exact number as typed in an office: ๑,๒๓๔.๕๐ and 1 234.5 % are understood."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    # In the portal's own catalogue too: Django's Thai for it is wooden.
    default_error_messages: ClassVar = {"required": gettext_lazy("This field is required.")}

    def __init__(self, *, least: Decimal | None = None, most: Decimal | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            number = thai.parse_number(str(value))
        except thai.NotANumber as error:
            raise ValidationError(str(error), code=error.code) from error
        if self.least is not None and number < self.least:
            raise ValidationError(_("Not below %(least)s.") % {"least": self.least}, code="least")
        if self.most is not None and number > self.most:
            raise ValidationError(_("Not above %(most)s.") % {"most": self.most}, code="most")
        return number

    def prepare_value(self, value: Any) -> Any:
        return thai.canonical_decimal(value) if isinstance(value, Decimal) else value


class WholeNumberField(NumberField):
    """A count."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        number = super().to_python(value)
        if number is not None and number != number.to_integral_value():
            raise ValidationError(_("Write a whole number."), code="whole")
        return number


class BuddhistDateField(forms.Field):
    """A day in the Buddhist Era in every usual spelling; a Christian-Era year is asked about, never stored."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or not str(value).strip():
            return None
        if isinstance(value, date):
            return value
        try:
            return thai.parse_date(str(value))
        except thai.ChristianEraYear as error:
            day = error.christian or error.buddhist
            if day is None:
                raise ValidationError(str(error), code=error.code) from error
            raise ValidationError(
                _("Is this %(day)s? Write the year in the Buddhist Era.") % {"day": thai.format_date(day)},
                code=error.code,
            ) from error
        except thai.NotADate as error:
            raise ValidationError(str(error), code=error.code) from error

    def prepare_value(self, value: Any) -> Any:
        return thai.format_date(value) if isinstance(value, date) else value


class TextField(forms.CharField):
    """Text, spelled one way: one form of sara am, no invisible spaces, lines ending as they do in files."""

    def to_python(self, value: Any) -> str:
        return thai.normalise(plain_lines(str(super().to_python(value) or "")))


def plain_lines(text: str) -> str:
    """Return `text` as it was shown before a browser sent it: browsers end each line with two characters."""
    return text.replace("\r\n", "\n")


def lines(rows: int = 3) -> forms.Textarea:
    """Return a text area of `rows` lines."""
    return forms.Textarea(attrs={"rows": rows})
