"""Reads every stored file of evidence and says which are changed, missing or belong to nothing."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from agreements.models import StoredFile
from agreements.services import evidence_check


class Command(BaseCommand):
    """Compare all stored files with their hashes; exit 1 where one is changed or missing."""

    help = (
        "Read every stored file of evidence and every frozen form and compare it with its hash. "
        "Exit code 0: all are there and unchanged; 1: a file is changed or missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--remove-orphans",
            action="store_true",
            help="erase files that no result and no signed content names, once they are older than the grace period",
        )
        parser.add_argument(
            "--grace-days",
            type=int,
            default=settings.EVIDENCE_ORPHAN_DAYS,
            metavar="DAYS",
            help="how long such a file stays (default: KPI_EVIDENCE_ORPHAN_DAYS, %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = evidence_check.check()
        for row in found.flipped:
            self.stdout.write(f"CHANGED  {row.file.name}: the content is not what was stored.{_used_by(row)}")
        for row in found.missing:
            self.stdout.write(f"MISSING  {row.file.name}: there is no such file.{_used_by(row)}")
        harmed = list(evidence_check.harmed_forms())
        for form, is_there in harmed:
            fault = "CHANGED" if is_there else "MISSING"
            self.stdout.write(f"{fault}  {form.path}: a printed form of agreement {form.agreement_id}.")
        for row in found.unused:
            self.stdout.write(f"ORPHAN   {row.file.name}: no result and no signed content names it.")
        for path in found.stray:
            self.stdout.write(f"ORPHAN   {path}: the database does not know this file.")
        if options["remove_orphans"]:
            # How old a file is, the machine's own clock says, not the demo's.
            removed = evidence_check.remove_orphans(
                found, grace=timedelta(days=options["grace_days"]), at=timezone.now()
            )
            for path in removed:
                self.stdout.write(f"REMOVED  {path}")
        orphans = len(found.unused) + len(found.stray)
        self.stdout.write(
            f"{found.files} files checked: {len(found.flipped)} changed, {len(found.missing)} missing, "
            f"{orphans} orphaned."
        )
        if harmed or not found.is_sound:
            sys.exit(1)


def _used_by(row: StoredFile) -> str:
    uses = row.uses.order_by("pk").values_list("result__part__agreement", "name")
    return "".join(f" Agreement {agreement}: “{name}”." for agreement, name in uses)
