import datetime

import pytest

from agreements.models import Event, Posting, Role, User
from agreements.services import organisations as services
from agreements.services.organisations import NotYours, PeopleRefused, PersonFacts, PostingFacts
from tests.factories import NOON, OCTOBER, OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db

JUNE = datetime.date(2013, 6, 1)
SOMCHAI = PersonFacts(username="somchai.b", prefix="นาย", first_name="สมชาย", last_name="บุญช่วย")


@pytest.fixture
def province():
    return OrganisationFactory(code="a")


@pytest.fixture
def unit(province):
    return OrganisationFactory(parent=province, code="a-1", kind="group")


@pytest.fixture
def hr(province):
    return RoleFactory(organisation=province).user


@pytest.fixture
def unit_hr(unit):
    return RoleFactory(organisation=unit).user


@pytest.fixture
def other_hr():
    return RoleFactory().user


def clerk(organisation, **fields):
    return PostingFacts(organisation=organisation, title="เจ้าพนักงานธุรการ", starts_on=OCTOBER, **fields)


def verbs():
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


# --- Adding and mending ----------------------------------------------------------------------------------------------
def test_hr_adds_a_person_who_cannot_sign_in_yet(hr, unit):
    person = services.add_person(SOMCHAI, clerk(unit, number="001"), by=hr, at=NOON)

    posting = person.postings.get()
    assert (posting.organisation, posting.number, person.account_state) == (unit, "001", "no_password")
    event = Event.objects.get()
    assert (event.verb, event.actor, event.office.code) == ("person.added", hr, "a")
    assert event.text.details["after"]["username"] == "somchai.b"


@pytest.mark.parametrize("who", ["unit_hr", "other_hr"])
def test_nobody_is_added_outside_the_subtree(request, who, province):
    by = request.getfixturevalue(who)

    with pytest.raises(NotYours):
        services.add_person(SOMCHAI, clerk(province), by=by, at=NOON)

    assert (User.objects.filter(username="somchai.b").count(), verbs()) == (0, [])


def test_a_user_name_is_taken_also_in_other_capitals(hr, unit):
    services.add_person(SOMCHAI, clerk(unit), by=hr, at=NOON)

    with pytest.raises(PeopleRefused):
        services.add_person(PersonFacts(username="Somchai.B", first_name="สมหญิง"), clerk(unit), by=hr, at=NOON)


def test_mending_a_name_is_logged_before_and_after_and_found_by_the_new_one(hr, unit):
    person = services.add_person(SOMCHAI, clerk(unit), by=hr, at=NOON)
    mended = PersonFacts(username="somchai.b", prefix="นาย", first_name="สมชาย", last_name="ใจดี")

    services.change_person(person, mended, by=hr, at=NOON)

    details = Event.objects.latest("pk").text.details
    assert (details["before"]["last_name"], details["after"]["last_name"]) == ("บุญช่วย", "ใจดี")
    assert list(User.objects.matching("ใจ ดี")) == [person]
    assert not User.objects.matching("บุญช่วย").exists()


def test_nothing_is_logged_where_nothing_changes(hr, unit):
    person = services.add_person(SOMCHAI, clerk(unit), by=hr, at=NOON)
    posting = person.postings.get()

    services.change_person(person, SOMCHAI, by=hr, at=NOON)
    services.change_posting(posting, services.posting_facts(posting), by=hr, at=NOON)

    assert verbs() == ["person.added"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("สมชาย", 1), ("ส ม ชาย", 1), ("somchai", 1), ("SOMCHAI บุญ", 1), ("ธุรการ", 1), ("๐๐๑", 1), ("สมหญิง", 0)],
)
def test_people_are_found_by_name_user_name_position_and_number(hr, unit, words, found):
    services.add_person(SOMCHAI, clerk(unit, number="001"), by=hr, at=NOON)

    assert User.objects.matching(words).count() == found


# --- Accounts that reach further than the office ---------------------------------------------------------------------
def test_who_has_a_role_above_is_not_managed_from_below(hr, unit_hr, unit, province):
    boss = PostingFactory(organisation=unit).user
    RoleFactory(user=boss, organisation=province)

    with pytest.raises(NotYours):
        services.change_person(boss, SOMCHAI, by=unit_hr, at=NOON)
    # The control: HR of the province, who holds as much.
    services.change_person(boss, SOMCHAI, by=hr, at=NOON)

    boss.refresh_from_db()
    assert boss.username == "somchai.b"


