"""Framework documents and workbooks for tests: of every kind, and with what people do to them."""

import io
import re
import zipfile

from openpyxl import load_workbook

from agreements.exchange.workbook.writing import write_workbook

#: An indicator of every kind of criteria and measure.
DOCUMENT = {
    "format": 1,
    "code": "trial-2569",
    "title": "กรอบทดสอบ",
    "level": "province",
    "fiscal_year": 2569,
    "round": 1,
    "total_weight": "100",
    "grades": [{"from": "60", "label": "ผ่าน", "colour": "เขียว"}, {"from": "0", "label": "ต้องปรับปรุง"}],
    "dimensions": [{"code": "out", "title": "มิติภายนอก"}, {"code": "in", "parent": "out", "title": "ประสิทธิผล"}],
    "units": [{"code": "general", "title": "งานบริหารทั่วไป"}, {"code": "finance", "title": "งานคลัง"}],
    "indicators": [
        {
            "code": "001",
            "dimension": "in",
            "title": "ร้อยละของการเบิกจ่าย",
            "unit": "ร้อยละ",
            "weight": "40",
            "target": "49",
            "assigned_units": ["finance", "general"],
            "evidence": ["=SUM(A1)", "+66", "-ไม่มี", "@ที่ประชุม"],
            "rounds": [1, 2],
            "targets": [
                {"period": "6-month", "value": "50"},
                {"period": "2018-01", "value": "630", "cumulative": True},
                {"period": {"from": "2018-02", "to": "2018-03-15"}, "text": "สองเดือน"},
            ],
            "report": {"frequency": "monthly", "due_day": 15},
            "baseline": {"label": "ร้อยละ", "years": [{"year": 2554, "value": "44.1"}, {"year": 2555, "value": "…"}]},
            "measure": {
                "kind": "formula",
                "expression": "paid / budget * 100",
                "variables": {"paid": {"label": "เบิกจ่าย", "unit": "บาท"}, "budget": {}},
            },
            "criteria": {
                "kind": "thresholds",
                "levels": {"1": "45", "3": "49", "5": "53.25"},
                "labels": {"5": "ครบ"},
                "between": "interpolate",
            },
            "lateness": {"due": "2026-03-20", "per_working_day": "0.25", "cutoff": "2026-03-26"},
        },
        {
            "code": "2",
            "title": "ตัวชี้วัดหลัก",
            "weight": "30",
            "children": [
                {
                    "code": "2.1",
                    "title": "ช่วงค่า",
                    "weight": "10",
                    "criteria": {
                        "kind": "bands",
                        "levels": {"1": {"up_to": "60", "label": "ต่ำ"}, "2": {"up_to": "70"}, "3": {}},
                    },
                },
                {
                    "code": "2.2",
                    "title": "คุณภาพ",
                    "weight": "20",
                    "criteria": {"kind": "rubric", "levels": {"3": "มีแผน", "5": "ใช้แผน"}},
                },
            ],
        },
        {
            "code": "3",
            "title": "ขั้นตอน",
            "weight": "20",
            "judged_by": "department",
            "criteria": {
                "kind": "milestones",
                "steps": [
                    {"level": 1, "title": "เริ่ม"},
                    {
                        "level": 2,
                        "parts": [{"code": "2.1", "title": "ก"}, {"code": "2.2", "title": "ข", "deduction": "0.25"}],
                    },
                ],
                "faults": [{"code": "late", "title": "ผิด", "points": "0.5", "at_step": 2, "most": 1}],
                "faults_open": True,
            },
        },
        {
            "code": "4",
            "title": "ตามประเภท",
            "weight": "10",
            "criteria": {
                "kind": "classed",
                "base": {"label": "เรื่องค้าง", "unit": "เรื่อง"},
                "classes": [
                    {"code": "A", "up_to": "10", "label": "น้อย", "levels": {"1": "80", "5": "100"}},
                    {"code": "B", "levels": {"1": "60", "5": "80"}},
                ],
                "between": "step",
            },
        },
        {
            "code": "5",
            "title": "รายการตรวจ",
            "scored": False,
            "measure": {
                "kind": "checklist",
                "items": [{"code": "1", "title": "ตรวจ", "points": "1"}, {"code": "2", "title": "ส่ง", "points": "2"}],
                "faults": [{"code": "f", "title": "ช้า", "points": "0.5", "items": ["2"]}],
            },
            "criteria": {"kind": "thresholds", "levels": {"1": "1", "5": "3"}},
        },
        {"code": "6", "title": "ยังไม่กำหนด", "scored": False, "criteria": {"kind": "open", "labels": {"3": "…"}}},
        {"code": "7", "title": "ตกลงภายหลัง", "scored": False, "children": [], "children_at_least": 4},
    ],
}


def workbook(document=DOCUMENT, *, edit=None):
    """Return the workbook of `document` after `edit` worked on it as on an openpyxl workbook."""
    content = write_workbook(document)
    if edit is None:
        return content
    book = load_workbook(io.BytesIO(content))
    edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(content, *, change=None, add=None, drop=(), compression=zipfile.ZIP_DEFLATED):
    """Return the archive `content` with parts changed (name to function), added (name to bytes) and dropped."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", compression) as new:
        for name in old.namelist():
            if name not in drop:
                part = old.read(name)
                new.writestr(name, (change or {}).get(name, lambda same: same)(part))
        for name, part in (add or {}).items():
            new.writestr(name, part)
    return stream.getvalue()


def with_shared_strings(content):
    """Return the workbook with its texts in one shared part, as Excel saves them."""
    texts: list[bytes] = []

    def share(xml):
        def index(found):
            texts.append(found.group(1))
            return b't="s"><v>%d</v>' % (len(texts) - 1)

        return re.sub(rb't="inlineStr"><is>(<t.*?</t>)</is>', index, xml, flags=re.DOTALL)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    changed = repacked(content, change=dict.fromkeys(sheets, share))
    namespace = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    items = b"".join(b"<si>%s</si>" % text for text in texts)
    part = b'<?xml version="1.0" encoding="UTF-8"?><sst %s count="%d">%s</sst>' % (namespace, len(texts), items)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = b'<Relationship Id="rIdShared" Type="%s" Target="sharedStrings.xml"/></Relationships>' % kind
    return repacked(
        changed,
        change={"xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"</Relationships>", relation)},
        add={"xl/sharedStrings.xml": part},
        drop=["xl/sharedStrings.xml"],
    )


def cell_of(sheet, code, heading):
    """Return the cell of the row that begins with `code` below `heading`."""
    column = next(cell.column for cell in sheet[1] if cell.value == heading)
    row = next(cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[0].value == code)
    return sheet.cell(row, column)
