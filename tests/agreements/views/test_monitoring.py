from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Framework, MonthlyFigure, Remedy, Role
from agreements.models.frameworks import FrameworkQuerySet
from agreements.services import monitoring as services
from tests.agreements.services.test_monitoring import PAPER, Followed
from tests.factories import IndicatorFactory, OrganisationFactory, PostingFactory, RoleFactory
from tests.guards import lifted

pytestmark = pytest.mark.django_db

TITLE = "ร้อยละความสำเร็จของการดำเนินการจัดตั้งศูนย์ช่วยเหลือประชาชนขององค์กรปกครองส่วนท้องถิ่น" * 3


@pytest.fixture(autouse=True)
def in_february(settings):
    settings.DEMO, settings.DEMO_TODAY = True, date(2013, 2, 18)


@pytest.fixture
def place(client):
    found = Followed()
    client.force_login(found.head)
    return found


def go(name, place, code="", **query):
    arguments = [place.framework.pk, *([code] if code else [])]
    return reverse(f"agreements:{name}", args=arguments, query=query or None)


def follower(place, kind=Role.Kind.EXECUTIVE):
    """Return somebody with a role and a position in the province."""
    return RoleFactory(
        user=PostingFactory(organisation=place.tree.province).user, organisation=place.tree.province, kind=kind
    ).user


# --- The board -------------------------------------------------------------------------------------------------------
def test_the_board_says_where_each_indicator_stands_in_words(client, place):
    place.approved()
    place.type({"2012-10": "0.4", "2013-01": "2.3"})

    page = client.get(go("monitoring-board", place))

    board = page.context["board"]
    assert (board.place, board.month) == (place.tree.province, date(2013, 1, 1))
    assert [row.look for row in board.rows] == ["pace_behind", "behind"]
    assert page.context["lights"] == [("behind", 2), ("near", 0), ("reached", 0), ("no_figure", 0), ("no_target", 0)]
    shown = page.content.decode()
    # Never by colour alone: each light is a word and an icon; the trend is a picture with words of its own.
    assert shown.count('<svg class="spark"') == shown.count('<title id="spark-') == shown.count('<desc id="spark-') == 1
    assert shown.count("state-late") == 3
    assert [one.units for one in page.context["missing"]] == [()]


def test_the_months_are_chosen(client, place):
    page = client.get(go("monitoring-board", place, month="2012-12", months=24)).context["board"]

    assert (page.month, len(page.rows[0].months)) == (date(2012, 12, 1), 24)


@pytest.mark.parametrize("query", [{"month": "2560-13"}, {"month": "x"}, {"months": "9999999"}, {"month": "1900-01"}])
def test_an_address_that_makes_no_sense_shows_something_that_does(client, place, query):
    page = client.get(go("monitoring-board", place, **query))

    assert page.status_code == 200
    assert date(2012, 10, 1) <= page.context["board"].month <= date(2013, 1, 1)


@pytest.mark.parametrize("unit", ["", "x", "99999999999999999999"])
def test_a_unit_that_is_none_is_not_found_or_left_out(client, place, unit):
    assert client.get(go("monitoring-board", place, unit=unit)).status_code == (404 if unit else 200)


def test_a_unit_outside_the_subtree_is_not_there(client, place, monkeypatch):
    other = OrganisationFactory(parent=place.tree.department, kind="province")
    for name, code in (("monitoring-board", ""), ("monitored-indicator", "4.2"), ("write-figures", "4.2")):
        assert client.get(go(name, place, code, unit=other.pk)).status_code == 404
        assert client.get(go(name, place, code, unit=place.tree.department.pk)).status_code == 404
    # The control: without the question who may look, it is.
    monkeypatch.setattr(services, "places_for", lambda user: type(other).objects.order_by("path"))
    assert client.get(go("monitoring-board", place, unit=other.pk)).status_code == 200


