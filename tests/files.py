"""Real files to send as evidence, made by what offices make them with."""

import io
import struct
import zipfile

from PIL import Image
from weasyprint import HTML


def picture(kind="PNG", *, size=(40, 20), colour="red", taken=None, orientation=None, mode="RGB"):
    """Return a picture; `taken` and `orientation` are written as a camera does."""
    content, exif = io.BytesIO(), Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if orientation:
        exif[0x0112] = orientation
    Image.new(mode, size, colour).save(content, kind, exif=exif)
    return content.getvalue()


def pdf(*pages, created="2012-12-01"):
    """Return a PDF with these texts, a page each."""
    head = f'<meta name="dcterms.created" content="{created}">' if created else ""
    body = "".join(f"<p style='break-after: page'>{text}</p>" for text in pages)
    return HTML(string=f"<html><head>{head}</head><body>{body}</body></html>").write_pdf()


def packed(files, *, method=zipfile.ZIP_STORED):
    """Return a ZIP archive of `files`, names and contents, in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def office(main="word/document.xml", *, modified=None, more=None):
    """Return an Office Open XML document whose parts are `main` and `more`."""
    parts = {"[Content_Types].xml": "<Types/>", main: "<x/>"}
    if modified:
        parts["docProps/core.xml"] = f"<cp><dcterms:modified xsi:type='x'>{modified}T08:00:00Z</dcterms:modified></cp>"
    return packed(parts | (more or {}))


def locked_zip(content):
    """Return an archive whose entries say that they are encrypted."""
    marked = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(signature)
        while at >= 0:
            marked[at + offset] |= 1
            at = marked.find(signature, at + 1)
    return bytes(marked)


def old_office(*streams, **contents):
    """Return an OLE package of `streams`, each with what `contents` gives for it by its first word, 4096 bytes each."""
    free, last, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    size, per = 512, 8
    directory_sectors = (len(streams) + 1 + 3) // 4
    fat = [table, *range(2, 1 + directory_sectors), last]
    body = b""
    entries = [_entry("Root Entry", 5, child=1 if streams else free, start=last, length=0)]
    for number, name in enumerate(streams, start=1):
        start = len(fat)
        fat += [*range(start + 1, start + per), last]
        following = number + 1 if number < len(streams) else free
        entries.append(_entry(name, 2, right=following, start=start, length=size * per))
        body += contents.get(name.split()[0], b"").ljust(size * per, b"\0")
    fat += [free] * (size // 4 - len(fat))
    directory = b"".join(entries).ljust(directory_sectors * size, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0) + struct.pack("<109I", 0, *[free] * 108)
    return head + struct.pack(f"<{size // 4}I", *fat) + directory + body


def _entry(name, kind, *, right=0xFFFFFFFF, child=0xFFFFFFFF, start, length):
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, right, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, length)


def locked_pdf():
    """Return a PDF that opens only with a password: its standard security handler answers to no empty one."""
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/O<" + b"11" * 32 + b">/U<" + b"22" * 32 + b">/P -4>>/ID[<33><33>]"
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R" + lock + b">>\n%%EOF\n"
    )


def slow_pdf():
    """Return a PDF whose page takes minutes to draw: forms within forms, each drawn ten times."""
    forms = b"".join(
        b"%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 900 900]/Resources<</XObject<</F %d 0 R>>>>/Length 60>>"
        b"stream\n%sendstream endobj\n" % (number, number + 1, (b"/F Do " * 10).ljust(60))
        for number in range(5, 16)
    )
    last = (
        b"16 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 900 900]/Length 26>>"
        b"stream\n0 0 900 900 re f         \nendstream endobj\n"
    )
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 900 900]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>"
        b"endobj\n4 0 obj<</Length 60>>stream\n"
        + (b"/F Do " * 10)
        + b"endstream endobj\n"
        + forms
        + last
        + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )
