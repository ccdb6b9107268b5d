"""The criteria of a KPI template: every kind, typed in fields and tables, and what they are in a definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements import thai
from agreements.forms.fields import NumberField, TextField, lines
from agreements.forms.indicators import IndicatorForm
from agreements.forms.template_rows import figures, filled, words

KINDS = [
    ("open", _("Not given yet")),
    ("even", _("Numbers in even steps: a start and ± per level")),
    ("thresholds", _("Any five numbers, also falling or with gaps")),
    ("bands", _("Bands: each level up to a number")),
    ("rubric", _("Described levels, one of which is picked")),
    ("milestones", _("Steps, done one after the other")),
    ("classed", _("By class: a base number picks the row of numbers")),
    ("parties", _("Sub-indicators that the parties write themselves")),
]
BELOW = [
    ("", _("As the framework says")),
    ("one", _("The lowest level counts")),
    ("zero", _("Nothing counts")),
    ("level_0", _("In proportion down to a number for 0")),
    ("from_origin", _("In proportion from 0")),
]
GAPS = {"-", "–", "—", "−"}


class GapField(NumberField):
    """A number, or a dash for a level that has none."""

    def to_python(self, value: Any) -> Decimal | None:
        return None if str(value or "").strip() in GAPS else super().to_python(value)


class StepField(NumberField):
    """The step from level to level; the ± of the printed sheets is understood."""

    def to_python(self, value: Any) -> Decimal | None:
        return super().to_python(str(value).strip().removeprefix("±").removeprefix("+/-") if value else value)


class CriteriaForm(IndicatorForm):
    """The fields of every kind of criteria; `tables` holds the formsets of parts, faults and classes."""

    kind = forms.ChoiceField(label=_("Kind of criteria"), choices=KINDS, initial="open")
    even_start = NumberField(label=_("Number of the lowest level"), required=False)
    even_step = StepField(label=_("± per level"), required=False, help_text=_("With a minus where less is better: -5."))
    level_0 = NumberField(label=_("Number for 0"), required=False)
    below_level_1 = forms.ChoiceField(label=_("Worse than the lowest level"), choices=BELOW, required=False)
    text_0 = TextField(label=_("Level %(level)s") % {"level": 0}, required=False, widget=lines(2))
    base_label = TextField(label=_("Base number: what is counted"), required=False, max_length=300)
    base_unit = TextField(label=_("Unit of the base number"), required=False, max_length=60)
    base_variable = TextField(
        label=_("Or a variable of the formula"), required=False, max_length=40, help_text=_("Its short name.")
    )
    faults_open = forms.BooleanField(label=_("The office may add faults of its own"), required=False)

    def __init__(self, *args: Any, definition: Mapping[str, Any], levels: Sequence[int], **kwargs: Any) -> None:
        self.kept = definition
        #: Where in the definition what was typed ends up: the form and the field it was typed in.
        self.places: dict[str, tuple[forms.Form, str]] = {}
        self.tables: dict[str, Any] = {}
        super().__init__(*args, definition=definition, levels=levels, **kwargs)
        for level in levels:
            label = _("Level %(level)s") % {"level": level}
            self.fields[f"level_{level}"] = GapField(label=label, required=False)
            self.fields[f"up_to_{level}"] = NumberField(label=_("Up to"), required=False)
            self.fields[f"band_{level}"] = TextField(label=_("As printed"), required=False, max_length=120)

    # --- Out of a definition -------------------------------------------------------------------------------------
    def _start_levels(self, criteria: Mapping[str, Any]) -> dict[str, Any]:
        levels = criteria.get("levels", {})
        match criteria.get("kind"):
            case "bands":
                found: dict[str, Any] = {f"up_to_{level}": band.get("up_to") for level, band in levels.items()}
                return found | {f"band_{level}": band.get("label", "") for level, band in levels.items()}
            case "thresholds" if step := even_step([levels.get(str(level)) for level in self.levels]):
                if "0" not in levels:
                    start = {"kind": "even", "even_start": levels[str(self.levels[0])], "even_step": step}
                    return start | super()._start_levels(criteria)
        return super()._start_levels(criteria)

    # --- Into a definition ---------------------------------------------------------------------------------------
    def _criteria(self) -> dict[str, Any]:
        kind = self.cleaned_data["kind"]
        writers = {
            "even": self._even,
            "thresholds": self._thresholds,
            "bands": self._bands,
            "rubric": self._rubric,
            "milestones": self._milestones,
            "classed": self._classed,
        }
        return writers[kind]() if kind in writers else {"kind": "open"}

    def _even(self) -> dict[str, Any]:
        return {"kind": "thresholds", "levels": self._even_levels()} | self._between()

    def _thresholds(self) -> dict[str, Any]:
        found = super()._criteria()
        self._at_levels("criteria.levels", "level_{}")
        return found | {"levels": self._zero() | found["levels"]} | self._between()

    def _rubric(self) -> dict[str, Any]:
        found = super()._criteria()
        self._at_levels("criteria.levels", "text_{}")
        zero = words(self.cleaned_data, "text_0")
        return found | {"levels": ({0: zero["text_0"]} if zero else {}) | found["levels"]}

    def _at_levels(self, place: str, name: str) -> None:
        self.places[place] = (self, name.format(self.levels[0]))
        for level in self.levels:
            self.places[f"{place}.{level}"] = (self, name.format(level))

    def _even_levels(self) -> dict[int, str]:
        self.places |= {"criteria": (self, "even_start"), "criteria.levels": (self, "even_start")}
        start, step = self.cleaned_data["even_start"], self.cleaned_data["even_step"]
        if start is None or step is None:
            return {}
        return {level: thai.canonical_decimal(start + step * at) for at, level in enumerate(self.levels)}

    def _zero(self) -> dict[int, str]:
        self.places["criteria.levels.0"] = (self, "level_0")
        zero = self.cleaned_data["level_0"]
        uses = self.cleaned_data["below_level_1"] == "level_0"
        return {0: thai.canonical_decimal(zero)} if uses and zero is not None else {}

    def _between(self) -> dict[str, str]:
        step = {"between": "step"} if self.cleaned_data["between"] == "step" else {}
        return step | words(self.cleaned_data, "below_level_1")

    def _bands(self) -> dict[str, Any]:
        self._at_levels("criteria.levels", "up_to_{}")
        bands = {level: self._band(level) for level in self.levels}
        return {"kind": "bands", "levels": {level: band for level, band in bands.items() if band}}

    def _band(self, level: int) -> dict[str, str]:
        data = self.cleaned_data
        typed = {"up_to": data[f"up_to_{level}"], "label": data[f"band_{level}"]}
        return figures(typed, "up_to") | words(typed, "label")

    def _milestones(self) -> dict[str, Any]:
        parts: dict[int, list[forms.Form]] = {}
        for row in filled(self.tables["parts"]):
            parts.setdefault(int(row.cleaned_data["step"]), []).append(row)
        steps: list[dict[str, Any]] = []
        for level in self.levels:
            if self.cleaned_data[f"text_{level}"] or level in parts:
                steps.append(self._step(level, parts.get(level, []), f"criteria.steps[{len(steps)}]"))
        self.places["criteria.steps"] = (self, f"text_{self.levels[0]}")
        found: dict[str, Any] = {"kind": "milestones", "steps": steps}
        if faults := [self._penalty(row) for row in self._numbered("penalties", "criteria.faults", letter="f")]:
            found["faults"] = faults
        if self.cleaned_data["faults_open"]:
            found["faults_open"] = True
        return found

    def _step(self, level: int, rows: Sequence[forms.Form], place: str) -> dict[str, Any]:
        self.places[place] = (self, f"text_{level}")
        step: dict[str, Any] = {"level": level}
        if title := self.cleaned_data[f"text_{level}"]:
            step["title"] = title
        if judge := self.cleaned_data[f"judge_{level}"]:
            step["judged_by"] = judge
        parts = [self._part(row, f"{level}.{at}", f"{place}.parts[{at - 1}]") for at, row in enumerate(rows, start=1)]
        return step | ({"parts": parts} if parts else {})

    def _part(self, row: forms.Form, code: str, place: str) -> dict[str, str]:
        self.places[place] = (row, "code")
        self.places[f"{place}.deduction"] = (row, "deduction")
        data = row.cleaned_data
        return {"code": data["code"] or code, **words(data, "title"), **figures(data, "deduction")}

    def _penalty(self, row: forms.Form) -> dict[str, Any]:
        data = row.cleaned_data
        whole = {name: int(data[name]) for name in ("at_step", "most") if data[name] is not None}
        return {**words(data, "code", "title"), **figures(data, "points"), **whole}

    def _classed(self) -> dict[str, Any]:
        data = self.cleaned_data
        base = words(
            {name: data[f"base_{name}"] for name in ("label", "unit", "variable")}, "variable", "label", "unit"
        )
        self.places |= {"criteria.base": (self, "base_label"), "criteria.base.variable": (self, "base_variable")}
        classes: list[dict[str, Any]] = []
        for row in self._numbered("classes", "criteria.classes"):
            place = f"criteria.classes[{len(classes)}]"
            self.places[f"{place}.levels"] = (row, f"level_{self.levels[0]}")
            levels = {
                level: thai.canonical_decimal(row.cleaned_data[f"level_{level}"])
                for level in self.levels
                if row.cleaned_data[f"level_{level}"] is not None
            }
            says = {**words(row.cleaned_data, "code", "label"), **figures(row.cleaned_data, "up_to")}
            classes.append(says | {"levels": levels})
        return {"kind": "classed", "base": base, "classes": classes} | self._between()

    def _numbered(self, table: str, place: str, *, letter: str = "") -> Iterator[forms.Form]:
        """Yield the filled rows of a table, each with a code of its own where none was typed."""
        for number, row in enumerate(filled(self.tables[table])):
            row.cleaned_data["code"] = row.cleaned_data["code"] or f"{letter}{number + 1}"
            for name in row.fields:
                self.places[f"{place}[{number}].{name}"] = (row, name)
            self.places[f"{place}[{number}]"] = (row, "code")
            yield row

    @property
    def band_rows(self) -> list[tuple[int, Any, Any]]:
        """The bound and the label of each level."""
        return [(level, self[f"up_to_{level}"], self[f"band_{level}"]) for level in self.levels]


def even_step(figures: Sequence[Any]) -> str:
    """Return how far each level lies from the one before, if all are given and it is the same everywhere."""
    if any(figure is None for figure in figures):
        return ""
    steps = {Decimal(str(later)) - Decimal(str(earlier)) for earlier, later in pairwise(figures)}
    return thai.canonical_decimal(steps.pop()) if len(steps) == 1 and steps != {Decimal(0)} else ""
