"""The application of printed documents."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Documents made of agreements."""

    name = "reports"
