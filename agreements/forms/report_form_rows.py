"""The rows of the page that builds a report form: columns, checks and percentages of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.exchange.report_forms import COLUMN_TYPES
from agreements.forms.fields import TextField, lines
from agreements.forms.template_rows import Row, words
from agreements.services.report_form_words import TYPES


class TickedRow(Row):
    """A row with boxes to tick; one in which none is ticked and nothing stands is empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "form-check-input"

    @property
    def is_blank(self) -> bool:
        return not self.errors and not any(self.cleaned_data.values())


class ColumnRow(TickedRow):
    """A column of a table."""

    needed = ("title", "type")
    title = TextField(label=_("Title"), required=False)
    type = forms.ChoiceField(
        label=_("Holds"), required=False, choices=[("", "–"), *((one, TYPES[one]) for one in COLUMN_TYPES)]
    )
    group = TextField(label=_("Heading over several"), required=False)
    unit = TextField(label=_("Unit of measure"), required=False)
    choices = TextField(label=_("Choices, one a line"), required=False, widget=lines(1))
    required = forms.BooleanField(label=_("Must be filled in"), required=False)
    adds_up = forms.BooleanField(label=_("Is added up"), required=False)
    code = TextField(label=_("Code"), required=False)

    def entry(self, code: str) -> dict[str, Any]:
        """Return the column as a document has it."""
        data = self.cleaned_data
        found: dict[str, Any] = {"code": code} | words(data, "title", "type", "group", "unit")
        if choices := filled_lines(data["choices"]):
            found["choices"] = choices
        return found | ({"required": True} if data["required"] else {})


class CheckRow(Row):
    """Columns that together give another."""

    needed = ("add", "gives")
    add = TextField(label=_("Columns that are added, one a line"), required=False, widget=lines(2))
    gives = TextField(label=_("Give the column"), required=False)


class RatioRow(Row):
    """A percentage of two sums."""

    needed = ("title", "of", "to")
    title = TextField(label=_("Title"), required=False)
    of = TextField(label=_("This column"), required=False)
    to = TextField(label=_("In a hundred of this column"), required=False)


def filled_lines(text: str) -> list[str]:
    """Return the lines of `text` in which something stands."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def codes_for(typed: Iterable[str], begin: str) -> list[str]:
    """Return the codes as typed, those left empty made from their place: c1, c2, unless that one is there."""
    given = list(typed)
    taken, found = set(given), []
    for number, code in enumerate(given, 1):
        made, further = code or f"{begin}{number}", number
        while not code and made in taken:
            further += 1
            made = f"{begin}{further}"
        taken.add(made)
        found.append(made)
    return found


class ColumnNames:
    """How people name the columns of a table: by title, where only one has it, or by code."""

    def __init__(self, columns: Iterable[Mapping[str, Any]]) -> None:
        self.titles = {str(one["code"]): str(one.get("title", "")) for one in columns}

    def shown(self, code: str) -> str:
        """Return the name under which the column with `code` is shown."""
        title = self.titles.get(code, "")
        return title if title and self.code(title) == code else code

    def code(self, name: str) -> str:
        """Return the code of the column called `name`; what no column is called stays, to be refused by the checks."""
        found = [code for code, title in self.titles.items() if title == name]
        return found[0] if len(found) == 1 and name not in self.titles else name
