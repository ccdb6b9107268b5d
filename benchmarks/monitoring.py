"""A department's monthly form, sent by all, approved and summed level by level; the country's page as months go by.

.venv/bin/python benchmarks/monitoring.py [--provinces 76 --months 24]: a JSON line a figure, on SQLite and PostgreSQL.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    """Measure on either database, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", type=int, default=76, help="of the department; 76 unless told otherwise")
    parser.add_argument("--months", type=int, default=24, help="of history; 24 unless told otherwise")
    told = parser.parse_args()
    run = [
        sys.executable,
        str(ROOT / "benchmarks" / "monitoring_country.py"),
        str(told.provinces),
        str(told.months),
    ]
    # Settings of an installation in the caller's environment must not reach the benchmark.
    own = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
    own |= {"KPI_SECRET_KEY": "benchmark", "KPI_ALLOWED_HOSTS": "localhost"}
    for before in ([], [str(ROOT / "tests" / "ground" / "with-postgresql")]):
        with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as scratch:
            command = [*before, *run]
            subprocess.run(command, env=own | {"KPI_DATA_DIR": scratch}, cwd=ROOT, check=True)  # noqa: S603 -- our own


if __name__ == "__main__":
    main()
