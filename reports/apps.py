"""The application of printed documents."""

from django.apps import AppConfig
from django.core.checks import register

from reports.checks import office_terms


class ReportsConfig(AppConfig):
    """Documents made of agreements."""

    name = "reports"

    def ready(self) -> None:
        """Let ``manage.py check`` say what printing lacks."""
        register(office_terms)
