import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.models import (
    AgreedCompetency,
    Agreement,
    Event,
    Evidence,
    Item,
    Part,
    Party,
    Result,
    Role,
    Round,
    Signature,
    State,
    Version,
)
from agreements.models.fields import ExactDecimalField
from agreements.services import agreements as services
from tests.factories import NOON, OCTOBER, OrganisationFactory, PostingFactory, RoleFactory, RoundFactory, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


# --- Who sees --------------------------------------------------------------------------------------------------------
def reader(place, who):
    """Return a person who stands so to the office's agreement."""
    if who in {"assessee", "assessor", "reviewer", "hr"}:
        return getattr(place, who)
    kind, _of, where = who.partition(" of the ")
    organisation = {
        "unit": place.unit,
        "province": place.province,
        "province beside": OrganisationFactory(),
        "unit beside": OrganisationFactory(parent=place.province),
        "unit below": OrganisationFactory(parent=place.unit),
    }[where]
    return (
        PostingFactory(organisation=organisation).user
        if kind == "colleague"
        else RoleFactory(organisation=organisation, kind=kind).user
    )


@pytest.mark.parametrize(
    ("who", "sees", "follows"),
    [
        ("assessee", True, False),
        ("assessor", True, False),
        ("reviewer", True, False),
        ("hr", True, True),
        ("hr of the unit", True, True),
        ("hr of the unit beside", False, False),
        ("hr of the unit below", False, False),
        ("hr of the province beside", False, False),
        ("auditor of the province", True, True),
        ("auditor of the province beside", False, False),
        ("executive of the province", False, True),
        ("executive of the province beside", False, False),
        ("framework_editor of the province", False, False),
        ("data_reporter of the province", False, False),
        ("colleague of the unit", False, False),
        ("colleague of the province", False, False),
    ],
)
def test_an_agreement_is_seen_by_its_parties_and_overseers(who, sees, follows):
    place = office()
    user = reader(place, who)

    assert Agreement.objects.visible_to(user).exists() is sees
    assert Version.objects.visible_to(user).exists() is sees
    assert Event.objects.visible_to(user).exists() is sees
    assert Agreement.objects.in_offices_led_by(user).exists() is follows


def test_results_and_evidence_are_seen_with_their_agreement():
    place = bring_to(office(), State.AGREED)
    item = place.version.items.get()
    Result.objects.create(part=place.version.part, lineage=item.lineage, updated_at=NOON)

    assert Result.objects.visible_to(place.assessor).count() == 1
    assert Result.objects.visible_to(UserFactory()).count() == 0
    assert Evidence.objects.visible_to(UserFactory()).count() == 0


def test_who_took_part_in_a_replaced_version_alone_sees_nothing():
    place = bring_to(office(), State.PROPOSED)
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)
    successor = UserFactory()

    Party.objects.filter(version=place.version, capacity="assessor").update(user=successor)

    assert not Agreement.objects.visible_to(place.assessor).exists()
    assert Agreement.objects.visible_to(successor).exists()


def test_an_agreement_is_listed_once_for_who_sees_it_twice():
    place = office()
    RoleFactory(user=place.assessor, organisation=place.province, kind=Role.Kind.HR)
    RoleFactory(user=place.assessor, organisation=place.unit, kind=Role.Kind.AUDITOR)

    assert list(Agreement.objects.visible_to(place.assessor)) == [place.agreement]


# --- Whom it waits for -----------------------------------------------------------------------------------------------
WAITS = {
    State.DRAFT: "assessee",
    State.PROPOSED: "assessor",
    State.AGREED: "assessee",
    State.REPORTED: "assessor",
    State.ASSESSED: None,
    State.RELEASED: "assessee",
    State.ACKNOWLEDGED: "reviewer",
    State.REVIEWED: None,
    State.CLOSED: None,
    State.ENDED: None,
}


@pytest.mark.parametrize("state", State)
def test_an_agreement_waits_for_one_party_or_for_hr(state):
    place = bring_to(office(releases_on_assessment=False), state)

    waited_for = [who for who in ("assessee", "assessor", "reviewer", "hr")
                  if Agreement.objects.waiting_for(getattr(place, who)).exists()]  # fmt: skip

    named = Agreement.objects.for_list().get().waits_for
    assert waited_for == ([WAITS[state]] if WAITS[state] else [])
    assert (named and named.capacity) == WAITS[state]


@pytest.mark.parametrize(("status", "waits"), [("open", True), ("closed", False), ("planned", False)])
def test_nothing_waits_outside_an_open_round(status, waits):
    place = office()
    Round.objects.update(status=status)

    assert Agreement.objects.waiting_for(place.assessee).exists() is waits


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("สมหญิง", True), ("ใจงาม", True), ("สมหญิง ใจงาม", True), ("ใจงาม สมหญิง", True), ("คลัง", True),
        ("สมหญิง คลัง", True), ("สมหญิง ใจร้าย", False), ("ใคร", False), ("", True),
    ],
)  # fmt: skip
def test_agreements_are_found_by_person_and_unit(words, found):
    place = office()
    place.assessee.first_name, place.assessee.last_name = "สมหญิง", "ใจงาม"
    place.assessee.save()
    place.unit.name = "กลุ่มงานคลัง"
    place.unit.save()

    assert Agreement.objects.all().matching(words).exists() is found


