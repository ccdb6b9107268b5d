"""Signing in: with a password, the code of a slip, and the second step where it is on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agreements import clock
from agreements.forms.accounts import SecondStepForm, SignInForm
from agreements.forms.organisations import CodeForm
from agreements.models import User
from agreements.services import accounts, linked_accounts, second_steps
from agreements.views import attempts
from agreements.views.demo import demo_accounts

# Several backends are set up; the others lock, or answer who may do what.
BACKEND = "django.contrib.auth.backends.ModelBackend"
WAITING = "second-step"
MINUTES_TO_TYPE = 10


# --- The one door ----------------------------------------------------------------------------------------------------
def enter(request: HttpRequest, person: User, *, following: str = "") -> HttpResponse:
    """Let in whoever proved to be `person`, after the second step where it is on; every way of signing in ends here."""
    target = safe_target(request, following)
    if not second_steps.is_on(person):
        login(request, person, backend=BACKEND)
        return redirect(target)
    # A new session: what was known of the one before, its key included, is worth nothing now.
    request.session.flush()
    request.session[WAITING] = {
        "person": person.pk,
        "proof": person.get_session_auth_hash(),
        "until": timezone.now().timestamp() + MINUTES_TO_TYPE * 60,
        "following": target,
    }
    return redirect("second-step")


def safe_target(request: HttpRequest, following: str) -> str:
    """Return where to go on: an address of this portal, or the first page."""
    ours = url_has_allowed_host_and_scheme(
        following, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return following if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


# --- The ways to it --------------------------------------------------------------------------------------------------
class SignIn(LoginView):
    """Ask for user name and password; in the demo, name its accounts."""

    template_name = "agreements/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    # Django's form views take a PUT for a POST; a sign-in by it would stand in no list of addresses.
    http_method_names = ("get", "head", "post", "options")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        return enter(self.request, form.get_user(), following=self.get_redirect_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "demo_accounts": demo_accounts() if settings.DEMO else [],
            "provider_name": linked_accounts.provider_name(),
        }


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
        if attempts.is_locked(request, typed["username"]):
            return attempts.locked(request)
        try:
            person = accounts.choose_password(typed["username"], typed["code"], typed["new_password"], at=clock.now())
        except accounts.ProofRefused as refusal:
            attempts.count_failure(request, typed["username"])
            form.add_error("code", str(refusal))
        except ValidationError as refusal:
            form.add_error("new_password", refusal)
        else:
            messages.success(request, _("Your password is set. From now on you sign in with it."))
            return enter(request, person)
    return render(request, "agreements/sign_in_code.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("code")
def second_step(request: HttpRequest) -> HttpResponse:
    """Take the code of the app, or a recovery code, of whoever proved the first step in this session."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    waiting = request.session.get(WAITING)
    person = _waiting_person(waiting) if waiting else None
    if waiting is None or person is None:
        request.session.pop(WAITING, None)
        messages.error(request, _("Sign in again: the time for the code was over."))
        return redirect("sign-in")
    form = SecondStepForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if attempts.is_locked(request, person.username):
            return attempts.locked(request, credentials={"username": person.username})
        try:
            second_steps.prove(person, form.cleaned_data["code"], at=clock.now(), moment=timezone.now())
        except accounts.ProofRefused as refusal:
            attempts.count_failure(request, person.username)
            form.add_error("code", str(refusal))
        else:
            login(request, person, backend=BACKEND)
            request.session.pop(WAITING, None)
            return redirect(waiting["following"])
    return render(request, "agreements/second_step.html", {"form": form, "person": person})


def _waiting_person(waiting: dict[str, Any]) -> User | None:
    """Return who waits for the second step, unless the time is over or the first step holds no longer."""
    if waiting["until"] < timezone.now().timestamp():
        return None
    person = User.objects.filter(pk=waiting["person"], is_active=True).first()
    holds = person is not None and constant_time_compare(waiting["proof"], person.get_session_auth_hash())
    return person if holds else None
