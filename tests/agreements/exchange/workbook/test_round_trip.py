import io
import string
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given, settings as depth, strategies as st
from openpyxl import load_workbook

from agreements import thai
from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.exchange.workbook.reading import read_workbook
from agreements.exchange.workbook.spreading import NotWritable
from agreements.exchange.workbook.writing import write_workbook
from tests.agreements.exchange.workbook.making import DOCUMENT, workbook

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))

# What spreadsheets make something else of: formulas, numbers, dates, escapes of XML and of Excel.
TRICKY = [
    *("=1+1", "+1", "-1", "@a", "−3", "1e3", "001", "1.10", "1/2", "2013-03-20", "TRUE", "ใช่", "#N/A", "#REF!"),
    *(
        "_x0041_",
        "_x000D_",
        "&amp;",
        "<b>",
        "]]>",
        "'",
        '"',
        "a\nb",
        "a\n\nb",
        "\u2028a",
        "😀",
        "…",
        "-",
        "None",
        "nan",
    ),
]
letters = st.characters(exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\n :=-'\"<&_ก้ำ๑")
texts = (
    (st.sampled_from(TRICKY) | st.text(letters, min_size=1, max_size=20))
    .map(thai.normalise)
    .filter(lambda text: text and thai.normalise(text) == text)
)
codes = st.text(string.ascii_lowercase + string.digits + ".()-,", min_size=1, max_size=5)
amounts = st.one_of(
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
    st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=0, max_value=1),
)
whole = st.integers(0, 10**9 - 1)
days = st.dates(date(1950, 1, 1), date(2150, 1, 1)).map(str)
months = days.map(lambda day: day[:7])
levels = st.integers(0, 6).map(str)


def entry(required, **optional):
    return st.fixed_dictionaries(required, optional=optional)


def each(node, least=1):
    return st.lists(node, min_size=least, max_size=3)


