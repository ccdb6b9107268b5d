import random
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agreements.actions import NotAllowed
from agreements.models import CellComment, Event, Observation, Organisation, Revision, Role, Submission
from agreements.services import submission_judging as judging, submission_standing as standing, submissions
from agreements.services.report_cells import percentage
from agreements.services.submissions import SubmissionRefused
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory, UserFactory
from tests.guards import lifted
from tests.reporting import JANUARY, NOON, Tree, cells

pytestmark = pytest.mark.django_db
CELL = ("centres", "1", "established")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


# --- Sums ------------------------------------------------------------------------------------------------------------
def test_approved_figures_flow_up_level_by_level():
    tree = Tree()
    tree.approve(tree.certified(tree.first), tree.certified(tree.second, ("9", "3", "6")))

    province = tree.of(tree.province)
    assert province.totals == {"centres.all": "19", "centres.established": "5", "centres.not_yet": "14"}
    assert (province.reports, province.state) == (2, "draft")
    assert not Submission.objects.filter(organisation=tree.department).exists()

    tree.approve(tree.certify(province))
    country = tree.of(tree.department)
    assert (country.totals, country.reports) == (province.totals, 2)


def test_only_what_is_approved_counts():
    tree = Tree()
    tree.certified(tree.second, ("9", "3", "6"))
    tree.approve(tree.certified(tree.first))

    assert tree.of(tree.province).totals["centres.all"] == "10"


def test_a_percentage_of_many_is_of_their_sums_never_a_mean_of_percentages():
    tree = Tree()
    tree.approve(tree.certified(tree.first, ("90", "90", "0")), tree.certified(tree.second, ("10", "0", "10")))

    totals = tree.of(tree.province).totals

    assert percentage(totals, "centres", "established", "all") == 90  # the mean of 100 and 0 would be 50


def test_sums_of_long_figures_are_exact():
    tree = Tree(
        tables=[
            {
                "code": "money",
                "title": "เงิน",
                "rows": {"kind": "fixed", "titles": ["1"]},
                "columns": [{"code": "spent", "title": "จ่าย", "type": "money"}],
                "totals": ["spent"],
            }
        ]
    )
    several = []
    for place, amount in ((tree.first, "0.1"), (tree.second, "12345678901234567890.2")):
        opened = tree.opened(place)
        write = submissions.CellWrite("money", "1", "spent", amount)
        submissions.write_cells(opened, [write], by=tree.head(place), at=NOON)
        several.append(tree.certify(opened))
    tree.approve(*several)

    assert tree.of(tree.province).totals == {"money.spent": "12345678901234567890.3"}


@pytest.mark.parametrize("seed", range(6))
def test_the_sum_at_the_top_of_any_tree_is_the_sum_of_its_leaves(seed):
    chance, tree = random.Random(seed), Tree()
    leaves = grown(tree, chance)
    expected = {"centres.all": 0, "centres.established": 0, "centres.not_yet": 0}
    for leaf in leaves:
        done, open_ = chance.randrange(50), chance.randrange(50)
        figures = (str(done + open_), str(done), str(open_))
        tree.certified(leaf, figures)
        for key, value in zip(expected, figures, strict=True):
            expected[key] += int(value)

    bring_up(tree, tree.department)

    country = tree.of(tree.department)
    assert country.totals == {key: str(value) for key, value in expected.items()}
    assert country.reports == len(leaves)


def grown(tree, chance):
    """Return the districts of a random tree below the department, each unit with its head."""
    leaves = [tree.first, tree.second]
    inner = [tree.province]
    for number in range(chance.randrange(3, 8)):
        above = Organisation.objects.get(pk=chance.choice([tree.department, *inner]).pk)
        is_leaf = chance.random() < 0.6
        place = OrganisationFactory(parent=above, kind="district" if is_leaf else "province", code=f"grown-{number}")
        tree.heads[place.code] = PostingFactory(organisation=place).user
        (leaves if is_leaf else inner).append(place)
    return [Organisation.objects.get(pk=leaf.pk) for leaf in leaves]


def bring_up(tree, place):
    """Certify and approve everything below `place`, from the leaves up."""
    level = standing.level_of(tree.form, Organisation.objects.get(pk=place.pk), JANUARY, at=NOON)
    several = []
    for one in level.rows:
        bring_up(tree, one.organisation)
        found = tree.of(one.organisation)
        several.append(found if found.state == "certified" else tree.certify(found))
    if several:
        tree.approve(*several)


# --- Approving -------------------------------------------------------------------------------------------------------
def test_approving_says_by_whom_and_is_one_entry_that_lists_them():
    tree = Tree()
    several = tree.approve(tree.certified(tree.first), tree.certified(tree.second))

    revision = several[0].revisions.get()
    assert (revision.approved_by, revision.approved_at) == (tree.head(tree.province), NOON)
    event = Event.objects.get(verb="submission.approved")
    assert event.office == tree.province
    assert sorted(event.text.details["organisations"]) == ["laplae", "thapla"]


