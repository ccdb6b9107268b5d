"""One's own account: the password, the second step, and signing out everywhere."""

from __future__ import annotations

from collections.abc import Callable

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import clock
from agreements.forms.accounts import AppCodeForm, PresentPasswordForm
from agreements.forms.organisations import PasswordForm
from agreements.services import accounts, linked_accounts, second_steps
from agreements.views import attempts
from agreements.views.requests import UserRequest, posted

# The secret shown to an app and not confirmed yet, encrypted.
OFFERED = "authenticator-app"


@require_safe
@never_cache
def account(request: UserRequest) -> HttpResponse:
    """Show how one signs in, and the ways to change it."""
    return render(request, "agreements/account.html", _account_context(request))


def _account_context(request: UserRequest) -> dict[str, object]:
    person = request.user
    return {
        "second_step_on": second_steps.is_on(person),
        "second_step_missing": second_steps.is_missing(person),
        "codes_left": person.recovery_codes.count(),
        "provider_name": linked_accounts.provider_name(),
        "linked": linked_accounts.link_of(person, settings.OPENID_ISSUER) if settings.OPENID_ISSUER else None,
    }


# --- The password ----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def change_password(request: UserRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordForm(posted(request))
    if form.is_valid():
        typed = form.cleaned_data
        if attempts.is_locked(request, request.user.username):
            return attempts.locked(request, credentials={"username": request.user.username})
        try:
            accounts.change_password(request.user, typed["new_password"], present=typed["old_password"], at=clock.now())
        except accounts.ProofRefused as refusal:
            attempts.count_failure(request, request.user.username)
            form.add_error("old_password", str(refusal))
        except ValidationError as refusal:
            form.add_error("new_password", refusal)
        else:
            # This session goes on; those on other machines end.
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password was changed. You were signed out everywhere else."))
            return redirect("agreements:account")
    return render(request, "agreements/password.html", {"form": form})


def password_holds(request: UserRequest, form: PresentPasswordForm) -> bool:
    """Return whether the present password was typed; a wrong one is counted and said in the form."""
    if not form.is_valid():
        return False
    if request.user.check_password(form.cleaned_data["old_password"]):
        return True
    attempts.count_failure(request, request.user.username)
    form.add_error("old_password", _("This is not your present password."))
    return False


@require_POST
def sign_out_everywhere(request: UserRequest) -> HttpResponse:
    """End one's sessions on all other machines."""
    accounts.sign_out_everywhere(request.user, at=clock.now())
    update_session_auth_hash(request, request.user)
    messages.success(request, _("You were signed out everywhere else."))
    return redirect("agreements:account")


# --- The second step -------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("code")
def turn_on_second_step(request: UserRequest) -> HttpResponse:
    """Show the QR code for the app, and turn the second step on once the app's code proves it."""
    if second_steps.is_on(request.user):
        return redirect("agreements:account")
    secret = _offered_secret(request)
    form = AppCodeForm(posted(request))
    if form.is_valid():
        if attempts.is_locked(request, request.user.username):
            return attempts.locked(request, credentials={"username": request.user.username})
        try:
            codes = second_steps.turn_on(
                request.user, secret, form.cleaned_data["code"], at=clock.now(), moment=timezone.now()
            )
        except (accounts.ProofRefused, second_steps.SecondStepRefused) as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.pop(OFFERED, None)
            return render(request, "agreements/recovery_codes.html", {"codes": codes, "is_new": True})
    context = {
        "form": form,
        "drawing": _drawing(second_steps.address(request.user, secret)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "is_missing": second_steps.is_missing(request.user),
    }
    return render(request, "agreements/second_step_on.html", context)


def _offered_secret(request: UserRequest) -> str:
    # Kept over a mistyped code, or the telephone would have to read another QR code each time.
    held = request.session.get(OFFERED)
    secret = second_steps.unseal(held) if held else None
    if secret is None:
        secret = second_steps.new_secret()
        request.session[OFFERED] = second_steps.seal(secret)
    return secret


def _drawing(address: str) -> SafeString:
    drawing = segno.make(address, micro=False, error="m").svg_inline(omitsize=True, border=2, svgclass="qr")
    return mark_safe(drawing)  # noqa: S308 -- segno's own drawing; the address is in it as dots only


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def turn_off_second_step(request: UserRequest) -> HttpResponse:
    """Ask for the password, and for no second step from then on."""
    return _after_password(request, "agreements/second_step_off.html", _turn_off)


def _turn_off(request: UserRequest) -> HttpResponse:
    second_steps.turn_off(request.user, at=clock.now())
    messages.success(request, _("The second step is off."))
    return redirect("agreements:account")


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def renew_recovery_codes(request: UserRequest) -> HttpResponse:
    """Ask for the password, and show new recovery codes."""
    return _after_password(request, "agreements/recovery_codes_new.html", _renew)


def _renew(request: UserRequest) -> HttpResponse:
    codes = second_steps.renew_recovery_codes(request.user, at=clock.now())
    return render(request, "agreements/recovery_codes.html", {"codes": codes, "is_new": False})


def _after_password(request: UserRequest, template: str, act: Callable[[UserRequest], HttpResponse]) -> HttpResponse:
    """Run `act` once the present password was typed; `template` asks for it."""
    if not second_steps.is_on(request.user):
        return redirect("agreements:account")
    form = PresentPasswordForm(posted(request))
    if form.is_bound and attempts.is_locked(request, request.user.username):
        return attempts.locked(request, credentials={"username": request.user.username})
    if password_holds(request, form):
        try:
            return act(request)
        except second_steps.SecondStepRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("agreements:account")
    return render(request, template, {"form": form})
