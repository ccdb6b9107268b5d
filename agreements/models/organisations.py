"""Offices, the people in them, the positions they hold and the roles they were given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import ClassVar

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from agreements import thai


def subtree(path: str, *, field: str = "path") -> models.Q:
    """Return the condition that `field` lies at or below `path`: one range on the index."""
    return models.Q(**{f"{field}__gte": path, f"{field}__lt": next_path(path)})


def below_any(paths: list[str], *, field: str) -> models.Q:
    """Return the condition that `field` lies at or below one of `paths`."""
    found = models.Q(pk=None)
    for path in paths:
        found |= subtree(path, field=field)
    return found


def next_path(path: str) -> str:
    """Return the path beside `path`: greater than it and everything below it."""
    # Only letters and digits of paths, carried like a number: ":" or "[" stand elsewhere in many collations.
    last = MP_Node.alphabet.index(path[-1]) + 1
    if last == len(MP_Node.alphabet):
        return next_path(path[:-1]) + MP_Node.alphabet[0]
    return path[:-1] + str(MP_Node.alphabet[last])


class OrganisationQuerySet(MP_NodeQuerySet):
    """Questions about the tree of offices."""

    def within(self, organisation: Organisation) -> OrganisationQuerySet:
        """Return `organisation` and all below it."""
        return self.filter(subtree(organisation.path))

    def around(self, paths: list[str]) -> OrganisationQuerySet:
        """Return the organisations at `paths` and all above them."""
        steps = Organisation.steplen
        above = {path[:length] for path in paths for length in range(steps, len(path) + 1, steps)}
        return self.filter(path__in=above)

    def line_of(self, organisation: Organisation) -> OrganisationQuerySet:
        """Return `organisation` and all above it, from the top down."""
        return self.around([organisation.path]).order_by("path")

    def managed_by(self, user: User) -> OrganisationQuerySet:
        """Return the organisations whose people `user` looks after as HR."""
        return self.filter(below_any(Role.objects.paths(user, Role.Kind.HR), field="path"))

    def followed_by(self, user: User) -> OrganisationQuerySet:
        """Return the units whose reports `user` reads: those they head or have a role for, with all below."""
        kinds = (Role.Kind.DATA_REPORTER, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR)
        headed = Organisation.objects.filter(pk__in=list(user.heads)).values_list("path", flat=True)
        return self.filter(below_any([*Role.objects.paths(user, *kinds), *headed], field="path"))

    def matching(self, words: str) -> OrganisationQuerySet:
        """Return the organisations whose name, short name or code holds each of `words`."""
        found = self
        for word in words.split():
            named = models.Q(name__icontains=word) | models.Q(short_name__icontains=word)
            found = found.filter(named | models.Q(code__iexact=word))
        return found

    def in_thai_order(self) -> OrganisationQuerySet:
        """Order by name as a Thai dictionary does."""
        return self.order_by("sort_key", "pk")


class OrganisationManager(MP_NodeManager.from_queryset(OrganisationQuerySet)):  # type: ignore[misc]
    """The tree's manager, with the questions of its queryset."""

    def get_queryset(self) -> OrganisationQuerySet:
        return OrganisationQuerySet(self.model, using=self._db).order_by("path")


