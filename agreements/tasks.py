"""Handing background work over to whoever runs it, by Django's task interface."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django_tasks import task

from agreements import clock
from agreements.models import Job
from agreements.services import job_files, jobs


@task()
def run_job(pk: int) -> None:
    """Run a job; told twice, it is run once."""
    do(pk)


def do(pk: int) -> None:
    """Run a job here and now, in the portal's own language: what is kept of it is read by many."""
    with translation.override(settings.LANGUAGE_CODE):
        jobs.run(pk, clock=timezone.now, at=clock.now())
        # No worker and no timer is needed for what has to go after its time.
        job_files.erase_due(at=clock.now())
        job_files.sweep()


def hand_over(job: Job) -> None:
    """Have `job` run, once what was written with it is kept."""
    transaction.on_commit(lambda: run_job.enqueue(job.pk))


def take_up_lost() -> int:
    """Hand over the jobs whose workers were killed; return how many."""
    now = timezone.now()
    found = [pk for pk in jobs.lost(now) if jobs.give_back(pk, now=now)]
    for pk in found:
        run_job.enqueue(pk)
    return len(found)
