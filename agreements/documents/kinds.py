"""What a file is, told from its content and never from its name."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

import filetype
import olefile

PDF = "application/pdf"
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
TEXT = "text/plain"
ZIP = "application/zip"
# How much of a file is looked at to tell what it is.
HEAD = 8192
# A part of a packed document that says what the document is takes no more than this.
MOST_OF_A_PART = 256 * 1024

_MAIN_PARTS = {
    re.compile(r"word/document\d*\.xml"): "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    re.compile(r"xl/workbook\d*\.xml"): "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    re.compile(
        r"ppt/presentation\d*\.xml"
    ): "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENTS = frozenset(
    f"application/vnd.oasis.opendocument.{name}" for name in ("text", "spreadsheet", "presentation")
)
_OLD_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
# Text under these names is run, or drawn as a page, by whoever opens it after the download.
_RUNS = frozenset(
    "bat cmd com hta htm html inf js jse lnk mht mhtml pif ps1 py reg scf scr sh shtml svg url vb vbe vbs wsf wsh "
    "xht xhtml xml".split()
)
_OLE_ENCRYPTED_PACKAGE = "EncryptedPackage"
_WORD_IS_ENCRYPTED = 0x0100
_EXCEL_FILE_PASSWORD = 0x002F
_EXCEL_RECORDS_LOOKED_AT = 40


class NotTaken(Exception):
    """This content is not taken; `code` says why: kind, locked, macros, zip, heic, runs or damaged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a file is, and the day it says it was last written."""

    content_type: str
    dated_on: date | None = None


def tell(file: BinaryIO) -> Kind:
    """Return what `file` is.

    :raises NotTaken: if it is nothing that could be evidence.
    """
    file.seek(0)
    head = file.read(HEAD)
    guessed = filetype.guess(head)
    found = guessed.mime if guessed else ""
    if found == PDF or found in PICTURES:
        return Kind(content_type=found)
    if found in {"image/heic", "image/heif"}:
        raise NotTaken("heic")
    if head.startswith(olefile.MAGIC):
        return _tell_old(file)
    if head.startswith(b"PK"):
        return _tell_packed(file)
    if not found and _is_plain_text(file):
        return Kind(content_type=TEXT)
    raise NotTaken("kind")


def demand_harmless_name(name: str, content_type: str) -> None:
    """Refuse text under a name that makes a program or a web page of it once it is downloaded.

    :raises NotTaken: if it is.
    """
    if content_type == TEXT and name.rpartition(".")[2].lower() in _RUNS:
        raise NotTaken("runs")


# --- Packed: Office Open XML, OpenDocument, ZIP ----------------------------------------------------------------------
def _tell_packed(file: BinaryIO) -> Kind:
    try:
        with zipfile.ZipFile(file) as archive:
            return _tell_archive(archive)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError) as error:
        raise NotTaken("damaged") from error


def _tell_archive(archive: zipfile.ZipFile) -> Kind:
    names = archive.namelist()
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise NotTaken("locked")
    for main, content_type in _MAIN_PARTS.items():
        if any(main.fullmatch(name) for name in names):
            if _has_macros(archive, names):
                raise NotTaken("macros")
            return Kind(content_type=content_type, dated_on=_dated(_part(archive, "docProps/core.xml")))
    if _part(archive, "mimetype").decode("ascii", "replace") in _OPEN_DOCUMENTS:
        return _tell_open_document(archive, names)
    return Kind(content_type=ZIP)


def _has_macros(archive: zipfile.ZipFile, names: list[str]) -> bool:
    return any(name.lower().endswith("vbaproject.bin") for name in names) or (
        b"macroenabled" in _part(archive, "[Content_Types].xml").lower()
    )


def _tell_open_document(archive: zipfile.ZipFile, names: list[str]) -> Kind:
    if b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
        raise NotTaken("locked")
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise NotTaken("macros")
    return Kind(content_type=_part(archive, "mimetype").decode("ascii"), dated_on=_dated(_part(archive, "meta.xml")))


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as part:
        return part.read(MOST_OF_A_PART)


def _dated(properties: bytes) -> date | None:
    for tag in (b"dcterms:modified", b"dc:date", b"dcterms:created", b"meta:creation-date"):
        found = re.search(rb"<" + tag + rb"\b[^>]*>\s*(\d{4}-\d\d-\d\d)", properties)
        if found and (day := day_or_none(found[1].decode())):
            return day
    return None


def day_or_none(text: str) -> date | None:
    """Return the day at the beginning of `text`, if it is one on which an office can have written a file."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    # Clocks that were never set begin in 1970 or 1980.
    return day if day.year > 1990 else None


# --- Old Office files ------------------------------------------------------------------------------------------------
def _tell_old(file: BinaryIO) -> Kind:
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as package:
            return _tell_package(package)
    except NotTaken:
        raise
    except Exception as error:  # what olefile raises for broken files is not one family
        raise NotTaken("damaged") from error


def _tell_package(package: olefile.OleFileIO) -> Kind:
    streams = {"/".join(path) for path in package.listdir(streams=True, storages=True)}
    if _OLE_ENCRYPTED_PACKAGE in streams or "EncryptedSummary" in streams:
        raise NotTaken("locked")
    found = next((kind for stream, kind in _OLD_STREAMS.items() if stream in streams), None)
    if found is None:
        raise NotTaken("kind")
    if _is_locked(package, streams):
        raise NotTaken("locked")
    if any(name == "VBA" or name.startswith("_VBA_PROJECT") for path in streams for name in path.split("/")):
        raise NotTaken("macros")
    return Kind(content_type=found, dated_on=_dated_by(package))


def _is_locked(package: olefile.OleFileIO, streams: set[str]) -> bool:
    if "WordDocument" in streams:
        head = package.openstream("WordDocument").read(12)
        return bool(int.from_bytes(head[10:12], "little") & _WORD_IS_ENCRYPTED)
    for name in {"Workbook", "Book"} & streams:
        return any(kind == _EXCEL_FILE_PASSWORD for kind in _excel_records(package.openstream(name)))
    return False


def _excel_records(stream: BinaryIO) -> Iterator[int]:
    for _number in range(_EXCEL_RECORDS_LOOKED_AT):
        head = stream.read(4)
        if len(head) < 4:
            return
        yield int.from_bytes(head[:2], "little")
        stream.seek(int.from_bytes(head[2:], "little"), 1)


def _dated_by(package: olefile.OleFileIO) -> date | None:
    properties = package.get_metadata()
    for moment in (properties.last_saved_time, properties.create_time):
        if isinstance(moment, datetime) and (day := day_or_none(moment.date().isoformat())):
            return day
    return None


# --- Text ------------------------------------------------------------------------------------------------------------
def _is_plain_text(file: BinaryIO) -> bool:
    file.seek(0)
    reader = codecs.getincrementaldecoder("utf-8")()
    first = True
    while chunk := file.read(HEAD):
        # Markup without a signature of its own (HTML, SVG) could run in a browser.
        if b"\0" in chunk or (first and chunk.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")):
            return False
        first = False
        try:
            reader.decode(chunk)
        except UnicodeDecodeError:
            return False
    try:
        reader.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
