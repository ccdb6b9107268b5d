"""How a person proves who they are, besides the password: an account elsewhere, an authenticator app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.organisations import User


class LinkedAccount(models.Model):
    """An account with an identity provider that signs in as a person: known by issuer and subject, never by e-mail."""

    user = models.ForeignKey(User, models.CASCADE, related_name="linked_accounts")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                name="linked_account_of_one_person",
                violation_error_message=_("This account is linked to somebody already."),
            ),
            models.UniqueConstraint(
                fields=["user", "issuer"],
                name="linked_account_once_per_issuer",
                violation_error_message=_("This person has a linked account already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.issuer}"


class AuthenticatorApp(models.Model):
    """The app on a person's telephone that shows a code for signing in; its secret is kept encrypted."""

    user = models.OneToOneField(User, models.CASCADE, related_name="authenticator_app")
    sealed_secret = models.TextField()
    # The half minute of the last code taken: no code counts twice, nor one from before it.
    last_step = models.BigIntegerField()
    turned_on_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.turned_on_at}"


class RecoveryCode(models.Model):
    """A code on paper in place of the app's; used once, and only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once_per_person"),)

    def __str__(self) -> str:
        return str(self.user_id)
