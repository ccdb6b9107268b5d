import string
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from hypothesis import given, strategies as st

from agreements import thai
from agreements.exchange.documents import read_document, write_document
from agreements.exchange.shape import canonical

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))

# What writers of YAML get wrong: indicators, quotes, line ends, look-alikes of numbers, dates and flags.
TRICKY = [
    *("1.10", "001", "1e3", "0o17", "0x1F", "1_000", ".5", "5.", "-", "-1", "+1", "1:30", ".inf", "2013-03-20"),
    *("null", "~", "true", "no", "Yes", "on", "<<", "=", "- a", "? a", "a: b", "a #b", "#", "@a", "`a", "%a", "!a"),
    *("&a", "*a", "[a", "{a", "a]", "'", '"', "\\", "|", ">", "a\nb", "a\n b", "a\n\nb", "a:\n- b", "---", "..."),
    *("a\n---\nb", "a\n# b", "a\n: b", "😀", "\u2028a", ":", "a:", "a, b", "''", "a\\nb", "key: |", "{}", "[]", "…"),
]
letters = st.characters(exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\n :#-'\"กำ้๑")
texts = (
    (st.sampled_from(TRICKY) | st.text(letters, max_size=30))
    .map(thai.normalise)
    # Two tone marks on one letter are no Thai, and are moved one at a time.
    .filter(lambda text: thai.normalise(text) == text)
)
codes = st.text(alphabet=string.ascii_lowercase + string.digits + ".()-", min_size=1, max_size=6)
amounts = (
    st.integers(-(10**6), 10**6)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-9, max_value=9).map(
        lambda d: format(d, "f")
    )
)
levels = st.dictionaries(st.integers(0, 5) | st.integers(0, 5).map(str), amounts, max_size=3)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
criteria = st.fixed_dictionaries({"kind": st.just("thresholds"), "levels": levels}) | st.fixed_dictionaries(
    {"kind": st.just("rubric"), "levels": st.dictionaries(st.integers(0, 5), texts, max_size=3)}
)
leaf = st.fixed_dictionaries(
    {"title": texts, "code": codes},
    optional={
        "weight": amounts,
        "note": texts | st.none(),
        "scored": st.booleans(),
        "rounds": st.lists(st.integers(1, 2), max_size=2),
        "evidence": st.lists(texts, max_size=3),
        "criteria": criteria,
        "lateness": st.fixed_dictionaries({"due": days | days.map(str)}, optional={"cutoff": days}),
        "targets": st.lists(st.fixed_dictionaries({"period": st.sampled_from(["2018-01", "6-month"]), "text": texts})),
    },
)
indicators = st.recursive(leaf, lambda below: st.builds(
    lambda parent, children: {**parent, "children": children}, leaf, st.lists(below, min_size=1, max_size=2)
), max_leaves=4)  # fmt: skip
documents = st.fixed_dictionaries(
    {"indicators": st.lists(indicators, max_size=3), "code": codes, "format": st.just(1)},
    optional={
        "title": texts,
        "fiscal_year": st.none() | st.integers(2400, 2700),
        "scale": st.lists(st.integers(1, 100), max_size=5),
        "units": st.lists(st.fixed_dictionaries({"title": texts, "code": codes}), max_size=3),
        "grades": st.lists(st.fixed_dictionaries({"label": texts, "from": amounts}), max_size=3),
    },
)


@pytest.mark.parametrize("format_", ["yaml", "json"])
@given(document=documents)
def test_what_is_written_is_read_back_the_same(format_, document):
    written = write_document(document, format_)

    read = read_document(written, name=f"file.{format_}")
    assert canonical(read) == canonical(document)
    assert list(canonical(read)) == list(canonical(document))
    assert write_document(read, format_) == written


@given(document=documents)
def test_other_yaml_readers_see_the_same_texts(document):
    wanted = canonical(document)

    read = yaml.safe_load(write_document(document, "yaml"))

    assert canonical(read) == wanted


@given(text=texts, in_flow=st.booleans())
def test_any_text_is_read_back(text, in_flow):
    document = {"units": [{"code": "a", "title": text}]} if in_flow else {"title": text}

    assert read_document(write_document(document, "yaml"), name="file.yaml") == document


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("format_", ["yaml", "json"])
def test_shipped_frameworks_are_written_and_read_back(fixture, format_):
    document = read_document(fixture.read_bytes(), name=fixture.name)

    again = read_document(write_document(document, format_), name=f"file.{format_}")

    assert canonical(again) == canonical(document)


def test_yaml_as_people_read_it():
    document = {
        "indicators": [
            {
                "criteria": {"levels": {5: 53, 1: 45}, "kind": "thresholds"},
                "children": [],
                "lateness": {"cutoff": date(2013, 3, 26), "due": "2013-03-20", "per_working_day": 0},
                "title": "ร้อยละ: เบิกจ่าย",
                "note": "บรรทัดแรก\nบรรทัดที่สอง",
                "evidence": ["2013-03-20", "x" * 101],
                "weight": 10,
                "code": "1.10",
            }
        ],
        "fiscal_year": None,
        "round": None,
        "code": "chonburi-2556-1",
        "units": [{"title": "งานบริหารทั่วไป", "code": "001"}],
        "format": 1,
    }

    assert write_document(document, "yaml") == (
        f"""\
format: 1
code: chonburi-2556-1
fiscal_year: null
units:
  - {{code: "001", title: งานบริหารทั่วไป}}
indicators:
  - code: "1.10"
    title: 'ร้อยละ: เบิกจ่าย'
    weight: "10"
    note: |-
      บรรทัดแรก
      บรรทัดที่สอง
    evidence:
      - "2013-03-20"
      - {"x" * 101}
    criteria:
      kind: thresholds
      levels: {{1: "45", 5: "53"}}
    lateness: {{due: 2013-03-20, per_working_day: "0", cutoff: 2013-03-26}}
    children: []
"""
    )


def test_json_as_programs_read_it():
    document = {"code": "ก", "format": 1, "indicators": [{"criteria": {"levels": {5: 53, 1: 45}}, "code": "1"}]}

    assert write_document(document, "json") == (
        """\
{
  "format": 1,
  "code": "ก",
  "indicators": [
    {
      "code": "1",
      "criteria": {
        "levels": {
          "1": "45",
          "5": "53"
        }
      }
    }
  ]
}
"""
    )
