from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Holiday, Role
from agreements.services import holidays as services
from tests.factories import OrganisationFactory, RoleFactory

pytestmark = pytest.mark.django_db

FRIDAY = date(2013, 2, 15)


@pytest.fixture(autouse=True)
def in_february(settings):
    settings.DEMO, settings.DEMO_TODAY = True, date(2013, 2, 18)


@pytest.fixture
def department():
    return OrganisationFactory(kind="department")


@pytest.fixture
def province(department):
    return OrganisationFactory(parent=department)


@pytest.fixture
def hr(client, province):
    user = RoleFactory(organisation=province).user
    client.force_login(user)
    return user


def go(name, *args, **query):
    return reverse(f"agreements:{name}", args=[getattr(one, "pk", one) for one in args], query=query or None)


def test_the_table_of_the_year_shows_own_and_inherited_days(client, hr, department, province):
    Holiday.objects.create(organisation=department, day=date(2013, 4, 8), name="ชดเชยวันจักรี")
    own = Holiday.objects.create(organisation=province, day=FRIDAY, name="วันหยุดจังหวัด")
    Holiday.objects.create(organisation=province, day=date(2013, 10, 23), name="ปีงบประมาณหน้า")

    page = client.get(client.get(go("holidays"))["Location"])

    assert page.context["year"] == 2556
    assert [one.name for one in page.context["holidays"]] == ["วันหยุดจังหวัด", "ชดเชยวันจักรี"]
    shown = page.content.decode()
    assert go("mend-holiday", province, own) in shown
    assert shown.count("/holidays/") - shown.count("draft") > 0
    assert [one.name for one in client.get(go("holiday-table", province, year="๒๕๕๗")).context["holidays"]] == [
        "ปีงบประมาณหน้า"
    ]


def test_hr_writes_a_day_as_it_is_written_in_an_office_and_is_led_to_its_year(client, hr, province):
    answer = client.post(go("holiday-table", province), {"day": "๓๐ ธ.ค. ๒๕๕๖", "name": "วันหยุดพิเศษ"})

    assert answer["Location"] == go("holiday-table", province, year=2557)
    made = Holiday.objects.get()
    assert (made.organisation, made.day, made.name) == (province, date(2013, 12, 30), "วันหยุดพิเศษ")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day": "30/12/2013", "name": "หยุด"}, "2556"),
        ({"day": "15 ก.พ. 2556", "name": "หยุด"}, "วันมาฆบูชา"),
        ({"day": "16 ก.พ. 2556", "name": ""}, "name"),
    ],
)
def test_a_wrong_entry_is_said_on_the_page_and_kept_in_the_form(client, hr, department, province, typed, said):
    Holiday.objects.create(organisation=department, day=FRIDAY, name="วันมาฆบูชา")

    answer = client.post(go("holiday-table", province), typed)

    assert answer.status_code == 200
    assert said in str(answer.context["form"].errors)
    assert answer.context["form"]["day"].value() == typed["day"]
    assert Holiday.objects.count() == 1


def test_a_day_is_mended_and_removed(client, hr, province):
    held = Holiday.objects.create(organisation=province, day=FRIDAY, name="หยุด")

    client.post(go("mend-holiday", province, held), {"day": "18 ก.พ. 2556", "name": "วันหยุดจังหวัด"})
    assert list(Holiday.objects.values_list("day", "name")) == [(date(2013, 2, 18), "วันหยุดจังหวัด")]
    answer = client.post(go("remove-holiday", province, held))

    assert answer["Location"] == go("holiday-table", province, year=2556)
    assert not Holiday.objects.exists()


def test_a_day_that_is_inherited_is_not_the_offices_to_mend(client, hr, department, province):
    held = Holiday.objects.create(organisation=department, day=FRIDAY, name="หยุด")

    for name in ("mend-holiday", "remove-holiday"):
        assert client.post(go(name, province, held), {"day": "18 ก.พ. 2556", "name": "ก"}).status_code == 404
        assert client.post(go(name, department, held), {"day": "18 ก.พ. 2556", "name": "ก"}).status_code == 404
    assert Holiday.objects.get().day == FRIDAY


