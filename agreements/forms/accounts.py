"""Forms of one's own account: codes, the present password, and the account at a provider that HR registers."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TextField


class SignInForm(AuthenticationForm):
    """User name and password. What is wrong is said without saying which, with what most often is: the keyboard."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "User name or password is wrong. Look whether the keyboard is set to English, and at capital letters."
        )
    }


class SecondStepForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = TextField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from the app on your telephone, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": "code", "autofocus": True}),
    )


class AppCodeForm(forms.Form):
    """The code that shows that the app has the secret."""

    code = TextField(
        label=_("Code from the app"),
        max_length=20,
        help_text=_("Six digits, new every half minute."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}),
    )


class PresentPasswordForm(forms.Form):
    """The present password, before something that whoever sits down at an open session must not do."""

    old_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class RegisterAccountForm(forms.Form):
    """The subject under which a provider knows a person."""

    subject = TextField(
        label=_("Identifier at the provider"),
        max_length=255,
        help_text=_("The “sub” that the provider gives this person, exactly as written there. Not an e-mail address."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
