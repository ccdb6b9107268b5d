import datetime
import signal

import pytest
from django.core.management import call_command
from django.utils import timezone

from agreements.models import Agreement, Job
from agreements.services import opening
from tests.factories import NOON
from tests.walks import office

# The worker closes connections between two jobs.
pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _own_signals():
    """Give the test's process its signals back: a worker hears them in its own way."""
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
    yield
    for one, handler in kept.items():
        signal.signal(one, handler)


def asked(**fields):
    place = office()
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    Job.objects.update(**fields)
    return job


def state_of(job):
    job.refresh_from_db()
    return job.state


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_what_a_killed_server_left_is_done_without_anybody_looking(state):
    job = asked(state=state, attempts=1, alive_at=timezone.now() - LONG_AGO)

    call_command("work", "--once")

    assert (state_of(job), Agreement.objects.count()) == ("done", 2)


def test_what_a_living_worker_has_is_left_to_it():
    job = asked(state="running", attempts=1)

    call_command("work", "--once")

    assert (state_of(job), Agreement.objects.count()) == ("running", 1)
