"""What a dashboard costs with so many people: `.venv/bin/python benchmarks/dashboards.py 1000 10000 40000`.

A department with provinces of 500 people in 25 districts, one round of ten indicators, released; on SQLite, or on the
database of KPI_DATABASE_URL, which has to be empty. One JSON line a figure, as multiples of a trivial page.
"""

import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "kpi_portal.settings"
os.environ.setdefault("KPI_SECRET_KEY", "benchmark")
os.environ.setdefault("KPI_ALLOWED_HOSTS", "testserver")
os.environ.setdefault("KPI_HTTPS", "0")
os.environ.setdefault("KPI_DEBUG", "1")
os.environ.setdefault("KPI_DATA_DIR", tempfile.mkdtemp())

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- the models need the settings above
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from agreements.models import (  # noqa: E402
    Agreement,
    Framework,
    Indicator,
    Item,
    Organisation,
    Part,
    Party,
    Posting,
    Result,
    Role,
    Round,
    User,
    Version,
)  # fmt: skip
from benchmarks.figures import say  # noqa: E402

NOON = datetime(2013, 3, 28, 5, tzinfo=UTC)
DAYS = {"starts_on": date(2012, 10, 1), "ends_on": date(2013, 3, 31)}
A_PROVINCE, DISTRICTS, INDICATORS, AT_ONCE = 500, 25, 10, 2000
# A hash that fits no password.
NO_PASSWORD = "!"  # noqa: S105 -- nobody signs in with it
LEVELS = {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}


def main(sizes: list[int]) -> None:
    """Fill the database step by step, and measure after each step."""
    call_command("migrate", verbosity=0)
    place = Country()
    for size in sizes:
        place.grow_to(size)
        measure(size)


class Country:
    """A department, its framework and round, and executives at two levels."""

    def __init__(self) -> None:
        self.top = Organisation.objects.add_root({"code": "top", "name": "กรม", "kind": "department"})
        self.round = Round.objects.create(
            organisation=self.top, fiscal_year=2556, number=1, status="open", grades=[], **DAYS
        )
        framework = Framework.objects.create(
            organisation=self.top, code="f", title="กรอบ", level="department", created_at=NOON
        )
        criteria = {"unit": "ร้อยละ", "criteria": {"kind": "thresholds", "levels": LEVELS}}
        self.indicators = [
            Indicator.objects.create(framework=framework, code=str(n), title=f"ตัวชี้วัด {n}", order=n, definition=criteria)
            for n in range(INDICATORS)
        ]
        framework.version, framework.status = 1, "published"
        framework.save()
        self.head = Posting.objects.create(
            user=self.person("head"), organisation=self.top, title="หัวหน้า", starts_on=DAYS["starts_on"]
        )
        self.lead("department", self.top)
        self.people, self.random = 0, random.Random(1)  # noqa: S311 -- figures, not secrets

    def person(self, name: str) -> User:
        """Return somebody new."""
        return User.objects.create(username=name, first_name=name, last_name="ทดสอบ", password=NO_PASSWORD)

    def lead(self, name: str, place: Organisation) -> None:
        """Give an office an executive."""
        Role.objects.create(user=self.person(name), organisation=place, kind=Role.Kind.EXECUTIVE)

    def grow_to(self, size: int) -> None:
        """Add provinces until there are so many people."""
        while self.people < size:
            self.top.refresh_from_db()
            number = self.people // A_PROVINCE
            told = {"code": f"p{number}", "name": f"จังหวัด {number}", "kind": "province"}
            province = Organisation.objects.add_child(self.top, told)
            if not number:
                self.lead("province", province)
            districts = []
            for district in range(DISTRICTS):
                told = {"code": f"p{number}d{district}", "name": f"อำเภอ {district}", "kind": "district"}
                province.refresh_from_db()
                districts.append(Organisation.objects.add_child(province, told))
            self._add(districts)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _add(self, districts: list[Organisation]) -> None:
        first = self.people
        named = [f"u{first + n}" for n in range(A_PROVINCE)]
        users = User.objects.bulk_create(
            [User(username=name, first_name=name, last_name="ทดสอบ", password=NO_PASSWORD) for name in named]
        )
        places = [districts[n % len(districts)] for n in range(A_PROVINCE)]
        pairs = list(zip(users, places, strict=True))
        begun = DAYS["starts_on"]
        postings = Posting.objects.bulk_create(
            [Posting(user=user, organisation=unit, title="นักส่งเสริม", starts_on=begun) for user, unit in pairs]
        )
        agreements = Agreement.objects.bulk_create(
            [
                Agreement(round=self.round, person=user, organisation=unit, state="released", state_since=NOON)
                for user, unit in pairs
            ]
        )
        parts = Part.objects.bulk_create(
            [
                Part(agreement=one, posting=posting, assessor=self.head, state="assessed", **DAYS)
                for one, posting in zip(agreements, postings, strict=True)
            ]
        )
        versions = Version.objects.bulk_create(
            [
                Version(part=part, number=1, created_by=user, created_at=NOON)
                for part, user in zip(parts, users, strict=True)
            ]
        )
        Party.objects.bulk_create(
            [
                Party(version=one, capacity="assessee", user=user, name="", title="", personnel_group="civil_servant")
                for one, user in zip(versions, users, strict=True)
            ]
        )
        items, results = [], []
        for part, version in zip(parts, versions, strict=True):
            for order, indicator in enumerate(self.indicators):
                lineage = uuid.uuid4()
                told = {"code": indicator.code, "title": indicator.title, "definition": indicator.definition}
                items.append(Item(version=version, indicator=indicator, lineage=lineage, order=order, **told))
                score = f"{self.random.randint(10000, 50000) / 10000:.4f}"
                outcome = {"status": "scored", "value": "90.0000", "score": score, "rules": ["proportion", "weighted"]}
                results.append(Result(part=part, lineage=lineage, updated_at=NOON, outcome=outcome))
        Item.objects.bulk_create(items, batch_size=AT_ONCE)
        Result.objects.bulk_create(results, batch_size=AT_ONCE)
        self.people += A_PROVINCE


def measure(size: int) -> None:
    """Say what the page costs at this size: its CPU time, the fastest of five, beside that of a trivial page."""
    client = Client()
    trivial = cpu(lambda: client.get("/verify/"))
    for name in ("department", "province"):
        client.force_login(User.objects.get(username=name))
        response = client.get("/dashboards/")
        if response.status_code != 200 or b"spread" not in response.content:
            raise SystemExit(f"{name}: no dashboard")
        asked: list[str] = []

        def count(execute, sql, params, many, context, asked=asked):
            asked.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            client.get("/dashboards/")
        taken = cpu(lambda: client.get("/dashboards/"))
        told = {"people": size, "seconds": round(taken, 3), "statements": len(asked)}
        say(f"dashboard of the {name} ÷ a trivial page", taken / trivial, None, **told)


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU of the fastest of five: wall clocks tell more of what else the machine does."""
    taken = []
    for _ in range(5):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1000, 10000, 40000])
