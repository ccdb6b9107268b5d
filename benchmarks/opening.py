"""Opening a round for more and more people, and its board: whether a person costs the same in a large office.

`benchmarks/opening.py [PEOPLE…]`; one JSON line a figure. On a fresh SQLite database, or on KPI_DATABASE_URL, which has
to be empty.
"""

import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
SCRATCH = tempfile.TemporaryDirectory(prefix="kpi-benchmark-")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "kpi_portal.settings", "KPI_SECRET_KEY": "only-for-benchmarks", "KPI_HTTPS": "0",
    "KPI_ALLOWED_HOSTS": "testserver", "KPI_DATA_DIR": SCRATCH.name, "KPI_LOG_LEVEL": "ERROR",
}  # fmt: skip

import django  # noqa: E402 -- it reads the environment above

django.setup()

from django.core.management import call_command  # noqa: E402 -- the models need the settings above
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from agreements import models  # noqa: E402
from agreements.services import jobs, opening, round_rules  # noqa: E402
from benchmarks.figures import best, say  # noqa: E402

NOON = datetime(2013, 2, 18, 5, tzinfo=UTC)
A_UNIT = 50
# What a person cost in the first office.
FIRST = {}


def office(number, people):
    """Return a round and its HR officer, in an office of `people` in units of fifty."""
    place = models.Organisation.objects.add_root(
        instance=models.Organisation(code=f"office-{number}", name="สำนักงาน", kind="province", province_name="ทดสอบ")
    )
    chosen = models.CompetencySet.objects.create(organisation=place, code=f"set-{number}", title="สมรรถนะ")
    for order in range(1, 11):
        models.Competency.objects.create(competency_set=chosen, kind="core", order=order, name=f"สมรรถนะที่ {order}")
    round_ = models.Round.objects.create(
        organisation=place, fiscal_year=2556, number=1, starts_on=date(2012, 10, 1), ends_on=date(2013, 3, 31),
        propose_by=date(2013, 1, 31), grades=round_rules.grades_from(round_rules.GRADE_SETS["usual"][1]),
        competency_set=chosen,
    )  # fmt: skip
    hr = models.User.objects.create(username=f"hr-{number}", first_name="งานการเจ้าหน้าที่")
    models.Role.objects.create(user=hr, organisation=place, kind="hr")
    top, head = (_posting(place, f"{name}-{number}", None) for name in ("top", "head"))
    models.Posting.objects.filter(pk=head.pk).update(assessor=top)
    for first in range(0, people, A_UNIT):
        place.refresh_from_db()
        unit = models.Organisation.objects.add_child(
            place, instance=models.Organisation(code=f"u-{number}-{first}", name=f"กลุ่มงานที่ {first}", kind="group")
        )
        users = models.User.objects.bulk_create(
            models.User(username=f"p-{number}-{one}", first_name=f"คนที่ {one}", sort_key=f"{one:06}")
            for one in range(first, min(first + A_UNIT, people))
        )
        models.Posting.objects.bulk_create(
            models.Posting(user=one, organisation=unit, title="นักวิชาการ", level="ชำนาญการ", assessor=head,
                           starts_on=date(2012, 10, 1))
            for one in users
        )  # fmt: skip
    return round_, hr


def _posting(place, name, assessor):
    user = models.User.objects.create(username=name, first_name=name)
    return models.Posting.objects.create(
        user=user, organisation=place, title="ท้องถิ่นจังหวัด", assessor=assessor, starts_on=date(2012, 10, 1)
    )


def measured(number, people):
    """Say what `people` cost."""
    round_, hr = office(number, people)
    with CaptureQueriesContext(connection) as captured:
        begun = time.process_time()
        job = opening.begin(round_, by=hr, at=NOON, now=timezone.now())
        jobs.run(job.pk, clock=timezone.now, at=NOON)
        spent = time.process_time() - begun
    job.refresh_from_db()
    assert job.outcome["opened"] == people + 1, (job.state, job.fault)  # noqa: S101  else the figures say nothing
    each = FIRST.setdefault("opening", spent / people)
    ratio = spent / people / each
    say(
        "opening, CPU time a person ÷ in the first office",
        ratio,
        1.3,
        people=people,
        s=round(spent, 2),
        statements=len(captured),
    )
    client = Client()
    client.force_login(hr)
    hello = best(lambda: client.get("/verify/"))
    for name, (address, aim) in {
        "board": (f"/rounds/{round_.pk}/", 30),
        "board, late, searched": (f"/rounds/{round_.pk}/?only=late&q=คน&sort=-since", 30),
        "dry run": (f"/rounds/{round_.pk}/opening/", None),
    }.items():
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)  # noqa: S101
        spent = best(lambda address=address: client.get(address), repeats=5)
        say(f"{name} ÷ a trivial page", spent / hello, aim, people=people, s=round(spent, 3))


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    for number, people in enumerate(map(int, sys.argv[1:] or ["40", "1000", "10000"])):
        measured(number, people)
