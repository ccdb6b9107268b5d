"""Forms for agreeing: terms of the items, indicators of one's own, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from agreements.models import AgreedCompetency, Item, Signature
from agreements.services.agreements import Terms

MOST_WEIGHT = Decimal(100)


class TermsForm(forms.Form):
    """The goals and weights of all items of a draft, on one page."""

    def __init__(self, *args: Any, items: Iterable[Item], parents: set[int | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(items)
        for item in self.rows:
            self.fields[f"goal_{item.pk}"] = TextField(
                label=_("Goal or expected achievement"), required=False, initial=item.goal, widget=lines(2)
            )
            if item.pk not in parents:
                self.fields[f"weight_{item.pk}"] = NumberField(
                    label=_("Weight"), required=False, initial=item.weight, least=Decimal(0), most=MOST_WEIGHT
                )

    def terms(self) -> dict[int, Terms]:
        """Return the goal and weight of each item, keyed by item."""
        return {
            item.pk: Terms(goal=self.cleaned_data[f"goal_{item.pk}"], weight=self.cleaned_data.get(f"weight_{item.pk}"))
            for item in self.rows
        }


class CompetenciesForm(forms.Form):
    """The names of the line-of-work competencies and the expected levels."""

    def __init__(self, *args: Any, rows: Iterable[AgreedCompetency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for row in self.rows:
            if row.kind == "line":
                self.fields[f"name_{row.order}"] = TextField(
                    label=_("Competency"), required=False, max_length=255, initial=row.name
                )
            self.fields[f"expected_{row.order}"] = forms.TypedChoiceField(
                label=_("Expected level"),
                choices=[(str(level), str(level)) for level in range(1, 6)],
                coerce=int,
                initial=row.expected,
            )

    def names(self) -> dict[int, str]:
        """Return the names of the line-of-work competencies, keyed by order."""
        return {row.order: self.cleaned_data[f"name_{row.order}"] for row in self.rows if row.kind == "line"}

    def expected(self) -> dict[int, int]:
        """Return the expected levels, keyed by order."""
        return {row.order: self.cleaned_data[f"expected_{row.order}"] for row in self.rows}


class ReasonForm(forms.Form):
    """A reason to send something back."""

    reason = TextField(
        label=_("Reason"),
        widget=lines(4),
        help_text=_("Say which indicator it concerns and what should be different."),
    )


class ReviewForm(forms.Form):
    """Whether the superior agrees with the result."""

    decision = forms.ChoiceField(
        label=_("Opinion on the result"),
        choices=[
            (Signature.Decision.AGREES.value, _("I agree with the result above")),
            (Signature.Decision.DIFFERS.value, _("I differ, as follows")),
        ],
        widget=forms.RadioSelect,
    )
    comment = TextField(label=_("In words"), required=False, widget=lines(3))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == Signature.Decision.DIFFERS and not data.get("comment"):
            self.add_error("comment", _("Say in words how you differ."))
        return data


KINDS = [
    ("thresholds", _("Five numbers: more (or less) is better")),
    ("rubric", _("Described levels, one of which is picked")),
    ("milestones", _("Steps, done one after the other")),
]
LEVELS = range(1, 6)


class OwnIndicatorForm(forms.Form):
    """An indicator of the assessee's own: the KPI template in short."""

    title = TextField(label=_("Indicator"), widget=lines(2), max_length=1000)
    goal = TextField(label=_("Goal or expected achievement"), required=False, widget=lines(2))
    unit = TextField(label=_("Unit of measure"), required=False, max_length=60)
    weight = NumberField(
        label=_("Weight"), least=Decimal(0), most=MOST_WEIGHT, help_text=_("Per cent of the agreement.")
    )
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

    def __init__(
        self, *args: Any, fiscal_year: int, definition: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fiscal_year = fiscal_year
        self.baseline_years = [fiscal_year - back for back in (3, 2, 1)]
        for level in LEVELS:
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
        plain = ("title", "unit", "weight", "description", "formula_text", "conditions", "reason", "owner", "collector")
        start: dict[str, Any] = {name: definition.get(name, "") for name in plain}
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
        found: dict[str, Any] = {"title": data["title"], "weight": thai.canonical_decimal(data["weight"])}
        plain = ("unit", "description", "formula_text", "conditions", "reason", "owner", "collector")
        found |= {name: data[name] for name in plain if data[name]}
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
                for level in LEVELS
                if data.get(f"level_{level}") is not None
            }
            extra = {"between": "step"} if data["between"] == "step" else {}
            return {"kind": "thresholds", "levels": levels} | extra
        texts = {level: data[f"text_{level}"] for level in LEVELS if data.get(f"text_{level}")}
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
        return [self[f"level_{level}"] for level in LEVELS]

    @property
    def text_rows(self) -> list[Any]:
        """The text fields of the five levels or steps."""
        return [self[f"text_{level}"] for level in LEVELS]

    @property
    def baseline_rows(self) -> list[Any]:
        """The fields of the three past years."""
        return [self[f"baseline_{year}"] for year in self.baseline_years]


def _day(value: Any) -> Any:
    return date.fromisoformat(str(value)) if value else None
