import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Notice, Party, State
from tests.factories import NOON, DraftFactory, editor_of
from tests.guards import lifted
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


def rows_of(client, **query):
    return client.get(reverse("agreements:notices", query=query or None)).context["rows"]


def proposed():
    return bring_to(office(), State.PROPOSED)


def test_the_list_says_what_it_is_about_and_whose(client):
    place = proposed()
    client.force_login(place.assessor)

    (row,) = rows_of(client)

    assert row["says"] == "มีข้อตกลงเสนอมาถึงท่าน โปรดลงนามหรือส่งคืนพร้อมเหตุผล"
    assert row["about"] == place.agreement


def test_whoever_was_replaced_is_no_longer_told_whose_agreement_it_was(client):
    place = proposed()
    with lifted():
        Party.objects.filter(capacity="assessor").update(user=place.hr)
    client.force_login(place.assessor)

    response = client.get(reverse("agreements:notices"))

    assert [row["about"] for row in response.context["rows"]] == [None]
    assert place.assessee.first_name not in response.content.decode()


def test_opening_one_lands_on_the_task_and_marks_it_read(client):
    place = proposed()
    client.force_login(place.assessor)
    notice = Notice.objects.get()

    response = client.get(notice.get_absolute_url())

    assert response["Location"] == reverse("agreements:check", args=[place.agreement.pk, "agree"])
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_signed_out_the_link_lands_on_the_task_after_signing_in(client):
    place = proposed()
    notice = Notice.objects.get()

    asked = client.get(notice.get_absolute_url())
    answer = client.post(asked["Location"], {"username": place.assessor.username, "password": "demo"}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("agreements:check", args=[place.agreement.pk, "agree"])
    assert answer.status_code == 200


def test_a_link_to_elsewhere_is_not_followed(client):
    place = proposed()
    Notice.objects.update(link="https://example.com/")
    client.force_login(place.assessor)

    assert client.get(Notice.objects.get().get_absolute_url())["Location"] == reverse("agreements:notices")


def test_nobody_opens_or_reads_anothers(client):
    place = proposed()
    notice = Notice.objects.get()
    client.force_login(place.hr)

    answers = [
        client.get(notice.get_absolute_url()).status_code,
        client.post(reverse("agreements:read-notice", args=[notice.pk])).status_code,
        client.post(reverse("agreements:read-notices")).status_code,
    ]

    notice.refresh_from_db()
    assert (answers, notice.read_at) == ([404, 404, 302], None)


def test_the_bell_counts_what_is_unread_and_all_can_be_marked_read(client):
    place = proposed()
    bring_to(colleague(place), State.PROPOSED)
    client.force_login(place.assessor)
    assert client.get(reverse("agreements:work")).context["unread_notices"] == 2

    client.post(reverse("agreements:read-notice", args=[Notice.objects.first().pk]))
    assert len(rows_of(client, unread="")) == 1
    client.post(reverse("agreements:read-notices"))

    assert rows_of(client, unread="") == []
    assert len(rows_of(client)) == 2
    assert client.get(reverse("agreements:work")).context["unread_notices"] == 0


def test_the_daily_mail_is_turned_off_and_on(client):
    place = proposed()
    client.force_login(place.assessor)
    address = reverse("agreements:mail-settings")

    client.post(address, {})
    place.assessor.refresh_from_db()
    assert place.assessor.wants_mail is False

    client.post(address, {"wants_mail": "on"})
    place.assessor.refresh_from_db()
    assert place.assessor.wants_mail is True


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(client, rows):
    place = proposed()
    for _ in range(rows - 1):
        bring_to(colleague(place), State.PROPOSED)
    client.force_login(place.assessor)

    with CaptureQueriesContext(connection) as captured:
        found = rows_of(client)

    assert len(found) == rows
    assert len(captured) == 8


@pytest.mark.parametrize("rows", [1, 3])
def test_my_work_asks_as_often_for_three_as_for_one(client, rows):
    place = bring_to(office(propose_by=datetime.date(2013, 2, 20)), State.PROPOSED)
    for _ in range(rows - 1):
        bring_to(colleague(place), State.PROPOSED)
    client.force_login(place.assessor)

    with CaptureQueriesContext(connection) as captured:
        tasks = client.get(reverse("agreements:work")).context["tasks"]

    assert [task.capacity for task in tasks] == ["ผู้ประเมิน"] * rows
    assert len(captured) == 45


def test_my_work_says_how_long_and_puts_the_latest_first(client, settings):
    settings.DEMO, settings.DEMO_TODAY = True, datetime.date(2013, 3, 25)
    place = bring_to(
        office(propose_by=datetime.date(2013, 3, 20), assess_by=datetime.date(2013, 3, 28)), State.REPORTED
    )
    late = bring_to(colleague(place), State.PROPOSED)
    client.force_login(place.assessor)

    tasks = client.get(reverse("agreements:work")).context["tasks"]

    assert [(task.agreement, task.how_long) for task in tasks] == [
        (late.agreement, "เลยกำหนด 5 วัน"),
        (place.agreement, "เหลือเวลา 3 วัน"),
    ]


def test_an_editors_work_shows_the_drafts(client):
    draft = DraftFactory(created_at=NOON)
    client.force_login(editor_of(draft))

    assert client.get(reverse("agreements:work")).context["drafts"] == [draft]
