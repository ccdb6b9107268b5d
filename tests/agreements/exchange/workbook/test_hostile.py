"""Files made to harm: each limit with what it refuses and, as its control, what it lets through."""

import io
import os
import random
import re
import struct
import zipfile
from pathlib import Path

import pytest
from django.utils import translation

from agreements.exchange.workbook import guard, opening
from agreements.models import Framework
from agreements.services.framework_files import check_file
from agreements.services.frameworks import framework_document, import_framework
from tests.agreements.exchange.workbook.making import DOCUMENT, repacked, with_shared_strings, workbook
from tests.factories import NOON

SHEET = "xl/worksheets/sheet3.xml"
DAMAGED = "The file is damaged. Open it in Excel, save it again and upload that one."
MEMORY = 512 * 1024 * 1024


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def good():
    """The trial workbook as Excel saves it: its texts in a part of their own."""
    return with_shared_strings(workbook(edit=lambda book: None))


def lines(content):
    return check_file(content, name="file.xlsx").fault_lines


def test_control_the_workbook_itself_is_accepted(good):
    assert lines(good) == []


def padded(content, size):
    """Return the archive `content` with a member that brings it to `size` bytes."""
    plain = repacked(content, compression=zipfile.ZIP_STORED)
    with_nothing = len(repacked(plain, add={"xl/media/a.bin": b""}, compression=zipfile.ZIP_STORED))
    filling = {"xl/media/a.bin": b"\0" * (size - with_nothing)}
    full = repacked(plain, add=filling, compression=zipfile.ZIP_STORED)
    assert len(full) == size
    return full


def test_the_size_of_the_file(good):
    assert lines(padded(good, guard.MAX_BYTES + 1)) == ["The file is larger than 10 MB."]
    assert lines(padded(good, guard.MAX_BYTES)) == []


def test_the_number_of_members(good):
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        room = guard.MAX_MEMBERS - len(archive.namelist())
    many = {f"xl/media/{number}.bin": b"" for number in range(room + 1)}

    assert lines(repacked(good, add=many)) == [
        "The workbook consists of 301 parts; 300 are allowed. Copy its sheets to a new one."
    ]
    many.popitem()
    assert lines(repacked(good, add=many)) == []


def test_the_ratio_of_compression(good):
    bomb = b" " * (2 * guard.RATIO_COUNTS_FROM)
    real = bytes(random.Random(1).choices(b" 123", k=2 * guard.RATIO_COUNTS_FROM))

    assert lines(repacked(good, add={"xl/media/a.bin": bomb})) == [
        "A part of the workbook is compressed more than 100 to 1, which no real sheet is."
    ]
    assert lines(repacked(good, add={"xl/media/a.bin": real})) == []


def test_the_size_unpacked(good, monkeypatch):
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        size = sum(member.file_size for member in archive.infolist())

    monkeypatch.setattr(guard, "MAX_UNPACKED", size - 1)
    assert lines(good) == ["Unpacked, the workbook is larger than 0 MB. Delete what is not needed, or split it."]
    monkeypatch.setattr(guard, "MAX_UNPACKED", size)
    assert lines(good) == []


def test_a_size_that_lies_is_no_way_round(good):
    """A member that says it is small and unpacks to more is cut off at what it said, and its check sum tells."""
    stored = repacked(good)
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        member = archive.getinfo(SHEET)
    real, false = struct.pack("<L", member.file_size), struct.pack("<L", 10)

    assert stored.count(real) == 2
    assert lines(stored.replace(real, false)) == [DAMAGED]
    assert lines(stored) == []


def test_the_number_of_cells(good, monkeypatch):
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    count = sum(len(re.findall(rb"<c ", sheet)) for sheet in sheets)

    monkeypatch.setattr(guard, "MAX_CELLS", count - 1)
    assert lines(good) == [f"The workbook holds more than {count - 1} cells. Delete what is not needed, or split it."]
    monkeypatch.setattr(guard, "MAX_CELLS", count)
    assert lines(good) == []


