"""How the indicators of a framework go on, month by month: typed figures, and what is done where one is behind."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.fields import ExactDecimalField
from agreements.models.frameworks import Indicator
from agreements.models.organisations import Organisation, Posting, User


class MonthlyFigure(models.Model):
    """The value of an indicator for one month of an organisation, where no report form brings it."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="monthly_figures")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="monthly_figures")
    # The first day of the month.
    month = models.DateField(_("month"))
    value = ExactDecimalField(_("value"))
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["indicator", "organisation", "month"],
                name="monthly_figure_once",
                violation_error_message=_("This month has a figure already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.organisation_id}/{self.month}"


class Remedy(models.Model):
    """Why an indicator is behind in a month, and what is done about it: by whom, until when."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="remedies")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="remedies")
    month = models.DateField(_("month"))
    cause = models.TextField(_("cause"))
    action = models.TextField(_("corrective action"))
    # Whose task it is: a position, with whoever holds it.
    owner = models.ForeignKey(Posting, models.PROTECT, related_name="+", verbose_name=_("who does it"))
    due_on = models.DateField(_("until"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["indicator", "organisation", "month"],
                name="remedy_once_a_month",
                violation_error_message=_("This month has a cause and an action already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.organisation_id}/{self.month}"
