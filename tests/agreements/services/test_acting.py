from datetime import date

import pytest
from django.urls import reverse

from agreements import actions, clock, predicates
from agreements.models import Agreement, Event, Signature, State, User
from agreements.services import acting, organisations, results
from agreements.services.organisations import NotYours, PeopleRefused, PostingFacts
from tests.factories import NOON, PostingFactory
from tests.walks import bring_to, office, sign

pytestmark = pytest.mark.django_db

FEBRUARY = (date(2013, 2, 1), date(2013, 2, 28))
TODAY = NOON.date()


def deputy_of(place, stood_in, *, user=None, day=TODAY):
    """Return somebody who is acting for a position in February, as the portal knows them on `day`."""
    user = user or PostingFactory(organisation=place.unit, title="นักวิชาการ", level="ชำนาญการ").user
    if not user.postings.filter(is_acting=True, stands_for=stood_in).exists():
        PostingFactory(
            user=user,
            organisation=place.unit,
            is_acting=True,
            stands_for=stood_in,
            starts_on=FEBRUARY[0],
            ends_on=FEBRUARY[1],
        )
    return acting.stand_in(User.objects.get(pk=user.pk), day=day)


def test_who_is_acting_for_the_assessor_sees_and_signs_within_the_days():
    place = bring_to(office(), State.PROPOSED)
    deputy = deputy_of(place, place.posting.assessor)

    assert list(Agreement.objects.visible_to(deputy)) == [place.agreement]
    assert list(Agreement.objects.waiting_for(deputy)) == [place.agreement]
    sign(place, actions.AGREE, deputy)

    signature = Signature.objects.get(capacity="assessor", stage="agree")
    assert (signature.signatory_id, signature.name) == (deputy.pk, deputy.full_name)
    assert (signature.title, signature.acting_for) == (
        "นักวิชาการชำนาญการ",
        "รักษาราชการแทนนักส่งเสริมการปกครองท้องถิ่นชำนาญการพิเศษ",
    )
    details = Event.objects.get(verb="agree").text.details
    assert (details["acting_as"], details["acting_for_name"]) == ("assessor", place.assessor.full_name)


@pytest.mark.parametrize("day", [date(2013, 1, 31), date(2013, 3, 1)])
def test_a_day_outside_there_is_nothing_to_see_or_to_do(day):
    place = bring_to(office(), State.PROPOSED)
    deputy = deputy_of(place, place.posting.assessor, day=day)

    assert not Agreement.objects.visible_to(deputy).exists()
    assert not Agreement.objects.waiting_for(deputy).exists()
    with pytest.raises(actions.NotAllowed):
        sign(place, actions.AGREE, deputy)


@pytest.mark.parametrize("day", FEBRUARY)
def test_the_first_and_the_last_day_count(day):
    place = bring_to(office(), State.PROPOSED)

    assert actions.AGREE in actions.allowed(place.version, deputy_of(place, place.posting.assessor, day=day))


def test_nobody_is_acting_on_their_own_agreement():
    place = bring_to(office(), State.PROPOSED)
    deputy = deputy_of(place, place.posting.assessor, user=place.assessee)

    assert actions.allowed(place.version, deputy) == [actions.WITHDRAW_PROPOSAL]
    with pytest.raises(actions.NotAllowed):
        sign(place, actions.AGREE, deputy)


def test_control_without_the_guard_they_would_agree_with_themselves(monkeypatch):
    place = bring_to(office(), State.PROPOSED)
    deputy = deputy_of(place, place.posting.assessor, user=place.assessee)
    monkeypatch.setattr(
        predicates,
        "place_of",
        lambda user, version, capacity: next(
            (p for p in version.parties.all() if p.capacity == capacity and p.is_stood_in_by(user)), None
        ),
    )

    assert actions.AGREE in actions.allowed(place.version, deputy)


def test_the_assessor_does_not_review_as_acting_for_the_reviewer():
    place = bring_to(office(), State.ACKNOWLEDGED)
    deputy = deputy_of(place, place.posting.assessor.assessor, user=place.assessor)

    assert actions.allowed(place.version, deputy) == []
    # The control: somebody who has no part in it does.
    other = deputy_of(place, place.posting.assessor.assessor)
    assert actions.allowed(place.version, other) == [actions.REVIEW]
    sign(place, actions.REVIEW, other, decision="agrees")


