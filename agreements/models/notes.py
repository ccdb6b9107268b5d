"""Notes: what an assessor remarks on an assessee's work and behaviour during the round."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Part, Party
from agreements.models.organisations import User


class NoteQuerySet(models.QuerySet["Note"]):
    """Questions about notes."""

    def visible_to(self, user: User) -> NoteQuerySet:
        """Return the private notes of `user` and of those `user` is acting for, and what was shared with the parties.

        HR and auditors, who see the agreement, see no note. Whoever succeeds an assessor sees the shared ones alone.
        """
        parties = Party.objects.filter(user=user, version__is_current=True)
        takes_part = models.Q(part__agreement__in=parties.values("version__part__agreement"))
        private = models.Q(owner=user)
        if user.stands_in:
            # Whoever is acting for their own assessor must not read what was noted about themselves.
            private |= models.Q(owner_posting__in=user.stands_in) & ~takes_part
            acting = Party.objects.stood_in_for(user).exclude(version__part__agreement__person=user)
            takes_part |= models.Q(part__agreement__in=acting.values("version__part__agreement"))
        shared = models.Q(shared_at__isnull=False) & takes_part
        return self.filter(private | shared, part__agreement__in=Agreement.objects.visible_to(user))

    def newest_first(self) -> NoteQuerySet:
        """Order by the day that they are about, the newest first."""
        return self.order_by("-about_day", "-pk")


class Note(models.Model):
    """A dated remark on work and behaviour; private to its assessor until it is shared."""

    part = models.ForeignKey(Part, models.PROTECT, related_name="notes")
    # Whose it is: the assessor's, also where somebody acting for the assessor wrote it.
    owner = models.ForeignKey(User, models.PROTECT, related_name="notes")
    owner_posting = models.ForeignKey("agreements.Posting", models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    about_day = models.DateField(_("day"))
    # An indicator's lineage or a competency's order; neither where it is about work and behaviour at large.
    about_item = models.UUIDField(null=True, blank=True)
    about_competency = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(_("note"))
    written_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["part", "about_day"], name="note_part_day"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(about_item=None) | models.Q(about_competency=None), name="note_about_one_thing"
            ),
            models.CheckConstraint(
                condition=models.Q(shared_at__isnull=False) | models.Q(answer=""), name="note_answered_once_shared"
            ),
        )

    def __str__(self) -> str:
        return f"{self.part_id} {self.about_day}"
