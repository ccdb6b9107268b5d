"""Signatures, the content they stand under, and the log."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Version
from agreements.models.evidence import StoredFile
from agreements.models.organisations import Organisation, User
from agreements.models.states import Capacity, Stage


class Snapshot(models.Model):
    """The exact content that was signed, as canonical JSON; only ever inserted."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="snapshots")
    stage = models.CharField(max_length=6, choices=Stage)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    # Where an agreement was split: whether it is the content of all parts together, not of this one.
    is_whole = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["version", "stage", "sha256"], name="snapshot_once"),)

    def __str__(self) -> str:
        return self.sha256


def signed_version(version: Version, stage: str) -> int:
    """Return the key of the version under which the signatures of `stage` stand that hold for `version`."""
    carried = version.agreed_in_id if stage == Stage.AGREE else None
    return carried or version.pk


class SignatureQuerySet(models.QuerySet["Signature"]):
    """Questions about signatures."""

    def visible_to(self, user: User) -> SignatureQuerySet:
        """Return the signatures under the agreements that `user` may see."""
        return self.filter(version__part__agreement__in=Agreement.objects.visible_to(user))

    def standing_under(self, version: Version, stage: str) -> SignatureQuerySet:
        """Return the signatures that hold for `version` at `stage`, carried over where only the result was returned."""
        return self.filter(version=signed_version(version, stage), stage=stage)


class Signature(models.Model):
    """Who signed, as what, when, over which content; only ever inserted."""

    class Decision(models.TextChoices):
        SIGNED = "signed", _("Signed")
        AGREES = "agrees", _("Agrees")
        DIFFERS = "differs", _("Differs")
        WITNESSED = "witnessed", _("Bears witness that the result was told")

    class Method(models.TextChoices):
        PORTAL = "portal", _("In the portal")
        PAPER = "paper", _("On paper")

    version = models.ForeignKey(Version, models.PROTECT, related_name="signatures")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="signatures")
    signatory = models.ForeignKey(User, models.PROTECT, related_name="signatures")
    capacity = models.CharField(max_length=12, choices=Capacity)
    stage = models.CharField(max_length=6, choices=Stage)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.SIGNED)
    comment = models.TextField(_("comment"), blank=True)
    name = models.CharField(max_length=300)
    title = models.CharField(max_length=250)
    # The position for which the signatory was acting, as it is printed: รักษาราชการแทน …
    acting_for = models.CharField(max_length=250, blank=True)
    content_hash = models.CharField(max_length=64, db_index=True)
    signed_at = models.DateTimeField()
    # Of a signature on paper, `signed_at` is when it was recorded; the paper bears a day.
    method = models.CharField(max_length=6, choices=Method, default=Method.PORTAL)
    signed_on = models.DateField(_("date on the paper"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    scan_name = models.CharField(max_length=255, blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "capacity", "stage"], name="signature_once_per_capacity"),
            models.UniqueConstraint(fields=["version", "signatory", "stage"], name="signature_once_per_signatory"),
            models.CheckConstraint(
                condition=~models.Q(decision="differs") | ~models.Q(comment=""),
                name="signature_difference_in_words",
                violation_error_message=_("Say in words how you differ."),
            ),
            models.CheckConstraint(
                condition=models.Q(method="portal", signed_on=None, recorded_by=None, scan=None, scan_name="")
                | (
                    models.Q(method="paper", signed_on__isnull=False, scan__isnull=False)
                    & models.Q(recorded_by__isnull=False)
                    & ~models.Q(recorded_by=models.F("signatory"))
                ),
                name="signature_on_paper_has_a_scan_and_a_recorder",
                violation_error_message=_("A signature on paper needs its date, its scan and who recorded it."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.capacity}/{self.stage} {self.content_hash[:8]}"

    @property
    def short_code(self) -> str:
        """The first twelve digits of the signed content's hash, as printed beside the name."""
        return self.content_hash[:12].upper()


class Refusal(models.Model):
    """That the result was told to an assessee who does not sign; a witness signs in their place."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="refusal")
    told_on = models.DateField(_("told on"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version_id}: {self.told_on}"


# The entry that somebody was shown results of others: no act on them.
READ = "read"


class EventQuerySet(models.QuerySet["Event"]):
    """Questions about the log."""

    def visible_to(self, user: User) -> EventQuerySet:
        """Return the events of the agreements that `user` may see."""
        return self.filter(agreement__in=Agreement.objects.visible_to(user))

    def about(self, agreement: Agreement) -> EventQuerySet:
        """Return the acts on `agreement`, with those of batches that list it; that it was read is none."""
        listed = models.Q(agreement=agreement) | models.Q(pk__in=agreement.batches.values("pk"))
        return self.exclude(verb=READ).filter(listed)


class Event(models.Model):
    """One act in an office's log: append-only, each record holding the hash of the one before."""

    office = models.ForeignKey(Organisation, models.PROTECT, related_name="events")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # The user name as it was then: HR may mend it later.
    actor_name = models.CharField(max_length=150, blank=True)
    # The position in which it was done, where it was done in one.
    acting_as = models.CharField(max_length=250, blank=True)
    verb = models.CharField(max_length=40)
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="events")
    # Of an act on many at once: those that its details list, to be found from each.
    batch = models.ManyToManyField(Agreement, related_name="batches", blank=True)
    # The signature that was given by it, and the hash of everything in its row.
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, blank=True, related_name="event")
    signature_hash = models.CharField(max_length=64, blank=True)
    # Hashes of what EventText says in words, which retention may erase; empty where nothing was before or is after.
    details_hash = models.CharField(max_length=64)
    before_hash = models.CharField(max_length=64, blank=True)
    after_hash = models.CharField(max_length=64, blank=True)
    # Of the request that did it, as in the server's log and on the error page; empty for commands.
    request_id = models.CharField(max_length=32, blank=True)
    # Which columns `own_hash` covers, and how: services/log.py, `head_of`.
    format = models.PositiveSmallIntegerField(default=1)
    previous_hash = models.CharField(max_length=64)
    own_hash = models.CharField(max_length=64, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["office", "number"], name="event_number_once_per_office"),)

    def __str__(self) -> str:
        return f"{self.office_id}#{self.number} {self.verb}"

    @property
    def head(self) -> str:
        """Number and first digits of the hash, as printed on paper: whoever holds it sees a log cut short."""
        return f"{self.number}-{self.own_hash[:12].upper()}"


class EventText(models.Model):
    """What an event says in words and figures; may be erased without breaking the chain."""

    event = models.OneToOneField(Event, models.CASCADE, related_name="text")
    details: Any = models.JSONField(default=dict)
    before: Any = models.JSONField(null=True, blank=True)
    after: Any = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.event_id)
