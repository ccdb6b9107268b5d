"""Contents of agreements in every state, built from the Chonburi framework and scored by the rules."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import scoring
from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.services.content import FormSource, SignatureLine

FRAMEWORK = Path(__file__).parents[2] / "fixtures" / "frameworks" / "chonburi-2556-1.yaml"

# Section 5 of issue 2: 3.9893, 79.79, 86.67, 81.85 ดีมาก.
RESULTS = {
    "1.1": {"value": "85"},
    "1.2": {"value": "3"},
    "1.3": {"value": "0"},
    "1.4": {"value": "95"},
    "2": {"variables": {"disbursed": "1005000", "budget": "2000000"}},
    "3": {"level": 5, "submitted_on": "2013-03-08"},
    "4": {"variables": {"reported": "88", "total": "98"}, "submitted_on": "2013-03-22"},
    "5": {"done": ["1", "2", "3", "4", "5"], "submitted_on": "2013-03-11"},
    "6": {"done": ["1", "2.1", "2.2", "2.3", "3.1", "3.4", "4", "5"], "submitted_on": "2013-03-11"},
    "7": {"done": ["1", "2", "3", "4", "5"], "submitted_on": "2013-03-12", "late_items": 3},
    "8.1": {"variables": {"closed": "9", "pending": "10"}, "submitted_on": "2013-03-11"},
    "8.2": {"variables": {"closed": "20", "pending": "28"}, "submitted_on": "2013-03-11"},
    "9": {"variables": {"complete": "63", "total": "98"}},
    "10": {"done": ["1", "2", "3", "4"]},
}
GOALS = {
    "1": "ภารกิจหลักของจังหวัดบรรลุเป้าหมาย",
    "2": "การเบิกจ่ายงบประมาณเป็นไปตามเป้าหมาย",
    "6": "มีแผนส่งเสริมและพัฒนา อปท. ที่ใช้ได้จริง",
}
COMPETENCIES = (
    "การมุ่งผลสัมฤทธิ์",
    "บริการที่ดี",
    "การสั่งสมความเชี่ยวชาญในงานอาชีพ",
    "จริยธรรม",
    "ความร่วมแรงร่วมใจ",
    "ภาวะผู้นำ",
    "ความเข้าใจองค์กรและระบบราชการ",
    "การคิดวิเคราะห์",
    "การดำเนินการเชิงรุก",
    "ความถูกต้องของงาน",
)
OBSERVED = (3, 3, 2, 3, 3, 1, 3, 2, 3, 4)
GRADES = (("90", "ดีเด่น"), ("80", "ดีมาก"), ("70", "ดี"), ("60", "พอใช้"), ("0", "ต้องปรับปรุง"))
PARTIES = {
    "assessee": {
        "name": "นางสาวกมลชนก ศรีสุวรรณ",
        "title": "นักส่งเสริมการปกครองท้องถิ่นชำนาญการพิเศษ",
        "position_type": "วิชาการ",
        "level": "ชำนาญการพิเศษ",
        "number": "1234",
        "unit": "กลุ่มงานส่งเสริมและพัฒนาท้องถิ่น",
        "office": "สำนักงานส่งเสริมการปกครองท้องถิ่นจังหวัดชลบุรี",
        "province": "ชลบุรี",
    },
    "assessor": {
        "name": "นายอนุชา วงศ์ประเสริฐ",
        "title": "ท้องถิ่นจังหวัดชลบุรี",
        "position_type": "อำนวยการ",
        "level": "อำนวยการสูง",
        "number": "1",
        "unit": "",
        "office": "สำนักงานส่งเสริมการปกครองท้องถิ่นจังหวัดชลบุรี",
        "province": "ชลบุรี",
    },
    "reviewer": {
        "name": "นายธนากร พิทักษ์ไทย",
        "title": "รองผู้ว่าราชการจังหวัดชลบุรี",
        "position_type": "บริหาร",
        "level": "บริหารต้น",
        "number": "2",
        "unit": "",
        "office": "จังหวัดชลบุรี",
        "province": "ชลบุรี",
    },
}
PLAN = [
    {
        "need": "การสั่งสมความเชี่ยวชาญในงานอาชีพ",
        "method": "ฝึกอบรมหลักสูตรการวิเคราะห์แผนพัฒนาท้องถิ่น และศึกษาด้วยตนเองจากคู่มือของกรม",
        "period": "เม.ย. – มิ.ย. 2556",
        "measure": "ผ่านการทดสอบหลังอบรมไม่น้อยกว่าร้อยละ 80",
    },
    {
        "need": "ภาวะผู้นำ",
        "method": "มอบหมายให้เป็นหัวหน้าคณะทำงาน",
        "period": "เม.ย. – ก.ย. 2556",
        "measure": "งานของคณะทำงานเสร็จตามแผน",
    },
    {
        "need": "การคิดวิเคราะห์",
        "method": "สอนงานโดยหัวหน้ากลุ่มงาน",
        "period": "พ.ค. 2556",
        "measure": "รายงานผลการวิเคราะห์ 1 เรื่อง",
    },
]


@cache
def framework():
    """Return the Chonburi framework as the portal stores it."""
    return canonical(read_document(FRAMEWORK.read_bytes(), name=FRAMEWORK.name))


def blank():
    """Return the content at the round's start, before anything is chosen."""
    return {
        "format": 1,
        "stage": "agree",
        "agreement": 12,
        "part": 1,
        "round": {
            "fiscal_year": 2556,
            "number": 1,
            "starts_on": "2012-10-01",
            "ends_on": "2013-03-31",
            "achievement_weight": "70",
            "competency_weight": "30",
            "plan_below_level": 3,
            "grades": [{"from": bound, "label": label} for bound, label in GRADES],
        },
        "parties": deepcopy(PARTIES),
        "items": [],
        "competencies": [
            {"order": n, "kind": "core" if n <= 7 else "line", "name": name, "expected": 3, "observed": None}
            for n, name in enumerate(COMPETENCIES, start=1)
        ],
        "results": {},
        "scores": None,
        "plan": [],
        "full_score_reason": "",
    }


