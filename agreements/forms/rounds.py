"""Forms for a round: which one it is, and the rules that HR gives it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from agreements import thai
from agreements.forms.fields import BuddhistDateField, NumberField, TextField, WholeNumberField, lines
from agreements.forms.organisations import PlaceField
from agreements.models import CompetencySet, Organisation, PersonnelGroup, Posting, Round, User
from agreements.services import round_rules
from agreements.services.round_rules import GRADE_SETS, OFFICES, Rules

OWN = "own"
HUNDRED = Decimal(100)


class WhichRoundForm(forms.Form):
    """Which round of which fiscal year is made: the rest is filled in from it."""

    fiscal_year = WholeNumberField(label=_("Fiscal year"), least=Decimal(2500), most=Decimal(2700))
    number = forms.TypedChoiceField(label=_("Round"), choices=Round.Number.choices, coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Beside the round's own form, which has fields of the same names.
        super().__init__(*args, **{"auto_id": "which_%s"} | kwargs)


class RoundForm(forms.Form):
    """The rules of a round."""

    organisation = PlaceField(
        label=_("For the office"),
        queryset=Organisation.objects.none(),
        help_text=_("The round serves this office and all units below it."),
    )
    fiscal_year = WholeNumberField(label=_("Fiscal year"), least=Decimal(2500), most=Decimal(2700))
    number = forms.TypedChoiceField(label=_("Round"), choices=Round.Number.choices, coerce=int)
    subject = forms.ChoiceField(
        label=_("Agreements of"),
        choices=Round.Subject.choices,
        initial=Round.Subject.PEOPLE,
        widget=forms.RadioSelect,
        help_text=_("Offices have no competencies: weights and competencies below then count for nothing."),
    )
    starts_on = BuddhistDateField(label=_("From"))
    ends_on = BuddhistDateField(label=_("To"))
    propose_by = BuddhistDateField(label=_("Propose by"), required=False)
    report_by = BuddhistDateField(label=_("Report by"), required=False)
    assess_by = BuddhistDateField(label=_("Assess by"), required=False)
    late_submissions = forms.ChoiceField(
        label=_("What comes after a deadline is"), choices=Round.LateSubmissions.choices, widget=forms.RadioSelect
    )
    achievement_weight = NumberField(label=_("Achievement, per cent"), least=Decimal(0), most=HUNDRED)
    competency_weight = NumberField(label=_("Competency, per cent"), least=Decimal(0), most=HUNDRED)
    grade_set = forms.ChoiceField(
        label=_("Grades"),
        choices=[
            *((key, label) for key, (label, _bounds) in GRADE_SETS.items()),
            (OFFICES, _("Those of offices, on 0–5 with colours: 4.50, 3.50, 2.50, 1.50")),
            (OWN, _("Own grades")),
        ],
        widget=forms.RadioSelect,
    )
    own_grades = TextField(
        label=_("Own grades"),
        required=False,
        widget=lines(6),
        help_text=_("One a line: the lowest figure, a space, the name. The last begins at 0."),
    )
    least_indicators = WholeNumberField(label=_("Least number of indicators"), least=Decimal(1), most=Decimal(99))
    plan_below_level = WholeNumberField(
        label=_("A development plan is due below level"), least=Decimal(0), most=Decimal(5)
    )
    competency_set = forms.ModelChoiceField(
        label=_("Competencies"),
        queryset=CompetencySet.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("For everybody whose type of position has none of its own below."),
    )
    checks_completeness = forms.BooleanField(
        label=_("HR checks proposals for completeness before the assessor signs"), required=False
    )
    second_review = forms.BooleanField(label=_("A second superior gives an opinion, too"), required=False)
    has_screening = forms.BooleanField(
        label=_("A screening committee looks at the results before HR releases them"),
        required=False,
        help_text=_("HR gives its members the role of the screening committee; HR cannot release before they have."),
    )
    releases_on_assessment = forms.BooleanField(
        label=_("A result is released as soon as the assessor has signed it"),
        required=False,
        help_text=_("Otherwise HR releases the results."),
    )

    def __init__(self, *args: Any, hr: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PlaceField, self.fields["organisation"]).offer(Organisation.objects.managed_by(hr))
        sets = CompetencySet.objects.visible_to(hr).order_by("title", "pk")
        cast(Any, self.fields["competency_set"]).queryset = sets
        for kind, label in Posting.PositionType.choices:
            self.fields[_set_of(kind)] = forms.ModelChoiceField(
                label=label, queryset=sets, required=False, empty_label=gettext("As for everybody")
            )
        for group in PersonnelGroup:
            for name in _weights_of(group):
                self.fields[name] = NumberField(label=group.label, required=False, least=Decimal(0), most=HUNDRED)
        for name in ("starts_on", "ends_on", "propose_by", "report_by", "assess_by"):
            self.fields[name].widget.attrs["class"] = "date"

    @property
    def group_rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The weights of each group, to be laid out in a table."""
        return [(str(group.label), *(self[name] for name in _weights_of(group))) for group in PersonnelGroup]  # type: ignore[misc]

    @property
    def set_fields(self) -> list[forms.BoundField]:
        """The competency sets by type of position."""
        return [self[_set_of(kind)] for kind in Posting.PositionType.values]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        _demand_hundred(self, cleaned, ("achievement_weight", "competency_weight"))
        for group in PersonnelGroup:
            _demand_hundred(self, cleaned, _weights_of(group))
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", gettext("A round ends after it starts."))
        if cleaned.get("has_screening") and cleaned.get("releases_on_assessment"):
            self.add_error(
                "releases_on_assessment",
                gettext("Where a committee looks at the results first, they are not released on assessment."),
            )
        self._clean_days(cleaned)
        if cleaned.get("grade_set") == OWN:
            try:
                cleaned["grades"] = round_rules.read_grades(cleaned.get("own_grades", ""))
            except round_rules.RoundRefused as refusal:
                self.add_error("own_grades", str(refusal))
        elif cleaned.get("grade_set") == OFFICES:
            cleaned["grades"] = list(round_rules.OFFICE_GRADES)
        elif cleaned.get("grade_set"):
            cleaned["grades"] = round_rules.grades_from(GRADE_SETS[cleaned["grade_set"]][1])
        return cleaned

    def _clean_days(self, cleaned: Mapping[str, Any]) -> None:
        last: date | None = cleaned.get("starts_on")
        for name in ("propose_by", "report_by", "assess_by"):
            day = cleaned.get(name)
            if day and last and day < last:
                self.add_error(name, gettext("This day lies before the one that comes first."))
            last = day or last

    def rules(self) -> Rules:
        """Return what was typed."""
        typed = self.cleaned_data
        weights = {group.value: [typed[name] for name in _weights_of(group)] for group in PersonnelGroup}
        sets = {kind: typed[_set_of(kind)] for kind in Posting.PositionType.values}
        decided: dict[str, Any] = {name: typed[name] for name in round_rules.COLUMNS if name in typed}
        decided |= {name: int(typed[name]) for name in COUNTS}
        decided["grades_on"] = round_rules.HIGHEST_LEVEL if typed["grade_set"] == OFFICES else HUNDRED
        decided["group_weights"] = {
            group: [thai.canonical_decimal(figure) for figure in pair]
            for group, pair in weights.items()
            if None not in pair
        }
        return Rules(**decided, competency_sets={kind: one for kind, one in sets.items() if one is not None})


