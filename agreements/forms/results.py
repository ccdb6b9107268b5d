"""The inputs that an indicator's measure and criteria ask for, as one form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements import thai
from agreements.forms.fields import BuddhistDateField, NumberField, TextField, WholeNumberField, lines

NOTHING_SHOWN = 0


class ResultForm(forms.Form):
    """What was achieved; its fields follow from the indicator's definition.

    Leaving every field empty means "not reported", which is not the same as zero.
    """

    def __init__(
        self, *args: Any, definition: Mapping[str, Any], inputs: Mapping[str, Any], note: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.definition = definition
        self.criteria: Mapping[str, Any] = definition.get("criteria") or {}
        self.measure: Mapping[str, Any] = definition.get("measure") or {"kind": "direct"}
        self.measured_fields: list[str] = []
        self.sources = inputs.get("from_below") if definition.get("from_below") else None
        self._add_measure_fields()
        self._add_lateness_fields()
        self._add_closing_fields()
        self._fill(inputs, note)

    # --- Fields --------------------------------------------------------------------------------------------------
    def _add(self, name: str, field: forms.Field) -> None:
        field.required = False
        self.fields[name] = field
        self.measured_fields.append(name)

    def _add_measure_fields(self) -> None:
        kind = self.criteria.get("kind")
        if kind == "rubric":
            self._add(
                "level",
                forms.TypedChoiceField(
                    label=_("Level reached"),
                    choices=self._levels(),
                    coerce=int,
                    empty_value=None,
                    widget=forms.RadioSelect,
                ),
            )
        elif kind == "milestones":
            self._add_milestone_fields()
        else:
            self._add_value_fields()

    def _levels(self) -> list[tuple[str, str]]:
        described = {int(level): text for level, text in self.criteria.get("levels", {}).items()}
        described.setdefault(NOTHING_SHOWN, str(_("Nothing shown")))
        return [(str(level), f"{level} · {described[level] or '–'}") for level in sorted(described)]

    def _add_milestone_fields(self) -> None:
        choices = [(code, label) for code, label, _part in steps_of(self.criteria)]
        self._add(
            "done",
            forms.MultipleChoiceField(
                label=_("Steps and parts that are complete"),
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
            ),
        )
        self._add("nothing_done", forms.BooleanField(label=_("No step is complete")))
        for fault in self.criteria.get("faults", []):
            self._add(
                f"fault_{fault['code']}",
                WholeNumberField(
                    label=fault["title"], least=Decimal(0), help_text=_("How many times; empty means none.")
                ),
            )

    def _add_value_fields(self) -> None:
        self._add_gathered_field()
        unit = self.definition.get("unit", "")
        if self.criteria.get("kind") == "classed" and "variable" not in self.criteria.get("base", {}):
            base = self.criteria["base"]
            self._add(
                "base",
                WholeNumberField(
                    label=labelled(base.get("label") or _("Base number"), base.get("unit", "")),
                    help_text=_("Chooses the class. 0: there is nothing to measure, and the indicator is cancelled."),
                    least=Decimal(0),
                ),
            )
        kind = self.measure.get("kind", "direct")
        if kind == "formula":
            for name, variable in variables_of(self.measure):
                self._add(
                    f"variable_{name}",
                    NumberField(label=labelled(variable.get("label") or name, variable.get("unit", ""))),
                )
        elif kind == "mean":
            self._add(
                "values",
                TextField(
                    label=labelled(_("Measured values"), unit),
                    widget=lines(3),
                    help_text=_("One in a line, or with spaces between them."),
                ),
            )
        else:
            self._add("value", NumberField(label=labelled(_("Measured value"), unit)))

    def _add_gathered_field(self) -> None:
        """Offer to keep what was gathered from those below, where it was; taking the tick away, a value is typed."""
        if self.sources:
            count = sum("left_out" not in one for one in self.sources)
            self._add(
                "gathered",
                forms.BooleanField(
                    label=_("Gathered from those below"),
                    help_text=_(
                        "From %(count)s sources, named in the trace. To type a figure instead, take the tick away."
                    )
                    % {"count": count},
                ),
            )

    def _add_lateness_fields(self) -> None:
        lateness = self.definition.get("lateness")
        if not lateness:
            return
        due = lateness.get("due")
        text = _("Due %(due)s.") % {"due": thai.format_date(date.fromisoformat(str(due)))} if due else ""
        self._add(
            "submitted_on",
            BuddhistDateField(
                label=_("Date sent"),
                help_text=text,
                widget=forms.TextInput(attrs={"placeholder": "20 มี.ค. 2556", "autocomplete": "off"}),
            ),
        )
        if lateness.get("items"):
            self._add(
                "late_items",
                WholeNumberField(
                    label=_("Number of data types sent late"),
                    least=Decimal(0),
                    most=Decimal(str(lateness["items"])),
                    help_text=_("Of %(items)s.") % {"items": lateness["items"]},
                ),
            )

    def _add_closing_fields(self) -> None:
        self.fields["cancelled"] = TextField(
            label=_("There is nothing to measure, because"),
            required=False,
            help_text=_(
                "Only where the indicator cannot be measured at all: it is cancelled and its weight leaves the total."
            ),
        )
        self.fields["note"] = TextField(label=_("What was done"), required=False, widget=lines(3))

    # --- Out of the kept inputs ----------------------------------------------------------------------------------
    def _fill(self, inputs: Mapping[str, Any], note: str) -> None:
        start: dict[str, Any] = {"note": note, "cancelled": inputs.get("cancelled", "")}
        start["gathered"] = bool(self.sources)
        for name in ("value", "base", "late_items", "level"):
            if name in inputs:
                start[name] = inputs[name]
        if "done" in inputs:
            start["done"] = inputs["done"]
            start["nothing_done"] = not inputs["done"]
        if "values" in inputs:
            start["values"] = "\n".join(str(value) for value in inputs["values"])
        if "submitted_on" in inputs:
            start["submitted_on"] = date.fromisoformat(str(inputs["submitted_on"]))
        start |= {f"variable_{name}": value for name, value in inputs.get("variables", {}).items()}
        start |= {f"fault_{code}": count for code, count in inputs.get("faults", {}).items()}
        self.initial = start

    # --- Into inputs ---------------------------------------------------------------------------------------------
    def clean_values(self) -> list[str]:
        text = self.cleaned_data["values"]
        try:
            return [thai.canonical_decimal(thai.parse_number(part)) for part in text.split()]
        except thai.NotANumber as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("done") and data.get("nothing_done"):
            self.add_error("nothing_done", _("Steps are ticked as complete. Take away one or the other."))
        if data.get("cancelled") and self._touched(data):
            self.add_error("cancelled", _("Either give what was measured or cancel the indicator, not both."))
        elif not data.get("cancelled") and self._touched(data):
            for name in self._missing(data):
                self.add_error(name, _("Fill this in as well, or empty the other fields."))
        if data.get("gathered") and any(_is_filled(data.get(name)) for name in self._typed_names()):
            self.add_error("gathered", _("Either keep what was gathered or type a figure, not both."))
        return data

    def _touched(self, data: Mapping[str, Any]) -> bool:
        return any(_is_filled(data.get(name)) for name in self.measured_fields)

    def _typed_names(self) -> list[str]:
        return [name for name in self.measured_fields if name in ("value", "values") or name.startswith("variable_")]

    def _missing(self, data: Mapping[str, Any]) -> Iterator[str]:
        optional = {"done", "nothing_done", "late_items", "gathered"}
        if data.get("gathered"):
            optional |= set(self._typed_names())
        for name in self.measured_fields:
            filled = _is_filled(data.get(name)) or name in self.errors
            if name in optional or name.startswith("fault_") or filled:
                continue
            # With a base of 0 nothing else can be measured.
            if self._has_no_base(data):
                continue
            yield name
        unticked = not data.get("done") and not data.get("nothing_done")
        if "done" in self.fields and unticked and not {"done", "nothing_done"} & set(self.errors):
            yield "done"

    def _has_no_base(self, data: Mapping[str, Any]) -> bool:
        variable = self.criteria.get("base", {}).get("variable") if self.criteria.get("kind") == "classed" else None
        return data.get(f"variable_{variable}" if variable else "base") == 0

    def inputs(self) -> dict[str, Any]:
        """Return what was entered in the shape of a results file; empty where nothing was reported."""
        data = self.cleaned_data
        if data.get("cancelled"):
            return {"cancelled": data["cancelled"]}
        if not self._touched(data):
            return {}
        found: dict[str, Any] = {"from_below": self.sources} if data.get("gathered") else {}
        for name in ("value", "base", "late_items"):
            if data.get(name) is not None:
                found[name] = thai.canonical_decimal(data[name])
        if "late_items" in found:
            found["late_items"] = int(found["late_items"])
        if data.get("level") is not None:
            found["level"] = data["level"]
        if "done" in self.fields:
            found["done"] = list(data["done"])
        if data.get("values"):
            found["values"] = data["values"]
        if data.get("submitted_on"):
            found["submitted_on"] = data["submitted_on"].isoformat()
        variables = self._prefixed("variable_", data)
        if self._has_no_base(data):
            variables = {name: Decimal(0) for name in self.measure.get("variables", {})}
        if variables:
            found["variables"] = {name: thai.canonical_decimal(value) for name, value in variables.items()}
        faults = {code: int(count) for code, count in self._prefixed("fault_", data).items() if count}
        if faults:
            found["faults"] = faults
        return found

    def _prefixed(self, prefix: str, data: Mapping[str, Any]) -> dict[str, Decimal]:
        return {
            name.removeprefix(prefix): data[name]
            for name in self.measured_fields
            if name.startswith(prefix) and data.get(name) is not None
        }


def _is_filled(value: Any) -> bool:
    # Zero is a result, though Python holds 0 and False for equal.
    return value is not None and value is not False and value not in ("", [])


def steps_of(criteria: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield (code, label, whether it is a part) for each step and part to tick, in order.

    A step with a part that must be done is reached through its parts, so it is not ticked itself.
    """
    for step in criteria.get("steps", []):
        parts = step.get("parts") or []
        number = str(step["level"])
        if all("deduction" in part for part in parts):
            yield number, f"{number} · {step.get('title', '')}", False
        for part in parts:
            yield str(part["code"]), f"{part['code']} · {part.get('title', '')}", True


