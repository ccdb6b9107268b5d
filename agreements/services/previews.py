"""Pictures of the pages of evidence, drawn by ourselves and kept by the file's hash."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from agreements.documents import sandbox
from agreements.models import StoredFile
from agreements.services.evidence import limits

FOLDER = "previews"


class NoPreview(Exception):
    """This page cannot be shown here."""


def page_count(stored: StoredFile) -> int:
    """Return how many pages of a file can be shown as pictures."""
    if not sandbox.can_draw(stored.content_type):
        return 0
    return min(stored.pages or 1, settings.EVIDENCE_PREVIEW_PAGES)


def picture_of(stored: StoredFile, page: int) -> bytes:
    """Return a picture of a page, counted from 1, as WebP; drawn once and kept.

    :raises NoPreview: if there is no such page, or it cannot be drawn.
    """
    if not 1 <= page <= page_count(stored):
        raise NoPreview(_("This kind of file is not shown here. Download it to open it."))
    path = f"{folder_of(stored.sha256)}/{page}.webp"
    if default_storage.exists(path):
        with default_storage.open(path) as kept:
            return bytes(kept.read())
    picture = _drawn(stored, page)
    default_storage.save(path, ContentFile(picture))
    return picture


def _drawn(stored: StoredFile, page: int) -> bytes:
    try:
        with stored.file.open("rb") as file:
            return sandbox.draw(cast("BinaryIO", file), stored.content_type, page, limits=limits())
    except FileNotFoundError as error:
        raise NoPreview(_("The file is missing on the server. Tell the people who look after the portal.")) from error
    except sandbox.CannotDraw as error:
        raise NoPreview(
            _("This page cannot be shown here: the file is damaged, or asks for more than is safe. Download it.")
        ) from error


def folder_of(sha256: str) -> str:
    """Return where the pictures of a file lie."""
    return f"{FOLDER}/{sha256[:2]}/{sha256}"
