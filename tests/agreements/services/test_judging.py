from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.models import Event, Evidence, Judgement, Notice, Result, Role, State, StoredFile
from agreements.services import agreements, judged_results, judges, judging, judging_notices, results, rounds, signing
from agreements.services.content_words import content_words
from agreements.services.judging import JudgingRefused, Verdict
from agreements.services.results import ResultRefused
from tests.factories import NOON, THRESHOLDS, OrganisationFactory, RoleFactory, UserFactory
from tests.guards import lifted
from tests.judging import DONE, TODAY, decide, hand_in, judged_office, reported, rows_of
from tests.walks import colleague, judge_all, sign

pytestmark = pytest.mark.django_db


FOUR = {"done": DONE[:4]}


def score_of(place, side="assessor"):
    book = results.open_book(place.version)
    [found] = results.scores_of(book, side).indicators
    return found.as_document()


# --- Who decides -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["department", "กรม", "กรมส่งเสริมการปกครองท้องถิ่น"])
def test_a_unit_is_found_by_its_kind_or_its_name(name):
    place, top, _judge = judged_office()
    place.province.refresh_from_db()

    assert judges.Desk([name]).unit(name, place.unit) == top


def test_a_named_unit_is_the_nearest_of_its_name():
    place, _top, _judge = judged_office()
    far = OrganisationFactory(parent=OrganisationFactory(), unit_code="plans")
    near = OrganisationFactory(parent=place.province, unit_code="plans", kind="group")
    place.unit.refresh_from_db()

    desk = judges.Desk(["plans"])

    assert (desk.unit("plans", place.unit), desk.unit("plans", far)) == (near, far)
    assert judges.Desk(["nobody"]).unit("nobody", place.unit) is None


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"criteria": THRESHOLDS}, []),
        ({"criteria": THRESHOLDS, "judged_by": "กอง"}, [judges.Decision("กอง")]),
        (
            {"criteria": {"kind": "milestones", "steps": [{"level": 1, "judged_by": "ก"}, {"level": 2}]}},
            [judges.Decision("ก", ("1",))],
        ),
        (
            {
                "criteria": {
                    "kind": "milestones",
                    "steps": [{"level": 5, "judged_by": "ก", "parts": [{"code": "5.1"}, {"code": "5.2"}]}],
                }
            },
            [judges.Decision("ก", ("5.1", "5.2"))],
        ),
        ({"judged_by": "กอง"}, []),
    ],
)
def test_what_an_indicator_leaves_to_units_above(definition, expected):
    assert judges.decisions_of(definition) == expected


def test_who_acts_for_a_unit():
    _place, top, judge = judged_office()
    below = RoleFactory(organisation=OrganisationFactory(parent=top), kind=Role.Kind.DATA_REPORTER).user
    executive = RoleFactory(organisation=top, kind=Role.Kind.EXECUTIVE).user

    assert [judges.acts_for(one, top) for one in (judge, below, executive, UserFactory())] == [
        True,
        False,
        False,
        False,
    ]


def test_the_last_day_is_as_said_else_the_day_before_assessing_ends():
    place, _top, _judge = judged_office(assess_by=date(2013, 4, 10))

    said = judges.until({"judged_until": "2013-04-06"}, place.round, frozenset({date(2013, 4, 8)}))

    # A Saturday, then a holiday.
    assert said == date(2013, 4, 9)
    assert judges.until({}, place.round, frozenset()) == date(2013, 4, 9)


# --- Handing in ------------------------------------------------------------------------------------------------------
def test_what_is_handed_in_lands_in_every_result_with_its_source():
    place, top, judge = judged_office()
    other = colleague(place)
    reported(place), reported(other)
    decide(place, top, judge, step5=False)

    assert hand_in(place, top, judge) == 2

    for one in (place, other):
        found = score_of(one)
        assert (found["score"], found["trace"][0]) == (
            "4.0000",
            {
                "rule": "judged_not_done",
                "values": {"codes": "5", "unit": top.name, "on": TODAY.isoformat()},
            },
        )
        # What was reported stays beside it.
        assert score_of(one, "self")["score"] == "5.0000"
    event = Event.objects.get(verb="judged.handed_in")
    assert (event.actor, set(event.batch.all()), event.text.details["unit"]) == (
        judge,
        {place.agreement, other.agreement},
        top.name,
    )


def test_a_draft_counts_for_nothing():
    place, top, judge = judged_office()
    reported(place)

    decide(place, top, judge, step5=False)

    assert (score_of(place)["score"], Judgement.objects.get().is_handed_in) == ("5.0000", False)


def test_a_score_given_above_counts():
    place, top, judge = judged_office(definition={"judged_by": "department", "criteria": THRESHOLDS})
    reported(place, {"value": "90"})
    decide(place, top, judge, score=Decimal("2.50"))
    hand_in(place, top, judge)

    assert score_of(place)["score"] == "2.5000"
    assert score_of(place)["trace"][-2]["rule"] == "judged_score"


