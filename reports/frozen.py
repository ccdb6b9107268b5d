"""Finished forms: drawn once, and from then on the same file every time.

A form is finished while nothing on it but a further signature can change: agreed by both sides, or assessed and signed.
What stands on it then is told by the content that was signed, the signatures under it and a few names; `key_of` hashes
all of that with the choice of forms, digits and variant, so that the file is found without anything being worked out.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from agreements.models import Agreement, Capacity, FrozenForm, Signature, Stage, State, User, Version
from agreements.services import content as contents, log
from agreements.services.seals import seal
from reports import documents, pdf
from reports.form_sets import sets_of, versions_of
from reports.rows.dimensions import dimensions_of
from reports.rows.parts import part_line

logger = logging.getLogger(__name__)

#: Raised when signed forms, too, shall look or read otherwise from now on: each is then drawn anew once. A mended
#: template or a newer WeasyPrint alone changes nothing that was frozen.
LAYOUT = 1

#: What a part's state must be for its form to be finished; the others change under the pen.
UNFINISHED = (State.DRAFT, State.PROPOSED, State.REPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of an agreement is printed, and how."""

    forms: tuple[str, ...]
    digits: documents.Digits
    pdf_a: bool
    # Where the addresses behind the QR codes begin, without a slash at the end.
    address: str

    def verify_url(self, code: str) -> str:
        """Return the address of the page that verifies `code`."""
        return self.address + reverse("agreements:verify", args=[code])


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A PDF of an agreement's forms; `frozen` where it is the file that is kept."""

    body: bytes
    frozen: FrozenForm | None


def paper_of(agreement: Agreement, choice: Choice, *, viewer: User, at: datetime) -> Paper:
    """Return the forms of `agreement` as `viewer` may see them: from the store where they are finished.

    Whoever calls it looked whether `viewer` may see the agreement.
    """
    versions = versions_of(agreement)
    facts = facts_of(versions, viewer=viewer)
    if facts is None:
        return Paper(body=_draw(versions, choice, viewer)[0], frozen=None)
    key = key_of(facts, choice)
    found = FrozenForm.objects.filter(key=key).first()
    if found is not None:
        return Paper(body=_stored(found) or _mended(found, versions, choice, viewer, at=at), frozen=found)
    body, hashes = _draw(versions, choice, viewer)
    if hashes != facts["signed"]:
        # Somebody who has not signed yet was replaced: this very content was signed by nobody.
        return Paper(body=body, frozen=None)
    return _freeze(agreement, key, body, at=at)


# --- What stands on it -----------------------------------------------------------------------------------------------
def facts_of(versions: Sequence[Version], *, viewer: User) -> dict[str, Any] | None:
    """Return all that tells what the finished forms of `versions` say to `viewer`; nothing while they change."""
    agreement = versions[0].part.agreement
    found = [_facts_of_part(version, viewer) for version in versions]
    whole = _signed_hash(versions[-1], Stage.RESULT, is_whole=True) if len(versions) > 1 else ""
    if any(one is None for one in found) or (len(versions) > 1 and not whole):
        return None
    parts = [one for one in found if one is not None]
    facts: dict[str, Any] = {"agreement": agreement.pk, "parts": parts, "whole": whole}
    if agreement.person_id is None:
        facts |= {"office": agreement.organisation.name, "dimensions": [dimensions_of(one) for one in versions]}
    return facts | {"signed": [one["signed"] for one in parts]}


def _facts_of_part(version: Version, viewer: User) -> dict[str, Any] | None:
    state = version.part.reached
    if state in UNFINISHED or version.part.standing in UNFINISHED:
        return None
    seen = contents.sees_assessment(version, viewer)
    stage = Stage.AGREE if state == State.AGREED else Stage.RESULT
    signed = _signed_hash(version, stage) if seen or stage == Stage.AGREE else ""
    if not signed:
        return None
    stages = [Stage.AGREE, Stage.RESULT] if seen else [Stage.AGREE]
    return {
        "version": version.pk,
        "stage": stage,
        "signed": signed,
        # Everything printed of a signature, with its place in the log.
        "signatures": [asdict(line) for line in contents.signature_lines(version, stages)],
        # Who is still to sign stands on it by name.
        "parties": [
            [one.capacity, one.name, one.title, one.user_id]
            for one in sorted(version.parties.all(), key=lambda one: one.capacity)
        ],
        "part": part_line(version.part),
        "reached": state,
    }


