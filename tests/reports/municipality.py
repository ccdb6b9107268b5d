"""Contents of a municipality's agreement in every state, from the Nonthaburi framework and scored by the rules."""

from copy import deepcopy
from functools import cache

import scoring
from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.services.content import SignatureLine
from reports import documents, pdf
from reports.rows.organisation import organisation_set
from tests.reports import contents

FRAMEWORK = contents.FRAMEWORK.parent / "nonthaburi-2564.yaml"
OFFICE = "เทศบาลนครสมมติบุรี"

# Inputs that give the scores of scoring-rules.md: 3.9385, 78.77, ดี.
RESULTS = {
    "1": {"value": "77.5"}, "2": {"value": "5"}, "3": {"value": "5"}, "4": {"value": "4"}, "5": {"value": "4"},
    "6": {"value": "1"}, "7": {"value": "89.1"}, "8": {"level": 4}, "9.1": {"value": "5"}, "9.2": {"value": "4"},
    "9.3": {"value": "3"}, "10": {"value": "9"}, "11": {"variables": {"standard": "100000", "actual": "85000"}},
    "12": {"level": 5}, "13": {"level": 5}, "14": {"level": 0}, "15": {"level": 5}, "16": {"level": 4},
    "17": {"value": "5"}, "18": {"value": "5"}, "19": {"value": "5"}, "20": {"value": "7"}, "21": {"level": 5},
    "22": {"level": 5}, "23.1": {"level": 5}, "23.2": {"level": 1}, "23.3": {"value": "4"}, "24": {"value": "72.3"},
    "25": {"value": "80"}, "26": {"value": "83.47"}, "27": {"value": "12.6"}, "28": {"done": ["1", "2", "3"]},
    "29": {"value": "85"},
}  # fmt: skip


def _party(name, title):
    kept = {"position_type": "", "level": "", "number": "", "unit": OFFICE, "office": OFFICE, "province": "สมมติบุรี"}
    return {"name": name, "title": title} | kept


PARTIES = {
    "assessee": _party("นางสาวสุดา ตัวอย่าง", "ปลัดเทศบาลนครสมมติบุรี"),
    "assessor": _party("นายสมชาย ตัวอย่าง", "นายกเทศมนตรีนครสมมติบุรี"),
    "witness_1": _party("นายวิทยา ตัวอย่าง", "รองนายกเทศมนตรี"),
    "witness_2": _party("นางจำเนียร ตัวอย่าง", "รองนายกเทศมนตรี"),
}


@cache
def framework():
    """Return the Nonthaburi framework as the portal stores it."""
    return canonical(read_document(FRAMEWORK.read_bytes(), name=FRAMEWORK.name))


def blank():
    """Return the content at the round's start, before anything is chosen."""
    round_ = {
        "fiscal_year": 2564,
        "number": 0,
        "starts_on": "2020-10-01",
        "ends_on": "2021-09-30",
        "achievement_weight": "100",
        "competency_weight": "0",
        "plan_below_level": 0,
        "grades": deepcopy(framework()["grades"]),
    }
    return contents.blank() | {"round": round_, "parties": deepcopy(PARTIES), "competencies": []}


def nameless():
    """Return a form without anybody's name on it."""
    return blank() | {"parties": {}}


def agreed():
    """Return the content after both signed at the start."""
    items = [_filled(contents.item(one)) for one in framework()["indicators"]]
    return blank() | {"items": items}


def _filled(item):
    """Return `item` with its work as the goal, and with the blanks of its definition as they may be filled."""
    return item | {"goal": item["definition"].get("work", "")}


def finished(results=RESULTS):
    """Return the content at the end of the year, with the figures that the rules give."""
    content = agreed() | {"stage": "result"}
    content["results"] = {
        code: {
            "inputs": dict(inputs), "reported": dict(inputs), "note": "", "evidence": [], "verdict": "accepted",
            "reason": "",
        }
        for code, inputs in results.items()
    }  # fmt: skip
    content["scores"] = scores_of(content)
    return content


def scores_of(content):
    """Return what the producer puts in `scores`."""
    indicators = [scoring.read_indicator(contents.document(one), place=one["code"]) for one in content["items"]]
    by_code = {one.code: one for top in indicators for one in (top, *top.children)}
    given = {
        code: scoring.read_result(one["inputs"], by_code[code], place=code) for code, one in content["results"].items()
    }
    grades = scoring.Grades(
        grades=tuple(
            scoring.Grade(from_=scoring.exact(one["from"]), label=one["label"], colour=one.get("colour", ""))
            for one in framework()["grades"]
        ),
        on=scoring.exact(5),
    )
    score = scoring.score_agreement(indicators, given, competencies=None, grades=grades)
    return score.as_document() | score.displayed()


def signature(capacity, stage="agree", *, content_hash="ab12cd34ef56" + "0" * 52):
    """Return a signature of the party `capacity`."""
    party = PARTIES[capacity]
    return SignatureLine(
        capacity=capacity,
        stage=stage,
        decision="signed",
        comment="",
        name=party["name"],
        title=party["title"],
        signed_at=contents.START if stage == "agree" else contents.END,
        short_code=content_hash[:12].upper(),
        content_hash=content_hash,
        log_head="17-0123456789AB",
    )


def start_signatures():
    """Return the signatures of both sides and of the witnesses."""
    return [signature(one) for one in PARTIES]


def all_signatures():
    """Return the signatures of a year that went its way."""
    result = {"content_hash": "0123456789ab" + "0" * 52}
    return [*start_signatures(), signature("assessor", "result", **result), signature("assessee", "result", **result)]


def set_of(content, signatures=()):
    """Return what the papers of `content` say."""
    source = contents.source(content, signatures)
    return organisation_set(source, office=OFFICE, dimensions=framework()["dimensions"], verify_url=contents.verify_url)


def html_of(content, signatures=(), *, forms=tuple(documents.ORGANISATION_FORMS), digits="arabic"):
    """Return the whole document of the papers of `content`."""
    return documents.document([set_of(content, signatures)], forms=list(forms), digits=digits)


def paper_of(content, signatures=(), **choice):
    """Return the PDF of the papers of `content`."""
    return pdf.render(html_of(content, signatures, **choice))
