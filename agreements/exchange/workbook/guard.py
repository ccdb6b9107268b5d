"""What a workbook may be before anything of it is read: its size, its parts, and no tricks in its XML."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from django.utils.translation import gettext as _

MAX_BYTES = 10 * 1024 * 1024
MAX_MEMBERS = 300
# Office sheets compress 8–15 : 1, repetitive ones 40 : 1, bombs 400 : 1 and more.
MAX_RATIO = 100
# Small members may compress as they like.
RATIO_COUNTS_FROM = 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_CELLS = 600_000
# Column CZ and row 50,000; a cell beyond would have the reader fill the rectangle up to it.
MAX_ROWS = 50_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/_rels/workbook\.xml\.rels|xl/(?:workbook|styles|sharedStrings)\.xml"
    r"|xl/worksheets/[\w.-]+\.xml"
)
_SHEET = re.compile(r"xl/worksheets/[\w.-]+\.xml")
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")

_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
# Without an address, or with one beyond the limits, or written in a way that no spreadsheet program does.
_STRANGE_CELL = re.compile(
    rb"<(?:\w+:)?c(?=[\s/>])"
    rb"(?!(?=[^<>]*?\sr=\"[A-C]?[A-Z][1-9][0-9]{0,4}\")(?:\s+(?:r|s|t|cm|vm|ph)=\"\w*\")+\s*/?>)[^<>]{0,200}"
)
_ADDRESS = re.compile(rb"\sr=\"([A-Za-z]{1,9}[0-9]{1,12})\"")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br=\"(?:0*[5-9][0-9]{4}|0*[1-9][0-9]{5,}|[^0-9\"][^\"]*)\"")
_FAR_ADDRESS = re.compile(rb"\sr=\"[A-Z]{1,2}[5-9][0-9]{4}\"")


class NotOpened(ValueError):
    """The file is refused before its cells are read; `code` names the limit."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the parts of the workbook that are read, each within the limits and plain XML.

    :raises NotOpened: if it is not a plain, unencrypted workbook without macros within the limits.
    """
    _refuse_size(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _checked(archive.infolist())
            parts = {member.filename: _inflated(archive, member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, NotOpened):
            raise
        raise _damaged() from error
    for name, xml in parts.items():
        _refuse_strange_xml(name, xml)
    cells = 0
    for name, xml in parts.items():
        if _SHEET.fullmatch(name):
            cells += _checked_cells(xml)
    if cells > MAX_CELLS:
        raise NotOpened(
            _("The workbook holds more than %(limit)s cells. Delete what is not needed, or split it.")
            % {"limit": f"{MAX_CELLS:,}"},
            code="too_many_cells",
        )
    return parts


def repacked(parts: dict[str, bytes]) -> bytes:
    """Return `parts` as a plain archive: what was not checked is not in it, and no size in it is wrong."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml)
    return stream.getvalue()


# --- The archive -----------------------------------------------------------------------------------------------------
def _refuse_size(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        message = _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2}
        raise NotOpened(message, code="too_large")
    if content.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in content:
            message = _("The workbook is protected by a password. Remove it in Excel (File > Info) and save again.")
            raise NotOpened(message, code="encrypted")
        raise NotOpened(_("This is a workbook of the old kind (.xls). Save it as .xlsx in Excel."), code="old_format")
    if not content.startswith(b"PK"):
        message = _("This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel.")
        raise NotOpened(message, code="not_a_workbook")


def _checked(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the members that are read, after looking at the sizes and names of all."""
    if len(members) > MAX_MEMBERS:
        message = _("The workbook consists of %(count)s parts; %(limit)s are allowed. Copy its sheets to a new one.")
        raise NotOpened(message % {"count": len(members), "limit": MAX_MEMBERS}, code="too_many_members")
    for member in members:
        _refuse_member(member)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        message = _("Unpacked, the workbook is larger than %(limit)s MB. Delete what is not needed, or split it.")
        raise NotOpened(message % {"limit": MAX_UNPACKED // 1024**2}, code="unpacked_too_large")
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise _damaged()
    _refuse_kind(set(names))
    return [member for member in members if _NEEDED.fullmatch(member.filename)]


def _refuse_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 0x1:
        message = _("The workbook is protected by a password. Remove it in Excel (File > Info) and save again.")
        raise NotOpened(message, code="encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _damaged()
    is_large = member.file_size > RATIO_COUNTS_FROM
    if is_large and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        message = _("A part of the workbook is compressed more than %(limit)s to 1, which no real sheet is.")
        raise NotOpened(message % {"limit": MAX_RATIO}, code="ratio")


def _refuse_kind(names: set[str]) -> None:
    lowered = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lowered):
        message = _("The workbook holds macros. Save it as .xlsx (Excel workbook), which leaves them out.")
        raise NotOpened(message, code="macros")
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in lowered):
        message = _(
            "The workbook is linked to other files. In Excel, break the links (Data > Edit Links), save and try again."
        )
        raise NotOpened(message, code="external_links")
    if "xl/workbook.bin" in lowered or "mimetype" in lowered:
        message = _("This is a workbook of another kind (.xlsb or .ods). Save it as .xlsx.")
        raise NotOpened(message, code="other_format")
    if "xl/workbook.xml" not in names:
        message = _("This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel.")
        raise NotOpened(message, code="not_a_workbook")


def _inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    # zipfile stops at the size that was checked, and its check sum then tells a false one.
    with archive.open(member) as stream:
        return stream.read(member.file_size + 1)


def _damaged() -> NotOpened:
    return NotOpened(_("The file is damaged. Open it in Excel, save it again and upload that one."), code="damaged")


# --- The XML ---------------------------------------------------------------------------------------------------------
def _refuse_strange_xml(name: str, xml: bytes) -> None:
    declared = _DECLARED.match(xml[:200].removeprefix(b"\xef\xbb\xbf"))
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise _damaged()
    # Another encoding would hide from the looks taken below.
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in xml:
        raise _damaged()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise _damaged() from error


def _refuse_doctype(*_arguments: object) -> None:
    message = _("The workbook declares XML entities, which no spreadsheet program writes. It is not read.")
    raise NotOpened(message, code="entities")


def _checked_cells(xml: bytes) -> int:
    """Return how many cells the sheet has.

    :raises NotOpened: if one lies outside the limits or has no plain address.
    """
    if _ROW.search(xml) or _FAR_ADDRESS.search(xml):
        raise _too_far(f"{MAX_ROWS:,}")
    if found := _STRANGE_CELL.search(xml):
        address = _ADDRESS.search(found.group())
        raise _too_far(address.group(1).decode()) if address else _damaged()
    return sum(1 for _cell in _cells(xml))


def _cells(xml: bytes) -> Iterator[re.Match[bytes]]:
    return _CELL.finditer(xml)


def _too_far(address: str) -> NotOpened:
    message = _("Something stands far outside the table (%(address)s). Delete the rows and columns beyond it.")
    return NotOpened(message % {"address": address}, code="too_far")
