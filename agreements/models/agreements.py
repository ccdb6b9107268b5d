"""Agreements: who agreed what with whom, in parts and versions."""

from __future__ import annotations

import uuid
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.fields import ExactDecimalField
from agreements.models.frameworks import Indicator
from agreements.models.organisations import (
    Organisation,
    PersonnelGroup,
    Posting,
    Role,
    User,
    below_any,
    held_by,
    subtree,
)
from agreements.models.rounds import Competency, Round
from agreements.models.states import (
    MAIN_LINE,
    PART_STATES,
    TURNS,
    WITNESSES_OF_AGREEMENT,
    Capacity,
    Stage,
    State,
    Turn,
    awaited,
)


class EndedBecause(models.TextChoices):
    """Why HR ended an agreement before its round was over."""

    RESIGNED = "resigned", _("Resigned or retired")
    TRANSFERRED = "transferred", _("Transferred out")
    STUDY_LEAVE = "study_leave", _("Study leave")
    DIED = "died", _("Died")
    OTHER = "other", _("Another reason")


# A closed agreement has come to its end; it is reopened, not ended.
ENDABLE: list[str] = [state.value for state in MAIN_LINE if state != State.CLOSED]


class AgreementKey(int):
    """The key of an agreement as it stands in an address, with the number of the part that is meant, if one is.

    Pages of an agreement that was split carry the part in their address (/agreements/12-2/…), and every link on them
    stays with it, because `agreement.pk` of the page is such a key. Everywhere else it is the plain key.
    """

    part: int | None

    def __new__(cls, key: int, part: int | None = None) -> AgreementKey:
        made = super().__new__(cls, key)
        made.part = part
        return made


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Questions about agreements."""

    def visible_to(self, user: User) -> AgreementQuerySet:
        """Return the agreements that `user` takes part in, looks after indicators of, or oversees as HR, auditor or
        member of the screening committee.

        Those of offices are followed by their executives, too: no person's result stands in them.
        """
        seen = models.Q(
            pk__in=Party.objects.filter(user=user, version__is_current=True).values("version__part__agreement")
        )
        looked_after = Part.objects.filter(held_by(user, field="duties__posting"))
        seen |= models.Q(person=None, pk__in=looked_after.values("agreement"))
        if user.stands_in:
            stood_in = Party.objects.stood_in_for(user).values("version__part__agreement")
            seen |= models.Q(pk__in=stood_in) & ~models.Q(person=user)
        narrower = {
            Role.Kind.EXECUTIVE: models.Q(person=None),
            # The committee sees what was assessed: until it is, an agreement is the affair of its parties.
            Role.Kind.SCREENING: models.Q(round__has_screening=True, pk__in=_once_assessed()),
        }
        kinds = (Role.Kind.HR, Role.Kind.AUDITOR, *narrower)
        for kind, path in Role.objects.held(user, *kinds):
            seen |= subtree(path, field="organisation__path") & narrower.get(Role.Kind(kind), models.Q())
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
        for turn in TURNS:
            if turn.capacity is not None:
                waits |= _waits(turn.state, Party.objects.taken_by(user, turn.capacity).filter(_is_next(turn)))
        return self.filter(waits, round__status=Round.Status.OPEN)

    def awaiting_hr(self, user: User) -> AgreementQuerySet:
        """Return the agreements in open rounds that `user`, as HR, is to check, release or close; never one's own."""
        within = models.Q(pk=None)
        for path in Role.objects.paths(user, Role.Kind.HR):
            within |= subtree(path, field="organisation__path")
        unchecked = Version.objects.filter(is_current=True, checked_at=None, part__state=State.PROPOSED)
        waits = models.Q(state__in=WAITING_FOR_HR) | models.Q(
            state__in=PART_STATES, round__checks_completeness=True, pk__in=unchecked.values("part__agreement")
        )
        waits &= ~(models.Q(state=State.ASSESSED, round__has_screening=True) & _unscreened())
        return self.filter(within, waits, round__status=Round.Status.OPEN).exclude(_own(user))

    def awaiting_committee(self, user: User) -> AgreementQuerySet:
        """Return the assessed agreements in open rounds that `user` is to screen on the committee; never one's own."""
        seats = Role.objects.paths(user, Role.Kind.SCREENING)
        if not seats:
            return self.none()
        waits = models.Q(state=State.ASSESSED, round__has_screening=True, round__status=Round.Status.OPEN)
        return self.filter(waits, below_any(seats, field="organisation__path"), _unscreened()).exclude(_own(user))

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
                        Version.objects.filter(is_current=True).prefetch_related("parties__user", "signatures"),
                        to_attr="current_versions",
                    )
                ),
            )
        )


