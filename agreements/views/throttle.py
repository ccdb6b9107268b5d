"""Slowing down who guesses: so many tries from one address in ten minutes, counted in the cache."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

MINUTES = 10


def is_exhausted(request: HttpRequest, what: str, *, most: int) -> bool:
    """Return whether `most` tries of `what` were counted from where `request` comes."""
    return int(cache.get(_key(request, what), 0)) >= most


def count(request: HttpRequest, what: str) -> None:
    """Count a try of `what` from where `request` comes."""
    key = _key(request, what)
    cache.add(key, 0, timeout=MINUTES * 60)
    try:
        cache.incr(key)
    except ValueError:
        # It ran out between the two.
        cache.set(key, 1, timeout=MINUTES * 60)


def _key(request: HttpRequest, what: str) -> str:
    return f"tries:{what}:{_address(request)}"


def _address(request: HttpRequest) -> str:
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        # Behind a proxy of ours: the last address is the one that it saw itself.
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
