"""Failed attempts, counted by person and address together, and the page of whoever made too many.

django-axes counts; here stands what it asks back: whose name, which answer. Passwords pass `agreements.backends.Lock`;
codes and confirmed passwords pass `is_locked` and `count_failure`, and are counted with them.
"""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.addresses import client_address
from agreements.services import locks


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return whose attempt this is; axes asks."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return locks.counted_name(typed)


def is_locked(request: HttpRequest, username: str) -> bool:
    """Return whether this person may not try now from this address."""
    return settings.AXES_ENABLED and not AxesProxyHandler.is_allowed(request, {"username": username})


def count_failure(request: HttpRequest, username: str) -> None:
    """Count a wrong code or password; the answer to the last one allowed is the page that says so."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def locked(
    request: HttpRequest, _original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Say that there were too many attempts, when the next may be made and what to do; axes asks, too."""
    now = timezone.now()
    ends_at = locks.ends_at(counted_name(request, credentials), client_address(request)) or now
    minutes = max(1, -int((now - ends_at).total_seconds() // 60))
    context = {"ends_at": ends_at, "minutes": minutes, "attempts": settings.AXES_FAILURE_LIMIT}
    response = render(request, "agreements/locked.html", context, status=429)
    response["Retry-After"] = str(max(1, int((ends_at - now).total_seconds()) + 1))
    return response
