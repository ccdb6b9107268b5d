import datetime
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agreement, Extension, Notice, Posting, Role, State, User
from agreements.services import jobs, opening
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    for module in ("board", "deadlines"):
        monkeypatch.setattr(f"agreements.views.{module}.clock.now", lambda: NOON)


def page(client, place, user=None, **asked):
    client.force_login(user or place.hr)
    return client.get(reverse("agreements:round", args=[place.round.pk]), asked)


def listed(client, place, **asked):
    return [one.pk for one in page(client, place, **asked).context["agreement_list"]]


# --- Units and states ------------------------------------------------------------------------------------------------
def test_every_unit_has_its_row_with_what_is_late_and_returned(client):
    place = office(propose_by=datetime.date(2013, 2, 1))
    empty = OrganisationFactory(parent=place.province, kind="group")
    bring_to(colleague(place), State.AGREED)

    rows = {row["unit"]: (row["count"], row["late"], row["returned"]) for row in page(client, place).context["matrix"]}

    assert rows == {place.province: (0, 0, 0), place.unit: (2, 1, 0), empty: (0, 0, 0)}


def test_each_figure_opens_the_list_behind_it(client):
    place = office(propose_by=datetime.date(2013, 2, 1))
    other = bring_to(colleague(place), State.AGREED)
    response = page(client, place)

    for row in response.context["matrix"]:
        unit = str(row["unit"].pk)
        for cell in row["cells"]:
            assert len(listed(client, place, unit=unit, state=cell["state"])) == cell["count"]
        assert len(listed(client, place, unit=unit, only="late")) == row["late"]
    assert listed(client, place, only="late") == [place.agreement.pk]
    assert listed(client, place, state="agreed") == [other.agreement.pk]


def test_many_units_stand_on_several_pages_and_are_summed_on_each(client):
    place = office()
    for _number in range(60):
        OrganisationFactory(parent=place.province, kind="group")

    first, second = page(client, place), page(client, place, units="2")

    assert (len(first.context["matrix"]), len(second.context["matrix"])) == (40, 22)
    assert first.context["count"] == second.context["count"] == 1


def test_with_the_units_below_a_unit_lists_all_of_them(client):
    place = office()

    assert listed(client, place, unit=str(place.province.pk)) == []
    assert listed(client, place, unit=str(place.province.pk), below="1") == [place.agreement.pk]


# --- The list --------------------------------------------------------------------------------------------------------
def test_the_list_is_ordered_as_the_address_says(client):
    place = office()
    others = [colleague(place) for _ in range(2)]
    names = ["ข", "ก", "ค"]
    for one, name in zip([place, *others], names, strict=True):
        one.assessee.first_name = name
        one.assessee.save()
    bring_to(others[1], State.PROPOSED)
    for one, days in zip([place, *others], [5, 9, 1], strict=True):
        Agreement.objects.filter(pk=one.agreement.pk).update(state_since=NOON - datetime.timedelta(days=days))
    key = {name: one.agreement.pk for one, name in zip([place, *others], names, strict=True)}

    assert listed(client, place, sort="name") == [key["ก"], key["ข"], key["ค"]]
    assert listed(client, place, sort="-name") == [key["ค"], key["ข"], key["ก"]]
    assert listed(client, place, sort="since") == [key["ก"], key["ข"], key["ค"]]
    assert listed(client, place, sort="-state")[0] == key["ค"]


def test_the_list_says_whose_turn_it_is_and_for_how_long(client):
    day = datetime.date(2013, 2, 1)
    place = bring_to(office(propose_by=day, report_by=day), State.AGREED)
    Agreement.objects.update(state_since=NOON - datetime.timedelta(days=12))

    (row,) = page(client, place).context["agreement_list"]

    assert [party.user for party in row.all_waited_for] == [place.assessee]
    assert (row.waits.split()[0], row.overdue, row.sent_back) == ("12", day, False)


def test_words_find_names_however_sara_am_was_typed(client):
    place = office()
    place.assessee.first_name = "อำนวย"
    place.assessee.save()
    colleague(place)

    # The same to the eye: nikhahit and sara aa instead of sara am.
    assert listed(client, place, q="อํานวย") == [place.agreement.pk]
    assert listed(client, place, q="ไม่มีใคร") == []


# --- As often for many as for few ------------------------------------------------------------------------------------
def grow(place, count):
    """Open the round for `count` people more."""
    begun = User.objects.count()
    people = User.objects.bulk_create(
        User(username=f"many{number}", first_name=f"คนที่{number}", sort_key=f"{number:05}")
        for number in range(begun, begun + count)
    )
    held = {"organisation": place.unit, "assessor": place.posting.assessor, "starts_on": place.posting.starts_on}
    Posting.objects.bulk_create(Posting(user=one, title="นักวิชาการ", **held) for one in people)
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    jobs.run(job.pk, clock=timezone.now, at=NOON)


def questions(client, place, reader, **asked):
    page(client, place, reader)
    with CaptureQueriesContext(connection) as captured:
        response = page(client, place, reader, **asked)
    return len(captured), response.context["count"]


@pytest.mark.parametrize("kind", [Role.Kind.HR, Role.Kind.EXECUTIVE])
@pytest.mark.parametrize("asked", [{}, {"only": "late", "q": "คน", "sort": "-since"}])
def test_the_board_asks_as_often_for_300_agreements_as_for_3(client, kind, asked):
    place = office(propose_by=datetime.date(2013, 2, 1))
    reader = RoleFactory(organisation=place.province, kind=kind).user
    # Whoever assesses gets one, too.
    grow(place, 1)
    few = questions(client, place, reader, **asked)

    grow(place, 297)

    assert (few[1], questions(client, place, reader, **asked)) == (3, (few[0], 300))


