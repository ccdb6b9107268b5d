"""Makes an office and its first HR account."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from agreements import clock, thai
from agreements.forms.organisations import PersonForm
from agreements.models import Organisation
from agreements.services import offices
from agreements.services.accounts import Slip
from agreements.services.organisations import PeopleRefused


def lines_of(slip: Slip) -> list[str]:
    """Return what a command prints of a code."""
    day = thai.format_date(slip.expires_at.astimezone(thai.THAI_TIME), "long")
    return [
        _("One-time code, shown only here: %(code)s") % {"code": slip.code},
        _("It is used at /sign-in/code/ and holds until %(day)s.") % {"day": day},
    ]


class Command(BaseCommand):
    """Make an office, with one HR officer who then adds everybody else on the pages or by Excel."""

    help = "Make an office and its first HR account, and print a one-time code for it. Changes nothing if it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="the office's code, for example chonburi")
        parser.add_argument("--name", required=True, help="its full name")
        parser.add_argument("--kind", required=True, choices=Organisation.Kind.values)
        parser.add_argument("--parent", default="", metavar="CODE", help="the organisation above, if any")
        parser.add_argument("--province", default="", help="the province's name")
        parser.add_argument("--hr", required=True, metavar="USERNAME", help="user name of the first HR officer")
        parser.add_argument("--hr-title", default="", help="for example นางสาว")
        parser.add_argument("--hr-first-name", required=True)
        parser.add_argument("--hr-last-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        facts = offices.OfficeFacts(
            code=options["code"].strip(),
            name=thai.normalise(options["name"]),
            kind=options["kind"],
            province_name=thai.normalise(options["province"]),
            parent=options["parent"],
        )
        # The same form as on the page: what it refuses is refused here, in the same words.
        form = PersonForm(
            {
                "username": options["hr"],
                "name_prefix": options["hr_title"],
                "first_name": options["hr_first_name"],
                "last_name": options["hr_last_name"],
            }
        )
        if not form.is_valid():
            self._refuse(
                [f"{form.fields[name].label}: {error}" for name, found in form.errors.items() for error in found]
            )
        try:
            slip = offices.create_office(facts, form.person(), at=clock.now())
        except (offices.OfficeRefused, PeopleRefused) as refusal:
            self._refuse([str(refusal)])
        said = {"office": facts.name, "username": slip.person.username}
        self.stdout.write(_("The office “%(office)s” was made.") % said)
        self.stdout.write(_("User name of its HR officer: %(username)s") % said)
        for line in lines_of(slip):
            self.stdout.write(line)

    def _refuse(self, lines: list[str]) -> None:
        for line in lines:
            self.stderr.write(line)
        sys.exit(1)
