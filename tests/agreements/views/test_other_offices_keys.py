"""A form takes no key of another office's object, whoever sends it: nothing is written, and nothing is offered."""

import pytest
from django.apps import apps
from django.core import serializers

from agreements.models import Evidence, State
from agreements.models.organisations import OrganisationQuerySet
from agreements.services import organisations
from tests import access

pytestmark = pytest.mark.django_db

DAY = "1 ม.ค. 2556"
POSTING = {"title": "นักวิชาการ", "starts_on": DAY, "position_type": "วิชาการ", "level": "ชำนาญการ"}
# Address, state, who sends it, what is sent beside the key, the field, and whose key it is.
SENT = [
    ("agreements:add-posting", State.DRAFT, "hr", POSTING, "organisation", lambda there: there.unit.pk),
    ("agreements:add-posting", State.DRAFT, "hr", POSTING, "assessor", lambda there: there.posting.assessor_id),
    ("agreements:add-posting", State.DRAFT, "hr", POSTING | {"is_acting": "on"}, "stands_for",
     lambda there: there.posting.pk),
    ("agreements:give-role", State.DRAFT, "hr", {"kind": "hr"}, "organisation", lambda there: there.province.pk),
    ("agreements:choose", State.DRAFT, "staff", {}, "indicator", lambda there: there.indicators[0].pk),
    ("agreements:choose-above", State.DRAFT, "staff", {}, "above", lambda there: there.version.items.first().pk),
    ("agreements:copy-indicators", State.DRAFT, "editor", {"indicator": "1"}, "from", lambda there: there.framework.pk),
    ("reports:slips", State.DRAFT, "hr", {}, "person", lambda there: there.assessee.pk),
    ("agreements:replace-party assessor", State.DRAFT, "hr", {"reason": "ย้าย"}, "posting",
     lambda there: there.posting.assessor_id),
    ("agreements:refusal", State.RELEASED, "assessor", {"told_on": "18 ก.พ. 2556"}, "witness",
     lambda there: there.posting.pk),
    ("agreements:split", State.AGREED, "hr", {"on": DAY, "start": "copy", "reason": "ย้าย"}, "assessor",
     lambda there: there.posting.assessor_id),
    ("agreements:extend", State.AGREED, "hr", {"phase": "report", "until": DAY, "reason": "น้ำท่วม"}, "unit",
     lambda there: there.unit.pk),
    ("agreements:extend", State.AGREED, "hr", {"phase": "report", "until": DAY, "reason": "น้ำท่วม"}, "agreement",
     lambda there: there.agreement.pk),
    ("agreements:remind", State.AGREED, "hr", {}, "agreement", lambda there: there.agreement.pk),
    ("agreements:remind", State.AGREED, "hr", {"board": ""}, "agreement", lambda there: there.agreement.pk),
    ("agreements:extend", State.AGREED, "hr", {"board": "", "phase": "report", "until": DAY, "reason": "น้ำท่วม"},
     "agreement", lambda there: there.agreement.pk),
    ("agreements:opening", State.DRAFT, "hr", {"who": "ticked"}, "person",
     lambda there: there.posting.assessor.user_id),
    ("agreements:earlier", State.DRAFT, "staff", {"item": "1"}, "from", lambda there: there.version.pk),
    ("agreements:check-round", State.PROPOSED, "hr", {"then": "pass"}, "agreement", lambda there: there.agreement.pk),
    ("agreements:release-round", State.ASSESSED, "hr", {}, "agreement", lambda there: there.agreement.pk),
    ("agreements:detach", State.AGREED, "staff", {}, "remove",
     lambda there: Evidence.objects.get(result__part__agreement=there.agreement).pk),
    ("agreements:sign-many agree", State.PROPOSED, "assessor", {}, "sign",
     lambda there: f"{there.version.pk}:{'0' * 64}"),
]  # fmt: skip
IDS = [f"{name.split(':')[1]}-{field}" for name, _state, _who, _beside, field, _key in SENT]


def rows():
    """Return every row that the portal keeps, as text."""
    models = apps.get_app_config("agreements").get_models()
    return {model: serializers.serialize("json", model.objects.order_by("pk")) for model in models}


@pytest.mark.parametrize(("name", "state", "who", "beside", "field", "key"), SENT, ids=IDS)
def test_the_key_is_neither_offered_nor_taken(client, name, state, who, beside, field, key):
    world = access.world(state)
    place = world.place(who, access.COLLEAGUES if who != "staff" else access.OWN)
    address = access.address(name, place)
    foreign = key(world.elsewhere)
    client.force_login(world.readers[who])
    before = rows()

    response = client.post(address, {**beside, field: foreign})

    assert response.status_code in {200, 302, 403, 404, 409, 422}
    assert rows() == before


def test_control_where_every_place_is_ones_own_the_key_is_taken(client, monkeypatch):
    world = access.world(State.DRAFT)
    place = world.place("hr", access.COLLEAGUES)
    client.force_login(world.readers["hr"])
    monkeypatch.setattr(OrganisationQuerySet, "managed_by", lambda self, user: self.all())
    monkeypatch.setattr(organisations, "_demand_place", lambda by, organisation: None)
    before = rows()

    sent = {"kind": "data_reporter", "organisation": world.elsewhere.unit.pk}
    client.post(access.address("agreements:give-role", place), sent)

    assert rows() != before
