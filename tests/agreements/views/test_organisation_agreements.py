import datetime
from datetime import UTC

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements import actions, clock
from agreements.models import Agreement, Duty, Item, KeptState, Notice, Result, State
from agreements.services import duties, evidence_lists, results
from tests.factories import NOON, PostingFactory, RoleFactory
from tests.guards import lifted
from tests.walks import bear_witness, bring_to, choose_all, municipality, sign

pytestmark = pytest.mark.django_db


def address(name, place, *more):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *more])


def agreed(indicators=2, *, listed=()):
    """Return a municipality whose first indicator has a collector, an owner and a list of evidence."""
    place = bring_to(municipality(indicators=indicators), State.AGREED)
    first = place.version.items.order_by("order").first()
    with lifted():
        Item.objects.filter(pk=first.pk).update(definition=first.definition | {"evidence": list(listed)})
    collector, owner = PostingFactory(organisation=place.unit), PostingFactory(organisation=place.unit)
    duties.give(place.version, Duty.Kind.COLLECTOR, collector, [first], by=place.hr, at=NOON)
    duties.give(place.version, Duty.Kind.OWNER, owner, [first], by=place.hr, at=NOON)
    return place, collector.user, owner.user


def items(place):
    return list(place.version.items.order_by("order"))


@pytest.fixture
def on_day(monkeypatch):
    """Let the pages believe that it is noon of a day."""

    def set_to(year, month, day):
        noon = datetime.datetime(year, month, day, 5, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: noon)
        monkeypatch.setattr(clock, "today", lambda: timezone.localdate(noon))

    return set_to


# --- Opening ---------------------------------------------------------------------------------------------------------
def test_hr_opens_an_agreement_on_the_page_of_the_round(client, on_day):
    on_day(2013, 2, 18)
    place = municipality()
    head = PostingFactory(organisation=place.unit, title="ผู้อำนวยการกอง")
    client.force_login(place.hr)
    page = reverse("agreements:open-organisation", args=[place.round.pk])
    offered = [option.name for option in client.get(page).context["form"].fields["organisation"].queryset]

    response = client.post(
        page, {"organisation": place.unit.pk, "signs": head.pk, "agrees": place.posting.pk, "witness_1": ""}
    )

    made = Agreement.objects.get(organisation=place.unit)
    assert offered == [place.unit.name]
    assert response["Location"] == reverse("agreements:agreement", args=[made.pk])
    assert {party.capacity: party.user for party in made.parts.get().versions.get().parties.all()} == {
        "assessee": head.user, "assessor": place.assessee,
    }  # fmt: skip


def test_the_same_person_twice_is_refused_in_words_and_nothing_is_lost(client, on_day):
    on_day(2013, 2, 18)
    place = municipality()
    client.force_login(place.hr)
    typed = {"organisation": place.unit.pk, "signs": place.posting.pk, "agrees": place.posting.pk}

    response = client.post(reverse("agreements:open-organisation", args=[place.round.pk]), typed)

    assert len(response.context["form"].non_field_errors()) == 1
    assert response.context["form"]["signs"].value() == str(place.posting.pk)
    assert Agreement.objects.count() == 1


def test_the_page_offers_nothing_where_all_have_theirs_or_in_a_round_of_people(client):
    place = municipality()
    client.force_login(place.hr)
    page = reverse("agreements:open-organisation", args=[place.round.pk])
    assert client.get(page).context["has_places"] is True
    Agreement.objects.create(round=place.round, organisation=place.unit, state_since=NOON)
    assert client.get(page).context["has_places"] is False

    place.round.subject = "people"
    place.round.save()
    assert client.get(page).context["is_open"] is False


# --- Who is answered what --------------------------------------------------------------------------------------------
def answers(client, place, people, method, name, *more, data=None):
    found = {}
    for who, user in people.items():
        client.force_login(user)
        found[who] = getattr(client, method)(address(name, place, *more), data or {}).status_code
    return found


