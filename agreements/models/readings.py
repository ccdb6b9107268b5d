"""Who has opened what was handed on: until somebody has, it may be withdrawn."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Version
from agreements.models.organisations import User
from agreements.models.states import State


class Reading(models.Model):
    """That a party or HR opened a version while its agreement stood in a state; only the first time is kept."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="readings")
    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=14, choices=State)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["version", "reader", "state"], name="reading_first_only"),)

    def __str__(self) -> str:
        return f"{self.version_id}/{self.reader_id}"
