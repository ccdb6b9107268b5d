import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from agreements import actions
from agreements.models import MAIN_LINE, State
from agreements.services import agreements as services, content as contents, evidence, log, plans, results, signing
from tests.factories import GRADES, NOON, THRESHOLDS
from tests.guards import lifted
from tests.walks import bring_to, choose_all, office, sign

pytestmark = pytest.mark.django_db

WAITING = {"releases_on_assessment": False}


def drafted(**fields):
    place = office(**fields)
    choose_all(place)
    return place


def hash_of(place, stage="agree"):
    return contents.hash_of(contents.content_of(place.version, stage))


def judged(**fields):
    """Return an office at reported whose assessor scored 3.25, differs on a competency and wrote a plan."""
    place = bring_to(office(**fields), State.REPORTED)
    item = place.version.items.get()
    results.set_score(place.version, item, Decimal("3.25"), reason="หลักฐานไม่ครบ", by=place.assessor, at=NOON)
    results.observe(place.version, {1: 2, 2: 1}, by=place.assessor)
    plans.write_plan(
        place.version,
        [{"about_competency": 2, "need": "การคิดวิเคราะห์", "method": "อบรม", "period": "ปี 2556", "measure": "สอบผ่าน"}],
        by=place.assessor,
    )
    return place


# --- What is said ----------------------------------------------------------------------------------------------------
def test_what_is_agreed_is_said_in_full():
    place = drafted()
    item = place.version.items.get()

    content = contents.content_of(place.version, "agree")

    assert content | {"parties": sorted(content["parties"])} == {
        "format": 1,
        "stage": "agree",
        "agreement": place.agreement.pk,
        "part": 1,
        "round": {
            "fiscal_year": 2556, "number": 1, "starts_on": "2012-10-01", "ends_on": "2013-03-31",
            "achievement_weight": "70", "competency_weight": "30", "plan_below_level": 3, "grades": GRADES,
        },
        "parties": ["assessee", "assessor", "reviewer"],
        "items": [
            {
                "lineage": str(item.lineage), "code": item.code, "title": item.title, "goal": "", "weight": "100",
                "definition": {"unit": "ร้อยละ", "criteria": THRESHOLDS, "assigned_units": ["general"]},
                "children": [],
            }
        ],
        "competencies": [
            {"order": 1, "kind": "core", "name": "บริการที่ดี", "expected": 2, "observed": None},
            {"order": 2, "kind": "line", "name": "การคิดวิเคราะห์", "expected": 2, "observed": None},
        ],
        "results": {}, "scores": None, "plan": [], "full_score_reason": "",
    }  # fmt: skip


