"""Who looks after which indicators of an organisation's agreement."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Part
from agreements.models.organisations import Posting, User, held_by


class DutyQuerySet(models.QuerySet["Duty"]):
    """Questions about duties."""

    def visible_to(self, user: User) -> DutyQuerySet:
        """Return the duties in the agreements that `user` may see."""
        return self.filter(part__agreement__in=Agreement.objects.visible_to(user))

    def of(self, user: User) -> DutyQuerySet:
        """Return the duties of the positions that `user` holds, or is acting for today."""
        return self.filter(held_by(user))


class Duty(models.Model):
    """That a position owns an indicator (ผู้กำกับดูแล), or collects what is reported for it (ผู้จัดเก็บข้อมูล).

    It goes with the lineage, so that it stays across versions; the words of the framework stand in the definition.
    """

    class Kind(models.TextChoices):
        OWNER = "owner", _("Owner")
        COLLECTOR = "collector", _("Collector")

    part = models.ForeignKey(Part, models.PROTECT, related_name="duties")
    lineage = models.UUIDField()
    kind = models.CharField(_("duty"), max_length=10, choices=Kind)
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="duties")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "duties"
        constraints = (
            models.UniqueConstraint(fields=["part", "lineage", "kind", "posting"], name="duty_once_per_position"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.lineage}"
