"""The one clock of views and commands; services are told the time."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models import DemoDay, Event

# When the request being answered arrived; nothing outside a request.
_arrived: ContextVar[datetime | None] = ContextVar("arrived", default=None)


def arrival(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take the time once, when a request arrives: nobody is late because the server had to wait for somebody else."""

    def answer_as_of_arrival(request: HttpRequest) -> HttpResponse:
        token = _arrived.set(timezone.now())
        try:
            return answer(request)
        finally:
            _arrived.reset(token)

    return answer_as_of_arrival


class ClockRefused(Exception):
    """The demo's clock cannot be set so."""


def now() -> datetime:
    """Return when the request arrived, outside a request the present; in the demo, this time on the demo's day."""
    moment = _arrived.get() or timezone.now()
    if not settings.DEMO:
        return moment
    local = timezone.localtime(moment)
    day = demo_today()
    return local.replace(year=day.year, month=day.month, day=day.day)


def today() -> date:
    """Return today's date in the offices' time zone."""
    return timezone.localdate(now())


def demo_today() -> date:
    """Return the demo's day: as last set, else where the kept data ends, else KPI_DEMO_TODAY."""
    row = DemoDay.objects.filter(pk=DemoDay.SINGLE).first()
    if row:
        return row.day
    latest = Event.objects.order_by("-at").values_list("at", flat=True).first()
    start: date = settings.DEMO_TODAY
    return max(start, timezone.localdate(latest)) if latest else start


@transaction.atomic
def move_demo_to(day: date) -> None:
    """Move the demo's clock forward to `day`.

    :raises ClockRefused: outside the demo, or if `day` lies before the demo's today.
    """
    if not settings.DEMO:
        raise ClockRefused(_("Only the demo's clock can be moved."))
    if day < demo_today():
        raise ClockRefused(_("The clock moves forward only."))
    if day > demo_today() + timedelta(days=366):
        raise ClockRefused(_("Move the clock by a year at the most."))
    DemoDay.objects.update_or_create(pk=DemoDay.SINGLE, defaults={"day": day})
