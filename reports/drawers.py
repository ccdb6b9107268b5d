"""The processes that draw the forms of a print job side by side.

Each is `manage.py draw_forms`: it reads the key of an agreement in a line and answers in a line. It ends when its input
does, so that nothing of a worker that was killed goes on drawing.
"""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, cast

from django.conf import settings

from agreements.models import Job
from reports import drawing
from reports.drawing import Drawn

logger = logging.getLogger(__name__)

#: A process that has grown to so many bytes is replaced by a new one.
MOST_BYTES = 170 * 1024 * 1024
#: So often may a process die at the same form before it is the form's fault.
MOST_DEATHS = 2


class NotDrawn(Exception):
    """The forms of an agreement could not be drawn; the server's log has the reason."""

    def __init__(self, key: int) -> None:
        super().__init__(key)
        self.key = key


def draw_all(job: Job, keys: Sequence[int], *, at: datetime) -> Iterator[tuple[int, Drawn | None]]:
    """Yield the drawn forms of the agreements `keys`, as they are finished.

    :raises NotDrawn: if one cannot be drawn.
    """
    if settings.PRINT_WORKERS == 0:
        yield from ((key, _drawn_here(job, key, at)) for key in keys)
        return
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for key in keys:
        waiting.put(key)
    answers: queue.SimpleQueue[tuple[int, Drawn | None] | BaseException] = queue.SimpleQueue()
    drawers = [_Drawer(job, at, waiting, answers) for _ in range(min(settings.PRINT_WORKERS, len(keys)))]
    try:
        for drawer in drawers:
            drawer.start()
        for _ in keys:
            answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        for drawer in drawers:
            drawer.stop()


def _drawn_here(job: Job, key: int, at: datetime) -> Drawn | None:
    try:
        return drawing.draw(job, key, at=at)
    except Exception as error:
        logger.exception("Agreement %s of job %s cannot be drawn.", key, job.pk)
        raise NotDrawn(key) from error


class _Drawer(threading.Thread):
    """Hands keys to a process of its own, one after the other."""

    def __init__(
        self,
        job: Job,
        at: datetime,
        waiting: queue.SimpleQueue[int],
        answers: queue.SimpleQueue[tuple[int, Drawn | None] | BaseException],
    ) -> None:
        super().__init__(name=f"drawer-of-job-{job.pk}", daemon=True)
        self._order = [str(job.pk), at.isoformat()]
        self._waiting, self._answers = waiting, answers
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        """Draw until nothing waits."""
        try:
            while not self._stopped.is_set():
                key = self._waiting.get_nowait()
                self._answers.put((key, self._drawn(key)))
        except queue.Empty:
            pass
        except Exception as fault:
            self._answers.put(fault)
        finally:
            self._end()

    def stop(self) -> None:
        """Let the process go, also in the middle of a form."""
        self._stopped.set()
        if self._process is not None:
            self._process.kill()
        if self.is_alive():
            self.join()

    def _drawn(self, key: int) -> Drawn | None:
        for _death in range(MOST_DEATHS):
            answer = self._ask(key)
            if self._stopped.is_set():
                break
            if answer:
                return self._understood(key, answer)
            self._end()
        raise NotDrawn(key)

    def _ask(self, key: int) -> str:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  our own command, with two values of our own
                [sys.executable, "manage.py", "draw_forms", *self._order],
                cwd=settings.BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        try:
            print(key, file=cast("IO[str]", self._process.stdin), flush=True)
        except BrokenPipeError:
            return ""
        return cast("IO[str]", self._process.stdout).readline()

    def _understood(self, key: int, line: str) -> Drawn | None:
        answer = json.loads(line)
        if answer["bytes"] > MOST_BYTES:
            self._end()
        if answer["fault"]:
            raise NotDrawn(key)
        return Drawn(**answer["drawn"]) if answer["drawn"] else None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate()
