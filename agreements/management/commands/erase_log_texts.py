"""Erases what old records of a log say, when the office's time for keeping it is over."""

import sys
from argparse import ArgumentParser
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _, ngettext

from agreements import clock, thai
from agreements.models import Organisation
from agreements.services import retention


class Command(BaseCommand):
    """Erase the texts of an office's log before a day; that they were erased is a record itself."""

    help = "Erase what the records of an office's log before a day say. The records stay, and the chain still verifies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--office", required=True, metavar="CODE")
        parser.add_argument("--before", required=True, metavar="DATE", help="for example 30/09/2565")
        parser.add_argument("--language", choices=("th", "en"), default="th", help="of the sentences; Thai by default")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            office = Organisation.objects.filter(code=options["office"]).first()
            if office is None:
                raise CommandError(_("There is no organisation “%(code)s”.") % {"code": options["office"]})
            try:
                day = thai.parse_date(options["before"])
            except ValueError as error:
                raise CommandError(str(error)) from error
            before = timezone.make_aware(datetime.combine(day, time.min))
            try:
                count = retention.erase_texts(office, before=before, by=None, at=clock.now())
            except retention.NothingToErase as refusal:
                self.stderr.write(str(refusal))
                sys.exit(1)
            said = ngettext(
                "The text of %(count)s record was erased.", "The texts of %(count)s records were erased.", count
            )
            self.stdout.write(said % {"count": count})