@pytest.mark.parametrize("address", ["XFD1048576", "DA1", "A50000", "AAA1", "A999999999999"])
def test_a_cell_far_away(good, address):
    far = lines(with_cell(good, f'<c r="{address}" t="n"><v>1</v></c>'))

    assert len(far) == 1
    assert far[0].startswith("Something stands far outside the table (")


@pytest.mark.parametrize(
    "cell",
    ["<c><v>1</v></c>", "<c r='A1'><v>1</v></c>", '<c r="&#65;50001"/>', '<c x=">" r="XFD1"/>', '<x:c r="ZZ1"/>'],
)
def test_cells_that_hide_their_address(good, cell):
    assert len(lines(with_cell(good, cell))) == 1


def with_cell(content, cell, *, row=49_999):
    """Return the workbook with one more cell in a row of its own."""
    row = f'<row r="{row}">{cell}</row></sheetData>'.encode()
    return repacked(content, change={SHEET: lambda xml: xml.replace(b"</sheetData>", row)})


def test_control_a_cell_just_within_the_limits_is_read(good):
    assert lines(with_cell(good, '<c r="CZ30000" t="n"><v>1</v></c>', row=30_000)) == [
        "sheet “ตัวชี้วัด”, cell CZ30000: This column has no heading, so what stands here is not read. Delete it."
    ]


