"""Accounts with an identity provider that sign in as a person: by issuer and subject, and nothing else.

A provider opens accounts that are linked and makes none: people are HR's. An e-mail address proves nothing here, since
whoever may choose theirs at the provider could choose somebody else's.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import LinkedAccount, User
from agreements.services import accounts


class LinkRefused(Exception):
    """This account cannot be linked, or the link not be undone."""


def provider_name() -> str:
    """Return what people call the provider; nothing, where there is none."""
    if not settings.OPENID_ISSUER:
        return ""
    return settings.OPENID_NAME or _("Government account")


def person_of(issuer: str, subject: str) -> User | None:
    """Return who signs in with this account, if they may sign in."""
    found = LinkedAccount.objects.filter(issuer=issuer, subject=subject, user__is_active=True)
    linked = found.select_related("user").first()
    return linked.user if linked else None


def link_of(person: User, issuer: str) -> LinkedAccount | None:
    """Return the account at `issuer` that signs in as `person`."""
    return LinkedAccount.objects.filter(user=person, issuer=issuer).first()


@transaction.atomic
def link(person: User, *, issuer: str, subject: str, at: datetime) -> None:
    """Link one's own account with a provider, which has just proved it.

    :raises LinkRefused: if it is linked to somebody, or the person has one already.
    """
    _store(person, issuer=issuer, subject=subject, at=at)
    accounts.record("account.linked", person, by=person, at=at, issuer=issuer)


@transaction.atomic
def register(person: User, *, issuer: str, subject: str, by: User, at: datetime) -> None:
    """Say beforehand which account at a provider is `person`'s.

    :raises NotYours: if it is `by`, or somebody whose account `by` may not act on.
    :raises LinkRefused: if it is linked to somebody, or the person has one already.
    """
    accounts.demand_other(by, person, at=at)
    _store(person, issuer=issuer, subject=subject, at=at)
    accounts.record("account.linked", person, by=by, at=at, issuer=issuer)


@transaction.atomic
def unlink(person: User, *, issuer: str, at: datetime) -> None:
    """Undo the link of one's own account.

    :raises LinkRefused: if there is none, or no password to sign in with afterwards.
    """
    if not person.has_usable_password():
        raise LinkRefused(_("You have no password yet. Ask your HR office for a sign-in slip first."))
    _remove(person, issuer=issuer)
    accounts.record("account.unlinked", person, by=person, at=at, issuer=issuer)


@transaction.atomic
def remove(person: User, *, issuer: str, by: User, at: datetime) -> None:
    """Undo the link of somebody's account, and end their sessions.

    :raises NotYours: if it is `by`, or somebody whose account `by` may not act on.
    :raises LinkRefused: if there is none.
    """
    accounts.demand_other(by, person, at=at)
    _remove(person, issuer=issuer)
    # Whoever signed in with it is out, too.
    person.session_number += 1
    person.save(update_fields=["session_number"])
    accounts.record("account.unlinked", person, by=by, at=at, issuer=issuer)


def _store(person: User, *, issuer: str, subject: str, at: datetime) -> None:
    # The row lock makes two requests for one person wait for each other; the constraints hold for two persons.
    User.objects.select_for_update().get(pk=person.pk)
    if LinkedAccount.objects.filter(issuer=issuer, subject=subject).exclude(user=person).exists():
        raise LinkRefused(_("This account is linked to somebody else. Ask your HR office."))
    if link_of(person, issuer):
        raise LinkRefused(_("An account is linked already. Remove that link first."))
    LinkedAccount.objects.create(user=person, issuer=issuer, subject=subject, linked_at=at)


def _remove(person: User, *, issuer: str) -> None:
    if not LinkedAccount.objects.filter(user=person, issuer=issuer).delete()[0]:
        raise LinkRefused(_("No account is linked."))