def test_who_also_works_elsewhere_is_not_managed_until_that_ends(hr, unit):
    posting = PostingFactory(organisation=unit)
    elsewhere = PostingFactory(user=posting.user)

    assert not services.manages(hr, posting.user, day=JUNE)

    elsewhere.ends_on = datetime.date(2013, 5, 31)
    elsewhere.save()
    assert services.manages(hr, posting.user, day=JUNE)


# --- Positions -------------------------------------------------------------------------------------------------------
def test_two_positions_at_once_are_refused_unless_one_is_acting(hr, unit):
    person = services.add_person(SOMCHAI, clerk(unit), by=hr, at=NOON)
    second = {"organisation": unit, "title": "นิติกร", "starts_on": JUNE}

    with pytest.raises(PeopleRefused):
        services.add_posting(person, PostingFacts(**second), by=hr, at=NOON)
    services.add_posting(person, PostingFacts(**second, is_acting=True), by=hr, at=NOON)
    first = person.postings.get(is_acting=False)
    services.change_posting(first, clerk(unit, ends_on=datetime.date(2013, 5, 31)), by=hr, at=NOON)
    services.add_posting(person, PostingFacts(**second), by=hr, at=NOON)

    assert person.postings.count() == 3
    assert verbs() == ["person.added", "posting.added", "posting.changed", "posting.added"]


def test_an_assessor_is_somebody_else_whom_hr_sees_and_not_assessed_by_the_person(hr, unit_hr, unit, province):
    head = PostingFactory(organisation=province)
    chief = PostingFactory(organisation=unit, assessor=head)
    staff = PostingFactory(organisation=unit, assessor=chief)
    stranger = PostingFactory()

    def name(posting, assessor, by=hr):
        held = services.posting_facts(posting)
        fields = {field: getattr(held, field) for field in PostingFacts.__dataclass_fields__}
        services.change_posting(posting, PostingFacts(**fields | {"assessor": assessor}), by=by, at=NOON)

    for posting, assessor in ((staff, staff), (head, staff)):
        with pytest.raises(PeopleRefused):
            name(posting, assessor)
    with pytest.raises(NotYours):
        name(staff, stranger)
    with pytest.raises(NotYours):
        name(staff, head, by=unit_hr)
    name(staff, head)

    assert Posting.objects.get(pk=staff.pk).assessor == head
    # Somebody above the subtree who assesses already may go on doing so when a unit's HR mends a word.
    facts = services.posting_facts(Posting.objects.get(pk=staff.pk))
    fields = {field: getattr(facts, field) for field in PostingFacts.__dataclass_fields__}
    services.change_posting(staff, PostingFacts(**fields | {"number": "7"}), by=unit_hr, at=NOON)
    assert Posting.objects.get(pk=staff.pk).assessor == head


# --- Roles -----------------------------------------------------------------------------------------------------------
def test_hr_gives_and_takes_roles_within_its_subtree(hr, unit):
    person = PostingFactory(organisation=unit).user

    role = services.give_role(person, Role.Kind.EXECUTIVE, unit, by=hr, at=NOON)
    with pytest.raises(PeopleRefused):
        services.give_role(person, Role.Kind.EXECUTIVE, unit, by=hr, at=NOON)
    services.take_role(role, by=hr, at=NOON)

    assert (verbs(), person.roles.count()) == (["role.given", "role.taken"], 0)


@pytest.mark.parametrize("who", ["unit_hr", "other_hr"])
def test_no_role_reaches_further_than_that_of_the_giver(request, who, province, unit):
    by = request.getfixturevalue(who)
    person = PostingFactory(organisation=unit).user

    with pytest.raises(NotYours):
        services.give_role(person, Role.Kind.HR, province, by=by, at=NOON)

    assert person.roles.count() == 0


def test_nobody_changes_their_own_roles(hr, province):
    with pytest.raises(NotYours):
        services.give_role(hr, Role.Kind.EXECUTIVE, province, by=hr, at=NOON)
    with pytest.raises(NotYours):
        services.take_role(hr.roles.get(), by=hr, at=NOON)

    assert [role.kind for role in hr.roles.all()] == [Role.Kind.HR]
