"""Forms for drafts of frameworks: the header with its dimensions and units, a new indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

import scoring
from agreements import thai
from agreements.explain import explain_fault
from agreements.forms.fields import NumberField, TextField, WholeNumberField, lines
from agreements.forms.organisations import PlaceField
from agreements.forms.template_rows import Row, figures, filled, words
from agreements.models import Framework, Indicator, Organisation

BELOW = [
    ("one", _("The lowest level counts")),
    ("zero", _("Nothing counts")),
    ("level_0", _("In proportion down to a number for 0")),
    ("from_origin", _("In proportion from 0")),
]
USUAL = "1 2 3 4 5"
# Weights are added up when everything is there: at publication.
SUMS = {"dimension_weight", "parts_of_dimension", "total_weight"}
HIGHEST = "highest"
#: Keys of the format that are called otherwise here.
FIELDS = {"from": "start"}
NO_CODE = _("Letters, digits, - _ . ( ) and no spaces.")


class CodeField(TextField):
    """A code: printed and typed, so without spaces and without what has a meaning elsewhere."""

    def to_python(self, value: Any) -> str:
        code = thai.to_arabic_digits(super().to_python(value))
        if any(char.isspace() or char in "@/?#" for char in code):
            raise ValidationError(NO_CODE, code="code")
        return code


class DimensionRow(Row):
    """A dimension with its share of the weight."""

    needed = ("title",)
    code = CodeField(label=_("Code"), required=False, max_length=80)
    title = TextField(label=_("Dimension"), required=False, max_length=500)
    weight = NumberField(label=_("Weight"), required=False, least=Decimal(0), most=Decimal(100))
    parent = CodeField(label=_("Part of (code)"), required=False, max_length=80)


class UnitRow(Row):
    """A unit that can be given indicators."""

    needed = ("title",)
    code = CodeField(label=_("Unit code"), required=False, max_length=60)
    title = TextField(label=_("Unit"), required=False, max_length=500)


class GradeRow(Row):
    """A grade from a number of points on."""

    needed = ("start", "label")
    start = NumberField(label=_("From (points)"), required=False, least=Decimal(0))
    label = TextField(label=_("Grade"), required=False, max_length=60)
    colour = TextField(label=_("Colour"), required=False, max_length=40)


class HeaderForm(forms.Form):
    """What a framework says of itself; its dimensions, units and grades are formsets in `tables`."""

    title = TextField(label=_("Title"), max_length=500, widget=lines(2))
    level = forms.ChoiceField(label=_("Level"), choices=Framework.Level.choices)
    fiscal_year = WholeNumberField(
        label=_("Fiscal year"), required=False, help_text=_("Buddhist Era, such as 2556. A library has none.")
    )
    round = forms.ChoiceField(
        label=_("Round"), required=False, choices=[("", _("Whole year")), ("1", _("Round 1")), ("2", _("Round 2"))]
    )
    total_weight = NumberField(
        label=_("Total weight"),
        required=False,
        initial=Decimal(100),
        least=Decimal(0),
        help_text=_("Empty: its indicators have no weights."),
    )
    scale = TextField(
        label=_("Levels of the scale"), initial=USUAL, help_text=_("1 2 3 4 5, or for example 50 75 100.")
    )
    below_level_1 = forms.ChoiceField(label=_("Worse than the lowest level"), choices=BELOW, initial="one")
    source = TextField(label=_("Source"), required=False, max_length=500, help_text=_("The paper it stands on."))
    grades_on = forms.ChoiceField(
        label=_("The points of the grades are"),
        required=False,
        choices=[("", _("Of 100")), (HIGHEST, _("Of the highest level, such as 5"))],
    )

    def __init__(self, data: Any = None, *, header: Mapping[str, Any] | None = None) -> None:
        self.kept = header or {}
        super().__init__(data, initial=_start(self.kept) if header else None)
        rows = {prefix: self.kept.get(prefix, []) for prefix in ("dimensions", "units")}
        rows["grades"] = [grade | {"start": grade["from"]} for grade in self.kept.get("grades", [])]
        self.tables = {
            prefix: forms.formset_factory(row, extra=2)(
                data, initial=rows[prefix] if data is None else None, prefix=prefix
            )
            for prefix, row in (("dimensions", DimensionRow), ("units", UnitRow), ("grades", GradeRow))
        }

    def is_valid(self) -> bool:
        """Return whether the header and its tables hold together."""
        return super().is_valid() and all(table.is_valid() for table in self.tables.values())

    def clean_scale(self) -> list[int]:
        try:
            return [int(level) for level in self.cleaned_data["scale"].replace(",", " ").split()]
        except ValueError as error:
            raise ValidationError(_("Write whole numbers with spaces between them."), code="scale") from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        rows_hold = [table.is_valid() for table in self.tables.values()]
        if self.errors or not all(rows_hold):
            return data
        document = {"format": 1, "code": "code", **self.header(), "indicators": []}
        try:
            scoring.read_framework(document)
        except scoring.Refused as refusal:
            for fault in refusal.faults:
                if fault.code not in SUMS and not fault.place.startswith("indicators"):
                    form, name = self._field_for(fault.place)
                    form.add_error(name, explain_fault(replace(fault, place="")))
        return data

    def _field_for(self, place: str) -> tuple[forms.Form, str | None]:
        prefix, _bracket, rest = place.partition("[")
        if prefix in self.tables and rest:
            row = list(filled(self.tables[prefix]))[int(rest.partition("]")[0])]
            name = FIELDS.get(rest.rpartition(".")[2], rest.rpartition(".")[2])
            return row, name if name in row.fields else next(iter(row.fields))
        if prefix == "grades":
            return self, "grades_on"
        return self, place if place in self.fields else None

    def header(self) -> dict[str, Any]:
        """Return the header in the shape of framework-format.md, without format and code."""
        data = self.cleaned_data
        found: dict[str, Any] = words(data, "title", "level", "source") | figures(data, "total_weight")
        found["fiscal_year"] = None if data["fiscal_year"] is None else int(data["fiscal_year"])
        if data["round"]:
            found["round"] = int(data["round"])
        if data["scale"] != [int(level) for level in USUAL.split()] or "scale" in self.kept:
            found["scale"] = data["scale"]
        if data["below_level_1"] != "one" or "below_level_1" in self.kept:
            found["below_level_1"] = data["below_level_1"]
        for prefix in ("dimensions", "units"):
            if rows := list(_rows(list(filled(self.tables[prefix])), letter=prefix[0])):
                found[prefix] = rows
        return found | self._grades()

    def _grades(self) -> dict[str, Any]:
        """Return the grades in the order in which they were typed."""
        data = [row.cleaned_data for row in filled(self.tables["grades"])]
        if not data:
            return {}
        grades = [{"from": thai.canonical_decimal(row["start"]), **words(row, "label", "colour")} for row in data]
        if self.cleaned_data["grades_on"] == HIGHEST:
            return {"grades": grades, "grades_on": str(max(self.cleaned_data["scale"]))}
        said = "grades_on" in self.kept and self.kept["grades_on"] == "100"
        return {"grades": grades} | ({"grades_on": "100"} if said else {})


class StartForm(HeaderForm):
    """The header of a new framework, with its code and whose it is."""

    field_order = ("organisation", "code", "title")
    organisation = forms.ModelChoiceField(label=_("Office"), queryset=Organisation.objects.none(), empty_label=None)
    code = CodeField(
        label=_("Code"),
        max_length=80,
        help_text=_("Its name for ever, such as chonburi-2557-1. It cannot be changed later."),
    )

    def __init__(self, data: Any = None, *, offices: Sequence[Organisation], may_serve_all: bool = False) -> None:
        super().__init__(data)
        self.fields["organisation"] = office_field(offices, may_serve_all=may_serve_all)
        self.order_fields(self.field_order)
        self.initial.setdefault("organisation", offices[0] if offices else None)


class OfficeField(PlaceField):
    """An office, by its name alone."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def office_field(offices: Sequence[Organisation], *, may_serve_all: bool) -> OfficeField:
    """Return the choice of whose a framework is; none stands for all offices, where that is allowed."""
    return OfficeField(
        label=_("Office"),
        queryset=Organisation.objects.filter(pk__in=[one.pk for one in offices]),
        required=not may_serve_all,
        empty_label=_("All offices") if may_serve_all else None,
    )


