"""Where background work runs: a backend of Django's task interface that needs no worker of its own.

`KPI_TASKS` chooses (docs/settings.md): `process`, this one; `database`, for workers (`manage.py work`); `request`,
while whoever asked waits, for tests.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import connections
from django.utils import timezone
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.signals import task_enqueued
from django_tasks.utils import get_random_id

logger = logging.getLogger(__name__)

# One at a time in each process: long work must not take the processor and the memory from the pages.
_one_at_a_time = threading.Lock()


class ProcessBackend(BaseTaskBackend):
    """Runs each task in a thread of this process, one after the other; nothing of it survives the process.

    What does is the Job: whoever looks at it next, or `manage.py work`, has it begun anew.
    """

    supports_priority = False

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Start a thread that runs `task`."""
        self.validate_task(task)
        result: TaskResult[Any] = TaskResult(
            task=task,
            id=get_random_id(),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        task_enqueued.send(type(self), task_result=result)
        # A daemon: a server that is told to stop does not wait for hours of work that can be begun anew.
        threading.Thread(target=_run, args=(task, args, kwargs), name=f"task-{result.id}", daemon=True).start()
        return result


def _run(task: Task[Any, Any], args: Any, kwargs: Any) -> None:
    with _one_at_a_time:
        try:
            task.call(*args, **kwargs)
        except Exception:
            logger.exception("The task %s failed.", task.name)
        finally:
            # The thread's own connection; the pages have theirs.
            connections.close_all()
