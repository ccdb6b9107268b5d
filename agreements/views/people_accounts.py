"""What HR does about somebody's ways of signing in: locks, a lost telephone, an account at a provider."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements import clock
from agreements.forms.accounts import RegisterAccountForm
from agreements.models import User
from agreements.services import linked_accounts, locks, second_steps
from agreements.views.linked_accounts import provider_or_404
from agreements.views.requests import UserRequest

REFUSALS = (linked_accounts.LinkRefused, second_steps.SecondStepRefused)


def ways_to_sign_in(person: User) -> dict[str, object]:
    """Return what the page of a person says about signing in."""
    issuer = settings.OPENID_ISSUER
    return {
        "locked_until": locks.latest_end(person, now=timezone.now()),
        "second_step_on": second_steps.is_on(person),
        "provider_name": linked_accounts.provider_name(),
        "linked": linked_accounts.link_of(person, issuer) if issuer else None,
        "account_form": RegisterAccountForm() if issuer else None,
    }


@require_POST
def lift_lock(request: UserRequest, pk: int) -> HttpResponse:
    """Let somebody who mistyped too often try again at once."""
    said = _("The lock was lifted.")
    return _done(request, pk, lambda person: locks.lift(person, by=request.user, at=clock.now()), said=said)


@require_POST
def take_second_step(request: UserRequest, pk: int) -> HttpResponse:
    """Take the second step away from somebody who lost their telephone."""
    said = _("The second step was taken away. The password alone is asked for now.")
    return _done(request, pk, lambda person: second_steps.take_away(person, by=request.user, at=clock.now()), said=said)


@require_POST
def register_account(request: UserRequest, pk: int) -> HttpResponse:
    """Write down which account at the provider is somebody's."""
    provider_or_404()
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    form = RegisterAccountForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Type the identifier that the provider gives this person."))
        return redirect(person)
    subject = form.cleaned_data["subject"]
    return _done(
        request,
        pk,
        lambda found: linked_accounts.register(
            found, issuer=settings.OPENID_ISSUER, subject=subject, by=request.user, at=clock.now()
        ),
        said=_("The account was linked."),
    )


@require_POST
def remove_account(request: UserRequest, pk: int) -> HttpResponse:
    """Undo the link of somebody's account."""
    provider_or_404()
    return _done(
        request,
        pk,
        lambda person: linked_accounts.remove(person, issuer=settings.OPENID_ISSUER, by=request.user, at=clock.now()),
        said=_("The link was removed."),
    )


def _done(request: UserRequest, pk: int, act: Callable[[User], object], *, said: str) -> HttpResponse:
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    try:
        act(person)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(person)
