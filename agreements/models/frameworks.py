"""Frameworks of indicators: drafted, published as numbered versions, never changed after."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from agreements import thai
from agreements.models.fields import ExactDecimalField
from agreements.models.organisations import Organisation, Role, User, subtree
from agreements.models.rounds import serving


def _edited_by(user: User) -> models.Q:
    # What serves all is a department's to edit; no other office would notice that it changed.
    edited = models.Q(organisation=None) & models.Q(models.Exists(Role.objects.of_what_serves_all(user)))
    for path in Role.objects.paths(user, Role.Kind.FRAMEWORK_EDITOR):
        edited |= subtree(path, field="organisation__path")
    return edited


# The unit code that stands for every unit of the framework (ทุกส่วนราชการ).
EVERY_UNIT = "all"


def is_given(assigned: Collection[str], unit_code: str) -> bool:
    """Return whether what is assigned to these unit codes is given to a unit of this code; one without has none."""
    return bool(unit_code) and (unit_code in assigned or EVERY_UNIT in assigned)


class FrameworkQuerySet(models.QuerySet["Framework"]):
    """Questions about frameworks."""

    def visible_to(self, user: User) -> FrameworkQuerySet:
        """Return the published frameworks that serve `user`, and the drafts that `user` may edit."""
        return self.filter((serving(user) & ~models.Q(status=Framework.Status.DRAFT)) | _edited_by(user))

    def editable_by(self, user: User) -> FrameworkQuerySet:
        """Return the drafts that `user` may change."""
        return self.edited_by(user).filter(status=Framework.Status.DRAFT)

    def edited_by(self, user: User) -> FrameworkQuerySet:
        """Return the drafts and versions of the offices whose frameworks `user` edits."""
        return self.filter(_edited_by(user))

    def library(self) -> FrameworkQuerySet:
        """Return the published libraries, whose templates are copied into agreements."""
        return self.filter(level=Framework.Level.LIBRARY, status=Framework.Status.PUBLISHED)

    def latest_published(self, code: str) -> Framework | None:
        """Return the highest published version of `code`."""
        return self.filter(code=code, version__isnull=False).order_by("-version").first()


class Framework(models.Model):
    """A set of indicators that an organisation's units and people are given."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")

    class Level(models.TextChoices):
        DEPARTMENT = "department", _("Department")
        PROVINCE = "province", _("Province")
        DISTRICT = "district", _("District")
        LOCAL_GOVERNMENT = "local_government", _("Local government")
        LIBRARY = "library", _("Library")

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="frameworks",
        null=True,
        blank=True,
        verbose_name=_("organisation"),
        help_text=_("Empty: it serves all."),
    )
    code = models.CharField(_("code"), max_length=80)
    version = models.PositiveIntegerField(_("version"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    title = models.CharField(_("title"), max_length=500)
    level = models.CharField(_("level"), max_length=20, choices=Level)
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"), null=True, blank=True)
    round_number = models.PositiveSmallIntegerField(_("round"), null=True, blank=True)
    total_weight = ExactDecimalField(_("total weight"), null=True, blank=True)
    # Everything of the document but its indicators, exactly as read; the columns above are its questions.
    header = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    # Counts the writes to a draft's header, units and order, so that nobody overwrites what they have not seen.
    revision = models.PositiveIntegerField(default=0)
    # Last year's, of which it began as a copy; its first version is compared with that one.
    begun_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["code", "version"], name="framework_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(status="draft"), name="framework_one_draft_per_code"
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", version=None)
                | (~models.Q(status="draft") & ~models.Q(version=None)),
                name="framework_numbered_when_published",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("agreements:framework", args=[self.pk])

    @property
    def name(self) -> str:
        """What people call it: its title, the year where the title does not say it, and the version after the first."""
        year, name = str(self.fiscal_year or ""), self.title
        if year and year not in thai.to_arabic_digits(name):
            # Before the title, which is cut short where there is little room.
            when = f"{self.round_number}/{year}" if self.round_number else year
            name = f"{when} · {name}"
        if self.version and self.version > 1:
            return gettext("%(framework)s (version %(number)s)") % {"framework": name, "number": self.version}
        return name

    @property
    def reference(self) -> str:
        """`CODE@2` for a version, `CODE` for a draft."""
        return f"{self.code}@{self.version}" if self.version else self.code


class Dimension(models.Model):
    """A heading of a framework with its share of the weight."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="dimensions")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="parts")
    code = models.CharField(_("code"), max_length=80)
    title = models.CharField(_("title"), max_length=500)
    weight = ExactDecimalField(_("weight"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        constraints = (models.UniqueConstraint(fields=["framework", "code"], name="dimension_code_once"),)

    def __str__(self) -> str:
        return self.title


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Questions about indicators."""

    def visible_to(self, user: User) -> IndicatorQuerySet:
        """Return the indicators of the frameworks that `user` may see."""
        return self.filter(framework__in=Framework.objects.visible_to(user))

    def editable_by(self, user: User) -> IndicatorQuerySet:
        """Return the indicators of the drafts that `user` may change."""
        return self.filter(framework__in=Framework.objects.editable_by(user))

    def in_order(self) -> IndicatorQuerySet:
        """Order as the framework lists them, parents before their children."""
        return self.order_by("order", "pk")


class Indicator(models.Model):
    """What is measured, and how the measured value becomes a score."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="indicators")
    dimension = models.ForeignKey(Dimension, models.SET_NULL, null=True, blank=True, related_name="indicators")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    code = models.CharField(_("code"), max_length=80)
    title = models.TextField(_("title"))
    weight = ExactDecimalField(_("weight"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"))
    # One indicator of framework-format.md without its children.
    definition = models.JSONField()
    # What stands in the template's fields while it is no definition by the rules yet; such a draft is not published.
    typed = models.JSONField(null=True, blank=True)
    # Counts the writes, so that nobody overwrites what they have not seen.
    revision = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["framework", "code"], name="indicator_code_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:indicator", args=[self.framework_id, self.code])

    @property
    def assigned_units(self) -> list[str]:
        """The unit codes it is given to."""
        units: Any = self.definition.get("assigned_units", [])
        return list(units)
