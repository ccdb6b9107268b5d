"""Verifying by code and by file, and what hostile files get."""

import io
import struct
import zlib

import pypdfium2
import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from agreements.exchange import code_reading
from agreements.models import Signature, State
from agreements.services import seals, verification
from agreements.services.content import form_source
from reports import documents, pdf
from reports.rows.form_set import form_set
from tests.walks import bring_to, choose_all, office

CODE = "0123456789AB"


def upload(content, name="file"):
    return SimpleUploadedFile(name, content)


# --- Codes as people type them ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed",
    [
        "0123456789AB", "0123456789ab", " 0123 4567 89AB ", "0123-4567-89ab", "๐๑๒๓๔๕๖๗๘๙AB", "O123456789AB",
        "o1234 56789 ab", "0l23456789AB", "0I23456789AB", "https://kpi.example.go.th/verify/0123456789AB/",
        "0123.4567.89ab", "0123–4567–89AB",
    ],
)  # fmt: skip
def test_a_code_is_understood_however_it_is_typed(typed):
    assert verification.plain_code(typed) == CODE


@pytest.mark.parametrize("typed", ["", "0123456789A", "0123456789ABC", "0123456789AG", "รหัส", "0" * 5000])
def test_what_is_no_code_is_not_looked_up(typed):
    assert not verification.is_code(verification.plain_code(typed))


# --- Files -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def place(db):
    return bring_to(office(), State.PROPOSED)


def printed(place, *, digits="arabic"):
    """Return the PDF that the portal sends of the agreement, and the code on it."""
    source = form_source(place.version, viewer=place.hr)
    made = form_set(source, verify_url=lambda code: f"https://kpi.example.go.th/verify/{code}/")
    html = documents.document([made], forms=["2"], digits=digits)
    return seals.seal(pdf.render(html), [made.content_hash]), made.code


def without_seal(content):
    return content[: content.rfind(seals.MARK)]


def scanned(content, *, turn=0, quality=70):
    """Return the first page as a scanner or a telephone would: a grey JPEG, perhaps askew."""
    page = pypdfium2.PdfDocument(content)[0].render(scale=200 / 72).to_pil().convert("L")
    if turn:
        page = page.rotate(turn, expand=True, fillcolor=255)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_the_portals_own_pdf_is_known_and_untouched(place):
    content, code = printed(place)

    found = verification.verify_file(upload(content))

    assert found.is_untouched is True
    assert [(one.code, [given.capacity for given in one.signatures]) for one in found.answers] == [(code, ["assessee"])]
    assert Signature.objects.get().short_code == code


def test_a_draft_is_known_and_signed_by_nobody(db):
    place = office()
    choose_all(place)
    content, code = printed(place)

    found = verification.verify_file(upload(content))

    assert (found.is_untouched, [(one.code, one.signatures) for one in found.answers]) == (True, [(code, ())])


def test_one_byte_changed_breaks_the_seal(place):
    content, code = printed(place)
    at = len(content) // 2
    touched = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    found = verification.verify_file(upload(touched))

    assert (found.is_untouched, [one.code for one in found.answers]) == (False, [code])


def test_a_seal_of_another_portal_is_none(place, settings):
    content, code = printed(place)
    settings.SECRET_KEY = "another"

    found = verification.verify_file(upload(content))

    assert (found.is_untouched, [one.code for one in found.answers]) == (False, [code])


def test_control_with_the_key_anybody_could_seal_anything(place):
    content, _code = printed(place)
    forged = seals.seal(without_seal(content) + b"%changed", ["f" * 64])

    assert seals.read_seal(forged) == seals.Seal(("f" * 64,), is_intact=True)


@pytest.mark.parametrize("digits", ["arabic", "thai"])
def test_a_pdf_that_lost_its_seal_is_read_by_its_qr_code(place, digits):
    content, code = printed(place, digits=digits)

    found = verification.verify_file(upload(without_seal(content)))

    assert found.is_untouched is None
    assert [one.code for one in found.answers] == [code]


@pytest.mark.parametrize("turn", [0, 2, 90, 180])
def test_a_scan_is_read_however_it_lay(place, turn):
    content, code = printed(place)

    found = verification.verify_file(upload(scanned(content, turn=turn)))

    assert [one.code for one in found.answers] == [code]


