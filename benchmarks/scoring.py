"""How much more than the bare arithmetic scoring costs, and a round of many people than scoring alone.

.venv/bin/python benchmarks/scoring.py [--people 5000]: one JSON line a figure; the round on SQLite and PostgreSQL.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Before the directory of this file, whose name is that of the package.
sys.path.insert(0, str(ROOT))

import scoring  # noqa: E402 -- found through the line above
from benchmarks.figures import best, say  # noqa: E402
from scoring.results import Result  # noqa: E402

# --- One indicator ---------------------------------------------------------------------------------------------------
#: Thresholds of the source documents that run both ways, with and without gaps.
THRESHOLDS = (
    {1: 45, 2: 47, 3: 49, 4: 51, 5: 53},
    {1: "2.5", 2: 3, 3: "3.5", 4: 4, 5: "4.5"},
    {1: 65, 2: "67.5", 3: 70, 4: "72.5", 5: 75},
    {1: 5, 2: 4, 3: 3, 4: 2, 5: 1},
    {1: -10, 3: -5, 5: 0},
    {1: 2, 5: 1},
)


def bare(levels, value):
    """Return the score by nothing but the arithmetic: find the two levels, interpolate."""
    rising = levels[-1][1] > levels[0][1]
    if value >= levels[-1][1] if rising else value <= levels[-1][1]:
        return Fraction(levels[-1][0])
    for (level, threshold), (upper_level, upper) in pairwise(levels):
        if value < upper if rising else value > upper:
            return level + (value - threshold) / (upper - threshold) * (upper_level - level)
    raise AssertionError("every value lies between two levels")


def one_indicator():
    """Compare whole `score_indicator` with the bare interpolation of the same cases."""
    cases = []
    for levels in THRESHOLDS:
        criteria = {"kind": "thresholds", "levels": levels}
        indicator = scoring.read_indicator({"code": "1", "title": "x", "weight": 10, "criteria": criteria})
        points = indicator.criteria.levels
        first, last = points[0][1], points[-1][1]
        # Values between the first level and the last: everywhere else there is nothing to interpolate.
        for part in range(200):
            value = first + (last - first) * Fraction(2 * part + 1, 401)
            cases.append((indicator, points, value, {"1": Result(value=value)}))
    for indicator, points, value, results in cases:
        if scoring.score_indicator(indicator, results).score != bare(points, value):
            raise AssertionError(f"{value} on {points}")
    floor = best(lambda: [bare(points, value) for _, points, value, _ in cases])
    with_trace = best(lambda: [scoring.score_indicator(one, results) for one, _, _, results in cases])
    displayed = best(lambda: [scoring.score_indicator(one, results).as_document() for one, _, _, results in cases])
    say("score_indicator with its trace ÷ bare interpolation", with_trace / floor, 3, cases=len(cases))
    say("score_indicator, every figure of its trace displayed ÷ bare interpolation", displayed / floor, None)


# --- One run ---------------------------------------------------------------------------------------------------------
def main():
    """Print the figures of one indicator, then those of a round on either database, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5000, help="of the round; 5,000 unless told otherwise")
    people = parser.parse_args().people
    one_indicator()
    sys.stdout.flush()
    a_round = [sys.executable, str(ROOT / "benchmarks" / "scoring_round.py"), str(people)]
    with tempfile.TemporaryDirectory(prefix="kpi-benchmark-") as scratch:
        # Settings of an installation in the caller's environment must not reach the benchmark.
        own = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
        own |= {"KPI_SECRET_KEY": "benchmark", "KPI_ALLOWED_HOSTS": "localhost", "KPI_DATA_DIR": scratch}
        for command in (a_round, [str(ROOT / "tests" / "ground" / "with-postgresql"), *a_round]):
            subprocess.run(command, env=own, cwd=ROOT, check=True)  # noqa: S603 -- the project's own


if __name__ == "__main__":
    main()
