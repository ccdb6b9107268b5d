"""Workbooks that LibreOffice opened and saved again: offices use it beside Excel, and it writes files its own way."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from openpyxl import load_workbook

from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.exchange.workbook.reading import read_workbook
from agreements.exchange.workbook.writing import write_workbook

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))
NAMES = [path.stem for path in FIXTURES]

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not installed here (apt-get install libreoffice-calc)",
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return the folder of the workbooks as written, and that of LibreOffice's."""
    ours, theirs = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    for path in FIXTURES:
        (ours / f"{path.stem}.xlsx").write_bytes(write_workbook(_document(path)))
    profile = tmp_path_factory.mktemp("profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*command, theirs, *sorted(ours.iterdir())], check=True, capture_output=True, timeout=180)
    return ours, theirs


def _document(path):
    return canonical(read_document(path.read_bytes(), name=path.name))


@pytest.mark.parametrize("path", FIXTURES, ids=NAMES)
def test_saved_again_it_says_the_same(folders, path):
    _ours, theirs = folders
    saved = theirs / f"{path.stem}.xlsx"

    gathered = read_workbook(saved.read_bytes(), name=saved.name)

    assert canonical(gathered.document) == _document(path)


@pytest.mark.parametrize("name", NAMES)
def test_lists_and_locked_keys_are_still_there(folders, name):
    ours, theirs = (load_workbook(folder / f"{name}.xlsx") for folder in folders)

    assert _guarded(theirs) == _guarded(ours)
    assert any(lists for _name, _protected, lists, _locked in _guarded(ours))


def _guarded(book):
    """Return for each sheet whether it is protected, what its drop-down lists offer where, and its locked cells."""
    return [
        (
            sheet.title,
            sheet.protection.sheet,
            {
                (str(one.sqref), one.formula1.replace("'", ""))
                for one in sheet.data_validations.dataValidation
                if one.type == "list"
            },
            # A blank locked cell may be left out of the file.
            {
                cell.coordinate
                for row in sheet
                for cell in row
                if cell.protection.locked and cell.value is not None and cell.value != ""
            },
        )
        for sheet in book
    ]