def people_of(place, collector, owner):
    return {
        "assessee": place.assessee,
        "assessor": place.assessor,
        "hr": place.hr,
        "collector": collector,
        "owner": owner,
        "executive": RoleFactory(organisation=place.province, kind="executive").user,
        "auditor": RoleFactory(organisation=place.province, kind="auditor").user,
        "colleague": PostingFactory(organisation=place.unit).user,
        "elsewhere": RoleFactory().user,
    }


SEEN = dict.fromkeys(["assessee", "assessor", "hr", "collector", "owner", "executive", "auditor"], 200)
UNSEEN = {"colleague": 404, "elsewhere": 404}
NOT_THEIRS = dict.fromkeys(SEEN, 403) | UNSEEN
ANSWERS = [
    ("get", "agreement", SEEN | UNSEEN),
    ("get", "checkpoints", SEEN | UNSEEN),
    ("get", "duties", NOT_THEIRS | {"assessee": 200, "hr": 200}),
    ("get", "results", NOT_THEIRS | {"assessee": 200, "collector": 200, "owner": 200}),
    ("post", "give-by-title", NOT_THEIRS | {"assessee": 302, "hr": 302}),
    ("post", "report", dict.fromkeys(SEEN, 403) | UNSEEN | {"assessee": 302}),
]


@pytest.mark.parametrize(("method", "name", "expected"), ANSWERS, ids=[row[1] for row in ANSWERS])
def test_everybody_of_an_offices_agreement_is_answered_as_they_may(client, method, name, expected):
    place, collector, owner = agreed()
    people = people_of(place, collector, owner)
    order = [*(who for who in people if who != "assessee"), "assessee"]

    assert answers(client, place, {who: people[who] for who in order}, method, name) == expected


OF_AN_ITEM = [
    ("get", "result", 0, {"assessee": 200, "collector": 200, "owner": 200}),
    ("get", "result", 1, {"assessee": 200}),
    ("post", "result", 0, {"assessee": 409, "collector": 409}),
    ("post", "attach", 0, {"assessee": 302, "collector": 302}),
    ("post", "attach", 1, {"assessee": 302}),
    ("post", "tick-evidence", 0, {"assessee": 302, "collector": 302}),
    ("post", "tick-evidence", 1, {"assessee": 302}),
]


@pytest.mark.parametrize(("method", "name", "number", "may"), OF_AN_ITEM)
def test_a_collector_is_let_in_to_their_own_indicators_alone(client, method, name, number, may):
    place, collector, owner = agreed()
    lineage = items(place)[number].lineage

    got = answers(client, place, people_of(place, collector, owner), method, name, lineage)
    allowed = {who: status for who, status in got.items() if status not in (403, 404)}

    assert allowed.keys() == may.keys()
    assert {who: got[who] for who in UNSEEN} == UNSEEN


def test_control_without_the_question_about_the_item_a_collector_gets_in(client, monkeypatch):
    place, collector, _owner = agreed()
    second = items(place)[1].lineage
    client.force_login(collector)
    assert client.get(address("result", place, second)).status_code == 403

    monkeypatch.setattr("agreements.views.results.may_enter", lambda user, version, lineage: True)

    assert client.get(address("result", place, second)).status_code == 200


def test_another_agreements_duty_is_not_taken(client):
    place, other = agreed()[0], agreed()[0]
    foreign = Duty.objects.filter(part__agreement=other.agreement).first()
    client.force_login(place.hr)

    assert client.post(address("take-duty", place, foreign.pk)).status_code == 404
    assert Duty.objects.filter(pk=foreign.pk).exists()


# --- The pages -------------------------------------------------------------------------------------------------------
def test_the_collector_finds_the_work_and_the_owner_what_to_confirm(client):
    place, collector, owner = agreed()
    client.force_login(collector)
    [mine] = client.get(reverse("agreements:work")).context["looked_after"]
    assert (mine.collects, mine.to_enter, mine.owns) == (1, 1, 0)

    results.enter(place.version, items(place)[0], {"value": "80"}, note="", by=collector, at=NOON)
    client.force_login(owner)
    response = client.get(reverse("agreements:work"))
    [mine] = response.context["looked_after"]
    assert (mine.to_confirm, response.context["count"]) == (1, 1)

    client.post(address("confirm-result", place, items(place)[0].lineage))
    assert Result.objects.get().confirmed_by == owner


