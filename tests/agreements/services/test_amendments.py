import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from agreements import actions
from agreements.models import Event, Evidence, Result, Signature, Stage, State, Version
from agreements.services import agreements as services, amendments, content as contents, evidence, results, signing
from agreements.services.agreements import AgreementRefused, Terms
from tests.factories import NOON
from tests.walks import bring_to, choose_all, enter_all, office, sign

pytestmark = pytest.mark.django_db

WHY = "มีคำสั่งมอบหมายงานใหม่"
THRESHOLDS = {"kind": "thresholds", "levels": {"1": "1", "2": "2", "3": "3", "4": "4", "5": "5"}}
OWN = {"title": "จำนวนครั้งที่อบรม", "weight": "50", "unit": "ครั้ง", "criteria": THRESHOLDS}


def agreed(indicators=2):
    return bring_to(office(indicators=indicators), State.AGREED)


def amend(place, by=None, reason=WHY):
    return amendments.amend(place.version, by=by or place.assessee, reason=reason, at=NOON)


def reweigh(place, *weights):
    items = place.version.items.order_by("order")
    terms = {item.pk: Terms(goal="", weight=Decimal(one)) for item, one in zip(items, weights, strict=True)}
    services.set_terms(place.version, terms, by=place.assessee)


def sign_again(place):
    sign(place, actions.PROPOSE, place.assessee)
    sign(place, actions.AGREE, place.assessor)


def state(place):
    place.agreement.refresh_from_db()
    return place.agreement.state


def test_an_amendment_is_a_copy_in_draft_that_says_what_it_amends():
    place = agreed()
    signed = place.version

    amendment = amend(place)

    assert (amendment.number, amendment.amends, amendment.amends_because) == (2, signed, WHY)
    assert place.version == amendment
    assert state(place) == State.DRAFT
    assert list(amendment.items.values_list("code", "lineage", "weight")) == list(
        signed.items.values_list("code", "lineage", "weight")
    )
    event = Event.objects.get(verb="amend")
    assert (event.actor, event.text.details["reason"]) == (place.assessee, WHY)
    # What was signed stands as it was, with both signatures.
    assert signed.signatures.count() == 2
    assert place.version.is_open_amendment


@pytest.mark.parametrize("who", ["reviewer", "hr"])
def test_only_the_two_sides_amend(who):
    place = agreed()

    with pytest.raises(actions.NotAllowed):
        amend(place, by=getattr(place, who))


@pytest.mark.parametrize("when", [State.DRAFT, State.PROPOSED, State.REPORTED])
def test_only_what_is_agreed_and_not_reported_is_amended(when):
    place = bring_to(office(), when)

    with pytest.raises(actions.NotNow):
        amend(place)


def test_an_amendment_needs_a_reason():
    place = agreed()

    with pytest.raises(AgreementRefused):
        amend(place, reason="  ")
    assert state(place) == State.AGREED


def test_both_sides_sign_it_again_and_then_it_counts_with_the_results_entered_before():
    place = agreed()
    enter_all(place)
    before = Result.objects.count()
    signed = place.version
    amend(place, by=place.assessor)
    reweigh(place, 40, 60)
    sign_again(place)

    assert state(place) == State.AGREED
    assert place.version.number == 2
    book = results.open_book(place.version)
    assert [(item.weight, book.result(item).inputs) for item in book.leaves] == [
        (Decimal(40), {"value": "90"}),
        (Decimal(60), {"value": "90"}),
    ]
    assert Result.objects.count() == before
    assert [Signature.objects.filter(version=one).count() for one in (signed, place.version)] == [2, 2]
    bring_to(place, State.CLOSED)


def test_the_signed_content_says_which_signed_version_it_amends():
    place = agreed()
    (first,) = {one.content_hash for one in place.version.signatures.all()}
    amend(place)
    reweigh(place, 40, 60)
    sign_again(place)

    content = json.loads(place.version.signatures.first().snapshot.content)

    assert content["amends"] == {"version": 1, "sha256": first, "reason": WHY}


def test_an_amendment_that_changes_nothing_is_not_signed():
    place = agreed()
    amend(place)

    with pytest.raises(signing.SignOffRefused):
        sign(place, actions.PROPOSE, place.assessee)
    # The control: with a change it is.
    reweigh(place, 40, 60)
    sign(place, actions.PROPOSE, place.assessee)


