import datetime
import json
from datetime import UTC

import pytest
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.models import Checkpoint, Event, KeptState, Result, State
from agreements.services import checkpoints, log, results
from agreements.services.states import AgreementRefused
from tests.factories import RoundFactory
from tests.guards import lifted
from tests.walks import bring_to, municipality, office

pytestmark = pytest.mark.django_db


def on(year, month, day):
    return datetime.datetime(year, month, day, 5, tzinfo=UTC)


MARCH, JUNE, SEPTEMBER = on(2013, 3, 29), on(2013, 6, 28), on(2013, 9, 27)


def agreed():
    return bring_to(municipality(indicators=2), State.AGREED)


def enter(place, number, value, at):
    item = results.open_book(place.version).leaves[number]
    results.enter(place.version, item, {"value": value}, note="", by=place.assessee, at=at)


def keep(place, checkpoint, at, by=None):
    return checkpoints.keep(place.version, checkpoint, by=by or place.assessee, at=at)


def test_each_state_is_kept_as_of_its_day_and_the_next_begins_from_it():
    place = agreed()
    enter(place, 0, "80", MARCH)
    first = keep(place, Checkpoint.MONTH_6, MARCH)
    enter(place, 1, "90", JUNE)
    second = keep(place, Checkpoint.MONTH_9, JUNE)
    enter(place, 0, "100", SEPTEMBER)
    third = keep(place, Checkpoint.MONTH_12, SEPTEMBER)
    results.report(place.version, by=place.assessee, at=SEPTEMBER)

    kept = [json.loads(one.content) for one in (first, second, third)]
    codes = [item.code for item in results.open_book(place.version).leaves]
    values = [[one["results"].get(code, {}).get("inputs") for code in codes] for one in kept]

    assert values == [[{"value": "80"}, None], [{"value": "80"}, {"value": "90"}], [{"value": "100"}, {"value": "90"}]]
    assert [one["scores"]["total"] for one in kept] == ["1.5000", "3.5000", "4.5000"]
    assert [one["on"] for one in kept] == ["2013-03-29", "2013-06-28", "2013-09-27"]
    # The last one is what is reported.
    final = Result.objects.filter(checkpoint=Result.Checkpoint.FINAL).order_by("pk")
    assert [row.inputs for row in final] == values[2]
    assert results.figures_of(results.scores_of(results.open_book(place.version), "self")) == kept[2]["scores"]


def test_keeping_a_state_is_in_the_log_with_its_hash():
    place = agreed()
    kept = keep(place, Checkpoint.MONTH_6, MARCH)

    told = Event.objects.get(verb="keep-state").text.details

    assert told == {"checkpoint": "6-month", "on": "2013-03-29", "sha256": log.digest(kept.content)}


def test_a_kept_state_never_changes():
    place = agreed()
    kept = keep(place, Checkpoint.MONTH_6, MARCH)
    before = kept.content
    enter(place, 0, "100", MARCH)

    for change in ({"content": "{}"}, {"kept_at": JUNE}, {"checkpoint": "9-month"}):
        with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
            KeptState.objects.filter(pk=kept.pk).update(**change)
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        KeptState.objects.filter(pk=kept.pk).delete()
    assert KeptState.objects.get().content == before
    # The control: without the guards it would.
    with lifted():
        assert KeptState.objects.filter(pk=kept.pk).update(content="{}") == 1


def test_a_state_is_kept_once_in_order_and_not_before_its_last_month():
    place = agreed()
    with pytest.raises(AgreementRefused, match=r"1 มี\.ค\. 2556"):
        keep(place, Checkpoint.MONTH_6, on(2013, 2, 28))
    keep(place, Checkpoint.MONTH_9, JUNE)

    for checkpoint in (Checkpoint.MONTH_6, Checkpoint.MONTH_9):
        with pytest.raises(AgreementRefused):
            keep(place, checkpoint, JUNE)
    assert [one.checkpoint for one in KeptState.objects.all()] == ["9-month"]
    assert [one.is_next for one in checkpoints.standings(place.version.part)] == [False, False, True]


def test_whoever_signs_for_the_organisation_keeps_it_and_only_while_results_are_entered():
    place = agreed()

    for by in (place.hr, place.assessor, place.reviewer):
        with pytest.raises(actions.NotAllowed):
            keep(place, Checkpoint.MONTH_6, MARCH, by=by)
    bring_to(place, State.REPORTED)
    with pytest.raises(actions.NotNow):
        keep(place, Checkpoint.MONTH_6, MARCH)


def test_people_and_half_year_rounds_have_no_checkpoints():
    person = bring_to(office(), State.AGREED)
    half = bring_to(municipality(number=1), State.AGREED)

    assert checkpoints.standings(person.version.part) == []
    assert checkpoints.standings(half.version.part) == []
    with pytest.raises(actions.NotAllowed):
        checkpoints.keep(person.version, Checkpoint.MONTH_6, by=person.assessee, at=MARCH)
    with pytest.raises(AgreementRefused):
        keep(half, Checkpoint.MONTH_6, MARCH)


@pytest.mark.parametrize(
    ("checkpoint", "first", "last"),
    [
        (Checkpoint.MONTH_6, (2013, 3, 1), (2013, 3, 31)),
        (Checkpoint.MONTH_9, (2013, 6, 1), (2013, 6, 30)),
        (Checkpoint.MONTH_12, (2013, 9, 1), (2013, 9, 30)),
    ],
)
def test_the_days_of_a_checkpoint(checkpoint, first, last):
    round_ = RoundFactory.build(organisation=None, competency_set=None)

    assert checkpoints.first_day(round_, checkpoint) == datetime.date(*first)
    assert checkpoints.last_day(round_, checkpoint) == datetime.date(*last)


def test_scores_are_found_again_by_lineage_after_an_amendment():
    place = agreed()
    enter(place, 0, "80", MARCH)
    content = json.loads(keep(place, Checkpoint.MONTH_6, MARCH).content)
    lineages = {item["lineage"] for item in content["items"]}

    assert lineages == {str(item.lineage) for item in place.version.items.all()}
