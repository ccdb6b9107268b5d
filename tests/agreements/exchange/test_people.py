import datetime
import io
import random
import zipfile

import openpyxl
import pytest
import xlsxwriter

from agreements.exchange.people import COLUMNS, MAX_ROWS, read_people, write_csv
from agreements.exchange.people_writing import Line, write_workbook
from agreements.exchange.workbook.guard import NotOpened

HEADINGS = [column.heading for column in COLUMNS]
KEYS = [column.key for column in COLUMNS]
SOMCHAI = {
    "username": "somchai.b",
    "prefix": "นาย",
    "first_name": "สมชาย",
    "last_name": "บุญช่วย",
    "email": "",
    "unit": "a-1 : กลุ่มงาน",
    "title": "เจ้าพนักงานธุรการ",
    "position_type": "ทั่วไป",
    "level": "ชำนาญงาน",
    "number": "001",
    "is_acting": "",
    "starts_on": "1 ต.ค. 2555",
    "ends_on": "",
    "assessor": "kanya : นางกัญญา พูนสุข",
    "personnel_group": "ทดลองปฏิบัติหน้าที่ราชการ",
}


def book(*rows, headings=HEADINGS, **cells):
    """Return a workbook of openpyxl with `rows` below the headings, and single cells as told."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (headings, *rows):
        sheet.append(row)
    for address, value in cells.items():
        sheet[address] = value
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def row_of(**changed):
    return list((SOMCHAI | changed).values())


def changed_member(content, name, change):
    """Return the workbook with one of its parts changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            body = old.read(member)
            new.writestr(member, change(body) if member == name else body)
    return stream.getvalue()


# --- Round trips -----------------------------------------------------------------------------------------------------
def test_what_is_written_as_a_workbook_is_read_again_as_it_was():
    choices = {"unit": ["a-1 : กลุ่มงาน"], "level": ["ชำนาญงาน"]}

    file = read_people(write_workbook([Line(texts=SOMCHAI)], choices=choices))

    [row] = file.rows
    assert (row.texts, row.number, row.refused, file.remarks) == (SOMCHAI, 2, {}, ())
    assert file.cell(row, "number") == "J2"


@pytest.mark.parametrize("text", ["=1+1", "+66", "-ก", "@นาย"])
def test_no_text_leaves_as_a_formula_and_all_come_back(text):
    line = SOMCHAI | {"last_name": text}

    content = write_workbook([Line(texts=line)], choices={})
    sheet = openpyxl.load_workbook(io.BytesIO(content))["บุคลากร"]
    table = write_csv([line])

    assert (sheet["D2"].data_type, sheet["D2"].value) == ("s", text)
    assert f",'{text}," in table.decode("utf-8-sig")
    assert [read_people(one).rows[0].texts["last_name"] for one in (content, table)] == [text, text]


def test_the_workbook_offers_choices_and_says_how_to_fill_it():
    content = write_workbook([Line(texts=SOMCHAI)], choices={"unit": ["a-1 : กลุ่มงาน"], "assessor": ["kanya : นางกัญญา"]})

    made = openpyxl.load_workbook(io.BytesIO(content))
    rules = {rule.formula1 for rule in made["บุคลากร"].data_validations.dataValidation if rule.type == "list"}
    assert made.sheetnames == ["บุคลากร", "รายการให้เลือก", "คำแนะนำ"]
    assert rules == {"'รายการให้เลือก'!$A$2:$A$2", "'รายการให้เลือก'!$B$2:$B$2"}


def test_faults_are_given_back_beside_their_rows_and_not_read_again():
    content = write_workbook([Line(texts=SOMCHAI, faults={"unit": ["ไม่มีหน่วยงานนี้"]})], choices={})

    sheet = openpyxl.load_workbook(io.BytesIO(content))["บุคลากร"]
    assert (sheet["P1"].value, sheet["P2"].value) == ("ข้อผิดพลาด", "หน่วยงาน: ไม่มีหน่วยงานนี้")
    assert read_people(content).rows[0].texts == SOMCHAI


# --- What office files are like --------------------------------------------------------------------------------------
def test_text_is_spelled_one_way():
    typed = row_of(first_name="จํานง\u200b", last_name="ทอง\u00a0\u00a0ดี", starts_on="๑ ต.ค. ๒๕๕๕")

    texts = read_people(book(typed)).rows[0].texts

    assert (texts["first_name"], texts["last_name"], texts["starts_on"]) == (
        "จำนง",
        "ทอง ดี",
        "1 ต.ค. 2555".translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
    )


def test_numbers_and_days_of_the_spreadsheet_become_text():
    [row] = read_people(book(row_of(number=2014, starts_on=datetime.datetime(2012, 10, 1)))).rows

    assert (row.texts["number"], row.texts["starts_on"], row.numbers) == ("2014", "1 ต.ค. 2555", ("number",))


def test_a_day_typed_in_the_buddhist_era_into_a_date_cell_is_understood():
    [row] = read_people(book(row_of(starts_on=datetime.datetime(2555, 10, 1)))).rows

    assert row.texts["starts_on"] == "1 ต.ค. 2555"


