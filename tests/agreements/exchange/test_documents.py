import json
from datetime import date
from decimal import Decimal

import pytest
import yaml
from django.utils import translation

from agreements.exchange.documents import MAX_BYTES, MAX_FAULTS, DocumentRefused, read_document, read_documents


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def refusal(text, name="file.yaml"):
    with pytest.raises(DocumentRefused) as caught:
        read_document(text, name=name)
    return [str(fault) for fault in caught.value.faults]


# --- What values become ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("45", 45),
        ("-3", -3),
        ("0", 0),
        ("0.1", Decimal("0.1")),
        ("1.10", Decimal("1.10")),
        ("83.333333333333333333333333333333", Decimal("83.333333333333333333333333333333")),
        ('"1.10"', "1.10"),
        ("2013-03-20", date(2013, 3, 20)),
        ('"2013-03-20"', "2013-03-20"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("กลุ่มงาน", "กลุ่มงาน"),
        # What YAML 1.1 would turn into something else than was written:
        ("no", "no"),
        ("on", "on"),
        ("0777", "0777"),
        ("001", "001"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        (".5", ".5"),
        ("2018-01", "2018-01"),
        ("2013-02-30", "2013-02-30"),
        ("2013-03-20 10:00:00", "2013-03-20 10:00:00"),
    ],
)
def test_yaml_scalars(written, value):
    read = read_document(f"key: {written}\n", name="file.yaml")["key"]

    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("45", 45),
        ("-0", 0),
        ("0.1", Decimal("0.1")),
        ("1.10", Decimal("1.10")),
        ('"1.10"', "1.10"),
        ('"2013-03-20"', "2013-03-20"),
        ("true", True),
        ("null", None),
        (r'"\u0e01\/\n"', "ก/"),
        (r'"a \"[{b}]\" \\"', 'a "[{b}]" \\'),
        (r'"\ud83d\ude00"', "😀"),
        ("[]", []),
        ('[{"a": [1, {}]}]', [{"a": [1, {}]}]),
    ],
)
def test_json_values(written, value):
    read = read_document(f'{{"key": {written}}}', name="file.json")["key"]

    assert (type(read), read) == (type(value), value)


def test_text_is_spelled_one_way_in_keys_and_values():
    # Sara am as two characters, a zero-width space, two blanks, a line end of Windows.
    typed = '"น\u0e4d\u0e32\u200b  หนัก\\r\\nรวม"'

    assert read_document(f"{{{typed}: [{typed}]}}", name="file.json") == {"นำ หนัก\nรวม": ["นำ หนัก\nรวม"]}


def test_levels_may_be_numbers_in_yaml_and_are_text_in_json():
    assert read_document("levels: {1: 45, 5: 53}", name="file.yaml") == {"levels": {1: 45, 5: 53}}
    assert read_document('{"levels": {"1": 45, "5": 53}}', name="file.json") == {"levels": {"1": 45, "5": 53}}


def test_byte_order_mark_is_no_text():
    raw = "\ufeffรหัส: ๑\n".encode()

    assert read_document(raw, name="file.yml") == {"รหัส": "๑"}
    assert read_document(raw.decode(), name="FILE.YAML") == {"รหัส": "๑"}


def test_several_documents_of_a_results_file():
    text = "framework: a\n---\nframework: b\n"

    assert read_documents(text, name="results.yaml") == [{"framework": "a"}, {"framework": "b"}]
    assert refusal(text) == ["The file holds 2 documents; one is expected."]


# --- What is refused, and that the usual loader would have taken it --------------------------------------------------
BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(16)
)
REFERENCES = "Anchors and aliases (& and *) are not read. Write the value out, or put the text in quotes."
TAG = "Tags (%s) are not read. Leave it out, or put the text in quotes."
START = "Text that begins with @, ` or a percent sign needs quotes. Indent with spaces, not with tabs."
A_MAPPING = "Line 1: A document is a mapping of keys and values, such as “format: 1”."
DEEP = "Lists and mappings are nested too deep; 32 levels are allowed."


def leaves(value):
    return sum(map(leaves, value)) if isinstance(value, list) else 1


