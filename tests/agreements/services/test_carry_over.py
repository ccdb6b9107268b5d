import datetime

import pytest

from agreements import actions
from agreements.models import Item, State
from agreements.services import agreements as services, carry_over
from agreements.services.carry_over import with_baseline
from agreements.services.states import AgreementRefused
from tests.factories import NOON, FrameworkFactory, IndicatorFactory, RoundFactory
from tests.walks import Office, bring_to, choose_all, colleague, office

pytestmark = pytest.mark.django_db
APRIL, SEPTEMBER = datetime.date(2013, 4, 1), datetime.date(2013, 9, 30)
OWN = {
    "title": "จำนวนเรื่องที่ตอบภายในกำหนด",
    "unit": "เรื่อง",
    "weight": "50",
    "criteria": {"kind": "thresholds", "levels": {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}},
}


def next_round(place: Office, **fields):
    """Return the person's empty agreement of the following round."""
    told = {"number": 2, "starts_on": APRIL, "ends_on": SEPTEMBER} | fields
    round_ = RoundFactory(organisation=place.province, competency_set=place.round.competency_set, **told)
    return services.open_agreement(round_, place.posting, by=place.assessee, at=NOON)


def draft_of(agreement):
    return agreement.parts.get().versions.select_related("part__agreement__round").get(is_current=True)


def closed_place(*, own=True):
    """Return an office whose first round is closed, with an indicator of the framework and one of one's own."""
    place = office(indicators=1)
    choose_all(place)
    if own:
        services.write_own_indicator(place.version, OWN, goal="ตอบทัน", by=place.assessee)
        framework = place.version.items.get(indicator__isnull=False)
        Item.objects.filter(pk=framework.pk).update(weight="50")
    return bring_to(place, State.CLOSED, value="85")


def copy(place, agreement, *, by=None, titles=None):
    version = draft_of(agreement)
    source = carry_over.sources(version, by or place.assessee)[0]
    keys = [one.item.pk for one in carry_over.offers(version, source) if titles is None or one.item.title in titles]
    return carry_over.copy_from_earlier(version, source, keys, by=by or place.assessee, at=NOON)


def test_indicators_come_as_they_were_agreed_with_the_result_as_baseline():
    place = closed_place()
    agreement = next_round(place)

    copy(place, agreement)

    before = {item.title: item for item in place.version.items.all()}
    after = {item.title: item for item in draft_of(agreement).items.all()}
    assert before.keys() == after.keys()
    own = after[OWN["title"]]
    assert (own.goal, own.weight, own.indicator, own.code) == ("ตอบทัน", 50, None, "P1")
    assert own.definition == before[OWN["title"]].definition | {
        "baseline": {"unit": "เรื่อง", "years": [{"year": 2556, "value": "85"}]}
    }
    assert own.lineage != before[OWN["title"]].lineage
    # What was signed then is as it was.
    assert "baseline" not in before[OWN["title"]].definition


def test_what_is_in_the_draft_stays_and_nothing_comes_twice():
    place = closed_place()
    agreement = next_round(place)
    services.write_own_indicator(draft_of(agreement), OWN | {"weight": "7"}, goal="ของรอบนี้", by=place.assessee)
    mine = draft_of(agreement).items.get()

    copy(place, agreement)
    with pytest.raises(AgreementRefused):
        copy(place, agreement)

    items = draft_of(agreement).items
    assert (items.count(), items.get(pk=mine.pk).weight, items.get(pk=mine.pk).goal) == (2, 7, "ของรอบนี้")


def test_where_this_rounds_framework_has_the_indicator_its_wording_is_taken():
    place = closed_place(own=False)
    title = place.indicators[0].title
    framework = FrameworkFactory(organisation=place.province, round_number=2)
    definition = place.indicators[0].definition | {"unit": "คะแนน"}
    successor = IndicatorFactory(framework=framework, title=title, definition=definition)

    (made,) = copy(place, next_round(place))

    assert (made.indicator, made.unit, made.weight) == (successor, "คะแนน", 100)
    assert made.definition["baseline"]["years"] == [{"year": 2556, "value": "85"}]


def test_a_result_that_was_not_told_yet_becomes_no_baseline():
    place = office(releases_on_assessment=False)
    bring_to(place, State.ASSESSED, value="85")
    agreement = next_round(place)

    (made,) = copy(place, agreement)

    assert "baseline" not in made.definition


def test_drafts_and_ended_agreements_are_no_source():
    place = office()
    later = next_round(place)
    assert carry_over.sources(draft_of(later), place.assessee) == []

    bring_to(place, State.ENDED)

    assert carry_over.sources(draft_of(later), place.assessee) == []


def test_a_later_round_is_no_source_for_an_earlier_one():
    place = bring_to(office(), State.AGREED)
    earlier = next_round(place, number=0, starts_on=datetime.date(2012, 9, 1), ends_on=datetime.date(2013, 9, 30))

    assert carry_over.sources(draft_of(earlier), place.assessee) == []


def test_whoever_assesses_now_copies_only_what_they_may_see():
    place = closed_place()
    place.posting.assessor = place.posting.assessor.assessor
    place.posting.save()
    stranger = colleague(place)
    agreement = next_round(place)
    version = draft_of(agreement)

    # The new assessor was the reviewer then and sees it; a colleague does not, and may not edit either.
    assert len(carry_over.sources(version, place.reviewer)) == 1
    assert carry_over.sources(version, stranger.assessee) == []
    source = carry_over.sources(version, place.assessee)[0]
    with pytest.raises(actions.NotAllowed):
        carry_over.copy_from_earlier(version, source, [], by=stranger.assessee, at=NOON)


def test_anothers_agreement_is_refused_as_a_source():
    place, other = closed_place(), office()
    bring_to(other, State.AGREED)
    version = draft_of(next_round(place))

    with pytest.raises(AgreementRefused):
        carry_over.copy_from_earlier(version, other.version, [other.version.items.get().pk], by=place.assessee, at=NOON)

    assert version.items.count() == 0


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        ({}, {"unit": "ร้อยละ", "years": [{"year": 2556, "value": "85"}]}),
        (
            {"label": "ผลเดิม", "years": [{"year": 2554, "value": "70"}, {"year": 2556, "value": None}]},
            {"label": "ผลเดิม", "years": [{"year": 2554, "value": "70"}, {"year": 2556, "value": "85"}]},
        ),
    ],
)
def test_the_baseline_keeps_the_other_years(baseline, expected):
    definition = {"unit": "ร้อยละ"} | ({"baseline": baseline} if baseline else {})

    assert with_baseline(definition, 2556, "85")["baseline"] == expected
    assert with_baseline(definition, 2556, "") == definition