def test_a_framework_that_one_may_not_see_is_not_there(client, place, monkeypatch):
    other = Followed.__new__(Followed)
    other.framework = Framework.objects.create(
        organisation=OrganisationFactory(), code="other", version=1, status="published", title="อื่น", level="province",
        fiscal_year=2556, created_at="2013-01-01T00:00Z",
    )  # fmt: skip
    assert client.get(go("monitoring-board", other)).status_code == 404
    assert other.framework not in client.get(reverse("agreements:monitoring")).context["frameworks"]
    monkeypatch.setattr(FrameworkQuerySet, "visible_to", lambda self, user: self.all())
    assert client.get(go("monitoring-board", other, unit=place.tree.province.pk)).status_code == 404


def test_the_frameworks_of_the_present_year_stand_first_then_the_latest(client, place):
    with lifted():
        for year in (2554, 2561, 2564):
            other = Framework.objects.get(pk=place.framework.pk)
            other.pk, other.code, other.fiscal_year = None, f"of-{year}", year
            other.save()
            IndicatorFactory(framework=other, definition=PAPER)

    page = client.get(reverse("agreements:monitoring"))

    assert [one.fiscal_year for one in page.context["frameworks"]] == [2556, 2564, 2561, 2554]


def test_the_list_leads_to_the_frameworks_that_open(client, place):
    found = client.get(reverse("agreements:monitoring")).context["frameworks"]

    assert found == [place.framework]
    client.force_login(RoleFactory().user)
    assert client.get(reverse("agreements:monitoring")).context["frameworks"] == []


def test_a_framework_without_indicators_or_figures_says_so(client, place):
    page = client.get(go("monitoring-board", place))
    assert page.context["lights"][3] == ("no_figure", 2)
    assert "–" in page.content.decode()


def test_long_titles_and_sub_indicators_stand_under_their_heading(client, place):
    above = IndicatorFactory(framework=place.framework, code="4", title=TITLE)
    with lifted():
        place.paper.title, place.paper.parent = TITLE, above
        place.paper.save()

    rows = client.get(go("monitoring-board", place)).context["rows"]

    assert [(heading[:2], row.indicator.code) for heading, row, _chart in rows] == [("", "4.1"), ("4 ", "4.2")]


@pytest.mark.parametrize("months", [1, 24])
def test_the_page_asks_the_same_for_any_number_of_months_and_rows(client, place, months):
    place.approved()
    place.type({"2012-10": "0.4", "2013-01": "2.3"})
    with CaptureQueriesContext(connection) as one:
        client.get(go("monitoring-board", place, months=1))
    for number in range(3):
        IndicatorFactory(framework=place.framework, code=f"6.{number}", definition=PAPER)
    with CaptureQueriesContext(connection) as many:
        client.get(go("monitoring-board", place, months=months))

    assert len(one) == len(many)


def test_only_sums_of_the_period_are_read(client, place):
    place.approved()
    with CaptureQueriesContext(connection) as captured:
        client.get(go("monitoring-board", place, months=24))

    assert not [query for query in captured if "agreements_observation" in query["sql"]]


# --- One indicator ---------------------------------------------------------------------------------------------------
def test_the_indicator_shows_its_trend_its_months_and_the_rows_below(client, place):
    place.approved()

    page = client.get(go("monitored-indicator", place, "4.1"))

    shown = page.content.decode()
    assert [part.unit for part in page.context["below"].parts] == [place.tree.first, place.tree.second]
    assert shown.count('<svg class="curve trend"') == shown.count('<title id="trend-title">') == 1
    assert page.context["may_type"] is False
    below = client.get(go("monitored-indicator", place, "4.1", unit=place.tree.first.pk))
    assert below.context["below"].tables[0].rows[0][1] == ("10", "2", "8", "")


