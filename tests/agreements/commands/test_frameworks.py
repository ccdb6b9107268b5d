import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.explain import explain_fault
from agreements.models import Framework
from agreements.services.framework_files import check_file
from agreements.services.frameworks import framework_document
from scoring import fault
from tests.agreements.exchange.workbook.making import DOCUMENT, cell_of, workbook
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db

CHONBURI = Path(settings.BASE_DIR, "fixtures", "frameworks", "chonburi-2556-1.yaml")
SMALL = """\
format: 1
code: small
title: กรอบเล็ก
level: province
fiscal_year: 2556
indicators:
  - code: "1"
    title: เดี่ยว
    criteria: {kind: thresholds, levels: {1: 60, 5: 100}}
"""
REMARK = "This was a trial: nothing has changed.\n"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Return a function that runs a command: its exit status, its output and its complaints."""

    def run_command(*arguments):
        status = 0
        try:
            call_command(*arguments)
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_command


# --- import_framework ------------------------------------------------------------------------------------------------
def test_the_shipped_framework_is_imported_and_published(run):
    OrganisationFactory(code="cbi")

    answer = run("import_framework", str(CHONBURI), "--organisation", "cbi", "--publish")

    count = 16
    status, out, err = answer
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"{CHONBURI}: chonburi-2556-1 was created as a draft (indicators: {count}).",
        f"{CHONBURI}: Published as chonburi-2556-1@1.",
    ]
    framework = Framework.objects.get()
    assert (framework.reference, framework.organisation.code) == ("chonburi-2556-1@1", "cbi")
    assert framework.indicators.count() == count


def test_what_importing_says(run, folder):
    (folder / "small.yaml").write_text(SMALL)
    changed = folder / "changed.yaml"
    changed.write_text(SMALL.replace("กรอบเล็ก", "สอง"))

    said = [
        run("import_framework", "small.yaml"),
        run("import_framework", "small.yaml"),
        run("import_framework", "changed.yaml"),
        run("import_framework", "changed.yaml", "--publish"),
        run("import_framework", "changed.yaml", "--publish"),
        run("import_framework", "small.yaml"),
    ]

    assert said == [
        (0, "small.yaml: small was created as a draft (indicators: 1).\n", ""),
        (0, "small.yaml: small is unchanged.\n", ""),
        (0, "changed.yaml: The draft of small was updated (indicators: 1).\n", ""),
        (0, "changed.yaml: small is unchanged.\nchanged.yaml: Published as small@1.\n", ""),
        (0, "changed.yaml: small@1 is unchanged.\n", ""),
        (0, "small.yaml: The next draft of small was made (indicators: 1).\n", ""),
    ]


def test_a_trial_changes_nothing(run, folder):
    (folder / "small.yaml").write_text(SMALL)

    answer = run("import_framework", "small.yaml", "--publish", "--dry-run")

    assert answer == (
        0,
        "small.yaml: small was created as a draft (indicators: 1).\nsmall.yaml: Published as small@1.\n" + REMARK,
        "",
    )
    assert not Framework.objects.exists()


def test_faults_of_all_files_stand_a_line_each_and_nothing_is_imported(run, folder):
    (folder / "good.yaml").write_text(SMALL)
    (folder / "twice.yaml").write_text(SMALL.replace("title: กรอบเล็ก", "title: ก\ncode: other"))
    (folder / "wrong.yaml").write_text(SMALL.replace("levels", "levells").replace('"1"', "1.10"))
    (folder / "thai.json").write_bytes('{"code": "กรอบ"}'.encode("tis-620"))

    status, out, err = run("import_framework", "good.yaml", "twice.yaml", "wrong.yaml", "missing.yaml", "thai.json")

    allowed = "kind, levels, labels, between, below_level_1"
    wrong = [
        fault("unknown_key", "indicators[0].criteria.levells", allowed=allowed),
        fault("missing", "indicators[0].criteria.levels"),
        fault("code_not_text", "indicators[0].code", given="1.10"),
    ]
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "twice.yaml: Line 4, code: The key “code” stands here twice, first in line 2.",
        *(f"wrong.yaml: {explain_fault(found)}" for found in wrong),
        "missing.yaml: The file cannot be read: No such file or directory.",
        "thai.json: Line 1: The file is not in UTF-8; it looks like TIS-620 (Windows-874). Save it as UTF-8.",
    ]
    assert not Framework.objects.exists()
    # The control: the good file alone goes in.
    assert run("import_framework", "good.yaml")[0] == 0
    assert Framework.objects.count() == 1


def test_a_workbook_is_refused_in_the_words_of_the_page(run, folder):
    def spoil(book):
        cell_of(book["ตัวชี้วัด"], "001", "น้ำหนัก").value = "=40"

    content = workbook(edit=spoil)
    (folder / "wrong.xlsx").write_bytes(content)
    (folder / "good.xlsx").write_bytes(workbook())

    status, out, err = run("import_framework", "good.xlsx", "wrong.xlsx")

    said = check_file(content, name="wrong.xlsx").fault_lines
    assert (status, out, err.splitlines()) == (1, "", [f"wrong.xlsx: {line}" for line in said])
    assert said == [
        "sheet “ตัวชี้วัด”, cell F2: A formula stands here. Copy the cell and paste it as a value (Paste Special > Values)."
    ]
    assert not Framework.objects.exists()
    # The control: the good file alone goes in.
    assert run("import_framework", "good.xlsx")[0] == 0
    assert framework_document(Framework.objects.get()) == DOCUMENT


def test_two_files_of_one_code_are_refused(run, folder):
    (folder / "a.yaml").write_text(SMALL)
    (folder / "b.yaml").write_text(SMALL)

    assert run("import_framework", "a.yaml", "b.yaml", "a.yaml") == (
        1,
        "",
        "b.yaml: code: The code “small” is that of a.yaml as well.\n",
    )
    assert not Framework.objects.exists()


def test_the_code_of_another_organisation_is_refused_with_all_files(run, folder):
    OrganisationFactory(code="cbi", name="สถจ.ชลบุรี")
    OrganisationFactory(code="nbi")
    (folder / "a.yaml").write_text(SMALL.replace("small", "a"))
    (folder / "small.yaml").write_text(SMALL)
    run("import_framework", "small.yaml", "--organisation", "cbi")

    answer = run("import_framework", "a.yaml", "small.yaml", "--organisation", "nbi")

    assert answer == (1, "", "small.yaml: The framework “small” belongs to สถจ.ชลบุรี (cbi).\n")
    assert Framework.objects.get().code == "small"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("chonbury", "There is no organisation “chonbury”. Did you mean: chonburi?\n"),
        ("zzz", "There is no organisation “zzz”.\n"),
    ],
)
def test_unknown_organisations(run, folder, code, line):
    OrganisationFactory(code="chonburi")
    (folder / "small.yaml").write_text(SMALL)

    assert run("import_framework", "small.yaml", "--organisation", code) == (1, "", line)


def test_what_looks_like_a_slip_is_imported_and_told(run, folder):
    (folder / "small.yaml").write_text(
        SMALL.replace("{1: 60, 5: 100}", "{1: 1, 2: 2, 3: 3, 4: 4, 5: 5}") + "    unit: ร้อยละ\n"
    )

    status, out, err = run("import_framework", "small.yaml")

    assert (status, out) == (0, "small.yaml: small was created as a draft (indicators: 1).\n")
    warning = explain_fault(fault("percent_on_levels", "indicators[0].criteria.levels", thresholds="1, 2, 3, 4, 5"))
    assert err == f"small.yaml: Imported, but look again: {warning}\n"


def test_a_fault_that_quotes_several_lines_stays_on_one(run, folder):
    (folder / "small.yaml").write_text(SMALL.replace("level: province", 'level: "a\\nb"'))

    status, out, err = run("import_framework", "small.yaml")

    assert (status, out, len(err.splitlines())) == (1, "", 1)


# --- export_framework ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("format_", ["yaml", "json", "xlsx"])
def test_export_then_import_changes_nothing(run, folder, format_):
    run("import_framework", str(CHONBURI), "--publish")

    exported = run("export_framework", "chonburi-2556-1", "--format", format_, "--output", f"out.{format_}")
    again = run("import_framework", f"out.{format_}")

    assert exported == (0, "", "")
    assert again == (0, f"out.{format_}: chonburi-2556-1@1 is unchanged.\n", "")


def test_export_prints_the_version_asked_for(run, folder):
    for title in ["หนึ่ง", "สอง"]:
        (folder / "small.yaml").write_text(SMALL.replace("กรอบเล็ก", title))
        run("import_framework", "small.yaml", "--publish")
    (folder / "small.yaml").write_text(SMALL)
    run("import_framework", "small.yaml")

    titles = {
        code: json.loads(run("export_framework", code, "--format", "json")[1])["title"]
        for code in ["small", "small@1", "small@2"]
    }

    assert titles == {"small": "สอง", "small@1": "หนึ่ง", "small@2": "สอง"}


def test_export_of_a_draft_that_has_no_version_yet(run, folder):
    (folder / "small.yaml").write_text(SMALL)
    run("import_framework", "small.yaml")

    status, out, err = run("export_framework", "small")

    assert (status, err) == (0, "")
    assert canonical(read_document(out, name="out.yaml")) == canonical(read_document(SMALL, name="small.yaml"))


def test_export_of_what_is_not_there(run, folder):
    (folder / "small.yaml").write_text(SMALL)
    run("import_framework", "small.yaml", "--publish")

    assert run("export_framework", "smal") == (1, "", "There is no framework “smal”. Did you mean: small@1?\n")
    assert run("export_framework", "small@7") == (1, "", "There is no framework “small@7”. Did you mean: small@1?\n")


def test_export_to_where_nothing_can_be_written(run, folder):
    (folder / "small.yaml").write_text(SMALL)
    run("import_framework", "small.yaml")

    assert run("export_framework", "small", "--output", "none/out.yaml") == (
        1,
        "",
        "none/out.yaml cannot be written: No such file or directory.\n",
    )


def test_export_in_an_unknown_format():
    with pytest.raises(CommandError, match="invalid choice: 'xml'"):
        call_command("export_framework", "small", "--format", "xml")
