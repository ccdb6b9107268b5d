"""Forms for people, their positions and roles, and for one's own password."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Min, QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from agreements import thai
from agreements.forms.choosing import FoundField
from agreements.forms.fields import BuddhistDateField, TextField
from agreements.models import Organisation, PersonnelGroup, Posting, Role, User
from agreements.services.organisations import USERNAME, PersonFacts, PostingFacts


class UsernameField(TextField):
    """A user name as it can be printed on a slip and typed on any keyboard."""

    def to_python(self, value: Any) -> str:
        return thai.to_arabic_digits(super().to_python(value))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not USERNAME.fullmatch(value):
            raise ValidationError(
                gettext("Use Latin letters, digits and . _ - @ + only, for example somchai.b."), code="username"
            )


class ArabicTextField(TextField):
    """Text whose digits are kept as 0–9, leading zeros and all."""

    def to_python(self, value: Any) -> str:
        return thai.to_arabic_digits(super().to_python(value))


class PersonForm(forms.Form):
    """Who somebody is."""

    # “prefix” is a word of forms themselves.
    name_prefix = TextField(
        label=_("Title before the name"), required=False, max_length=40, help_text=_("For example นาย, นาง, นางสาว.")
    )
    first_name = TextField(label=_("First name"), max_length=120)
    last_name = TextField(label=_("Last name"), required=False, max_length=120)
    username = UsernameField(
        label=_("User name"),
        max_length=150,
        help_text=_("To sign in with: Latin letters, digits and . _ - @ +, for example somchai.b."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("May be left empty."))

    def person(self) -> PersonFacts:
        """Return what was typed."""
        typed = self.cleaned_data
        return PersonFacts(
            username=typed["username"],
            prefix=typed["name_prefix"],
            first_name=typed["first_name"],
            last_name=typed["last_name"],
            email=typed["email"],
        )


class PlaceField(FoundField):
    """An organisation, moved in by its depth in the tree."""

    least_depth = 1

    def label_from_instance(self, obj: Any) -> str:
        return "\u2003" * (obj.depth - self.least_depth) + obj.name

    def found_label(self, row: Any) -> str:
        return f"{row.name} · {row.province_name}" if row.province_name not in row.name else str(row.name)

    def matching(self, words: str) -> QuerySet[Any]:
        return cast(QuerySet[Any], cast(Any, self.queryset).matching(words))

    def hint(self) -> str:
        return gettext("Find by name")

    def offer(self, places: Any) -> None:
        """Offer `places`, the tops of which stand at the left."""
        self.queryset = places.order_by("path")
        self.least_depth = places.order_by().aggregate(least=Min("depth"))["least"] or 1


def offer_places(field: forms.Field, hr: User) -> None:
    """Offer the places whose people `hr` looks after."""
    cast(PlaceField, field).offer(Organisation.objects.managed_by(hr))


class HeldField(FoundField):
    """A position with its holder."""

    def matching(self, words: str) -> QuerySet[Any]:
        return cast(QuerySet[Any], self.queryset).filter(user__in=User.objects.matching(words))

    def hint(self) -> str:
        return gettext("Find by name, position or position number")


class AssessorField(HeldField):
    """A position whose holder assesses, by name, position and place."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.full_name} · {obj.printed_title} · {obj.organisation.short_name or obj.organisation.name}"