# --- Figures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (Decimal("0.1"), "0.1"),
        ("1.660", "1.66"),
        (Decimal("1E+2"), "100"),
        (20, "20"),
        ("123456789012345678.901234567891", "123456789012345678.901234567891"),
    ],
)
def test_a_weight_is_kept_exactly(given, kept):
    bring_to(office(), State.PROPOSED)

    with lifted():
        Item.objects.update(weight=given)

    assert Item.objects.get().weight == Decimal(kept)
    assert Item.objects.filter(weight=given).exists()


def test_what_is_no_number_is_no_weight():
    with pytest.raises(ValidationError):
        ExactDecimalField().to_python("ยี่สิบ")


# --- What the database holds to --------------------------------------------------------------------------------------
def copied(row, **changes):
    """Save `row` as another row with `changes`."""
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


def signature():
    return Signature.objects.order_by("pk").first()


ONE_DAY = timedelta(days=1)
CONSTRAINTS = [
    # the row that is made again, what differs and is refused, what differs and is taken
    ("agreement once a person and round", Agreement.objects.get, {}, {"round": RoundFactory}),
    ("part number once", Part.objects.get, {"is_last": False}, {"is_last": False, "number": 2}),
    ("one last part", Part.objects.get, {"number": 2}, {"number": 2, "is_last": False}),
    ("part ends after it starts", Part.objects.get, {"number": 2, "is_last": False, "ends_on": OCTOBER - ONE_DAY},
     {"number": 2, "is_last": False, "ends_on": OCTOBER}),
    ("an amendment has its reason", Version.objects.get,
     {"number": 2, "is_current": False, "amends": Version.objects.get},
     {"number": 2, "is_current": False, "amends": Version.objects.get, "amends_because": "ปรับงาน"}),
    ("version number once", Version.objects.get, {"is_current": False}, {"is_current": False, "number": 2}),
    ("one current version", Version.objects.get, {"number": 2}, {"number": 2, "is_current": False}),
    ("one party a capacity", lambda: Party.objects.get(capacity="assessee"), {"user": UserFactory},
     {"user": UserFactory, "capacity": "witness"}),
    ("nobody in two capacities", lambda: Party.objects.get(capacity="assessee"), {"capacity": "witness"},
     {"capacity": "witness", "user": UserFactory}),
    ("item code once", Item.objects.get, {"lineage": uuid.uuid4}, {"lineage": uuid.uuid4, "code": "x"}),
    ("item lineage once", Item.objects.get, {"code": "x"}, {"lineage": uuid.uuid4, "code": "x"}),
    ("competency order once", AgreedCompetency.objects.first, {}, {"order": 9}),
    ("expected at most 5", AgreedCompetency.objects.first, {"order": 9, "expected": 6},
     {"order": 9, "expected": 5}),
    ("observed at most 5", AgreedCompetency.objects.first, {"order": 9, "observed": 6},
     {"order": 9, "observed": 5}),
    ("result once a checkpoint", Result.objects.get, {}, {"checkpoint": "6-month"}),
    ("corrected with a reason", Result.objects.get,
     {"checkpoint": "6-month", "verdict": "corrected", "assessor_reason": ""},
     {"checkpoint": "6-month", "verdict": "corrected", "assessor_reason": "นับใหม่"}),
    ("set with a reason", Result.objects.get,
     {"checkpoint": "6-month", "verdict": "set", "assessor_reason": ""},
     {"checkpoint": "6-month", "verdict": "set", "assessor_reason": "หลักฐาน"}),
    ("one signature a capacity and stage", signature, {"signatory": UserFactory},
     {"signatory": UserFactory, "capacity": "witness"}),
    ("nobody signs twice at a stage", signature, {"capacity": "witness"},
     {"signatory": UserFactory, "capacity": "witness"}),
    ("differing in words", signature,
     {"signatory": UserFactory, "capacity": "witness", "decision": "differs", "comment": ""},
     {"signatory": UserFactory, "capacity": "witness", "decision": "differs", "comment": "ต่ำไป"}),
    ("event number once an office", Event.objects.first, {"own_hash": "x"}, {"own_hash": "x", "number": 99}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "refused", "taken"), [row[1:] for row in CONSTRAINTS], ids=[row[0] for row in CONSTRAINTS]
)
def test_the_database_refuses_what_cannot_be(row, refused, taken):
    bring_to(office(), State.REPORTED)

    # Without the guards, which refuse some of these rows by themselves.
    with lifted():
        with pytest.raises(IntegrityError), transaction.atomic():
            copied(row(), **{name: value() if callable(value) else value for name, value in refused.items()})
        # The control: the row differs a little more and is taken.
        copied(row(), **{name: value() if callable(value) else value for name, value in taken.items()})


def test_an_organisation_has_one_agreement_a_round():
    place = office()
    Agreement.objects.create(round=place.round, organisation=place.unit, state_since=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(round=place.round, organisation=place.unit, state_since=NOON)
    Agreement.objects.create(round=place.round, organisation=place.province, state_since=NOON)

    # Beside the one of the person who works there.
    assert Agreement.objects.count() == 3


def test_nobody_assesses_their_own_position():
    place = office()
    part = place.version.part

    with pytest.raises(IntegrityError), transaction.atomic():
        Part.objects.filter(pk=part.pk).update(assessor=part.posting)
    Part.objects.filter(pk=part.pk).update(assessor=PostingFactory())
