"""Attaching files to results."""

from __future__ import annotations

import codecs
import hashlib
from datetime import datetime
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Evidence, Item, StoredFile, User, Version
from agreements.services.agreements import locked
from agreements.services.results import result_for

ALLOWED = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
}
# How much of a file is looked at to tell what it is.
HEAD = 8192


class EvidenceRefused(Exception):
    """This file cannot be taken as evidence."""


@transaction.atomic
def attach(version: Version, item: Item, upload: UploadedFile[Any], *, note: str, by: User, at: datetime) -> Evidence:
    """Keep `upload` as evidence of `item`'s result; the same content is stored once.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if results can no longer be entered.
    :raises EvidenceRefused: if the file is empty, too large, of a kind that is not taken, or attached already.
    """
    version = locked(version)
    actions.demand(actions.ENTER, version, by)
    name = thai.normalise(upload.name or "")[-255:]
    stored = _store(upload, name)
    result = result_for(version, item, at=at)
    if Evidence.objects.filter(result=result, stored=stored).exists():
        raise EvidenceRefused(_("“%(name)s” is attached here already.") % {"name": name})
    return Evidence.objects.create(result=result, stored=stored, name=name, note=note, added_by=by, added_at=at)


def _store(upload: UploadedFile[Any], name: str) -> StoredFile:
    size = upload.size or 0
    if size == 0:
        raise EvidenceRefused(_("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if size > settings.EVIDENCE_MAX_BYTES:
        raise EvidenceRefused(
            _("“%(name)s” is larger than %(most)s MB. Make it smaller or split it.")
            % {"name": name, "most": settings.EVIDENCE_MAX_BYTES // (1024 * 1024)}
        )
    digest = _digest(upload)
    known = StoredFile.objects.filter(sha256=digest).first()
    if known:
        return known
    stored = StoredFile(sha256=digest, size=size, content_type=_content_type(upload, name))
    upload.seek(0)
    stored.file.save(digest, upload, save=False)
    stored.save()
    return stored


def _digest(upload: UploadedFile[Any]) -> str:
    whole = hashlib.sha256()
    for chunk in upload.chunks():
        whole.update(chunk)
    return whole.hexdigest()


def _content_type(upload: UploadedFile[Any], name: str) -> str:
    upload.seek(0)
    head = upload.read(HEAD)
    kind = filetype.guess(head)
    found = kind.mime if kind else ("text/plain" if _is_plain_text(head) else "")
    if found not in ALLOWED and found != "text/plain":
        raise EvidenceRefused(
            _("“%(name)s” is not of a kind that is taken: PDF, Word, Excel, PowerPoint, pictures or plain text.")
            % {"name": name}
        )
    return str(found)


def _is_plain_text(head: bytes) -> bool:
    # Markup without a signature of its own (HTML, SVG) could run in a browser.
    if b"\0" in head or head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        return False
    try:
        # The head of a longer file may end within a character.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return False
    return True


@transaction.atomic
def detach(evidence: Evidence, version: Version, *, by: User) -> None:
    """Take `evidence` off its result while results are still being entered; the stored content stays.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if results can no longer be changed.
    """
    actions.demand(actions.ENTER, locked(version), by)
    evidence.delete()
