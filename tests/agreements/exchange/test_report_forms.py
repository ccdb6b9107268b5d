from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from agreements.exchange import report_forms
from agreements.exchange.documents import read_document

SHIPPED = sorted(Path(settings.BASE_DIR, "fixtures", "report_forms").glob("*.yaml"))
FIGURES = Path(settings.BASE_DIR, "fixtures", "report_forms", "centres-monthly.yaml")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def read(path):
    return read_document(path.read_bytes(), name=path.name)


def form(**changes):
    return read(FIGURES) | changes


def table(**changes):
    return form(tables=[read(FIGURES)["tables"][0] | changes])


def test_the_shipped_forms_are_these():
    assert [path.stem for path in SHIPPED] == [
        "centres-monthly", "chonburi-2556-3", "chonburi-2556-4", "chonburi-2556-5", "chonburi-2556-6",
        "chonburi-2556-7", "dla-2554-monthly",
    ]  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_shipped_forms_have_no_fault_and_the_code_of_their_file(path):
    document = read(path)

    assert report_forms.faults(document) == []
    assert document["code"] == path.stem


def test_the_shipped_forms_have_the_rows_of_their_sources():
    centres, monthly = read(FIGURES), read(SHIPPED[-1])

    assert len(centres["tables"][0]["rows"]["titles"]) == 11
    assert len(monthly["tables"][0]["rows"]["titles"]) == 17


HEAD = "A code is of small letters, digits, - and _, and begins with a letter."


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], ["The file does not hold a report form."]),
        (form(code="ก"), [f"code: {HEAD}"]),
        (form(title=" "), ["title: The name is missing."]),
        (form(title="ก" * 501), ["title: The name is longer than 500 characters."]),
        (form(extra=1), ["“extra” is not known here."]),
        (form(period="year"), ["period: Give one of: month, quarter, round, event."]),
        (form(due=None), ["due: Say by which day it is due."]),
        (form(period="event", due="15"), ["due: Say by which day it is due."]),
        (form(period="event", due=None), []),
        (form(code=["a"]), [f"code: {HEAD}"]),
        (table(columns=[{"code": ["a"], "title": "ก", "type": "count"}], totals=[], checks=[], ratios=[]),
         [f"tables[1].columns[1].code: {HEAD}"]),
        (form(due={"day": 32}), ["due.day: This is no day of a month."]),
        (form(due={"day": 15, "months_after": True}), ["due.months_after: Give a whole number from 0 to 12."]),
        (form(due={}), ["due: Give either the day of the month or a date."]),
        (form(due={"date": "2556-13-01"}), ["due: This is no date."]),
        (form(due={"date": "2013-03-20", "closes": "2013-03-19"}), ["due.closes: It cannot close before it is due."]),
        (form(certified_by="anybody"), ["certified_by: Give one of: head."]),
        (form(tables=[]), ["tables: Give at least one."]),
        (form(tables=["ก"]), ["tables[1]: A table needs a code, a name, rows and columns."]),
        (table(rows={"kind": "free", "titles": ["ก"]}),
         ["tables[1].rows.titles: Fixed rows have names, other rows have none."]),
        (table(rows={"kind": "fixed", "titles": ["ก", "ก"]}), ["tables[1].rows.titles: Two rows have the same name."]),
        (table(rows={"kind": "fixed", "titles": ["ก", 1]}), ["tables[1].rows.titles: Every row needs a name."]),
        (table(totals=["problems"]), ["tables[1].totals: “problems” is no column of figures in this table."]),
        (table(checks=[{"add": ["established", "gone"], "gives": "all"}]),
         ["tables[1].checks[1].add: “gone” is no column of figures in this table."]),
        (table(checks=[{"add": ["established"], "gives": "gone"}]),
         ["tables[1].checks[1].gives: “gone” is no column of figures in this table."]),
        (table(ratios=[{"title": "ก", "of": "problems", "to": "gone"}]),
         ["tables[1].ratios[1].of: “problems” is no column of figures in this table.",
          "tables[1].ratios[1].to: “gone” is no column of figures in this table."]),
        (table(checks=["ก"]), ["tables[1].checks[1]: A check says which columns are added and which one they give."]),
        (table(ratios=[{"of": "all"}]),
         ["tables[1].ratios[1]: A percentage says its name, which column it is of, and to which."]),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_place(document, said):
    assert report_forms.faults(document) == said


def test_faults_of_columns_are_told_with_their_place():
    columns = [
        {"code": "a", "title": "ก", "type": "choice"},
        {"code": "a", "title": "ข", "type": "colour"},
        {"code": "c", "title": "ค", "type": "text", "required": "yes"},
        "ง",
    ]

    assert report_forms.faults(table(columns=columns, totals=[], checks=[], ratios=[])) == [
        "tables[1].columns: The code “a” is there twice.",
        "tables[1].columns[1].choices: A choice has choices, other columns have none.",
        "tables[1].columns[2].type: Give one of: number, money, count, date, tick, choice, text, file.",
        "tables[1].columns[3].required: Say true or false.",
        "tables[1].columns[4]: A column needs a code, a name and a type.",
    ]
