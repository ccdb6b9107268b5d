"""The portal's seal at the end of a PDF: which content it prints, and that nobody touched it since.

The seal is a comment after the end of the file, which PDF readers pass over. Changing one byte of the file breaks it;
only who has the portal's secret key can make another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

MARK = b"\n%KPI-SEAL "
# Readers look for the end of a PDF in its last 1,024 bytes.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says: the hashes of the contents printed, and whether the file is as the portal made it."""

    contents: tuple[str, ...]
    is_intact: bool


def seal(pdf: bytes, contents: Iterable[str]) -> bytes:
    """Return `pdf` with the portal's seal for the contents with these hashes; without it where there is no room."""
    value = ".".join([hashlib.sha256(pdf).hexdigest(), *dict.fromkeys(contents)])
    mark = MARK + _signer().sign(value).encode() + b"\n"
    return pdf + mark if len(mark) <= MOST else pdf


def read_seal(pdf: bytes) -> Seal | None:
    """Return what the seal at the end of `pdf` says, none where it has none."""
    at = pdf.rfind(MARK, -MOST - 100 if len(pdf) > MOST + 100 else 0)
    if at < 0:
        return None
    token = pdf[at + len(MARK) :].rstrip(b"\n").decode("ascii", errors="replace")
    try:
        digest, *contents = _signer().unsign(token).split(".")
    except BadSignature:
        return Seal((), is_intact=False)
    return Seal(tuple(contents), is_intact=digest == hashlib.sha256(pdf[:at]).hexdigest())


def _signer() -> Signer:
    return Signer(salt="agreements.seal")
