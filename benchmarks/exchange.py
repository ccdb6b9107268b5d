"""What a framework of many indicators costs as a workbook, against openpyxl writing and reading the same cells.

.venv/bin/python benchmarks/exchange.py [--indicators 5000]: one JSON line a figure; the import on SQLite.
"""

import argparse
import gc
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Before the directory of this file, whose name is that of the package.
sys.path.insert(0, str(ROOT))

from benchmarks.figures import say  # noqa: E402 -- found through the line above

MEGABYTE = 1024
REPEATS = 3
TEXT = "ร้อยละความสำเร็จของการดำเนินงานตามแผนปฏิบัติการประจำปีงบประมาณ ที่ได้รับจัดสรรตามมาตรฐานที่กำหนด"


def framework(count):
    """Return a document of `count` indicators like those of the source documents, of every usual kind."""
    return {
        "format": 1,
        "code": "large",
        "title": "กรอบขนาดใหญ่",
        "level": "department",
        "fiscal_year": 2569,
        "dimensions": [{"code": f"d{number}", "title": f"มิติที่ {number}"} for number in range(20)],
        "units": [{"code": f"u{number}", "title": f"กลุ่มงานที่ {number}"} for number in range(40)],
        "indicators": [indicator(number) for number in range(count)],
    }


def indicator(number):
    """Return one indicator; its kind of criteria goes round."""
    return {
        "code": f"{number // 50 + 1}.{number % 50 + 1}",
        "dimension": f"d{number % 20}",
        "title": f"{TEXT} ({number})",
        "unit": "ร้อยละ",
        "weight": str(number % 20 + 1),
        "target": "85",
        "description": f"{TEXT} {number} {TEXT}",
        "conditions": f"นับเฉพาะรายการที่แล้วเสร็จ {number}",
        "owner": "ผู้อำนวยการกองแผนงาน",
        "collector": "หัวหน้ากลุ่มงานติดตามและประเมินผล",
        "evidence": [f"รายงานผลฉบับที่ {number}", "ภาพถ่ายกิจกรรม"],
        "baseline": {"label": "ผลงานปีก่อน", "years": [{"year": 2567 + at, "value": str(70 + at)} for at in range(2)]},
        "assigned_units": [f"u{number % 40}", f"u{(number + 7) % 40}"],
        "report": {"frequency": "monthly", "due_day": 15},
        "measure": {
            "kind": "formula",
            "expression": "done / planned * 100",
            "variables": {
                "done": {"label": "ที่แล้วเสร็จ", "unit": "รายการ"},
                "planned": {"label": "ทั้งหมด", "unit": "รายการ"},
            },
        },
        "criteria": CRITERIA[number % len(CRITERIA)],
        "lateness": {"due": "2026-03-20", "per_working_day": "0.25", "cutoff": "2026-03-31"},
    }


THRESHOLDS = {"kind": "thresholds", "levels": {str(level): str(60 + 7.5 * level) for level in range(1, 6)}}
CRITERIA = [
    THRESHOLDS,
    THRESHOLDS,
    {"kind": "bands", "levels": {str(level): {"up_to": str(50 + 10 * level), "label": "ช่วง"} for level in range(1, 6)}},
    {"kind": "milestones", "steps": [{"level": level, "title": f"{TEXT} {level}"} for level in range(1, 6)]},
]


def setup():
    """Start Django on an empty database of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django  # noqa: PLC0415 -- after the environment

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    settings.DATABASES["default"]["NAME"] = str(Path(tempfile.mkdtemp()) / "benchmark.sqlite3")
    call_command("migrate", verbosity=0)


def best(*works):
    """Return the CPU seconds of the fastest of several runs of each, taken in turns: neighbours' work is not ours."""
    taken = [[] for _ in works]
    for _ in range(REPEATS):
        for work, times in zip(works, taken, strict=True):
            gc.collect()
            begun = time.process_time()
            work()
            times.append(time.process_time() - begun)
    return [min(times) for times in taken]


# --- openpyxl with nothing around it ---------------------------------------------------------------------------------
def plain_rows(content):
    """Return the cells of a workbook, sheet by sheet."""
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def plain_write(rows):
    """Write the same cells, and nothing else."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    for title, cells in rows.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- Figures ---------------------------------------------------------------------------------------------------------
def measure(count):
    """Print how much longer export and import take than openpyxl alone."""
    setup()
    from agreements.exchange.workbook.writing import write_workbook  # noqa: PLC0415
    from agreements.models import Framework  # noqa: PLC0415
    from agreements.services.framework_files import check_file  # noqa: PLC0415
    from agreements.services.frameworks import import_accepted  # noqa: PLC0415

    document = framework(count)
    content = write_workbook(document)
    rows = plain_rows(content)
    cells = sum(cell is not None for sheet in rows.values() for row in sheet for cell in row)

    def take_in():
        checked = check_file(content, name="large.xlsx")
        import_accepted(checked.accepted, organisation=None, at=datetime.now(UTC), by=None)
        Framework.objects.all().delete()

    written, exported = best(lambda: plain_write(rows), lambda: write_workbook(document))
    read, checked, imported = best(lambda: plain_rows(content), lambda: check_file(content, name="large.xlsx"), take_in)
    facts = {"indicators": count, "cells": cells, "megabytes": round(len(content) / 1024**2, 1)}
    say("export ÷ openpyxl writing the same cells", exported / written, 1, seconds=round(exported, 2), **facts)
    say("import, read and checked ÷ openpyxl reading the same cells", checked / read, 1.5, seconds=round(checked, 2))
    say("the same with its rows written to SQLite", imported / read, 1.5, seconds=round(imported, 2))


def memory(what, count, path):
    """Print the peak of this process, which exported or imported once and did nothing else."""
    setup()
    if what == "export":
        from agreements.exchange.workbook.writing import write_workbook  # noqa: PLC0415

        path.write_bytes(write_workbook(framework(count)))
    else:
        from django.core.management import call_command  # noqa: PLC0415

        call_command("import_framework", str(path), stdout=io.StringIO(), stderr=io.StringIO())
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()).group(1)) / MEGABYTE
    say(f"peak memory of one {what}, in MB", peak, 300)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--indicators", type=int, default=5000)
    parser.add_argument("--memory", choices=["export", "import"], help="measure this alone, in this process")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.memory:
        memory(options.memory, options.indicators, options.file)
        return
    measure(options.indicators)
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        for what in ("export", "import"):
            file = str(Path(folder, "large.xlsx"))
            again = ["--memory", what, "--file", file, "--indicators", str(options.indicators)]
            subprocess.run([sys.executable, __file__, *again], check=True)  # noqa: S603 -- this very file


if __name__ == "__main__":
    main()