class Organisation(MP_Node):
    """An office or a part of one: department, province, group, district, municipality."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("Department")
        BUREAU = "bureau", _("Bureau")
        PROVINCE = "province", _("Provincial office")
        GROUP = "group", _("Group")
        DISTRICT = "district", _("District office")
        MUNICIPALITY = "municipality", _("Municipality")
        LOCAL_GOVERNMENT = "local_government", _("Local government")

    OFFICE_KINDS: ClassVar = {Kind.DEPARTMENT, Kind.PROVINCE, Kind.MUNICIPALITY, Kind.LOCAL_GOVERNMENT}

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=255)
    short_name = models.CharField(_("short name"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    unit_code = models.CharField(
        _("unit code"), max_length=60, blank=True, help_text=_("The code under which frameworks give it indicators.")
    )
    province_name = models.CharField(_("province"), max_length=120, blank=True)
    sort_key = models.CharField(max_length=600, editable=False, default="")

    objects = OrganisationManager()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.name = thai.normalise(self.name)
        self.sort_key = thai.sort_key(self.name)
        super().save(*args, **kwargs)

    @property
    def is_office(self) -> bool:
        """Whether this is an office with a log of its own, not a part of one."""
        return self.kind in self.OFFICE_KINDS


class UserQuerySet(models.QuerySet["User"]):
    """Questions about people."""

    def visible_to(self, user: User) -> UserQuerySet:
        """Return the people who hold or held a position, or have a role, where `user` is HR."""
        paths = Role.objects.paths(user, Role.Kind.HR)
        within = below_any(paths, field="organisation__path")
        placed = Posting.objects.filter(within).values("user")
        return self.filter(models.Q(pk__in=placed) | models.Q(pk__in=Role.objects.filter(within).values("user")))

    def not_gone_by(self, day: date) -> UserQuerySet:
        """Return the people who hold a position on `day` or from a later day on, or never held one."""
        held = models.Q(pk__in=Posting.objects.not_over_on(day).values("user"))
        return self.filter(held | ~models.Q(pk__in=Posting.objects.values("user")))

    def without_password(self) -> UserQuerySet:
        """Return the people who cannot sign in before they choose a password."""
        return self.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)

    def matching(self, words: str) -> UserQuerySet:
        """Return the people found by each of `words`: name, user name, position or position number."""
        found = self
        for word in words.split():
            key = thai.search_key(word)
            plain = thai.to_arabic_digits(thai.normalise(word))
            held = Posting.objects.filter(models.Q(title__icontains=plain) | models.Q(number__icontains=plain))
            named = models.Q(search_key__contains=key) if key else models.Q()
            found = found.filter(named | models.Q(pk__in=held.values("user")))
        return found

    def in_thai_order(self) -> UserQuerySet:
        """Order by first and last name as a Thai dictionary does."""
        return self.order_by("sort_key", "pk")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users, with the questions of their queryset."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> User:
        """Return a new, saved user."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in."""

    username = models.CharField(
        _("user name"), max_length=150, unique=True, error_messages={"unique": _("This user name is taken.")}
    )
    prefix = models.CharField(_("title"), max_length=40, blank=True)
    first_name = models.CharField(_("first name"), max_length=120)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    # Counts how often somebody signed out everywhere: each time the sessions of before end.
    session_number = models.PositiveIntegerField(default=0, editable=False)
    # Whether the daily e-mail is wanted; what was returned to the person is mailed all the same.
    wants_mail = models.BooleanField(_("daily e-mail"), default=True)
    sort_key = models.CharField(max_length=2000, editable=False, default="")
    search_key = models.CharField(max_length=2000, editable=False, default="")

    objects = UserManager()

    # The positions for which this person is acting today, by key. Found where the day is known: services/acting.py.
    stands_in: Mapping[int, Posting] = MappingProxyType({})
    # The units that this person heads today, by key; found likewise: services/heads.py.
    heads: frozenset[int] = frozenset()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["first_name"]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.sort_key = thai.sort_key(f"{self.first_name} {self.last_name}")
        self.search_key = thai.search_key(f"{self.prefix}{self.first_name}{self.last_name}{self.username}")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("agreements:person", args=[self.pk])

    @property
    def full_name(self) -> str:
        """The name as it is printed: the Thai title stands directly before the first name."""
        return f"{self.prefix}{self.first_name} {self.last_name}".strip()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        held: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # Django's stubs leave it out
        if not self.session_number:
            return held
        told = f"{held}:{self.session_number}"
        return salted_hmac("agreements.session", told, secret=secret, algorithm="sha256").hexdigest()

    @property
    def account_state(self) -> str:
        """Whether the person may sign in, and whether a password was ever chosen."""
        if not self.is_active:
            return "disabled"
        return "enabled" if self.has_usable_password() else "no_password"


def held_by(user: User, *, field: str = "posting") -> models.Q:
    """Return the condition that the position `field` is `user`'s, or one for which `user` is acting today."""
    held = models.Q(**{f"{field}__user": user})
    return held | models.Q(**{f"{field}__in": list(user.stands_in)}) if user.stands_in else held


class PostingQuerySet(models.QuerySet["Posting"]):
    """Questions about positions."""

    def visible_to(self, user: User) -> PostingQuerySet:
        """Return the positions where `user` is HR."""
        return self.filter(below_any(Role.objects.paths(user, Role.Kind.HR), field="organisation__path"))

    def not_over_on(self, day: date) -> PostingQuerySet:
        """Return the positions held on `day` or from a later day on."""
        return self.filter(models.Q(ends_on=None) | models.Q(ends_on__gte=day))

    def held_on(self, day: date) -> PostingQuerySet:
        """Return the positions held on `day`."""
        return self.filter(models.Q(ends_on=None) | models.Q(ends_on__gte=day), starts_on__lte=day)

    def leading(self) -> PostingQuerySet:
        """Return the positions that nobody of their own unit assesses, acting ones left out."""
        # Who of several is the head is said by services/heads.py.
        return self.filter(is_acting=False).exclude(assessor__organisation=models.F("organisation"))