def test_what_came_of_it_is_said_with_evidence_scores_and_plan():
    place = bring_to(office(), State.AGREED)
    item = place.version.items.get()
    results.enter(place.version, item, {"value": "90"}, note="จากทะเบียน", by=place.assessee, at=NOON)
    upload = SimpleUploadedFile("พยาน.txt", b"90")
    kept = evidence.attach(place.version, item, upload, note="ทะเบียน", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    results.correct(place.version, item, {"value": "85"}, reason="นับใหม่", by=place.assessor, at=NOON)

    content = contents.content_of(place.version, "result")

    assert content["results"] == {
        item.code: {
            "inputs": {"value": "85"}, "reported": {"value": "90"}, "note": "จากทะเบียน",
            "evidence": [{"name": "พยาน.txt", "note": "ทะเบียน", "sha256": kept.stored.sha256}],
            "verdict": "corrected", "reason": "นับใหม่",
        }
    }  # fmt: skip
    assert (content["self_scores"]["total"], content["scores"]["total"]) == ("4.0000", "3.5000")


def test_content_is_plain_json_in_one_canonical_form():
    place = judged()

    content = contents.content_of(place.version, "result")

    assert json.loads(log.canonical(content)) == content


# --- What a hash stands for ------------------------------------------------------------------------------------------
def change_goal(place):
    item = place.version.items.get()
    services.set_terms(place.version, {item.pk: services.Terms(goal="ใหม่", weight=Decimal(100))}, by=place.assessee)


def change_weight(place):
    place.version.items.update(weight="99.5")


def change_criteria(place):
    item = place.version.items.get()
    item.definition["criteria"]["levels"]["5"] = "99"
    item.save()


def change_expected(place):
    services.name_competencies(place.version, {}, {1: 5}, by=place.assessee)


def change_party(place):
    place.version.parties.filter(capacity="assessor").update(name="คนอื่น")


def change_grades(place):
    place.round.grades = [{"from": "0", "label": "ผ่าน"}]
    place.round.save()


@pytest.mark.parametrize(
    "change",
    [change_goal, change_weight, change_criteria, change_expected, change_party, change_grades],
    ids=lambda change: change.__name__,
)
def test_whatever_is_agreed_changes_the_hash(change):
    place = drafted()
    before = hash_of(place)

    change(place)

    assert hash_of(place) != before


def test_nothing_else_changes_the_hash():
    place = drafted()
    before = hash_of(place)

    with translation.override("en"):
        in_english = hash_of(place)
    place.version.items.update(order=7)
    place.agreement.state_since = NOON.replace(year=2014)
    place.agreement.save()
    place.assessee.last_name = "ใหม่"
    place.assessee.save()

    assert {before, in_english, hash_of(place)} == {before}


def test_the_hash_of_a_result_covers_its_evidence():
    place = bring_to(office(), State.AGREED)
    item = place.version.items.get()
    hashes = []

    for content in (b"1", b"2"):
        upload = SimpleUploadedFile("พยาน.txt", content)
        kept = evidence.attach(place.version, item, upload, note="", by=place.assessee, at=NOON)
        hashes.append(hash_of(place, "result"))
        evidence.detach(kept, place.version, by=place.assessee, at=NOON)

    assert len({*hashes, hash_of(place, "result")}) == 3


# --- Who sees the assessment -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", MAIN_LINE)
def test_the_assessee_sees_the_assessment_once_it_is_released(state):
    place = bring_to(office(**WAITING), state)
    order = list(MAIN_LINE)

    released = order.index(state) >= order.index(State.RELEASED)

    assert contents.sees_assessment(place.version, place.assessee) is released
    for other in (place.assessor, place.reviewer, place.hr):
        assert contents.sees_assessment(place.version, other) is True


def said(source):
    """Return what a form tells of the assessment."""
    content = source.content
    [result] = content["results"].values()
    return {
        "score": content["scores"]["total"],
        "final": content["scores"]["final"],
        "verdict": result["verdict"],
        "reason": result["reason"],
        "observed": [row["observed"] for row in content["competencies"]],
        "plan": [row["need"] for row in content["plan"]],
        "signed": [(line.capacity, line.stage) for line in source.signatures],
    }


AGREED = [("assessee", "agree"), ("assessor", "agree")]
SELF = {"score": "4.0000", "final": None, "verdict": "", "reason": "", "observed": [None, None], "plan": []}
ASSESSED = {
    "score": "3.2500", "final": "70.50", "verdict": "set", "reason": "หลักฐานไม่ครบ", "observed": [2, 1],
    "plan": ["การคิดวิเคราะห์"],
}  # fmt: skip


def test_before_release_the_assessees_form_tells_the_self_score_alone():
    place = judged(**WAITING)
    while_assessing = contents.form_source(place.version, viewer=place.assessee)
    sign(place, actions.ASSESS, place.assessor)

    after_signing = contents.form_source(place.version, viewer=place.assessee)

    assert said(while_assessing) == said(after_signing) == SELF | {"signed": AGREED}
    # The control: the assessor's and HR's forms tell the assessment.
    for viewer in (place.assessor, place.hr):
        assert said(contents.form_source(place.version, viewer=viewer)) == ASSESSED | {
            "signed": [*AGREED, ("assessor", "result")]
        }


def test_after_release_the_assessees_form_tells_the_assessment():
    place = judged()
    sign(place, actions.ASSESS, place.assessor)

    source = contents.form_source(place.version, viewer=place.assessee)

    assert said(source) == ASSESSED | {"signed": [*AGREED, ("assessor", "result")]}


def test_while_it_is_assessed_forms_show_the_self_score_to_everybody():
    place = judged()

    assert said(contents.form_source(place.version, viewer=place.assessor))["score"] == "4.0000"


@pytest.mark.parametrize("state", [State.DRAFT, State.PROPOSED, State.AGREED])
def test_before_the_report_a_form_tells_what_is_agreed(state):
    place = drafted() if state == State.DRAFT else bring_to(office(), state)

    source = contents.form_source(place.version, viewer=place.assessor)

    assert (source.content["stage"], source.content["results"], source.content["scores"]) == ("agree", {}, None)


# --- What was signed -------------------------------------------------------------------------------------------------
def test_a_signed_form_is_printed_from_what_was_signed():
    place = bring_to(office(), State.CLOSED)
    before = contents.form_source(place.version, viewer=place.hr)

    with lifted():
        place.version.items.update(title="แก้ภายหลัง", weight="1")
        place.version.parties.update(name="คนอื่น")
    place.round.grades = [{"from": "0", "label": "ผ่าน"}]
    place.round.save()

    assert contents.form_source(place.version, viewer=place.hr) == before
    # The control: the rows themselves would now say something else.
    assert contents.content_of(place.version, "result") != before.content


def test_a_draft_is_printed_as_it_is_now():
    place = drafted()
    before = contents.form_source(place.version, viewer=place.assessee).content

    change_goal(place)

    after = contents.form_source(place.version, viewer=place.assessee).content
    assert [content["items"][0]["goal"] for content in (before, after)] == ["", "ใหม่"]


def test_a_signature_line_says_who_signed_as_what_and_when():
    place = bring_to(office(), State.PROPOSED)

    [line] = contents.signature_lines(place.version, ["agree", "result"])

    signed = contents.hash_of(signing.content_to_sign(place.version, actions.AGREE))
    assert (line.capacity, line.stage, line.decision, line.name, line.title, line.signed_at, line.content_hash) == (
        "assessee", "agree", "signed", place.assessee.full_name, place.posting.printed_title, NOON, signed,
    )  # fmt: skip
    assert line.short_code == signed[:12].upper()


def test_an_assessment_that_was_returned_is_no_longer_told():
    place = judged(**WAITING)
    sign(place, actions.ASSESS, place.assessor)

    services.return_with_reason(place.version, actions.RETURN_ASSESSMENT, by=place.hr, reason="ทบทวน", at=NOON)

    assert contents.signed_content(place.version, "result") is None
    source = contents.form_source(place.version, viewer=place.hr)
    assert [(line.capacity, line.stage) for line in source.signatures] == AGREED
