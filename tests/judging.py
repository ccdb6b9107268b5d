"""An office in which a unit above judges an indicator, for tests of judging."""

from dataclasses import replace

from django.utils import timezone

from agreements.models import Organisation, Role, State
from agreements.services import judged_results, judging, results
from agreements.services.judging import Verdict
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.guards import lifted
from tests.walks import bring_to, office

TODAY = timezone.localdate(NOON)
STEPS = {"kind": "milestones", "steps": [{"level": level, "title": f"ขั้น {level}"} for level in range(1, 6)]}
DONE = ["1", "2", "3", "4", "5"]


def with_step(judge="department"):
    """Return criteria of five steps of which `judge` decides the last."""
    return STEPS | {"steps": [*STEPS["steps"][:4], {"level": 5, "title": "คุณภาพของแผน", "judged_by": judge}]}


def judged_office(*, definition=None, department=True, **round_fields):
    """Return an office below a department whose indicator names the department for its step 5, and a judge there."""
    place = office(**round_fields)
    top = OrganisationFactory(kind="department", name="กรมส่งเสริมการปกครองท้องถิ่น")
    Organisation.objects.move(place.province, top, "first-child")
    for unit in (place.province, place.unit):
        unit.refresh_from_db()
    place.round.organisation.refresh_from_db()
    says = definition or {"unit": "ระดับ", "criteria": with_step()}
    judged = place.indicators[0]
    judged.definition = says | {"assigned_units": ["general"]}
    with lifted():
        judged.save()
    judge = RoleFactory(organisation=top, kind=Role.Kind.DATA_REPORTER).user if department else None
    top.refresh_from_db()
    return replace(place), top, judge


def reported(place, inputs=None):
    """Bring the agreement of `place` to reported with the judged indicator done in all steps."""
    bring_to(place, State.AGREED)
    for item in results.open_book(place.version).leaves:
        results.enter(place.version, item, inputs or {"done": DONE}, note="ทำแล้ว", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    return place


def rows_of(place, unit, reader):
    return judged_results.judged_results(place.round, place.indicators[0], unit, reader=reader)


def decide(place, unit, judge, *, step5=True, score=None, remark=""):
    """Keep a draft for every open submission."""
    steps = {} if score is not None else {"5": step5}
    verdicts = {
        row.item.pk: Verdict(steps=steps, score=score, remark=remark)
        for row in rows_of(place, unit, judge)
        if row.is_open
    }
    judging.keep_drafts(place.round, place.indicators[0], unit, verdicts, by=judge, at=NOON)


def hand_in(place, unit, judge):
    return judging.hand_in(place.round, place.indicators[0], unit, by=judge, at=NOON)
