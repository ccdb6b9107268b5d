import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import actions
from agreements.models import Event, Reading, Refusal, State
from agreements.services import states
from tests.factories import NOON, PostingFactory
from tests.walks import bring_to, colleague, comment, full_office, judge_all, name_witness, office, sign

pytestmark = pytest.mark.django_db


def get(client, user, name, *args, **asked):
    client.force_login(user)
    return client.get(reverse(f"agreements:{name}", args=args), asked)


def post(client, user, name, *args, **data):
    client.force_login(user)
    return client.post(reverse(f"agreements:{name}", args=args), data)


def page(client, user, place):
    return get(client, user, "agreement", place.agreement.pk)


# --- The agreement's page --------------------------------------------------------------------------------------------
MAIN = {
    State.DRAFT: {"assessee": "propose"},
    State.PROPOSED: {"commentator": "comment-agreement", "assessor": "agree"},
    State.AGREED: {"assessee": "report"},
    State.REPORTED: {"commentator": "comment-result", "assessor": "assess"},
    State.ASSESSED: {"hr": "release"},
    State.RELEASED: {"assessee": "acknowledge"},
    State.ACKNOWLEDGED: {"reviewer": "review"},
    State.REVIEWED: {"hr": "close"},
    State.CLOSED: {},
    State.ENDED: {},
}
WHO = ("assessee", "assessor", "commentator", "reviewer", "reviewer_2", "hr")


@pytest.mark.parametrize("state", State)
def test_the_page_offers_each_what_is_open_and_says_whom_it_waits_for(client, state):
    place = bring_to(full_office(releases_on_assessment=False), state)

    shown = {who: page(client, getattr(place, who), place).context for who in WHO}

    assert {who: one["main"].code for who, one in shown.items() if one["main"]} == MAIN[state]
    expected = actions.next_act(place.version)
    assert [one["next_act"] for one in shown.values()] == [expected] * len(WHO)
    assert [who for who, one in shown.items() if one["is_my_turn"]] == list(MAIN[state])[:1]
    turn = shown["hr"]["turn"]
    waited_for = next(iter(MAIN[state]), None)
    assert (turn.user if turn else None) == (getattr(place, waited_for) if waited_for not in (None, "hr") else None)


def test_quiet_acts_stand_in_the_menu_and_not_beside_the_main_one(client):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    shown = page(client, place.hr, place)

    assert [one.code for one in shown.context["more"]] == ["reopen-report", "replace", "end"]
    assert [one.code for one in page(client, place.assessor, place).context["more"]] == []


def test_opening_the_page_ends_the_right_to_withdraw(client):
    place = bring_to(office(), State.PROPOSED)

    own = page(client, place.assessee, place)
    assert [one.code for one in own.context["more"]] == ["withdraw-proposal"]
    page(client, place.assessor, place)
    page(client, place.assessor, place)

    assert list(Reading.objects.values_list("reader", "state")) == [(place.assessor.pk, "proposed")]
    assert page(client, place.assessee, place).context["more"] == []
    answer = post(client, place.assessee, "act", place.agreement.pk, "withdraw-proposal")
    assert answer.status_code == 302
    place.agreement.refresh_from_db()
    assert place.agreement.state == State.PROPOSED


def test_a_proposal_is_withdrawn_by_one_click(client):
    place = bring_to(office(), State.PROPOSED)

    post(client, place.assessee, "act", place.agreement.pk, "withdraw-proposal")

    place.agreement.refresh_from_db()
    assert (place.agreement.state, place.version.number) == (State.DRAFT, 2)


def test_the_printed_form_counts_as_opened(client):
    place = bring_to(office(), State.PROPOSED)
    client.force_login(place.assessor)

    client.get(reverse("reports:preview", args=[place.agreement.pk]))

    assert list(Reading.objects.values_list("reader", flat=True)) == [place.assessor.pk]


def test_an_ended_agreement_says_why_and_that_it_waits_for_nobody(client):
    place = bring_to(office(), State.ENDED)

    body = page(client, place.assessee, place).content.decode()
    listed = get(client, place.hr, "agreements").content.decode()

    assert "ลาออก" in body
    assert 'aria-current="step"' not in body
    assert str(place.agreement.get_ended_because_display()) in listed
    assert get(client, place.assessee, "work").context["tasks"] == []


