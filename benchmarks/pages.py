"""Every page at 40 people and at many: whether it asks the same, and takes as long; and against a trivial page.

`benchmarks/pages.py [--people 40000] [--keep DIRECTORY] [--only NAME,NAME]`; one JSON line a figure. Two made-up
nations (manage.py load_nation) in SQLite; DIRECTORY keeps them for another run. All pages that answer GET and stand
in the URL patterns are asked for as their readers; whatever none of them reaches is listed at the end, so that nothing
is left out unseen.
"""

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ASKED = argparse.ArgumentParser()
ASKED.add_argument("--people", type=int, default=40000)
ASKED.add_argument("--keep", type=Path)
ASKED.add_argument("--only", default="")
ASKED.add_argument("--runs", type=int, default=9)
OPTIONS = ASKED.parse_args()
SCRATCH = tempfile.TemporaryDirectory(prefix="kpi-benchmark-")
NATIONS = OPTIONS.keep or Path(SCRATCH.name)
FEW = 40
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "kpi_portal.settings", "KPI_SECRET_KEY": "only-for-benchmarks", "KPI_HTTPS": "0",
    "KPI_ALLOWED_HOSTS": "testserver", "KPI_LOG_LEVEL": "CRITICAL", "KPI_DEMO": "1", "KPI_DATA_DIR": SCRATCH.name,
}  # fmt: skip

import django  # noqa: E402 -- it reads the environment above

django.setup()

from django.core.management import call_command  # noqa: E402 -- the models need the settings above
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import NoReverseMatch, get_resolver, reverse  # noqa: E402
from django.urls.resolvers import URLPattern  # noqa: E402
from django.utils import timezone  # noqa: E402

from agreements import models  # noqa: E402
from agreements.services import demo, frameworks  # noqa: E402
from benchmarks.figures import say  # noqa: E402

HELLO = "/verify/"
# What a page may cost, as a multiple of the trivial page of the same run; of lists where they show fifty rows.
FORM, LIST, BOARD = 6, 18, 30
LISTS = {
    "work", "rounds", "agreements", "people", "notices", "frameworks", "overdue", "deadlines", "judging",
    "choose-slips", "opening", "monitoring", "report-forms", "submissions", "check-round", "release-round", "sign-many",
    "start-framework", "extension", "demo-move-clock", "holidays", "holiday-table",
}  # fmt: skip
BOARDS = {"round", "monitoring-board", "round-cascade"}
# Pages that make a document or read a file: they are measured elsewhere (benchmarks of PDF and of workbooks).
MADE = (".pdf", ".xlsx", "/workbook/", "/file/", "/marked/", "/scan/")
READERS = ("hr", "assessor", "staff", "executive", "editor", "auditor")
# An agreement's own people, whoever they are in that state; its pages are asked for by them first.
OWN = ("assessee", "assessor")
# One page looks alike to most of its readers.
MOST_READERS = 2
# The state in which an agreement is wanted is not told by an address: each is tried, the busiest first.
STATES = ("agreed", "reported", "draft", "proposed", "assessed", "released", "acknowledged", "reviewed", "closed")