class PersonnelGroup(models.TextChoices):
    """The groups of personnel for which a round may weigh achievement and competency differently."""

    CIVIL_SERVANT = "civil_servant", _("Civil servant")
    PROBATION = "probation", _("Civil servant on probation")
    LOCAL_OFFICER = "local_officer", _("Local government officer")
    GOVERNMENT_EMPLOYEE = "government_employee", _("Government employee")
    PERMANENT_EMPLOYEE = "permanent_employee", _("Permanent employee")
    CONTRACT_EMPLOYEE = "contract_employee", _("Contract employee")


class Posting(models.Model):
    """A person's position in an organisation, from one day to another."""

    class PositionType(models.TextChoices):
        GENERAL = "ทั่วไป", _("General")
        KNOWLEDGE = "วิชาการ", _("Knowledge worker")
        DIRECTOR = "อำนวยการ", _("Director")
        EXECUTIVE = "บริหาร", _("Executive")

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="postings", verbose_name=_("organisation")
    )
    title = models.CharField(_("position"), max_length=200)
    position_type = models.CharField(_("position type"), max_length=20, choices=PositionType, blank=True)
    level = models.CharField(_("position level"), max_length=40, blank=True)
    number = models.CharField(_("position number"), max_length=40, blank=True)
    personnel_group = models.CharField(
        _("personnel group"), max_length=20, choices=PersonnelGroup, default=PersonnelGroup.CIVIL_SERVANT
    )
    assessor = models.ForeignKey(
        "self", models.SET_NULL, related_name="assesses", null=True, blank=True, verbose_name=_("assessor")
    )
    is_acting = models.BooleanField(_("acting"), default=False)
    # The position whose acts it takes from its first day to its last; only where it is acting.
    stands_for = models.ForeignKey(
        "self", models.PROTECT, related_name="stood_in_by", null=True, blank=True, verbose_name=_("acting for")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="posting_ends_after_it_starts",
                violation_error_message=_("A position cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(stands_for=None) | models.Q(is_acting=True),
                name="posting_stands_for_another_only_as_acting",
                violation_error_message=_("Only an acting position stands for another."),
            ),
            models.CheckConstraint(
                condition=models.Q(stands_for=None) | ~models.Q(stands_for=models.F("id")),
                name="posting_stands_not_for_itself",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}{self.level}"

    @property
    def printed_title(self) -> str:
        """The position with its level, as it stands under a signature."""
        return f"{self.title}{self.level}" if self.position_type in {"ทั่วไป", "วิชาการ"} else self.title


class RoleQuerySet(models.QuerySet["Role"]):
    """Questions about roles."""

    def visible_to(self, user: User) -> RoleQuerySet:
        """Return the roles given where `user` is HR."""
        return self.filter(below_any(self.model.objects.paths(user, Role.Kind.HR), field="organisation__path"))

    def paths(self, user: User, *kinds: str) -> list[str]:
        """Return the tree paths in which `user` has one of the roles `kinds`."""
        return [path for _kind, path in self.held(user, *kinds)]

    def held(self, user: User, *kinds: str) -> list[tuple[str, str]]:
        """Return the roles of `user` among `kinds`, each as its kind and the tree path in which it is given."""
        return list(self.filter(user=user, kind__in=kinds).values_list("kind", "organisation__path"))

    def of_what_serves_all(self, user: User) -> RoleQuerySet:
        """Return the roles by which `user` edits frameworks that serve all offices: a department's, at the top."""
        at_the_top = models.Q(organisation__depth=1, organisation__kind=Organisation.Kind.DEPARTMENT)
        return self.filter(at_the_top, user=user, kind=Role.Kind.FRAMEWORK_EDITOR)


class Role(models.Model):
    """What a person may do for an organisation and everything below it."""

    class Kind(models.TextChoices):
        HR = "hr", _("HR officer")
        FRAMEWORK_EDITOR = "framework_editor", _("Framework editor")
        EXECUTIVE = "executive", _("Executive")
        AUDITOR = "auditor", _("Auditor")
        DATA_REPORTER = "data_reporter", _("Data reporter")
        SCREENING = "screening", _("Member of the screening committee")

    user = models.ForeignKey(User, models.CASCADE, related_name="roles", verbose_name=_("person"))
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="roles", verbose_name=_("organisation"))
    kind = models.CharField(_("role"), max_length=20, choices=Kind)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "organisation", "kind"],
                name="role_once_per_person_and_organisation",
                violation_error_message=_("This person has this role already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user_id}"


class OneTimeCode(models.Model):
    """A code on paper with which a person signs in once, to choose a password; only its hash is kept."""

    user = models.OneToOneField(User, models.CASCADE, related_name="one_time_code")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.expires_at}"
