"""Agreements: who agreed what with whom, in parts and versions."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.fields import ExactDecimalField
from agreements.models.frameworks import Indicator
from agreements.models.organisations import Organisation, Posting, Role, User, subtree
from agreements.models.rounds import Competency, Round


class State(models.TextChoices):
    """The states of an agreement, in their order."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    REPORTED = "reported", _("Reported")
    ASSESSED = "assessed", _("Assessed")
    RELEASED = "released", _("Released")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    REVIEWED = "reviewed", _("Reviewed")
    CLOSED = "closed", _("Closed")


class Capacity(models.TextChoices):
    """As what a person takes part in an agreement."""

    ASSESSEE = "assessee", _("Assessee")
    COMMENTATOR = "commentator", _("Commentator")
    ASSESSOR = "assessor", _("Assessor")
    REVIEWER = "reviewer", _("Reviewer")
    REVIEWER_2 = "reviewer_2", _("Second reviewer")
    WITNESS = "witness", _("Witness")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Questions about agreements."""

    def visible_to(self, user: User) -> AgreementQuerySet:
        """Return the agreements that `user` takes part in, or oversees as HR or auditor."""
        seen = models.Q(
            pk__in=Party.objects.filter(user=user, version__is_current=True).values("version__part__agreement")
        )
        for path in Role.objects.paths(user, Role.Kind.HR, Role.Kind.AUDITOR):
            seen |= subtree(path, field="organisation__path")
        return self.filter(seen)

    def in_offices_led_by(self, user: User) -> AgreementQuerySet:
        """Return the agreements whose progress, never whose scores, `user` follows as HR, auditor or executive."""
        seen = models.Q(pk=None)
        for path in Role.objects.paths(user, Role.Kind.HR, Role.Kind.AUDITOR, Role.Kind.EXECUTIVE):
            seen |= subtree(path, field="organisation__path")
        return self.filter(seen)

    def waiting_for(self, user: User) -> AgreementQuerySet:
        """Return the agreements in open rounds whose next act is one that `user` takes as a party."""
        waits = models.Q(pk=None)
        for capacity, states in WAITING.items():
            mine = Party.objects.filter(user=user, capacity=capacity, version__is_current=True)
            waits |= models.Q(state__in=states, pk__in=mine.values("version__part__agreement"))
        return self.filter(waits, round__status=Round.Status.OPEN)

    def awaiting_hr(self, user: User) -> AgreementQuerySet:
        """Return the agreements in open rounds that `user`, as HR, is to release or close; never one's own."""
        within = models.Q(pk=None)
        for path in Role.objects.paths(user, Role.Kind.HR):
            within |= subtree(path, field="organisation__path")
        waiting = self.filter(within, state__in=WAITING_FOR_HR, round__status=Round.Status.OPEN)
        return waiting.exclude(person=user)

    def matching(self, words: str) -> AgreementQuerySet:
        """Return the agreements whose assessee or unit is found by `words`."""
        found = self
        for word in words.split():
            found = found.filter(
                models.Q(person__first_name__icontains=word)
                | models.Q(person__last_name__icontains=word)
                | models.Q(organisation__name__icontains=word)
            )
        return found

    def for_list(self) -> AgreementQuerySet:
        """Fetch what a row of a list shows."""
        return self.select_related("round", "person", "organisation").prefetch_related(
            models.Prefetch(
                "parts",
                Part.objects.order_by("number").prefetch_related(
                    models.Prefetch(
                        "versions",
                        Version.objects.filter(is_current=True).prefetch_related("parties__user"),
                        to_attr="current_versions",
                    )
                ),
            )
        )


class Agreement(models.Model):
    """What one person, or one organisation, agreed for one round."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="agreements", verbose_name=_("round"))
    person = models.ForeignKey(
        User, models.PROTECT, related_name="agreements", null=True, blank=True, verbose_name=_("assessee")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="agreements", verbose_name=_("organisation")
    )
    # Follows the parts up to assessed; from release on it is the agreement's own. Written by services/agreements.py.
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.DRAFT)
    state_since = models.DateTimeField()

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["round", "person"],
                condition=models.Q(person__isnull=False),
                name="agreement_once_per_person_and_round",
                violation_error_message=_("This person has an agreement in this round already."),
            ),
            models.UniqueConstraint(
                fields=["round", "organisation"],
                condition=models.Q(person__isnull=True),
                name="agreement_once_per_organisation_and_round",
                violation_error_message=_("This organisation has an agreement in this round already."),
            ),
        )
        indexes = (models.Index(fields=["round", "state"], name="agreement_round_state"),)

    def __str__(self) -> str:
        return f"{self.round_id}/{self.person_id or self.organisation_id}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement", args=[self.pk])

    @property
    def current_version(self) -> Version:
        """The version that counts now; for rows fetched by `for_list`."""
        current: Version = self.parts.all()[0].current_versions[0]  # type: ignore[attr-defined]
        return current

    @property
    def parties(self) -> dict[str, Party]:
        """The parties of the current version by capacity; for rows fetched by `for_list`."""
        return {party.capacity: party for party in self.current_version.parties.all()}

    @property
    def waits_for(self) -> Party | None:
        """The party whose turn it is, none where it is HR's; for rows fetched by `for_list`."""
        turn = next((capacity for capacity, states in WAITING.items() if self.state in states), None)
        return self.parties.get(turn) if turn else None


