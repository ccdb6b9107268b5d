"""Many PDFs bound into one, or put into a ZIP, piece by piece: however many there are, memory holds one at a time.

A library that builds the merged document holds all of it until it is written, some 90 KB a page. Here pikepdf reads one
document after the other, and what its pages need is written on at once under new numbers; only the places of the
objects in the file are kept.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, BinaryIO, cast
from xml.sax.saxutils import escape

import pikepdf

from agreements import thai

# What Windows takes in no file name, and its names of devices, which it takes with no ending either.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
# Thai names are long, and Windows counts the folders, too.
MOST_CHARACTERS = 80

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


# --- Names -----------------------------------------------------------------------------------------------------------
def safe_name(text: str) -> str:
    """Return `text` as a part of a file name that every system takes; the number before it makes it unique."""
    plain = _REFUSED.sub(" ", thai.normalise(text))
    return " ".join(plain.split())[:MOST_CHARACTERS].strip(" .")


def numbered_name(number: int, of: int, text: str) -> str:
    """Return the name of the file with this number: in the order of the list, and no two alike."""
    return f"{number:0{max(len(str(of)), 2)}} {safe_name(text)}".strip() + ".pdf"


# --- ZIP -------------------------------------------------------------------------------------------------------------
class ZipWriter:
    """Puts PDFs into a ZIP under readable names."""

    content_type = "application/zip"
    ending = "zip"

    def __init__(self, to: BinaryIO, *, of: int) -> None:
        self._of, self._number = of, 0
        # PDFs are compressed already.
        self._zip = zipfile.ZipFile(to, "w", zipfile.ZIP_STORED)

    def add(self, body: bytes, title: str) -> None:
        """Add one PDF."""
        self._number += 1
        self._zip.writestr(numbered_name(self._number, self._of, title), body)

    def close(self) -> None:
        """Write the end of the file."""
        self._zip.close()


# --- One PDF ---------------------------------------------------------------------------------------------------------
# The numbers of the objects that are written last.
_ROOT, _TREE, _INFO, _METADATA, _FIRST_FREE = 1, 2, 3, 4, 5


@dataclass(slots=True)
class PdfBinder:
    """Binds PDFs into one, with a bookmark for each."""

    to: BinaryIO
    title: str
    pdf_a: bool
    pages: int = 0
    # Where each object begins in the file, by its number; the first numbers are for what is written last.
    _places: array[int] = field(default_factory=lambda: array("Q", [0] * _FIRST_FREE))
    _trees: list[tuple[int, int]] = field(default_factory=list)
    _bookmarks: list[tuple[str, int]] = field(default_factory=list)
    _intents: bytes = b""
    # Of all that is bound: the file's own name, the same each time.
    _digest: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.to.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, body: bytes, title: str) -> None:
        """Add the pages of one PDF."""
        self._digest.update(body)
        with pikepdf.open(io.BytesIO(body)) as source:
            copying = _Copying(self, source)
            tree = copying.number_of(source.Root.Pages)
            first = copying.number_of(source.pages[0].obj)
            if self.pdf_a and not self._intents:
                self._intents = copying.written(source.Root.OutputIntents)
            copying.write_all(parents={tree: f"{_TREE} 0 R".encode()})
            self._trees.append((tree, len(source.pages)))
            self.pages += len(source.pages)
        self._bookmarks.append((title, first))

    def close(self) -> None:
        """Write what leads to the pages, and the end of the file."""
        kids = " ".join(f"{number} 0 R" for number, _count in self._trees)
        self.write(_TREE, f"<</Type/Pages/Kids[{kids}]/Count {self.pages}>>".encode())
        outline = self._write_bookmarks()
        archive = b""
        if self.pdf_a:
            told = (_XMP % escape(self.title)).encode()
            head = f"<</Type/Metadata/Subtype/XML/Length {len(told)}>>stream\n".encode()
            self.write(_METADATA, head + told + b"\nendstream")
            archive = f"/Metadata {_METADATA} 0 R/OutputIntents ".encode() + self._intents
        else:
            self.write(_METADATA, b"null")
        shown = f"/Outlines {outline} 0 R/PageMode/UseOutlines/Lang(th-TH)".encode()
        self.write(_ROOT, f"<</Type/Catalog/Pages {_TREE} 0 R".encode() + shown + archive + b">>")
        self.write(_INFO, b"<</Title " + pikepdf.String(self.title).unparse() + b">>")
        self._write_places()

    def take_number(self) -> int:
        """Return the number of an object that is written later."""
        self._places.append(0)
        return len(self._places) - 1

    def write(self, number: int, body: bytes) -> None:
        """Write the object with this number."""
        self._places[number] = self.to.tell()
        self.to.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")

    def _write_bookmarks(self) -> int:
        outline = self.take_number()
        numbers = [self.take_number() for _one in self._bookmarks]
        for at, (number, (title, page)) in enumerate(zip(numbers, self._bookmarks, strict=True)):
            beside = b""
            if at:
                beside += b"/Prev %d 0 R" % numbers[at - 1]
            if at + 1 < len(numbers):
                beside += b"/Next %d 0 R" % numbers[at + 1]
            named = pikepdf.String(title).unparse()
            self.write(number, b"<</Title %s/Parent %d 0 R/Dest[%d 0 R/Fit]%s>>" % (named, outline, page, beside))
        ends = b"/First %d 0 R/Last %d 0 R" % (numbers[0], numbers[-1]) if numbers else b""
        self.write(outline, b"<</Type/Outlines%s/Count %d>>" % (ends, len(numbers)))
        return outline

    def _write_places(self) -> None:
        start = self.to.tell()
        self.to.write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._places))
        for place in self._places[1:]:
            self.to.write(b"%010d 00000 n \n" % place)
        name = self._digest.hexdigest()[:32].encode()
        trailer = b"<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>" % (len(self._places), _ROOT, _INFO, name, name)
        self.to.write(b"trailer\n" + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % start)


class _Copying:
    """Writes the objects of one document on under new numbers, each once."""

    def __init__(self, binder: PdfBinder, source: pikepdf.Pdf) -> None:
        self._binder, self._source = binder, source
        self._numbers: dict[tuple[int, int], int] = {}
        self._waiting: list[pikepdf.Object] = []

    def number_of(self, found: pikepdf.Object) -> int:
        """Return the new number of an object, which is written when its turn comes."""
        known = self._numbers.get(found.objgen)
        if known is None:
            known = self._numbers[found.objgen] = self._binder.take_number()
            self._waiting.append(found)
        return known

    def write_all(self, *, parents: Mapping[int, bytes]) -> None:
        """Write all objects that are asked for, and what they ask for; `parents` go to those with these numbers."""
        while self._waiting:
            found = self._waiting.pop()
            number = self._numbers[found.objgen]
            self._binder.write(number, self._body(found, parents.get(number, b"")))

    def _body(self, found: pikepdf.Object, parent: bytes) -> bytes:
        if isinstance(found, pikepdf.Stream):
            raw = found.read_raw_bytes()
            head = self._dictionary(found.stream_dict.items(), {"/Length": b"%d" % len(raw)})
            return head + b"stream\n" + raw + b"\nendstream"
        if isinstance(found, pikepdf.Dictionary):
            return self._dictionary(found.items(), {"/Parent": parent} if parent else {})
        return self.written(found, is_top=True)

    def written(self, value: Any, *, is_top: bool = False) -> bytes:
        """Return `value` as it stands in a file, what it refers to under new numbers."""
        if not isinstance(value, pikepdf.Object):
            return _plain(value)
        if value.is_indirect and not is_top:
            return b"%d 0 R" % self.number_of(value)
        if isinstance(value, pikepdf.Dictionary):
            return self._dictionary(value.items(), {})
        if isinstance(value, pikepdf.Array):
            return b"[" + b" ".join(map(self.written, cast("Iterable[Any]", value))) + b"]"
        return value.unparse()

    def _dictionary(self, items: Iterable[tuple[str, Any]], own: Mapping[str, bytes]) -> bytes:
        told = {key: self.written(value) for key, value in items if key not in own} | {**own}
        return b"<<" + b"".join(pikepdf.Name(key).unparse() + b" " + value for key, value in told.items()) + b">>"


def _plain(value: Any) -> bytes:
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, Decimal):
        return format(value, "f").encode()
    return str(value).encode()