def nation(people):
    """Make the nation in a process of its own, where it is not there yet, and return its connection."""
    place = NATIONS / str(people)
    if not place.exists():
        place.mkdir(parents=True)
        provinces = max(1, min(76, people // 40))
        made = os.environ | {"KPI_DATA_DIR": str(place)}
        for command in (["migrate", "-v0"], ["load_nation", f"--people={people}", f"--provinces={provinces}"]):
            subprocess.run(  # noqa: S603  our own command, and numbers
                [sys.executable, ROOT / "manage.py", *command], env=made, check=True, stdout=subprocess.DEVNULL
            )
    made = connections.create_connection("default")
    made.settings_dict = made.settings_dict | {"NAME": str(next(place.glob("*.sqlite3")))}
    return made


class Office:
    """A nation as its readers ask for it."""

    def __init__(self, people):
        self.people, self.connection = people, nation(people)
        self.open()
        self.objects = self.find()
        self.clients = {}
        for name in READERS:
            self.clients[name] = Client()
            self.clients[name].force_login(self.reader(name))

    def open(self):
        """Let every question go to this nation."""
        connections["default"] = self.connection

    def client(self, reader, agreement):
        """Return the reader's client: of an agreement, its own assessee and assessor."""
        if agreement is None or reader not in OWN:
            return self.clients.get(reader)
        user = models.Party.objects.filter(version__part__agreement=agreement, capacity=reader).first().user
        if user.pk not in self.clients:
            self.clients[user.pk] = Client()
            self.clients[user.pk].force_login(user)
        return self.clients[user.pk]

    def reader(self, name):
        """Return the reader: those of the department by their role, the others a person and who assesses them."""
        if name == "staff":
            return self.staff.user
        if name == "assessor":
            return self.staff.assessor.user
        return models.User.objects.get(username=name)

    def find(self):
        """Return what stands in for each number of an address, for the first of whom it is about."""
        place = models.Organisation.objects.get(code="province-01")
        staff = models.Posting.objects.filter(organisation__path__startswith=place.path).exclude(
            assessor__user__username="deputy"
        )
        under_way = models.Round.objects.get(status="open")
        found = {}
        for posting in staff.order_by("-pk"):
            # The one whose unit is small in both nations would be another page: the last person of the first province.
            self.staff = getattr(self, "staff", posting)
        agreements = models.Agreement.objects.filter(round=under_way, organisation__path__startswith=place.path)
        for state in STATES:
            own = agreements.filter(state=state, person__postings__assessor=self.staff.assessor)
            found[state] = (own.first() or agreements.filter(state=state).first() or models.Agreement.objects.filter(
                round=under_way, state=state).first())  # fmt: skip
        self.round, self.place = under_way, place
        self.draft = models.Framework.objects.filter(status="draft").first() or _draft(self.place)
        self.framework = models.Framework.objects.get(
            status="published", fiscal_year=under_way.fiscal_year, round_number=under_way.number
        )
        return found

    def addresses(self, name, pattern):
        """Yield the addresses of a page here, the likeliest first, each with the agreement that it is about."""
        route = str(pattern.pattern)
        if "<" not in route:
            yield reverse(name), None
            return
        for given in self._given(route):
            address = _address(name, given)
            if address:
                yield address, given.get("agreement")

    def _given(self, route):
        if "rounds/<" in route:
            yield {"pk": self.round.pk, "code": "propose"}
            yield {"pk": self.round.pk, "code": "agree"}
            yield {"pk": self.round.pk, "code": "assess"}
        elif "agreement:pk" in route or route.startswith("agreements/<int"):
            for agreement in filter(None, self.objects.values()):
                version = models.Version.objects.get(part__agreement=agreement, is_current=True)
                item = version.items.order_by("order").first()
                lineage = dict.fromkeys(("lineage", "parent"), item.lineage) if item else {}
                for code in _codes(route):
                    given = {"pk": agreement.pk, "number": version.number, "code": code, **lineage}
                    yield given | {"agreement": agreement}
        elif "people/<" in route:
            role = self.staff.user.roles.first()
            yield {"pk": self.staff.user_id, "posting": self.staff.pk, "role": role.pk if role else 0}
        elif "frameworks/indicators/<" in route or "frameworks/<" in route or "monitoring/<" in route:
            for framework in (self.framework, self.draft):
                one = framework.indicators.order_by("pk").first()
                yield {"pk": one.pk if "indicators/<" in route else framework.pk, "code": "1"}
        elif "organisations/<" in route:
            yield {"pk": models.Organisation.objects.get(code="nation").pk}
        elif "verify/<" in route:
            yield {"code": models.Signature.objects.order_by("pk").first().content_hash[:12]}
        elif "notices/<" in route:
            notice = models.Notice.objects.order_by("pk").first()
            yield {"pk": notice.pk if notice else 0}


def _draft(place):
    """Return a draft of a framework of the province, as an editor begins one."""
    document = demo.read("nation/framework.yaml") | {"code": "benchmark", "level": "province"}
    return frameworks.import_framework(document, organisation=place, at=timezone.now(), by=None).framework


def _codes(route):
    acts = {
        "<signature:": ("propose", "agree", "assess", "acknowledge", "review"),
        "<return:": ("return-proposal", "return-report", "return-assessment"),
        "<reasoned:": ("withdraw", "end", "reopen"),
        "<replaceable:": ("reviewer", "assessor", "commentator"),
        "<checkpoint:": ("6-month",),
    }
    return next((codes for mark, codes in acts.items() if mark in route), ("",))


def _address(name, given):
    for keys in (
        {"pk"},
        {"pk", "code"},
        {"pk", "lineage"},
        {"pk", "parent"},
        {"pk", "number"},
        {"pk", "posting"},
        {"pk", "role"},
        {"code"},
    ):
        try:
            return reverse(name, kwargs={key: given[key] for key in keys if key in given})
        except NoReverseMatch:
            continue
    return None


def pages():
    """Yield the name and pattern of every page of the URL patterns."""
    for space in get_resolver().url_patterns:
        inside = getattr(space, "url_patterns", [])
        for pattern in inside:
            if isinstance(pattern, URLPattern) and pattern.name:
                yield f"{space.app_name}:{pattern.name}", pattern


def reached(name, pattern, offices):
    """Yield each reader with the address that answers them in each nation: the first that does in both."""
    shown = 0
    for reader in (*(OWN if "agreements/<" in str(pattern.pattern) else ()), *READERS):
        found = []
        for office in offices:
            office.open()
            asked = [(one, office.client(reader, about)) for one, about in office.addresses(name, pattern)]
            answers = ((one, client) for one, client in asked if client and is_page(client.get(one)))
            found.append(next(answers, None))
            if found[-1] is None:
                break
        if all(found):
            shown += 1
            yield reader, found
        if shown == MOST_READERS:
            return


def is_page(answer):
    """Return whether something was shown that is a page."""
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def measured(offices, pages, runs):
    """Return the median seconds in each nation, in turns, and the statements of each."""
    taken, statements = ([], []), []
    for office, (address, client) in zip(offices, pages, strict=True):
        office.open()
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        statements.append(len(captured))
    for _ in range(runs):
        for office, (address, client), times in zip(offices, pages, taken, strict=True):
            office.open()
            times.append(seconds(client, address))
    return [statistics.median(times) for times in taken], statements


def seconds(client, address):
    """Return the seconds of one answer, without the garbage collector's pauses."""
    gc.collect()
    gc.disable()
    begun = time.perf_counter()
    client.get(address)
    spent = time.perf_counter() - begun
    gc.enable()
    return spent


def aim_of(name):
    """Return how many trivial pages a page may cost."""
    short = name.partition(":")[2]
    return BOARD if short in BOARDS else LIST if short in LISTS else FORM


def run():
    """Measure every page, and say what none of the readers reaches."""
    offices = Office(FEW), Office(OPTIONS.people)
    held, unreached = Counter(), []
    for name, pattern in pages():
        if OPTIONS.only and name.partition(":")[2] not in OPTIONS.only.split(","):
            continue
        if any(mark in str(pattern.pattern) for mark in MADE):
            unreached.append(f"{name} (a document)")
            continue
        shown = False
        for reader, found in reached(name, pattern, offices):
            shown = True
            # The trivial page beside each, for the same reader: what else the machine does moves both.
            (_few, hello), _statements = measured(offices, [(HELLO, client) for _page, client in found], OPTIONS.runs)
            (few, many), (asked, asked_of_many) = measured(offices, found, OPTIONS.runs)
            more = {"reader": reader, "address": found[1][0], "people": OPTIONS.people, "statements": asked_of_many}
            say(f"{name}, many people ÷ {FEW}", many / few, 1.3, **more, ms=round(many * 1000, 1))
            say(f"{name}, statements ÷ those at {FEW} people", asked_of_many / asked, 1, reader=reader)
            say(f"{name} ÷ a trivial page", many / hello, aim_of(name), reader=reader)
            held["time"] += many / few <= 1.3
            held["statements"] += asked_of_many == asked
            held["trivial"] += many / hello <= aim_of(name)
            held["pages"] += 1
        if not shown:
            unreached.append(name)
    for what in ("time", "statements", "trivial"):
        say(f"pages that hold: {what}", held[what] / max(held["pages"], 1), None, pages=held["pages"], hold=held[what])
    say("pages that were not reached", len(unreached), None, names=unreached)


if __name__ == "__main__":
    call_command("collectstatic", interactive=False, verbosity=0)
    run()
