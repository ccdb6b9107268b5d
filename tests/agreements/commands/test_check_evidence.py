import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from agreements.models import Evidence, State, StoredFile
from agreements.services import evidence, evidence_check, previews
from tests import files
from tests.factories import NOON
from tests.guards import lifted
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def attach(place, content, name="หลักฐาน.txt"):
    item = place.version.items.get()
    return evidence.attach(place.version, item, SimpleUploadedFile(name, content), note="", by=place.assessee, at=NOON)


def run(*arguments):
    """Return what the command printed and its exit status."""
    out = io.StringIO()
    try:
        call_command("check_evidence", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue().splitlines(), end.code
    return out.getvalue().splitlines(), 0


def path_of(file, tmp_path):
    return tmp_path / file.stored.file.name


def age(path, *, days):
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_sound_files_are_counted_and_nothing_is_said_of_them(place):
    attach(place, b"1")
    attach(place, b"2")

    assert run() == (["2 files checked: 0 changed, 0 missing, 0 orphaned."], 0)


def test_one_flipped_bit_is_found(place, tmp_path):
    kept = attach(place, b"1" * 5000)
    content = bytearray(path_of(kept, tmp_path).read_bytes())
    content[3000] ^= 1
    path_of(kept, tmp_path).write_bytes(content)

    assert run() == (
        [
            (
                f"CHANGED  {kept.stored.file.name}: the content is not what was stored. "
                f"Agreement {place.agreement.pk}: “หลักฐาน.txt”."
            ),
            "1 files checked: 1 changed, 0 missing, 0 orphaned.",
        ],
        1,
    )


def test_control_without_the_hash_the_flipped_bit_would_pass(place, tmp_path, monkeypatch):
    kept = attach(place, b"1" * 5000)
    path_of(kept, tmp_path).write_bytes(b"2" * 5000)
    monkeypatch.setattr(evidence_check, "digest_of", lambda file: kept.stored.sha256)

    assert run() == (["1 files checked: 0 changed, 0 missing, 0 orphaned."], 0)


def test_a_missing_file_is_found(place, tmp_path):
    kept = attach(place, b"1")
    path_of(kept, tmp_path).unlink()

    assert run() == (
        [
            f"MISSING  {kept.stored.file.name}: there is no such file. Agreement {place.agreement.pk}: “หลักฐาน.txt”.",
            "1 files checked: 0 changed, 1 missing, 0 orphaned.",
        ],
        1,
    )


def test_what_nothing_names_is_found_and_uploads_and_previews_are_not_meant(place, tmp_path):
    kept = attach(place, files.picture(), "ภาพ.png")
    previews.picture_of(kept.stored, 1)
    taken_off = attach(place, b"2")
    evidence.detach(taken_off, place.version, by=place.assessee, at=NOON)
    for name in ("ab/stray", "uploads/1/framework.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"?")

    assert run() == (
        [
            f"ORPHAN   {taken_off.stored.file.name}: no result and no signed content names it.",
            "ORPHAN   ab/stray: the database does not know this file.",
            "2 files checked: 0 changed, 0 missing, 2 orphaned.",
        ],
        0,
    )


def test_orphans_are_erased_once_they_are_old_enough(place, tmp_path):
    kept, taken_off, fresh = (attach(place, content) for content in (b"1", b"2", b"3"))
    for file in (taken_off, fresh):
        evidence.detach(file, place.version, by=place.assessee, at=NOON)
    stray = tmp_path / "ab" / "stray"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"?")
    for path in (path_of(kept, tmp_path), path_of(taken_off, tmp_path), stray):
        age(path, days=31)

    said, status = run("--remove-orphans")

    assert ([line for line in said if line.startswith("REMOVED")], status) == (
        ["REMOVED  ab/stray", f"REMOVED  {taken_off.stored.file.name}"], 0,
    )  # fmt: skip
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {kept.stored_id, fresh.stored_id}
    assert (path_of(kept, tmp_path).exists(), path_of(taken_off, tmp_path).exists()) == (True, False)
    assert path_of(fresh, tmp_path).exists()


def test_the_pictures_of_an_erased_file_go_with_it(place, tmp_path):
    kept = attach(place, files.picture(), "ภาพ.png")
    previews.picture_of(kept.stored, 1)
    evidence.detach(kept, place.version, by=place.assessee, at=NOON)

    run("--remove-orphans", "--grace-days=0")

    assert [path for path in Path(tmp_path).rglob("*") if path.is_file()] == []


def test_what_was_signed_keeps_its_content(place, tmp_path):
    kept = attach(place, b"1")
    bring_to(place, State.ASSESSED)
    with lifted():
        Evidence.objects.all().delete()

    assert run("--remove-orphans", "--grace-days=0") == (["1 files checked: 0 changed, 0 missing, 0 orphaned."], 0)
    assert path_of(kept, tmp_path).exists()


def test_control_without_the_signed_contents_it_would_be_erased(place, tmp_path, monkeypatch):
    kept = attach(place, b"1")
    bring_to(place, State.ASSESSED)
    with lifted():
        Evidence.objects.all().delete()
    monkeypatch.setattr(evidence_check, "_named", set)

    run("--remove-orphans", "--grace-days=0")

    assert not path_of(kept, tmp_path).exists()


def test_what_is_attached_again_meanwhile_is_not_erased(place, tmp_path):
    kept = attach(place, b"1")
    evidence.detach(kept, place.version, by=place.assessee, at=NOON)
    found = evidence_check.check()
    attach(place, b"1")

    removed = evidence_check.remove_orphans(found, grace=timedelta(0), at=timezone.now())

    assert (removed, path_of(kept, tmp_path).exists()) == ([], True)
