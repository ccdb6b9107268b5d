"""Whoever is acting for another position takes its acts: found out for each request, where the day is known."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from agreements import clock
from agreements.services import acting


def stand_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell the reader of each request which positions they are acting for today."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            acting.stand_in(request.user, day=clock.today())
        return get_response(request)

    return middleware
