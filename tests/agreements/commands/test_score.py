import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from agreements.exchange.documents import read_document
from agreements.models import Framework
from agreements.services import frameworks
from tests.factories import NOON

ROOT = Path(settings.BASE_DIR)
CHONBURI = ROOT / "fixtures" / "frameworks" / "chonburi-2556-1.yaml"

# framework-format.md, Results, as it stands there.
EXAMPLE = """\
holidays: [2013-04-08]             # dates that are not working days
results:
  "2":   {value: "50.25"}          # a typed value may replace any measure; the trace says so
  "4":   {variables: {reported: 88, total: 98}, submitted_on: 2013-03-22}
  "3":   {level: 3}
  "6":   {done: ["1", "2.1", "2.2", "2.3", "3.1", "3.4", "4", "5"], submitted_on: 2013-03-11}
  "7":   {done: ["1", "2", "3", "4", "5"], submitted_on: 2013-03-12, late_items: 2}
  "8.1": {base: 10, value: 90}
  "8.2": {cancelled: ไม่มีเรื่องค้าง}
  "9":   {not_reported: true}      # the same as leaving "9" out
competencies: [{name: การมุ่งผลสัมฤทธิ์, expected: 3, observed: 2}]
weights: {achievement: 70, competency: 30}
"""
SMALL = """\
framework:
  format: 1
  code: small
  title: กรอบเล็ก
  level: province
  fiscal_year: 2556
  total_weight: 100
  indicators:
    - code: "1"
      title: เดี่ยว
      unit: ร้อยละ
      weight: 100
      criteria: {kind: thresholds, levels: {1: 60, 2: 70, 3: 80, 4: 90, 5: 100}}
results:
  "1": {value: 83.7}
"""
TEMPLATES = """\
framework:
  format: 1
  code: dopa-templates
  title: แม่แบบ
  level: library
  fiscal_year: null
  indicators:
    - code: 2.3(21)
      title: จำนวนวันเฉลี่ย
      measure: {kind: mean}
      criteria: {kind: thresholds, levels: {1: 3, 3: 2, 5: 1}}
    - code: 2.3(31)
      title: ฐานข้อมูล
      criteria:
        kind: milestones
        steps:
          - {level: 1, title: ก}
          - {level: 2, title: ข}
          - {level: 3, title: ค}
          - {level: 4, title: ง}
          - {level: 5, title: จ}
        faults: [{code: data-errors, title: ข้อผิดพลาด, points: 0.5, at_step: 4, most: 1}]
    - code: 2.3(34)
      title: ทะเบียนมูลนิธิ
      measure:
        kind: checklist
        items:
          - {code: "1", title: ก, points: 30}
          - {code: "2", title: ข, points: 30}
          - {code: "3", title: ค, points: 25}
          - {code: "4", title: ง, points: 15}
        faults: [{code: late-day, title: ช้า, points: 5}, {code: refused, title: ไม่อนุญาต, points: 5, items: ["2"]}]
      criteria: {kind: thresholds, levels: {1: 80, 2: 85, 3: 90, 4: 95, 5: 100}}
results:
  "2.3(21)": {values: [1, 2, 1, 3]}
  "2.3(31)": {done: ["1", "2", "3", "4", "5"], faults: {data-errors: 1}}
  "2.3(34)": {occurrences: [{"1": {late-day: 1}, "2": {refused: 1}}, {}]}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def score(folder, capsys):
    """Return a function that scores a text: exit status, output and complaints."""

    def run(text, *options, name="results.yaml"):
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        status = 0
        try:
            call_command("score", name, *options)
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def documents(answer):
    status, out, err = answer
    assert (status, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def in_place(framework, rest):
    lines = framework.read_text(encoding="utf-8").splitlines()
    return "framework:\n" + "".join(f"  {line}\n" for line in lines) + rest


def publish(text, name="f.yaml"):
    imported = frameworks.import_framework(read_document(text, name=name), organisation=None, at=NOON, by=None)
    return frameworks.publish(imported.framework, at=NOON, by=None)


# --- What is printed -------------------------------------------------------------------------------------------------
def test_the_example_of_the_format(score):
    (found,) = documents(score(in_place(CHONBURI, EXAMPLE)))

    assert list(found) == [
        *("framework", "indicators", "weight_in_force", "total", "achievement", "competency", "final", "grade")
    ]
    assert {key: value for key, value in found.items() if key != "indicators"} == {
        "framework": "chonburi-2556-1",
        "weight_in_force": "90",
        "total": "1.8700",
        "achievement": "37.40",
        "competency": "66.67",
        "final": "46.18",
        "grade": "ต้องปรับปรุง",
    }
    shown = {one["code"]: (one["status"], one["value"], one["score"], one["weighted"]) for one in found["indicators"]}
    assert list(shown) == "1 1.1 1.2 1.3 1.4 2 3 4 5 6 7 8 8.1 8.2 9 10".split()
    assert shown["1"] == ("scored", None, "0.0000", "0.0000")
    assert shown["2"] == ("scored", "50.2500", "3.6250", "0.3625")
    assert shown["4"] == ("scored", "89.7959", "3.4796", "0.1740")
    assert shown["6"] == ("scored", None, "4.2500", "0.2125")
    assert shown["7"] == ("scored", None, "4.8400", "0.4840")
    assert shown["8"] == ("scored", None, "3.0000", "0.3000")
    assert shown["8.2"] == ("cancelled", None, None, None)
    assert shown["9"] == ("not_reported", None, "0.0000", "0.0000")


def test_an_indicator_has_its_keys_in_order_and_its_trace_in_thai(score):
    (found,) = documents(score(SMALL))

    assert found["indicators"] == [
        {
            "code": "1",
            "status": "scored",
            "value": "83.7000",
            "score": "3.3700",
            "weight": "100",
            "weighted": "3.3700",
            "trace": [
                {"rule": "measured_direct", "text": "ผลการดำเนินงาน: 83.7000"},
                {
                    "rule": "interpolation",
                    "text": "ระหว่างระดับ 3 (80) กับระดับ 4 (90): 3 + (83.7 − 80) ÷ (90 − 80) × 1 = 3.3700",
                },
                {"rule": "weighted", "text": "คะแนนถ่วงน้ำหนัก: 100 × 3.37 ÷ 100 = 3.3700"},
            ],
        }
    ]
    assert list(found["indicators"][0]) == ["code", "status", "value", "score", "weight", "weighted", "trace"]


def test_sentences_in_english_when_asked(score):
    with translation.override("th"):
        (found,) = documents(score(SMALL, "--language", "en"))

    assert found["indicators"][0]["trace"][2]["text"] == "Weighted score: 100 × 3.37 ÷ 100 = 3.3700."
    assert found["grade"] == "พอใช้"


def test_several_documents_are_scored_one_after_another_a_line_each(score):
    found = documents(score(f"{SMALL}---\n{TEMPLATES}---\n{SMALL.replace('83.7', '100')}"))

    assert [one["framework"] for one in found] == ["small", "dopa-templates", "small"]
    assert [one["total"] for one in found] == ["3.3700", None, "5.0000"]


def test_a_library_has_scores_and_no_total(score):
    (found,) = documents(score(TEMPLATES))

    assert [(one["code"], one["score"], one["weight"], one["weighted"]) for one in found["indicators"]] == [
        ("2.3(21)", "3.5000", None, None),
        ("2.3(31)", "4.5000", None, None),
        ("2.3(34)", "4.0000", None, None),
    ]
    assert [found[key] for key in ("total", "achievement", "competency", "final", "grade")] == [None] * 5


def test_json_as_yaml(score):
    document = {
        "framework": json.loads(json.dumps(read_document(SMALL, name="x.yaml")["framework"], default=str)),
        "results": {"1": {"value": 83.7}},
    }

    (found,) = documents(score(json.dumps(document, ensure_ascii=False), name="results.json"))

    assert found["total"] == "3.3700"


def test_the_frameworks_own_scale_and_grades(score):
    three = (ROOT / "tests" / "scoring" / "three_levels.yaml").read_text(encoding="utf-8")
    graded = three + "grades: [{from: 75, label: ผ่าน}, {from: 0, label: ไม่ผ่าน}]\ngrades_on: 100\n"
    rest = 'results:\n  "2": {value: "2.5"}\n  "5": {level: 100}\n'
    framework = "framework:\n" + "".join(f"  {line}\n" for line in graded.splitlines())

    (found,) = documents(score(framework + rest))

    assert (found["total"], found["achievement"], found["grade"]) == ("22.1875", "22.19", "ไม่ผ่าน")


def test_grades_on_the_highest_level(score):
    graded = SMALL.replace(
        "  total_weight", "  grades: [{from: 3.5, label: ดี}, {from: 0, label: พอใช้}]\n  grades_on: 5\n  total_weight"
    )

    assert [one["grade"] for one in documents(score(f"{graded}---\n{graded.replace('83.7', '85')}"))] == ["พอใช้", "ดี"]


# --- A table ---------------------------------------------------------------------------------------------------------
TABLE = """\
small กรอบเล็ก

