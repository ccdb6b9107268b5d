"""Workers of background jobs in processes of their own, killed with SIGKILL in the middle of opening a round."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agreements import tasks
from agreements.models import Agreement, Event, Job, Posting, User
from agreements.services import log_check, opening
from tests.factories import NOON
from tests.walks import office

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 300


def worker(*, lost_after):
    """Start a worker on the test's database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "DJANGO_"))}
    environment |= {
        "KPI_SECRET_KEY": "only-for-tests", "KPI_ALLOWED_HOSTS": "localhost", "KPI_HTTPS": "0",
        "KPI_TASKS": "database", "KPI_DATABASE_URL": _address(), "KPI_JOB_LOST_SECONDS": str(lost_after),
        "KPI_DATA_DIR": os.environ["KPI_DATA_DIR"],
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", "--once"],
        cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _address():
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    # As tests/ground/with-postgresql has it: the server's socket lies in a directory.
    return f"postgres://{told['USER']}@/{told['HOST']}/{told['NAME']}"


def finished(process):
    said, _none = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def killed_in_the_middle():
    """Start a worker and kill it once it has begun the job."""
    process = worker(lost_after=3600)
    deadline = time.monotonic() + 60
    while not Job.objects.filter(state="running", total__gt=0).exists():
        assert time.monotonic() < deadline, "the worker never began"
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def asked():
    """Return a job that opens the agreements of many people, handed over to the queue in the database."""
    place = office()
    people = User.objects.bulk_create(
        User(username=f"many{number}", first_name=f"คนที่{number}") for number in range(PEOPLE)
    )
    held = {"organisation": place.unit, "assessor": place.posting.assessor, "starts_on": place.posting.starts_on}
    Posting.objects.bulk_create(Posting(user=one, title="นักวิชาการ", **held) for one in people)
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    return place, job


def test_the_job_of_a_killed_worker_is_done_by_the_next_once_and_whole(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    place, job = asked()
    tasks.run_job.using(backend="default").enqueue(job.pk)
    assert DBTaskResult.objects.count() == 1

    killed_in_the_middle()
    job.refresh_from_db()
    if job.state == "done":
        pytest.skip("it was faster than the kill")
    assert (job.state, job.attempts, Agreement.objects.count()) == ("running", 1, 1)
    # The control: where nobody counts as lost, the next worker leaves it alone.
    finished(worker(lost_after=3600))
    job.refresh_from_db()
    assert (job.state, Agreement.objects.count()) == ("running", 1)

    time.sleep(1.2)
    finished(worker(lost_after=1))

    job.refresh_from_db()
    # Those of before, and the assessor's own.
    assert (job.state, job.attempts, job.outcome["opened"]) == ("done", 2, PEOPLE + 1)
    assert Agreement.objects.count() == PEOPLE + 2
    assert Event.objects.filter(verb="open").count() == 2
    assert log_check.check([place.province]).findings == ()
