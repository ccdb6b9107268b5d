import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from agreements import actions
from agreements.models import Holiday, Item, PlanRow, Result, State
from agreements.services import agreements as services, plans, results
from tests.factories import NOON, THRESHOLDS, IndicatorFactory, UserFactory
from tests.walks import bring_to, judge_all, office, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


LATE = {"criteria": THRESHOLDS, "lateness": {"due": "2013-02-14", "per_working_day": "0.25", "cutoff": "2013-02-20"}}
RUBRIC = {"criteria": {"kind": "rubric", "levels": {"1": "น้อย", "3": "กลาง", "5": "มาก"}}}
FORMULA = {
    "criteria": THRESHOLDS,
    "measure": {"kind": "formula", "expression": "done / all * 100", "variables": {"done": {}, "all": {}}},
}


def agreed(definition=None, **office_fields):
    """Return an office whose results are being entered, with one item of this definition."""
    place = office(indicators=0, **office_fields)
    definition = {**(definition or {"unit": "ร้อยละ", "criteria": THRESHOLDS}), "assigned_units": ["general"]}
    place.indicators.append(IndicatorFactory(framework=place.framework, code="1", definition=definition))
    return bring_to(place, State.AGREED)


def reported(inputs, definition=None, **office_fields):
    """Return an office whose one item was reported with `inputs`."""
    place = agreed(definition, **office_fields)
    enter(place, inputs)
    results.report(place.version, by=place.assessee, at=NOON)
    return place


def enter(place, inputs, *, note="", at=NOON):
    return results.enter(place.version, place.version.items.get(), inputs, note=note, by=place.assessee, at=at)


def set_score(place, score, *, reason="หลักฐานไม่ครบ", by=None):
    item = place.version.items.get()
    return results.set_score(place.version, item, Decimal(score), reason=reason, by=by or place.assessor, at=NOON)


def correct(place, inputs, *, reason="นับใหม่", by=None):
    item = place.version.items.get()
    return results.correct(place.version, item, inputs, reason=reason, by=by or place.assessor, at=NOON)


def score(place, side):
    """Return what the office's one item has on `side`, as displayed."""
    [one] = results.scores_of(results.open_book(place.version), side).flatten()
    return one.as_document()["score"]


# --- Entering --------------------------------------------------------------------------------------------------------
def test_what_is_entered_is_kept_with_its_note():
    place = agreed()

    enter(place, {"value": "83.5"}, note="จากทะเบียน")

    assert Result.objects.values("inputs", "note", "verdict", "checkpoint", "updated_at", "self_outcome").get() == {
        "inputs": {"value": "83.5"}, "note": "จากทะเบียน", "verdict": "", "checkpoint": "final",
        "updated_at": NOON, "self_outcome": None,
    }  # fmt: skip
    assert score(place, "self") == "3.3500"


def test_entering_again_replaces_what_was_entered():
    place = agreed()
    enter(place, {"value": "83.5"})

    enter(place, {})

    assert Result.objects.get().inputs == {}
    assert score(place, "self") == "0.0000"


def test_zero_is_a_result_and_blank_is_not_reported():
    place = agreed()

    statuses = []
    for inputs in ({}, {"value": "0"}):
        enter(place, inputs)
        [one] = results.scores_of(results.open_book(place.version), "self").flatten()
        statuses.append((one.as_document()["status"], one.as_document()["score"]))

    assert statuses == [("not_reported", "0.0000"), ("scored", "1.0000")]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("2013-02-18", None),
        ("2012-10-01", None),
        ("2013-02-19", "The date sent lies after today."),
        ("2012-09-30", "The date sent lies before the round."),
    ],
)
def test_the_date_sent_lies_within_the_round_and_not_after_today(sent, said):
    place = agreed(LATE)

    if said:
        with pytest.raises(results.ResultRefused) as refusal:
            enter(place, {"value": "90", "submitted_on": sent})
        assert refusal.value.messages == [said]
    else:
        enter(place, {"value": "90", "submitted_on": sent})

    assert Result.objects.filter(inputs__submitted_on=sent).exists() is (said is None)


