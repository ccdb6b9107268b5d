"""What every page shows: the navigation, the demo's day, who is reading."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from agreements import clock
from agreements.models import Role

FOLLOWERS = {Role.Kind.HR, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR}


def portal(request: HttpRequest) -> dict[str, object]:
    """Return what the frame of every page needs; questions are asked only where the frame asks them."""
    return {
        "portal_navigation": SimpleLazyObject(lambda: navigation(request)),
        "demo_today": clock.demo_today() if settings.DEMO else None,
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the main pages that are of use to the reader."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    roles = set(Role.objects.filter(user=user).values_list("kind", flat=True))
    entries = [("work", _("My work"), "inbox"), ("agreements", _("Agreements"), "file-earmark-text")]
    if roles & FOLLOWERS:
        entries.append(("rounds", _("Rounds"), "calendar-event"))
    entries.append(("frameworks", _("Frameworks"), "diagram-3"))
    if Role.Kind.HR in roles:
        entries.append(("people", _("People"), "people"))
    return [
        {
            "url": reverse(f"agreements:{name}"),
            "label": label,
            "icon": icon,
            "current": _is_current(request.path, reverse(f"agreements:{name}")),
        }
        for name, label, icon in entries
    ]


def _is_current(path: str, url: str) -> bool:
    return path == url if url == reverse("agreements:work") else path.startswith(url)
