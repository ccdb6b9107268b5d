"""Gives somebody a one-time code where no HR officer is left to print a slip."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from agreements import clock
from agreements.management.commands.create_office import lines_of
from agreements.services import accounts
from agreements.services.organisations import PeopleRefused


class Command(BaseCommand):
    """Print a new one-time code of a person; the old password holds no longer."""

    help = "Print a new one-time code of USERNAME, for an office whose only HR officer cannot sign in any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            slip = accounts.issue_code_as_operator(options["username"], at=clock.now())
        except PeopleRefused as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)
        for line in lines_of(slip):
            self.stdout.write(line)