def agreed():
    """Return the content after both signed at the start: every indicator of the framework."""
    return blank() | {"items": [item(one) for one in framework()["indicators"]]}


def item(indicator):
    """Return one indicator of a framework as an agreed item with its children."""
    definition = {key: value for key, value in deepcopy(indicator).items() if key != "children"}
    return {
        "lineage": f"00000000-0000-0000-0000-{abs(hash(indicator['code'])) % 10**12:012}",
        "code": indicator["code"],
        "title": indicator["title"],
        "goal": GOALS.get(indicator["code"], ""),
        "weight": indicator.get("weight"),
        "definition": definition,
        "children": [item(child) for child in indicator.get("children", ())],
    }


def finished(results=RESULTS, observed=OBSERVED, items=None):
    """Return the content at the end of the round, with the figures that the rules give."""
    content = agreed() | {"stage": "result", "plan": deepcopy(PLAN)}
    content["items"] = items or content["items"]
    for row, level in zip(content["competencies"], observed or (), strict=False):
        row["observed"] = level
    content["results"] = {
        code: {
            "inputs": dict(inputs),
            "reported": dict(inputs),
            "note": "ดำเนินการตามแผนและรายงานผลแล้ว" if code == "2" else "",
            "evidence": [{"name": "สรุปผล_2556 (1).pdf", "note": "", "sha256": "0" * 64}] if code == "2" else [],
            "verdict": "accepted",
            "reason": "",
        }
        for code, inputs in results.items()
    }
    content["scores"] = scores_of(content)
    return content


def reported():
    """Return the content as the assessee reported it, not assessed yet: some indicators still without a result."""
    left_out = {"5", "9", "10"}
    content = finished({code: one for code, one in RESULTS.items() if code not in left_out}, observed=None)
    return content | {"plan": []}


def cancelled():
    """Return the finished content with 8.1 cancelled: 90 in force."""
    return finished(RESULTS | {"8.1": {"cancelled": "ไม่มีเรื่องร้องเรียนค้างอยู่"}})


def scores_of(content):
    """Return what the producer puts in `scores`."""
    indicators = [scoring.read_indicator(document(one), place=one["code"]) for one in content["items"]]
    by_code = {one.code: one for top in indicators for one in (top, *top.children)}
    rows = content["competencies"]
    score = scoring.score_agreement(
        indicators,
        {
            code: scoring.read_result(one["inputs"], by_code[code], place=code)
            for code, one in content["results"].items()
        },
        competencies=None
        if any(row["observed"] is None for row in rows)
        else [scoring.Competency(name=r["name"], expected=r["expected"], observed=r["observed"]) for r in rows],
    )
    return score.as_document() | score.displayed()


def document(one):
    """Return an item as one indicator of the framework format."""
    below = {"children": [document(child) for child in one["children"]]} if one["children"] else {}
    return {**one["definition"], "code": one["code"], "title": one["title"], "weight": one["weight"]} | below


# --- Signatures ------------------------------------------------------------------------------------------------------
START, END = datetime(2013, 2, 18, 3, 0, tzinfo=UTC), datetime(2013, 4, 1, 18, 30, tzinfo=UTC)


def signature(capacity, stage="result", *, decision="signed", comment="", content_hash="ab12cd34ef56" + "0" * 52):
    """Return a signature of the party `capacity`."""
    party = PARTIES.get(capacity) or {"name": "นางวิไล พยานดี", "title": "นักทรัพยากรบุคคลชำนาญการ"}
    return SignatureLine(
        capacity=capacity,
        stage=stage,
        decision=decision,
        comment=comment,
        name=party["name"],
        title=party["title"],
        signed_at=START if stage == "agree" else END,
        short_code=content_hash[:12].upper(),
        content_hash=content_hash,
    )


def start_signatures():
    """Return both signatures of the start."""
    return [signature("assessee", "agree"), signature("assessor", "agree")]


def all_signatures(*, reviewer="agrees", comment=""):
    """Return the signatures of a round that went its way."""
    return [
        *start_signatures(),
        signature("assessor", content_hash="0123456789ab" + "0" * 52),
        signature("assessee", content_hash="0123456789ab" + "0" * 52),
        signature("reviewer", decision=reviewer, comment=comment, content_hash="fedcba987654" + "0" * 52),
    ]


def source(content, signatures=()):
    """Return what the forms are made from."""
    return FormSource(content=content, signatures=tuple(signatures))


def verify_url(code):
    """Return the address behind a QR code."""
    return f"https://kpi.example.go.th/verify/{code}/"
