"""Asks worker.py about files that may be hostile, and never believes that it comes back."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from agreements.documents import kinds

WORKER = Path(__file__).with_name("worker.py")
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the worker may use: bytes of memory, seconds, bytes written, and pixels of a picture."""

    pixels: int
    memory: int = 1536 * 1024 * 1024
    seconds: int = 20
    written: int = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found in a file: pages, its own date, and what is wrong: locked, damaged, bomb or nothing."""

    pages: int | None = None
    dated_on: date | None = None
    flaw: str = ""


class CannotDraw(Exception):
    """No picture can be made of this page."""


def can_draw(content_type: str) -> bool:
    """Return whether pages of this kind of file can be shown as pictures."""
    return content_type == kinds.PDF or content_type in kinds.PICTURES


def examine(file: BinaryIO, content_type: str, *, limits: Limits) -> Findings:
    """Return what is in a PDF or picture."""
    with _laid_out(file) as (folder, path):
        found = _ask(folder, limits, "examine", content_type, str(path))
    return Findings(
        pages=found.get("pages"),
        dated_on=kinds.day_or_none(found.get("dated") or ""),
        flaw=found.get("flaw") or "",
    )


def draw(file: BinaryIO, content_type: str, page: int, *, limits: Limits) -> bytes:
    """Return a picture of a page, counted from 1, as WebP.

    :raises CannotDraw: if the file is damaged, or the page takes more time or memory than it may.
    """
    with _laid_out(file) as (folder, path):
        target = folder / "page.webp"
        found = _ask(folder, limits, "draw", content_type, str(path), str(page), str(target))
        if found.get("flaw") or not target.exists():
            raise CannotDraw(found.get("flaw") or "damaged")
        return target.read_bytes()


@contextmanager
def _laid_out(file: BinaryIO) -> Iterator[tuple[Path, Path]]:
    # The storage may be elsewhere, and poppler wants a file.
    with tempfile.TemporaryDirectory(prefix="kpi-evidence-") as name:
        folder = Path(name)
        path = folder / "file"
        file.seek(0)
        with path.open("wb") as copy:
            while chunk := file.read(CHUNK):
                copy.write(chunk)
        yield folder, path


def _ask(folder: Path, limits: Limits, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-I", str(WORKER), json.dumps(asdict(limits)), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 -- our own worker, without a shell
            command,
            capture_output=True,
            check=False,
            cwd=folder,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder)},
            timeout=2 * limits.seconds + 10,
        )
    except subprocess.TimeoutExpired:
        return {"flaw": "bomb"}
    if done.returncode != 0:
        # Out of time, memory or disk, by the limits that it set itself.
        return {"flaw": "bomb"}
    return dict(json.loads(done.stdout))
