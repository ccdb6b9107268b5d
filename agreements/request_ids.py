"""The number of a request: in the log, in the server's own log, in the answer and on the error page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the number of the request that is being answered; empty outside of one."""
    return _current.get()


class RequestIdMiddleware:
    """Give each request a number of its own, whatever the client calls it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Never the client's X-Request-ID: whoever chose it could hide one act behind the number of another.
        number = secrets.token_hex(6).upper()
        token = _current.set(number)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response["X-Request-ID"] = number
        return response


class RequestIdFilter(logging.Filter):
    """Tell the server's log which request a line belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current() or "-"
        return True
