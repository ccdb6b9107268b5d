"""The second step of signing in: a code of an authenticator app (RFC 6238), or a recovery code on paper."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import AuthenticatorApp, RecoveryCode, Role, User
from agreements.services import accounts
from agreements.services.accounts import ALPHABET, ProofRefused

PERIOD = 30
# A telephone's clock may be half a minute wrong either way.
TOLERANCE = 1
RECOVERY_CODES = 10


class SecondStepRefused(Exception):
    """What was asked about the second step cannot be."""


# --- Secrets ---------------------------------------------------------------------------------------------------------
def new_secret() -> str:
    """Return a new secret to share with an app: 160 bits in base 32."""
    return pyotp.random_base32(32)


def address(person: User, secret: str) -> str:
    """Return what an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=_("KPI portal"))


def seal(secret: str) -> str:
    """Return `secret` encrypted under the portal's secret key."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what `seal` encrypted, or none where the key is another by now."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str | bytes) -> bytes:
    return hmac.digest(force_bytes(key), b"agreements.authenticator-app", hashlib.sha256)


# --- Turning it on and off -------------------------------------------------------------------------------------------
def is_on(person: User) -> bool:
    """Return whether signing in as `person` takes a second step."""
    return AuthenticatorApp.objects.filter(user=person).exists()


def is_missing(person: User) -> bool:
    """Return whether a role of `person` asks for a second step that they have not turned on."""
    asked = settings.SECOND_STEP_ROLES
    return bool(asked) and Role.objects.filter(user=person, kind__in=asked).exists() and not is_on(person)


@transaction.atomic
def turn_on(person: User, secret: str, typed: str, *, at: datetime, moment: datetime) -> list[str]:
    """Ask for a second step from now on, once a code shows that the app has the secret; return the recovery codes.

    `moment` is the real time, which the app's codes follow even where the portal's clock is the demo's.

    :raises ProofRefused: if the code is not the app's.
    :raises SecondStepRefused: if it is on already.
    """
    User.objects.select_for_update().get(pk=person.pk)
    if is_on(person):
        raise SecondStepRefused(_("The second step is on already. Turn it off first to use another telephone."))
    step = _step_of(secret, typed, moment=moment)
    if step is None:
        raise ProofRefused(_("This is not the code that the app shows now. Check the telephone's clock and try again."))
    AuthenticatorApp.objects.create(user=person, sealed_secret=seal(secret), last_step=step, turned_on_at=at)
    accounts.record("second-step.on", person, by=person, at=at)
    return _new_recovery_codes(person)


@transaction.atomic
def renew_recovery_codes(person: User, *, at: datetime) -> list[str]:
    """Return new recovery codes; the earlier ones hold no longer.

    :raises SecondStepRefused: if the second step is off.
    """
    if not is_on(person):
        raise SecondStepRefused(_("The second step is off."))
    accounts.record("recovery-codes.renewed", person, by=person, at=at)
    return _new_recovery_codes(person)


@transaction.atomic
def turn_off(person: User, *, at: datetime) -> None:
    """Ask for no second step any more; callers have asked for the password.

    :raises SecondStepRefused: if it is off, or a role of the person asks for it.
    """
    if not is_on(person):
        raise SecondStepRefused(_("The second step is off."))
    if settings.SECOND_STEP_ROLES and Role.objects.filter(user=person, kind__in=settings.SECOND_STEP_ROLES).exists():
        raise SecondStepRefused(_("Your role asks for the second step. HR takes it away when a telephone is lost."))
    _forget(person)
    accounts.record("second-step.off", person, by=person, at=at)


@transaction.atomic
def take_away(person: User, *, by: User, at: datetime) -> None:
    """Take the second step away from somebody who lost their telephone.

    :raises NotYours: if it is `by`, or somebody whose account `by` may not act on.
    :raises SecondStepRefused: if it is off.
    """
    accounts.demand_other(by, person, at=at)
    if not is_on(person):
        raise SecondStepRefused(_("The second step is off."))
    _forget(person)
    accounts.record("second-step.taken", person, by=by, at=at)


def _forget(person: User) -> None:
    AuthenticatorApp.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()


# --- Codes -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def prove(person: User, typed: str, *, at: datetime, moment: datetime) -> None:
    """Take a code of the app or a recovery code; neither counts twice.

    :raises ProofRefused: if it is neither, or was taken before.
    """
    app = AuthenticatorApp.objects.filter(user=person).first()
    secret = unseal(app.sealed_secret) if app else None
    step = _step_of(secret, typed, moment=moment) if secret else None
    if app and step is not None:
        if _take_step(app, step):
            return
        raise ProofRefused(_("This code was used already. Wait for the next one in the app."))
    if app and RecoveryCode.objects.filter(user=person, digest=_digest(person, typed)).delete()[0]:
        accounts.record("recovery-code.used", person, by=person, at=at)
        return
    raise ProofRefused(_("This code is not right. Type the one that the app shows now, or a recovery code."))


def _take_step(app: AuthenticatorApp, step: int) -> bool:
    # One statement: of two requests with the same code, one finds the row.
    return AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step).update(last_step=step) == 1


def _step_of(secret: str, typed: str, *, moment: datetime) -> int | None:
    """Return the half minute whose code was typed."""
    digits = "".join(thai.to_arabic_digits(typed).split())
    now = int(moment.timestamp()) // PERIOD
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if constant_time_compare(pyotp.HOTP(secret).at(step), digits):
            return step
    return None


def _new_recovery_codes(person: User) -> list[str]:
    RecoveryCode.objects.filter(user=person).delete()
    codes = [_new_code() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=person, digest=_digest(person, code)) for code in codes)
    return codes


def _new_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _char in range(5)) for _group in range(2))


def _digest(person: User, code: str) -> str:
    plain = "".join(char for char in code.upper() if char in ALPHABET)
    return salted_hmac("agreements.recovery-code", f"{person.pk}:{plain}", algorithm="sha256").hexdigest()