def _own(user: User) -> models.Q:
    """Return the condition that an agreement is `user`'s own, or that of an office that `user` signs for."""
    of_own_office = Part.objects.filter(posting__user=user, agreement__person=None)
    return models.Q(person=user) | models.Q(pk__in=of_own_office.values("agreement"))


def _unscreened() -> models.Q:
    """Return the condition that the screening committee has not looked at an agreement as it now stands."""
    found = Version.objects.filter(is_current=True, screened_at=None, part__is_last=True)
    return models.Q(pk__in=found.values("part__agreement"))


def _once_assessed() -> models.QuerySet[Any]:
    """Return the keys of the agreements whose assessment was signed, also where it is being mended."""
    # The module of outcomes stands on this one.
    return apps.get_model("agreements", "Outcome").objects.values("agreement")


def _waits(state: State, parties: models.QuerySet[Party]) -> models.Q:
    """Return the condition that an agreement waits in `state` for one of `parties`.

    Up to assessed each part waits by itself; then the whole waits for the parties of its last part.
    """
    if state in PART_STATES:
        own = parties.filter(version__part__state=state)
        return models.Q(state__in=PART_STATES, pk__in=own.values("version__part__agreement"))
    whole = parties.filter(version__part__is_last=True)
    return models.Q(state=state, pk__in=whole.values("version__part__agreement"))


def _is_next(turn: Turn) -> models.Q:
    """Return the condition, on a party, that it is in `turn`'s capacity and that nobody comes before it."""
    assert turn.capacity is not None  # noqa: S101  HR is no party
    inside = models.Q(capacity=turn.capacity)
    if turn.capacity == Capacity.ASSESSOR and turn.state == State.PROPOSED:
        return inside & ~_is_held_up()
    stage = Stage.AGREE if turn.state == State.PROPOSED else Stage.RESULT
    once = (Capacity.COMMENTATOR, Capacity.WITNESS, Capacity.REVIEWER, Capacity.REVIEWER_2, *WITNESSES_OF_AGREEMENT)
    if turn.capacity in once:
        inside &= models.Q(_lacks_signature_of(turn.capacity, stage))
    if turn.capacity == Capacity.REVIEWER_2:
        inside &= ~models.Q(_lacks_signature_of(Capacity.REVIEWER, stage))
    return inside


def _lacks_signature_of(capacity: str, stage: str) -> models.Exists:
    """Return the condition, on a party, that its version has one in `capacity` who has not signed."""
    signed = Version.objects.filter(signatures__capacity=capacity, signatures__stage=stage)
    others = Party.objects.filter(version=models.OuterRef("version"), capacity=capacity)
    return models.Exists(others.exclude(models.Exists(signed.filter(pk=models.OuterRef("version")))))