def _signed_hash(version: Version, stage: str, *, is_whole: bool = False) -> str:
    """Return the hash of the content that was signed at `stage`, as `content.signed_content` chooses it."""
    signed = Signature.objects.standing_under(version, stage).filter(snapshot__is_whole=is_whole)
    if stage == Stage.RESULT:
        signed = signed.exclude(capacity=Capacity.COMMENTATOR)
    return signed.order_by("pk").values_list("content_hash", flat=True).last() or ""


def key_of(facts: dict[str, Any], choice: Choice) -> str:
    """Return the hash of everything that stands on the forms and how they are set."""
    return log.digest(log.canonical({"layout": LAYOUT, "facts": facts, "choice": asdict(choice)}))


# --- Drawing and keeping ---------------------------------------------------------------------------------------------
def _draw(versions: Sequence[Version], choice: Choice, viewer: User) -> tuple[bytes, list[str]]:
    sets = sets_of(versions, viewer=viewer, verify_url=choice.verify_url)
    html = documents.document(sets, forms=choice.forms, digits=choice.digits)
    hashes = [one.content_hash for one in sets]
    return drawn(html, hashes, pdf_a=choice.pdf_a), hashes


def drawn(html: str, hashes: Sequence[str], *, pdf_a: bool) -> bytes:
    """Return the PDF of `html`, which prints the contents with these hashes."""
    if pdf_a:
        # PDF/A allows nothing after the end of the file, where the seal stands; the codes on its pages still tell.
        return pdf.render(html, variant=pdf.PDF_A)
    return seal(pdf.render(html), hashes)


@transaction.atomic
def _freeze(agreement: Agreement, key: str, body: bytes, *, at: datetime) -> Paper:
    digest = hashlib.sha256(body).hexdigest()
    facts = {"agreement": agreement, "sha256": digest, "size": len(body), "made_at": at}
    # Drawn by two at once, the first one's is everybody's.
    found, created = FrozenForm.objects.get_or_create(key=key, defaults=facts)
    if not created:
        return Paper(body=_stored(found) or body, frozen=found)
    _lay_down(found, body)
    return Paper(body=body, frozen=found)


def _lay_down(found: FrozenForm, body: bytes) -> None:
    if default_storage.exists(found.path):
        default_storage.delete(found.path)
    default_storage.save(found.path, ContentFile(body))


def _stored(found: FrozenForm) -> bytes | None:
    """Return the stored file; nothing where it is missing or is not what was stored."""
    try:
        with default_storage.open(found.path) as file:
            body: bytes = file.read()
    except FileNotFoundError:
        return None
    return body if hashlib.sha256(body).hexdigest() == found.sha256 else None


def _mended(found: FrozenForm, versions: Sequence[Version], choice: Choice, viewer: User, *, at: datetime) -> bytes:
    """Return the form drawn anew from what was signed, after telling that its file was changed or lost.

    Drawn alike to the last byte, it takes its place again.
    """
    agreement = versions[0].part.agreement
    logger.error("The frozen form %s of agreement %s is not what was stored.", found.path, agreement.pk)
    body, _hashes = _draw(versions, choice, viewer)
    is_same = hashlib.sha256(body).hexdigest() == found.sha256
    with transaction.atomic():
        office = log.office_of(agreement.organisation)
        told = {"sha256": found.sha256, "drawn_alike": is_same}
        log.record("forms.damaged", office=office, by=None, at=at, agreement=agreement, details=told)
    if is_same:
        _lay_down(found, body)
    return body
