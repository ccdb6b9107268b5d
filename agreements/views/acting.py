"""Whoever is acting for another position takes its acts: found out for each request, where the day is known."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from agreements import clock
from agreements.services import acting, heads


def stand_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell the reader of each request which positions they are acting for today, and which units they head."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            heads.tell(acting.stand_in(request.user, day=clock.today()), day=clock.today())
        return get_response(request)

    return middleware
