"""The KPI template of a framework's indicator, every kind of measure and criteria on one page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

import scoring
from agreements import thai
from agreements.explain import explain_fault
from agreements.forms.fields import NumberField, TextField, WholeNumberField, lines, plain_lines
from agreements.forms.indicators import MOST_WEIGHT
from agreements.forms.template_further import FurtherForm
from agreements.forms.template_kinds import not_asked
from agreements.forms.template_rows import figures, filled, words
from agreements.forms.template_tables import TITLES, tables

MEASURES = [
    ("direct", _("Entered directly")),
    ("formula", _("Calculated from named variables")),
    ("mean", _("Mean of several values")),
    ("checklist", _("Checklist: points of items, less those of faults")),
]
NOT_KNOWN = {"…", "-"}
#: The keys that the form writes; every other key of a definition stays as it is.
MANAGED = {
    "code", "title", "dimension", "weight", "measure", "criteria", "lateness", "baseline", "evidence",
    "positions", "rounds", "scored", "assigned_units", "children", "children_at_least", "report", "targets",
}  # fmt: skip


class TemplateForm(FurtherForm):
    """Everything about one indicator; its tables are formsets in `tables`."""

    PLAIN = (*FurtherForm.PLAIN, "contact", "note", "target")
    field_order = ("code", "title", "dimension", "unit", "weight", "target")

    code = TextField(label=_("No."), max_length=80, help_text=_("As printed, without spaces: 2 or 1.1 or 2.3(8)."))
    dimension = forms.ChoiceField(label=_("Dimension"), required=False)
    weight = NumberField(label=_("Weight"), required=False, least=Decimal(0), most=MOST_WEIGHT)
    target = TextField(label=_("Target"), required=False, max_length=200)
    scored = forms.BooleanField(label=_("It counts towards the total"), required=False, initial=True)
    measure = forms.ChoiceField(label=_("How the value is found"), choices=MEASURES)
    expression = TextField(
        label=_("Formula"),
        required=False,
        max_length=500,
        help_text=_("With the short names of the variables and + − × ÷ ( ), for example: A ÷ B × 100."),
    )
    late_items = WholeNumberField(
        label=_("Points are per data type that is late, of (number)"), required=False, least=Decimal(1)
    )
    assigned_units = forms.MultipleChoiceField(label=_("Given to"), required=False, widget=forms.CheckboxSelectMultiple)
    positions = TextField(
        label=_("Suits the positions"), required=False, widget=lines(2), help_text=_("One position in a line.")
    )
    rounds = forms.MultipleChoiceField(
        label=_("Suits the rounds"),
        required=False,
        choices=[("1", _("Round 1")), ("2", _("Round 2"))],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: both."),
    )
    contact = TextField(label=_("Contact"), required=False, max_length=300, help_text=_("A position or an office."))
    note = TextField(label=_("Note"), required=False, widget=lines(2))

    def __init__(
        self,
        data: Any = None,
        *,
        definition: Mapping[str, Any],
        header: Mapping[str, Any],
        defaults: scoring.Defaults,
        is_composite: bool = False,
        taken: Collection[str] = (),
    ) -> None:
        self.defaults, self.is_composite, self.taken = defaults, is_composite, taken
        self.kept_definition = definition
        levels = defaults.scale.levels
        super().__init__(data, fiscal_year=header.get("fiscal_year"), definition=definition, levels=levels)
        self._offer("dimension", header.get("dimensions", []), blank=True)
        self._offer("assigned_units", header.get("units", []))
        self.tables = tables(data, self._start_tables(definition), levels)

    def _offer(self, name: str, entries: Sequence[Mapping[str, str]], *, blank: bool = False) -> None:
        choices = [(entry["code"], entry["title"]) for entry in entries]
        self.fields[name].choices = [("", "–"), *choices] if blank else choices  # type: ignore[attr-defined]

    # --- Out of a definition -------------------------------------------------------------------------------------
    def _start(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        start = super()._start(definition)
        criteria, measure = definition.get("criteria") or {}, definition.get("measure") or {}
        start |= {"code": definition["code"], "dimension": definition.get("dimension", "")}
        start |= {"scored": definition.get("scored", True), "measure": measure.get("kind", "direct")}
        start["expression"] = measure.get("expression", "")
        if not criteria:
            start["kind"] = "parties" if "children" in definition else "open"
        start |= {"below_level_1": criteria.get("below_level_1", ""), "faults_open": criteria.get("faults_open", False)}
        start |= {f"base_{name}": value for name, value in (criteria.get("base") or {}).items()}
        start["late_items"] = (definition.get("lateness") or {}).get("items")
        start["assigned_units"] = definition.get("assigned_units", [])
        start["positions"] = "\n".join(definition.get("positions", []))
        start["rounds"] = [str(number) for number in definition.get("rounds", [])]
        baseline = {name: value for name, value in start.items() if name.startswith("baseline_") and value in NOT_KNOWN}
        return start | dict.fromkeys(baseline, "")

    def _start_tables(self, definition: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
        criteria, measure = definition.get("criteria") or {}, definition.get("measure") or {}
        variables = [{"name": name, **says} for name, says in (measure.get("variables") or {}).items()]
        parts = [
            {"step": step["level"], **part} for step in criteria.get("steps", []) for part in step.get("parts", [])
        ]
        classes = [
            {key: value for key, value in one.items() if key != "levels"}
            | {f"level_{level}": value for level, value in one.get("levels", {}).items()}
            for one in criteria.get("classes", [])
        ]
        faults = [one | {"items": " ".join(one.get("items", []))} for one in measure.get("faults", [])]
        return {
            "targets": self.start_targets(definition),
            "variables": variables,
            "parts": parts,
            "penalties": list(criteria.get("faults", [])),
            "classes": classes,
            "items": list(measure.get("items", [])),
            "item_faults": faults,
        }

    # --- Into a definition ---------------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        """Return whether the template is an indicator by the rules."""
        return super().is_valid() and all(table.is_valid() for table in self.tables_in_use)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code in self.taken:
            raise ValidationError(_("There is an indicator %(code)s already."), code="taken", params={"code": code})
        return code

    def clean(self) -> dict[str, Any]:
        data = forms.Form.clean(self) or self.cleaned_data
        self._pass_over_what_is_not_asked()
        rows_hold = [table.is_valid() for table in self.tables_in_use]
        if self.errors or not all(rows_hold):
            return data
        checked = self.definition()
        if self.is_composite:
            checked = checked | {"criteria": {"kind": "open"}}
        try:
            scoring.read_indicator(checked, defaults=self.defaults)
        except scoring.Refused as refusal:
            for fault in refusal.faults:
                form, name = self._field_for(fault.place)
                form.add_error(name, explain_fault(replace(fault, place="")))
        return data

    def _pass_over_what_is_not_asked(self) -> None:
        """Take the faults of fields that the chosen kind does not show: nobody could find or mend them there."""
        for name in self.not_asked & set(self.errors):
            del self.errors[name]
            self.cleaned_data[name] = self.fields[name].to_python("")

    def _field_for(self, place: str) -> tuple[forms.Form, str | None]:
        """Return the form and field that the longest known beginning of `place` was typed in."""
        fixed = {name: (self, name) for name in ("code", "title", "unit", "weight", "dimension", "kind")}
        fixed |= {f"lateness.{name}": (self, name) for name in ("due", "per_working_day", "cutoff")}
        fixed |= {"report.due_day": (self, "report_due_day"), "report": (self, "report_frequency")}
        fixed |= {
            "children_at_least": (self, "children_at_least"),
            "targets": (self.tables["targets"].forms[0], "period"),
        }
        fixed |= {"lateness.items": (self, "late_items"), "lateness": (self, "due"), "criteria": (self, "kind")}
        fixed |= {"measure": (self, "measure"), "measure.expression": (self, "expression")}
        known = fixed | self.places
        found = max((one for one in known if place.startswith(one)), key=len, default=None)
        return known[found] if found else (self, None)

    def definition(self) -> dict[str, Any]:
        """Return the indicator in the shape of framework-format.md; what the form does not ask stays as it was."""
        data = self.cleaned_data
        managed = MANAGED | {"title", *self.PLAIN, *self.FURTHER}
        found = {key: value for key, value in self.kept.items() if key not in managed} | super().definition()
        found |= words(data, "code", "dimension") | self._further()
        if not data["scored"]:
            found["scored"] = False
        if data["assigned_units"]:
            found["assigned_units"] = data["assigned_units"]
        if positions := [line.strip() for line in data["positions"].splitlines() if line.strip()]:
            found["positions"] = positions
        if data["rounds"]:
            found["rounds"] = [int(number) for number in data["rounds"]]
        if self.is_composite:
            del found["criteria"]
        elif data["kind"] == "parties":
            del found["criteria"]
            found["children"] = []
        elif data["measure"] != "direct":
            found["measure"] = self._measure()
        return found

    def _measure(self) -> dict[str, Any]:
        kind = self.cleaned_data["measure"]
        if kind == "formula":
            expression = thai.to_arabic_digits(self.cleaned_data["expression"])
            return {"kind": kind, "expression": expression, "variables": dict(self._variables())}
        if kind == "checklist":
            items = [
                {**words(row.cleaned_data, "code", "title"), **figures(row.cleaned_data, "points")}
                for row in self._numbered("items", "measure.items")
            ]
            faults = [self._item_fault(row) for row in self._numbered("item_faults", "measure.faults", letter="f")]
            return {"kind": kind, "items": items} | ({"faults": faults} if faults else {})
        return {"kind": kind}

    def _item_fault(self, row: forms.Form) -> dict[str, Any]:
        data = row.cleaned_data
        items = data["items"].replace(",", " ").split()
        said = {**words(data, "code", "title"), **figures(data, "points")}
        return said | ({"items": items} if items else {})

    def _variables(self) -> Iterator[tuple[str, dict[str, Any]]]:
        rows = list(filled(self.tables["variables"]))
        free = (
            letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in [r.cleaned_data["name"] for r in rows]
        )
        for row in rows:
            name = row.cleaned_data["name"] or next(free, "")
            self.places[f"measure.variables.{name}"] = (row, "name")
            yield name, words(row.cleaned_data, "label", "unit") | self._bound(name)

    def _bound(self, name: str) -> dict[str, Any]:
        """Return where the value of a variable is taken from, as a file said it: this form does not ask for it."""
        kept = (self.kept_definition.get("measure") or {}).get("variables") or {}
        return {"bind": kept[name]["bind"]} if "bind" in kept.get(name, {}) else {}

    def _lateness(self) -> dict[str, Any]:
        items = self.cleaned_data["late_items"]
        said = super()._lateness() | ({"items": int(items)} if items is not None else {})
        form = (self.kept_definition.get("lateness") or {}).get("arrival_of")
        return said | ({"arrival_of": form} if form and said else {})

    def _baseline(self) -> dict[str, Any]:
        """Return the three years typed, with the other years and the blanks that the definition had."""
        before = self.kept.get("baseline") or {}
        found = super()._baseline() if self.baseline_years else {}
        kept = {row["year"]: row.get("value") for row in before.get("years", [])}
        typed = {row["year"]: row["value"] for row in found.get("years", [])}
        for year, value in kept.items():
            if year not in typed or (typed[year] is None and value in NOT_KNOWN):
                typed[year] = value
        years = {year: value for year, value in typed.items() if value is not None or year in kept}
        label = words(self.cleaned_data, "baseline_label")
        if not years and not label:
            return {}
        unit = self.cleaned_data["baseline_unit"] or self.cleaned_data["unit"]
        rows = [{"year": year, **({} if years[year] is None else {"value": years[year]})} for year in sorted(years)]
        return (
            ({"label": label["baseline_label"]} if label else {})
            | ({"unit": unit} if unit else {})
            | ({"years": rows} if rows else {})
        )

    # --- As laid out ---------------------------------------------------------------------------------------------
    @property
    def not_asked(self) -> set[str]:
        """The fields and tables of the kinds of criteria and measure that are not chosen."""
        kind = "" if self.is_composite else str(self["kind"].value())
        measure = "" if self.is_composite else str(self["measure"].value())
        below = str(self["below_level_1"].value())
        return not_asked(self.levels, kind=kind, measure=measure, below=below)

    @property
    def tables_in_use(self) -> list[Any]:
        """The tables that the chosen kind of criteria and measure shows."""
        return [table for prefix, table in self.tables.items() if prefix not in self.not_asked]

    @property
    def named_variables(self) -> list[tuple[str, str]]:
        """The variables typed so far, each by its short name and what it is."""
        rows = [(row["name"].value() or "", row["label"].value() or "") for row in self.tables["variables"].forms]
        free = free_letters(name for name, _label in rows)
        return [(name or next(free, ""), label) for name, label in rows if name or label]

    @property
    def has_errors(self) -> bool:
        """Whether anything typed keeps the template from being a definition."""
        return self.is_bound and not self.is_valid()


def free_letters(taken: Iterable[str]) -> Iterator[str]:
    """Yield the short names for variables that have none."""
    used = set(taken)
    return (letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in used)


# --- As typed --------------------------------------------------------------------------------------------------------
def typed_of(form: TemplateForm) -> dict[str, list[str]]:
    """Return what stands in the fields of the template and its tables, by the names under which it is sent."""
    found = _values(form)
    for table in form.tables.values():
        found |= _values(table.management_form)
        for row in table.forms:
            found |= _values(row)
    return found


def labels_of(form: TemplateForm) -> dict[str, str]:
    """Return what each field is called, those of tables with their table and row."""
    found = {field.html_name: str(field.label) for field in form}
    for prefix, table in form.tables.items():
        for number, row in enumerate(table.forms, start=1):
            place = {"table": TITLES[prefix], "number": number}
            for field in row:
                said = place | {"field": field.label}
                found[field.html_name] = _("%(table)s, row %(number)s: %(field)s") % said
    return found


def _values(form: forms.Form) -> dict[str, list[str]]:
    return {field.html_name: _texts(field) for field in form}


def _texts(field: forms.BoundField) -> list[str]:
    value = field.value()
    if isinstance(field.field.widget, forms.CheckboxInput):
        return ["on"] if field.field.widget.check_test(value) else []
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return ["" if value is None else plain_lines(str(value))]
