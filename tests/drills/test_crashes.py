import json
import subprocess
import sys
from pathlib import Path

DRILL = Path(__file__).with_name("crash_while_signing.py")


def drilled(*arguments):
    """Return what the drill found, in a process and on a database of its own."""
    done = subprocess.run([sys.executable, DRILL, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_no_crash_loses_an_acknowledged_signature_or_leaves_one_half_done(full_depth):
    kills = 100 if full_depth else 10

    found = drilled(str(kills))

    print(found)  # noqa: T201  the figures, for whoever asks with -s
    assert (found["kills"], found["lost"], found["findings"]) == (kills, [], [])
    assert found["acknowledged"] >= kills // 2


def test_without_its_transaction_signing_is_found_half_done():
    found = drilled("50", "--without-transaction")

    # The control: the same drill stops at the first half-done signature.
    assert found["kills"] < 50
    assert found["findings"][0].startswith(
        ("No record tells of signature", "Nobody signed snapshot", "Agreement", "The parts of agreement")
    )
