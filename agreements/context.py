"""What every page shows: the navigation, the demo's day, who is reading."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from agreements import clock
from agreements.models import Notice, Posting, Role, User

# Whoever reports, reads reports or writes their forms.
READERS = {Role.Kind.DATA_REPORTER, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR, Role.Kind.FRAMEWORK_EDITOR}
FOLLOWERS = {Role.Kind.HR, Role.Kind.EXECUTIVE, Role.Kind.AUDITOR, Role.Kind.SCREENING}


def portal(request: HttpRequest) -> dict[str, object]:
    """Return what the frame of every page needs; questions are asked only where the frame asks them."""
    frame = SimpleLazyObject(lambda: _frame(request))
    return {
        "portal_navigation": SimpleLazyObject(lambda: navigation(request, frame["roles"], leads=frame["leads"])),
        "unread_notices": SimpleLazyObject(lambda: frame["unread"]),
        "demo_today": clock.demo_today() if settings.DEMO else None,
    }


def _frame(request: HttpRequest) -> dict[str, Any]:
    """Return the reader's roles, how many notices are unread, and whether they may head a unit: one question."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"roles": set(), "unread": 0, "leads": False}
    unread = Notice.objects.visible_to(user).unread().order_by().values("user").annotate(count=Count("pk"))
    own = Posting.objects.filter(user=OuterRef("pk"))
    # Whether they head one today is for the page itself; here it is enough that they could.
    leading = Exists(own.leading()) | Exists(own.filter(is_acting=True, stands_for__isnull=False))
    rows = list(
        User.objects.filter(pk=user.pk)
        .annotate(unread=Subquery(unread.values("count")), leads=leading)
        .values_list("roles__kind", "unread", "leads")
    )
    if not rows:
        return {"roles": set(), "unread": 0, "leads": False}
    return {"roles": {kind for kind, *_rest in rows if kind}, "unread": rows[0][1] or 0, "leads": rows[0][2]}


def navigation(request: HttpRequest, roles: Collection[str], *, leads: bool) -> list[dict[str, Any]]:
    """Return the main pages that are of use to the reader, who has `roles` and may be the head of a unit."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    entries = [("work", _("My work"), "inbox"), ("agreements", _("Agreements"), "file-earmark-text")]
    if FOLLOWERS & set(roles):
        entries.append(("rounds", _("Rounds"), "calendar-event"))
        entries.append(("dashboards", _("Dashboards"), "bar-chart"))
    entries.append(("frameworks", _("Frameworks"), "diagram-3"))
    if READERS & set(roles) or leads:
        entries.append(("monitoring", _("Monitoring"), "graph-up"))
        entries.append(("submissions", _("Report forms"), "journal-text"))
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
