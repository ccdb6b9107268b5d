"""Notices: what a person is told, in the portal and by e-mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.organisations import User
from agreements.models.rounds import Round

# What nobody mailed for so long is left to the portal: no flood when mail is set up late.
MAILED_WITHIN = timedelta(days=7)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about notices."""

    def visible_to(self, user: User) -> NoticeQuerySet:
        """Return the notices for `user`; nobody reads another's."""
        return self.filter(user=user)

    def unread(self) -> NoticeQuerySet:
        """Return the notices that were not read."""
        return self.filter(read_at=None)

    def to_mail(self, *, at: datetime) -> NoticeQuerySet:
        """Return the notices that still go into an e-mail: unread, new, for people who can and want to be mailed."""
        wanted = models.Q(user__wants_mail=True) | models.Q(kind=Notice.Kind.RETURNED)
        fresh = self.unread().filter(wanted, mailed_at=None, created_at__gt=at - MAILED_WITHIN, created_at__lte=at)
        return fresh.filter(user__is_active=True).exclude(user__email="")


class Notice(models.Model):
    """Something that one person is told once."""

    class Kind(models.TextChoices):
        DUE = "due", _("Due soon")
        LATE = "late", _("Late")
        ESCALATION = "escalation", _("Late in your care")
        RETURNED = "returned", _("Returned")
        TURN = "turn", _("Your turn")
        NEWS = "news", _("For your knowledge")
        REMINDER = "reminder", _("Reminder of the HR office")

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    agreement = models.ForeignKey(Agreement, models.CASCADE, null=True, blank=True, related_name="notices")
    # None where it is about figures that a unit reports: these belong to no round.
    round = models.ForeignKey(Round, models.CASCADE, null=True, blank=True, related_name="notices")
    # The act that it is about, as actions.py and `start` name it; the sentence is made from it when it is read.
    act = models.CharField(max_length=30)
    due = models.DateField(null=True, blank=True)
    words = models.TextField(blank=True)
    link = models.CharField(max_length=200)
    # What makes it the same notice: written twice, it is there once.
    key = models.CharField(max_length=150, unique=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["user", "read_at"], name="notice_unread"),)

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("agreements:open-notice", args=[self.pk])


class Digest(models.Model):
    """The one e-mail of a person and day: claimed before it is sent, so that two runs do not both send it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="digests")
    day = models.DateField()
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # The notices in it, as claimed: a run that takes over sends the same ones.
    notices: Any = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "day"], name="digest_once_per_day"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"
