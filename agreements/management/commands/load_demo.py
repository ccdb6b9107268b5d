"""Loads the demo office, once, and says who may sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.services import demo
from agreements.views.demo import demo_accounts


class Command(BaseCommand):
    """Make the demo office with its people, round, framework and agreements."""

    help = "Load the demo office, in demo mode only; does nothing where it is loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = demo.load()
        except demo.NotADemo as refusal:
            raise CommandError(str(refusal)) from refusal
        except demo.LoadedAlready as refusal:
            self.stdout.write(str(refusal))
            return
        for language in ("th", "en"):
            with translation.override(language):
                self.stdout.write(_summary(loaded))


def _summary(loaded: demo.Loaded) -> str:
    said = _("The demo office is loaded: %(people)s people, %(agreements)s agreements in round %(round)s.") % {
        "people": loaded.people,
        "agreements": loaded.agreements,
        "round": loaded.round,
    }
    accounts = _("Accounts; the password of all is “%(password)s”:") % {"password": demo.PASSWORD}
    lines = [f"  {account['username']:<10} {account['who']}" for account in demo_accounts()]
    return "\n".join([said, accounts, *lines, ""])
