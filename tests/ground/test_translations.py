"""Every text is there in Thai. English is what the code says."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
WITH_TEXTS = ("scoring", "agreements", "reports", "kpi_portal", "templates")
CATALOGUE = Path("kpi_portal", "locale", "th", "LC_MESSAGES", "django.po")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Return the Thai catalogue as `make messages` would write it now, from a copy of the texts."""
    copy = tmp_path_factory.mktemp("texts")
    for name in WITH_TEXTS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    subprocess.run([ROOT / "tests" / "ground" / "collect-messages"], cwd=copy, check=True, timeout=120)
    return copy / CATALOGUE


def texts(catalogue, *kind):
    """Return the English texts of this kind, as msgattrib picks them."""
    picked = subprocess.run(
        ["msgattrib", *kind, "--no-wrap", catalogue], capture_output=True, text=True, check=True, timeout=60
    )
    return [
        line.removeprefix("msgid ").strip('"')
        for line in picked.stdout.splitlines()
        if line.startswith("msgid ") and line != 'msgid ""'
    ]


def test_every_text_is_translated(collected):
    assert texts(collected, "--untranslated") == []


def test_no_translation_is_a_guess(collected):
    assert texts(collected, "--only-fuzzy") == []


def test_the_catalogue_is_as_collected(collected):
    assert (ROOT / CATALOGUE).read_text(encoding="utf-8") == collected.read_text(encoding="utf-8")
