"""What a unit makes of the submissions that it judges: one form for the rows of a page."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _, gettext_lazy

from agreements.forms.fields import NumberField, TextField
from agreements.services.judged_results import JudgedResult
from agreements.services.judging import Verdict, score_refused

DECISIONS = [
    ("", gettext_lazy("Not judged yet")),
    ("yes", gettext_lazy("Found complete")),
    ("no", gettext_lazy("Not complete")),
]


class JudgingForm(forms.Form):
    """For each open submission its steps or its score, and a remark; nothing has to be filled in."""

    def __init__(self, *args: Any, rows: Iterable[JudgedResult], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = [row for row in rows if row.is_open]
        for row in self.rows:
            self._add(row)

    def _add(self, row: JudgedResult) -> None:
        pk, kept = row.item.pk, row.judgement
        whose = {"name": str(row.agreement.person or row.agreement.organisation)}
        for number, code in enumerate(row.decision.codes):
            decided = kept.steps.get(code) if kept else None
            self.fields[f"step_{pk}_{number}"] = forms.ChoiceField(
                label=_("Step %(code)s of %(name)s") % (whose | {"code": code}),
                choices=DECISIONS,
                required=False,
                initial="" if decided is None else "yes" if decided else "no",
            )
        if row.decision.is_score:
            self.fields[f"score_{pk}"] = self._score(row, _("Score of %(name)s") % whose)
        self.fields[f"remark_{pk}"] = TextField(
            label=_("Remark on %(name)s") % whose,
            required=False,
            max_length=2000,
            initial=kept.remark if kept else "",
        )

    @staticmethod
    def _score(row: JudgedResult, label: str) -> forms.Field:
        kept = row.judgement.score if row.judgement else None
        if row.item.kind != "rubric":
            return NumberField(label=label, required=False, least=Decimal(0), initial=kept)
        described = {int(level): str(text) for level, text in row.item.criteria.get("levels", {}).items()}
        described.setdefault(0, _("Nothing shown"))
        choices = [("", _("Not judged yet"))]
        choices += [(str(level), f"{level} · {described[level]}") for level in sorted(described)]
        return forms.TypedChoiceField(
            label=label,
            choices=choices,
            coerce=Decimal,
            empty_value=None,
            required=False,
            initial="" if kept is None else str(int(kept)),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for row in self.rows:
            name = f"score_{row.item.pk}"
            score = data.get(name)
            if score is not None and (refused := score_refused(row.item, score)):
                self.add_error(name, refused)
        return data

    def verdicts(self) -> dict[int, Verdict]:
        """Return what is made of each submission, by item."""
        return {row.item.pk: self._verdict(row) for row in self.rows}

    def _verdict(self, row: JudgedResult) -> Verdict:
        data, pk = self.cleaned_data, row.item.pk
        said = {code: data[f"step_{pk}_{number}"] for number, code in enumerate(row.decision.codes)}
        return Verdict(
            steps={code: answer == "yes" for code, answer in said.items() if answer},
            score=data.get(f"score_{pk}"),
            remark=data[f"remark_{pk}"],
        )

    def cells(self, row: JudgedResult) -> dict[str, Any]:
        """Return the fields of `row` as its cells show them; nothing where it cannot be judged."""
        pk = row.item.pk
        if f"remark_{pk}" not in self.fields:
            return {}
        return {
            "steps": [(code, self[f"step_{pk}_{number}"]) for number, code in enumerate(row.decision.codes)],
            "score": self[f"score_{pk}"] if row.decision.is_score else None,
            "remark": self[f"remark_{pk}"],
        }