def test_who_signed_as_acting_for_one_does_not_sign_again_for_another():
    place = bring_to(office(releases_on_assessment=True), State.REPORTED)
    deputy = deputy_of(place, place.posting.assessor)
    for item in results.open_book(place.version).leaves:
        results.accept(place.version, item, by=deputy, at=NOON)
    results.observe(place.version, {1: 2, 2: 2}, by=deputy)
    sign(place, actions.ASSESS, deputy)
    sign(place, actions.ACKNOWLEDGE, place.assessee)
    both = deputy_of(place, place.posting.assessor.assessor, user=deputy)

    assert actions.allowed(place.version, both) == []


def test_who_is_acting_for_the_assessee_takes_none_of_their_acts():
    place = bring_to(office(), State.AGREED)
    deputy = deputy_of(place, place.posting)

    assert not Agreement.objects.visible_to(deputy).exists()
    assert actions.allowed(place.version, deputy) == []


def test_only_the_position_that_takes_part_is_stood_in_for():
    place = bring_to(office(), State.PROPOSED)
    other = PostingFactory(user=place.assessor, organisation=place.unit, is_acting=True, title="หัวหน้าฝ่าย")

    assert not Agreement.objects.visible_to(deputy_of(place, other)).exists()


def test_the_portal_asks_once_a_request_who_is_acting(client, monkeypatch):
    monkeypatch.setattr(clock, "today", NOON.date)
    place = bring_to(office(), State.PROPOSED)
    deputy = deputy_of(place, place.posting.assessor)
    client.force_login(User.objects.get(pk=deputy.pk))
    address = reverse("agreements:check", args=[place.agreement.pk, "agree"])

    page = client.get(address)
    response = client.post(address, {"shown": page.context["shown"]})

    place.agreement.refresh_from_db()
    assert page.context["stood_in"].user == place.assessor
    assert (response.status_code, place.agreement.state) == (302, State.AGREED)
    told = client.get(reverse("agreements:agreement", args=[place.agreement.pk])).content.decode()
    assert "รักษาราชการแทนนักส่งเสริมการปกครองท้องถิ่นชำนาญการพิเศษ" in told


# --- Named by HR -----------------------------------------------------------------------------------------------------
def facts(place, **given):
    base = {"organisation": place.unit, "title": "นักวิชาการ", "is_acting": True, "starts_on": FEBRUARY[0]}
    return PostingFacts(**(base | {"stands_for": place.posting.assessor} | given))


def test_hr_names_who_is_acting_for_which_position_and_it_is_in_the_log():
    place = office()
    person = PostingFactory(organisation=place.unit).user

    posting = organisations.add_posting(person, facts(place), by=place.hr, at=NOON)

    assert posting.stands_for == place.posting.assessor
    assert Event.objects.get(verb="posting.added").text.details["after"]["stands_for"] == place.posting.assessor.pk


def test_what_cannot_be_is_refused():
    place = office()
    person = PostingFactory(organisation=place.unit).user
    elsewhere = PostingFactory()

    with pytest.raises(PeopleRefused):
        organisations.add_posting(person, facts(place, is_acting=False), by=place.hr, at=NOON)
    with pytest.raises(PeopleRefused):
        organisations.add_posting(place.assessor, facts(place), by=place.hr, at=NOON)
    with pytest.raises(NotYours):
        organisations.add_posting(person, facts(place, stands_for=elsewhere), by=place.hr, at=NOON)
    stands_in = organisations.add_posting(person, facts(place), by=place.hr, at=NOON)
    with pytest.raises(PeopleRefused):
        organisations.add_posting(place.reviewer, facts(place, stands_for=stands_in), by=place.hr, at=NOON)


def test_hr_does_not_name_themselves():
    place = office()
    PostingFactory(user=place.hr, organisation=place.unit)

    with pytest.raises(NotYours):
        organisations.add_posting(place.hr, facts(place), by=place.hr, at=NOON)


def test_the_page_of_a_position_takes_it(client):
    place = office()
    person = PostingFactory(organisation=place.unit).user
    client.force_login(place.hr)
    typed = {
        "organisation": place.unit.pk, "title": "นักวิชาการ", "starts_on": "1 ก.พ. 2556", "ends_on": "28 ก.พ. 2556",
        "stands_for": place.posting.assessor.pk,
    }  # fmt: skip
    address = reverse("agreements:add-posting", args=[person.pk])

    refused = client.post(address, typed)
    response = client.post(address, typed | {"is_acting": "on"})

    assert list(refused.context["form"].errors) == ["is_acting"]
    assert response.status_code == 302
    assert person.postings.get(is_acting=True).stands_for == place.posting.assessor
    shown = client.get(person.get_absolute_url())
    assert shown.context["postings"][0].stands_for.user == place.assessor
    assert "รักษาราชการแทน" not in shown.context["postings"][0].printed_title
