import datetime
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements import actions
from agreements.models import Agreement, Event, Extension, Notice, Party, Round, State
from agreements.services import extensions, notice_words, notices
from agreements.services.notice_rules import step_for
from agreements.thai import THAI_TIME
from tests.factories import NOON, PostingFactory, RoleFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

# A Thursday.
DUE = date(2013, 3, 28)


def on(day):
    return datetime.datetime(day.year, day.month, day.day, 8, tzinfo=THAI_TIME)


def written(day):
    """Write what is due on `day`; return what is new, as (user, kind, act)."""
    before = set(Notice.objects.values_list("pk", flat=True))
    notices.write_due(at=on(day))
    fresh = Notice.objects.exclude(pk__in=before).select_related("user").order_by("pk")
    return [(notice.user, notice.kind, notice.act) for notice in fresh]


def agreed(**fields):
    return bring_to(office(report_by=DUE, **fields), State.AGREED)


# --- Before the deadline ---------------------------------------------------------------------------------------------
def test_a_person_is_told_fourteen_seven_three_and_one_day_before():
    place = agreed()
    told = [
        left for left in range(20, -1, -1) if (place.assessee, "due", "report") in written(DUE - timedelta(days=left))
    ]

    assert told == [14, 7, 3, 1]


def test_a_day_without_a_run_is_made_up_for_the_day_after():
    place = agreed()
    told = [left for left in (20, 12, 6, 5, 2, 0) if written(DUE - timedelta(days=left))]

    assert told == [12, 6, 2, 0]
    assert Notice.objects.filter(user=place.assessee, kind="due").count() == 4


@pytest.mark.parametrize(
    ("left", "step"), [(15, None), (14, 14), (8, 14), (7, 7), (4, 7), (3, 3), (2, 3), (1, 1), (0, 1)]
)
def test_the_nearest_step_counts(left, step):
    assert step_for(left) == step


def test_running_twice_writes_nothing_twice():
    agreed()
    day = DUE - timedelta(days=7)
    first = written(day)

    assert len(first) == 1
    assert written(day) == []


def test_control_with_keys_that_differ_the_second_run_writes_again(monkeypatch):
    agreed()
    day = DUE - timedelta(days=7)
    written(day)
    Notice.objects.filter(kind="due").update(key="another")

    assert len(written(day)) == 1


@pytest.mark.parametrize(
    ("state", "field", "who", "act"),
    [
        (State.DRAFT, "propose_by", "assessee", "propose"),
        (State.PROPOSED, "propose_by", "assessor", "agree"),
        (State.AGREED, "report_by", "assessee", "report"),
        (State.REPORTED, "assess_by", "assessor", "assess"),
    ],
)
def test_whose_turn_it_is_is_told_and_the_link_lands_on_the_task(client, state, field, who, act):
    place = bring_to(office(), state)
    Round.objects.filter(pk=place.round.pk).update(**{field: DUE})

    found = [row for row in written(DUE - timedelta(days=1)) if row[2] != "start"]

    assert found == [(getattr(place, who), "due", act)]
    client.force_login(getattr(place, who))
    assert client.get(Notice.objects.get(kind="due", act=act).link).status_code == 200


@pytest.mark.parametrize("state", [State.RELEASED, State.ACKNOWLEDGED, State.REVIEWED, State.CLOSED])
def test_where_no_day_is_set_nobody_is_told(state):
    place = office(propose_by=DUE, report_by=DUE, assess_by=DUE)
    bring_to(place, state)

    assert [row for row in written(DUE + timedelta(days=3)) if row[2] != "start"] == []


def test_closed_rounds_are_silent():
    place = agreed()
    Round.objects.filter(pk=place.round.pk).update(status="closed")

    assert written(DUE - timedelta(days=1)) == []


def test_more_time_begins_the_count_anew():
    place = agreed()
    written(DUE - timedelta(days=1))
    Extension.objects.create(
        round=place.round, phase="report", agreement=place.agreement, until=date(2013, 4, 4), reason="ก",
        granted_by=place.hr, granted_at=NOON,
    )  # fmt: skip

    assert written(DUE) == [(place.assessee, "due", "report")]
    assert Notice.objects.order_by("pk").last().due == date(2013, 4, 4)


