"""What units report periodically: the forms, each version as it was laid down."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.organisations import Organisation


class ReportForm(models.Model):
    """One version of a form by which units report; it never changes, a change makes the next version."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="report_forms", verbose_name=_("organisation")
    )
    code = models.CharField(_("code"), max_length=60)
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("name"), max_length=500)
    definition = models.JSONField(_("definition"))
    laid_down_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["code", "version"],
                name="report_form_version_once",
                violation_error_message=_("This report form has this version already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"

    @property
    def period(self) -> str:
        """How often it is reported: month, quarter, round or event."""
        return str(self.definition["period"])

    @property
    def tables(self) -> list[dict[str, Any]]:
        """Its tables, in their order."""
        return list(self.definition["tables"])
