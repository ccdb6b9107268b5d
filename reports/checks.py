"""What ``manage.py check`` says of printing."""

from typing import Any

from django.core.checks import CheckMessage, Warning as CheckWarning

from reports import pdf


def office_terms(**asked: Any) -> list[CheckMessage]:
    """Return a warning where printed lines break by libthai's own dictionary, through terms of the office."""
    if pdf.DICTIONARY.exists():
        return []
    hint = "Install libthai-data and libdatrie1-bin, then run requirements/install runtime."
    return [CheckWarning("The dictionary of office terms was not made.", hint=hint, id="reports.W001")]
