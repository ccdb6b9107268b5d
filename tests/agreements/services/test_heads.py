from datetime import date

import pytest

from agreements.models import User
from agreements.services import heads
from tests.factories import NOON, OrganisationFactory, PostingFactory

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def unit():
    """Return a district whose head is assessed from above and assesses a clerk."""
    province = OrganisationFactory()
    above = PostingFactory(organisation=province)
    district = OrganisationFactory(parent=province, kind="district")
    head = PostingFactory(organisation=district, assessor=above)
    clerk = PostingFactory(organisation=district, assessor=head)
    return province, above, district, head, clerk


def test_the_head_is_whom_nobody_of_the_unit_assesses():
    province, above, district, head, clerk = unit()

    assert heads.heads_of([province.pk, district.pk], day=TODAY) == {province.pk: above, district.pk: head}
    assert heads.position_as_head(head.user, district, day=TODAY) == head
    assert heads.position_as_head(clerk.user, district, day=TODAY) is None
    assert heads.headed_by(head.user, day=TODAY) == {district.pk}
    assert heads.headed_by(clerk.user, day=TODAY) == frozenset()


def test_of_several_it_is_who_assesses_there_then_who_directs():
    _province, _above, district, head, _clerk = unit()
    PostingFactory(organisation=district, assessor=None)
    assert heads.head_of(district, day=TODAY) == head

    bureau = OrganisationFactory(kind="bureau")
    director = PostingFactory(organisation=bureau, position_type="อำนวยการ")
    PostingFactory(organisation=bureau)
    assert heads.head_of(bureau, day=TODAY) == director


def test_where_it_cannot_be_told_there_is_none():
    group = OrganisationFactory(kind="group")
    first = PostingFactory(organisation=group)
    PostingFactory(organisation=group)

    assert heads.head_of(group, day=TODAY) is None
    assert heads.headed_by(first.user, day=TODAY) == frozenset()


def test_whoever_is_acting_heads_it_too_between_their_days():
    _province, _above, district, head, clerk = unit()
    PostingFactory(
        user=clerk.user, organisation=district, is_acting=True, stands_for=head,
        starts_on=date(2013, 2, 10), ends_on=date(2013, 2, 20),
    )  # fmt: skip

    assert heads.position_as_head(clerk.user, district, day=date(2013, 2, 20)) == head
    assert heads.position_as_head(clerk.user, district, day=date(2013, 2, 21)) is None
    assert heads.headed_by(clerk.user, day=date(2013, 2, 20)) == {district.pk}
    assert set(heads.tell(User.objects.get(pk=clerk.user_id), day=date(2013, 2, 21)).heads) == set()


def test_a_position_that_ended_heads_nothing():
    _province, _above, _district, head, _clerk = unit()
    head.ends_on = date(2013, 1, 31)
    head.save()

    assert heads.headed_by(head.user, day=TODAY) == frozenset()