def test_the_area_of_all_sheets(good, monkeypatch):
    monkeypatch.setattr(opening, "MAX_AREA", 49_999 * 104 - 1)
    far = with_cell(good, '<c r="CZ49999" t="n"><v>1</v></c>')

    assert lines(far)[0].startswith("Something stands far outside the table (ตัวชี้วัด!CZ49999)")


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", SHEET, "[Content_Types].xml"]
)
def test_entities(good, part):
    def declare(xml):
        return ENTITIES + re.sub(rb"^<\?xml[^>]*\?>", b"", xml)

    assert lines(repacked(good, change={part: declare})) == [
        "The workbook declares XML entities, which no spreadsheet program writes. It is not read."
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_no_other_encoding_hides_entities(good, encoding):
    def encode(xml):
        return (ENTITIES.decode() + xml.decode()).encode(encoding)

    assert lines(repacked(good, change={SHEET: encode})) == [DAMAGED]


def test_macros_external_links_passwords_and_other_kinds_are_refused_in_words(good):
    encrypted = bytearray(good)
    for found in re.finditer(b"PK\x01\x02", good):
        encrypted[found.start() + 8] |= 1
    password = "The workbook is protected by a password. Remove it in Excel (File > Info) and save again."
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512

    assert [
        lines(repacked(good, add={"xl/vbaProject.bin": b"x"})),
        lines(repacked(good, add={"xl/macrosheets/sheet1.xml": b"<a/>"})),
        lines(repacked(good, add={"xl/externalLinks/externalLink1.xml": b"<a/>"})),
        lines(repacked(good, add={"xl/connections.xml": b"<a/>"})),
        lines(bytes(encrypted)),
        lines(ole + "EncryptedPackage".encode("utf-16-le")),
        lines(ole),
        lines(repacked(good, add={"xl/workbook.bin": b""}, drop=["xl/workbook.xml"])),
        lines(repacked(good, drop=["xl/workbook.xml"])),
        lines(repacked(good, compression=zipfile.ZIP_LZMA)),
        lines(b""),
        lines(good[:-100]),
    ] == [
        ["The workbook holds macros. Save it as .xlsx (Excel workbook), which leaves them out."],
        ["The workbook holds macros. Save it as .xlsx (Excel workbook), which leaves them out."],
        ["The workbook is linked to other files. In Excel, break the links (Data > Edit Links), save and try again."],
        ["The workbook is linked to other files. In Excel, break the links (Data > Edit Links), save and try again."],
        [password],
        [password],
        ["This is a workbook of the old kind (.xls). Save it as .xlsx in Excel."],
        ["This is a workbook of another kind (.xlsb or .ods). Save it as .xlsx."],
        ["This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel."],
        [DAMAGED],
        ["This is no Excel workbook, whatever its name says. Save it as .xlsx in Excel."],
        [DAMAGED],
    ]


def test_the_number_of_sheets(good, monkeypatch):
    monkeypatch.setattr(opening, "MAX_SHEETS", 21)
    assert lines(good) == ["The workbook has 22 sheets; 21 are allowed."]
    monkeypatch.setattr(opening, "MAX_SHEETS", 22)
    assert lines(good) == []


def test_the_number_of_merged_cells(monkeypatch):
    merged = workbook(edit=lambda book: book["หลักฐาน"].merge_cells("A2:A5"))

    monkeypatch.setattr(opening, "MAX_MERGED", 2)
    assert lines(merged) == ["Too many cells are merged. Unmerge them and fill in each."]
    monkeypatch.setattr(opening, "MAX_MERGED", 3)
    assert lines(merged) == []


# --- Mutated files ---------------------------------------------------------------------------------------------------
FULL, TENTH = 2_000, 200
# Seeds that once found something, run every time.
KEPT = ()


def mutated(content, seed):
    """Return `content` broken in one of the ways that transport, programs and people break files."""
    chance = random.Random(seed)
    if seed % 4 == 0:
        return _bytes_changed(content, chance, chance.randint(1, 20))
    name = chance.choice(
        [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet4.xml"]
    )
    change = _bytes_changed if seed % 4 == 1 else _markup_changed
    return repacked(content, change={name: lambda part: change(part, chance, chance.randint(1, 8))})


def _bytes_changed(content, chance, times):
    changed = bytearray(content)
    for _time in range(times):
        at = chance.randrange(len(changed))
        length = chance.choice([1, 1, 4, 64])
        how = chance.randrange(3)
        replacement = (
            chance.randbytes(length) if how == 0 else b"" if how == 1 else bytes(changed[at : at + length]) * 2
        )
        changed[at : at + length] = replacement
    return bytes(changed)


ODD = [
    *(
        "NaN",
        "-1",
        "1e999",
        "99999999999999999999",
        "",
        "0x1",
        "AAAA1",
        "XFD1048576",
        "&lt;",
        "ก",
        "true",
        "e",
        "s",
        "d",
        "n",
    ),
    *("inlineStr", "str", "b", "2147483648", "-0", "1048577", "A1:XFD1048576", "&#0;", "\ufffe"),
]


def _markup_changed(content, chance, times):
    """Return XML with attributes, numbers and whole elements changed, mostly well-formed."""
    text = content.decode()
    for _time in range(times):
        how = chance.randrange(4)
        places = list(re.finditer(['"[^"<>]*"', r">[^<>]+<", r"<(\w+)[^<>]*>[^<>]*</\1>", r"\d+"][how], text))
        if not places:
            continue
        place = chance.choice(places)
        odd = chance.choice(ODD)
        new = [f'"{odd}"', f">{odd}<", chance.choice(["", place.group() * 3]), odd][how]
        text = text[: place.start()] + new + text[place.end() :]
    return text.encode()


def peak_memory():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


@pytest.mark.django_db
def test_mutated_files_give_no_traceback_no_partial_import_and_stay_small(good, full_depth, capfd):
    count = FULL if full_depth else TENTH
    # Resets the peak, so that it is this drill's and not that of the tests before.
    Path("/proc/self/clear_refs").write_text("5")
    refused = imported = 0
    for seed in [*KEPT, *range(count)]:
        result = check_file(mutated(good, seed), name="file.xlsx")
        assert (result.accepted is None) == bool(result.fault_lines), seed
        if result.accepted is None:
            refused += 1
            continue
        outcome = import_framework(result.document, organisation=None, at=NOON, by=None)
        assert framework_document(outcome.framework) == result.accepted.document, seed
        Framework.objects.all().delete()
        imported += 1

    assert refused + imported == count + len(KEPT)
    # The controls: the drill reaches both ends.
    assert min(refused, imported) > count // 20
    assert capfd.readouterr().err == ""
    assert peak_memory() <= MEMORY
    assert os.environ.get("KPI_TEST_DEPTH") != "full" or count == FULL


def test_control_the_trial_document_is_what_the_drill_imports():
    assert check_file(workbook(), name="file.xlsx").accepted.document == DOCUMENT
