"""Printing the forms of many: one process against two, what a worker holds at most, and a finished form from the store.

`benchmarks/printing.py [--sets 200]`; one JSON line a figure. Each set is ปผ.1 to ปผ.3 of a person with ten indicators,
in draft, so that every one is drawn. On a fresh SQLite database, or on KPI_DATABASE_URL, which has to be empty.
"""

import argparse
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# It makes the scratch directory and reads the settings; the processes that draw inherit both.
from benchmarks.opening import NOON, office  # noqa: I001 -- before everything of Django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from agreements import actions, models
from agreements.services import content, jobs, opening, signing
from benchmarks.figures import best, say
from reports import printing

FORMS = ("1", "2", "3")
INDICATORS = 10
MEGABYTE = 1024 * 1024
LEVELS = {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}
DEFINITION = {
    "criteria": {"kind": "thresholds", "levels": LEVELS},
    "unit": "ร้อยละ",
    "description": "คำอธิบายตัวชี้วัด " * 10,
}


def filled(people):
    """Return a round with so many agreements, its HR officer, and the agreements in the order of the board."""
    round_, hr = office(0, people)
    job = opening.begin(round_, by=hr, at=NOON, now=timezone.now())
    jobs.run(job.pk, clock=timezone.now, at=NOON)
    versions = list(models.Version.objects.order_by("pk"))
    models.Item.objects.bulk_create(
        models.Item(
            version=version, code=str(number), title=f"ระดับความสำเร็จของการดำเนินงานตามภารกิจที่ {number} ของหน่วยงาน",
            goal="งานบรรลุเป้าหมายตามแผนปฏิบัติราชการ", weight="10", order=number, definition=DEFINITION,
        )
        for version in versions
        for number in range(1, INDICATORS + 1)
    )  # fmt: skip
    found = models.Agreement.objects.order_by("organisation__path", "person__sort_key", "pk")
    return round_, hr, list(found.values_list("pk", flat=True))[:people]


def printed(round_, hr, keys, workers):
    """Print the sets with so many processes; return the finished job and the seconds it took."""
    settings.PRINT_WORKERS = workers
    order = printing.Order(forms=FORMS, digits="arabic", bound="pdf", pdf_a=False)
    job, _is_new = printing.begin(round_, keys, order, by=hr, at=timezone.now(), now=timezone.now())
    begun = time.perf_counter()
    jobs.run(job.pk, clock=timezone.now, at=timezone.now())
    spent = time.perf_counter() - begun
    job.refresh_from_db()
    assert job.outcome.get("printed") == len(keys), (job.state, job.fault)  # noqa: S101  else the figures say nothing
    return job, spent


def bulk(round_, hr, keys):
    """Say what two processes are worth, and what one holds at most."""
    watch = Watch()
    # The first run reads the program from the disk for both.
    printed(round_, hr, keys[:2], 2)
    job, alone = printed(round_, hr, keys, 1)
    _job, together = printed(round_, hr, keys, 2)
    told = {"sets": len(keys), "pages": job.outcome["pages"], "s": [round(alone, 1), round(together, 1)]}
    say("sets printed by one process ÷ by two, in seconds", alone / together, 1.8, at_least=True, **told)
    for name, held in (("draws", watch.most), ("does the job", _most_of("self"))):
        say(f"most memory of a process that {name} ÷ 200 MB", held / (200 * MEGABYTE), 1, mb=held // MEGABYTE)


class Watch(threading.Thread):
    """Looks again and again at the most memory that each process begun by this one has held.

    The system's own count of finished children begins with what this process held when it began them.
    """

    def __init__(self):
        super().__init__(daemon=True)
        self.most = 0
        self.start()

    def run(self):
        """Look until the benchmark ends."""
        while True:
            for task in Path("/proc/self/task").iterdir():
                with suppress(OSError):
                    for child in (task / "children").read_text().split():
                        self.most = max(self.most, _most_of(child))
            time.sleep(0.2)


def _most_of(process):
    """Return the most bytes that a process has held since it began its program."""
    with suppress(OSError):
        told = Path(f"/proc/{process}/status").read_text()
        return next((int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("VmHWM")), 0)
    return 0


def signed(key):
    """Sign an agreement on both sides; return the assessee."""
    version = models.Version.objects.get(part__agreement=key)
    for action, capacity in ((actions.PROPOSE, "assessee"), (actions.AGREE, "assessor")):
        by = models.Party.objects.get(version=version, capacity=capacity).user
        shown = content.hash_of(signing.content_to_sign(version, action))
        signing.sign_off(version, action, by=by, shown=shown, at=NOON)
    return version.part.agreement.person


def served(key):
    """Say what a finished form from the store costs."""
    client = Client()
    client.force_login(signed(key))
    address = f"/agreements/{key}/forms.pdf?forms=1,2,3"
    begun = time.perf_counter()
    first = client.get(address).content
    drawn = time.perf_counter() - begun
    assert client.get(address).content == first  # noqa: S101
    assert models.FrozenForm.objects.count() == 1  # noqa: S101
    hello = best(lambda: client.get("/verify/"), repeats=30)
    spent = best(lambda: client.get(address), repeats=30)
    told = {"ms": round(spent * 1000, 2), "drawn_ms": round(drawn * 1000), "kb": len(first) // 1024}
    say("a finished form from the store ÷ a trivial page", spent / hello, 3, **told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=200, help="how many are printed; 200 unless told otherwise")
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    found_round, found_hr, found_keys = filled(asked.sets)
    bulk(found_round, found_hr, found_keys)
    served(found_keys[0])
    connection.close()
