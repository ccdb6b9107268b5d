"""What units report periodically: the forms, each version as it was laid down."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.organisations import Organisation, Posting, Role, User, below_any


class ReportFormQuerySet(models.QuerySet["ReportForm"]):
    """Questions about report forms."""

    def current(self) -> ReportFormQuerySet:
        """Return of each form the version that counts: the last one."""
        later = ReportForm.objects.filter(code=models.OuterRef("code"), version__gt=models.OuterRef("version"))
        return self.filter(~models.Exists(later)).order_by("code")

    def visible_to(self, user: User) -> ReportFormQuerySet:
        """Return the forms of the offices at, above or below the units where `user` has a position or a role."""
        held = Posting.objects.filter(user=user).values_list("organisation__path", flat=True)
        given = Role.objects.filter(user=user).values_list("organisation__path", flat=True)
        paths = [*held, *given]
        above = Organisation.objects.around(paths).order_by().values("pk")
        return self.filter(models.Q(organisation__in=above) | below_any(paths, field="organisation__path"))


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

    objects = ReportFormQuerySet.as_manager()

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