# --- For the selected ------------------------------------------------------------------------------------------------
def test_the_selected_are_reminded_and_the_list_comes_back_as_it_was(client):
    place = office()
    colleague(place)
    client.force_login(place.hr)

    answer = client.post(
        reverse("agreements:remind", args=[place.round.pk]),
        {"agreement": [place.agreement.pk], "board": "state=draft&sort=name", "words": ""},
    )

    assert answer["Location"] == f"{place.round.get_absolute_url()}?state=draft&sort=name#agreements"
    assert [notice.agreement for notice in Notice.objects.filter(kind="reminder")] == [place.agreement]


def test_all_that_are_listed_are_reminded_and_no_others(client):
    place = office()
    other = bring_to(colleague(place), State.PROPOSED)
    Notice.objects.all().delete()
    client.force_login(place.hr)

    client.post(
        reverse("agreements:remind", args=[place.round.pk]), {"all": "1", "board": "state=proposed", "words": ""}
    )

    assert [notice.agreement for notice in Notice.objects.filter(kind="reminder")] == [other.agreement]


def test_where_the_board_leads_back_to_is_made_of_its_own_filters_alone(client):
    place = office()
    client.force_login(place.hr)

    answer = client.post(
        reverse("agreements:remind", args=[place.round.pk]), {"board": "//evil.example/?x=1&state=draft"}
    )

    assert answer["Location"] == f"{place.round.get_absolute_url()}?state=draft#agreements"


def test_the_selected_are_given_more_time(client):
    place = office(propose_by=datetime.date(2013, 2, 1))
    colleague(place)
    client.force_login(place.hr)
    address = reverse("agreements:extend", args=[place.round.pk])

    asked = client.post(address, {"agreement": [place.agreement.pk], "board": "", "choose": "1"})
    assert [one.pk for one in asked.context["chosen"]] == [place.agreement.pk]
    client.post(
        address,
        {"agreement": [place.agreement.pk], "phase": "propose", "until": "1 มี.ค. 2556", "reason": "น้ำท่วม"},
    )

    assert [one.agreement for one in Extension.objects.all()] == [place.agreement]


def test_nobody_reminds_or_extends_for_another_office(client):
    place = office(propose_by=datetime.date(2013, 2, 1))
    stranger = RoleFactory(organisation=OrganisationFactory()).user
    client.force_login(stranger)

    for name in ("remind", "extend"):
        answer = client.post(
            reverse(f"agreements:{name}", args=[place.round.pk]), {"all": "1", "board": "", "words": ""}
        )
        assert answer.status_code == 404
    assert Notice.objects.filter(kind="reminder").count() == 0


def test_hr_of_a_unit_cannot_tick_agreements_of_another(client):
    place = office()
    beside = OrganisationFactory(parent=place.province, kind="group")
    of_beside = RoleFactory(organisation=beside).user
    client.force_login(of_beside)

    client.post(reverse("agreements:remind", args=[place.round.pk]), {"agreement": [place.agreement.pk], "board": ""})

    assert Notice.objects.filter(kind="reminder").count() == 0


# --- As a workbook ---------------------------------------------------------------------------------------------------
def workbook(client, place, user=None, **asked):
    client.force_login(user or place.hr)
    response = client.get(reverse("reports:board-workbook", args=[place.round.pk]), asked)
    assert (response.status_code, response["Content-Type"]) == (200, XLSX)
    return openpyxl.load_workbook(io.BytesIO(response.content)).active


def names(sheet):
    return [row[1].value for row in sheet.iter_rows(min_row=5)]


def test_the_workbook_holds_what_the_page_lists_and_says_so(client):
    place = office(propose_by=datetime.date(2013, 2, 1))
    other = bring_to(colleague(place), State.PROPOSED)

    whole, narrowed = workbook(client, place), workbook(client, place, state="proposed", unit=str(place.unit.pk))

    assert len(names(whole)) == 2
    assert names(narrowed) == [other.assessee.full_name]
    assert place.unit.name in narrowed["A2"].value
    row = [cell.value for cell in narrowed[5]]
    assert (row[0], row[3], row[6], row[7]) == (1, place.unit.name, datetime.datetime(2013, 2, 18), 0)
    assert row[8] is None
    assert datetime.datetime(2013, 2, 1) in [row[8].value for row in whole.iter_rows(min_row=5)]
    assert narrowed["G5"].is_date


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "http://evil.example", "\t=1", "001", "{=1}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_the_workbook_is_a_formula_a_link_or_a_number_by_accident(client, text):
    place = office()
    User.objects.filter(pk=place.assessee.pk).update(prefix="", first_name=text, last_name="")
    place.version.parties.update(name=text, title=text)

    sheet = workbook(client, place)

    cells = [sheet.cell(5, column) for column in (2, 3, 6)]
    # A name is written without space around it.
    wanted = [text.strip(), text, text]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(one, "s", None) for one in wanted]


def test_the_workbook_asks_as_often_for_three_as_for_one(client):
    place = office()
    client.force_login(place.hr)
    address = reverse("reports:board-workbook", args=[place.round.pk])

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    asked()
    one = asked()
    for _ in range(2):
        bring_to(colleague(place), State.PROPOSED)

    assert asked() == one


def test_an_executive_gets_no_names_by_the_workbook_either(client):
    place = office()
    client.force_login(RoleFactory(organisation=place.province, kind="executive").user)

    assert client.get(reverse("reports:board-workbook", args=[place.round.pk])).status_code == 403