def test_the_assessee_does_not_read_why_hr_returned_the_assessment(client):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    item = place.version.items.get()
    told = {"by": place.hr, "reason": "คะแนนลับ", "remarks": {item.lineage: "ลดเหลือสาม"}, "at": NOON}
    states.return_with_reason(place.version, actions.RETURN_ASSESSMENT, **told)

    for words in ("คะแนนลับ", "ลดเหลือสาม"):
        assert words not in page(client, place.assessee, place).content.decode()
        # The control: the assessor, who is to mend it, reads it.
        assert words in page(client, place.assessor, place).content.decode()
    assert "ลดเหลือสาม" in get(client, place.assessor, "assessment", place.agreement.pk).content.decode()


def test_the_comment_on_the_results_is_not_read_by_the_assessee_before_the_release(client):
    place = bring_to(full_office(releases_on_assessment=False), State.REPORTED)
    sign(place, actions.COMMENT_RESULT, place.commentator, comment="เห็นควรได้คะแนนน้อย")

    assert "เห็นควรได้คะแนนน้อย" not in page(client, place.assessee, place).content.decode()
    assert "เห็นควรได้คะแนนน้อย" in page(client, place.assessor, place).content.decode()


# --- Returning -------------------------------------------------------------------------------------------------------
def test_reasons_stand_at_their_indicators_until_they_are_mended(client):
    place = bring_to(office(indicators=2), State.REPORTED)
    first, second = place.version.items.order_by("order")

    form = get(client, place.assessor, "return", place.agreement.pk, "return-report").context["form"]
    assert [item.pk for item, _field in form.rows] == [first.pk, second.pk]
    answer = {f"remark_{first.pk}": "ขาดภาคผนวก", f"remark_{second.pk}": "นับซ้ำ"}
    assert post(client, place.assessor, "return", place.agreement.pk, "return-report", **answer).status_code == 302

    for name, args in (("results", []), ("result", [first.lineage]), ("agreement", [])):
        assert "ขาดภาคผนวก" in get(client, place.assessee, name, place.agreement.pk, *args).content.decode()
    assert "นับซ้ำ" not in get(client, place.assessee, "result", place.agreement.pk, first.lineage).content.decode()


def remarked(client, user, name, place):
    """Return whether a page says what is to be mended at the indicator."""
    of_item = [place.version.items.get().lineage] if name in {"result", "assess-item"} else []
    body = get(client, user, name, place.agreement.pk, *of_item).content.decode()
    return place.version.items.get().returned_because in body


def test_what_was_to_be_mended_in_a_proposal_is_not_told_once_it_is_signed(client):
    place = bring_to(office(), State.PROPOSED)
    said = {place.version.items.get().lineage: "ระบุเป้าหมายให้ชัดเจน"}
    states.return_with_reason(
        place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="", remarks=said, at=NOON
    )
    assert remarked(client, place.assessee, "items", place)

    sign(place, actions.PROPOSE, place.assessee)
    bring_to(place, State.AGREED)
    assert place.version.items.get().returned_because == "ระบุเป้าหมายให้ชัดเจน"
    told = [remarked(client, place.assessee, name, place) for name in ("results", "result")]
    bring_to(place, State.REPORTED)
    told += [remarked(client, place.assessor, name, place) for name in ("assessment", "assess-item")]

    assert told == [False] * 4


def test_what_is_to_be_mended_in_a_report_is_told_where_it_is_entered(client):
    place = bring_to(office(), State.REPORTED)
    said = {place.version.items.get().lineage: "ยอดไม่ตรง"}
    states.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="", remarks=said, at=NOON)

    assert [remarked(client, place.assessee, name, place) for name in ("results", "result")] == [True, True]


def test_a_return_without_a_reason_is_asked_about(client):
    place = bring_to(office(), State.PROPOSED)

    response = post(client, place.assessor, "return", place.agreement.pk, "return-proposal", reason=" ")

    assert (response.status_code, list(response.context["form"].errors)) == (200, ["reason"])


