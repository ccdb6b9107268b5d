from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import Framework, Holiday, Result, State
from agreements.services import agreements as services, results, rounds
from agreements.services.results import open_book, scores_of
from tests.factories import NOON, THRESHOLDS, IndicatorFactory, PostingFactory
from tests.guards import lifted
from tests.walks import bring_to, enter_all, office

pytestmark = pytest.mark.django_db

LATE = {"due": "2013-02-08", "per_working_day": "0.25"}
BY_OUTCOME = {"self_outcome": State.REPORTED, "outcome": State.ASSESSED}


def colleague(place):
    """Another assessee of the same unit, under the same assessor, in the same round."""
    posting = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    agreement = services.open_agreement(place.round, posting, by=posting.user, at=NOON)
    return replace(place, assessee=posting.user, posting=posting, agreement=agreement)


def reword(indicator, **changes):
    """Change an indicator before anybody has chosen it."""
    for name, value in changes.items():
        setattr(indicator, name, value)
    with lifted():
        indicator.save()


def with_composite(place):
    """Give the unit a composite of two, late by a rule of their parent, one of them a list of steps."""
    reword(place.indicators[0], weight="40")
    definition = {"assigned_units": ["general"], "lateness": LATE}
    parent = IndicatorFactory(framework=place.framework, weight="60", definition=definition)
    steps = [{"level": level, "title": f"ขั้น {level}"} for level in (1, 2, 3, 4, 5)]
    for weight, criteria in (("20", THRESHOLDS), ("40", {"kind": "milestones", "steps": steps})):
        IndicatorFactory(framework=place.framework, parent=parent, weight=weight, definition={"criteria": criteria})
    place.indicators.append(parent)
    return place


def late_by_a_day(place):
    """Enter a result that was sent on the second working day after the due date."""
    [item] = open_book(place.version).leaves
    sent = {"value": "90", "submitted_on": "2013-02-12"}
    results.enter(place.version, item, sent, note="", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)


def kept(name):
    return list(Result.objects.order_by("part", "lineage").values_list("part", "lineage", name))


def forget(name):
    with lifted():
        Result.objects.update(**{name: None})


@pytest.mark.parametrize("name", BY_OUTCOME)
def test_outcomes_are_those_of_one_agreement_after_the_other(name):
    first = office()
    for place in (first, colleague(first), colleague(first)):
        bring_to(place, BY_OUTCOME[name], value="83.7")
    one_by_one = kept(name)
    forget(name)

    done = rounds.score_round(first.round, at=NOON)

    assert kept(name) == one_by_one
    assert one_by_one[0][2]["score"] == "3.3700"
    assert (done.outcomes, done.refused) == (3, {})