def test_a_binding_that_gives_no_value_of_a_month_is_said_in_words(client, place):
    client.cookies["django_language"] = "en"
    said = "no value of a month is worked out from them"
    assert said not in client.get(go("monitored-indicator", place, "4.2")).content.decode()
    columns = {"done": "centres.established", "every": "centres.all"}
    bind = {"form": "centres-monthly", "subtree": "thapla"}
    variables = {name: {"bind": bind | {"column": key}} for name, key in columns.items()}
    measure = {"kind": "formula", "expression": "done / every * 100", "variables": variables}
    with lifted():
        place.paper.definition = PAPER | {"measure": measure}
        place.paper.save()

    page = client.get(go("monitored-indicator", place, "4.2"))

    assert said in page.content.decode()
    assert page.context["may_type"] is True


def test_an_indicator_with_parts_is_not_a_page_of_its_own(client, place):
    IndicatorFactory(framework=place.framework, code="9.1", parent=place.paper, definition=PAPER)

    assert client.get(go("monitored-indicator", place, "4.2")).status_code == 404
    assert client.get(go("monitored-indicator", place, "none")).status_code == 404


def test_months_are_typed_as_in_an_office(client, place):
    answer = client.post(
        go("write-figures", place, "4.2", month="2013-01"),
        {"month-2012-10": "๐.๔๐", "month-2012-11": " 1,100.5 ", "month-2013-01": ""},
    )

    assert answer.status_code == 302
    assert list(MonthlyFigure.objects.order_by("month").values_list("month", "value")) == [
        (date(2012, 10, 1), Decimal("0.4")), (date(2012, 11, 1), Decimal("1100.5")),
    ]  # fmt: skip
    form = client.get(go("write-figures", place, "4.2")).context["form"]
    assert list(form.fields) == [f"month-{one}" for one in ("2012-10", "2012-11", "2012-12", "2013-01", "2013-02")]


def test_a_wrong_figure_is_said_and_what_was_typed_stays(client, place):
    answer = client.post(go("write-figures", place, "4.2"), {"month-2012-10": "สี่", "month-2012-11": "2"})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["month-2012-10"]
    assert answer.context["form"]["month-2012-11"].value() == "2"
    assert not MonthlyFigure.objects.exists()


def test_a_form_that_brings_the_figures_is_named_instead_of_asking(client, place):
    answer = client.post(go("write-figures", place, "4.1"), {"month-2012-10": "2"})

    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert not MonthlyFigure.objects.exists()


def test_a_cause_and_an_action_are_written_and_shown(client, place):
    place.type({"2013-01": "1"})
    owner = place.head.postings.get()
    typed = {"cause": "พิมพ์แจก", "action": "หนังสือเวียน", "owner": owner.pk, "due_on": "29 มี.ค. 2556"}

    answer = client.post(go("write-remedy", place, "4.2", month="2013-01"), typed)

    assert answer.status_code == 302
    made = Remedy.objects.get()
    assert (made.month, made.due_on, made.owner) == (date(2013, 1, 1), date(2013, 3, 29), owner)
    assert "หนังสือเวียน" in client.get(go("monitoring-board", place)).content.decode()
    assert client.get(go("write-remedy", place, "4.2", month="2013-01")).context["form"]["cause"].value() == "พิมพ์แจก"


def test_an_owner_of_another_office_is_neither_offered_nor_taken(client, place):
    stranger = PostingFactory()
    typed = {"cause": "ก", "action": "ข", "owner": stranger.pk, "due_on": "29 มี.ค. 2556"}

    answer = client.post(go("write-remedy", place, "4.2", month="2013-01"), typed)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["owner"]
    assert stranger not in answer.context["form"].fields["owner"].queryset


def test_who_looks_on_writes_nothing(client, place):
    client.force_login(follower(place))

    assert client.get(go("monitored-indicator", place, "4.2")).context["may_write"] is False
    for name in ("write-figures", "write-remedy"):
        assert client.get(go(name, place, "4.2")).status_code == 403
        assert client.post(go(name, place, "4.2"), {"month-2012-10": "9"}).status_code == 403
    assert not MonthlyFigure.objects.exists()