def test_where_one_cannot_be_approved_none_is():
    tree = Tree()
    certified, filled = tree.certified(tree.first), tree.filled(tree.second)

    with pytest.raises(SubmissionRefused, match="is not certified"):
        judging.approve([certified, filled], by=tree.head(tree.province), at=NOON)

    assert set(Submission.objects.values_list("state", flat=True)) == {"certified", "draft"}


def test_the_sums_of_what_is_certified_stand():
    tree = Tree()
    tree.approve(tree.certified(tree.first))
    late = tree.certified(tree.second)
    tree.certify(tree.of(tree.province))

    with pytest.raises(SubmissionRefused, match="for this period is certified"):
        judging.approve([late], by=tree.head(tree.province), at=NOON)
    with pytest.raises(SubmissionRefused, match="for this period is certified"):
        judging.unlock(tree.of(tree.first), reason="ผิด", by=tree.head(tree.province), at=NOON)


@pytest.mark.parametrize("name", ["stranger", "the district itself", "the department", "an executive"])
def test_nobody_else_judges(name, monkeypatch):
    tree = Tree()
    certified, approved = tree.certified(tree.first), tree.certified(tree.second)
    tree.approve(approved)
    user = {
        "stranger": UserFactory,
        "the district itself": lambda: tree.head(tree.first),
        "the department": lambda: tree.head(tree.department),
        "an executive": lambda: RoleFactory(organisation=tree.province, kind=Role.Kind.EXECUTIVE).user,
    }[name]()
    acts = (
        lambda: judging.unlock(approved, reason="ผิด", by=user, at=NOON),
        lambda: judging.approve([certified], by=user, at=NOON),
    )

    for act in (*acts, lambda: judging.return_for_changes(certified, remarks=[], reason="แก้", by=user, at=NOON)):
        with pytest.raises(NotAllowed):
            act()
    assert (tree.of(tree.first).state, tree.of(tree.second).state) == ("certified", "approved")

    # The control: without the question they go through.
    monkeypatch.setattr(
        "agreements.services.reporting_rights.ask_to_judge", lambda user, places, *, day: {one.pk: "" for one in places}
    )
    monkeypatch.setattr("agreements.services.submission_sums.ask_not_own", lambda several, *, by: None)
    for act in acts:
        act()
    assert (tree.of(tree.first).state, tree.of(tree.second).state) == ("approved", "draft")


def test_nobody_approves_what_they_certified_themselves(monkeypatch):
    tree = Tree()
    both = tree.head(tree.first)
    RoleFactory(organisation=tree.province, kind=Role.Kind.DATA_REPORTER, user=both)
    certified = tree.certified(tree.first)

    with pytest.raises(NotAllowed, match="Nobody approves what they certified themselves"):
        judging.approve([certified], by=both, at=NOON)
    # The control.
    monkeypatch.setattr("agreements.services.submission_sums.ask_not_own", lambda several, *, by: None)
    judging.approve([certified], by=both, at=NOON)


@pytest.mark.parametrize("number", [1, 9])
def test_nine_reports_are_approved_with_as_many_questions_as_one(number, django_assert_num_queries):
    tree = Tree()
    several = []
    for at in range(number):
        place = OrganisationFactory(
            parent=Organisation.objects.get(pk=tree.province.pk), kind="district", code=f"further-{at}"
        )
        tree.heads[place.code] = PostingFactory(organisation=place).user
        several.append(tree.certified(place))

    with django_assert_num_queries(14):
        judging.approve(several, by=tree.head(tree.province), at=NOON)

    assert tree.of(tree.province).reports == number


# --- Returning and unlocking -----------------------------------------------------------------------------------------
def test_a_returned_cell_is_said_with_it_until_it_is_seen_to():
    tree = Tree()
    certified = tree.certified(tree.first)
    remark = judging.Remark(CELL, " นับใหม่ ")

    judging.return_for_changes(certified, remarks=[remark], reason="", by=tree.head(tree.province), at=NOON)

    certified.refresh_from_db()
    comment = CellComment.objects.get()
    assert (certified.state, certified.number, certified.arrived_at) == ("draft", 2, NOON)
    assert (comment.cell, comment.text, comment.revision.number) == (CELL, "นับใหม่", 1)
    judging.resolve(comment, by=tree.reporter, at=NOON)
    comment.refresh_from_db()
    assert (comment.resolved_by, comment.resolved_at) == (tree.reporter, NOON)


@pytest.mark.parametrize(
    ("remarks", "said"),
    [
        ([], "Say what is to be changed: at a cell, or of the whole report."),
        ([judging.Remark(("centres", "99", "all"), "ก")], "There is no such cell in this report."),
        ([judging.Remark(CELL, " ")], "Say what is to be changed in this cell."),
    ],
)
def test_nothing_is_returned_without_saying_what(remarks, said):
    tree = Tree()
    certified = tree.certified(tree.first)

    with pytest.raises(SubmissionRefused, match=said):
        judging.return_for_changes(certified, remarks=remarks, reason="", by=tree.head(tree.province), at=NOON)
    assert tree.of(tree.first).state == "certified"