def test_who_has_not_started_is_told_to():
    place = office(propose_by=DUE)
    waiting = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)

    found = [row for row in written(DUE - timedelta(days=1)) if row[2] == "start"]

    assert found == [(place.assessor, "due", "start"), (waiting.user, "due", "start")]


def test_the_head_is_told_once_a_week_of_all_in_their_care_who_have_not_started():
    place = office(propose_by=DUE)
    for _number in range(2):
        PostingFactory(organisation=place.unit, assessor=place.posting.assessor)

    found = {
        after: [row for row in written(DUE + timedelta(days=after)) if row[1:] == ("escalation", "start")]
        for after in (1, 2, 8)
    }

    # The assessor of two, and the reviewer, whose one is that assessor.
    both = [(place.reviewer, "escalation", "start"), (place.assessor, "escalation", "start")]
    assert {after: sorted(rows, key=str) for after, rows in found.items()} == {
        1: sorted(both, key=str),
        2: [],
        8: sorted(both, key=str),
    }


def test_a_heads_own_lateness_is_not_put_aside_by_that_of_others():
    place = office(propose_by=DUE)
    PostingFactory(organisation=place.unit, assessor=place.posting.assessor)

    written(DUE + timedelta(days=1))

    mine = Notice.objects.unread().filter(user=place.assessor, act="start").values_list("kind", flat=True)
    assert sorted(mine) == ["escalation", "late"]


# --- After the deadline ----------------------------------------------------------------------------------------------
def test_after_the_deadline_the_person_and_the_one_above_are_told_once_and_then_weekly():
    place = agreed()
    told = {}
    for after in range(1, 16):
        for user, kind, _act in written(DUE + timedelta(days=after)):
            told.setdefault((user, kind), []).append(after)

    assert told == {(place.assessee, "late"): [1, 8, 15], (place.assessor, "escalation"): [1, 8, 15]}


def test_what_was_said_before_of_the_same_task_counts_as_read():
    place = agreed()
    for left in (7, 3, -1):
        written(DUE - timedelta(days=left))

    unread = Notice.objects.unread().filter(user=place.assessee, agreement=place.agreement, due=DUE)

    assert [notice.kind for notice in unread] == ["late"]


def test_an_assessors_lateness_goes_to_the_reviewer():
    place = bring_to(office(assess_by=DUE), State.REPORTED)

    assert written(DUE + timedelta(days=1)) == [
        (place.assessor, "late", "assess"),
        (place.reviewer, "escalation", "assess"),
    ]


def test_where_nobody_stands_above_the_nearest_hr_office_is_told():
    place = bring_to(office(assess_by=DUE), State.REPORTED)
    near = RoleFactory(organisation=place.unit).user
    Party.objects.filter(capacity="reviewer").delete()

    assert written(DUE + timedelta(days=1)) == [(place.assessor, "late", "assess"), (near, "escalation", "assess")]


# --- On the way ------------------------------------------------------------------------------------------------------
def told_by(place):
    return [(notice.user, notice.kind, notice.act) for notice in Notice.objects.select_related("user").order_by("pk")]


def test_each_step_tells_whose_turn_comes_next():
    place = bring_to(office(), State.CLOSED)

    assert told_by(place) == [
        (place.assessor, "turn", "agree"),
        (place.assessee, "turn", "report"),
        (place.assessor, "turn", "assess"),
        (place.assessee, "turn", "acknowledge"),
        (place.reviewer, "turn", "review"),
        (place.assessee, "news", "review"),
        (place.assessee, "news", "close"),
    ]


def test_signed_and_not_released_the_assessee_knows_that_it_is_signed():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    assert told_by(place)[-1] == (place.assessee, "news", "assess")


def test_a_return_tells_who_is_to_mend_it():
    place = bring_to(office(), State.PROPOSED)
    extensions.return_to_mend(
        place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้", mend_by=None, at=NOON
    )

    assert told_by(place)[1:] == [(place.assessee, "returned", "propose")]


