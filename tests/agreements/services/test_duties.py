import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from agreements import actions, predicates
from agreements.models import Agreement, Capacity, Duty, Event, Evidence, Item, Notice, Result, State
from agreements.services import (
    content as contents,
    duties,
    evidence,
    evidence_lists,
    notice_words,
    parties,
    results,
    splits,
    states,
)
from agreements.services.duty_tasks import looked_after_by
from agreements.services.results import ResultRefused
from agreements.services.states import AgreementRefused
from tests.factories import NOON, PostingFactory, RoleFactory, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, choose_all, judge_all, municipality, office, sign

pytestmark = pytest.mark.django_db


def agreed(indicators=2):
    """Return a municipality with an agreed agreement, whose first indicator has a collector and an owner."""
    place = bring_to(municipality(indicators=indicators), State.AGREED)
    collector = PostingFactory(organisation=place.unit, title="หัวหน้าฝ่ายแผนงาน")
    owner = PostingFactory(organisation=place.unit, title="ผู้อำนวยการกอง")
    told = {"by": place.hr, "at": NOON}
    duties.give(place.version, Duty.Kind.COLLECTOR, collector, [items(place)[0]], **told)
    duties.give(place.version, Duty.Kind.OWNER, owner, [items(place)[0]], **told)
    return place, collector.user, owner.user


def items(place):
    return list(place.version.items.order_by("order"))


def enter(place, item, by, value="80"):
    return results.enter(place.version, item, {"value": value}, note="", by=by, at=NOON)


def upload(name="หลักฐาน.txt", text="ทำแล้ว"):
    return SimpleUploadedFile(name, text.encode())


# --- Who enters ------------------------------------------------------------------------------------------------------
def test_a_collector_enters_their_own_indicators_and_no_others():
    place, collector, owner = agreed()
    first, second = items(place)

    enter(place, first, collector)
    for by, item in ((collector, second), (owner, first), (place.hr, first), (place.assessor, first)):
        with pytest.raises(actions.NotAllowed):
            enter(place, item, by)
    enter(place, second, place.assessee)

    kept = {row.lineage: row.inputs for row in Result.objects.all()}
    assert kept == {first.lineage: {"value": "80"}, second.lineage: {"value": "80"}}


def test_control_without_the_question_about_the_item_a_collector_enters_all(monkeypatch):
    monkeypatch.setattr(results, "may_enter", lambda user, version, lineage: True)
    place, collector, _owner = agreed()

    enter(place, items(place)[1], collector)

    assert Result.objects.get().inputs == {"value": "80"}


def test_a_collector_attaches_evidence_to_their_own_indicators_and_takes_it_off():
    place, collector, owner = agreed()
    first, second = items(place)
    kept = evidence.attach(place.version, first, upload(), note="", by=collector, at=NOON)

    for by, item in ((collector, second), (owner, first), (place.hr, first)):
        with pytest.raises(actions.NotAllowed):
            evidence.attach(place.version, item, upload(), note="", by=by, at=NOON)
    with pytest.raises(actions.NotAllowed):
        evidence.detach(kept, place.version, by=owner, at=NOON)
    evidence.detach(kept, place.version, by=collector, at=NOON)

    assert Evidence.objects.count() == 0


def test_a_collector_does_not_report_and_enters_nothing_once_it_is_reported():
    place, collector, _owner = agreed()
    enter(place, items(place)[0], collector)

    with pytest.raises(actions.NotAllowed):
        results.report(place.version, by=collector, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    with pytest.raises(actions.NotNow):
        enter(place, items(place)[0], collector, "90")

    assert Result.objects.get(lineage=items(place)[0].lineage).inputs == {"value": "80"}


def test_a_duty_that_is_taken_away_ends_what_it_allowed():
    place, collector, _owner = agreed()
    duty = Duty.objects.get(kind=Duty.Kind.COLLECTOR)
    assert list(Agreement.objects.visible_to(collector)) == [place.agreement]

    duties.take(place.version, duty, by=place.assessee, at=NOON)

    with pytest.raises(actions.NotAllowed):
        enter(place, items(place)[0], collector)
    assert list(Agreement.objects.visible_to(collector)) == []


def test_duties_stay_when_the_report_is_returned():
    place, collector, _owner = agreed()
    bring_to(place, State.REPORTED)
    states.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="ขาด", at=NOON)

    enter(place, items(place)[0], collector, "95")

    assert Result.objects.get(lineage=items(place)[0].lineage).inputs == {"value": "95"}


