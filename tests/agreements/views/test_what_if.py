import pytest
from django.urls import reverse

from agreements.models import Result, State
from tests.guards import lifted
from tests.walks import bring_to, enter_all, office

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client):
    place = bring_to(office(indicators=2), State.AGREED)
    client.force_login(place.assessee)
    return place


def address(place, code=None):
    item = place.version.items.get(code=code or place.indicators[0].code)
    return reverse("agreements:what-if", args=[place.agreement.pk, item.lineage])


def test_a_tried_value_is_scored_and_its_effect_on_the_total_shown(client, place):
    enter_all(place, "60")

    response = client.get(address(place), {"value": "๙๕"})

    assert response.context["panel"]["score"]["score"] == "4.5000"
    assert (response.context["before"]["total"], response.context["after"]["total"]) == ("1.0000", "2.7500")
    assert response.context["difference"] == "+1.7500"


def test_the_curve_shows_the_agreed_levels_and_the_value(client, place):
    response = client.get(address(place), {"value": "85"})

    chart = response.context["chart"]
    assert [(level["level"], level["value"]) for level in chart["levels"]] == [
        (1, "60"), (2, "70"), (3, "80"), (4, "90"), (5, "100"),
    ]  # fmt: skip
    assert (chart["point"]["value"], chart["point"]["score"]) == ("85", "3.5000")
    assert response.content.count(b"<circle") == 6


def test_it_begins_with_what_was_entered(client, place):
    enter_all(place, "70")

    response = client.get(address(place))

    assert response.context["form"].initial["value"] == "70"
    assert response.context["difference"] == "+0.0000"


def test_nothing_that_is_tried_is_kept(client, place):
    enter_all(place, "60")

    client.get(address(place), {"value": "100"})

    assert list(Result.objects.values_list("inputs", flat=True)) == [{"value": "60"}, {"value": "60"}]


def test_what_is_not_a_number_says_so_and_stays_in_the_field(client, place):
    response = client.get(address(place), {"value": "1e3"})

    assert "1e3" in response.content.decode()
    assert list(response.context["form"].errors) == ["value"]
    assert "panel" not in response.context


def test_htmx_is_answered_with_the_part_that_changes(client, place):
    whole = client.get(address(place), {"value": "85"})
    part = client.get(address(place), {"value": "85"}, headers={"HX-Request": "true"})

    assert part.templates[0].name == "agreements/_what_if.html"
    assert part.content.decode().strip() in whole.content.decode()


def test_without_an_indicator_named_it_begins_with_the_first(client, place):
    response = client.get(reverse("agreements:what-if-first", args=[place.agreement.pk]))

    assert response.url == address(place)


def test_before_release_the_assessee_tries_against_the_self_score_alone(client):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED, value="80")
    with lifted():
        Result.objects.update(verdict=Result.Verdict.SET, assessor_score="1", assessor_reason="ขาดหลักฐาน")

    client.force_login(place.assessee)
    seen = client.get(address(place), {"value": "80"}).context["before"]["total"]
    # The control: the assessor's own page holds the score that was set.
    client.force_login(place.assessor)
    whole = client.get(address(place), {"value": "80"}).context["before"]["total"]

    assert (seen, whole) == ("3.0000", "1.0000")