def _is_held_up() -> models.Q:
    """Return the condition, on the assessor of a proposal, that HR's check or the commentator comes first."""
    unchecked = models.Q(version__part__agreement__round__checks_completeness=True, version__checked_at=None)
    before = (Capacity.COMMENTATOR, *WITNESSES_OF_AGREEMENT)
    given = models.OuterRef("capacity")
    signed = Version.objects.filter(
        pk=models.OuterRef("version"), signatures__capacity=given, signatures__stage=Stage.AGREE
    )
    lacking = Party.objects.filter(version=models.OuterRef("version"), capacity__in=before)
    return unchecked | models.Q(models.Exists(lacking.exclude(models.Exists(signed))))


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
    # Where HR ended it: why, and the state that it had reached.
    ended_because = models.CharField(_("why it ends"), max_length=14, choices=EndedBecause, blank=True)
    ended_reason = models.TextField(_("in words"), blank=True)
    ended_from = models.CharField(max_length=14, choices=State, blank=True)

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
            models.CheckConstraint(
                condition=models.Q(state="ended", ended_from__in=ENDABLE) & ~models.Q(ended_because="")
                | ~models.Q(state="ended") & models.Q(ended_from="", ended_because="", ended_reason=""),
                name="agreement_ended_with_a_reason",
            ),
        )
        indexes = (models.Index(fields=["round", "state"], name="agreement_round_state"),)

    def __str__(self) -> str:
        return f"{self.round_id}/{self.person_id or self.organisation_id}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement", args=[self.pk])

    @property
    def current_version(self) -> Version:
        """The version that counts now, of the last part where there are several; for rows fetched by `for_list`."""
        return self.current_versions[-1]

    @property
    def current_versions(self) -> list[Version]:
        """The version of each part that counts now, in the order of the parts; for rows fetched by `for_list`."""
        return [part.current_versions[0] for part in self.parts.all()]  # type: ignore[attr-defined]

    @property
    def parties(self) -> dict[str, Party]:
        """The parties of the current version by capacity; for rows fetched by `for_list`."""
        return {party.capacity: party for party in self.current_version.parties.all()}

    @property
    def waits_for(self) -> Party | None:
        """The first party whose turn it is, none where it is HR's; for rows fetched by `for_list`."""
        return next(iter(self.all_waited_for), None)

    @property
    def all_waited_for(self) -> list[Party]:
        """The parties whose turn it is, one a part that waits, each once; for rows fetched by `for_list`."""
        found: dict[int, Party] = {}
        for version in self.current_versions:
            if self.state in PART_STATES or version.part.is_last:
                for party in awaited(version):
                    found.setdefault(party.user_id, party)
        return list(found.values())

    @property
    def reached(self) -> str:
        """The state that the work has reached; where the agreement was ended, the one before that."""
        return self.ended_from or self.state

    @property
    def subject(self) -> str:
        """Whose agreement it is, in words: a person's name, or that of an organisation."""
        return self.person.full_name if self.person else self.organisation.name

    @property
    def is_of_organisation(self) -> bool:
        """Whether an organisation agreed it, not a person."""
        return self.person_id is None


