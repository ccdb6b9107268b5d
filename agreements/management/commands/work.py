"""Does background work: what waits in the database's queue, and what a killed worker left."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from agreements import clock, tasks
from agreements.services import job_files, jobs


class Command(BaseCommand):
    """Work until told to stop; several may run, on as many machines as wanted."""

    help = "Do background work until told to stop. With --once, do what there is and end, for a timer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what there is, then end")
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between two looks")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(
            queue_names=["default"],
            interval=0,
            # It returns when nothing waits, so that lost work is looked for in between.
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        while True:
            close_old_connections()
            if settings.TASKS_IN_DATABASE:
                worker.run()
            self._do_lost()
            job_files.erase_due(at=clock.now())
            if options["once"] or not worker.running:
                return
            time.sleep(options["interval"])

    def _do_lost(self) -> None:
        now = timezone.now()
        for pk in jobs.lost(now):
            if jobs.give_back(pk, now=now):
                tasks.do(pk)
