"""The application of agreements."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """What was agreed, by whom, and what came of it."""

    name = "agreements"
