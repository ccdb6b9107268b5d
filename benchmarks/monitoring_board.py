"""The monitoring page of a whole department: 24 months against one, with every report of the country in the database.

.venv/bin/python benchmarks/monitoring_board.py: a JSON line a figure, on a database in a temporary directory.
"""

import os
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

# Before the directory of this file.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
SCRATCH = tempfile.TemporaryDirectory(prefix="kpi-benchmark-")
for name in [name for name in os.environ if name.startswith("KPI_")]:
    # Settings of an installation in the caller's environment must not reach the benchmark.
    del os.environ[name]
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "kpi_portal.settings", "KPI_SECRET_KEY": "benchmark", "KPI_HTTPS": "0",
    "KPI_ALLOWED_HOSTS": "testserver", "KPI_DATA_DIR": SCRATCH.name, "KPI_DEMO": "1", "KPI_DEBUG": "1",
    "KPI_DEMO_TODAY": "2013-10-20",
}  # fmt: skip

import django  # noqa: E402 -- it reads them

django.setup()

from django.core.management import call_command  # noqa: E402 -- the models need the settings above
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from treebeard.mp_tree import MP_Node  # noqa: E402

from agreements.models import Framework, Indicator, Organisation, Posting, Role, Submission, User  # noqa: E402
from agreements.services import report_forms  # noqa: E402
from benchmarks.figures import best, say  # noqa: E402

LEVELS = (("province", 76), ("district", 878), ("local_government", 7850))
MONTHS = 24
FIRST = date(2011, 10, 1)
AT = datetime(2013, 10, 20, 5, tzinfo=UTC)
TOTALS = {"centres.all": "98", "centres.established": "63"}
# 63 of 98 in per cent, as the page shows it.
SHOWN = b"64.29"
FORM = {
    "code": "centres", "title": "รายงานประจำเดือน", "indicator": "1", "period": "month", "certified_by": "head",
    "due": {"day": 15, "months_after": 1},
    "reported_by": {"kinds": ["local_government"], "from": FIRST.isoformat()},
    "tables": [{
        "code": "centres", "title": "ศูนย์", "rows": {"kind": "fixed", "titles": ["ศูนย์"]},
        "columns": [{"code": code, "title": code, "type": "count"} for code in ("all", "established")],
        "totals": ["all", "established"], "ratios": [{"title": "ร้อยละ", "of": "established", "to": "all"}],
    }],
}  # fmt: skip


def grow():
    """Make the department with everybody below it; return them all, itself first."""
    top = Organisation.objects.add_root(instance=Organisation(code="dla", name="กรม", kind="department"))
    found, above = [top], [top]
    for kind, number in LEVELS:
        made = []
        for at in range(number):
            parent = above[at % len(above)]
            parent.numchild += 1
            path = parent.path + MP_Node._int2str(parent.numchild).rjust(Organisation.steplen, "0")  # noqa: SLF001
            code = f"{kind}-{at}"
            made.append(Organisation(code=code, name=code, sort_key=code, kind=kind, path=path, depth=parent.depth + 1))
        Organisation.objects.bulk_create(made)
        Organisation.objects.bulk_update(above, ["numchild"])
        above = list(Organisation.objects.filter(kind=kind).order_by("path"))
        found += above
    return found


def report(form, units):
    """Store what every unit sent in every month."""
    for at in range(MONTHS):
        month = date(FIRST.year + (FIRST.month - 1 + at) // 12, (FIRST.month - 1 + at) % 12 + 1, 1)
        Submission.objects.bulk_create(
            Submission(
                form=form, form_code=form.code, organisation=unit, period=month, above=units[0] if at else None,
                line=f"/{unit.pk}/", state="approved", totals=TOTALS, reports=1, opened_at=AT,
            )
            for unit in units
        )  # fmt: skip


def follow(top):
    """Publish a framework of 17 indicators, one of which the form feeds; return it with somebody who follows it."""
    framework = Framework.objects.create(
        organisation=top, code="followed", status="draft", title="ติดตาม", level="department",
        fiscal_year=2556, created_at=AT,
    )  # fmt: skip
    definition = {"unit": "ร้อยละ", "criteria": {"kind": "open"}, "targets": [{"period": "12-month", "value": "100"}]}
    for number in range(1, 18):
        Indicator.objects.create(
            framework=framework, code=str(number), title="ตัวชี้วัด", order=number, definition=definition
        )
    framework.status, framework.version = "published", 1
    framework.save()
    user = User.objects.create(username="executive", first_name="ผู้บริหาร")
    Posting.objects.create(user=user, organisation=top, title="รองอธิบดี", starts_on=FIRST)
    Role.objects.create(user=user, organisation=top, kind=Role.Kind.EXECUTIVE)
    return framework, user


def main():
    """Print the figures."""
    call_command("migrate", verbosity=0)
    units = grow()
    form = report_forms.lay_down(FORM, organisation=units[0], by=None, at=AT)[0]
    framework, user = follow(units[0])
    report(form, units)
    client = Client()
    client.force_login(user)
    address = f"/monitoring/{framework.pk}/?month=2013-09&months="
    asked = {}
    for months in (1, MONTHS):
        client.get(f"{address}{months}")
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"{address}{months}")
        if page.status_code != 200 or SHOWN not in page.content:
            raise AssertionError(page.status_code, page.content)
        asked[months] = len(captured)
    one, many = (best(lambda months=months: client.get(f"{address}{months}")) for months in (1, MONTHS))
    say("the department's page, 24 months ÷ one", many / one, 1.5, seconds=round(many, 3), reports=len(units) * MONTHS)
    say("its statements, 24 months ÷ one", asked[MONTHS] / asked[1], 1, statements=asked[MONTHS])


if __name__ == "__main__":
    main()