def test_who_is_acting_for_a_collector_enters_in_their_place():
    place, collector, _owner = agreed()
    deputy = PostingFactory(organisation=place.unit, is_acting=True, stands_for=collector.postings.get())
    with pytest.raises(actions.NotAllowed):
        enter(place, items(place)[0], deputy.user)

    deputy.user.stands_in = {collector.postings.get().pk: collector.postings.get()}
    enter(place, items(place)[0], deputy.user)

    assert Result.objects.get().inputs == {"value": "80"}


# --- Giving ----------------------------------------------------------------------------------------------------------
def test_the_assessee_and_hr_give_duties_and_nobody_else():
    place, collector, owner = agreed()
    posting = PostingFactory(organisation=place.unit)

    for by in (collector, owner, place.assessor, RoleFactory().user, UserFactory()):
        with pytest.raises(actions.NotAllowed):
            duties.give(place.version, Duty.Kind.OWNER, posting, items(place), by=by, at=NOON)
    made = duties.give(place.version, Duty.Kind.OWNER, posting, items(place), by=place.assessee, at=NOON)

    assert [one.lineage for one in made] == [item.lineage for item in items(place)]
    assert Event.objects.filter(verb="duty.given").order_by("number").last().text.details == {
        "kind": "owner", "name": posting.user.full_name, "position": posting.printed_title,
        "codes": [item.code for item in items(place)],
    }  # fmt: skip


def test_nobody_who_judges_the_result_or_is_elsewhere_looks_after_it():
    place, _collector, _owner = agreed()
    mayor = place.posting.assessor

    for posting in (mayor, PostingFactory()):
        with pytest.raises(AgreementRefused):
            duties.give(place.version, Duty.Kind.COLLECTOR, posting, items(place), by=place.hr, at=NOON)
    with pytest.raises(AgreementRefused):
        duties.give(place.version, Duty.Kind.COLLECTOR, place.posting, [], by=place.hr, at=NOON)


def test_a_collector_who_comes_to_assess_enters_nothing_any_more():
    place, collector, _owner = agreed()
    from_then_on = collector.postings.get()
    parties.replace_party(place.version, Capacity.ASSESSOR, from_then_on, by=place.hr, reason="รักษาการ", at=NOON)

    with pytest.raises(actions.NotAllowed):
        enter(place, items(place)[0], collector)


def test_a_person_has_no_such_duties_in_their_agreement():
    place = bring_to(office(), State.AGREED)
    posting = PostingFactory(organisation=place.unit)

    with pytest.raises(actions.NotAllowed):
        duties.give(place.version, Duty.Kind.COLLECTOR, posting, items(place), by=place.hr, at=NOON)
    # Even where a row came to be by another way, it opens nothing.
    Duty.objects.create(
        part=place.version.part, lineage=items(place)[0].lineage, kind="collector", posting=posting,
        given_by=place.hr, given_at=NOON,
    )  # fmt: skip
    with pytest.raises(actions.NotAllowed):
        enter(place, items(place)[0], posting.user)
    assert list(Agreement.objects.visible_to(posting.user)) == []


def test_duties_are_given_by_the_positions_that_the_indicators_name():
    place = municipality(indicators=2)
    for indicator, owner in zip(place.indicators, ("ผู้อำนวยการกองคลัง", "หัวหน้าส่วนทุกส่วนราชการ"), strict=True):
        # A framework is published; this is the copy that is agreed.
        indicator.definition = indicator.definition | {"owner": owner, "collector": "หัวหน้าฝ่ายรายได้; หัวหน้าฝ่ายบัญชี"}
    choose_all(place)
    for item, indicator in zip(items(place), place.indicators, strict=True):
        Item.objects.filter(pk=item.pk).update(definition=indicator.definition)
    finance = PostingFactory(organisation=place.unit, title="ผู้อำนวยการกองคลัง")
    income = PostingFactory(organisation=place.unit, title="หัวหน้าฝ่ายรายได้")
    # Two of the same title: nobody can tell which is meant.
    for _ in range(2):
        PostingFactory(organisation=place.unit, title="หัวหน้าฝ่ายบัญชี")

    given = duties.give_by_title(place.version, by=place.assessee, at=NOON)
    again = duties.give_by_title(place.version, by=place.assessee, at=NOON)

    first, second = items(place)
    assert set(Duty.objects.values_list("lineage", "kind", "posting")) == {
        (first.lineage, "owner", finance.pk), (first.lineage, "collector", income.pk),
        (second.lineage, "collector", income.pk),
    }  # fmt: skip
    assert (given, again) == (3, 0)
    # What the words say beyond those who have the duty is shown beside them: somebody who was not found.
    said = [(one.says_more_of_owners, one.says_more_of_collectors) for one in duties.given_in(place.version)]
    assert said == [(False, True), (True, True)]


