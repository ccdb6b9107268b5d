import pytest

from agreements import actions
from agreements.models import Agreement, Capacity, Dimension, Event, Notice, Party, Round, Signature, Stage, State
from agreements.services import (
    agreements as services,
    amendments,
    content as contents,
    groups,
    organisation_agreements,
    parties,
    plans,
    results,
    signing,
    states,
)
from agreements.services.content_words import content_words
from agreements.services.states import AgreementRefused
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory
from tests.guards import lifted
from tests.walks import bear_witness, bring_to, choose_all, judge_all, municipality, office, sign

pytestmark = pytest.mark.django_db


def postings(place):
    """Return the clerk's, the mayor's and one more position of a municipality without an agreement."""
    Agreement.objects.filter(pk=place.agreement.pk).update(organisation=place.unit)
    return place.posting, place.posting.assessor, PostingFactory(organisation=place.province)


# --- Opening ---------------------------------------------------------------------------------------------------------
def test_hr_opens_the_agreement_of_an_organisation_with_its_parties():
    place = municipality()

    held = {party.capacity: party.title for party in place.version.parties.all()}
    event = Event.objects.get(agreement=place.agreement, verb="open")

    assert (place.agreement.person, place.agreement.organisation) == (None, place.province)
    assert held == {
        "assessee": "ปลัดเทศบาล", "assessor": "นายกเทศมนตรี", "reviewer": "ผู้ว่าราชการจังหวัด",
        "witness_1": "รองนายกเทศมนตรี", "witness_2": "รองนายกเทศมนตรี",
    }  # fmt: skip
    assert place.version.competencies.count() == 0
    assert event.text.details == {"to": "draft", "organisation": place.province.code}


def test_no_reviewer_is_named_by_itself():
    place = municipality()
    clerk, mayor, _third = postings(place)
    mayor.assessor = PostingFactory(organisation=place.province)
    mayor.save()

    made = organisation_agreements.open_for(
        place.round, place.province, signs=clerk, agrees=mayor, by=place.hr, at=NOON
    )

    held = Party.objects.filter(version__part__agreement=made).values_list("capacity", flat=True)
    assert sorted(held) == ["assessee", "assessor"]


def test_who_is_no_hr_of_the_organisation_opens_nothing():
    place = municipality()
    clerk, mayor, _third = postings(place)
    elsewhere = RoleFactory().user

    for by in (clerk.user, mayor.user, elsewhere):
        with pytest.raises(actions.NotAllowed):
            organisation_agreements.open_for(place.round, place.province, signs=clerk, agrees=mayor, by=by, at=NOON)


def refused(place, **named):
    clerk, mayor, _third = place.posting, place.posting.assessor, None
    told = {"signs": clerk, "agrees": mayor, "by": place.hr, "at": NOON} | named
    with pytest.raises(AgreementRefused) as refusal:
        organisation_agreements.open_for(told.pop("round", place.round), told.pop("at_place", place.unit), **told)
    return str(refusal.value)


def test_an_agreement_is_opened_once_in_an_open_round_of_organisations_by_people_who_are_there():
    place = municipality()
    clerk, mayor = place.posting, place.posting.assessor
    gone = PostingFactory(organisation=place.province, ends_on=NOON.date().replace(day=1))
    five = [PostingFactory(organisation=place.province) for _ in range(5)]

    said = [
        refused(place, at_place=place.province),
        refused(place, at_place=OrganisationFactory(), by=hr_of_all(place)),
        refused(place, agrees=clerk),
        refused(place, witnesses=[mayor]),
        refused(place, signs=gone),
        refused(place, agrees=PostingFactory()),
        refused(place, witnesses=five),
    ]
    Round.objects.filter(pk=place.round.pk).update(subject="people")
    place.round.refresh_from_db()
    said.append(refused(place))
    place.round.status = Round.Status.CLOSED
    said.append(refused(place))

    assert said == [
        "This organisation has an agreement in this round already.",
        "The round does not serve this organisation.",
        "Nobody takes part in an agreement twice: choose different people.",
        "Nobody takes part in an agreement twice: choose different people.",
        "One of them holds no position here now. Look at the list of people.",
        "One of them holds no position here now. Look at the list of people.",
        "An agreement has four witnesses at the most.",
        "In this round people make agreements, not offices.",
        "The round is not open.",
    ]


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


