"""The summary of a round, and its detail, for more and more people: whether a person costs the same in a large round.

`benchmarks/summary_workbook.py [PEOPLE…]`; one JSON line a figure. On a fresh SQLite database, or on KPI_DATABASE_URL,
which has to be empty. Half of the people are assessed and signed, half have reported, with ten indicators each.
"""

import os
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
SCRATCH = tempfile.TemporaryDirectory(prefix="kpi-benchmark-")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "kpi_portal.settings", "KPI_SECRET_KEY": "only-for-benchmarks", "KPI_HTTPS": "0",
    "KPI_ALLOWED_HOSTS": "testserver", "KPI_DATA_DIR": SCRATCH.name, "KPI_LOG_LEVEL": "ERROR",
}  # fmt: skip

import django  # noqa: E402 -- it reads the environment above

django.setup()

from django.db import connection  # noqa: E402 -- the models need the settings above

from agreements import models  # noqa: E402
from agreements.services import books, content, log, readings, round_figures  # noqa: E402
from benchmarks import scoring_round  # noqa: E402
from benchmarks.figures import say  # noqa: E402
from reports import detail_workbook, summary_workbook  # noqa: E402

NOON = scoring_round.NOON
# What a person, and a chunk, cost in the first round.
FIRST = {}


def sign(round_, head):
    """Sign the assessed agreements as services/signing.py would, without its questions and records."""
    assessed = models.Version.objects.filter(part__agreement__round=round_, part__state="assessed")
    keys = list(assessed.values_list("pk", flat=True))
    for start in range(0, len(keys), 500):
        versions = books.read_together(models.Version.objects.filter(pk__in=keys[start : start + 500]))
        for book in books.open_books(versions).values():
            said = log.canonical(content.content_of_book(book, "result"))
            snapshot = models.Snapshot.objects.create(
                version=book.version, stage="result", content=said, sha256=log.digest(said), created_at=NOON
            )
            models.Signature.objects.create(
                version=book.version, snapshot=snapshot, signatory=head, capacity="assessor", stage="result",
                name="หัวหน้า", title="หัวหน้า", content_hash=snapshot.sha256, signed_at=NOON,
            )  # fmt: skip


def counting(statements):
    """Return a wrapper that notes each statement; Django's own capturing writes all of them out, which takes long."""

    def wrapper(execute, sql, params, many, context):
        statements.append(None)
        return execute(sql, params, many, context)

    return wrapper


def measured(round_, people):
    """Say what the workbooks of `people` cost."""
    hr = models.User.objects.create(username=f"hr-{people}", first_name="งานการเจ้าหน้าที่")
    models.Role.objects.create(user=hr, organisation=round_.organisation, kind="hr")
    keys = list(models.Agreement.objects.filter(round=round_).order_by("pk").values_list("pk", flat=True)[:people])
    chunks = -(-people // round_figures.CHUNK)
    writers = {"summary": lambda *given, **told: summary_workbook.write(*given, round_, **told),
               "detail": detail_workbook.write}  # fmt: skip
    for name, write in writers.items():
        file = tempfile.TemporaryFile(dir=SCRATCH.name)  # noqa: SIM115  it is looked at below
        captured = []
        with connection.execute_wrapper(counting(captured)):
            begun = time.process_time()
            written = write(file, round_figures.read(keys, by=hr), title="สรุป", told="ทุกหน่วยงาน", at=NOON)
            shown = ((key, round_.organisation) for key in keys)
            readings.log_list(shown, page="summary-workbook", by=hr, at=NOON)
            spent = time.process_time() - begun
        assert written == people * (1 if name == "summary" else 10), written  # noqa: S101  else the figures say nothing
        each = FIRST.setdefault(name, spent / people)
        of_chunk = FIRST.setdefault(f"{name} statements", len(captured) / chunks)
        size = round(file.tell() / 1e6, 1)
        more = {"people": people, "s": round(spent, 1), "ms_a_person": round(spent / people * 1000, 2), "mb": size}
        say(f"{name}, CPU time a person ÷ in the first round", spent / people / each, 1.3, **more)
        ratio = len(captured) / chunks / of_chunk
        say(f"{name}, statements a chunk ÷ in the first round", ratio, 1, people=people, statements=len(captured))
        file.close()


def memory(round_, people):
    """Say what the summary of many chunks takes in memory at the most, beside that of two."""
    hr = models.User.objects.get(username=f"hr-{people}")
    keys = list(models.Agreement.objects.filter(round=round_).order_by("pk").values_list("pk", flat=True)[:people])
    peaks = []
    for part in (keys[: 2 * round_figures.CHUNK], keys):
        with tempfile.TemporaryFile(dir=SCRATCH.name) as file:
            tracemalloc.start()
            summary_workbook.write(file, round_figures.read(part, by=hr), round_, title="", told="", at=NOON)
            peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
            tracemalloc.stop()
    say("summary, peak memory ÷ that of two chunks", peaks[1] / peaks[0], 1.2, people=people, mb=round(peaks[1], 1))


if __name__ == "__main__":
    sizes = sorted(map(int, sys.argv[1:] or ["1000", "5000"]))
    round_ = scoring_round.fill(sizes[-1])
    sign(round_, models.User.objects.get(username="u0"))
    for people in sizes:
        measured(round_, people)
    memory(round_, sizes[0])