class Part(models.Model):
    """The days of an agreement under one posting and one assessor; nearly always the whole round."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="parts")
    number = models.PositiveSmallIntegerField(default=1)
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="agreement_parts")
    assessor = models.ForeignKey(Posting, models.PROTECT, related_name="assessed_parts")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.DRAFT)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["agreement", "number"], name="part_number_once"),
            models.CheckConstraint(
                condition=~models.Q(posting=models.F("assessor")), name="part_nobody_assesses_themselves"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement_id}.{self.number}"


class VersionQuerySet(models.QuerySet["Version"]):
    """Questions about versions."""

    def visible_to(self, user: User) -> VersionQuerySet:
        """Return the versions of the agreements that `user` may see."""
        return self.filter(part__agreement__in=Agreement.objects.visible_to(user))

    def current(self) -> VersionQuerySet:
        """Return the versions that count now."""
        return self.filter(is_current=True)


class Version(models.Model):
    """One wording of a part: its parties, items, competencies, plan rows and signatures."""

    part = models.ForeignKey(Part, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_current = models.BooleanField(default=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why it was made, where it was returned."))
    # The version whose signatures at the start still hold, where only the result was returned.
    agreed_in = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    full_score_reason = models.TextField(_("reason for the full score"), blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["part", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["part"], condition=models.Q(is_current=True), name="version_one_current"),
        )

    def __str__(self) -> str:
        return f"{self.part_id} v{self.number}"

    def competencies_in_order(self) -> list[AgreedCompetency]:
        """Return the competencies in their order; asks nothing where they were fetched with the version."""
        return sorted(self.competencies.all(), key=lambda row: row.order)

    def plan_in_order(self) -> list[PlanRow]:
        """Return the rows of the plan in their order; asks nothing where they were fetched with the version."""
        return sorted(self.plan_rows.all(), key=lambda row: (row.order, row.pk))

    @property
    def returned_because(self) -> str:
        """Why it was returned, as long as it is to be mended; for versions fetched with their agreement."""
        mending = (State.AGREED, State.REPORTED) if self.agreed_in_id else (State.DRAFT,)
        return self.reason if self.part.agreement.state in mending else ""


class Party(models.Model):
    """Who takes part in a version, with name and position as they were."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="parties")
    capacity = models.CharField(_("capacity"), max_length=12, choices=Capacity)
    user = models.ForeignKey(User, models.PROTECT, related_name="takes_part")
    name = models.CharField(_("name"), max_length=300)
    title = models.CharField(_("position"), max_length=200)
    position_type = models.CharField(_("position type"), max_length=20, blank=True)
    level = models.CharField(_("position level"), max_length=40, blank=True)
    number = models.CharField(_("position number"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=255, blank=True)
    office = models.CharField(_("office"), max_length=255, blank=True)
    province = models.CharField(_("province"), max_length=120, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "capacity"], name="party_one_per_capacity"),
            models.UniqueConstraint(
                fields=["version", "user"],
                condition=models.Q(capacity__in=["assessee", "assessor", "reviewer", "reviewer_2"]),
                name="party_nobody_in_two_capacities",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """An indicator as agreed: a copy, so that editing a framework changes no agreement."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="items")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="items")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    cascades_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="cascades_to")
    # Stays the same across versions: results and evidence belong to it.
    lineage = models.UUIDField(default=uuid.uuid4)
    code = models.CharField(_("code"), max_length=80)
    title = models.TextField(_("indicator"))
    goal = models.TextField(_("goal or expected achievement"), blank=True)
    weight = ExactDecimalField(_("weight"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"))
    definition = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "code"], name="item_code_once_per_version"),
            models.UniqueConstraint(fields=["version", "lineage"], name="item_lineage_once_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def unit(self) -> str:
        """The unit of measure."""
        return str(self.definition.get("unit", ""))

    @property
    def criteria(self) -> dict[str, Any]:
        """The criteria as in the definition; empty for a composite."""
        return dict(self.definition.get("criteria") or {})

    @property
    def kind(self) -> str:
        """The kind of criteria, `composite` where there are sub-indicators instead."""
        return str(self.criteria.get("kind", "composite"))


class AgreedCompetency(models.Model):
    """A competency as agreed: the level expected, and at the end the level found."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="competencies")
    kind = models.CharField(_("kind"), max_length=10, choices=Competency.Kind)
    order = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("competency"), max_length=255, blank=True)
    levels = models.JSONField(default=dict, blank=True)
    expected = models.PositiveSmallIntegerField(_("expected level"))
    observed = models.PositiveSmallIntegerField(_("observed level"), null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "order"], name="competency_order_once_per_version"),
            models.CheckConstraint(
                condition=models.Q(expected__lte=5) & (models.Q(observed=None) | models.Q(observed__lte=5)),
                name="competency_levels_up_to_five",
                violation_error_message=_("Competency levels run from 0 to 5."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class PlanRow(models.Model):
    """A row of the development plan."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="plan_rows")
    # What the row is due for: an indicator's lineage or a competency's order; neither where it was added freely.
    about_item = models.UUIDField(null=True, blank=True)
    about_competency = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"))
    need = models.TextField(_("competency, knowledge or skill to develop"))
    method = models.TextField(_("how it is developed"))
    period = models.CharField(_("period"), max_length=200)
    measure = models.TextField(_("how success is measured"))

    def __str__(self) -> str:
        return self.need


WAITING_FOR_HR = [State.ASSESSED, State.REVIEWED]
# Which states wait for which party; the acts themselves are listed in agreements/actions.py.
WAITING: dict[str, list[str]] = {
    Capacity.ASSESSEE: [State.DRAFT, State.AGREED, State.RELEASED],
    Capacity.ASSESSOR: [State.PROPOSED, State.REPORTED],
    Capacity.REVIEWER: [State.ACKNOWLEDGED],
}
