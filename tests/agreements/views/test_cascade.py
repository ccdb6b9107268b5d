import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from agreements.models import Event, Item, State
from agreements.services import cascade, results
from tests.agreements.services.test_cascade import gathering, link, report, superior
from tests.walks import bring_to, choose_all, colleague, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def ask(client, user, name, *args, method="get", data=None, **headers):
    client.force_login(user)
    address = reverse(f"agreements:{name}", args=args)
    return getattr(client, method)(address, data or {}, headers={"accept-language": "en", **headers})


def with_superior():
    place = office()
    choose_all(place)
    return place, superior(place)


def test_the_item_above_is_chosen_and_taken_back(client):
    place, above = with_superior()
    [item], [target] = place.version.items.all(), above.version.items.all()
    where = (place.agreement.pk, item.lineage)

    page = ask(client, place.assessee, "choose-above", *where)
    assert [one.pk for one in page.context["offered"]] == [target.pk]
    assert (
        ask(client, place.assessee, "choose-above", *where, method="post", data={"above": target.pk}).status_code == 302
    )
    item.refresh_from_db()
    assert item.cascades_from == target
    assert "Comes from" in ask(client, place.assessee, "items", place.agreement.pk).content.decode()
    ask(client, place.assessee, "choose-above", *where, method="post")
    item.refresh_from_db()
    assert item.cascades_from is None


@pytest.mark.parametrize("typed", ["0", "x", "9" * 30])
def test_a_key_that_is_not_offered_is_not_there(client, typed):
    place, _above = with_superior()
    where = (place.agreement.pk, place.version.items.get().lineage)

    assert ask(client, place.assessee, "choose-above", *where, method="post", data={"above": typed}).status_code == 404


def test_an_item_of_a_stranger_is_not_there(client):
    place, _above = with_superior()
    other = colleague(place)
    choose_all(other)
    data = {"above": other.version.items.get().pk}
    where = (place.agreement.pk, place.version.items.get().lineage)

    assert ask(client, place.assessee, "choose-above", *where, method="post", data=data).status_code == 404


def test_control_without_the_offer_a_strangers_item_could_be_chosen(client, monkeypatch):
    place, _above = with_superior()
    other = colleague(place)
    choose_all(other)
    monkeypatch.setattr(cascade, "offered_to", lambda version, item=None, words="": list(Item.objects.all()))
    data = {"above": other.version.items.get().pk}
    where = (place.agreement.pk, place.version.items.get().lineage)

    assert ask(client, place.assessee, "choose-above", *where, method="post", data=data).status_code == 302


def test_the_cascade_is_shown_and_reading_others_scores_is_logged(client):
    place, above = with_superior()
    link(place, above)
    bring_to(place, State.REPORTED)

    page = ask(client, above.assessee, "cascade", above.agreement.pk)

    assert place.assessee.first_name in page.content.decode()
    event = Event.objects.filter(verb="read", actor=above.assessee).order_by("pk").last()
    assert place.agreement in event.batch.all()
    # From below, the way up is shown; the agreement there cannot be opened.
    own = ask(client, place.assessee, "cascade", place.agreement.pk).content.decode()
    assert above.assessee.first_name in own
    assert reverse("agreements:cascade", args=[above.agreement.pk]) not in own


@pytest.mark.parametrize("rows", [1, 3])
def test_the_cascade_takes_as_many_questions_however_many_carry(client, rows):
    place, above = with_superior()
    for one in (place, *(colleague(place) for _ in range(rows - 1))):
        if not one.version.items.exists():
            choose_all(one)
        link(one, above)
    ask(client, above.assessee, "cascade", above.agreement.pk)

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("agreements:cascade", args=[above.agreement.pk]))

    assert len(asked) == 18


@pytest.mark.parametrize("rows", [1, 3])
def test_the_overview_takes_as_many_questions_however_many_agree(client, rows):
    place, above = with_superior()
    for _number in range(rows):
        other = colleague(place)
        choose_all(other)
        link(other, above)
    ask(client, place.hr, "round-cascade", place.round.pk)

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("agreements:round-cascade", args=[place.round.pk]))

    assert len(asked) == 13


def test_what_those_below_come_to_is_taken_over_and_stays_when_a_note_is_typed(client):
    place, other, above = gathering()
    report(place, "80", "100")
    report(other, "9", "10")
    [item] = results.open_book(above.version).leaves
    where = (above.agreement.pk, item.lineage)

    page = ask(client, above.assessee, "result", *where)
    assert page.context["below"].value == "80.9091"
    assert ask(client, above.assessee, "gather", *where, method="post").status_code == 302
    assert ask(client, above.assessee, "what-if", *where).status_code == 200
    data = {"gathered": "on", "note": "รวมจากสองกลุ่มงาน"}
    ask(client, above.assessee, "result", *where, method="post", data=data)

    kept = results.open_book(above.version).result(item)
    assert (len(kept.inputs["from_below"]), kept.note) == (2, "รวมจากสองกลุ่มงาน")
    # Without the tick a figure is typed instead; both at once are refused.
    both = data | {"variable_part": "1", "variable_whole": "2"}
    assert ask(client, above.assessee, "result", *where, method="post", data=both).status_code == 200
    typed = {"variable_part": "1", "variable_whole": "2"}
    ask(client, above.assessee, "result", *where, method="post", data=typed)
    assert results.open_book(above.version).result(item).inputs == {"variables": {"part": "1", "whole": "2"}}