def hr_of_all(place):
    """Return the municipality's HR officer, who looks after every other tree as well."""
    for other in OrganisationFactory._meta.model.objects.filter(depth=1).exclude(pk=place.province.pk):
        RoleFactory(user=place.hr, organisation=other)
    return place.hr


def test_people_start_none_in_a_round_of_organisations():
    place = municipality()
    posting = PostingFactory(organisation=place.province, assessor=place.posting)

    with pytest.raises(AgreementRefused, match="offices make agreements"):
        services.open_agreement(place.round, posting, by=posting.user, at=NOON)


def test_a_person_and_an_organisation_have_one_agreement_each_in_their_rounds():
    first, other = municipality(), office()

    assert Agreement.objects.filter(person=None).count() == 1
    assert Agreement.objects.exclude(person=None).get() == other.agreement
    assert first.agreement.subject == first.province.name
    assert other.agreement.subject == other.assessee.full_name


# --- Witnesses -------------------------------------------------------------------------------------------------------
def witnesses(place):
    return [place.version.parties.get(capacity=capacity).user for capacity in (Capacity.WITNESS_1, Capacity.WITNESS_2)]


def test_witnesses_sign_in_any_order_before_it_is_agreed():
    place = bring_to(municipality(), State.PROPOSED)
    first, second = witnesses(place)
    with pytest.raises(signing.SignOffRefused, match="First the witnesses sign"):
        sign(place, actions.AGREE, place.assessor)

    sign(place, actions.WITNESS_START_2, second)
    sign(place, actions.WITNESS_START_1, first)
    sign(place, actions.AGREE, place.assessor)

    order = Signature.objects.filter(stage=Stage.AGREE).order_by("pk").values_list("capacity", flat=True)
    assert list(order) == ["assessee", "witness_2", "witness_1", "assessor"]
    assert Signature.objects.values("content_hash").distinct().count() == 1


def test_control_without_the_obstacle_it_is_agreed_unwitnessed(monkeypatch):
    monkeypatch.setattr(signing, "WITNESSES_OF_AGREEMENT", ())
    place = bring_to(municipality(), State.PROPOSED)

    sign(place, actions.AGREE, place.assessor)

    assert place.version.part.state == State.AGREED


def test_all_witnesses_are_told_and_asked_at_once():
    place = bring_to(municipality(), State.PROPOSED)
    first, second = witnesses(place)

    told = Notice.objects.filter(agreement=place.agreement, kind="turn", read_at=None).values_list("user", "act")
    waiting = {user: list(Agreement.objects.waiting_for(user)) for user in (first, second, place.assessor)}
    row = Agreement.objects.for_list().get()

    assert set(told) == {(first.pk, "witness-agreement-1"), (second.pk, "witness-agreement-2")}
    assert waiting == {first: [place.agreement], second: [place.agreement], place.assessor: []}
    assert {party.user for party in row.all_waited_for} == {first, second}

    sign(place, actions.WITNESS_START_1, first)
    assert {party.user for party in Agreement.objects.for_list().get().all_waited_for} == {second}
    assert list(Agreement.objects.waiting_for(first)) == []
    sign(place, actions.WITNESS_START_2, second)
    assert list(Agreement.objects.waiting_for(place.assessor)) == [place.agreement]


def test_a_witness_signs_once_and_only_in_their_place():
    place = bring_to(municipality(), State.PROPOSED)
    first = witnesses(place)[0]
    sign(place, actions.WITNESS_START_1, first)

    with pytest.raises(actions.NotNow):
        sign(place, actions.WITNESS_START_1, first)
    for by in (first, place.assessee, place.assessor, place.hr):
        with pytest.raises(actions.NotAllowed):
            sign(place, actions.WITNESS_START_2, by)


