import io
from datetime import date

import pytest

from agreements.documents import kinds
from tests import files

ODT = "application/vnd.oasis.opendocument.text"
OFFICE = "application/vnd.openxmlformats-officedocument."


def told(content):
    return kinds.tell(io.BytesIO(content))


def refused(content):
    with pytest.raises(kinds.NotTaken) as refusal:
        told(content)
    return refusal.value.code


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (files.office("word/document2.xml"), OFFICE + "wordprocessingml.document"),
        (files.office("xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (files.office("ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
        (files.packed({"mimetype": ODT, "content.xml": "<x/>"}), ODT),
        (files.old_office("WordDocument", "1Table"), "application/msword"),
        (files.old_office("Workbook"), "application/vnd.ms-excel"),
        (files.old_office("PowerPoint Document"), "application/vnd.ms-powerpoint"),
        (files.picture("WEBP"), "image/webp"),
        (files.pdf("one"), "application/pdf"),
        (files.packed({"a.txt": "a"}), "application/zip"),
    ],
    ids=["docx", "xlsx", "pptx", "odt", "doc", "xls", "ppt", "webp", "pdf", "zip"],
)
def test_the_content_says_what_a_file_is(content, content_type):
    assert told(content).content_type == content_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (files.old_office("EncryptionInfo", "EncryptedPackage"), "locked"),
        (files.old_office("WordDocument", WordDocument=b"\0" * 10 + b"\0\1"), "locked"),
        (files.old_office("Workbook", Workbook=b"\x09\x08\2\0\0\0\x2f\0\2\0ab"), "locked"),
        (files.old_office("PowerPoint Document", "EncryptedSummary"), "locked"),
        (files.locked_zip(files.packed({"a.txt": "a"})), "locked"),
        (files.packed({"mimetype": ODT, "META-INF/manifest.xml": "<m:encryption-data/>"}), "locked"),
        (files.office(more={"word/vbaProject.bin": "x"}), "macros"),
        (files.packed({"[Content_Types].xml": "x.macroEnabled.main+xml", "xl/workbook.xml": ""}), "macros"),
        (files.packed({"mimetype": ODT, "Basic/Standard/Module1.xml": ""}), "macros"),
        (files.old_office("Workbook", "_VBA_PROJECT_CUR"), "macros"),
        (files.old_office("Contents"), "kind"),
        (files.office()[:90], "damaged"),
        (files.old_office("Workbook")[:700], "damaged"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40, "heic"),
        (b"{\\rtf1 x}", "kind"),
        ("ก".encode("cp874") + b"\xff", "kind"),
        (b"a" * 9000 + b"\0", "kind"),
    ],
    ids=[
        "ooxml-locked", "doc-locked", "xls-locked", "ppt-locked", "zip-locked", "odt-locked", "docm", "xlsm",
        "odt-macros", "xls-macros", "msi", "zip-cut", "ole-cut", "heic", "rtf", "not-utf8", "late-nul",
    ],
)  # fmt: skip
def test_what_is_not_taken_is_named_for_what_it_is(content, code):
    assert refused(content) == code


@pytest.mark.parametrize(
    ("content", "day"),
    [
        (files.office(modified="2013-02-01"), date(2013, 2, 1)),
        (files.office(modified="1980-01-01"), None),
        (files.office(), None),
        (files.packed({"mimetype": ODT, "meta.xml": "<dc:date>2013-03-04T10:00:00</dc:date>"}), date(2013, 3, 4)),
        (files.packed({"mimetype": ODT, "meta.xml": "<dc:date>2013-99-04</dc:date>"}), None),
    ],
)
def test_a_document_says_when_it_was_last_written(content, day):
    assert told(content).dated_on == day


@pytest.mark.parametrize("name", ["สรุป.bat", "หน้าเว็บ.HTML", "a.svg", "b.ps1", "c.js"])
def test_text_is_not_taken_under_a_name_that_runs(name):
    with pytest.raises(kinds.NotTaken, match="runs"):
        kinds.demand_harmless_name(name, kinds.TEXT)
    kinds.demand_harmless_name("สรุป.txt", kinds.TEXT)


def test_a_zip_whose_parts_unpack_to_gigabytes_is_never_unpacked():
    bomb = files.packed({"docProps/core.xml": "0" * 50_000_000, "word/document.xml": ""}, method=8)

    assert told(bomb).content_type == OFFICE + "wordprocessingml.document"
    assert len(bomb) < 60_000
