from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from agreements.actions import NotAllowed
from agreements.exchange.documents import read_document
from agreements.models import Event, Organisation, Revision, Role, Submission
from agreements.services import report_forms, submission_judging as judging, submissions
from agreements.services.submissions import CellWrite
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db
FORMS = Path(settings.BASE_DIR, "fixtures", "report_forms")
JANUARY = date(2013, 1, 1)
NOON = datetime(2013, 2, 13, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def document(**changes):
    path = FORMS / "centres-monthly.yaml"
    asked = {"reported_by": {"kinds": ["district"], "from": "2012-10-01"}}
    return read_document(path.read_bytes(), name=path.name) | asked | changes


class Tree:
    """A department with a province and two districts, each with its head, and a data reporter in the first."""

    def __init__(self):
        kinds = Organisation.Kind
        self.department = OrganisationFactory(kind=kinds.DEPARTMENT, code="dla")
        self.province = OrganisationFactory(parent=self.department, kind=kinds.PROVINCE, code="uttaradit")
        self.first = OrganisationFactory(parent=self.province, kind=kinds.DISTRICT, code="laplae")
        self.second = OrganisationFactory(parent=self.province, kind=kinds.DISTRICT, code="thapla")
        self.heads = {
            place.code: PostingFactory(organisation=place).user
            for place in (self.department, self.province, self.first, self.second)
        }
        self.reporter = RoleFactory(organisation=self.first, kind=Role.Kind.DATA_REPORTER).user
        self.form = report_forms.lay_down(document(), organisation=self.department, by=None, at=NOON)[0]

    def opened(self, place=None, period=JANUARY, at=NOON):
        place = place or self.first
        return submissions.open_submission(
            self.form, organisation=place, period=period, by=self.heads[place.code], at=at
        )


def row_of(number, every, established, not_yet):
    figures = {"all": every, "established": established, "not_yet": not_yet}
    return [CellWrite("centres", str(number), column, text) for column, text in figures.items()]


def filled(tree, place, every="10", established="2", not_yet="8"):
    submission = tree.opened(place)
    writes = [write for number in range(1, 12) for write in row_of(number, "0", "0", "-")]
    writes += row_of(1, every, established, not_yet)
    submissions.write_cells(submission, writes, by=tree.heads[place.code], at=NOON)
    return submission


def certified(tree, place, **figures):
    submission = filled(tree, place, **figures)
    submissions.complete(submission, by=tree.heads[place.code], at=NOON)
    submissions.certify(submission, by=tree.heads[place.code], at=NOON)
    submission.refresh_from_db()
    return submission


def test_figures_flow_up_the_tree_by_certifying_and_approving():
    tree = Tree()
    several = [certified(tree, tree.first), certified(tree, tree.second, every="9", established="3", not_yet="6")]

    judging.approve(several, by=tree.heads["uttaradit"], at=NOON)

    above = Submission.objects.get(organisation=tree.province)
    assert above.totals == {"centres.all": "19", "centres.established": "5", "centres.not_yet": "14"}
    assert above.reports == 2
    submissions.complete(above, by=tree.heads["uttaradit"], at=NOON)
    submissions.certify(above, by=tree.heads["uttaradit"], at=NOON)
    judging.approve([above], by=tree.heads["dla"], at=NOON)
    top = Submission.objects.get(organisation=tree.department)
    assert (top.totals, top.reports) == (above.totals, 2)


def test_a_returned_cell_makes_a_new_revision_and_the_old_one_stays():
    tree = Tree()
    submission = certified(tree, tree.first)
    remark = judging.Remark(("centres", "1", "established"), "นับใหม่")

    judging.return_for_changes(submission, remarks=[remark], reason="", by=tree.heads["uttaradit"], at=NOON)

    submission.refresh_from_db()
    assert (submission.state, submission.number) == ("draft", 2)
    assert submission.arrived_at == NOON
    submissions.write_cells(submission, row_of(1, "10", "4", "6"), by=tree.reporter, at=NOON)
    said = [
        submissions.values_of(submissions.observed(one))["centres", "1", "established"]
        for one in Revision.objects.order_by("number")
    ]
    assert said == ["2", "4"]


def test_taking_back_and_unlocking():
    tree = Tree()
    submission = certified(tree, tree.first)
    submissions.take_back(submission, reason="", by=tree.reporter, at=NOON)
    submission.refresh_from_db()
    assert (submission.state, submission.arrived_at) == ("draft", None)
    submissions.complete(submission, by=tree.reporter, at=NOON)
    submissions.certify(submission, by=tree.heads["laplae"], at=NOON)
    judging.approve([submission], by=tree.heads["uttaradit"], at=NOON)
    with pytest.raises(submissions.SubmissionRefused):
        submissions.take_back(submission, reason="", by=tree.reporter, at=NOON)

    judging.unlock(submission, reason="นับผิด", by=tree.heads["uttaradit"], at=NOON)

    assert Submission.objects.get(organisation=tree.province).totals == {}
    assert Event.objects.order_by("pk").last().verb == "submission.unlocked"


def test_a_reporter_does_not_certify_and_the_district_does_not_approve():
    tree = Tree()
    submission = filled(tree, tree.first)
    submissions.complete(submission, by=tree.reporter, at=NOON)

    with pytest.raises(NotAllowed):
        submissions.certify(submission, by=tree.reporter, at=NOON)
    submissions.certify(submission, by=tree.heads["laplae"], at=NOON)
    with pytest.raises(NotAllowed):
        judging.approve([submission], by=tree.heads["laplae"], at=NOON)
