"""Long work that is done in the background: who asked for it, how far it is, and what came of it."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.organisations import Organisation, Role, User, below_any
from agreements.models.rounds import Round


class JobQuerySet(models.QuerySet["Job"]):
    """Questions about background work."""

    def visible_to(self, user: User) -> JobQuerySet:
        """Return what `user` asked for, or what concerns a place where `user` is HR."""
        within = below_any(Role.objects.paths(user, Role.Kind.HR), field="organisation__path")
        return self.filter(models.Q(asked_by=user) | within)

    def unfinished(self) -> JobQuerySet:
        """Return what waits or is under way."""
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])


class Job(models.Model):
    """Work that takes longer than a page may; whoever runs it keeps here how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Not done")

    kind = models.CharField(max_length=40)
    # For the HR of which subtree it is, too.
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="jobs")
    # What was asked for besides, as its kind understands it.
    order = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="jobs")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # What came of it: counts, as its kind understands them.
    outcome = models.JSONField(default=dict)
    # What kept it from being done, in words.
    fault = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How often it was begun: whoever began it last is the one that may go on.
    attempts = models.PositiveSmallIntegerField(default=0)
    # The last sign of life by the machine's own clock, which in a demo is another than `asked_at`'s.
    alive_at = models.DateTimeField()

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["state", "alive_at"], name="job_by_state_and_life"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:job", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def per_cent(self) -> int:
        """How far it is, in whole per cent."""
        return self.done * 100 // self.total if self.total else 0


class JobFile(models.Model):
    """The file that came of a job, for who asked for it; its content is erased after a time."""

    job = models.OneToOneField(Job, models.PROTECT, related_name="file")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    # Where it lies in the storage.
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    kept_until = models.DateTimeField(db_index=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