@pytest.mark.parametrize("proposed", [False, True])
def test_given_up_the_signed_version_counts_as_it_was(proposed):
    place = agreed()
    enter_all(place)
    signed = place.version
    was = contents.hash_of(contents.content_of(signed, Stage.RESULT, side="self"))
    amend(place)
    services.remove_item(place.version.items.order_by("order").last(), by=place.assessee)
    reweigh(place, 100)
    if proposed:
        sign(place, actions.PROPOSE, place.assessee)
    given_up = place.version

    amendments.abandon(given_up, by=place.assessor, at=NOON)

    given_up.refresh_from_db()
    assert (place.version, state(place)) == (signed, State.AGREED)
    assert (given_up.abandoned_at, given_up.is_current) == (NOON, False)
    assert contents.hash_of(contents.content_of(place.version, Stage.RESULT, side="self")) == was
    # And it goes on: the next amendment takes the next free number.
    assert amend(place).number == 3
    amendments.abandon(place.version, by=place.assessee, at=NOON)
    bring_to(place, State.CLOSED)


def test_what_is_no_amendment_or_is_signed_by_both_is_not_given_up():
    place = office()
    choose_all(place)
    with pytest.raises(actions.NotAllowed):
        amendments.abandon(place.version, by=place.assessee, at=NOON)
    place = agreed()
    amend(place)
    reweigh(place, 40, 60)
    with pytest.raises(actions.NotAllowed):
        amendments.abandon(place.version, by=place.hr, at=NOON)
    sign_again(place)
    with pytest.raises(actions.NotNow):
        amendments.abandon(place.version, by=place.assessee, at=NOON)


def test_a_returned_amendment_still_amends_the_same_version():
    place = agreed()
    signed = place.version
    amend(place)
    reweigh(place, 40, 60)
    sign(place, actions.PROPOSE, place.assessee)

    services.return_with_reason(
        place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="น้ำหนักข้อ 1 น้อยไป", at=NOON
    )

    assert (place.version.amends, place.version.amends_because) == (signed, WHY)
    assert place.version.returned_because == "น้ำหนักข้อ 1 น้อยไป"
    amendments.abandon(place.version, by=place.assessee, at=NOON)
    assert place.version == signed
    assert set(Version.objects.exclude(abandoned_at=None).values_list("number", flat=True)) == {2, 3}


# --- What it says otherwise ------------------------------------------------------------------------------------------
def words(changed):
    return {(one.code, entry.label, entry.before, entry.after) for one in changed for entry in one.entries}


def test_it_is_told_item_by_item_what_is_otherwise():
    place = agreed(indicators=2)
    first, second = place.version.items.order_by("order")
    amend(place)
    services.remove_item(place.version.items.get(lineage=second.lineage), by=place.assessee)
    services.write_own_indicator(place.version, OWN, goal="", by=place.assessee)
    services.set_terms(
        place.version,
        {
            place.version.items.get(lineage=first.lineage).pk: Terms(goal="งานครบ", weight=Decimal(50)),
            place.version.items.get(code="P1").pk: Terms(goal="", weight=Decimal(50)),
        },
        by=place.assessee,
    )
    services.name_competencies(place.version, {2: "การทำงานเชิงรุก"}, {1: 3}, by=place.assessee)

    with translation.override("en"):
        (amendment,) = amendments.amendments_of(place.version)

    assert [one["code"] for one in amendment.items.added] == ["P1"]
    assert [one["code"] for one in amendment.items.removed] == [second.code]
    assert words(amendment.items.changed) == {(first.code, "Goal or expected achievement", "–", "งานครบ")}
    assert amendment.items.unchanged == 0
    assert [(one.before, one.after) for one in amendment.others] == [
        ("บริการที่ดี, expected level 2", "บริการที่ดี, expected level 3"),
        ("การคิดวิเคราะห์, expected level 2", "การทำงานเชิงรุก, expected level 2"),
    ]


def test_weight_wording_and_criteria_are_told_before_and_after():
    place = office(indicators=0)
    item = services.write_own_indicator(place.version, OWN | {"weight": "100"}, goal="", by=place.assessee)
    for action, by in ((actions.PROPOSE, place.assessee), (actions.AGREE, place.assessor)):
        sign(place, action, by)
    amend(place)
    now = place.version.items.get(lineage=item.lineage)
    criteria = {"kind": "thresholds", "levels": {**THRESHOLDS["levels"], "5": "6"}}
    services.rewrite_own_indicator(
        now, OWN | {"weight": "90", "title": "จำนวนครั้งที่จัดอบรม", "criteria": criteria}, goal="", by=place.assessee
    )

    (amendment,) = amendments.amendments_of(place.version)

    (changed,) = amendment.items.changed
    told = [(one.before, one.after) for one in changed.entries]
    assert told[:2] == [("จำนวนครั้งที่อบรม", "จำนวนครั้งที่จัดอบรม"), ("100", "90")]
    assert [("5: 5" in before, "5: 6" in after) for before, after in told[2:]] == [(True, True)]