def test_reasons_at_a_draft_stand_where_indicators_are_weighed(client):
    place = bring_to(office(), State.PROPOSED)
    item = place.version.items.get()
    post(client, place.assessor, "return", place.agreement.pk, "return-proposal", **{f"remark_{item.pk}": "สูงเกินไป"})

    assert "สูงเกินไป" in get(client, place.assessee, "items", place.agreement.pk).content.decode()


# --- Acts with a reason ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "who", "start", "state"),
    [
        ("disagree", "assessee", State.DRAFT, State.DRAFT),
        ("reopen-assessment", "hr", State.CLOSED, State.REPORTED),
        ("reopen-report", "hr", State.RELEASED, State.AGREED),
        ("end", "hr", State.AGREED, State.ENDED),
        ("resume", "hr", State.ENDED, State.REPORTED),
    ],
)
def test_an_act_beside_the_road_takes_a_reason_and_shows_it_in_the_history(client, code, who, start, state):
    place = bring_to(office(), start)
    by = getattr(place, who)

    empty = post(client, by, "reasoned", place.agreement.pk, code)
    assert (empty.status_code, bool(empty.context["form"].errors)) == (200, True)
    done = post(client, by, "reasoned", place.agreement.pk, code, reason="ตามคำสั่งที่ 9", because="study_leave")

    place.agreement.refresh_from_db()
    assert (done.status_code, place.agreement.state) == (302, state)
    assert "ตามคำสั่งที่ 9" in page(client, by, place).content.decode()


def test_an_act_that_is_not_open_now_says_so_instead_of_a_form(client):
    place = bring_to(office(), State.DRAFT)

    response = get(client, place.hr, "reasoned", place.agreement.pk, "reopen-report")

    assert response.context["is_open"] is False
    assert "<textarea" not in response.content.decode()
    assert post(client, place.hr, "reasoned", place.agreement.pk, "reopen-report", reason="x").status_code == 200
    assert Event.objects.filter(verb="reopen-report").exists() is False


# --- Parties and witness ---------------------------------------------------------------------------------------------
def test_hr_names_a_commentator_who_then_finds_it_in_my_work(client):
    place = bring_to(office(), State.DRAFT)
    there = PostingFactory(organisation=place.province)

    assert [row["is_open"] for row in get(client, place.hr, "parties", place.agreement.pk).context["rows"]] == [
        False, True, True, True, True,
    ]  # fmt: skip
    post(client, place.hr, "replace-party", place.agreement.pk, "commentator", posting=there.pk, reason="ช่วยราชการ")
    bring_to(place, State.PROPOSED)

    tasks = get(client, there.user, "work").context["tasks"]
    assert [(task.agreement, task.action) for task in tasks] == [(place.agreement, actions.COMMENT_START)]
    assert get(client, place.assessor, "work").context["tasks"] == []
    shown = get(client, there.user, "check", place.agreement.pk, "comment-agreement")
    answer = {"shown": shown.context["shown"], "comment": "เหมาะสม"}
    post(client, there.user, "check", place.agreement.pk, "comment-agreement", **answer)
    assert [task.action for task in get(client, place.assessor, "work").context["tasks"]] == [actions.AGREE]


def test_a_party_that_takes_part_already_is_not_offered(client):
    place = office()
    free = PostingFactory(organisation=place.unit)

    form = get(client, place.hr, "replace-party", place.agreement.pk, "commentator").context["form"]

    assert list(form.fields["posting"].queryset) == [free]


def test_a_refusal_is_recorded_and_the_witness_signs_with_their_own_account(client):
    place = bring_to(full_office(), State.RELEASED)
    witness = place.witness.postings.get()

    wrong = post(client, place.hr, "refusal", place.agreement.pk, told_on="18 ก.พ. 2013", witness=witness.pk)
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["told_on"])
    name_witness(place)
    assert Refusal.objects.count() == 1
    tasks = get(client, place.witness, "work").context["tasks"]
    assert [task.action for task in tasks] == [actions.WITNESS]
    shown = get(client, place.witness, "check", place.agreement.pk, "witness")
    assert shown.context["refusal"] == Refusal.objects.get()
    post(client, place.witness, "check", place.agreement.pk, "witness", shown=shown.context["shown"])

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.ACKNOWLEDGED
    steps = page(client, place.hr, place).context["steps"]
    assert [step.who for step in steps][5] == place.witness.full_name


