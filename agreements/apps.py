"""The application of agreements."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from agreements import guards


class AgreementsConfig(AppConfig):
    """What was agreed, by whom, and what came of it."""

    name = "agreements"

    def ready(self) -> None:
        pre_migrate.connect(_lower_guards, sender=self)
        post_migrate.connect(_raise_guards, sender=self)


def _lower_guards(*, using: str, plan: list[Any], **_kwargs: Any) -> None:
    # SQLite remakes a table to change it, and refuses where a trigger of another table names it.
    if plan:
        guards.take_down(connections[using])


def _raise_guards(*, using: str, **_kwargs: Any) -> None:
    guards.put_up(connections[using])