def test_a_returned_proposal_is_witnessed_anew():
    place = bring_to(municipality(), State.PROPOSED)
    bear_witness(place)
    states.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้น้ำหนัก", at=NOON)
    sign(place, actions.PROPOSE, place.assessee)

    with pytest.raises(signing.SignOffRefused, match="First the witnesses sign"):
        sign(place, actions.AGREE, place.assessor)
    bear_witness(place)
    sign(place, actions.AGREE, place.assessor)

    assert place.version.number == 2


def test_hr_names_replaces_and_takes_out_witnesses_until_it_is_agreed():
    place = municipality()
    other = PostingFactory(organisation=place.province, title="รองนายกเทศมนตรี", position_type="")
    told = {"by": place.hr, "reason": "ลาออก", "at": NOON}
    parties.replace_party(place.version, Capacity.WITNESS_3, other, **told)
    parties.replace_party(place.version, Capacity.WITNESS_1, None, **told)
    bring_to(place, State.PROPOSED)
    # What was proposed names its witnesses: it becomes a draft again.
    parties.replace_party(place.version, Capacity.WITNESS_2, None, **told)
    assert (place.version.number, place.version.part.state) == (2, State.DRAFT)
    sign(place, actions.PROPOSE, place.assessee)
    bring_to(place, State.AGREED)

    held = set(place.version.parties.values_list("capacity", flat=True))
    assert held == {"assessee", "assessor", "reviewer", "witness_3"}
    with pytest.raises(AgreementRefused):
        parties.replace_party(place.version, Capacity.WITNESS_3, None, **told)


def test_a_persons_agreement_has_neither_such_witnesses_nor_another_assessee():
    place = office()
    other = PostingFactory(organisation=place.province)

    for capacity in (Capacity.WITNESS_1, Capacity.ASSESSEE):
        with pytest.raises(AgreementRefused):
            parties.replace_party(place.version, capacity, other, by=place.hr, reason="เปลี่ยน", at=NOON)


def test_another_head_signs_for_the_organisation_from_then_on():
    place = bring_to(municipality(), State.AGREED)
    head = PostingFactory(organisation=place.province, title="ปลัดเทศบาล", position_type="บริหาร")
    parties.replace_party(place.version, Capacity.ASSESSEE, head, by=place.hr, reason="เกษียณ", at=NOON)
    item = results.open_book(place.version).leaves[0]

    with pytest.raises(actions.NotAllowed):
        results.enter(place.version, item, {"value": "90"}, note="", by=place.assessee, at=NOON)
    results.enter(place.version, item, {"value": "90"}, note="", by=head.user, at=NOON)

    assert place.version.part.posting == head
    assert place.version.agreed_in is not None


# --- What is signed and scored ---------------------------------------------------------------------------------------
def test_what_is_signed_names_the_organisation_its_groups_and_its_grades():
    place = bring_to(municipality(), State.PROPOSED)

    content = contents.content_of(place.version, Stage.AGREE)

    assert content["organisation"] == {"name": place.province.name, "kind": "municipality", "province": "ทดสอบ"}
    assert content["groups"] == []
    assert content["competencies"] == []
    assert (content["round"]["achievement_weight"], content["round"]["competency_weight"]) == ("100", "0")
    assert content["round"]["grades_on"] == "5"


def test_the_check_page_says_whose_it_is_and_what_the_groups_weigh():
    place = municipality()
    with lifted():
        effect = Dimension.objects.create(framework=place.framework, code="e", title="ประสิทธิผล", weight="100", order=1)
        below = Dimension.objects.create(framework=place.framework, code="f", title="ย่อย", parent=effect, order=2)
        place.indicators[0].dimension = below
        place.indicators[0].save()
    bring_to(place, State.PROPOSED)
    content = contents.content_of(place.version, Stage.AGREE)

    told = content_words(content)

    assert content["groups"] == [
        {"code": "e", "title": "ประสิทธิผล", "weight": "100", "items": [place.indicators[0].code]}
    ]
    assert dict(told["organisation"].entries)["Organisation"] == place.province.name
    assert dict(told["group e"].entries)["Weight"] == "100"
    assert told["party witness_1"].about == "First witness of the agreement"