def test_evidence_is_ticked_off_by_its_number(client):
    place, collector, _owner = agreed(listed=["แผน", "สัญญา"])
    first = items(place)[0]
    client.force_login(collector)

    client.post(address("tick-evidence", place, first.lineage), {"at_hand": ["2"]})
    kept = Result.objects.get()
    client.post(address("tick-evidence", place, first.lineage), {"at_hand": ["9"]})

    assert kept.evidence_at_hand == ["สัญญา"]
    assert Result.objects.get().evidence_at_hand == ["สัญญา"]
    listed = client.get(address("result", place, first.lineage)).context["listed"]
    assert [(one.text, one.is_at_hand) for one in listed] == [("แผน", False), ("สัญญา", True)]


def test_ticks_that_save_by_themselves_are_answered_with_the_list_as_it_stands(client):
    place, collector, _owner = agreed(listed=["แผน", "สัญญา"])
    first = items(place)[0]
    client.force_login(collector)
    script = {"HX-Request": "true"}

    kept = client.post(address("tick-evidence", place, first.lineage), {"at_hand": ["2"]}, headers=script)
    refused = client.post(address("tick-evidence", place, first.lineage), {"at_hand": ["9"]}, headers=script)

    assert [(one.text, one.is_at_hand) for one in kept.context["listed"]] == [("แผน", False), ("สัญญา", True)]
    assert (kept.status_code, refused.status_code, refused.context["refused"] != "") == (200, 422, True)
    assert Result.objects.get().evidence_at_hand == ["สัญญา"]


