"""Accounts: one-time codes on paper, passwords, and who may no longer sign in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from agreements.models import OneTimeCode, Organisation, User
from agreements.services import log
from agreements.services.organisations import NotYours, PeopleRefused, demand_managed, home_of

# Without letters and digits that look alike on paper; twelve of them are 59 bits, so guessing leads nowhere.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
GROUPS, GROUP = 3, 4
LIFETIME = timedelta(days=14)
# Of one PDF; more are printed in a second go.
MOST_SLIPS = 400


class ProofRefused(Exception):
    """What was typed does not prove who it is: user name and code, or the present password."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for one person; the only place where the code stands in full."""

    person: User
    code: str
    expires_at: datetime


# --- Codes -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def issue_codes(people: Iterable[User], *, by: User, at: datetime) -> list[Slip]:
    """Give each of `people` a new one-time code; their passwords and earlier codes hold no longer.

    :raises NotYours: if one of them is `by`, or somebody whose account `by` may not act on.
    :raises PeopleRefused: if there are none, or one of them may not sign in.
    """
    chosen = list(people)
    if not chosen:
        raise PeopleRefused(_("Choose at least one person."))
    for person in chosen:
        demand_other(by, person, at=at)
        if not person.is_active:
            raise PeopleRefused(_("%(name)s may not sign in. Enable the account first.") % {"name": person.full_name})
    slips = [issue_code(person, at=at) for person in chosen]
    offices: dict[Organisation, list[int]] = {}
    for person in chosen:
        if place := home_of(person):
            offices.setdefault(log.office_of(place), []).append(person.pk)
    for office, keys in offices.items():
        log.record("code.issued", office=office, by=by, at=at, details={"people": keys})
    return slips


@transaction.atomic
def issue_code_as_operator(username: str, *, at: datetime) -> Slip:
    """Give the person called `username` a new code where no HR officer is left to do it.

    :raises PeopleRefused: if there is no such person, or they may not sign in.
    """
    person = User.objects.filter(username__iexact=username).first()
    if person is None:
        raise PeopleRefused(_("There is nobody with the user name “%(name)s”.") % {"name": username})
    if not person.is_active:
        raise PeopleRefused(_("%(name)s may not sign in. Enable the account first.") % {"name": person.full_name})
    slip = issue_code(person, at=at)
    if place := home_of(person):
        log.record("code.issued", office=log.office_of(place), by=None, at=at, details={"people": [person.pk]})
    return slip


def issue_code(person: User, *, at: datetime) -> Slip:
    """Give one person a new code; callers have asked who may, and log it."""
    code = "-".join("".join(secrets.choice(ALPHABET) for _char in range(GROUP)) for _group in range(GROUPS))
    expires_at = at + LIFETIME
    # A new unusable password is another one: it ends the sessions that stood on the old.
    person.set_unusable_password()
    person.save(update_fields=["password"])
    facts = {"digest": _digest(person, code), "made_at": at, "expires_at": expires_at}
    OneTimeCode.objects.update_or_create(user=person, defaults=facts)
    return Slip(person, code, expires_at)


def _digest(person: User, code: str) -> str:
    # Keyed: a copy of the database alone does not tell which codes are right.
    return salted_hmac("agreements.one-time-code", f"{person.pk}:{_plain(code)}", algorithm="sha256").hexdigest()


def _plain(code: str) -> str:
    # Whoever types O or 1 read a letter or a figure that no code holds; dashes, spaces and capitals do not matter.
    return "".join(char for char in code.upper() if char in ALPHABET)


@transaction.atomic
def choose_password(username: str, code: str, password: str, *, at: datetime) -> User:
    """Open an account with the code of its slip and set the password chosen; the code is used up.

    :raises ProofRefused: if the code is wrong, used, expired or of somebody who may not sign in.
    :raises ValidationError: if the password is not good enough; the code still holds then.
    """
    held = OneTimeCode.objects.select_for_update(of=("self",)).select_related("user")
    found = held.filter(user__username__iexact=username, user__is_active=True, expires_at__gt=at).first()
    if found is None or not constant_time_compare(found.digest, _digest(found.user, code)):
        raise ProofRefused(
            _("This code does not open that account: mistyped, used or expired. Your HR office prints a new one.")
        )
    person = found.user
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    found.delete()
    record("password.chosen", person, by=person, at=at)
    return person


@transaction.atomic
def change_password(person: User, password: str, *, present: str, at: datetime) -> None:
    """Change one's own password; other sessions end.

    :raises ProofRefused: if `present` is not the present password.
    :raises ValidationError: if the new one is not good enough.
    """
    if not person.check_password(present):
        raise ProofRefused(_("This is not your present password."))
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    OneTimeCode.objects.filter(user=person).delete()
    record("password.changed", person, by=person, at=at)


@transaction.atomic
def sign_out_everywhere(person: User, *, at: datetime) -> None:
    """End all of one's own sessions; whoever keeps one writes the new hash into it."""
    person.session_number += 1
    person.save(update_fields=["session_number"])
    record("sessions.ended", person, by=person, at=at)


# --- Who may sign in -------------------------------------------------------------------------------------------------
@transaction.atomic
def disable(person: User, *, by: User, at: datetime) -> None:
    """Let a person sign in no longer; sessions end at once, and for good: password and code are gone.

    :raises NotYours: if it is `by`, or somebody whose account `by` may not act on.
    """
    demand_other(by, person, at=at)
    person.is_active = False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    OneTimeCode.objects.filter(user=person).delete()
    record("person.disabled", person, by=by, at=at)


@transaction.atomic
def enable(person: User, *, by: User, at: datetime) -> None:
    """Let a person sign in again, with a new one-time code.

    :raises NotYours: if it is `by`, or somebody whose account `by` may not act on.
    """
    demand_other(by, person, at=at)
    person.is_active = True
    person.save(update_fields=["is_active"])
    record("person.enabled", person, by=by, at=at)


def demand_other(by: User, person: User, *, at: datetime) -> None:
    """Refuse unless `person` is somebody else, whose account `by` may act on.

    :raises NotYours: if not.
    """
    if by.pk == person.pk:
        raise NotYours(_("Your own account is looked after by another HR officer. Your password you change yourself."))
    demand_managed(by, person, at=at)


def record(verb: str, person: User, *, by: User, at: datetime, **details: object) -> None:
    """Log an act on the account of `person`, in the office where they work."""
    if place := home_of(person):
        log.record(verb, office=log.office_of(place), by=by, at=at, details={"person": person.pk} | details)