def test_whoever_is_given_indicators_is_told_once_for_each_time_and_led_to_them():
    place, collector, _owner = agreed()

    duties.give(place.version, Duty.Kind.OWNER, place.posting, items(place), by=place.assessee, at=NOON)

    told = Notice.objects.filter(act__in=["collector", "owner"])
    assert list(told.filter(user=collector).values_list("kind", "act", "link")) == [
        ("news", "collector", f"/agreements/{place.agreement.pk}/results/"),
    ]
    # Who takes it upon themselves knows it.
    assert not told.filter(user=place.assessee).exists()
    with translation.override("en"):
        assert "collect indicators" in notice_words.sentence(told.get(user=collector), NOON.date())


# --- Confirming ------------------------------------------------------------------------------------------------------
def test_the_owner_confirms_what_was_entered_until_it_changes():
    place, collector, owner = agreed()
    first = items(place)[0]
    with pytest.raises(ResultRefused):
        duties.confirm(place.version, first, by=owner, at=NOON)
    enter(place, first, collector)

    duties.confirm(place.version, first, by=owner, at=NOON)
    assert Result.objects.get().confirmed_by == owner
    with pytest.raises(ResultRefused):
        duties.confirm(place.version, first, by=owner, at=NOON)
    evidence.attach(place.version, first, upload(), note="", by=collector, at=NOON)
    assert Result.objects.get().confirmed_by is None
    duties.confirm(place.version, first, by=owner, at=NOON)
    enter(place, first, collector, "81")

    assert (Result.objects.get().confirmed_by, Result.objects.get().confirmed_at) == (None, None)
    assert Event.objects.filter(verb="confirm").count() == 2


def test_nobody_but_the_owner_of_the_indicator_confirms_it():
    place, collector, owner = agreed()
    first, second = items(place)
    enter(place, first, collector)
    enter(place, second, place.assessee)

    for by, item in ((collector, first), (place.assessee, first), (place.hr, first), (owner, second)):
        with pytest.raises(actions.NotAllowed):
            duties.confirm(place.version, item, by=by, at=NOON)


def test_control_without_the_question_anybody_confirms(monkeypatch):
    place, collector, _owner = agreed()
    first = items(place)[0]
    enter(place, first, collector)
    monkeypatch.setattr(duties, "duties_in", lambda user, version, kind: {first.lineage})
    monkeypatch.setattr(duties.actions, "demand", lambda action, version, user: None)

    duties.confirm(place.version, first, by=collector, at=NOON)

    assert Result.objects.get().confirmed_by == collector


# --- The list of evidence --------------------------------------------------------------------------------------------
LISTED = ["แผนพัฒนา", "สัญญา"]


def listing():
    place, collector, owner = agreed()
    first = items(place)[0]
    with lifted():
        Item.objects.filter(pk=first.pk).update(definition=first.definition | {"evidence": LISTED})
    return place, collector, owner


def test_the_list_of_evidence_is_ticked_off_with_its_files():
    place, collector, _owner = listing()
    first = items(place)[0]
    evidence_lists.tick(place.version, first, ["สัญญา"], by=collector, at=NOON)
    kept = evidence.attach(place.version, first, upload(), note="", listed_as="แผนพัฒนา", by=collector, at=NOON)

    result = Result.objects.get()
    told = [(one.text, one.is_at_hand, one.files) for one in evidence_lists.listed(first, result, [kept])]

    assert told == [("แผนพัฒนา", True, [kept]), ("สัญญา", True, [])]
    evidence_lists.tick(place.version, first, [], by=collector, at=NOON)
    assert Result.objects.get().evidence_at_hand == []


def test_what_is_not_on_the_list_or_not_ones_own_is_not_ticked():
    place, collector, owner = listing()
    first, second = items(place)

    with pytest.raises(ResultRefused):
        evidence_lists.tick(place.version, first, ["อื่น"], by=collector, at=NOON)
    with pytest.raises(ResultRefused):
        evidence.attach(place.version, first, upload(), note="", listed_as="อื่น", by=collector, at=NOON)
    for by, item in ((collector, second), (owner, first)):
        with pytest.raises(actions.NotAllowed):
            evidence_lists.tick(place.version, item, [], by=by, at=NOON)
    assert Evidence.objects.count() == 0


def test_what_is_at_hand_is_signed_with_the_result():
    place, collector, _owner = listing()
    first = items(place)[0]
    evidence.attach(place.version, first, upload(), note="", listed_as="แผนพัฒนา", by=collector, at=NOON)
    bring_to(place, State.REPORTED)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)

    signed = contents.signed_content(place.version, "result")["results"][first.code]

    assert signed["evidence_at_hand"] == ["แผนพัฒนา"]
    assert [one["listed_as"] for one in signed["evidence"]] == ["แผนพัฒนา"]


