"""Looks into one PDF or picture, in a process of its own with little time and memory.

Started by sandbox.py as `python -I worker.py LIMITS examine|draw …`; it knows nothing of the portal. Whatever a hostile
file does here ends with this process. It answers in JSON on standard output.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from typing import Any

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
PDF = "application/pdf"
DATE_TAKEN, CAMERA, DATE_CHANGED = 0x9003, 0x8769, 0x0132
# WebP holds no picture with a longer side.
LONGEST_PREVIEW = 2000


def limit(limits: dict[str, int]) -> None:
    """Give up time and memory for good, and for every program started from here."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["written"], limits["written"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def examine(content_type: str, path: str, limits: dict[str, int]) -> dict[str, Any]:
    """Return how many pages there are, the document's own date, and what is wrong with it."""
    return _examine_pdf(path, limits) if content_type == PDF else _examine_picture(path, limits)


def _examine_pdf(path: str, limits: dict[str, int]) -> dict[str, Any]:
    done = _run(["pdfinfo", "-isodates", "-enc", "UTF-8", path], limits)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace")
        return {"flaw": "locked" if "password" in said.lower() else "damaged"}
    said = done.stdout.decode("utf-8", "replace")
    pages = re.search(r"^Pages:\s+(\d+)$", said, re.MULTILINE)
    dated = re.search(r"^ModDate:\s+(\S+)$", said, re.MULTILINE) or re.search(
        r"^CreationDate:\s+(\S+)$", said, re.MULTILINE
    )
    count = int(pages[1]) if pages else 0
    return {"pages": count, "dated": dated[1] if dated else None, "flaw": None if count else "damaged"}


def _examine_picture(path: str, limits: dict[str, int]) -> dict[str, Any]:
    with Image.open(path, formats=FORMATS) as picture:
        if picture.width * picture.height > limits["pixels"]:
            return {"flaw": "bomb"}
        exif = picture.getexif()
        taken = exif.get_ifd(CAMERA).get(DATE_TAKEN) or exif.get(DATE_CHANGED) or ""
        _load(picture)
    return {"pages": 1, "dated": str(taken)[:10].replace(":", "-") or None}


def _load(picture: Image.Image) -> None:
    # A JPEG of a camera is read at a fraction of its size, which is all that a preview needs.
    picture.draft("RGB", (LONGEST_PREVIEW, LONGEST_PREVIEW))
    picture.load()


def draw(content_type: str, path: str, page: int, target: str, limits: dict[str, int]) -> dict[str, Any]:
    """Write a picture of `page` to `target` as WebP: turned upright, scaled, without what the camera added."""
    source = path
    if content_type == PDF:
        source = f"{target}.page"
        number = str(page)
        size = str(LONGEST_PREVIEW)
        done = _run(
            ["pdftoppm", "-png", "-singlefile", "-f", number, "-l", number, "-scale-to", size, path, source], limits
        )
        source += ".png"
        if done.returncode != 0:
            return {"flaw": "damaged"}
    with Image.open(source, formats=FORMATS) as picture:
        # A page of poppler's has the size that it was asked for.
        if content_type != PDF and picture.width * picture.height > limits["pixels"]:
            return {"flaw": "bomb"}
        _load(picture)
        upright = ImageOps.exif_transpose(picture)
    plain = _on_white(upright)
    plain.thumbnail((LONGEST_PREVIEW, LONGEST_PREVIEW))
    plain.save(target, "WEBP", quality=82, method=2)
    return {"width": plain.width, "height": plain.height}


def _on_white(picture: Image.Image) -> Image.Image:
    """Return only the pixels, in RGB: no EXIF, no profile, nothing that hides in what is transparent."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        over = picture.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        white.alpha_composite(over)
        picture = white
    pixels = picture.convert("RGB")
    pixels.info = {}
    return pixels


def _run(command: list[str], limits: dict[str, int]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 -- poppler's own programs, on a path that sandbox.py made
        command, capture_output=True, check=False, timeout=limits["seconds"]
    )


def main(arguments: list[str]) -> dict[str, Any]:
    """Do what the arguments ask, and say what came of it."""
    limits = json.loads(arguments[0])
    limit(limits)
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and checked before anything is read
    verb, content_type, path, *rest = arguments[1:]
    try:
        if verb == "examine":
            return examine(content_type, path, limits)
        return draw(content_type, path, int(rest[0]), rest[1], limits)
    except (MemoryError, subprocess.TimeoutExpired):
        return {"flaw": "bomb"}
    except Exception:
        # A file may break the libraries in any way; all of them mean the same here.
        return {"flaw": "damaged"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
