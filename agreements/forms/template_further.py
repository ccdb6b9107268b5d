"""What a KPI template asks beside the usual: it is folded away, and what a framework file says there is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField, WholeNumberField, lines
from agreements.forms.template_criteria import CriteriaForm
from agreements.forms.template_rows import filled, words
from agreements.forms.template_targets import row_of

FREQUENCIES = [
    ("", _("Not said")),
    ("monthly", _("Each month")),
    ("quarterly", _("Each quarter")),
    ("round", _("Each round")),
]
FROM_BELOW = [
    ("", _("Not gathered: measured where it is agreed")),
    ("ratio", _("Sum of numerators over sum of denominators (a formula that is a ratio)")),
    ("sum", _("Sum")),
    ("weighted_mean", _("Mean weighted by the weights below")),
    ("worst", _("The worst value")),
    ("mean", _("Plain mean: counts a small unit as much as a large one")),
]
LABELLED = {"open", "even", "thresholds"}
LAST_DAY = Decimal(31)


class FurtherForm(CriteriaForm):
    """Targets of periods, reporting, wording of levels, who judges, and what the sub-indicators need."""

    #: The keys of a definition that it writes.
    FURTHER = ("work", "supports", "judged_by")

    work = TextField(
        label=_("Work"), required=False, widget=lines(2), help_text=_("The work that is offered as the agreement.")
    )
    supports = TextField(
        label=_("What it serves"),
        required=False,
        widget=lines(2),
        help_text=_("The indicator or aim above it; the printed framework marks it with a star."),
    )
    judged_by = TextField(
        label=_("Judged by"),
        required=False,
        max_length=200,
        help_text=_("Only where an office other than the assessor gives the score."),
    )
    judged_until = BuddhistDateField(
        label=_("Judged until"),
        required=False,
        help_text=_("The last day on which that office hands its judgement in. Empty: the day before assessing ends."),
    )
    from_below = forms.ChoiceField(
        label=_("Gathered from those below"),
        choices=FROM_BELOW,
        required=False,
        help_text=_("How the value comes from the agreements that this indicator is cascaded to."),
    )
    report_frequency = forms.ChoiceField(label=_("How often it is reported"), choices=FREQUENCIES, required=False)
    report_due_day = WholeNumberField(
        label=_("By which day of the month"), required=False, least=Decimal(1), most=LAST_DAY
    )
    children_at_least = WholeNumberField(
        label=_("Least number of sub-indicators"), required=False, least=Decimal(1), most=Decimal(99)
    )
    baseline_unit = TextField(label=_("Unit of the baseline data"), required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in self.levels:
            said = {"level": level}
            self.fields[f"label_{level}"] = TextField(
                label=_("Level %(level)s as printed") % said, required=False, max_length=200
            )
            self.fields[f"judge_{level}"] = TextField(
                label=_("Step %(level)s is judged by") % said, required=False, max_length=200
            )

    # --- Out of a definition -------------------------------------------------------------------------------------
    def _start(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        start = super()._start(definition) | {name: definition.get(name, "") for name in self.FURTHER}
        report, criteria = definition.get("report") or {}, definition.get("criteria") or {}
        start |= {"report_frequency": report.get("frequency", ""), "report_due_day": report.get("due_day")}
        until = definition.get("judged_until")
        start["judged_until"] = date.fromisoformat(str(until)) if until else None
        start["from_below"] = (definition.get("from_below") or {}).get("how", "")
        start["children_at_least"] = definition.get("children_at_least")
        start["baseline_unit"] = (definition.get("baseline") or {}).get("unit", "")
        start |= {f"label_{level}": label for level, label in criteria.get("labels", {}).items()}
        steps = criteria.get("steps", [])
        return start | {f"judge_{step['level']}": step.get("judged_by", "") for step in steps}

    def start_targets(self, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what the rows of the targets begin with."""
        return [row_of(target) for target in definition.get("targets", [])]

    # --- Into a definition ---------------------------------------------------------------------------------------
    def _further(self) -> dict[str, Any]:
        data = self.cleaned_data
        found: dict[str, Any] = words(data, *self.FURTHER)
        if targets := list(self._targets()):
            found["targets"] = targets
        if data["report_frequency"]:
            day = data["report_due_day"]
            found["report"] = {"frequency": data["report_frequency"]} | ({"due_day": int(day)} if day else {})
        if data["judged_until"]:
            found["judged_until"] = data["judged_until"].isoformat()
        if data["from_below"]:
            found["from_below"] = {"how": data["from_below"]}
        if data["children_at_least"] is not None:
            found["children_at_least"] = int(data["children_at_least"])
        return found

    def _targets(self) -> Iterator[dict[str, Any]]:
        for number, row in enumerate(filled(self.tables["targets"])):
            self.places |= {f"targets[{number}].{name}": (row, name) for name in ("period", "value", "text")}
            self.places[f"targets[{number}].period.from"] = (row, "first")
            self.places[f"targets[{number}].period.to"] = (row, "last")
            yield row.target()

    def _criteria(self) -> dict[str, Any]:
        found, kind = super()._criteria(), self.cleaned_data["kind"]
        if kind not in LABELLED:
            return found
        # Only a file can word level 0.
        before = (self.kept.get("criteria") or {}).get("labels", {})
        labels: dict[Any, str] = {0: before["0"]} if "0" in before else {}
        for level in self.levels:
            self.places[f"criteria.labels.{level}"] = (self, f"label_{level}")
            labels |= {level: text} if (text := self.cleaned_data[f"label_{level}"]) else {}
        return found | ({"labels": labels} if labels else {})

    def clean_report_due_day(self) -> Decimal | None:
        """Refuse a day that nothing is reported by.

        :raises ValidationError: if it is not said how often it is reported.
        """
        day: Decimal | None = self.cleaned_data["report_due_day"]
        if day is not None and not self.cleaned_data.get("report_frequency"):
            raise forms.ValidationError(_("Say first how often it is reported."), code="frequency")
        return day

    # --- As laid out ---------------------------------------------------------------------------------------------
    @property
    def label_rows(self) -> list[Any]:
        """The wording of each level."""
        return [self[f"label_{level}"] for level in self.levels]

    @property
    def judge_rows(self) -> list[Any]:
        """Who judges each step."""
        return [self[f"judge_{level}"] for level in self.levels]

    @property
    def further_is_open(self) -> bool:
        """Whether something in the folded part has to be mended."""
        names = {
            *self.FURTHER,
            "judged_until",
            "from_below",
            "report_frequency",
            "report_due_day",
            "children_at_least",
            "baseline_unit",
        }
        names |= {f"{kind}_{level}" for kind in ("label", "judge") for level in self.levels}
        return bool(names & self.errors.keys()) or bool(self.tables["targets"].total_error_count())