# --- Who sees it -----------------------------------------------------------------------------------------------------
def test_who_sees_an_organisations_agreement_and_who_does_not():
    place, collector, owner = agreed()
    auditor = RoleFactory(organisation=place.province, kind="auditor").user
    executive = RoleFactory(organisation=place.province, kind="executive").user
    editor = RoleFactory(organisation=place.province, kind="framework_editor").user
    elsewhere = [RoleFactory(kind=kind).user for kind in ("hr", "auditor", "executive")]
    colleague = PostingFactory(organisation=place.unit).user

    seen = [place.assessee, place.assessor, place.reviewer, place.hr, collector, owner, auditor, executive]
    unseen = [editor, colleague, *elsewhere]

    assert [list(Agreement.objects.visible_to(one)) for one in seen] == [[place.agreement]] * len(seen)
    assert [list(Agreement.objects.visible_to(one)) for one in unseen] == [[]] * len(unseen)


def test_an_executive_sees_no_persons_agreement():
    place = office()
    executive = RoleFactory(organisation=place.province, kind="executive").user

    assert list(Agreement.objects.visible_to(executive)) == []


def test_the_assessment_is_seen_before_its_release_by_those_who_judge_and_oversee_alone():
    place, collector, owner = agreed()
    place.round.releases_on_assessment = False
    place.round.save()
    executive = RoleFactory(organisation=place.province, kind="executive").user
    auditor = RoleFactory(organisation=place.province, kind="auditor").user
    witness = place.version.parties.get(capacity=Capacity.WITNESS_1).user
    bring_to(place, State.ASSESSED)

    people = {
        "assessee": place.assessee, "collector": collector, "owner": owner, "executive": executive, "witness": witness,
        "assessor": place.assessor, "reviewer": place.reviewer, "hr": place.hr, "auditor": auditor,
    }  # fmt: skip
    seen = {who for who, user in people.items() if contents.sees_assessment(place.version, user)}

    assert seen == {"assessor", "reviewer", "hr", "auditor"}
    bring_to(place, State.RELEASED)
    assert all(contents.sees_assessment(place.version, user) for user in people.values())


def test_control_without_the_rule_a_collector_sees_the_assessment(monkeypatch):
    place, collector, _owner = agreed()
    bring_to(place, State.REPORTED)
    assert not contents.sees_assessment(place.version, collector)

    monkeypatch.setattr(contents, "oversees", lambda user, version, **asked: True)

    assert contents.sees_assessment(place.version, collector)


# --- What waits ------------------------------------------------------------------------------------------------------
def test_what_waits_for_those_who_look_after_indicators():
    place, collector, owner = agreed()

    def told(user):
        return [(one.collects, one.to_enter, one.owns, one.to_confirm) for one in looked_after_by(user)]

    assert (told(collector), told(owner)) == ([(1, 1, 0, 0)], [(0, 0, 1, 0)])
    enter(place, items(place)[0], collector)
    assert (told(collector), told(owner)) == ([(1, 0, 0, 0)], [(0, 0, 1, 1)])
    duties.confirm(place.version, items(place)[0], by=owner, at=NOON)
    assert told(owner) == [(0, 0, 1, 0)]
    results.report(place.version, by=place.assessee, at=NOON)
    assert (told(collector), told(owner)) == ([], [])


def test_the_predicates_of_duties_ask_nothing_about_a_persons_agreement(django_assert_num_queries):
    place = bring_to(office(), State.AGREED)
    version = place.version
    list(version.parties.all())

    with django_assert_num_queries(0):
        assert predicates.duties_in(place.hr, version, "collector") == set()


# --- Parts -----------------------------------------------------------------------------------------------------------
def test_a_part_under_another_head_keeps_who_looks_after_what():
    place, collector, owner = agreed()
    head = PostingFactory(organisation=place.province, title="ปลัดเทศบาล", position_type="บริหาร")

    begun = splits.split(
        place.version, on=datetime.date(2013, 2, 1), posting=head, assessor=place.posting.assessor,
        start=splits.Start.COPY, reason="เกษียณ", by=place.hr, at=NOON,
    )  # fmt: skip

    held = Duty.objects.filter(part=begun.part).values_list("kind", "posting__user", "lineage")
    assert set(held) == {
        ("collector", collector.pk, items_of(begun)[0].lineage),
        ("owner", owner.pk, items_of(begun)[0].lineage),
    }
    assert {party.capacity: party.user for party in begun.parties.all()} == {
        "assessee": head.user, "assessor": place.assessor,
    }  # fmt: skip
    assert begun.part.agreement.organisation == place.province


def items_of(version):
    return list(version.items.order_by("order"))
