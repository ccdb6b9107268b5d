import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.exchange.people import BY_KEY, PeopleFile, Row
from agreements.models import Event, Posting, User
from agreements.services import staff_list
from agreements.services.staff_list import ListRefused
from tests.factories import NOON, OCTOBER, OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db

TODAY = NOON.date()


@pytest.fixture
def province():
    return OrganisationFactory(code="a", name="สำนักงาน")


@pytest.fixture
def unit(province):
    return OrganisationFactory(parent=province, code="a-1", name="กลุ่มงาน", kind="group")


@pytest.fixture
def hr(province):
    return RoleFactory(organisation=province, user__username="hr").user


@pytest.fixture
def chief(unit):
    return PostingFactory(organisation=unit, user__username="chief")


@pytest.fixture
def clerk(unit, chief):
    return PostingFactory(organisation=unit, assessor=chief, user__username="clerk", number="001")


def listed(*rows, numbers=()):
    found = (Row(number=number, texts=texts, numbers=numbers) for number, texts in enumerate(rows, start=2))
    return PeopleFile(rows=tuple(found), places={key: place for place, key in enumerate(BY_KEY)})


def row(username="new", **changed):
    found = dict.fromkeys(BY_KEY, "") | {"username": username, "first_name": "ใหม่", "unit": "a-1", "title": "นิติกร"}
    return found | {"starts_on": "1 ต.ค. 2555"} | changed


def present(posting, **changed):
    return staff_list.row_of(posting.user, posting) | changed


def planned(hr, *rows, **more):
    return staff_list.plan(listed(*rows, **more), by=hr, day=TODAY)


def faulty(hr, *rows):
    """Return the faulty columns of each row."""
    return [[fault.key for fault in entry.faults] for entry in planned(hr, *rows).entries]


def take(hr, *rows, shown=None):
    file = listed(*rows)
    shown = shown or staff_list.plan(file, by=hr, day=TODAY).digest
    return staff_list.take(file, by=hr, shown=shown, at=NOON, day=TODAY)


# --- What it would change --------------------------------------------------------------------------------------------
def test_the_list_that_was_downloaded_changes_nothing(hr, clerk):
    rows = staff_list.present_rows(hr, day=TODAY)

    plan = planned(hr, *rows)

    assert (len(rows), plan.counts) == (2, {"unchanged": 2})
    take(hr, *rows)
    assert Event.objects.count() == 0


def test_what_differs_is_told_before_and_after(hr, clerk):
    [entry] = planned(hr, present(clerk, level="ชำนาญการพิเศษ", last_name="ใหม่", assessor="")).entries

    assert entry.kind == "changed"
    assert [(change.key, change.before, change.after) for change in entry.changes] == [
        ("last_name", "ตัวอย่าง", "ใหม่"),
        ("level", "ชำนาญการ", "ชำนาญการพิเศษ"),
        ("assessor", staff_list.person_label(clerk.assessor.user), ""),
    ]


def test_zeros_that_a_spreadsheet_dropped_are_no_change(hr, clerk):
    assert planned(hr, present(clerk, number="1"), numbers=("number",)).counts == {"unchanged": 1}
    # The control: somebody typed 1.
    assert planned(hr, present(clerk, number="1")).counts == {"changed": 1}


@pytest.mark.parametrize("typed", ["a-1 : กลุ่มงาน", "a-1", "A-1", "กลุ่มงาน", "กลุ่ม งาน"])
def test_a_unit_is_known_by_code_or_name(hr, unit, typed):
    [entry] = planned(hr, row(unit=typed)).entries

    assert (entry.faults, entry.read.unit) == ([], unit)


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"username": ""}, "username"),
        ({"username": "มีไทย"}, "username"),
        ({"username": "stranger"}, "username"),
        ({"username": "Stranger"}, "username"),
        ({"first_name": ""}, "first_name"),
        ({"title": ""}, "title"),
        ({"title": "ก" * 201}, "title"),
        ({"email": "ก"}, "email"),
        ({"unit": "b"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"position_type": "อื่น"}, "position_type"),
        ({"is_acting": "อาจจะ"}, "is_acting"),
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "1/10/2012"}, "starts_on"),
        ({"ends_on": "32 ต.ค. 2555"}, "ends_on"),
        ({"ends_on": "1 ก.ย. 2555"}, "ends_on"),
        ({"assessor": "nobody"}, "assessor"),
        ({"assessor": "new"}, "assessor"),
        ({"assessor": "stranger"}, "assessor"),
    ],
)
def test_a_fault_stands_at_its_cell(hr, unit, changed, key):
    stranger = PostingFactory(user__username="stranger")
    assert stranger.organisation.code != "b"

    assert faulty(hr, row(**changed)) == [[key]]


def test_the_control_has_no_fault(hr, unit):
    assert faulty(hr, row()) == [[]]


def test_rows_that_contradict_each_other_are_faulty(hr, unit):
    assert faulty(hr, row(), row()) == [[], ["username"]]
    later = {"starts_on": "1 เม.ย. 2556", "first_name": "อื่น"}
    assert faulty(hr, row(ends_on="31 มี.ค. 2556"), row(**later)) == [[], ["first_name"]]


