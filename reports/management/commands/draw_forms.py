"""Draws the forms of a print job, asked by the worker of the job; not for people."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from agreements.models import Job
from reports import drawing


class Command(BaseCommand):
    """Draw one agreement for each line read, and answer in a line; end with the input."""

    help = "Draws forms for the worker of a print job, which starts it. There is no need to call it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", type=int)
        parser.add_argument("at", type=datetime.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        # Pages go first.
        os.nice(5)
        job = Job.objects.select_related("asked_by").get(pk=options["job"])
        with translation.override(settings.LANGUAGE_CODE):
            for line in sys.stdin:
                self._answer(job, int(line), options["at"])

    def _answer(self, job: Job, key: int, at: datetime) -> None:
        drawn, fault = None, False
        try:
            drawn = drawing.draw(job, key, at=at)
        except Exception as error:
            # Whatever it is, the worker is told and the reason logged.
            fault = True
            self.stderr.write(f"Agreement {key} of job {job.pk} cannot be drawn: {error!r}")
        gc.collect()
        told = {"drawn": asdict(drawn) if drawn else None, "fault": fault, "bytes": _bytes_held()}
        self.stdout.write(json.dumps(told))
        self.stdout.flush()


def _bytes_held() -> int:
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        # Elsewhere only the most that was ever held is known, in kilobytes.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
