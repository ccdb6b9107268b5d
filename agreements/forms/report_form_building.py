"""Building a report form by fields, for whoever writes no YAML: out of a document into fields, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements.exchange import report_forms
from agreements.forms.fields import BuddhistDateField, TextField, WholeNumberField, lines
from agreements.forms.report_form_rows import (
    CheckRow,
    ColumnNames,
    ColumnRow,
    RatioRow,
    codes_for,
    filled_lines,
)
from agreements.forms.template_rows import filled, words
from agreements.models import Organisation
from agreements.services.report_form_words import PERIODS, ROWS

# More than any paper has.
MOST_TABLES = 40
_ROW_KINDS: Mapping[str, str | Promise] = {"fixed": gettext_lazy("Fixed rows, named below"), **ROWS}
_PARTS: Sequence[tuple[str, type[forms.Form], str | Promise, int]] = (
    ("columns", ColumnRow, gettext_lazy("Columns"), 3),
    ("checks", CheckRow, gettext_lazy("Checks"), 1),
    ("ratios", RatioRow, gettext_lazy("Percentages"), 1),
)
_PLACE = re.compile(r"([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*): (.+)", re.DOTALL)
_WITHIN = re.compile(r"tables\[(\d+)\](?:\.([a-z_]+)(?:\[(\d+)\])?(?:\.([a-z_]+))?)?")
# The field at which a fault of the document is said, where it is called otherwise.
_FIELDS = {
    "due": "day",
    "due.day": "day",
    "due.months_after": "months_after",
    "due.closes": "closes",
    "due.closes_after": "closes_after",
    "due.sums_after": "sums_after",
    "reported_by": "kinds",
    "reported_by.kinds": "kinds",
    "reported_by.units": "units",
    "reported_by.from": "begins",
    "reported_by.until": "ends",
}


class TableForm(forms.Form):
    """A table; its columns, checks and percentages are formsets in `parts`."""

    title = TextField(label=gettext_lazy("Title of the table"), required=False, widget=lines(1))
    code = TextField(
        label=gettext_lazy("Code"), required=False, help_text=gettext_lazy("Left empty: made from its place.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Its rows"), choices=list(_ROW_KINDS.items()), initial="fixed")
    heading = TextField(label=gettext_lazy("Heading over the rows"), required=False)
    titles = TextField(
        label=gettext_lazy("Names of the fixed rows"),
        required=False,
        widget=lines(4),
        help_text=gettext_lazy("One row in a line."),
    )

    def __init__(self, data: Any = None, *, number: int = 0, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.number = number
        self.parts: dict[str, Any] = {}
        for name, row, title, empty in _PARTS:
            rows = (self.initial or {}).get(name, [])
            made: Any = forms.formset_factory(row, extra=1 if rows else empty)(
                data, initial=rows if data is None else None, prefix=f"{self.prefix}-{name}"
            )
            made.title = _("Table %(number)s, %(part)s") % {"number": number, "part": title}
            self.parts[name] = made

    def has_changed(self) -> bool:
        """Return that it has: one that is empty is left out by `is_blank`, which looks at its rows, too."""
        return True

    def is_valid(self) -> bool:
        """Return whether the table and all its rows hold."""
        return all([super().is_valid(), *(part.is_valid() for part in self.parts.values())])

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into the table."""
        typed = any(self.cleaned_data.get(name) for name in ("title", "code", "heading", "titles"))
        return not self.errors and not typed and not any(list(filled(part)) for part in self.parts.values())

    def entry(self, code: str) -> dict[str, Any]:
        """Return the table as a document has it."""
        data = self.cleaned_data
        rows: dict[str, Any] = words(data, "kind", "heading")
        if titles := filled_lines(data["titles"]):
            rows["titles"] = titles
        typed = list(filled(self.parts["columns"]))
        codes = codes_for((row.cleaned_data["code"] for row in typed), "c")
        columns = [row.entry(one) for row, one in zip(typed, codes, strict=True)]
        names = ColumnNames(columns)
        found = {"code": code, **words(data, "title"), "rows": rows, "columns": columns}
        further = {
            "totals": [one for row, one in zip(typed, codes, strict=True) if row.cleaned_data["adds_up"]],
            "checks": [
                {
                    "add": [names.code(one) for one in filled_lines(row.cleaned_data["add"])],
                    "gives": names.code(row.cleaned_data["gives"]),
                }
                for row in filled(self.parts["checks"])
            ],
            "ratios": [
                {"title": one["title"], "of": names.code(one["of"]), "to": names.code(one["to"])}
                for one in (row.cleaned_data for row in filled(self.parts["ratios"]))
            ],
        }
        return found | {key: value for key, value in further.items() if value}

    def say(self, said: str, part: str, number: int, key: str) -> None:
        """Say what is wrong at the field that `part`, its `number` and `key` name."""
        if part in self.parts and number:
            row = list(filled(self.parts[part]))[number - 1]
            row.add_error(key if key in row.fields else next(iter(row.fields)), said)
        elif part == "totals":
            wrong = (row for row in filled(self.parts["columns"]) if row.cleaned_data.get("adds_up"))
            for row in wrong:
                if row.cleaned_data.get("type") not in report_forms.FIGURES and "adds_up" not in row.errors:
                    row.add_error("adds_up", _("Only numbers, counts and amounts of money are added up."))
        elif part == "rows":
            self.add_error(key if key in self.fields else "kind", said)
        else:
            names = {"columns": _("Columns"), "checks": _("Checks"), "ratios": _("Percentages")}
            place = f"{names[part]}: " if part in names else ""
            self.add_error(part if part in self.fields else None, f"{place}{said}")


