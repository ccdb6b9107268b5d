"""Background work: asked for once, taken up by one worker at a time, and again where a worker was killed.

A kind of work has two steps. `prepare` does what may be done twice and shows how far it is; `complete` runs in one
transaction with the note that the job is done, so that what comes of it is there once, or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agreements.models import Job, Organisation, Round, User

logger = logging.getLogger(__name__)

#: A job whose workers were killed so often is not begun once more: it may be what kills them.
MOST_ATTEMPTS = 5


class JobRefused(Exception):
    """The work cannot be begun, or cannot be done so."""


class TakenOver(Exception):
    """Another worker has this job now: this one was silent for too long."""


# --- What kinds of work there are ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of work: its name for people, and its two steps."""

    code: str
    label: str | Promise
    # Given the job, when it is, and how to say how far it is; what it returns is handed to `complete`.
    prepare: Callable[[Job, datetime, Progress], Any]
    # Given the job, when it is, and what was prepared; returns what is kept as the outcome.
    complete: Callable[[Job, datetime, Any], Mapping[str, Any]]
    # Where a file comes of it: asked each time before who asked for the job is given it; refuses with PermissionDenied.
    fetch: Callable[[Job, datetime], None] | None = None


_KINDS: dict[str, Kind] = {}


def offer(kind: Kind) -> None:
    """Let jobs of `kind` be asked for."""
    _KINDS[kind.code] = kind


def kind_of(job: Job) -> Kind:
    """Return the kind of `job`."""
    return _KINDS[job.kind]


def label_of(job: Job) -> str:
    """Return what the work of `job` is called; one whose kind is no more, by its code."""
    kind = _KINDS.get(job.kind)
    return str(kind.label) if kind else job.kind


# --- Asking ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(
    kind: Kind,
    *,
    about: Organisation,
    round_: Round | None,
    order: Mapping[str, Any],
    by: User,
    at: datetime,
    now: datetime,
) -> Job:
    """Write down work to be done; whoever calls it hands it over to a worker, after asking whether `by` may.

    :raises JobRefused: if the same work is waiting or under way for the same round.
    """
    if round_ is not None:
        # Two who ask at once wait for each other, and the second is told.
        Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        if Job.objects.unfinished().filter(kind=kind.code, round=round_, organisation=about).exists():
            raise JobRefused(_("This is being done already. Look at “My work” for how far it is."))
    return Job.objects.create(
        kind=kind.code, organisation=about, round=round_, order=dict(order), asked_by=by, asked_at=at, alive_at=now
    )


@transaction.atomic
def ask_once(
    kind: Kind,
    *,
    about: Organisation,
    round_: Round | None,
    order: Mapping[str, Any],
    by: User,
    at: datetime,
    now: datetime,
) -> tuple[Job, bool]:
    """Write down work that many may want at once; who asks again for the same while it is under way is given that.

    Return the job, and whether it is to be handed over.
    """
    # Two presses of the same button wait for each other.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    asked = Job.objects.unfinished().filter(kind=kind.code, asked_by=by, round=round_, organisation=about)
    same = next((one for one in asked.order_by("pk") if one.order == dict(order)), None)
    if same is not None:
        return same, False
    told = {"kind": kind.code, "organisation": about, "round": round_, "order": dict(order)}
    return Job.objects.create(**told, asked_by=by, asked_at=at, alive_at=now), True


# --- Doing -----------------------------------------------------------------------------------------------------------
def silent_since(now: datetime) -> datetime:
    """Return since when a worker must have been silent to count as killed."""
    return now - timedelta(seconds=settings.JOB_LOST_SECONDS)


def lost(now: datetime) -> list[int]:
    """Return the jobs that nobody works at: killed in the middle, or never handed over."""
    return list(
        Job.objects.unfinished().filter(alive_at__lt=silent_since(now)).order_by("pk").values_list("pk", flat=True)
    )


def give_back(pk: int, *, now: datetime) -> bool:
    """Let a lost job be begun anew; return whether it was lost."""
    silent = Job.objects.unfinished().filter(pk=pk, alive_at__lt=silent_since(now))
    return bool(silent.update(state=Job.State.WAITING, alive_at=now))


def claim(pk: int, *, now: datetime) -> Job | None:
    """Take a job that waits, for one worker; none where it is another's or finished."""
    taken = Job.objects.filter(pk=pk, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, attempts=F("attempts") + 1, alive_at=now, done=0
    )
    if not taken:
        return None
    return Job.objects.select_related("organisation", "round__organisation", "asked_by").get(pk=pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a worker says how far it is, and that it lives."""

    job: Job
    clock: Callable[[], datetime]

    def say(self, done: int, total: int) -> None:
        """Write down that `done` of `total` are done.

        :raises TakenOver: if the job was given to another worker meanwhile.
        """
        if not _mine(self.job).update(done=done, total=total, alive_at=self.clock()):
            raise TakenOver


def _mine(job: Job) -> Any:
    # The number of the attempt is the worker's ticket: a later attempt has another.
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


def run(pk: int, *, clock: Callable[[], datetime], at: datetime) -> None:
    """Do the work of a job, if it waits; what goes wrong is kept with it in words.

    `clock` is the machine's own, for signs of life; `at` is when the office believes it is.
    """
    job = claim(pk, now=clock())
    if job is None:
        return
    try:
        _work(job, clock=clock, at=at)
    except TakenOver:
        logger.warning("Job %s is another worker's now; nothing was written.", pk)
    except (JobRefused, PermissionDenied) as refusal:
        # Somebody who no longer may is told so, too.
        _fail(job, str(refusal), at=at)
    except Exception:
        logger.exception("Job %s failed.", pk)
        _fail(
            job,
            _("Something went wrong here. Nothing was changed; whoever runs the portal finds why in its log."),
            at=at,
        )


def _work(job: Job, *, clock: Callable[[], datetime], at: datetime) -> None:
    if job.attempts > MOST_ATTEMPTS:
        raise JobRefused(_("It was interrupted %(count)s times and is not begun again.") % {"count": MOST_ATTEMPTS})
    kind = kind_of(job)
    prepared = kind.prepare(job, at, Progress(job=job, clock=clock))
    with transaction.atomic():
        outcome = dict(kind.complete(job, at, prepared))
        done = {"state": Job.State.DONE, "outcome": outcome, "done": F("total"), "finished_at": at}
        if not _mine(job).update(**done, alive_at=clock()):
            raise TakenOver


def _fail(job: Job, fault: str, *, at: datetime) -> None:
    _mine(job).update(state=Job.State.FAILED, fault=fault, finished_at=at)


def in_chunks(keys: Iterable[int], size: int) -> Iterable[list[int]]:
    """Yield `keys` in lists of `size`."""
    held = list(keys)
    for start in range(0, len(held), size):
        yield held[start : start + size]