def test_the_weights_of_groups_say_nothing_to_a_part_of_the_organisation():
    place = municipality()
    with lifted():
        group = Dimension.objects.create(framework=place.framework, code="e", title="ประสิทธิผล", weight="30", order=1)
        place.indicators[0].dimension = group
        place.indicators[0].definition |= {"assigned_units": ["part"]}
        place.indicators[0].save()
    choose_all(place)
    place.unit.unit_code = "part"
    place.unit.save()
    head = PostingFactory(organisation=place.unit)
    made = organisation_agreements.open_for(
        place.round, place.unit, signs=head, agrees=place.posting, by=place.hr, at=NOON
    )
    version = made.parts.get().versions.get()
    services.choose_indicators(version, place.indicators, by=head.user, at=NOON)

    [whole], [part] = (groups.groups_of(results.open_book(one)) for one in (place.version, version))

    assert (whole.weight, whole.agreed, whole.drifts) == ("30", "100", True)
    assert (part.weight, part.agreed, part.drifts) == ("", "100", False)


def test_an_organisations_final_score_is_its_achievement_and_its_grade_that_of_the_total():
    # 60 70 80 90 100: 75 is 2.5 of 5, the lower bound of พอใช้.
    place = bring_to(municipality(), State.ASSESSED, value="75")

    signed = contents.signed_content(place.version, Stage.RESULT)
    figures = {
        name: signed["scores"][name] for name in ("total", "achievement", "competency", "final", "grade", "colour")
    }

    assert figures == {
        "total": "2.5000", "achievement": "50.00", "competency": None, "final": "50.00",
        "grade": "ผ่าน พอใช้", "colour": "เหลือง",
    }  # fmt: skip


def test_an_organisation_needs_no_development_plan_and_no_competencies():
    place = bring_to(municipality(competency_weight="30", achievement_weight="70"), State.REPORTED, value="60")
    book = results.open_book(place.version)
    results.accept(place.version, book.leaves[0], by=place.assessor, at=NOON)
    book = results.open_book(place.version)

    assert plans.plan_due(book, results.scores_of(book, "assessor")) == []
    assert results.scores_of(book, "assessor").final == 20
    sign(place, actions.ASSESS, place.assessor)


def test_it_walks_every_state_of_a_person_and_is_amended_and_ended_like_one():
    place = bring_to(municipality(releases_on_assessment=False), State.CLOSED)
    assert place.agreement.state == State.CLOSED

    second = bring_to(municipality(), State.AGREED)
    amendments.amend(second.version, by=second.assessee, reason="มติ", at=NOON)
    assert second.version.part.state == State.DRAFT
    states.end(second.version, by=second.hr, because="other", reason="ยุบรวม", at=NOON)
    second.agreement.refresh_from_db()
    assert second.agreement.state == State.ENDED


def test_without_a_reviewer_it_stands_reviewed_once_acknowledged():
    place = municipality()
    parties.replace_party(place.version, Capacity.REVIEWER, None, by=place.hr, reason="ไม่มี", at=NOON)
    bring_to(place, State.ACKNOWLEDGED)

    assert place.agreement.state == State.REVIEWED
    services.act(place.version, actions.CLOSE, by=place.hr, at=NOON)


def test_the_log_tells_how_far_it_is():
    place = bring_to(municipality(), State.REPORTED)
    judge_all(place)

    told = [one.text.details["to"] for one in place.agreement.events.order_by("number") if "to" in one.text.details]

    assert told == ["draft", "draft", "proposed", "proposed", "proposed", "agreed", "reported"]


def test_whoever_signs_for_it_does_nothing_as_hr():
    place = municipality(releases_on_assessment=False)
    RoleFactory(user=place.assessee, organisation=place.province)
    bring_to(place, State.ASSESSED)

    with pytest.raises(actions.NotAllowed):
        services.act(place.version, actions.RELEASE, by=place.assessee, at=NOON)
    assert list(Agreement.objects.awaiting_hr(place.assessee)) == []
    assert list(Agreement.objects.awaiting_hr(place.hr)) == [place.agreement]


def test_choosing_asks_for_what_the_round_gives_the_organisation():
    place = municipality(indicators=2)
    choose_all(place)

    assert [item.indicator for item in place.version.items.order_by("order")] == place.indicators
