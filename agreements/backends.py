"""What stands before the password: the lock after failed attempts."""

from __future__ import annotations

from typing import Any

from axes.backends import AxesStandaloneBackend
from django.http import HttpRequest


class Lock(AxesStandaloneBackend):
    """Refuse whoever is locked, before any password is looked at."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        # Without a request there is no address to lock: commands and tests.
        if request is not None:
            super().authenticate(request, username=username, password=password, **kwargs)
