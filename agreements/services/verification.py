"""Verifying what was signed: by the code on a form, or by the form itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements import thai
from agreements.models import Signature
from agreements.services.seals import read_seal

CODE = re.compile(r"[0-9A-F]{12}")
MOST_BYTES = 20 * 1024 * 1024
SECONDS = 15
# Hexadecimal digits have neither O, I nor L; who types one means the figure.
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class FileRefused(Exception):
    """This file cannot be verified; the message says why and what helps."""


WHY: dict[str, str | Promise] = {
    "not_readable": gettext_lazy("This is not a PDF or a picture (JPEG, PNG, WebP) that can be read."),
    "password": gettext_lazy("This PDF is protected by a password. Save it without one, or type the code."),
    "too_many_pages": gettext_lazy(
        "This PDF has too many pages. Send the pages with the form alone, or type the code."
    ),
    "too_many_pixels": gettext_lazy("This picture is too large. Take it with fewer pixels, or type the code."),
    "too_large_inside": gettext_lazy("This file is too large once it is unpacked. Type the code instead."),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a code: the signatures under the content, in their order; none where nobody signed it."""

    code: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """What is known of a file: the codes on it, and whether it is a PDF as the portal made it."""

    answers: tuple[Answer, ...]
    # True or false where it bears the portal's seal; none where it bears no seal, like every scan.
    is_untouched: bool | None


def plain_code(typed: str) -> str:
    """Return the code that `typed` means; Thai digits, small letters, spaces, dashes and addresses are forgiven."""
    text = thai.to_arabic_digits(thai.normalise(typed)).upper()
    text = text.partition("/VERIFY/")[2] or text
    return re.sub(r"[\s./\-–—_]", "", text).translate(_LOOKALIKES)


def is_code(plain: str) -> bool:
    """Return whether `plain` has the shape of a code."""
    return bool(CODE.fullmatch(plain))


def verify_code(plain: str) -> Answer:
    """Return who signed the content with the code `plain`."""
    signatures = Signature.objects.filter(content_hash__startswith=plain.lower())
    found = signatures.select_related("version__part__agreement__round").order_by("signed_at", "pk")
    return Answer(plain, tuple(found))


def verify_file(upload: UploadedFile[Any]) -> FileAnswer:
    """Return what is known of the codes on `upload`, which is read and not kept.

    :raises FileRefused: if it is empty, too large, no PDF or picture, or bears no code.
    """
    size = upload.size or 0
    if size == 0:
        raise FileRefused(_("The file is empty. Choose it again."))
    if size > MOST_BYTES:
        raise FileRefused(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // (1024 * 1024)})
    content = upload.read()
    seal = read_seal(content)
    printed = seal.contents if seal is not None and seal.is_intact else ()
    codes = [one[:12].upper() for one in printed] or _read_codes(content)
    if not codes:
        raise FileRefused(
            _("No code was found in it. Take the picture straight, in good light and near the QR code, or type it.")
        )
    answers = tuple(verify_code(code) for code in codes)
    return FileAnswer(answers=answers, is_untouched=None if seal is None else seal.is_intact)


def _read_codes(content: bytes) -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603  our own module, with nothing of the file in the command
            [sys.executable, "-I", "-c", _START, str(settings.BASE_DIR)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={},
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        # It ran out of time or memory, or a library gave way: the file is at fault, not its sender's portal.
        raise FileRefused(str(WHY["too_large_inside"])) from error
    if "refused" in answer:
        raise FileRefused(str(WHY.get(answer["refused"], WHY["not_readable"])))
    return [str(code) for code in answer["codes"]]


# Isolated from the environment and from the directory it is started in; only the portal's own code is on the path.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from agreements.exchange.code_reading import main; main()"