def test_alias_bomb():
    assert leaves(yaml.safe_load(BOMB)["q"]) == 2**17

    assert refusal(BOMB) == [f"Line 1: {REFERENCES}"]


def test_tags():
    class Called(Exception):
        pass

    def call(loader, suffix, node):
        raise Called(suffix)

    class Building(yaml.SafeLoader):
        pass

    Building.add_multi_constructor("tag:yaml.org,2002:python/object/apply:", call)
    text = "format: 1\ncode: !!python/object/apply:os.system ['true']\n"
    with pytest.raises(Called, match=r"os\.system"):
        yaml.load(text, Loader=Building)  # noqa: S506 -- the control

    assert refusal(text) == [f"Line 2: {TAG % 'tag:yaml.org,2002:python/object/apply:os.system'}"]


@pytest.mark.parametrize(
    ("text", "control", "faults"),
    [
        ("code: a\ntitle: b\ncode: c\n", {"code": "c", "title": "b"},
         ["Line 3, code: The key “code” stands here twice, first in line 1."]),
        ("x: [{}, {criteria: {levels: {1: a, '1': b}}}]", {"x": [{}, {"criteria": {"levels": {1: "a", "1": "b"}}}]},
         ["Line 1, x[1].criteria.levels.1: The key “1” stands here twice, first in line 1."]),
        ("1.10: a\ntrue: b\n~: c\n2013-03-20: d\n", {1.1: "a", True: "b", None: "c", date(2013, 3, 20): "d"},
         ["Line 1, 1.10: The key 1.10 is not text: put it in quotes.",
          "Line 2, true: The key true is not text: put it in quotes.",
          "Line 3, ~: The key ~ is not text: put it in quotes.",
          "Line 4, 2013-03-20: The key 2013-03-20 is not text: put it in quotes."]),
        ("a: &b 1\n", {"a": 1}, [f"Line 1: {REFERENCES}"]),
        ("a: !!str 1.10\n", {"a": "1.10"},
         [f"Line 1: {TAG % 'tag:yaml.org,2002:str'}"]),
        ("[" * 200 + "]" * 200, None, [A_MAPPING]),
        ("a: " + "[" * 200 + "]" * 200, None, [f"Line 1: {DEEP}"]),
        ("".join(f"{' ' * n}a:\n" for n in range(200)), None, [f"Line 33: {DEEP}"]),
        ('a: "x\\0y"\n', {"a": "x\0y"}, ["Line 1, a: The character U+0000 cannot be printed; take it out."]),
        ("a: 1" + "0" * 80, {"a": 10**80}, ["Line 1: This number is too long; 80 digits are allowed."]),
        ("- a\n- b\n", ["a", "b"], [A_MAPPING]),
        ("text\n", "text", [A_MAPPING]),
        ("", None, ["The file is empty."]),
        ("# only a remark\n", None, ["The file is empty."]),
    ],
)  # fmt: skip
def test_what_the_usual_loader_takes(text, control, faults):
    taken = yaml.safe_load(text)

    if control is not None:
        assert taken == control
    assert refusal(text) == faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: b: c\n", "Line 1: Text that holds a colon and a space needs quotes; else check the indentation."),
        ("a: 1\n\tb: 2\n", "Line 2: Indent with spaces, not with tabs."),
        ("\ta: 1\n", f"Line 1: {START}"),
        ("a: @b\n", f"Line 1: {START}"),
        ("a:\n  - b\n c: d\n",
         "Line 3: A line is indented unlike its neighbours, or a bracket or a quotation mark is not closed."),
        ("a: [1, 2\n",
         "Line 2: A line is indented unlike its neighbours, or a bracket or a quotation mark is not closed."),
        ("a: 'b\n", "Line 2: A quotation mark or a bracket is not closed."),
        ("? [a]\n: b\n", "Line 1: A key is text or a whole number."),
        ("a: *unknown\n", f"Line 1: {REFERENCES}"),
        ('a: "\\q"\n', "Line 1: This is not YAML: found unknown escape character."),
        ("a: x\x00y\n", "Line 1: The character U+0000 cannot be printed; take it out."),
        ("a: b\nc: \x1b[31m\n", "Line 2: The character U+001B cannot be printed; take it out."),
        ("a: \ud800\n", "Line 1: The character U+D800 cannot be printed; take it out."),
    ],
)  # fmt: skip
def test_what_is_no_yaml(text, fault):
    assert refusal(text) == [fault]


