"""One way from the bytes of a framework file, of whatever format, to its document: commands and pages read alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Literal, TypeAlias

from django.utils.translation import gettext as _

from agreements.exchange.documents import (
    FORMATS,
    WRITERS,
    Document,
    DocumentFault,
    DocumentRefused,
    read_document,
    write_document,
)
from agreements.exchange.workbook import guard
from agreements.exchange.workbook.places import CellFault, Places, cell_fault
from agreements.exchange.workbook.reading import read_workbook
from agreements.exchange.workbook.writing import write_workbook
from agreements.explain import explain_fault
from scoring.faults import Fault

Format: TypeAlias = Literal["yaml", "json", "xlsx"]

# What the workbook reader takes, or refuses saying what to do.
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
SUFFIXES = (".xlsx", *FORMATS)
#: As much of a file as needs to be read to know that it is too large.
MAX_BYTES = guard.MAX_BYTES

_THAI = re.compile("[ก-๛]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkFile:
    """What a file holds: its document (empty where it cannot be read), and what is wrong and worth knowing."""

    name: str
    document: Document
    faults: tuple[DocumentFault, ...] = ()
    remarks: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    places: Places | None = None

    @property
    def is_workbook(self) -> bool:
        """Whether its faults can be marked in it."""
        return self.places is not None

    def located(self, fault: Fault | DocumentFault) -> Fault | DocumentFault:
        """Return `fault` with the cell that it is about, where this is a workbook."""
        if self.places is None or isinstance(fault, CellFault):
            return fault
        message = explain_fault(replace(fault, place="")) if isinstance(fault, Fault) else fault.message
        return cell_fault(fault.code, message, self.places.find(fault.place))


def read_framework_file(content: bytes, *, name: str) -> FrameworkFile:
    """Return what the file `content`, called `name`, holds."""
    suffix = PurePath(name).suffix.lower()
    try:
        if suffix == ".csv":
            return _refused(name, _csv_fault(content))
        if suffix in WORKBOOKS:
            return _from_workbook(content, name)
        if suffix in FORMATS:
            return FrameworkFile(name=name, document=read_document(content, name=name))
    except DocumentRefused as refusal:
        return _refused(name, *refusal.faults)
    message = _("The name of the file ends in “%(suffix)s”; allowed: %(allowed)s.")
    return _refused(name, DocumentFault("format", message % {"suffix": suffix, "allowed": ", ".join(SUFFIXES)}))


def _refused(name: str, *faults: DocumentFault) -> FrameworkFile:
    return FrameworkFile(name=name, document={}, faults=faults)


def _from_workbook(content: bytes, name: str) -> FrameworkFile:
    gathered = read_workbook(content, name=name)
    return FrameworkFile(
        name=name,
        document=gathered.document,
        faults=tuple(gathered.notes.faults),
        remarks=tuple(gathered.notes.remarks),
        sheets=tuple(gathered.sheets),
        places=gathered.places,
    )


def _csv_fault(content: bytes) -> DocumentFault:
    """Return what to do with a CSV file: it holds one sheet, and a framework is several."""
    message = _(
        "This is a CSV file (%(encoding)s), which holds one sheet; a framework has several. Open it in Excel, copy its "
        "rows into a workbook downloaded from the portal, and save that as .xlsx."
    )
    return DocumentFault("csv", message % {"encoding": _encoding_of(content)})


def _encoding_of(content: bytes) -> str:
    for encoding, label in (("utf-8-sig", "UTF-8"), ("cp874", "TIS-620 / Windows-874")):
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if label == "UTF-8" or _THAI.search(decoded):
            return label
    return _("encoding unknown")


def write_framework_file(document: Mapping[str, Any], file_format: Format) -> bytes:
    """Return the framework `document` as a file of `file_format`.

    :raises NotWritable: if a workbook cannot hold it.
    """
    if file_format == "xlsx":
        return write_workbook(document)
    return write_document(document, file_format).encode()


WRITTEN: tuple[Format, ...] = (*WRITERS, "xlsx")