def test_a_scan_inside_a_pdf_is_read(place):
    content, code = printed(place)
    out = io.BytesIO()
    Image.open(io.BytesIO(scanned(content))).save(out, "PDF", resolution=200)

    assert [one.code for one in verification.verify_file(upload(out.getvalue())).answers] == [code]


def test_the_upload_is_not_kept(place, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content, _code = printed(place)

    verification.verify_file(upload(scanned(content)))

    assert list(tmp_path.rglob("*")) == []


# --- Hostile files ---------------------------------------------------------------------------------------------------
def bomb_png(side=60_000):
    """Return a picture of 3.6 thousand million pixels in a few kilobytes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def bomb_pdf():
    """Return a PDF whose page unpacks to two thousand million bytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"0 0 m " * 1_000_000) for _time in range(350)) + packer.flush()
    return pdf_of(b"/Filter/FlateDecode", packed)


def pdf_of(filters, stream, *, box=b"0 0 595 842", pages=1):
    kids = b" ".join(b"3 0 R" for _page in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + kids + b"]/Count " + str(pages).encode() + b">>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[" + box + b"]/Contents 4 0 R>>",
        b"<</Length " + str(len(stream)).encode() + filters + b">>\nstream\n" + stream + b"\nendstream",
    ]
    out = b"%PDF-1.4\n"
    for number, one in enumerate(objects, start=1):
        out += str(number).encode() + b" 0 obj\n" + one + b"\nendobj\n"
    return out + b"trailer\n<</Root 1 0 R/Size 5>>\n%%EOF\n"


def refusal(content):
    with pytest.raises(verification.FileRefused) as refused:
        verification.verify_file(upload(content))
    return str(refused.value)


HOSTILE = {
    "text": b"hello",
    "html": b"<html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "cut off png": b"\x89PNG\r\n\x1a\n\0\0",
    "pdf in name only": b"%PDF-1.7 nothing",
    "noise": bytes(range(256)) * 40,
    "gif": b"GIF89a" + b"\0" * 40,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_pdf_and_no_picture_is_refused_in_words(name):
    assert refusal(HOSTILE[name]) == str(verification.WHY["not_readable"])


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (bomb_png, "too_many_pixels"),
        (lambda: pdf_of(b"", b"", pages=81), "too_many_pages"),
    ],
    ids=["picture of 3.6 thousand million pixels", "81 pages"],
)
def test_what_is_too_large_inside_is_refused_in_words(make, why):
    assert refusal(make()) == str(verification.WHY[why])


def test_a_bomb_in_a_pdf_hurts_only_the_process_that_reads_it():
    # Memory or time runs out there; this process lives and says so.
    assert refusal(bomb_pdf()) == str(verification.WHY["too_large_inside"])


def test_a_page_as_large_as_a_field_is_drawn_small():
    assert refusal(pdf_of(b"", b"", box=b"0 0 200000 200000")) == refusal(pdf_of(b"", b""))


def test_control_without_the_bound_the_picture_would_be_unpacked(monkeypatch):
    monkeypatch.setattr(code_reading, "MOST_PIXELS", 10**12)
    monkeypatch.setattr(Image.Image, "convert", lambda self, mode: pytest.fail("unpacked"))

    with pytest.raises(pytest.fail.Exception):
        code_reading.codes_in(bomb_png())


def test_a_page_without_a_code_says_what_helps():
    out = io.BytesIO()
    Image.new("L", (800, 800), 255).save(out, "PNG")

    assert refusal(out.getvalue()) == refusal(pdf_of(b"", b""))


@pytest.mark.parametrize("address", ["https://evil.example/", "javascript:alert(1)", "0123456789AB", "/verify/XYZ"])
def test_qr_codes_of_others_are_passed_over(address):
    out = io.BytesIO()
    segno.make(address, micro=False).save(out, kind="png", scale=8)

    assert code_reading.codes_in(out.getvalue()) == []


def test_the_sizes_are_bounded(settings):
    assert refusal(b"") != ""
    big = upload(b"")
    big.size = verification.MOST_BYTES + 1
    with pytest.raises(verification.FileRefused):
        verification.verify_file(big)