Code  Status  Measured value   Score  Weight  Weighted score
----  ------  --------------  ------  ------  --------------
1     Scored         83.7000  3.3700     100          3.3700

Weight in force         100
Total                   3.3700
Achievement out of 100  67.40
Competency out of 100   –
Final score             –
Grade                   พอใช้

How it came about

1 เดี่ยว
  - Measured value: 83.7000.
  - Between level 3 (80) and level 4 (90): 3 + (83.7 − 80) ÷ (90 − 80) × 1 = 3.3700.
  - Weighted score: 100 × 3.37 ÷ 100 = 3.3700.

Altogether
  - Weight × score of all indicators in force: (100 × 3.37) ÷ 100 = 3.3700.
  - Achievement out of 100: 3.37 × 100 ÷ 5 = 67.40.
  - 67.40 is at least 60: พอใช้.
"""


def test_the_table_has_the_same_figures_and_sentences(score):
    status, out, err = score(
        f"{SMALL}competencies: [{{name: บริการที่ดี, expected: 3, observed: 2}}]\n", "--format", "text"
    )

    assert (status, err) == (0, "")
    (found,) = documents(score(None))
    lines = [line.strip(" -") for line in out.splitlines()]
    assert [line for line in lines if line in {taken["text"] for taken in found["indicators"][0]["trace"]}] == [
        taken["text"] for taken in found["indicators"][0]["trace"]
    ]
    for key in ("total", "achievement", "competency", "final", "grade"):
        assert any(line.endswith(found[key]) for line in lines)


def test_the_whole_table(score):
    assert score(SMALL, "--format", "text", "--language", "en") == (0, TABLE, "")


def test_columns_stand_below_each_other_in_thai(score):
    _status, out, _err = score(SMALL, "--format", "text")

    head, rule, row = out.splitlines()[2:5]
    columns = [sum(unicodedata.category(char) != "Mn" for char in line) for line in (head, rule, row)]
    assert columns == [len(rule)] * 3
    assert head.split("  ")[0] == "รหัส"


# --- Imported frameworks ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_code_means_its_latest_published_version(score):
    small = SMALL.partition("results:")[0].partition("framework:\n")[2]
    text = "\n".join(line[2:] for line in small.splitlines())
    publish(text)
    publish(text.replace("1: 60", "1: 50"))
    frameworks.import_framework(
        read_document(text.replace("1: 60", "1: 40"), name="f.yaml"), organisation=None, at=NOON, by=None
    )
    results = 'results: {"1": {value: 60}}\n'

    latest, first, second = documents(
        score("---\n".join(f"framework: {code}\n{results}" for code in ("small", "small@1", "small@2")))
    )

    assert Framework.objects.count() == 3
    assert [one["total"] for one in (latest, first, second)] == ["1.5000", "1.0000", "1.5000"]
    assert [one["framework"] for one in (latest, first, second)] == ["small"] * 3


@pytest.mark.django_db
def test_an_imported_framework_scores_as_the_file_does(score):
    publish(CHONBURI.read_text(encoding="utf-8"))

    imported = score("framework: chonburi-2556-1\n" + EXAMPLE)

    assert imported == score(in_place(CHONBURI, EXAMPLE))


@pytest.mark.django_db
def test_an_unknown_code_is_refused_with_the_nearest(score):
    publish(CHONBURI.read_text(encoding="utf-8"))

    answer = score("framework: chonburi-2556\nresults: {}\n", "--language", "en")

    assert answer == (
        1,
        "",
        "results.yaml: framework: There is no framework “chonburi-2556”. Did you mean: chonburi-2556-1@1?\n",
    )


# --- Without a database ----------------------------------------------------------------------------------------------
def run_alone(folder, *arguments, **settings_of):
    """Run manage.py in a process of its own, in which there is no database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "DJANGO_"))}
    environment |= {"KPI_SECRET_KEY": "x", "KPI_ALLOWED_HOSTS": "localhost", "KPI_DATA_DIR": str(folder / "none")}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment | settings_of,
        cwd=folder,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    "database", [{}, {"KPI_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}], ids=["no file", "nobody answers"]
)
def test_a_framework_in_place_asks_no_database(folder, database):
    (folder / "results.yaml").write_text(SMALL, encoding="utf-8")

    done = run_alone(folder, "score", "results.yaml", **database)

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["total"] == "3.3700"


def test_a_code_without_a_database_is_one_line(folder):
    (folder / "results.yaml").write_text("framework: small\n", encoding="utf-8")

    done = run_alone(folder, "score", "results.yaml", "--language", "en")

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == (
        "results.yaml: framework: Imported frameworks cannot be asked for: unable to open database file\n"
    )


def test_thai_is_written_on_a_terminal_that_knows_none(folder):
    (folder / "results.yaml").write_text(SMALL, encoding="utf-8")

    done = run_alone(
        folder, "score", "results.yaml", "--format", "text", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C"
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("small กรอบเล็ก\n")


# --- Faults ----------------------------------------------------------------------------------------------------------
def test_every_fault_of_every_document_is_a_line_with_its_place_and_what_is_allowed(score):
    wrong = SMALL.replace("83.7", "many").replace("levels", "levells")
    late = SMALL + "holidays: [2556-04-08]\nweight: {}\n"

    answer = score(f"{SMALL}---\n{wrong}---\n{late}", "--language", "en")

    assert answer == (
        1,
        "",
        (
            "results.yaml: document 2: framework.indicators[0].criteria.levells: There is no such entry. "
            "Allowed here: kind, levels, labels, between, below_level_1.\n"
            "results.yaml: document 2: framework.indicators[0].criteria.levels: This is missing and has to be given.\n"
            "results.yaml: document 3: weight: There is no such entry. "
            "Allowed here: framework, holidays, results, competencies, weights.\n"
            "results.yaml: document 3: holidays[0]: The year of 2556-04-08 is outside 1900–2300.\n"
        ),
    )


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ("{vale: 1}", "results.1.vale: ไม่มีรายการชื่อนี้ ที่ใช้ได้: value, "),
        ("{value: many}", "results.1.value: "),
        ("{level: 3}", "results.1.level: "),
        ("{value: 1, submitted_on: 20/3/2556}", "results.1.submitted_on: "),
        ("{done: [7]}", "results.1.done: "),
        ("{value: 1, value: 2}", "บรรทัดที่ 15, results.1.value: "),
        ("[1", "บรรทัดที่ "),
    ],
)
def test_a_fault_of_a_result_says_its_place_in_thai(score, wrong, line):
    status, out, err = score(SMALL.replace("{value: 83.7}", wrong))

    assert (status, out) == (1, "")
    assert all(one.startswith("results.yaml: ") for one in err.splitlines())
    assert err.startswith(f"results.yaml: {line}")


