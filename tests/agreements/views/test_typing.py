"""Forms that save by themselves: said in a line, and nothing that was not seen is written over."""

import re

import pytest
from django.urls import reverse

from agreements.models import Result, State
from agreements.services import results
from agreements.views import typing
from tests.factories import NOON
from tests.walks import bring_to, choose_all, office

pytestmark = pytest.mark.django_db

BY_SCRIPT = {"hx-request": "true", "accept-language": "en"}
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def place():
    return bring_to(office(), State.AGREED)


def page_of(place, name):
    item = place.version.items.get()
    about_item = name in {"result", "assess-item"}
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *([item.lineage] if about_item else [])])


def seen_on(client, address):
    return re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())[1]


def seen_in(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


def inputs():
    return Result.objects.get().inputs


# --- Saving by itself ------------------------------------------------------------------------------------------------
def test_weights_save_by_themselves_and_say_when(client):
    place = office()
    choose_all(place)
    client.force_login(place.assessee)
    address, item = page_of(place, "items"), place.version.items.get()
    typed = {f"goal_{item.pk}": "ร้อยละ 90", f"weight_{item.pk}": "๔๐", "seen": seen_on(client, address)}

    response = client.post(address, typed, headers=BY_SCRIPT)

    item.refresh_from_db()
    assert (response.status_code, item.goal, str(item.weight)) == (200, "ร้อยละ 90", "40")
    assert re.search(r"Saved at \d\d:\d\d", response.content.decode())
    assert seen_in(response) == seen_on(client, address) != typed["seen"]
    assert list(client.get(address).context["messages"]) == []


def test_what_is_wrong_is_said_in_the_line_and_nothing_is_written(client):
    place = office()
    choose_all(place)
    client.force_login(place.assessee)
    address, item = page_of(place, "items"), place.version.items.get()

    response = client.post(address, {f"weight_{item.pk}": "มาก"}, headers=BY_SCRIPT)

    assert (response.status_code, place.version.items.get().weight) == (422, item.weight)
    said = response.content.decode()
    assert f'<a href="#id_weight_{item.pk}">Not saved: Weight of {item.code}: ' in said


def test_whether_it_can_be_proposed_is_said_anew_with_every_save(client):
    place = office()
    choose_all(place)
    client.force_login(place.assessee)
    address, item = page_of(place, "items"), place.version.items.get()

    for weight, said in (("40", "The weights must sum to 100; they sum to 40."), ("100", "are complete")):
        typed = {f"weight_{item.pk}": weight, "seen": seen_on(client, address)}
        answer = client.post(address, typed, headers=BY_SCRIPT).content.decode()
        assert answer.count('id="ready-to-propose" hx-swap-oob="true"') == 1
        assert said in answer


def test_a_verdict_without_its_reason_is_not_saved_and_says_so(client, place):
    bring_to(place, State.REPORTED)
    client.force_login(place.assessor)

    response = client.post(
        page_of(place, "assess-item"), {"verdict": "set", "set-score": "4", "set-reason": ""}, headers=BY_SCRIPT
    )

    assert (response.status_code, Result.objects.get().verdict) == (422, "")
    assert "Not saved: Reason for the different score: " in response.content.decode()


def test_a_verdict_saves_by_itself(client, place):
    bring_to(place, State.REPORTED)
    client.force_login(place.assessor)

    response = client.post(page_of(place, "assess-item"), {"verdict": "accepted"}, headers=BY_SCRIPT)

    assert (response.status_code, Result.objects.get().verdict) == (200, "accepted")


# --- Over what was not seen ------------------------------------------------------------------------------------------
def test_what_another_window_saved_first_is_not_written_over(client, place):
    client.force_login(place.assessee)
    address = page_of(place, "result")
    seen = seen_on(client, address)
    client.post(address, {"value": "70", "note": "หน้าต่างแรก", "seen": seen})

    response = client.post(address, {"value": "90", "note": "หน้าต่างแรก", "seen": seen}, headers=ENGLISH)

    assert (response.status_code, inputs()) == (409, {"value": "70"})
    assert [(one["mine"], one["theirs"]) for one in response.context["differences"]] == [(["90"], ["70"])]
    chosen = dict(response.context["kept"]) | {"seen": response.context["seen"], "pick.value": "mine"}
    client.post(address, chosen)
    assert (inputs(), Result.objects.get().note) == ({"value": "90"}, "หน้าต่างแรก")


def test_theirs_can_be_chosen(client, place):
    client.force_login(place.assessee)
    address = page_of(place, "result")
    seen = seen_on(client, address)
    client.post(address, {"value": "70", "note": "หนึ่ง", "seen": seen})
    response = client.post(address, {"value": "90", "note": "สอง", "seen": seen})

    chosen = dict(response.context["kept"]) | {"seen": response.context["seen"]}
    client.post(address, chosen | {"pick.value": "theirs", "pick.note": "mine"})

    assert (inputs(), Result.objects.get().note) == ({"value": "70"}, "สอง")


def test_the_script_is_told_that_there_is_something_to_look_at(client, place):
    client.force_login(place.assessee)
    address = page_of(place, "result")
    seen = seen_on(client, address)
    client.post(address, {"value": "70", "seen": seen})

    response = client.post(address, {"value": "90", "seen": seen}, headers=BY_SCRIPT)

    assert (response.status_code, inputs(), seen_in(response)) == (422, {"value": "70"}, seen)
    assert "It was changed elsewhere meanwhile; yours is not saved." in response.content.decode()


def test_the_same_typed_twice_is_no_conflict(client, place):
    client.force_login(place.assessee)
    address = page_of(place, "result")
    seen = seen_on(client, address)

    answers = [client.post(address, {"value": "70", "seen": seen}).status_code for _again in range(2)]

    assert (answers, inputs()) == ([302, 302], {"value": "70"})


def test_control_without_the_look_the_first_window_would_be_written_over(client, place, monkeypatch):
    monkeypatch.setattr(typing.Typing, "goes_over_unseen", False)
    client.force_login(place.assessee)
    address = page_of(place, "result")
    seen = seen_on(client, address)

    for value in ("70", "90"):
        client.post(address, {"value": value, "seen": seen})

    assert inputs() == {"value": "90"}


@pytest.mark.parametrize(
    ("name", "state", "who", "first", "second", "field"),
    [
        ("observed", State.REPORTED, "assessor", {"observed_1": "3"}, {"observed_1": "4"}, "pick.observed_1"),
        ("competencies", State.DRAFT, "assessee", {"expected_1": "3"}, {"expected_1": "4"}, "pick.expected_1"),
        (
            "assess-item", State.REPORTED, "assessor", {"verdict": "accepted"},
            {"verdict": "set", "set-score": "4", "set-reason": "ก"}, "pick.verdict",
        ),
    ],
)  # fmt: skip
def test_every_form_notices(client, name, state, who, first, second, field):
    place = office()
    if state == State.DRAFT:
        choose_all(place)
    else:
        bring_to(place, state)
    whole = {}
    if name == "competencies":
        rows = place.version.competencies.order_by("order")
        whole = {f"expected_{row.order}": str(row.expected) for row in rows}
        whole |= {f"name_{row.order}": row.name for row in rows}
    client.force_login(getattr(place, who))
    address = page_of(place, name)
    seen = seen_on(client, address)

    one = client.post(address, whole | first | {"seen": seen})
    other = client.post(address, whole | second | {"seen": seen})

    assert (one.status_code, other.status_code) == (302, 409)
    assert field in [difference["name"] for difference in other.context["differences"]]


def test_a_file_attached_first_is_no_change_of_what_is_typed(client, place):
    client.force_login(place.assessee)
    address = page_of(place, "result")
    seen = seen_on(client, address)
    results.result_for(place.version, place.version.items.get(), at=NOON)

    assert client.post(address, {"value": "70", "seen": seen}).status_code == 302


# --- The session ended -----------------------------------------------------------------------------------------------
def test_a_script_without_a_session_is_told_so_and_a_page_is_led_to_sign_in(client, place):
    address = page_of(place, "result")

    assert client.post(address, {"value": "1"}, headers=BY_SCRIPT).status_code == 401
    assert client.post(address, {"value": "1"})["Location"] == f"/sign-in/?next={address}"
