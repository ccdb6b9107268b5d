"""What came of an item."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Part
from agreements.models.fields import ExactDecimalField
from agreements.models.organisations import User


class ResultQuerySet(models.QuerySet["Result"]):
    """Questions about results."""

    def visible_to(self, user: User) -> ResultQuerySet:
        """Return the results of the agreements that `user` may see."""
        return self.filter(part__agreement__in=Agreement.objects.visible_to(user))


class Result(models.Model):
    """What was reported for a lineage at a checkpoint, and what the assessor made of it."""

    class Checkpoint(models.TextChoices):
        MONTH_6 = "6-month", _("6 months")
        MONTH_9 = "9-month", _("9 months")
        MONTH_12 = "12-month", _("12 months")
        FINAL = "final", _("At the end of the round")

    class Verdict(models.TextChoices):
        NONE = "", _("Not yet assessed")
        ACCEPTED = "accepted", _("Accepted as reported")
        CORRECTED = "corrected", _("Inputs corrected")
        SET = "set", _("Score set by the assessor")

    part = models.ForeignKey(Part, models.PROTECT, related_name="results")
    lineage = models.UUIDField()
    checkpoint = models.CharField(max_length=10, choices=Checkpoint, default=Checkpoint.FINAL)
    # In the shape of a results file: {"value": "50.25"}, {"done": ["1", "2.1"], "submitted_on": "2013-03-11"}.
    inputs = models.JSONField(_("inputs"), default=dict, blank=True)
    # Of the variables that were copied from report forms: each by its name, with its value, the reports and their
    # revisions it came from (services/bindings.py).
    copied_from = models.JSONField(default=dict, blank=True)
    note = models.TextField(_("what was done"), blank=True)
    verdict = models.CharField(_("assessment"), max_length=10, choices=Verdict, default=Verdict.NONE, blank=True)
    assessor_inputs = models.JSONField(_("inputs as corrected"), null=True, blank=True)
    assessor_score = ExactDecimalField(_("score set by the assessor"), null=True, blank=True)
    assessor_reason = models.TextField(_("assessor's reason"), blank=True)
    # What units above decided of it, each with its name and day, in the shape of a results file (`judged`).
    judged = models.JSONField(null=True, blank=True)
    # Status, value, score and rule codes as they were when reported and when assessed, for lists and dashboards.
    self_outcome = models.JSONField(null=True, blank=True)
    outcome = models.JSONField(null=True, blank=True)
    # What of the definition's list of evidence is at hand, in the words of the list.
    evidence_at_hand = models.JSONField(_("evidence at hand"), default=list, blank=True)
    # Whoever looks after the indicator confirms what was entered; whatever is entered later is to be confirmed anew.
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    objects = ResultQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["part", "lineage", "checkpoint"], name="result_once_per_checkpoint"),
            models.CheckConstraint(
                condition=~models.Q(verdict__in=["corrected", "set"]) | ~models.Q(assessor_reason=""),
                name="result_difference_has_a_reason",
                violation_error_message=_("Give the reason for the different score."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="result_confirmed_by_somebody_at_some_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.part_id}/{self.lineage}"

    @property
    def inputs_assessed(self) -> dict[str, Any]:
        """The inputs that count: the assessor's where corrected, else those reported."""
        return inputs_that_count(self.verdict, self.inputs, self.assessor_inputs, self.judged)


def inputs_that_count(
    verdict: str,
    inputs: dict[str, Any],
    assessor_inputs: dict[str, Any] | None,
    judged: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the assessor's inputs where the verdict is that they were corrected, else those reported.

    What was judged above goes with both: no assessor takes it away.
    """
    corrected = verdict == Result.Verdict.CORRECTED and assessor_inputs is not None
    counting = assessor_inputs if corrected and assessor_inputs is not None else inputs
    if not judged:
        return dict(counting)
    found = dict(counting) | {"judged": judged}
    if "done" in counting:
        decided = {code for one in judged for code in one.get("steps", ())}
        found["done"] = [code for code in counting["done"] if code not in decided]
        found["done"] += [code for one in judged for code in one.get("done", ())]
    return found