COUNTS = ("fiscal_year", "least_indicators", "plan_below_level")


def start_from(rules: Rules, organisation: Organisation | None) -> dict[str, Any]:
    """Return what the form shows first."""
    start: dict[str, Any] = {name: getattr(rules, name) for name in round_rules.COLUMNS}
    start |= {"organisation": organisation, "own_grades": round_rules.written(rules.grades)}
    shown = [{"from": str(grade["from"]), "label": grade["label"]} for grade in rules.grades]
    same = (key for key, (_label, bounds) in GRADE_SETS.items() if round_rules.grades_from(bounds) == shown)
    start["grade_set"] = OFFICES if rules.grades_on == round_rules.HIGHEST_LEVEL else next(same, OWN)
    for group, pair in rules.group_weights.items():
        start |= dict(zip(_weights_of(group), pair, strict=True))
    return start | {_set_of(kind): one for kind, one in rules.competency_sets.items()}


def _set_of(kind: str) -> str:
    return f"competencies_{Posting.PositionType(kind).name.lower()}"


def _weights_of(group: str) -> tuple[str, str]:
    return f"achievement_{group}", f"competency_{group}"


def _demand_hundred(form: forms.Form, cleaned: Mapping[str, Any], names: tuple[str, str]) -> None:
    first, second = (cleaned.get(name) for name in names)
    if any(name in form.errors for name in names) or (first is None and second is None):
        return
    if first is None or second is None or first + second != HUNDRED:
        form.add_error(names[0], ValidationError(gettext("Achievement and competency sum to 100."), code="sum"))