@pytest.mark.parametrize("score", ["5.01", "1.234"])
def test_a_score_that_cannot_be_is_refused(score):
    place, top, judge = judged_office(definition={"judged_by": "department", "criteria": THRESHOLDS})
    reported(place, {"value": "90"})

    with pytest.raises(JudgingRefused):
        decide(place, top, judge, score=Decimal(score))

    assert not Judgement.objects.exists()


def test_nobody_else_judges():
    place, top, judge = judged_office()
    reported(place)
    stranger = RoleFactory(organisation=place.province, kind=Role.Kind.DATA_REPORTER).user

    with pytest.raises(actions.NotAllowed):
        decide(place, top, stranger)
    decide(place, top, judge)
    with pytest.raises(actions.NotAllowed):
        hand_in(place, top, stranger)
    assert Result.objects.get().judged is None


def test_nobody_judges_their_own():
    place, top, _judge = judged_office()
    reported(place)
    RoleFactory(user=place.assessee, organisation=top, kind=Role.Kind.DATA_REPORTER)
    [row] = rows_of(place, top, place.assessee)

    with pytest.raises(JudgingRefused):
        judging.keep_drafts(
            place.round,
            place.indicators[0],
            top,
            {row.item.pk: Verdict(steps={"5": True}, score=None, remark="")},
            by=place.assessee,
            at=NOON,
        )

    assert not row.is_open


def test_steps_that_the_unit_does_not_decide_are_refused():
    place, top, judge = judged_office()
    reported(place)
    [row] = rows_of(place, top, judge)

    with pytest.raises(JudgingRefused):
        judging.keep_drafts(
            place.round,
            place.indicators[0],
            top,
            {row.item.pk: Verdict(steps={"4": False}, score=None, remark="")},
            by=judge,
            at=NOON,
        )


def test_handing_in_nothing_is_refused():
    place, top, judge = judged_office()
    reported(place)
    with pytest.raises(JudgingRefused):
        hand_in(place, top, judge)
    decide(place, top, judge)
    hand_in(place, top, judge)
    with pytest.raises(JudgingRefused):
        hand_in(place, top, judge)


def test_a_judgement_can_be_mended_until_the_assessment_is_signed():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    [row] = rows_of(place, top, judge)
    mended = {row.item.pk: Verdict(steps={"5": True}, score=None, remark="ดูใหม่")}
    later = NOON + timedelta(hours=1)
    judging.keep_drafts(place.round, place.indicators[0], top, mended, by=judge, at=later)
    assert score_of(place)["score"] == "4.0000"

    judging.hand_in(place.round, place.indicators[0], top, by=judge, at=later)

    assert (score_of(place)["score"], len(Result.objects.get().judged)) == ("5.0000", 1)


# --- The assessor ----------------------------------------------------------------------------------------------------
def test_signing_waits_for_the_judgement_in_words():
    place, _top, _judge = judged_office()
    reported(place, FOUR)
    judge_all(place)

    [said] = signing.obstacles(place.version, actions.ASSESS, today=TODAY)

    assert "กรมส่งเสริมการปกครองท้องถิ่น" in said
    with pytest.raises(signing.SignOffRefused) as refusal:
        sign(place, actions.ASSESS, place.assessor)
    assert refusal.value.reasons == [said]


def test_control_without_the_obstacle_it_would_be_signed(monkeypatch):
    place, _top, _judge = judged_office()
    reported(place, FOUR)
    judge_all(place)
    monkeypatch.setattr(judges, "obstacles", lambda book, **more: [])

    sign(place, actions.ASSESS, place.assessor)

    assert place.version.part.state == State.ASSESSED


def test_signing_waits_no_longer_than_to_the_last_day():
    place, _top, _judge = judged_office()
    reported(place, FOUR)
    judge_all(place)
    last = place.round.ends_on

    assert len(signing.obstacles(place.version, actions.ASSESS, today=last)) == 1
    assert signing.obstacles(place.version, actions.ASSESS, today=last + timedelta(days=1)) == []


def test_nothing_is_waited_for_where_nobody_acts_for_the_unit():
    place, _top, _none = judged_office(department=False)
    reported(place, FOUR)
    judge_all(place)

    assert signing.obstacles(place.version, actions.ASSESS, today=TODAY) == []


def test_the_assessor_cannot_overrule_the_judged_step():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    [item] = results.open_book(place.version).leaves

    with pytest.raises(ResultRefused) as refusal:
        results.set_score(place.version, item, Decimal(5), reason="เห็นต่าง", by=place.assessor, at=NOON)
    # Correcting what else was reported leaves the judged step as it was judged.
    results.correct(place.version, item, {"done": DONE}, reason="ตรวจแล้ว", by=place.assessor, at=NOON)

    assert top.name in refusal.value.messages[0]
    assert score_of(place)["score"] == "4.0000"
    results.correct(place.version, item, {"done": ["1", "2"]}, reason="ขาด", by=place.assessor, at=NOON)
    assert score_of(place)["score"] == "2.0000"