titled = entry({"code": codes, "title": texts})
measures = st.one_of(
    st.just({"kind": "direct"}),
    st.just({"kind": "mean"}),
    entry(
        {
            "kind": st.just("formula"),
            "expression": texts,
            "variables": st.dictionaries(
                st.text(string.ascii_letters, min_size=1, max_size=3), entry({}, label=texts, unit=texts), min_size=1
            ),
        }
    ),
    entry(
        {"kind": st.just("checklist"), "items": each(entry({"code": codes, "title": texts, "points": amounts}))},
        faults=each(entry({"code": codes, "title": texts, "points": amounts}, items=each(codes))),
    ),
)
policies = {
    "between": st.sampled_from(["interpolate", "step"]),
    "below_level_1": st.sampled_from(["one", "zero", "level_0", "from_origin"]),
}
figures = st.dictionaries(levels, amounts | st.just("-"), min_size=1)
steps = st.lists(
    entry(
        {"level": st.integers(1, 9), "title": texts},
        judged_by=texts,
        parts=each(entry({"code": codes}, title=texts, deduction=amounts)),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step["level"],
)
criteria = st.one_of(
    entry({"kind": st.just("thresholds"), "levels": figures}, labels=st.dictionaries(levels, texts), **policies),
    entry(
        {"kind": st.just("bands"), "levels": st.dictionaries(levels, entry({}, up_to=amounts, label=texts), min_size=1)}
    ),
    entry({"kind": st.just("rubric"), "levels": st.dictionaries(levels, texts, min_size=1)}),
    entry(
        {"kind": st.just("milestones"), "steps": steps},
        faults=each(entry({"code": codes, "title": texts, "points": amounts}, at_step=whole, most=whole)),
        faults_open=st.booleans(),
    ),
    entry(
        {
            "kind": st.just("classed"),
            "base": entry({"label": texts}, unit=texts, variable=texts),
            "classes": each(entry({"code": codes, "levels": figures}, up_to=amounts, label=texts)),
        },
        **policies,
    ),
    entry({"kind": st.just("open")}, labels=st.dictionaries(levels, texts)),
)
periods = st.sampled_from(["monthly", "6-month", "12-month"]) | months
targets = entry(
    {"period": periods | entry({"from": months | days, "to": months | days})},
    value=amounts,
    text=texts,
    cumulative=st.booleans(),
)
leaf = entry(
    {"title": texts},
    criteria=criteria,
    measure=measures,
    dimension=codes,
    work=texts,
    unit=texts,
    weight=amounts,
    target=amounts | texts.filter(lambda text: not text[0].isdigit() and text[0] not in "+-."),
    targets=each(targets, 0),
    scored=st.booleans(),
    positions=each(texts, 0),
    rounds=each(st.integers(1, 2), 0),
    note=texts,
    evidence=each(texts, 0),
    judged_by=texts,
    judged_until=days,
    from_below=st.sampled_from(["ratio", "sum", "weighted_mean", "worst", "mean"]).map(lambda how: {"how": how}),
    baseline=entry({}, label=texts, unit=texts, years=each(entry({"year": whole}, value=amounts | st.just("…")), 0)),
    assigned_units=each(codes, 0),
    report=entry({"frequency": st.sampled_from(["monthly", "quarterly", "round"])}, due_day=st.integers(1, 31)),
    lateness=entry({"due": days}, cutoff=days, per_working_day=amounts, items=whole),
    children_at_least=whole,
)


def with_children(below):
    # An indicator with sub-indicators has no criteria of its own.
    return st.builds(
        lambda parent, children: {**{k: v for k, v in parent.items() if k != "criteria"}, "children": children},
        leaf,
        st.lists(below, max_size=3),
    )


def numbered(document):
    """Return `document` with a code of its own for each indicator."""
    waiting, number = list(document["indicators"]), 0
    while waiting:
        node = waiting.pop()
        number += 1
        node["code"] = f"{number:03}"
        waiting.extend(node.get("children", []))
    return document


documents = entry(
    {
        "format": st.just(1),
        "code": codes,
        "title": texts,
        "level": st.sampled_from(["department", "province", "district", "local_government", "library"]),
        "fiscal_year": st.none() | st.integers(2400, 2700),
        "indicators": st.lists(st.recursive(leaf, with_children, max_leaves=4), max_size=3),
    },
    round=st.integers(1, 2),
    source=texts,
    total_weight=amounts,
    scale=st.lists(st.integers(1, 100), min_size=2, max_size=5),
    below_level_1=policies["below_level_1"],
    grades=each(entry({"from": amounts, "label": texts}, colour=texts)),
    grades_on=amounts,
    dimensions=each(entry({"code": codes, "title": texts}, parent=codes, weight=amounts), 0),
    units=each(titled, 0),
).map(numbered)


@depth(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=80)
@given(document=documents)
def test_what_is_written_is_read_back_the_same(document):
    read = read_workbook(write_workbook(document), name="file.xlsx")

    assert read.notes.faults == []
    assert canonical(read.document) == canonical(document)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_shipped_frameworks_are_written_and_read_back(fixture):
    document = read_document(fixture.read_bytes(), name=fixture.name)

    read = read_workbook(write_workbook(document), name="file.xlsx")

    assert (read.notes.faults, read.notes.remarks) == ([], [])
    assert canonical(read.document) == canonical(document)


def test_every_kind_is_read_back():
    assert canonical(read_workbook(workbook(), name="file.xlsx").document) == canonical(DOCUMENT) == DOCUMENT


def test_it_survives_being_saved_by_another_program():
    assert canonical(read_workbook(workbook(edit=lambda book: None), name="file.xlsx").document) == DOCUMENT


def test_text_never_leaves_as_a_formula():
    book = load_workbook(io.BytesIO(workbook()))

    evidence = [cell for row in book["หลักฐาน"].iter_rows(min_row=2) for cell in row[1:]]
    assert [(cell.value, cell.data_type) for cell in evidence] == [
        ("=SUM(A1)", "s"), ("+66", "s"), ("-ไม่มี", "s"), ("@ที่ประชุม", "s"),
    ]  # fmt: skip
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    # The control of what was asked: numbers are numbers, and nothing is a formula (f).
    assert types == {"s", "n"}


def test_as_office_staff_see_it():
    book = load_workbook(io.BytesIO(workbook()))

    assert book.sheetnames[:4] == ["คำแนะนำ", "กรอบ", "ตัวชี้วัด", "เกณฑ์ค่าตัวเลข"]
    indicators = book["ตัวชี้วัด"]
    headings = [cell.value for cell in indicators[1]]
    first = dict(zip(headings, indicators[2], strict=True))
    shown = {heading: cell.value for heading, cell in first.items() if cell.value is not None}
    assert shown == {
        "รหัสตัวชี้วัด": "001", "มิติ": "in", "ชื่อตัวชี้วัด": "ร้อยละของการเบิกจ่าย", "หน่วยวัด": "ร้อยละ", "น้ำหนัก": 40,
        "ค่าเป้าหมาย": 49, "ชนิดของเกณฑ์": "ค่าตัวเลข", "วิธีวัด": "คำนวณจากสูตร", "สูตรคำนวณ": "paid / budget * 100",
        "หน่วยงานรับผิดชอบ": "finance, general", "ใช้ในรอบ": "1, 2", "ความถี่การรายงาน": "รายเดือน",
        "รายงานภายในวันที่": 15, "กำหนดส่ง": "20 มี.ค. 2569", "หักต่อวันทำการที่ช้า": 0.25, "วันสุดท้ายที่รับ": "26 มี.ค. 2569",
        "ชื่อข้อมูลพื้นฐาน": "ร้อยละ",
    }  # fmt: skip
    assert (indicators.protection.sheet, first["รหัสตัวชี้วัด"].protection.locked) == (True, True)
    assert (first["น้ำหนัก"].protection.locked, indicators["A1"].protection.locked) == (False, True)
    assert first["หน่วยวัด"].number_format == "@"
    rules = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in indicators.data_validations.dataValidation}
    assert rules["B2"] == "='ตัวชี้วัด'!$A$2:$A$609".removeprefix("=")
    assert rules["H2"] == '"ค่าตัวเลข,ช่วงค่า,ระดับคุณภาพ,ขั้นตอน,ตามประเภท,ยังไม่กำหนด,มีตัวชี้วัดย่อย"'


def test_what_no_cell_can_hold_is_refused_in_words():
    long = {**DOCUMENT, "indicators": [{"code": "1", "title": "ก" * 32_768, "criteria": {"kind": "open"}}]}

    with pytest.raises(NotWritable, match="ชื่อตัวชี้วัด"):
        write_workbook(long)
    # The control: one character less.
    write_workbook({**long, "indicators": [{"code": "1", "title": "ก" * 32_767, "criteria": {"kind": "open"}}]})
