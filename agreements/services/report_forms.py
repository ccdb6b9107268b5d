"""Laying down report forms: each changed form is the next version, what was laid down stays."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.actions import NotAllowed
from agreements.exchange import report_forms
from agreements.models import Organisation, ReportForm, Role, User
from agreements.services import log


class ReportFormRefused(Exception):
    """The document is no report form; `faults` says why, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


# The keys in the order in which people write them; what is kept has them by the alphabet.
_ORDER = (
    *("code", "title", "source", "indicator", "period", "due", "day", "months_after", "date", "closes", "closes_after"),
    *("sums_after", "reported_by", "kinds", "units", "from", "until", "certified_by", "tables", "rows", "kind"),
    *("heading", "titles", "columns", "group", "type", "unit", "choices", "required", "totals", "checks", "add"),
    *("gives", "ratios", "of", "to"),
)


def in_order(document: Any) -> Any:
    """Return `document` with its keys in the order in which people write them."""
    if isinstance(document, list):
        return [in_order(one) for one in document]
    if not isinstance(document, dict):
        return document
    return {key: in_order(document[key]) for key in sorted(document, key=_ORDER.index)}


def as_kept(document: dict[str, Any]) -> dict[str, Any]:
    """Return `document` as it is kept: made of what JSON has."""
    kept: dict[str, Any] = json.loads(log.canonical(document))
    return kept


def _edits(user: User, organisation: Organisation) -> bool:
    paths = Role.objects.paths(user, Role.Kind.FRAMEWORK_EDITOR)
    return any(organisation.path.startswith(path) for path in paths)


@transaction.atomic
def lay_down(
    document: dict[str, Any], *, organisation: Organisation, by: User | None, at: datetime
) -> tuple[ReportForm, bool]:
    """Return the form that `document` describes, and whether that is a version not there before.

    :raises ReportFormRefused: if something in it is wrong, or another office has its code.
    :raises NotAllowed: if `by` is somebody who does not edit the frameworks of `organisation`; a command is nobody.
    """
    if by is not None and not _edits(by, organisation):
        raise NotAllowed(_("Only the framework editors of %(unit)s lay down its forms.") % {"unit": organisation.name})
    if faults := report_forms.faults(document):
        raise ReportFormRefused(faults)
    # The office's row is the lock of its log, too: two who lay down the same form take their turns.
    Organisation.objects.select_for_update().filter(pk=organisation.pk).order_by().first()
    definition = as_kept(document)
    last = ReportForm.objects.filter(code=definition["code"]).order_by("-version").first()
    if last is not None and last.organisation_id != organisation.pk:
        raise ReportFormRefused(["code: " + _("Another office has a report form with this code.")])
    if last is not None and last.definition == definition:
        return last, False
    form = ReportForm.objects.create(
        organisation=organisation,
        code=definition["code"],
        version=last.version + 1 if last else 1,
        title=definition["title"],
        definition=definition,
        laid_down_at=at,
    )
    log.record(
        "report_form.laid_down",
        office=log.office_of(organisation),
        by=by,
        at=at,
        details={"report_form": str(form), "organisation": organisation.code},
        after={"definition": definition},
    )
    return form, True
