from datetime import timedelta

import pytest

from agreements.models import Event, EventText, State
from agreements.services import log_check, retention
from tests.factories import NOON
from tests.guards import lifted
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=4000)


def found(place):
    return [one.sentence for one in log_check.check([place.province]).findings]


def test_old_texts_are_erased_and_the_log_still_verifies():
    place = bring_to(office(), State.CLOSED)
    records = Event.objects.count()

    count = retention.erase_texts(place.province, before=LATER, by=place.hr, at=LATER)

    assert (count, EventText.objects.count(), Event.objects.count()) == (records, 1, records + 1)
    last = Event.objects.order_by("number").last()
    assert (last.verb, last.actor, last.text.details["numbers"], last.text.details["count"]) == (
        "log.erased", place.hr, [[1, records]], records,
    )  # fmt: skip
    assert found(place) == []


def test_a_state_is_compared_also_where_the_text_is_gone():
    place = bring_to(office(), State.CLOSED)
    retention.erase_texts(place.province, before=LATER, by=None, at=LATER)

    with lifted():
        place.agreement.state = State.REVIEWED
        place.agreement.save()

    assert len(found(place)) == 1


def test_younger_texts_stay_and_nothing_to_erase_is_said():
    place = bring_to(office(), State.AGREED)
    young = EventText.objects.count()

    with pytest.raises(retention.NothingToErase):
        retention.erase_texts(place.province, before=NOON, by=None, at=LATER)

    assert EventText.objects.count() == young


def test_a_second_erasing_answers_for_the_first():
    place = bring_to(office(), State.AGREED)
    retention.erase_texts(place.province, before=LATER, by=None, at=LATER)
    bring_to(place, State.REPORTED)
    later = LATER + timedelta(days=4000)

    retention.erase_texts(place.province, before=later, by=None, at=later)

    assert found(place) == []
    assert EventText.objects.get().details["numbers"] == [[1, 5]]


def test_another_office_keeps_its_texts():
    place, other = bring_to(office(), State.AGREED), bring_to(office(), State.AGREED)

    retention.erase_texts(place.province, before=LATER, by=None, at=LATER)

    assert EventText.objects.filter(event__office=other.province).count() == 3
    assert found(other) == []


def test_a_text_that_nobody_said_was_erased_is_missed():
    place = bring_to(office(), State.AGREED)
    retention.erase_texts(place.province, before=LATER, by=None, at=LATER)
    bring_to(place, State.REPORTED)
    EventText.objects.get(event__number=5).delete()

    assert len(found(place)) == 1


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [([], []), ([1], [[1, 1]]), ([1, 2, 3], [[1, 3]]), ([1, 2, 5, 7, 8], [[1, 2], [5, 5], [7, 8]])],
)
def test_numbers_are_told_as_ranges(numbers, ranges):
    assert retention.ranges(numbers) == ranges
