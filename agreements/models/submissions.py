"""What units reported by the forms: a submission for each unit and period, its revisions, their cells."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.evidence import StoredFile
from agreements.models.monitoring import ReportForm
from agreements.models.organisations import Organisation, Role, User

# Roles that read what was reported, and the one among them that writes.
READERS = (Role.Kind.DATA_REPORTER, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR)
WRITER = Role.Kind.DATA_REPORTER


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Questions about what units report."""

    def visible_to(self, user: User) -> SubmissionQuerySet:
        """Return what `user` reads: of the units they head or have a role for, and of all that reported to these.

        Below or above is meant as it was when the unit reported: who gets a unit later does not get its past.
        """
        given = Role.objects.filter(user=user, kind__in=READERS).values_list("organisation", flat=True)
        return self.filter(within_any({*given, *user.heads}))

    def editable_by(self, user: User) -> SubmissionQuerySet:
        """Return what `user` may enter figures in as far as the units go: the head's own, a reporter's with all below.

        Whether it still takes any is said by its state and its closing day.
        """
        given = Role.objects.filter(user=user, kind=WRITER).values_list("organisation", flat=True)
        return self.filter(within_any(set(given)) | models.Q(organisation__in=user.heads))

    def of_period(self, form: ReportForm, period: Any) -> SubmissionQuerySet:
        """Return what was reported by any version of `form` for the period that begins on the day `period`."""
        return self.filter(form_code=form.code, period=period)

    def within(self, organisation: Organisation) -> SubmissionQuerySet:
        """Return what `organisation` reported, and all that stood below it then."""
        return self.filter(within_any({organisation.pk}))


def within_any(keys: set[int]) -> models.Q:
    """Return the condition that a submission is of one of the units `keys`, or of one that stood below it then."""
    found = models.Q(pk=None)
    for key in keys:
        found |= models.Q(line__contains=f"/{key}/")
    return found


class Submission(models.Model):
    """What one unit reports by a form for one period, to the unit above it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being entered")
        COMPLETE = "complete", _("Complete")
        CERTIFIED = "certified", _("Certified")
        APPROVED = "approved", _("Approved")

    # The version by which it is entered; its code is that of all versions.
    form = models.ForeignKey(ReportForm, models.PROTECT, related_name="submissions")
    form_code = models.CharField(max_length=60)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="submissions", verbose_name=_("organisation")
    )
    # The first day of the month, quarter or round; of what is reported on an event, its day.
    period = models.DateField(_("period"))
    # To whom it goes, and the keys of all units from the top of the tree down to this one (/1/5/33/): both as they
    # were when it was certified, so that figures stay where they were reported.
    above = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="submissions_below")
    line = models.CharField(max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    # The number of the revision that counts.
    number = models.PositiveIntegerField(_("revision"), default=1)
    # By the office's holidays as they were when it was opened, and again when it arrived.
    due_on = models.DateField(_("due"), null=True, blank=True)
    closes_on = models.DateField(null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    days_late = models.PositiveIntegerField(_("working days late"), null=True, blank=True)
    # {"table.column": "123.5"}: its own figures with those approved below it, as canonical decimals.
    totals = models.JSONField(default=dict)
    # From how many units the totals come.
    reports = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["form_code", "organisation", "period"],
                name="submission_once_per_unit_and_period",
                violation_error_message=_("This unit has a report for this period already."),
            ),
        )
        indexes = (models.Index(fields=["form_code", "period", "above"], name="submission_level"),)

    def __str__(self) -> str:
        return f"{self.form_code}/{self.organisation_id}/{self.period}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:submission", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether figures may still be entered, as far as its state goes."""
        return self.state in {self.State.DRAFT, self.State.COMPLETE}


class Revision(models.Model):
    """The cells of a submission from one certification to the next; once certified it does not change."""

    class Cause(models.TextChoices):
        FIRST = "first", _("First entered")
        TAKEN_BACK = "taken_back", _("Taken back")
        RETURNED = "returned", _("Returned by the unit above")
        UNLOCKED = "unlocked", _("Unlocked after approval")

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("revision"))
    cause = models.CharField(max_length=10, choices=Cause, default=Cause.FIRST)
    # Why it was begun, in the words of whoever took back, returned or unlocked.
    reason = models.TextField(_("reason"), blank=True)
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    begun_at = models.DateTimeField()
    certified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    certified_as = models.CharField(_("position"), max_length=300, blank=True)
    certified_at = models.DateTimeField(null=True, blank=True)
    # The totals as they were certified.
    totals = models.JSONField(default=dict)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_as = models.CharField(_("position"), max_length=300, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["submission", "number"], name="revision_once_per_submission"),)

    def __str__(self) -> str:
        return f"{self.submission_id}.{self.number}"


class Observation(models.Model):
    """One cell that holds something; an empty cell has no row, and is not 0."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="observations")
    table = models.CharField(max_length=60)
    # The number of a fixed or free row from 1, the code of the unit in a row of units.
    row = models.CharField(max_length=60)
    # The unit of a row of units.
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    column = models.CharField(max_length=60)
    # Canonical where it is valid ("1234.5", "2018-01-31", "yes", the choice, the name of the file), else as typed.
    value = models.TextField()
    is_valid = models.BooleanField(default=True)
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="observations")
    written_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["revision", "table", "row", "column"], name="observation_once_per_cell"),
        )

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.table}/{self.row}/{self.column}"

    @property
    def cell(self) -> tuple[str, str, str]:
        """Where it stands: table, row and column."""
        return self.table, self.row, self.column


class CellComment(models.Model):
    """What the unit above says of one cell; it stays with it through the revisions until it is resolved."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="comments")
    # The revision that was commented on.
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="comments")
    table = models.CharField(max_length=60)
    row = models.CharField(max_length=60)
    column = models.CharField(max_length=60)
    text = models.TextField(_("comment"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.table}/{self.row}/{self.column}"

    @property
    def cell(self) -> tuple[str, str, str]:
        """Where it stands: table, row and column."""
        return self.table, self.row, self.column
