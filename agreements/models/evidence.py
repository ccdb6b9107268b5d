"""Files that show a result."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.organisations import User
from agreements.models.results import Result


def storage_path(stored: StoredFile, _filename: str) -> str:
    """Return where a file lies: by its hash, because 85 Thai characters would fill a file name."""
    return f"{stored.sha256[:2]}/{stored.sha256}"


class StoredFile(models.Model):
    """A file's content, kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=120)
    file = models.FileField(upload_to=storage_path, max_length=120)
    # How many pages can be drawn; not known of what has none.
    pages = models.PositiveIntegerField(null=True, blank=True)
    # The day that the document or the camera says, which anybody can set: good for a warning, not for more.
    dated_on = models.DateField(null=True, blank=True)
    # What was wrong with it when it came, where it was taken all the same: "damaged".
    flaw = models.CharField(max_length=12, blank=True)

    def __str__(self) -> str:
        return self.sha256


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Questions about evidence."""

    def visible_to(self, user: User) -> EvidenceQuerySet:
        """Return the evidence of the agreements that `user` may see."""
        return self.filter(result__part__agreement__in=Agreement.objects.visible_to(user))


class Evidence(models.Model):
    """A file as evidence of one result, under the name it came with."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="evidence")
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="uses")
    name = models.CharField(_("file name"), max_length=255)
    note = models.CharField(_("note"), max_length=500, blank=True)
    # Which entry of the definition's list of evidence it is, in the words of the list; empty where it is none.
    listed_as = models.TextField(_("on the list of evidence"), blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["result", "stored"],
                name="evidence_once_per_result",
                violation_error_message=_("This file is attached here already."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agreements:evidence", args=[self.pk])