@pytest.mark.parametrize(
    ("text", "control", "fault"),
    [
        ('{"a": 1,\n "a": 2}', {"a": 2}, "Line 2, a: The key “a” stands here twice, first in line 1."),
        ('{"a": 1e999999999}', {"a": float("inf")},
         "Line 1: Write the number out in full, without an exponent such as 1e3."),
        ('{"a": Infinity}', {"a": float("inf")}, "Infinity is not a number that can be scored."),
        ('{"a": "\\u0000"}', {"a": "\0"}, "Line 1, a: The character U+0000 cannot be printed; take it out."),
        ('{"a": "\\ud800"}', {"a": "\ud800"}, "Line 1, a: The character U+D800 cannot be printed; take it out."),
        ('{"a": ' + "[" * 200 + "]" * 200 + "}", None, f"Line 1: {DEEP}"),
        ("[1]", [1], A_MAPPING),
    ],
)  # fmt: skip
def test_what_the_usual_json_loader_takes(text, control, fault):
    taken = json.loads(text)

    if control is not None:
        assert taken == control
    assert refusal(text, name="file.json") == [fault]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1,\n}', "Line 2: This is not JSON: Expecting property name enclosed in double quotes in column 1."),
        ("{'a': 1}", "Line 1: This is not JSON: Expecting property name enclosed in double quotes in column 2."),
        ('{"a": 01}', "Line 1: This is not JSON: Expecting ',' delimiter in column 8."),
        ("", "Line 1: This is not JSON: Expecting value in column 1."),
        ("[" * 100_000, "Lists and mappings are nested too deep."),
        ('{"a": ' + "9" * 5000 + "}", "Line 1: This number is too long; 80 digits are allowed."),
    ],
)
def test_what_is_no_json(text, fault):
    assert refusal(text, name="file.json") == [fault]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("a: 1\nชื่อ: กรอบ\n".encode("tis-620"),
         "Line 2: The file is not in UTF-8; it looks like TIS-620 (Windows-874). Save it as UTF-8."),
        ("a: caf\u00e9\n".encode("latin-1"), "Line 1: The file is not in UTF-8. Save it as UTF-8."),
        ("a: กรอบ\n".encode("utf-16"), "Line 1: The file is in UTF-16 (“Unicode”). Save it as UTF-8."),
        (b"a: \xed\xa0\x80\n", "Line 1: The file is not in UTF-8. Save it as UTF-8."),
    ],
)  # fmt: skip
def test_other_encodings(raw, fault):
    assert refusal(raw) == [fault]


def test_size():
    largest = b"a: " + b"x" * (MAX_BYTES - 4) + b"\n"

    assert len(read_document(largest, name="file.yaml")["a"]) == MAX_BYTES - 4
    assert refusal(largest + b"#") == ["The file is larger than 5 MB."]


@pytest.mark.parametrize("name", ["file.yaml", "file.json"])
def test_number_of_values(name):
    assert refusal('{"a": [' + "1," * 200_000 + "1]}", name=name) == [
        "Line 1: The file holds more than 200,000 values."
    ]


def test_faults_are_told_together_up_to_a_hundred():
    assert refusal("a: 1\na: 2\nb: 1\nb: 2\nc: [\n") == [
        "Line 2, a: The key “a” stands here twice, first in line 1.",
        "Line 4, b: The key “b” stands here twice, first in line 3.",
        "Line 6: A line is indented unlike its neighbours, or a bracket or a quotation mark is not closed.",
    ]
    assert len(refusal("a: 1\n" * 1000)) == MAX_FAULTS


@pytest.mark.parametrize("name", ["file.xlsx", "file", "yaml"])
def test_other_kinds_of_file(name):
    suffix = name[4:] if "." in name else ""

    assert refusal("a: 1", name=name) == [f"The name of the file ends in “{suffix}”; allowed: .yaml, .yml, .json."]