def test_the_commentator_sees_no_score_of_the_assessor_on_the_check_page(client):
    place = bring_to(full_office(releases_on_assessment=False), State.REPORTED)
    comment_page = get(client, place.commentator, "check", place.agreement.pk, "comment-result")
    assert comment_page.context["sheet"]["assessed"] is None

    judge_all(place)
    assert (
        comment_page.context["shown"]
        == get(client, place.commentator, "check", place.agreement.pk, "comment-result").context["shown"]
    )
    comment(place, actions.COMMENT_RESULT)
    assert get(client, place.assessor, "check", place.agreement.pk, "assess").context["sheet"]["assessed"] is not None


# --- Many at once ----------------------------------------------------------------------------------------------------
def test_hr_ticks_several_proposals_and_passes_them_or_sends_them_back(client):
    place = bring_to(office(checks_completeness=True), State.PROPOSED)
    others = [bring_to(colleague(place), State.PROPOSED) for _number in range(2)]
    task = get(client, place.hr, "work").context["office_tasks"][0]
    assert (task.action, task.count, task.url) == (
        actions.CHECK, 3, reverse("agreements:check-round", args=[place.round.pk]),
    )  # fmt: skip

    nothing = post(client, place.hr, "check-round", place.round.pk, then="pass")
    assert list(nothing.context["form"].errors) == ["agreement"]
    ticked = [place.agreement.pk, others[0].agreement.pk]
    post(client, place.hr, "check-round", place.round.pk, agreement=ticked, then="pass")
    no_reason = post(client, place.hr, "check-round", place.round.pk, agreement=[others[1].agreement.pk], then="back")
    assert list(no_reason.context["form"].errors) == ["reason"]
    post(
        client, place.hr, "check-round", place.round.pk,
        agreement=[others[1].agreement.pk], then="back", reason="ไม่ครบสี่ตัว",
    )  # fmt: skip

    assert [place.version.checked_by, others[0].version.checked_by] == [place.hr] * 2
    others[1].agreement.refresh_from_db()
    assert (others[1].agreement.state, others[1].version.returned_because) == (State.DRAFT, "ไม่ครบสี่ตัว")
    assert [event.verb for event in Event.objects.order_by("number")][-2:] == ["pass", "return-incomplete"]


def test_hr_releases_a_unit_or_all_and_each_page_says_so(client):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    other = bring_to(colleague(place), State.ASSESSED)

    shown = get(client, place.hr, "release-round", place.round.pk, unit=place.unit.pk)
    assert [row["agreement"] for row in shown.context["rows"]] == [place.agreement, other.agreement]
    assert get(client, place.hr, "release-round", place.round.pk, unit=place.province.pk).context["rows"] == []
    post(client, place.hr, "release-round", place.round.pk, agreement=[place.agreement.pk, other.agreement.pk])

    for one in (place, other):
        one.agreement.refresh_from_db()
        assert one.agreement.state == State.RELEASED
        steps = page(client, one.assessee, one).context["steps"]
        assert [(step.label, step.who) for step in steps][4][1] == place.hr.full_name
    assert Event.objects.filter(verb="release").count() == 1


@pytest.mark.parametrize(("name", "state"), [("check-round", State.PROPOSED), ("release-round", State.ASSESSED)])
def test_a_list_of_many_asks_the_database_as_often_for_three_rows_as_for_one(client, name, state):
    place = bring_to(office(releases_on_assessment=False, checks_completeness=True, indicators=1), State.DRAFT)
    others = [colleague(place) for _number in range(2)]
    place.round.checks_completeness = False
    place.round.save()

    client.force_login(place.hr)

    def count():
        with CaptureQueriesContext(connection) as caught:
            shown = client.get(reverse(f"agreements:{name}", args=[place.round.pk]))
        return len(shown.context["rows"]), len(caught)

    bring_to(place, state)
    place.round.checks_completeness = True
    place.round.save()
    rows, one = count()
    place.round.checks_completeness = False
    place.round.save()
    for other in others:
        other.round = place.round
        bring_to(other, state)
    place.round.checks_completeness = True
    place.round.save()

    assert (rows, count()) == (1, (3, one))
