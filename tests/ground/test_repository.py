"""What the repository holds, and what must never get into it."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TOP = {
    *("manage.py", "kpi_portal", "agreements", "scoring", "reports", "templates", "static", "fixtures", "tests"),
    *("docs", "benchmarks", "requirements", "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "LICENSE"),
    *(".ci", ".editorconfig", ".gitattributes", ".gitignore"),
}
BINARY = {".ttf", ".woff2", ".png", ".jpg", ".xlsx", ".pdf", ".docx"}


def tracked():
    """Return the repository's files: all that is not ignored, committed or not yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


FILES = tracked()
TEXTS = [path for path in FILES if path.suffix not in BINARY]


def places(pattern, paths, *, prepare=str):
    """Return where the pattern is found, as `file:line: match`."""
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found += [f"{path.relative_to(ROOT)}:{number}: {m.group()}" for m in re.finditer(pattern, prepare(line))]
    return found


# --- What may lie where


def test_only_the_known_entries_lie_at_the_top():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} - TOP == set()


def test_what_others_made_has_its_licence_beside_it():
    vendored = ROOT / "static" / "vendored"
    folders = {path.parent for path in FILES if vendored in path.parents} | {ROOT / "static" / "fonts"}

    without = [f for f in folders if not any(p.name.startswith(("LICENSE", "LICENCE", "OFL")) for p in f.iterdir())]

    assert vendored not in folders
    assert without == []


def test_whoever_has_the_scripts_may_start_them():
    scripts = [path for path in FILES if path.read_bytes()[:3] == b"#!/" and path.suffix != ".po"]

    assert [str(path.relative_to(ROOT)) for path in scripts if not path.stat().st_mode & 0o100] == []


# --- What must not be written anywhere

# In pieces, so that this file does not hold what it looks for.
REGISTRY = "|".join(
    [
        r"https?://[^\s\"'<>]*/(?:simple|packages)/",
        r'"resolved": *"http',
        r"registry *= *[\"']?http",
        "index" + "-url[ =]",
    ]
)
MACHINE_PATH = r"/(?:home/\w|root/|Users/\w)|[A-Z]:\\Users"
SECRET = r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:ghp|gho|glpat|xox[bp])[-_][0-9A-Za-z]{16,}|\bAKIA[0-9A-Z]{16}\b"
# Bangkok, the provinces, mobiles, each in the groups people write; and whatever follows the word.
TELEPHONE = (
    r"(?<![\w.,/+-])0(?:[ -]?2\d{3}[ -]?\d{4}|[3-7]\d[ -]?\d{3}[ -]?\d{3}|[689]\d?[ -]?\d{3,4}[ -]?\d{4})(?![\w.])"
    r"|(?:โทร|โทรศัพท์|โทรสาร)\.? ?0[\d -]{7,}"
)


def arabic(line):
    return line.translate(str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789"))


@pytest.mark.parametrize(
    ("pattern", "caught"),
    [
        (REGISTRY, "--index" + "-url=x"),
        (REGISTRY, "https" + "://mirror.example/simple/django/"),
        (MACHINE_PATH, "/" + "home/somchai/portal"),
        (SECRET, "AKIA" + "A" * 16),
        (TELEPHONE, "โทร. 0-9999" + "-1234"),
        (TELEPHONE, "09 9999" + " 1234"),
        (TELEPHONE, "039-999" + "999"),
        (TELEPHONE, arabic("๐ ๒๙๙๙ ๑๒๓" + "๔")),
    ],
)
def test_the_patterns_catch(pattern, caught):
    assert re.search(pattern, caught)


def test_no_registry_addresses():
    assert places(REGISTRY, [path for path in TEXTS if path != Path(__file__)]) == []


def test_no_paths_of_anyones_machine():
    assert places(f"{MACHINE_PATH}|{re.escape(str(ROOT))}/", TEXTS) == []


def test_no_secrets():
    assert places(SECRET, TEXTS) == []


def test_no_telephone_numbers():
    written = [p for p in TEXTS if p.parent.name != "requirements" and "vendored" not in p.parts and p.suffix != ".svg"]

    assert places(TELEPHONE, [path for path in written if path != Path(__file__)], prepare=arabic) == []


# --- Pages

TEMPLATES = [path for path in FILES if ROOT / "templates" in path.parents]
INLINE = r"(?i)<script(?![^>]*\ssrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:"
FOREIGN = r"(?:src|href|action)=[\"'](?:https?:)?//|url\([\"']?(?:https?:)?//|@import|https?://(?!www\.w3\.org)"


@pytest.mark.parametrize("caught", ["<script>", "<style>", '<p style="', '<a onclick="', "href='javascript:"])
def test_the_inline_pattern_catches(caught):
    assert re.search(INLINE, caught)


def test_the_inline_pattern_lets_files_pass():
    assert not re.search(INLINE, '<script src="x.js" defer></script><link rel="stylesheet"><p data-on="x">')


def test_no_inline_script_or_style():
    assert places(INLINE, TEMPLATES) == []


def test_pages_ask_nothing_of_other_hosts():
    own = [p for p in FILES if ROOT / "static" / "css" in p.parents or ROOT / "static" / "js" in p.parents]

    assert (
        places(FOREIGN, TEMPLATES) + places(r"url\([\"']?(?:https?:)?//|@import|https?://(?!www\.w3\.org)", own) == []
    )


# --- Requirements


@pytest.mark.parametrize("name", ["bootstrap", "runtime", "dev"])
def test_every_requirement_is_pinned_with_its_hash(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    requirements = text.replace("\\\n", "").splitlines()

    unpinned = [r for r in requirements if not re.match(r"[\w.\[\],-]+==\S+ (;.+?)?\s*--hash=sha256:[0-9a-f]{64}", r)]

    assert requirements != []
    assert unpinned == []
