"""The page on which much is signed in one sitting."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import actions
from agreements.models import Signature, State
from agreements.services import agreements as services, content as contents, results
from agreements.views import batch as views
from tests.factories import NOON
from tests.walks import bring_to, colleague, judge_all, office, sign

pytestmark = pytest.mark.django_db


def several(state, count=3):
    places = [office()]
    places += [colleague(places[0]) for _number in range(count - 1)]
    for place in places:
        bring_to(place, state)
        if state == State.REPORTED:
            judge_all(place)
    return places


def address(place, action):
    return reverse("agreements:sign-many", args=[place.round.pk, action.code])


def ticks(page):
    return [f"{one['row'].version.pk}:{one['row'].sha256}" for one in page.context["rows"] if one["row"].is_ready]


def kept(page):
    return {f"kept-{one['row'].version.pk}": one["kept"] for one in page.context["rows"]}


@pytest.mark.parametrize(
    ("state", "action"), [(State.PROPOSED, actions.AGREE), (State.REPORTED, actions.ASSESS)], ids=["agree", "assess"]
)
def test_query_count_is_flat(client, state, action):
    counts = []
    for count in (1, 3):
        places = several(state, count)
        client.force_login(places[0].assessor)
        client.get(address(places[0], action))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(address(places[0], action))
        counts.append(len(queries))
        assert len(page.context["rows"]) == count

    assert counts[0] == counts[1]


def test_a_tick_stands_inside_the_fold_that_shows_what_is_signed(client):
    place = several(State.PROPOSED, 1)[0]
    client.force_login(place.assessor)

    html = client.get(address(place, actions.AGREE)).content.decode()

    [fold] = re.findall(r'<details class="reveal">.*?</details>', html, re.DOTALL)
    item = place.version.items.get()
    assert f'name="sign" value="{place.version.pk}:' in fold
    assert item.title in fold
    # Nothing is ticked for anybody, and there is no tick outside.
    assert "checked" not in fold
    assert html.count('name="sign"') == 1


def test_those_ticked_are_signed_and_the_others_wait(client):
    places = several(State.PROPOSED)
    client.force_login(places[0].assessor)
    page = client.get(address(places[0], actions.AGREE))

    answer = client.post(address(places[0], actions.AGREE), {"sign": ticks(page)[:2], **kept(page)})

    assert len(answer.context["signed"]) == 2
    assert answer.context["refused"] == []
    assert len(answer.context["rows"]) == 1
    assert Signature.objects.filter(capacity="assessor").count() == 2
    assert all(one.signature.short_code in answer.content.decode() for one in answer.context["signed"])


def test_sent_twice_it_is_signed_once_and_says_so(client):
    places = several(State.PROPOSED)
    client.force_login(places[0].assessor)
    page = client.get(address(places[0], actions.AGREE))
    posted = {"sign": ticks(page), **kept(page)}

    client.post(address(places[0], actions.AGREE), posted)
    again = client.post(address(places[0], actions.AGREE), posted)

    assert (len(again.context["signed"]), len(again.context["refused"])) == (0, 3)
    assert Signature.objects.filter(capacity="assessor").count() == 3


def test_what_changed_meanwhile_is_refused_with_what_changed_and_shown_anew(client):
    places = several(State.REPORTED, 2)
    client.force_login(places[0].assessor)
    page = client.get(address(places[0], actions.ASSESS))
    item = places[1].version.items.get()
    results.set_score(places[1].version, item, 3, reason="หลักฐานไม่ครบ", by=places[1].assessor, at=NOON)

    answer = client.post(address(places[0], actions.ASSESS), {"sign": ticks(page), **kept(page)})

    [refused] = answer.context["refused"]
    assert refused["outcome"].version.part.agreement == places[1].agreement
    assert "หลักฐานไม่ครบ" in [entry.after for change in refused["changes"] for entry in change.entries]
    assert len(answer.context["signed"]) == 1


def test_what_was_returned_and_sent_anew_is_refused_with_what_changed(client):
    place = several(State.PROPOSED, 1)[0]
    client.force_login(place.assessor)
    page = client.get(address(place, actions.AGREE))
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)
    place.version.items.update(goal="เป้าที่เปลี่ยน")
    sign(place, actions.PROPOSE, place.assessee)

    answer = client.post(address(place, actions.AGREE), {"sign": ticks(page), **kept(page)})

    [refused] = answer.context["refused"]
    assert [entry.after for change in refused["changes"] for entry in change.entries] == ["เป้าที่เปลี่ยน"]
    assert (len(answer.context["signed"]), len(answer.context["rows"])) == (0, 1)


def test_control_without_the_hash_the_change_would_be_signed(client, monkeypatch):
    place = several(State.REPORTED, 1)[0]
    client.force_login(place.assessor)
    page = client.get(address(place, actions.ASSESS))
    results.set_score(place.version, place.version.items.get(), 3, reason="เปลี่ยน", by=place.assessor, at=NOON)
    shown = page.context["rows"][0]["row"].sha256
    monkeypatch.setattr(contents, "hash_of", lambda content: shown)

    client.post(address(place, actions.ASSESS), {"sign": ticks(page)})

    assert "เปลี่ยน" in Signature.objects.get(stage="result").snapshot.content


@pytest.mark.parametrize("tick", ["", "x", "1", "1:2", "99999999999999999999:" + "0" * 64])
def test_what_is_no_tick_signs_nothing(client, tick):
    place = several(State.PROPOSED, 1)[0]
    client.force_login(place.assessor)

    answer = client.post(address(place, actions.AGREE), {"sign": tick})

    assert (answer.status_code, answer.context["nothing_ticked"]) == (200, True)
    assert Signature.objects.filter(capacity="assessor").count() == 0


def test_anothers_agreement_is_neither_signed_nor_told_of(client):
    place, other = several(State.PROPOSED, 1)[0], bring_to(office(), State.PROPOSED)
    client.force_login(place.assessor)

    answer = client.post(address(place, actions.AGREE), {"sign": f"{other.version.pk}:{'0' * 64}"})

    assert (answer.context["signed"], answer.context["refused"]) == ([], [])
    assert other.assessee.full_name not in answer.content.decode()


def test_what_cannot_be_signed_yet_has_no_tick_and_says_what_comes_first(client):
    places = several(State.REPORTED, 2)
    unready = bring_to(colleague(places[0]), State.REPORTED)
    client.force_login(places[0].assessor)

    page = client.get(address(places[0], actions.ASSESS))

    html = page.content.decode()
    assert page.context["rows"][0]["row"].version == unready.version
    assert f'name="sign" value="{unready.version.pk}:' not in html
    assert html.count('name="sign"') == 2
    assert reverse("agreements:assessment", args=[unready.agreement.pk]) in html


def test_a_superior_may_differ_in_words_row_by_row(client):
    places = several(State.ACKNOWLEDGED)
    client.force_login(places[0].reviewer)
    page = client.get(address(places[0], actions.REVIEW))
    first, second, third = (one["row"].version.pk for one in page.context["rows"])

    answer = client.post(
        address(places[0], actions.REVIEW),
        {
            "sign": ticks(page),
            f"row-{first}-decision": "agrees",
            f"row-{second}-decision": "differs",
            f"row-{second}-comment": "เห็นว่าสูงไป",
            f"row-{third}-decision": "differs",
        },
    )

    given = Signature.objects.filter(capacity="reviewer").order_by("pk").values_list("version", "decision", "comment")
    assert list(given) == [(first, "agrees", ""), (second, "differs", "เห็นว่าสูงไป")]
    assert [one["outcome"].version.pk for one in answer.context["refused"]] == [third]


def test_my_work_leads_there_where_several_wait(client):
    places = several(State.PROPOSED, 2)
    client.force_login(places[0].assessor)

    together = client.get(reverse("agreements:work")).context["together"]

    assert [(one.round, one.action, one.count) for one in together] == [(places[0].round, actions.AGREE, 2)]
    sign(places[0], actions.AGREE, places[0].assessor)
    assert client.get(reverse("agreements:work")).context["together"] == []


def test_a_long_list_is_shown_in_parts(client, monkeypatch):
    monkeypatch.setattr(views, "MOST_ROWS", 2)
    places = several(State.PROPOSED)
    client.force_login(places[0].assessor)

    page = client.get(address(places[0], actions.AGREE))
    after = client.post(address(places[0], actions.AGREE), {"sign": ticks(page)})

    assert [(len(one.context["rows"]), one.context["is_cut"]) for one in (page, after)] == [(2, True), (1, False)]


def test_nothing_waiting_says_so(client):
    place = office()
    client.force_login(place.assessor)

    page = client.get(address(place, actions.AGREE))

    assert (page.status_code, page.context["rows"]) == (200, [])