@pytest.mark.parametrize(("hour", "taken"), [(16, False), (17, True)])
def test_today_is_that_of_the_offices_and_not_of_greenwich(hour, taken):
    place = agreed(LATE)
    at = datetime.datetime(2013, 2, 18, hour, 30, tzinfo=datetime.UTC)

    if taken:
        enter(place, {"value": "90", "submitted_on": "2013-02-19"}, at=at)
    else:
        with pytest.raises(results.ResultRefused):
            enter(place, {"value": "90", "submitted_on": "2013-02-19"}, at=at)

    assert Result.objects.exists() is taken


@pytest.mark.parametrize(
    ("definition", "inputs"),
    [
        (None, {"value": "มาก"}),
        (None, {"level": 3}),
        (None, {"value": "90", "cancelled": "ไม่มี"}),
        (None, {"values": ["1", "2"]}),
        (RUBRIC, {"level": 2}),
        (FORMULA, {"variables": {"done": "1"}}),
        (FORMULA, {"variables": {"done": "1", "all": "0"}}),
        (FORMULA, {"variables": {"done": "1", "all": "2", "more": "3"}}),
        (LATE, {"value": "90", "submitted_on": "20 มี.ค. 2556"}),
        (LATE, {"value": "90", "late_items": 1}),
    ],
)
def test_what_is_no_result_of_the_indicator_is_refused_and_the_old_one_stays(definition, inputs):
    place = agreed(definition)
    before = {RUBRIC["criteria"]["kind"]: {"level": 3}}.get(place.version.items.get().kind, {"value": "90"})
    enter(place, before)

    with pytest.raises(results.ResultRefused):
        enter(place, inputs)

    assert Result.objects.get().inputs == before


def test_a_base_of_nothing_offers_to_cancel():
    place = agreed(FORMULA)

    with pytest.raises(results.ResultRefused) as refusal:
        enter(place, {"variables": {"done": "0", "all": "0"}})

    assert refusal.value.messages == [
        "There is nothing to measure: 0 ÷ 0 × 100 divides by 0. Cancel the indicator with a reason instead."
    ]


@pytest.mark.parametrize("who", ["assessor", "reviewer", "hr", "stranger"])
def test_only_the_assessee_enters_and_reports(who):
    place = agreed()
    by = UserFactory() if who == "stranger" else getattr(place, who)
    item = place.version.items.get()

    with pytest.raises(actions.NotAllowed):
        results.enter(place.version, item, {"value": "90"}, note="", by=by, at=NOON)
    with pytest.raises(actions.NotAllowed):
        results.report(place.version, by=by, at=NOON)
    # The control: the assessee may do both.
    enter(place, {"value": "90"})
    results.report(place.version, by=place.assessee, at=NOON)

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.REPORTED


def test_a_holiday_of_the_round_is_no_working_day():
    place = agreed(LATE)
    inputs = {"value": "90", "submitted_on": "2013-02-18"}
    enter(place, inputs)
    before = score(place, "self")

    Holiday.objects.create(organisation=place.province, day="2013-02-15", name="วันหยุด")

    # Due on Thursday: Friday and Monday are late, until Friday is a holiday.
    assert (before, score(place, "self")) == ("3.5000", "3.7500")


# --- Reporting -------------------------------------------------------------------------------------------------------
def test_reporting_keeps_the_outcome_for_lists():
    reported({"value": "83.5"})

    kept = Result.objects.get()
    assert kept.outcome is None
    assert kept.self_outcome == {
        "status": "scored", "value": "83.5000", "score": "3.3500",
        "rules": ["measured_direct", "interpolation", "weighted"],
    }  # fmt: skip


def test_what_was_never_entered_is_reported_as_such():
    place = agreed()

    results.report(place.version, by=place.assessee, at=NOON)

    kept = Result.objects.get()
    assert (kept.inputs, kept.self_outcome["status"], kept.self_outcome["score"]) == ({}, "not_reported", "0.0000")


