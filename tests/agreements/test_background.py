import threading
import time

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks import task

from agreements import tasks
from agreements.models import Job, Organisation
from agreements.services import jobs
from tests.factories import NOON, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = []


@task()
def tell(what):
    if what == "fault":
        raise ValueError(what)
    TOLD.append((what, threading.current_thread().name))


@pytest.fixture(autouse=True)
def _in_process(settings):
    settings.TASKS = {"default": {"BACKEND": "agreements.background.ProcessBackend"}}
    TOLD.clear()


def wait_for(holds):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_a_task_runs_in_a_thread_of_this_process():
    result = tell.enqueue("here")

    wait_for(lambda: TOLD)
    assert [("here", f"task-{result.id}")] == TOLD


def test_a_fault_is_logged_and_the_next_task_runs(caplog):
    tell.enqueue("fault")
    tell.enqueue("after it")

    wait_for(lambda: TOLD)
    assert [what for what, _thread in TOLD] == ["after it"]
    wait_for(lambda: "ValueError" in caplog.text)


def test_a_job_that_was_handed_over_is_done_while_the_page_has_gone(monkeypatch):
    def complete(job, at, prepared):
        Organisation.objects.filter(pk=job.organisation_id).update(name="เสร็จแล้ว")
        return {}

    kind = jobs.Kind(code="rename", label="งาน", prepare=lambda job, at, progress: None, complete=complete)
    monkeypatch.setitem(jobs._KINDS, "rename", kind)
    place = OrganisationFactory(name="ก่อน")
    job = jobs.ask(kind, about=place, round_=None, order={}, by=UserFactory(), at=NOON, now=timezone.now())

    tasks.hand_over(job)

    wait_for(lambda: Job.objects.get().state == "done")
    place.refresh_from_db()
    assert place.name == "เสร็จแล้ว"
    # On PostgreSQL a connection left open would keep the test's database from being dropped.
    wait_for(lambda: not [one for one in threading.enumerate() if one.name.startswith("task-")])
    assert connection.is_usable()
