"""The application of printed documents."""

from django.apps import AppConfig
from django.core.checks import register

from reports.checks import office_terms


class ReportsConfig(AppConfig):
    """Documents made of agreements."""

    name = "reports"

    def ready(self) -> None:
        """Let ``manage.py check`` say what printing lacks, and jobs know how to print."""
        register(office_terms)
        # Django has the models only now. Workers ask for the kind of a job without ever having seen a page.
        from agreements.services import jobs  # noqa: PLC0415
        from reports import printing  # noqa: PLC0415

        jobs.offer(printing.PRINT_FORMS)