def test_signing_the_assessment_keeps_its_outcome_beside_the_self_score():
    place = reported({"value": "90"})
    set_score(place, "3.25")
    results.observe(place.version, {1: 2, 2: 2}, by=place.assessor)

    sign(place, actions.ASSESS, place.assessor)

    kept = Result.objects.get()
    assert (kept.self_outcome["score"], kept.outcome["score"]) == ("4.0000", "3.2500")
    assert "set_by_assessor" in kept.outcome["rules"]


# --- Assessing -------------------------------------------------------------------------------------------------------
def test_accepting_takes_the_self_score():
    place = reported({"value": "90"})

    results.accept(place.version, place.version.items.get(), by=place.assessor, at=NOON)

    assert Result.objects.get().verdict == "accepted"
    assert (score(place, "self"), score(place, "assessor")) == ("4.0000", "4.0000")


def test_a_correction_is_scored_by_the_rules_beside_the_self_score():
    place = reported({"value": "90"})

    correct(place, {"value": "83.5"})

    kept = Result.objects.get()
    assert (kept.inputs, kept.assessor_inputs, kept.assessor_reason) == ({"value": "90"}, {"value": "83.5"}, "นับใหม่")
    assert (score(place, "self"), score(place, "assessor")) == ("4.0000", "3.3500")


def test_a_set_score_enters_the_total_beside_the_self_score():
    place = reported({"value": "90"})

    set_score(place, "3.25")

    book = results.open_book(place.version)
    totals = [results.scores_of(book, side).as_document()["total"] for side in ("self", "assessor")]
    assert totals == ["4.0000", "3.2500"]


@pytest.mark.parametrize(
    ("definition", "inputs", "given", "said"),
    [
        (None, {"value": "90"}, "0", None),
        (None, {"value": "90"}, "5", None),
        (None, {"value": "90"}, "4.75", None),
        (None, {"value": "90"}, "5.01", "5.01 is more than the 5 allowed."),
        (None, {"value": "90"}, "4.755", "4.755 has more than 2 decimals."),
        (None, {"value": "90"}, "-0.5", "-0.5 is below 0; allowed is 0 or more."),
        (RUBRIC, {"level": 5}, "3", None),
        (RUBRIC, {"level": 5}, "0", None),
        (RUBRIC, {"level": 5}, "2", "Level 2 is not described. Allowed: 0, 1, 3, 5."),
        (RUBRIC, {"level": 5}, "3.5", "Level 3.5 is not described. Allowed: 0, 1, 3, 5."),
    ],
)
def test_a_set_score_is_0_to_5_with_two_places_or_a_described_level(definition, inputs, given, said):
    place = reported(inputs, definition)

    if said:
        with pytest.raises(results.ResultRefused) as refusal:
            set_score(place, given)
        assert refusal.value.messages == [said]
    else:
        set_score(place, given)

    assert Result.objects.get().assessor_score == (None if said else Decimal(given))


def test_a_score_can_be_set_where_nothing_was_reported():
    place = reported({})

    set_score(place, "2.5")

    assert (score(place, "self"), score(place, "assessor")) == ("0.0000", "2.5000")


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_different_score_wants_a_reason(reason):
    place = reported({"value": "90"})

    with pytest.raises(results.ResultRefused):
        set_score(place, "3", reason=reason)
    with pytest.raises(results.ResultRefused):
        correct(place, {"value": "80"}, reason=reason)

    assert Result.objects.get().verdict == ""


def test_a_correction_is_checked_like_what_was_reported():
    place = reported({"value": "90", "submitted_on": "2013-02-14"}, LATE)

    with pytest.raises(results.ResultRefused):
        correct(place, {"value": "90", "submitted_on": "2013-02-19"})
    with pytest.raises(results.ResultRefused):
        correct(place, {"level": 5})

    assert Result.objects.get().verdict == ""


