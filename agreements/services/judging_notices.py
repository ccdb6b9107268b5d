"""Telling those who act for a unit by when it is to judge, and that it is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse

from agreements.models import Notice, Role
from agreements.services import deadlines, notices
from agreements.services.judged_results import Task, all_tasks
from agreements.services.judges import ACTING
from agreements.services.notice_rules import EVERY, Wanted, step_for


def write_due(*, at: datetime) -> int:
    """Write what is due to be said of judging on the day of `at`; return how many notices those were."""
    today = deadlines.local_day(at)
    tasks = [one for one in all_tasks() if one.waiting]
    if not tasks:
        return 0
    acting = list(
        Role.objects.filter(kind__in=ACTING, user__is_active=True)
        .order_by("pk")
        .values_list("organisation__path", "user_id")
    )
    return notices.keep([one for task in tasks for one in _of_task(task, acting, today)], at=at)


def _of_task(task: Task, acting: list[tuple[str, int]], today: date) -> Iterator[Wanted]:
    left = (task.until - today).days
    count = step_for(left) if left >= 0 else (-left - 1) // EVERY
    if count is None:
        return
    kind = Notice.Kind.DUE if left >= 0 else Notice.Kind.LATE
    for user in _nearest(acting, str(task.unit.path)):
        yield Wanted(
            user=user,
            kind=kind,
            act="judge",
            round=task.round.pk,
            due=task.until,
            link=reverse("agreements:judge", args=[task.round.pk, task.indicator.pk, task.unit.pk]),
            key=f"{kind}:judge:{task.round.pk}:{task.indicator.pk}:{task.unit.pk}:{task.until}:{count}:{user}",
        )


def _nearest(acting: list[tuple[str, int]], path: str) -> list[int]:
    """Return those who act for the unit at `path` itself, or where nobody does, for the nearest above it."""
    above = [(len(held), user) for held, user in acting if path.startswith(held)]
    nearest = max((length for length, _user in above), default=0)
    return sorted({user for length, user in above if length == nearest})
