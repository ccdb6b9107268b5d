"""A unit that reports: a department, a province and districts, with a form of every kind of column and row."""

from datetime import UTC, date, datetime

from agreements.models import Organisation, Role
from agreements.services import report_forms, submissions
from agreements.services.submissions import CellWrite
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory

JANUARY = date(2013, 1, 1)
NOON = datetime(2013, 2, 13, 5, tzinfo=UTC)
DECEMBER_NOON = datetime(2013, 1, 10, 5, tzinfo=UTC)
FIGURES = [
    {"code": "all", "title": "จำนวน อปท. ทั้งหมด", "type": "count", "unit": "แห่ง", "required": True},
    {"code": "done", "title": "จัดตั้งแล้ว", "type": "count", "group": "ศูนย์ช่วยเหลือประชาชน", "required": True},
    {"code": "not_yet", "title": "ยังไม่จัดตั้ง", "type": "count", "group": "ศูนย์ช่วยเหลือประชาชน", "required": True},
    {"code": "note", "title": "ปัญหา/อุปสรรค (ถ้ามี)", "type": "text"},
]
EVERY_KIND = [
    {"code": "name", "title": "ชื่อโครงการ", "type": "text", "required": True},
    {"code": "money", "title": "งบประมาณ", "type": "money", "unit": "บาท"},
    {"code": "share", "title": "ร้อยละ", "type": "number"},
    {"code": "day", "title": "วันที่อนุมัติ", "type": "date"},
    {"code": "fits", "title": "เป็นไปตามแผน", "type": "tick"},
    {"code": "kind", "title": "ประเภท", "type": "choice", "choices": ["ใหม่", "ต่อเนื่อง"]},
]
FILES = [{"code": "letter", "title": "หนังสือนำส่ง", "type": "file"}, {"code": "day", "title": "ลงวันที่", "type": "date"}]
CHECKED = {
    "totals": ["all", "done", "not_yet"],
    "checks": [{"add": ["done", "not_yet"], "gives": "all"}],
    "ratios": [{"title": "ร้อยละของศูนย์ที่จัดตั้งแล้ว", "of": "done", "to": "all"}],
}


def table(code, columns, rows, **more):
    """Return the document of a table."""
    return {"code": code, "title": f"ตาราง {code}", "rows": rows, "columns": columns, **more}


def fixed(count=3, title="อำเภอ"):
    """Return fixed rows."""
    return {"kind": "fixed", "heading": "อำเภอ", "titles": [f"{title} {number}" for number in range(1, count + 1)]}


def document(*tables, **changes):
    """Return the document of a monthly form that districts report by."""
    return {
        "code": "monthly",
        "title": "แบบรายงานการจัดตั้งศูนย์ช่วยเหลือประชาชน",
        "period": "month",
        "due": {"day": 15, "months_after": 1},
        "reported_by": {"kinds": ["district"], "from": "2012-10-01"},
        "certified_by": "head",
        "tables": list(tables) or [table("centres", FIGURES, fixed(), **CHECKED)],
    } | changes


class Units:
    """A department with a province and two districts, each with its head, and a data reporter in the first."""

    def __init__(self, *tables, **changes):
        kinds = Organisation.Kind
        self.department = OrganisationFactory(kind=kinds.DEPARTMENT, code="dla")
        self.province = OrganisationFactory(parent=self.department, kind=kinds.PROVINCE, code="uttaradit")
        self.district = OrganisationFactory(parent=self.province, kind=kinds.DISTRICT, code="laplae")
        self.other = OrganisationFactory(parent=self.province, kind=kinds.DISTRICT, code="thapla")
        self.heads = {
            place.code: PostingFactory(organisation=place).user
            for place in (self.department, self.province, self.district, self.other)
        }
        self.head = self.heads["laplae"]
        self.reporter = RoleFactory(organisation=self.district, kind=Role.Kind.DATA_REPORTER).user
        self.form = self.laid_down(*tables, **changes)

    def laid_down(self, *tables, **changes):
        """Return the form as the department asks for it."""
        return report_forms.lay_down(document(*tables, **changes), organisation=self.department, by=None, at=NOON)[0]

    def opened(self, period=JANUARY, place=None, at=NOON):
        """Return the report of a district, begun."""
        place = place or self.district
        return submissions.open_submission(
            self.form, organisation=place, period=period, by=self.heads[place.code], at=at
        )

    def write(self, submission, *cells, at=NOON):
        """Write cells given as "table/row/column", text."""
        writes = [CellWrite(*place.split("/"), text=text) for place, text in cells]
        return submissions.write_cells(submission, writes, by=self.head, at=at)

    def filled(self, **options):
        """Return a report of the table of centres, balanced in every row."""
        submission = self.opened(**options)
        figures = [(column, text) for column, text in (("all", "10"), ("done", "4"), ("not_yet", "6"))]
        self.write(
            submission,
            *((f"centres/{row}/{column}", text) for row in (1, 2, 3) for column, text in figures),
            at=options.get("at", NOON),
        )
        return submission

    def certified(self, **options):
        """Return it certified."""
        submission = self.filled(**options)
        submissions.complete(submission, by=self.head, at=options.get("at", NOON))
        submissions.certify(submission, by=self.head, at=options.get("at", NOON))
        submission.refresh_from_db()
        return submission


def cells_of(submission):
    """Return what the revision that counts holds: by address, the value and whether it fits."""
    kept = submissions.observed(submissions.revision_of(submission))
    return {"/".join(cell): (one.value, one.is_valid) for cell, one in kept.items()}