@pytest.mark.parametrize(
    ("text", "name", "complaint"),
    [
        (None, "missing.yaml", "missing.yaml: The file cannot be read: No such file or directory.\n"),
        (None, ".", ".: The file cannot be read: Is a directory.\n"),
        (None, "a\0b.yaml", "a\0b.yaml: The file cannot be read: embedded null byte.\n"),
        ("", "r.yaml", "r.yaml: The file is empty.\n"),
        ("x: 1", "r.txt", "r.txt: The name of the file ends in “.txt”; allowed: .yaml, .yml, .json.\n"),
        (SMALL.encode("utf-16"), "r.yaml", "r.yaml: Line 1: The file is in UTF-16 (“Unicode”). Save it as UTF-8.\n"),
        (
            "title: กรอบเล็ก".encode("tis-620"),
            "r.yaml",
            "r.yaml: Line 1: The file is not in UTF-8; it looks like TIS-620 (Windows-874). Save it as UTF-8.\n",
        ),
        (b"\x89PNG\r\n\x1a\n", "r.yaml", "r.yaml: Line 1: The file is not in UTF-8. Save it as UTF-8.\n"),
        ("- 1\n", "r.yaml", "r.yaml: Line 1: A document is a mapping of keys and values, such as “format: 1”.\n"),
        (
            "results: {}\n",
            "r.yaml",
            "r.yaml: framework: Give the code of an imported framework, or a whole framework in its place.\n",
        ),
        (
            "framework: []\n",
            "r.yaml",
            "r.yaml: framework: Give the code of an imported framework, or a whole framework in its place.\n",
        ),
    ],
)
def test_a_file_that_cannot_be_scored(score, text, name, complaint):
    assert score(text, "--language", "en", name=name) == (1, "", complaint)


def test_nothing_to_measure_offers_cancelling(score):
    text = SMALL.replace(
        "      weight: 100",
        "      weight: 100\n      measure: {kind: formula, expression: a / b * 100, variables: {a: {}, b: {}}}",
    ).replace("{value: 83.7}", "{variables: {a: 1, b: 0}}")

    assert score(text, "--language", "en") == (
        1,
        "",
        (
            "results.yaml: results.1.variables: There is nothing to measure: 1 ÷ 0 × 100 divides by 0. "
            "Cancel the indicator with a reason instead.\n"
        ),
    )


@pytest.mark.parametrize("options", [("--format", "xml"), ("--language", "fr")])
def test_other_options_are_refused(score, options):
    with pytest.raises(CommandError, match="invalid choice"):
        score(SMALL, *options)