def test_the_last_verdict_counts_and_leaves_nothing_of_the_one_before():
    place = reported({"value": "90"})
    set_score(place, "3")
    correct(place, {"value": "80"})

    results.accept(place.version, place.version.items.get(), by=place.assessor, at=NOON)

    kept = Result.objects.get()
    assert (kept.verdict, kept.assessor_inputs, kept.assessor_score, kept.assessor_reason) == (
        "accepted",
        None,
        None,
        "",
    )


def test_entering_anew_clears_what_the_assessor_made_of_the_old_inputs():
    place = reported({"value": "90"})
    set_score(place, "3")
    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="นับใหม่", at=NOON)

    enter(place, {"value": "95"})

    kept = Result.objects.get()
    assert (kept.verdict, kept.assessor_inputs, kept.assessor_score, kept.assessor_reason) == ("", None, None, "")
    assert score(place, "assessor") == "4.5000"


@pytest.mark.parametrize("who", ["assessee", "reviewer", "hr", "stranger"])
def test_only_the_assessor_judges(who):
    place = reported({"value": "90"})
    by = UserFactory() if who == "stranger" else getattr(place, who)
    item = place.version.items.get()
    acts = [
        lambda by: results.accept(place.version, item, by=by, at=NOON),
        lambda by: correct(place, {"value": "80"}, by=by),
        lambda by: set_score(place, "3", by=by),
        lambda by: results.observe(place.version, {1: 2}, by=by),
        lambda by: plans.write_plan(place.version, [], by=by),
        lambda by: results.explain_full_score(place.version, "ครบ", by=by),
    ]

    for act in acts:
        with pytest.raises(actions.NotAllowed):
            act(by)
    assert Result.objects.get().verdict == ""
    # The control: the assessor may take each of them.
    for act in acts:
        act(place.assessor)

    assert Result.objects.get().verdict == "set"


def test_observed_levels_that_are_not_given_stay():
    place = reported({"value": "90"})
    results.observe(place.version, {1: 2, 2: 3}, by=place.assessor)

    results.observe(place.version, {2: 1}, by=place.assessor)

    assert list(place.version.competencies.order_by("order").values_list("observed", flat=True)) == [2, 1]


def test_without_every_observed_level_there_is_no_final_score():
    place = reported({"value": "90"})
    results.observe(place.version, {1: 2}, by=place.assessor)
    before = results.scores_of(results.open_book(place.version), "assessor").as_document()

    results.observe(place.version, {2: 1}, by=place.assessor)

    after = results.scores_of(results.open_book(place.version), "assessor").as_document()
    assert (before["achievement"], before["competency"], before["final"]) == ("80.00", None, None)
    # One met, one a level below: (3 + 2) ÷ 6; 80 × 70 % + 83.3333 × 30 %.
    assert (after["achievement"], after["competency"], after["final"], after["grade"]) == (
        "80.00", "83.33", "81.00", "ดีมาก",
    )  # fmt: skip


# --- The development plan --------------------------------------------------------------------------------------------
def due_of(place):
    book = results.open_book(place.version)
    due = plans.plan_due(book, results.scores_of(book, "assessor"))
    return [(one.about_item, one.about_competency, one.title) for one in due]


@pytest.mark.parametrize(
    ("value", "is_due"), [("79.99", True), ("80", False), ("60", True), ("0", True), ("100", False)]
)
def test_an_indicator_below_level_3_is_due(value, is_due):
    place = reported({"value": value})
    item = place.version.items.get()

    assert due_of(place) == ([(item.lineage, None, f"1 {item.title}")] if is_due else [])


@pytest.mark.parametrize(
    ("inputs", "is_due"), [({}, True), ({"cancelled": "ไม่มีเรื่อง"}, False)], ids=["not reported", "cancelled"]
)
def test_what_was_not_reported_is_due_and_what_was_cancelled_is_not(inputs, is_due):
    place = reported(inputs)

    assert bool(due_of(place)) is is_due


