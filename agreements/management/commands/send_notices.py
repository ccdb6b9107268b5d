"""Writes the day's notices and mails them; to be run by a timer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import clock
from agreements.services import judging_notices, mail, notices, reporting_notices


class Command(BaseCommand):
    """Write the notices that are due today, and mail each person at most once a day."""

    help = "Write the notices due today and send the daily e-mails. Run as often as you like: nothing is sent twice."

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        written = notices.write_due(at=at) + judging_notices.write_due(at=at) + reporting_notices.write_due(at=at)
        self.stdout.write(_("Notices written: %(count)s.") % {"count": written})
        try:
            sent = mail.send_digests(at=at, clock=timezone.now())
        except mail.MailOff as refusal:
            self.stdout.write(str(refusal))
            return
        self.stdout.write(_("E-mails sent: %(count)s.") % {"count": sent.sent})
        if sent.failed:
            failed = _("E-mails that could not be sent: %(count)s. The next run tries again.")
            raise CommandError(failed % {"count": sent.failed})
