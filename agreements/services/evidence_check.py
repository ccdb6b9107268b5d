"""Whether the stored files still are what was stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction

from agreements.models import Evidence, FrozenForm, Observation, Snapshot, StoredFile
from agreements.services.evidence import digest_of
from agreements.services.previews import FOLDER as PREVIEWS, folder_of

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDER = re.compile(r"[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of all files found: keys of rows and paths in the storage."""

    files: int = 0
    flipped: list[StoredFile] = field(default_factory=list)
    missing: list[StoredFile] = field(default_factory=list)
    # Rows that neither a result nor a signed content names any more.
    unused: list[StoredFile] = field(default_factory=list)
    # Files that no row names, and pictures of files that are gone.
    stray: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether every file that should be there is there, unchanged."""
        return not self.flipped and not self.missing


def check() -> Checked:
    """Read every stored file and compare it with its hash; find what is missing and what belongs to nothing."""
    flipped, missing, unused = [], [], []
    named, paths = _named(), set()
    rows = list(StoredFile.objects.order_by("pk"))
    for row in rows:
        paths.add(row.file.name)
        if not default_storage.exists(str(row.file.name)):
            missing.append(row)
        elif not _is_as_stored(row):
            flipped.append(row)
        if row.sha256 not in named:
            unused.append(row)
    stray = [path for path in _laid_down() if path not in paths]
    known = {row.sha256 for row in rows}
    stray += [path for path in _pictures() if path.split("/")[2] not in known]
    return Checked(len(rows), flipped, missing, unused, stray)


def _is_as_stored(row: StoredFile) -> bool:
    with default_storage.open(str(row.file.name)) as file:
        return digest_of(file) == row.sha256


def harmed_forms() -> Iterator[tuple[FrozenForm, bool]]:
    """Yield the frozen forms whose file is not what was stored, and whether there is a file at all."""
    for form in FrozenForm.objects.order_by("pk").iterator():
        if not default_storage.exists(form.path):
            yield form, False
            continue
        with default_storage.open(form.path) as file:
            digest = digest_of(file)
        if digest != form.sha256:
            yield form, True


def _named() -> set[str]:
    """Return the hashes that results, reports, and contents that were signed, name."""
    named = set(Evidence.objects.values_list("stored__sha256", flat=True))
    named.update(Observation.objects.filter(stored__isnull=False).values_list("stored__sha256", flat=True))
    for content in Snapshot.objects.order_by().values_list("content", flat=True).iterator():
        named.update(_DIGEST.findall(content))
    return named


def _laid_down() -> Iterator[str]:
    for name in _inside("")[0]:
        # Other folders of the storage (uploads, previews) are not evidence.
        if _FOLDER.fullmatch(name):
            yield from (f"{name}/{file}" for file in _inside(name)[1])


def _pictures() -> Iterator[str]:
    for first in _inside(PREVIEWS)[0]:
        for digest in _inside(f"{PREVIEWS}/{first}")[0]:
            yield from (f"{PREVIEWS}/{first}/{digest}/{file}" for file in _inside(f"{PREVIEWS}/{first}/{digest}")[1])


def _inside(folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return sorted(folders), sorted(files)


# --- Removing --------------------------------------------------------------------------------------------------------
def remove_orphans(found: Checked, *, grace: timedelta, at: datetime) -> list[str]:
    """Erase what `found` calls unused or stray and has lain for longer than `grace`; return the paths."""
    before = at - grace
    removed = [path for path in found.stray if _remove_stray(path, before)]
    removed += [str(row.file.name) for row in found.unused if _remove_unused(row, before)]
    return removed


def _remove_stray(path: str, before: datetime) -> bool:
    if not _is_older(path, before) or StoredFile.objects.filter(file=path).exists():
        return False
    default_storage.delete(path)
    return True


@transaction.atomic
def _remove_unused(row: StoredFile, before: datetime) -> bool:
    # Attaching locks this row as well: whoever comes second finds it gone, or used.
    held = StoredFile.objects.select_for_update().filter(pk=row.pk).first()
    if held is None or held.uses.exists():
        return False
    path = str(held.file.name)
    if default_storage.exists(path) and not _is_older(path, before):
        return False
    pictures = folder_of(held.sha256)
    held.delete()
    for name in _inside(pictures)[1]:
        default_storage.delete(f"{pictures}/{name}")
    default_storage.delete(path)
    return True


def _is_older(path: str, before: datetime) -> bool:
    return default_storage.get_modified_time(path) < before
