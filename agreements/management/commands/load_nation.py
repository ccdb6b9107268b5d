"""Makes a made-up nation in an empty database, for measuring and for trying out many offices."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from agreements.services import demo, nation


class Command(BaseCommand):
    """Make provinces with groups, districts and people, rounds that are over and one that is under way."""

    help = "Make a made-up nation, in demo mode and into an empty database only; the same seed makes the same one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, required=True, help="people of the provinces, all with agreements")
        parser.add_argument("--provinces", type=int, default=76)
        parser.add_argument("--rounds", type=int, default=1, help="rounds that are over, before the one under way")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        size = nation.Size(**{name: options[name] for name in ("people", "provinces", "rounds", "seed")})
        begun = time.monotonic()
        try:
            made = nation.load(size, said=self._say if options["verbosity"] > 1 else lambda _said: None)
        except nation.NationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            _(
                "The made-up nation is loaded: %(people)s people, %(agreements)s agreements, %(records)s records in the"
                " log, in %(seconds)s seconds. The password of all is “%(password)s”; hr, editor, executive and auditor"
                " look after all of it."
            )
            % {
                "people": made.people,
                "agreements": made.agreements,
                "records": made.records,
                "seconds": round(time.monotonic() - begun),
                "password": demo.PASSWORD,
            }
        )

    def _say(self, said: str) -> None:
        self.stdout.write(said)
