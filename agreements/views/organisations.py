"""Signing in, with a password or the code of a slip, and changing one's password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agreements import clock
from agreements.forms.organisations import CodeForm, PasswordForm
from agreements.services import accounts
from agreements.views.requests import UserRequest, posted

# Two backends are set up; the other one only answers who may do what.
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """Ask for user name and password; in the demo, name its accounts."""

    template_name = "agreements/sign_in.html"
    redirect_authenticated_user = True
    # Django's form views take a PUT for a POST; a sign-in by it would stand in no list of addresses.
    http_method_names = ("get", "head", "post", "options")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_accounts": demo_accounts() if settings.DEMO else []}


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("code", "new_password", "new_password_again")
def sign_in_with_code(request: HttpRequest) -> HttpResponse:
    """Take the code of a slip and the password chosen, and sign in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            person = accounts.choose_password(typed["username"], typed["code"], typed["new_password"], at=clock.now())
        except accounts.ProofRefused as refusal:
            form.add_error("code", str(refusal))
        except ValidationError as refusal:
            form.add_error("new_password", refusal)
        else:
            login(request, person, backend=BACKEND)
            messages.success(request, _("Your password is set. From now on you sign in with it."))
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "agreements/sign_in_code.html", {"form": form})


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def change_password(request: UserRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordForm(posted(request))
    if form.is_valid():
        typed = form.cleaned_data
        try:
            accounts.change_password(request.user, typed["new_password"], present=typed["old_password"], at=clock.now())
        except accounts.ProofRefused as refusal:
            form.add_error("old_password", str(refusal))
        except ValidationError as refusal:
            form.add_error("new_password", refusal)
        else:
            # This session goes on; those on other machines end.
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password was changed. You were signed out everywhere else."))
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "agreements/password.html", {"form": form})


def demo_accounts() -> list[dict[str, str]]:
    """Return the accounts of the demo office with what each is for."""
    return [
        {"username": "staff", "who": _("Assessee")},
        {"username": "assessor", "who": _("Assessor")},
        {"username": "reviewer", "who": _("Next-level superior")},
        {"username": "hr", "who": _("HR officer")},
        {"username": "editor", "who": _("Framework editor")},
        {"username": "executive", "who": _("Executive")},
    ]