def test_what_is_done_counts_as_read():
    place = bring_to(office(), State.CLOSED)

    unread = Notice.objects.unread().order_by("pk")

    assert [(notice.user, notice.kind) for notice in unread] == [(place.assessee, "news"), (place.assessee, "news")]


def test_a_return_that_is_refused_in_the_end_tells_nobody():
    place = bring_to(office(propose_by=DUE), State.PROPOSED)
    before = told_by(place)

    with pytest.raises(extensions.DeadlineRefused):
        extensions.return_to_mend(
            place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้", mend_by=date(2013, 1, 1), at=NOON
        )

    assert told_by(place) == before


# --- HR's reminder ---------------------------------------------------------------------------------------------------
def remind(place, *others, day=DUE, by=None, words="โปรดเร่งดำเนินการ"):
    chosen = list(
        Agreement.objects.filter(pk__in=[one.agreement.pk for one in (place, *others)]).for_list().order_by("pk")
    )
    return notices.remind(place.round, chosen, words=words, by=by or place.hr, at=on(day))


def test_hr_reminds_at_once_with_words_of_its_own_and_one_entry_in_the_log():
    place = agreed()
    other = colleague(place)
    Notice.objects.all().delete()

    assert remind(place, other) == 2

    assert [
        (notice.user, notice.act, notice.words) for notice in Notice.objects.select_related("user").order_by("pk")
    ] == [
        (place.assessee, "report", "โปรดเร่งดำเนินการ"),
        (other.assessee, "propose", "โปรดเร่งดำเนินการ"),
    ]
    assert Event.objects.get(verb="reminder.sent").text.details == {
        "round": "1/2556",
        "agreements": [place.agreement.pk, other.agreement.pk],
        "words": "โปรดเร่งดำเนินการ",
    }


def test_an_agreement_is_reminded_of_once_a_day():
    place = agreed()
    remind(place)

    with pytest.raises(notices.ReminderRefused):
        remind(place)

    assert remind(place, day=DUE + timedelta(days=1)) == 1
    assert Event.objects.filter(verb="reminder.sent").count() == 2


def test_control_without_the_days_key_a_second_reminder_goes_out():
    place = agreed()
    remind(place)
    Notice.objects.filter(kind="reminder").update(key="another")

    assert remind(place) == 1


def test_hr_of_another_office_reminds_nobody():
    place = agreed()

    with pytest.raises(actions.NotAllowed):
        remind(place, by=RoleFactory().user)

    assert not Notice.objects.filter(kind="reminder").exists()


# --- Words -----------------------------------------------------------------------------------------------------------
def test_sentences_say_the_day_and_a_reminder_says_what_for():
    place = agreed()
    remind(place)
    written(DUE + timedelta(days=1))
    said = {notice.kind: notice_words.sentence(notice, DUE + timedelta(days=1)) for notice in Notice.objects.all()}

    assert said == {
        "turn": "ผู้ประเมินลงนามแล้ว ข้อตกลงของท่านมีผลในรอบการประเมินนี้",
        "reminder": "การเจ้าหน้าที่แจ้งเตือน: ครบกำหนดรายงานผลการดำเนินงานของท่านเมื่อวันที่ 28 มีนาคม 2556",
        "late": "ครบกำหนดรายงานผลการดำเนินงานของท่านเมื่อวันที่ 28 มีนาคม 2556",
        "escalation": "ผลการดำเนินงานในความดูแลของท่านยังไม่ได้รายงาน ครบกำหนดเมื่อวันที่ 28 มีนาคม 2556",
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_writing_what_is_due_asks_as_often_for_three_as_for_one(rows):
    place = agreed()
    for _ in range(rows - 1):
        bring_to(colleague(place), State.AGREED)

    with CaptureQueriesContext(connection) as captured:
        notices.write_due(at=on(DUE - timedelta(days=1)))

    assert Notice.objects.filter(kind="due").count() == rows
    assert len(captured) == 17
