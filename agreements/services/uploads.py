"""Framework files between upload and confirmation: kept for who sent them, under their hash."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from agreements.exchange.files import SUFFIXES
from agreements.models import User

# As many files of one person are kept unconfirmed; the oldest goes first.
MOST = 10
_DIGEST = re.compile("[0-9a-f]{64}")


class NoSuchUpload(LookupError):
    """Nobody sent this file, or it was imported or given up since."""


def keep(content: bytes, *, name: str, by: User) -> str:
    """Keep the file `content`, called `name`, until `by` confirms it; return its hash."""
    digest = hashlib.sha256(content).hexdigest()
    discard(digest, by=by)
    default_storage.save(f"{_folder(by)}/{digest}{PurePath(name).suffix.lower()}", ContentFile(content))
    kept = sorted(_kept(by), key=default_storage.get_modified_time, reverse=True)
    for path in kept[MOST:]:
        default_storage.delete(path)
    return digest


def find(digest: str, *, by: User) -> tuple[bytes, str]:
    """Return the file with the hash `digest` that `by` sent, and the suffix of its name.

    :raises NoSuchUpload: if there is none.
    """
    path = _path(digest, by)
    if path is None:
        raise NoSuchUpload
    with default_storage.open(path) as file:
        return file.read(), PurePath(path).suffix


def discard(digest: str, *, by: User) -> None:
    """Forget the file with the hash `digest` that `by` sent, if it is there."""
    path = _path(digest, by)
    if path is not None:
        default_storage.delete(path)


def _path(digest: str, by: User) -> str | None:
    if not _DIGEST.fullmatch(digest):
        return None
    paths = (f"{_folder(by)}/{digest}{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if default_storage.exists(path)), None)


def _kept(by: User) -> list[str]:
    _folders, names = default_storage.listdir(_folder(by))
    return [f"{_folder(by)}/{name}" for name in names]


def _folder(by: User) -> str:
    return f"uploads/{by.pk}"
