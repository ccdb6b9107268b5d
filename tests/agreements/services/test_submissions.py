from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from agreements.actions import NotAllowed
from agreements.models import Event, Observation, Organisation, Role, Submission, User
from agreements.services import submission_judging as judging, submissions
from agreements.services.submissions import CellWrite, SubmissionRefused
from tests.factories import OrganisationFactory, RoleFactory, UserFactory
from tests.reporting import JANUARY, NOON, Tree, cells

pytestmark = pytest.mark.django_db
CELL = ("centres", "1", "established")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def write(tree, submission, *writes, by=None):
    return submissions.write_cells(submission, writes, by=by or tree.reporter, at=NOON)


def values(submission):
    cells = submissions.observed(submissions.revision_of(submission))
    return {cell: (one.value, one.is_valid) for cell, one in cells.items()}


# --- Opening ---------------------------------------------------------------------------------------------------------
def test_a_report_is_opened_once_with_its_days_and_to_whom_it_goes():
    tree = Tree()

    opened = tree.opened()

    assert (opened.above, opened.due_on, opened.closes_on) == (tree.province, date(2013, 2, 15), None)
    assert opened.line == f"/{tree.department.pk}/{tree.province.pk}/{tree.first.pk}/"
    assert tree.opened() == opened
    assert Event.objects.filter(verb__startswith="submission").count() == 0


@pytest.mark.parametrize(
    ("place", "period", "said"),
    [
        ("first", date(2012, 9, 1), "This form does not ask for this period."),
        ("first", date(2013, 3, 1), "This period has not begun yet."),
        ("elsewhere", JANUARY, "does not report by this form."),
    ],
)
def test_no_report_is_opened_where_none_is_asked_for(place, period, said):
    tree = Tree()
    elsewhere = OrganisationFactory(parent=tree.department, kind="bureau")
    by = RoleFactory(organisation=tree.department, kind=Role.Kind.DATA_REPORTER).user
    asked = elsewhere if place == "elsewhere" else tree.first

    with pytest.raises(SubmissionRefused, match=said):
        submissions.open_submission(tree.form, organisation=asked, period=period, by=by, at=NOON)
    assert Submission.objects.count() == 0


# --- Entering --------------------------------------------------------------------------------------------------------
def test_cells_are_read_as_people_type_them_and_what_does_not_fit_is_kept_and_told():
    tree = Tree()
    opened = tree.opened()

    told = write(
        tree, opened,
        CellWrite("centres", "1", "all", "๑,๐๐๐"),
        CellWrite("centres", "1", "established", "-"),
        CellWrite("centres", "1", "not_yet", "สองแห่ง"),
        CellWrite("centres", "1", "problems", "  ไม่มี "),
    )  # fmt: skip

    assert [(one.value, one.shown) for one in told] == [
        ("1000", "1,000"), ("0", "0"), ("สองแห่ง", "สองแห่ง"), ("ไม่มี", "ไม่มี"),
    ]  # fmt: skip
    assert [one.complaint for one in told] == [
        "", "", "This is not a number. Use digits only, for example 1,234.50.", "",
    ]  # fmt: skip
    assert values(opened)["centres", "1", "not_yet"] == ("สองแห่ง", False)


def test_an_empty_cell_has_no_row_and_is_not_nought():
    tree = Tree()
    opened = tree.opened()
    write(tree, opened, CellWrite(*CELL, "5"))

    told = write(tree, opened, CellWrite(*CELL, " "))

    assert (told[0].value, Observation.objects.count()) == ("", 0)


def test_what_somebody_else_wrote_meanwhile_is_left_and_told():
    tree = Tree()
    opened = tree.opened()
    write(tree, opened, CellWrite(*CELL, "5"))

    told = write(tree, opened, CellWrite(*CELL, "7", seen="3"), CellWrite("centres", "1", "all", "9", seen=""))

    assert [(one.value, one.changed_meanwhile) for one in told] == [("5", True), ("9", False)]
    # The control: whoever saw it writes over it.
    assert write(tree, opened, CellWrite(*CELL, "7", seen="5"))[0].value == "7"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (("other", "1", "all"), "There is no such table in this form."),
        (("centres", "12", "all"), "There is no such row in “จำนวนศูนย์ช่วยเหลือประชาชน”."),
        (("centres", "1", "other"), "There is no such column in “จำนวนศูนย์ช่วยเหลือประชาชน”."),
    ],
)
def test_with_a_cell_that_is_not_there_nothing_is_written(cell, said):
    tree = Tree()
    opened = tree.opened()

    with pytest.raises(SubmissionRefused, match=said):
        write(tree, opened, CellWrite(*CELL, "5"), CellWrite(*cell, "5"))
    assert Observation.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 11])
def test_many_cells_are_written_with_as_many_questions_as_one(rows, django_assert_num_queries):
    tree = Tree()
    opened = tree.opened()
    writes = [one for row in range(1, rows + 1) for one in cells(row, ("3", "2", "1"))]

    with django_assert_num_queries(9):
        write(tree, opened, *writes)

    assert Observation.objects.count() == rows * 3