class _Tables(forms.BaseFormSet[TableForm]):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"number": (index or 0) + 1}


class BuildForm(forms.Form):
    """What a report form asks for, field by field; its tables are a formset in `tables`."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Whose form a new code becomes"), queryset=Organisation.objects.none(), empty_label=None
    )
    title = TextField(label=gettext_lazy("Title of the form"), required=False, widget=lines(2))
    code = TextField(
        label=gettext_lazy("Code of the form"),
        required=False,
        help_text=gettext_lazy(
            "Small letters, digits and -, such as centres-monthly. An existing code gets its next version."
        ),
    )
    source = TextField(label=gettext_lazy("Source"), required=False, help_text=gettext_lazy("The paper it stands on."))
    indicator = TextField(label=gettext_lazy("Code of the indicator"), required=False)
    period = forms.ChoiceField(label=gettext_lazy("How often"), choices=list(PERIODS.items()), initial="month")
    day = WholeNumberField(
        label=gettext_lazy("Due on this day of the month"),
        required=False,
        help_text=gettext_lazy("In a shorter month its last day."),
    )
    months_after = WholeNumberField(
        label=gettext_lazy("Months after the period"),
        required=False,
        help_text=gettext_lazy("0: in its last month. 1: in the month after."),
    )
    date = BuddhistDateField(label=gettext_lazy("Or due once, on"), required=False)
    closes = BuddhistDateField(
        label=gettext_lazy("Closes on"), required=False, help_text=gettext_lazy("What comes later does not count.")
    )
    closes_after = WholeNumberField(
        label=gettext_lazy("Or closes so many working days after the due day"), required=False
    )
    sums_after = WholeNumberField(
        label=gettext_lazy("Working days more for the units above, which sum up"), required=False
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of units that report"),
        required=False,
        choices=[(kind, Organisation.Kind(kind).label) for kind in report_forms.UNIT_KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    units = TextField(
        label=gettext_lazy("Or single units, by their codes"),
        required=False,
        widget=lines(2),
        help_text=gettext_lazy("One code in a line."),
    )
    begins = BuddhistDateField(
        label=gettext_lazy("Reported from"),
        required=False,
        help_text=gettext_lazy("Buddhist Era, such as 1 ต.ค. 2568."),
    )
    ends = BuddhistDateField(label=gettext_lazy("Reported until"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        organisations: list[Organisation],
        begun: Mapping[str, Any] | None = None,
        owner: Organisation | None = None,
    ) -> None:
        super().__init__(data, initial=_fields_of(begun) if begun else None)
        self.document: dict[str, Any] = {}
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in organisations]).in_thai_order()
        field.initial = owner if owner in organisations else organisations[0]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
        tables = [_fields_of_table(table) for table in begun["tables"]] if begun else []
        factory = forms.formset_factory(
            TableForm, formset=_Tables, extra=0 if tables else 1, max_num=MOST_TABLES, absolute_max=MOST_TABLES
        )
        self.tables = factory(data, initial=tables if data is None else None, prefix="tables")

    @property
    def has_errors(self) -> bool:
        """Whether anything is said to be wrong on the page."""
        if not self.is_bound:
            return False
        rows = [part.total_error_count() for table in self.tables.forms for part in table.parts.values()]
        return bool(self.errors or self.tables.total_error_count() or any(rows))

    def is_valid(self) -> bool:
        """Return whether the fields hold, and the document made of them is a report form."""
        holds = all([super().is_valid(), self.tables.is_valid(), *(table.is_valid() for table in self.tables.forms)])
        if holds:
            self.document = self._build()
            self.refuse(report_forms.faults(self.document))
        return holds and not self.has_errors

    def refuse(self, faults: Iterable[str]) -> None:
        """Say each fault of the document at the field that it is about, else above all of them."""
        tables = self._filled_tables()
        for fault in faults:
            found = _PLACE.fullmatch(fault)
            place, said = found.groups() if found else ("", fault)
            within = _WITHIN.fullmatch(place)
            if within and 0 < int(within[1]) <= len(tables):
                tables[int(within[1]) - 1].say(said, within[2] or "", int(within[3] or 0), within[4] or "")
            elif place == "tables":
                self.add_error(None, _("Tables: %(said)s") % {"said": said})
            else:
                name = _FIELDS.get(place, place)
                self.add_error(name if name in self.fields else None, said)

    def _filled_tables(self) -> list[TableForm]:
        return [table for table in self.tables.forms if not table.is_blank]

    def _build(self) -> dict[str, Any]:
        data = self.cleaned_data
        due = _numbers(data, "day", "months_after", "closes_after", "sums_after") | _days(
            data, date="date", closes="closes"
        )
        asked: dict[str, Any] = {}
        if data["kinds"]:
            asked["kinds"] = data["kinds"]
        if units := filled_lines(data["units"]):
            asked["units"] = units
        found: dict[str, Any] = {
            "certified_by": "head",
            **words(data, "code", "title", "source", "indicator", "period"),
        }
        if due:
            found["due"] = due
        tables = self._filled_tables()
        codes = codes_for((table.cleaned_data["code"] for table in tables), "t")
        return found | {
            "reported_by": asked | _days(data, begins="from", ends="until"),
            "tables": [table.entry(code) for table, code in zip(tables, codes, strict=True)],
        }


def _numbers(data: Mapping[str, Any], *names: str) -> dict[str, int]:
    return {name: int(data[name]) for name in names if data[name] is not None}


def _days(data: Mapping[str, Any], **keys: str) -> dict[str, str]:
    return {key: data[name].isoformat() for name, key in keys.items() if data[name]}


def _fields_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the fields for `document`, as it is kept."""
    due, asked = document.get("due") or {}, document.get("reported_by") or {}
    days = {
        "date": due.get("date"),
        "closes": due.get("closes"),
        "begins": asked.get("from"),
        "ends": asked.get("until"),
    }
    return {
        **{key: document.get(key, "") for key in ("code", "title", "source", "indicator", "period")},
        **{key: due.get(key) for key in ("day", "months_after", "closes_after", "sums_after")},
        **{name: date.fromisoformat(day) if day else None for name, day in days.items()},
        "kinds": asked.get("kinds") or [],
        "units": "\n".join(asked.get("units") or []),
    }


def _fields_of_table(table: Mapping[str, Any]) -> dict[str, Any]:
    names, rows, totals = ColumnNames(table["columns"]), table["rows"], table.get("totals") or []
    return {
        "code": table["code"],
        "title": table["title"],
        "kind": rows["kind"],
        "heading": rows.get("heading", ""),
        "titles": "\n".join(rows.get("titles") or []),
        "columns": [
            {**one, "choices": "\n".join(map(str, one.get("choices") or [])), "adds_up": one["code"] in totals}
            for one in table["columns"]
        ],
        "checks": [
            {"add": "\n".join(map(names.shown, one["add"])), "gives": names.shown(one["gives"])}
            for one in table.get("checks") or []
        ],
        "ratios": [
            {"title": one["title"], "of": names.shown(one["of"]), "to": names.shown(one["to"])}
            for one in table.get("ratios") or []
        ],
    }