def test_two_positions_at_once_are_faulty_unless_one_is_acting(hr, clerk):
    second = present(clerk, starts_on="1 ม.ค. 2556", title="นิติกร")

    assert faulty(hr, second) == [["starts_on"]]
    assert faulty(hr, present(clerk), second) == [[], ["starts_on"]]
    assert faulty(hr, present(clerk), second | {"is_acting": "ใช่"}) == [[], []]
    assert faulty(hr, present(clerk, ends_on="31 ธ.ค. 2555"), second) == [[], []]
    # One that begins before what the office knows, and goes on.
    assert faulty(hr, second | {"starts_on": "1 ม.ค. 2550"}) == [["starts_on"]]


def test_assessors_who_leave_or_are_assessed_by_the_person_are_faulty(hr, clerk, chief):
    assert faulty(hr, present(chief, assessor="clerk")) == [["assessor"]]
    assert faulty(hr, row(assessor="clerk"), present(clerk, ends_on="31 ธ.ค. 2555")) == [["assessor"], []]
    assert faulty(hr, row(assessor="clerk"), present(clerk)) == [[], []]


def test_whose_account_reaches_further_is_not_renamed_from_below(hr, clerk, province):
    RoleFactory(user=clerk.user, organisation=OrganisationFactory())

    assert faulty(hr, present(clerk, last_name="ใหม่")) == [["username"]]
    assert faulty(hr, present(clerk, level="ชำนาญการพิเศษ")) == [[]]


def test_hr_of_a_unit_reaches_its_unit_only(clerk, province, unit):
    unit_hr = RoleFactory(organisation=unit).user
    above = PostingFactory(organisation=province, user__username="above")

    assert faulty(unit_hr, row(unit="a"), row("above"), row("x", assessor="above")) == [
        ["unit"],
        ["username"],
        ["assessor"],
    ]
    # Who assesses from above already may go on doing so.
    clerk.assessor = above
    clerk.save()
    assert planned(unit_hr, present(clerk, level="ชำนาญการพิเศษ")).counts == {"changed": 1}


@pytest.mark.parametrize("count", [1, 30])
def test_checking_asks_the_same_questions_for_few_and_many(hr, unit, chief, count):
    rows = [row(f"new{number}", assessor="chief") for number in range(count)]

    with CaptureQueriesContext(connection) as asked:
        plan = planned(hr, *rows)

    assert (plan.counts, len(asked)) == ({"new": count}, 9)


# --- Changing it -----------------------------------------------------------------------------------------------------
def test_a_list_is_taken_with_assessors_from_the_same_list(hr, unit, clerk):
    rows = [
        row("second", assessor="first : ใหม่", number="๐๐๗"),
        row("first"),
        present(clerk, level="ชำนาญการพิเศษ", assessor="first"),
    ]

    take(hr, *rows)

    first, second = (Posting.objects.get(user__username=name) for name in ("first", "second"))
    clerk.refresh_from_db()
    assert (second.assessor, clerk.assessor, clerk.level, second.number) == (first, first, "ชำนาญการพิเศษ", "007")
    assert second.user.account_state == "no_password"
    event = Event.objects.get()
    assert (event.verb, event.actor, event.office.code) == ("people.imported", hr, "a")
    assert [sorted(line) for line in event.text.details["rows"]] == [
        ["new", "person", "posting"],
        ["new", "person", "posting"],
        ["changed", "person", "posting"],
    ]


def test_a_person_gets_a_further_position(hr, clerk):
    take(hr, present(clerk), present(clerk, is_acting="ใช่", title="หัวหน้ากลุ่ม"))

    assert list(clerk.user.postings.order_by("pk").values_list("title", "is_acting")) == [
        (clerk.title, False),
        ("หัวหน้ากลุ่ม", True),
    ]


def test_one_faulty_row_stops_all(hr, unit):
    with pytest.raises(ListRefused):
        take(hr, row("good"), row("bad", unit="nowhere"))

    assert (User.objects.filter(username="good").count(), Event.objects.count()) == (0, 0)


def test_a_list_is_refused_if_the_office_changed_since_it_was_looked_at(hr, clerk):
    changed = present(clerk, level="ชำนาญการพิเศษ")
    shown = planned(hr, changed).digest
    Posting.objects.filter(pk=clerk.pk).update(level="เชี่ยวชาญ")

    with pytest.raises(ListRefused):
        take(hr, changed, shown=shown)
    take(hr, changed)

    clerk.refresh_from_db()
    assert clerk.level == "ชำนาญการพิเศษ"


def test_what_a_list_does_not_mention_stays(hr, clerk, chief):
    texts = {"username": "clerk", "first_name": clerk.user.first_name, "unit": "a-1", "title": "นิติกร"}
    texts |= {"starts_on": "1 ต.ค. 2555"}

    take(hr, texts)

    clerk.refresh_from_db()
    assert (clerk.title, clerk.level, clerk.number, clerk.assessor) == ("นิติกร", "ชำนาญการ", "001", chief)
    assert clerk.user.last_name == "ตัวอย่าง"
    assert clerk.starts_on == OCTOBER == datetime.date(2012, 10, 1)


def test_what_was_taken_is_counted_as_it_was_shown(hr, clerk):
    rows = [present(clerk), row("new.person")]
    shown = planned(hr, *rows).counts

    assert take(hr, *rows) == shown == {"unchanged": 1, "new": 1}


def test_a_list_survives_tis_620(hr, clerk):
    values = " ".join(staff_list.present_rows(hr, day=TODAY)[0].values())

    assert values.encode("cp874").decode("cp874") == values