def test_a_formula_an_error_and_a_misplaced_day_are_refused_in_their_cells():
    content = book(row_of(), row_of(username="b"), C2="=A2&B2", F3="#N/A", D3=datetime.datetime(2012, 1, 1))

    first, second = read_people(content).rows

    assert (list(first.refused), list(second.refused)) == (["first_name"], ["last_name", "unit"])


def test_a_unit_merged_over_its_people_is_that_of_each():
    made = openpyxl.load_workbook(
        io.BytesIO(book(row_of(), row_of(username="b", unit=""), row_of(username="c", unit="")))
    )
    made.active.merge_cells("F2:F4")
    stream = io.BytesIO()
    made.save(stream)

    rows = read_people(stream.getvalue()).rows

    assert [row.texts["unit"] for row in rows] == ["a-1 : กลุ่มงาน"] * 3


def test_hidden_rows_are_read_and_told():
    made = openpyxl.load_workbook(io.BytesIO(book(row_of(), row_of(username="b"))))
    made.active.row_dimensions[3].hidden = True
    stream = io.BytesIO()
    made.save(stream)

    file = read_people(stream.getvalue())

    assert [row.texts["username"] for row in file.rows] == ["somchai.b", "b"]
    assert len(file.remarks) == 1
    assert "3" in file.remarks[0]


def test_a_wrong_dimension_record_hides_nobody():
    content = book(*(row_of(username=f"u{number}") for number in range(50)))

    wrong = changed_member(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:N51"', b'ref="A1:A1"')
    )

    assert wrong != content
    assert len(read_people(wrong).rows) == 50


def test_headings_may_stand_lower_and_in_another_order_and_some_may_miss():
    order = ["title", "username", "first_name", "unit", "starts_on"]
    typed = [SOMCHAI[key] for key in order]

    file = read_people(
        book(
            ["รายชื่อบุคลากร"],
            [column.heading for key in order for column in COLUMNS if column.key == key],
            typed,
            headings=[],
        )
    )

    assert [(row.number, row.texts) for row in file.rows] == [
        (file.rows[0].number, {key: SOMCHAI[key] for key in order})
    ]
    assert file.cell(file.rows[0], "username") == f"B{file.rows[0].number}"
    assert len(file.remarks) == 1


# --- CSV -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp874", "tis-620"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_usual_encoding(encoding, delimiter):
    # The dot that parts code and name is not in TIS-620.
    line = SOMCHAI | {"unit": "a-1", "assessor": "kanya"}
    text = "\r\n".join(delimiter.join(cells) for cells in (HEADINGS, list(line.values())))

    [row] = read_people(text.encode(encoding)).rows

    assert row.texts == line


# --- What is not read ------------------------------------------------------------------------------------------------
def many(count):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate([HEADINGS, *([row_of()] * count)]):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not_a_list"),
        ("ชื่อ,สกุล\nก,ข".encode(), "no_list"),
        (",".join(HEADINGS).encode(), "nobody"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_format"),
        (b"x" * (10 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content, code):
    with pytest.raises(NotOpened) as refusal:
        read_people(content)

    assert refusal.value.code == code


def test_a_list_is_read_up_to_its_limit_and_no_further():
    assert len(read_people(many(MAX_ROWS)).rows) == MAX_ROWS
    with pytest.raises(NotOpened) as refusal:
        read_people(many(MAX_ROWS + 1))
    assert refusal.value.code == "too_many_rows"


def test_entities_in_the_xml_are_not_read():
    content = changed_member(
        book(row_of()),
        "xl/worksheets/sheet1.xml",
        lambda xml: (
            b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml.partition(b"?>")[2]
            if b"?>" in xml[:60]
            else b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml
        ),
    )

    with pytest.raises(NotOpened) as refusal:
        read_people(content)

    assert refusal.value.code == "entities"


# --- Damaged files ---------------------------------------------------------------------------------------------------
def mutated(content, chance):
    """Return `content` with bytes of it, or of one of its parts, changed, cut or doubled."""
    if chance.random() < 0.5 and content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = chance.choice(archive.namelist())
        return changed_member(content, name, lambda body: scrambled(body, chance))
    return scrambled(content, chance)


def scrambled(body, chance):
    found = bytearray(body)
    for _time in range(chance.randint(1, 8)):
        at = chance.randrange(len(found) or 1)
        match chance.randrange(4):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.randint(1, 40)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 200)]
            case _:
                found[at:at] = chance.choice([b"<", b"&x;", b'"', b"\0", b"=1+1", "ํา".encode(), b"99999999999"])
    return bytes(found)


def test_damaged_files_are_read_or_refused_in_words_and_nothing_else(full_depth):
    whole = [
        book(row_of(), row_of(username="b")),
        write_workbook([Line(texts=SOMCHAI)], choices={}),
        write_csv([SOMCHAI]),
    ]
    came_of = {"read": 0, "refused": 0}
    for seed in range(2000 if full_depth else 200):
        chance = random.Random(seed)
        try:
            read_people(mutated(chance.choice(whole), chance))
        except NotOpened:
            came_of["refused"] += 1
        else:
            came_of["read"] += 1

    assert min(came_of.values()) > 20
