"""Attaching files to results, and taking them off again."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from agreements import thai
from agreements.documents import kinds, sandbox
from agreements.models import Evidence, Item, Result, StoredFile, User, Version
from agreements.models.evidence import storage_path
from agreements.models.organisations import subtree
from agreements.services import evidence_lists, log
from agreements.services.results import demand_entry, result_for, unconfirm
from agreements.services.states import locked

NAME_LENGTH = 255
MEGABYTE = 1024 * 1024


class EvidenceRefused(Exception):
    """This file cannot be taken as evidence."""


# --- Attaching -------------------------------------------------------------------------------------------------------
def attach(
    version: Version,
    item: Item,
    upload: UploadedFile[Any],
    *,
    note: str,
    by: User,
    at: datetime,
    listed_as: str = "",
) -> Evidence:
    """Keep `upload` as evidence of `item`'s result; the same content is stored once.

    `listed_as` is the entry of the definition's list of evidence that it is; that entry is ticked by it.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if results can no longer be entered.
    :raises EvidenceRefused: if the file is empty, too large, locked, of a kind that is not taken, attached already, or
        there is no room left.
    """
    # A stranger's file is not even looked at; the look itself must not hold the database's lock.
    demand_entry(version, item, by=by)
    evidence_lists.demand_listed(item, [listed_as] if listed_as else [])
    name = clean_name(upload.name or "")
    seen = look_at(upload, name)
    attached = _attach(version, item, seen, name=name, note=note, listed_as=listed_as, by=by, at=at)
    if listed_as:
        evidence_lists.note_at_hand(attached.result, listed_as)
    return attached


@transaction.atomic
def _attach(
    version: Version, item: Item, seen: StoredFile, *, name: str, note: str, listed_as: str, by: User, at: datetime
) -> Evidence:
    version = locked(version)
    demand_entry(version, item, by=by)
    stored = kept(seen, name)
    result = result_for(version, item, at=at)
    if Evidence.objects.filter(result=result, stored=stored).exists():
        raise EvidenceRefused(_("“%(name)s” is attached here already.") % {"name": name})
    _demand_room(version, result, stored, name)
    evidence = Evidence.objects.create(
        result=result, stored=stored, name=name, note=note, listed_as=listed_as, added_by=by, added_at=at
    )
    unconfirm(result)
    _record("evidence.attached", evidence, version, item, by=by, at=at)
    return evidence


def kept(seen: StoredFile, name: str) -> StoredFile:
    """Return the row of a content that was looked at, held until the end of the transaction.

    :raises EvidenceRefused: if the content went away meanwhile.
    """
    facts = {field: getattr(seen, field) for field in ("size", "content_type", "file", "pages", "dated_on", "flaw")}
    stored, created = StoredFile.objects.select_for_update().get_or_create(sha256=seen.sha256, defaults=facts)
    if created and not default_storage.exists(str(stored.file.name)):
        # check_evidence --remove-orphans erased the same content at this very moment.
        raise EvidenceRefused(_("“%(name)s” could not be kept just now. Attach it again.") % {"name": name})
    return stored


def clean_name(name: str) -> str:
    """Return a file's name as it is shown: one spelling, no folders, nothing invisible that turns the text around."""
    last = name.replace("\\", "/").rpartition("/")[2]
    # Cc and Cf: control characters, and those that reverse what follows (U+202E makes gpj.exe of exe.jpg).
    plain = "".join(char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    plain = thai.normalise(plain).strip(" .")
    if len(plain) > NAME_LENGTH:
        stem, dot, suffix = plain.rpartition(".")
        ending = f"{dot}{suffix}" if dot and len(suffix) <= 10 else ""
        plain = (stem if ending else plain)[: NAME_LENGTH - len(ending)] + ending
    return plain or _("file without a name")


def look_at(upload: UploadedFile[Any], name: str) -> StoredFile:
    """Return what is known of the content, laid down in the storage; unsaved where it is new.

    :raises EvidenceRefused: if it is empty, too large, locked or of a kind that is not taken.
    """
    size = upload.size or 0
    if size == 0:
        raise EvidenceRefused(_("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if size > settings.EVIDENCE_MAX_BYTES:
        raise EvidenceRefused(
            _("“%(name)s” is larger than %(most)s MB. Make it smaller or split it.")
            % {"name": name, "most": settings.EVIDENCE_MAX_BYTES // MEGABYTE}
        )
    digest = digest_of(upload)
    try:
        seen = StoredFile.objects.filter(sha256=digest).first() or _examined(upload)
        # The same content may have come before under a name that runs nothing.
        kinds.demand_harmless_name(name, seen.content_type)
    except kinds.NotTaken as refusal:
        raise EvidenceRefused(_why_not(refusal.code) % {"name": name}) from refusal
    if not seen.sha256:
        seen.sha256, seen.size = digest, size
        seen.file.name = storage_path(seen, "")
    _lay_down(upload, str(seen.file.name), digest)
    return seen


def _lay_down(upload: UploadedFile[Any], path: str, digest: str) -> None:
    if default_storage.exists(path):
        with default_storage.open(path) as kept:
            if digest_of(kept) == digest:
                return
        # Half written before a power cut, or damaged since: the content at hand is the right one.
        default_storage.delete(path)
    upload.seek(0)
    default_storage.save(path, upload)


def digest_of(file: Any) -> str:
    """Return the SHA-256 of an open file, as 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for chunk in file.chunks():
        whole.update(chunk)
    return whole.hexdigest()


def limits() -> sandbox.Limits:
    """Return what looking into a file may cost."""
    return sandbox.Limits(pixels=settings.EVIDENCE_MAX_PIXELS)


def _examined(upload: UploadedFile[Any]) -> StoredFile:
    content = cast("BinaryIO", upload)
    kind = kinds.tell(content)
    if kind.content_type == kinds.ZIP and not settings.EVIDENCE_ZIP:
        raise kinds.NotTaken("zip")
    found = sandbox.Findings(dated_on=kind.dated_on)
    if sandbox.can_draw(kind.content_type):
        found = sandbox.examine(content, kind.content_type, limits=limits())
    if found.flaw in {"locked", "bomb"}:
        raise kinds.NotTaken(found.flaw)
    return StoredFile(content_type=kind.content_type, pages=found.pages, dated_on=found.dated_on, flaw=found.flaw)


def _why_not(code: str) -> str:
    return {
        "kind": _("“%(name)s” is not of a kind that is taken: PDF, Word, Excel, PowerPoint, pictures or plain text."),
        "locked": _("“%(name)s” is protected by a password. Save it without one and attach it again."),
        "macros": _("“%(name)s” holds macros (programs). Save it without macros, or as PDF, and attach that."),
        "zip": _("“%(name)s” is a ZIP archive. Attach the files in it one by one."),
        "heic": _(
            "“%(name)s” is a picture in the HEIC format, which most computers cannot show. "
            "Save it as JPEG and attach that."
        ),
        "runs": _("“%(name)s” is a program or web page by its name. Attach a document, a picture or plain text."),
        "damaged": _("“%(name)s” is damaged or cut off. Open it on your computer, save it again and attach that."),
        "bomb": _("“%(name)s” is a picture or document of more than can be opened safely. Save it smaller."),
    }[code]


# --- Room ------------------------------------------------------------------------------------------------------------
def _demand_room(version: Version, result: Result, stored: StoredFile, name: str) -> None:
    if result.evidence.count() >= settings.EVIDENCE_MAX_FILES:
        raise EvidenceRefused(
            _("“%(name)s” is not attached: one result takes %(most)s files at the most. Take one away first.")
            % {"name": name, "most": settings.EVIDENCE_MAX_FILES}
        )
    agreement = version.part.agreement
    of_agreement = StoredFile.objects.filter(uses__result__part__agreement=agreement)
    if _beyond(of_agreement, stored, settings.EVIDENCE_MAX_AGREEMENT_BYTES):
        raise EvidenceRefused(
            _("“%(name)s” is not attached: with it, the files of this agreement would take more than %(most)s MB.")
            % {"name": name, "most": settings.EVIDENCE_MAX_AGREEMENT_BYTES // MEGABYTE}
        )
    office = log.office_of(agreement.organisation)
    of_office = StoredFile.objects.filter(
        subtree(office.path, field="uses__result__part__agreement__organisation__path")
    )
    if _beyond(of_office, stored, settings.EVIDENCE_MAX_OFFICE_BYTES):
        raise EvidenceRefused(
            _("“%(name)s” is not attached: the office has used up its %(most)s MB for evidence. Tell HR.")
            % {"name": name, "most": settings.EVIDENCE_MAX_OFFICE_BYTES // MEGABYTE}
        )


def _beyond(files: QuerySet[StoredFile], stored: StoredFile, most: int) -> bool:
    used = StoredFile.objects.filter(pk__in=files.values("pk")).exclude(pk=stored.pk).aggregate(sum=Sum("size"))["sum"]
    return (used or 0) + stored.size > most


# --- Taking off ------------------------------------------------------------------------------------------------------
@transaction.atomic
def detach(evidence: Evidence, version: Version, *, by: User, at: datetime) -> None:
    """Take `evidence` off its result while results are still being entered; the stored content stays.

    :raises NotAllowed: if `by` does not report here.
    :raises NotNow: if results can no longer be changed.
    """
    version = locked(version)
    item = version.items.filter(lineage=evidence.result.lineage).first()
    demand_entry(version, item, by=by)
    _record("evidence.removed", evidence, version, item, by=by, at=at)
    evidence.delete()
    unconfirm(evidence.result)


def _record(verb: str, evidence: Evidence, version: Version, item: Item | None, *, by: User, at: datetime) -> None:
    agreement = version.part.agreement
    log.record(
        verb,
        office=log.office_of(agreement.organisation),
        by=by,
        at=at,
        agreement=agreement,
        details={"item": item.code if item else "", "name": evidence.name, "sha256": evidence.stored.sha256},
    )
