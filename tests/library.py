"""A small library of templates, imported and published as a real one is."""

from agreements.models import Framework, Indicator
from agreements.services import frameworks
from tests.factories import NOON

TEMPLATES = [
    {
        "code": "1",
        "title": "ร้อยละของการออกใบอนุญาต (งาน…) ที่เสร็จทันเวลา",
        "unit": "ร้อยละ",
        "positions": ["ปลัดจังหวัด"],
        "description": "เทียบการออกใบอนุญาต (งาน…) ที่เสร็จภายใน ... วัน กับทั้งหมด",
        "formula_text": "(X1 + X2 + … + Xn) ÷ n",
        "note": "ใช้ได้กับงานอื่น …",
        "criteria": {"kind": "thresholds", "levels": {1: 80, 2: 85, 3: 90, 4: 95, 5: 100}},
    },
    {
        "code": "2",
        "title": "จำนวนหมู่บ้านต้นแบบประชาธิปไตย",
        "positions": ["เจ้าพนักงานปกครอง"],
        "rounds": [2],
        "criteria": {"kind": "open", "labels": {1: "จัดตั้งได้ … หมู่บ้าน", 5: "จัดตั้งได้ … หมู่บ้าน"}},
    },
    {
        "code": "3",
        "title": "ระดับความสำเร็จของการออกตรวจอำเภอ",
        "positions": ["ปลัดจังหวัด", "เจ้าพนักงานปกครอง"],
        "criteria": {
            "kind": "milestones",
            "steps": [
                {"level": 1, "parts": [{"code": "1.1", "title": "เสนอแผนภายใน …"}]},
                {"level": 2, "title": "สรุปผลเสนอผู้ว่าราชการจังหวัด"},
            ],
        },
    },
    {
        "code": "4",
        "title": "ความพึงพอใจของผู้รับบริการ",
        "children": [
            {"code": "4.1", "title": "ด้านขั้นตอน", "criteria": {"kind": "open"}},
            {"code": "4.2", "title": "ด้านเจ้าหน้าที่", "criteria": {"kind": "thresholds", "levels": {1: 1, 5: 5}}},
        ],
    },
]


def publish_library(*, organisation=None, code="library", more=()) -> Framework:
    """Publish the library, for all where no organisation owns it."""
    document = {
        "format": 1,
        "code": code,
        "title": "คลังทดสอบ",
        "level": "library",
        "fiscal_year": None,
        "total_weight": None,
        "indicators": [*TEMPLATES, *more],
    }
    draft = frameworks.import_framework(document, organisation=organisation, at=NOON, by=None).framework
    return frameworks.publish(draft, at=NOON, by=None)


def template(framework: Framework, code: str) -> Indicator:
    """Return the template of `framework` with this code."""
    return framework.indicators.get(code=code)
