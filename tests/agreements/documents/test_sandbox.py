import io
import json
import subprocess
import sys
import time
from datetime import date

import pytest
from PIL import Image

from agreements.documents import sandbox
from tests import files

LIMITS = sandbox.Limits(pixels=1_000_000)
TAKEN_ON = date(2013, 1, 2)
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"


def examined(content, content_type, limits=LIMITS):
    return sandbox.examine(io.BytesIO(content), content_type, limits=limits)


def drawn(content, content_type, page=1, limits=LIMITS):
    return Image.open(io.BytesIO(sandbox.draw(io.BytesIO(content), content_type, page, limits=limits)))


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (files.pdf("one", "two"), PDF, sandbox.Findings(pages=2, dated_on=date(2012, 12, 1))),
        (files.pdf("one", created=""), PDF, sandbox.Findings(pages=1)),
        (files.picture("JPEG", taken="2013:01:02 03:04:05"), JPEG, sandbox.Findings(pages=1, dated_on=TAKEN_ON)),
        (files.picture("JPEG", taken="0000:00:00 00:00:00"), JPEG, sandbox.Findings(pages=1)),
        (files.locked_pdf(), PDF, sandbox.Findings(flaw="locked")),
        (b"%PDF-1.4 and nothing", PDF, sandbox.Findings(flaw="damaged")),
        (files.picture()[:60], PNG, sandbox.Findings(flaw="damaged")),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, PNG, sandbox.Findings(flaw="damaged")),
        (files.picture(size=(1001, 1000), mode="1", colour=0), PNG, sandbox.Findings(flaw="bomb")),
        (files.picture(size=(1000, 1000), mode="1", colour=0), PNG, sandbox.Findings(pages=1)),
    ],
    ids=["pdf", "no-date", "camera", "no-clock", "locked", "no-pdf", "cut", "no-png", "too-many-pixels", "just-fits"],
)  # fmt: skip
def test_what_is_in_a_file(content, content_type, expected):
    assert examined(content, content_type) == expected


def test_a_page_is_drawn_as_a_picture_of_ours():
    page = drawn(files.pdf("one", "two"), PDF, 2)

    assert (page.format, max(page.size)) == ("WEBP", 2000)


def test_a_photograph_is_turned_upright_and_says_no_more_where_it_was_taken():
    sent = files.picture("JPEG", size=(40, 20), orientation=6, taken="2013:01:02 03:04:05")

    shown = drawn(sent, JPEG)

    assert (shown.size, dict(shown.getexif()), "exif" in shown.info) == ((20, 40), {}, False)
    assert dict(Image.open(io.BytesIO(sent)).getexif()) != {}


def test_what_is_transparent_is_drawn_on_white():
    shown = drawn(files.picture(mode="RGBA", colour=(0, 0, 0, 0)), PNG)

    assert shown.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"%PDF-1.4 and nothing", PDF), (files.picture()[:60], PNG), (files.locked_pdf(), PDF), (b"", JPEG)],
    ids=["no-pdf", "cut", "locked", "empty"],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_else_happens(content, content_type):
    with pytest.raises(sandbox.CannotDraw):
        drawn(content, content_type)


# --- Limits ----------------------------------------------------------------------------------------------------------
def test_a_page_that_takes_too_long_is_given_up():
    limits = sandbox.Limits(pixels=10**6, seconds=1)

    started = time.monotonic()
    with pytest.raises(sandbox.CannotDraw):
        drawn(files.slow_pdf(), PDF, limits=limits)

    assert time.monotonic() - started < 12


def test_control_the_same_page_would_go_on_and_on(tmp_path):
    path = tmp_path / "slow.pdf"
    path.write_bytes(files.slow_pdf())

    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(["pdftoppm", "-png", path, tmp_path / "page"], timeout=4, check=False, capture_output=True)


def test_a_picture_that_takes_too_much_memory_is_given_up():
    content = files.picture(size=(12_000, 12_000), mode="1", colour=0)

    tight = sandbox.Limits(pixels=10**9, memory=300 * 1024 * 1024)
    with pytest.raises(sandbox.CannotDraw, match="bomb"):
        drawn(content, PNG, limits=tight)


def test_control_with_memory_enough_it_is_drawn():
    content = files.picture(size=(12_000, 12_000), mode="1", colour=0)

    assert max(drawn(content, PNG, limits=sandbox.Limits(pixels=10**9)).size) == 2000


def test_the_worker_knows_nothing_of_the_portal(tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(files.picture())
    limits = json.dumps({"pixels": 10**6, "memory": 2**30, "seconds": 5, "written": 2**20})

    done = subprocess.run(
        [sys.executable, "-I", sandbox.WORKER, limits, "examine", PNG, path], capture_output=True, check=True, env={}
    )

    assert json.loads(done.stdout) == {"pages": 1, "dated": None}