def test_the_assessor_sees_what_is_at_hand_and_who_looks_after_it(client):
    place, collector, owner = agreed(listed=["แผน", "สัญญา"])
    first = items(place)[0]
    results.enter(place.version, first, {"value": "80"}, note="", by=collector, at=NOON)
    evidence_lists.tick(place.version, first, ["แผน"], by=collector, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    client.force_login(place.assessor)

    context = client.get(address("assess-item", place, first.lineage)).context

    assert [(one.text, one.is_at_hand) for one in context["listed"]] == [("แผน", True), ("สัญญา", False)]
    assert context["holders"] == duties.Holders(owners=(owner.full_name,), collectors=(collector.full_name,))
    whole = client.get(address("agreement", place)).context["holders"]
    assert whole == {first.lineage: context["holders"]}


def test_save_and_next_leads_through_those_that_the_reader_looks_after(client):
    place, collector, _owner = agreed(indicators=4)
    first, middle, _third, last = items(place)
    duties.give(place.version, Duty.Kind.COLLECTOR, collector.postings.get(), [last], by=place.hr, at=NOON)
    follows = {}
    for who, user in {"collector": collector, "assessee": place.assessee}.items():
        client.force_login(user)
        response = client.post(address("result", place, first.lineage), {"value": "80", "next": "1"})
        follows[who] = response["Location"]
        assert client.get(response["Location"]).status_code == 200
    assert follows == {
        "collector": address("result", place, last.lineage), "assessee": address("result", place, middle.lineage),
    }  # fmt: skip


def test_an_owner_is_told_that_the_collector_enters(client):
    place, collector, owner = agreed()
    told = {}
    for who, user in {"owner": owner, "collector": collector}.items():
        client.force_login(user)
        told[who] = client.get(address("result", place, items(place)[0].lineage)).context["is_for_others"]
    assert told == {"owner": True, "collector": False}


def test_a_state_is_kept_from_the_page_and_stands_beside_the_present(client, on_day):
    on_day(2013, 3, 29)
    place, _collector, _owner = agreed()
    results.enter(place.version, items(place)[0], {"value": "80"}, note="", by=place.assessee, at=NOON)
    client.force_login(place.assessee)

    client.post(address("keep-state", place, "6-month"))
    results.enter(place.version, items(place)[0], {"value": "100"}, note="", by=place.assessee, at=NOON)
    response = client.get(address("checkpoints", place))

    row = response.context["rows"][0]
    assert [one["score"] and one["score"]["score"] for one in row["kept"]] == ["3.0000", None, None]
    assert row["now"]["score"] == "5.0000"
    assert response.context["following"].checkpoint == "9-month"
    assert response.context["is_too_early"] is True


def test_a_state_is_not_kept_too_early(client, on_day):
    on_day(2013, 2, 18)
    place, _collector, _owner = agreed()
    client.force_login(place.assessee)

    client.post(address("keep-state", place, "6-month"))

    assert KeptState.objects.count() == 0


def test_the_organisations_name_stands_where_a_persons_does(client):
    place = bring_to(municipality(), State.PROPOSED)
    client.force_login(place.hr)
    name = place.province.name

    for page in (reverse("agreements:agreements"), place.round.get_absolute_url(), address("agreement", place)):
        assert name in client.get(page).content.decode()
    client.force_login(place.version.parties.get(capacity="witness_1").user)
    assert name in client.get(reverse("agreements:work")).content.decode()
    assert name in client.get(reverse("agreements:notices")).content.decode()
    assert Notice.objects.filter(agreement=place.agreement, kind="turn", read_at=None).count() == 2


def test_whoever_signs_for_an_office_finds_its_agreement_and_starts_none_of_their_own(client):
    place = municipality()
    client.force_login(place.assessee)

    response = client.get(reverse("agreements:work"))

    assert response.context["own"] == [place.agreement]
    assert response.context["startable"] == []


def test_the_grade_stands_with_its_colour_as_word_and_swatch(client):
    place = bring_to(municipality(), State.RELEASED, value="90")
    client.force_login(place.assessee)

    page = client.get(address("agreement", place)).content.decode()

    assert '<span class="swatch swatch-light-green" aria-hidden="true"></span>ผ่าน ดี' in page
    assert "(เขียวอ่อน)" in page


# --- As many questions for three rows as for one ---------------------------------------------------------------------
def questions(client, django_assert_max_num_queries, page):
    client.get(page)
    with django_assert_max_num_queries(200) as asked:
        client.get(page)
    return len(asked)


@pytest.mark.parametrize("name", ["duties", "checkpoints", "results"])
def test_pages_ask_as_much_for_three_indicators_as_for_one(client, django_assert_max_num_queries, name):
    counts = []
    for indicators in (1, 3):
        place = municipality(indicators=indicators)
        choose_all(place)
        for item in items(place):
            Item.objects.filter(pk=item.pk).update(weight="100" if indicators == 1 else "33")
        last = items(place)[-1]
        Item.objects.filter(pk=last.pk).update(weight="100" if indicators == 1 else "34")
        bring_to_agreed(place)
        for item in items(place):
            posting = PostingFactory(organisation=place.unit)
            duties.give(place.version, Duty.Kind.COLLECTOR, posting, [item], by=place.hr, at=NOON)
            evidence_lists.tick(place.version, item, [], by=place.assessee, at=NOON)
        client.force_login(place.assessee)
        counts.append(questions(client, django_assert_max_num_queries, address(name, place)))

    assert counts[0] == counts[1]


def bring_to_agreed(place):
    sign(place, actions.PROPOSE, place.assessee)
    bear_witness(place)
    sign(place, actions.AGREE, place.assessor)


@pytest.mark.parametrize("name", ["work", "agreements"])
def test_lists_ask_as_much_for_three_offices_as_for_one(client, django_assert_max_num_queries, name):
    counts = []
    for offices in (1, 3):
        reader = PostingFactory()
        for _ in range(offices):
            place, _collector, _owner = agreed(indicators=1)
            held = PostingFactory(organisation=place.unit, user=reader.user)
            duties.give(place.version, Duty.Kind.COLLECTOR, held, items(place), by=place.hr, at=NOON)
        client.force_login(reader.user)
        counts.append(questions(client, django_assert_max_num_queries, reverse(f"agreements:{name}")))

    assert counts[0] == counts[1]


def test_what_is_not_reported_yet_is_counted_beside_the_self_score(client):
    place, collector, _owner = agreed(indicators=2)
    results.enter(place.version, items(place)[0], {"value": "80"}, note="", by=collector, at=NOON)
    client.force_login(place.assessee)

    context = client.get(address("agreement", place)).context

    assert (context["sheet"]["unreported"], context["looks_after"]) == (1, False)
