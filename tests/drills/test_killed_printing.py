"""A worker of a print job killed with SIGKILL in the middle: what is drawn stays, and the next one prints the rest."""

import os
import signal
import time
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agreements import clock, tasks
from agreements.models import Agreement, Job, State
from agreements.services import job_files
from reports import printing
from tests import walks
from tests.drills.test_killed_workers import finished, worker
from tests.reports import papers

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def asked():
    """Return a job that prints ปผ.3 of many, the last of them finished, handed over to the queue in the database."""
    place = walks.office()
    for number in range(1, PEOPLE):
        one = walks.colleague(place)
        one.version.parties.filter(capacity="assessee").update(name=f"คนที่ {number}")
    walks.bring_to(place, State.AGREED)
    keys = list(Agreement.objects.exclude(pk=place.agreement.pk).order_by("pk").values_list("pk", flat=True))
    order = printing.Order(forms=["3"], digits="arabic", bound="pdf", pdf_a=False)
    told = {"by": place.hr, "at": clock.now(), "now": timezone.now()}
    job, _is_new = printing.begin(place.round, [*keys, place.agreement.pk], order, **told)
    tasks.run_job.using(backend="default").enqueue(job.pk)
    return job


def drawn_for(job):
    """Return the files that were drawn for the job, with when."""
    folder = Path(default_storage.path(job_files.folder_of(job))) / "drawn"
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.pdf")} if folder.exists() else {}


def drawers_alive(job):
    """Return the processes that draw for the job."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"draw_forms" in said and str(job.pk).encode() in said and process.stat().st_uid == os.getuid():
            found.append(process.name)
    return found


def killed_in_the_middle(job):
    process = worker(lost_after=3600)
    deadline = time.monotonic() + 120
    while Job.objects.get(pk=job.pk).done < 3:
        assert time.monotonic() < deadline, "the worker never drew"
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="looks at processes as Linux shows them")
def test_a_killed_print_job_goes_on_where_it_was(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    job = asked()
    assert DBTaskResult.objects.count() == 1

    killed_in_the_middle(job)

    # What was started for the job ends by itself, at the latest after the form at hand.
    deadline = time.monotonic() + 60
    while drawers_alive(job):
        assert time.monotonic() < deadline, "a process went on drawing for a worker that is dead"
        time.sleep(0.05)
    job.refresh_from_db()
    if job.state == "done":
        pytest.skip("it was faster than the kill")
    before = drawn_for(job)
    assert (job.state, 3 <= len(before) < PEOPLE) == ("running", True)

    time.sleep(1.2)
    finished(worker(lost_after=1))

    job.refresh_from_db()
    assert (job.state, job.attempts, job.outcome["printed"], job.fault) == ("done", 2, PEOPLE, "")
    with default_storage.open(job.file.path) as file:
        body = file.read()
    told = "".join(papers.pages_of(body))
    assert [f"คนที่ {number}" in told for number in range(1, PEOPLE)] == [True] * (PEOPLE - 1)
    # None of them was drawn anew.
    assert (job.outcome["drawn_before"], job.outcome["pages"]) == (len(before), 2 * PEOPLE)
    assert drawn_for(job) == {}
