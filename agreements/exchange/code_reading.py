"""Reads the codes off a PDF or a picture of a printed form, in a process of its own.

A file from anybody goes through libraries that decode pictures and PDFs. What is made to hurt them hurts this process
only, which may neither write a file nor take more memory and time than it is given:

    python -m agreements.exchange.code_reading < file

It knows neither Django nor the database, and answers with one line of JSON: the codes found, or a code of refusal.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image

MEMORY = 1024 * 1024 * 1024
SECONDS = 8
MOST_PAGES = 80
# Enough for 300 dots an inch on A4, and for a telephone's camera.
MOST_PIXELS = 50_000_000
# A page is drawn at 200 dots an inch; one as large as a poster with fewer.
DOTS, MOST_DRAWN = 200, 12_000_000
PICTURES = ("JPEG", "PNG", "WEBP")
ADDRESS = re.compile(r"/verify/([0-9A-Fa-f]{12})/?$")
PRINTED = re.compile(r"(?<![0-9A-Za-z])[0-9A-F]{12}(?![0-9A-Za-z])")


class Unreadable(Exception):
    """The file is refused; the message is a code of why."""


def codes_in(content: bytes) -> list[str]:
    """Return the codes on the pages of `content` in their order, each once.

    :raises Unreadable: if it is not a PDF or picture that can be read here.
    """
    found = _of_pdf(content) if content[:1024].lstrip().startswith(b"%PDF-") else _of_picture(content)
    return list(dict.fromkeys(code.upper() for code in found))


def _of_picture(content: bytes) -> list[str]:
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
            # The size is read from the head; nothing is unpacked before it is known to be bearable.
            if picture.width * picture.height > MOST_PIXELS:
                raise Unreadable("too_many_pixels")
            return list(_of_image(picture.convert("L")))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable("not_readable") from error


def _of_pdf(content: bytes) -> list[str]:
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("password" if "password" in str(error).lower() else "not_readable") from error
    if len(pdf) > MOST_PAGES:
        raise Unreadable("too_many_pages")
    try:
        drawn = [code for page in pdf for code in _of_image(_draw(page))]
        # A QR code that was cut off or smudged: the code is printed beside it too.
        return drawn or [code for page in pdf for code in PRINTED.findall(page.get_textpage().get_text_bounded())]
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise Unreadable("not_readable") from error


def _draw(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        raise Unreadable("not_readable")
    scale = min(DOTS / 72, (MOST_DRAWN / (width * height)) ** 0.5)
    return page.render(scale=scale, grayscale=True).to_pil()


def _of_image(image: Image.Image) -> Iterator[str]:
    for barcode in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])):
        if address := ADDRESS.search(barcode.text):
            yield address[1]


def main() -> None:
    """Answer what stands in the file on standard input."""
    # Read before the limits: what arrives is bounded by who sends it.
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer: dict[str, object] = {"codes": codes_in(content)}
    except Unreadable as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "too_large_inside"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
