"""Rounds of assessment and what is decided for all who take part in one."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.fields import ExactDecimalField
from agreements.models.organisations import Organisation, PersonnelGroup, Posting, Role, User, subtree


def serving(user: User) -> models.Q:
    """Return the condition that an object with an `organisation` serves one of `user`'s places in the tree."""
    paths = [
        *Posting.objects.filter(user=user).values_list("organisation__path", flat=True),
        *Role.objects.filter(user=user).values_list("organisation__path", flat=True),
    ]
    above = Organisation.objects.around(paths).order_by().values("pk")
    return models.Q(organisation=None) | models.Q(organisation__in=above)


class CompetencySetQuerySet(models.QuerySet["CompetencySet"]):
    """Questions about sets of competencies."""

    def visible_to(self, user: User) -> CompetencySetQuerySet:
        """Return the sets that serve a place where `user` works or has a role."""
        return self.filter(serving(user))


class CompetencySet(models.Model):
    """The competencies that an organisation assesses, with what each level means."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=255)
    expected_levels = models.JSONField(_("expected levels"), default=dict, help_text=_("By position level."))

    objects = CompetencySetQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class Competency(models.Model):
    """One competency of a set."""

    class Kind(models.TextChoices):
        CORE = "core", _("Core competency")
        LINE = "line", _("Competency of the line of work")

    competency_set = models.ForeignKey(CompetencySet, models.CASCADE, related_name="competencies")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=255)
    levels = models.JSONField(_("what the levels mean"), default=dict, blank=True)
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["competency_set", "order"], name="competency_order_once_per_set"),
        )

    def __str__(self) -> str:
        return self.name


class Phase(models.TextChoices):
    """The parts of a round that end on a day of their own."""

    PROPOSE = "propose", _("Proposing agreements")
    REPORT = "report", _("Reporting results")
    ASSESS = "assess", _("Assessing")


class RoundQuerySet(models.QuerySet["Round"]):
    """Questions about rounds."""

    def visible_to(self, user: User) -> RoundQuerySet:
        """Return the rounds that serve a place where `user` works or has a role."""
        return self.filter(serving(user))

    def open(self) -> RoundQuerySet:
        """Return the rounds that are under way."""
        return self.filter(status=Round.Status.OPEN)


class Round(models.Model):
    """A period in which people and offices are assessed, with its rules."""

    class Number(models.IntegerChoices):
        WHOLE_YEAR = 0, _("Whole year")
        FIRST = 1, _("Round 1")
        SECOND = 2, _("Round 2")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Subject(models.TextChoices):
        PEOPLE = "people", _("People")
        ORGANISATIONS = "organisations", _("Organisations")

    class LateSubmissions(models.TextChoices):
        MARK = "mark", _("Taken, and marked as late")
        REFUSE = "refuse", _("Refused; HR can give more time")

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="rounds", verbose_name=_("organisation")
    )
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"), help_text=_("Buddhist Era, for example 2556."))
    number = models.PositiveSmallIntegerField(_("round"), choices=Number)
    # Whose agreements are made in it: those of people, or those of offices (ข้อตกลงการปฏิบัติราชการ).
    subject = models.CharField(_("agreements of"), max_length=14, choices=Subject, default=Subject.PEOPLE)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    propose_by = models.DateField(_("propose by"), null=True, blank=True)
    report_by = models.DateField(_("report by"), null=True, blank=True)
    assess_by = models.DateField(_("assess by"), null=True, blank=True)
    # Taken and marked unless HR says otherwise: a forgotten setting must not keep somebody's work out of the round.
    late_submissions = models.CharField(
        _("what comes after a deadline is"), max_length=10, choices=LateSubmissions, default=LateSubmissions.MARK
    )
    achievement_weight = ExactDecimalField(_("weight of achievement"), default="70")
    competency_weight = ExactDecimalField(_("weight of competency"), default="30")
    # Where a group of personnel has other weights: {"probation": ["50", "50"]}, achievement first.
    group_weights = models.JSONField(_("weights by personnel group"), default=dict, blank=True)
    grades = models.JSONField(_("grades"), default=list)
    # 100, or the highest level of the scale where the grades' bounds are those of the total itself.
    grades_on = ExactDecimalField(_("grades apply to"), default="100")
    least_indicators = models.PositiveSmallIntegerField(_("least number of indicators"), default=4)
    plan_below_level = models.PositiveSmallIntegerField(_("plan row due below level"), default=3)
    releases_on_assessment = models.BooleanField(_("releases on assessment"), default=False)
    # Whether a committee looks at the results before HR releases them.
    has_screening = models.BooleanField(_("has a screening committee"), default=False)
    # Whether HR checks each proposal for completeness before the assessor signs.
    checks_completeness = models.BooleanField(_("HR checks proposals for completeness"), default=False)
    # Whether the superior of the reviewer gives an opinion, too, where there is one.
    second_review = models.BooleanField(_("has a second reviewer"), default=False)
    competency_set = models.ForeignKey(CompetencySet, models.PROTECT, null=True, related_name="+")

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "fiscal_year", "number"],
                name="round_once_per_organisation_and_year",
                violation_error_message=_("This organisation has this round already."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")),
                name="round_ends_after_it_starts",
                violation_error_message=_("A round ends after it starts."),
            ),
            models.CheckConstraint(
                condition=~models.Q(has_screening=True, releases_on_assessment=True),
                name="round_screened_before_its_release",
                violation_error_message=_(
                    "Where a committee looks at the results first, they are not released on assessment."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.fiscal_year}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:round", args=[self.pk])

    def weights_for(self, personnel_group: str) -> tuple[Decimal, Decimal]:
        """Return what achievement and competency weigh for somebody of `personnel_group`, in per cent."""
        own = self.group_weights.get(personnel_group) or (self.achievement_weight, self.competency_weight)
        return Decimal(own[0]), Decimal(own[1])

    @property
    def weights_by_group(self) -> list[tuple[str, Decimal, Decimal]]:
        """The groups of personnel that have weights of their own, in words, in the order of the list."""
        return [(str(group.label), *self.weights_for(group)) for group in PersonnelGroup if group in self.group_weights]


class RoundCompetencySet(models.Model):
    """The competencies for one type of position, where a round has others for it than for everybody."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="competency_sets")
    position_type = models.CharField(_("position type"), max_length=20, choices=Posting.PositionType)
    competency_set = models.ForeignKey(CompetencySet, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["round", "position_type"], name="round_one_set_per_position_type"),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.position_type}"


