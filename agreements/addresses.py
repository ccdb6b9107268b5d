"""From which address a request comes, as attempts at signing in are counted."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# A household or a telephone has this many bits of addresses to itself, so it counts as one.
IPV6_NETWORK = 64


def client_address(request: HttpRequest) -> str | None:
    """Return the address of whoever asks; of an IPv6 address, its network.

    Behind a proxy it is the last entry of X-Forwarded-For: the one our proxy wrote. Those before it, and the whole
    header where there is no proxy, are what anybody may claim.
    """
    if settings.BEHIND_PROXY:
        last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
        if counted := _counted(last.strip()):
            return counted
    return _counted(request.META.get("REMOTE_ADDR", ""))


def _counted(written: str) -> str | None:
    try:
        found = ip_address(written)
    except ValueError:
        return None
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    # Without its zone: that names a card of this machine.
    return str(ip_network((int(found), IPV6_NETWORK), strict=False).network_address)
