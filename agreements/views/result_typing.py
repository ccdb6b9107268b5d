"""What is kept and what was sent of the forms about results, for each of their pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from agreements.forms.results import (
    CorrectionForm,
    FullScoreForm,
    ObservedForm,
    PlanFormSet,
    ResultForm,
    SetScoreForm,
    VerdictForm,
)
from agreements.models import AgreedCompetency, Item, Result, Version
from agreements.views.requests import UserRequest
from agreements.views.typing import Typing


def typing_of_result(request: UserRequest, version: Version, item: Item, kept: Result | None) -> Typing:
    """Return the one form of what was achieved."""

    def make(data: Any) -> list[Any]:
        inputs, note = (kept.inputs, kept.note) if kept else ({}, "")
        return [ResultForm(data, definition=item.definition, inputs=inputs, note=note)]

    def read() -> object:
        # A file attached before anything is entered makes an empty result, which says no more than none.
        rows = _rows(version, item).values_list("inputs", "note")
        return [(inputs, note) for inputs, note in rows if inputs or note]

    return Typing(request, make, read)


def typing_of_assessment(request: UserRequest, version: Version, item: Item, kept: Result | None) -> Typing:
    """Return three forms: the verdict, the correction, and a score set; only the one that was chosen is bound."""
    start = str(kept.verdict) if kept else ""

    def make(data: Any) -> list[Any]:
        verdict = start if data is None else data.get("verdict", "")
        score = {"score": kept.assessor_score, "reason": kept.assessor_reason} if kept else {}
        return [
            VerdictForm(data, initial={"verdict": start}),
            CorrectionForm(
                data if verdict == Result.Verdict.CORRECTED else None,
                definition=item.definition,
                inputs=kept.inputs_assessed if kept else {},
                reason=kept.assessor_reason if kept and start == Result.Verdict.CORRECTED else "",
                prefix="correct",
            ),
            SetScoreForm(
                data if verdict == Result.Verdict.SET else None,
                initial=score if start == Result.Verdict.SET else None,
                prefix="set",
            ),
        ]

    fields = ("inputs", "verdict", "assessor_inputs", "assessor_score", "assessor_reason")
    return Typing(request, make, lambda: list(_rows(version, item).values_list(*fields)))


def typing_of_observed(request: UserRequest, version: Version, rows: list[AgreedCompetency]) -> Typing:
    """Return the one form of the competency levels found."""
    return Typing(
        request,
        lambda data: [ObservedForm(data, rows=rows)],
        lambda: list(version.competencies.order_by("order").values_list("order", "observed")),
    )


def typing_of_plan(request: UserRequest, version: Version, rows: list[dict[str, Any]], *, is_full: bool) -> Typing:
    """Return the rows of the development plan and, at a full score, the form of the reason for it."""

    def make(data: Any) -> list[Any]:
        reason = {"reason": version.full_score_reason}
        forms: list[Any] = [PlanFormSet(data, initial=rows, prefix="plan")]
        return forms + ([FullScoreForm(data, initial=reason, prefix="full")] if is_full else [])

    def read() -> object:
        kept = version.plan_rows.order_by("order", "pk").values_list("need", "method", "period", "measure")
        return [list(kept), list(Version.objects.filter(pk=version.pk).values_list("full_score_reason", flat=True))]

    return Typing(request, make, read)


def _rows(version: Version, item: Item) -> QuerySet[Result]:
    return Result.objects.filter(part=version.part_id, lineage=item.lineage, checkpoint=Result.Checkpoint.FINAL)
