import logging
import re

import pytest
from django.test import Client
from django.urls import reverse

from agreements import actions, request_ids
from agreements.models import Event, State
from agreements.services import content as contents, signing
from tests.walks import bring_to, choose_all, office

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"[0-9A-F]{12}")


def test_every_answer_has_a_number_of_its_own(client):
    numbers = [client.get(reverse("sign-in"))["X-Request-ID"] for _ in range(3)]

    assert len(set(numbers)) == 3
    assert all(NUMBER.fullmatch(number) for number in numbers)


def test_no_client_chooses_the_number(client):
    assert client.get(reverse("sign-in"), headers={"X-Request-ID": "mine"})["X-Request-ID"] != "mine"


def test_a_record_holds_the_number_of_the_request_that_made_it(client):
    place = office()
    choose_all(place)
    client.force_login(place.assessee)
    shown = contents.hash_of(signing.content_to_sign(place.version, actions.PROPOSE))

    response = client.post(reverse("agreements:check", args=[place.agreement.pk, "propose"]), {"shown": shown})

    event = Event.objects.get(verb="propose")
    assert (event.request_id, event.actor_name) == (response["X-Request-ID"], place.assessee.username)
    assert event.acting_as == place.version.parties.get(capacity="assessee").title
    assert (event.text.before, event.text.after) == ({"state": "draft"}, {"state": "proposed"})
    # The control: what was opened by no request has no number.
    assert Event.objects.get(verb="open").request_id == ""


def test_the_error_page_names_the_number(monkeypatch, rf):
    place = bring_to(office(), State.DRAFT)
    monkeypatch.setattr("agreements.views.work.render", lambda *_args: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(place.assessee)

    logging.disable(logging.CRITICAL)
    response = client.get(reverse("agreements:work"))
    logging.disable(logging.NOTSET)

    assert response.status_code == 500
    assert f"<code>{response['X-Request-ID']}</code>" in response.content.decode()


def test_the_servers_log_names_the_number(caplog):
    line = logging.LogRecord("any", logging.WARNING, "", 0, "said", None, None)

    assert request_ids.RequestIdFilter().filter(line) is True
    assert line.request_id == "-"
