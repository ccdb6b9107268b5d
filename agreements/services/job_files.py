"""Files that come of background work: kept privately for who asked, and erased after a time."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from agreements.models import Job, JobFile
from agreements.services import log

logger = logging.getLogger(__name__)

FOLDER = "jobs"


class FileGone(Exception):
    """The file cannot be fetched any more; the message says why."""


# --- While a job is under way ----------------------------------------------------------------------------------------
def folder_of(job: Job) -> str:
    """Return where `job` lays down what it is making, so that whoever goes on with it finds what is made."""
    # Not by its number alone: a database that was put back gives numbers again beside the files of before.
    told = log.canonical([job.pk, job.kind, job.order, job.asked_by_id, job.asked_at])
    return f"{FOLDER}/{job.pk}-{log.digest(told)[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidDown:
    """A finished file in the storage, nobody's yet."""

    path: str
    sha256: str
    size: int


def lay_down(job: Job, made: Path) -> LaidDown:
    """Keep the finished file `made` in the storage."""
    # Each attempt has a name of its own: what a killed one left half written is never taken for finished.
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        path = default_storage.save(f"{folder_of(job)}/result-{job.attempts}", File(file))
    return LaidDown(path=path, sha256=digest, size=made.stat().st_size)


def keep(job: Job, made: LaidDown, *, name: str, content_type: str, at: datetime) -> JobFile:
    """Give the file `made` to who asked for `job`, under `name`, until its time is over."""
    return JobFile.objects.create(
        job=job,
        path=made.path,
        name=name,
        content_type=content_type,
        sha256=made.sha256,
        size=made.size,
        kept_until=at + timedelta(days=settings.JOB_FILE_DAYS),
    )


def digest_and_size(path: str) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file of the storage, read piece by piece."""
    whole, size = hashlib.sha256(), 0
    with default_storage.open(path) as file:
        for chunk in file.chunks():
            whole.update(chunk)
            size += len(chunk)
    return whole.hexdigest(), size


# --- Fetching --------------------------------------------------------------------------------------------------------
def demand(kept: JobFile, *, at: datetime) -> None:
    """Refuse unless the file is there as it was kept.

    :raises FileGone: if its time is over, it is missing, or somebody changed it.
    """
    if kept.erased_at is not None or kept.kept_until < at:
        raise FileGone(_("The file was kept for some days only, and is erased. Ask for it anew."))
    if not default_storage.exists(kept.path):
        raise FileGone(_("The file is missing on the server. Tell the people who look after the portal."))
    if digest_and_size(kept.path)[0] != kept.sha256:
        logger.error("The file of job %s is not what was stored: %s", kept.job_id, kept.path)
        raise FileGone(_("The file was changed on the server, and is not given out. Ask for it anew."))


# --- Erasing ---------------------------------------------------------------------------------------------------------
def erase_due(*, at: datetime) -> int:
    """Erase the files whose time is over; return how many."""
    due = list(JobFile.objects.filter(erased_at=None, kept_until__lt=at).order_by("pk"))
    for kept in due:
        default_storage.delete(kept.path)
        JobFile.objects.filter(pk=kept.pk).update(erased_at=at)
    return len(due)


def sweep() -> None:
    """Erase what finished jobs, and those that came to nothing, left lying beside their files."""
    # In this order: what is listed belongs to a job that stands there; one that is finished has its file, or none.
    names = _inside(FOLDER)[0]
    going_on = {folder_of(job) for job in Job.objects.unfinished()}
    kept = set(JobFile.objects.filter(erased_at=None).values_list("path", flat=True))
    for name in names:
        if f"{FOLDER}/{name}" not in going_on:
            _erase_below(f"{FOLDER}/{name}", kept)


def _erase_below(folder: str, kept: Collection[str]) -> None:
    folders, files = _inside(folder)
    for name in folders:
        _erase_below(f"{folder}/{name}", kept)
    for name in files:
        if f"{folder}/{name}" not in kept:
            default_storage.delete(f"{folder}/{name}")
    # A folder of the file system stays where something lies in it; other storages have none.
    with suppress(OSError):
        default_storage.delete(folder)


def _inside(folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return list(folders), list(files)
