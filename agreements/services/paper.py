"""Signatures on paper: recorded by HR with their scan, over the very content that the paper bears the code of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Party, Signature, StoredFile, User, Version
from agreements.predicates import is_hr
from agreements.services import content as contents, signing, verification
from agreements.services.states import locked

SCANS = {"application/pdf", "image/jpeg", "image/png", "image/webp"}
HEAD = 8192


class PaperRefused(Exception):
    """This signature cannot be recorded from paper so; the message says why and what helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """What is recorded of a signed paper: the code and the day on it, its scan, and the opinion where it bears one."""

    code: str
    signed_on: date
    scan: UploadedFile[Any]
    decision: str = Signature.Decision.SIGNED
    comment: str = ""


def recordable(version: Version, *, by: User) -> list[tuple[actions.Action, Party]]:
    """Return the signatures awaited now that `by`, as HR, may record from paper, each with whose it is."""
    parties = {party.capacity: party for party in version.parties.all()}
    awaited = [
        (action, parties[action.capacity])
        for action in actions.SIGNATURES
        if action.capacity in parties and action in actions.allowed(version, parties[action.capacity].user, [action])
    ]
    # Nobody records for themselves; whether they are HR is asked only where something is awaited.
    others = [(action, party) for action, party in awaited if party.user_id != by.pk]
    return others if others and is_hr(by, version) else []


def demand_recorder(version: Version, *, by: User) -> None:
    """Refuse unless `by` is HR here and not the assessee.

    :raises NotAllowed: if it is not for `by` to record signatures of this agreement.
    """
    if not is_hr(by, version):
        raise actions.NotAllowed(_("This is not yours to do."))


@transaction.atomic
def record_paper_signature(
    version: Version, action: actions.Action, paper: OnPaper, *, by: User, at: datetime
) -> Signature:
    """Record the signature `action` that was given on paper; it counts like one given in the portal.

    :raises NotAllowed: if it is not for `by` to record it.
    :raises NotNow: if this signature is not awaited.
    :raises SignOffRefused: if something must happen first.
    :raises PaperRefused: if the paper shows something else, its day cannot be, or its scan cannot be taken.
    """
    version = locked(version)
    demand_recorder(version, by=by)
    party = version.parties.select_related("user").filter(capacity=action.capacity).first()
    if party is None or party.user_id == by.pk:
        raise actions.NotAllowed(_("Nobody records a signature of their own."))
    actions.demand(action, version, party.user)
    if reasons := signing.obstacles(version, action, today=timezone.localdate(at)):
        raise signing.SignOffRefused(*reasons)
    shown = contents.hash_of(signing.content_to_sign(version, action))
    _demand_code(paper.code, shown)
    _demand_day(paper.signed_on, version, at)
    return signing.sign_off(
        version,
        action,
        by=party.user,
        shown=shown,
        at=at,
        decision=paper.decision,
        comment=paper.comment,
        paper=signing.Paper(
            signed_on=paper.signed_on,
            scan=_keep_scan(paper.scan),
            scan_name=thai.normalise(paper.scan.name or "")[-255:],
            recorded_by=by,
        ),
    )


def _demand_code(typed: str, shown: str) -> None:
    plain = verification.plain_code(typed)
    if not verification.is_code(plain):
        raise PaperRefused(_("A code has twelve digits and letters A to F. Compare it with the paper."))
    if plain != shown[:12].upper():
        said = _(
            "The paper with the code %(code)s shows something else than the portal does now. Print and sign it anew."
        )
        raise PaperRefused(said % {"code": plain})


def _demand_day(day: date, version: Version, at: datetime) -> None:
    first = version.part.versions.order_by("number").values_list("created_at", flat=True)[0]
    if day > timezone.localdate(at):
        raise PaperRefused(_("The date beside the signature lies after today."))
    if day < timezone.localdate(first):
        raise PaperRefused(
            _("The date beside the signature lies before the agreement was opened on %(day)s.")
            % {"day": thai.format_date(timezone.localdate(first))}
        )


def _keep_scan(upload: UploadedFile[Any]) -> StoredFile:
    """Keep the scan by its hash, once, like evidence."""
    size = upload.size or 0
    if size == 0:
        raise PaperRefused(_("The scan is empty. Choose the file again."))
    if size > settings.EVIDENCE_MAX_BYTES:
        most = settings.EVIDENCE_MAX_BYTES // (1024 * 1024)
        raise PaperRefused(_("The scan is larger than %(most)s MB.") % {"most": most})
    upload.seek(0)
    kind = filetype.guess(upload.read(HEAD))
    if kind is None or kind.mime not in SCANS:
        raise PaperRefused(_("The scan must be a PDF or a picture (JPEG, PNG, WebP)."))
    whole = hashlib.sha256()
    for chunk in upload.chunks():
        whole.update(chunk)
    digest = whole.hexdigest()
    known = StoredFile.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    stored = StoredFile(sha256=digest, size=size, content_type=kind.mime)
    upload.seek(0)
    stored.file.save(digest, upload, save=False)
    stored.save()
    return stored
