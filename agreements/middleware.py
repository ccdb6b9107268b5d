"""What every request and every answer passes: headers, sizes, and the second step that a role asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from agreements.services import second_steps

Handler = Callable[[HttpRequest], HttpResponseBase]
# Pages of this portal need no sensor, no camera of their own (a file field opens the telephone's) and no payment.
NOTHING_ALLOWED = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
# What whoever has yet to turn on the second step may open.
BEFORE_SECOND_STEP = {"turn-on-second-step", "password", "sign-out", "set_language"}


def careful_headers(get_response: Handler) -> Handler:
    """Let no browser keep a page: at a shared machine, “back” after signing out shows nobody's result."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", NOTHING_ALLOWED)
        # Static files come with a Cache-Control of their own.
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return answered


def bounded_requests(get_response: Handler) -> Handler:
    """Refuse what is too large by its announced length, before anything of it is read."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        length = _length(request)
        # Whoever is not signed in sends one file at the most, to have it verified.
        if length > settings.EVIDENCE_MAX_BYTES:
            most = settings.REQUEST_MAX_BYTES if request.user.is_authenticated else settings.EVIDENCE_MAX_BYTES
            if length > most:
                response: HttpResponse = render(request, "413.html", {"most": most}, status=413)
                return response
        return get_response(request)

    return answered


def _length(request: HttpRequest) -> int:
    # A request that announces no length has no body for Django either.
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdecimal() else 0


def demanded_second_step(get_response: Handler) -> Handler:
    """Send whoever has a role that asks for the second step to turn it on, before anything else."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(request: HttpRequest, *_view: object) -> HttpResponse | None:
        if not settings.SECOND_STEP_ROLES or not request.user.is_authenticated:
            return None
        asked = request.resolver_match
        if (asked and asked.url_name in BEFORE_SECOND_STEP) or not second_steps.is_missing(request.user):
            return None
        return redirect("agreements:turn-on-second-step")

    answered.process_view = process_view  # type: ignore[attr-defined]  # Django looks for it there
    return answered