class AddIndicatorForm(forms.Form):
    """A new indicator: its number and title; the template asks the rest."""

    code = CodeField(label=_("No."), max_length=80)
    title = TextField(label=_("Indicator"), max_length=1000, widget=lines(2))
    parent = forms.ModelChoiceField(
        label=_("Sub-indicator of"), queryset=Indicator.objects.none(), required=False, empty_label=_("None")
    )
    dimension = forms.ChoiceField(label=_("Dimension"), required=False)

    def __init__(self, data: Any = None, *, draft: Framework) -> None:
        super().__init__(data)
        self.fields["parent"].queryset = draft.indicators.in_order()  # type: ignore[attr-defined]
        choices = [(one["code"], one["title"]) for one in draft.header.get("dimensions", [])]
        self.fields["dimension"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]


def _start(header: Mapping[str, Any]) -> dict[str, Any]:
    scale = " ".join(map(str, header.get("scale", USUAL.split())))
    start = {"total_weight": None, "round": str(header.get("round", ""))} | {**header, "scale": scale}
    return start | {"grades_on": HIGHEST if header.get("grades_on", "100") != "100" else ""}


def _rows(rows: Sequence[Any], *, letter: str) -> Iterator[dict[str, Any]]:
    """Yield what the rows say, each with a code of its own where none was typed."""
    taken = {row.cleaned_data["code"] for row in rows}
    free = (code for number in range(1, len(rows) * 2 + 1) if (code := f"{letter}{number}") not in taken)
    for row in rows:
        data = row.cleaned_data
        data["code"] = data["code"] or next(free)
        yield {**words(data, "code", "parent", "title"), **figures(data, "weight")}
