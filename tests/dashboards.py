"""An office with released results of many people, written straight into the rows that signing leaves behind."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from agreements.models import Agreement, Item, Part, Party, Result, Role, User, Version
from scoring import display, exact
from tests.factories import (
    MARCH,
    NOON,
    OCTOBER,
    FrameworkFactory,
    IndicatorFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
    UserFactory,
)


@dataclass
class Led:
    """A province with units, a round, a framework and those who follow it."""

    province: object
    units: list
    round: object
    framework: object
    indicators: list
    executive: User
    hr: User
    head: object
    people: list = field(default_factory=list)


def led(units=2, indicators=2, **round_fields) -> Led:
    """Return a province without any result yet."""
    province = OrganisationFactory(name="สถจ.ทดสอบ")
    below = [OrganisationFactory(parent=province, kind="group", name=f"กลุ่มงานที่ {n + 1}") for n in range(units)]
    round_ = RoundFactory(organisation=province, **round_fields)
    framework = FrameworkFactory(organisation=province)
    given = [IndicatorFactory(framework=framework, code=f"{n + 1}") for n in range(indicators)]
    executive = RoleFactory(organisation=province, kind=Role.Kind.EXECUTIVE).user
    hr = RoleFactory(organisation=province).user
    head = PostingFactory(organisation=province)
    return Led(province, below, round_, framework, given, executive, hr, head)


def scored(place: Led, unit, *scores, state="released", group="civil_servant", round_=None, indicators=None, **more):
    """Add a person of `unit` with a result of each indicator: a score, or “not_reported”, “cancelled”, or None."""
    person = UserFactory()
    round_ = round_ or place.round
    posting = PostingFactory.build(user=person, organisation=unit)
    posting.save()
    agreement = Agreement.objects.create(
        round=round_, person=person, organisation=unit, state=state, state_since=NOON, **more
    )
    part = Part.objects.create(
        agreement=agreement, posting=posting, assessor=place.head, starts_on=OCTOBER, ends_on=MARCH, state="assessed"
    )
    version = Version.objects.create(part=part, number=1, created_by=person, created_at=NOON)
    Party.objects.create(
        version=version, capacity="assessee", user=person, name=person.full_name, title="", personnel_group=group
    )
    for order, (indicator, score) in enumerate(zip(indicators or place.indicators, scores, strict=True)):
        if score is not None:
            _result(part, version, indicator, order, score)
    place.people.append(agreement)
    return agreement


def _result(part, version, indicator, order, score):
    lineage = uuid.uuid4()
    Item.objects.create(
        version=version,
        indicator=indicator,
        lineage=lineage,
        code=indicator.code,
        title=indicator.title,
        weight="50",
        order=order,
        definition=indicator.definition,
    )
    outcome = {
        "cancelled": {"status": "cancelled", "value": None, "score": None, "rules": []},
        "not_reported": {"status": "not_reported", "value": None, "score": "0.0000", "rules": []},
    }.get(score) or {"status": "scored", "value": "1", "score": display(exact(score), 4), "rules": []}
    Result.objects.create(part=part, lineage=lineage, updated_at=NOON, outcome=outcome)
