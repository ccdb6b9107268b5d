"""Tells whether the log and the signatures are what they were."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from agreements.models import Organisation
from agreements.services import log_check
from agreements.services.log_check import Finding


class Command(BaseCommand):
    """Compute the chain of every office's log anew, and compare signatures, signed content and states with it."""

    help = "Verify the log: the chain, signatures, signed content, states. Ends with 1 and names the first bad record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--office", action="append", metavar="CODE", help="only this office's log; may be repeated")
        parser.add_argument(
            "--head", action="append", default=[], metavar="HEAD",
            help="a head as printed on a form, for example 17-3F9A2B4C1D0E: shows whether the log was cut short since",
        )  # fmt: skip
        parser.add_argument("--language", choices=("th", "en"), default="th", help="of the sentences; Thai by default")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            self._verify(options["office"], options["head"])

    def _verify(self, codes: list[str] | None, heads: list[str]) -> None:
        offices = log_check.offices_with_a_log() if codes is None else [_office(code) for code in codes]
        checked = log_check.check(offices)
        findings = [*checked.findings]
        for head in heads:
            findings += log_check.head_findings(head, offices)
        for told in checked.told:
            said = ngettext("%(office)s: %(count)s record", "%(office)s: %(count)s records", told.records)
            self.stdout.write(
                said % {"office": told.office.code, "count": told.records} + (f", {told.head}" * bool(told.head))
            )
        for finding in findings:
            self.stderr.write(_line(finding))
        if findings:
            sys.exit(1)
        self.stdout.write(_("Nothing was changed."))


def _office(code: str) -> Organisation:
    office = Organisation.objects.filter(code=code).first()
    if office is None:
        raise CommandError(_("There is no organisation “%(code)s”.") % {"code": code})
    return office


def _line(finding: Finding) -> str:
    if finding.number is None:
        return f"{finding.office}: {finding.sentence}" if finding.office else finding.sentence
    place = _("record %(number)s") % {"number": finding.number}
    return ", ".join(filter(None, [finding.office, place])) + f": {finding.sentence}"
