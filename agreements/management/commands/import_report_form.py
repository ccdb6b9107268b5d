"""Lays down report forms from files: all of them or, where one is refused, none."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import clock
from agreements.exchange.documents import MAX_BYTES, DocumentRefused, read_document
from agreements.models import Organisation, ReportForm
from agreements.services import report_forms


class Command(BaseCommand):
    """Import report forms from YAML or JSON files."""

    help = "Import report forms (YAML, JSON; docs/report-forms.md): a changed form becomes its next version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a report form: .yaml, .yml or .json")
        parser.add_argument("--organisation", metavar="CODE", required=True, help="the office that asks for it")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(code=options["organisation"]).first()
        if organisation is None:
            raise CommandError(_("There is no organisation “%(code)s”.") % {"code": options["organisation"]})
        said: list[str] = []
        refused: list[str] = []
        with transaction.atomic():
            for name in dict.fromkeys(options["files"]):
                try:
                    said.append(f"{name}: {_import(name, organisation)}")
                except (OSError, DocumentRefused, report_forms.ReportFormRefused) as refusal:
                    refused += [f"{name}: {line}" for line in _lines(refusal)]
            transaction.set_rollback(bool(refused) or options["dry_run"])
        if refused:
            self.stderr.write("\n".join(refused))
            sys.exit(1)
        self.stdout.write("\n".join(said))
        if options["dry_run"]:
            self.stdout.write(_("This was a trial: nothing has changed."))


def _import(name: str, organisation: Organisation) -> str:
    with Path(name).open("rb") as file:
        document = read_document(file.read(MAX_BYTES + 1), name=name)
    form, is_new = report_forms.lay_down(document, organisation=organisation, by=None, at=clock.now())
    return _sentence(form, is_new=is_new)


def _sentence(form: ReportForm, *, is_new: bool) -> str:
    if is_new:
        return _("%(form)s was laid down.") % {"form": form}
    return _("%(form)s is unchanged.") % {"form": form}


def _lines(refusal: Exception) -> list[str]:
    if isinstance(refusal, OSError):
        return [_("The file cannot be read: %(problem)s.") % {"problem": refusal.strerror}]
    return str(refusal).splitlines()
