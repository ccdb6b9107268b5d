"""Offices whose round has a screening committee, for tests."""

from agreements import actions
from agreements.models import Outcome, Role, State
from agreements.services import results, screening, states
from tests.factories import NOON, RoleFactory
from tests.walks import Office, bring_to, office, sign


def screened_office(state=State.ASSESSED, *, value="90") -> Office:
    """Return an office with a committee, whose agreement stands in `state` and was not looked at yet."""
    return bring_to(office(releases_on_assessment=False, has_screening=True), state, value=value)


def member_of(place: Office, *, organisation=None):
    """Return somebody on the committee of the office."""
    return RoleFactory(organisation=organisation or place.province, kind=Role.Kind.SCREENING).user


def screen(place: Office, member, **asked) -> int:
    """Record that the committee has looked at everything."""
    last = Outcome.objects.order_by("pk").last().pk
    told = {"last": last, "resolution": "ครั้งที่ 1/2556", "by": member, "at": NOON}
    return screening.record_screening(place.round, screening.Asked(**asked), **told)


def assess_anew(place: Office, by, *, score="3", reason="หลักฐานไม่ครบ"):
    """Let the assessment go back with a reason, and the assessor give the first indicator another score and sign."""
    states.return_with_reason(place.version, actions.RETURN_ASSESSMENT, by=by, reason="ขอให้ทบทวนข้อ 1", at=NOON)
    version = place.version
    item = results.open_book(version).leaves[0]
    results.set_score(version, item, score, reason=reason, by=place.assessor, at=NOON)
    sign(place, actions.ASSESS, place.assessor)