def test_a_score_set_before_the_judgement_is_taken_back_by_it():
    place, top, judge = judged_office()
    reported(place)
    [item] = results.open_book(place.version).leaves
    results.set_score(place.version, item, Decimal(5), reason="ดี", by=place.assessor, at=NOON)
    decide(place, top, judge, step5=False)

    hand_in(place, top, judge)

    kept = Result.objects.get()
    assert (kept.verdict, kept.assessor_score, score_of(place)["score"]) == ("", None, "4.0000")


def test_what_is_signed_holds_the_judgement_and_the_database_keeps_it():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)
    judgement = Judgement.objects.get()

    assert Result.objects.get().outcome["score"] == "4.0000"
    for change in (
        lambda: Judgement.objects.filter(pk=judgement.pk).update(remark="อื่น"),
        lambda: Judgement.objects.filter(pk=judgement.pk).delete(),
        lambda: Result.objects.update(judged=None),
    ):
        with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
            change()
    # The control: without the guards the same goes through.
    with lifted():
        assert Judgement.objects.filter(pk=judgement.pk).update(remark="อื่น") == 1
        assert Result.objects.update(judged=None) == 1


def test_only_what_is_entered_again_counts_as_changed_after_it_was_judged():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge)
    hand_in(place, top, judge)
    [row] = rows_of(place, top, judge)

    later = NOON + timedelta(hours=1)
    results.accept(place.version, row.item, by=place.assessor, at=later)
    assert [one.was_changed_since for one in rows_of(place, top, judge)] == [False]

    agreements.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="ขาดหลักฐาน", at=later)
    item = place.version.items.get(lineage=row.item.lineage)
    results.enter(place.version, item, FOUR, note="", by=place.assessee, at=later)
    assert [one.was_changed_since for one in rows_of(place, top, judge)] == [True]


def test_what_is_assessed_can_no_longer_be_judged():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)

    [row] = rows_of(place, top, judge)
    with pytest.raises(JudgingRefused):
        judging.keep_drafts(
            place.round,
            place.indicators[0],
            top,
            {row.item.pk: Verdict(steps={"5": False}, score=None, remark="")},
            by=judge,
            at=NOON,
        )


def test_a_whole_round_is_scored_with_what_was_judged():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)
    with lifted():
        Result.objects.update(outcome=None)

    rounds.score_round(place.round, at=NOON)

    assert Result.objects.get().outcome["score"] == "4.0000"


# --- Notices ---------------------------------------------------------------------------------------------------------
def test_those_who_judge_are_told_before_and_after_the_last_day_once():
    place, _top, judge = judged_office()
    reported(place)
    last = place.round.ends_on
    days = [last - timedelta(days=30), last - timedelta(days=3), last - timedelta(days=3), last + timedelta(days=1)]

    counts = [judging_notices.write_due(at=NOON + (day - TODAY)) for day in days]

    assert counts == [0, 1, 0, 1]
    assert list(Notice.objects.filter(user=judge, act="judge").order_by("pk").values_list("kind", flat=True)) == [
        "due",
        "late",
    ]


def test_handing_in_ends_the_notices_and_tells_the_assessor():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge)
    hand_in(place, top, judge)

    assert judging_notices.write_due(at=NOON + (place.round.ends_on - TODAY)) == 0
    assert Notice.objects.filter(user=place.assessor, act="judged").count() == 1


# --- Figures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 3])
def test_the_submissions_take_as_many_questions_however_many_they_are(rows, django_assert_num_queries):
    place, top, judge = judged_office()
    places = [place, *(colleague(place) for _ in range(rows - 1))]
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, content_type="text/plain", file="aa/a")
    for one in places:
        reported(one)
    for result in Result.objects.all():
        Evidence.objects.create(result=result, stored=stored, name="แผน.txt", added_by=place.assessee, added_at=NOON)
    decide(place, top, judge)

    with django_assert_num_queries(5):
        found = rows_of(place, top, judge)
    assert [len(row.files) for row in found] == [1] * rows
    with django_assert_num_queries(6):
        [task] = judged_results.tasks_for(judge)
    assert (task.count, task.reported, task.waiting) == (rows, rows, rows)


def test_what_is_shown_to_be_signed_says_who_judged():
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    judge_all(place)

    told = content_words(signing.content_to_sign(place.version, actions.ASSESS))

    [item] = [one for key, one in told.items() if key.startswith("item ")]
    assert top.name in item.words["counts judged"][1]
    assert "5" not in item.words["counts done"][1]