def test_composites_pass_lateness_and_dates_on():
    place = bring_to(with_composite(office()), State.AGREED)
    inputs = [{"value": "85"}, {"value": "85", "submitted_on": "2013-02-12"}, {"done": ["1", "2"]}]
    for item, given in zip(open_book(place.version).leaves, inputs, strict=True):
        results.enter(place.version, item, given, note="", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    one_by_one = kept("self_outcome")
    forget("self_outcome")

    rounds.score_round(place.round, at=NOON)

    assert kept("self_outcome") == one_by_one
    assert sorted(outcome["score"] for _part, _lineage, outcome in one_by_one) == ["2.0000", "3.0000", "3.5000"]


def test_assessors_corrections_and_own_scores_count_for_the_assessor():
    place = bring_to(office(indicators=2), State.REPORTED)
    first, second = open_book(place.version).leaves
    results.correct(place.version, first, {"value": "70"}, reason="ตรวจแล้ว", by=place.assessor, at=NOON)
    results.set_score(place.version, second, 1, reason="ตรวจแล้ว", by=place.assessor, at=NOON)
    place.agreement.parts.update(state=State.ASSESSED)

    rounds.score_round(place.round, at=NOON)

    assert sorted(outcome["score"] for _part, _lineage, outcome in kept("outcome")) == ["1.0000", "2.0000"]


def test_what_is_reported_is_scored_anew_and_what_was_assessed_stays():
    reported = office()
    reword(reported.indicators[0], definition=reported.indicators[0].definition | {"lateness": LATE})
    assessed = colleague(reported)
    for place in (reported, assessed):
        late_by_a_day(bring_to(place, State.AGREED))
    results.keep_assessed(assessed.version, at=NOON)
    assessed.agreement.parts.update(state=State.ASSESSED)
    Holiday.objects.create(organisation=reported.province, day="2013-02-11", name="วันหยุด")

    rounds.score_round(reported.round, at=NOON)

    assert Result.objects.get(part__agreement=reported.agreement).self_outcome["score"] == "3.7500"
    assert Result.objects.get(part__agreement=assessed.agreement).outcome["score"] == "3.5000"


def test_items_without_a_result_are_told_not_reported():
    place = bring_to(office(), State.REPORTED)
    Result.objects.all().delete()

    done = rounds.score_round(place.round, at=NOON)

    result = Result.objects.get()
    assert (done.outcomes, result.updated_at) == (1, NOON)
    assert result.self_outcome == {
        "status": "not_reported",
        "value": None,
        "score": "0.0000",
        "rules": ["not_reported", "weighted"],
    }


def test_one_refusal_keeps_no_other_from_being_scored():
    first = office()
    second = colleague(first)
    for place in (first, second):
        bring_to(place, State.REPORTED)
    forget("self_outcome")
    Result.objects.filter(part__agreement=first.agreement).update(inputs={"value": "many"})

    done = rounds.score_round(first.round, at=NOON)

    code = open_book(first.version).leaves[0].code
    assert list(done.refused) == [first.agreement.pk]
    assert done.refused[first.agreement.pk][0].startswith(f"{code}.value: ")
    assert Result.objects.get(part__agreement=second.agreement).self_outcome["score"] == "4.0000"
    assert Result.objects.get(part__agreement=first.agreement).self_outcome is None


@pytest.mark.parametrize("state", [State.DRAFT, State.PROPOSED, State.AGREED])
def test_nothing_is_scored_before_it_is_reported(state):
    place = bring_to(office(), state)
    if state == State.AGREED:
        enter_all(place)

    done = rounds.score_round(place.round, at=NOON)

    assert done.outcomes == 0
    assert set(Result.objects.values_list("self_outcome", "outcome")) <= {(None, None)}


@pytest.mark.parametrize("people", [1, 3])
def test_statements_are_the_same_for_one_and_for_many(people):
    first = office(indicators=2)
    for place in [first, *(colleague(first) for _ in range(people - 1))]:
        bring_to(place, State.REPORTED)

    with CaptureQueriesContext(connection) as captured:
        rounds.score_round(first.round, at=NOON)

    said = [query["sql"].split()[0] for query in captured]
    assert [word for word in said if word not in ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")] == [
        "SELECT",  # the agreements that are waiting
        "SELECT",  # the holidays
        "SELECT",  # the lock
        "SELECT",  # results
        "SELECT",  # items
        "SELECT",  # frameworks
        "UPDATE",
    ]


def test_chunks_leave_nobody_out(monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    first = office()
    for place in [first, *(colleague(first) for _ in range(4))]:
        bring_to(place, State.REPORTED)
    forget("self_outcome")

    done = rounds.score_round(first.round, at=NOON)

    assert done.outcomes == 5
    assert {outcome["score"] for _part, _lineage, outcome in kept("self_outcome")} == {"4.0000"}


# --- What a framework decides for its indicators ---------------------------------------------------------------------
def decided(place, **header):
    with lifted():
        Framework.objects.filter(pk=place.framework.pk).update(header=header)
    return place


def test_the_frameworks_below_level_1_reaches_the_agreement():
    place = bring_to(decided(office(), below_level_1="zero"), State.REPORTED, value="10")
    one_by_one = kept("self_outcome")

    rounds.score_round(place.round, at=NOON)

    assert one_by_one[0][2]["score"] == "0.0000"
    assert kept("self_outcome") == one_by_one


def test_the_frameworks_scale_reaches_the_agreement():
    place = decided(office(), scale=[50, 75, 100])
    levels = {"50": "80", "75": "90", "100": "100"}
    [indicator] = place.indicators
    reword(indicator, definition=indicator.definition | {"criteria": {"kind": "thresholds", "levels": levels}})
    bring_to(place, State.REPORTED, value="85")
    one_by_one = kept("self_outcome")

    rounds.score_round(place.round, at=NOON)

    scores = scores_of(open_book(place.version), "self").as_document()
    assert (scores["total"], scores["achievement"]) == ("62.5000", "62.50")
    assert one_by_one[0][2]["score"] == "62.5000"
    assert kept("self_outcome") == one_by_one
