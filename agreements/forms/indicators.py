"""The KPI template: what an indicator is, typed in fields, and its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import scoring
from agreements import thai
from agreements.explain import explain_fault
from agreements.forms.fields import BuddhistDateField, NumberField, TextField, lines

MOST_WEIGHT = Decimal(100)
KINDS = [
    ("thresholds", _("Five numbers: more (or less) is better")),
    ("rubric", _("Described levels, one of which is picked")),
    ("milestones", _("Steps, done one after the other")),
]
LEVELS = range(1, 6)


class IndicatorForm(forms.Form):
    """What every KPI template asks: criteria of three kinds on levels, lateness, explanation, baseline."""

    title = TextField(label=_("Indicator"), widget=lines(2), max_length=1000)
    unit = TextField(label=_("Unit of measure"), required=False, max_length=60)
    description = TextField(label=_("Description"), required=False, widget=lines(3))
    formula_text = TextField(
        label=_("How it is calculated"),
        required=False,
        widget=lines(2),
        help_text=_("In words, for example: number sent in time ÷ number of all × 100."),
    )
    kind = forms.ChoiceField(label=_("Criteria"), choices=KINDS)
    between = forms.ChoiceField(
        label=_("Between two levels"),
        choices=[("interpolate", _("In proportion")), ("step", _("The lower level counts"))],
        required=False,
    )
    due = BuddhistDateField(label=_("Due"), required=False)
    per_working_day = NumberField(
        label=_("Points off a working day late"), required=False, least=Decimal(0), most=Decimal(5)
    )
    cutoff = BuddhistDateField(label=_("Not counted after"), required=False)
    conditions = TextField(label=_("Conditions"), required=False, widget=lines(2))
    reason = TextField(label=_("Why it matters"), required=False, widget=lines(2))
    evidence = TextField(
        label=_("Evidence"), required=False, widget=lines(3), help_text=_("One kind of evidence in a line.")
    )
    owner = TextField(label=_("Owner"), required=False, max_length=200, help_text=_("A position, not a person's name."))
    collector = TextField(label=_("Collector of the data"), required=False, max_length=200)
    baseline_label = TextField(label=_("Baseline data"), required=False, max_length=300)

    #: The keys of a definition that are typed as they stand there.
    PLAIN: tuple[str, ...] = ("unit", "description", "formula_text", "conditions", "reason", "owner", "collector")

    def __init__(
        self,
        *args: Any,
        fiscal_year: int | None,
        definition: Mapping[str, Any] | None = None,
        levels: Sequence[int] = LEVELS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.levels = levels
        past = {fiscal_year - back for back in (3, 2, 1)} if fiscal_year else set()
        given = ((definition or {}).get("baseline") or {}).get("years", [])
        self.baseline_years = sorted(past | {int(row["year"]) for row in given})
        for level in levels:
            self.fields[f"level_{level}"] = NumberField(label=_("Level %(level)s") % {"level": level}, required=False)
            self.fields[f"text_{level}"] = TextField(
                label=_("Level %(level)s") % {"level": level}, required=False, widget=lines(2)
            )
        for year in self.baseline_years:
            self.fields[f"baseline_{year}"] = NumberField(label=str(year), required=False)
        if definition:
            self.initial = self._start(definition) | dict(self.initial)

    # --- Out of a definition -------------------------------------------------------------------------------------
    def _start(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        start: dict[str, Any] = {name: definition.get(name, "") for name in ("title", "weight", *self.PLAIN)}
        criteria = definition.get("criteria") or {}
        lateness = definition.get("lateness") or {}
        start |= {"kind": criteria.get("kind", "thresholds"), "between": criteria.get("between", "interpolate")}
        start["evidence"] = "\n".join(definition.get("evidence", []))
        start |= {name: _day(lateness.get(name)) for name in ("due", "cutoff")}
        start["per_working_day"] = lateness.get("per_working_day")
        start |= self._start_levels(criteria)
        baseline = definition.get("baseline") or {}
        start["baseline_label"] = baseline.get("label", "")
        start |= {f"baseline_{row['year']}": row.get("value") for row in baseline.get("years", [])}
        return start

    def _start_levels(self, criteria: Mapping[str, Any]) -> dict[str, Any]:
        if criteria.get("kind") == "milestones":
            return {f"text_{step['level']}": step.get("title", "") for step in criteria.get("steps", [])}
        prefix = "level" if criteria.get("kind") == "thresholds" else "text"
        return {f"{prefix}_{level}": value for level, value in criteria.get("levels", {}).items()}

    # --- Into a definition ---------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            scoring.read_indicator({"code": "P1", **self.definition()}, place="")
        except scoring.Refused as refusal:
            for fault in refusal.faults:
                # The field says where; a place in the document would say nothing to people.
                self.add_error(self._field_of(fault.place), explain_fault(replace(fault, place="")))
        return data

    def warnings(self) -> list[str]:
        """Return what is allowed but looks like a slip, in words."""
        indicator = scoring.read_indicator({"code": "P1", **self.definition()}, place="")
        return [explain_fault(replace(fault, place="")) for fault in scoring.warnings_of(indicator)]

    def _field_of(self, place: str) -> str | None:
        for name in ("lateness.due", "lateness.per_working_day", "lateness.cutoff"):
            if name in place:
                return name.rpartition(".")[2]
        return "kind" if "criteria" in place else None

    def definition(self) -> dict[str, Any]:
        """Return the indicator in the shape of framework-format.md, without its code."""
        data = self.cleaned_data
        found: dict[str, Any] = {"title": data["title"]}
        if data["weight"] is not None:
            found["weight"] = thai.canonical_decimal(data["weight"])
        found |= {name: data[name] for name in self.PLAIN if data[name]}
        evidence = [line.strip() for line in data["evidence"].splitlines() if line.strip()]
        if evidence:
            found["evidence"] = evidence
        found["criteria"] = self._criteria()
        lateness = self._lateness()
        if lateness:
            found["lateness"] = lateness
        baseline = self._baseline()
        if baseline:
            found["baseline"] = baseline
        return found

    def _criteria(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data["kind"] == "thresholds":
            levels = {
                level: thai.canonical_decimal(data[f"level_{level}"])
                for level in self.levels
                if data.get(f"level_{level}") is not None
            }
            extra = {"between": "step"} if data["between"] == "step" else {}
            return {"kind": "thresholds", "levels": levels} | extra
        texts = {level: data[f"text_{level}"] for level in self.levels if data.get(f"text_{level}")}
        if data["kind"] == "rubric":
            return {"kind": "rubric", "levels": texts}
        return {"kind": "milestones", "steps": [{"level": level, "title": text} for level, text in texts.items()]}

    def _lateness(self) -> dict[str, Any]:
        data = self.cleaned_data
        found = {name: data[name].isoformat() for name in ("due", "cutoff") if data[name]}
        if data["per_working_day"] is not None:
            found["per_working_day"] = thai.canonical_decimal(data["per_working_day"])
        return found

    def _baseline(self) -> dict[str, Any]:
        data = self.cleaned_data
        years = [
            {
                "year": year,
                "value": None if data[f"baseline_{year}"] is None else thai.canonical_decimal(data[f"baseline_{year}"]),
            }
            for year in self.baseline_years
        ]
        label = {"label": data["baseline_label"]} if data["baseline_label"] else {}
        if not label and all(row["value"] is None for row in years):
            return {}
        unit = {"unit": data["unit"]} if data["unit"] else {}
        return label | unit | {"years": years}

    @property
    def level_rows(self) -> list[Any]:
        """The number fields of the five levels."""
        return [self[f"level_{level}"] for level in self.levels]

    @property
    def text_rows(self) -> list[Any]:
        """The text fields of the five levels or steps."""
        return [self[f"text_{level}"] for level in self.levels]

    @property
    def baseline_rows(self) -> list[Any]:
        """The fields of the three past years."""
        return [self[f"baseline_{year}"] for year in self.baseline_years]


def _day(value: Any) -> Any:
    return date.fromisoformat(str(value)) if value else None