def test_what_is_written_after_completing_makes_it_a_draft_again():
    tree = Tree()
    filled = tree.filled()
    submissions.complete(filled, by=tree.reporter, at=NOON)

    write(tree, filled, CellWrite("centres", "1", "problems", "ไม่มี"))

    filled.refresh_from_db()
    assert filled.state == Submission.State.DRAFT


# --- Completing and certifying ---------------------------------------------------------------------------------------
def test_a_report_is_complete_only_when_nothing_is_missing_and_its_checks_hold():
    tree = Tree()
    filled = tree.filled(figures=("10", "2", "7"))
    write(tree, filled, CellWrite("centres", "2", "all", ""), CellWrite("centres", "3", "all", "x"))

    with pytest.raises(submissions.Incomplete) as refusal:
        submissions.complete(filled, by=tree.reporter, at=NOON)

    assert [one.words for one in refusal.value.findings] == [
        "เมืองอุตรดิตถ์ (อบจ.อุตรดิตถ์): จัดตั้งแล้ว + ยังไม่จัดตั้ง make 9 together, but จำนวน อปท. ทั้งหมด says 10.",
        "เมืองอุตรดิตถ์ (เทศบาลเมืองอุตรดิตถ์), จำนวน อปท. ทั้งหมด is empty. Type 0 if there is none.",
        "เมืองอุตรดิตถ์, จำนวน อปท. ทั้งหมด: what stands there does not fit.",
    ]
    filled.refresh_from_db()
    assert filled.state == Submission.State.DRAFT


def test_certifying_locks_it_and_says_who_did_and_what_came_to_it():
    tree = Tree()

    certified = tree.certified(tree.first)

    revision = certified.revisions.get()
    assert (certified.state, certified.arrived_at, certified.days_late) == ("certified", NOON, 0)
    assert certified.totals == {"centres.all": "10", "centres.established": "2", "centres.not_yet": "8"}
    assert (revision.certified_by, revision.totals) == (tree.head(tree.first), certified.totals)
    with pytest.raises(SubmissionRefused, match="is locked"):
        write(tree, certified, CellWrite(*CELL, "5"))
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "report_form.laid_down", "submission.completed", "submission.certified",
    ]  # fmt: skip


def test_lateness_is_counted_in_working_days_of_the_office():
    tree = Tree()
    # Due on Friday 15 February; Monday 18 is a holiday of the district.
    tree.first.holidays.create(day=date(2013, 2, 18), name="วันหยุดของอำเภอ")
    tuesday = datetime(2013, 2, 19, 9, tzinfo=UTC)

    late = tree.certified(tree.first, at=tuesday)
    # The control: for a unit without that holiday it is two days.
    other = tree.certified(tree.second, at=tuesday)

    assert (late.days_late, other.days_late) == (1, 2)


def test_a_closed_month_takes_nothing_but_what_was_given_back():
    tree = Tree(due={"day": 15, "months_after": 1, "closes_after": 2})
    opened = tree.opened()
    certified = tree.certified(tree.second)
    # Two working days after the 15th is Tuesday the 19th.
    after = datetime(2013, 2, 20, 9, tzinfo=UTC)
    assert opened.closes_on == date(2013, 2, 19)

    for act in (
        lambda: submissions.write_cells(opened, cells(1, ("1", "1", "0")), by=tree.reporter, at=after),
        lambda: submissions.complete(opened, by=tree.reporter, at=after),
    ):
        with pytest.raises(SubmissionRefused, match=r"It closed on 19 ก\.พ\. 2556 and takes nothing any more\."):
            act()

    judging.return_for_changes(certified, remarks=[], reason="แก้", by=tree.head(tree.province), at=after)
    told = submissions.write_cells(certified, cells(1, ("9", "3", "6")), by=tree.head(tree.second), at=after)
    assert [one.complaint for one in told] == ["", "", ""]


def test_what_was_taken_back_has_not_arrived_and_its_certified_revision_stays():
    tree = Tree()
    certified = tree.certified(tree.first)

    submissions.take_back(certified, reason="นับผิด", by=tree.reporter, at=NOON)
    certified.refresh_from_db()
    write(tree, certified, *cells(1, ("10", "4", "6")))

    first, second = certified.revisions.order_by("number")
    assert (certified.state, certified.number, certified.arrived_at) == ("draft", 2, None)
    assert (second.cause, second.reason) == ("taken_back", "นับผิด")
    assert [submissions.observed(one)[CELL].value for one in (first, second)] == ["2", "4"]


def test_after_approval_only_the_unit_above_gives_it_back():
    tree = Tree()
    (approved,) = tree.approve(tree.certified(tree.first))

    with pytest.raises(SubmissionRefused, match="only the unit above can unlock it"):
        submissions.take_back(approved, reason="", by=tree.reporter, at=NOON)


# --- Who may ---------------------------------------------------------------------------------------------------------
OUTSIDERS = ["stranger", "head of the other district", "reporter of the other district", "executive of the province"]