def variables_of(measure: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the variables of a formula in the order in which it uses them; PostgreSQL keeps no order of keys."""
    used = re.findall(r"\w+", str(measure.get("expression", "")))
    variables = measure.get("variables", {})
    return sorted(variables.items(), key=lambda pair: (used.index(pair[0]) if pair[0] in used else len(used), pair[0]))


def labelled(label: Any, unit: str) -> str:
    """Return `label` with its unit in brackets."""
    return f"{label} ({unit})" if unit else str(label)


class VerdictForm(forms.Form):
    """What the assessor makes of a result; the page lays its choices out by hand."""

    verdict = forms.ChoiceField(
        label=_("Your assessment"),
        required=False,
        choices=[
            ("accepted", _("Accept as reported")),
            ("corrected", _("Correct the inputs")),
            ("set", _("Set another score")),
        ],
    )


class CorrectionForm(ResultForm):
    """The assessor's inputs in place of those reported, with a reason."""

    def __init__(self, *args: Any, reason: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"]
        self.fields["reason"] = TextField(label=_("Reason for the correction"), widget=lines(2))
        self.initial["reason"] = reason


class SetScoreForm(forms.Form):
    """A score of the assessor's own, with a reason."""

    score = NumberField(label=_("Score"), least=Decimal(0), help_text=_("0 to 5, with two decimal places at the most."))
    reason = TextField(label=_("Reason for the different score"), widget=lines(2))


class ObservedForm(forms.Form):
    """The competency levels that the assessor found."""

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for row in self.rows:
            self.fields[f"observed_{row.order}"] = forms.TypedChoiceField(
                label=row.name,
                choices=[("", _("Choose")), *((str(level), str(level)) for level in range(6))],
                coerce=int,
                empty_value=None,
                required=False,
                initial=row.observed,
            )

    def observed(self) -> dict[int, int | None]:
        """Return the levels found, keyed by order."""
        return {row.order: self.cleaned_data[f"observed_{row.order}"] for row in self.rows}


class PlanRowForm(forms.Form):
    """One row of the development plan."""

    # What the row is due for, in words; the view fills it in.
    about = ""

    about_item = forms.UUIDField(required=False, widget=forms.HiddenInput)
    about_competency = forms.IntegerField(required=False, widget=forms.HiddenInput)
    need = TextField(label=_("Competency, knowledge or skill to develop"), widget=lines(2))
    method = TextField(label=_("How it is developed"), widget=lines(2))
    period = TextField(label=_("Period"), max_length=200)
    measure = TextField(label=_("How success is measured"), widget=lines(2))


PlanFormSet = forms.formset_factory(PlanRowForm, extra=0, can_delete=True)


class FullScoreForm(forms.Form):
    """Why the full 100 was given."""

    reason = TextField(label=_("Reason for the full 100"), widget=lines(2))
