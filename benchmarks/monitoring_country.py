"""One monthly form of a whole department, on the database of the KPI_* settings; started by monitoring.py.

It fills that database, which has to be empty.
"""

import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

# Before the directory of this file.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "kpi_portal.settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- the models need the settings above
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from treebeard.mp_tree import MP_Node  # noqa: E402

from agreements.models import (  # noqa: E402
    Observation,
    Organisation,
    Posting,
    Revision,
    Role,
    Submission,
    User,
)
from agreements.services import (  # noqa: E402
    report_forms,
    reporting_days,
    reporting_units,
    submission_judging as judging,
    submission_standing as standing,
)
from benchmarks.figures import best, say  # noqa: E402

DISTRICTS, LOCAL_GOVERNMENTS, PROVINCES = 878, 7850, 76
FIRST = date(2010, 10, 1)
AT = datetime(2012, 12, 10, 5, tzinfo=UTC)
FORM = {
    "code": "centres",
    "title": "แบบรายงานการจัดตั้งศูนย์ช่วยเหลือประชาชน",
    "period": "month",
    "due": {"day": 15, "months_after": 1},
    "reported_by": {"kinds": ["local_government"], "from": FIRST.isoformat()},
    "certified_by": "head",
    "tables": [
        {
            "code": "centres",
            "title": "ศูนย์",
            "rows": {"kind": "fixed", "titles": ["ศูนย์"]},
            "columns": [
                {"code": "all", "title": "ทั้งหมด", "type": "count"},
                {"code": "established", "title": "จัดตั้งแล้ว", "type": "count"},
                {"code": "not_yet", "title": "ยังไม่จัดตั้ง", "type": "count"},
            ],
            "totals": ["all", "established", "not_yet"],
            "ratios": [{"title": "ร้อยละ", "of": "established", "to": "all"}],
        }
    ],
}
# A page takes milliseconds: the fastest of many runs is hardly touched by what else the machine does.
TIMES = 60
# Statements that begin and end a transaction are no work on any row.
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


# --- The department --------------------------------------------------------------------------------------------------
def grow(provinces):
    """Make the department with its provinces, districts and local governments, as many of these as the country has."""
    top = Organisation.objects.add_root(
        instance=Organisation(code="dla", name="กรมส่งเสริมการปกครองท้องถิ่น", kind="department")
    )
    shares = DISTRICTS * provinces // PROVINCES, LOCAL_GOVERNMENTS * provinces // PROVINCES
    above = [top]
    for kind, number in (("province", provinces), ("district", shares[0]), ("local_government", shares[1])):
        above = _below(above, kind, number)
    return Organisation.objects.get(pk=top.pk)


def _below(above, kind, number):
    """Return `number` units of a kind, spread evenly below `above`."""
    made = []
    for at in range(number):
        parent = above[at % len(above)]
        parent.numchild += 1
        path = parent.path + MP_Node._int2str(parent.numchild).rjust(Organisation.steplen, "0")  # noqa: SLF001
        name = f"{kind}-{at}"
        made.append(Organisation(code=name, name=name, sort_key=name, kind=kind, path=path, depth=parent.depth + 1))
    Organisation.objects.bulk_create(made)
    Organisation.objects.bulk_update(above, ["numchild"])
    return list(Organisation.objects.filter(kind=kind).order_by("path"))


def certified(form, units, period, by):
    """Store certified reports of `units` for `period`, with their three cells, as their heads would have sent them."""
    lines, above = reporting_units.lines_of(units), reporting_units.above_of_all(form, units)
    due = reporting_days.days_of(form, period, frozenset()).due
    figures = {unit.pk: (20 + unit.pk % 7, unit.pk % 20) for unit in units}
    made = Submission.objects.bulk_create(
        Submission(
            form=form, form_code=form.code, organisation=unit, period=period, above_id=above[unit.pk],
            line=lines[unit.pk], state="certified", due_on=due, arrived_at=AT, days_late=0, reports=1, opened_at=AT,
            totals=totals_of(*figures[unit.pk]),
        )
        for unit in units
    )  # fmt: skip
    revisions = Revision.objects.bulk_create(
        Revision(submission=one, number=1, begun_at=AT, certified_by=None, totals=one.totals) for one in made
    )
    Observation.objects.bulk_create(
        Observation(revision=revision, table="centres", row="1", column=key.split(".")[1], value=value, written_at=AT)
        for revision in revisions
        for key, value in revision.totals.items()
    )
    Revision.objects.filter(certified_at=None, certified_by=None, submission__state="certified").update(
        certified_by=by, certified_at=AT
    )
    return made