def outsider(tree, name):
    if name == "stranger":
        return UserFactory()
    if name == "head of the other district":
        return tree.head(tree.second)
    if name == "reporter of the other district":
        return RoleFactory(organisation=tree.second, kind=Role.Kind.DATA_REPORTER).user
    return RoleFactory(organisation=tree.province, kind=Role.Kind.EXECUTIVE).user


@pytest.mark.parametrize("name", OUTSIDERS)
def test_nobody_else_enters_completes_or_takes_back(name, monkeypatch):
    tree = Tree()
    filled, certified = tree.filled(tree.first), tree.certified(tree.first, period=date(2012, 12, 1))
    user, problem = outsider(tree, name), ("centres", "1", "problems")
    acts = (
        lambda: submissions.open_submission(tree.form, organisation=tree.first, period=JANUARY, by=user, at=NOON),
        lambda: write(tree, filled, CellWrite(*problem, "ไม่มี"), by=user),
        lambda: submissions.complete(filled, by=user, at=NOON),
        lambda: submissions.take_back(certified, reason="", by=user, at=NOON),
    )

    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert problem not in values(filled)

    # The control: without the question they all go through.
    monkeypatch.setattr("agreements.services.reporting_rights.ask_to_enter", lambda user, place, *, day: None)
    for act in acts:
        act()
    assert values(filled)[problem] == ("ไม่มี", True)


def test_a_reporter_enters_and_the_head_alone_certifies(monkeypatch):
    tree = Tree()
    filled = tree.filled(tree.first)
    submissions.complete(filled, by=tree.reporter, at=NOON)

    for user in (tree.reporter, tree.head(tree.province), tree.head(tree.second)):
        with pytest.raises(NotAllowed, match="may certify"):
            submissions.certify(filled, by=user, at=NOON)

    # The control: whom the house takes for the head certifies.
    monkeypatch.setattr(
        "agreements.services.heads.position_as_head",
        lambda user, place, *, day: user.postings.first() or tree.head(place).postings.get(),
    )
    submissions.certify(filled, by=tree.reporter, at=NOON)
    filled.refresh_from_db()
    assert filled.state == "certified"


def test_who_reads_and_enters_what():
    tree = Tree()
    tree.filled(tree.first)
    tree.certified(tree.second)
    seen = {}
    readers = {
        "reporter": tree.reporter,
        "executive": RoleFactory(organisation=tree.province, kind=Role.Kind.EXECUTIVE).user,
        "auditor of the second": RoleFactory(organisation=tree.second, kind=Role.Kind.AUDITOR).user,
        "hr": RoleFactory(organisation=tree.province, kind=Role.Kind.HR).user,
        "stranger": UserFactory(),
    }
    for name, user in readers.items():
        read = Submission.objects.visible_to(user).values_list("organisation__code", flat=True)
        entered = Submission.objects.editable_by(user).values_list("organisation__code", flat=True)
        seen[name] = (sorted(read), sorted(entered))

    assert seen == {
        "reporter": (["laplae"], ["laplae"]),
        "executive": (["laplae", "thapla"], []),
        "auditor of the second": (["thapla"], []),
        "hr": ([], []),
        "stranger": ([], []),
    }


def test_the_head_reads_what_comes_from_below_and_enters_their_own():
    tree = Tree()
    tree.filled(tree.first)
    head = User.objects.get(pk=tree.head(tree.province).pk)
    assert Submission.objects.visible_to(head).count() == 0
    head.heads = frozenset({tree.province.pk})

    assert Submission.objects.visible_to(head).count() == 1
    assert Submission.objects.editable_by(head).count() == 0


# --- Where a unit goes -----------------------------------------------------------------------------------------------
def test_a_unit_that_goes_elsewhere_keeps_its_past_where_it_reported():
    tree = Tree()
    other = OrganisationFactory(parent=Organisation.objects.get(pk=tree.department.pk), kind="province", code="phrae")
    tree.approve(tree.certified(tree.first), tree.certified(tree.second, ("9", "3", "6")))
    before = tree.of(tree.province).totals
    moved = Organisation.objects.get(pk=tree.first.pk)
    Organisation.objects.move(moved, Organisation.objects.get(pk=other.pk), "last-child")
    # A new unit takes the place in the tree that it left.
    new = OrganisationFactory(parent=Organisation.objects.get(pk=tree.province.pk), kind="district", code="new")
    past = tree.of(tree.first)
    reads = {
        place.code: set(Submission.objects.visible_to(RoleFactory(organisation=place, kind="executive").user))
        for place in (tree.province, other, new, tree.first)
    }

    assert tree.of(tree.province).totals == before
    assert past in reads["uttaradit"]
    assert reads["phrae"] == reads["new"] == set()
    assert reads["laplae"] == {past}
    # What it reports from now on goes to the new province.
    february = submissions.open_submission(
        tree.form, organisation=Organisation.objects.get(pk=tree.first.pk), period=date(2013, 2, 1),
        by=tree.reporter, at=NOON,
    )  # fmt: skip
    assert february.above == other
