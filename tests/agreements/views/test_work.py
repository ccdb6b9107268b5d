import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, Posting, State
from agreements.services import agreements as services, amendments, states
from tests.factories import (
    NOON,
    FrameworkFactory,
    IndicatorFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
    UserFactory,
)
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

# Questions of My work to somebody with one agreement to look at and people who have not started.
WORK_OF_A_HEAD = 40
WHO = ("assessee", "assessor", "reviewer", "hr")


def queries(client, address):
    """Return how many questions a page asks of the database, and its response."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    return len(captured), response


def tasks(client, user):
    """Return what waits for `user`, as (agreement, code of the act)."""
    client.force_login(user)
    response = client.get(reverse("agreements:work"))
    return [(task.agreement, task.action.code) for task in response.context["tasks"]]


# --- What waits ------------------------------------------------------------------------------------------------------
WAITING = {
    State.DRAFT: ("assessee", "propose"),
    State.PROPOSED: ("assessor", "agree"),
    State.AGREED: ("assessee", "report"),
    State.REPORTED: ("assessor", "assess"),
    State.ASSESSED: None,
    State.RELEASED: ("assessee", "acknowledge"),
    State.ACKNOWLEDGED: ("reviewer", "review"),
    State.REVIEWED: None,
    State.CLOSED: None,
    State.ENDED: None,
}


@pytest.mark.parametrize("state", State)
def test_what_waits_is_shown_to_whom_it_waits_for_and_to_nobody_else(client, state):
    place = bring_to(office(releases_on_assessment=False), state)

    shown = {who: tasks(client, getattr(place, who)) for who in WHO} | {"stranger": tasks(client, UserFactory())}

    who, code = WAITING[state] or (None, None)
    assert {name: found for name, found in shown.items() if found} == ({who: [(place.agreement, code)]} if who else {})


def test_the_address_of_a_task_is_the_one_that_notices_link_to(client):
    place = bring_to(office(), State.ACKNOWLEDGED)
    client.force_login(place.reviewer)

    body = client.get(reverse("agreements:work")).content.decode()

    assert f'<a href="{reverse("agreements:check", args=[place.agreement.pk, "review"])}">' in body


def test_what_is_due_first_stands_first_and_late_is_said(client, settings):
    settings.DEMO, settings.DEMO_TODAY = True, datetime.date(2013, 2, 18)
    place = office(propose_by=datetime.date(2013, 2, 15), assess_by=datetime.date(2013, 4, 10))
    bring_to(place, State.REPORTED)
    later = bring_to(colleague(place), State.PROPOSED)
    client.force_login(place.assessor)

    shown = client.get(reverse("agreements:work")).context["tasks"]

    assert [(task.agreement, task.due, task.is_late) for task in shown] == [
        (later.agreement, datetime.date(2013, 2, 15), True),
        (place.agreement, datetime.date(2013, 4, 10), False),
    ]


def test_ones_own_agreements_are_listed_with_whom_they_wait_for(client):
    place = bring_to(office(), State.PROPOSED)
    client.force_login(place.assessee)

    response = client.get(reverse("agreements:work"))

    assert [(one, one.waits_for.user) for one in response.context["own"]] == [(place.agreement, place.assessor)]
    client.force_login(place.assessor)
    assert client.get(reverse("agreements:work")).context["own"] == []


# --- Starting --------------------------------------------------------------------------------------------------------
@pytest.fixture
def newcomer():
    """Return a posting in an open round, without an agreement, and the round."""
    round_ = RoundFactory()
    return PostingFactory(organisation=round_.organisation, assessor=PostingFactory()), round_


def start(client, user, round_):
    client.force_login(user)
    return client.post(reverse("agreements:start", args=[round_.pk]))


def test_an_open_round_can_be_started_once(client, newcomer):
    posting, round_ = newcomer
    client.force_login(posting.user)
    offered = client.get(reverse("agreements:work")).context["startable"]

    responses = [start(client, posting.user, round_) for _time in range(2)]

    agreement = Agreement.objects.get()
    assert offered == [(round_, posting, None)]
    assert (agreement.person, agreement.round, agreement.state) == (posting.user, round_, State.DRAFT)
    assert [response["Location"] for response in responses] == [
        reverse("agreements:items", args=[agreement.pk]), reverse("agreements:work"),
    ]  # fmt: skip
    assert client.get(reverse("agreements:work")).context["startable"] == []


def test_a_position_without_an_assessor_is_told_so_and_not_started(client):
    round_ = RoundFactory()
    posting = PostingFactory(organisation=round_.organisation)

    response = start(client, posting.user, round_)

    assert response["Location"] == reverse("agreements:work")
    assert [str(message) for message in client.get(reverse("agreements:work")).context["messages"]] == [
        _("No assessor is named for this position. HR can name one.")
    ]
    assert Agreement.objects.count() == 0


@pytest.mark.parametrize("status", ["planned", "closed"])
def test_a_round_that_is_not_open_is_not_started(client, newcomer, status):
    posting, round_ = newcomer
    round_.status = status
    round_.save()

    start(client, posting.user, round_)

    assert Agreement.objects.count() == 0


def test_a_round_of_another_office_is_not_started(client, newcomer):
    _posting, round_ = newcomer
    stranger = PostingFactory(organisation=OrganisationFactory(), assessor=PostingFactory())

    start(client, stranger.user, round_)

    assert Agreement.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({}, True),
        ({"ends_on": datetime.date(2013, 1, 31)}, False),
        ({"starts_on": datetime.date(2013, 6, 1)}, False),
    ],
)
def test_only_a_position_held_today_is_started(client, settings, newcomer, fields, begins):
    settings.DEMO, settings.DEMO_TODAY = True, datetime.date(2013, 2, 18)
    posting, round_ = newcomer
    Posting.objects.filter(pk=posting.pk).update(**fields)

    start(client, posting.user, round_)

    assert Agreement.objects.exists() is begins


def test_the_substantive_position_counts_before_the_acting_one(client, newcomer):
    posting, round_ = newcomer
    PostingFactory(
        user=posting.user,
        organisation=round_.organisation,
        assessor=posting.assessor,
        is_acting=True,
        starts_on=datetime.date(2013, 1, 1),
    )

    start(client, posting.user, round_)

    assert Agreement.objects.get().parts.get().posting == posting


# --- The list --------------------------------------------------------------------------------------------------------
def listed(client, user, **asked):
    client.force_login(user)
    return set(client.get(reverse("agreements:agreements"), asked).context["agreement_list"])


def test_the_list_holds_what_the_reader_may_see(client):
    place = office()
    other = colleague(place)
    elsewhere = office()

    assert listed(client, place.hr) == {place.agreement, other.agreement}
    assert listed(client, place.assessor) == {place.agreement, other.agreement}
    assert listed(client, place.assessee) == {place.agreement}
    assert listed(client, elsewhere.hr) == {elsewhere.agreement}
    assert listed(client, UserFactory()) == set()


def test_the_list_is_narrowed_by_state_and_words(client):
    place = bring_to(office(), State.PROPOSED)
    other = colleague(place)

    assert listed(client, place.hr, state="proposed") == {place.agreement}
    assert listed(client, place.hr, state="closed") == set()
    assert listed(client, place.hr, state="nonsense") == {place.agreement, other.agreement}
    assert listed(client, place.hr, q=other.assessee.first_name) == {other.agreement}
    assert listed(client, place.hr, q=place.unit.name, state="draft") == {other.agreement}


@pytest.mark.parametrize("page", ["0", "999", "สอง", "-1"])
def test_a_page_that_is_not_there_is_answered_with_one_that_is(client, page):
    place = office()

    assert listed(client, place.hr, page=page) == {place.agreement}


# --- Questions asked of the database ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("page", "rows", "who"),
    [
        ("work", "tasks", "assessor"),
        ("agreements", "agreement_list", "hr"),
        ("agreements", "agreement_list", "assessor"),
    ],
)
def test_a_list_asks_the_database_as_often_for_three_rows_as_for_one(client, page, rows, who):
    place = bring_to(office(indicators=2), State.PROPOSED)
    address = reverse(f"agreements:{page}")
    client.force_login(getattr(place, who))
    one, first = queries(client, address)

    for _row in range(2):
        bring_to(colleague(place), State.PROPOSED)

    three, second = queries(client, address)
    assert (len(first.context[rows]), len(second.context[rows])) == (1, 3)
    assert three == one


def test_work_asks_as_often_for_three_rounds_of_ones_own_as_for_one(client):
    place = bring_to(office(), State.AGREED)
    client.force_login(place.assessee)
    one, first = queries(client, reverse("agreements:work"))

    for year in (2557, 2558):
        following = RoundFactory(organisation=place.province, fiscal_year=year)
        services.open_agreement(following, place.posting, by=place.assessee, at=NOON)

    three, second = queries(client, reverse("agreements:work"))
    assert (len(first.context["own"]), len(second.context["own"])) == (1, 3)
    assert three == one


def test_the_list_of_frameworks_asks_as_often_for_three_as_for_one(client):
    place = office(indicators=2)
    client.force_login(place.assessee)
    one, first = queries(client, reverse("agreements:frameworks"))

    for owner in (place.province, OrganisationFactory(kind="department")):
        RoleFactory(user=place.assessee, organisation=owner)
        IndicatorFactory.create_batch(3, framework=FrameworkFactory(organisation=owner))

    three, second = queries(client, reverse("agreements:frameworks"))
    shown = [[row.indicator_count for row in listed.context["framework_list"]] for listed in (first, second)]
    assert [sorted(counts) for counts in shown] == [[2], [2, 3, 3]]
    assert three == one


# --- One list --------------------------------------------------------------------------------------------------------
def test_all_that_waits_stands_in_one_list_what_was_missed_first(client):
    place = bring_to(office(propose_by=datetime.date(2013, 3, 1)), State.REVIEWED)
    posting = PostingFactory(organisation=place.unit, user=place.hr, assessor=place.posting.assessor)
    services.open_agreement(place.round, posting, by=place.hr, at=NOON)
    RoleFactory(organisation=place.province, user=place.hr, kind="framework_editor")
    FrameworkFactory(organisation=place.province, status="draft", version=None)
    client.force_login(place.hr)

    response = client.get(reverse("agreements:work"))

    assert [kind for kind, _one in response.context["entries"]] == ["office", "party", "office", "draft"]
    assert response.content.decode().count('<ul class="work">') == 2  # and the reader's own agreements


def test_what_was_returned_says_so_where_it_waits(client):
    place = bring_to(office(), State.PROPOSED)
    states.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ขาดหลักฐาน", at=NOON)
    client.force_login(place.assessee)

    (task,) = [one for _kind, one in client.get(reverse("agreements:work")).context["entries"]]

    assert (task.is_returned, task.state) == (True, "draft")


def test_an_amendment_is_not_called_returned(client):
    place = bring_to(office(), State.AGREED)
    amendments.amend(place.version, by=place.assessee, reason="คำสั่งใหม่", at=NOON)
    client.force_login(place.assessee)

    (task,) = [one for _kind, one in client.get(reverse("agreements:work")).context["entries"]]

    assert (task.is_returned, task.is_amendment) == (False, True)


# --- Who has not started ----------------------------------------------------------------------------------------------
def missing(client, user):
    """Return whom My work of `user` names as not started, by the day that is past."""
    client.force_login(user)
    found = client.get(reverse("agreements:work")).context["missing"]
    return [(one.round, one.due, [posting.user for posting in one.postings]) for one in found]


def test_who_assesses_sees_who_has_not_started_though_the_day_is_past(client):
    place = office(propose_by=datetime.date(2013, 3, 28))
    late = PostingFactory(organisation=place.unit, assessor=place.posting.assessor).user
    PostingFactory(organisation=place.unit, assessor=PostingFactory(organisation=place.unit))

    assert missing(client, place.assessor) == [(place.round, datetime.date(2013, 3, 28), [late])]
    assert missing(client, place.reviewer) == [(place.round, datetime.date(2013, 3, 28), [place.assessor])]
    assert missing(client, place.assessee) == []


def test_nobody_is_named_as_long_as_there_is_time(client):
    place = office(propose_by=datetime.date(2100, 3, 29))
    PostingFactory(organisation=place.unit, assessor=place.posting.assessor)

    assert missing(client, place.assessor) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_work_asks_as_often_for_three_who_have_not_started_as_for_one(client, rows):
    place = office(propose_by=datetime.date(2013, 3, 28))
    for _number in range(rows):
        PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    client.force_login(place.assessor)
    queries(client, reverse("agreements:work"))

    asked, response = queries(client, reverse("agreements:work"))

    assert len(response.context["missing"][0].postings) == rows
    assert asked == WORK_OF_A_HEAD


def test_who_is_acting_reads_for_whom_and_in_which_capacity(client):
    place = bring_to(office(), State.PROPOSED)
    deputy = PostingFactory(
        organisation=place.unit, is_acting=True, stands_for=place.posting.assessor, starts_on=datetime.date(2013, 1, 1)
    ).user
    client.force_login(deputy)

    (task,) = client.get(reverse("agreements:work")).context["tasks"]

    title = place.version.parties.get(capacity="assessor").title
    assert (task.acting, task.capacity) == (f"รักษาราชการแทน{title}", "ผู้ประเมิน")