def test_an_auditor_looks_on_and_writes_nothing(client, province):
    client.force_login(RoleFactory(organisation=province, kind=Role.Kind.AUDITOR).user)
    held = Holiday.objects.create(organisation=province, day=FRIDAY, name="หยุด")

    page = client.get(go("holiday-table", province))

    assert (page.status_code, page.context["may_write"]) == (200, False)
    assert client.post(go("holiday-table", province), {"day": "18 ก.พ. 2556", "name": "ก"}).status_code == 403
    assert client.get(go("draft-holidays", province)).status_code == 403
    assert client.post(go("remove-holiday", province, held)).status_code == 403
    assert Holiday.objects.get() == held


def test_hr_of_a_unit_sees_what_holds_there_and_not_the_table_above(client, department, province):
    unit = OrganisationFactory(parent=province, kind="group")
    client.force_login(RoleFactory(organisation=unit).user)
    Holiday.objects.create(organisation=department, day=FRIDAY, name="หยุด")

    assert [one.name for one in client.get(go("holiday-table", unit)).context["holidays"]] == ["หยุด"]
    assert client.get(go("holiday-table", province)).status_code == 404
    assert client.post(go("holiday-table", province), {"day": "18 ก.พ. 2556", "name": "ก"}).status_code == 404


def test_control_without_the_question_who_may_see_it_another_offices_table_opens(client, hr, monkeypatch):
    other = OrganisationFactory()
    assert client.get(go("holiday-table", other)).status_code == 404
    monkeypatch.setattr(services, "tables_for", lambda user: type(other).objects.order_by("path"))

    assert client.get(go("holiday-table", other)).status_code == 200


def test_the_draft_ticks_what_is_new_but_extra_days_and_says_what_stands_already(client, hr, department, province):
    Holiday.objects.create(organisation=department, day=date(2025, 4, 6), name="วันจักรีของกรม")

    page = client.get(go("draft-holidays", province, year=2568))

    rows = {row.suggestion.day.isoformat(): is_ticked for row, is_ticked in page.context["rows"]}
    assert (rows["2025-04-06"], rows["2025-06-02"], rows["2025-06-03"], rows["2025-05-09"]) == (
        False, False, True, True,
    )  # fmt: skip
    assert "2025-05-01" not in rows
    assert 'value="2025-04-06"' not in page.content.decode()
    assert "ploughing" not in page.context["form"].fields
    assert not Holiday.objects.filter(organisation=province).exists()


def test_the_draft_is_confirmed_with_the_day_of_the_ceremony(client, hr, province):
    page = client.get(go("draft-holidays", province, year=2570))
    assert "ploughing" in page.context["form"].fields

    answer = client.post(
        go("draft-holidays", province, year=2570),
        {"days": ["2026-10-23", "2027-01-01"], "ploughing": "12 พ.ค. 2570"},
    )

    assert answer["Location"] == go("holiday-table", province, year=2570)
    assert [day.isoformat() for day in Holiday.objects.order_by("day").values_list("day", flat=True)] == [
        "2026-10-23", "2027-01-01", "2027-05-12",
    ]  # fmt: skip


@pytest.mark.parametrize("sent", [{}, {"days": ["2027-03-03"]}, {"days": ["2027-01-01"], "ploughing": "12 พ.ค. 2569"}])
def test_a_draft_that_cannot_be_taken_is_shown_again_with_its_ticks(client, hr, province, sent):
    answer = client.post(go("draft-holidays", province, year=2570), sent)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert answer.context["form"].ticked == sent.get("days", [])
    assert not Holiday.objects.exists()


@pytest.mark.parametrize("name", ["holiday-table", "draft-holidays"])
def test_query_counts_are_flat(client, hr, province, name):
    asked = []
    for rows in (1, 3):
        for number in range(rows):
            unit = OrganisationFactory(parent=province, kind="group")
            Holiday.objects.create(organisation=province, day=date(2013, rows, 2 + number), name="หยุด")
            Holiday.objects.create(organisation=unit, day=date(2013, rows, 2 + number), name="หยุด")
        with CaptureQueriesContext(connection) as captured:
            client.get(go(name, province))
        asked.append(len(captured))

    assert asked[0] == asked[1]
