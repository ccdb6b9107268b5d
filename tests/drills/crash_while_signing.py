"""crash_while_signing.py KILLS [--without-transaction]: kills processes with SIGKILL while they sign, and looks.

Works on a database of its own: a file where KPI_DATABASE_URL is not set, else a new one on that server. Each worker is
a process that signs agreement after agreement and acknowledges each signature on a pipe once `sign_off` has returned.
It is killed at a random moment of a sign-off; then the database is opened anew: everything acknowledged has to be
there, and nothing half done. The last line printed is what came of it, as JSON.
"""

import argparse
import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


def own_database():
    """Make a database for this drill on the server that KPI_DATABASE_URL names; a file needs nothing."""
    address = os.environ.get("KPI_DATABASE_URL", "")
    if not address:
        return
    import psycopg2  # noqa: PLC0415  not there where a file is drilled

    server, _slash, name = address.rpartition("/")
    user, _at, host = server.removeprefix("postgres://").partition("@/")
    connection = psycopg2.connect(user=user, host=host, dbname=name)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE drill_{os.getpid()}")
    connection.close()
    os.environ["KPI_DATABASE_URL"] = f"{server}/drill_{os.getpid()}"


own_database()

import django  # noqa: E402 -- the address above comes first

django.setup()

from django.core.management import call_command  # noqa: E402 -- Django is set up first
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.utils import translation  # noqa: E402

from agreements.models import Signature, State  # noqa: E402
from agreements.services import log_check, signing  # noqa: E402
from tests.walks import bring_to, choose_all, colleague, office  # noqa: E402

BATCH = 15
SIGNED = (State.PROPOSED, State.AGREED, State.ASSESSED, State.ACKNOWLEDGED, State.REVIEWED)


# --- The worker ------------------------------------------------------------------------------------------------------
def work(places, pipe, *, pauses, seed):
    """Sign until killed, and say on `pipe` when a sign-off begins and when it was acknowledged."""
    sign_off, move, chance = signing.sign_off, signing.move, random.Random(seed)

    def told(*args, **kwargs):
        os.write(pipe, b"begin 0\n")
        begun = time.monotonic_ns()
        signature = sign_off(*args, **kwargs)
        os.write(pipe, f"signed {signature.pk}\ntook {time.monotonic_ns() - begun}\n".encode())
        return signature

    def slowly(*args, **kwargs):
        # Between the signature and the state and record that belong to it.
        time.sleep(chance.uniform(0, 0.03))
        move(*args, **kwargs)

    signing.sign_off = told
    if pauses:
        signing.move = slowly
    for place in places:
        for state in SIGNED:
            place.agreement.refresh_from_db()
            if list(State).index(State(place.agreement.state)) < list(State).index(state):
                bring_to(place, state)
    os.write(pipe, b"idle 0\n")
    time.sleep(60)


def without_transaction():
    """Take the transaction away from signing: what the drill has to notice."""
    signing.sign_off = signing.sign_off.__wrapped__
    # Row locks are refused outside of a transaction.
    QuerySet.select_for_update = lambda rows, *_args, **_kwargs: rows.all()


# --- The drill -------------------------------------------------------------------------------------------------------
class Told:
    """What a worker said until it was killed."""

    def __init__(self):
        self.signed, self.took, self.begun, self.is_idle, self.rest = [], [], 0, False, b""

    def take(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            word, number = line.split()
            if word == b"begin":
                self.begun += 1
            elif word == b"signed":
                self.signed.append(int(number))
            elif word == b"took":
                self.took.append(int(number) / 1e9)
            else:
                self.is_idle = True

    @property
    def is_signing(self):
        return self.begun > len(self.signed)


def kill_one(places, chance, *, pauses, usual):
    """Let one worker sign, and kill it at a random moment of one of its first sign-offs; return what it said.

    `usual` is how many seconds a sign-off takes here, so that the moments are spread over all of it.
    """
    connection.close()
    read_end, write_end = os.pipe()
    seed = chance.random()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            work(places, write_end, pauses=pauses, seed=seed)
        finally:
            os._exit(1)
    os.close(write_end)
    told, target = Told(), chance.randrange(1, 4)
    while told.begun < target and not told.is_idle:
        data = os.read(read_end, 4096)
        if not data:
            break
        told.take(data)
    time.sleep(chance.uniform(0, 1.1 * usual))
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    while select.select([read_end], [], [], 0)[0]:
        data = os.read(read_end, 65536)
        if not data:
            break
        told.take(data)
    os.close(read_end)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        raise SystemExit("A worker ended by itself.")
    return told


def prepared(first):
    """Return agreements whose indicators are chosen, so that the worker can begin to sign at once."""
    places = [colleague(first) for _ in range(BATCH)]
    for place in places:
        choose_all(place)
        place.agreement.refresh_from_db()
    return places


def is_over(place):
    place.agreement.refresh_from_db()
    return place.agreement.state in (State.REVIEWED, State.CLOSED)


def drill(kills, *, seed):
    """Kill `kills` workers in the middle of a sign-off and return what was found after each."""
    chance, first = random.Random(seed), office()
    acknowledged, during, others, lost, findings, places = set(), 0, 0, [], [], []
    begun, times, took = time.monotonic(), [], [0.05]
    while during < kills and not findings:
        places = [place for place in places if not is_over(place)]
        if len(places) < 3:
            places += prepared(first)
        chance.shuffle(places)
        started = time.monotonic()
        told = kill_one(places, chance, pauses=chance.random() < 0.5, usual=median(took))
        took += told.took
        acknowledged.update(told.signed)
        during, others = during + told.is_signing, others + (not told.is_signing)
        times.append(time.monotonic() - started)
        connection.close()  # and so opened anew, as after a restart
        there = set(Signature.objects.values_list("pk", flat=True))
        lost += sorted(acknowledged - there)
        findings += [one.sentence for one in log_check.check([first.province]).findings]
    return {
        "database": connection.vendor,
        "kills": during,
        "kills_between_sign_offs": others,
        "acknowledged": len(acknowledged),
        "signatures": Signature.objects.count(),
        "lost": lost,
        "findings": findings,
        "seconds_a_sign_off": round(median(took), 3),
        "seconds": round(time.monotonic() - begun, 1),
        "seconds_a_kill": round(sum(times) / len(times), 3),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("--without-transaction", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    if options.without_transaction:
        without_transaction()
    with translation.override("en"):
        print(json.dumps(drill(options.kills, seed=options.seed)))  # noqa: T201  what a script says


if __name__ == "__main__":
    main()
