"""Framework files taken in: read and checked by the rules, compared with what there is, imported whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.exchange.documents import DocumentFault
from agreements.exchange.files import FrameworkFile, read_framework_file
from agreements.exchange.shape import content_hash
from agreements.exchange.workbook.differences import Differences, differences
from agreements.exchange.workbook.places import CellFault
from agreements.models import Framework, Organisation, Role, User
from agreements.services.frameworks import (
    Accepted,
    CodeTaken,
    ImportOutcome,
    ImportRefused,
    check_document,
    describe_fault,
    framework_document,
    import_accepted,
)
from scoring.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file that was read and checked: the document it holds if it keeps the rules, and else what is wrong with it."""

    file: FrameworkFile
    accepted: Accepted | None
    faults: tuple[Fault | DocumentFault, ...]
    warnings: tuple[Fault | DocumentFault, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """What the file holds, as far as it could be read."""
        return self.file.document

    @property
    def fault_lines(self) -> list[str]:
        """What is wrong, a fault a line: the same words on the page and from the command."""
        return [describe_fault(fault) for fault in self.faults]

    @property
    def warning_lines(self) -> list[str]:
        """What looks like a slip."""
        return [describe_fault(warning) for warning in self.warnings]


def check_file(content: bytes, *, name: str) -> CheckedFile:
    """Return what the file `content`, called `name`, holds, checked by the rules."""
    file = read_framework_file(content, name=name)
    # Where the file itself could not be opened or parsed, the rules would only say that all is missing.
    if file.faults and not file.is_workbook:
        return CheckedFile(file=file, accepted=None, faults=file.faults)
    try:
        accepted = check_document(file.document)
    except ImportRefused as refusal:
        return CheckedFile(file=file, accepted=None, faults=_all_faults(file, refusal.faults))
    warnings = tuple(map(file.located, accepted.warnings))
    return CheckedFile(
        file=file, accepted=None if file.faults else accepted, faults=_all_faults(file, ()), warnings=warnings
    )


def _all_faults(
    file: FrameworkFile, by_the_rules: tuple[Fault | DocumentFault, ...]
) -> tuple[Fault | DocumentFault, ...]:
    """Return the faults of the cells, and those by the rules that do not merely follow from them."""
    unread = {fault.spot for fault in file.faults if isinstance(fault, CellFault)}
    found: list[Fault | DocumentFault] = [*file.faults]
    missing_sheets = {spot.sheet for spot in unread if spot and (spot.row, spot.column) == (0, 0)}
    for fault in map(file.located, by_the_rules):
        spot = fault.spot if isinstance(fault, CellFault) else None
        if spot is not None and (spot in unread or spot.sheet in missing_sheets):
            continue
        found.append(fault)
        # A figure that is none is missing to the rules, too.
        unread |= {spot} if spot is not None and fault.code != "missing" else set()
    return tuple(found)


# --- What it would change --------------------------------------------------------------------------------------------
class NotAnEditor(PermissionDenied):
    """Only a framework editor of the office imports its frameworks."""


class ChangedMeanwhile(Exception):
    """What the file was compared with is no longer what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an accepted file would change in `current`, the draft or latest version of its code (None: it is new)."""

    current: Framework | None
    differences: Differences
    seen: str


def preview(accepted: Accepted) -> Preview:
    """Return what importing `accepted` would change."""
    current = _current(accepted.document["code"])
    before = framework_document(current) if current is not None else {}
    return Preview(current=current, differences=differences(before, accepted.document), seen=_seen(current, before))


def _current(code: str) -> Framework | None:
    """Return the draft of `code`, or else its latest version."""
    draft = Framework.objects.filter(code=code, status=Framework.Status.DRAFT).select_related("organisation").first()
    return draft or Framework.objects.latest_published(code)


def _seen(current: Framework | None, document: dict[str, Any]) -> str:
    return "" if current is None else f"{current.pk}-{content_hash(document)}"


# --- Taking it in ----------------------------------------------------------------------------------------------------
def edited_organisations(user: User) -> list[Organisation]:
    """Return the organisations that `user` is a framework editor of, themselves, not what lies below."""
    roles = Role.objects.filter(user=user, kind=Role.Kind.FRAMEWORK_EDITOR)
    return list(Organisation.objects.filter(pk__in=roles.values("organisation")).in_thai_order())


def owner_of(preview: Preview, *, chosen: Organisation, by: User) -> Organisation | None:
    """Return whose framework it is: a known code stays with its owner, a new one goes to the `chosen`.

    :raises CodeTaken: if the code belongs to an organisation that `by` does not edit for, or to all.
    """
    if preview.current is None:
        return chosen
    owner = preview.current.organisation
    if owner is None and Role.objects.of_what_serves_all(by).exists():
        return None
    if owner is None:
        message = _("The framework “%(code)s” serves all; only a department's framework editors change it.")
        raise CodeTaken(message % {"code": preview.current.code})
    if not _edits(by, owner):
        message = _("The framework “%(code)s” belongs to %(organisation)s (%(organisation_code)s).")
        params = {"code": preview.current.code, "organisation": owner.name, "organisation_code": owner.code}
        raise CodeTaken(message % params)
    return owner


def _edits(user: User, organisation: Organisation) -> bool:
    return any(organisation.path.startswith(path) for path in Role.objects.paths(user, Role.Kind.FRAMEWORK_EDITOR))


@transaction.atomic
def take_in(accepted: Accepted, *, chosen: Organisation, seen: str, by: User, at: datetime) -> ImportOutcome:
    """Import `accepted` as the draft of its code, if what is there is still what the reader saw (`seen`).

    :raises NotAnEditor: if `by` is no framework editor of `chosen`.
    :raises CodeTaken: if the code belongs to somebody else.
    :raises ChangedMeanwhile: if the framework has changed since it was shown.
    """
    if not _edits(by, chosen):
        raise NotAnEditor(_("Only a framework editor of the office imports its frameworks."))
    list(Framework.objects.select_for_update(of=("self",)).filter(code=accepted.document["code"]))
    shown = preview(accepted)
    owner = owner_of(shown, chosen=chosen, by=by)
    if shown.seen != seen:
        raise ChangedMeanwhile(_("The framework has changed since you looked. Look at the differences again."))
    return import_accepted(accepted, organisation=owner, at=at, by=by)
