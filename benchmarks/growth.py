"""Whether a person costs more in a larger office: opening a round, scoring one, the board, the summary workbook.

`benchmarks/growth.py [PEOPLE…] [--keep DIRECTORY]`; one JSON line a figure. Made-up nations (manage.py load_nation) in
SQLite, each measured in a process of its own on a copy; DIRECTORY keeps them for another run. A ratio is what a person
costs there to what one cost in the first.
"""

# ruff: noqa: PLC0415  Django is set up in the process that measures alone, for the nation that it measures
import argparse
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SIZES = (1000, 10000, 40000)
AIM = 1.2
# The board shows fifty rows and forty units whatever it counts: it is the page that is not to grow.
PAGE_AIM = 1.3
SUMMARY = "reports.summary_workbook"


def nation(people, kept):
    """Make the nation where it is not there yet, and return where it lies."""
    place = kept / str(people)
    if not place.exists():
        place.mkdir(parents=True)
        made = os.environ | settings_in(place)
        provinces = max(1, min(76, people // 40))
        for command in (["migrate", "-v0"], ["load_nation", f"--people={people}", f"--provinces={provinces}"]):
            subprocess.run([sys.executable, ROOT / "manage.py", *command], env=made, check=True, stdout=sys.stderr)  # noqa: S603
    return place


def settings_in(place):
    """Return the settings of a demo whose data lies in `place`."""
    return {
        "DJANGO_SETTINGS_MODULE": "kpi_portal.settings", "KPI_SECRET_KEY": "only-for-benchmarks", "KPI_HTTPS": "0",
        "KPI_ALLOWED_HOSTS": "testserver", "KPI_LOG_LEVEL": "CRITICAL", "KPI_DEMO": "1", "KPI_DATA_DIR": str(place),
    }  # fmt: skip


def costs():
    """Return the CPU seconds of each thing in the nation of the settings."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from agreements import clock, models
    from agreements.services import jobs, opening, rounds
    from benchmarks.figures import best

    call_command("collectstatic", interactive=False, verbosity=0)
    hr = models.User.objects.get(username="hr")
    under_way = models.Round.objects.get(status="open")
    client = Client()
    client.force_login(hr)
    found = {"board": best(lambda: client.get(f"/rounds/{under_way.pk}/"), repeats=5)}
    found |= {"trivial page": best(lambda: client.get("/verify/"))}
    found["scoring"], scored = spent(lambda: rounds.score_round(under_way, at=clock.now()))
    over = models.Round.objects.get(status="closed")
    # The round after, under the same rules.
    fields = {field.name: getattr(under_way, field.name) for field in models.Round._meta.concrete_fields}  # noqa: SLF001
    fields |= {"id": None, "number": 2, "starts_on": "2013-04-01", "ends_on": "2013-09-30", "status": "planned"}
    next_one = models.Round.objects.create(**fields | {"propose_by": None, "report_by": None, "assess_by": None})
    next_one.refresh_from_db()
    job = opening.begin(next_one, by=hr, at=clock.now(), now=timezone.now())
    found["opening"], _nothing = spent(lambda: jobs.run(job.pk, clock=timezone.now, at=clock.now()))
    job.refresh_from_db()
    people = models.Posting.objects.filter(organisation__kind__in=["province", "group", "district"]).count()
    opened = job.outcome["opened"]
    assert opened >= people, (job.state, job.fault)  # noqa: S101  else the figures say nothing
    if importlib.util.find_spec(SUMMARY):
        summary = importlib.import_module(SUMMARY)
        found["summary workbook"], _file = spent(lambda: summary.write(over, by=hr, at=clock.now()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"people": people, "costs": found, "outcomes": scored.outcomes, "mb": memory}


def spent(work):
    """Return the CPU seconds of one run, and what came of it."""
    begun = time.process_time()
    outcome = work()
    return time.process_time() - begun, outcome


def one(people, kept):
    """Measure one nation on a copy of it, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="kpi-growth-") as scratch:
        shutil.copytree(nation(people, kept), scratch, dirs_exist_ok=True)
        made = os.environ | settings_in(Path(scratch))
        told = subprocess.run(  # noqa: S603  this very file
            [sys.executable, __file__, "--here"], env=made, check=True, capture_output=True, text=True
        )
    return json.loads(told.stdout.splitlines()[-1])


def run(sizes, kept):
    """Say what a person costs in each nation, and what the board costs as a page."""
    from benchmarks.figures import say

    first = None
    for people in sizes:
        told = one(people, kept)
        each = {name: cost / told["people"] for name, cost in told["costs"].items()}
        first = first or (each, told["costs"])
        for name, cost in each.items():
            if name not in {"board", "trivial page"}:
                ratio, seconds = cost / first[0][name], told["costs"][name]
                say(
                    f"{name}, a person ÷ in the first office",
                    ratio,
                    AIM,
                    people=people,
                    s=round(seconds, 2),
                    mb=told["mb"],
                )
        board = told["costs"]["board"]
        say("board ÷ in the first office", board / first[1]["board"], PAGE_AIM, people=people, ms=round(board * 1000))
        say("board ÷ a trivial page", board / told["costs"]["trivial page"], 30, people=people)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("people", type=int, nargs="*", default=SIZES)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--here", action="store_true", help="measure the nation of the settings; the parent asks so")
    options = asked.parse_args()
    if options.here:
        print(json.dumps(costs()))
    else:
        with tempfile.TemporaryDirectory(prefix="kpi-nations-") as scratch:
            run(options.people, options.keep or Path(scratch))