class Part(models.Model):
    """The days of an agreement under one posting and one assessor; nearly always the whole round."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="parts")
    number = models.PositiveSmallIntegerField(default=1)
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="agreement_parts")
    assessor = models.ForeignKey(Posting, models.PROTECT, related_name="assessed_parts")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.DRAFT)
    # The acts of the whole (release and what follows) are taken on the version of this part.
    is_last = models.BooleanField(default=True)
    # Why the agreement was split where this part begins.
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["agreement", "number"], name="part_number_once"),
            models.UniqueConstraint(fields=["agreement"], condition=models.Q(is_last=True), name="part_one_last"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="part_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~models.Q(posting=models.F("assessor")), name="part_nobody_assesses_themselves"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement_id}.{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement", args=[AgreementKey(self.agreement_id, self.number)])

    @property
    def standing(self) -> str:
        """How far it is: its own state up to assessed, then that of the whole; for parts fetched with it."""
        return self.state if self.agreement.state in PART_STATES else self.agreement.state

    @property
    def reached(self) -> str:
        """The state that the work on it has reached; where the agreement was ended, the one before that."""
        return self.state if self.agreement.reached in PART_STATES else self.agreement.reached

    @property
    def is_only(self) -> bool:
        """Whether the agreement was never split."""
        return self.number == 1 and self.is_last

    @property
    def days(self) -> int:
        """The days that it counts for in the whole, the first and the last among them."""
        return (self.ends_on - self.starts_on).days + 1


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
    # The signed version that this one amends and why, and when the amendment was given up without being signed.
    amends = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="amended_by")
    amends_because = models.TextField(_("reason"), blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)
    full_score_reason = models.TextField(_("reason for the full score"), blank=True)
    # HR's check for completeness, where the round wants one before the assessor signs.
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    # That the screening committee has looked at what was assessed, where the round has one.
    screened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    screened_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["part", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["part"], condition=models.Q(is_current=True), name="version_one_current"),
            models.CheckConstraint(
                condition=models.Q(amends=None) | ~models.Q(amends_because=""), name="version_amends_with_a_reason"
            ),
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
    def is_being_mended(self) -> bool:
        """Whether what it was returned for is still to be mended; for versions fetched with their agreement."""
        mending = (State.AGREED, State.REPORTED) if self.agreed_in_id else (State.DRAFT,)
        return bool(self.reason) and self.part.standing in mending

    @property
    def returned_because(self) -> str:
        """Why it was returned, as long as it is to be mended; for versions fetched with their agreement."""
        return self.reason if self.is_being_mended else ""

    @property
    def is_open_amendment(self) -> bool:
        """Whether it is to replace a signed version that still holds; for versions fetched with their agreement."""
        is_unsigned = self.is_current and self.part.standing in (State.DRAFT, State.PROPOSED)
        return self.amends_id is not None and is_unsigned


class PartyQuerySet(models.QuerySet["Party"]):
    """Questions about who takes part."""

    def stood_in_for(self, user: User) -> PartyQuerySet:
        """Return the present places of those for whom `user` is acting today."""
        # A place without its position was written before positions were kept with it.
        held = models.Q(posting__in=user.stands_in) | models.Q(
            posting=None, user__in=[posting.user_id for posting in user.stands_in.values()]
        )
        return self.filter(held, version__is_current=True, capacity__in=STOOD_IN)

    def taken_by(self, user: User, capacity: str) -> PartyQuerySet:
        """Return the present places of `user` in `capacity`, and those that `user` takes today as acting."""
        own = models.Q(user=user, version__is_current=True)
        if user.stands_in and capacity in STOOD_IN:
            stood_in = self.stood_in_for(user).exclude(version__part__agreement__person=user)
            own |= models.Q(pk__in=stood_in.values("pk"))
        return self.filter(own)


class Party(models.Model):
    """Who takes part in a version, with name and position as they were."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="parties")
    capacity = models.CharField(_("capacity"), max_length=12, choices=Capacity)
    user = models.ForeignKey(User, models.PROTECT, related_name="takes_part")
    # The position itself, so that whoever is acting for it is known; the words below stay as they were.
    posting = models.ForeignKey(Posting, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=300)
    title = models.CharField(_("position"), max_length=200)
    position_type = models.CharField(_("position type"), max_length=20, blank=True)
    level = models.CharField(_("position level"), max_length=40, blank=True)
    # Decides which component weights hold, so that a later appointment changes nothing that was signed.
    personnel_group = models.CharField(_("personnel group"), max_length=20, choices=PersonnelGroup, blank=True)
    number = models.CharField(_("position number"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=255, blank=True)
    office = models.CharField(_("office"), max_length=255, blank=True)
    province = models.CharField(_("province"), max_length=120, blank=True)

    objects = PartyQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "capacity"], name="party_one_per_capacity"),
            models.UniqueConstraint(
                fields=["version", "user"],
                name="party_nobody_in_two_capacities",
                violation_error_message=_("This person takes part in the agreement already."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_stood_in_by(self, user: User) -> bool:
        """Return whether `user` is acting today for the position that takes part here."""
        if self.posting_id is not None:
            return self.posting_id in user.stands_in
        return any(posting.user_id == self.user_id for posting in user.stands_in.values())


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
    # What is to be mended here, where the agreement was returned; told as long as the version is being mended.
    returned_because = models.TextField(_("what is to be mended"), blank=True)

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


# The capacities whose acts somebody acting for the position may take: never those of the one who is assessed.
STOOD_IN = (Capacity.COMMENTATOR, Capacity.ASSESSOR, Capacity.REVIEWER, Capacity.REVIEWER_2)
WAITING_FOR_HR = [State.ASSESSED, State.REVIEWED]
