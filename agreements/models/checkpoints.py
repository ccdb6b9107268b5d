"""How far an organisation's agreement was at 6, 9 and 12 months, as of the day on which each state was kept."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Part
from agreements.models.organisations import User


class Checkpoint(models.TextChoices):
    """The self-assessments of an office within its year."""

    MONTH_6 = "6-month", _("6 months")
    MONTH_9 = "9-month", _("9 months")
    MONTH_12 = "12-month", _("12 months")

    @property
    def months(self) -> int:
        """After how many months of the round it is."""
        return int(self.value.partition("-")[0])


class KeptState(models.Model):
    """What was entered and scored on the day on which a checkpoint was closed, as canonical JSON; only inserted."""

    part = models.ForeignKey(Part, models.PROTECT, related_name="kept_states")
    checkpoint = models.CharField(_("checkpoint"), max_length=10, choices=Checkpoint)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["part", "checkpoint"],
                name="kept_state_once_per_checkpoint",
                violation_error_message=_("This state is kept already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.part_id} {self.checkpoint}"
