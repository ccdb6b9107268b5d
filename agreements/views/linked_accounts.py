"""The account at an identity provider (OpenID Connect): signing in with it, and linking it to one's own."""

from __future__ import annotations

import logging
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth, OAuthError
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from joserfc.errors import JoseError

from agreements import clock
from agreements.forms.accounts import PresentPasswordForm
from agreements.services import linked_accounts
from agreements.views import attempts
from agreements.views.account import password_holds
from agreements.views.requests import UserRequest, posted
from agreements.views.sign_in import enter

logger = logging.getLogger(__name__)

# Signed with the provider's private key: neither "none" nor a secret that both sides know will do.
ALGORITHMS = ["RS256", "PS256", "ES256"]
SECONDS_TO_ANSWER = 10
FOLLOWING = "openid-following"
PROVED = "openid-proved"
MINUTES_TO_CONFIRM = 10


class ProviderRefused(Exception):
    """What the provider says of itself or of the person does not hold."""


# What comes from outside may have any shape, and Authlib takes it as it is.
SHAPES = (AttributeError, KeyError, TypeError, ValueError, RuntimeError)
FAULTS = (AuthlibBaseError, JoseError, requests.RequestException, ProviderRefused, *SHAPES)


class Provider(DjangoOAuth2App):
    """The provider of the settings, and no other that its own description may name."""

    def load_server_metadata(self) -> dict[str, Any]:
        told: dict[str, Any] = super().load_server_metadata()
        if told.get("issuer") != settings.OPENID_ISSUER:
            # Not to be kept: the next request asks again.
            self.server_metadata.clear()
            raise ProviderRefused("The provider's description names another issuer.")
        told["id_token_signing_alg_values_supported"] = ALGORITHMS
        return told


class Registry(OAuth):
    """Makes the one client."""

    oauth2_client_cls = Provider


_clients: dict[tuple[str, ...], Provider] = {}


def provider_or_404() -> Provider:
    """Return the client for the provider of the settings; without one there are no such pages."""
    if not settings.OPENID_ISSUER:
        raise Http404
    configured = (settings.OPENID_ISSUER, settings.OPENID_CLIENT_ID, settings.OPENID_CLIENT_SECRET)
    if configured not in _clients:
        _clients[configured] = Registry().register(
            "openid",
            client_id=settings.OPENID_CLIENT_ID,
            client_secret=settings.OPENID_CLIENT_SECRET,
            server_metadata_url=f"{settings.OPENID_ISSUER.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "default_timeout": SECONDS_TO_ANSWER,
            },
        )
    return _clients[configured]


# --- There and back --------------------------------------------------------------------------------------------------
@login_not_required
@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the reader to the provider, to sign in or, signed in already, to link that account."""
    client = provider_or_404()
    request.session[FOLLOWING] = request.GET.get("next", "")
    try:
        # prompt: at a shared machine the provider may still know whoever sat there before.
        return client.authorize_redirect(request, request.build_absolute_uri(reverse("openid-answer")), prompt="login")
    except FAULTS as fault:
        _note("The identity provider could not be reached", fault)
        messages.error(request, _("%(name)s cannot be reached just now.") % {"name": linked_accounts.provider_name()})
        return _back(request)


@login_not_required
@never_cache
@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """Take what the provider says of the reader: sign in, or ask whether to link."""
    client = provider_or_404()
    following = request.session.pop(FOLLOWING, "")
    try:
        subject = _subject(client, request)
    except FAULTS as fault:
        _note("An answer of the identity provider was refused", fault)
        if not isinstance(fault, OAuthError):
            # Its description or its keys may be other ones by now; an answer that nobody asked for asks for nothing.
            client.server_metadata.clear()
        said = _("%(name)s did not confirm who you are. Try again, or sign in with your password.")
        messages.error(request, said % {"name": linked_accounts.provider_name()})
        return _back(request)
    if request.user.is_authenticated:
        until = timezone.now().timestamp() + MINUTES_TO_CONFIRM * 60
        request.session[PROVED] = {"issuer": settings.OPENID_ISSUER, "subject": subject, "until": until}
        return redirect("agreements:link-account")
    person = linked_accounts.person_of(settings.OPENID_ISSUER, subject)
    if person is None:
        messages.error(
            request,
            _(
                "This account is not linked to anybody who may sign in. Sign in with your password or the code of a "
                "slip, and link it under “My account”."
            ),
        )
        return redirect("sign-in")
    return enter(request, person, following=following)


def _subject(client: Provider, request: HttpRequest) -> str:
    """Return the subject of an identity token that this session asked for.

    :raises ProviderRefused: if there is none; Authlib raises what else is wrong with it.
    """
    token = client.authorize_access_token(request, claims_options=demanded_claims())
    told = token.get("userinfo")
    subject = told.get("sub") if told else None
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderRefused("There is no identity token, or nobody in it.")
    return subject


def demanded_claims() -> dict[str, Any]:
    """Return what an identity token has to say: made by our provider, for us, for the request of this session."""
    return {
        "iss": {"essential": True, "value": settings.OPENID_ISSUER},
        "aud": {"essential": True, "value": settings.OPENID_CLIENT_ID},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "nonce": {"essential": True},
    }


def _note(what: str, fault: Exception) -> None:
    # What the fault says may come from outside: one line, and not a long one.
    logger.warning("%s: %s %.200r", what, type(fault).__name__, str(fault))


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("agreements:account" if request.user.is_authenticated else "sign-in")


# --- Linking ---------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def link_account(request: UserRequest) -> HttpResponse:
    """Link the account that the provider has just confirmed, once the present password was typed.

    The provider may know whoever sat at this machine before, and a link from elsewhere may have started this: so it is
    asked for here, and not taken for granted.
    """
    provider_or_404()
    proved = request.session.get(PROVED)
    if not proved or proved["until"] < timezone.now().timestamp() or proved["issuer"] != settings.OPENID_ISSUER:
        request.session.pop(PROVED, None)
        return redirect("agreements:account")
    form = PresentPasswordForm(posted(request))
    if form.is_bound and attempts.is_locked(request, request.user.username):
        return attempts.locked(request, credentials={"username": request.user.username})
    if password_holds(request, form):
        request.session.pop(PROVED)
        try:
            linked_accounts.link(request.user, issuer=proved["issuer"], subject=proved["subject"], at=clock.now())
        except linked_accounts.LinkRefused as refusal:
            messages.error(request, str(refusal))
        else:
            said = _("From now on you can also sign in with %(name)s.") % {"name": linked_accounts.provider_name()}
            messages.success(request, said)
        return redirect("agreements:account")
    context = {"form": form, "provider_name": linked_accounts.provider_name(), "subject": proved["subject"]}
    return render(request, "agreements/link_account.html", context)


@require_POST
def unlink_account(request: UserRequest) -> HttpResponse:
    """Undo the link of one's own account."""
    provider_or_404()
    try:
        linked_accounts.unlink(request.user, issuer=settings.OPENID_ISSUER, at=clock.now())
    except linked_accounts.LinkRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The link was removed."))
    return redirect("agreements:account")
