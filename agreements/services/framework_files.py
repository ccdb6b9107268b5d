"""Framework files taken in: read, and checked by the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agreements.exchange.documents import DocumentFault
from agreements.exchange.files import FrameworkFile, read_framework_file
from agreements.exchange.workbook.places import CellFault
from agreements.services.frameworks import Accepted, ImportRefused, check_document, describe_fault
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
    found = [*file.faults]
    missing_sheets = {spot.sheet for spot in unread if spot and (spot.row, spot.column) == (0, 0)}
    for fault in map(file.located, by_the_rules):
        spot = fault.spot if isinstance(fault, CellFault) else None
        if spot is None or (spot not in unread and spot.sheet not in missing_sheets):
            found.append(fault)  # type: ignore[arg-type]
    return tuple(found)
