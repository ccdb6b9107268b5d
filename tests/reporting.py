"""A tree of units that report by a form, for tests: who they are, and what they send."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings

from agreements.exchange.documents import read_document
from agreements.models import Organisation, Role, Submission
from agreements.services import report_forms, submission_judging as judging, submissions
from agreements.services.submissions import CellWrite
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory

FORMS = Path(settings.BASE_DIR, "fixtures", "report_forms")
JANUARY = date(2013, 1, 1)
# Two days before January's reports are due.
NOON = datetime(2013, 2, 13, 5, tzinfo=UTC)


def document(**changes):
    """Return the monthly report on the help centres, asked of every district."""
    path = FORMS / "centres-monthly.yaml"
    asked = {"reported_by": {"kinds": ["district"], "from": "2012-10-01"}}
    return read_document(path.read_bytes(), name=path.name) | asked | changes


class Tree:
    """A department with a province and two districts, each with its head, and a data reporter in the first."""

    def __init__(self, **changes):
        kinds = Organisation.Kind
        self.department = OrganisationFactory(kind=kinds.DEPARTMENT, code="dla")
        self.province = OrganisationFactory(parent=self.department, kind=kinds.PROVINCE, code="uttaradit")
        self.first = OrganisationFactory(parent=self.province, kind=kinds.DISTRICT, code="laplae")
        self.second = OrganisationFactory(parent=self.province, kind=kinds.DISTRICT, code="thapla")
        places = (self.department, self.province, self.first, self.second)
        self.heads = {place.code: PostingFactory(organisation=place).user for place in places}
        self.reporter = RoleFactory(organisation=self.first, kind=Role.Kind.DATA_REPORTER).user
        self.form = self.laid_down(**changes)

    def laid_down(self, **changes):
        """Return the form as the department asks for it, with these changes."""
        return report_forms.lay_down(document(**changes), organisation=self.department, by=None, at=NOON)[0]

    def head(self, place):
        """Return the head of a unit."""
        return self.heads[place.code]

    def opened(self, place=None, *, period=JANUARY, at=NOON):
        """Return the report of a unit, opened by its head."""
        place = place or self.first
        return submissions.open_submission(self.form, organisation=place, period=period, by=self.head(place), at=at)

    def filled(self, place=None, figures=("10", "2", "8"), *, period=JANUARY, at=NOON):
        """Return a report that is whole: one row with these figures, the others with none."""
        place = place or self.first
        submission = self.opened(place, period=period, at=at)
        writes = [one for number in range(1, 12) for one in cells(number, ("0", "0", "0"))]
        writes += cells(1, figures)
        submissions.write_cells(submission, writes, by=self.head(place), at=at)
        return submission

    def certified(self, place=None, figures=("10", "2", "8"), *, period=JANUARY, at=NOON):
        """Return a report that went to the unit above."""
        place = place or self.first
        return self.certify(self.filled(place, figures, period=period, at=at), at=at)

    def certify(self, submission, *, at=NOON):
        """Return the report, completed and certified by the head of its unit."""
        by = self.head(submission.organisation)
        submissions.complete(submission, by=by, at=at)
        submissions.certify(submission, by=by, at=at)
        submission.refresh_from_db()
        return submission

    def approve(self, *several, at=NOON):
        """Let the unit above approve reports, and return them."""
        above = self.head(several[0].above)
        judging.approve(several, by=above, at=at)
        for one in several:
            one.refresh_from_db()
        return several

    def of(self, place, period=JANUARY):
        """Return the report of a unit as it is now."""
        return Submission.objects.get(organisation=place, form_code=self.form.code, period=period)


def cells(row, figures):
    """Return what is typed into a row of the form: all, established and not yet."""
    return [
        CellWrite("centres", str(row), column, text)
        for column, text in zip(("all", "established", "not_yet"), figures, strict=True)
    ]
