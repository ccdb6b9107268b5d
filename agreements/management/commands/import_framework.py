"""Imports framework files: all of them or, where one is refused, none."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import clock
from agreements.exchange.files import MAX_BYTES
from agreements.models import Framework, Organisation
from agreements.services import frameworks
from agreements.services.framework_files import CheckedFile, check_file


class FilesRefused(Exception):
    """Some of the files cannot be imported; `lines` says why, a fault a line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Command(BaseCommand):
    """Import frameworks from YAML, JSON or XLSX files, as drafts or published at once."""

    help = "Import frameworks (YAML, JSON, XLSX): new codes are created, drafts updated, published versions kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a framework: .yaml, .yml, .json or .xlsx")
        parser.add_argument("--organisation", metavar="CODE", help="whose they are; new codes without it serve all")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
        parser.add_argument("--publish", action="store_true", help="publish what was imported")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organisation = _organisation(options["organisation"])
            documents = _documents(options["files"])
            with transaction.atomic():
                imported = _import_all(documents, organisation=organisation, at=clock.now())
                published = _publish_drafts(imported, at=clock.now()) if options["publish"] else {}
                lines = list(_report(imported, published))
                transaction.set_rollback(options["dry_run"])
        except FilesRefused as refusal:
            self.stderr.write("\n".join(refusal.lines))
            sys.exit(1)
        if warnings := list(_warnings(imported)):
            self.stderr.write("\n".join(warnings))
        self.stdout.write("\n".join(lines))
        if options["dry_run"]:
            self.stdout.write(_("This was a trial: nothing has changed."))


def _organisation(code: str | None) -> Organisation | None:
    if code is None:
        return None
    organisation: Organisation | None = Organisation.objects.filter(code=code).first()
    if organisation is None:
        known = Organisation.objects.values_list("code", flat=True)
        message = _("There is no organisation “%(code)s”.") % {"code": code}
        raise FilesRefused([" ".join([message, *frameworks.did_you_mean(code, known)])])
    return organisation


def _documents(names: list[str]) -> list[tuple[str, frameworks.Accepted]]:
    """Return what the files hold, after reading and checking all, so that one run tells everything."""
    checked: list[tuple[str, CheckedFile]] = []
    lines: list[str] = []
    for name in dict.fromkeys(names):
        try:
            file = check_file(_content(name), name=name)
        except OSError as error:
            message = _("The file cannot be read: %(problem)s.") % {"problem": error.strerror}
            lines.append(f"{name}: {message}")
        else:
            checked.append((name, file))
            lines += [f"{name}: {line}" for line in file.fault_lines]
    if lines:
        raise FilesRefused(lines)
    return [(name, file.accepted) for name, file in checked if file.accepted is not None]


def _content(name: str) -> bytes:
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _import_all(
    documents: list[tuple[str, frameworks.Accepted]], *, organisation: Organisation | None, at: datetime
) -> list[tuple[str, frameworks.ImportOutcome]]:
    if lines := list(_same_codes(documents)):
        raise FilesRefused(lines)
    imported = []
    for name, accepted in documents:
        try:
            outcome = frameworks.import_accepted(accepted, organisation=organisation, at=at, by=None)
        except frameworks.CodeTaken as refusal:
            lines.append(f"{name}: {refusal}")
        else:
            imported.append((name, outcome))
    if lines:
        raise FilesRefused(lines)
    return imported


def _same_codes(documents: list[tuple[str, frameworks.Accepted]]) -> Iterator[str]:
    first: dict[str, str] = {}
    for name, accepted in documents:
        code = accepted.document["code"]
        if first.setdefault(code, name) != name:
            message = _("The code “%(code)s” is that of %(file)s as well.") % {"code": code, "file": first[code]}
            yield f"{name}: code: {message}"


def _warnings(imported: list[tuple[str, frameworks.ImportOutcome]]) -> Iterator[str]:
    for name, outcome in imported:
        for warning in map(frameworks.describe_fault, outcome.warnings):
            yield f"{name}: " + _("Imported, but look again: %(warning)s") % {"warning": warning}


def _publish_drafts(imported: list[tuple[str, frameworks.ImportOutcome]], *, at: datetime) -> dict[str, Framework]:
    """Return what was published by the name of its file; what was published before and is unchanged stays."""
    return {
        name: frameworks.publish(outcome.framework, at=at, by=None)
        for name, outcome in imported
        if outcome.framework.status == Framework.Status.DRAFT
    }


def _report(imported: list[tuple[str, frameworks.ImportOutcome]], published: dict[str, Framework]) -> Iterator[str]:
    for name, outcome in imported:
        yield f"{name}: {_sentence(outcome)}"
        if name in published:
            yield f"{name}: " + _("Published as %(framework)s.") % {"framework": published[name]}


def _sentence(outcome: frameworks.ImportOutcome) -> str:
    values = {"framework": outcome.framework, "count": outcome.framework.indicators.count()}
    match outcome.change:
        case "created":
            return _("%(framework)s was created as a draft (indicators: %(count)s).") % values
        case "updated":
            return _("The draft of %(framework)s was updated (indicators: %(count)s).") % values
        case "new_draft":
            return _("The next draft of %(framework)s was made (indicators: %(count)s).") % values
        case "unchanged":
            return _("%(framework)s is unchanged.") % values