def test_several_amendments_are_each_told_against_the_one_before():
    place = agreed()
    for weights in ((40, 60), (30, 70)):
        amend(place)
        reweigh(place, *weights)
        sign_again(place)

    told = amendments.amendments_of(place.version)

    assert [(one.version.number, one.before.number) for one in told] == [(3, 2), (2, 1)]
    assert [[(e.before, e.after) for e in one.items.changed[0].entries] for one in told] == [
        [("40", "30")],
        [("50", "40")],
    ]


def test_after_a_returned_report_what_was_amended_is_still_told():
    place = agreed()
    amend(place)
    reweigh(place, 40, 60)
    sign_again(place)
    bring_to(place, State.REPORTED)
    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="แนบหลักฐาน", at=NOON)

    told = amendments.amendments_of(place.version)

    assert [(one.version.number, one.before.number) for one in told] == [(2, 1)]
    # And it can be amended again, against what was signed.
    amend(place)
    reweigh(place, 45, 55)
    assert [(one.version.number, one.before.number) for one in amendments.amendments_of(place.version)] == [
        (4, 3),
        (2, 1),
    ]


# --- Results of what was amended -------------------------------------------------------------------------------------
def test_a_result_that_does_not_fit_the_new_criteria_counts_as_not_reported_and_is_named():
    place = office(indicators=0)
    item = services.write_own_indicator(place.version, OWN | {"weight": "100"}, goal="", by=place.assessee)
    for action, by in ((actions.PROPOSE, place.assessee), (actions.AGREE, place.assessor)):
        sign(place, action, by)
    enter_all(place, value="4")
    amend(place)
    steps = [{"level": str(level), "title": f"ขั้นตอนที่ {level}"} for level in range(1, 6)]
    milestones = {"kind": "milestones", "steps": steps}
    now = place.version.items.get(lineage=item.lineage)
    services.rewrite_own_indicator(now, OWN | {"weight": "100", "criteria": milestones}, goal="", by=place.assessee)

    (amendment,) = amendments.amendments_of(place.version)
    assert amendment.misfits == (now,)
    sign_again(place)
    (score,) = results.scores_of(results.open_book(place.version), "self").flatten()
    assert score.status == "not_reported"
    # It is entered anew, for the new criteria; given up, the earlier result would have counted again.
    results.enter(place.version, place.version.items.get(), {"done": ["1", "2"]}, note="", by=place.assessee, at=NOON)
    (score,) = results.scores_of(results.open_book(place.version), "self").flatten()
    assert score.score == 2


def test_what_was_judged_of_an_indicator_that_is_worded_otherwise_is_judged_anew():
    place = office(indicators=0)
    services.write_own_indicator(place.version, OWN, goal="", by=place.assessee)
    services.write_own_indicator(place.version, OWN | {"title": "อื่น"}, goal="", by=place.assessee)
    for action, by in ((actions.PROPOSE, place.assessee), (actions.AGREE, place.assessor)):
        sign(place, action, by)
    bring_to(place, State.REPORTED)
    for item in place.version.items.all():
        results.accept(place.version, item, by=place.assessor, at=NOON)
    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="ปรับ", at=NOON)
    amend(place)
    changed, same = place.version.items.order_by("order")
    criteria = {"kind": "thresholds", "levels": {**THRESHOLDS["levels"], "5": "6"}}
    services.rewrite_own_indicator(changed, OWN | {"criteria": criteria}, goal="", by=place.assessee)
    sign_again(place)

    verdicts = dict(Result.objects.values_list("lineage", "verdict"))

    assert verdicts == {changed.lineage: "", same.lineage: "accepted"}


def test_evidence_stays_with_the_result_of_its_indicator():
    place = agreed(indicators=1)
    upload = SimpleUploadedFile("หลักฐาน.txt", "พยาน".encode())
    kept = evidence.attach(place.version, place.version.items.get(), upload, note="", by=place.assessee, at=NOON)
    amend(place)
    services.name_competencies(place.version, {}, {1: 3}, by=place.assessee)
    sign_again(place)

    item = place.version.items.get()
    assert list(Evidence.objects.filter(result__lineage=item.lineage, result__part=place.version.part)) == [kept]