def totals_of(every, done):
    """Return the totals of one report."""
    return {"centres.all": str(every), "centres.established": str(done), "centres.not_yet": str(every - done)}


# --- One month -------------------------------------------------------------------------------------------------------
class Months:
    """The form as it is sent up month after month, and what each level asked the database for."""

    def __init__(self, provinces):
        self.top = grow(provinces)
        self.approver, self.sender = (
            User.objects.create(username=name, first_name=name) for name in ("approver", "sender")
        )
        Posting.objects.create(user=self.approver, organisation=self.top, title="หัวหน้า", starts_on=FIRST)
        Role.objects.create(user=self.approver, organisation=self.top, kind=Role.Kind.DATA_REPORTER)
        self.form = report_forms.lay_down(FORM, organisation=self.top, by=None, at=AT)[0]
        self.units = list(Organisation.objects.filter(kind="local_government").order_by("pk"))

    def send_up(self, period):
        """Return for each level, from below, how many statements approving and summing it took, and the seconds."""
        certified(self.form, self.units, period, self.sender)
        told = []
        for kind in ("local_government", "district", "province"):
            waiting = Submission.objects.of_period(self.form, period).filter(organisation__kind=kind)
            if kind != "local_government":
                waiting.update(state="certified", arrived_at=AT, days_late=0)
                Revision.objects.filter(submission__in=waiting).update(certified_by=self.sender, certified_at=AT)
            several = list(waiting)
            begun = time.perf_counter()
            with CaptureQueriesContext(connection) as asked:
                judging.approve(several, by=self.approver, at=AT)
            counted = [one for one in asked.captured_queries if not one["sql"].lstrip("-").startswith(FRAME)]
            told.append((kind, len(several), len(counted), time.perf_counter() - begun))
        return told

    def check(self, period):
        """Refuse figures if the country's are not the sum of its local governments'."""
        country = Submission.objects.of_period(self.form, period).get(organisation=self.top)
        expected = [sum(values) for values in zip(*((20 + one.pk % 7, one.pk % 20) for one in self.units), strict=True)]
        if country.totals != totals_of(*expected) or country.reports != len(self.units):
            raise AssertionError(country.totals)

    def page(self, period):
        """Do what the country's page does: who has sent, and the sums."""
        level = standing.level_of(self.form, self.top, period, at=AT)
        return [one.submission.totals for one in level.rows if one.submission], level.own.totals

    def trend(self, months):
        """Read the country's totals of the last so many months."""
        rows = Submission.objects.filter(form_code=self.form.code, organisation=self.top).order_by("-period")
        return list(rows.values_list("period", "totals")[:months])


def months_of(count):
    """Return the first days of so many months."""
    return [date(FIRST.year + (FIRST.month - 1 + at) // 12, (FIRST.month - 1 + at) % 12 + 1, 1) for at in range(count)]


def main(provinces, months):
    """Print the figures of this database."""
    call_command("migrate", verbosity=0)
    vendor, country, periods = connection.vendor, Months(provinces), months_of(months)
    aim = {"sqlite": 60, "postgresql": 12}[vendor]
    for kind, number, statements, seconds in country.send_up(periods[0]):
        say(
            f"statements to approve and sum every {kind}, {vendor}", statements, aim,
            units=number, seconds=round(seconds, 2),
        )  # fmt: skip
    country.check(periods[0])
    # The first times everything is slower, whatever it reads.
    country.page(periods[0]), country.trend(1)
    early, alone = best(lambda: country.page(periods[0]), TIMES), best(lambda: country.trend(1), TIMES)
    for period in periods[1:]:
        country.send_up(period)
    country.check(periods[-1])
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    late, all_months = best(lambda: country.page(periods[-1]), TIMES), best(lambda: country.trend(months), TIMES)
    say(
        f"country's page after {months} months ÷ after one, {vendor}", late / early, 1.5,
        milliseconds=round(late * 1000, 1), submissions=Submission.objects.count(),
    )  # fmt: skip
    say(
        f"country's page with the totals of {months} months ÷ with those of one, {vendor}",
        (late + all_months) / (early + alone), 1.5, milliseconds_of_totals=round(all_months * 1000, 2),
    )  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
