"""What each signed assessment came to, kept so that lists and charts count in the database."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement, Version
from agreements.models.organisations import Role, User, below_any
from agreements.models.signing import Signature
from agreements.models.states import State

# Whoever looks at what was assessed before its release.
SCREENERS = (Role.Kind.HR, Role.Kind.SCREENING)
RELEASED = (State.RELEASED, State.ACKNOWLEDGED, State.REVIEWED, State.CLOSED)


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    """Questions about outcomes."""

    def current(self) -> OutcomeQuerySet:
        """Return the last outcome of each agreement."""
        return self.filter(is_current=True)

    def standing(self) -> OutcomeQuerySet:
        """Return the outcomes that hold: those of agreements that are assessed, or released since."""
        return self.current().filter(agreement__state__in=[State.ASSESSED, *RELEASED])

    def of_released_people(self) -> OutcomeQuerySet:
        """Return the outcomes that people have been told."""
        return self.current().filter(agreement__state__in=RELEASED, agreement__person__isnull=False)

    def screened_by(self, user: User) -> OutcomeQuerySet:
        """Return the outcomes that `user` looks at as HR, or as a member of the committee where the round has one.

        Before the release nobody sees their own.
        """
        held = Role.objects.held(user, *SCREENERS)
        of_hr, of_committee = (
            below_any([path for kind, path in held if kind == one], field="agreement__organisation__path")
            for one in SCREENERS
        )
        within = of_hr | of_committee & models.Q(agreement__round__has_screening=True)
        signed_for = Agreement.objects.filter(person=None, parts__posting__user=user).values("pk")
        own = models.Q(agreement__person=user) | models.Q(agreement__in=signed_for)
        return self.filter(within).exclude(own & ~models.Q(agreement__state__in=RELEASED))


class Outcome(models.Model):
    """The figures of an assessment as it was signed, in ten-thousandths; the next assessment makes the next outcome.

    What was signed stands in the snapshot; this is what of it is counted. Only ever inserted.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="outcomes")
    # The version under which it is released: that of the last part.
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    # The assessor's signature that completed it.
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="outcome")
    before = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="after")
    is_current = models.BooleanField(default=True)
    # What the grade was given for: out of 100, or of the total where the round's grades are on that.
    graded = models.PositiveIntegerField(_("graded score"), null=True)
    achievement = models.PositiveIntegerField(_("achievement"), null=True)
    self_achievement = models.PositiveIntegerField(_("self score"), null=True)
    grade = models.CharField(_("grade"), max_length=100, blank=True)
    is_near_edge = models.BooleanField(_("near a grade's edge"), default=False)
    reasons_missing = models.PositiveSmallIntegerField(_("missing reasons"), default=0)
    plans_missing = models.PositiveSmallIntegerField(_("missing development plans"), default=0)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["agreement"], condition=models.Q(is_current=True), name="outcome_one_current"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.graded}"

    @property
    def score(self) -> Decimal | None:
        """The graded score as it is displayed."""
        return shown(self.graded)

    @property
    def assessed(self) -> Decimal | None:
        """The assessor's achievement as it is displayed."""
        return shown(self.achievement)

    @property
    def own(self) -> Decimal | None:
        """The assessee's own achievement as it is displayed."""
        return shown(self.self_achievement)

    @property
    def difference(self) -> Decimal | None:
        """By how much the assessor's achievement lies above (or below) the assessee's own."""
        return None if self.assessed is None or self.own is None else self.assessed - self.own


PLACES = 4


def shown(figure: int | None) -> Decimal | None:
    """Return a figure that is kept in ten-thousandths."""
    return None if figure is None else Decimal(figure).scaleb(-PLACES)


def kept(figure: str | None) -> int | None:
    """Return a figure of a signed content, which is displayed to four places at the most, in ten-thousandths."""
    return None if figure is None else int(Decimal(figure).scaleb(PLACES))