def test_unlocking_takes_its_figures_out_of_the_sum_and_keeps_what_was_approved():
    tree = Tree()
    first, _second = tree.approve(tree.certified(tree.first), tree.certified(tree.second, ("9", "3", "6")))

    with pytest.raises(SubmissionRefused, match="Give the reason"):
        judging.unlock(first, reason=" ", by=tree.head(tree.province), at=NOON)
    judging.unlock(first, reason="นับผิด", by=tree.head(tree.province), at=NOON)

    assert tree.of(tree.province).totals["centres.all"] == "9"
    first.refresh_from_db()
    submissions.write_cells(first, cells(1, ("11", "5", "6")), by=tree.reporter, at=NOON)
    tree.approve(tree.certify(first))
    assert tree.of(tree.province).totals["centres.all"] == "20"
    assert [one.totals["centres.all"] for one in first.revisions.order_by("number")] == ["10", "11"]


# --- Who has sent ----------------------------------------------------------------------------------------------------
def test_a_level_sees_who_has_sent_who_was_late_and_who_has_not():
    tree = Tree()
    third = OrganisationFactory(
        parent=Organisation.objects.get(pk=tree.province.pk), kind="district", code="tron", name="ฮ"
    )
    tree.certified(tree.first)
    at = NOON.replace(day=20)
    tree.certified(tree.second, at=at)

    level = standing.level_of(tree.form, tree.province, JANUARY, at=at)

    told = {one.organisation.code: (one.is_sent, one.days_late) for one in level.rows}
    # Due on Friday the 15th.
    assert told == {"laplae": (True, 0), "thapla": (True, 3), "tron": (False, 3)}
    assert [one.organisation for one in level.missing] == [third]
    assert [one.organisation.code for one in level.late] == ["thapla"]
    # Before its day is over nobody is late.
    early = standing.level_of(tree.form, tree.province, JANUARY, at=NOON)
    assert [one.organisation.code for one in early.overdue] == []


@pytest.mark.parametrize("number", [1, 6])
def test_a_level_is_read_with_as_many_questions_for_six_as_for_one(number, django_assert_num_queries):
    tree = Tree()
    for at in range(number):
        OrganisationFactory(parent=Organisation.objects.get(pk=tree.province.pk), kind="district", code=f"more-{at}")
    tree.certified(tree.first)

    with django_assert_num_queries(6):
        level = standing.level_of(tree.form, tree.province, JANUARY, at=NOON)

    assert len(level.rows) == number + 2


def test_what_reported_here_is_still_listed_here_after_it_went_elsewhere():
    tree = Tree()
    tree.certified(tree.first)
    other = OrganisationFactory(parent=Organisation.objects.get(pk=tree.department.pk), kind="province", code="phrae")
    moved = Organisation.objects.get(pk=tree.first.pk)
    Organisation.objects.move(moved, Organisation.objects.get(pk=other.pk), "last-child")

    def listed(place, period):
        level = standing.level_of(tree.form, Organisation.objects.get(pk=place.pk), period, at=NOON)
        return [one.organisation.code for one in level.rows]

    assert sorted(listed(tree.province, JANUARY)) == ["laplae", "thapla"]
    assert listed(other, JANUARY) == []
    assert listed(other, date(2013, 2, 1)) == ["laplae"]


# --- What the database refuses ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Observation, {"value": "99"}),
        (Revision, {"totals": {}}),
        (Revision, {"reason": "อื่น"}),
        (CellComment, {"text": "อื่น"}),
        (Submission, {"period": date(2012, 12, 1)}),
    ],
)
def test_the_database_keeps_what_was_certified(model, change):
    tree = Tree()
    certified = tree.certified(tree.first)
    remark = judging.Remark(CELL, "นับใหม่")
    judging.return_for_changes(certified, remarks=[remark], reason="", by=tree.head(tree.province), at=NOON)
    rows = model.objects.filter(pk=model.objects.order_by("pk").first().pk)

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        rows.update(**change)
    # The control.
    with lifted():
        assert rows.update(**change) == 1


def test_the_database_adds_no_cell_to_what_was_certified_and_lets_the_open_revision_be_written():
    tree = Tree()
    certified = tree.certified(tree.first)
    submissions.take_back(certified, reason="", by=tree.reporter, at=NOON)
    first, second = certified.revisions.order_by("number")
    cell = {"table": "centres", "row": "1", "column": "problems", "value": "ไม่มี", "written_at": NOON}

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Observation.objects.create(revision=first, **cell)
    Observation.objects.create(revision=second, **cell)
