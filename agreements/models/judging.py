"""What a unit above decides of an indicator for everyone who agreed it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Part
from agreements.models.fields import ExactDecimalField
from agreements.models.organisations import Organisation, User


class Judgement(models.Model):
    """What one unit makes of one submission: a draft until it is handed in, when it lands in the result."""

    part = models.ForeignKey(Part, models.PROTECT, related_name="judgements")
    lineage = models.UUIDField()
    # The unit that decides.
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="judgements")
    # By the code of each step, and part of a step, that it decides: whether it is complete; or the score instead.
    steps: Any = models.JSONField(default=dict, blank=True)
    score = ExactDecimalField(_("score"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    updated_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    handed_in_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    handed_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["part", "lineage", "organisation"], name="judgement_once_per_unit"),
            models.CheckConstraint(
                condition=models.Q(handed_in_at=None, handed_in_by=None)
                | models.Q(handed_in_at__isnull=False, handed_in_by__isnull=False),
                name="judgement_handed_in_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.part_id}/{self.lineage}: {self.organisation_id}"

    @property
    def is_handed_in(self) -> bool:
        """Whether it was handed in as it stands."""
        return self.handed_in_at is not None and self.handed_in_at >= self.updated_at