class ExtensionQuerySet(models.QuerySet["Extension"]):
    """Questions about extensions."""

    def granted(self) -> ExtensionQuerySet:
        """Return those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> ExtensionQuerySet:
        """Return those that concern a place where `user` is HR or auditor."""
        seen = models.Q(pk=None)
        for path in Role.objects.paths(user, Role.Kind.HR, Role.Kind.AUDITOR):
            seen |= subtree(path, field="organisation__path") | subtree(path, field="agreement__organisation__path")
        return self.filter(seen)


class Extension(models.Model):
    """More time for a phase: for a unit and all below it, or for one agreement."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="extensions")
    phase = models.CharField(_("what for"), max_length=10, choices=Phase)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    agreement = models.ForeignKey(
        "agreements.Agreement", models.PROTECT, null=True, blank=True, related_name="extensions"
    )
    until = models.DateField(_("until"))
    reason = models.TextField(_("reason"))
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(organisation=None, agreement__isnull=False)
                | models.Q(organisation__isnull=False, agreement=None),
                name="extension_for_a_unit_or_an_agreement",
                violation_error_message=_("An extension is for a unit or for one agreement."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.phase} {self.until}"


class LateMark(models.Model):
    """That the act of a phase came after its deadline, as it then was; the first time counts."""

    agreement = models.ForeignKey("agreements.Agreement", models.PROTECT, related_name="late_marks")
    phase = models.CharField(max_length=10, choices=Phase)
    due = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["agreement", "phase"], name="late_mark_once_per_phase"),)

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.phase}"


class Holiday(models.Model):
    """A day on which an organisation and all below it do not work."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="holidays")
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organisation", "day"], name="holiday_once_per_organisation"),)

    def __str__(self) -> str:
        return self.name


class DemoDay(models.Model):
    """The day that the demo office believes it is; a single row."""

    SINGLE = 1

    day = models.DateField()

    def __str__(self) -> str:
        return self.day.isoformat()