class PostingForm(forms.Form):
    """A position; what can be chosen lies where the HR officer looks after people."""

    organisation = PlaceField(label=_("Organisation or unit"), queryset=Organisation.objects.none())
    title = TextField(label=_("Position"), max_length=200, help_text=_("For example นักทรัพยากรบุคคล, without the level."))
    position_type = forms.ChoiceField(
        label=_("Position type"), required=False, choices=[("", "–"), *Posting.PositionType.choices]
    )
    level = TextField(
        label=_("Position level"),
        required=False,
        max_length=40,
        help_text=_("As it stands in the order, for example ชำนาญการ or อำนวยการสูง."),
        widget=forms.TextInput(attrs={"list": "position-levels"}),
    )
    number = ArabicTextField(
        label=_("Position number"), required=False, max_length=40, help_text=_("Kept as written, leading zeros too.")
    )
    personnel_group = forms.ChoiceField(
        label=_("Personnel group"),
        required=False,
        choices=PersonnelGroup.choices,
        initial=PersonnelGroup.CIVIL_SERVANT,
        help_text=_("A round may weigh achievement and competency differently for it, on probation for instance."),
    )
    assessor = AssessorField(
        label=_("Assessor"),
        required=False,
        queryset=Posting.objects.none(),
        empty_label=_("No assessor yet"),
        help_text=_("Only people of your office can be chosen."),
    )
    is_acting = forms.BooleanField(label=_("Acting (รักษาราชการแทน)"), required=False)
    stands_for = AssessorField(
        label=_("Acting for the position of"),
        required=False,
        queryset=Posting.objects.none(),
        empty_label=_("No other position"),
        help_text=_(
            "Whoever is acting takes the acts of this position as assessor or superior, from the first day to the "
            "last; signatures say รักษาราชการแทน."
        ),
    )
    starts_on = BuddhistDateField(label=_("From"), help_text=_("For example 1 ต.ค. 2555."))
    ends_on = BuddhistDateField(label=_("To"), required=False, help_text=_("Leave empty while the position is held."))

    def __init__(self, *args: Any, hr: User, today: date, posting: Posting | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_places(self.fields["organisation"], hr)
        seen = Posting.objects.visible_to(hr).not_over_on(today)
        if posting:
            # Whoever assesses at present may work above the subtree; mending another field must not drop them.
            present = Posting.objects.filter(pk=posting.assessor_id or 0)
            seen = (seen | present).exclude(user=posting.user_id)
        cast(AssessorField, self.fields["assessor"]).queryset = seen.select_related("user", "organisation").order_by(
            "user__sort_key", "pk"
        )
        # Also one whose holder left, whose post somebody acts for until it is filled.
        posts = Posting.objects.visible_to(hr).filter(stands_for=None, is_acting=False)
        if posting:
            posts = (posts | Posting.objects.filter(pk=posting.stands_for_id or 0)).exclude(user=posting.user_id)
        cast(AssessorField, self.fields["stands_for"]).queryset = posts.select_related("user", "organisation").order_by(
            "user__sort_key", "pk"
        )
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs["class"] = "date"

    def clean_personnel_group(self) -> str:
        """Return the group; whoever names none means the usual one."""
        return self.cleaned_data["personnel_group"] or PersonnelGroup.CIVIL_SERVANT

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("stands_for") and not cleaned.get("is_acting"):
            self.add_error("is_acting", gettext("Only a position marked as acting stands for another."))
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", gettext("A position cannot end before it starts."))
        return cleaned

    def posting(self) -> PostingFacts:
        """Return what was typed."""
        return PostingFacts(**{name: self.cleaned_data[name] for name in PostingFacts.__dataclass_fields__})


class NewPersonForm(PersonForm, PostingForm):
    """A person with the first position."""

    field_order = [*PersonForm.base_fields, *PostingForm.base_fields]

    def about_the_person(self) -> list[forms.BoundField]:
        """Return the fields that say who it is."""
        return [self[name] for name in PersonForm.base_fields]

    def about_the_position(self) -> list[forms.BoundField]:
        """Return the fields of the position."""
        return [self[name] for name in PostingForm.base_fields]


class RoleForm(forms.Form):
    """A role and where it counts."""

    kind = forms.ChoiceField(label=_("Role"), choices=Role.Kind.choices)
    organisation = PlaceField(
        label=_("Counts for"),
        queryset=Organisation.objects.none(),
        help_text=_("The role counts there and for all below."),
    )

    def __init__(self, *args: Any, hr: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_places(self.fields["organisation"], hr)


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    new_password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 10 characters; not a common password, and not your name or user name."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password_again = forms.CharField(
        label=_("New password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password"), cleaned.get("new_password_again")
        if first and second and first != second:
            self.add_error("new_password_again", gettext("The two passwords differ. Type the same twice."))
        return cleaned


class CodeForm(NewPasswordForm):
    """User name and code of a slip, and the password chosen with them."""

    username = UsernameField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    code = TextField(
        label=_("One-time code"),
        max_length=40,
        help_text=_("As printed on your slip, for example K7QM-2XWF-9TRA."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "class": "code"}
        ),
    )
    field_order = ["username", "code"]


class PasswordForm(NewPasswordForm):
    """The present password, and the one that takes its place."""

    old_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old_password"]
