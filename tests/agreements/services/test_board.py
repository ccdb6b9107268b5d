import datetime

import pytest
from django.http import QueryDict

from agreements import actions
from agreements.models import Agreement, Extension, Holiday, Round, State, Version
from agreements.services import amendments, board, deadlines, states
from agreements.services.board import Asked
from tests.factories import NOON, OrganisationFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db
FRIDAY = datetime.date(2013, 2, 15)
# Monday noon: what was due on Friday is late, unless a holiday or an extension makes it not.
AT = NOON


@pytest.fixture
def place():
    return office(propose_by=FRIDAY)


def late_keys(place, at=AT):
    return set(Agreement.objects.filter(board.late(place.round, at=at)).values_list("pk", flat=True))


def overdue_keys(place, at=AT):
    """Return what the list of those who did not submit says: the oracle."""
    found = deadlines.overdue(Agreement.objects.select_related("round", "organisation"), at=at)
    return {row.agreement.pk for rows in found.values() for row in rows}


def extend(place, until, *, unit=None, agreement=None, withdrawn=None, phase="propose"):
    Extension.objects.create(
        round=place.round, phase=phase, organisation=unit, agreement=agreement, until=until, reason="น้ำท่วม",
        granted_by=place.hr, granted_at=NOON, withdrawn_at=withdrawn,
    )  # fmt: skip


def _time_to_a_holiday(place):
    Round.objects.update(propose_by=FRIDAY - datetime.timedelta(days=1))
    extend(place, FRIDAY, unit=place.province)
    Holiday.objects.create(organisation=place.unit, day=FRIDAY, name="ประเพณีท้องถิ่น")


SUNDAY, MONDAY = datetime.date(2013, 2, 17), datetime.date(2013, 2, 18)
LATE = {
    "late": (lambda place: None, True),
    "proposed in time": (lambda place: bring_to(place, State.PROPOSED), False),
    "agreed": (lambda place: bring_to(place, State.AGREED), False),
    "ended": (lambda place: bring_to(place, State.ENDED), False),
    "due today": (lambda place: Round.objects.update(propose_by=MONDAY), False),
    "due on a Sunday": (lambda place: Round.objects.update(propose_by=SUNDAY), False),
    "no day": (lambda place: Round.objects.update(propose_by=None), False),
    "a holiday": (lambda place: Holiday.objects.create(organisation=place.province, day=FRIDAY, name="หยุด"), False),
    "a holiday of the unit": (
        lambda place: Holiday.objects.create(organisation=place.unit, day=FRIDAY, name="ประเพณีท้องถิ่น"), False,
    ),
    "a holiday of another unit": (
        lambda place: Holiday.objects.create(
            organisation=OrganisationFactory(parent=place.province), day=FRIDAY, name="ประเพณีท้องถิ่น"
        ), True,
    ),
    "the office had time to a holiday of the unit": (_time_to_a_holiday, False),
    "the unit has time": (lambda place: extend(place, MONDAY, unit=place.unit), False),
    "the unit had time": (lambda place: extend(place, datetime.date(2013, 2, 14), unit=place.unit), True),
    "the unit has time over a weekend": (lambda place: extend(place, SUNDAY, unit=place.unit), False),
    "another unit has time": (
        lambda place: extend(place, MONDAY, unit=OrganisationFactory(parent=place.province)), True,
    ),
    "the office has time": (lambda place: extend(place, MONDAY, unit=place.province), False),
    "it has time": (lambda place: extend(place, MONDAY, agreement=place.agreement), False),
    "it has time over a weekend": (lambda place: extend(place, SUNDAY, agreement=place.agreement), False),
    "another has time": (lambda place: extend(place, MONDAY, agreement=colleague(place).agreement), True),
    "time for another phase": (lambda place: extend(place, MONDAY, agreement=place.agreement, phase="report"), True),
    "time was taken back": (lambda place: extend(place, MONDAY, agreement=place.agreement, withdrawn=NOON), True),
}  # fmt: skip


@pytest.mark.parametrize("case", LATE)
def test_late_is_what_the_list_of_those_who_did_not_submit_says(place, case):
    change, expected = LATE[case]
    change(place)
    place.round.refresh_from_db()

    found = late_keys(place)

    assert (place.agreement.pk in found) == expected
    assert found == overdue_keys(place)
    row, calendar = Agreement.objects.for_list().get(pk=place.agreement.pk), deadlines.read([place.round])
    assert (board.overdue_since(row, calendar, at=AT) is not None) == expected


def test_an_amendment_in_mid_round_is_not_late(place):
    bring_to(place, State.AGREED)
    amendments.amend(place.version, by=place.assessee, reason="งานเปลี่ยน", at=NOON)

    assert (late_keys(place), overdue_keys(place)) == (set(), set())


def test_control_a_draft_is_late_where_no_amendment_makes_it_one(place):
    assert late_keys(place) == {place.agreement.pk}


# --- Returned --------------------------------------------------------------------------------------------------------
def returned_keys():
    return set(Agreement.objects.filter(board.returned()).values_list("pk", flat=True))


def mended_keys():
    """Return what the versions say of themselves: the oracle."""
    current = Version.objects.current().select_related("part__agreement")
    return {version.part.agreement_id for version in current if version.is_being_mended}


@pytest.mark.parametrize(
    ("state", "action", "by"),
    [
        (State.PROPOSED, actions.RETURN_PROPOSAL, "assessor"),
        (State.REPORTED, actions.RETURN_REPORT, "assessor"),
        (State.ASSESSED, actions.RETURN_ASSESSMENT, "hr"),
    ],
)
def test_returned_is_what_is_to_be_mended(state, action, by):
    place = bring_to(office(releases_on_assessment=False), state)
    colleague(place)
    assert returned_keys() == mended_keys() == set()

    states.return_with_reason(place.version, action, by=getattr(place, by), reason="ขาดหลักฐาน", at=NOON)

    assert returned_keys() == mended_keys() == {place.agreement.pk}


def test_what_was_mended_is_returned_no_more():
    place = bring_to(office(), State.PROPOSED)
    states.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้", at=NOON)
    bring_to(place, State.AGREED)

    assert returned_keys() == mended_keys() == set()


# --- What is asked for -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["state=draft&unit=7&below=1&only=late&q=สมมติ&sort=-since", "", "q=ก+ข", "sort=name"])
def test_what_is_asked_for_stands_in_the_address(query):
    asked = Asked.read(QueryDict(query))

    assert Asked.read(QueryDict(asked.query)) == asked
    assert QueryDict(asked.query) == QueryDict(query)


@pytest.mark.parametrize("query", ["state=odd", "unit=สอง", "unit=-1", "only=x", "sort=person__password", "unit=²"])
def test_what_means_nothing_asks_for_everything(query):
    assert Asked.read(QueryDict(query)) == Asked()


def test_hr_of_a_unit_is_listed_its_own_alone(place):
    beside = OrganisationFactory(parent=place.province, kind="group")
    other = colleague(place)
    Agreement.objects.filter(pk=other.agreement.pk).update(organisation=beside)
    place.assessee.roles.create(kind="hr", organisation=beside)

    found = board.listed(place.round, Asked(), by=place.assessee, at=NOON)

    # Their own, as a party, and those of the unit they look after.
    assert set(found) == {place.agreement, other.agreement}
    assert set(board.listed(place.round, Asked(unit=str(beside.pk)), by=place.assessee, at=NOON)) == {other.agreement}
    assert set(board.units_of(place.round, place.assessee)) == {beside}
