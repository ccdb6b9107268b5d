"""A round of many people, read, scored and written back, against scoring alone; started by scoring.py.

It fills the database of the KPI_* settings, which has to be empty.
"""

import os
import random
import sys
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

# Before the directory of this file, where scoring.py is another.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "kpi_portal.settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- the models need the settings above
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

import scoring  # noqa: E402
from agreements import models  # noqa: E402
from agreements.services.results import outcome_of  # noqa: E402
from agreements.services.rounds import score_round  # noqa: E402
from agreements.services.working_days import holidays_of  # noqa: E402
from benchmarks.figures import best, say  # noqa: E402

NOON = datetime(2013, 3, 28, 5, tzinfo=UTC)

FIVE = {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}
LATE = {"due": "2013-03-20", "per_working_day": "0.25", "cutoff": "2013-03-26"}
RATIO = {"kind": "formula", "expression": "part / whole * 100", "variables": {"part": {}, "whole": {}}}
STEPS = [{"level": level, "title": f"ขั้นตอนที่ {level}"} for level in (1, 2, 3, 4, 5)]
CLASSES = [
    {"code": "A", "up_to": "10", "levels": {"1": "80", "2": "85", "3": "90", "4": "95", "5": "100"}},
    {"code": "B", "levels": {"1": "60", "2": "65", "3": "70", "4": "75", "5": "80"}},
]
BANDS = {"1": {"up_to": "60"}, "2": {"up_to": "70"}, "3": {"up_to": "80"}, "4": {"up_to": "90"}, "5": {"up_to": "100"}}
DEFINITIONS = (
    {"criteria": {"kind": "thresholds", "levels": FIVE}, "measure": RATIO, "lateness": LATE},
    {
        "criteria": {"kind": "thresholds", "levels": {"1": "45", "2": "47", "3": "49", "4": "51", "5": "53"}},
        "measure": RATIO,
    },
    {"criteria": {"kind": "thresholds", "levels": {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1"}}},
    {"criteria": {"kind": "thresholds", "levels": {"1": "3", "3": "2", "5": "1"}}, "measure": {"kind": "mean"}},
    {"criteria": {"kind": "thresholds", "levels": FIVE, "below_level_1": "zero"}},
    {"criteria": {"kind": "bands", "levels": BANDS}},
    {"criteria": {"kind": "rubric", "levels": {"1": "น้อย", "3": "ปานกลาง", "5": "มาก"}}},
    {"criteria": {"kind": "milestones", "steps": STEPS}, "lateness": LATE},
    {"criteria": {"kind": "classed", "base": {"label": "เรื่องค้าง"}, "classes": CLASSES}},
    {"criteria": {"kind": "thresholds", "levels": FIVE, "between": "step"}},
)
#: What a real framework says of an indicator beside its criteria, by length.
DESCRIPTION = {"description": "คำอธิบายตัวชี้วัด " * 20, "unit": "ร้อยละ", "conditions": "เงื่อนไข " * 20}


def inputs_of(number, chance):
    """Return what somebody reports of the indicator in that place; one in fifty reports nothing."""
    if chance.random() < 0.02:
        return {}
    value = f"{chance.uniform(40, 105):.2f}"
    whole = chance.randint(50, 500)
    day = f"2013-03-{chance.randint(15, 28):02}"
    return (
        {"variables": {"part": str(chance.randint(0, whole)), "whole": str(whole)}, "submitted_on": day},
        {"variables": {"part": f"{chance.uniform(0, 2e6):.2f}", "whole": "2500000"}},
        {"value": f"{chance.uniform(0, 6):.2f}"},
        {"values": [str(chance.randint(1, 3)) for _ in range(4)]},
        {"value": value},
        {"value": value},
        {"level": chance.choice([0, 1, 3, 5])},
        {"done": ["1", "2", "3", "4", "5"][: chance.randint(0, 5)], "submitted_on": day},
        {"base": str(chance.randint(1, 30)), "value": value},
        {"value": value},
    )[number]


def fill(people):
    """Make a round of `people`, half of them reported and half assessed, in a fresh database."""
    call_command("migrate", verbosity=0)
    office = models.Organisation.objects.add_root(
        instance=models.Organisation(code="office", name="สำนักงาน", kind="province", province_name="ทดสอบ")
    )
    round_ = models.Round.objects.create(
        organisation=office,
        fiscal_year=2556,
        number=1,
        starts_on=date(2012, 10, 1),
        ends_on=date(2013, 3, 31),
        status="open",
        grades=[{"from": "0", "label": "ดี"}],
    )
    models.Holiday.objects.create(organisation=office, day=date(2013, 3, 22), name="วันหยุด")
    framework = models.Framework.objects.create(
        organisation=office, code="f", title="กรอบ", level="province",
        fiscal_year=2556, header={"code": "f"}, created_at=NOON,
    )  # fmt: skip
    indicators = models.Indicator.objects.bulk_create(
        models.Indicator(
            framework=framework, code=str(number), title=f"ตัวชี้วัดที่ {number}", weight="10", order=number,
            definition={**DESCRIPTION, **definition},
        )
        for number, definition in enumerate(DEFINITIONS)
    )  # fmt: skip
    # Only now: the database lets nothing be added to what is published.
    models.Framework.objects.update(version=1, status="published")
    head, *users = models.User.objects.bulk_create(
        models.User(username=f"u{number}", first_name="สมมติ", last_name=str(number)) for number in range(people + 1)
    )
    above = models.Posting.objects.create(user=head, organisation=office, title="หัวหน้า", starts_on=round_.starts_on)
    postings = models.Posting.objects.bulk_create(
        models.Posting(user=user, organisation=office, title="นัก", starts_on=round_.starts_on, assessor=above)
        for user in users
    )
    agreements = models.Agreement.objects.bulk_create(
        models.Agreement(round=round_, person=user, organisation=office, state=_state(number), state_since=NOON)
        for number, user in enumerate(users)
    )
    parts = models.Part.objects.bulk_create(
        models.Part(
            agreement=agreement, posting=posting, assessor=above, state=agreement.state,
            starts_on=round_.starts_on, ends_on=round_.ends_on,
        )
        for agreement, posting in zip(agreements, postings, strict=True)
    )  # fmt: skip
    versions = models.Version.objects.bulk_create(
        models.Version(part=part, number=1, created_by=head, created_at=NOON) for part in parts
    )
    chance = random.Random(20130320)  # noqa: S311 -- the same round every time
    for start in range(0, people, 500):
        _fill_items(versions[start : start + 500], indicators, chance)
    return round_


def _state(number):
    return "reported" if number % 2 else "assessed"


def _fill_items(versions, indicators, chance):
    items, results = [], []
    for version in versions:
        for number, indicator in enumerate(indicators):
            lineage = uuid.UUID(int=chance.getrandbits(128), version=4)
            items.append(
                models.Item(
                    version=version, indicator=indicator, lineage=lineage, code=indicator.code, title=indicator.title,
                    weight="10", order=number, definition=indicator.definition,
                )
            )  # fmt: skip
            inputs = inputs_of(number, chance)
            results.append(models.Result(part=version.part, lineage=lineage, inputs=inputs, updated_at=NOON))
    models.Item.objects.bulk_create(items)
    models.Result.objects.bulk_create(results)


def pure(round_):
    """Return what scoring itself has to do for the round, everything in memory and every indicator read."""
    indicators = [
        scoring.read_indicator({**definition, "code": str(number), "title": "x", "weight": "10"})
        for number, definition in enumerate(DEFINITIONS)
    ]
    order = dict(models.Item.objects.values_list("lineage", "order"))
    cases = [
        (indicators[order[lineage]], inputs)
        for lineage, inputs in models.Result.objects.values_list("lineage", "inputs")
    ]
    holidays = holidays_of(round_.organisation)

    def work():
        for indicator, inputs in cases:
            read = scoring.read_result(inputs, indicator, place=indicator.code)
            outcome_of(scoring.score_indicator(indicator, {indicator.code: read}, holidays=holidays))

    return work


def a_round(people):
    """Compare a round read, scored and written back with scoring alone; count its statements."""
    round_ = fill(people)
    work = pure(round_)
    score_round(round_, at=NOON)
    count = models.Result.objects.exclude(self_outcome=None, outcome=None).count()
    if count != people * len(DEFINITIONS):
        raise AssertionError(f"only {count} outcomes were written")

    def anew():
        # As the first time: nothing that was assessed has its outcome yet.
        models.Result.objects.update(outcome=None, self_outcome=None)

    ratios, seconds = [], []
    for _ in range(3):
        alone = best(work, repeats=1)
        anew()
        whole = best(lambda: score_round(round_, at=NOON), repeats=1)
        ratios.append(whole / alone)
        seconds.append(whole)
    anew()
    with CaptureQueriesContext(connection) as captured:
        score_round(round_, at=NOON)
    place, aim = {"sqlite": ("SQLite", 60), "postgresql": ("PostgreSQL", 15)}[connection.vendor]
    named = f"a round of {people:,} × {len(DEFINITIONS)} on {place}"
    say(f"{named}: read, scored and written ÷ scored", sorted(ratios)[1], 3, seconds=round(sorted(seconds)[1], 2))
    say(f"{named}: statements per 1,000 people", len(captured) * 1000 / people, aim, statements=len(captured))


if __name__ == "__main__":
    a_round(int(sys.argv[1]))
