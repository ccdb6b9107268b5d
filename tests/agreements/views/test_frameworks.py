import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Dimension
from agreements.services import frameworks as services
from tests.factories import NOON, FrameworkFactory, IndicatorFactory, OrganisationFactory, PostingFactory
from tests.guards import lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    posting = PostingFactory(organisation=OrganisationFactory())
    client.force_login(posting.user)
    return posting


def dimension(framework, code, order, parent=None):
    with lifted():
        return Dimension.objects.create(framework=framework, code=code, title=code, order=order, parent=parent)


def test_headings_stand_above_the_first_indicator_of_each_dimension(client, reader):
    framework = FrameworkFactory(organisation=reader.organisation, header={"units": [{"code": "a", "title": "งาน ก"}]})
    outer = dimension(framework, "outer", 1)
    first, second = dimension(framework, "first", 2, outer), dimension(framework, "second", 3, outer)
    parent = IndicatorFactory(framework=framework, code="1", order=1, dimension=first, definition={})
    IndicatorFactory(framework=framework, code="1.1", order=2, parent=parent, definition={"assigned_units": ["a", "b"]})
    IndicatorFactory(framework=framework, code="2", order=3, dimension=first, definition={})
    IndicatorFactory(framework=framework, code="3", order=4, dimension=second, definition={})

    rows = client.get(framework.get_absolute_url()).context["rows"]

    assert [(row["indicator"].code, [str(one) for one in row["headings"]], row["units"]) for row in rows] == [
        ("1", ["outer", "first"], []),
        ("1.1", [], ["งาน ก", "b"]),
        ("2", [], []),
        ("3", ["second"], []),
    ]


def test_a_framework_asks_the_database_as_often_for_three_indicators_as_for_one(client, reader):
    framework = FrameworkFactory(organisation=reader.organisation)
    place = dimension(framework, "outer", 1)

    def asked():
        parent = IndicatorFactory(framework=framework, dimension=place)
        IndicatorFactory(framework=framework, parent=parent)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(framework.get_absolute_url())
        return len(captured), len(response.context["rows"])

    client.get(framework.get_absolute_url())
    (one, first), (_two, _second), (three, third) = asked(), asked(), asked()

    assert (first, third) == (2, 6)
    assert three == one


def test_an_indicator_names_the_units_it_is_given_to(client, reader):
    framework = FrameworkFactory(organisation=reader.organisation, header={"units": [{"code": "a", "title": "งาน ก"}]})
    IndicatorFactory(framework=framework, code="2.1(5.2)", definition={"assigned_units": ["a"]})

    response = client.get(reverse("agreements:indicator", args=[framework.pk, "2.1(5.2)"]))

    assert response.context["units"] == ["งาน ก"]


def test_what_looks_like_a_slip_is_shown_on_the_framework(client, reader):
    levels = {1: "1", 2: "2", 3: "3", 4: "4", 5: "5"}
    criteria = {"kind": "thresholds", "levels": levels}
    document = {
        "format": 1,
        "code": "slip",
        "title": "กรอบ",
        "level": "province",
        "fiscal_year": 2556,
        "indicators": [{"code": "1", "title": "ร้อยละ", "unit": "ร้อยละ", "criteria": criteria}],
    }
    outcome = services.import_framework(document, organisation=reader.organisation, at=NOON, by=None)
    framework = services.publish(outcome.framework, at=NOON, by=None)

    response = client.get(framework.get_absolute_url())

    assert response.context["warnings"] == ["1: หน่วยวัดเป็นร้อยละ แต่ค่าของระดับคือ 1, 2, 3, 4, 5 ถูกต้องหรือไม่"]
