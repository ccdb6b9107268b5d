"""Static files as an installation serves them: under names with a hash, from one manifest."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NAMED = re.compile(r"""\{%\s*static\s+["']([^"']+)["']""")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    variables = {"KPI_SECRET_KEY": "s", "KPI_ALLOWED_HOSTS": "localhost", "KPI_DATA_DIR": str(data)}
    collected = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env={**variables, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (collected.returncode, collected.stderr) == (0, "")
    return json.loads((data / "static" / "staticfiles.json").read_text(encoding="utf-8"))["paths"]


def test_every_file_that_a_template_names_is_collected(manifest):
    named = {
        name
        for template in (ROOT / "templates").rglob("*.html")
        for name in NAMED.findall(template.read_text(encoding="utf-8"))
    }

    assert named - set(manifest) == set()


def test_the_page_for_a_server_fault_asks_nothing_that_could_fail_too():
    page = ROOT / "templates" / "500.html"
    if not page.exists():
        pytest.skip("Django's own plain page is used")

    assert re.findall(r"\{%\s*(?:extends|include|static|url|load \w*static)\b", page.read_text(encoding="utf-8")) == []
