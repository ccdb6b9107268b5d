"""Whoever is shown results of somebody else stands in the log with it."""

import pytest
from django.db import transaction

from agreements.models import READ, Event, State
from agreements.services import readings
from tests import access
from tests.access import COLLEAGUES

pytestmark = pytest.mark.django_db

ROWS = [
    row
    for row in access.rows()
    if row.method == "get" and row.whose == COLLEAGUES and State(row.state) in {State.REPORTED, State.RELEASED}
]
READERS = ("assessor", "reviewer", "hr", "auditor")
ASKED = [
    (row, who)
    for row in ROWS
    for who in READERS
    # Of what waits for a signature, only whose signature it is sees anything.
    if row.answers[who] == "200" and (who == "assessor" or not row.address.startswith("agreements:sign-many"))
]
# They show nothing of the results: the page around the picture of a file, which is logged when it is drawn.
SHOWS_NOTHING = {"agreements:view-evidence", "agreements:extension"}


def read(client, world, row, who):
    """Return who is logged to have read whose results when `who` asks for the page of `row`."""
    place = world.place(who, row.whose)
    with transaction.atomic():
        client.force_login(world.readers[who])
        response = client.get(access.address(row.address, place))
        if response.streaming:
            response.getvalue()
        about = Event.objects.filter(verb=READ)
        found = [(one.actor, one.agreement or one.batch.first()) for one in about]
        transaction.set_rollback(True)
    return found == [(world.readers[who], place.agreement)]


@pytest.mark.parametrize("state", [State.REPORTED, State.RELEASED])
def test_every_reading_of_anothers_result_is_logged(client, state):
    world = access.world(state)
    asked = [(row, who) for row, who in ASKED if row.state == state and row.address not in SHOWS_NOTHING]

    assert len(asked) > 3
    assert [(row.address, who) for row, who in asked if not read(client, world, row, who)] == []


def test_nobody_is_logged_for_reading_their_own(client):
    world = access.world(State.RELEASED)
    client.force_login(world.readers["staff"])

    for name in ("agreements:agreement", "reports:preview"):
        assert client.get(access.address(name, world.places["staff"])).status_code == 200

    assert not Event.objects.filter(verb=READ).exists()


def test_control_where_nothing_notes_it_a_reading_leaves_no_trace(client, monkeypatch):
    world = access.world(State.RELEASED)
    monkeypatch.setattr(readings, "log_reading", lambda versions, **told: None)
    row = next(row for row, _who in ASKED if (row.address, row.state) == ("reports:preview", "released"))

    assert not read(client, world, row, "hr")