def test_the_level_below_which_a_row_is_due_belongs_to_the_round():
    place = reported({"value": "85"}, plan_below_level=4)

    assert [title for _item, _order, title in due_of(place)] == [f"1 {place.version.items.get().title}"]


def test_the_score_of_the_assessor_decides_what_is_due():
    place = reported({"value": "90"})
    before = due_of(place)

    set_score(place, "2.99")

    assert (before, len(due_of(place))) == ([], 1)


@pytest.mark.parametrize(
    ("observed", "due"),
    [
        ({1: 2, 2: 2}, []),
        ({1: 5, 2: 2}, []),
        ({1: 1, 2: 2}, [(None, 1, "บริการที่ดี")]),
        ({1: 0, 2: 1}, [(None, 1, "บริการที่ดี"), (None, 2, "การคิดวิเคราะห์")]),
        ({1: 1}, [(None, 1, "บริการที่ดี")]),
        ({}, []),
    ],
)
def test_a_competency_below_the_expected_level_is_due(observed, due):
    place = reported({"value": "90"})

    results.observe(place.version, observed, by=place.assessor)

    assert due_of(place) == due


def test_a_composite_is_due_by_its_sub_indicators():
    place = office(indicators=0)
    top = IndicatorFactory(framework=place.framework, code="1", definition={"assigned_units": ["general"]})
    for code, weight in (("1.1", "60"), ("1.2", "40")):
        IndicatorFactory(framework=place.framework, parent=top, code=code, weight=weight)
    place.indicators.append(top)
    bring_to(place, State.AGREED)
    for code, value in (("1.1", "60"), ("1.2", "100")):
        item = place.version.items.get(code=code)
        results.enter(place.version, item, {"value": value}, note="", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)

    # 1.1 = 1 at 60, 1.2 = 5 at 40: the composite has 2.6.
    codes = [title.split()[0] for _item, _order, title in due_of(place)]
    scores = results.scores_of(results.open_book(place.version), "assessor").as_document()
    assert scores["total"] == "2.6000"
    assert codes == ["1.1"]


def test_a_row_fills_what_it_is_about_and_a_free_row_nothing():
    place = reported({"value": "60"})
    results.observe(place.version, {1: 1, 2: 2}, by=place.assessor)
    free = {"need": "ภาษาอังกฤษ", "method": "อบรม", "period": "ปี 2556", "measure": "สอบผ่าน"}
    item = place.version.items.get()

    missing = []
    for rows in ([free], [free, free | {"about_item": item.lineage}], [free | {"about_competency": 1}]):
        plans.write_plan(place.version, rows, by=place.assessor)
        book = results.open_book(place.version)
        due = plans.plan_due(book, results.scores_of(book, "assessor"))
        missing.append([one.title for one in plans.plan_missing(book, due)])

    assert missing == [[f"1 {item.title}", "บริการที่ดี"], ["บริการที่ดี"], [f"1 {item.title}"]]


def test_the_plan_is_replaced_as_a_whole_and_numbered():
    place = reported({"value": "90"})
    row = {"need": "ก", "method": "อบรม", "period": "ปี 2556", "measure": "สอบผ่าน"}
    plans.write_plan(place.version, [row, row], by=place.assessor)

    plans.write_plan(place.version, [row | {"need": "ข"}, row | {"need": "ค"}], by=place.assessor)

    assert list(PlanRow.objects.order_by("order").values_list("order", "need")) == [(1, "ข"), (2, "ค")]


def test_results_of_a_round_walk_to_the_totals_of_the_whole():
    place = bring_to(office(indicators=2), State.REPORTED, value="83.5")
    first = place.version.items.order_by("order").first()
    judge_all(place)

    results.set_score(place.version, first, Decimal("4.5"), reason="ดีกว่า", by=place.assessor, at=NOON)

    document = results.scores_of(results.open_book(place.version), "assessor").as_document()
    assert (document["total"], document["achievement"], document["competency"], document["final"]) == (
        "3.9250", "78.50", "100.00", "84.95",
    )  # fmt: skip
    assert Item.objects.count() == 2
