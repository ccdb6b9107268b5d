"""Drawing the forms of one agreement for a print job, in whichever process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from agreements.models import Agreement, Job
from agreements.services import job_files, readings
from reports import frozen
from reports.form_sets import versions_of


class Damaged(Exception):
    """What was drawn is not what lies in the storage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The drawn forms of one agreement: where they lie, and the hash of the file."""

    agreement: int
    path: str
    sha256: str


def choice_of(job: Job) -> frozen.Choice:
    """Return what `job` prints."""
    order = job.order
    return frozen.Choice(
        forms=tuple(order["forms"]),
        digits=order["digits"],
        pdf_a=order["pdf_a"],
        address=order["address"] or settings.PUBLIC_URL,
    )


def draw(job: Job, pk: int, *, at: datetime) -> Drawn | None:
    """Draw the forms of an agreement as who asked for `job` may see them; nothing where it may not be seen any more."""
    agreement = Agreement.objects.visible_to(job.asked_by).filter(pk=pk).first()
    if agreement is None:
        return None
    for version in versions_of(agreement):
        readings.note(version, by=job.asked_by, at=at)
    paper = frozen.paper_of(agreement, choice_of(job), viewer=job.asked_by, at=at)
    digest = hashlib.sha256(paper.body).hexdigest()
    if paper.frozen is not None and paper.frozen.sha256 == digest:
        return Drawn(agreement=pk, path=paper.frozen.path, sha256=digest)
    path = f"{_folder(job)}/{pk}-{digest}.pdf"
    if default_storage.exists(path):
        # Half written by a worker that was killed.
        default_storage.delete(path)
    return Drawn(agreement=pk, path=default_storage.save(path, ContentFile(paper.body)), sha256=digest)


def drawn_before(job: Job) -> Iterator[Drawn]:
    """Yield what an earlier attempt at `job` drew, as far as it lies there whole."""
    try:
        names = default_storage.listdir(_folder(job))[1]
    except FileNotFoundError:
        return
    for name in names:
        pk, _dash, digest = name.removesuffix(".pdf").partition("-")
        found = Drawn(agreement=int(pk), path=f"{_folder(job)}/{name}", sha256=digest)
        if job_files.digest_and_size(found.path)[0] == digest:
            yield found


def body_of(drawn: Drawn) -> bytes:
    """Return the drawn PDF.

    :raises Damaged: if it was changed since it was drawn.
    """
    with default_storage.open(drawn.path) as file:
        body: bytes = file.read()
    if hashlib.sha256(body).hexdigest() != drawn.sha256:
        raise Damaged(drawn.path)
    return body


def _folder(job: Job) -> str:
    return f"{job_files.folder_of(job)}/drawn"
